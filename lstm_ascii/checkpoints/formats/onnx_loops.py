"""Loops of an ONNX graph whose body is one step of an RNN, LSTM or GRU, as tf2onnx writes them: the cell that they are.

Which cell that is, :mod:`~lstm_ascii.checkpoints.formats.onnx_cells` finds by computing it. A body that no cell gives
stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.checkpoints.formats.contents import Site, Stored
from lstm_ascii.checkpoints.formats.onnx_cells import (
    IMPOSSIBLE,
    FoundCell,
    NotPlainError,
    Step,
    cell_of,
    done,
    with_single_gates,
    with_widths,
)
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node, held

LOOPS = ("Loop", "Scan")


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
            step, sequence, starts = _step_of(node, body, constants)
            cell = cell_of(step)
            if cell is None:
                return None
            states = [step.states[place] for place in cell.order]
            return _as_node(node, body, constants, cell, sequence, states, starts)
    except IMPOSSIBLE:
        return None


def _step_of(node: Node, body: LoopBody, constants: Constants) -> tuple[Step, str, dict[str, str]]:
    """Return the body as a function, the name of what it reads step by step, and the states' first values by name."""
    values = {name: tensor.load() for name, tensor in body.tensors.items()}
    carried, after = _carried(node, body)
    same = _copies(body)
    starts: dict[str, str] = {}
    counters = {body.inputs[0]} if node.kind == "Loop" else set()
    for name, outer in carried.items():
        first, last = constants.get(outer), _root(after[name], same)
        if last == name:  # handed on as it is
            if first is not None:
                values[name] = first.load()
        elif first is not None and not first.shape and "int" in first.dtype and not first.load().any():
            if any(one.kind == "Add" and one.outputs[0] == last and name in one.inputs for one in body.nodes):
                counters.add(name)
        else:
            starts[name] = outer
    if not 1 <= len(starts) <= 2:
        raise NotPlainError
    x, sequence = _read_at(node, body, counters)
    numbers = {name: value.astype(float) if value.dtype.kind == "f" else value for name, value in values.items()}
    for one in body.nodes:  # what is made of constants alone
        if all(name in numbers for name in one.inputs if name):
            made = done(one, [numbers[name] for name in one.inputs if name])
            numbers |= dict(zip(one.outputs, made, strict=False))
    step = Step(with_single_gates(body.nodes), numbers, x, tuple((name, after[name]) for name in starts), (0, 0))
    return with_widths(step), sequence, starts


def _carried(node: Node, body: LoopBody) -> tuple[dict[str, str], dict[str, str]]:
    """Return what goes from step to step: its first values by name, and what it is after a step."""
    inner, outer, after = body.inputs[2:], node.inputs[2:], body.outputs[1:]
    if node.kind == "Scan":
        if node.attributes.get("num_scan_inputs") != 1:
            raise NotPlainError
        inner, outer, after = body.inputs[:-1], node.inputs[:-1], body.outputs
    return dict(zip(inner, outer, strict=True)), dict(zip(inner, after, strict=False))


def _read_at(node: Node, body: LoopBody, counters: set[str]) -> tuple[str, str]:
    """Return the name of what a step reads, and of the whole of it, which is read step by step from the first on."""
    if node.kind == "Scan":
        turned = [node.attributes.get(name, ()) for name in ("scan_input_axes", "scan_input_directions")]
        if any(any(value) for value in turned):
            raise NotPlainError
        return body.inputs[-1], node.inputs[-1]
    reads = [one for one in body.nodes if one.kind == "Gather" and one.inputs[1] in counters]
    if len(reads) != 1 or reads[0].attributes.get("axis", 0) or reads[0].inputs[0] in body.tensors:
        raise NotPlainError
    return reads[0].outputs[0], body.called.get(reads[0].inputs[0], reads[0].inputs[0])


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
    sequence: str,
    states: Sequence[tuple[str, str]],
    starts: Mapping[str, str],
) -> list[Node]:
    """Return the recurrent node, and what fits its states and outputs, which have an axis more, to the loop's."""
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
    shown_at = [place for place, name in enumerate(scans) if _root(name, same) == _root(states[0][1], same)]
    carried = list(body.inputs[2:] if node.kind == "Loop" else body.inputs[:-1])
    given = [node.outputs[first + place] for place in shown_at]
    last = [node.outputs[carried.index(name)] if carried.index(name) < len(node.outputs) else "" for name, _ in states]
    before = [starts[name] for name, _ in states]
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
        (sequence, "", "", "", "", *before),
        (given[0] if given else "", *last),
    )
    made.append(Node(
        cell.kind, stem, (sequence, *(f"{stem}/{part}" for part in weights), "", *held_starts), tuple(outputs),
        {**cell.attributes, "hidden_size": weights["R"].shape[2]}, site=inner,
    ))  # fmt: skip
    if outputs[0]:
        made += [Node("Squeeze", "", (outputs[0],), (name,), {"axes": (1,)}) for name in given if name]
    made += [Node("Squeeze", "", (outputs[1 + n],), (name,), {"axes": (0,)}) for n, name in enumerate(last) if name]
    return made
