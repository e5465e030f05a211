"""How far the weights of two networks differ: by layer and gate, then all other tensors of the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt

import numpy as np

from lstm_ascii.cells import Array, Cell
from lstm_ascii.checkpoints.layers import in_double
from lstm_ascii.language.text import visible
from lstm_ascii.mapped import release
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass

ROWS_AT_ONCE = 1 << 12  # of a matrix that is compared in double precision
EMBEDDING = "embedding"
KINDS = {"weight_ih": "input", "weight_hh": "state"}  # what the parts of a gate are called; all else is its bias


@dataclass(frozen=True)
class Distance:
    """How far some numbers are from others.

    Attributes:
        relative: ‖B − A‖₂ / ‖A‖₂; ``None`` where A is nothing and B isn't, or where a number is none.
        length: ‖B − A‖₂; ``None`` where a number is none.
        largest: the entry of B − A of the largest absolute value; ``None`` where a number is none.
        place: its index, ``[3, 17]``; empty where nothing moved.
        same: whether all are equal, those that are no numbers too.
    """

    relative: float | None
    length: float | None
    largest: float | None
    place: str
    same: bool


@dataclass(frozen=True)
class Move:
    """One part of both networks.

    Attributes:
        where: ``layer 1``, ``layer 2, backward``, ``embedding``, ``decoder``, or the name of a tensor.
        gate: ``forget gate``; empty for what belongs to no gate.
        numbers: how many there are.
        whole: of all its numbers together.
        parts: of the rows that read the input (``input``), those that read the state (``state``), and the biases, both
            added up (``bias``); of what belongs to no gate nothing.
    """

    where: str
    gate: str
    numbers: int
    whole: Distance
    parts: dict[str, Distance]

    @property
    def name(self) -> str:
        """What it is called in a row."""
        return f"{self.where}, {self.gate}" if self.gate else self.where


@dataclass(frozen=True)
class Unlike:
    """What can't be compared number by number: it is in one of the two only, or has two shapes.

    Attributes:
        where: as of :class:`Move`.
        first, second: its shape in each, ``(128, 32)``, or what its cell is; empty where it isn't there.
    """

    where: str
    first: str
    second: str


class _Sum:
    """Adds up what differs, block by block."""

    def __init__(self) -> None:
        self.moved = self.length = 0.0
        self.largest, self.place, self.same, self.numbers = 0.0, "", True, 0

    def add(self, first: Array, second: Array) -> None:
        """Take in two arrays of one shape."""
        self.numbers += first.size
        for begin in range(0, len(first), ROWS_AT_ONCE):
            old, new = (in_double(value[begin : begin + ROWS_AT_ONCE]) for value in (first, second))
            for value in (first, second):
                release(value)
            self.same &= bool(np.array_equal(old, new, equal_nan=True))
            with np.errstate(all="ignore"):
                gap = new - old
                self.moved += float((gap * gap).sum())
                self.length += float((old * old).sum())
            if not gap.size:
                continue
            place = np.unravel_index(int(np.argmax(np.abs(gap))), gap.shape)
            if abs(gap[place]) > abs(self.largest):
                self.largest = float(gap[place])
                self.place = str([int(place[0]) + begin, *map(int, place[1:])])

    def distance(self) -> Distance:
        """Return what came of it."""
        if not np.isfinite(self.moved) or not np.isfinite(self.length):
            return Distance(0.0 if self.same else None, None, None, "", self.same)
        relative = sqrt(self.moved / self.length) if self.length else None if self.moved else 0.0
        return Distance(relative, sqrt(self.moved), self.largest, self.place, self.same)


def distance(first: Array, second: Array) -> Distance:
    """Return how far ``second`` is from ``first``, of the same shape."""
    both = _Sum()
    both.add(*(value if value.ndim else value.reshape(1) for value in (first, second)))
    return both.distance()


def cell_moves(where: str, first: Cell, second: Cell) -> Iterator[Move | Unlike]:
    """Compare two cells gate by gate; where kind or sizes differ, say that."""
    if _kind(first) != _kind(second):
        yield Unlike(where, _kind(first), _kind(second))
        return
    units, parameters, others = first.hidden_size, first.parameters, second.parameters
    gated = [name for name, value in parameters.items() if len(value) == units * len(first.gate_letters)]
    for place, letter in enumerate(first.gate_letters):
        rows = slice(place * units, (place + 1) * units)
        whole, parts = _Sum(), {}
        biases = _biases(first, rows, letter), _biases(second, rows, letter)
        for name in (name for name in gated if not name.startswith("bias")):
            pair = parameters[name][rows], others[name][rows]
            whole.add(*pair)
            parts[KINDS.get(name, name)] = distance(*pair)
        whole.add(*biases)
        parts["bias"] = distance(*biases)
        yield Move(where, _gate(first, letter), whole.numbers, _without_place(whole.distance(), parts), parts)
    rest = (
        {f"{where}, {name}": value for name, value in one.items() if name not in gated} for one in (parameters, others)
    )
    yield from pairs_moved(*rest)


def _without_place(whole: Distance, parts: Mapping[str, Distance]) -> Distance:
    """Return the distance of a gate with the place of its largest entry told by the part that it lies in."""
    name = next((name for name, part in parts.items() if part.largest == whole.largest and part.place), "")
    return Distance(
        whole.relative, whole.length, whole.largest, f"{name} {parts[name].place}" if name else "", whole.same
    )


def _kind(cell: Cell) -> str:
    """Say what a cell is, and how large."""
    special = f", {', '.join(cell.special)}" if cell.special else ""
    projected = f" to {cell.output_size}" if cell.output_size != cell.hidden_size else ""
    return f"{cell.name}, {cell.input_size} inputs, {cell.hidden_size} units{projected}{special}"


def _gate(cell: Cell, letter: str) -> str:
    """Return what a gate is called; the RNN's only block is its candidate."""
    name = cell.gate_names.get(letter, "candidate")
    return name if name == "candidate" else f"{name} gate"


def _biases(cell: Cell, rows: slice, letter: str) -> Array:
    """Return a gate's biases: their sum, as nothing else of them is ever used; of a GRU's candidate both of them."""
    pair = cell.bias_ih[rows], cell.bias_hh[rows]
    apart = cell.name == "GRU" and letter == cell.candidate_letter
    return np.concatenate(pair) if apart else pair[0] + pair[1]


def pairs_moved(first: Mapping[str, Array], second: Mapping[str, Array]) -> Iterator[Move | Unlike]:
    """Compare arrays of the same name; what only one has, or has in another shape, is said."""
    for name in dict.fromkeys([*first, *second]):
        old, new, shown = first.get(name), second.get(name), visible(name)
        if old is None or new is None or old.shape != new.shape:
            yield Unlike(shown, *("" if value is None else _shape(value) for value in (old, new)))
        elif old.dtype.kind in "fiub" and new.dtype.kind in "fiub" and old.size:
            yield Move(shown, "", old.size, distance(old, new), {})


def _shape(value: Array) -> str:
    """Write a shape."""
    return " × ".join(map(str, value.shape)) or "a number"


def network_moves(first: Network, second: Network) -> Iterator[Move | Unlike]:
    """Compare two networks from the input up: embedding, layers gate by gate, answer."""
    old, new = (_beside_cells(network) for network in (first, second))
    yield from pairs_moved(*({EMBEDDING: part.pop(EMBEDDING)} if EMBEDDING in part else {} for part in (old, new)))
    ours, theirs = (dict(named_directions(network)) for network in (first, second))
    for name in dict.fromkeys([*ours, *theirs]):
        if name in ours and name in theirs:
            yield from cell_moves(name, ours[name], theirs[name])
        else:
            yield Unlike(name, *(_kind(cells[name]) if name in cells else "" for cells in (ours, theirs)))
    yield from pairs_moved(old, new)


def _beside_cells(network: Network) -> dict[str, Array]:
    """Return the arrays of a network that are no weights of its cells, by the names that pages have for them."""
    renamed = {"embedding.weight": EMBEDDING, "decoder.weight": "decoder", "decoder.bias": "decoder, bias"}
    return {
        renamed.get(name, name.replace("rnn.start_", "start ")): value
        for name, value in network.parameters.items()
        if value.size and not name.startswith(("rnn.weight", "rnn.bias"))
    }


def named_directions(network: Network) -> Iterator[tuple[str, Cell]]:
    """Yield each cell with the name of its direction, from the first layer up."""
    from lstm_ascii.reports.doctor.weights import names_of_directions

    cells = (direction.cell for layer in network.layers for direction in layer)
    yield from zip(names_of_directions(network), cells, strict=True)
