"""ONNX files, read as data: the graph, its weights, and its recurrent nodes.

The file is read in place by our own reader (see :mod:`~lstm_ascii.checkpoints.formats.protobuf`): the weights stay in
it until they are used, no other file is opened but the one in which exporters keep the weights, and nothing is run.
Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lstm_ascii.cells import cell_named
from lstm_ascii.checkpoints.formats.contents import FileContents, Graph, Operation, RecurrentLayer, Stored, Tensors
from lstm_ascii.checkpoints.formats.files import damaged, mapped
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node
from lstm_ascii.checkpoints.formats.onnx_operations import RECURRENT, GraphFields, OperationReader, value_names
from lstm_ascii.checkpoints.formats.onnx_quantized import plain_lstm
from lstm_ascii.checkpoints.formats.onnx_unrolled import rolled_up, unread_chains
from lstm_ascii.checkpoints.formats.protobuf import Budget, Message, WireError
from lstm_ascii.checkpoints.formats.refused import unknown
from lstm_ascii.language.text import visible

_INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
_WITHOUT_MEMORY = 6  # the last two inputs are those of a cell with a memory of its own


class _Model:
    """Field numbers of ``ModelProto``."""

    PRODUCER, VERSION, GRAPH, METADATA, FUNCTIONS = 2, 3, 7, 14, 25


_KEY, _VALUE = 1, 2  # of the metadata


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
        reader = OperationReader(path, wrong, model.messages(_Model.FUNCTIONS))
        return _contents(visible(str(path)), reader, graphs[0], metadata, len(data))
    except WireError as error:
        raise wrong(f"damaged: no ONNX model that can be read: {error}") from error


def _contents(
    path: str, reader: OperationReader, graph: Message, metadata: dict[str, str], file_size: int
) -> FileContents:
    """Return a graph with all that is constant worked out."""
    initial = reader.initialisers(graph)
    constants = Constants(initial, file_size, reader.wrong)
    inputs = tuple(name for name in value_names(graph, GraphFields.INPUTS) if name not in initial)
    outputs = value_names(graph, GraphFields.OUTPUTS)
    nodes = [plain_lstm(node, constants) for node in reader.remaining(graph, {*inputs, *initial}, constants)]
    nodes = rolled_up(nodes, outputs, constants)
    layers = tuple(_layer(node, constants) for node in nodes if node.kind in RECURRENT)
    tensors = initial | {name: value for name, value in constants.inline.items() if _is_weight(value)}
    return FileContents(
        path=path,
        format="ONNX",
        tensors=Tensors(tensors),
        metadata=metadata,
        layers=layers,
        graph=Graph(tuple(_operation(node, constants) for node in nodes), inputs, outputs),
        beside=reader.beside.size,
        origins=constants.origins,
        unread=() if layers else unread_chains(nodes, constants),
    )


def _is_weight(value: Stored) -> bool:
    """Tell whether a constant can be a weight, as against a size or a factor."""
    return "float" in value.dtype and bool(value.shape)


def _layer(node: Node, constants: Constants) -> RecurrentLayer:
    """Return what a recurrent node says about itself."""
    roles = _INPUTS if "c" in cell_named(node.kind).state_names else _INPUTS[:_WITHOUT_MEMORY]
    constants_by_role = {role: constants.get(name) for role, name in zip(roles, node.inputs, strict=False) if name}
    tensors = Tensors({role: value for role, value in constants_by_role.items() if value is not None})
    return RecurrentLayer(
        node.kind, node.name, tensors, dict(node.attributes), node.inputs, node.outputs, site=node.site,
        notes=node.notes, masks=node.masks,
    )  # fmt: skip


def _operation(node: Node, constants: Constants) -> Operation:
    """Return a node with those of its inputs that are constant."""
    values = {name: constants.get(name) for name in node.inputs if name}
    tensors = Tensors({name: value for name, value in values.items() if value is not None})
    attributes = {name: value.load() if isinstance(value, Stored) else value for name, value in node.attributes.items()}
    return Operation(node.kind, node.name, node.inputs, node.outputs, attributes, tensors, site=node.site)
