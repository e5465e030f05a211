"""What of an ONNX graph is constant: exporters cut, turn and join the weights by operations of the graph itself.

Nothing else is computed. Operators as in https://onnx.ai/onnx/operators/, in their older forms (axes as attributes) and
their newer ones (axes as inputs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.onnx_tensors import TYPES
from lstm_ascii.errors import FileError

SMALLEST_BUDGET = 64_000_000  # bytes of constants that may be made, for small files
MOST_WHOLE = 64  # numbers that say sizes or axes
_IMPOSSIBLE = (ValueError, IndexError, TypeError, KeyError, OverflowError, MemoryError)
_NUMBERS = {"value_float", "value_floats", "value_int", "value_ints"}
_HALF = ("float16", "bfloat16")  # become float32, which copies them


class Operators(tuple[str, ...]):
    """The operators of a graph within an operation, such as the body of a loop."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Node:
    """One operation as it stands in the file.

    Attributes:
        kind: the operator; with its domain ahead where that is not ONNX's own.
        name: may be empty.
        inputs, outputs: names of values, ``""`` for those that are left out.
        attributes: plain values; a tensor as :class:`Stored`, a graph as :class:`Operators`.
        captured: what the graphs within it may read of this one.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    captured: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """How it is called in errors."""
        return shown(f"{self.kind} {self.name or next(filter(None, self.outputs), '')}".strip())


class Constants:
    """The constant values of a graph by name: those of the file, and what operations make of them."""

    def __init__(self, initial: Mapping[str, Stored], file_size: int, wrong: Callable[[str], FileError]) -> None:
        """Begin with the initialisers; no more than four times the file is made of them."""
        self.stored = dict(initial)
        self.inline: dict[str, Stored] = {}  # those that stand in the graph as an operation of their own
        self.uniform: dict[str, Array] = {}  # one number everywhere, in a shape that is only known when it runs
        self.left = max(SMALLEST_BUDGET, 4 * file_size)
        self.wrong = wrong

    def get(self, name: str) -> Stored | None:
        """Return a constant; a uniform one has shape ``()``."""
        if name in self.uniform:
            return _held(self.uniform[name])
        return self.stored.get(name)

    def take(self, node: Node) -> bool:
        """Compute ``node`` where it only moves constants around, and tell whether it did.

        Raises:
            FileError: it can't be done with these constants, or makes too much of them.
        """
        if len(node.outputs) != 1 or not node.outputs[0] or node.kind not in _FOLDED:
            return False
        try:
            with np.errstate(all="ignore"):
                return self._take_uniform(node) or self._take_known(node)
        except _IMPOSSIBLE as error:
            raise self.wrong(f"damaged: the operation {node.label} can't be done with its constants") from error

    def spend(self, shape: tuple[int, ...], itemsize: int) -> None:
        """Count the bytes of a value that is about to be made."""
        self.left -= math.prod(shape) * itemsize
        if self.left < 0:
            raise self.wrong("its operations make more constants than four times the file; export it with them folded")

    def value(self, node: Node, place: int) -> Array | None:
        """Return an input's value; ``None`` where it is left out."""
        name = place < len(node.inputs) and node.inputs[place]
        return self.loaded(node.inputs[place]) if name else None

    def first(self, node: Node) -> Array:
        """Return the value of the first input."""
        return self.loaded(node.inputs[0])

    def loaded(self, name: str) -> Array:
        """Return a value, counted where it is copied to be read."""
        tensor = self.stored[name]
        if tensor.dtype in _HALF or "int" in tensor.dtype:
            self.spend(tensor.shape, 4 if tensor.dtype in _HALF else 8)
        return tensor.load()

    def whole(self, node: Node, place: int, attribute: str) -> list[int] | None:
        """Return whole numbers that stand in an input or, in older files, in an attribute."""
        value = self.value(node, place)
        if value is None:
            setting = node.attributes.get(attribute)
            return None if setting is None else [int(number) for number in setting]
        if value.size > MOST_WHOLE:
            raise ValueError("too many sizes")
        return [int(number) for number in value.reshape(-1)]

    def _take_known(self, node: Node) -> bool:
        """Compute an operation whose inputs are all known."""
        if not all(name in self.stored for name in node.inputs if name):
            return False
        output = node.outputs[0]
        if node.kind == "Identity":
            self.stored[output] = self.stored[node.inputs[0]]
        elif node.kind == "Constant" and isinstance(node.attributes.get("value"), Stored):
            self.inline[output] = self.stored[output] = node.attributes["value"]
        elif node.kind != "Constant" or node.attributes.keys() & _NUMBERS:
            self.stored[output] = _held(_FOLDED[node.kind](self, node))
        else:  # a text
            return False
        return True

    def _take_uniform(self, node: Node) -> bool:
        """Follow a value that is the same number everywhere through what only changes its shape."""
        first = node.inputs[0] if node.inputs else ""
        shape_known = all(name in self.stored for name in node.inputs if name)
        number = self.uniform.get(first)
        if node.kind == "ConstantOfShape" and not shape_known:
            number = _filling(node)
        elif node.kind == "Expand" and first in self.stored and not shape_known:
            number = self.stored[first].load().reshape(-1) if math.prod(self.stored[first].shape) == 1 else None
        elif node.kind == "Concat":
            numbers = [self.uniform.get(name) for name in node.inputs]
            if any(value is None or value != number for value in numbers):
                number = None
        if number is None or node.kind == "Gather":
            return False
        if node.kind == "Cast":
            number = number.astype(_type(node))
        self.uniform[node.outputs[0]] = number.reshape(())
        return True


def _held(values: Array) -> Stored:
    """Return numbers that are there already."""
    return Stored(values.dtype.name, values.shape, values.nbytes, lambda: values)


def _filling(node: Node) -> Array:
    """Return the number that ``ConstantOfShape`` fills with."""
    value = node.attributes.get("value")
    return value.load().reshape(-1)[:1] if isinstance(value, Stored) else np.zeros(1, np.float32)


def _constant(_: Constants, node: Node) -> Array:
    name = next(name for name in node.attributes if name in _NUMBERS)
    return np.array(node.attributes[name], np.float32 if name.startswith("value_float") else np.int64)


def _type(node: Node) -> str:
    """Return the type that ``Cast`` makes; half precision stays as wide as it was read."""
    dtype, _ = TYPES[node.attributes["to"]]
    return "float32" if dtype in _HALF else dtype


def _cast(constants: Constants, node: Node) -> Array:
    values = constants.first(node)
    constants.spend(values.shape, 8)
    return values.astype(_type(node))


def _transpose(constants: Constants, node: Node) -> Array:
    return constants.first(node).transpose(node.attributes.get("perm"))


def _reshape(constants: Constants, node: Node) -> Array:
    values = constants.first(node)
    sizes = constants.whole(node, 1, "shape") or []
    if not node.attributes.get("allowzero"):
        sizes = [values.shape[place] if size == 0 else size for place, size in enumerate(sizes)]
    constants.spend(values.shape, values.itemsize)  # it copies where the numbers don't lie in a row
    return values.reshape(sizes)


def _squeeze(constants: Constants, node: Node) -> Array:
    axes = constants.whole(node, 1, "axes")
    return constants.first(node).squeeze(None if axes is None else tuple(axes))


def _unsqueeze(constants: Constants, node: Node) -> Array:
    return np.expand_dims(constants.first(node), tuple(constants.whole(node, 1, "axes") or ()))


def _concat(constants: Constants, node: Node) -> Array:
    for name in node.inputs:
        constants.spend(constants.stored[name].shape, 8)
    parts = [constants.loaded(name) for name in node.inputs]
    return np.concatenate(parts, node.attributes["axis"])


def _slice(constants: Constants, node: Node) -> Array:
    values = constants.first(node)
    starts, ends = constants.whole(node, 1, "starts") or [], constants.whole(node, 2, "ends") or []
    axes = constants.whole(node, 3, "axes") or list(range(len(starts)))
    steps = constants.whole(node, 4, "steps") or [1] * len(starts)
    parts = [slice(None)] * values.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        parts[axis] = slice(start, end, step)
    return values[tuple(parts)]


def _gather(constants: Constants, node: Node) -> Array:
    values, places = constants.first(node), constants.loaded(node.inputs[1])
    constants.spend(values.shape[1:] + places.shape, values.itemsize)
    return values.take(places, node.attributes.get("axis", 0))


def _constant_of_shape(constants: Constants, node: Node) -> Array:
    shape = tuple(int(size) for size in constants.first(node))
    value = _filling(node)
    constants.spend(shape, value.itemsize)
    return np.broadcast_to(value.reshape(()), shape)


def _expand(constants: Constants, node: Node) -> Array:
    values = constants.first(node)
    shape = np.broadcast_shapes(values.shape, tuple(constants.whole(node, 1, "") or ()))
    constants.spend(shape, values.itemsize)
    return np.broadcast_to(values, shape)


_FOLDED: dict[str, Callable[[Constants, Node], Array]] = {
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Expand": _expand,
    "Gather": _gather,
    "Identity": lambda constants, node: constants.first(node),
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
