"""Cells that an ONNX graph has step by step, once for each: the recurrent node that they are.

What recurs is found by its weights: a chain of products with the same matrix, each of which depends on the one before.
Between two of them lies one step. All steps have to be the same, operation for operation; which cell one is,
:mod:`~lstm_ascii.checkpoints.formats.onnx_cells` finds by computing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from lstm_ascii.checkpoints.formats.onnx_rolled import Unrolled, with_node
from lstm_ascii.records import dataclass

MOST_NODES = 20_000  # of a graph in which chains are looked for
MOST_CELLS = 32
MOST_KINDS = 8  # that are named
MOST_IN_A_STEP = 256
FOLDED = 1e-5  # how far what an exporter computed ahead may be off
MOST_TRIED = 64  # values that may be the state of the last step
MOST_COMPARED = 4096  # values of a first step
MOST_AHEAD = 64  # operations between what a step reads and its state
PRODUCTS = ("MatMul", "Gemm")


def rolled_up(nodes: Sequence[Node], outputs: Sequence[str], constants: Constants) -> list[Node]:
    """Return the operations with a recurrent node in place of every cell that was unrolled.

    Args:
        nodes: in an order in which they can be done.
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
    """Say of what recurs step by step, and is no cell that was found, how it does; safe to print.

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
    """Yield the places of products with the same matrix, at least two, each of which depends on the one before."""
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
    """What all steps are: one of them.

    Attributes:
        before, after: its state h.
        nodes: its operations, in order.
        carried: its other states, before and after the step.
        x: what it reads.
        products: how many products lie between that and the squashing functions.
    """

    before: str
    after: str
    nodes: tuple[Node, ...]
    carried: tuple[tuple[str, str], ...]
    x: str
    products: bool


_Matched = Mapping[str, str]  # what the values of the template are in another step


def _rolled(operations: Operations, chain: Sequence[int], outputs: Sequence[str]) -> list[Node] | None:
    """Return all operations with one node in place of a chain of steps; ``None`` where they are no cell."""
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
    """Return the state that each product of a chain reads, alone or beside the input."""
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
    """Return a step out of the middle, if there is one: the first may start at constants."""
    number = 1 if len(states) > 2 else 0
    before, after = states[number], states[number + 1]
    own, borders = _body(operations, before, after)
    names = {name for node in own for name in node.outputs}
    carried: list[tuple[str, str]] = []
    reads: list[str] = []
    following = _later(operations, before, after, states, number)
    for border in borders:
        later = following.get(border, "")
        if later in names:
            carried.append((border, later))
        else:
            reads.append(border)
    ahead, x, products = _ahead(operations, own, reads)
    return _Template(before, after, (*ahead, *own), tuple(carried), x, products)


def _later(operations: Operations, before: str, after: str, states: Sequence[str], number: int) -> Mapping[str, str]:
    """Return what the borders of a step are in the next."""
    if number + 2 < len(states):
        return _walked(operations, (before, after), (after, states[number + 2]), frozenset())
    for candidate in islice(_alike(operations, after, after), MOST_TRIED):
        try:
            return _walked(operations, (before, after), (after, candidate), frozenset())
        except NotPlainError:
            continue
    raise NotPlainError


def _body(operations: Operations, before: str, after: str) -> tuple[list[Node], list[str]]:
    """Return the operations on the way from one state to the next, and the other values that they read."""
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
    """Return what lies between the one value that a step reads and its state, that value, and if it is multiplied."""
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
    """Tell whether a matrix is multiplied with some values, before any squashing function."""
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
    """Return what the template's values are in another step."""
    stops = frozenset({template.x, *(name for name, _ in template.carried)})
    return _walked(operations, (template.before, template.after), (before, after), stops)


def _walked(
    operations: Operations, own: tuple[str, str], other: tuple[str, str], stops: frozenset[str]
) -> Mapping[str, str]:
    """Walk two steps side by side, from the state behind to that ahead, and return which values stand for which.

    Where no ``stops`` are given, the walk ends at values that don't depend on the state ahead.

    Raises:
        NotPlainError: they are not the same.
    """
    found: dict[str, str] = {}
    borders = stops or frozenset(_body(operations, *own)[1])
    waiting = [(own[1], other[1])]
    while waiting:
        one, two = waiting.pop()
        if not operations.same(found.setdefault(one, two), two):
            raise NotPlainError
        if one == own[0]:
            if not operations.same(operations.root(two), operations.root(other[0])):
                raise NotPlainError
            continue
        if one in borders:
            continue
        below = _below(operations, one, two)
        waiting += [(name, value) for name, value in below if found.get(name) != value]
    return found


def _below(operations: Operations, one: str, two: str) -> list[tuple[str, str]]:
    """Return what two values are made of, side by side, where that is no constant.

    Raises:
        NotPlainError: they are not made in the same way.
    """
    first, second = operations.maker(one), operations.maker(two)
    if first is None or second is None or not _alike_nodes(first, second):
        raise NotPlainError
    if first.outputs.index(one) != second.outputs.index(two):
        raise NotPlainError
    pairs = []
    for name, value in zip(first.inputs, second.inputs, strict=True):
        if name and not operations.constant(name):
            pairs.append((name, value))
        elif not operations.same(name, value):
            raise NotPlainError
    return pairs


def _alike_nodes(one: Node, other: Node) -> bool:
    """Tell whether two operations do the same."""
    settings = [{key: str(value) for key, value in node.attributes.items()} for node in (one, other)]
    return (
        one.kind == other.kind
        and len(one.inputs) == len(other.inputs)
        and len(one.outputs) == len(other.outputs)
        and settings[0] == settings[1]
    )


def _alike(operations: Operations, like: str, behind: str) -> Iterator[str]:
    """Yield what is made as a value is, and depends on another."""
    first, start = operations.maker(like), operations.makers.get(behind)
    if first is None or start is None:
        return
    output = first.outputs.index(like)
    for node in operations.nodes[start + 1 :]:
        if _alike_nodes(first, node) and operations.depends(node.outputs[0], start):
            yield node.outputs[output]


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
    """Return the step before those of the chain, which has no product with the state where that starts at zero."""
    state = second[template.before]
    if operations.maker(state) is None or operations.constant(state):
        return []
    found = _FromZero(operations, template, step).walked(state)
    if found is None or any(found.get(after) != second[before] for before, after in template.carried):
        return []
    return [found | dict.fromkeys((template.before, *(before for before, _ in template.carried)), "")]


class _FromZero:
    """The template at states of zero, beside a step in which what follows from that was worked out or left out."""

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
        """Return what the template's values are, to a state of that step."""
        return self._walk(self.template.after, state, {})

    def _walk(self, one: str, two: str, found: dict[str, str]) -> dict[str, str] | None:
        """Return what was found, and that two values are the same; ``None`` where they aren't."""
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
            pairs = _below(self.operations, one, two)
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
    """Return the constants that the operations of all steps read."""
    makers = (operations.maker(value) for step in steps for value in step.values())
    names = (name for maker in makers if maker is not None for name in maker.inputs if operations.constant(name))
    return tuple(dict.fromkeys(names))
