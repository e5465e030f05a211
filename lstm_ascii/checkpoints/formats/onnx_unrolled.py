"""Unrolled cells in an ONNX graph: the steps of a cell are replaced by one recurrent node.

They are found by their weights: a chain of products with the same matrix, each of which depends on the one before.
Between two of them is one step. All steps must be the same, operation for operation; which cell a step is,
:mod:`~lstm_ascii.checkpoints.formats.onnx_cells` finds out by computing it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.onnx_cells import (
    IMPOSSIBLE,
    SQUASHING,
    NotPlainError,
    Step,
    cell_of,
    with_single_gates,
    with_widths,
)
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node
from lstm_ascii.checkpoints.formats.onnx_dependencies import Operations
from lstm_ascii.checkpoints.formats.onnx_matching import made_alike, made_of, matched
from lstm_ascii.checkpoints.formats.onnx_rolled import Unrolled, with_node
from lstm_ascii.records import dataclass

MOST_NODES = 20_000  # of a graph in which chains are searched for
MOST_CELLS = 32
MOST_KINDS = 8  # operators that are named
MOST_IN_A_STEP = 256
FOLDED = 1e-5  # tolerance for what an exporter has folded into a constant
MOST_TRIED = 64  # values that may be the state of the last step
MOST_COMPARED = 4096  # values of a first step
MOST_AHEAD = 64  # operations between the input of a step and its state
PRODUCTS = ("MatMul", "Gemm")


def rolled_up(nodes: Sequence[Node], outputs: Sequence[str], constants: Constants) -> list[Node]:
    """Return the operations with a recurrent node in place of every unrolled cell.

    Args:
        nodes: in an order in which they can be executed.
        outputs: of the graph.
        constants: of the graph; the cells' weights join them.
    """
    rolled = list(nodes)
    for _ in range(MOST_CELLS):
        if len(rolled) > MOST_NODES or not any(node.kind in SQUASHING for node in rolled):
            break
        operations = Operations(rolled, constants)
        with np.errstate(all="ignore"):
            made = next((made for chain in chains(operations) if (made := _rolled(operations, chain, outputs))), None)
        if made is None:
            break
        rolled = made
    return rolled


def unread_chains(nodes: Sequence[Node], constants: Constants) -> tuple[str, ...]:
    """Describe chains of steps that are no known cell, safe to print.

    Args:
        nodes: of the graph, as :func:`rolled_up` returns them.
        constants: of the graph.
    """
    if len(nodes) > MOST_NODES or not any(node.kind in SQUASHING for node in nodes):
        return ()
    said = []
    for chain in chains(Operations(nodes, constants)):
        first, second = chain[:2]
        kinds = dict.fromkeys(node.kind for node in nodes[first + 1 : second])
        if any(kind in SQUASHING for kind in kinds):
            name = nodes[first].inputs[1]
            shape = constants.known(name).shape
            within = ", ".join(map(shown, list(kinds)[:MOST_KINDS])) + (", …" if len(kinds) > MOST_KINDS else "")
            said.append(f"{len(chain)} times {nodes[first].kind} with {shown(name)} {shape}, then {within}")
    return tuple(said)


def chains(operations: Operations) -> Iterator[list[int]]:
    """Yield the indices of at least two products with the same matrix, each of which depends on the one before."""
    groups: dict[object, list[int]] = {}
    for place, node in enumerate(operations.nodes):
        if node.kind in PRODUCTS and len(node.inputs) > 1:
            weight = operations.constants.stored.get(node.inputs[1])
            if weight is not None and len(weight.shape) == 2:
                groups.setdefault((node.kind, weight.shape, weight.dtype), []).append(place)
    for group in groups.values():
        names = dict.fromkeys(operations.nodes[place].inputs[1] for place in group)
        several = 1 < len(names) <= len(group)
        contents = {name: operations.content(name) if several else b"" for name in names}
        by_content: dict[bytes, list[int]] = {}
        for place in group:
            by_content.setdefault(contents[operations.nodes[place].inputs[1]], []).append(place)
        for places in by_content.values():
            data = [operations.nodes[place].inputs[0] for place in places]
            ordered = zip(data[1:], places, strict=False)
            if len(places) > 1 and all(operations.depends(value, before) for value, before in ordered):
                yield places


@dataclass(frozen=True, eq=False)
class _Template:
    """One step, which stands for all.

    Attributes:
        before, after: its state h.
        nodes: its operations, in order.
        carried: its other states, before and after the step.
        x: its input.
        products: whether the input is multiplied by a matrix within the step.
    """

    before: str
    after: str
    nodes: tuple[Node, ...]
    carried: tuple[tuple[str, str], ...]
    x: str
    products: bool


_Matched = Mapping[str, str]  # the values of another step by those of the template


def _rolled(operations: Operations, chain: Sequence[int], outputs: Sequence[str]) -> list[Node] | None:
    """Return all operations with one node in place of a chain of steps; ``None`` if they are no cell."""
    try:
        states = _states(operations, chain)
        template = _template(operations, states)
        steps = [_matched(operations, template, before, after) for before, after in pairwise(states)]
        steps.append(_last(operations, template, chain[-1], states[-1]))
        step = _step(operations, template)
        steps = [*_first(operations, template, step, steps[0]), *steps]
        cell = cell_of(step)
        if cell is None:
            return None
        both = ((template.before, template.after), *template.carried)
        found = Unrolled(
            cell,
            tuple(step[template.x] for step in steps),
            tuple(tuple(step[after] for step in steps) for _, after in both),
            tuple(steps[0][before] for before, _ in both),
            template.products,
            _read(operations, steps),
        )
        return with_node(operations, found, outputs)
    except IMPOSSIBLE:
        return None


def _states(operations: Operations, chain: Sequence[int]) -> list[str]:
    """Return the state that each product of a chain reads, alone or concatenated with the input."""
    first = operations.nodes[chain[1]].inputs[0]
    maker = operations.maker(operations.root(first))
    if maker is None or maker.kind != "Concat":
        return [operations.root(operations.nodes[place].inputs[0]) for place in chain]
    places = [place for place, name in enumerate(maker.inputs) if operations.depends(name, chain[0])]
    if len(places) != 1:
        raise NotPlainError
    states = []
    for place in chain:
        beside = operations.maker(operations.root(operations.nodes[place].inputs[0]))
        if beside is None or beside.kind != "Concat" or len(beside.inputs) != len(maker.inputs):
            raise NotPlainError
        states.append(operations.root(beside.inputs[places[0]]))
    return states


def _template(operations: Operations, states: Sequence[str]) -> _Template:
    """Return a step from the middle, if there is one: the first may start from constants."""
    number = 1 if len(states) > 2 else 0
    before, after = states[number], states[number + 1]
    own, borders = _body(operations, before, after)
    names = {name for node in own for name in node.outputs}
    carried: list[tuple[str, str]] = []
    reads: list[str] = []
    following = _later(operations, states, number, frozenset(borders))
    for border in borders:
        later = following.get(border, "")
        if later in names:
            carried.append((border, later))
        else:
            reads.append(border)
    ahead, x, products = _ahead(operations, own, reads)
    return _Template(before, after, (*ahead, *own), tuple(carried), x, products)


def _later(operations: Operations, states: Sequence[str], number: int, borders: Collection[str]) -> Mapping[str, str]:
    """Return the values of the next step for those of a step, which begins at the state of that number."""
    before, after = states[number : number + 2]
    if number + 2 < len(states):
        return matched(operations, (before, after), (after, states[number + 2]), borders)
    for candidate in islice(made_alike(operations, after, after), MOST_TRIED):
        try:
            return matched(operations, (before, after), (after, candidate), borders)
        except NotPlainError:
            continue
    raise NotPlainError


def _body(operations: Operations, before: str, after: str) -> tuple[list[Node], list[str]]:
    """Return the operations between one state and the next, and the other values that they read."""
    start = operations.makers.get(before)
    reach = {before}
    if start is None:  # the first step: what depends on a constant, or on an input of the model
        for node in operations.nodes[: operations.makers[after] + 1]:
            if not reach.isdisjoint(node.inputs):
                reach |= {*node.outputs}

    def within(value: str) -> bool:
        return value in reach if start is None else operations.depends(value, start)

    places: set[int] = set()
    borders: dict[str, None] = {}
    waiting = [after]
    while waiting:
        place = operations.makers[waiting.pop()]
        if place in places:
            continue
        places.add(place)
        for name in operations.nodes[place].inputs:
            if not name or name == before or operations.constant(name):
                continue
            if within(name):
                waiting.append(name)
            else:
                borders[name] = None
    return [operations.nodes[place] for place in sorted(places)], list(borders)


def _ahead(operations: Operations, own: Sequence[Node], reads: Sequence[str]) -> tuple[list[Node], str, bool]:
    """Return the operations between a step's input and its state, the input, and whether it is multiplied."""
    ahead: dict[int, Node] = {}
    frontier = set(reads)
    while len(ahead) <= MOST_AHEAD and frontier:
        nodes = [*(ahead[place] for place in sorted(ahead)), *own]
        multiplied = _is_multiplied(nodes, frontier)
        latest = max(frontier, key=lambda name: operations.makers.get(name, -1))
        maker = operations.maker(latest)
        if len(frontier) == 1 and (multiplied or maker is None or not _is_affine(operations, maker)):
            return [ahead[place] for place in sorted(ahead)], latest, multiplied
        if maker is None:
            break
        ahead[operations.makers[latest]] = maker
        frontier = (frontier - {*maker.outputs}) | {
            name for name in maker.inputs if name and not operations.constant(name)
        }
    raise NotPlainError


def _is_multiplied(nodes: Sequence[Node], values: Iterable[str]) -> bool:
    """Tell whether some values are multiplied by a matrix before any squashing function."""
    reach = set(values)
    for node in nodes:
        if node.kind not in SQUASHING and not reach.isdisjoint(node.inputs):
            if node.kind in PRODUCTS:
                return True
            reach |= {*node.outputs}
    return False


def _is_affine(operations: Operations, node: Node) -> bool:
    """Tell whether an operation adds a constant to one value, or multiplies it with one."""
    others = [name for name in node.inputs if name and not operations.constant(name)]
    return len(others) == 1 and node.kind in ("Add", "Identity", "Cast", *PRODUCTS) and node.inputs[0] == others[0]


def _matched(operations: Operations, template: _Template, before: str, after: str) -> _Matched:
    """Return the values of another step for those of the template."""
    stops = frozenset({template.x, *(name for name, _ in template.carried)})
    return matched(operations, (template.before, template.after), (before, after), stops)


def _last(operations: Operations, template: _Template, place: int, before: str) -> _Matched:
    """Return the last step, whose state no other reads."""
    first = operations.nodes[operations.makers[template.after]]
    output = first.outputs.index(template.after)
    for node in operations.nodes[place + 1 :]:
        if node.kind == first.kind and operations.depends(node.outputs[0], place):
            try:
                return _matched(operations, template, before, node.outputs[output])
            except IMPOSSIBLE:
                continue
    raise NotPlainError


def _first(operations: Operations, template: _Template, step: Step, second: _Matched) -> list[_Matched]:
    """Return the step before the chain, if there is one: from a state of zero it has no product with the state."""
    state = second[template.before]
    if operations.maker(state) is None or operations.constant(state):
        return []
    found = _FromZero(operations, template, step).walked(state)
    if found is None or any(found.get(after) != second[before] for before, after in template.carried):
        return []
    return [found | dict.fromkeys((template.before, *(before for before, _ in template.carried)), "")]


class _FromZero:
    """The template at states of zero, matched with a step in which exporters have simplified what is then constant."""

    def __init__(self, operations: Operations, template: _Template, step: Step) -> None:
        draw = np.random.default_rng(0)
        inputs, hidden = step.widths
        whole = replace(step, nodes=template.nodes)
        self.values = whole(draw.normal(size=(1, inputs)), [np.zeros((1, hidden))] * len(step.states))
        self.operations, self.template = operations, template
        self.compared = 0
        self.moving = {template.x}
        for node in template.nodes:
            if not self.moving.isdisjoint(node.inputs):
                self.moving |= {*node.outputs}

    def walked(self, state: str) -> dict[str, str] | None:
        """Return the values of that step for those of the template, back from its state ``state``."""
        return self._walk(self.template.after, state, {})

    def _walk(self, one: str, two: str, found: dict[str, str]) -> dict[str, str] | None:
        """Return ``found`` with the two values and all that they are computed from; ``None`` if they differ."""
        self.compared += 1
        if self.compared > MOST_COMPARED:
            raise NotPlainError
        if one not in self.moving:
            value = self.operations.constants.get(two)
            same = value is not None and np.allclose(value.load(), self.values[one], rtol=FOLDED, atol=FOLDED)
            return found if same else None
        if found.get(one, two) != two:
            return None
        found = found | {one: two}
        if one == self.template.x:
            return found
        try:
            pairs = made_of(self.operations, one, two)
        except NotPlainError:
            pairs = None
        whole = None if pairs is None else self._walk_all(pairs, found)
        maker = self.operations.maker(one)
        if whole is None and maker is not None and maker.kind == "Add":
            left = [name for name in maker.inputs if self.values[name].any()]
            whole = self._walk(left[0], two, found) if len(left) == 1 else None
        return whole

    def _walk_all(self, pairs: Iterable[tuple[str, str]], found: dict[str, str]) -> dict[str, str] | None:
        for one, two in pairs:
            further = self._walk(one, two, found)
            if further is None:
                return None
            found = further
        return found


def _step(operations: Operations, template: _Template) -> Step:
    """Return the template as a function."""
    if len(template.nodes) > MOST_IN_A_STEP or len(template.carried) > 1:
        raise NotPlainError
    numbers: dict[str, Array] = {}
    for name in {name for node in template.nodes for name in node.inputs if name and operations.constant(name)}:
        loaded = operations.constants.known(name).load()
        numbers[name] = loaded.astype(float) if loaded.dtype.kind == "f" else loaded
    states = ((template.before, template.after), *template.carried)
    return with_widths(Step(with_single_gates(template.nodes), numbers, template.x, states, (0, 0)))


def _read(operations: Operations, steps: Sequence[_Matched]) -> tuple[str, ...]:
    """Return the names of the constants that the operations of all steps read."""
    makers = (operations.maker(value) for step in steps for value in step.values())
    names = (name for maker in makers if maker is not None for name in maker.inputs if operations.constant(name))
    return tuple(dict.fromkeys(names))
