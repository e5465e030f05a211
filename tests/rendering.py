"""Draw a picture into a text of a fixed width that nothing in the environment can change."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType
from rich.theme import Theme

from lstm_ascii.render.glyphs import PureAscii
from lstm_ascii.render.theme import STYLES


def render(renderable: RenderableType, width: int = 80, ascii: bool = False, color: bool = False) -> str:  # noqa: A002
    """Return what ``renderable`` looks like on a terminal of ``width`` columns.

    Args:
        renderable: any picture.
        width: in columns.
        ascii: exchange the glyphs, as ``--ascii`` does after the layout.
        color: with the escape sequences of true colours.
    """
    stream = StringIO()
    console = Console(
        file=stream,
        width=width,
        height=100,
        color_system="truecolor" if color else None,
        force_terminal=color,
        theme=Theme(STYLES),
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(PureAscii(renderable) if ascii else renderable)
    return stream.getvalue()
