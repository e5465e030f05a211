"""How often networks prefer the right form of a verb, on minimal pairs from a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np

from lstm_ascii.errors import UsageError
from lstm_ascii.language.pairs import Pair
from lstm_ascii.language.unknown import UNKNOWN_CLASSES
from lstm_ascii.language.vocabulary import UNKNOWN_ENTRIES, Vocabulary
from lstm_ascii.network import Network
from lstm_ascii.progress import Watch
from lstm_ascii.reports.agreement.pairs import FilePair, file_name, pairs_of
from lstm_ascii.reports.explain.twins import entry_of
from lstm_ascii.reports.explain.view import why_no_next_word
from lstm_ascii.sources import Source, open_networks
from lstm_ascii.training.loop import log_odds

SCHEMA_VERSION = 1
NO_DISTANCE = "unknown"
DISTANCES = (0, 1, 5, 10, 15, 20, 25, 30)  # where a group of distances begins; the last has no end
PAIRS_AT_ONCE = 256  # that run side by side
NUMBERS_AT_ONCE = 1 << 19  # of one gate of all pairs that run side by side
CHARACTERS_AT_ONCE = 1 << 19  # of all pairs that are held in memory; fewer for networks above USUAL_SIZE units
USUAL_SIZE = 64
EXAMPLES = 8  # words that are named among those not in the vocabulary
Z_95 = 1.959963984540054  # 97.5 % of a normal distribution lie below


@dataclass(frozen=True)
class Group:
    """Pairs that have something in common.

    Attributes:
        name: of the kind, or the distances, such as ``5-9``.
        right: pairs where the network prefers the right form: p(right) > p(wrong).
        total: pairs that were asked.
        accuracy: right / total; ``None`` without pairs.
        interval: 95 % confidence interval of the accuracy (Wilson 1927); ``None`` without pairs.
    """

    name: str
    right: int
    total: int
    accuracy: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class NetworkAgreement:
    """One network's answers.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H.
        source: where its weights come from.
        accuracy, right, total, interval: of all pairs that were asked, as in :class:`Group`.
        by_kind: in the order of the file; the totals add up to ``total``.
        by_distance: words between subject and verb, the nearest first, ``unknown`` last; likewise.
        unknown: pairs left out because ``right`` or ``wrong`` is not in the vocabulary.
        unknown_words: the first of those words, at most eight.
        undefined: pairs left out because the network's answer is not a finite number.
        read_by_letters: pairs asked in whose prefix some word is read by its letters.
        unknown_as: the entry as which such words are read in its place, if the vocabulary has but one for all.
        unreadable: pairs left out because a word of the prefix is not in the vocabulary, and nothing stands for
            such words.
    """

    cell: str
    hidden_size: int
    source: str
    accuracy: float | None
    right: int
    total: int
    interval: tuple[float, float] | None
    by_kind: tuple[Group, ...]
    by_distance: tuple[Group, ...]
    unknown: int
    unknown_words: tuple[str, ...]
    undefined: int
    read_by_letters: int
    unknown_as: str = ""
    unreadable: int = 0


@dataclass(frozen=True)
class AgreementReport:
    """All that ``agreement`` shows.

    Attributes:
        schema_version: of this layout.
        file: its name, safe to print.
        pairs: how many were read.
        networks: in the order they were asked for.
    """

    schema_version: int
    file: str
    pairs: int
    networks: tuple[NetworkAgreement, ...]


@dataclass(eq=False)
class _Tally:
    """What is counted for one network; ``[right, total]`` of each group."""

    kinds: dict[str, list[int]] = field(default_factory=dict)
    distances: dict[str, list[int]] = field(default_factory=dict)
    unknown: int = 0
    unknown_words: dict[str, None] = field(default_factory=dict)
    undefined: int = 0
    read_by_letters: int = 0
    unknown_as: str = ""
    unreadable: int = 0


def agreement_report(
    path: str,
    cells: Sequence[str] = ("rnn", "lstm", "gru"),
    source: Source | None = None,
    watch: Watch | None = None,
) -> AgreementReport:
    """Ask networks about all pairs of a file, some at a time: its size does not matter.

    Args:
        path: a file of tab-separated values in UTF-8; ``-`` for standard input. The first line names the
            columns: ``prefix``, ``right``, ``wrong``; optional: ``kind``; ``distance``, the words between
            subject and verb; or ``subject``, the subject's word, from which the distance is counted where
            it stands once in the prefix. Further columns don't matter.
        cells: which networks: ``rnn``, ``lstm``, ``gru``.
        source: where the networks come from.
        watch: is called with what is done and how far it is, from 0 to 1.

    Raises:
        LstmAsciiError: the file can't be read, or a line of it is not as expected.
        UsageError: there is no such cell, or the network names no next word.
    """
    source, pairs = source or Source(), 0
    networks = open_networks(cells, (), source)
    if not source.random and (why := next(filter(None, map(why_no_next_word, networks)), "")):
        raise UsageError(f"{why}; agreement needs a network that names the next word", "model")
    tallies = [_Tally() for _ in networks]
    largest = max(map(_units, networks))
    for portion in _portions(pairs_of(path, watch), CHARACTERS_AT_ONCE * USUAL_SIZE // max(USUAL_SIZE, largest)):
        pairs += len(portion)
        if source.random:  # they know the words that they are given; each has the same vectors in every portion
            networks = open_networks(cells, [word for pair in portion for word in pair.words], source)
        for network, tally in zip(networks, tallies, strict=True):
            _count(network, portion, tally)
    return AgreementReport(SCHEMA_VERSION, file_name(path), pairs, tuple(map(_result, networks, tallies)))


def agreement_of(networks: Sequence[Network], pairs: Sequence[FilePair]) -> tuple[NetworkAgreement, ...]:
    """Ask networks about pairs that are at hand already."""
    tallies = [_Tally() for _ in networks]
    for network, tally in zip(networks, tallies, strict=True):
        _count(network, pairs, tally)
    return tuple(map(_result, networks, tallies))


def wilson(right: int, total: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a share (Wilson 1927), which also holds at 0 and 1 and for few pairs."""
    if not total:
        return None
    share, z2 = right / total, Z_95**2 / total
    middle = share + z2 / 2
    half = sqrt(share * (1 - share) * z2 + z2**2 / 4)
    low = 0.0 if right == 0 else (middle - half) / (1 + z2)
    return low, 1.0 if right == total else (middle + half) / (1 + z2)


def distance_group(distance: int | None) -> str:
    """Return the name of the group that a distance belongs to: ``0``, ``1-4``, …, ``30+``, ``unknown``."""
    if distance is None:
        return NO_DISTANCE
    place = sum(distance >= first for first in DISTANCES) - 1
    if place == len(DISTANCES) - 1:
        return f"{DISTANCES[place]}+"
    first, last = DISTANCES[place], DISTANCES[place + 1] - 1
    return str(first) if first == last else f"{first}-{last}"


def _portions(pairs: Iterable[FilePair], most: int) -> Iterator[list[FilePair]]:
    """Take so many pairs at a time that they have about ``most`` characters."""
    portion, size = list[FilePair](), 0
    for pair in pairs:
        portion.append(pair)
        size += sum(map(len, pair.words))
        if size >= most:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _batches(pairs: Iterable[FilePair], hidden_size: int) -> Iterator[list[FilePair]]:
    """Put pairs of about the same length side by side, as many as fit into memory."""
    batch: list[FilePair] = []
    for pair in sorted(pairs, key=lambda pair: len(pair.prefix)):
        numbers = (len(batch) + 1) * len(pair.prefix) * hidden_size
        if batch and (len(batch) == PAIRS_AT_ONCE or numbers > NUMBERS_AT_ONCE):
            yield batch
            batch = []
        batch.append(pair)
    if batch:
        yield batch


def _count(network: Network, portion: Sequence[FilePair], tally: _Tally) -> None:
    """Ask ``network`` about some pairs and count its answers."""
    questions = []
    for pair in portion:
        # every network has every group, so that they stand side by side
        tally.kinds.setdefault(pair.kind, [0, 0])
        tally.distances.setdefault(distance_group(pair.distance), [0, 0])
        if (question := _as_read(network.vocabulary, pair, tally)) is not None:
            questions.append(question)
    for batch in _batches(questions, _units(network)):
        odds = _finite_log_odds(network, batch)
        for pair, value in zip(batch, odds, strict=True):
            if value is None:
                tally.undefined += 1
                continue
            if not all(_knows(network.vocabulary, word) for word in pair.prefix):
                tally.read_by_letters += 1
                tally.unknown_as = tally.unknown_as or _stand_in(network.vocabulary, pair.prefix)
            for group in (tally.kinds[pair.kind], tally.distances[distance_group(pair.distance)]):
                group[0] += value > 0
                group[1] += 1


def _as_read(vocabulary: Vocabulary, pair: FilePair, tally: _Tally) -> FilePair | None:
    """Return a pair in the words or pieces of a vocabulary; ``None``, counted, for one that it can't read."""
    right, wrong = entry_of(vocabulary, pair.right), entry_of(vocabulary, pair.wrong)
    if right is None or wrong is None:
        strangers = [form for form, entry in ((pair.right, right), (pair.wrong, wrong)) if entry is None]
        tally.unknown += 1
        tally.unknown_words.update(dict.fromkeys(strangers[: EXAMPLES - len(tally.unknown_words)]))
        return None
    prefix = pair.prefix if vocabulary.splitter is None else tuple(vocabulary.words_of(" ".join(pair.prefix)))
    if not any(entry in vocabulary for entry in UNKNOWN_ENTRIES) and not all(map(vocabulary.can_read, prefix)):
        tally.unreadable += 1
        return None
    same = (right, wrong) == (pair.right, pair.wrong) and prefix is pair.prefix
    return pair if same else replace(pair, prefix=prefix, right=right, wrong=wrong)


def _stand_in(vocabulary: Vocabulary, prefix: Sequence[str]) -> str:
    """Return the entry that stands for all unknown words, where there are no classes of them."""
    entries = {reading.entry for reading in vocabulary.read_sentence(prefix) if not reading.known}
    return next(iter(sorted(entries - set(UNKNOWN_CLASSES))), "")


def _units(network: Network) -> int:
    """Return how many units all its layers have together."""
    return sum(direction.cell.hidden_size for layer in network.layers for direction in layer)


def _knows(vocabulary: Vocabulary, word: str) -> bool:
    """Tell whether a word is in the vocabulary, in any capitals."""
    return word in vocabulary or word.lower() in vocabulary


def _finite_log_odds(network: Network, batch: Sequence[FilePair]) -> list[float | None]:
    """Return log p(right) - log p(wrong) of each pair; ``None`` where broken weights make it NaN or infinite."""
    blank = ("", -1, -1, -1)  # kind, subject, distance and attractors don't change the answer
    with np.errstate(invalid="ignore", over="ignore"):
        odds = log_odds(network, [Pair(pair.prefix, pair.right, pair.wrong, *blank) for pair in batch])
    return [value if np.isfinite(value) else None for value in odds.tolist()]


def _result(network: Network, tally: _Tally) -> NetworkAgreement:
    """Return what was counted for a network."""
    order = [distance_group(first) for first in DISTANCES] + [NO_DISTANCE]
    kinds = tuple(_group(name, *counts) for name, counts in tally.kinds.items())
    distances = tuple(_group(name, *tally.distances[name]) for name in order if name in tally.distances)
    total = _group("", sum(group.right for group in kinds), sum(group.total for group in kinds))
    return NetworkAgreement(
        cell=network.title,
        hidden_size=network.layers[-1][0].cell.hidden_size,
        source=network.source,
        accuracy=total.accuracy,
        right=total.right,
        total=total.total,
        interval=total.interval,
        by_kind=kinds,
        by_distance=distances,
        unknown=tally.unknown,
        unknown_words=tuple(tally.unknown_words),
        undefined=tally.undefined,
        read_by_letters=tally.read_by_letters,
        unknown_as=tally.unknown_as,
        unreadable=tally.unreadable,
    )


def _group(name: str, right: int, total: int) -> Group:
    """Return a group with its share and interval."""
    return Group(name, right, total, right / total if total else None, wilson(right, total))
