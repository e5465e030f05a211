"""Who decided the choice, and how it travelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.interventions import Contrast, patched_log_odds, split_log_odds, swapped_log_odds
from lstm_ascii.network import Network, Run
from lstm_ascii.training.lexicon import lexicon

OTHERS = 16  # words of its class that stand in for a word without a number twin
REACH = 128  # words before the choice that are swapped


@dataclass(frozen=True)
class Swap:
    """One word swapped, and the network run again.

    Attributes:
        word: its number, from 1.
        to: the number twin that took its place; empty where it was several words of its class.
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
        values: of the unit's memory after every word, with the word swapped.
    """

    unit: int
    word: int
    to: str
    patched_after: int
    change: float
    swap_change: float
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
        (place, alternatives(network, read[place])) for place in range(max(0, contrast.after - REACH), contrast.after)
    ]
    flat = [(place, entry) for place, entries in candidates for entry in entries]
    changed = swapped_log_odds(network, run, flat, contrast)
    before = float(contrast.log_odds(network, run.outputs[contrast.after - 1, 0]))
    found, position = [], 0
    for place, entries in candidates:
        if not entries:
            continue
        after = float(changed[position : position + len(entries)].mean())
        position += len(entries)
        to = network.vocabulary.words[entries[0]] if len(entries) == 1 else ""
        found.append(Swap(place + 1, to, len(entries), after - before, (after < 0) != (before < 0)))
    return tuple(found)


def alternatives(network: Network, entry: str) -> list[int]:
    """Return what takes the place of an entry: its twin, else up to 16 others of its class."""
    vocabulary = network.vocabulary
    twin = lexicon().twin(entry)
    if twin and twin in vocabulary:
        return [vocabulary.read(twin).index]
    others = lexicon().same_class(entry)
    step = max(1, len(others) / OTHERS)
    chosen = [others[int(k * step)] for k in range(min(OTHERS, len(others)))]
    return [vocabulary.read(word).index for word in chosen if word in vocabulary]


def carrier_of(network: Network, run: Run, swaps: Sequence[Swap], contrast: Contrast) -> Carrier | None:
    """Find the unit that carries the deciding word's number, by patching single units.

    The deciding word is the one whose twin moves the log-odds most. Halfway between it and the choice one
    unit at a time gets the state that it has with the twin, and the network runs on.
    """
    twins = [swap for swap in swaps if swap.to]
    if not twins:
        return None
    deciding = max(twins, key=lambda swap: (abs(swap.change), -swap.word))
    ids = run.ids.copy()
    ids[deciding.word - 1, 0] = network.vocabulary.read(deciding.to).index
    donor = network.run(ids)
    at = (deciding.word + contrast.after + 1) // 2
    before = float(contrast.log_odds(network, run.outputs[contrast.after - 1, 0]))
    changes = patched_log_odds(network, run, donor, at, contrast) - before
    unit = int(np.argmax(np.abs(changes)))
    memory = list(donor.traces[-1][0].states.values())[-1]
    values = tuple(memory[1:, 0, unit].tolist())
    return Carrier(unit, deciding.word, deciding.to, at, float(changes[unit]), deciding.change, values)


def split_of(network: Network, run: Run, contrast: Contrast) -> Split | None:
    """Split the log-odds over the words that wrote; ``None`` for the RNN, whose state is no sum."""
    if len(run.traces[-1][0].gates) == 0:
        return None
    words, start, bias = split_log_odds(network, run, contrast)
    return Split(tuple(words.tolist()), start, bias)
