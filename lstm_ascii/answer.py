"""The head of a network: its outputs pooled over the steps, then dense layers, then classes or values.

A language model is a special case: one dense layer with a row for each word, and a softmax, at each step. Forward and
backward passes also work on complex numbers, so that derivatives can be checked by complex steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.cells.activations import FORMULAS, Activation, ActivationError
from lstm_ascii.errors import ShapeError
from lstm_ascii.records import dataclass

# How the outputs of T steps are reduced to one; with "each" every step has its own answer. "ends": each direction's
# output after the last step that it reads, like Keras' return_sequences=False
POOLINGS = ("each", "last", "first", "mean", "max", "ends")
NEXT_WORDS, CLASSES, TAGS, LABELS, VALUES = "next words", "classes", "tags", "labels", "values"
LINEAR = "linear"
_OVER_ALL = ("softmax", "log_softmax")  # each output depends on all inputs


@dataclass(frozen=True)
class Squash:
    """The activation function of a dense layer: elementwise, or a softmax.

    Attributes:
        name: ``softmax``, ``log_softmax``, or a name that :class:`Activation` knows.
        alpha, beta: parameters of the activation.

    Raises:
        ActivationError: there is no function of that name.
    """

    name: str = LINEAR
    alpha: float = 0.0
    beta: float = 0.0

    def __post_init__(self) -> None:
        """Check the name."""
        if self.name not in _OVER_ALL and self.name not in FORMULAS:
            raise ActivationError(f"activation: expected one of {', '.join(ENDINGS)}, got {self.name}")

    @classmethod
    def named(cls, name: str, alpha: float | None = None, beta: float | None = None) -> Self:
        """Return the function that a framework calls ``name``: ``LogSoftmax``, ``none``, ``HardSigmoid``.

        Raises:
            ActivationError: there is no function of that name.
        """
        plain = name.lower().replace("_", "")
        if plain in ("softmax", "logsoftmax"):
            return cls("softmax" if plain == "softmax" else "log_softmax")
        function = Activation.named(LINEAR if plain in ("", "none", "identity") else name, alpha, beta)
        return cls(function.name, function.alpha, function.beta)

    @property
    def over_all(self) -> bool:
        """Whether it is a softmax, whose every output depends on all inputs."""
        return self.name in _OVER_ALL

    @property
    def _function(self) -> Activation:
        return Activation(self.name, self.alpha, self.beta)

    def __str__(self) -> str:
        """Return the name, with the parameters if it has any."""
        return self.name if self.over_all else str(self._function)

    def __call__(self, sums: Array) -> Array:
        """Apply the function to pre-activations ``(..., n)``; the shape stays."""
        if not self.over_all:
            return self._function(sums)
        shifted = sums - sums.real.max(axis=-1, keepdims=True)
        powers = np.exp(shifted)
        total = powers.sum(axis=-1, keepdims=True)
        values: Array = powers / total if self.name == "softmax" else shifted - np.log(total)
        return values

    def backward(self, sums: Array, d_values: Array) -> Array:
        """Return ∂L/∂ the pre-activations ``(..., n)``, given ∂L/∂ the function's values."""
        if not self.over_all:
            return d_values * self._function.slope(sums)
        p = Squash("softmax")(sums)
        if self.name == "log_softmax":  # ∂ log p_k / ∂ a_j = [k = j] − p_j
            d_sums: Array = d_values - p * d_values.sum(axis=-1, keepdims=True)
        else:  # ∂ p_k / ∂ a_j = p_k ([k = j] − p_j)
            d_sums = p * (d_values - (d_values * p).sum(axis=-1, keepdims=True))
        return d_sums


ENDINGS = (*_OVER_ALL, *FORMULAS)


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer: ``squash(x @ weight.T + bias)``.

    Attributes:
        weight: ``(n, m)``.
        bias: ``(n,)``; zeros for a layer without one.
        squash: the activation function.

    Raises:
        ShapeError: weight and bias don't fit.
    """

    weight: Array
    bias: Array
    squash: Squash = Squash()

    def __post_init__(self) -> None:
        """Check the shapes."""
        if self.weight.ndim != 2 or self.bias.shape != self.weight.shape[:1]:
            raise ShapeError(f"dense layer: a weight {self.weight.shape} has no bias of shape {self.bias.shape}")

    def sums(self, x: Array) -> Array:
        """Return the pre-activations ``(..., n)`` for inputs ``(..., m)``."""
        sums: Array = x @ self.weight.T + self.bias
        return sums


@dataclass(frozen=True, eq=False)
class Answer:
    """How the outputs of the last recurrent layer become the network's answer.

    Attributes:
        pooling: the reduction over the steps, before the dense layers: one of :data:`POOLINGS`.
        layers: the dense layers, from the outputs up; at least one.
        ahead: a function applied to the pooled outputs, before the first dense layer.
        split: for the pooling ``ends``, the index at which the outputs of the second direction begin; 0 for one
            direction.
        labels: the names of the outputs; two for a single sigmoid, whose second class is the one near 1; empty if
            unknown.
        words: whether the labels are the words of the vocabulary.
        assumed: what the file doesn't say and was assumed, as sentences.
        padded: whether the pooling ``max`` includes a step of zeros, the output of masked steps.

    Raises:
        ShapeError: two layers don't fit together, or the number of labels is wrong.
    """

    pooling: str
    layers: tuple[Dense, ...]
    ahead: Squash = Squash()
    split: int = 0
    labels: tuple[str, ...] = ()
    words: bool = False
    assumed: tuple[str, ...] = ()
    padded: bool = False

    def __post_init__(self) -> None:
        """Check that each layer has the input width that the one below it outputs."""
        if self.pooling not in POOLINGS or not self.layers:
            raise ShapeError(f"answer: expected a pooling of {', '.join(POOLINGS)} and a dense layer")
        for number, (below, above) in enumerate(zip(self.layers, self.layers[1:], strict=False), 2):
            if above.weight.shape[1] != len(below.weight):
                got = f"{above.weight.shape[1]} inputs, got {len(below.weight)}"
                raise ShapeError(f"answer: dense layer {number}: expected {got}")
        if self.labels and len(self.labels) != self.outputs and not (self.is_binary and len(self.labels) == 2):
            either = "2 labels, or 1" if self.is_binary else f"{self.outputs} label{'s' * (self.outputs != 1)}"
            raise ShapeError(f"expected {either}, as many as the network has outputs, got {len(self.labels)}")

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return len(self.layers[-1].weight)

    @property
    def width(self) -> int:
        """The width of its input at each step."""
        return int(self.layers[0].weight.shape[1])

    @property
    def squash(self) -> Squash:
        """The activation function of the last layer."""
        return self.layers[-1].squash

    @property
    def is_binary(self) -> bool:
        """Whether it has two classes and gives only the probability of the second."""
        return self.outputs == 1 and self.squash.name == "sigmoid"

    @property
    def is_probable(self) -> bool:
        """Whether its outputs are probabilities."""
        return self.squash.over_all or self.squash.name == "sigmoid"

    @property
    def kind(self) -> str:
        """What the outputs are: next words, classes, tags (a class a step), labels (each yes or no), or values."""
        if self.words:
            return NEXT_WORDS
        if not self.is_probable:
            return VALUES
        if self.outputs > 1 and not self.squash.over_all:
            return LABELS
        return TAGS if self.pooling == "each" else CLASSES

    @property
    def parameters(self) -> dict[str, Array]:
        """All arrays by name, from the outputs up: ``0.weight``, ``0.bias``."""
        named: dict[str, Array] = {}
        for number, layer in enumerate(self.layers):
            named |= {f"{number}.weight": layer.weight, f"{number}.bias": layer.bias}
        return named

    def with_parameters(self, named: Mapping[str, Array]) -> Self:
        """Return the same answer with other arrays."""
        layers = tuple(
            replace(layer, weight=named[f"{number}.weight"], bias=named[f"{number}.bias"])
            for number, layer in enumerate(self.layers)
        )
        return replace(self, layers=layers)

    def pooled(self, outputs: Array) -> Array:
        """Pool outputs ``(T, B, W)`` over the steps, ``(B, W)``; with ``each`` they stay as they are."""
        if self.pooling == "each":
            return outputs
        if self.pooling in ("last", "first"):
            one: Array = outputs[-1 if self.pooling == "last" else 0]
            return one
        if self.pooling == "mean":
            mean: Array = outputs.mean(axis=0)
            return mean
        if self.pooling == "max":
            steps = self._steps(outputs)
            largest: Array = np.take_along_axis(steps, _largest(steps), axis=0)[0]
            return largest
        first = self.split or outputs.shape[-1]
        return np.concatenate([outputs[-1, :, :first], outputs[0, :, first:]], axis=-1)

    def _steps(self, outputs: Array) -> Array:
        """Return the outputs for the pooling ``max``, followed by the zeros of masked steps where those count."""
        return np.concatenate([outputs, np.zeros_like(outputs[:1])]) if self.padded else outputs

    def sums(self, outputs: Array) -> Array:
        """Return the pre-activations of the last layer (the logits, of a softmax) for outputs ``(T, B, W)``.

        Returns:
            ``(B, n)``; with the pooling ``each`` ``(T, B, n)``.
        """
        return self._inputs(outputs)[-1]

    def __call__(self, outputs: Array) -> Array:
        """Return the answer for outputs ``(T, B, W)``: ``(B, n)``, or with the pooling ``each`` ``(T, B, n)``."""
        return self.squash(self.sums(outputs))

    def _inputs(self, outputs: Array) -> list[Array]:
        """Return the pooled outputs, then the pre-activations of each layer."""
        values = [self.pooled(outputs)]
        x = self.ahead(values[0])
        for layer in self.layers:
            values.append(layer.sums(x))
            if layer is not self.layers[-1]:
                x = layer.squash(values[-1])
        return values

    def backward(self, outputs: Array, d_sums: Array) -> tuple[Array, dict[str, Array]]:
        """Return ∂L/∂ the outputs ``(T, B, W)``, and the gradients of all :attr:`parameters` by name.

        Args:
            outputs: those of the forward pass.
            d_sums: ∂L/∂ :meth:`sums`; :meth:`Squash.backward` computes it from ∂L/∂ the answer.

        Raises:
            ShapeError: the gradient has another shape than the sums.
        """
        pooled, *sums = self._inputs(outputs)
        if d_sums.shape != sums[-1].shape:
            raise ShapeError(f"gradient on the answer's sums: expected shape {sums[-1].shape}, got {d_sums.shape}")
        grads: dict[str, Array] = {}
        for number in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[number]
            squash, below = (self.layers[number - 1].squash, sums[number - 1]) if number else (self.ahead, pooled)
            x, d_rows = squash(below), d_sums.reshape(-1, d_sums.shape[-1])
            grads[f"{number}.weight"] = d_rows.T @ x.reshape(-1, x.shape[-1])
            grads[f"{number}.bias"] = d_rows.sum(axis=0)
            d_sums = squash.backward(below, d_sums @ layer.weight)
        return self._spread(outputs, d_sums), grads

    def _spread(self, outputs: Array, d_pooled: Array) -> Array:
        """Return ∂L/∂ the outputs, given ∂L/∂ the pooled ones."""
        if self.pooling == "each":
            return d_pooled
        d_outputs = np.zeros(outputs.shape, d_pooled.dtype)
        if self.pooling == "mean":
            d_outputs += d_pooled / len(outputs)
        elif self.pooling == "max":
            d_steps = self._steps(d_outputs)
            np.put_along_axis(d_steps, _largest(self._steps(outputs)), d_pooled[None], axis=0)
            d_outputs = d_steps[: len(outputs)]
        elif self.pooling == "first":
            d_outputs[0] = d_pooled
        else:
            first = self.split if self.pooling == "ends" and self.split else outputs.shape[-1]
            d_outputs[-1, :, :first] = d_pooled[:, :first]
            d_outputs[0, :, first:] += d_pooled[:, first:]
        return d_outputs

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes or values: the labels, else numbers from 0. A single sigmoid has two classes."""
        count = 2 if self.is_binary else self.outputs
        if self.labels:
            return self.labels if len(self.labels) == count else (f"not {self.labels[0]}", *self.labels)
        if self.is_probable:
            return tuple(f"#{number}" for number in range(count))
        return ("y",) if count == 1 else tuple(f"y{number}" for number in range(count))

    @property
    def in_words(self) -> str:
        """Its answer as a phrase after "the network answers with": ``one of 3 classes``."""
        at_each = " at each step" if self.pooling == "each" else ""
        if self.kind == VALUES:
            return ("a number" if self.outputs == 1 else f"{self.outputs:,} numbers") + at_each
        if self.kind == LABELS:
            return f"{self.outputs:,} labels, each yes or no{at_each}"
        return f"one of {len(self.names):,} {self.kind}{at_each}"

    def each_step(self) -> Self:
        """Return the same head without pooling, applied at each step."""
        return replace(self, pooling="each")


def next_words(weight: Array, bias: Array, labels: Sequence[str] = ()) -> Answer:
    """Return the head of a language model: at each step one dense layer and a softmax over all words."""
    return Answer("each", (Dense(weight, bias, Squash("softmax")),), labels=tuple(labels), words=True)


def _largest(outputs: Array) -> Any:
    """Return the step at which each output is largest, ``(1, B, W)``; complex numbers count by their real part."""
    return outputs.real.argmax(axis=0)[None]
