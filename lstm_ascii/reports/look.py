"""What a live model's recurrent layers did on its own input: the figures, each from arrays that our engine computed."""

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
        reads: which sequence has which step, ``(T, B)``.
        x: what it read, ``(T, B, D)``.
        gates: by letter, ``(T, B, H)``.
        before, states: by name the states before and after each step, ``(T, B, H)``.

        d_states, d_gates: ∂answer/∂ them by every path; empty where no answer was asked for, or none leads there.
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
        word: what it is called.
        keeps, adds, shows: means of the gates over the units; ``None`` for the RNN.
        written: Σ_u abs(i g); for the RNN Σ_u abs(h − h').
        wiped: Σ_u (1 − f) abs(c'); ``None`` for the RNN.
        size: ‖memory‖₂ after it.
        gradient: ‖∂answer/∂memory‖₂ there, by every path; ``None`` where no answer was asked for.
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
    """One direction of one layer on all that it read.

    Attributes:
        name: of the module: ``encoder.rnn``.
        layer, layers: its number within the module, from 1, and how many that has.
        direction, directions: ``forward`` or ``backward``, and how many the layer has.
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        special: what that has beyond the plain equations, in words.
        input_size, hidden_size: D and H.
        steps, batch, calls: T, B, and in how many calls.
        precision: in which the model computed.
        difference: the largest between its module's outputs and ours, of those above 1 relative; ``None`` where there
            is nothing to hold ours against.
        bar: how far they may be off.
        agrees: whether they are no farther; ``None`` where that can't be told.
        keeps, adds, shows: means of the gates over all units, steps and sequences; ``None`` for the RNN.
        open, closed: shares of all gate values above 0.9 and below 0.1; ``None`` for the RNN.
        flat: the share of values beyond ±0.99 of the tanh through which the memory is seen.
        largest: absolute value of the memory.
        reached: whether a gradient of the answer reaches it; ``None`` where no answer was asked for.
        notes: what is to be said of it.
        along: the steps of the sequence that is examined.
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
