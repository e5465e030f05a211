"""Who decided the choice, and how it travelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.interventions import Contrast, patched_log_odds, split_log_odds, swapped_log_odds
from lstm_ascii.network import Network, Run
from lstm_ascii.training.lexicon import lexicon
from lstm_ascii.unknown import UNKNOWN, UNKNOWN_NAME, UNKNOWN_NAMES, UNKNOWN_S

OTHERS = 16  # words of its class that stand in for a word without a number twin
REACH = 128  # words before the choice that are swapped
NEGLIGIBLE = 0.1  # a swap that moves the log-odds by less decides nothing
CARRIES = 0.5  # a unit that does so much of what the swap does carries it

# Words read by their letters have number twins, too.
_UNKNOWN_TWINS = {UNKNOWN: UNKNOWN_S, UNKNOWN_S: UNKNOWN, UNKNOWN_NAME: UNKNOWN_NAMES, UNKNOWN_NAMES: UNKNOWN_NAME}


@dataclass(frozen=True)
class Swap:
    """One word swapped, and the network run again.

    Attributes:
        word: its number, from 1.
        to: the number twin that took its place; empty where it was other words of its class.
        tried: how many took its place.
        change: of the log-odds; the mean, where several were tried.
        turns: whether the network now prefers the other word.
    """

    word: int
    to: str
    tried: int
    change: float
    turns: bool


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
    """

    unit: int
    word: int
    to: str
    patched_after: int
    change: float
    swap_change: float
    share: float
    values: tuple[float, ...]


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


def swaps_of(network: Network, run: Run, words: Sequence[str], contrast: Contrast) -> tuple[Swap, ...]:
    """Swap each word before the choice: for its number twin, else for other words of its class."""
    read = [reading.entry for reading in network.vocabulary.read_sentence(words[: contrast.after])]
    candidates = [
        (place, *alternatives(network, read[place])) for place in range(max(0, contrast.after - REACH), contrast.after)
    ]
    flat = [(place, entry) for place, _, entries in candidates for entry in entries]
    changed = swapped_log_odds(network, run, flat, contrast)
    before = float(contrast.log_odds(network, run.outputs[contrast.after - 1, 0]))
    found, position = [], 0
    for place, twin, entries in candidates:
        if not entries:
            continue
        after = float(changed[position : position + len(entries)].mean())
        position += len(entries)
        found.append(Swap(place + 1, twin, len(entries), after - before, (after > 0) != (before > 0)))
    return tuple(found)


def alternatives(network: Network, entry: str) -> tuple[str, list[int]]:
    """Return what takes the place of an entry: its twin, else up to 16 others of its class.

    Returns:
        The twin, or an empty text; and the rows of the vocabulary.
    """
    vocabulary = network.vocabulary
    twin = lexicon().twin(entry) or _UNKNOWN_TWINS.get(entry, "")
    if twin and twin in vocabulary:
        return twin, [vocabulary.read(twin).index]
    others = [word for word in lexicon().same_class(entry) if word in vocabulary]
    step = max(1, len(others) / OTHERS)
    chosen = [others[int(k * step)] for k in range(min(OTHERS, len(others)))]
    return "", [vocabulary.read(word).index for word in chosen]


def strongest(swaps: Sequence[Swap]) -> Swap | None:
    """Return the swap that moves the log-odds most, the first of equals; ``None`` if none moves them."""
    counting = [swap for swap in swaps if abs(swap.change) >= NEGLIGIBLE]
    return max(counting, key=lambda swap: (abs(swap.change), -swap.word), default=None)


def carrier_of(network: Network, run: Run, swaps: Sequence[Swap], contrast: Contrast) -> Carrier | None:
    """Find the unit that carries the deciding word's number, by patching single units.

    The deciding word is the one whose swap moves the log-odds most; it must be a swap of number. Halfway
    between it and the choice one unit at a time gets the state that it has with the twin, and the network
    runs on.
    """
    deciding = strongest(swaps)
    if deciding is None or not deciding.to:
        return None
    ids = run.ids.copy()
    ids[deciding.word - 1, 0] = network.vocabulary.read(deciding.to).index
    donor = network.run(ids)
    at = (deciding.word + contrast.after + 1) // 2
    before = float(contrast.log_odds(network, run.outputs[contrast.after - 1, 0]))
    changes = patched_log_odds(network, run, donor, at, contrast) - before
    unit = int(np.argmax(np.abs(changes)))
    memory = list(donor.traces[-1][0].states.values())[-1]
    values = tuple(memory[1:, 0, unit].tolist())
    change = float(changes[unit])
    return Carrier(unit, deciding.word, deciding.to, at, change, deciding.change, change / deciding.change, values)


def split_of(network: Network, run: Run, contrast: Contrast) -> Split | None:
    """Split the log-odds over the words that wrote; ``None`` for the RNN, whose state is no sum."""
    if len(run.traces[-1][0].gates) == 0:
        return None
    words, start, bias = split_log_odds(network, run, contrast)
    return Split(tuple(words.tolist()), start, bias)
