"""A recurrent network: vocabulary, embedding, recurrent layers, and the decoder or head on top of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array, Trace
from lstm_ascii.errors import MissingPartError, ShapeError, argument
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction, Layer, backward_layer, forward_layer, width_of
from lstm_ascii.mapped import mapping_of, release
from lstm_ascii.records import dataclass

if TYPE_CHECKING:
    from lstm_ascii.answer import Answer
from lstm_ascii.masks import Mask

DECODED_AT_ONCE = 4096  # words of a decoder that lies in a file
GIVE_VECTORS = f"{argument('input', 'FILE')} gives vectors, of a table or .npy"


@dataclass(frozen=True, eq=False)
class Run:
    """Everything that one forward pass computed.

    Attributes:
        ids: indices into the vocabulary, ``(T, B)``; −1 for input vectors that stand for no word.
        traces: for each layer a tuple with the trace of each direction, in the order in which it reads.
        outputs: of the last layer, ``(T, B, H · directions)``, in the order of the words.
    """

    ids: npt.NDArray[np.intp]
    traces: tuple[tuple[Trace, ...], ...]
    outputs: Array


@dataclass(frozen=True, eq=False)
class Network:
    """A recurrent network: a language model, or one with another head, or none.

    Attributes:
        vocabulary: the words, by index.
        embedding: ``(V, E)``; ``(0, E)`` for a network that reads vectors instead of words.
        layers: from the input up; each a tuple of one or two directions.
        decoder_weight: of a language model, ``(V, H · directions)``; without rows for any other network.
        decoder_bias: ``(V,)``.
        source: where the weights come from, as shown on the screen.
        counted: the number of parameters by its file, in which shared matrices count once and missing biases not at
            all; ``None`` to count all :attr:`parameters`.
        head: of a classifier, tagger or regressor; ``None`` for a language model, or where nothing is known of it.
        mask: which steps are padding; ``None`` where every step is read.
        name: its name on the screen where that is more than its cell: ``RNN helped``; begins with the cell's.

    Raises:
        ShapeError: two parts don't fit together.
    """

    vocabulary: Vocabulary
    embedding: Array
    layers: tuple[Layer, ...]
    decoder_weight: Array
    decoder_bias: Array
    source: str = "unknown"
    counted: int | None = None
    head: Answer | None = None
    mask: Mask | None = None
    name: str = ""

    def __post_init__(self) -> None:
        """Check that each part has the input width that the part below it outputs."""
        width = self.embedding.shape[1]
        for number, layer in enumerate(self.layers):
            if len({direction.backward for direction in layer}) != len(layer) or not layer:
                raise ShapeError(f"layer {number}: expected one direction, or one each way, got {len(layer)}")
            for direction in layer:
                if direction.cell.input_size != width:
                    raise ShapeError(f"layer {number}: expected {direction.cell.input_size} inputs, got {width}")
            width = width_of(layer)
        words = len(self.vocabulary)
        decoder_rows = words if self.has_decoder else 0
        shapes = {
            "embedding": (words if self.has_embedding else 0, self.embedding.shape[1]),
            "decoder_weight": (decoder_rows, width),
            "decoder_bias": (decoder_rows,),
        }
        for name, shape in shapes.items():
            actual = getattr(self, name).shape
            if actual != shape:
                raise ShapeError(f"{name}: expected shape {shape}, got {actual}")
        if self.head is not None and (self.has_decoder or self.head.width != width):
            expected = "no decoder beside it" if self.has_decoder else f"{width} inputs, got {self.head.width}"
            raise ShapeError(f"answer: expected {expected}")

    @property
    def title(self) -> str:
        """Its name on the screen: :attr:`name`, else the cell of its last layer."""
        return self.name or self.layers[-1][0].cell.name

    @property
    def has_embedding(self) -> bool:
        """Whether it reads words, or only vectors."""
        return len(self.embedding) > 0

    @property
    def has_decoder(self) -> bool:
        """Whether it predicts the next word."""
        return len(self.decoder_weight) > 0

    @property
    def answer(self) -> Answer | None:
        """How the outputs of the last layer become the prediction; ``None`` where nothing is known of it."""
        if not self.has_decoder:
            return self.head
        from lstm_ascii.answer import next_words

        return next_words(self.decoder_weight, self.decoder_bias, self.vocabulary.words)

    @property
    def parameters(self) -> dict[str, Array]:
        """All trainable arrays by name, as PyTorch names them (``rnn.weight_ih_l0_reverse``)."""
        parameters = {"embedding.weight": self.embedding}
        for suffix, direction in self._directions():
            parameters |= {f"rnn.{name}_{suffix}": value for name, value in direction.cell.parameters.items()}
            parameters |= {f"rnn.start_{name}_{suffix}": value for name, value in direction.start.items()}
        if self.head is not None:
            parameters |= {f"answer.{name}": value for name, value in self.head.parameters.items()}
        return parameters | {"decoder.weight": self.decoder_weight, "decoder.bias": self.decoder_bias}

    @property
    def size(self) -> int:
        """The number of trainable parameters."""
        return sum(value.size for value in self.parameters.values()) if self.counted is None else self.counted

    def with_parameters(self, named: Mapping[str, Array], source: str | None = None) -> Self:
        """Return the same network with other values for all :attr:`parameters`, and perhaps another source."""

        def rebuilt(suffix: str, direction: Direction) -> Direction:
            cell = {name: named[f"rnn.{name}_{suffix}"] for name in direction.cell.parameters}
            start = {name: named[f"rnn.start_{name}_{suffix}"] for name in direction.start}
            return replace(direction, cell=replace(direction.cell, **cell), start=start)

        new = iter([rebuilt(suffix, direction) for suffix, direction in self._directions()])
        head = self.head
        if head is not None:
            head = head.with_parameters({name: named[f"answer.{name}"] for name in head.parameters})
        return replace(
            self,
            embedding=named["embedding.weight"],
            layers=tuple(tuple(next(new) for _ in layer) for layer in self.layers),
            decoder_weight=named["decoder.weight"],
            decoder_bias=named["decoder.bias"],
            source=self.source if source is None else source,
            head=head,
        )

    def beside_padding(self, kept: npt.NDArray[np.bool_]) -> Self:
        """Return the network for a sequence with masked steps, whose outputs Keras includes in a maximum pooling.

        Args:
            kept: which steps are read, ``(T,)``.
        """
        if self.mask is None or self.head is None or self.head.pooling != "max":
            return self
        zeros = self.mask.leaves_zeros(kept, self.layers[-1][0].backward)
        return self if zeros == self.head.padded else replace(self, head=replace(self.head, padded=zeros))

    def loses_to_padding(self, kept: npt.NDArray[np.bool_]) -> str:
        """Say why padding in these places makes the framework ignore what the layer computed; empty if it doesn't.

        Args:
            kept: which steps are read, ``(T,)``.
        """
        layer = self.layers[-1]
        if self.mask is None or self.head is None or len(layer) > 1:
            return ""
        backward = layer[0].backward
        if self.head.pooling == "mean" and backward and (kept != kept[::-1]).any():
            return "a layer that goes backwards gives its outputs in reverse, and Keras averages those of other steps"
        if self.head.pooling in ("last", "first", "ends") and self.mask.zeros and not kept[0 if backward else -1]:
            return "zero_output_for_mask makes Keras answer from zeros after padding, whatever was read before"
        return ""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type that the cells compute in; the embedding is only looked up, and may be stored in a smaller one."""
        return np.result_type(self.layers[0][0].cell.weight_hh, self.embedding)

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Return the network with every parameter in ``dtype``; arrays that have it already are shared."""
        return self.with_parameters({name: value.astype(dtype, copy=False) for name, value in self.parameters.items()})

    def with_layers_in(self, dtype: npt.DTypeLike) -> Self:
        """Return the network with its recurrent layers in ``dtype``; embedding and decoder stay as they are."""
        return replace(self, layers=tuple(tuple(one.astype(dtype) for one in layer) for layer in self.layers))

    def run(self, ids: npt.NDArray[np.intp], start: Sequence[Mapping[str, Array]] = ()) -> Run:
        """Run over word indices.

        Args:
            ids: indices into the vocabulary, ``(T, B)``.
            start: states ``(B, H)`` by name, for each direction from the first layer up; by default the network's own
                start states.

        Raises:
            MissingPartError: there is no embedding.
        """
        if not self.has_embedding:
            raise MissingPartError(f"the network has no embedding, so it reads no words: {GIVE_VECTORS}")
        return self._run(ids, self.embedding[ids].astype(self.dtype, copy=False), start)

    def run_vectors(self, x: Array, start: Sequence[Mapping[str, Array]] = ()) -> Run:
        """Run over vectors ``x`` ``(T, B, E)`` that stand for no words; see :meth:`run`."""
        return self._run(np.full(x.shape[:2], -1, np.intp), x, start)

    def _run(self, ids: npt.NDArray[np.intp], x: Array, start: Sequence[Mapping[str, Array]]) -> Run:
        """Run all layers over input vectors."""
        traces, starts = [], iter(start)
        for layer in self.layers:
            passes, x = forward_layer(layer, x, [next(starts, None) for _ in layer])
            traces.append(passes)
        return Run(ids, tuple(traces), x)

    def decode(self, outputs: Array) -> Array:
        """Return the logits ``(..., V)`` of outputs ``(..., H · directions)``.

        A memory-mapped decoder is multiplied a block of rows at a time, in its own precision: so a large vocabulary
        needs no copy of it in memory.

        Raises:
            MissingPartError: there is no decoder.
        """
        if not self.has_decoder:
            has = f"answers with {self.head.in_words}" if self.head else "has no decoder"
            raise MissingPartError(f"the network {has}, so it names no next word")
        if mapping_of(self.decoder_weight) is None:
            weight = self.decoder_weight.astype(np.result_type(outputs, self.decoder_weight), copy=False)
            logits: Array = outputs @ weight.T + self.decoder_bias
            return logits
        rows = _rows(outputs).astype(self.decoder_weight.dtype)
        logits = np.empty((len(rows), len(self.decoder_weight)), rows.dtype)
        for begin in range(0, len(self.decoder_weight), DECODED_AT_ONCE):
            part = slice(begin, begin + DECODED_AT_ONCE)
            logits[:, part] = rows @ self.decoder_weight[part].T
            release(self.decoder_weight)
        logits += self.decoder_bias
        return logits.reshape(*outputs.shape[:-1], -1)

    def backward(
        self,
        run: Run,
        d_answer: Array,
        direct: Sequence[Mapping[str, Array]] = (),
        at: npt.NDArray[np.intp] | None = None,
    ) -> dict[str, Array]:
        """Return the gradients of all :attr:`parameters`, by name.

        Args:
            run: a forward pass of this network.
            d_answer: ∂L/∂ the logits, ``(T, B, V)``; with a :attr:`head` ∂L/∂ its pre-activations, ``(B, n)``, or
                ``(T, B, n)`` if it answers at each step; without either ``(T, B, 0)``.
            direct: further direct gradients on the states of each direction, from the first layer up, in the order
                in which the direction reads; see :meth:`Cell.backward`.
            at: of a sparse gradient on the logits, the flat indices into T·B, ``(N,)``, each once, at which it isn't 0;
                ``d_answer`` then has only those rows, ``(N, V)``.

        Raises:
            ShapeError: a gradient has the wrong shape.
        """
        d_x, grads = self._answer_backward(run, d_answer, at)
        extra = dict(zip([suffix for suffix, _ in self._directions()], direct, strict=False))
        for number in range(len(self.layers) - 1, -1, -1):
            layer, suffixes = self.layers[number], [_suffix(number, direction) for direction in self.layers[number]]
            d_x, found = backward_layer(layer, run.traces[number], d_x, [extra.get(name, {}) for name in suffixes])
            for direction, suffix, gradients in zip(layer, suffixes, found, strict=True):
                grads |= {f"rnn.{name}_{suffix}": value for name, value in gradients.parameters.items()}
                grads |= {
                    f"rnn.start_{name}_{suffix}": gradients.states[name][0].sum(axis=0) for name in direction.start
                }
        is_word = run.ids.reshape(-1) >= 0
        grads["embedding.weight"] = _scatter(run.ids.reshape(-1)[is_word], _rows(d_x)[is_word], self.embedding.shape)
        return grads

    def _answer_backward(
        self, run: Run, d_answer: Array, at: npt.NDArray[np.intp] | None
    ) -> tuple[Array, dict[str, Array]]:
        """Return ∂L/∂ the outputs, and the gradients of the decoder's or the head's parameters by name."""
        shape = (*(run.ids.shape if at is None else at.shape), len(self.decoder_bias))
        nothing = {
            "decoder.weight": np.zeros_like(self.decoder_weight),
            "decoder.bias": np.zeros_like(self.decoder_bias),
        }
        if self.head is not None:
            d_outputs, grads = self.head.backward(run.outputs, d_answer)
            return d_outputs, {f"answer.{name}": value for name, value in grads.items()} | nothing
        if d_answer.shape != shape:
            raise ShapeError(f"gradient on the logits: expected shape {shape}, got {d_answer.shape}")
        d_rows, rows = _rows(d_answer), _rows(run.outputs)  # (T·B, V) or (N, V), and (T·B, W)
        d_outputs = d_rows @ self.decoder_weight
        if at is not None:  # scatter the gradients of the N rows among zeros
            d_outputs, some = np.zeros(rows.shape, d_rows.dtype), d_outputs
            d_outputs[at], rows = some, rows[at]
        grads = {"decoder.weight": d_rows.T @ rows, "decoder.bias": d_rows.sum(axis=0)}
        return d_outputs.reshape(run.outputs.shape), grads

    def _directions(self) -> list[tuple[str, Direction]]:
        """Return every direction with the suffix of its parameters' names."""
        return [(_suffix(n, direction), direction) for n, layer in enumerate(self.layers) for direction in layer]


def gradient_below(network: Network, run: Run, d_outputs: Array, above: int = -1) -> Array:
    """Return the gradient on the outputs of layer ``above`` (from 0), or for −1 on the inputs, ``(T, B, W)``.

    Args:
        network: that ran.
        run: its pass.
        d_outputs: the gradient on the outputs of the last layer, ``(T, B, H · directions)``.
        above: the layer at which to stop.
    """
    gradient = d_outputs
    for number in range(len(network.layers) - 1, above, -1):
        gradient, _ = backward_layer(network.layers[number], run.traces[number], gradient)
    return gradient


def _suffix(number: int, direction: Direction) -> str:
    """Return PyTorch's suffix for the names of a layer's parameters."""
    return f"l{number}_reverse" if direction.backward else f"l{number}"


def _rows(array: Array) -> Array:
    """Fold time and batch into one axis, ``(T·B, ...)``."""
    return array.reshape(math.prod(array.shape[:-1]), array.shape[-1])


def _scatter(ids: npt.NDArray[np.intp], d_rows: Array, shape: tuple[int, ...]) -> Array:
    """Sum the rows ``(N, E)`` that share an id into a table ``(V, E)``."""
    order = np.argsort(ids, kind="stable")
    rows, first = np.unique(ids[order], return_index=True)
    table = np.zeros(shape, d_rows.dtype)
    table[rows] = np.add.reduceat(d_rows[order], first, axis=0)
    return table


@dataclass(frozen=True)
class Place:
    """The position of one direction of one layer in a network.

    Attributes:
        layer: from 0; negative numbers count from the last one.
        direction: its index within the layer.
    """

    layer: int = -1
    direction: int = 0

    def direction_in(self, network: Network) -> Direction:
        """Return the direction in this position."""
        return network.layers[self.layer][self.direction]

    def trace_in(self, run: Run) -> Trace:
        """Return its trace of a pass, in the order in which it reads."""
        return run.traces[self.layer][self.direction]

    def is_last(self, network: Network) -> bool:
        """Tell whether it is in the last layer."""
        return self.layer % len(network.layers) == len(network.layers) - 1

    def index(self, network: Network) -> int:
        """Return its index among all directions, from the first layer up."""
        return sum(map(len, network.layers[: self.layer % len(network.layers)])) + self.direction


LAST = Place()  # the last layer; of two directions the forward one
