"""From an ONNX graph to stacked layers, the embedding below and the decoder above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.choosing import with_answer
from lstm_ascii.checkpoints.formats.contents import FileContents, Operation, RecurrentLayer
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import Head, Hints, LayerDirection, Matrix, NetworkParts, Stack, word_matrix
from lstm_ascii.checkpoints.onnx_nodes import from_outside, node_directions, with_starts
from lstm_ascii.checkpoints.onnx_without_nodes import without_nodes
from lstm_ascii.checkpoints.pieces import Piece, chosen_piece
from lstm_ascii.checkpoints.pieces import below as what_lies_below
from lstm_ascii.errors import FileError
from lstm_ascii.masks import Mask
from lstm_ascii.records import dataclass

# what changes how numbers lie, and not the numbers
PLAIN = frozenset({"Transpose", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Dropout", "Cast", "Flatten"})
PICKS = frozenset({"Gather", "Slice"})  # some steps, such as the last: the decoder is the same for all
ENDINGS = frozenset({"Softmax", "LogSoftmax"})
# the fewest inputs and outputs of the operators that a meaning is given to
_ARITIES = dict.fromkeys(PLAIN | ENDINGS | {"ArgMax", "TopK", "Shape", "Slice", "Concat"}, (1, 1))
_ARITIES |= dict.fromkeys(("Gather", "MatMul", "Gemm", "Add", "Expand", "Tile"), (2, 1))
_ARITIES |= dict.fromkeys(("LSTM", "GRU", "RNN"), (3, 1))


def onnx_network(contents: FileContents, hints: Hints, words: int | None = None) -> NetworkParts:
    """Return the network of a graph; ``words`` is how many there are, where that was told.

    Raises:
        FileError: something can't be honoured; it is named.
    """
    if not contents.layers:
        return without_nodes(contents, hints)
    for operation in contents.graph.operations:
        _check_arity(contents.path, operation)
    graph = _LayerGraph(contents)
    tops = [layer for layer in contents.layers if not any(graph.below[id(other)] is layer for other in contents.layers)]
    return chosen_piece(contents, [_piece(graph, top, hints, words) for top in tops], hints)


def _piece(graph: _LayerGraph, top: RecurrentLayer, hints: Hints, words: int | None) -> Piece:
    """Return the layers that lie below ``top`` with nothing in between, and it."""
    chain = [top]
    while (below := graph.below[id(chain[0])]) is not None:
        chain.insert(0, below)
    names = tuple(map(graph.name_of, chain))
    outputs = {value: graph.name_of(layer) for layer in graph.contents.layers for value in layer.outputs if value}
    plain = PLAIN - {blocking.kind for blocking in [graph.sources[id(chain[0])]] if blocking}
    reads, lower = what_lies_below(graph.contents.graph.operations, chain[0].inputs[0], outputs, plain)
    return Piece(", ".join(names), names, reads, lower, lambda: _network(graph, chain, hints, words))


def _check_arity(path: str, operation: Operation) -> None:
    """Refuse an operation that has not the inputs or the outputs that its operator needs."""
    inputs, outputs = _ARITIES.get(operation.kind, (0, 0))
    name = f"{operation.kind} {shown(operation.name)}".strip()
    for what, least, names in (("input", inputs, operation.inputs), ("output", outputs, operation.outputs)):
        count = sum(1 for value in names[:least] if value)
        if what == "output":
            count = len(names)  # an output that nobody reads may be left out by an empty name
        if count < least:
            raise FileError(f"{path}: {name}: expected at least {least} {what}{'s' * (least > 1)}, got {count}")


def _network(graph: _LayerGraph, chain: Sequence[RecurrentLayer], hints: Hints, words: int | None) -> NetworkParts:
    """Return the network of some layers, one above the other."""
    layers = tuple(graph.directions(layer) for layer in chain)
    notes = [note for layer in chain for note in graph.outside(layer)]
    name = ", ".join(map(graph.name_of, chain))
    stack = Stack(name, layers)
    for lower, upper in pairwise(layers):
        width = sum(cell.direction.cell.output_size for cell in lower)
        if upper[0].direction.cell.input_size != width:
            input_size = upper[0].direction.cell.input_size
            raise FileError(
                f"{graph.contents.path}: {shown(name)}: a layer reads {input_size} values, but gets {width}"
            )
    embedding = graph.embedding(chain[0], stack, notes)
    mask = graph.mask(chain, embedding, notes)

    def head(said: list[str]) -> Head | None:
        from lstm_ascii.checkpoints.onnx_answer import onnx_head

        return onnx_head(graph.contents, chain[-1], stack, said)

    settled = tuple(notes)
    parts = with_answer(stack, embedding, graph.decoder(chain[-1], stack), head, hints, words, notes)
    lookup = graph.sources[id(chain[0])] if embedding is not None else None
    return replace(parts, nodes=tuple(chain), lookup=lookup, settled=settled, mask=mask)


@dataclass(frozen=True, eq=False)
class _LayerGraph:
    """Who reads what.

    Attributes:
        contents: of the file.
        below: the layer that a layer reads, by identity.
        sources: what a layer reads where that is no layer.
    """

    contents: FileContents
    below: dict[int, RecurrentLayer | None] = field(default_factory=dict)
    sources: dict[int, Operation | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Follow every layer's input down."""
        layers = {layer.outputs[0]: layer for layer in self.contents.layers if layer.outputs}
        for layer in self.contents.layers:
            value = layer.inputs[0]
            plain_operations: list[Operation] = []
            while value not in layers and (maker := self.makers.get(value)) is not None and maker.kind in PLAIN:
                plain_operations.insert(0, maker)
                value = maker.inputs[0]
            below = layers.get(value)
            blocking = self._blocking(below, plain_operations, layer) if below is not None else self.makers.get(value)
            self.below[id(layer)] = below if blocking is None else None
            self.sources[id(layer)] = blocking

    def name_of(self, layer: RecurrentLayer) -> str:
        """Return the name by which a layer is chosen: its own, or that of what it gives where others have it, too."""
        if not layer.name or sum(other.name == layer.name for other in self.contents.layers) > 1:
            return next(filter(None, layer.outputs), layer.kind)
        return layer.name

    def _blocking(
        self, below: RecurrentLayer, plain_operations: Sequence[Operation], layer: RecurrentLayer
    ) -> Operation | None:
        """Return what keeps a layer from reading the outputs of another as they are.

        The axes are followed from one to the next: steps must stay steps, and values together.
        """
        axes = list("BTDH" if below.attributes.get("layout", 0) else "TDBH")  # D: directions
        ways = 2 if below.attributes.get("direction") == "bidirectional" else 1
        for operation in plain_operations:
            order = operation.attributes.get("perm")
            if operation.kind == "Transpose" and order is not None and sorted(order) == list(range(len(axes))):
                axes = [axes[axis] for axis in order]
            elif operation.kind in ("Squeeze", "Reshape") and "D" in axes and (ways == 1 or axes[-2:] == ["D", "H"]):
                axes.remove("D")
            elif operation.kind not in ("Identity", "Dropout", "Cast"):
                return operation
        if axes == list("BTH" if layer.attributes.get("layout", 0) else "TBH"):
            return None
        return plain_operations[-1] if plain_operations else self.makers[layer.inputs[0]]

    @cached_property
    def makers(self) -> dict[str, Operation]:
        """The operation that makes a value, by the value's name."""
        return {name: operation for operation in self.contents.graph.operations for name in operation.outputs if name}

    @cached_property
    def readers(self) -> dict[str, list[Operation]]:
        """The operations that read a value, by its name."""
        readers: dict[str, list[Operation]] = {}
        for operation in self.contents.graph.operations:
            for name in dict.fromkeys(operation.inputs):
                readers.setdefault(name, []).append(operation)
        return readers

    def directions(self, layer: RecurrentLayer) -> tuple[LayerDirection, ...]:
        """Return the cells of a layer."""
        return node_directions(self.contents.path, with_starts(layer, self.makers))

    def outside(self, layer: RecurrentLayer) -> Iterator[str]:
        """Say what a layer is given that can't be told from the file."""
        return from_outside(with_starts(layer, self.makers), self.makers)

    def embedding(self, first: RecurrentLayer, stack: Stack, notes: list[str]) -> Matrix | None:
        """Return the table that the first layer's vectors are looked up in; say what stands in the way."""
        source = self.sources[id(first)]
        if source is None:
            return None
        if source.kind == "Gather" and source.inputs[0] in source.tensors and not source.attributes.get("axis", 0):
            table = source.tensors[source.inputs[0]]
            if table.ndim == 2 and table.shape[1] == stack.input_size:
                return Matrix(
                    source.inputs[0], word_matrix(self.contents.path, source.inputs[0], table, stack.input_size)
                )
        name = f"{source.kind} {shown(source.name)}".strip()
        notes.append(f"no embedding: {name} lies ahead of the layers; --input gives what they read")
        return None

    def mask(self, chain: Sequence[RecurrentLayer], embedding: Matrix | None, notes: list[str]) -> Mask | None:
        """Return which steps the layers skip, where that is one word; say where it can't be told."""
        if not any(layer.masks for layer in chain):
            return None
        made = {self._masked_word(name) for layer in chain for name in layer.masks or ("",)}
        lookup = self.sources[id(chain[0])]
        (word,) = made if len(made) == 1 else [None]
        if embedding is not None and lookup is not None and word and word[0] == self._root(lookup.inputs[1]):
            notes.append(f"word {word[1]} is padding, and is skipped: the mask of the loop says so")
            return Mask(entry=word[1])
        names = dict.fromkeys(shown(name) for layer in chain for name in layer.masks)
        notes.append(f"all steps are read, where the model skips those that {', '.join(names)} masks")
        return None

    def _masked_word(self, name: str) -> tuple[str, int] | None:
        """Return the indices of words of which a mask is made, and which of them it skips."""
        kinds: list[str] = []
        while (maker := self.makers.get(self._root(name))) is not None and len(kinds) < len(self.makers):
            kinds.append(maker.kind)
            name = maker.inputs[0]
            if maker.kind == "Equal" and kinds.count("Not") % 2:
                constants = [value for value in maker.tensors.values() if value.size == 1 and value.dtype.kind in "iu"]
                others = [entry for entry in maker.inputs if entry not in maker.tensors]
                return (self._root(others[0]), int(constants[0].item())) if constants and others else None
            if maker.kind not in ("Not", "Equal"):
                return None
        return None

    def _root(self, name: str) -> str:
        """Return what a value is behind operations that change only how its numbers lie."""
        while (maker := self.makers.get(name)) is not None and maker.kind in PLAIN:
            name = maker.inputs[0]
        return name

    def decoder(self, top: RecurrentLayer, stack: Stack) -> tuple[Matrix | None, Matrix | None]:
        """Return weight and bias of the linear map that the last layer's outputs go through first."""
        for value in self._outputs_of(top, stack):
            linear = self._linear(value, stack)
            if linear is not None:
                return linear
        return None, None

    def _outputs_of(self, top: RecurrentLayer, stack: Stack) -> list[str]:
        """Return the values that hold the last layer's outputs: Y, and the last state if there is one direction."""
        return [name for name in top.outputs[: 2 if len(stack.layers[-1]) == 1 else 1] if name]

    def _after(self, value: str) -> Iterator[Operation]:
        """Yield the first operations behind a value that are not plain."""
        waiting = [value]
        for name in waiting:  # which grows
            for operation in self.readers.get(name, ()):
                picks = operation.kind in PICKS and operation.inputs[0] == name
                if (operation.kind in PLAIN and operation.inputs[0] == name) or picks:
                    waiting.append(operation.outputs[0])
                elif operation.kind not in ("Shape", "Size"):
                    yield operation

    def _linear(self, value: str, stack: Stack) -> tuple[Matrix, Matrix | None] | None:
        """Return the linear map behind a value, if it comes next."""
        for operation in self._after(value):
            weight = self._weight(operation)
            if weight is None or weight.value.ndim != 2 or weight.value.shape[1] != stack.output_size:
                continue
            word_matrix(self.contents.path, weight.name, weight.value, stack.output_size)
            if operation.kind == "Gemm":
                name = operation.inputs[2] if len(operation.inputs) > 2 else ""
                bias = operation.tensors.get(name)
                if name and bias is None:
                    continue
                return self._ended(operation, weight, None if bias is None else self._bias(name, bias, weight))
            for adding in self.readers.get(operation.outputs[0], ()):
                for name, bias in adding.tensors.items() if adding.kind == "Add" else ():
                    if bias.shape == (len(weight.value),):
                        return self._ended(adding, weight, Matrix(name, bias))
            return self._ended(operation, weight, None)
        return None

    def _bias(self, name: str, value: Array, weight: Matrix) -> Matrix:
        """Return what a Gemm adds, ``(V,)``: one number, or a row of them, is repeated."""
        words = len(weight.value)
        if value.size not in (1, words) or value.shape[:-1] not in ((), (1,)):
            raise FileError(f"{self.contents.path}: {shown(name)}: expected shape ({words},), got {value.shape}")
        bias = np.broadcast_to(value.reshape(-1), (words,))
        word_matrix(self.contents.path, weight.name, weight.value, weight.value.shape[1], bias)
        return Matrix(name, bias)

    def _ended(self, last: Operation, weight: Matrix, bias: Matrix | None) -> tuple[Matrix, Matrix | None] | None:
        """Return the map where the graph ends behind it, but for probabilities; else it is no decoder."""
        for operation in self._after(last.outputs[0]):
            if operation.kind not in ENDINGS | {"ArgMax", "TopK"}:
                return None
        return weight, bias

    def _weight(self, operation: Operation) -> Matrix | None:
        """Return the constant matrix of a product as ``(V, W)``."""
        if operation.kind == "MatMul" and operation.inputs[1] in operation.tensors:
            return Matrix(operation.inputs[1], operation.tensors[operation.inputs[1]].T)
        attributes = operation.attributes
        if operation.kind == "Gemm" and operation.inputs[1] in operation.tensors and not attributes.get("transA", 0):
            if attributes.get("alpha", 1.0) != 1.0 or attributes.get("beta", 1.0) != 1.0:
                return None
            weight = operation.tensors[operation.inputs[1]]
            return Matrix(operation.inputs[1], weight if attributes.get("transB", 0) else weight.T)
        return None
