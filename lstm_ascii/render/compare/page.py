"""The page of ``compare``: networks side by side, and what lecture notes say beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import log10

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.agreement.text import compared
from lstm_ascii.render.compare.rows import (
    agreement_rows,
    gate_rows,
    gradient_tables,
    size_rows,
    span_rows,
    time_rows,
)
from lstm_ascii.render.compare.table import SideBySide
from lstm_ascii.render.compare.text import (
    SAID,
    alive,
    both_true,
    choices,
    many_times,
    measured,
    open_gates,
    rules,
    writing_cost,
)
from lstm_ascii.render.compare.told import told_in_parts
from lstm_ascii.render.figures import counted, power
from lstm_ascii.render.layout import HOME, boxed, heading, page_width, paragraph
from lstm_ascii.render.parts import Part
from lstm_ascii.render.recall.text import winners
from lstm_ascii.reports.compare.claims import DEPENDS, NOT_SO, OPEN, SO
from lstm_ascii.reports.compare.report import Claim, CompareReport

MARKS = {SO: "✓", NOT_SO: "✗", DEPENDS: "≈", OPEN: "?"}
STYLES = {SO: "grad.alive", NOT_SO: "grad.vanished", DEPENDS: "grad.fading", OPEN: "note"}
_VERDICT = 14  # cells of a mark and a verdict


@dataclass(frozen=True)
class ComparePage:
    """Draws a :class:`CompareReport`.

    Attributes:
        report: to draw.
        views: sections to draw; all that were measured if none is named.
    """

    report: CompareReport
    views: tuple[str, ...] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        width = page_width(options)
        yield from self._head(width)
        for number, name in enumerate(self._shown(), 1):
            yield from SECTIONS[name](self.report, number, width)

    def parts(self) -> Iterator[Part]:
        """Tell the same in sentences and tables."""
        return told_in_parts(self.report, self._shown())

    def _shown(self) -> list[str]:
        """Return the sections that are asked for and have something to show."""
        report, trained = self.report, self.report.trained
        there = {
            "size": report.sizes,
            "time": report.times,
            "span": report.recall,
            "agreement": any(network.agreement for network in trained),
            "gradient": report.random,
            "gates": any(network.gates is not None for network in trained),
            "claims": report.claims,
        }
        return [name for name in SECTIONS if there[name] and (not self.views or name in self.views)]

    def _head(self, width: int) -> Iterator[Text]:
        """Draw the box with what is compared."""
        report = self.report
        facts = f"random networks of {report.hidden_size} units, seed {report.seed}"
        if report.trained:
            sources = dict.fromkeys(f"{one.hidden_size} units, {one.source}" for one in report.trained)
            facts += f" · trained networks: {'; '.join(sources)}"
        names = [*report.cells, *(one.label for one in report.trained[len(report.cells) :])]
        yield from boxed([Text(" · ".join(names), "word"), Text(facts, "note")], width)


def _size(report: CompareReport, number: int, width: int) -> Iterator[Text]:
    """Draw how many parameters there are."""
    yield from heading(number, "PARAMETERS", "numbers that are trained", width)
    yield from SideBySide(*size_rows(report)).lines(width)
    sizes = [(size.cell, size.parameters) for size in report.sizes]
    yield from paragraph(Text(many_times("Parameters for as many units,", sizes)), width, 1)


def _time(report: CompareReport, number: int, width: int) -> Iterator[Text]:
    """Draw how long a step takes."""
    first = report.times[0]
    yield from heading(number, "TIME A STEP", f"{report.hidden_size} units, microseconds, on this machine", width)
    yield from SideBySide(*time_rows(report)).lines(width)
    note = (
        f"Medians and quartiles of {first.repeats} runs of {first.steps} steps, one sequence at a time, all gates kept."
    )
    yield from paragraph(Text(note, "note"), width, 1)
    times = [(time.cell, time.forward[1]) for time in report.times]
    yield from paragraph(Text(many_times("The time of a step forward", times)), width, 1)


def _span(report: CompareReport, number: int, width: int) -> Iterator[Text]:
    """Draw the memory race."""
    race = report.recall
    if race is None:
        return
    yield from heading(number, "MEMORY SPAN", "the longest gap over which the first word is remembered", width)
    yield from SideBySide(*span_rows(race)).lines(width)
    note = (
        f"Trained just now, from {counted(len(race.seeds), 'seed')}: steps until {race.target:.0%} of the answers are "
        f"right, the median over the seeds; not: what was right after {race.steps:,} steps (by chance "
        f"{race.chance:.1%}); "
        "·: not tried, as a shorter gap was not learnt. lstm-ascii recall tells more."
    )
    if race.interrupted:
        note = f"The race was stopped: this is what was known by then. {note}"
    yield from paragraph(Text(note, "note"), width, 1)
    for sentence in winners(race.networks):
        yield from paragraph(Text(sentence), width, 1)


def _agreement(report: CompareReport, number: int, width: int) -> Iterator[Text]:
    """Draw how often the verb agrees."""
    yield from heading(number, "AGREEMENT", "right verbs, by the words between subject and verb", width)
    yield from SideBySide(*agreement_rows(report)).lines(width)
    note = f"{report.pairs} fresh minimal pairs at each distance; beside the share its 95% interval. Guessing is 50%."
    yield from paragraph(Text(note, "note"), width, 1)
    yield from paragraph(
        Text(compared([replace(one.agreement, cell=one.label) for one in report.trained if one.agreement])), width, 1
    )


def _gradient(report: CompareReport, number: int, width: int) -> Iterator[Text]:
    """Draw what is left of the gradient."""
    low = power(log10(report.thresholds[0]))
    yield from heading(number, "GRADIENT", f"what is left of it so many steps back; below {low}: vanished", width)
    for title, columns, rows in gradient_tables(report):
        yield from paragraph(Text(title, "note"), width, 1)
        yield from SideBySide(columns, rows).lines(width)
    for told, style in ((alive(report), ""), (writing_cost(report), ""), (choices(report), "note")):
        if told:
            yield from paragraph(Text(told, style), width, 1)


def _gates(report: CompareReport, number: int, width: int) -> Iterator[Text]:
    """Draw how the gates are used."""
    where = "along your sentence" if report.sentence else f"along {report.texts} fresh sentences up to their verb"
    yield from heading(number, "GATES", f"means {where}", width)
    yield from SideBySide(*gate_rows(report)).lines(width)
    if report.sentence:
        yield from paragraph(Text(report.sentence, "word"), width, 1)
    yield from paragraph(Text(open_gates(report)), width, 1)


def _claims(report: CompareReport, number: int, width: int) -> Iterator[Text]:
    """Draw what lecture notes say beside what was measured."""
    yield from heading(number, "WHAT LECTURES SAY", "and what was measured here", width)
    for claim in report.claims:
        yield from _claim(claim, report, width)
    counts = [(said, sum(claim.verdict == said for claim in report.claims)) for said in MARKS]
    told = ", ".join(f"{said}: {count}" for said, count in counts if count)
    yield from paragraph(Text(f"Of {len(report.claims)} statements, {told}."), width, 1)
    if together := both_true(report):
        yield from paragraph(Text(together), width, 1)
    yield from paragraph(Text(rules(report), "note"), width, 1)


def _claim(claim: Claim, report: CompareReport, width: int) -> Iterator[Text]:
    """Draw one statement: beside what was measured where there is room, else above it."""
    verdict = Text(f" {MARKS[claim.verdict]} {claim.verdict}", STYLES[claim.verdict])
    said, found = Text(SAID[claim.key], "word"), Text(measured(claim.key, report))
    if width < HOME:
        yield verdict
        yield from paragraph(said, width, 3)
        yield from paragraph(found, width, 3)
        return
    room = (width - _VERDICT - 3) // 2
    yield from _beside([verdict], list(paragraph(said, room)), list(paragraph(found, room)), room)


def _beside(first: Sequence[Text], second: Sequence[Text], third: Sequence[Text], room: int) -> Iterator[Text]:
    """Put three columns next to each other."""
    for one, two, three in zip_longest(first, second, third):
        line = Text(no_wrap=True)
        for part, size in ((one, _VERDICT), (two, room + 2), (three, room)):
            cell = part.copy() if part else Text("")
            cell.pad_right(size - cell.cell_len)
            line.append_text(cell)
        line.rstrip()
        yield line


SECTIONS: dict[str, Callable[[CompareReport, int, int], Iterator[Text]]] = {
    "size": _size,
    "time": _time,
    "span": _span,
    "agreement": _agreement,
    "gradient": _gradient,
    "gates": _gates,
    "claims": _claims,
}
