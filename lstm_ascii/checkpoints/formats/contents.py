"""What a file of weights holds, whatever its format: data only, nothing of it was run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class Stored:
    """One tensor as it lies in the file.

    Attributes:
        dtype: its type there, in NumPy's words (``float32``, ``int64``); also ``bfloat16``.
        shape: its sizes.
        nbytes: the bytes of its numbers, unpacked.
        load: returns the numbers: bfloat16 and float16 as float32, all others as they are, in this machine's byte
            order; read-only where they are mapped.
    """

    dtype: str
    shape: tuple[int, ...]
    nbytes: int
    load: Callable[[], Array]


def in_memory(tensor: Stored) -> int:
    """Return the bytes that a tensor takes where the network is computed with it.

    Real numbers take double precision twice: as they were read, and as the cell has them.
    """
    return max(tensor.nbytes, 16 * math.prod(tensor.shape) if "float" in tensor.dtype else 0)


class Tensors(Mapping[str, Array]):
    """The tensors of a file by name, in its order; each is read when it is asked for, and mapped where it can be."""

    def __init__(self, stored: Mapping[str, Stored]) -> None:
        """Take what each tensor is and how it is read."""
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
    """Where an operation of an ONNX model stands, and what its values are called there.

    Attributes:
        path: the way from the model's graph: the place of an operation among the others, and which of its graphs; empty
            for the function that it calls.
        inputs, outputs: of the operation, by the names in that graph.
    """

    path: tuple[tuple[int, str], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RecurrentLayer:
    """What an ONNX node or a Keras layer says about itself.

    Attributes:
        kind: ``RNN``, ``LSTM`` or ``GRU``.
        name: as in the file.
        tensors: ONNX: ``W``, ``R``, ``B``, ``P``, ``initial_h``, ``initial_c``, ``sequence_lens``, those that are
            constant; a start state that is one number everywhere (its batch is not known) has shape ``()``. Keras:
            ``kernel``, ``recurrent_kernel``, ``bias``, with ``forward/`` or ``backward/`` ahead in a Bidirectional.
        attributes: ONNX: the node's, without defaults. Keras: the layer's config as plain JSON values, without its
            weights; a Bidirectional's has ``layer`` and ``backward_layer`` within.
        inputs: what it reads. ONNX: the node's inputs in their places, ``""`` for one left out (so that a start state
            that is there but not in ``tensors`` can be told). Keras: the names of layers, first the one whose output
            it reads, then those of its other arguments (a mask, a start state).
        outputs: what it writes. ONNX: the node's outputs in their places. Keras: its own name.
        wrapper: ``Bidirectional`` where Keras wraps it in one.
        shared: Keras: the layer whose weights it has, where that is used again; else empty.
        site: ONNX: where it stands.
        notes: ONNX: what was assumed of it, safe to print.
        masks: ONNX: the names of what says which steps are taken, ``(T, B)``; the others leave the states as they are.
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
    """What is done in which order, the recurrent layers among the others (under the same names and outputs).

    Attributes:
        operations: in the file's order, which is an order in which they can be done. ONNX: what is constant is not
            among them (its value stands in the ``tensors`` of those that read it), nor what no output depends on.
        inputs, outputs: names of what goes in and comes out.
    """

    operations: tuple[Operation, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FileContents:
    """What a file of weights holds.

    Attributes:
        path: as shown: dangerous characters are written out.
        format: ``safetensors``, ``npz``, ``ONNX``, ``Keras``, ``Keras weights`` (without a model), ``PyTorch`` or
            ``pickle`` (of arrays).
        tensors: by name, in file order; names and texts are safe to print, as ``read_contents`` returns them.
        metadata: the file's texts about itself; ``vocabulary`` and ``vocab``, which hold the words, are as in the
            file. Keras: ``keras_version``. PyTorch: ``NAME.nonlinearity`` of modules.
        layers: the recurrent ones, in an order in which they can be done; only of Keras and ONNX.
        graph: all operations; only of Keras and ONNX.
        beside: the bytes of the file beside, where ONNX keeps its weights in one; else 0.
        origins: of tensors that were made of others (by an ONNX graph, of gates that Keras 1 kept apart), the names of
            those.
        notes: what the reader left aside, safe to print.
        unread: what is recurrent in the file and isn't read, by its class; of an ONNX graph, by what it does.
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
