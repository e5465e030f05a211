"""Who decided, of words: each swapped for its twin in number or for others, and each left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lstm_ascii.analysis.leaving_out import left_out_figures, swapped_figures
from lstm_ascii.analysis.rerun import OfChoice, is_forward, weights_used
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.network import Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.twins import bare, like, stands_for_others, twin_entry
from lstm_ascii.thresholds import NEGLIGIBLE

if TYPE_CHECKING:
    from lstm_ascii.analysis.asked import Asked

OTHERS, FEWEST = 16, 4  # words that stand in for a word without a number twin; fewer where a network is large
WORK = 6e9  # multiplications that all swaps may take, before there are fewer
REACH = 128  # words before the choice that are swapped
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
class LeftOut:
    """One word left out, and the network run again.

    Attributes:
        word: its number, from 1.
        change: of the log-odds, or of what else is asked.
        turns: whether the network now prefers the other.
    """

    word: int
    change: float
    turns: bool


def swaps_of(network: Network, run: Run, entries: Sequence[str], asked: Asked | OfChoice) -> tuple[Swap, ...]:
    """Swap each word that the answer may depend on: for its number twin, else for other words.

    Args:
        network: any; of one that names next words all layers read forward.
        run: over the words, ``B`` = 1.
        entries: as which the vocabulary reads the words.
        asked: the choice, or what else is asked.
    """
    places = places_before(network, entries, asked)
    most = _most_others(network, entries, places, len(entries) if not is_forward(network) else places.stop)
    candidates = [(place, *alternatives(network.vocabulary, entries[place], most)) for place in places]
    flat = [(place, row) for place, _, _, rows in candidates for row in rows]
    figures = swapped_figures(network, run, flat, asked)
    before = float(asked.figures(run.outputs)[0])
    swaps, position = [], 0
    for place, twin, among, rows in candidates:
        if not rows:
            continue
        after = float(figures[position : position + len(rows)].mean())
        position += len(rows)
        swaps.append(Swap(place + 1, twin, len(rows), after - before, _turns(before, after, asked), among))
    return tuple(swaps)


def left_out_of(network: Network, run: Run, entries: Sequence[str], asked: Asked | OfChoice) -> tuple[LeftOut, ...]:
    """Leave out each word that the answer may depend on; see :func:`swaps_of`.

    What is answered of each step apart has no answer without that step, nor without any other.
    """
    at = asked.after(len(entries)) - 1 if not isinstance(asked, OfChoice) and asked.step else -1
    places = [place for place in places_before(network, entries, asked) if place != at]
    if len(entries) < 2 or asked.after(len(entries)) < 2:
        return ()
    before = float(asked.figures(run.outputs)[0])
    figures = left_out_figures(network, run, places, asked).tolist()
    return tuple(
        LeftOut(place + 1, after - before, _turns(before, after, asked))
        for place, after in zip(places, figures, strict=True)
    )


def places_before(network: Network, entries: Sequence[str], asked: Asked | OfChoice) -> range:
    """Return the indices of the words that an answer may depend on; of very many the last."""
    after = asked.after(len(entries)) if asked.is_of_one_step and is_forward(network) else len(entries)
    return range(max(0, after - REACH), after)


def _turns(before: float, after: float, asked: Asked | OfChoice) -> bool:
    """Tell whether another of two is preferred; a value that stands alone is no choice."""
    return (isinstance(asked, OfChoice) or asked.is_choice) and (after > 0) != (before > 0)


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
    words = sum(after - place for place in places if not twin_entry(network.vocabulary, entries[place]))
    return max(FEWEST, min(OTHERS, int(WORK / max(1, weights_used(network) * words))))


def strongest(swaps: Sequence[Swap]) -> Swap | None:
    """Return the swap that moves the log-odds most, the first of equals; ``None`` if none moves them."""
    counting = [swap for swap in swaps if abs(swap.change) >= NEGLIGIBLE]
    return max(counting, key=lambda swap: (abs(swap.change), -swap.word), default=None)
