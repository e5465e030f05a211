"""The glyphs of pictures, and their replacements in pure ASCII.

Pictures are drawn in Unicode. For pure ASCII every glyph is exchanged for one of the same width, after
the layout is done: nothing in a drawing moves. Texts are exchanged before it, so they may grow (``sigmoid``, ``->``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any, TypeVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment

Report = TypeVar("Report")

FULL, TRACK = "█", "░"
PARTS = " ▏▎▍▌▋▊▉"  # eighths of a cell, from the left
SHADES = " ░▒▓█"
LEVELS = "▁▂▃▄▅▆▇█"  # eighths of a cell, from below

_ASCII = {
    **dict(zip("▏▎▍▌▋▊▉", "....+++", strict=True)),
    "█": "#",
    **dict(zip("░▒▓", ".:%", strict=True)),
    **dict(zip("▁▂▃▄▅▆▇", "_,:=+*%", strict=True)),
    **dict(zip("─╌", "-.", strict=True)),
    **dict.fromkeys("═", "="),
    **dict.fromkeys("│║", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╒╕╘╛╞╡╤╧╪╓╖╙╜╟╢╥╨╫╭╮╰╯", "+"),
    **dict(zip("▲▼▶◀→←↑↓⇒", "^v><><^v>", strict=True)),
    **dict(zip("σφ⊙×±−·…", "sf*x~--~", strict=True)),
    **dict(zip("“”‘’—–≥≤≈•‹›₀₁₂√", "\"\"''--><~*<>012/", strict=True)),
    **dict(zip("∂∏Σ‖∞✓✗◌", "dPS|8+xo", strict=True)),
    **dict(zip("ελρη", "elrn", strict=True)),
    **dict(zip("ᵀ²●", "T2o", strict=True)),
    **dict(zip("∙∘␣≠¶", "*o_!$", strict=True)),
    **dict(zip("▵▿△▽", "',^v", strict=True)),
    "\u0303": "",  # the tilde above a letter, which takes no cell of its own
}
_TABLE = str.maketrans(_ASCII)
_GROWN = str.maketrans(  # in texts that are not laid out yet, so that they may grow and keep their meaning
    {"²": "^2", "ᵀ": "^T", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "…": "...", "∏": "prod", "Σ": "sum", "‖": "||"}
    | {"σ": "sigma", "≠": "!=", "±": "+/-", "\u0303": "~"}
)


# Patterns are compiled by the module ``re`` at their first use: most pages are drawn without one.
_SIGMOID = "σ(?=['(])"
# In drawings, of the same width: σ alone in a box, and a wire beside a value in bars.
_LABEL = r"(?<=[\s│┤├]) σ (?=[\s│┤├])"
_NUMBERS = r"(?:int|float|bool|None|tuple|[\[\]|,. ])+"  # types that hold no text
_BESIDE = r"│(?=\|)"
_UNEQUAL = r"≠ (?=\w)"  # before a word: "≠ sentence"


def to_ascii(text: str) -> str:
    r"""Exchange every glyph for its stand-in; what has none is written out (``\xe9``)."""
    return text.translate(_TABLE).encode("ascii", "backslashreplace").decode("ascii")


def words_in_ascii(report: Report) -> Report:
    """Return ``report`` with every text in pure ASCII, so that a layout knows how wide it will be."""
    return _in_ascii(report)  # type: ignore[no-any-return]


def _in_ascii(value: Any) -> Any:
    """Walk through a report; a part without such a text is the same one afterwards."""
    if isinstance(value, str):
        return value if value.isascii() else to_ascii(re.sub(_SIGMOID, "sigmoid", value).translate(_GROWN))
    if isinstance(value, tuple):
        parts = tuple(map(_in_ascii, value))
        return value if all(map(is_, parts, value)) else parts
    kind: Any = type(value)
    if not (names := _may_hold_texts(kind)):
        return value
    parts_by_name = {name: (getattr(value, name), _in_ascii(getattr(value, name))) for name in names}
    changed = {name: after for name, (before, after) in parts_by_name.items() if after is not before}
    return replace(value, **changed) if changed else value


@cache
def _may_hold_texts(kind: Any) -> tuple[str, ...]:
    """Return the fields of a kind of report that may hold texts; a long one is mostly numbers."""
    return (
        tuple(one.name for one in fields(kind) if not re.fullmatch(_NUMBERS, str(one.type)))
        if is_dataclass(kind)
        else ()
    )


class PureAscii:
    """Draws a picture with its glyphs exchanged."""

    def __init__(self, picture: RenderableType) -> None:
        """Wrap ``picture``."""
        self.picture = picture

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, then exchange the glyphs of every segment; who asks the options knows that it is pure ASCII."""
        options = options.copy()
        options.encoding = "ascii"
        yield from _exchanged(console.render(self.picture, options))


def _exchanged(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Exchange the glyphs in ``segments``, line by line."""
    line: list[Segment] = []
    for segment in segments:
        line.append(segment)
        if segment.text.endswith("\n"):
            yield from _line_exchanged(line)
            line = []
    yield from _line_exchanged(line)


def _line_exchanged(line: Sequence[Segment]) -> Iterator[Segment]:
    """Exchange the glyphs of a line; a label may lie across segments."""
    drawn = "".join(segment.text for segment in line if not segment.control)
    whole = re.sub(_UNEQUAL, "!=", re.sub(_BESIDE, ":", re.sub(_LABEL, "sig", drawn)))
    start = 0
    for text, style, control in line:
        if control:
            yield Segment(text, style, control)
            continue
        yield Segment(to_ascii(whole[start : start + len(text)]), style)
        start += len(text)
