"""Loops of an ONNX graph whose body is one step of an RNN, LSTM or GRU, as tf2onnx writes them.

Which cell that is, :mod:`~lstm_ascii.checkpoints.formats.onnx_cells` finds by computing it. A body that no cell gives
stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Site, Stored
from lstm_ascii.checkpoints.formats.onnx_cells import (
    IMPOSSIBLE,
    FoundCell,
    NotPlainError,
    Step,
    cell_of,
    done,
    is_kept,
    with_single_gates,
    with_widths,
)
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node, held
from lstm_ascii.records import dataclass

LOOPS = ("Loop", "Scan")
_OF_MASKS = ("Cast", "Expand", "Identity", "Not", "Reshape", "Squeeze", "Tile", "Unsqueeze")


@dataclass(frozen=True, eq=False)
class LoopBody:
    """One step.

    Attributes:
        nodes: its operations, by the names that values have within it.
        inputs, outputs: of the graph.
        tensors: constants that it reads, by these names.
        called: the names that values have outside, where they are others.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: Mapping[str, Stored]
    called: Mapping[str, str]


def recurrent_loop(node: Node, body: LoopBody, constants: Constants) -> list[Node] | None:
    """Return the recurrent node that a loop is, with what fits its values to those of the loop; ``None`` for another.

    Args:
        node: a ``Loop`` or ``Scan``.
        body: of it.
        constants: of the graph around; the cell's weights join them.
    """
    try:
        with np.errstate(all="ignore"):
            loop = _opened(node, body, constants)
            cell = cell_of(loop.step)
            if cell is None or (loop.masks and not is_kept(loop.step)):
                return None
            return _as_node(node, body, constants, cell, loop)
    except IMPOSSIBLE:
        return None


@dataclass(frozen=True, eq=False)
class _Loop:
    """A loop, opened.

    Attributes:
        step: its body as a function.
        sequence: the name of what it reads step by step.
        starts: the first values of the states, by their names within.
        shown: values that are another copy of the state h, before a step and after it.
        masks: the names of what says which steps are taken.
    """

    step: Step
    sequence: str
    starts: Mapping[str, str]
    shown: Mapping[str, str]
    masks: tuple[str, ...]


def _opened(node: Node, body: LoopBody, constants: Constants) -> _Loop:
    """Return a loop, opened."""
    values = {name: tensor.load() for name, tensor in body.tensors.items()}
    _, after = _carried(node, body)
    counters, starts, handed = _apart(node, body, constants)
    values |= handed
    shown = {name: after[name] for name in starts if _is_kept_aside(name, body)}
    states = tuple((name, after[name]) for name in starts if name not in shown)
    if not 1 <= len(states) <= 2:
        raise NotPlainError
    (x, sequence), masks = _read_at(node, body, counters)
    numbers = {name: value.astype(float) if value.dtype.kind == "f" else value for name, value in values.items()}
    numbers |= dict.fromkeys(shown, np.zeros(()))
    for one in body.nodes:  # what is made of constants alone
        if all(name in numbers for name in one.inputs if name):
            made = done(one, [numbers[name] for name in one.inputs if name])
            numbers |= dict(zip(one.outputs, made, strict=False))
    step = Step(with_single_gates(body.nodes), numbers, x, states, (0, 0), tuple(masks))
    for axes in (1, 0) if masks else (0,):
        try:
            sized = with_widths(replace(step, axes=axes))
            return _Loop(sized, sequence, starts, shown, tuple(masks.values()))
        except NotPlainError:
            continue
    raise NotPlainError


def _apart(node: Node, body: LoopBody, constants: Constants) -> tuple[set[str], dict[str, str], dict[str, Array]]:
    """Part what goes from step to step: counters, first values of states by name, and what is handed on as it is."""
    carried, after = _carried(node, body)
    same = _copies(body)
    counters = {body.inputs[0]} if node.kind == "Loop" else set()
    starts: dict[str, str] = {}
    handed: dict[str, Array] = {}
    for name, outer in carried.items():
        first, last = constants.get(outer), _root(after[name], same)
        if last == name:
            handed |= {} if first is None else {name: first.load()}
        elif first is not None and not first.shape and "int" in first.dtype and not first.load().any():
            if any(one.kind == "Add" and one.outputs[0] == last and name in one.inputs for one in body.nodes):
                counters.add(name)
        else:
            starts[name] = outer
    return counters, starts, handed


def _is_kept_aside(name: str, body: LoopBody) -> bool:
    """Tell whether a value is only what a step that is not taken shows: the output of the one before."""
    readers = [one for one in body.nodes if name in one.inputs]
    return (
        bool(readers)
        and all(one.kind == "Where" and one.inputs.index(name) == 2 for one in readers)
        and not any(
            one.outputs[0] in other.inputs for one in readers for other in body.nodes if other.kind != "Identity"
        )
    )


def _carried(node: Node, body: LoopBody) -> tuple[dict[str, str], dict[str, str]]:
    """Return what goes from step to step: its first values by name, and what it is after a step."""
    inner, outer, after = body.inputs[2:], node.inputs[2:], body.outputs[1:]
    if node.kind == "Scan":
        count = node.attributes.get("num_scan_inputs", 0)
        if not 1 <= count <= 2:
            raise NotPlainError
        inner, outer, after = body.inputs[:-count], node.inputs[:-count], body.outputs
    return dict(zip(inner, outer, strict=True)), dict(zip(inner, after, strict=False))


def _read_at(node: Node, body: LoopBody, counters: set[str]) -> tuple[tuple[str, str], dict[str, str]]:
    """Return what a step reads, and what says whether it is taken: the name within, and that of the whole of it.

    Both are read step by step, from the first on.
    """
    if node.kind == "Scan":
        turned = [node.attributes.get(name, ()) for name in ("scan_input_axes", "scan_input_directions")]
        if any(any(value) for value in turned):
            raise NotPlainError
        count = node.attributes["num_scan_inputs"]
        reads = dict(zip(body.inputs[-count:], node.inputs[-count:], strict=True))
    else:
        gathers = [one for one in body.nodes if one.kind == "Gather" and one.inputs[1] in counters]
        if any(one.attributes.get("axis", 0) or one.inputs[0] in body.tensors for one in gathers):
            raise NotPlainError
        reads = {one.outputs[0]: body.called.get(one.inputs[0], one.inputs[0]) for one in gathers}
    masks = {name: whole for name, whole in reads.items() if _is_mask(name, body)}
    read = [(name, whole) for name, whole in reads.items() if name not in masks]
    if len(read) != 1:
        raise NotPlainError
    return read[0], masks


def _is_mask(name: str, body: LoopBody) -> bool:
    """Tell whether a value only says which of two others is taken."""
    reach = {name}
    for one in body.nodes:
        if reach.isdisjoint(one.inputs) or one.kind == "Shape":
            continue
        if one.kind == "Where" and reach.isdisjoint(one.inputs[1:]):
            continue
        if one.kind not in _OF_MASKS:
            return False
        reach |= {*one.outputs}
    return any(one.kind == "Where" and one.inputs[0] in reach for one in body.nodes)


def _copies(body: LoopBody) -> dict[str, str]:
    """Return what values are copies of."""
    return {one.outputs[0]: one.inputs[0] for one in body.nodes if one.kind == "Identity"}


def _root(name: str, same: Mapping[str, str]) -> str:
    """Return what a value is a copy of in the end."""
    for _ in range(len(same)):
        name = same.get(name, name)
    return name


def _as_node(
    node: Node,
    body: LoopBody,
    constants: Constants,
    cell: FoundCell,
    loop: _Loop,
) -> list[Node]:
    """Return the recurrent node, and what fits its states and outputs, which have an axis more, to the loop's."""
    states = [loop.step.states[place] for place in cell.order]
    stem = node.name or next(filter(None, node.outputs))
    weights = cell.arrays()
    used = frozenset(body.called.get(name, name) for name in body.tensors) | frozenset(
        outer
        for outer in node.inputs
        if constants.get(outer) is not None and constants.get(outer).shape  # type: ignore[union-attr]
    )
    for part, value in weights.items():
        constants.spend(value.shape, 8)
        constants.stored[f"{stem}/{part}"] = held(value)
        constants.origins[f"{stem}/{part}"] = used
    scans = body.outputs[len(body.inputs) - 1 :]
    same = _copies(body)
    first = len(node.outputs) - len(scans)
    copies = {_root(name, same) for name in (states[0][1], *loop.shown.values())}
    shown_at = [place for place, name in enumerate(scans) if _root(name, same) in copies]
    carried = list(body.inputs[2:] if node.kind == "Loop" else body.inputs[:-1])
    given = [node.outputs[first + place] for place in shown_at]
    last = [node.outputs[carried.index(name)] if carried.index(name) < len(node.outputs) else "" for name, _ in states]
    before = [loop.starts[name] for name, _ in states]
    made: list[Node] = []
    held_starts = []
    for n, outer in enumerate(before):
        made.append(Node("Unsqueeze", "", (outer,), (f"{stem}/start {n}",), {"axes": (0,)}))
        held_starts.append(made[-1].outputs[0])
    outputs = [
        f"{stem}/outputs" if given and given[0] else "",
        *(f"{stem}/last {n}" if name else "" for n, name in enumerate(last)),
    ]
    site = node.site or Site((), node.inputs, node.outputs)
    inner = Site(
        site.path,
        (loop.sequence, "", "", "", "", *before),
        (given[0] if given else "", *last),
    )
    made.append(Node(
        cell.kind, stem, (loop.sequence, *(f"{stem}/{part}" for part in weights), "", *held_starts), tuple(outputs),
        {**cell.attributes, "hidden_size": weights["R"].shape[2]}, site=inner, masks=loop.masks,
    ))  # fmt: skip
    if outputs[0]:
        made += [Node("Squeeze", "", (outputs[0],), (name,), {"axes": (1,)}) for name in given if name]
    made += [Node("Squeeze", "", (outputs[1 + n],), (name,), {"axes": (0,)}) for n, name in enumerate(last) if name]
    ends = [node.outputs[carried.index(name)] for name in loop.shown if carried.index(name) < len(node.outputs)]
    made += [Node("Squeeze", "", (outputs[1],), (name,), {"axes": (0,)}) for name in ends if name and outputs[1]]
    return made
