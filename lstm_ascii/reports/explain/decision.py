"""Who decided the choice, and how it travelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.interventions import (
    Contrast,
    first_order_changes,
    patched_log_odds,
    split_log_odds,
    swapped_log_odds,
)
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.network import Network, Run
from lstm_ascii.reports.explain.twins import bare, like, stands_for_others, twin_entry
from lstm_ascii.reports.explain.view import View
from lstm_ascii.thresholds import NEGLIGIBLE

OTHERS, FEWEST = 16, 4  # words that stand in for a word without a number twin; fewer where a network is large
WORK = 6e9  # multiplications that all swaps may take, before there are fewer
REACH = 128  # words before the choice that are swapped
PATCHED = 32  # units that are patched one by one; of a larger layer, those that matter most to first order

TWIN, CLASS, NEIGHBOURS = "twin", "class", "neighbours"


@dataclass(frozen=True)
class Swap:
    """One word swapped, and the network run again.

    Attributes:
        word: its number, from 1.
        to: the number twin that took its place; empty where it was other words.
        tried: how many took its place.
        change: of the log-odds; the mean, where several were tried.
        turns: whether the network now prefers the other word.
        among: what they are: its ``twin`` in number, words of its ``class``, or, of a word that isn't in our
            lexicon, its ``neighbours`` in the vocabulary.
    """

    word: int
    to: str
    tried: int
    change: float
    turns: bool
    among: str = CLASS


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


def swaps_of(network: Network, run: Run, entries: Sequence[str], contrast: Contrast) -> tuple[Swap, ...]:
    """Swap each word before the choice: for its number twin, else for other words.

    Args:
        network: one whose layers all read forward.
        run: over the words, ``B`` = 1.
        entries: as which the vocabulary reads the words.
        contrast: the choice.
    """
    places = range(max(0, contrast.after - REACH), contrast.after)
    most = _most_others(network, entries, places, contrast.after)
    candidates = [(place, *alternatives(network.vocabulary, entries[place], most)) for place in places]
    flat = [(place, row) for place, _, _, rows in candidates for row in rows]
    log_odds = swapped_log_odds(network, run, flat, contrast)
    before = float(contrast.log_odds(network, run.outputs[contrast.after - 1, 0]))
    swaps, position = [], 0
    for place, twin, among, rows in candidates:
        if not rows:
            continue
        after = float(log_odds[position : position + len(rows)].mean())
        position += len(rows)
        swaps.append(Swap(place + 1, twin, len(rows), after - before, (after > 0) != (before > 0), among))
    return tuple(swaps)


def alternatives(vocabulary: Vocabulary, entry: str, most: int = OTHERS) -> tuple[str, str, list[int]]:
    """Return what takes the place of an entry: its twin, else others of its class, else its neighbours.

    Vocabularies are sorted by frequency, mostly, so neighbours come about as often. Entries that stand for
    other words are no neighbours.

    Args:
        vocabulary: whose entry.
        entry: to be swapped.
        most: so many others at most.

    Returns:
        The twin, or an empty text; what they are (:attr:`Swap.among`); the rows of the vocabulary.
    """
    if twin := twin_entry(vocabulary, entry):
        return twin, TWIN, [vocabulary.read(twin).index]
    same_class = [like(entry, word) for word in lexicon().same_class(bare(entry))]
    others = [word for word in same_class if word in vocabulary]
    if others or (lexicon().word_class(bare(entry)) and not same_class):
        step = max(1, len(others) / most)
        words = [others[int(k * step)] for k in range(min(most, len(others)))]
        return "", CLASS, [vocabulary.read(word).index for word in words]
    return "", NEIGHBOURS, _neighbours(vocabulary, entry, most)


def _neighbours(vocabulary: Vocabulary, entry: str, most: int) -> list[int]:
    """Return the rows next to an entry, as many above as below it where there are; none for a class of words."""
    if stands_for_others(entry) or entry not in vocabulary:
        return []
    row = vocabulary.read(entry).index
    near = range(max(0, row - 2 * most), min(len(vocabulary), row + 2 * most + 1))
    words = [other for other in near if other != row and not stands_for_others(vocabulary.words[other])]
    return sorted(sorted(words, key=lambda other: (abs(other - row), other))[:most])


def _most_others(network: Network, entries: Sequence[str], places: range, after: int) -> int:
    """Return how many others may stand in for each word, so that all swaps together cost no more than :data:`WORK`."""
    weights = sum(
        value.size for layer in network.layers for direction in layer for value in direction.cell.parameters.values()
    )  # each is used once a word
    words = sum(after - place for place in places if not twin_entry(network.vocabulary, entries[place]))
    return max(FEWEST, min(OTHERS, int(WORK / max(1, weights * words))))


def strongest(swaps: Sequence[Swap]) -> Swap | None:
    """Return the swap that moves the log-odds most, the first of equals; ``None`` if none moves them."""
    counting = [swap for swap in swaps if abs(swap.change) >= NEGLIGIBLE]
    return max(counting, key=lambda swap: (abs(swap.change), -swap.word), default=None)


def carrier_of(view: View, swaps: Sequence[Swap], contrast: Contrast) -> Carrier | None:
    """Find the unit that carries the deciding word's number, by patching single units.

    The deciding word is the one whose swap moves the log-odds most; it must be a swap of number. Halfway
    between it and the choice one unit at a time gets the state that it has with the twin, and the network
    runs on.
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
    best = int(np.argmax(np.abs(changes)))
    unit, change = int(units[best]), float(changes[best])
    memory = view.place.trace_in(donor).states[view.cell.state_names[-1]]
    values = tuple(memory[1:, 0, unit].tolist())
    share = change / deciding.change
    return Carrier(unit, deciding.word, deciding.to, at, change, deciding.change, share, values, len(units))


def _worth_patching(view: View, donor: Run, at: int, contrast: Contrast) -> list[int]:
    """Return the units to patch, by index: all of a small layer, else those that matter most to first order."""
    size = view.cell.hidden_size
    if size <= PATCHED:
        return list(range(size))
    estimates = np.abs(first_order_changes(view.network, view.run, donor, at, contrast, view.place))
    most: list[int] = np.argsort(-estimates, kind="stable")[:PATCHED].tolist()
    return sorted(most)


def split_of(view: View, contrast: Contrast) -> Split | None:
    """Split the log-odds over the words that wrote.

    ``None`` for the RNN, whose state is no sum, and for a layer that is not right below the decoder: what the
    layers above make of its state is no sum either.
    """
    if view.flow is None or not view.place.is_last(view.network):
        return None
    words, start, bias = split_log_odds(view.network, view.run, contrast)
    return Split(tuple(words.tolist()), start, bias)
