"""A page without its drawings: titles, sentences and tables, for screen readers and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.figures import number
from lstm_ascii.render.layout import paragraph, segments
from lstm_ascii.text import visible

Value = str | float | int | None


@dataclass(frozen=True)
class Title:
    """What opens a page or a section."""

    text: str


@dataclass(frozen=True)
class Prose:
    """What is said in sentences."""

    text: str


@dataclass(frozen=True)
class Table:
    """Like things in rows.

    Attributes:
        name: of the table, as one would ask for it.
        columns: the first names the row: a word, a network, a step.
        rows: one value a column; numbers in full precision, ``None`` where there is nothing.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


Part = Title | Prose | Table


class Page(Protocol):
    """A picture of a report, which also tells itself without drawing."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        ...

    def parts(self) -> Iterable[Part]:
        """Tell the same in titles, sentences and tables."""
        ...


class Plain:
    """The parts of a page as text that can be read aloud: a line a row, each figure behind its name."""

    def __init__(self, page: Page) -> None:
        """Take the page to tell."""
        self._page = page

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Write it, folded at blanks."""
        yield from segments(self._lines(options.max_width), console)

    def _lines(self, width: int) -> Iterator[Text]:
        """Fold every part."""
        for number_, part in enumerate(self._page.parts()):
            if isinstance(part, Title) and number_:
                yield Text("")
            for line in _spoken(part):
                yield from paragraph(Text(line), width, hang=2 if isinstance(part, Table) else None)


def _spoken(part: Part) -> Iterator[str]:
    """Write a part in lines that need no column above another."""
    if not isinstance(part, Table):
        yield part.text
        return
    yield f"{part.name}:"
    for first, *others in part.rows:
        told = [
            f"{name} {_figure(value)}"
            for name, value in zip(part.columns[1:], others, strict=True)
            if value is not None
        ]
        yield (
            f"{part.columns[0]} {_figure(first)}: {', '.join(told)}."
            if told
            else f"{part.columns[0]} {_figure(first)}."
        )


def _figure(value: Value) -> str:
    """Write a value."""
    return number(value) if isinstance(value, float) else str(value)


def to_tsv(parts: Iterable[Part]) -> str:
    """Return the tables with tabs between the columns: the name behind ``#``, the heads, the rows."""
    tables = (part for part in parts if isinstance(part, Table))
    return "\n".join("".join(f"{line}\n" for line in _tabbed(table)) for table in tables)


def _tabbed(table: Table) -> Iterator[str]:
    """Write the lines of one table."""
    yield f"# {visible(table.name)}"
    for row in (table.columns, *table.rows):
        yield "\t".join(
            "" if value is None else repr(value) if isinstance(value, float) else visible(str(value)) for value in row
        )
