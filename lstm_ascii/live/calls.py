"""The record of a run of a live model: each recurrent layer with its inputs and outputs, call by call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.layer import Layer
from lstm_ascii.records import dataclass

# the tolerance between our outputs and the model's, by its precision; relative for values above 1
BARS = {"float64": 1e-10, "float32": 1e-5, "float16": 5e-3, "bfloat16": 4e-2}


@dataclass(frozen=True, eq=False)
class Invocation:
    """How a live model is run.

    Attributes:
        model: the model.
        inputs, arguments: its positional and keyword arguments.
        function: called instead of the model, if given: ``model.generate``.
    """

    model: Any
    inputs: Sequence[Any] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    function: Callable[..., Any] | None = None

    def __call__(self) -> Any:
        """Run the model, and return its output."""
        return (self.function or self.model)(*self.inputs, **self.arguments)


@dataclass(frozen=True, eq=False)
class Recurrent:
    """A recurrent module of a live model, of one or several layers.

    Attributes:
        name: in the model: ``encoder.rnn``.
        layers: our cells with its parameters, from the input up, one or two directions each.
        kind: the framework's name for its class: ``LSTM``, ``GRUCell``.
        gives_steps: whether it outputs every step, or only the last one.
        batch_first: whether the batch is the first axis of its input.
        notes: remarks, as sentences.
    """

    name: str
    layers: tuple[Layer, ...]
    kind: str
    gives_steps: bool = True
    batch_first: bool = True
    notes: tuple[str, ...] = ()

    @property
    def both_ways(self) -> bool:
        """Whether it has a backward direction."""
        return any(direction.backward for layer in self.layers for direction in layer)


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a recurrent layer.

    Attributes:
        x: its input, ``(T, B, D)``.
        start: its start states by name, ``(B, H)``, for each direction from the first layer up; missing ones are zero.
        given: whether the caller passed states.
        outputs: of every step in order, ``(T, B, W)``, or of the last one, ``(1, B, W)``; ``None`` if unknown.
        finals: the last states, as ``start``; empty where the framework doesn't return them.
        reads: which steps are not padding, ``(T, B)``; ``None`` if none is.
        precision: of the framework's computation: ``float32``.
        factors: the dropout masks between layers, ``(T, B, W)`` each; empty without dropout.
        number: of the call among all calls of this layer, from 0.
        tensors: the framework's own outputs and states, if their gradients are needed.
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
        """The tolerance between our outputs and the model's."""
        return BARS.get(self.precision, BARS["float32"])


@dataclass(frozen=True, eq=False)
class Change:
    """A replacement of the input of a recurrent layer at one step.

    Attributes:
        layer: its name.
        call: the number of the call, from 0.
        step: of that call, from 0.
        sequence: of the batch, from 0.
        vector: the new input, ``(D,)``.
    """

    layer: str
    call: int
    step: int
    sequence: int
    vector: Array


Given = tuple[Array, tuple[dict[str, Array], ...]]  # a gradient on outputs and last states


@dataclass(frozen=True, eq=False)
class Run:
    """The record of one run.

    Attributes:
        output: of the model.
        calls: of each recurrent layer by name, in the order of their first call.
        layers: by name.
        answer: the value of the answer, if there is one.
        gradients: of the answer on the outputs of each call, by the name of the layer; ``None`` where the answer
            doesn't depend on them, as far as the framework knows.
        notes: remarks, as sentences.
    """

    output: Any
    calls: dict[str, list[Call]]
    layers: dict[str, Recurrent]
    answer: float | None = None
    gradients: dict[str, list[Given | None]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Unrolled:
    """Consecutive calls of one layer that belong to one sequence: the steps of a decoder, or a loop over a cell.

    Attributes:
        layer: the layer.
        calls: in their order.
        continuous: whether each call started from exactly the states that the call before left.
        number: of the sequence among all sequences of this layer, from 1.
    """

    layer: Recurrent
    calls: list[Call] = field(default_factory=list)
    continuous: bool = True
    number: int = 1

    @property
    def name(self) -> str:
        """The layer's name, with a number from the second sequence on: ``encoder#2``."""
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
