"""Saving the screen to a file, never over an existing one."""

from __future__ import annotations

from pathlib import Path

from lstm_ascii.files import write
from lstm_ascii.render.documents import to_svg, to_text
from lstm_ascii.tui.drawing import Lines

MOST = 1000  # files of one name


def saved(lines: Lines, width: int, kind: str, folder: Path) -> str:
    """Write lines into a new file.

    Args:
        lines: of the screen.
        width: of it in cells.
        kind: ``.txt`` or ``.svg``.
        folder: in which it is written.

    Returns:
        Its name.

    Raises:
        OSError: it can't be written.
    """
    text = to_svg(lines, width) if kind == ".svg" else to_text(lines)
    for number in range(1, MOST):
        name = f"step-{number}{kind}"
        try:
            write(folder / name, [text.encode()], overwrite=False)
        except FileExistsError:
            continue
        return name
    raise FileExistsError(f"there are {MOST - 1} of them already")
