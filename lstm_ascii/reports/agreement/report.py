"""How often networks prefer the right one of two forms or sentences, on minimal pairs from a file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import Any

from lstm_ascii.cells import CELLS
from lstm_ascii.errors import UsageError, require
from lstm_ascii.language.unknown import UNKNOWN_CLASSES
from lstm_ascii.network import Network
from lstm_ascii.processes import Shared, results
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.agreement.failures import Failure, failure_of
from lstm_ascii.reports.agreement.pairs import BY_PREFIX, SCORES, FilePair, PairsFile
from lstm_ascii.reports.agreement.published import PublishedShare, published_for
from lstm_ascii.reports.agreement.scoring import PairAnswer, answers_to
from lstm_ascii.reports.explain.view import why_no_next_word
from lstm_ascii.reports.scored.left_out import LeftOut, RowsLeftOut
from lstm_ascii.reports.scored.portions import portions
from lstm_ascii.reports.scored.shares import Group, group_of
from lstm_ascii.sources import Source, open_networks

SCHEMA_VERSION = 1
NO_DISTANCE = "unknown"
DISTANCES = (0, 1, 5, 10, 15, 20, 25, 30)  # where a group of distances begins; the last has no end
EXAMPLES = 8  # words that are named among those not in the vocabulary
MOST_FAILURES = 1000


@dataclass(frozen=True)
class NetworkAgreement:
    """One network's answers.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H.
        source: where its weights come from.
        accuracy, right, total, interval: of all pairs that were scored, as in :class:`Group`.
        by_kind: in the order of the file; the totals add up to ``total``.
        by_distance: by the number of words between subject and verb, ascending, ``unknown`` last; likewise.
        unknown: pairs left out because a word in which they differ is not in the vocabulary.
        unknown_words: the first of those words, at most eight.
        undefined: pairs left out because the network's answer is not a finite number.
        read_by_letters: scored pairs in which some word is read as a class of unknown words.
        forms_by_letters: of them, those in which both forms of the verb are; ``right`` counts the right ones.
        unknown_as: the vocabulary's entry for all unknown words, if it has only one.
        unreadable: pairs left out because another word is not in the vocabulary, which has no entry for unknown words.
        failures: the first pairs of the file for which it prefers the wrong form, as many as requested.
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
    failures: tuple[Failure, ...] = ()
    forms_by_letters: Group | None = None


@dataclass(frozen=True)
class AgreementReport:
    """All that ``agreement`` shows.

    Attributes:
        schema_version: of this layout.
        file: its name, safe to print.
        pairs: the number of pairs read.
        networks: in the requested order.
        layout: the format of the file.
        by_prefix: of the pairs, those scored by the probability of two forms after the same words.
        by_sentence: those scored by the probability of whole sentences.
        left_out: rows that can't be read, by reason, in the order of the file.
        published: shares that others have published for kinds of this file, beside ours.
        failures_asked: how many failures each network should list; 0 for none.
    """

    schema_version: int
    file: str
    pairs: int
    networks: tuple[NetworkAgreement, ...]
    layout: str = ""
    by_prefix: int = 0
    by_sentence: int = 0
    left_out: tuple[RowsLeftOut, ...] = ()
    published: tuple[PublishedShare, ...] = ()
    failures_asked: int = 0

    @property
    def rows(self) -> int:
        """Pairs that were read, and rows that can't be."""
        return self.pairs + sum(some.rows for some in self.left_out)


@dataclass(eq=False)
class _Tally:
    """The counts of one network; ``[right, total]`` for each group."""

    network: Network
    name: str = ""  # as it was asked for
    asked: int = 0  # failures
    kinds: dict[str, list[int]] = field(default_factory=dict)
    distances: dict[str, list[int]] = field(default_factory=dict)
    unknown: int = 0
    unknown_words: dict[str, None] = field(default_factory=dict)
    undefined: int = 0
    read_by_letters: int = 0
    forms_by_letters: list[int] = field(default_factory=lambda: [0, 0])
    unknown_as: str = ""
    unreadable: int = 0
    failed: list[tuple[FilePair, float]] = field(default_factory=list)

    def count(self, portion: Sequence[FilePair], answers: Sequence[PairAnswer]) -> None:
        """Count the network's answers to some pairs."""
        for pair, answer in zip(portion, answers, strict=True):
            # every network has every group, so that they stand side by side
            groups = [
                self.kinds.setdefault(pair.kind, [0, 0]),
                self.distances.setdefault(distance_group(pair.distance), [0, 0]),
            ]
            if answer.strangers:
                self.unknown += 1
                self.unknown_words.update(dict.fromkeys(answer.strangers[: EXAMPLES - len(self.unknown_words)]))
            elif not answer.is_read:
                self.unreadable += 1
            elif answer.odds is None:
                self.undefined += 1
            else:
                self._answer(pair, answer, answer.odds, groups)

    def _answer(self, pair: FilePair, answer: PairAnswer, odds: float, groups: list[list[int]]) -> None:
        """Count one answer."""
        if answer.by_letters:
            self.read_by_letters += 1
            if answer.by_letters not in UNKNOWN_CLASSES:
                self.unknown_as = self.unknown_as or answer.by_letters
        for group in groups + [self.forms_by_letters] * answer.forms_by_letters:
            group[0] += odds > 0
            group[1] += 1
        if odds <= 0 and len(self.failed) < self.asked:
            self.failed.append((pair, odds))


def agreement_report(
    path: str,
    cells: Sequence[str] = ("rnn", "lstm", "gru"),
    source: Source | None = None,
    watch: Watch | None = None,
    score: str = "",
    failures: int = 0,
) -> AgreementReport:
    """Run networks on all pairs of a file, a portion at a time, so that it may be of any size.

    Args:
        path: a file in UTF-8; ``-`` for standard input. Tab-separated values whose first line names the columns
            ``prefix``, ``right``, ``wrong`` (optional: ``kind``; ``distance``, the words between subject and verb;
            or ``subject``, the subject's word, from which the distance is counted where it stands once in the
            prefix), or the same columns without names; pairs of sentences, the right one first; JSON Lines; or the
            layouts of BLiMP, of Marvin & Linzen 2018, Lakretz et al. 2019, Gulordava et al. 2018 and Linzen et al.
            2016.
        cells: which networks: ``rnn``, ``lstm``, ``gru``.
        source: where the networks come from.
        watch: called with the name of the work and the share that is done, from 0 to 1.
        score: ``prefix`` or ``sentence``: how to score all pairs. By default by prefix where one word differs, else
            by the whole sentence.
        failures: how many pairs each network should list where it prefers the wrong one.

    Raises:
        LstmAsciiError: the file can't be read, or no pair of it.
        UsageError: there is no such cell or score, or the network names no next word.
    """
    source = source or Source()
    _check(score, failures)
    networks = open_networks(cells, (), source)
    if not source.random and (why := next(filter(None, map(why_no_next_word, networks)), "")):
        raise UsageError(f"{why}; agreement needs a network that names the next word", "model")
    names = [""] if source.model else list(dict.fromkeys(cells)) or list(CELLS)
    tallies = [_Tally(network, name, failures) for network, name in zip(networks, names, strict=False)]
    left_out, scored = LeftOut(), dict.fromkeys(SCORES, 0)
    file = PairsFile(path, score, left_out.refuse, watch)
    taken = deque[list[FilePair]]()  # portions whose answers are not there yet

    def pieces() -> Iterator[tuple[Any, ...]]:
        for portion in portions(file, lambda pair: sum(map(len, pair.words)), networks):
            taken.append(portion)
            yield tuple(cells), source, Shared(_opened, (tuple(cells), source), networks), portion

    for answers in results(_asked, pieces(), "the reading of pairs"):
        portion = taken.popleft()
        for pair in portion:
            scored[pair.scored] += 1
        for tally, some in zip(tallies, answers, strict=True):
            tally.count(portion, some)
    counted = tuple(_result(tally, source) for tally in tallies)
    return AgreementReport(
        SCHEMA_VERSION,
        file.name,
        sum(scored.values()),
        counted,
        layout=file.layout,
        by_prefix=scored[BY_PREFIX],
        by_sentence=sum(scored.values()) - scored[BY_PREFIX],
        left_out=left_out.result(),
        published=published_for(file, [[(one.name, one.right, one.total) for one in some.by_kind] for some in counted]),
        failures_asked=failures,
    )


def _opened(cells: tuple[str, ...], source: Source) -> list[Network]:
    """Open the networks that are asked about all portions; random ones know the words of one portion only."""
    return [] if source.random else open_networks(cells, (), source)


def _asked(
    cells: tuple[str, ...], source: Source, networks: list[Network], portion: Sequence[FilePair]
) -> list[list[PairAnswer]]:
    """Ask every network about a portion; random ones have the same vectors of a word in every portion."""
    if source.random:
        networks = open_networks(cells, list(dict.fromkeys(word for pair in portion for word in pair.words)), source)
    return [answers_to(network, portion) for network in networks]


def agreement_of(networks: Sequence[Network], pairs: Sequence[FilePair]) -> tuple[NetworkAgreement, ...]:
    """Ask networks about pairs that are at hand already."""
    tallies = [_Tally(network) for network in networks]
    for tally in tallies:
        tally.count(pairs, answers_to(tally.network, pairs))
    return tuple(_result(tally, Source()) for tally in tallies)


def distance_group(distance: int | None) -> str:
    """Return the name of the group that a distance belongs to: ``0``, ``1-4``, …, ``30+``, ``unknown``."""
    if distance is None:
        return NO_DISTANCE
    place = sum(distance >= first for first in DISTANCES) - 1
    if place == len(DISTANCES) - 1:
        return f"{DISTANCES[place]}+"
    first, last = DISTANCES[place], DISTANCES[place + 1] - 1
    return str(first) if first == last else f"{first}-{last}"


def _check(score: str, failures: int) -> None:
    """Refuse what can't be asked for."""
    if score not in ("", *SCORES):
        raise UsageError(f"expected {' or '.join(SCORES)}, got {score}", "score")
    require("failures", failures, int, "a whole number")
    if not 0 <= failures <= MOST_FAILURES:
        raise UsageError(f"expected 0 to {MOST_FAILURES:,} pairs, got {failures}", "failures")


def _result(tally: _Tally, source: Source) -> NetworkAgreement:
    """Return what was counted for a network."""
    order = [distance_group(first) for first in DISTANCES] + [NO_DISTANCE]
    kinds = tuple(group_of(name, *tally.kinds[name]) for name in _in_order(tally.kinds))
    distances = tuple(group_of(name, *tally.distances[name]) for name in order if name in tally.distances)
    total = group_of("", sum(group.right for group in kinds), sum(group.total for group in kinds))
    cell = tally.network.layers[-1][0].cell
    return NetworkAgreement(
        cell=tally.network.title,
        hidden_size=cell.hidden_size,
        source=tally.network.source,
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
        forms_by_letters=group_of("", *tally.forms_by_letters) if tally.forms_by_letters[1] else None,
        failures=tuple(failure_of(pair, odds, tally.name, source) for pair, odds in tally.failed),
    )


def _in_order(kinds: Iterable[str]) -> list[str]:
    """Return kinds in the order of the file; numbers of attractors, and nothing else, by that number."""
    names = list(kinds)
    counts = [name.partition(" attractor")[0] for name in names]
    if all(count.isdigit() and count != name for count, name in zip(counts, names, strict=True)):
        return sorted(names, key=lambda name: int(name.partition(" ")[0]))
    return names
