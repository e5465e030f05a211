"""The cells from inside: each drawing is a short description in boxes, operators, wires and arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.canvas import DOUBLE, Canvas, Part, Point
from lstm_ascii.render.figures import fit, plain

SMALLEST, LARGE = 34, 70  # columns that the narrow and the large drawings take at most
CANDIDATES = "gn"  # their letters: they have a sign, gates have none


@dataclass(frozen=True)
class CellValues:
    """The values of one cell at one word, as they stand on its wires; only letters without a sentence.

    Attributes:
        values: by the letters of the equations, the state before as ``h'``, ``c'``; none without a sentence.
        word: that is read; empty without a sentence.
        one_unit: whether they are one unit's values; else they are means over units, of absolute values.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    word: str = ""
    one_unit: bool = False

    def gate(self, letter: str, named: bool = True) -> str:
        """Write a gate or the candidate: ``f_t 0.88``, or only its figure, if there is one."""
        if letter not in self.values:
            return f"{letter}_t" if named else ""
        value = self.size(letter, tight=not named) if letter in CANDIDATES else plain(self.values[letter], 2)
        return f"{letter}_t {value}" if named else value

    def size(self, name: str, tight: bool = False) -> str:
        """Write a state: ``|1.19|``, or ``|.54|`` where it is ``tight``; with its sign for one unit."""
        if name not in self.values:
            return ""
        value = plain(self.values[name], 2)
        if self.one_unit:
            return value
        return f"|{value.lstrip('0') if tight and value.startswith('0.') else value}|"

    def read(self, width: int) -> str:
        """Write the word that is read, cut to ``width``."""
        return fit(f"“{self.word}”", width).rstrip() if self.word else ""


@dataclass(frozen=True)
class Plan:
    """Where the columns of a drawing are.

    Attributes:
        gates: columns of the gates, in the order of the drawing.
        other: column of the operator that is none of the gates'.
        start, end: where wires begin, right of the names, and where their heads are.
        box: width of a gate's box.
        top: row of the memory's line.
        large: whether there is room for names beside the wires.
    """

    gates: tuple[int, ...]
    other: int
    start: int
    end: int
    box: int
    top: int
    large: bool


_NAMES = {"f": "forget", "i": "input", "g": "candidate", "o": "output", "z": "update", "r": "reset", "n": "candidate"}
_STYLES = dict(zip("figozrn", ("forget", "input", "candidate", "output", "forget", "output", "candidate"), strict=True))
_LSTM = {
    True: Plan((14, 26, 38, 50), 60, 6, 65, 11, 0, True),
    False: Plan((8, 14, 21, 28), 31, 6, 33, 5, 1, False),
}
_GRU = {
    True: Plan((15, 29, 50), 40, 6, 65, 11, 0, True),
    False: Plan((11, 17, 29), 23, 6, 33, 5, 1, False),
}


def beyond_the_drawing(cell: str, special: Sequence[str]) -> str:
    """Say what a cell has that the drawing and the equations have not; nothing of a plain one."""
    return f"Drawn is the plain {cell}; this one has: {', '.join(special)}." if special else ""


def indented(draw: Callable[[int], Iterable[Text]], width: int) -> Iterator[Text]:
    """Draw a picture one column from the left edge, unless it needs the whole width."""
    indent = 0 if width in (SMALLEST, LARGE) else 1
    for line in draw(width - indent):
        yield Text.assemble(" " * indent, line) if line else line


def drawing(cell: str, values: CellValues, large: bool) -> Canvas:
    """Draw a cell into :data:`LARGE` columns or into :data:`SMALLEST`.

    Args:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        values: at a word.
        large: which of the two.
    """
    return {"LSTM": _lstm, "GRU": _gru, "RNN": _rnn}[cell](values, large)


def _lstm(values: CellValues, large: bool) -> Canvas:
    """Draw the LSTM: the memory runs along the top, the gates act on it from below."""
    plan, canvas = _LSTM[large], Canvas()
    forget, write, candidate, show = plan.gates
    rail = plan.top
    row = rail + (8 if large else 10)  # of the gates' boxes
    bus = row + 5  # the line that feeds them
    _rail(canvas, plan, "C", "c", values)
    keep, add = (canvas.operator(x, rail, sign) for x, sign in ((forget, "×"), (candidate, "+")))
    product, shown = canvas.operator(candidate, rail + 3, "×"), canvas.operator(plan.other, rail + 6, "×")
    boxes = {x: _gate(canvas, plan, (x, row), letter, values) for x, letter in zip(plan.gates, "figo", strict=True)}
    canvas.arrow(boxes[forget].north, keep.south)
    canvas.arrow(boxes[candidate].north, product.south)
    canvas.arrow(boxes[write].north, (write, rail + 3), product.west)
    canvas.arrow(product.north, add.south)
    width = 8 if large else 6
    squash = canvas.box(plan.other - width // 2, rail + 2, width, "tanh")
    canvas.arrow((plan.other, rail), squash.north, weight=DOUBLE, style="memory")
    canvas.arrow(squash.south, shown.north)
    canvas.arrow(boxes[show].north, (show, rail + 6), shown.west)
    _out(canvas, plan, rail + 6, "h_t", values.size("h", tight=not large), shown)
    canvas.wire((plan.start, bus), (show, bus), style="state")
    for box in boxes.values():
        canvas.arrow((box.x, bus), box.south, style="state")
    _inputs(canvas, plan, bus, values)
    return canvas


def _gru(values: CellValues, large: bool) -> Canvas:
    """Draw the GRU: the state itself runs along the top; z keeps it or lets the candidate in."""
    plan, canvas = _GRU[large], Canvas()
    update, _, candidate = plan.gates
    rail = plan.top
    row = rail + 6
    old, new = row + 5, row + 7  # the lines with the state before and with the word
    tap = plan.start + 1
    _rail(canvas, plan, "h", "h", values)
    keep, add = (canvas.operator(x, rail, sign) for x, sign in ((update, "×"), (candidate, "+")))
    product, seen = canvas.operator(candidate, rail + 2, "×"), canvas.operator(plan.other, row + 1, "×")
    z, r, n = (
        _gate(canvas, plan, (x, row), letter, values, beside=letter == "r")
        for x, letter in zip(plan.gates, "zrn", strict=True)
    )
    canvas.arrow(z.north, keep.south)
    canvas.arrow((update, rail + 2), product.west)
    canvas.write((update + candidate) // 2 - 3, rail + 2, " 1−z_t ", "note")
    canvas.arrow(n.north, product.south)
    canvas.arrow(product.north, add.south)
    canvas.arrow(r.east, seen.west)
    canvas.arrow(seen.east, n.west)
    canvas.wire((tap, rail), (tap, old), weight=DOUBLE, style="memory")
    canvas.wire((tap, old), (seen.x, old), style="memory")
    canvas.arrow((seen.x, old), seen.south, style="memory")
    canvas.wire((plan.start - 2, new), (candidate, new), style="state")
    for box in (z, r, n):
        canvas.arrow((box.x, new), box.south, style="state")
    canvas.write(0, new, "x_t", "state")
    canvas.write(0, new + 1, values.read(plan.end), "word")
    return canvas


def _rnn(values: CellValues, large: bool) -> Canvas:
    """Draw the RNN: state and word meet in one tanh, and what comes out is the next state."""
    plan, canvas = _LSTM[large], Canvas()
    middle = 34 if large else 19
    cell = canvas.box(middle - (6 if large else 4), 0, 12 if large else 8, "tanh")
    canvas.arrow((plan.start, 1), cell.west, style="state")
    canvas.wire((plan.start - 2, 4), (middle - 9, 4), (middle - 9, 1), style="state")
    _out(canvas, plan, 1, "h_t", values.size("h", tight=not large), cell)
    canvas.write(0, 1, "h_t-1", "state")
    canvas.write(0, 2, values.size("h'"), "state")
    canvas.write(0, 4, "x_t", "state")
    canvas.write(middle - 7, 4, values.read(plan.end - middle + 7), "word")
    return canvas


def _rail(canvas: Canvas, plan: Plan, name: str, state: str, values: CellValues) -> None:
    """Draw the line along the top: the memory comes from the left and goes out to the right."""
    top = plan.top
    canvas.arrow((plan.start, top), (plan.end + 1, top), weight=DOUBLE, style="memory")
    canvas.write(0, top, f"{name}_t-1", "memory")
    canvas.write(0, top + 1, values.size(f"{state}'"), "memory")
    _name_end(canvas, plan, top, f"{name}_t", values.size(state), "memory")


def _name_end(canvas: Canvas, plan: Plan, row: int, name: str, value: str, style: str) -> None:
    """Write what leaves at the right end of a line: beside its head, else in the row above, with its value."""
    if plan.large:
        canvas.write(plan.end + 2, row, name, style)
        canvas.write(plan.end + 5 - len(value), row + 1, value, style)
    else:
        both = f"{name} {value}".rstrip()
        canvas.write(plan.end + 1 - len(both), row - 1, both, style)


def _out(canvas: Canvas, plan: Plan, row: int, name: str, value: str, source: Part) -> None:
    """Draw the wire on which the new state leaves."""
    canvas.arrow(source.east, (plan.end + 1, row), style="state")
    if plan.large:
        _name_end(canvas, plan, row, name, value, "state")
    else:
        canvas.write(plan.end + 1 - len(name), row + 1, name, "state")
        canvas.write(plan.end + 1 - len(value), row + 2, value, "state")


def _gate(canvas: Canvas, plan: Plan, place: Point, letter: str, values: CellValues, beside: bool = False) -> Part:
    """Draw a gate's box around a column, with its letter and value at the wire that leaves it.

    Args:
        canvas: to draw on.
        plan: of the drawing.
        place: the column, and the row of the upper edge.
        letter: of the gate.
        values: of the cell.
        beside: whether that wire leaves at the right side; else above.
    """
    x, row = place
    squash = "tanh" if letter in "gn" else "σ"
    style = f"gate.{_STYLES[letter]}"
    lines = (squash, _NAMES[letter]) if plan.large else (f"{letter}_t", squash)
    width = plan.box if plan.large or squash == "σ" else plan.box + 2  # tan would be another function than tanh
    box = canvas.box(x - width // 2, row, width, *lines, style=style)
    text = values.gate(letter, plan.large)
    if beside:
        canvas.write(box.right + 1, row, text, style)
    else:
        right = x + 1 + len(text) <= plan.end + 1
        canvas.write(x + 1 if right else x - 1 - len(text), row - 1, text, style)
    return box


def _inputs(canvas: Canvas, plan: Plan, bus: int, values: CellValues) -> None:
    """Draw the state and the word that feed every gate."""
    join = plan.start + (2 if plan.large else 1)
    canvas.wire((plan.start - 2, bus + 2), (join, bus + 2), (join, bus))
    canvas.write(0, bus, "h_t-1", "state")
    canvas.write(0, bus + 1, values.size("h'"), "state")
    canvas.write(0, bus + 2, "x_t", "state")
    canvas.write(join + 2, bus + 2, values.read(plan.end - join - 2), "word")
