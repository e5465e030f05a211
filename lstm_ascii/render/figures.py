"""Numbers, bars and words as text: at most four digits, and never wider than asked for."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isnan, log10

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from lstm_ascii.language.text import counted as counted  # for pictures and reports alike
from lstm_ascii.render.glyphs import FULL, PARTS, TRACK
from lstm_ascii.thresholds import GROWN_ABOVE_LOG10, VANISHED_BELOW_LOG10

VANISHED, ALIVE = VANISHED_BELOW_LOG10, -1.0  # log10 of what is left of a gradient: vanished below, alive from there
GROWN = GROWN_ABOVE_LOG10  # log10 of an error that is larger than where it starts
BELOW = "◀"  # of a bar: its value lies before where it starts
VANISHED_AS_TEXT = f"{10**VANISHED:g}"


def number(value: float, digits: int = 2) -> str:
    """Write a number with a true minus sign: ``0.78``, ``−1.20``, ``12.3``, ``1.2e-04``."""
    size = abs(value)
    if size and (size < 0.5 * 10**-digits or size >= 9999.5):
        return f"{value:.1e}".replace("-", "−", value < 0)
    return plain(value, digits)


def plain(value: float, digits: int = 1) -> str:
    """Write a number for a column of like things, in at most five cells: ``−6.9``, ``0.0``, ``−123``, ``1e4``.

    It has ``digits`` decimals, two at most, and fewer where it is large.
    """
    size = abs(value)
    if size >= 9999.5:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e").replace("-", "−")
    text = f"{value:.{min(digits, 2 - (size >= 9.995) - (size >= 99.95))}f}"
    return text.lstrip("-") if not text.strip("-0.") else text.replace("-", "−")


def short(value: float) -> str:
    """Write a share or gate, from 0 to 1, in three cells: ``.78``, ``1.0``, ``.00``."""
    return "1.0" if value >= 0.995 else f"{value:.2f}".lstrip("-0").rjust(3, ".")


def percent(share: float) -> str:
    """Write a share as whole percent; what is not nothing is never shown as 0 %, nor less than all as 100 %."""
    if 0 < share <= 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 - 1e-9 else f"{plain(100 * share, 0)}%"


def estimate(rows: int, within: float) -> str:
    """Say how sizes were estimated, and how far off they may be; nothing of those that are exact."""
    most = percent(ceil(100 * within) / 100)
    return f"estimated from {counted(rows, 'direction')} in place of all, at most {most} too small" if within else ""


def power(log10: float | None, digits: int = 1) -> str:
    """Write 10**log10 in at most five cells: ``1.0``, ``.043``, ``6e-4``, ``2e-45``; ``0`` for nothing.

    What is smaller than 1e-999 is ``≈0``. Of two ``digits``, for who reckons with it: ``6.1e-4``, in seven cells.
    """
    if log10 is None or isnan(log10):
        return "0" if log10 is None else "nan"
    if -2 <= log10 < 2:
        value = 10**log10
        return f"{value:.1f}" if value >= 0.995 else f"{value:.2g}".lstrip("0").ljust(3, "0")
    exponent = int(log10 // 1)
    lead = f"{10 ** (log10 - exponent):.{digits - 1}f}"
    if lead.startswith("10"):
        lead, exponent = lead.replace("10", "1"), exponent + 1
    if exponent < -999:
        return "≈0"
    text = f"{lead}e{exponent}"
    return text if len(text) <= 3 + 2 * digits else f"e{exponent}"


def fold(log10: float) -> str:
    """Write by how much something grew: ``75-fold``, ``2.5-fold``, ``3e5-fold``."""
    return f"{power(log10) if not 0 <= log10 < 4 else plain(10**log10, 1 if log10 < 1 else 0)}-fold"


def factor(value: float, words: int = 1, digits: int = 1) -> str:
    """Write a factor so that its power over ``words`` is right to so many digits: ``.58``, ``.997``, ``1.04``."""
    if 0 < value < 1e-3:
        return power(log10(value))
    decimals = next((decimals for decimals in range(2, 10) if _suffice(decimals, value, words, digits)), 4)
    text = f"{value:.{decimals}f}"
    return text.lstrip("0") if 0 < value < 1 and text.startswith("0.") else text


def _suffice(decimals: int, value: float, words: int, digits: int) -> bool:
    """Tell whether a factor may be rounded: its power is written alike, and what is not 1 is not written as 1."""
    rounded = round(value, decimals)
    if rounded <= 0:
        return value <= 0
    alike = words == 1 or power(words * log10(rounded), digits) == power(words * log10(value), digits)
    return alike and (rounded != 1 or words * abs(value - 1) < 0.005)


def grade(log10: float | None) -> str:
    """Return the style of what is left of a gradient, given as log10 of a ratio."""
    if log10 is None or not log10 >= VANISHED:
        return "grad.vanished"
    return "grad.alive" if log10 >= ALIVE else "grad.fading"


def fit(text: str, width: int) -> str:
    """Cut ``text`` to ``width`` cells, with … where something is left out, and fill it up with blanks."""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]
    return set_cell_size(text, width)


def bar(share: float, width: int, style: str) -> Text:
    """Draw a bar of ``width`` cells filled to ``share``, in eighths of a cell, on a track."""
    eighths = round(_bounded(share) * width * 8)
    full, part = divmod(eighths, 8)
    filled = FULL * full + (PARTS[part] if part else "")
    return Text().append(filled, style).append(TRACK * (width - len(filled)), "track")


def bar_above(start: float, share: float, width: int, style: str) -> Text:
    """Draw a bar that is empty at ``start`` and full at 1; one below ``start`` is an arrow at its edge."""
    if start and share < start and width:
        return Text().append(BELOW, style).append(TRACK * (width - 1), "track")
    return bar((share - start) / (1 - start), width, style)


def signed(share: float, half: int) -> Text:
    """Draw a bar to the right of the middle for a positive share, to the left for a negative one."""
    filled = round(_bounded(abs(share)) * half)
    rest = half - filled
    if share < 0:
        return Text.assemble((TRACK * rest, "track"), (FULL * filled, "negative"), "│", (TRACK * half, "track"))
    return Text.assemble((TRACK * half, "track"), "│", (FULL * filled, "positive"), (TRACK * rest, "track"))


def _bounded(share: float) -> float:
    """Return ``share`` between 0 and 1, and 0 for what is no number."""
    return min(max(0.0, share), 1.0)


def probability(value: float) -> str:
    """Write a probability in four cells; what is not nothing is never shown as nothing."""
    return f"{value:.2f}" if value >= 0.005 else "<.01" if value > 0 else "0"


def listed(parts: Sequence[str]) -> str:
    """Join parts as in a sentence: ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
