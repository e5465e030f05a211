"""What is made of the tensors of a file: cells in layers, an embedding, a decoder, and what was assumed on the way.

Modules of one layer each are put one above the other where their names are numbered and their sizes fit.
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
LARGE = 1 << 20  # numbers of a matrix, from which on it stays in single precision where it is stored so,
SINGLE = np.dtype(np.float32).itemsize  # in so many bytes: rounding moves what is shown of it far less than a digit
KIND_OF = {len(cell.gate_letters): kind for kind, cell in GENERAL.items()}


@dataclass(frozen=True, eq=False)
class Hints:
    """What the reader says about a file, where it can't say it itself.

    Attributes:
        roles: names of tensors by what they are: ``embedding``, ``decoder.weight``, ``decoder.bias``, ``head`` (the
            first matrix of another answer), ``rnn`` (a prefix); ``none`` where there is none. An embedding may be
            ``one-hot``.
        activation: of an RNN, ``tanh`` or ``relu``; empty for what the file says, else tanh.
        ignored: what the names of tensors begin with that may be left out, though they look like layers of their own.
        head: what is done with the steps (a pooling), then the functions of the answer's dense layers, one each.
        labels: what the answer's outputs are called.
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
    """One cell of a file.

    Attributes:
        direction: the cell, its start state and the way that it reads.
        order: its gates as they are stored, such as ``i o f g``; empty for the RNN.
        tensors: the names of what it was made of.
        biases: how many it has: one in Keras, two in PyTorch and ONNX, or none.
        traits: what is special about it, in words.
    """

    direction: Direction
    order: str
    tensors: tuple[str, ...]
    biases: int = 2
    traits: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """How many numbers it has in the file, where two biases are two and one that is not there is none."""
        cell = self.direction.cell
        values = [value for name, value in cell.parameters.items() if not name.startswith("bias")]
        values += [cell.bias_ih] * self.biases
        return sum(value.size for value in (*values, *self.direction.start.values()))


@dataclass(frozen=True, eq=False)
class Stack:
    """Recurrent layers one above the other.

    Attributes:
        name: what their tensors' names begin with, or the layers' own names.
        layers: from the input up, one or two directions each.
        notes: what was assumed, in words.
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
        """The names of all tensors that it was made of."""
        return tuple(name for direction in self.directions for name in direction.tensors)

    @property
    def input_size(self) -> int:
        """The width of the vectors that the first layer reads."""
        return self.layers[0][0].direction.cell.input_size

    @property
    def output_size(self) -> int:
        """The width of what the last layer gives, of both directions."""
        return width_of(tuple(way.direction for way in self.layers[-1]))

    def __str__(self) -> str:
        """Say what it is in a few words."""
        kind = "/".join(dict.fromkeys(way.direction.cell.name for way in self.directions))
        return f"{shown(self.name) or 'no prefix'} ({kind}, {self.input_size} to {self.output_size})"


@dataclass(frozen=True, eq=False)
class Matrix:
    """A tensor that plays a part beside the cells.

    Attributes:
        name: in the file; several, where it was put together.
        value: its numbers, mapped, not copied.
    """

    name: str
    value: Array


@dataclass(frozen=True)
class NetworkFacts:
    """One of several networks in a file.

    Attributes:
        name: by which it is chosen, safe to print.
        what: its cells and sizes, or what keeps it from being read.
        reads: where its vectors come from.
        chosen: whether it is the one that is looked into.
    """

    name: str
    what: str
    reads: str
    chosen: bool = False


@dataclass(frozen=True, eq=False)
class Head:
    """An answer, and the tensors that it was made of.

    Attributes:
        answer: what is done with the outputs.
        tensors: of each dense layer the name of its weight and of its bias, empty where it has none.
        others: names of what was folded into them.
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
        """How many numbers each layer has in the file."""
        return tuple(
            layer.weight.size + (layer.bias.size if bias else 0)
            for layer, (_, bias) in zip(self.answer.layers, self.tensors, strict=True)
        )


@dataclass(frozen=True, eq=False)
class NetworkParts:
    """All that was made of a file.

    Attributes:
        stack: the recurrent layers; ``None`` where there are none.
        embedding: ``(V, E)``.
        decoder_weight: ``(V, W)``.
        decoder_bias: ``(V,)``.
        tied: whether embedding and decoder are one matrix; the file may hold it twice.
        head: what is done with the outputs, where that names no next word.
        mask: which steps are skipped.
        notes: what was assumed or left out, in words.
        other: names of tensors that belong to other networks in the file.
        pieces: all networks that a graph falls into, where there are several.
        nodes: of an ONNX graph the layers that the stack was made of, from the input up.
        lookup: the operation that looks words up in the embedding, of an ONNX graph.
        settled: those of the notes that hold no longer where the whole model brings the layers what they read.
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
        """The names of all tensors that something was made of."""
        parts = (self.embedding, self.decoder_weight, self.decoder_bias)
        named = [*(self.stack.tensors if self.stack else ()), *(part.name for part in parts if part)]
        return frozenset([*named, *(self.head.used if self.head else ())])

    @property
    def embedding_parameters(self) -> int:
        """How many numbers the embedding has; none where words are read as one-hot vectors."""
        return self.embedding.value.size if self.embedding and self.embedding.name else 0

    @property
    def decoder_parameters(self) -> int:
        """How many numbers the decoder and its bias have of their own; a matrix that both share is the embedding's."""
        weight = 0 if self.decoder_weight is None or self.tied else self.decoder_weight.value.size
        return weight + (0 if self.decoder_bias is None else self.decoder_bias.value.size)

    @property
    def parameters(self) -> int:
        """How many numbers the network has: each counts once."""
        cells = sum(direction.parameters for direction in self.stack.directions) if self.stack else 0
        head = sum(self.head.parameters) if self.head else 0
        return cells + self.embedding_parameters + self.decoder_parameters + head


@dataclass(frozen=True, eq=False)
class Rows:
    """The arrays of one cell in the order of our rows, and what is special about it.

    Attributes:
        kind: ``LSTM``, ``GRU`` or ``RNN``.
        four: weight_ih, weight_hh, bias_ih, bias_hh as PyTorch has them.
        special: what else the general cell of that kind takes.
    """

    kind: str
    four: Sequence[Array]
    special: Mapping[str, Any] = field(default_factory=dict)

    def direction(self, start: Mapping[str, Array], backward: bool) -> Direction:
        """Return the simplest cell that does what they say, all of it in the precision of its recurrent weights."""
        general = GENERAL[self.kind]
        cell = general(*self.four, **self.special)
        return Direction(cell.simplest(), dict(start), backward).astype(self.four[1].dtype)


def kind_of(path: str, name: str, shape: Sequence[int], width: int) -> str:
    """Return which cell has recurrent weights of such a shape.

    Args:
        path: of the file, for the error.
        name: of the tensor.
        shape: ``(rows, ...)``, the gates one below the other.
        width: H.

    Raises:
        FileError: none has.
    """
    gates, rest = divmod(shape[0], width) if width else (0, 1)
    if rest or gates not in KIND_OF:
        raise FileError(
            f"{path}: {shown(name)}: expected 1, 3 or 4 times {width} rows (RNN, GRU, LSTM), got shape {tuple(shape)}"
        )
    return KIND_OF[gates]


def numbers(path: str, name: str, value: Array, shape: Sequence[int] | None = None) -> Array:
    """Return a tensor in the precision that is computed in, after a look at what it is.

    Raises:
        FileError: it has another shape, or holds no real numbers.
    """
    if shape is not None and value.shape != tuple(shape):
        raise FileError(f"{path}: {shown(name)}: expected shape {tuple(shape)}, got {value.shape}")
    if value.dtype.kind != "f":
        raise FileError(f"{path}: {shown(name)}: expected real numbers, got {value.dtype}")
    if prod(value.shape) == 0:
        raise FileError(f"{path}: {shown(name)}: expected numbers, got the empty shape {value.shape}")
    return as_it_lies(value) if value.size >= LARGE and value.itemsize <= SINGLE else in_double(value)


def word_matrix(path: str, name: str, value: Array, width: int, bias: Array | None = None) -> Array:
    """Return an embedding or a decoder ``(V, width)``, after a look at what it is.

    Args:
        path: of the file.
        name: of the tensor.
        value: ``(V, width)``.
        width: of the vectors.
        bias: ``(V,)``, where there is one.

    Raises:
        FileError: it has another shape, or holds no real numbers; or its bias has.
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
    """Return numbers in double precision; a NaN that signals, which a damaged file may have, becomes a quiet one.

    They are aligned, as in a file they need not be: NumPy sums unaligned ones in another order, and rounds otherwise.
    """
    with np.errstate(invalid="ignore"):
        return np.require(value, np.float64, ["ALIGNED"])


def as_it_lies(value: Array) -> Array:
    """Return numbers in single precision; those that are stored so are not copied, but where they aren't aligned."""
    return np.require(value, np.float32, ["ALIGNED"])


def in_our_order(value: Array, order: str, kind: str) -> Array:
    """Return ``(G·H, ...)`` with the gates, stored in the order of letters ``order``, in the order of our rows."""
    letters = GENERAL[kind].gate_letters
    if tuple(order) == letters:
        return value
    parts: Array = value.reshape(len(order), -1, *value.shape[1:])
    return parts[[order.index(letter) for letter in letters]].reshape(value.shape)


def zeros(weight: Array) -> npt.NDArray[np.float64]:
    """Return the biases ``(G·H,)`` of a layer that has none."""
    return np.zeros(len(weight))


@dataclass(frozen=True, eq=False)
class Module:
    """One module that may be part of a stack: its name and its layers."""

    name: str
    layers: tuple[tuple[LayerDirection, ...], ...]


def chained(links: Iterable[Module]) -> list[Stack]:
    """Return stacks: ``rnns.0``, ``rnns.1`` or ``lstm1``, ``lstm2`` are one, where each reads what the one below gives.

    A name without a number comes before the numbered ones, as Keras has ``lstm``, ``lstm_1``.
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
    """Tell whether each reads as many values as the one below gives."""
    return all(upper.input_size == lower.output_size for lower, upper in pairwise(stacks))
