"""A section of a picture: a drawing, with its equations beside or below it, and what is to be seen in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.lessons.equations import Equation
from lstm_ascii.render.cells import SMALLEST, indented
from lstm_ascii.render.grid import Grid
from lstm_ascii.render.layout import WIDE, paragraph
from lstm_ascii.render.parts import Part, Prose, Table, capital, spoken
from lstm_ascii.render.section import SPACE, Block, Paragraph, Section, note

BESIDE, GAP = 42, 3  # columns that equations take beside a drawing, and those between


def picture_section(
    title: str, about: str, picture: Block, seen: str = "", figures: str = "", legend: str = ""
) -> Section:
    """Return a section with a picture.

    Args:
        title: in small letters.
        about: what it is about.
        picture: a :class:`Picture` or a table.
        seen: what is to be seen in it.
        figures: what the figures in it are.
        legend: what the lines of the drawing mean; left out where there is no room to draw.
    """
    both = f"{legend} {figures}".strip()
    closing = (
        Paragraph(seen),
        note(lambda width: both if width >= SMALLEST else figures) if legend else note(figures),
    )
    return Section(title, about, (SPACE, picture, SPACE, *closing) if seen or both else (SPACE, picture))


@dataclass(frozen=True)
class Picture:
    """A drawing with its equations.

    Attributes:
        draw: returns its lines, for a width of at least :data:`SMALLEST`.
        flow: the same as a few lines of text with arrows; they, the equations and the tables stand in for the drawing
            where there is no room, and where nothing is drawn.
        equations: that belong to it.
        tables: of the figures in it.
        spoken: what is told in place of the flow, where the drawing shows more than that.
    """

    draw: Callable[[int], Iterable[Text]]
    flow: tuple[str, ...] = ()
    equations: tuple[Equation, ...] = ()
    tables: tuple[Table, ...] = ()
    spoken: tuple[str, ...] = ()

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it."""
        if width < SMALLEST:
            yield from _written((*self.flow, *map(str, self.equations), *_rows_as_text(self.tables)), width)
            return
        drawn = list(indented(self.draw, width))
        taken = max((line.cell_len for line in drawn), default=0) + GAP
        if self.equations and width >= WIDE and width - taken >= BESIDE:
            yield from _beside(drawn, self.equations, taken, width)
            return
        yield from drawn
        if self.equations:
            yield Text("")
            yield from _below(self.equations, width)

    def parts(self) -> Iterator[Part]:
        """Tell it without drawing."""
        yield from map(Prose, self.spoken or self.flow)
        yield from (Prose(capital(f"{equation.name}: {equation}; {equation.says}.")) for equation in self.equations)
        yield from self.tables


def _beside(drawn: Sequence[Text], equations: Sequence[Equation], taken: int, width: int) -> Iterator[Text]:
    """Put equations to the right of a drawing, from column ``taken`` on, halfway down."""
    written = [line for equation in equations for line in _alone(equation, width - taken)]
    above = max(0, (len(drawn) - len(written)) // 2)
    for left, right in zip_longest(drawn, [Text("")] * above + written, fillvalue=Text("")):
        line = left.copy()
        line.pad_right(taken - line.cell_len)
        line.append_text(right)
        line.rstrip()
        yield line


def _below(equations: Sequence[Equation], width: int) -> Iterator[Text]:
    """Write equations in lines of their own, each followed by what it means."""
    longest = max((cell_len(str(equation)) for equation in equations), default=0)
    together = all(longest + cell_len(equation.says) + 3 <= width for equation in equations)
    for equation in equations:
        if together:
            line = Text(f" {equation}".ljust(longest + 3))
            yield line.append(equation.says, "note")
        else:
            yield from _alone(equation, width, 1)


def _alone(equation: Equation, width: int, indent: int = 0) -> Iterator[Text]:
    """Write an equation, and below it what it means."""
    yield from paragraph(Text(str(equation)), width, indent, hang=indent + 3)
    yield from paragraph(Text(equation.says, "note"), width, indent + 2)


def row_as_text(table: Table, _grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Turn a row of a grid, of which ``table`` has the figures, into a line of text."""
    yield from _written([_as_text(table, row)], width)


def _written(lines: Iterable[str], width: int) -> Iterator[Text]:
    """Fold lines of text."""
    for line in lines:
        yield from paragraph(Text(line), width, 1, hang=3)


def _rows_as_text(tables: Sequence[Table]) -> Iterator[str]:
    """Write the rows of tables as lines of text."""
    for table in tables:
        rows = range(len(table.rows)) if table.read_out is None else table.read_out
        yield from (_as_text(table, row) for row in rows)


def _as_text(table: Table, row: int) -> str:
    """Write a row of a table as text."""
    values, columns = table.rows[row], table.columns[table.named_by :]
    named = [] if table.named_by > 1 or len(columns) == 1 else [table.columns[0]]
    named += map(str, values[: table.named_by])
    figures = [
        f"{column} {spoken(value)}" if columns[1:] else spoken(value)
        for column, value in zip(columns, values[table.named_by :], strict=True)
        if value is not None
    ]
    return " ".join(named) + (f": {', '.join(figures)}" if figures else "")
