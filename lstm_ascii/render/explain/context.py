"""What all sections of ``explain`` share: the report, the words that are shown, and how networks are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from lstm_ascii.records import dataclass
from lstm_ascii.render.cells import beyond_the_drawing as beyond
from lstm_ascii.render.figures import listed
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import names_of, rows_to_show, word_room
from lstm_ascii.render.wording import Wording
from lstm_ascii.reports.explain.passes import Step
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass
from lstm_ascii.reports.explain.view import NO_NEXT_WORD
from lstm_ascii.thresholds import OPEN, WRITTEN

MOST_UNKNOWN, MANY_UNKNOWN = 8, 3  # words that are named; from so many on it is worth saying that most are

SHORT, MANY, IN_A_LINE = 12, 14, 40  # words that are all shown in a table; the most that are; all shown in a strip


@dataclass(frozen=True)
class Context:
    """A report, and which of its words are shown.

    Attributes:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
        legends: whether the sections of the first page explain what a reader can guess, too.
        is_brief: whether the page is for a projector.
        head_tells: whether the head of the page has the remarks; else the verdict has them.
    """

    report: ExplainReport
    limit: int | None = None
    legends: bool = False
    is_brief: bool = False
    head_tells: bool = True

    @property
    def main(self) -> NetworkPass:
        """The network that is drawn in full."""
        return self.report.main

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The words, told apart where one stands more than once."""
        return names_of(self.report.words)

    @cached_property
    def rows(self) -> list[int | None]:
        """The indices of the words to show; ``None`` stands for words left out."""
        steps = self.main.steps
        busiest = sorted(range(len(steps)), key=lambda n: (-steps[n].written - (steps[n].wiped or 0), n))
        return rows_to_show(len(steps), self.limit, [self.report.focus - 1, *busiest])

    @cached_property
    def telling_rows(self) -> list[int | None]:
        """The indices of the words that tell what the followed unit does; ``None`` where it only holds, or for more.

        Of a short sentence that is every word.
        """
        return telling_rows(self.report)

    @property
    def most_rows(self) -> list[int | None]:
        """The indices of all words, where a table of them is no longer than a page; else of those that tell most."""
        return list(range(len(self.report.words))) if len(self.report.words) <= IN_A_LINE else self.telling_rows

    @property
    def marks(self) -> dict[int, str]:
        """The styles of the words that stand out."""
        marks = {step.number - 1: "unknown" for step in self.main.steps if not step.known}
        return {**marks, self.report.focus - 1: "focus"}

    def grid(self, name: str, columns: Sequence[Column], rows: Sequence[int | None] | None = None) -> Grid:
        """Return a table with a row a word; by default of all words that are shown."""
        shown = self.rows if rows is None else rows
        return Grid(name, ("word", "text"), self.report.words, columns, shown, "word", numbered=True,
                    marks=self.marks, most=word_room)  # fmt: skip

    def remarks(self) -> Iterator[str]:
        """Say what the reader should know before the figures: the way of reading, words not known, what is left out."""
        main = self.main
        if main.where.backward:
            yield (
                "read from the last word to the first: at each word the cell has seen what follows, not what comes "
                "before"
            )
        if skipped := self.report.skipped:
            yield f"{skipped:,} step{'s' * (skipped != 1)} of padding left out, as the network skips them (mask)"
        if main.no_choice and not main.answer:
            yield f"what comes next, who decided and the split are left out: {main.no_choice}"
        unknown = [step for step in main.steps if not step.known]
        if unknown and self.is_brief:
            what = "words are not in the vocabulary and are read by their" if len(unknown) > 1 else (
                "word is not in the vocabulary and is read by its")  # fmt: skip
            yield f"{len(unknown):,} {what} letters"
        elif unknown:
            yield _unknown(unknown)
        if 2 * len(unknown) > sum(word[0].isalnum() for word in self.report.words) and len(unknown) >= MANY_UNKNOWN:
            yield "more than half of the words are unknown: what is said here rests on little more than their letters"
        if self.limit is not None and len(self.report.words) > self.limit:
            yield (
                f"{len(self.report.words)} words: the head, the tail and what matters between; pipe it (| less) for all"
            )


def telling_rows(report: ExplainReport) -> list[int | None]:
    """Return the words that tell most: see :attr:`Context.telling_rows`."""
    main, count = report.main, len(report.words)
    if count <= SHORT:
        return list(range(count))
    asked = main.loss_after - 1
    first = [report.focus - 1, main.verdict.at - 1, asked, asked + 1, report.focus, report.focus + 1, 0, count - 1]
    busy = [index for index in _busiest(main) if index not in first]
    chosen: set[int] = set()
    for index in (*first, *busy):
        if 0 <= index < count and len(chosen) < MANY:
            chosen.add(index)
    kept = sorted(chosen | {index for index in range(1, count - 1) if {index - 1, index + 1} <= chosen})
    rows: list[int | None] = []
    for index in kept:
        if rows and rows[-1] is not None and index > rows[-1] + 1:
            rows += [None] if index - rows[-1] > 2 else [index - 1]
        rows.append(index)
    return rows


def _busiest(network: NetworkPass) -> list[int]:
    """Return the words at which the followed unit is not only held, else those that moved the memory most."""
    steps = network.steps
    if network.unit is None or network.unit.steps[0].keeps is None:
        return sorted(range(len(steps)), key=lambda n: (-steps[n].written - (steps[n].wiped or 0), n))[:SHORT]
    values = [0.0, *(step.value for step in network.unit.steps)]
    moved = [n for n, step in enumerate(network.unit.steps) if (step.keeps or 0) < OPEN or (step.adds or 0) >= WRITTEN]
    return sorted(moved, key=lambda n: (-abs(values[n + 1] - values[n]), n))


def _unknown(steps: Sequence[Step]) -> str:
    """Say how words that are not in the vocabulary are read; a word may be read in more than one way."""
    counts = Counter(step.word for step in steps)
    ways = {word: dict.fromkeys(step.read_as for step in steps if step.word == word) for word in counts}
    told = ", ".join(
        f"“{word}” as {listed(list(ways[word]))}{f' ({times} times)' if times > len(ways[word]) else ''}"
        for word, times in counts.most_common(MOST_UNKNOWN)
    )
    more = f" and {len(counts) - MOST_UNKNOWN} more" if len(counts) > MOST_UNKNOWN else ""
    how = ", read by their letters" if any(step.read_as[1:].startswith("unknown") for step in steps) else ""
    return f"not in the vocabulary{how}: {told}{more}"


def step_named(report: ExplainReport, step: int, first: bool = True) -> str:
    """Name a step of a series: ``Step 41``, with what it is called where that is more than its number."""
    name = report.words[step - 1]
    what = f"{'Step' if first else 'step'} {step}"
    return what if name in (f"x{step}", str(step)) else f"{what}, “{name}”"


def named(network: NetworkPass) -> str:
    """Return the cell's name with its place in the network, where there is more than one: ``LSTM, layer 2 of 2``."""
    return f"{network.cell}, {network.where}".removesuffix(", ")


def counted(report: ExplainReport) -> str:
    """Say how much was read: ``9 words``."""
    count, read = len(report.words), "steps" if report.is_series else report.read
    return f"{count:,} {read.removesuffix('s') if count == 1 else read}"


def wording_of(report: ExplainReport) -> Wording | None:
    """Return how a page about a report says what was read; ``None`` for words."""
    if not report.is_series:
        return None
    labels = [output.label for network in report.networks if network.answer for output in network.answer.outputs]
    return Wording([*report.features, *report.words, *labels, *(network.source for network in report.networks)])


def ends(network: NetworkPass) -> tuple[int, int]:
    """Return the numbers of the word that the cell reads first, and of the one where the error starts."""
    return network.where.ordered(network.steps)[0].number, network.loss_after


def left_out(network: NetworkPass) -> str:
    """Say why there is nothing to see of the next word."""
    return f"Left out: {network.no_choice.removesuffix(NO_NEXT_WORD) if network.answer else network.no_choice}."


def beyond_the_drawing(network: NetworkPass) -> str:
    """Say what the cell has that the drawing has not."""
    return beyond(network.cell, network.special)
