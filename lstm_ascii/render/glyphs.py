"""Which characters pictures are made of, and what stands for them in pure ASCII.

Pictures are drawn in Unicode. For pure ASCII every glyph is exchanged for one of the same width, after
the layout is done: nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
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
    "∙": "*",
}
_TABLE = str.maketrans(_ASCII)
_GROWN = str.maketrans(  # in texts that are not laid out yet, so that they may grow and keep their meaning
    {"²": "^2", "ᵀ": "^T", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "…": "...", "∏": "prod", "Σ": "sum", "‖": "||"}
)


def to_ascii(text: str) -> str:
    r"""Exchange every glyph for its stand-in; what has none is written out (``\xe9``)."""
    return text.translate(_TABLE).encode("ascii", "backslashreplace").decode("ascii")


def words_in_ascii(report: Report) -> Report:
    """Return ``report`` with every text in pure ASCII, so that a layout knows how wide it will be."""
    return _in_ascii(report)  # type: ignore[no-any-return]


def _in_ascii(value: Any) -> Any:
    """Walk through a report."""
    if isinstance(value, str):
        return to_ascii(value.translate(_GROWN))
    if isinstance(value, tuple):
        return tuple(_in_ascii(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _in_ascii(getattr(value, field.name)) for field in fields(value)})
    return value


class PureAscii:
    """Draws a picture with its glyphs exchanged."""

    def __init__(self, picture: RenderableType) -> None:
        """Wrap ``picture``."""
        self.picture = picture

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, then exchange the glyphs of every segment."""
        yield from _exchanged(console.render(self.picture, options))


def _exchanged(segments: Iterable[Segment]) -> Iterable[Segment]:
    """Exchange the glyphs in ``segments``."""
    for text, style, control in segments:
        yield Segment(text if control else to_ascii(text), style, control)
