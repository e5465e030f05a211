"""The accuracy of a network's answers on labelled sentences or series from a file, or the size of its errors."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from typing import Any

import numpy as np

from lstm_ascii.answer import LABELS, Answer
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError, argument, require
from lstm_ascii.language.typed import typed
from lstm_ascii.network import Network
from lstm_ascii.processes import Shared, results
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.accuracy.errors import Errors, ValueErrors
from lstm_ascii.reports.accuracy.rows import LabelledFile, Row, piped
from lstm_ascii.reports.accuracy.truths import is_measured
from lstm_ascii.reports.scored.left_out import LeftOut, RowsLeftOut
from lstm_ascii.reports.scored.opening import of_source
from lstm_ascii.reports.scored.portions import batches, portions, units_of
from lstm_ascii.reports.scored.shares import Group, group_of
from lstm_ascii.sources import Source, open_networks

SCHEMA_VERSION = 1
MOST_FAILURES = 1000
MOST_CONFUSED = 50  # of the confusions, the most frequent
LARGEST_MATRIX = 20  # classes whose confusions are told as a square
AskedRow = tuple[tuple[int, ...], Array | None, bool]
CHARACTERS_A_STEP = 8  # of what is held in memory, about


@dataclass(frozen=True)
class ClassShare:
    """The accuracy for one class, tag or label.

    Attributes:
        share: the recall: of the rows that have this class, the share for which the network gives it. For a label of a
            multi-label classifier, the share of all rows for which it is right.
        given: how often the network gives it.
        precision: of these, the share that is right; ``None`` if it is never given.
    """

    share: Group
    given: int
    precision: float | None


@dataclass(frozen=True)
class Confused:
    """How often the network gives one answer when another is right."""

    right: str
    given: str
    count: int


@dataclass(frozen=True)
class WrongRow:
    """A row with a wrong answer, or with one of the largest errors.

    Attributes:
        line: its number in the file; for arrays that of the row, from 1.
        text: the sentence, or a name for the series.
        right: the label in the table; for tags that of the first word with a wrong answer.
        given: the network's answer.
        figure: the probability of that answer; for values the error.
        word: the number of that word; 0 if the row has a single answer.
        command: opens the row in ``explain``.
    """

    line: int
    text: str
    right: str
    given: str
    figure: float
    word: int
    command: str


@dataclass(frozen=True)
class AccuracyReport:
    """All that ``accuracy`` shows.

    Attributes:
        schema_version: of this layout.
        file: its name, safe to print.
        layout: its format.
        rows: the number of rows read.
        cell, hidden_size, source: of the network.
        kind: ``classes``, ``tags``, ``labels`` or ``values``.
        answers_with: the same in words.
        function: the activation of the head's last layer.
        share: of right answers: one for each row, for tags one for each word, for labels one for each row and label;
            ``None`` for values.
        baseline: the share for always giving the most frequent answer; ``None`` for values.
        classes: in the network's order, without those that occur in neither the table nor the answers.
        confused: the most frequent confusions first, at most fifty.
        matrix: the confusion matrix for up to twenty classes, right ones in rows, given ones in columns, in the order
            of ``classes``.
        errors: for values, one for each output.
        unknown: the number of rows with a word that is not in the vocabulary.
        undefined: the number of rows left out because the network's answer is not a finite number.
        left_out: rows that can't be read, by reason.
        failures: as many as requested.
        failures_asked: how many were requested.
        wrong: the number of rows with a wrong answer; 0 for values.
        assumed: what the file doesn't say about the head and was assumed.
    """

    schema_version: int
    file: str
    layout: str
    rows: int
    cell: str
    hidden_size: int
    source: str
    kind: str
    answers_with: str
    function: str
    share: Group | None
    baseline: Group | None
    classes: tuple[ClassShare, ...]
    confused: tuple[Confused, ...]
    matrix: tuple[tuple[int, ...], ...]
    errors: tuple[ValueErrors, ...]
    unknown: int
    undefined: int
    left_out: tuple[RowsLeftOut, ...]
    failures: tuple[WrongRow, ...]
    failures_asked: int
    wrong: int
    assumed: tuple[str, ...]


def accuracy_report(
    path: str, source: Source, columns: str = "", failures: int = 0, watch: Watch | None = None
) -> AccuracyReport:
    """Run a network on all rows of a file, a portion at a time, so that it may be of any size.

    Args:
        path: a table in UTF-8, separated by tabs or commas, with a sentence (``text``), a file of a series (``file``)
            or the numbers of a series in each row, and the right answer (``label``, ``tags``, ``y``); or an ``.npz``
            file with ``X`` ``(N, T, D)`` or ``(N, T)`` and ``y``. ``-`` is standard input.
        source: where the network comes from.
        columns: the columns of the text and the label, by name or number from 1, separated by a comma.
        failures: how many wrong rows to list: the first ones, or for values those with the largest errors.
        watch: called with the name of the work and the share that is done, from 0 to 1.

    Raises:
        LstmAsciiError: the file can't be read, or no row of it.
        UsageError: there is no such column, or the network names next words, or its answer is not known.
    """
    require("failures", failures, int, "a whole number")
    if not 0 <= failures <= MOST_FAILURES:
        raise UsageError(f"expected 0 to {MOST_FAILURES:,} rows, got {failures}", "failures")
    network, answer = _asked(source)
    left_out = LeftOut()
    file = LabelledFile(path, network, columns, left_out.refuse, watch)
    tally = _Tally(network, answer, failures)
    taken = deque[list[Row]]()  # portions whose answers are not there yet

    def pieces() -> Iterator[tuple[Any, ...]]:
        for portion in portions(file, lambda row: CHARACTERS_A_STEP * len(row) + len(row.told), [network]):
            taken.append(portion)
            yield Shared(_asked, (source,), (network, answer)), [_asked_of(network, row) for row in portion]

    for answers in results(_answers, pieces(), f"the reading of {file.name}"):
        tally.count(taken.popleft(), answers)
    return tally.report(file, left_out, source)


def _asked(source: Source) -> tuple[Network, Answer]:
    """Open the network, and refuse one whose answer no table can hold."""
    words = "agreement measures networks that name the next word"
    if not source.model:
        raise UsageError(f"name a network of your own with {argument('model', 'FILE')}; {words}", "model")
    (network,) = open_networks((), (), source)
    if network.head is None:
        what = "names next words" if network.has_decoder else "has no answer that is known"
        raise UsageError(f"the network {what}; accuracy needs a classifier, a tagger or a forecaster; {words}", "model")
    if network.head.kind == LABELS and network.head.pooling == "each":
        raise UsageError("the network gives labels with yes or no at each step, which no row of a table holds", "model")
    return network, network.head


@dataclass(eq=False)
class _Tally:
    """What is counted."""

    network: Network
    answer: Answer
    asked: int  # failures
    rows: int = 0
    unknown: int = 0
    undefined: int = 0
    wrong: int = 0
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)  # what is right, what is given
    labels: Counter[tuple[int, int, int]] = field(default_factory=Counter)  # which, whether it holds, is given
    failed: list[tuple[float, Row, Array]] = field(default_factory=list)  # sorted by the first
    errors: Errors = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing counted."""
        self.errors = Errors(self.answer.outputs)

    def count(self, portion: Sequence[Row], answers: Sequence[tuple[int, Array]]) -> None:
        """Count the answers to some rows, each with its row's place among them."""
        self.rows += len(portion)
        self.unknown += sum(not row.known for row in portion)
        measured = is_measured(self.answer)
        for place, given in answers:
            row = portion[place]
            if not np.isfinite(given).all():
                self.undefined += 1
            elif measured:
                off = self.errors.add(np.array(row.truth).reshape(-1, self.answer.outputs), given)
                self._note(-off, row, given)
            elif self._compare(row, given):
                self.wrong += 1
                self._note(float(row.line), row, given)

    def _note(self, place: float, row: Row, given: Array) -> None:
        """Remember a failure, if it is among the first."""
        if self.asked and (len(self.failed) < self.asked or place < self.failed[-1][0]):
            self.failed.append((place, row, given))
            self.failed.sort(key=lambda one: (one[0], one[1].line))
            del self.failed[self.asked :]

    def _compare(self, row: Row, given: Array) -> bool:
        """Count an answer, and tell whether anything in it is wrong."""
        decided = [int(one) for one in decisions(self.answer, given)]
        truth = [int(one) for one in row.truth]
        if self.answer.kind == LABELS:
            self.labels.update((number, *two) for number, two in enumerate(zip(truth, decided, strict=True)))
        else:
            self.pairs.update(zip(truth, decided, strict=True))
        return truth != decided

    def report(self, file: LabelledFile, left_out: LeftOut, source: Source) -> AccuracyReport:
        """Return what was counted."""
        answer, measured = self.answer, is_measured(self.answer)
        of_labels = answer.kind == LABELS
        share = baseline = None
        if not measured:
            right, total = self._right_of_labels() if of_labels else self._right()
            share, baseline = group_of("", right, total), self._baseline(total)
        places = self._places()
        return AccuracyReport(
            SCHEMA_VERSION, file.name, file.layout, self.rows, self.network.title,
            self.network.layers[-1][0].cell.hidden_size, self.network.source, answer.kind, answer.in_words,
            str(answer.squash), share, baseline,
            classes=tuple(self._label(place) if of_labels else self._class(place) for place in places),
            confused=self._confused(),
            matrix=tuple(tuple(self.pairs[row, column] for column in places) for row in places)
            if not of_labels and len(places) <= LARGEST_MATRIX else (),
            errors=self.errors.result(answer.names) if measured else (),
            unknown=self.unknown, undefined=self.undefined, left_out=left_out.result(),
            failures=tuple(self._failure(row, given, source) for _, row, given in self.failed),
            failures_asked=self.asked, wrong=self.wrong, assumed=answer.assumed,
        )  # fmt: skip

    def _right(self) -> tuple[int, int]:
        return sum(count for (right, given), count in self.pairs.items() if right == given), self.pairs.total()

    def _right_of_labels(self) -> tuple[int, int]:
        return sum(count for (_, holds, given), count in self.labels.items() if holds == given), self.labels.total()

    def _baseline(self, total: int) -> Group | None:
        """Return how often it is right to say always the same."""
        if not total:
            return None
        if self.answer.kind == LABELS:
            each = Counter[tuple[int, int]]()
            for (number, holds, _), count in self.labels.items():
                each[number, holds] += count
            right = sum(max(each[number, 0], each[number, 1]) for number in range(self.answer.outputs))
            return group_of("of each label, what is more frequent", right, total)
        truths = Counter[int]()
        for (right, _), count in self.pairs.items():
            truths[right] += count
        most = max(truths, key=lambda place: (truths[place], -place))
        return group_of(self.answer.names[most], truths[most], total)

    def _places(self) -> list[int]:
        """Return the outputs that the table or the network names."""
        if self.answer.kind == LABELS:
            return list(range(self.answer.outputs))
        return sorted({place for pair in self.pairs for place in pair})

    def _class(self, place: int) -> ClassShare:
        """Return how a class fares."""
        both = self.pairs[place, place]
        total = sum(count for (right, _), count in self.pairs.items() if right == place)
        given = sum(count for (_, told), count in self.pairs.items() if told == place)
        return ClassShare(group_of(self.answer.names[place], both, total), given, both / given if given else None)

    def _label(self, place: int) -> ClassShare:
        """Return how a label that holds or doesn't fares."""
        count = {(holds, given): self.labels[place, holds, given] for holds in (0, 1) for given in (0, 1)}
        given = count[0, 1] + count[1, 1]
        share = group_of(self.answer.names[place], count[0, 0] + count[1, 1], sum(count.values()))
        return ClassShare(share, given, count[1, 1] / given if given else None)

    def _confused(self) -> tuple[Confused, ...]:
        """Return the most frequent confusions."""
        wrong = [(count, right, given) for (right, given), count in self.pairs.items() if right != given]
        wrong.sort(key=lambda one: (-one[0], one[1:]))
        names = self.answer.names
        return tuple(Confused(names[right], names[given], count) for count, right, given in wrong[:MOST_CONFUSED])

    def _failure(self, row: Row, given: Array, source: Source) -> WrongRow:
        """Return a row as the page lists it, with the line that opens it."""
        names, values = self.answer.names, np.atleast_2d(given)
        if is_measured(self.answer):
            truth = np.array(row.truth).reshape(values.shape)
            step, output = map(int, np.unravel_index(np.argmax(np.abs(truth - values)), values.shape))
            right, told = (float(some[step, output]) for some in (truth, values))
            texts, figure = (f"{right:g}", f"{told:g}"), told - right
        else:
            decided = decisions(self.answer, given)
            step = next(k for k, (one, other) in enumerate(zip(row.truth, decided, strict=True)) if one != other)
            output = place = int(decided[step])
            if self.answer.kind == LABELS:
                output, figure = step, float(values[0, step])
                texts = (_holds(names[output], not place), _holds(names[output], bool(place)))
            else:
                figure = probability_of(self.answer, values[step if len(values) > 1 else 0], place)
                texts = (names[int(row.truth[step])], names[place])
        steps = self.answer.pooling == "each"
        asked = ["--answer", names[output]] if len(names) > 1 else []
        asked += ["--word", str(step + 1)] if steps else []
        opened_by = [*row.opened_by] or ["--input", "-"]
        command = typed(["explain", *opened_by, *asked, *of_source("", source)])
        return WrongRow(row.line, row.told, *texts, figure, step + 1 if steps else 0,
                        command if row.opened_by else piped(row.material) + command)  # fmt: skip


def _holds(name: str, holds: bool) -> str:
    return name if holds else f"not {name}"


def decisions(answer: Answer, given: Array) -> Array:
    """Return what an answer ``(n,)`` or ``(T, n)`` decides: a class, a class a step, or yes or no for each label."""
    if answer.kind == LABELS:
        return (given >= 0.5).astype(int)
    values = np.atleast_2d(given)
    if answer.is_binary:
        return (values[:, 0] >= 0.5).astype(int)
    return np.atleast_1d(values.argmax(axis=-1))


def probability_of(answer: Answer, values: Array, place: int) -> float:
    """Return the probability that an answer ``(n,)`` gives to a class."""
    if answer.is_binary:
        return float(values[0] if place else 1 - values[0])
    return float(np.exp(values[place]) if answer.squash.name == "log_softmax" else values[place])


def _asked_of(network: Network, row: Row) -> AskedRow:
    """Return what is run of a row: whether padding was left out of it counts in its answer."""
    head = row.material.reader(network).head
    return row.ids, row.material.vectors, bool(head and head.padded)


def _answers(asked: tuple[Network, Answer], rows: Sequence[AskedRow]) -> list[tuple[int, Array]]:
    """Return the place of each row with its answer, ``(n,)`` or ``(T, n)``; rows of as many steps run side by side.

    So no padding is read: what is pooled over the steps, and what reads from the end, is as of the row alone.

    Args:
        asked: the network, and its answer.
        rows: of each the rows of the embedding, or vectors ``(T, 1, D)``, and whether padding counts.
    """
    network, answer = asked
    found: list[tuple[int, Array]] = []
    steps = [len(ids) if vectors is None else len(vectors) for ids, vectors, _ in rows]
    groups: dict[tuple[bool, bool], list[int]] = {}
    for place, (_, vectors, padded) in enumerate(rows):
        groups.setdefault((vectors is not None, padded), []).append(place)
    for (of_vectors, padded), some in groups.items():
        answer = replace(answer, padded=padded)
        for batch in batches(some, steps.__getitem__, steps.__getitem__, units_of(network), equal=True):
            with np.errstate(invalid="ignore", over="ignore"):
                if of_vectors:
                    run = network.run_vectors(np.concatenate([rows[place][1] for place in batch], axis=1))
                else:
                    run = network.run(np.array([rows[place][0] for place in batch], np.intp).T)
                answers = answer(run.outputs)
            found.extend((place, answers[:, column] if answer.pooling == "each" else answers[column])
                         for column, place in enumerate(batch))  # fmt: skip
    return found
