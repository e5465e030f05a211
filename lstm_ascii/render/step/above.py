"""The pages that lie above the walk: its keys, how to keep a screen, and what a small terminal is told."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.section import SPACE, Command, Page, Paragraph, Section, note
from lstm_ascii.render.step.page import COLUMNS, ROWS


def keys_page(keys: Sequence[tuple[str, str]]) -> Page:
    """Return the keys, each with what it does."""
    does = Column("does", [what for _, what in keys], ("",))
    grid = Grid("keys", ("key",), [key for key, _ in keys], [does])
    return Page(None, (Section("The keys", "a click on a word goes there, too", (grid,)),), close=1)


def save_page(command: str, may_write: bool) -> Page:
    """Return how to keep what is on the screen.

    Args:
        command: the line that leads here.
        may_write: whether files may be written.
    """
    files = (Paragraph("t writes it as text, s as SVG, into this folder; any other key goes back."), SPACE)
    told = Paragraph("This line prints it, and opens it without --still; it is yours to copy and to give away:")
    return Page(None, (Section("Save", "", (*(files if may_write else ()), told, SPACE, Command(command))),), close=1)


def small_page(columns: int, rows: int) -> Page:
    """Say that a terminal is too small."""
    need = f"step needs {COLUMNS} × {ROWS}, this terminal has {columns} × {rows}"
    return Page(None, (), (
        Paragraph(Text(need, "word")), note("Enlarge it; or lstm-ascii explain, which fits any. q leaves."),
    ))  # fmt: skip
