"""The inputs of the steps of an unrolled cell, as the sequence that they were sliced from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstm_ascii.checkpoints.formats.onnx_cells import FoundCell
from lstm_ascii.checkpoints.formats.onnx_constants import Node
from lstm_ascii.checkpoints.formats.onnx_dependencies import Operations
from lstm_ascii.records import dataclass

_POINTWISE = ("Cast", "Identity", "Dropout", "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Neg")
_WITH_CONSTANT = ("MatMul", "Add", "Mul", "Sub", "Div")
_AXES = {0: 0, 1: 1, -3: 0, -2: 1}  # of steps in (T, B, D) or (B, T, D)


@dataclass(frozen=True)
class Sequenced:
    """A sequence.

    Attributes:
        name: of the value.
        axis: of the steps: 0, or 1 where those of a batch lie side by side.
        backward: whether the first step is the last of it.
        nodes: what makes it of what is there; none where it is there already.
    """

    name: str
    axis: int = 0
    backward: bool = False
    nodes: tuple[Node, ...] = ()


def joined(operations: Operations, values: Sequence[str], stem: str) -> Sequenced:
    """Return the sequence of some values, in the order of the steps."""
    found = _cut_from(operations, values) or _same_of_each(operations, values, stem)
    if found is not None:
        return found
    names = [f"{stem}/step {number}" for number in range(len(values))]
    nodes = [
        Node("Unsqueeze", "", (value,), (name,), {"axes": (0,)}) for value, name in zip(values, names, strict=True)
    ]
    whole = f"{stem}/steps"
    return Sequenced(whole, 0, backward=False, nodes=(*nodes, Node("Concat", "", tuple(names), (whole,), {"axis": 0})))


def _cut_from(operations: Operations, values: Sequence[str], ranks: int = 3) -> Sequenced | None:
    """Return what all steps were cut from, one after the other or from the end."""
    cuts = [_cut(operations, value) for value in values]
    first = cuts[0]
    if first is None or any(cut is None or cut[:2] != first[:2] for cut in cuts):
        return None
    places = [cut[2] for cut in cuts if cut is not None]
    count = len(places)
    axis = _AXES.get(first[1])
    if ranks == 2:  # the indices of words
        axis = first[1] % 2 if -2 <= first[1] < 2 else None
    if axis is None:
        return None
    if [place % count for place in places] == list(range(count)):
        return Sequenced(first[0], axis)
    if [place % count for place in places] == list(range(count))[::-1]:
        return Sequenced(first[0], axis, backward=True)
    return None


def _cut(operations: Operations, value: str) -> tuple[str, int, int] | None:
    """Return what a value is one step of, along which axis, and which step."""
    node = operations.maker(operations.root(value))
    if node is None:
        return None
    if node.kind == "Gather":
        place = _number(operations, node.inputs[1])
        return None if place is None else (operations.root(node.inputs[0]), node.attributes.get("axis", 0), place)
    if node.kind not in ("Squeeze", "Reshape"):
        return None
    inner = operations.root(node.inputs[0])
    maker = operations.maker(inner)
    if maker is None or maker.kind not in ("Split", "Slice"):
        return None
    if maker.kind == "Split":
        cut = operations.root(maker.inputs[0]), maker.attributes.get("axis", 0), maker.outputs.index(inner)
    else:
        given = [operations.constants.whole(maker, n, key) for n, key in ((1, "starts"), (2, "ends"), (3, "axes"))]
        starts, ends, axes = given[0] or [], given[1] or [], given[2] or [0]
        if len(starts) != 1 or len(ends) != 1 or (ends[0] - starts[0] != 1 and not (starts[0] == -1 and ends[0] > 0)):
            return None
        cut = operations.root(maker.inputs[0]), axes[0], starts[0]
    if node.kind == "Squeeze" and (operations.constants.whole(node, 1, "axes") or [cut[1]]) != [cut[1]]:
        return None
    return cut


def _number(operations: Operations, name: str) -> int | None:
    """Return a constant that is one whole number without axes."""
    constant = operations.constants.stored.get(name)
    if constant is None or constant.shape or "int" not in constant.dtype:
        return None
    return int(constant.load())


def _same_of_each(operations: Operations, values: Sequence[str], stem: str) -> Sequenced | None:
    """Return a sequence of which every step is made in the same way of a step of another, as words are looked up."""
    makers = [operations.maker(value) for value in values]
    first = makers[0]
    if first is None or any(maker is None or maker.kind != first.kind for maker in makers):
        return None
    nodes = [maker for maker in makers if maker is not None]
    if any(node.attributes != first.attributes or len(node.inputs) != len(first.inputs) for node in nodes):
        return None
    places = [place for place, name in enumerate(first.inputs) if name and not operations.constant(name)]
    looks_up = first.kind == "Gather" and places == [1] and not first.attributes.get("axis", 0)
    if not (looks_up or first.kind in _POINTWISE or (first.kind in _WITH_CONSTANT and places == [0])):
        return None
    if len(places) != 1:
        return None
    for place, name in enumerate(first.inputs):
        if name and place != places[0] and not all(operations.same(name, node.inputs[place]) for node in nodes):
            return None
    inner = [node.inputs[places[0]] for node in nodes]
    below = _cut_from(operations, inner, 2 if looks_up else 3)
    below = below or (_same_of_each(operations, inner, f"{stem}/of") if not looks_up else None)
    if below is None:
        return None
    inputs = tuple(below.name if place == places[0] else name for place, name in enumerate(first.inputs))
    whole = f"{stem}/sequence"
    node = Node(first.kind, first.name, inputs, (whole,), first.attributes)
    return replace(below, name=whole, nodes=(*below.nodes, node))


def absorbed(operations: Operations, sequence: Sequenced, cell: FoundCell) -> tuple[Sequenced, FoundCell, set[str]]:
    """Return a cell that multiplies what it reads itself, where that was done ahead for all steps at once.

    The names of the constants that went into it are returned as well.
    """
    name, axis, used = sequence.name, sequence.axis, set[str]()
    parts = dict(cell.parts)
    while (maker := operations.maker(name)) is not None:
        constants = [entry for entry in maker.inputs if entry and operations.constant(entry)]
        if maker.kind == "Transpose" and tuple(maker.attributes.get("perm") or ()) == (1, 0, 2):
            name, axis = maker.inputs[0], 1 - axis
            continue
        if maker.kind in ("Identity", "Dropout"):
            name = maker.inputs[0]
            continue
        if maker.kind not in ("Add", "MatMul") or len(constants) != 1:
            break
        value = operations.constants.loaded(constants[0]).astype(float)
        width = parts[next(iter(parts))][0].shape[1]
        if maker.kind == "Add" and value.size in (1, width):
            row = np.broadcast_to(value.reshape(-1), (width,))
            parts = {gate: (w, u, b + w @ row, d) for gate, (w, u, b, d) in parts.items()}
        elif maker.kind == "MatMul" and maker.inputs[1] == constants[0] and value.ndim == 2:
            parts = {gate: (w @ value.T, u, b, d) for gate, (w, u, b, d) in parts.items()}
        else:
            break
        used |= {constants[0]}
        name = next(entry for entry in maker.inputs if entry != constants[0])
        if maker.kind == "MatMul":
            return replace(sequence, name=name, axis=axis), replace(cell, parts=parts), used
    return sequence, cell, set()


def stacked(operations: Operations, values: Sequence[str], whole: str, axis: int) -> list[Node]:
    """Return what takes the place of operations that put the outputs of all steps together again."""
    names = {value: number for number, value in enumerate(values)}
    made = []
    for node in operations.nodes:
        if node.kind != "Concat" or len(node.inputs) != len(values):
            continue
        makers = [operations.maker(name) for name in node.inputs]
        if not all(maker is not None and maker.kind == "Unsqueeze" for maker in makers):
            continue
        apart = [maker for maker in makers if maker is not None]
        if [names.get(operations.root(maker.inputs[0])) for maker in apart] != list(range(len(values))):
            continue
        to = _AXES.get(node.attributes.get("axis", 0))
        if to is None:
            continue
        turned = () if to == axis else (1, 0, 2)
        kind, attributes = ("Transpose", {"perm": turned}) if turned else ("Identity", {})
        made.append(Node(kind, "", (whole,), node.outputs, attributes))
    return made
