"""What was seen of a live model from outside: each recurrent layer, and what went in and came out, call by call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.layer import Layer
from lstm_ascii.records import dataclass

# how far outputs may be from the model's own, by the precision in which that computes; relative to those above 1
BARS = {"float64": 1e-10, "float32": 1e-5, "float16": 5e-3, "bfloat16": 4e-2}


@dataclass(frozen=True, eq=False)
class Recurrent:
    """A recurrent layer of a live model, or several that its framework runs as one.

    Attributes:
        name: by which the model holds it: ``encoder.rnn``.
        layers: our cells with its parameters, from the input up, one or two directions each.
        kind: its class, as its framework calls it: ``LSTM``, ``GRUCell``.
        gives_steps: whether its outputs are those of every step; else of the last one.
        batch_first: whether the batch is the first axis of what it reads.
        notes: what is to be said of it.
    """

    name: str
    layers: tuple[Layer, ...]
    kind: str
    gives_steps: bool = True
    batch_first: bool = True
    notes: tuple[str, ...] = ()

    @property
    def both_ways(self) -> bool:
        """Whether it reads from the end, too."""
        return any(direction.backward for layer in self.layers for direction in layer)


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a recurrent layer.

    Attributes:
        x: what it read, ``(T, B, D)``.
        start: the states that it was given, by name ``(B, H)``, of each direction from the first layer up; those that
            are left out are zeros.
        given: whether the caller gave it states.
        outputs: what it gave, ``(T, B, W)`` in the order of the steps, or ``(1, B, W)`` of the last one; ``None`` where
            there is nothing to hold ours against.
        finals: the last states, as ``start``; of what the framework doesn't tell nothing.
        reads: which steps are none of padding, ``(T, B)``; ``None`` for all.
        precision: in which its framework computed: ``float32``.
        factors: what dropout multiplied with between two layers, ``(T, B, W)`` each; none without.
        number: which of all calls of this layer, from 0.
        tensors: the framework's own outputs and states, where a gradient is wanted of them.
    """

    x: Array
    start: tuple[dict[str, Array], ...]
    given: bool
    outputs: Array | None
    finals: tuple[dict[str, Array], ...] = ()
    reads: npt.NDArray[np.bool_] | None = None
    precision: str = "float64"
    factors: tuple[Array, ...] = ()
    number: int = 0
    tensors: Any = None

    @property
    def bar(self) -> float:
        """How far ours may be off."""
        return BARS.get(self.precision, BARS["float32"])


@dataclass(frozen=True, eq=False)
class Change:
    """What is put in the place of one step that a recurrent layer reads.

    Attributes:
        layer: its name.
        call: which of its calls, from 0.
        step: which step of that call, from 0.
        sequence: which of the batch.
        vector: what it reads there, ``(D,)``.
    """

    layer: str
    call: int
    step: int
    sequence: int
    vector: Array


Given = tuple[Array, tuple[dict[str, Array], ...]]  # a gradient on outputs and last states


@dataclass(frozen=True, eq=False)
class Run:
    """What was seen of one run.

    Attributes:
        output: what the model gave.
        calls: of each recurrent layer that was called, by name, in the order of their first call.
        layers: by name.
        answer: the number that was asked for.
        gradients: for each call that on what it gave; ``None`` where the answer doesn't depend on it, as far as the
            framework knows.
        notes: what is to be said of the run.
    """

    output: Any
    calls: dict[str, list[Call]]
    layers: dict[str, Recurrent]
    answer: float | None = None
    gradients: dict[str, list[Given | None]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Unrolled:
    """Calls of one layer that go on where the one before stopped: the steps of a decoder, or a loop over a cell.

    Attributes:
        layer: that was called.
        calls: in their order.
        continuous: whether each call started from the very states that the one before left.
        number: which of the sequences of this layer, from 1.
    """

    layer: Recurrent
    calls: list[Call] = field(default_factory=list)
    continuous: bool = True
    number: int = 1

    @property
    def name(self) -> str:
        """The layer's, with a number from the second on: ``encoder#2``."""
        return self.layer.name if self.number == 1 else f"{self.layer.name}#{self.number}"


def sequences_of(layer: Recurrent, calls: Sequence[Call]) -> list[Unrolled]:
    """Put the calls of a layer together to sequences.

    A call goes on with the sequence before where it was given the states that the call before left. A call of a single
    step goes on, too, where it was given others, unless these are those with which the sequence began: a loop that
    changes the state between two steps, as dropout on it or a mixture with something else.
    """
    sequences: list[Unrolled] = []
    for call in calls:
        last = sequences[-1] if sequences else None
        goes_on, same = (False, False) if last is None else _goes_on(last, call)
        if last is None or not goes_on:
            sequences.append(Unrolled(layer, [call], number=len(sequences) + 1))
            continue
        last.calls.append(call)
        if not same:
            sequences[-1] = Unrolled(layer, last.calls, False, last.number)
    return sequences


def _goes_on(sequence: Unrolled, call: Call) -> tuple[bool, bool]:
    """Tell whether a call goes on with a sequence, and whether from the very states that it left."""
    before, first = sequence.calls[-1], sequence.calls[0]
    both = (before, call)
    if not call.given or sequence.layer.both_ways or any(one.reads is not None for one in both):
        return False, False
    if before.x.shape[1] != call.x.shape[1] or not before.finals:
        return False, False
    if _alike(call.start, before.finals):
        return True, True
    steps = {len(one.x) for one in both}
    return steps == {1} and not _alike(call.start, first.start), False


def _alike(some: Sequence[dict[str, Array]], others: Sequence[dict[str, Array]]) -> bool:
    """Tell whether states are the same; one that is left out is zeros."""

    def pairs() -> Iterator[tuple[Array | float, Array | float]]:
        for one, other in zip(some, others, strict=True):
            yield from ((one.get(name, 0.0), other.get(name, 0.0)) for name in one.keys() | other.keys())

    return all(bool(np.all(left == right)) for left, right in pairs())
