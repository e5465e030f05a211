"""The contents of a file of weights in any format, as plain data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class Stored:
    """One tensor as stored in the file.

    Attributes:
        dtype: its type in the file, by NumPy's name (``float32``, ``int64``); also ``bfloat16``.
        shape: its shape.
        nbytes: its size in bytes, uncompressed.
        load: returns the array: bfloat16 and float16 as float32, all others unchanged, in native byte order; read-only
            if it is memory-mapped.
    """

    dtype: str
    shape: tuple[int, ...]
    nbytes: int
    load: Callable[[], Array]


def in_memory(tensor: Stored) -> int:
    """Return the memory in bytes that a tensor takes when the network is computed.

    Floating-point numbers take double precision twice: as they are read, and in the cell.
    """
    return max(tensor.nbytes, 16 * math.prod(tensor.shape) if "float" in tensor.dtype else 0)


class Tensors(Mapping[str, Array]):
    """The tensors of a file by name, in its order; they are loaded on access, and memory-mapped if possible."""

    def __init__(self, stored: Mapping[str, Stored]) -> None:
        """Set the description of each tensor."""
        self.stored = dict(stored)

    def __getitem__(self, name: str) -> Array:
        return self.stored[name].load()

    def __contains__(self, name: object) -> bool:  # the mapping's own would read the numbers
        return name in self.stored

    def __iter__(self) -> Iterator[str]:
        return iter(self.stored)

    def __len__(self) -> int:
        return len(self.stored)


@dataclass(frozen=True)
class Site:
    """The position of an operation in an ONNX model with subgraphs, and the names of its values there.

    Attributes:
        path: from the model's graph: pairs of an operation's index and the name of one of its subgraphs, which is empty
            for the function that it calls.
        inputs, outputs: of the operation, by their names in that graph.
    """

    path: tuple[tuple[int, str], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RecurrentLayer:
    """A recurrent ONNX node or Keras layer.

    Attributes:
        kind: ``RNN``, ``LSTM`` or ``GRU``.
        name: as in the file.
        tensors: ONNX: ``W``, ``R``, ``B``, ``P``, ``initial_h``, ``initial_c``, ``sequence_lens``, those that are
            constant; a start state that is one number everywhere (its batch is not known) has shape ``()``. Keras:
            ``kernel``, ``recurrent_kernel``, ``bias``, prefixed by ``forward/`` or ``backward/`` in a Bidirectional.
        attributes: ONNX: the node's, without defaults. Keras: the layer's config as plain JSON values, without its
            weights; a Bidirectional's has ``layer`` and ``backward_layer`` within.
        inputs: ONNX: the node's inputs by position, ``""`` for one left out (which tells it from a start state that is
            not constant). Keras: the names of layers, first the one whose output it reads, then those of its other
            arguments (a mask, a start state).
        outputs: ONNX: the node's outputs by position. Keras: its own name.
        wrapper: ``Bidirectional`` if Keras wraps it in one.
        shared: Keras: the layer whose weights it shares; else empty.
        site: ONNX: its position in the model.
        notes: ONNX: what was assumed about it, safe to print.
        masks: ONNX: the names of the values that say which steps are taken, ``(T, B)``; others leave the states
            unchanged.
    """

    kind: str
    name: str
    tensors: Mapping[str, Array]
    attributes: dict[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    wrapper: str = ""
    shared: str = ""
    site: Site | None = None
    notes: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()

    @property
    def stored(self) -> str:
        """The name under which its weights stand."""
        return self.shared or self.name


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of an ONNX graph or one layer of a Keras model.

    Attributes:
        kind: ``Gather``, ``MatMul``; ``Embedding``, ``Dense``.
        name: as in the file; may be empty in ONNX.
        inputs, outputs: as in :class:`RecurrentLayer`.
        attributes: as in :class:`RecurrentLayer`.
        tensors: ONNX: those of its inputs that are constant, by the input's name. Keras: its weights, as ``kernel``,
            ``bias``, ``embeddings``.
        shared, site: as in :class:`RecurrentLayer`.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, Array] = field(default_factory=dict)
    shared: str = ""
    site: Site | None = None

    @property
    def stored(self) -> str:
        """The name under which its weights stand."""
        return self.shared or self.name


@dataclass(frozen=True, eq=False)
class Graph:
    """The operations of a model, including its recurrent layers (under the same names and outputs).

    Attributes:
        operations: in the file's order, in which they can be executed. ONNX: without constant ones (their values are in
            the ``tensors`` of the operations that read them), and without those that no output depends on.
        inputs, outputs: the names of the model's inputs and outputs.
    """

    operations: tuple[Operation, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FileContents:
    """The contents of a file of weights.

    Attributes:
        path: safe to print: control characters are escaped.
        format: ``safetensors``, ``npz``, ``ONNX``, ``Keras``, ``Keras weights`` (without a model), ``PyTorch`` or
            ``pickle`` (of arrays).
        tensors: by name, in file order; names and texts are safe to print, as ``read_contents`` returns them.
        metadata: the file's texts about itself; ``vocabulary`` and ``vocab``, which have the words, are as in the
            file. Keras: ``keras_version``. PyTorch: ``NAME.nonlinearity`` of modules.
        layers: the recurrent ones, in an order in which they can be executed; only of Keras and ONNX.
        graph: all operations; only of Keras and ONNX.
        beside: the size in bytes of an ONNX file's external data; else 0.
        origins: for tensors that were computed from others (by an ONNX graph, from separate gates of Keras 1) the names
            of those.
        notes: what was left out when the file was read, safe to print.
        unread: recurrent layers that can't be read, by their class; in an ONNX graph, by their operations.
    """

    path: str
    format: str
    tensors: Tensors
    metadata: dict[str, str]
    layers: tuple[RecurrentLayer, ...] = ()
    graph: Graph = field(default_factory=Graph)
    beside: int = 0
    origins: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
