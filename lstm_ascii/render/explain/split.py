"""The exact split of the log-odds over the words whose writing is still in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import fit, number, plain, signed
from lstm_ascii.render.layout import TINY, Column, by_width
from lstm_ascii.reports.explain.decision import Split


def columns(split: Split, width: int) -> list[Column]:
    """Return the column of the words' parts."""
    half, largest = _half(width), _largest(split)
    part = partial(_part, largest=largest, half=half)
    bar = f"full bar {number(largest)}" if half else number(largest)
    return [Column(("its writing gives" if half else "gives", bar), split.words, 2 * half + 9, part)]


def sums(split: Split, left: int, width: int) -> Iterator[Text]:
    """Draw the sum, line by line, under the words' own bars, which begin at column ``left``."""
    for name, value in parts(split):
        sign = "=" if name == "sum" else "+"
        line = Text(fit(f" {sign} {name}", left), no_wrap=True)
        yield line.append_text(_part(value, _largest(split), _half(width)))


def parts(split: Split) -> list[tuple[str, float]]:
    """Return the parts of the sum, and the sum."""
    words = sum(split.words)
    return [
        ("words", words),
        ("start", split.start),
        ("bias", split.bias),
        ("sum", words + split.start + split.bias),
    ]


def _half(width: int) -> int:
    """Return half the length of the bars."""
    return by_width(width, 6 if width >= TINY else 0, 16, 24)


def _part(value: float, largest: float, half: int) -> Text:
    """Draw one part of the sum."""
    return signed(value / largest, half).append(f" {plain(value, 2):>6}")


def _largest(split: Split) -> float:
    """Return the largest part or sum, for the one scale of all."""
    words = sum(split.words)
    return max(map(abs, [*split.words, split.start, split.bias, words, words + split.start + split.bias])) or 1.0


CLOSING = (
    "The log-odds are exactly this sum: what is left of each word's writing and of the start state, as the last "
    "gates let it out, and the decoder's bias. "
    "It tells where the value was last written, not who caused it: later words rewrite what the first one decided."
)
