"""One direction of one recurrent layer of a live model, with all its gates and states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from lstm_ascii.analysis.gate_sums import gate_sums
from lstm_ascii.cells import Array, Cell
from lstm_ascii.drawn import Drawn
from lstm_ascii.live.calls import Unrolled
from lstm_ascii.render.look import look_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.look import CellArrays, CellSeen, LookReport, figures_of, steps_seen

DIRECTIONS = ("forward", "backward")


class Whole(Protocol):
    """The look that a cell is part of."""

    @property
    def sequence(self) -> int:
        """The sequence of the batch that is shown step by step, from 0."""
        ...

    def report(self, focus: OpenedCell | None = None) -> LookReport:
        """Return the figures, with one cell step by step."""
        ...


class OpenedCell(Drawn):
    """One direction of one recurrent layer of a model, on its whole input.

    Arrays are ``(T, B, H)`` in the order of the steps, NaN beyond the end of a sequence.

    Attributes:
        name: of its module: ``encoder.rnn``; a second sequence of calls is ``encoder.rnn#2``.
        layer: its number within the module, from 1.
        direction: ``forward`` or ``backward``.
        cell: our equations, with the module's parameters.
        unrolled: the calls of its module.
        at: its layer and its direction within the module, from 0.
        computed: all its arrays.
    """

    def __init__(self, look: Whole, unrolled: Unrolled, at: tuple[int, int], arrays: CellArrays) -> None:
        """Set the calls, the position in the module, and the arrays."""
        self._look, self.unrolled, self.at = look, unrolled, at
        self.name, self.layer = unrolled.name, at[0] + 1
        self.computed = arrays
        self.direction = DIRECTIONS[unrolled.layer.layers[at[0]][at[1]].backward]

    @property
    def cell(self) -> Cell:
        """Our equations, with the module's parameters."""
        return self.computed.cell

    @property
    def x(self) -> Array:
        """Its inputs, ``(T, B, D)``."""
        return self.computed.x

    @property
    def h(self) -> Array:
        """Its outputs, ``(T, B, H)``; with a projection ``(T, B, P)``."""
        return self.computed.states["h"]

    @property
    def c(self) -> Array | None:
        """The cell state after every step, ``(T, B, H)``; ``None`` for a GRU or an RNN."""
        return self.computed.states.get("c")

    @property
    def gates(self) -> dict[str, Array]:
        """The gates by name, ``(T, B, H)``: ``forget``, ``input``, ``output``; for a GRU ``update``, ``reset``."""
        return self._named(self.computed.gates)

    @property
    def candidate(self) -> Array | None:
        """The candidate g or n, ``(T, B, H)``; ``None`` for an RNN."""
        return self.computed.gates.get(self.cell.candidate_letter)

    @property
    def d_h(self) -> Array | None:
        """∂answer/∂h after every step, by every path; ``None`` without an answer, or if it doesn't depend on this."""
        return self.computed.d_states.get("h")

    @property
    def d_c(self) -> Array | None:
        """∂answer/∂c after every step, by every path, including that through the h of the same step."""
        return self.computed.d_states.get("c")

    @property
    def d_gates(self) -> dict[str, Array]:
        """∂answer/∂ each gate by name, and of the candidate."""
        names = self.cell.gate_names
        return {names[letter]: value for letter, value in self.computed.d_gates.items()}

    def arrays(self, batch: bool = False) -> dict[str, Array]:
        """Return its arrays with the names of ``--export``, without the prefix for layer and direction.

        Args:
            batch: whether to return all sequences, ``(T, B, H)``, or only the one that is shown, ``(T, H)``.
        """
        return dict(named_arrays(self, None if batch else self._look.sequence))

    def report(self) -> LookReport:
        """Return the figures of the whole look, with this cell step by step."""
        return self._look.report(self)

    def page(self) -> Page:
        """Return the page of the look, with this cell step by step."""
        return look_page(self.report())

    def _named(self, gates: Mapping[str, Array]) -> dict[str, Array]:
        names, candidate = self.cell.gate_names, self.cell.candidate_letter
        return {names[letter]: value for letter, value in gates.items() if letter != candidate}

    def __repr__(self) -> str:
        """Name the cell, its position and its size."""
        steps, batch = self.x.shape[:2]
        return f"<{self.cell.name} {self.name}, layer {self.layer}, {self.direction}: {steps} steps, {batch} sequences>"


def read_in(cell: OpenedCell, sequence: int) -> Array:
    """Return which steps a sequence of the batch has, as booleans ``(T,)``."""
    return cell.computed.reads[:, sequence]


def place_of(cell: OpenedCell, step: int) -> tuple[int, int]:
    """Return the number of the call that a step belongs to, and its index within that call."""
    for call in cell.unrolled.calls:
        if step < len(call.x):
            return call.number, step
        step -= len(call.x)
    raise ValueError("the step lies behind the last call")


def named_arrays(cell: OpenedCell, sequence: int | None) -> Iterator[tuple[str, Array]]:
    """Yield the arrays of a cell by the letters of the equations: of one sequence ``(T, H)``, or of all."""
    arrays = cell.computed
    rows: Any = slice(None) if sequence is None else (read_in(cell, sequence), sequence)
    named = {"x": arrays.x, **arrays.gates, **arrays.states}
    for letter, sums in gate_sums(arrays.cell, arrays.x, arrays.before["h"], arrays.gates):
        named[letter if letter == "a" else f"a_{letter}"] = sums
    named |= {f"d_{name}": value for name, value in arrays.d_states.items()}
    named |= {f"d_{name}": value for name, value in arrays.d_gates.items()}
    yield from ((name, value[rows]) for name, value in named.items())
    start, layers = cell.unrolled.calls[0].start, cell.unrolled.layer.layers
    place = sum(map(len, layers[: cell.at[0]])) + cell.at[1]
    given = start[place] if place < len(start) else {}
    for name, state in arrays.states.items():
        value = given.get(name, np.zeros(state.shape[1:]))
        yield f"{name}_start", value if sequence is None else value[sequence]


def cell_seen(cell: OpenedCell, off: float | None, asked: bool, sequence: int, words: tuple[str, ...]) -> CellSeen:
    """Return the figures of a cell.

    Args:
        cell: the cell.
        off: the difference between its module's outputs and ours; ``None`` if there are none.
        asked: whether ``look`` had a parameter ``answer``.
        sequence: the sequence of the batch that is shown step by step.
        words: the names of the steps.
    """
    arrays, unrolled = cell.computed, cell.unrolled
    layers, bar = unrolled.layer.layers, min(call.bar for call in unrolled.calls)
    figures = figures_of(arrays)
    steps, batch, inputs = arrays.x.shape
    return CellSeen(
        name=cell.name, layer=cell.layer, layers=len(layers), direction=cell.direction,
        directions=len(layers[cell.at[0]]), cell=arrays.cell.name, special=arrays.cell.special, input_size=inputs,
        hidden_size=arrays.cell.hidden_size, steps=steps, batch=batch, calls=len(unrolled.calls),
        precision=unrolled.calls[0].precision, difference=off, bar=bar,
        agrees=None if off is None else bool(off <= bar),
        keeps=figures["keeps"], adds=figures["adds"], shows=figures["shows"], open=figures["open"],
        closed=figures["closed"], flat=figures["flat"] or 0.0, largest=figures["largest"] or 0.0,
        reached=bool(arrays.d_states) if asked else None, notes=_notes(unrolled),
        along=steps_seen(arrays, min(sequence, batch - 1), words),
    )  # fmt: skip


def _notes(unrolled: Unrolled) -> tuple[str, ...]:
    """Return remarks on how a layer was called."""
    if unrolled.continuous:
        return unrolled.layer.notes
    return (
        *unrolled.layer.notes,
        "the model changes the state between two steps; each is opened from what it was given",
    )
