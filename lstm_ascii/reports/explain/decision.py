"""The choice that a report looks into, between which two words; who decided it, and how the decision travelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.gates import flow
from lstm_ascii.analysis.interventions import (
    Contrast,
    first_order_changes,
    patched_log_odds,
    split_log_odds,
    split_output,
)
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.errors import UsageError
from lstm_ascii.language.finite import is_finite
from lstm_ascii.language.text import visible
from lstm_ascii.language.vocabulary import Reading
from lstm_ascii.network import Network, Run
from lstm_ascii.progress import Progress, counted
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.swaps import Swap, strongest
from lstm_ascii.reports.explain.twins import (
    bare,
    entry_of,
    forms_of,
    one_verb,
    stands_for_others,
    verb_twin_entry,
)
from lstm_ascii.reports.explain.view import View, next_word_probabilities

if TYPE_CHECKING:
    from lstm_ascii.analysis.asked import Asked

CANDIDATES, WORTH_ASKING = 20, 0.02  # a likely verb with a number is asked for, among so many words
LIKELIEST = 3  # predictions that are kept for each word
ROWS_AT_ONCE = 256  # probabilities over the whole vocabulary are held for so many words at a time

PATCHED = 32  # units that are patched one by one; of a larger layer, those that matter most to first order


@dataclass(frozen=True)
class Choice:
    """A prediction to look into, and what a network makes of it.

    Attributes:
        after: the number of the word after which it is made, from 1.
        right, wrong: the two words; without a number pair the two likeliest.
        kind: ``next word`` (the sentence's own, against its twin in number), ``likeliest verb`` (that
            the network expects, against its twin), ``likeliest`` (its first and second), ``asked`` (the reader's,
            who says which is right), ``compared`` (the reader's, who doesn't).
        probability_right, probability_wrong: that this network gives them.
        log_odds: log of their ratio.
    """

    after: int
    right: str
    wrong: str
    kind: str
    probability_right: float
    probability_wrong: float
    log_odds: float


@dataclass(frozen=True, slots=True)  # there are many of them
class Prediction:
    """A word and its probability."""

    word: str
    probability: float


@dataclass(frozen=True)
class Question:
    """A choice before any network has answered it."""

    after: int
    right: str
    wrong: str
    kind: str


def question_for(network: Network, run: Run, readings: Sequence[Reading], wording: str = "") -> Question:
    """Return what to look into.

    The reader's own contrast (``was:were``) where there is one; else the last verb of the sentence that
    agrees in number, against its twin; else, after the sentence, the likeliest verb with a number against its
    twin; else the two likeliest words.
    """
    if wording:
        return _asked(network, wording, readings)
    pairs = _verb_pairs(network, readings)
    for number in range(len(readings), 1, -1):
        if pair := pairs[number - 1]:
            return Question(number - 1, *pair, "next word")
    probabilities = next_word_probabilities(network, run, len(readings))
    rows = _largest(probabilities, CANDIDATES)
    entries = [network.vocabulary.words[row] for row in rows]
    for row, entry in zip(rows, entries, strict=True):
        twin = verb_twin_entry(network.vocabulary, entry)
        if twin and probabilities[row] >= WORTH_ASKING:
            return Question(len(readings), entry, twin, "likeliest verb")
    first, second = sorted(entries, key=stands_for_others)[:2]  # rather words than classes
    return Question(len(readings), first, second, "likeliest")


def answer(network: Network, run: Run, question: Question) -> tuple[Choice, Contrast]:
    """Return what ``network`` makes of a question.

    Raises:
        UsageError: a word of the question is not in its vocabulary.
    """
    for word in (question.right, question.wrong):
        if word not in network.vocabulary:
            raise UsageError(f"{visible(word)!r} is not in the vocabulary ({network.source})", "contrast")
    right, wrong = (network.vocabulary.read(word).index for word in (question.right, question.wrong))
    contrast = Contrast(question.after, right, wrong)
    probabilities = next_word_probabilities(network, run, question.after)
    odds = float(contrast.log_odds(network, run.outputs[question.after - 1, 0]))
    choice = Choice(**vars(question), probability_right=float(probabilities[right]),
                    probability_wrong=float(probabilities[wrong]), log_odds=odds)  # fmt: skip
    return choice, contrast


def predictions(
    network: Network, run: Run, readings: Sequence[Reading], progress: Progress | None = None
) -> list[tuple[tuple[Prediction, ...], tuple[Prediction, Prediction] | None]]:
    """Return, after each word, the likeliest next words, and the next verb against its twin if it has one."""
    per_word, next_pairs = [], [*_verb_pairs(network, readings)[1:], None]
    portions = range(0, len(readings), ROWS_AT_ONCE)
    for first in counted(portions, len(portions), progress, every=1):
        odds = network.decode(run.outputs[first : first + ROWS_AT_ONCE, 0])  # logits, until they are made so
        odds -= odds.max(axis=-1, keepdims=True)
        np.exp(odds, out=odds)
        sums, likeliest = odds.sum(axis=-1), _largest_of_rows(odds, LIKELIEST)
        tops = (np.take_along_axis(odds, np.array(likeliest), axis=-1) / sums[:, None]).tolist()
        for row, whole, largest, top, pair in zip(odds, sums, likeliest, tops, next_pairs[first:], strict=False):
            named = (network.vocabulary.words[k] for k in largest)
            per_word.append((tuple(map(Prediction, named, top)), _asked_for(network, row, whole, pair)))
    return per_word


def _largest(row: Array, count: int) -> list[int]:
    """Return where the largest values stand, largest first; of equals the first."""
    return _largest_of_rows(row[None], count)[0]


def _largest_of_rows(rows: Array, count: int) -> list[list[int]]:
    """Return where the largest values of each row stand, largest first; of equals the first."""
    count = min(count, rows.shape[-1])
    least = np.partition(rows, -count, axis=-1)[:, -count, None]
    row, column = np.nonzero(~(rows < least))  # of equals there are more
    order = np.lexsort((column, -rows[row, column], row))
    first = np.searchsorted(row, np.arange(len(rows)))
    picked: list[list[int]] = column[order[first[:, None] + np.arange(count)]].tolist()
    return picked


def _asked_for(
    network: Network, row: Array, whole: float, pair: tuple[str, str] | None
) -> tuple[Prediction, Prediction] | None:
    """Return the probabilities of a verb and its twin, if there is one; ``row`` has their odds, of a ``whole``."""
    if pair is None:
        return None
    right, wrong = (Prediction(word, float(row[network.vocabulary.read(word).index] / whole)) for word in pair)
    return right, wrong


def _verb_pairs(network: Network, readings: Sequence[Reading]) -> list[tuple[str, str] | None]:
    """Return each word and its twin in number, if it is a verb that agrees there and the network knows both."""
    words = [bare(reading.entry) for reading in readings]
    twins = [verb_twin_entry(network.vocabulary, one.entry) if one.known else "" for one in readings]
    return [
        (readings[at].entry, twin) if twin and is_finite(words, at) else None for at, twin in enumerate(twins)
    ]  # fmt: skip


def _asked(network: Network, pair: str, readings: Sequence[Reading]) -> Question:
    """Read ``right:wrong``, or ``one/other`` of which neither is called right.

    It is looked into before the last place where either stands, else at the end.
    """
    sign = "/" if "/" in pair and ":" not in pair else ":"
    right, _, wrong = (part.strip() for part in pair.partition(sign))
    if not right or not wrong or right.lower() == wrong.lower():
        raise UsageError(f"expected two words as right:wrong, such as was:were, got {pair!r}", "contrast")
    right, wrong = one_verb(network.vocabulary, right), one_verb(network.vocabulary, wrong)
    right, wrong = forms_of(network.vocabulary, right, wrong) or (
        entry_of(network.vocabulary, word) or word for word in (right, wrong)
    )
    stands = [bare(reading.entry) in (bare(right), bare(wrong)) for reading in readings]
    places = [number for number, here in enumerate(stands, 1) if number > 1 and here]
    kind = "asked" if sign == ":" else "compared"
    return Question(places[-1] - 1 if places else len(readings), right, wrong, kind)


@dataclass(frozen=True)
class Carrier:
    """The unit through which the deciding word acts most.

    Attributes:
        unit: its index, from 0.
        word: the number of the deciding word.
        to: what it was swapped with.
        patched_after: the number of the word after which the unit alone was patched.
        change: of the log-odds by that patch.
        swap_change: of the log-odds by the swap itself.
        share: the first of the second.
        values: of the unit's memory after every word, with the word swapped.
        patched: how many units were patched, one at a time: all, or the first to first order.
        shows: its output gate (GRU: reset gate) after every word, with the word swapped; empty without gates.
        by_gate: whether, where it was patched, its output differs more by the output gate than by the value.
    """

    unit: int
    word: int
    to: str
    patched_after: int
    change: float
    swap_change: float
    share: float
    values: tuple[float, ...]
    patched: int
    shows: tuple[float, ...]
    by_gate: bool


@dataclass(frozen=True)
class Split:
    """The log-odds, split exactly: ``sum(words) + start + bias`` is the whole.

    Attributes:
        words: what each word's writing gives, as far as it is still in memory and as the gates let it out.
        start: what is left of the start state.
        bias: the decoder's own.
    """

    words: tuple[float, ...]
    start: float
    bias: float


@dataclass(frozen=True, eq=False)
class Patches:
    """Single units, each given the state that it has with the deciding word swapped, and the network run on.

    Attributes:
        deciding: the swap.
        donor: the run with the word swapped.
        at: the number of the word after which the units were patched.
        units: which were, by index: all, or the first to first order.
        changes: of the log-odds, one a unit.
    """

    deciding: Swap
    donor: Run
    at: int
    units: Sequence[int]
    changes: Array


def patches_of(view: View, swaps: Sequence[Swap], contrast: Contrast) -> Patches | None:
    """Patch single units halfway between the deciding word and the choice; ``None`` where no number was swapped.

    The deciding word is the one whose swap moves the log-odds most.
    """
    network, run, deciding = view.network, view.run, strongest(swaps)
    if deciding is None or not deciding.to:
        return None
    ids = run.ids.copy()
    ids[deciding.word - 1, 0] = network.vocabulary.read(deciding.to).index
    donor = network.run(ids)
    at = (deciding.word + contrast.after + 1) // 2
    before = float(contrast.log_odds(network, run.outputs[contrast.after - 1, 0]))
    units = _worth_patching(view, donor, at, contrast)
    changes = patched_log_odds(network, run, donor, at, contrast, view.place, units) - before
    return Patches(deciding, donor, at, units, changes)


def carrier_of(view: View, swaps: Sequence[Swap], contrast: Contrast) -> Carrier | None:
    """Find the unit that carries the deciding word's number: the one whose patch moves the log-odds most."""
    patches = patches_of(view, swaps, contrast)
    if patches is None:
        return None
    deciding, at = patches.deciding, patches.at
    best = int(np.argmax(np.abs(patches.changes)))
    unit, change = int(patches.units[best]), float(patches.changes[best])
    donated = view.place.trace_in(patches.donor)
    values = tuple(donated.states[view.cell.state_names[-1]][1:, 0, unit].tolist())
    parts = flow(donated)
    shows = () if parts is None else tuple(parts.show[:, 0, unit].tolist())
    return Carrier(
        unit=unit,
        word=deciding.word,
        to=deciding.to,
        patched_after=at,
        change=change,
        swap_change=deciding.change,
        share=change / deciding.change,
        values=values,
        patched=len(patches.units),
        shows=shows,
        by_gate=_differs_by_gate(view.cell, view.trace, donated, at, unit),
    )


def _differs_by_gate(cell: Cell, trace: Trace, other: Trace, at: int, unit: int) -> bool:
    """Tell whether a unit's output o·φ(c) differs between two passes more by o than by φ(c); only the LSTM has both.

    ``o′φ′ − oφ = (o′ − o)·(φ + φ′)/2 + (φ′ − φ)·(o + o′)/2``, exactly.
    """
    if "o" not in trace.gates:
        return False
    gate, gate_other = (float(one.gates["o"][at - 1, 0, unit]) for one in (trace, other))
    own, own_other = (float(cell.own_outputs(one)[at - 1, 0, unit]) for one in (trace, other))
    squashed, squashed_other = (value / o if o else 0.0 for value, o in ((own, gate), (own_other, gate_other)))
    by_gate = (gate_other - gate) * (squashed + squashed_other) / 2
    by_value = (squashed_other - squashed) * (gate + gate_other) / 2
    return abs(by_gate) > abs(by_value)


def _worth_patching(view: View, donor: Run, at: int, contrast: Contrast) -> list[int]:
    """Return the units to patch, by index: all of a small layer, else those that matter most to first order."""
    size = view.cell.hidden_size
    if size <= PATCHED:
        return list(range(size))
    estimates = np.abs(first_order_changes(view.network, view.run, donor, at, contrast, view.place))
    most: list[int] = np.argsort(-estimates, kind="stable")[:PATCHED].tolist()
    return sorted(most)


def split_of(view: View, contrast: Contrast | Asked) -> Split | None:
    """Split the log-odds, or what else is asked, over the words that wrote.

    ``None`` for the RNN, whose state is no sum, and for a layer that is not right below the decoder: what the
    layers above make of its state is no sum either. Nor is an answer that is more than one dense layer of one step.
    """
    if view.flow is None or not view.place.is_last(view.network) or view.where.backward:
        return None
    direction = contrast.direction(view.network) if isinstance(contrast, Contrast) else contrast.direction()
    if direction is None or len(view.network.layers[-1]) > 1:  # no sum of what one cell holds
        return None
    if not isinstance(contrast, Contrast):
        words, start = split_output(view.network, view.run, contrast.after(len(view.run.outputs)), direction)
        return Split(tuple(words.tolist()), start, contrast.bias())
    parts, start, bias = split_log_odds(view.network, view.run, contrast)
    return Split(tuple(parts.tolist()), start, bias)
