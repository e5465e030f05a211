"""ONNX files, read as data: the graph, its weights, and what its recurrent nodes say about themselves.

The file is read in place by our own reader (see :mod:`~lstm_ascii.checkpoints.formats.protobuf`): the weights stay in
it until they are used, no other file is opened but the one in which exporters keep the weights, and nothing is run.
Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from lstm_ascii.cells import CELLS, cell_named
from lstm_ascii.checkpoints.formats.contents import FileContents, Graph, Operation, RecurrentLayer, Stored, Tensors
from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node, Operators
from lstm_ascii.checkpoints.formats.onnx_tensors import NAME, Beside, tensor_of
from lstm_ascii.checkpoints.formats.protobuf import Budget, Message, WireError
from lstm_ascii.checkpoints.formats.refused import unknown
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible

MOST_NODES = 50_000
DEEPEST = 8  # graphs within graphs
RECURRENT = frozenset(cell.name for cell in CELLS.values())
_INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
_WITHOUT_MEMORY = 6  # the last two inputs are those of a cell with a memory of its own


class _Model:
    """Field numbers of ``ModelProto``; those of the others follow."""

    PRODUCER, VERSION, GRAPH, METADATA = 2, 3, 7, 14


class _Graph:
    NODES, TENSORS, INPUTS, OUTPUTS, SPARSE = 1, 5, 11, 12, 15


class _Node:
    INPUTS, OUTPUTS, NAME, KIND, ATTRIBUTES, DOMAIN = 1, 2, 3, 4, 5, 7


class _Attribute:
    NAME, FLOAT, INTEGER, TEXT, TENSOR, GRAPH = 1, 2, 3, 4, 5, 6
    FLOATS, INTEGERS, TEXTS, GRAPHS, TYPE = 7, 8, 9, 11, 20


_NAME = 1  # of a value that goes into a graph or comes out of it
_KEY, _VALUE = 1, 2  # of the metadata
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


def read_onnx(path: Path) -> FileContents:
    """Return what an ONNX file holds.

    Raises:
        FileError: it can't be opened, is damaged, or has its weights in a file that is never opened.
    """
    data = mapped(path)
    wrong = partial(damaged, path)
    try:
        model = Message(data, Budget())
        graphs = model.messages(_Model.GRAPH)
        if not graphs:
            raise wrong("an ONNX model without a graph") if path.suffix == ".onnx" else unknown(path)
        if len(graphs) > 1:
            raise wrong("damaged: it has two graphs")
        metadata = {"producer": f"{model.text(_Model.PRODUCER)} {model.text(_Model.VERSION)}".strip()}
        metadata |= {entry.text(_KEY): entry.text(_VALUE) for entry in model.messages(_Model.METADATA)}
        return _Reader(path, wrong, len(data)).contents(visible(str(path)), graphs[0], metadata)
    except WireError as error:
        raise wrong(f"damaged: no ONNX model that can be read: {error}") from error


class _Reader:
    """Reads one graph."""

    def __init__(self, path: Path, wrong: Callable[..., FileError], file_size: int) -> None:
        self.beside = Beside(path, wrong)
        self.wrong = wrong
        self.file_size = file_size

    def contents(self, path: str, graph: Message, metadata: dict[str, str]) -> FileContents:
        """Return the graph with all that is constant worked out."""
        initial = self._initialisers(graph)
        constants = Constants(initial, self.file_size, self.wrong)
        inputs = tuple(name for name in _names(graph, _Graph.INPUTS) if name not in initial)
        outputs = _names(graph, _Graph.OUTPUTS)
        nodes = self._remaining(graph, {*inputs, *initial}, constants)
        tensors = initial | {name: value for name, value in constants.inline.items() if _is_weight(value)}
        return FileContents(
            path=path,
            format="ONNX",
            tensors=Tensors(tensors),
            metadata=metadata,
            layers=tuple(_layer(node, constants) for node in nodes if node.kind in RECURRENT),
            graph=Graph(tuple(_operation(node, constants) for node in nodes), inputs, outputs),
            beside=self.beside.size,
            origins=constants.origins,
        )

    def _initialisers(self, graph: Message) -> dict[str, Stored]:
        """Return the tensors of a graph by name."""
        if graph.views(_Graph.SPARSE):
            raise self.wrong("has sparse tensors, which can't be read here; export it with dense ones")
        tensors: dict[str, Stored] = {}
        for message in graph.messages(_Graph.TENSORS):
            name = message.text(NAME)
            if not name or name in tensors:
                raise self.wrong(f"damaged: two tensors are called {shown(name)}" if name else "a tensor has no name")
            tensors[name] = tensor_of(message, shown(name), self.beside, self.wrong)
        return tensors

    def _remaining(self, graph: Message, names: set[str], constants: Constants) -> list[Node]:
        """Return the operations that are left when the constants are worked out, without those that nothing needs."""
        nodes = []
        views = graph.views(_Graph.NODES)
        if len(views) > MOST_NODES:
            raise self.wrong(f"has {len(views)} operations; at most {MOST_NODES} are read")
        for view in views:
            node = self._node(Message(view, graph.budget), 0)
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
            if not constants.take(node):
                nodes.append(node)
        return _needed(nodes, _names(graph, _Graph.OUTPUTS))

    def _node(self, message: Message, depth: int) -> Node:
        domain = message.text(_Node.DOMAIN)
        kind = message.text(_Node.KIND)
        attributes: dict[str, Any] = {}
        captures: set[str] = set()
        for entry in message.messages(_Node.ATTRIBUTES):
            attributes[entry.text(_Attribute.NAME)] = self._attribute(entry, depth, captures)
        return Node(
            kind if domain in ("", "ai.onnx") else f"{domain}.{kind}",
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
            captures |= {*_names(graph, _Graph.OUTPUTS)}
            for message in graph.messages(_Graph.NODES):
                node = self._node(message, depth)
                captures |= {*node.inputs, *node.captured}
                kinds += [node.kind]
                kinds += [kind for value in node.attributes.values() if isinstance(value, Operators) for kind in value]
        return Operators(kinds)


def _names(graph: Message, number: int) -> tuple[str, ...]:
    """Return the names of what goes into a graph or comes out of it."""
    return tuple(value.text(_NAME) for value in graph.messages(number))


def _needed(nodes: list[Node], outputs: Iterable[str]) -> list[Node]:
    """Return the operations that an output or a recurrent layer depends on, in the same order."""
    names, operations = set(outputs), []
    for node in reversed(nodes):
        if node.kind in RECURRENT or not names.isdisjoint(node.outputs):
            names |= {*node.inputs, *node.captured}
            operations.append(node)
    return operations[::-1]


def _is_weight(value: Stored) -> bool:
    """Tell whether a constant can be a weight, as against a size or a factor."""
    return "float" in value.dtype and bool(value.shape)


def _layer(node: Node, constants: Constants) -> RecurrentLayer:
    """Return what a recurrent node says about itself."""
    roles = _INPUTS if "c" in cell_named(node.kind).state_names else _INPUTS[:_WITHOUT_MEMORY]
    constants_by_role = {role: constants.get(name) for role, name in zip(roles, node.inputs, strict=False) if name}
    tensors = Tensors({role: value for role, value in constants_by_role.items() if value is not None})
    return RecurrentLayer(node.kind, node.name, tensors, dict(node.attributes), node.inputs, node.outputs)


def _operation(node: Node, constants: Constants) -> Operation:
    """Return a node with those of its inputs that are constant."""
    values = {name: constants.get(name) for name in node.inputs if name}
    tensors = Tensors({name: value for name, value in values.items() if value is not None})
    attributes = {name: value.load() if isinstance(value, Stored) else value for name, value in node.attributes.items()}
    return Operation(node.kind, node.name, node.inputs, node.outputs, attributes, tensors)
