"""Checking gradients: backpropagation through time against complex-step derivatives (Squire & Trapp 1998).

A complex step uses no formula of a derivative, and subtracts nothing, so it is exact up to rounding:
``∂L/∂p · v = Im L(p + iεv) / ε``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Self

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import parted
from lstm_ascii.network import Network, Run
from lstm_ascii.records import dataclass

STEP = 1e-30
# Of the largest gradient, on the parameters or on what the loss is read off: a part that is smaller is judged as if it
# were as large. The loss is a sum in double precision, and what is 1e-15 of its gradients is rounding; so where all
# units are saturated, rounding is all that comes down to the parameters.
FLOOR = 1e-5
OTHER_WORDS = 64  # beside those of the text, whose rows of a large vocabulary are checked

Draw = Callable[[str, tuple[int, ...]], Array]


@dataclass(frozen=True)
class Deviation:
    """The deviation between the two gradients of one parameter.

    Attributes:
        name: of the parameter.
        size: its number of entries.
        largest: absolute value of its gradient, by backpropagation.
        directions: the largest deviation of the derivative along random directions, to which every entry contributes;
            relative to the norm of the gradient, but at least to :data:`FLOOR` times the largest of all gradients.
        entries: the largest deviation of a single entry; relative to :attr:`largest`, but at least to the same floor.
        tried: the number of single entries that were checked.
    """

    name: str
    size: int
    largest: float
    directions: float
    entries: float
    tried: int


def narrowed(network: Network, ids: npt.NDArray[np.intp]) -> tuple[Network, npt.NDArray[np.intp]]:
    """Return a network in float64 whose vocabulary has only the words of ``ids`` and a few others, and its ``ids``.

    All rows of the embedding and the decoder are treated alike, so a check of some of them is enough; a complex copy of
    tens of millions of numbers would cost much memory.
    """
    if not network.has_embedding:
        return network.astype(float), ids
    words = len(network.embedding)
    others = np.linspace(0, words - 1, min(words, OTHER_WORDS)).astype(np.intp)
    rows, places = np.unique(np.concatenate([ids.ravel(), others]), return_inverse=True)
    parameters = dict(network.parameters)
    for name in ("embedding.weight", "decoder.weight", "decoder.bias"):
        if len(parameters[name]):
            parameters[name] = parameters[name][rows]
    vocabulary = Vocabulary(tuple(network.vocabulary.words[row] for row in rows))
    small = replace(network, vocabulary=vocabulary, embedding=parameters["embedding.weight"],
                    decoder_weight=parameters["decoder.weight"], decoder_bias=parameters["decoder.bias"])  # fmt: skip
    return small.astype(float), places.reshape(-1)[: ids.size].reshape(ids.shape)


def deviations(network: Network, forward: Callable[[Network], Run], draw: Draw, tries: int) -> Iterator[Deviation]:
    """Check every parameter of a network.

    Args:
        network: in float64.
        forward: runs a network over the text or the vectors, ``B`` = 1.
        draw: returns random numbers of a shape, reproducibly by a name.
        tries: the number of single entries to check, including the one with the largest gradient.
    """
    run = forward(network)
    loss = _Loss.on(network, run, draw)
    gradients = loss.gradients(network, run)
    largest_of_all = max(float(np.abs(value).max(initial=0.0)) for value in (*gradients.values(), loss.above))
    floor = FLOOR * largest_of_all
    for name, value in network.parameters.items():
        if not value.size:
            continue
        ours = gradients[name]

        def along(direction: Array, name: str = name, value: Array = value) -> float:
            shifted = network.with_parameters({**network.parameters, name: value + 1j * STEP * direction})
            return float(np.imag(loss.value(shifted, forward(shifted))) / STEP)

        ways = [draw(f"{name} {n}", value.shape) for n in (1, 2)]
        off = max(abs(float((ours * way).sum()) - along(way)) for way in ways)
        length, largest = float(np.linalg.norm(ours)), float(np.abs(ours).max())
        sample = _entries(ours, draw(f"{name} entries", (tries,)))
        entries = max(abs(float(ours[entry]) - along(_one(value.shape, entry))) for entry in sample)
        off, entries = off / (max(length, floor) or 1.0), entries / (max(largest, floor) or 1.0)
        yield Deviation(name, value.size, largest, off, entries, len(sample))


@dataclass(frozen=True, eq=False)
class _Loss:
    """A loss that depends on every parameter that the answer depends on.

    Attributes:
        targets: for a language model the next words, ``(T, B)``: the loss is Σ_t log p(next word), where the last word
            is followed by the first.
        weights: for another head, or for the outputs of a network without one: the loss is Σ weights ⊙ answer.
        above: ∂L/∂ the pre-activations of the decoder or head, or ∂L/∂ the outputs.
    """

    targets: npt.NDArray[np.intp]
    weights: Array
    above: Array

    @classmethod
    def on(cls, network: Network, run: Run, draw: Draw) -> Self:
        """Return the loss for a network and a pass."""
        targets, head = np.roll(run.ids, -1, axis=0), network.head
        if head is not None:
            weights = draw("loss", head(run.outputs).shape)
            return cls(targets, weights, head.squash.backward(head.sums(run.outputs), weights))
        weights = draw("loss", run.outputs.shape)
        if not network.has_decoder:
            return cls(targets, weights, weights)
        logits = network.decode(run.outputs)
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        d_logits = -odds / odds.sum(axis=-1, keepdims=True)
        steps, batch = np.indices(targets.shape)
        d_logits[steps, batch, targets] += 1
        return cls(targets, weights, d_logits)

    def gradients(self, network: Network, run: Run) -> dict[str, Array]:
        """Return the gradients of all parameters, by backpropagation through time."""
        if network.answer is None:
            return network.backward(run, np.zeros((*run.ids.shape, 0)), _direct(network, run, self.weights))
        return network.backward(run, self.above)

    def value(self, network: Network, run: Run) -> Array:
        """Return the loss of a pass, with parameters that may be complex."""
        if not network.has_decoder:
            loss: Array = np.sum(self.weights * (run.outputs if network.head is None else network.head(run.outputs)))
            return loss
        logits = network.decode(run.outputs)
        logits = logits - logits.real.max(axis=-1, keepdims=True)
        steps, batch = np.indices(self.targets.shape)
        surprise: Array = np.sum(logits[steps, batch, self.targets] - np.log(np.exp(logits).sum(axis=-1)))
        return surprise


def _direct(network: Network, run: Run, weights: Array) -> list[dict[str, Array]]:
    """Return ``weights`` as the direct gradient on the last layer's states, for each direction from the first layer."""
    direct: list[dict[str, Array]] = [{} for layer in network.layers[:-1] for _ in layer]
    layer = network.layers[-1]
    parts = parted(layer, run.traces[-1], weights)
    return direct + [{"h": direction.ordered(part)} for direction, part in zip(layer, parts, strict=True)]


def _entries(gradient: Array, numbers: Array) -> list[tuple[int, ...]]:
    """Return the indices of entries to check: the largest gradient, and random ones."""
    flat = {int(np.argmax(np.abs(gradient))), *((numbers[1:] + 1) / 2 * (gradient.size - 1)).astype(int).tolist()}
    return [tuple(int(k) for k in np.unravel_index(place, gradient.shape)) for place in sorted(flat)]


def _one(shape: tuple[int, ...], entry: tuple[int, ...]) -> Array:
    direction = np.zeros(shape)
    direction[entry] = 1.0
    return direction
