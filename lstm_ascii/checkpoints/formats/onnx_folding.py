"""Constant folding in an ONNX graph: exporters slice, transpose, concatenate and scale the weights by operations.

Each is computed as ONNX Runtime does it, to the last bit; no other operation is. Operators as in
https://onnx.ai/onnx/operators/, in their older forms (axes as attributes) and their newer ones (axes as inputs).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.onnx_constants import HALF, Constants, Node, held
from lstm_ascii.checkpoints.formats.onnx_tensors import TYPES
from lstm_ascii.checkpoints.formats.scales import along, dequantized

_IMPOSSIBLE = (ValueError, IndexError, TypeError, KeyError, ArithmeticError, MemoryError)
_NUMBERS = {"value_float", "value_floats", "value_int", "value_ints"}
# operators that change only the shape or the type of a uniform value
_SHAPING = {"Cast", "Expand", "Flatten", "Identity", "Reshape", "Slice", "Squeeze", "Tile", "Transpose", "Unsqueeze"}
_NO_END = ((1 << 31) - 1, (1 << 63) - 1)  # of Slice


def fold(constants: Constants, node: Node) -> bool:
    """Compute the outputs of an operation if it can be folded, and tell whether it was.

    Args:
        constants: the values that are known; the outputs join them.
        node: the operation.

    Raises:
        FileError: it fails on these constants, or its outputs are too large.
    """
    several = node.kind == "Split"
    if not node.outputs or not (several or len(node.outputs) == 1) or node.kind not in _FOLDED:
        return False
    if not all(node.outputs):
        return False
    try:
        with np.errstate(all="ignore"):
            return _fold_uniform(constants, node) or _fold_known(constants, node)
    except _IMPOSSIBLE as error:
        raise constants.wrong(f"damaged: the operation {node.label} can't be done with its constants") from error


def _fold_known(constants: Constants, node: Node) -> bool:
    """Compute an operation if all its inputs are known."""
    if not all(name in constants.stored for name in node.inputs if name):
        return False
    output = node.outputs[0]
    if node.kind == "Identity":
        constants.stored[output] = constants.stored[node.inputs[0]]
    elif node.kind == "Constant" and isinstance(node.attributes.get("value"), Stored):
        constants.inline[output] = constants.stored[output] = node.attributes["value"]
    elif node.kind == "Split":
        parts = _split(constants, node)
        constants.stored |= {
            name: held(part, constants.dtype(node)) for name, part in zip(node.outputs, parts, strict=True)
        }
    elif node.kind != "Constant" or node.attributes.keys() & _NUMBERS:
        values = _FOLDED[node.kind](constants, node)
        constants.stored[output] = held(values, _type_of(constants, node, values))
    else:  # a text
        return False
    if node.kind != "Constant":
        made_of = frozenset[str]().union(*(constants.origins.get(name, {name}) for name in node.inputs if name))
        constants.origins |= dict.fromkeys(node.outputs, made_of)
    return True


def _fold_uniform(constants: Constants, node: Node) -> bool:
    """Propagate a uniform value, whose shape is only known at run time, through operators that change its shape."""
    first = node.inputs[0] if node.inputs else ""
    shape_known = all(name in constants.stored for name in node.inputs if name)
    number = constants.uniform.get(first) if node.kind in _SHAPING else None
    if node.kind == "ConstantOfShape" and not shape_known:
        number = _filling(node)
    elif node.kind in ("Expand", "Tile") and first in constants.stored and not shape_known:
        number = constants.stored[first].load().reshape(-1) if math.prod(constants.stored[first].shape) == 1 else None
    elif node.kind == "Concat" and node.inputs:
        numbers = [constants.uniform.get(name) for name in node.inputs]
        number = None if any(value is None or value != numbers[0] for value in numbers) else numbers[0]
    if number is None:
        return False
    if node.kind == "Cast":
        number = _rounded(number, _target(node))
    constants.uniform[node.outputs[0]] = number.reshape(())
    return True


def _type_of(constants: Constants, node: Node, values: Array) -> str:
    """Return the type of a node's output, which for half precision is narrower than that of ``values``."""
    if node.kind == "Cast":
        return _target(node)
    if node.kind == "DequantizeLinear":
        return "float32"
    if node.kind == "ConstantOfShape" and isinstance(value := node.attributes.get("value"), Stored):
        return value.dtype
    return constants.dtype(node) if values.dtype == np.float32 and node.inputs else values.dtype.name


def _filling(node: Node) -> Array:
    """Return the number with which ``ConstantOfShape`` fills."""
    value = node.attributes.get("value")
    return value.load().reshape(-1)[:1] if isinstance(value, Stored) else np.zeros(1, np.float32)


def _constant(_: Constants, node: Node) -> Array:
    name = next(name for name in node.attributes if name in _NUMBERS)
    return np.array(node.attributes[name], np.float32 if name.startswith("value_float") else np.int64)


def _target(node: Node) -> str:
    """Return the type to which ``Cast`` converts."""
    return TYPES[node.attributes["to"]][0]


def _rounded(values: Array, dtype: str) -> Array:
    """Convert to ``dtype``; half precision by way of float32, and represented as float32."""
    if dtype not in HALF:
        return values.astype(dtype)
    single = values.astype(np.float32)
    if dtype == "float16":
        return single.astype(np.float16).astype(np.float32)
    bits = np.ascontiguousarray(single).view(np.uint32).reshape(single.shape)
    upper = (bits + (0x7FFF + (bits >> 16 & 1))) & np.uint32(0xFFFF0000)  # to the nearest, halfway to the even one
    return np.where(np.isnan(single), single, upper.astype(np.uint32).view(np.float32))


def _cast(constants: Constants, node: Node) -> Array:
    values = constants.first(node)
    constants.spend(values.shape, 8)
    return _rounded(values, _target(node))


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
    return constants.first(node).squeeze(tuple(axes) if axes else None)


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
    if len({axis % values.ndim for axis in axes}) != len(axes):
        raise ValueError("an axis that is cut twice")
    parts = [slice(None)] * values.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        parts[axis] = _part(values.shape[axis], start, end, step)
    return values[tuple(parts)]


def _part(size: int, start: int, end: int, step: int) -> slice:
    """Return the slice of an axis as ONNX defines it: positions beyond the axis are clamped, in both directions.

    The largest integer stands for no end in ONNX Runtime, even with negative steps.
    """
    if step < 0 and end in _NO_END:
        end = -size - 1
    start, end = (place + size if place < 0 else place for place in (start, end))
    if step > 0:
        return slice(min(max(start, 0), size), min(max(end, 0), size), step)
    start, end = min(max(start, 0), size - 1), min(max(end, -1), size - 1)
    return slice(start, None if end < 0 else end, step) if size else slice(0, 0)


def _split(constants: Constants, node: Node) -> list[Array]:
    values, axis, count = constants.first(node), node.attributes.get("axis", 0), len(node.outputs)
    sizes, size = constants.whole(node, 1, "split"), values.shape[axis]
    if sizes is None:
        each = -(-size // count)
        if size % count and "num_outputs" not in node.attributes:
            raise ValueError("parts of different sizes")
        sizes = [min(each, size - begin) for begin in range(0, each * count, each)] if each else [0] * count
    if len(sizes) != count or sum(sizes) != size or min(sizes) < 0:
        raise ValueError("parts that don't make up the whole")
    return np.split(values, np.cumsum(sizes)[:-1], axis)


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


def _where(constants: Constants, node: Node) -> Array:
    given = [constants.loaded(name) for name in node.inputs]
    constants.spend(np.broadcast_shapes(*(value.shape for value in given)), 8)
    return np.where(given[0], given[1], given[2])


def _tile(constants: Constants, node: Node) -> Array:
    values, repeats = constants.first(node), constants.whole(node, 1, "repeats") or []
    if len(repeats) != values.ndim:
        raise ValueError("not a number for each axis")
    constants.spend(tuple(size * times for size, times in zip(values.shape, repeats, strict=True)), values.itemsize)
    return np.tile(values, repeats)


def _flatten(constants: Constants, node: Node) -> Array:
    values, axis = constants.first(node), node.attributes.get("axis", 1)
    if not -values.ndim <= axis <= values.ndim:
        raise ValueError("no such axis")
    axis += values.ndim if axis < 0 else 0
    constants.spend(values.shape, values.itemsize)
    return values.reshape(math.prod(values.shape[:axis]), math.prod(values.shape[axis:]))


def _shape(constants: Constants, node: Node) -> Array:
    shape = constants.stored[node.inputs[0]].shape
    return np.array(shape[node.attributes.get("start", 0) : node.attributes.get("end")], np.int64)


def _elementwise(work: Callable[[Array, Array], Array]) -> Callable[[Constants, Node], Array]:
    """Return the function that folds an elementwise operator on two constants of one type, with broadcasting."""

    def fold(constants: Constants, node: Node) -> Array:
        left, right = (constants.loaded(name) for name in node.inputs)
        dtype = constants.dtype(node)
        if constants.stored[node.inputs[1]].dtype != dtype or dtype == "bool":
            raise ValueError("two types")
        constants.spend(np.broadcast_shapes(left.shape, right.shape), 8)
        return _rounded(work(left, right), dtype)

    return fold


def _dequantize(constants: Constants, node: Node) -> Array:
    """Return ``(x − zero point) · scale``, with one scale for all values or for each index of an axis."""
    values, scale, zero = constants.first(node), constants.loaded(node.inputs[1]), constants.value(node, 2)
    if values.dtype.kind not in "iu" or scale.dtype != np.float32 or node.attributes.get("block_size"):
        raise ValueError("not plainly quantized")
    scale, zero = along(node.attributes.get("axis", 1), values, scale, zero)
    constants.spend(values.shape, 12)
    return dequantized(values, scale, zero)


def _quantize(constants: Constants, node: Node) -> Array:
    """Return ``x / scale + zero point``, rounded and clipped to the range of its type."""
    values, scale, zero = constants.first(node), constants.loaded(node.inputs[1]), constants.value(node, 2)
    if (
        values.dtype != np.float32
        or scale.dtype != np.float32
        or node.attributes.keys() & {"block_size", "output_dtype"}
    ):
        raise ValueError("not plainly quantized")
    kind = np.dtype(np.uint8) if zero is None else zero.dtype
    if kind not in (np.int8, np.uint8):
        raise ValueError("not plainly quantized")
    scale, zero = along(node.attributes.get("axis", 1), values, scale, zero)
    constants.spend(values.shape, 12)
    moved = np.rint(values / scale) + (0 if zero is None else zero.astype(np.float32))
    bounds = np.iinfo(kind)
    whole: Array = np.clip(moved, bounds.min, bounds.max).astype(kind)
    return whole


def _quotient(left: Array, right: Array) -> Array:
    """Divide; integers are rounded toward zero."""
    if left.dtype.kind == "f":
        ratio: Array = left / right
        return ratio
    if not right.all():
        raise ValueError("division by zero")
    quotient: Array = np.sign(left) * np.sign(right) * (np.abs(left) // np.abs(right))
    return quotient


_FOLDED: dict[str, Callable[[Constants, Node], Array]] = {
    "Add": _elementwise(np.add),
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "DequantizeLinear": _dequantize,
    "Div": _elementwise(_quotient),
    "Equal": lambda constants, node: np.equal(*(constants.loaded(name) for name in node.inputs)),
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": lambda constants, node: constants.first(node),
    "Mul": _elementwise(np.multiply),
    "Neg": lambda constants, node: -constants.first(node),
    "QuantizeLinear": _quantize,
    "Reshape": _reshape,
    "Shape": _shape,
    "Slice": _slice,
    "Split": lambda constants, node: _split(constants, node)[0],
    "Squeeze": _squeeze,
    "Sub": _elementwise(np.subtract),
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Where": _where,
}
