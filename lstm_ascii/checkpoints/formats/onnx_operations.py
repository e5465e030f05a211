"""The operations of an ONNX graph in order of execution, including those of functions and subgraphs.

A function of the model is written out where it is called. Of an ``If`` whose condition is constant, the branch that
runs takes its place. What recurs in another branch, or in the body of a loop, can be read on its own: its operations
stand before the ``If`` or the loop that they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from lstm_ascii.cells import CELLS
from lstm_ascii.checkpoints.formats.contents import Site, Stored
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node, Operators
from lstm_ascii.checkpoints.formats.onnx_folding import fold
from lstm_ascii.checkpoints.formats.onnx_loops import LOOPS, LoopBody, recurrent_loop
from lstm_ascii.checkpoints.formats.onnx_tensors import NAME, Beside, tensor_of
from lstm_ascii.checkpoints.formats.protobuf import Message
from lstm_ascii.errors import FileError
from lstm_ascii.records import dataclass

MOST_NODES = 50_000
DEEPEST = 8  # graphs within graphs
RECURRENT = frozenset(cell.name for cell in CELLS.values())
QUANTIZED = "com.microsoft.DynamicQuantizeLSTM"
_BODIES = {"Loop": ("body",), "Scan": ("body",), "If": ("then_branch", "else_branch")}


class GraphFields:
    """Field numbers of ``GraphProto``; those of the others follow."""

    NODES, TENSORS, INPUTS, OUTPUTS, SPARSE = 1, 5, 11, 12, 15


class _Function:
    NAME, INPUTS, OUTPUTS, NODES, DOMAIN, DEFAULTS = 1, 4, 5, 7, 10, 11


class _Node:
    INPUTS, OUTPUTS, NAME, KIND, ATTRIBUTES, DOMAIN = 1, 2, 3, 4, 5, 7


class _Attribute:
    NAME, FLOAT, INTEGER, TEXT, TENSOR, GRAPH = 1, 2, 3, 4, 5, 6
    FLOATS, INTEGERS, TEXTS, GRAPHS, TYPE, REFERENCE = 7, 8, 9, 11, 20, 21


_VALUE_NAME = 1  # of a value that goes into a graph or comes out of it
# the types of attributes, and how their values are read
_PLAIN: dict[int, Callable[[Message], Any]] = {
    1: lambda entry: (entry.floats(_Attribute.FLOAT) or [0.0])[-1],
    2: lambda entry: entry.integer(_Attribute.INTEGER),
    3: lambda entry: entry.text(_Attribute.TEXT),
    6: lambda entry: tuple(entry.floats(_Attribute.FLOATS)),
    7: lambda entry: tuple(entry.integers(_Attribute.INTEGERS)),
    8: lambda entry: tuple(entry.texts(_Attribute.TEXTS)),
}
_TENSOR, _GRAPHS = 4, {5: _Attribute.GRAPH, 10: _Attribute.GRAPHS}


@dataclass(frozen=True)
class _Scope:
    """Where operations stand.

    Attributes:
        called: the names that values have outside of it.
        given: attributes of the call of a function.
        path: the graphs and functions around it, as in :class:`Site`.
    """

    called: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    path: tuple[tuple[int, str], ...] = ()

    @property
    def depth(self) -> int:
        """How many graphs and functions are around it."""
        return len(self.path)


class OperationReader:
    """Reads the operations of one model."""

    def __init__(self, path: Path, wrong: Callable[..., FileError], functions: Iterable[Message]) -> None:
        """Take the functions of the model.

        Args:
            path: of the file.
            wrong: makes errors.
            functions: ``FunctionProto`` each.
        """
        self.beside = Beside(path, wrong)
        self.wrong = wrong
        self._functions = {
            _qualified(function.text(_Function.DOMAIN), function.text(_Function.NAME)): function
            for function in functions
        }
        self._count = 0
        self._names: set[str] = set()  # of all values that are there
        self._labels: set[str] = set()  # of the operations
        self._reserved: set[str] = set()  # names that values will have
        self._number = 1

    def initialisers(self, graph: Message) -> dict[str, Stored]:
        """Return the tensors of a graph by name."""
        if graph.views(GraphFields.SPARSE):
            raise self.wrong("has sparse tensors, which can't be read here; export it with dense ones")
        tensors: dict[str, Stored] = {}
        for message in graph.messages(GraphFields.TENSORS):
            name = message.text(NAME)
            if not name or name in tensors:
                raise self.wrong(f"damaged: two tensors are called {shown(name)}" if name else "a tensor has no name")
            tensors[name] = tensor_of(message, shown(name), self.beside, self.wrong)
        return tensors

    def remaining(self, graph: Message, names: set[str], constants: Constants) -> list[Node]:
        """Return the operations that are left when the constants are worked out, without those that nothing needs.

        Args:
            graph: the model's.
            names: of its inputs and tensors.
            constants: which grow.
        """
        nodes = []
        self._names, self._reserved = names, _written(graph, GraphFields.NODES)
        for node in self._flat(graph, _Scope(), constants):
            for name in filter(None, node.inputs):
                if name not in names:
                    raise self.wrong(
                        f"damaged: the operation {node.label} reads {shown(name)}, which nothing before it writes"
                    )
            for name in filter(None, node.outputs):
                if name in names:
                    raise self.wrong(
                        f"damaged: the operation {node.label} writes {shown(name)}, which is there already"
                    )
                names.add(name)
            if not fold(constants, node):
                nodes.append(node)
        return needed(nodes, value_names(graph, GraphFields.OUTPUTS))

    def _flat(
        self, graph: Message, scope: _Scope, constants: Constants, number: int = GraphFields.NODES
    ) -> Iterator[Node]:
        """Yield the operations of a graph or function, and of those within it, in their order."""
        views = graph.views(number)
        self._count += len(views)
        if self._count > MOST_NODES:
            raise self.wrong(f"has {self._count} operations; at most {MOST_NODES} are read")
        if scope.depth > DEEPEST:
            raise self.wrong(f"has graphs within graphs, more than {DEEPEST} deep")
        for place, view in enumerate(views):
            message = Message(view, graph.budget)
            node = self._called(self._node(message, scope.depth, scope.given), scope)
            function = self._functions.get(node.kind)
            if function is not None:
                inner = replace(scope, path=(*scope.path, (place, "")))
                yield from self._written_out(node, function, inner, constants)
            elif node.kind in _BODIES:
                yield from self._with_bodies(node, message, (scope, place), constants)
            else:
                yield node

    def _called(self, node: Node, scope: _Scope) -> Node:
        """Return an operation with the names that values and operations have outside of its scope."""
        node = replace(node, site=Site(scope.path, node.inputs, node.outputs))
        if not scope.depth:
            self._labels.add(node.name)
            return node
        label = node.name
        while label and label in self._labels:
            self._number += 1
            label = f"{node.name}~{self._number}"
        self._labels.add(label)
        called = scope.called
        return replace(
            node,
            name=label,
            inputs=tuple(called.get(name, name) for name in node.inputs),
            outputs=tuple(called.get(name, name) for name in node.outputs),
            captured=frozenset(called.get(name, name) for name in node.captured),
        )

    def _free(self, names: Iterable[str]) -> dict[str, str]:
        """Return names that no value has yet, for values of an inner scope."""
        free: dict[str, str] = {}
        for name in filter(None, names):
            new = name
            while new in self._names or new in self._reserved:
                self._number += 1
                new = f"{name}~{self._number}"
            free[name] = new
            self._reserved.add(new)
        return free

    def _written_out(self, node: Node, function: Message, scope: _Scope, constants: Constants) -> Iterator[Node]:
        """Yield the operations of a function in place of its call; ``scope`` is that of these."""
        inputs, outputs = function.texts(_Function.INPUTS), function.texts(_Function.OUTPUTS)
        if len(inputs) < len(node.inputs) or len(outputs) < len(node.outputs):
            raise self.wrong(f"damaged: the operation {node.label} calls a function with too many values")
        called = dict(zip_longest(inputs, node.inputs, fillvalue=""))
        passed = [(name, value) for name, value in zip(outputs, node.outputs, strict=False) if name in called and value]
        written = _written(function, _Function.NODES) - called.keys()
        called |= self._free(written)
        called |= {name: value for name, value in zip(outputs, node.outputs, strict=False) if value and name in written}
        defaults = {
            entry.text(_Attribute.NAME): self._attribute(entry, scope.depth, set())
            for entry in function.messages(_Function.DEFAULTS)
        }
        inner = _Scope(called, {**defaults, **node.attributes}, scope.path)
        yield from self._flat(function, inner, constants, _Function.NODES)
        for name, value in passed:
            yield Node("Identity", "", (called[name],), (value,), {})

    def _with_bodies(
        self, node: Node, message: Message, at: tuple[_Scope, int], constants: Constants
    ) -> Iterator[Node]:
        """Yield what runs of the graphs within an operation, or what recurs in them, and the operation itself.

        Args:
            node: the operation.
            message: the same.
            at: where it stands, and its place there.
            constants: which grow.
        """
        scope, place = at
        bodies = [(name, body) for name in _BODIES[node.kind] for body in _graphs_called(message, name)]
        condition = constants.get(node.inputs[0]) if node.kind == "If" and node.inputs else None
        if condition is not None and len(bodies) == 2 and len(condition.shape) <= 1:
            name, body = bodies[0 if condition.load().reshape(-1)[:1].any() else 1]
            called = self._entered(body, scope, constants)
            yield from self._flat(body, replace(scope, called=called, path=(*scope.path, (place, name))), constants)
            for name, value in zip(value_names(body, GraphFields.OUTPUTS), node.outputs, strict=False):
                if value:
                    yield Node("Identity", "", (called.get(name, name),), (value,), {})
            return
        if node.kind in LOOPS and len(bodies) == 1:
            made = recurrent_loop(node, self._loop_body(bodies[0][1], scope, constants), constants)
            if made is not None:
                self._names |= {name for one in made if one.kind in RECURRENT for name in one.inputs[1:4]}
                yield from made
                return
        kinds = [kind for value in node.attributes.values() if isinstance(value, Operators) for kind in value]
        if not {*kinds} & (RECURRENT | {QUANTIZED}):
            yield node
            return
        captured = set(node.captured)
        for part, body in bodies:
            called = self._entered(body, scope, constants)
            self._names |= {called[name] for name in value_names(body, GraphFields.INPUTS) if name in called}
            yield from self._flat(body, replace(scope, called=called, path=(*scope.path, (place, part))), constants)
            captured |= {called.get(name, name) for name in value_names(body, GraphFields.OUTPUTS)}
        yield replace(node, captured=frozenset(captured))

    def _loop_body(self, body: Message, scope: _Scope, constants: Constants) -> LoopBody:
        """Return the graph of a loop with the constants that it reads, its own and those around it."""
        tensors = self.initialisers(body)
        nodes = []
        for message in body.messages(GraphFields.NODES):
            node = self._node(message, scope.depth + 1, scope.given)
            value = node.attributes.get("value")
            if node.kind == "Constant" and isinstance(value, Stored) and len(node.outputs) == 1:
                tensors[node.outputs[0]] = value
            else:
                nodes.append(node)
        inner = {*tensors, *value_names(body, GraphFields.INPUTS), *_written(body, GraphFields.NODES)}
        for name in {name for node in nodes for name in node.inputs if name} - inner:
            if (constant := constants.get(scope.called.get(name, name))) is not None:
                tensors[name] = constant
        return LoopBody(
            tuple(nodes),
            value_names(body, GraphFields.INPUTS),
            value_names(body, GraphFields.OUTPUTS),
            tensors,
            {name: outer for name, outer in scope.called.items() if name not in inner},
        )

    def _entered(self, body: Message, scope: _Scope, constants: Constants) -> dict[str, str]:
        """Bring in the tensors of a graph within the graph, and return the names of all its values."""
        tensors = self.initialisers(body)
        inputs = value_names(body, GraphFields.INPUTS)
        called = self._free([*tensors, *inputs, *_written(body, GraphFields.NODES)])
        for name, value in tensors.items():
            constants.inline[called[name]] = constants.stored[called[name]] = value
            self._names.add(called[name])
        return {**scope.called, **called}

    def _node(self, message: Message, depth: int, given: Mapping[str, Any]) -> Node:
        attributes: dict[str, Any] = {}
        captures: set[str] = set()
        for entry in message.messages(_Node.ATTRIBUTES):
            name, reference = entry.text(_Attribute.NAME), entry.text(_Attribute.REFERENCE)
            if not reference:
                attributes[name] = self._attribute(entry, depth, captures)
            elif reference in given:
                attributes[name] = given[reference]
        return Node(
            _qualified(message.text(_Node.DOMAIN), message.text(_Node.KIND)),
            message.text(_Node.NAME),
            tuple(message.texts(_Node.INPUTS)),
            tuple(message.texts(_Node.OUTPUTS)),
            attributes,
            frozenset(captures),
        )

    def _attribute(self, entry: Message, depth: int, captures: set[str]) -> Any:
        """Return the value of an attribute; of a graph only the names of its operators, whose inputs are noted."""
        kind = entry.integer(_Attribute.TYPE)
        if kind in _PLAIN:
            return _PLAIN[kind](entry)
        if kind in _GRAPHS:
            return self._kinds_within(entry.messages(_GRAPHS[kind]), depth + 1, captures)
        name = shown(entry.text(_Attribute.NAME))
        if kind == _TENSOR and entry.views(_Attribute.TENSOR):
            return tensor_of(entry.messages(_Attribute.TENSOR)[-1], f"in the attribute {name}", self.beside, self.wrong)
        raise self.wrong(f"the attribute {name} is of type {kind}, which can't be read here")

    def _kinds_within(self, graphs: Iterable[Message], depth: int, captures: set[str]) -> Operators:
        """Return the operators of graphs within this one."""
        if depth > DEEPEST:
            raise self.wrong(f"has graphs within graphs, more than {DEEPEST} deep")
        kinds: list[str] = []
        for graph in graphs:
            captures |= {*value_names(graph, GraphFields.OUTPUTS)}
            for message in graph.messages(GraphFields.NODES):
                node = self._node(message, depth, {})
                captures |= {*node.inputs, *node.captured}
                kinds += [node.kind]
                kinds += [kind for value in node.attributes.values() if isinstance(value, Operators) for kind in value]
        return Operators(kinds)


def value_names(graph: Message, number: int) -> tuple[str, ...]:
    """Return the names of what goes into a graph or comes out of it."""
    return tuple(value.text(_VALUE_NAME) for value in graph.messages(number))


def _qualified(domain: str, kind: str) -> str:
    """Return an operator with its domain ahead, where that is not ONNX's own."""
    return kind if domain in ("", "ai.onnx") else f"{domain}.{kind}"


def _written(graph: Message, number: int) -> set[str]:
    """Return the names of the values that the operations of a graph or function write."""
    return {name for message in graph.messages(number) for name in message.texts(_Node.OUTPUTS) if name}


def _graphs_called(message: Message, name: str) -> list[Message]:
    """Return the graph that an attribute of an operation holds."""
    entries = (entry for entry in message.messages(_Node.ATTRIBUTES) if entry.text(_Attribute.NAME) == name)
    return [graph for entry in entries for graph in entry.messages(_Attribute.GRAPH)[-1:]]


def needed(nodes: list[Node], outputs: Iterable[str]) -> list[Node]:
    """Return the operations that an output or a recurrent layer depends on, in the same order."""
    names, operations = set(outputs), []
    for node in reversed(nodes):
        if node.kind in RECURRENT | {QUANTIZED} or not names.isdisjoint(node.outputs):
            names |= {*node.inputs, *node.captured, *node.masks}
            operations.append(node)
    return operations[::-1]
