"""A section of a picture: a drawing, equations and tables, and what several pictures say about a cell's values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.lessons.equations import Equation
from lstm_ascii.records import dataclass
from lstm_ascii.render.cells import CANDIDATES, SMALLEST, CellValues, beyond_the_drawing, indented
from lstm_ascii.render.figures import counted, number
from lstm_ascii.render.grid import Grid
from lstm_ascii.render.layout import WIDE, paragraph, rows_to_show
from lstm_ascii.render.parts import Part, Power, Prose, Table, capital, spoken
from lstm_ascii.render.section import SPACE, Block, Paragraph, Section, note
from lstm_ascii.reports.diagram.report import CellAtWord, DiagramReport

BESIDE, GAP = 42, 3  # columns that equations take beside a drawing, and those between

MANY = 40  # words that are read out one by one
NAMES = {
    "f": "forget gate f_t",
    "i": "input gate i_t",
    "g": "candidate g_t",
    "o": "output gate o_t",
    "z": "update gate z_t",
    "r": "reset gate r_t",
    "n": "candidate n_t",
    "c'": "memory before C_t-1",
    "c": "memory C_t",
    "h'": "state before h_t-1",
    "h": "state h_t",
}


def picture_section(
    title: str, about: str, picture: Block, seen: str = "", figures: str = "", legend: str = ""
) -> Section:
    """Return a section with a picture.

    Args:
        title: in lower case.
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


def values_of(report: DiagramReport, cell: str) -> CellValues:
    """Return a network's values at the word."""
    network = report.cell(cell)
    if network is None or report.word is None:
        return CellValues()
    return CellValues(network.values, report.words[report.word - 1], report.unit is not None)


def figures_of(report: DiagramReport, cell: str) -> str:
    """Say what a cell has beyond the drawing and, with a sentence, what the figures in it are."""
    network = report.cell(cell)
    if network is None:
        return ""
    special = beyond_the_drawing(cell, network.special)
    if not network.values:
        return special
    gates = "Gates: means" if set("fz") & set(network.values) else "Figures: means"
    figures = (
        f"Figures: unit {report.unit} of the {cell}." if report.unit is not None else
        f"{gates} over {counted(network.hidden_size, 'unit')}; |x|: means of absolute values."
    )  # fmt: skip
    return f"{figures} {special}".rstrip()


def size_of(cell: CellAtWord, layers: str) -> str:
    """Say how large a cell is."""
    return (
        f"This one has {counted(cell.hidden_size, 'unit')}, fed by {counted(cell.input_size, 'number')} a word: "
        f"{cell.blocks} layers of their own ({layers}), {cell.parameters:,} weights and biases."
    )


def gates_at_word(report: DiagramReport, cell: str, letters: Mapping[str, str]) -> str:
    """Say how far the gates are open at the word; nothing without a sentence."""
    at_word = values_of(report, cell)
    if not at_word.values:
        return ""
    gates = (f"{name} {number(at_word.values[letter])}" for letter, name in letters.items() if letter not in CANDIDATES)
    return f"At “{at_word.word}” (word {report.word}): {', '.join(gates)}."


def change_of(report: DiagramReport, cell: str, state: str, letter: str) -> str:
    """Say how the word changed a state; nothing without a sentence."""
    at_word = values_of(report, cell)
    if not at_word.values:
        return ""
    name = letter if at_word.one_unit else f"|{letter}|"
    before, after = (number(at_word.values[key]) for key in (f"{state}'", state))
    return f"{name} goes from {before} to {after}." if before != after else f"{name} stays at {after}."


def values_table(report: DiagramReport, cell: str) -> tuple[Table, ...]:
    """Return the values at the word as a table; none without a sentence."""
    network = report.cell(cell)
    if network is None or not network.values or report.word is None:
        return ()
    rows = tuple((name, network.values[key]) for key, name in NAMES.items() if key in network.values)
    of = (
        f"unit {report.unit}"
        if report.unit is not None
        else f"means of absolute values over {counted(network.hidden_size, 'unit')}"
    )
    return (Table(f"{cell} at word {report.word}, {report.words[report.word - 1]}, {of}", ("part", "value"), rows),)


def value_at(logarithms: Sequence[float | None], place: int) -> Power | None:
    """Return the figure at ``place`` of a column that may end before; ``None`` there."""
    return Power(logarithms[place]) if place < len(logarithms) else None


def read_out(words: Sequence[str], important: Sequence[int] = ()) -> tuple[int, ...] | None:
    """Return which words of a table are read out: the head, the tail and what matters; ``None`` for all."""
    if len(words) <= MANY:
        return None
    return tuple(row for row in rows_to_show(len(words), MANY, important) if row is not None)
