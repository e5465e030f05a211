"""ONNX models with additional outputs for inner values, made on their bytes without the package ``onnx``.

A message of protocol buffers that is given twice is merged, so what belongs to the model's own graph is put behind the
file's bytes. Graphs and functions within it are written anew on the way to where a value is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.checkpoints.formats.protobuf import BYTES, FIXED32, FIXED64, VARINT, fields

PREFIX = "lstm-ascii/"
DOUBLE = 11  # every value is given in double precision, which holds those of the types that layers read
ONCE = ("", "then_branch", "else_branch")  # what runs once at most
_GRAPH, _FUNCTIONS = 7, 25  # of a model
_NODES, _OUTPUTS = 1, 12  # of a graph
_FUNCTION_NODES, _FUNCTION_NAME, _FUNCTION_OUTPUTS, _FUNCTION_DOMAIN = 7, 1, 5, 10
_NODE_INPUT, _NODE_OUTPUT, _NODE_KIND, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_INTEGER, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TYPE = 1, 3, 6, 20
_IS_INTEGER, _IS_TENSOR = 2, 4
Path = Sequence[tuple[int, str]]


def with_outputs(model: memoryview | bytes, path: Path, values: Sequence[str], names: Sequence[str]) -> bytes:
    """Return a model that also gives values of one of its graphs.

    Args:
        model: its bytes.
        path: of the graph or function; see :class:`~lstm_ascii.checkpoints.formats.contents.Site`.
        values: as they are called there.
        names: that they get as outputs of the model; each in use once only.

    Raises:
        ValueError: the values lie where they are made any number of times, or the path leads nowhere.
    """
    if any(part not in ONCE for _, part in path):
        raise ValueError("in a loop")
    parts = [(number, wire, bytes(value)) for number, wire, value in fields(memoryview(model))]
    whole = b"".join(value for number, _, value in parts if number == _GRAPH)
    functions = [value for number, _, value in parts if number == _FUNCTIONS]
    if not path:
        return bytes(model) + _field(_GRAPH, _exposing(values, names, _NODES, _OUTPUTS))
    graph = _within(whole, functions, path, values, names, of_function=False)
    rest = [_raw(*part) for part in parts if part[0] not in (_GRAPH, _FUNCTIONS)]
    return b"".join([*rest, _field(_GRAPH, graph), *(_field(_FUNCTIONS, function) for function in functions)])


def _within(
    graph: bytes, functions: list[bytes], path: Path, values: Sequence[str], names: Sequence[str], of_function: bool
) -> bytes:
    """Return a graph or a function that also gives the values; ``functions`` may grow."""
    nodes, outputs = (_FUNCTION_NODES, _FUNCTION_OUTPUTS) if of_function else (_NODES, _OUTPUTS)
    if not path:
        return graph + _exposing(values, names, nodes, outputs)
    (place, part), *deeper = path
    entries, seen = [], -1
    for number, wire, value in fields(memoryview(graph)):
        seen += number == nodes
        node = bytes(value)
        if number == nodes and seen == place:
            if part:
                node = _branched(node, functions, (part, deeper), values, names)
            else:
                node = _called(node, functions, deeper, values, names)
        entries.append(_raw(number, wire, node))
    if seen < place:
        raise ValueError("no such operation")
    return b"".join([*entries, *_declared(names, outputs)])


def _branched(
    node: bytes, functions: list[bytes], where: tuple[str, Path], values: Sequence[str], names: Sequence[str]
) -> bytes:
    """Return an ``If`` that also gives values of one of its branches; where the other runs, a number instead."""
    part, deeper = where
    entries = []
    for number, wire, value in fields(memoryview(node)):
        attribute = bytes(value)
        if number == _NODE_ATTRIBUTE:
            parts = list(fields(memoryview(attribute)))
            name = b"".join(bytes(text) for of, _, text in parts if of == _ATTRIBUTE_NAME).decode("utf-8", "replace")
            graph = b"".join(bytes(body) for of, _, body in parts if of == _ATTRIBUTE_GRAPH)
            if name == part:
                graph = _within(graph, functions, deeper, values, names, of_function=False)
            elif name in ONCE:
                graph += b"".join(_field(_NODES, _nothing(output)) for output in names)
                graph += b"".join(_declared(names, _OUTPUTS))
            if name in ONCE:
                kept = (_raw(of, kind, bytes(body)) for of, kind, body in parts if of != _ATTRIBUTE_GRAPH)
                attribute = b"".join([*kept, _field(_ATTRIBUTE_GRAPH, graph)])
        entries.append(_raw(number, wire, attribute))
    return b"".join([*entries, *(_field(_NODE_OUTPUT, output.encode()) for output in names)])


def _called(node: bytes, functions: list[bytes], deeper: Path, values: Sequence[str], names: Sequence[str]) -> bytes:
    """Return the call of a function that also gives values from within it.

    It calls a copy of the function, which is put after the others: every call has to take all outputs.
    """
    called = _texts(node, _NODE_DOMAIN)[-1:], _texts(node, _NODE_KIND)[-1:]
    for function in list(functions):
        if (_texts(function, _FUNCTION_DOMAIN)[-1:], _texts(function, _FUNCTION_NAME)[-1:]) == called:
            left_out = len(_texts(function, _FUNCTION_OUTPUTS)) - len(_texts(node, _NODE_OUTPUT))
            inner = _within(function, functions, deeper, values, names, of_function=True)
            name = f"{PREFIX}{len(functions)}".encode()
            functions.append(inner + _field(_FUNCTION_NAME, name))  # of a name that is given twice the last counts
            more = [""] * left_out + list(names)
            taken = b"".join(_field(_NODE_OUTPUT, output.encode()) for output in more)
            return node + taken + _field(_NODE_KIND, name)
    raise ValueError("no such function")


def _exposing(values: Sequence[str], names: Sequence[str], nodes: int, outputs: int) -> bytes:
    """Return the operations that give values by other names, in double precision, and these names as outputs."""
    to_double = _attribute("to", _IS_INTEGER, _field(_ATTRIBUTE_INTEGER, DOUBLE))
    casts = [
        _field(nodes, _node("Cast", value, name) + _field(_NODE_ATTRIBUTE, to_double))
        for value, name in zip(values, names, strict=True)
    ]
    return b"".join([*casts, *_declared(names, outputs)])


def _declared(names: Sequence[str], outputs: int) -> list[bytes]:
    """Return outputs of a graph, each a message with its name, or of a function, which has the names alone."""
    if outputs == _FUNCTION_OUTPUTS:
        return [_field(outputs, name.encode()) for name in names]
    return [_field(outputs, _field(1, name.encode())) for name in names]


def _nothing(name: str) -> bytes:
    """Return the operation that gives a number without axes, where there is no value."""
    tensor = _field(2, DOUBLE) + _field(9, bytes(8))  # its type and its bytes
    return _node("Constant", "", name) + _field(_NODE_ATTRIBUTE, _attribute("value", _IS_TENSOR, _field(5, tensor)))


def _node(kind: str, value: str, name: str) -> bytes:
    """Return an operation of ONNX's own with one output and, perhaps, one input."""
    read = _field(_NODE_INPUT, value.encode()) if value else b""
    return read + _field(_NODE_OUTPUT, name.encode()) + _field(_NODE_KIND, kind.encode())


def _attribute(name: str, kind: int, value: bytes) -> bytes:
    """Return an attribute."""
    return _field(_ATTRIBUTE_NAME, name.encode()) + value + _field(_ATTRIBUTE_TYPE, kind)


def _texts(message: bytes, number: int) -> list[bytes]:
    """Return the values of a field that has a length; the standard's own domain is the empty one."""
    values = [bytes(value) for of, _, value in fields(memoryview(message)) if of == number]
    return [value for value in values if value or number in (_NODE_OUTPUT, _FUNCTION_OUTPUTS)]


def _field(number: int, value: int | bytes) -> bytes:
    """Write a field: a number from 0, or what has a length."""
    if isinstance(value, int):
        return _varint(number << 3 | VARINT) + _varint(value)
    return _varint(number << 3 | BYTES) + _varint(len(value)) + value


def _raw(number: int, wire: int, value: bytes) -> bytes:
    """Write a field as it was read."""
    head = _varint(number << 3 | wire)
    if wire in (VARINT, FIXED32, FIXED64):
        return head + value
    return head + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Write a whole number from 0, seven bits a byte, the lowest first."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
