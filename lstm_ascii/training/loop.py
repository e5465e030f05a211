"""The training loop: one batch after the other, with a report now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.errors import ShapeError
from lstm_ascii.language.pairs import Pair
from lstm_ascii.network import Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.training.corpus import Batch, Corpus
from lstm_ascii.training.optimiser import Adam, clip, rate_at
from lstm_ascii.training.recipe import Recipe, initial_network

_BATCH = 256
# The cost of memory is log(1 + (c / this)²): a large value costs little more than a middling one, so the number
# is kept in one unit; under c² many small values would be cheaper, and it spreads.
MEMORY_SCALE = np.float32(0.5)


def log_odds(network: Network, pairs: Sequence[Pair]) -> npt.NDArray[np.float64]:
    """Return log p(right) - log p(wrong) for each of ``pairs``, ``(N,)``."""
    order = sorted(range(len(pairs)), key=lambda number: len(pairs[number].prefix))
    odds = np.empty(len(pairs))
    for first in range(0, len(order), _BATCH):
        some = order[first : first + _BATCH]
        odds[some] = _batch_odds(network, [pairs[number] for number in some])
    return odds


def _batch_odds(network: Network, pairs: Sequence[Pair]) -> Array:
    """Return the log-odds of pairs that run side by side, ``(B,)``; what follows a prefix is not looked at."""
    ids_of = network.vocabulary.ids
    ids = np.zeros((max(len(pair.prefix) for pair in pairs), len(pairs)), np.intp)
    for column, pair in enumerate(pairs):
        ids[: len(pair.prefix), column] = ids_of(pair.prefix)
    last = [len(pair.prefix) - 1 for pair in pairs]
    outputs = network.run(ids).outputs[last, np.arange(len(pairs))]  # (B, H)
    right, wrong = (np.array(ids_of([getattr(pair, form) for pair in pairs])) for form in ("right", "wrong"))
    weight, bias = network.decoder_weight, network.decoder_bias
    odds: Array = np.sum(outputs * (weight[right] - weight[wrong]), axis=-1) + bias[right] - bias[wrong]
    return odds


def accuracy(network: Network, pairs: Sequence[Pair]) -> float:
    """Return the share of ``pairs`` where the right form is likelier."""
    return float(np.mean(log_odds(network, pairs) > 0))


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        step, steps: batches done, and all of them.
        loss: in training, weighted as the recipe says; the mean since the last report.
        validation: nats a word on documents that it isn't trained on, every word counted once.
        agreement: share of the minimal pairs that are right, if there are any.
        seconds: since this run of the loop began.
    """

    step: int
    steps: int
    loss: float
    validation: float
    agreement: float | None
    seconds: float


Observer = Callable[[Network, Run, Mapping[str, Array], float], None]


class Trainer:
    """A network in training.

    Attributes:
        recipe: how it is trained.
        corpus: on what.
        saved: all that is needed to go on from the last report, by name; the parameters under their own.
        observer: is called after every step with the network, its pass, the clipped gradients and the loss.
    """

    def __init__(self, recipe: Recipe, corpus: Corpus, pairs: Sequence[Pair] = ()) -> None:
        """Start from the first weights of ``recipe``; agreement is measured on ``pairs``."""
        self.recipe, self.corpus = recipe, corpus
        self._pairs = pairs
        self._network = initial_network(recipe, corpus.vocabulary)
        self._adam = Adam(self._network.parameters)
        self._logits: Array = np.empty(0, np.float32)
        self.observer: Observer | None = None
        self.saved = self._save()

    @property
    def network(self) -> Network:
        """The network as it was at the last report, whole even where a step was interrupted."""
        parameters = {name: self.saved[name] for name in self._network.parameters}
        return self._network.with_parameters(parameters, source=f"{self.recipe.title}, trained")

    def resume(self, saved: Mapping[str, Array]) -> None:
        """Go on from what another trainer of the same recipe and corpus has ``saved``.

        Raises:
            ShapeError: it belongs to other sizes or another vocabulary.
        """
        for name, value in self._arrays().items():
            if name not in saved or saved[name].shape != value.shape:
                raise ShapeError(f"{name}: expected shape {value.shape}, got {getattr(saved.get(name), 'shape', None)}")
            value[...] = saved[name]
        self._adam.steps = int(saved["adam.steps"])
        self.saved = self._save()

    def train(self, every: int = 100) -> Iterator[Progress]:
        """Train to the end of the recipe; report after each ``every`` steps and after the last."""
        recipe, began, losses = self.recipe, time.perf_counter(), []
        held_out = self.corpus.validation()
        while self._adam.steps < recipe.steps:
            losses.append(self.step(self.corpus.batch(self._adam.steps)))
            step = self._adam.steps
            if step % every == 0 or step == recipe.steps:
                self.saved = self._save()
                validation = validation_loss(self._network, held_out)
                agreement = accuracy(self._network, self._pairs) if self._pairs else None
                seconds = time.perf_counter() - began
                yield Progress(step, recipe.steps, float(np.mean(losses)), validation, agreement, seconds)
                losses.clear()

    def _arrays(self) -> dict[str, Array]:
        """Return the parameters and the optimiser's means, by name; the arrays themselves."""
        arrays = dict(self._network.parameters)
        arrays |= {f"adam.first.{name}": value for name, value in self._adam.first.items()}
        return arrays | {f"adam.second.{name}": value for name, value in self._adam.second.items()}

    def _save(self) -> dict[str, Array]:
        """Return copies of all that changes in training."""
        copies = {name: value.copy() for name, value in self._arrays().items()}
        return copies | {"adam.steps": np.array(self._adam.steps)}

    def step(self, batch: Batch) -> float:
        """Make one step; return the loss before it, nats a word."""
        recipe, network = self.recipe, self._network
        run, weights = network.run(batch.ids[:-1]), batch.weights.reshape(-1)
        asked = np.flatnonzero(weights)  # most of a step's work is to predict
        d_logits = self._decode(run, asked)
        share = np.float32(len(asked) / len(weights))
        loss = cross_entropy(d_logits, batch.ids[1:].reshape(-1)[asked], weights[asked] * share)
        gradients = network.backward(run, d_logits, self._costs(run), asked)
        clip(gradients, recipe.clip)
        self._adam.step(gradients, rate_at(self._adam.steps, recipe.steps, recipe.rate, recipe.warm_up))
        if self.observer:
            self.observer(network, run, gradients, loss)
        return loss

    def _decode(self, run: Run, asked: npt.NDArray[np.intp]) -> Array:
        """Return all logits at some places, ``(N, V)``, in an array that is used again: a new one is slow."""
        network, outputs = self._network, run.outputs.reshape(-1, run.outputs.shape[-1])
        most = (len(outputs), len(network.decoder_bias))
        if self._logits.shape != most:
            self._logits = np.empty(most, outputs.dtype)
        logits = self._logits[: len(asked)]
        np.matmul(outputs[asked], network.decoder_weight.T, out=logits)
        logits += network.decoder_bias
        return logits

    def _costs(self, run: Run) -> tuple[dict[str, Array], ...]:
        """Return the gradients of the costs of memory and of writing, for the one layer there is."""
        recipe, trace = self.recipe, run.traces[0][0]
        direct, words = {}, run.ids.size
        memory = "c" if "c" in trace.states else "h"
        if recipe.memory_cost:
            c = trace.states[memory][1:]
            direct[memory] = np.float32(2 * recipe.memory_cost / words) * c / (MEMORY_SCALE**2 + c * c)
        if recipe.writing_cost and "c" in trace.states:
            direct["write"] = np.sign(trace.gates["g"]) * np.float32(recipe.writing_cost / words)
        return (direct,)


def cross_entropy(logits: Array, targets: npt.NDArray[np.intp], weights: Array) -> float:
    """Return the weighted mean of -log p(wanted), and turn ``logits`` into its gradient, in place.

    Args:
        logits: ``(..., V)``; overwritten.
        targets: indices of the words that came, ``(...)``.
        weights: what each of them counts, ``(...)``; divided by their number.
    """
    rows, index = logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)
    weight, every = weights.reshape(-1) / index.size, np.arange(index.size)
    rows -= rows.max(axis=1, keepdims=True)
    logits_of_targets = rows[every, index]
    np.exp(rows, out=rows)
    total = rows @ np.ones(rows.shape[1], rows.dtype)  # faster than sum(axis=1)
    rows *= (weight / total)[:, None]
    rows[every, index] -= weight
    return float(np.sum(weight * (np.log(total) - logits_of_targets), dtype=np.float64))


def validation_loss(network: Network, batch: Batch) -> float:
    """Return the mean of -log p of the words of ``batch``, each counted once."""
    logits = network.decode(network.run(batch.ids[:-1]).outputs)
    return cross_entropy(logits, batch.ids[1:], np.ones_like(batch.weights))
