"""The statistics of a live model's recurrent layers on its own input, from arrays that our engine computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array, Cell, cell_named
from lstm_ascii.records import dataclass
from lstm_ascii.thresholds import CLOSED, FLAT_TANH, OPEN

SCHEMA_VERSION = 1


@dataclass(frozen=True, eq=False)
class CellArrays:
    """What one direction of one layer did, in the order of the steps; NaN where a sequence has no step.

    Attributes:
        cell: the equations.
        reads: which steps are not padding, ``(T, B)``.
        x: the inputs, ``(T, B, D)``.
        gates: by letter, ``(T, B, H)``.
        before, states: the states by name, before and after each step, ``(T, B, H)``.
        d_states, d_gates: the gradients of the answer on them, by every path; empty without an answer, or if it doesn't
            depend on them.
    """

    cell: Cell
    reads: npt.NDArray[np.bool_]
    x: Array
    gates: dict[str, Array]
    before: dict[str, Array]
    states: dict[str, Array]
    d_states: dict[str, Array]
    d_gates: dict[str, Array]

    @property
    def memory(self) -> str:
        """The name of the state that is the memory: c, or h where there is no c."""
        return self.cell.state_names[-1]


@dataclass(frozen=True)
class StepSeen:
    """One step of one sequence.

    Attributes:
        number: from 1.
        word: its name.
        keeps, adds, shows: means of the gates over the units; ``None`` for the RNN.
        written: Σ_u |i g|; for the RNN Σ_u |h − h'|.
        wiped: Σ_u (1 − f) |c'|; ``None`` for the RNN.
        size: ‖memory‖₂ after it.
        gradient: ‖∂answer/∂memory‖₂ after it, by every path; ``None`` without an answer.
    """

    number: int
    word: str
    keeps: float | None
    adds: float | None
    shows: float | None
    written: float
    wiped: float | None
    size: float
    gradient: float | None


@dataclass(frozen=True)
class CellSeen:
    """The statistics of one direction of one layer on its whole input.

    Attributes:
        name: of the module: ``encoder.rnn``.
        layer, layers: its number within the module, from 1, and the number of layers.
        direction, directions: ``forward`` or ``backward``, and the number of directions of the layer.
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        special: deviations from the usual equations, in words.
        input_size, hidden_size: D and H.
        steps, batch, calls: T, B, and the number of calls.
        precision: of the model's computation.
        difference: the largest between its module's outputs and ours, relative for values above 1; ``None`` if there is
            nothing to compare.
        bar: the tolerance for it.
        agrees: whether it is within the tolerance; ``None`` if there is nothing to compare.
        keeps, adds, shows: means of the gates over all units, steps and sequences; ``None`` for the RNN.
        open, closed: shares of all gate values above 0.9 and below 0.1; ``None`` for the RNN.
        flat: the share of the values of tanh(memory) beyond ±0.99.
        largest: absolute value of the memory.
        reached: whether the answer has a gradient here; ``None`` without an answer.
        notes: remarks, as sentences.
        along: the steps of the sequence that is shown.
    """

    name: str
    layer: int
    layers: int
    direction: str
    directions: int
    cell: str
    special: tuple[str, ...]
    input_size: int
    hidden_size: int
    steps: int
    batch: int
    calls: int
    precision: str
    difference: float | None
    bar: float
    agrees: bool | None
    keeps: float | None
    adds: float | None
    shows: float | None
    open: float | None
    closed: float | None
    flat: float
    largest: float
    reached: bool | None
    notes: tuple[str, ...]
    along: tuple[StepSeen, ...]

    @property
    def kind(self) -> type[Cell]:
        """The class of the cell, which says how its parts are called."""
        return cell_named(self.cell)

    @property
    def full_name(self) -> str:
        """The module's name, with layer and direction where it has several: ``rnn, layer 2, backward``."""
        return self._named(f"layer {self.layer}")

    @property
    def key(self) -> str:
        """The same as one asks for it: ``rnn, 2, backward``."""
        return self._named(str(self.layer))

    def _named(self, layer: str) -> str:
        parts = [self.name, *([layer] if self.layers > 1 else ())]
        return ", ".join([*parts, *([self.direction] if self.directions > 1 or self.direction == "backward" else ())])


@dataclass(frozen=True)
class LookReport:
    """All that ``look`` shows.

    Attributes:
        schema_version: of this layout.
        model: its class.
        framework: that ran it: ``PyTorch``, ``Keras``, ``ONNX Runtime``; ``lstm-ascii`` for a file of weights.
        sequence: which of the batch the steps are of, from 0.
        cells: every direction of every layer, in the order of their first call.
        focus: which of them is told step by step.
        answer: the number that was asked for; ``None`` where none was.
        notes: what is to be said of the run.
    """

    schema_version: int
    model: str
    framework: str
    sequence: int
    cells: tuple[CellSeen, ...]
    focus: int
    answer: float | None
    notes: tuple[str, ...]


def shares_of(gates: Mapping[str, Array]) -> tuple[Array, Array, Array] | None:
    """Return what the gates keep, add and show, ``(T, B, H)``; ``None`` for a cell without gates."""
    if "f" in gates:
        return gates["f"], gates["i"], gates["o"]
    if "z" in gates:
        return gates["z"], 1 - gates["z"], gates["r"]
    return None


def figures_of(arrays: CellArrays) -> dict[str, float | None]:
    """Return the means and shares of :class:`CellSeen` over all steps that were read."""
    shares = shares_of(arrays.gates)
    memory = arrays.states[arrays.memory]
    limit = float(np.arctanh(FLAT_TANH)) if arrays.memory == "c" else FLAT_TANH
    known = memory[arrays.reads]
    figures: dict[str, float | None] = {
        "flat": float((np.abs(known) > limit).mean()) if known.size else 0.0,
        "largest": float(np.abs(known).max(initial=0.0)),
    }
    if shares is None:
        return figures | dict.fromkeys(("keeps", "adds", "shows", "open", "closed"))
    named = {name: gate[arrays.reads] for name, gate in zip(("keeps", "adds", "shows"), shares, strict=True)}
    letters = arrays.cell.gate_roles.values()
    values = np.concatenate([gate[arrays.reads] for letter, gate in arrays.gates.items() if letter in letters])
    return figures | {name: _mean(gate) for name, gate in named.items()} | {
        "open": _mean(values > OPEN), "closed": _mean(values < CLOSED),
    }  # fmt: skip


def steps_seen(arrays: CellArrays, sequence: int, words: Sequence[str]) -> tuple[StepSeen, ...]:
    """Measure the steps of one sequence; those of padding are left out."""
    memory = arrays.states[arrays.memory][:, sequence]
    before = arrays.before[arrays.memory][:, sequence]
    shares = shares_of(arrays.gates)
    keeps: list[float | None] = [None] * len(memory)
    adds, shows, wiped, felt = keeps, keeps, keeps, keeps
    written = np.abs(memory - before).sum(axis=-1)
    if shares is not None:
        own = [gate[:, sequence] for gate in shares]
        candidate = arrays.gates[arrays.cell.candidate_letter][:, sequence]
        written = np.abs(own[1] * candidate).sum(axis=-1)
        wiped = ((1 - own[0]) * np.abs(before)).sum(axis=-1).tolist()
        keeps, adds, shows = (gate.mean(axis=-1).tolist() for gate in own)
    if arrays.memory in arrays.d_states:
        felt = np.linalg.norm(arrays.d_states[arrays.memory][:, sequence], axis=-1).tolist()
    read = np.flatnonzero(arrays.reads[:, sequence]).tolist()
    sizes = np.linalg.norm(memory, axis=-1)
    return tuple(
        StepSeen(
            t + 1, words[t], keeps[t], adds[t], shows[t], float(written[t]), wiped[t], float(sizes[t]), felt[t]
        )
        for t in read
    )  # fmt: skip


def _mean(values: Array) -> float:
    """Return a mean; 0 of nothing."""
    return float(values.mean()) if values.size else 0.0
