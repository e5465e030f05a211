"""The product element by element, as columns of numbers; and the gates of the LSTM in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS, NOTATIONS
from lstm_ascii.render.diagram.picture import Picture, picture_section
from lstm_ascii.render.figures import plain
from lstm_ascii.render.grid import Column, Grid, figure_column
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import Section
from lstm_ascii.reports.diagram.report import DiagramReport, UnitAtWord

LAYERS = {  # by letter: its name, the range of its values, and what it decides
    "f": ("forget", "0 to 1", "share of C kept"),
    "i": ("input", "0 to 1", "share written"),
    "g": ("candidate", "−1 to 1", "value written"),
    "o": ("output", "0 to 1", "share shown"),
    "c": ("memory", "any", "value carried"),
}
STYLES = {"f": "gate.forget", "i": "gate.input", "g": "gate.candidate", "o": "gate.output"}
NAMES = {
    "f": "f_t", "c'": "C_t-1", "kept": "f_t ⊙ C_t-1", "i": "i_t", "g": "g_t", "written": "i_t ⊙ g_t", "c": "C_t",
}  # fmt: skip
TIGHT = 5  # cells between the brackets of a column in a narrow window
LETTERS = ("1", "2", None, "H")  # the units, where there are no numbers
ALONE = {"f": "f", "c'": "C", "kept": "fC", "i": "i", "g": "g", "written": "ig", "c": "C"}

Term = tuple[str, str]  # the letter of a column, and the sign behind it


def sections(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the product of two columns, and the whole step of the memory made of two such products."""
    del limit
    rows = report.units
    kept = _products(rows, (("f", "⊙"), ("c'", "="), ("kept", "")))
    yield picture_section("Number by number", "f_t ⊙ C_t-1: what is kept", kept, _product_seen(report))
    whole = _products(
        rows,
        (("f", "⊙"), ("c'", "+"), ("i", "⊙"), ("g", "="), ("c", "")),
        ((("i", "⊙"), ("g", "="), ("written", "")), (("kept", "+"), ("written", "="), ("c", ""))),
    )
    yield picture_section("The whole step", "two such products, added", whole, _step_seen(rows))


def gates(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the table that sums the gates up, and below it the letters that others write."""
    del limit
    unit = next((one for one in report.units if one.marked), None)
    at = f"unit {unit.unit} at “{report.words[(report.word or 1) - 1]}”" if unit else ""
    yield Section("The gates in one table", at, (_gates(unit),))
    letters = ("here", "others write", "what it is")
    rows = [(one.ours, one.theirs, one.says) for one in NOTATIONS]
    columns = tuple(Column(name, tuple(row[place] for row in rows)) for place, name in enumerate(letters) if place)
    bridge = Grid("the same in other letters", letters[:1], tuple(row[0] for row in rows), columns, title=letters[0],
                  split=False, turn=_below)  # fmt: skip
    yield Section("The same in other letters", "", (bridge,))


def _gates(unit: UnitAtWord | None) -> Grid:
    """Return a line a layer, and one for the memory."""
    equations = EQUATIONS["LSTM"]
    labels = tuple(f"{name} {equations[letter].left}" for letter, (name, _, _) in LAYERS.items())
    columns = [
        Column("formula", tuple(equations[letter].right for letter in LAYERS)),
        Column("range", tuple(values for _, values, _ in LAYERS.values())),
        Column("decides", tuple(does for _, _, does in LAYERS.values())),
    ]
    if unit:
        values = [unit.values[letter] for letter in LAYERS]
        columns.append(figure_column("value", values, lambda value: plain(value, 2), "here"))
    return Grid(
        "the gates", ("part",), labels, tuple(columns), title="part", gap=1 if unit else 2, split=False, turn=_below
    )


def _below(grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Draw a row of a table in a narrow window: what names it, and the rest below."""
    first, *others = (column.draw(column.value(row), 0).plain for column in grid.columns)
    yield from paragraph(Text.assemble((grid.labels[row], "word"), f"  {first}"), width, 1, hang=3)
    yield from paragraph(Text("; ".join(others), "note"), width, 3)


def _products(rows: Sequence[UnitAtWord], wide: Sequence[Term], narrow: Sequence[Sequence[Term]] = ()) -> Picture:
    """Return columns of numbers with signs between them; in a narrow window in ``narrow`` pieces."""
    letters = [letter for letter, _ in wide]
    heads = ("unit", *(NAMES[letter] for letter in letters))
    figures: tuple[tuple[Value, ...], ...] = tuple(
        (f"unit {row.unit}", *(row.values[letter] for letter in letters)) for row in rows
    )

    def draw(width: int) -> Iterator[Text]:
        pieces = [wide] if width >= HOME or not narrow else narrow
        for place, piece in enumerate(pieces):
            if place:
                yield Text("")
            yield from _columns(rows, piece, 7 if width >= HOME else TIGHT)

    told = () if not rows else (Table("unit by unit", heads, figures),)
    return Picture(draw, (), tables=told)


def _columns(rows: Sequence[UnitAtWord], terms: Sequence[Term], inside: int) -> Iterator[Text]:
    """Draw one column a term, each in brackets of ``inside`` cells, and behind them which unit a row is of."""
    head = Text()
    for letter, _ in terms:
        name = NAMES[letter] if len(NAMES[letter]) <= inside + 4 else letter
        head.append(f"{name:^{inside + 2}}".ljust(inside + 5), STYLES.get(letter, "memory"))
    head.rstrip()
    yield head
    lines = _with_gaps(rows) if rows else [*LETTERS]
    for place, row in enumerate(lines):
        line = Text()
        for letter, sign in terms:
            gap = f" {sign} " if place == len(lines) // 2 and sign else "   " if sign else " "
            line.append("[", "note").append(f"{_entry(row, letter):^{inside}}", STYLES.get(letter, "memory"))
            line.append("]", "note").append(gap)
        if isinstance(row, UnitAtWord):
            line.append(f"{'unit ' if inside > TIGHT else 'u'}{row.unit}", "focus" if row.marked else "note")
        line.rstrip()
        yield line


def _entry(row: UnitAtWord | str | None, letter: str) -> str:
    """Write one number of a column; letters where there are no numbers, dots where units are left out."""
    if isinstance(row, str):
        return f"{ALONE[letter]}_{row}"
    return "…" if row is None else f"{plain(row.values[letter], 2):>5}"


def _with_gaps(rows: Sequence[UnitAtWord]) -> list[UnitAtWord | None]:
    """Return the units in order, with ``None`` where some are left out between two."""
    lines: list[UnitAtWord | None] = list(rows[:1])
    for before, after in pairwise(rows):
        if after.unit > before.unit + 1:
            lines.append(None)
        lines.append(after)
    return lines


def _product_seen(report: DiagramReport) -> str:
    """Say what the sign means, with one unit's arithmetic."""
    text = "⊙ multiplies number by number: each unit has a factor of its own, and none is mixed with another."
    row = next((one for one in report.units if one.marked), None)
    if row is None:
        return text
    f, before, kept = (plain(row.values[letter], 2) for letter in ("f", "c'", "kept"))
    return f"{text} Unit {row.unit}: {f} × {before} = {kept}."


def _step_seen(rows: Sequence[UnitAtWord]) -> str:
    """Say one unit's arithmetic."""
    row = next((one for one in rows if one.marked), None)
    if row is None:
        return ""
    f, before, i, g, after = (plain(row.values[letter], 2) for letter in ("f", "c'", "i", "g", "c"))
    return f"Unit {row.unit}: {f} × {before} + {i} × {g} = {after}."
