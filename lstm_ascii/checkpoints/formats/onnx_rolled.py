"""The recurrent node that replaces an unrolled cell, and its connection to the graph around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lstm_ascii.checkpoints.formats.contents import Site
from lstm_ascii.checkpoints.formats.onnx_cells import FoundCell, NotPlainError
from lstm_ascii.checkpoints.formats.onnx_constants import Node, held
from lstm_ascii.checkpoints.formats.onnx_dependencies import Operations
from lstm_ascii.checkpoints.formats.onnx_operations import needed
from lstm_ascii.checkpoints.formats.onnx_sequences import absorbed, joined, stacked
from lstm_ascii.records import dataclass

_OF_A_CELL = re.compile(r"(?P<name>.+)[._]weight_[ih]h(?:_l\d+)?")


@dataclass(frozen=True, eq=False)
class Unrolled:
    """A cell that was found step by step.

    Attributes:
        cell: which it is.
        x: what each step reads.
        after: for each state of the cell, in the order of the steps' own, its values after each step.
        starts: its values before the first; ``""`` for zero.
        multiplies: whether a step multiplies what it reads; else that was done ahead.
        read: the constants that the steps read.
    """

    cell: FoundCell
    x: tuple[str, ...]
    after: tuple[tuple[str, ...], ...]
    starts: tuple[str, ...]
    multiplies: bool
    read: tuple[str, ...]


def with_node(operations: Operations, found: Unrolled, outputs: Sequence[str]) -> list[Node]:
    """Return the operations of a graph with one node in place of the steps.

    Raises:
        NotPlainError: something reads a state within, or the steps wait for what is made of their outputs.
    """
    constants, cell = operations.constants, found.cell
    stem = _name(operations, found)
    sequence, used = joined(operations, found.x, stem), {*found.read}
    if not found.multiplies:
        sequence, cell, more = absorbed(operations, sequence, cell)
        used |= more
    origins = frozenset(origin for name in used for origin in constants.origins.get(name, {name}))
    arrays = cell.arrays()
    for part, value in arrays.items():
        constants.spend(value.shape, 8)
        constants.stored[f"{stem}/{part}"] = held(value)
        constants.origins[f"{stem}/{part}"] = origins
    after = [found.after[place] for place in cell.order]
    before = [found.starts[place] for place in cell.order]
    axis = sequence.axis
    starting = [_start(operations, name, f"{stem}/start {n}", axis) for n, name in enumerate(before)]
    attributes = {**cell.attributes, "hidden_size": arrays["R"].shape[2]}
    attributes |= {"layout": 1} if axis else {}
    attributes |= {"direction": "reverse"} if sequence.backward else {}
    states = [f"{stem}/{letter}" for letter, _ in zip("hc", after, strict=False)]
    inside = any(node.site is not None and node.site.path for node in operations.nodes)
    ends = [values[-1] for values in after]
    site = Site((), (sequence.name, "", "", "", "", *before), ("", *ends))
    node = Node(
        cell.kind, stem, (sequence.name, *(f"{stem}/{part}" for part in arrays), "", *(name for name, _ in starting)),
        (f"{stem}/Y", *states), attributes, site=None if inside or sequence.nodes else site,
        notes=(f"unrolled in the file over {len(found.x)} steps, all alike",),
    )  # fmt: skip
    put = [*sequence.nodes, *(made for _, nodes in starting for made in nodes), node]
    whole = f"{stem}/outputs"
    put.append(Node("Squeeze", "", (f"{stem}/Y",), (whole,), {"axes": (2 if axis else 1,)}))
    in_order = after[0][::-1] if sequence.backward else after[0]
    for number, name in enumerate(in_order):
        place = f"{stem}/place {number}"
        constants.stored[place] = held(
            np.array(number if number < len(in_order) - 1 else -1)
        )  # the last, of however many
        put.append(Node("Gather", "", (whole, place), (name,), {"axis": axis}))
    if len(after) > 1:
        put.append(Node("Squeeze", "", (states[1],), (ends[1],), {"axes": (axis,)}))
    put += stacked(operations, in_order, whole, axis)
    gone = {name for made in put for name in made.outputs} | {name for values in after for name in values}
    left = [one for one in operations.nodes if gone.isdisjoint(one.outputs)]
    return _in_order(needed(_in_order([*left, *put], operations), outputs), operations, strictly=True)


def _name(operations: Operations, found: Unrolled) -> str:
    """Return what a cell is called: as its weights, where PyTorch named them, else as the first of its steps."""
    origins = [origin for name in found.read for origin in operations.constants.origins.get(name, {name})]
    named = next((match["name"] for name in origins if (match := _OF_A_CELL.fullmatch(name))), "")
    maker = operations.maker(found.after[0][0])
    stem = named or (maker.name if maker is not None and maker.name else found.after[0][0])
    taken = {node.name for node in operations.nodes if node.kind == found.cell.kind}
    while stem in taken or f"{stem}/W" in operations.constants.stored:
        stem = f"{stem}~"
    return stem


def _start(operations: Operations, name: str, made: str, axis: int) -> tuple[str, list[Node]]:
    """Return the name of a start state with an axis for directions, and what gives it that."""
    constants = operations.constants
    if not name or name in constants.uniform:
        return name, []
    constant = constants.get(name)
    if constant is not None and len(constant.shape) < 2:
        constants.stored[made] = held(constant.load().reshape(1, 1, -1))
        constants.origins[made] = constants.origins.get(name, frozenset({name}))
        return made, []
    return made, [Node("Unsqueeze", "", (name,), (made,), {"axes": (axis,)})]


def _in_order(nodes: Sequence[Node], operations: Operations, *, strictly: bool = False) -> list[Node]:
    """Return operations in an order in which they can be done; ``strictly`` refuses what nothing makes."""
    makers = {name: place for place, node in enumerate(nodes) for name in node.outputs if name}
    inputs = {name for node in operations.nodes for name in (*node.inputs, *node.captured)} - operations.makers.keys()
    ordered: list[Node] = []
    state = [0] * len(nodes)
    for first in range(len(nodes)):
        waiting = [first]
        while waiting:
            place = waiting[-1]
            if state[place] == 2:
                waiting.pop()
                continue
            below = [makers[name] for name in (*nodes[place].inputs, *nodes[place].captured) if name in makers]
            missing = [
                name
                for name in nodes[place].inputs
                if strictly and name and name not in makers and name not in inputs and not operations.constant(name)
            ]
            if missing or (state[place] == 1 and any(state[other] == 1 for other in below)):
                raise NotPlainError
            if state[place] == 1:
                state[place] = 2
                ordered.append(nodes[place])
                waiting.pop()
                continue
            state[place] = 1
            waiting += [other for other in below if state[other] != 2]
    return ordered
