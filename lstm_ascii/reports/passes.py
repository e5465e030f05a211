"""One network's pass over the sentence, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.gates import Flow, flow
from lstm_ascii.analysis.gradients import all_paths_log10, carousel_log10, gradient_log10
from lstm_ascii.analysis.memory import shares, word_terms
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.network import Network, Run
from lstm_ascii.reports.choice import Prediction, predictions

SMALLEST_SHARE = 0.005  # shares below this are added up in one figure


@dataclass(frozen=True)
class Gates:
    """Means over units of the three gates (GRU: z, 1 − z, r)."""

    keeps: float
    adds: float
    shows: float


@dataclass(frozen=True)
class Share:
    """How much of the memory a word wrote; ``word`` is its number, from 1."""

    word: int
    share: float


@dataclass(frozen=True)
class Holding:
    """What the memory holds after a word, exactly.

    Attributes:
        words: the words' shares among what words wrote, largest first; they and ``others`` add up to 1.
        others: the sum of the shares below half a percent.
        start: the start state's share of everything.
    """

    words: tuple[Share, ...]
    others: float
    start: float


@dataclass(frozen=True)
class Gradient:
    """The size of the error at a word, all as log10 (``None`` for exactly nothing).

    Attributes:
        choice: ‖∂L/∂s‖ against that at the word where the choice is made.
        all_paths: largest singular value of the Jacobian of the memory there by the memory here.
        carousel: the same along the direct path only, ∏ forget gates, in one unit.
    """

    choice: float | None
    all_paths: float | None
    carousel: float | None


@dataclass(frozen=True)
class Step:
    """What one word did.

    Attributes:
        number: from 1.
        word: as the reader wrote it, made safe.
        read_as: the vocabulary's entry that stands for it.
        known: whether that is the word itself.
        state_size: ‖memory‖₂ after the word (c; h for the RNN and the GRU).
        gates: ``None`` for the RNN.
        written: Σ_u abs(i g); for the RNN Σ_u abs(h − h').
        wiped: Σ_u (1 − f) abs(c'); ``None`` for the RNN.
        holds: ``None`` for the RNN, whose state is no sum.
        gradient: ``None`` after the word where the choice is made.
        next_words: the likeliest next words.
        pair: where the sentence's next word is a verb with a number: it and its twin.
    """

    number: int
    word: str
    read_as: str
    known: bool
    state_size: float
    gates: Gates | None
    written: float
    wiped: float | None
    holds: Holding | None
    gradient: Gradient | None
    next_words: tuple[Prediction, ...]
    pair: tuple[Prediction, Prediction] | None


def steps_of(
    network: Network, run: Run, words: Sequence[str], choice: int, direct: Array, unit: int | None
) -> tuple[Step, ...]:
    """Measure every word of a pass.

    Args:
        network: one whose last layer reads forward.
        run: of that network over the words, ``B`` = 1.
        words: as shown.
        choice: the number of the word after which the choice is made, from 1.
        direct: ∂L/∂h of that choice, ``(H,)``.
        unit: whose carousel is told; ``None`` for the largest of all units.
    """
    cell, trace = last_layer(network, run)
    parts = flow(trace)
    memory = trace.states[cell.state_names[-1]][:, 0]
    readings = network.vocabulary.read_sentence(words)
    gates, holds = _gates(parts, len(words)), _holds(parts, len(words))
    predicted = predictions(network, run, words)
    gradients = _gradients(cell, trace, parts, choice, direct, unit)
    written = changes(trace)[:, 0] if parts is None else parts.written[:, 0]
    wiped = [None] * len(words) if parts is None else parts.wiped[:, 0].tolist()
    sizes = np.linalg.norm(memory, axis=-1)
    return tuple(
        Step(
            number=n + 1,
            word=word,
            read_as=readings[n].entry,
            known=readings[n].known,
            state_size=float(sizes[n + 1]),
            gates=gates[n],
            written=float(written[n]),
            wiped=wiped[n],
            holds=holds[n],
            gradient=gradients[n] if n < choice else None,
            next_words=predicted[n][0],
            pair=predicted[n][1],
        )
        for n, word in enumerate(words)
    )


def changes(trace: Trace) -> Array:
    """Return how much each word changed: written plus wiped; for the RNN Σ_u abs(h − h'), ``(T, B)``."""
    parts = flow(trace)
    if parts is None:
        moved: Array = np.abs(np.diff(trace.states["h"], axis=0)).sum(axis=-1)
        return moved
    return parts.written + parts.wiped


def last_layer(network: Network, run: Run) -> tuple[Cell, Trace]:
    """Return the cell and the trace of the last layer that reads forward."""
    return network.layers[-1][0].cell, run.traces[-1][0]


def _gates(parts: Flow | None, steps: int) -> list[Gates | None]:
    """Average the gates over the units."""
    if parts is None:
        return [None] * steps
    means = np.stack([parts.keep, parts.add, parts.show])[:, :, 0].mean(axis=-1)
    return [Gates(*column) for column in means.T.tolist()]


def _holds(parts: Flow | None, steps: int) -> list[Holding | None]:
    """Split the memory over the words."""
    if parts is None:
        return [None] * steps
    return [_holding(gone, *shares(terms, start)) for gone, terms, start in word_terms(parts)]


def _holding(gone: int, by_word: Array, start: float) -> Holding:
    """Sort the shares, and add up the small ones."""
    large = np.flatnonzero(by_word >= SMALLEST_SHARE)
    order = large[np.argsort(-by_word[large], kind="stable")]
    words = tuple(Share(gone + int(k) + 1, float(by_word[k])) for k in order)
    return Holding(words, float(by_word.sum() - by_word[large].sum()), start)


def _gradients(
    cell: Cell, trace: Trace, parts: Flow | None, choice: int, direct: Array, unit: int | None
) -> list[Gradient]:
    """Measure the error at each of the first ``choice`` words."""
    one = gradient_log10(cell, trace, direct, choice)
    paths = all_paths_log10(cell, trace, choice)
    carousels = None if parts is None else carousel_log10(parts, choice)
    carousel = None if carousels is None else carousels.max(axis=-1) if unit is None else carousels[:, unit]
    return [
        Gradient(
            choice=_finite(one[k] - one[choice]),
            all_paths=_finite(paths[k]),
            carousel=None if carousel is None else _finite(carousel[k]),
        )
        for k in range(1, choice + 1)
    ]


def _finite(value: float) -> float | None:
    """Return ``value``, or ``None`` for −∞ and for what is no number."""
    return float(value) if np.isfinite(value) else None
