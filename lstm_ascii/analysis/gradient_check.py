"""Whether the gradients are right: backpropagation through time against complex steps (Squire & Trapp 1998).

A complex step needs no formula of a derivative, and nothing is subtracted, so it is exact to rounding:
``∂L/∂p · v = Im L(p + iεv) / ε``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.network import Network, Run, parted

STEP = 1e-30
# Of the network's largest gradient: a part that is smaller is judged as if it were as large. The loss is a sum in
# double precision, and what is 1e-15 of its gradients is rounding.
FLOOR = 1e-5
OTHER_WORDS = 64  # beside those of the text, whose rows of a large vocabulary are checked

Draw = Callable[[str, tuple[int, ...]], Array]


@dataclass(frozen=True)
class Deviation:
    """How far two gradients of one parameter are apart.

    Attributes:
        name: of the parameter.
        size: how many numbers it has.
        largest: of its gradients, in absolute value, as backpropagation has it.
        directions: the largest deviation of a derivative along a random direction, which has a part in every entry;
            relative to the length of the gradient, or to :data:`FLOOR` of the network's largest one where that is more.
        entries: the largest deviation of a single entry; relative to :attr:`largest`, or to the same floor.
        tried: how many single entries.
    """

    name: str
    size: int
    largest: float
    directions: float
    entries: float
    tried: int


def narrowed(network: Network, ids: npt.NDArray[np.intp]) -> tuple[Network, npt.NDArray[np.intp]]:
    """Return a network in float64 with the words of ``ids`` and a few others, and ``ids`` as it counts them.

    The rows of a vocabulary do not mix, so what holds for some of them holds for all; a complex copy of tens of
    millions of numbers would only cost memory.
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
        forward: lets a network read the text, or the vectors, ``B`` = 1.
        draw: makes random numbers of a shape, from a name.
        tries: single entries that are looked at, the one with the largest gradient among them.
    """
    run = forward(network)
    targets = np.roll(run.ids, -1, axis=0)
    weights = draw("loss", run.outputs.shape)
    gradients = _gradients(network, run, targets, weights)
    floor = FLOOR * max(float(np.abs(value).max(initial=0.0)) for value in gradients.values())
    for name, value in network.parameters.items():
        if not value.size:
            continue
        ours = gradients[name]

        def along(direction: Array, name: str = name, value: Array = value) -> float:
            shifted = network.with_parameters({**network.parameters, name: value + 1j * STEP * direction})
            return float(np.imag(_loss(shifted, forward(shifted), targets, weights)) / STEP)

        ways = [draw(f"{name} {n}", value.shape) for n in (1, 2)]
        off = max(abs(float((ours * way).sum()) - along(way)) for way in ways)
        length, largest = float(np.linalg.norm(ours)), float(np.abs(ours).max())
        sample = _entries(ours, draw(f"{name} entries", (tries,)))
        entries = max(abs(float(ours[entry]) - along(_one(value.shape, entry))) for entry in sample)
        off, entries = off / (max(length, floor) or 1.0), entries / (max(largest, floor) or 1.0)
        yield Deviation(name, value.size, largest, off, entries, len(sample))


def _gradients(network: Network, run: Run, targets: npt.NDArray[np.intp], weights: Array) -> dict[str, Array]:
    """Return the gradients of :func:`_loss`, by backpropagation through time."""
    if not network.has_decoder:
        nothing = np.zeros((*run.ids.shape, 0))
        return network.backward(run, nothing, _direct(network, run, weights))
    logits = network.decode(run.outputs)
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    d_logits = -odds / odds.sum(axis=-1, keepdims=True)
    steps, batch = np.indices(targets.shape)
    d_logits[steps, batch, targets] += 1
    return network.backward(run, d_logits)


def _direct(network: Network, run: Run, weights: Array) -> list[dict[str, Array]]:
    """Return ``weights`` as the direct gradient on the last layer's states, for each direction from the first layer."""
    direct: list[dict[str, Array]] = [{} for layer in network.layers[:-1] for _ in layer]
    layer = network.layers[-1]
    parts = parted(layer, run.traces[-1], weights)
    return direct + [{"h": direction.ordered(part)} for direction, part in zip(layer, parts, strict=True)]


def _loss(network: Network, run: Run, targets: npt.NDArray[np.intp], weights: Array) -> Array:
    """Return Σ_t log p(next word), the last word followed by the first; without a decoder Σ weights ⊙ outputs."""
    if not network.has_decoder:
        loss: Array = np.sum(weights * run.outputs)
        return loss
    logits = network.decode(run.outputs)
    logits = logits - logits.real.max(axis=-1, keepdims=True)
    steps, batch = np.indices(targets.shape)
    surprise: Array = np.sum(logits[steps, batch, targets] - np.log(np.exp(logits).sum(axis=-1)))
    return surprise


def _entries(gradient: Array, numbers: Array) -> list[tuple[int, ...]]:
    """Return places to look at: the largest gradient, and others at random."""
    flat = {int(np.argmax(np.abs(gradient))), *((numbers[1:] + 1) / 2 * (gradient.size - 1)).astype(int).tolist()}
    return [tuple(int(k) for k in np.unravel_index(place, gradient.shape)) for place in sorted(flat)]


def _one(shape: tuple[int, ...], entry: tuple[int, ...]) -> Array:
    direction = np.zeros(shape)
    direction[entry] = 1.0
    return direction
