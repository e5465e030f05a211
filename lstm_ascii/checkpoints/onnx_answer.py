"""The head of an ONNX graph: its operations after the last recurrent node.

Every value that is made of the outputs alone is described: which axes it has, what became of the steps and of the two
directions, which dense layers it went through. What can't be described ends the way, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lstm_ascii.answer import Squash
from lstm_ascii.cells import Array
from lstm_ascii.cells.activations import ActivationError
from lstm_ascii.checkpoints.formats.contents import FileContents, Operation, RecurrentLayer
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import Head, Stack
from lstm_ascii.checkpoints.way_to_answer import OnTheWay
from lstm_ascii.records import dataclass

# axes: steps, batch, directions, values, both of the first folded into one, one that is 1 long, and the last states of
# several layers one behind the other, as PyTorch's h_n has them
STEPS, BATCH, WAYS, VALUES, FOLDED, SINGLE, STATES = "T", "B", "D", "H", "N", "1", "S"
SAME = frozenset({"Identity", "Dropout", "Cast"})
CHOOSING = frozenset({"ArgMax", "TopK", "Hardmax"})  # which output is largest: behind the answer
REDUCED = {"ReduceMean": "mean", "ReduceMax": "max"}
POOLED = {"GlobalAveragePool": "mean", "GlobalMaxPool": "max"}
FUNCTIONS = frozenset({"Relu", "Sigmoid", "Tanh", "LeakyRelu", "Elu", "Softsign", "Softplus", "HardSigmoid"})
USUAL = {"LeakyRelu": (0.01, None), "Elu": (1.0, None), "HardSigmoid": (0.2, 0.5)}
TO_THE_END = 1 << 30  # where a slice ends that takes the rest
MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class Described:
    """A value made of the outputs.

    Attributes:
        axes: letters, one an axis.
        pooled: of each direction that it holds, its number and what became of its steps.
        ways: how many values each direction of the stack gives.
        way: what it went through behind that; ``None`` where no layer has read it yet.
        among: where last states of several layers are one behind the other: how many stand ahead of the stack's own,
            and how many there are.
    """

    axes: tuple[str, ...]
    pooled: tuple[tuple[int, str], ...]
    ways: tuple[int, ...]
    way: OnTheWay | None = None
    among: tuple[int, int] = (0, 0)

    @property
    def pooling(self) -> str:
        """What became of the steps, as :class:`Answer` names it; empty where it has no name for it."""
        if [number for number, _ in self.pooled] != [*range(len(self.ways))]:
            return ""
        poolings = tuple(dict.fromkeys(pooling for _, pooling in self.pooled))
        return "ends" if poolings == ("last", "first") else poolings[0] if len(poolings) == 1 else ""

    @property
    def along(self) -> OnTheWay | None:
        """What it went through, where its values stand side by side."""
        if self.way is not None:
            return self.way
        if not self.pooling or {WAYS, STATES}.intersection(self.axes) or self.axes[-1:] != (VALUES,):
            return None
        return OnTheWay(self.pooling, sum(self.ways))

    def with_way(self, way: OnTheWay | None) -> Described | None:
        """Return it behind another layer."""
        return None if way is None else replace(self, way=way)

    def with_steps(self, pooling: str) -> Described | None:
        """Return it with its steps pooled."""
        if any(before != "each" for _, before in self.pooled):
            return None
        changed = replace(self, pooled=tuple((number, pooling) for number, _ in self.pooled))
        return changed if self.way is None else changed.with_way(self.way.pooled(pooling))


def onnx_head(contents: FileContents, top: RecurrentLayer, stack: Stack, notes: list[str]) -> Head | None:
    """Return what the outputs of a node go through, to an output of the graph; say what can't be honoured."""
    way = _Way(contents, top, stack)
    ends = way.ends()
    if not ends:
        if blocking := dict.fromkeys(f"{one.kind} {shown(one.name)}".strip() for one in way.blocking):
            notes.append(f"no answer: what the outputs go through is {', '.join(list(blocking)[:MOST_NAMED])}")
        return None
    (name, head), *others = ends
    for other, also in others:
        if also.tensors == head.tensors:  # logits and probabilities of the same: the last function is part of it
            (name, head) = (other, also) if head.answer.squash.name == "linear" else (name, head)
        else:
            notes.append(f"of several answers that of {shown(name)} was taken; another is {shown(other)}")
    return head


class _Way:
    """All values that are made of the outputs, and the operations that end the way."""

    def __init__(self, contents: FileContents, top: RecurrentLayer, stack: Stack) -> None:
        self.contents, self.stack = contents, stack
        self.split = stack.layers[-1][0].direction.cell.output_size if len(stack.layers[-1]) > 1 else 0
        self.values: dict[str, Described] = dict(self._outputs(top))
        self.states = {layer.outputs[1]: 1 + (layer.attributes.get("direction") == "bidirectional")
                       for layer in contents.layers if layer.outputs[1:2] > ("",)}  # fmt: skip
        self.blocking: list[Operation] = []
        self.chosen: list[str] = []
        for operation in contents.graph.operations:
            read = [name for name in operation.inputs if name in self.values]
            if not read or operation.kind in ("Shape", "Size"):
                continue
            if operation.kind in CHOOSING:
                self.chosen.append(read[0])
                continue
            changed = self._described(operation) if operation.outputs else None
            if changed is None:
                self.blocking.append(operation)
            else:
                self.values[operation.outputs[0]] = changed

    def _outputs(self, top: RecurrentLayer) -> Iterator[tuple[str, Described]]:
        """Describe the node's own outputs: all steps, and the last state."""
        layer = self.stack.layers[-1]
        ways = tuple(one.direction.cell.output_size for one in layer)
        batch_first = bool(top.attributes.get("layout", 0))
        each = tuple((number, "each") for number in range(len(ways)))
        ends = tuple((number, "first" if one.direction.backward else "last") for number, one in enumerate(layer))
        axes = ((BATCH, STEPS, WAYS, VALUES), (BATCH, WAYS, VALUES)) if batch_first else (
            (STEPS, WAYS, BATCH, VALUES), (WAYS, BATCH, VALUES))  # fmt: skip
        for name, described in zip(top.outputs[:2], (Described(axes[0], each, ways), Described(axes[1], ends, ways)),
                                   strict=False):  # fmt: skip
            if name:
                yield name, described

    def ends(self) -> list[tuple[str, Head]]:
        """Return the graph's outputs that are answers, and what only the largest is told of."""
        ends = []
        for name in dict.fromkeys([*self.contents.graph.outputs, *self.chosen]):
            value = self.values.get(name)
            way = None if value is None else value.along
            head = None if way is None or value is None else replace(way, pooling=value.pooling).head(self.split)
            if head is not None and value is not None and value.pooling:
                ends.append((name, head))
        return ends

    def _described(self, operation: Operation) -> Described | None:
        """Describe what an operation makes; what does not fit its operator's own rules ends the way."""
        try:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                return self._changed(operation)
        except (ArithmeticError, IndexError, TypeError, ValueError):
            return None

    def _changed(self, operation: Operation) -> Described | None:
        """Describe what an operation makes; ``None`` where that can't be done."""
        kind, places = operation.kind, [n for n, name in enumerate(operation.inputs) if name in self.values]
        value = self.values[operation.inputs[places[0]]]
        if kind == "Concat":
            return self._side_by_side(operation)
        if len(places) > 1 or (places[0] != 0 and kind not in ("Add", "Mul")):
            return None
        if kind in SAME:
            return value
        if kind in FUNCTIONS or kind in ("Softmax", "LogSoftmax"):
            return _function(value, operation)
        if kind in REDUCED or kind in POOLED:
            return _reduced(value, operation)
        step = _STEPS.get(kind)
        return None if step is None else step(value, operation)

    def _side_by_side(self, operation: Operation) -> Described | None:
        """Describe two directions that are put together again, or the last states of all layers."""
        parts = [self.values.get(name) for name in operation.inputs]
        if sum(part is not None for part in parts) == 1:
            return self._among_states(operation)
        first = parts[0]
        if first is None or any(part is None or part.way is not None or part.axes != first.axes for part in parts):
            return None
        if first.axes[operation.attributes.get("axis", 0)] != VALUES or WAYS in first.axes:
            return None
        pooled = tuple(pair for part in parts if part is not None for pair in part.pooled)
        return replace(first, pooled=pooled)

    def _among_states(self, operation: Operation) -> Described | None:
        """Describe the last states of the stack's top behind those of other layers, and ahead of others."""
        (place,) = (n for n, name in enumerate(operation.inputs) if name in self.values)
        own = self.values[operation.inputs[place]]
        axis = operation.attributes.get("axis", 0)
        counts = [self.states.get(name, 0) for name in operation.inputs]
        if own.way is not None or _axis(own, axis) != WAYS or STEPS in own.axes or not all(counts):
            return None
        axes = tuple(STATES if letter == WAYS else letter for letter in own.axes)
        return replace(own, axes=axes, among=(sum(counts[:place]), sum(counts)))


def _constant(operation: Operation, place: int, name: str) -> Any:
    """Return a constant input as a list, or the attribute of older graphs; ``None`` where it is not known.

    What is no list of whole numbers is not known either.
    """
    if name in operation.attributes:
        told = operation.attributes[name]
        whole = isinstance(told, list | tuple) and all(isinstance(entry, int) for entry in told)
        return told if whole else None
    given = operation.inputs[place] if place < len(operation.inputs) else ""
    value = operation.tensors.get(given) if given else None
    return None if value is None or np.asarray(value).dtype.kind not in "iu" else np.asarray(value).reshape(-1).tolist()


def _axis(value: Described, axis: int) -> str:
    """Return the letter of an axis."""
    return value.axes[axis] if -len(value.axes) <= axis < len(value.axes) else ""


def _without(value: Described, axis: int) -> Described:
    axis %= len(value.axes)
    return replace(value, axes=(*value.axes[:axis], *value.axes[axis + 1 :]))


def _as_one(value: Described, axis: int) -> Described:
    axis %= len(value.axes)
    return replace(value, axes=(*value.axes[:axis], SINGLE, *value.axes[axis + 1 :]))


def _transposed(value: Described, operation: Operation) -> Described | None:
    order = operation.attributes.get("perm", tuple(range(len(value.axes)))[::-1])
    if sorted(order) != list(range(len(value.axes))):
        return None
    return replace(value, axes=tuple(value.axes[axis] for axis in order))


def _squeezed(value: Described, operation: Operation) -> Described | None:
    axes = _constant(operation, 1, "axes")
    droppable = {SINGLE, WAYS} if len(value.pooled) == 1 else {SINGLE}
    if axes is None:
        if len(operation.inputs) > 1 or "axes" in operation.attributes:
            return None
        axes = [n for n, letter in enumerate(value.axes) if letter in droppable]
    places = {axis % len(value.axes) for axis in axes if -len(value.axes) <= axis < len(value.axes)}
    kept = tuple(letter for n, letter in enumerate(value.axes) if n not in places)
    if any(value.axes[n] not in droppable | {BATCH} for n in places):
        return None
    return replace(value, axes=kept)


def _unsqueezed(value: Described, operation: Operation) -> Described | None:
    axes = _constant(operation, 1, "axes")
    if axes is None:
        return None
    letters = list(value.axes)
    for axis in sorted(axis % (len(letters) + len(axes)) for axis in axes):
        letters.insert(axis, SINGLE)
    return replace(value, axes=tuple(letters))


def _reshaped(value: Described, operation: Operation) -> Described | None:
    """Describe other axes of the same numbers in the same order: directions join their values, steps may be folded."""
    target = _constant(operation, 1, "shape")
    letters = [letter for letter in value.axes if letter != SINGLE]
    if WAYS in letters:
        if letters[-2:] != [WAYS, VALUES] and len(value.pooled) > 1:
            return None
        letters.remove(WAYS)
    if not letters or letters[-1] != VALUES or STATES in letters:
        return None
    if target is None or len(target) == len(letters):
        return replace(value, axes=tuple(letters)) if target is None or _keeps(value, target) else None
    if not _keeps(value, target):
        return None
    if len(target) == 2:  # (T · B, H)
        return replace(value, axes=(FOLDED, VALUES))
    if letters == [FOLDED, VALUES] and len(target) == 3:
        return replace(value, axes=(STEPS, BATCH, VALUES))  # or the other way round, which is the same for each step
    if letters == [BATCH, VALUES] and len(target) == 3:
        return replace(value, axes=(BATCH, SINGLE, VALUES))
    if letters == [BATCH, VALUES] and target == [-1] and _width(value) == 1:
        return value
    return None


def _keeps(value: Described, target: Sequence[int]) -> bool:
    """Tell whether a shape keeps the values of a step together."""
    return target[-1] in (-1, 0, _width(value))


def _width(value: Described) -> int:
    return value.way.width if value.way is not None else sum(value.ways[number] for number, _ in value.pooled)


def _flattened(value: Described, operation: Operation) -> Described | None:
    letters = tuple(letter for letter in value.axes if letter != SINGLE)
    if operation.attributes.get("axis", 1) != 1 or letters[:1] != (BATCH,) or STEPS in letters:
        return None
    is_joined = letters == (BATCH, WAYS, VALUES)
    return replace(value, axes=(BATCH, VALUES)) if is_joined or letters == (BATCH, VALUES) else None


def _gathered(value: Described, operation: Operation) -> Described | None:
    index, axis = _constant(operation, 1, "indices"), operation.attributes.get("axis", 0)
    given = operation.tensors.get(operation.inputs[1])
    if index is None or len(index) != 1 or given is None:
        return None
    picked = _picked(value, axis, index[0], index[0] + 1 if index[0] != -1 else TO_THE_END)
    if picked is None or given.ndim:
        return picked
    return _without(picked, axis)


def _sliced(value: Described, operation: Operation) -> Described | None:
    starts, ends, axes, steps = (
        _constant(operation, n, name) for n, name in enumerate(("starts", "ends", "axes", "steps"), 1)
    )
    if starts is None or ends is None or len(starts) != 1 or len(ends) != 1 or (steps or [1]) != [1]:
        return None
    return _picked(value, (axes or [0])[0], starts[0], ends[0])


def _picked(value: Described, axis: int, begin: int, end: int) -> Described | None:
    """Describe some places of an axis: one step, one direction, or the values of one direction."""
    letter, count = _axis(value, axis), len(value.pooled)
    if (letter == SINGLE and begin in (0, -1)) or (begin == 0 and end >= TO_THE_END):
        return value
    if letter == STEPS:
        pooling = "first" if (begin, end) == (0, 1) else "last" if begin == -1 and end >= TO_THE_END else ""
        step = value.with_steps(pooling) if pooling else None
        return None if step is None else _as_one(step, axis)
    if value.way is not None:
        return None
    if letter == STATES:
        ahead, states = value.among
        first, stop = (place - ahead for place in _within(begin, end, states))
        if not 0 <= first < stop <= count:  # a state of another layer
            return None
        axes = tuple(WAYS if one == STATES else one for one in value.axes)
        return _picked(replace(value, axes=axes, among=(0, 0)), axis, first, stop)
    if letter == WAYS:
        first, stop = _within(begin, end, count)
        if stop - first == 1:
            return _as_one(replace(value, pooled=value.pooled[first:stop]), axis)
        return value if (first, stop) == (0, count) else None
    if letter == VALUES and count > 1 and WAYS not in value.axes:
        half, whole = value.ways[0], sum(value.ways)
        halves = {(0, half): value.pooled[:1], (half, whole): value.pooled[1:]}
        part = halves.get(_within(begin, end, whole))
        return None if part is None else replace(value, pooled=part)
    return None


def _within(begin: int, end: int, size: int) -> tuple[int, int]:
    """Return the places of a slice of an axis, counted from its begin."""
    return begin + size * (begin < 0), min(end, size) if end >= 0 else end + size


def _reduced(value: Described, operation: Operation) -> Described | None:
    """Describe the mean or the largest over the steps."""
    if operation.kind in POOLED:
        if value.axes != (BATCH, VALUES, STEPS):
            return None
        pooled = value.with_steps(POOLED[operation.kind])
        return None if pooled is None else _as_one(pooled, 2)
    axes = _constant(operation, 1, "axes")
    if axes is None or len(axes) != 1 or _axis(value, axes[0]) != STEPS:
        return None
    pooled = value.with_steps(REDUCED[operation.kind])
    if pooled is None:
        return None
    return _as_one(pooled, axes[0]) if operation.attributes.get("keepdims", 1) else _without(pooled, axes[0])


def _function(value: Described, operation: Operation) -> Described | None:
    way, attributes = value.along, operation.attributes
    if way is None:
        return None
    if operation.kind in ("Softmax", "LogSoftmax"):
        axis = attributes.get("axis", len(value.axes) - 1)
        older = "axis" not in attributes and len(value.axes) != 2
        if older or axis % len(value.axes) != len(value.axes) - 1:
            return None
    usual = USUAL.get(operation.kind, (None, None))
    alpha, beta = (attributes.get(name, number) for name, number in zip(("alpha", "beta"), usual, strict=True))
    try:
        return value.with_way(way.squashed(Squash.named(operation.kind, alpha, beta)))
    except ActivationError:
        return None


def _multiplied(value: Described, operation: Operation) -> Described | None:
    """Describe a dense layer without its bias, or a Gemm with it."""
    way, weight = value.along, operation.tensors.get(operation.inputs[1])
    attributes, bias, bias_name = operation.attributes, None, ""
    if way is None or weight is None or value.axes[-1] != VALUES:
        return None
    if operation.kind == "Gemm":
        if attributes.get("transA", 0) or attributes.get("alpha", 1.0) != 1.0 or attributes.get("beta", 1.0) != 1.0:
            return None
        weight = weight.T if attributes.get("transB", 0) else weight
        bias_name = operation.inputs[2] if len(operation.inputs) > 2 else ""
        bias = operation.tensors.get(bias_name) if bias_name else None
        if bias_name and (bias is None or bias.size not in (1, weight.shape[-1])):
            return None
        if bias is not None:
            bias = np.broadcast_to(bias.reshape(-1), (weight.shape[-1],))
    if weight.ndim != 2:
        return None
    return value.with_way(way.dense(weight.T, bias, (operation.inputs[1], bias_name), Squash()))


def _shifted(value: Described, operation: Operation) -> Described | None:
    """Describe numbers that are added or multiplied: a bias, which stands beside its layer, or a scale."""
    way, (name, number) = value.along, next(iter(operation.tensors.items()), ("", None))
    if way is None or number is None or len(operation.tensors) != 1 or number.dtype.kind != "f":
        return None
    kind, one, nothing = operation.kind, np.ones(1), np.zeros(1)
    scale: Array = number if kind == "Mul" else 1 / number if kind == "Div" else one
    shift: Array = number if kind == "Add" else -number if kind == "Sub" else nothing
    changed = way.scaled(scale, shift, (name,))
    if changed is not None and kind == "Add" and changed.layers and not way.tensors[-1][1] and number.size == way.width:
        tensors = (*way.tensors[:-1], (way.tensors[-1][0], name))
        changed = replace(changed, tensors=tensors, others=way.others)
    return value.with_way(changed)


_STEPS: dict[str, Callable[[Described, Operation], Described | None]] = {
    "Transpose": _transposed,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Reshape": _reshaped,
    "Flatten": _flattened,
    "Gather": _gathered,
    "Slice": _sliced,
    "MatMul": _multiplied,
    "Gemm": _multiplied,
    "Add": _shifted,
    "Sub": _shifted,
    "Mul": _shifted,
    "Div": _shifted,
}
