"""A recurrent network: vocabulary, embedding, layers of cells in one or two directions, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.errors import MissingPartError, ShapeError, argument
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.mapped import mapping_of, release
from lstm_ascii.merging import BESIDE, merged, merged_gradients, merged_width
from lstm_ascii.records import dataclass

if TYPE_CHECKING:
    from lstm_ascii.answer import Answer
from lstm_ascii.masks import Mask

DECODED_AT_ONCE = 4096  # words of a decoder that lies in a file
GIVE_VECTORS = f"{argument('input', 'FILE')} gives vectors, of a table or .npy"


@dataclass(frozen=True, eq=False)
class Direction:
    """One cell that reads the sequence one way, and the state that it starts from.

    Attributes:
        cell: the equations and their parameters.
        start: by state name, each of the state's size, ``(H,)``; a state left out starts at zero.
        backward: whether it reads from the last word to the first.
        most_steps: how many steps it was made to read, as ``sequence_lens`` of an ONNX node says; 0 for any.
        merge: how its outputs and those of the other direction become one; see :mod:`lstm_ascii.merging`.

    Raises:
        ShapeError: a start state has the wrong size, or the cell has no such state.
    """

    cell: Cell
    start: dict[str, Array] = field(default_factory=dict)
    backward: bool = False
    most_steps: int = 0
    merge: str = BESIDE

    def __post_init__(self) -> None:
        """Check that the cell can start there."""
        sizes = self.cell.state_sizes
        for name, value in self.start.items():
            if name not in sizes:
                raise ShapeError(f"{self.cell.name} start state: the cell has no state {name!r}")
            shape = (sizes[name],)
            if value.shape != shape:
                raise ShapeError(f"{self.cell.name} start state {name}: expected shape {shape}, got {value.shape}")

    def ordered(self, sequence: Array) -> Array:
        """Return ``sequence`` ``(T, ...)`` in this direction's order, or back again; a view."""
        return sequence[::-1] if self.backward else sequence

    def check_steps(self, steps: int) -> None:
        """Refuse a sequence that the file's own ``sequence_lens`` would cut off.

        Raises:
            ShapeError: it is longer.
        """
        if self.most_steps and steps > self.most_steps:
            end = f"its sequence_lens says that it reads {self.most_steps} steps"
            raise ShapeError(f"{self.cell.name}: {end}, got {steps}; behind them its outputs would be zeros")

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Return the direction with every parameter in ``dtype``."""
        start = {name: state.astype(dtype, copy=False) for name, state in self.start.items()}
        return replace(self, cell=self.cell.astype(dtype), start=start)

    def trace(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x`` ``(T, B, D)``; the trace is in this direction's order, single as the cell.

        ``start`` takes the place of the direction's own start state, each state ``(B, H)``.

        Raises:
            ShapeError: there are more steps than it was made for.
        """
        self.check_steps(len(x))
        x, start = self.ordered(x), self.start if start is None else start
        if self.cell.weight_hh.dtype == np.float32:
            x = x.astype(np.float32, copy=False)
            start = {name: state.astype(np.float32, copy=False) for name, state in start.items()}
        return self.cell.forward(x, start)


Layer = tuple[Direction, ...]


def width_of(layer: Layer) -> int:
    """Return the width of what a layer gives, of all its directions."""
    return merged_width([direction.cell.output_size for direction in layer], layer[0].merge)


def parted(layer: Layer, passes: Sequence[Trace], gradient: Array) -> list[Array]:
    """Return the gradient on the outputs of each direction, in the order of the words, from that on a layer's."""
    outputs = [direction.ordered(trace.h) for direction, trace in zip(layer, passes, strict=True)]
    return merged_gradients(outputs, layer[0].merge, gradient)


@dataclass(frozen=True, eq=False)
class Run:
    """What one pass over ``ids`` ``(T, B)`` computed.

    Attributes:
        ids: indices into the vocabulary, ``(T, B)``; −1 where vectors were read that stand for no word.
        traces: one tuple a layer, with one trace a direction, each in its direction's order.
        outputs: of the last layer, ``(T, B, H · directions)``, in the order of the words.
    """

    ids: npt.NDArray[np.intp]
    traces: tuple[tuple[Trace, ...], ...]
    outputs: Array


@dataclass(frozen=True, eq=False)
class Network:
    """A recurrent network: it may lack an embedding (it then reads vectors), and it names next words or answers else.

    Attributes:
        vocabulary: the words, by index.
        embedding: ``(V, E)``; ``(0, E)`` where there is none.
        layers: from the input up; each a tuple of one or two directions.
        decoder_weight: of a language model, ``(V, H · directions)``; no rows where there is none.
        decoder_bias: ``(V,)``.
        source: where the weights come from, as the screen says it.
        name: what it is called on the screen, where that is more than its cell: ``RNN helped``; begins with its cell.
        counted: how many numbers it has by its file, where a matrix that is shared counts once and a bias that is not
            there not at all; ``None`` where all parameters count.

    Raises:
        ShapeError: neighbours don't fit.
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
        """Check that each part takes what the part below it gives."""
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
        """What it is called on the screen: by its name, else by the cell of its last layer."""
        return self.name or self.layers[-1][0].cell.name

    @property
    def has_embedding(self) -> bool:
        """Whether it reads words; else only vectors."""
        return len(self.embedding) > 0

    @property
    def has_decoder(self) -> bool:
        """Whether it names a next word."""
        return len(self.decoder_weight) > 0

    @property
    def answer(self) -> Answer | None:
        """What is done with the outputs, to the end; ``None`` where nothing is known of it."""
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
        """How many trainable numbers it has."""
        return sum(value.size for value in self.parameters.values()) if self.counted is None else self.counted

    def with_parameters(self, named: Mapping[str, Array], source: str | None = None) -> Self:
        """Return the same network with other arrays (all that :attr:`parameters` names) and perhaps another source."""

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
        """Return the network for a sequence whose other steps its mask skips: Keras takes the largest over those, too.

        Args:
            kept: which steps are read, ``(T,)``.
        """
        if self.mask is None or self.head is None or self.head.pooling != "max":
            return self
        zeros = self.mask.leaves_zeros(kept, self.layers[-1][0].backward)
        return self if zeros == self.head.padded else replace(self, head=replace(self.head, padded=zeros))

    def loses_to_padding(self, kept: npt.NDArray[np.bool_]) -> str:
        """Say why the framework's answer is not made of what it read, where padding stands so; empty where it is.

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
        """What the cells compute in; the embedding is only looked up, and may be stored in a smaller type."""
        return np.result_type(self.layers[0][0].cell.weight_hh, self.embedding)

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Return the network with every parameter in ``dtype``; those that are in it already are shared."""
        return self.with_parameters({name: value.astype(dtype, copy=False) for name, value in self.parameters.items()})

    def with_layers_in(self, dtype: npt.DTypeLike) -> Self:
        """Return the network with its layers in ``dtype``; what lies below and above them stays as it is."""
        return replace(self, layers=tuple(tuple(one.astype(dtype) for one in layer) for layer in self.layers))

    def run(self, ids: npt.NDArray[np.intp], start: Sequence[Mapping[str, Array]] = ()) -> Run:
        """Step through ``ids`` ``(T, B)`` from the start state.

        ``start`` takes its place, with the states ``(B, H)`` of each direction from the first layer up.

        Raises:
            MissingPartError: there is no embedding.
        """
        if not self.has_embedding:
            raise MissingPartError(f"the network has no embedding, so it reads no words: {GIVE_VECTORS}")
        return self._run(ids, self.embedding[ids].astype(self.dtype, copy=False), start)

    def run_vectors(self, x: Array, start: Sequence[Mapping[str, Array]] = ()) -> Run:
        """Step through vectors ``x`` ``(T, B, E)`` that stand for no words; see :meth:`run`."""
        return self._run(np.full(x.shape[:2], -1, np.intp), x, start)

    def _run(self, ids: npt.NDArray[np.intp], x: Array, start: Sequence[Mapping[str, Array]]) -> Run:
        """Step through the layers, from the vectors up."""
        traces, starts = [], iter(start)
        for layer in self.layers:
            passes = tuple(direction.trace(x, next(starts, None)) for direction in layer)
            traces.append(passes)
            outputs = [direction.ordered(trace.h) for direction, trace in zip(layer, passes, strict=True)]
            x = merged(outputs, layer[0].merge)
        return Run(ids, tuple(traces), x)

    def decode(self, outputs: Array) -> Array:
        """Return the logits ``(..., V)`` of outputs ``(..., H · directions)``.

        A decoder that lies in a file is used as it lies there, some words at a time and in its own precision: the
        logits of a large vocabulary need no second copy of it in memory, and hardly a first.

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
            run: of :meth:`run` of this network.
            d_answer: the loss's gradient on the logits of every word, ``(T, B, V)``; of another answer that on its
                sums, ``(B, n)``, or ``(T, B, n)`` where it answers each step. Without any answer ``(T, B, 0)``.
            direct: a mapping for each direction from the first layer up, with further direct gradients on
                that direction's states (see :meth:`Cell.backward`), in that direction's order.
            at: where the gradient isn't 0, as places in T·B, ``(N,)``, each once; ``d_answer``
                is the gradient on their logits, ``(N, V)``, then.

        Raises:
            ShapeError: a gradient has another shape than what it belongs to.
        """
        d_x, grads = self._answer_backward(run, d_answer, at)
        extra = dict(zip([suffix for suffix, _ in self._directions()], direct, strict=False))
        for number in range(len(self.layers) - 1, -1, -1):
            layer, passes = self.layers[number], run.traces[number]
            parts = parted(layer, passes, d_x)
            d_x = np.zeros(passes[0].x.shape, d_x.dtype)
            for direction, trace, part in zip(layer, passes, parts, strict=True):
                suffix = _suffix(number, direction)
                states = {**extra.get(suffix, {})}
                states["h"] = direction.ordered(part) + states.get("h", 0)
                gradients = direction.cell.backward(trace, states)
                grads |= {f"rnn.{name}_{suffix}": value for name, value in gradients.parameters.items()}
                grads |= {
                    f"rnn.start_{name}_{suffix}": gradients.states[name][0].sum(axis=0) for name in direction.start
                }
                d_x += direction.ordered(gradients.x)
        is_word = run.ids.reshape(-1) >= 0
        grads["embedding.weight"] = _scatter(run.ids.reshape(-1)[is_word], _rows(d_x)[is_word], self.embedding.shape)
        return grads

    def _answer_backward(
        self, run: Run, d_answer: Array, at: npt.NDArray[np.intp] | None
    ) -> tuple[Array, dict[str, Array]]:
        """Return the gradient on the outputs, and those of the decoder's or the head's parameters by name."""
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
        d_rows, rows = _rows(d_answer), _rows(run.outputs)
        d_outputs = d_rows @ self.decoder_weight
        if at is not None:
            d_outputs, some = np.zeros(rows.shape, d_rows.dtype), d_outputs
            d_outputs[at], rows = some, rows[at]
        grads = {"decoder.weight": d_rows.T @ rows, "decoder.bias": d_rows.sum(axis=0)}
        return d_outputs.reshape(run.outputs.shape), grads

    def _directions(self) -> list[tuple[str, Direction]]:
        """Return every direction with the ending of its parameters' names."""
        return [(_suffix(n, direction), direction) for n, layer in enumerate(self.layers) for direction in layer]


def _suffix(number: int, direction: Direction) -> str:
    """Return PyTorch's ending for a layer's parameters."""
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
    """One direction of one layer.

    Attributes:
        layer: from 0; negative numbers count from the last one.
        direction: its index within the layer.
    """

    layer: int = -1
    direction: int = 0

    def direction_in(self, network: Network) -> Direction:
        """Return the cell there, its start state and the way that it reads."""
        return network.layers[self.layer][self.direction]

    def trace_in(self, run: Run) -> Trace:
        """Return what a pass computed there, in that direction's order."""
        return run.traces[self.layer][self.direction]

    def is_last(self, network: Network) -> bool:
        """Tell whether the decoder stands right above it."""
        return self.layer % len(network.layers) == len(network.layers) - 1

    def index(self, network: Network) -> int:
        """Return where it stands among all directions, from the first layer up."""
        return sum(map(len, network.layers[: self.layer % len(network.layers)])) + self.direction


LAST = Place()  # the last layer; of two directions the forward one
