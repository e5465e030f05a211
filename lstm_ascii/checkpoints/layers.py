"""The parts of a network that are recognised in a file: layers of cells, embedding, decoder, head, and assumptions.

Modules of one layer each are stacked if their names are numbered and their sizes fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from lstm_ascii.answer import Answer
from lstm_ascii.cells import Array
from lstm_ascii.cells.variants import GENERAL
from lstm_ascii.checkpoints.formats.contents import Operation, RecurrentLayer
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.errors import FileError
from lstm_ascii.layer import Direction, width_of
from lstm_ascii.masks import Mask
from lstm_ascii.records import dataclass

_NUMBERED = re.compile(r"(?P<base>.*?)[._/]?(?P<number>\d*)")
TANH_ASSUMED = "tanh assumed, as the file doesn't say; --activation relu for the other"
LARGE = 1 << 20  # numbers of a matrix from which on it stays in single precision if it is stored so (or narrower);
SINGLE = np.dtype(np.float32).itemsize  # the rounding changes no digit that is shown
KIND_OF = {len(cell.gate_letters): kind for kind, cell in GENERAL.items()}


@dataclass(frozen=True, eq=False)
class Hints:
    """What the user says about a file, where it can't be recognised.

    Attributes:
        roles: names of tensors by role: ``embedding``, ``decoder.weight``, ``decoder.bias``, ``head`` (the first matrix
            of a head that is no decoder), ``rnn`` (a prefix); ``none`` if there is none. An embedding may be
            ``one-hot``.
        activation: of an RNN, ``tanh`` or ``relu``; empty for that in the file, else tanh.
        ignored: prefixes of tensors that may be left out, though they look like layers.
        head: the pooling over the steps, then the activation of each dense layer of the head.
        labels: the names of the head's outputs.
        gates: the order of the gates in arrays that ``roles`` names, by letters: ``ifgo``; empty for PyTorch's.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    activation: str = ""
    ignored: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    gates: str = ""


@dataclass(frozen=True, eq=False)
class LayerDirection:
    """One direction of a layer in a file.

    Attributes:
        direction: the cell, its start state and its direction.
        order: of the gates as stored, such as ``i o f g``; empty for the RNN.
        tensors: the names of the tensors it consists of.
        biases: their number: one in Keras, two in PyTorch and ONNX, or none.
        traits: deviations from the usual equations, in words.
    """

    direction: Direction
    order: str
    tensors: tuple[str, ...]
    biases: int = 2
    traits: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """The number of parameters in the file, with as many biases as it has."""
        cell = self.direction.cell
        values = [value for name, value in cell.parameters.items() if not name.startswith("bias")]
        values += [cell.bias_ih] * self.biases
        return sum(value.size for value in (*values, *self.direction.start.values()))


@dataclass(frozen=True, eq=False)
class Stack:
    """Stacked recurrent layers.

    Attributes:
        name: the common prefix of their tensors, or the layers' own names.
        layers: from the input up, one or two directions each.
        notes: assumptions, in words.
    """

    name: str
    layers: tuple[tuple[LayerDirection, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def directions(self) -> tuple[LayerDirection, ...]:
        """All cells, from the input up."""
        return tuple(direction for layer in self.layers for direction in layer)

    @property
    def tensors(self) -> tuple[str, ...]:
        """The names of all its tensors."""
        return tuple(name for direction in self.directions for name in direction.tensors)

    @property
    def input_size(self) -> int:
        """The input width of the first layer."""
        return self.layers[0][0].direction.cell.input_size

    @property
    def output_size(self) -> int:
        """The output width of the last layer, of both directions."""
        return width_of(tuple(way.direction for way in self.layers[-1]))

    def __str__(self) -> str:
        """Return its name, cells and sizes."""
        kind = "/".join(dict.fromkeys(way.direction.cell.name for way in self.directions))
        return f"{shown(self.name) or 'no prefix'} ({kind}, {self.input_size} to {self.output_size})"


@dataclass(frozen=True, eq=False)
class Matrix:
    """A tensor outside of the cells, such as the embedding.

    Attributes:
        name: in the file; several names if it was combined.
        value: its numbers, memory-mapped rather than copied.
    """

    name: str
    value: Array


@dataclass(frozen=True)
class NetworkFacts:
    """One of several networks in a file.

    Attributes:
        name: by which it is selected, safe to print.
        what: its cells and sizes, or why it can't be read.
        reads: where its input comes from.
        chosen: whether it is the selected one.
    """

    name: str
    what: str
    reads: str
    chosen: bool = False


@dataclass(frozen=True, eq=False)
class Head:
    """The head of a network, and its tensors.

    Attributes:
        answer: pooling and dense layers.
        tensors: for each dense layer the names of its weight and of its bias; the latter empty if it has none.
        others: names of tensors that were folded into them.
    """

    answer: Answer
    tensors: tuple[tuple[str, str], ...]
    others: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """The names of all its tensors."""
        return (*(name for pair in self.tensors for name in pair if name), *self.others)

    @property
    def parameters(self) -> tuple[int, ...]:
        """The number of parameters of each layer in the file."""
        return tuple(
            layer.weight.size + (layer.bias.size if bias else 0)
            for layer, (_, bias) in zip(self.answer.layers, self.tensors, strict=True)
        )


@dataclass(frozen=True, eq=False)
class NetworkParts:
    """All parts of a network that were recognised in a file.

    Attributes:
        stack: the recurrent layers; ``None`` if there are none.
        embedding: ``(V, E)``.
        decoder_weight: ``(V, W)``.
        decoder_bias: ``(V,)``.
        tied: whether embedding and decoder are one matrix; the file may have it twice.
        head: of a network that is not a language model.
        mask: which steps are masked.
        notes: what was assumed or left out, in words.
        other: names of tensors that belong to other networks in the file.
        pieces: all networks of a graph, if it consists of several.
        nodes: of an ONNX graph, the nodes of the stack's layers, from the input up.
        lookup: of an ONNX graph, the operation that reads the embedding.
        settled: those of the notes that don't apply when the whole model is run and feeds the layers.
    """

    stack: Stack | None
    embedding: Matrix | None = None
    decoder_weight: Matrix | None = None
    decoder_bias: Matrix | None = None
    tied: bool = False
    head: Head | None = None
    mask: Mask | None = None
    notes: tuple[str, ...] = ()
    other: frozenset[str] = frozenset()
    pieces: tuple[NetworkFacts, ...] = ()
    nodes: tuple[RecurrentLayer, ...] = ()
    lookup: Operation | None = None
    settled: tuple[str, ...] = ()

    @property
    def used(self) -> frozenset[str]:
        """The names of all tensors that are used."""
        parts = (self.embedding, self.decoder_weight, self.decoder_bias)
        named = [*(self.stack.tensors if self.stack else ()), *(part.name for part in parts if part)]
        return frozenset([*named, *(self.head.used if self.head else ())])

    @property
    def embedding_parameters(self) -> int:
        """The number of parameters of the embedding; 0 for one-hot vectors."""
        return self.embedding.value.size if self.embedding and self.embedding.name else 0

    @property
    def decoder_parameters(self) -> int:
        """The number of parameters of the decoder and its bias; without a matrix that it shares with the embedding."""
        weight = 0 if self.decoder_weight is None or self.tied else self.decoder_weight.value.size
        return weight + (0 if self.decoder_bias is None else self.decoder_bias.value.size)

    @property
    def parameters(self) -> int:
        """The number of parameters of the network; shared ones count once."""
        cells = sum(direction.parameters for direction in self.stack.directions) if self.stack else 0
        head = sum(self.head.parameters) if self.head else 0
        return cells + self.embedding_parameters + self.decoder_parameters + head


@dataclass(frozen=True, eq=False)
class Rows:
    """The arrays of one cell in our gate order, and its deviations from the usual equations.

    Attributes:
        kind: ``LSTM``, ``GRU`` or ``RNN``.
        four: weight_ih, weight_hh, bias_ih, bias_hh, as in PyTorch.
        special: further parameters of the general cell of that kind.
    """

    kind: str
    four: Sequence[Array]
    special: Mapping[str, Any] = field(default_factory=dict)

    def direction(self, start: Mapping[str, Array], backward: bool) -> Direction:
        """Return the simplest cell with these parameters, in the precision of its recurrent weights."""
        general = GENERAL[self.kind]
        cell = general(*self.four, **self.special)
        return Direction(cell.simplest(), dict(start), backward).astype(self.four[1].dtype)


def kind_of(path: str, name: str, shape: Sequence[int], width: int) -> str:
    """Return the kind of cell by the shape of its recurrent weights.

    Args:
        path: of the file, for the error.
        name: of the tensor.
        shape: ``(G·H, ...)``.
        width: H.

    Raises:
        FileError: no kind of cell has that shape.
    """
    gates, rest = divmod(shape[0], width) if width else (0, 1)
    if rest or gates not in KIND_OF:
        raise FileError(
            f"{path}: {shown(name)}: expected 1, 3 or 4 times {width} rows (RNN, GRU, LSTM), got shape {tuple(shape)}"
        )
    return KIND_OF[gates]


def numbers(path: str, name: str, value: Array, shape: Sequence[int] | None = None) -> Array:
    """Check a tensor, and return it in the precision of the computation.

    Raises:
        FileError: it has the wrong shape, is empty, or has no floating-point numbers.
    """
    if shape is not None and value.shape != tuple(shape):
        raise FileError(f"{path}: {shown(name)}: expected shape {tuple(shape)}, got {value.shape}")
    if value.dtype.kind != "f":
        raise FileError(f"{path}: {shown(name)}: expected real numbers, got {value.dtype}")
    if prod(value.shape) == 0:
        raise FileError(f"{path}: {shown(name)}: expected numbers, got the empty shape {value.shape}")
    return as_it_lies(value) if value.size >= LARGE and value.itemsize <= SINGLE else in_double(value)


def two_axes(path: str, name: str, value: Array) -> Array:
    """Check that a tensor is a matrix, and return it.

    Raises:
        FileError: it is not.
    """
    if value.ndim != 2:
        raise FileError(f"{path}: {shown(name)}: expected two dimensions, got shape {value.shape}")
    return value


def word_matrix(path: str, name: str, value: Array, width: int, bias: Array | None = None) -> Array:
    """Check an embedding or a decoder ``(V, width)``, and return it.

    Args:
        path: of the file.
        name: of the tensor.
        value: ``(V, width)``.
        width: of the vectors.
        bias: ``(V,)``, if there is one.

    Raises:
        FileError: it or its bias has the wrong shape, or no floating-point numbers.
    """
    if value.ndim != 2 or value.shape[1] != width or not value.size:
        raise FileError(f"{path}: {shown(name)}: expected shape (words, {width}), got {value.shape}")
    if value.dtype.kind != "f":
        raise FileError(f"{path}: {shown(name)}: expected real numbers, got {value.dtype}")
    if bias is not None and (bias.shape != (len(value),) or bias.dtype.kind != "f"):
        got = f"{bias.dtype} of shape {bias.shape}"
        raise FileError(f"{path}: the bias of {shown(name)}: expected {len(value)} real numbers, got {got}")
    return value


def in_double(value: Array) -> Array:
    """Return numbers in double precision; signalling NaNs, which a damaged file may have, become quiet ones.

    They are aligned, which they need not be in a file: NumPy sums unaligned ones in another order, so rounding differs.
    """
    with np.errstate(invalid="ignore"):
        return np.require(value, np.float64, ["ALIGNED"])


def as_it_lies(value: Array) -> Array:
    """Return numbers in single precision; they are only copied if they are stored otherwise or are not aligned."""
    return np.require(value, np.float32, ["ALIGNED"])


def in_our_order(value: Array, order: str, kind: str) -> Array:
    """Reorder the gates of ``(G·H, ...)`` from the order of the letters ``order`` to ours."""
    letters = GENERAL[kind].gate_letters
    if tuple(order) == letters:
        return value
    parts: Array = value.reshape(len(order), -1, *value.shape[1:])
    return parts[[order.index(letter) for letter in letters]].reshape(value.shape)


def zeros(weight: Array) -> npt.NDArray[np.float64]:
    """Return biases of zero, ``(G·H,)``, for a layer without any."""
    return np.zeros(len(weight))


@dataclass(frozen=True, eq=False)
class Module:
    """A module with its name and layers, which may be part of a stack."""

    name: str
    layers: tuple[tuple[LayerDirection, ...], ...]


def chained(links: Iterable[Module]) -> list[Stack]:
    """Combine modules with numbered names into stacks, if their sizes fit: ``rnns.0`` and ``rnns.1``, for example.

    A name without a number comes before the numbered ones, as in Keras: ``lstm``, ``lstm_1``.
    """
    families: dict[str, list[tuple[int, Module]]] = {}
    for link in links:
        match = _NUMBERED.fullmatch(link.name)
        base, number = (match["base"], match["number"]) if match else (link.name, "")
        families.setdefault(base, []).append((int(number) if number else -1, link))
    stacks = []
    for base, members in families.items():
        members.sort(key=lambda member: member[0])
        alone = [Stack(link.name, link.layers) for _, link in members]
        if len(alone) == 1 or not _fit(alone):
            stacks += alone
            continue
        notes = []
        if any("." not in link.name for _, link in members):  # a list of modules needs no word
            notes = [f"{', '.join(shown(stack.name) for stack in alone)} taken as layers one above the other"]
        stacks.append(Stack(base, tuple(layer for stack in alone for layer in stack.layers), tuple(notes)))
    return stacks


def _fit(stacks: list[Stack]) -> bool:
    """Tell whether the input width of each is the output width of the one below."""
    return all(upper.input_size == lower.output_size for lower, upper in pairwise(stacks))
