"""Loops of an ONNX graph whose body is one step of an RNN, LSTM or GRU, as tf2onnx writes them: the cell that they are.

Nothing is matched by its shape on paper. The body is computed by NumPy as a function of input and state. What goes into
its squashing functions is affine there, so its weights are read off at zero and at the unit vectors; then every way to
call the functions gates is tried, until the cell's own equations give what the body gives, on random numbers. A body
that no cell gives stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Site, Stored
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node, held

LOOPS = ("Loop", "Scan")
SQUASHING: dict[str, Callable[[Array], Array]] = {
    "Sigmoid": lambda value: 0.5 + 0.5 * np.tanh(0.5 * value),
    "Tanh": np.tanh,
    "Relu": lambda value: np.maximum(value, 0),
}
ORDERS = {"LSTM": "iofg", "GRU": "zrn", "RNN": "h"}  # of ONNX
PROBES, CLOSE = 6, 1e-9  # random states that are tried, and how near both have to be
LARGEST = 4096  # inputs and units
_OPERATIONS: dict[str, Callable[..., Array]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "MatMul": np.matmul,
    "Neg": np.negative, "Identity": lambda value: value, "Cast": lambda value: value,
}  # fmt: skip


class _NotPlainError(Exception):
    """The body does what is not followed here."""


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


@dataclass(frozen=True, eq=False)
class _Step:
    """The body as a function.

    Attributes:
        nodes: its operations.
        constants: by name.
        x: the name of what is read at a step.
        states: names before the step and after it.
        widths: D, and H.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    x: str
    states: tuple[tuple[str, str], ...]
    widths: tuple[int, int]

    def __call__(
        self, x: Array, states: Sequence[Array], forced: Mapping[str, float] | None = None
    ) -> dict[str, Array]:
        """Return all values of a step for ``x`` ``(B, D)`` and states ``(B, H)``; some may be forced to a number."""
        values = {**self.constants, self.x: x} | {
            name: value for (name, _), value in zip(self.states, states, strict=True)
        }
        for node in self.nodes:
            if node.outputs[0] == self.x or not all(name in values for name in node.inputs if name):
                continue
            given = [values[name] for name in node.inputs if name]
            for name, value in zip(node.outputs, _done(node, given), strict=False):
                force = (forced or {}).get(name)
                values[name] = value if force is None else np.full_like(value, force)
        return values


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
            found = next(_cells(step), None)
            if found is None:
                return None
            kind, order, parts, attributes = found
            states = [step.states[place] for place in order]
            return _as_node(node, body, constants, (kind, parts, attributes), sequence, states, starts)
    except (_NotPlainError, ValueError, IndexError, KeyError, TypeError):
        return None


def _step_of(node: Node, body: LoopBody, constants: Constants) -> tuple[_Step, str, dict[str, str]]:
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
        raise _NotPlainError
    x, sequence = _read_at(node, body, counters)
    numbers = {name: value.astype(float) if value.dtype.kind == "f" else value for name, value in values.items()}
    for one in body.nodes:  # what is made of constants alone
        if all(name in numbers for name in one.inputs if name):
            made = _done(one, [numbers[name] for name in one.inputs if name])
            numbers |= dict(zip(one.outputs, made, strict=False))
    step = _Step(body.nodes, numbers, x, tuple((name, after[name]) for name in starts), (0, 0))
    return replace(step, widths=_widths(step)), sequence, starts


def _carried(node: Node, body: LoopBody) -> tuple[dict[str, str], dict[str, str]]:
    """Return what goes from step to step: its first values by name, and what it is after a step."""
    inner, outer, after = body.inputs[2:], node.inputs[2:], body.outputs[1:]
    if node.kind == "Scan":
        if node.attributes.get("num_scan_inputs") != 1:
            raise _NotPlainError
        inner, outer, after = body.inputs[:-1], node.inputs[:-1], body.outputs
    return dict(zip(inner, outer, strict=True)), dict(zip(inner, after, strict=False))


def _read_at(node: Node, body: LoopBody, counters: set[str]) -> tuple[str, str]:
    """Return the name of what a step reads, and of the whole of it, which is read step by step from the first on."""
    if node.kind == "Scan":
        turned = [node.attributes.get(name, ()) for name in ("scan_input_axes", "scan_input_directions")]
        if any(any(value) for value in turned):
            raise _NotPlainError
        return body.inputs[-1], node.inputs[-1]
    reads = [one for one in body.nodes if one.kind == "Gather" and one.inputs[1] in counters]
    if len(reads) != 1 or reads[0].attributes.get("axis", 0) or reads[0].inputs[0] in body.tensors:
        raise _NotPlainError
    return reads[0].outputs[0], body.called.get(reads[0].inputs[0], reads[0].inputs[0])


def _copies(body: LoopBody) -> dict[str, str]:
    """Return what values are copies of."""
    return {one.outputs[0]: one.inputs[0] for one in body.nodes if one.kind == "Identity"}


def _root(name: str, same: Mapping[str, str]) -> str:
    """Return what a value is a copy of in the end."""
    for _ in range(len(same)):
        name = same.get(name, name)
    return name


def _widths(step: _Step) -> tuple[int, int]:
    """Return D and H, from the matrices that input and state are multiplied with."""
    found = {}
    for node in step.nodes:
        if node.kind == "MatMul" and node.inputs[1] in step.constants:
            found[node.inputs[0]] = len(step.constants[node.inputs[1]])
        elif node.kind == "Gemm" and node.inputs[1] in step.constants:
            found[node.inputs[0]] = step.constants[node.inputs[1]].shape[1 if node.attributes.get("transB", 0) else 0]
    inputs = found.get(step.x, 0)
    hidden = next((found[name] for name, _ in step.states if name in found), 0)
    if not (0 < inputs <= LARGEST and 0 < hidden <= LARGEST):
        raise _NotPlainError
    return inputs, hidden


def _done(node: Node, given: list[Array]) -> list[Array]:
    """Return the outputs of an operation; none of one that is not followed."""
    attributes = node.attributes
    if node.kind in SQUASHING:
        return [SQUASHING[node.kind](given[0])]
    if node.kind in _OPERATIONS:
        return [_OPERATIONS[node.kind](*given)]
    if node.kind == "Gemm":
        a, b = (
            value.T if attributes.get(key, 0) else value
            for value, key in zip(given, ("transA", "transB"), strict=False)
        )
        product_of = attributes.get("alpha", 1.0) * (a @ b)
        return [product_of + attributes.get("beta", 1.0) * given[2] if len(given) > 2 else product_of]
    if node.kind == "Split":
        sizes = given[1].tolist() if len(given) > 1 else attributes.get("split")
        axis = attributes.get("axis", 0)
        return np.split(given[0], len(node.outputs) if sizes is None else np.cumsum(sizes)[:-1].tolist(), axis)
    if node.kind == "Slice" and len(given) > 2:
        return [_slice(*given)]
    if node.kind in ("Squeeze", "Unsqueeze"):
        axes = tuple(given[1].reshape(-1).tolist()) if len(given) > 1 else attributes.get("axes")
        if axes is None:
            raise _NotPlainError
        return [np.squeeze(given[0], axes) if node.kind == "Squeeze" else np.expand_dims(given[0], axes)]
    if node.kind == "Concat":
        return [np.concatenate(given, attributes.get("axis", 0))]
    if node.kind == "Transpose":
        return [given[0].transpose(attributes.get("perm"))]
    return []


def _slice(value: Array, starts: Array, ends: Array, axes: Array | None = None, steps: Array | None = None) -> Array:
    """Return a part of an array, as ONNX' ``Slice`` takes it."""
    places = [slice(None)] * value.ndim
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        axis = number if axes is None else int(axes[number])
        step = 1 if steps is None else int(steps[number])
        places[axis] = slice(start, end if abs(end) < 1 << 62 else None, step)
    return value[tuple(places)]


_Found = tuple[str, tuple[int, ...], dict[str, tuple[Array, Array, Array, Array]], dict[str, Any]]


def _cells(step: _Step) -> Iterator[_Found]:
    """Yield the cells that give what the body gives: their kind, which state is which, W, U and both biases by gate."""
    squashing = [node for node in step.nodes if node.kind in SQUASHING]
    first, later = _apart(step, squashing)
    draw = np.random.default_rng(0)
    inputs, hidden = step.widths
    x, states = draw.normal(size=(PROBES, inputs)), [draw.normal(size=(PROBES, hidden)) for _ in step.states]
    values = step(x, states)
    after = [values[name] for _, name in step.states]
    for kind, order, gates, parts, attributes in _guesses(step, first, later):
        ours = _stepped(kind, parts, gates, x, [states[place] for place in order], attributes)
        pairs = zip(ours, [after[place] for place in order], strict=True)
        if all(one.shape == other.shape and np.allclose(one, other, rtol=0, atol=CLOSE) for one, other in pairs):
            yield kind, order, parts, attributes
            return


def _apart(step: _Step, squashing: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Part the squashing functions into those of sums of input and state, and those that depend on others."""
    behind: dict[str, set[str]] = {}
    names = {node.outputs[0] for node in squashing}
    for node in step.nodes:
        below = {name for entry in node.inputs for name in behind.get(entry, ())} | (names & {*node.inputs})
        for output in node.outputs:
            behind[output] = below
    first = [node for node in squashing if not behind[node.outputs[0]]]
    return first, [node for node in squashing if behind[node.outputs[0]]]


def _affine(step: _Step, name: str, forced: Mapping[str, float] | None = None) -> tuple[Array, Array, Array]:
    """Return W ``(H, D)``, U ``(H, H)`` and b ``(H,)`` of a value that is affine in the input and the state."""
    inputs, hidden = step.widths
    rows = 1 + inputs + hidden
    x, h = np.zeros((rows, inputs)), np.zeros((rows, hidden))
    x[1 : 1 + inputs], h[1 + inputs :] = np.eye(inputs), np.eye(hidden)
    values = step(x, [h] * len(step.states), forced)[name]
    if values.shape != (rows, hidden):
        raise _NotPlainError
    return (values[1 : 1 + inputs] - values[0]).T, (values[1 + inputs :] - values[0]).T, values[0]


_Guess = tuple[str, tuple[int, ...], tuple[str, ...], dict[str, tuple[Array, Array, Array, Array]], dict[str, Any]]


def _guesses(step: _Step, first: Sequence[Node], later: Sequence[Node]) -> Iterator[_Guess]:
    """Yield what the body may be: kind, order of the states, functions, parts by gate, attributes of the node."""
    zero = np.zeros(step.widths[1])
    if len(step.states) == 2 and len(first) == 4 and len(later) == 1:
        parts = [(*_affine(step, node.inputs[0]), zero) for node in first]
        for order, places in product(((0, 1), (1, 0)), permutations(range(4))):
            i, f, g, o = (first[place].kind for place in places)
            if i == f == o:
                named = {gate: parts[place] for gate, place in zip("ifgo", places, strict=True)}
                functions = (i, g, later[0].kind)
                yield "LSTM", order, functions, named, _activations(functions, ("Sigmoid", "Tanh", "Tanh"))
    elif len(step.states) == 1 and len(first) == 2 and len(later) == 1:
        for places, after, keeps in product(((0, 1), (1, 0)), (True, False), (True, False)):
            r, z = (first[place] for place in places)
            named = _parts_of_gru(step, r, z, later[0], keeps)
            kinds = (r.kind, later[0].kind)
            attributes = _activations(kinds, ("Sigmoid", "Tanh")) | {"linear_before_reset": int(after)}
            if r.kind == z.kind:
                yield "GRU", (0,), kinds, named, attributes
    elif len(step.states) == 1 and len(first) == 1 and not later:
        kind = first[0].kind
        yield "RNN", (0,), (kind,), {"h": (*_affine(step, first[0].inputs[0]), zero)}, _activations((kind,), ("Tanh",))


def _parts_of_gru(step: _Step, r: Node, z: Node, n: Node, keeps: bool) -> dict[str, tuple[Array, Array, Array, Array]]:
    """Return the parts of a GRU: its candidate is affine where the reset gate is held at 0, and where it is at 1."""
    zero = np.zeros(step.widths[1])
    shut, open_ = (_affine(step, n.inputs[0], {r.outputs[0]: at}) for at in (0.0, 1.0))
    sign = 1.0 if keeps else -1.0  # σ(−a) = 1 − σ(a)
    gates = {letter: (*_affine(step, node.inputs[0]), zero) for letter, node in (("r", r), ("z", z))}
    gates["z"] = tuple(sign * value for value in gates["z"])  # type: ignore[assignment]
    return gates | {"n": (shut[0], open_[1] - shut[1], shut[2], open_[2] - shut[2])}


def _activations(functions: tuple[str, ...], default: tuple[str, ...]) -> dict[str, Any]:
    """Return the attribute that names functions other than those by default."""
    return {} if functions == default else {"activations": functions}


def _stepped(
    kind: str,
    parts: Mapping[str, tuple[Array, Array, Array, Array]],
    functions: tuple[str, ...],
    x: Array,
    states: Sequence[Array],
    attributes: Mapping[str, Any],
) -> list[Array]:
    """Return the states after one step of a cell, by its equations."""
    h = states[0]
    of = [SQUASHING[name] for name in functions]
    a = {gate: (x @ w.T + b, h @ u.T + d) for gate, (w, u, b, d) in parts.items()}
    if kind == "RNN":
        return [of[0](np.add(*a["h"]))]
    if kind == "LSTM":
        i, f, o = (of[0](np.add(*a[gate])) for gate in "ifo")
        c = f * states[1] + i * of[1](np.add(*a["g"]))
        return [o * of[2](c), c]
    r, z = (of[0](np.add(*a[gate])) for gate in "rz")
    if attributes["linear_before_reset"]:
        n = of[1](a["n"][0] + r * a["n"][1])
    else:
        n = of[1](a["n"][0] + (r * h) @ parts["n"][1].T + parts["n"][3])
    return [z * h + (1 - z) * n]


def _as_node(
    node: Node,
    body: LoopBody,
    constants: Constants,
    cell: tuple[str, Mapping[str, tuple[Array, Array, Array, Array]], Mapping[str, Any]],
    sequence: str,
    states: Sequence[tuple[str, str]],
    starts: Mapping[str, str],
) -> list[Node]:
    """Return the recurrent node, and what fits its states and outputs, which have an axis more, to the loop's."""
    kind, parts, attributes = cell
    stem = node.name or next(filter(None, node.outputs))
    order = ORDERS[kind]
    weights = {
        "W": np.concatenate([parts[gate][0] for gate in order])[None],
        "R": np.concatenate([parts[gate][1] for gate in order])[None],
        "B": np.concatenate([parts[gate][place] for place in (2, 3) for gate in order])[None],
    }
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
        kind, stem, (sequence, *(f"{stem}/{part}" for part in weights), "", *held_starts), tuple(outputs),
        {**attributes, "hidden_size": len(parts[order[0]][2])}, site=inner,
    ))  # fmt: skip
    if outputs[0]:
        made += [Node("Squeeze", "", (outputs[0],), (name,), {"axes": (1,)}) for name in given if name]
    made += [Node("Squeeze", "", (outputs[1 + n],), (name,), {"axes": (0,)}) for n, name in enumerate(last) if name]
    return made
