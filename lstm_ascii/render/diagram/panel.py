"""One drawing of a page, with its equations and what is to be seen in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.lessons.equations import Equation
from lstm_ascii.render.diagram.cells import LARGE, SMALLEST
from lstm_ascii.render.layout import WIDE, paragraph
from lstm_ascii.render.parts import Part, Prose, Table, Title, spoken

BESIDE, GAP = 42, 3  # columns that equations take beside a drawing, and those between


@dataclass(frozen=True)
class Panel:
    """One drawing.

    Attributes:
        title, about: of it.
        draw: returns its lines, for a width of at least :data:`SMALLEST`.
        flow: the same as a few lines of text with arrows; they, the equations and the tables stand in for the drawing
            where there is no room.
        equations: that belong to it.
        says: what is to be seen.
        note: what the figures are.
        legend: what the lines of the drawing say, where it is drawn.
        tables: of the figures in it, for those who don't look at it.
    """

    title: str
    about: str
    draw: Callable[[int], Iterable[Text]]
    flow: tuple[str, ...]
    equations: tuple[Equation, ...] = ()
    says: str = ""
    note: str = ""
    legend: str = ""
    tables: tuple[Table, ...] = ()

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, below its heading."""
        if width < SMALLEST:
            for line in (*self.flow, *map(str, self.equations), *_figures(self.tables)):
                yield from paragraph(Text(line), width, 1, hang=3)
        else:
            indent = 0 if width in (SMALLEST, LARGE) else 1
            drawn = [Text.assemble(" " * indent, line) if line else line for line in self.draw(width - indent)]
            yield from self._with_equations(drawn, width)
        yield from self._closing(width)

    def _with_equations(self, drawn: Sequence[Text], width: int) -> Iterator[Text]:
        """Put the equations beside the drawing where there is room, else below it."""
        taken = max((line.cell_len for line in drawn), default=0) + GAP
        if not self.equations or width < WIDE or width - taken < BESIDE:
            yield from drawn
            if self.equations:
                yield Text("")
            yield from _below(self.equations, width)
            return
        beside = [line for equation in self.equations for line in _alone(equation, width - taken)]
        above = max(0, (len(drawn) - len(beside)) // 2)
        for left, right in zip_longest(drawn, [Text("")] * above + beside, fillvalue=Text("")):
            line = left.copy()
            line.pad_right(taken - line.cell_len)
            line.append_text(right)
            line.rstrip()
            yield line

    def _closing(self, width: int) -> Iterator[Text]:
        """Say what is to be seen, and what the figures are."""
        note = f"{self.legend if width >= SMALLEST else ''} {self.note}".strip()
        if self.says or note:
            yield Text("")
        if self.says:
            yield from paragraph(Text(self.says), width, 1)
        if note:
            yield from paragraph(Text(note, "note"), width, 1)

    def parts(self) -> Iterator[Part]:
        """Tell it without drawing."""
        yield Title(f"{self.title} {self.about}".strip())
        yield from (Prose(line) for line in self.flow)
        yield from (Prose(f"{equation.name}: {equation} ({equation.says})") for equation in self.equations)
        yield from map(Prose, filter(None, (self.says, self.note)))
        yield from self.tables


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


def _figures(tables: Sequence[Table]) -> Iterator[str]:
    """Write the rows of tables as text."""
    for table in tables:
        for place in range(len(table.rows)) if table.read_out is None else table.read_out:
            row = table.rows[place]
            columns = table.columns[table.named_by :]
            named = [] if table.named_by > 1 or len(columns) == 1 else [table.columns[0]]
            named += map(str, row[: table.named_by])
            told = zip(columns, row[table.named_by :], strict=True)
            figures = [
                f"{column if columns[1:] else ''} {spoken(value)}" for column, value in told if value is not None
            ]
            yield " ".join(named) + (f": {', '.join(map(str.strip, figures))}" if figures else "")


def _alone(equation: Equation, width: int, indent: int = 0) -> Iterator[Text]:
    """Write an equation, and below it what it means."""
    yield from paragraph(Text(str(equation)), width, indent, hang=indent + 3)
    yield from paragraph(Text(equation.says, "note"), width, indent + 2)
