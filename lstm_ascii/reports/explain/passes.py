"""One network's pass over the sentence, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.gates import BLOCK, WordShares, half_life, word_shares, word_terms
from lstm_ascii.analysis.gradients import carousel_log10, gradient_log10
from lstm_ascii.analysis.interventions import Contrast, direct_gradients
from lstm_ascii.cells import Array
from lstm_ascii.progress import Progress, counted, part
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.decision import Prediction, predictions
from lstm_ascii.reports.explain.view import View, changes
from lstm_ascii.thresholds import CLOSED, OPEN, SMALLEST_SHARE, WRITTEN

if TYPE_CHECKING:
    from lstm_ascii.analysis.all_paths import AllPaths

HELD, BACK, TRAVELLED = 0.25, 0.45, 0.9  # shares of the time until the memory is split and errors have travelled


@dataclass(frozen=True, slots=True)
class Gates:
    """The three gates (GRU: z, 1 − z, r): means over units, and what the units do.

    Attributes:
        keeps, adds, shows: the means.
        clears: units whose forget and input gate are both closed.
        writes: units whose input gate is half open or more.
        holds: units whose forget gate is open, and that are not written.
    """

    keeps: float
    adds: float
    shows: float
    clears: int
    writes: int
    holds: int


@dataclass(frozen=True, slots=True)  # there are many of them
class Share:
    """How much of the memory a word wrote; ``word`` is its number, from 1."""

    word: int
    share: float


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Gradient:
    """The size of the error at a word, all as log10 (``None`` for exactly nothing, NaN of broken weights).

    Attributes:
        choice: ‖∂L/∂s‖ against that at the word where L is measured: the log-odds of the choice, or without
            a choice ‖h‖₂ after the last word that the cell reads.
        all_paths: largest singular value of the Jacobian of the memory there by the memory here; ``None`` also where
            it isn't measured.
        carousel: the same along the direct path only, ∏ forget gates, in one unit.
    """

    choice: float | None
    all_paths: float | None
    carousel: float | None


@dataclass(frozen=True, slots=True)
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
        holds: ``None`` for the RNN, whose state is no sum; and where it isn't measured.
        gradient: ``None`` after the word where the choice is made.
        next_words: the likeliest next words; none from a network that can't say, nor where they aren't measured.
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


@dataclass(frozen=True, eq=False)
class Loss:
    """What the error is of.

    Attributes:
        last: the step after which it is measured, from 1, in the cell's order.
        direct: its gradient on the cell's h after steps 1 to ``last``, as it comes from above, ``(last, P)``.
    """

    last: int
    direct: Array


def loss_of(view: View, contrast: Contrast | None) -> Loss:
    """Return the loss: the log-odds of a choice; without one ‖h‖₂ after the last step of the cell itself."""
    if contrast is not None:
        return Loss(contrast.after, direct_gradients(view.network, view.run, view.place, contrast))
    h = view.trace.h[:, 0]
    direct, length = np.zeros(h.shape), float(np.linalg.norm(h[-1]))
    direct[-1] = h[-1] / length if length else 0
    return Loss(len(h), direct)


@dataclass(frozen=True)
class Depth:
    """What is measured beyond what every page needs.

    Attributes:
        all: everything, with the gradients by all paths, the next words, and what the memory holds after each.
        memory: what the memory is, and what it holds at the end.
    """

    all: bool = True
    memory: bool = True


def steps_of(
    view: View, loss: Loss, unit: int | None, depth: Depth, progress: Progress | None = None
) -> tuple[tuple[Step, ...], AllPaths | None]:
    """Measure every word of a pass.

    Args:
        view: of the cell that is looked into.
        loss: whose gradient is followed back.
        unit: whose carousel is told; ``None`` for the largest of all units.
        depth: what is measured beyond what every page needs.
        progress: is called with how far it is, from 0 to 1.

    Returns:
        One a word, in the order of the words; and how the gradients by all paths were found, if they were.
    """
    words, parts = view.material.words, view.flow
    readings = view.readings
    gates = _gates(view)
    holds = _holds(view, part(progress, 0, HELD)) if depth.all else _held_last(view, depth.memory)
    paths, by_all = None, None
    if depth.all:
        from lstm_ascii.analysis.all_paths import all_paths

        paths = all_paths(view.cell, view.trace, loss.last, part(progress, BACK, TRAVELLED))
        by_all = paths.log10
    gradients = _gradients(view, loss, unit, by_all, part(progress, HELD, BACK))
    word_predictions = (
        [((), None)] * len(words)
        if view.no_choice or not depth.all
        else predictions(view.network, view.run, readings, part(progress, TRAVELLED, 1))
    )
    writes = view.by_word(changes(view) if parts is None else parts.written[:, 0])
    wipes = [None] * len(words) if parts is None else view.by_word(parts.wiped[:, 0]).tolist()
    sizes = np.linalg.norm(view.memory, axis=-1)
    steps = tuple(
        Step(
            number=n + 1,
            word=word,
            read_as=readings[n].entry,
            known=readings[n].known,
            state_size=float(sizes[n]),
            gates=gates[n],
            written=float(writes[n]),
            wiped=wipes[n],
            holds=holds[n],
            gradient=gradients[n],
            next_words=word_predictions[n][0],
            pair=word_predictions[n][1],
        )
        for n, word in enumerate(words)
    )
    return steps, paths


def _gates(view: View) -> list[Gates | None]:
    """Average the gates over the units."""
    parts = view.flow
    if parts is None:
        return [None] * len(view.trace)
    means = np.stack([parts.keep, parts.add, parts.show])[:, :, 0].mean(axis=-1)
    keep, add = (np.round(gate[:, 0], 2) for gate in (parts.keep, parts.add))  # as they are printed
    writes = add >= WRITTEN
    counts = np.stack([(keep < CLOSED) & (add < CLOSED), writes, (keep >= OPEN) & ~writes]).sum(axis=-1)
    rows = zip(view.by_word(means.T).tolist(), view.by_word(counts.T).tolist(), strict=True)
    return [Gates(*mean, *count) for mean, count in rows]


def _holds(view: View, progress: Progress | None) -> list[Holding | None]:
    """Split the memory over the words."""
    if view.flow is None:
        return [None] * len(view.trace)
    numbers = view.by_word(np.arange(1, len(view.trace) + 1)).tolist()  # each an object that all shares have in common
    holdings: list[Holding | None] = []
    blocks = -(-len(view.trace) // BLOCK)
    for shares in counted(word_shares(view.flow, SMALLEST_SHARE), blocks, progress, every=1):
        holdings += _holdings(numbers, shares)
    return holdings[::-1] if view.where.backward else holdings


def _held_last(view: View, wanted: bool) -> list[Holding | None]:
    """Split the memory after the last step only, where that is wanted."""
    steps, holdings = len(view.trace), list[Holding | None]()
    if wanted and view.flow is not None:
        terms, of_start = word_terms(view.flow, steps)
        sizes, start = np.abs(terms).sum(axis=-1)[None], np.abs(of_start).sum(keepdims=True)
        words = sizes.sum()
        shares = WordShares(np.arange(steps), sizes / (words or 1), np.zeros(1), start / (words + start or 1))
        numbers = view.by_word(np.arange(1, steps + 1)).tolist()
        holdings += _holdings(numbers, shares)
    by_step = [None] * (steps - len(holdings)) + holdings
    return by_step[::-1] if view.where.backward else by_step


def _holdings(numbers: Sequence[int], shares: WordShares) -> Iterator[Holding]:
    """Sort the shares after each of the steps, and add up the small ones; ``numbers`` are the words'."""
    row, column = np.nonzero(shares.words >= SMALLEST_SHARE)
    order = np.lexsort((column, -shares.words[row, column], row))
    row, column = row[order], column[order]
    large = shares.words[row, column]
    others = shares.words.sum(axis=1) + shares.lost - np.bincount(row, large, len(shares.words))
    named = (numbers[step] for step in shares.steps[column].tolist())
    words = list(map(Share, named, large.tolist()))
    stops = np.searchsorted(row, np.arange(len(shares.words)), side="right").tolist()
    for first, stop, rest, start in zip([0, *stops], stops, others.tolist(), shares.start.tolist(), strict=False):
        yield Holding(tuple(words[first:stop]), rest, start)


def _gradients(
    view: View, loss: Loss, unit: int | None, paths: Array | None, progress: Progress | None
) -> list[Gradient | None]:
    """Measure the error at the state after every word; ``None`` where it has not been read yet."""
    backprop = gradient_log10(view.cell, view.trace, loss.direct, loss.last, progress)
    carousels = None if view.flow is None else carousel_log10(view.flow, loss.last)
    carousel = None if carousels is None else carousels.max(axis=-1) if unit is None else carousels[:, unit]
    choice = np.where(np.isneginf(backprop), backprop, backprop - backprop[loss.last])
    sizes = (_finite(along, loss.last) for along in (choice, paths, carousel))
    gradients: list[Gradient | None] = list(map(Gradient, *sizes))
    gradients += [None] * (len(view.trace) - loss.last)
    return gradients[::-1] if view.where.backward else gradients


def _finite(sizes: Array | None, last: int) -> list[float | None]:
    """Return the sizes after steps 1 to ``last``, with ``None`` for −∞: nothing, and where there are none."""
    if sizes is None:
        return [None] * last
    return [None if size == -np.inf else size for size in sizes[1 : last + 1].tolist()]


@dataclass(frozen=True)
class Inside:
    """The live values of one cell at one word: means over units of absolute values, gates as they are.

    Attributes:
        step: the number of the word, from 1.
        values: by the letters of the equations (``f``, ``i``, ``g``, ``o``, ``c``, ``c'``, ``h``, ``h'``, ``x``).
    """

    step: int
    values: dict[str, float]


@dataclass(frozen=True)
class UnitStep:
    """One unit at one word; gates are ``None`` for the RNN."""

    value: float
    keeps: float | None
    adds: float | None
    shows: float | None


@dataclass(frozen=True)
class Unit:
    """One unit along the words.

    Attributes:
        index: from 0.
        half_life: ln 0.5 / ln of its mean forget gate, in words; ``None`` without gates or when endless.
        steps: one a word.
    """

    index: int
    half_life: float | None
    steps: tuple[UnitStep, ...]


def inside_of(view: View, word: int) -> Inside:
    """Average a cell over its units at a word; what has a dash is of the word that it read before."""
    trace, step = view.trace, view.turned(word)
    values = {letter: float(np.abs(gate[step - 1, 0]).mean()) for letter, gate in trace.gates.items()}
    for name, state in trace.states.items():
        values[name] = float(np.abs(state[step, 0]).mean())
        values[f"{name}'"] = float(np.abs(state[step - 1, 0]).mean())
    values["x"] = float(np.abs(trace.x[step - 1, 0]).mean())
    return Inside(word, values)


def inside_unit(view: View, word: int, unit: int) -> Inside:
    """Return one unit's values at a word, with their signs; h is left out where a projection mixes the units."""
    trace, step = view.trace, view.turned(word)
    values = {letter: float(gate[step - 1, 0, unit]) for letter, gate in trace.gates.items()}
    for name, state in trace.states.items():
        if state.shape[-1] == view.cell.hidden_size:
            values[name] = float(state[step, 0, unit])
            values[f"{name}'"] = float(state[step - 1, 0, unit])
    return Inside(word, values)


def unit_of(view: View, index: int) -> Unit:
    """Follow one unit along the words."""
    memory, parts = view.memory[:, index].tolist(), view.flow
    if parts is None:
        return Unit(index, None, tuple(UnitStep(value, None, None, None) for value in memory))
    gates = [view.by_word(gate[:, 0, index]).tolist() for gate in (parts.keep, parts.add, parts.show)]
    life = float(half_life(parts.keep[:, 0, index : index + 1])[0])
    steps = tuple(UnitStep(*values) for values in zip(memory, *gates, strict=True))
    return Unit(index, life if np.isfinite(life) else None, steps)
