"""One step of a graph as a function, and the RNN, LSTM or GRU that computes the same.

Nothing is matched by its shape on paper. The step is computed by NumPy from input and state. What goes into its
squashing functions is affine there, so its weights are read off at zero and at the unit vectors; then every way to call
the functions gates is tried, until the cell's own equations give what the step gives, on random numbers. A step that no
cell gives stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations, product
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.onnx_constants import Node
from lstm_ascii.records import dataclass

SQUASHING: dict[str, Callable[[Array], Array]] = {
    "Sigmoid": lambda value: 0.5 + 0.5 * np.tanh(0.5 * value),
    "Tanh": np.tanh,
    "Relu": lambda value: np.maximum(value, 0),
}
ORDERS = {"LSTM": "iofg", "GRU": "zrn", "RNN": "h"}  # of ONNX
PROBES, CLOSE = 6, 1e-9  # random states that are tried, and how near both have to be
LARGEST = 4096  # inputs and units
_CUTS = ("Split", "Slice")
_OPERATIONS: dict[str, Callable[..., Array]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "MatMul": np.matmul, "Neg": np.negative, "Where": np.where,
    "Identity": lambda value: value, "Cast": lambda value: value, "Dropout": lambda value, *_: value,
    "Shape": lambda value: np.array(value.shape), "Not": np.logical_not, "And": np.logical_and, "Tile": np.tile,
    "Expand": lambda value, shape: np.broadcast_to(value, np.broadcast_shapes(value.shape, tuple(shape))),
    "Reshape": lambda value, shape: value.reshape([value.shape[n] if s == 0 else s for n, s in enumerate(shape)]),
    "Div": lambda a, b: a // b if a.dtype.kind == b.dtype.kind == "i" else a / b,
}  # fmt: skip


class NotPlainError(Exception):
    """The step does what is not followed here."""


IMPOSSIBLE = (NotPlainError, ValueError, IndexError, KeyError, TypeError)  # what computing a step may end with


@dataclass(frozen=True, eq=False)
class FoundCell:
    """The cell that a step is.

    Attributes:
        kind: ``LSTM``, ``GRU`` or ``RNN``.
        order: the places of h and c among the step's states.
        parts: W ``(H, D)``, U ``(H, H)`` and both biases ``(H,)`` by gate.
        attributes: of an ONNX node that is this cell.
    """

    kind: str
    order: tuple[int, ...]
    parts: Mapping[str, tuple[Array, Array, Array, Array]]
    attributes: Mapping[str, Any]

    def arrays(self) -> dict[str, Array]:
        """Return W ``(1, G·H, D)``, R ``(1, G·H, H)`` and B ``(1, 2·G·H)`` as ONNX has them."""
        order = ORDERS[self.kind]
        joined = [np.concatenate([self.parts[gate][place] for gate in order])[None] for place in range(4)]
        return {"W": joined[0], "R": joined[1], "B": np.concatenate(joined[2:], axis=1)}


@dataclass(frozen=True, eq=False)
class Step:
    """The body as a function.

    Attributes:
        nodes: its operations.
        constants: by name.
        x: the name of what is read at a step.
        states: names before the step and after it.
        widths: D, and H.
        masks: the names of what says whether a step is taken, for each sequence.
        axes: how many axes of one place these have behind that of the sequences.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    x: str
    states: tuple[tuple[str, str], ...]
    widths: tuple[int, int]
    masks: tuple[str, ...] = ()
    axes: int = 0

    def __call__(
        self, x: Array, states: Sequence[Array], forced: Mapping[str, float] | None = None, *, taken: bool = True
    ) -> dict[str, Array]:
        """Return all values of a step for ``x`` ``(B, D)`` and states ``(B, H)``; some may be forced to a number."""
        masks = dict.fromkeys(self.masks, np.full((len(x), *[1] * self.axes), taken))
        values = {**self.constants, **masks, self.x: x} | {
            name: value for (name, _), value in zip(self.states, states, strict=True)
        }
        for node in self.nodes:
            if node.outputs[0] in (self.x, *self.masks) or not all(name in values for name in node.inputs if name):
                continue
            given = [values[name] for name in node.inputs if name]
            for name, value in zip(node.outputs, done(node, given), strict=False):
                force = (forced or {}).get(name)
                values[name] = value if force is None else np.full_like(value, force)
        return values


def with_widths(step: Step) -> Step:
    """Return a step with D and H: from the matrices that input and state are multiplied with, apart or side by side.

    Raises:
        NotPlainError: with none of the sizes that there are it can be done.
    """
    reads: dict[str, int] = {}
    side_by_side: list[tuple[int, int]] = []
    joined = {node.outputs[0] for node in step.nodes if node.kind == "Concat"}
    for node in step.nodes:
        weight = step.constants.get(node.inputs[1]) if node.kind in ("MatMul", "Gemm") else None
        if weight is not None and weight.ndim == 2:
            shape = weight.shape[::-1] if node.kind == "Gemm" and node.attributes.get("transB", 0) else weight.shape
            reads.setdefault(node.inputs[0], shape[0])
            if node.inputs[0] in joined:
                side_by_side += [(shape[0] - shape[1] // gates, shape[1] // gates) for gates in (1, 2, 3, 4)]
    hidden = next((reads[name] for name, _ in step.states if name in reads), 0)
    inputs = [reads[step.x]] if step.x in reads else [hidden * gates for gates in (1, 2, 3, 4)]
    for widths in (*((size, hidden) for size in inputs), *side_by_side):
        if all(0 < size <= LARGEST for size in widths) and _fits(sized := replace(step, widths=widths)):
            return sized
    raise NotPlainError


def _fits(step: Step) -> bool:
    """Tell whether states of some width stay as wide."""
    inputs, hidden = step.widths
    try:
        values = step(np.zeros((1, inputs)), [np.zeros((1, hidden))] * len(step.states))
        return all(values[name].shape == (1, hidden) for _, name in step.states)
    except IMPOSSIBLE:
        return False


def with_single_gates(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return operations that split gates before, not after, a squashing function."""
    made: list[Node] = []
    whole: dict[str, Node] = {}
    apart = (*_CUTS, "Shape")
    read_whole = {name for node in nodes for name in node.inputs if node.kind not in apart or name != node.inputs[0]}
    for node in nodes:
        if node.kind in SQUASHING and node.outputs[0] not in read_whole and not _is_last(node, nodes):
            whole[node.outputs[0]] = node
        elif node.kind == "Shape" and node.inputs[0] in whole:
            made.append(replace(node, inputs=whole[node.inputs[0]].inputs))
        elif node.kind in _CUTS and node.inputs[0] in whole:
            function = whole[node.inputs[0]]
            ahead = tuple(f"{name}/before" for name in node.outputs)
            made.append(replace(node, inputs=(function.inputs[0], *node.inputs[1:]), outputs=ahead))
            made += [
                replace(function, inputs=(name,), outputs=(output,))
                for name, output in zip(ahead, node.outputs, strict=True)
            ]
        else:
            made.append(node)
    return tuple(made)


def _is_last(node: Node, nodes: Sequence[Node]) -> bool:
    """Tell whether none of the operations reads what one gives."""
    return not any(node.outputs[0] in other.inputs for other in nodes)


def done(node: Node, given: list[Array]) -> list[Array]:
    """Return the outputs of an operation; none of one that is not followed."""
    attributes = node.attributes
    if node.kind in SQUASHING:
        return [SQUASHING[node.kind](given[0])]
    if node.kind in _OPERATIONS:
        return [_OPERATIONS[node.kind](*given)]
    if node.kind in _WITH_SETTINGS:
        return [_WITH_SETTINGS[node.kind](node, *given)]
    if node.kind == "Split":
        sizes = given[1].tolist() if len(given) > 1 else attributes.get("split")
        axis = attributes.get("axis", 0)
        return np.split(given[0], len(node.outputs) if sizes is None else np.cumsum(sizes)[:-1].tolist(), axis)
    if node.kind == "Slice" and len(given) > 2:
        return [_slice(*given)]
    return []


def _axes(node: Node, value: Array, axes: Array | None = None) -> Array:
    """Return an array with axes of one place less, or more."""
    given = node.attributes.get("axes") if axes is None else axes.reshape(-1).tolist()
    if given is None:
        raise NotPlainError
    return np.squeeze(value, tuple(given)) if node.kind == "Squeeze" else np.expand_dims(value, tuple(given))


def _gemm(node: Node, a: Array, b: Array, added: Array | None = None) -> Array:
    """Return the product of two matrices with what is added, as ONNX' ``Gemm`` has it."""
    first, second = (value.T if node.attributes.get(key, 0) else value for key, value in (("transA", a), ("transB", b)))
    product_of: Array = node.attributes.get("alpha", 1.0) * (first @ second)
    return product_of if added is None else product_of + node.attributes.get("beta", 1.0) * added


def _slice(value: Array, starts: Array, ends: Array, axes: Array | None = None, steps: Array | None = None) -> Array:
    """Return a part of an array, as ONNX' ``Slice`` takes it."""
    places = [slice(None)] * value.ndim
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        axis = number if axes is None else int(axes[number])
        step = 1 if steps is None else int(steps[number])
        places[axis] = slice(start, end if abs(end) < 1 << 62 else None, step)
    return value[tuple(places)]


def cell_of(step: Step) -> FoundCell | None:
    """Return the cell that gives what a step gives; ``None`` if there is none."""
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
            return FoundCell(kind, order, parts, attributes)
    return None


def is_kept(step: Step) -> bool:
    """Tell whether a step that is not taken leaves the states as they are."""
    draw = np.random.default_rng(0)
    inputs, hidden = step.widths
    states = [draw.normal(size=(PROBES, hidden)) for _ in step.states]
    values = step(draw.normal(size=(PROBES, inputs)), states, taken=False)
    return all(np.array_equal(values[name], state) for (_, name), state in zip(step.states, states, strict=True))


def _apart(step: Step, squashing: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Part the squashing functions into those of sums of input and state, and those that depend on others."""
    behind: dict[str, set[str]] = {}
    names = {node.outputs[0] for node in squashing}
    for node in step.nodes:
        below = {name for entry in node.inputs for name in behind.get(entry, ())} | (names & {*node.inputs})
        for output in node.outputs:
            behind[output] = below
    first = [node for node in squashing if not behind[node.outputs[0]]]
    return first, [node for node in squashing if behind[node.outputs[0]]]


def _affine(step: Step, name: str, forced: Mapping[str, float] | None = None) -> tuple[Array, Array, Array]:
    """Return W ``(H, D)``, U ``(H, H)`` and b ``(H,)`` of a value that is affine in the input and the state."""
    inputs, hidden = step.widths
    rows = 1 + inputs + hidden
    x, h = np.zeros((rows, inputs)), np.zeros((rows, hidden))
    x[1 : 1 + inputs], h[1 + inputs :] = np.eye(inputs), np.eye(hidden)
    values = step(x, [h] * len(step.states), forced)[name]
    if values.shape != (rows, hidden):
        raise NotPlainError
    return (values[1 : 1 + inputs] - values[0]).T, (values[1 + inputs :] - values[0]).T, values[0]


_WITH_SETTINGS: dict[str, Callable[..., Array]] = {
    "Gemm": _gemm, "Squeeze": _axes, "Unsqueeze": _axes,
    "Concat": lambda node, *given: np.concatenate(given, node.attributes.get("axis", 0)),
    "Gather": lambda node, value, places: np.take(value, places, node.attributes.get("axis", 0)),
    "Transpose": lambda node, value: value.transpose(node.attributes.get("perm")),
}  # fmt: skip
_Guess = tuple[str, tuple[int, ...], tuple[str, ...], dict[str, tuple[Array, Array, Array, Array]], dict[str, Any]]


def _guesses(step: Step, first: Sequence[Node], later: Sequence[Node]) -> Iterator[_Guess]:
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


def _parts_of_gru(step: Step, r: Node, z: Node, n: Node, keeps: bool) -> dict[str, tuple[Array, Array, Array, Array]]:
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
