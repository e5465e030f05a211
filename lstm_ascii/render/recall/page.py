"""The page of ``recall``: a table of networks by gaps, the memory spans, what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.glyphs import FULL, TRACK
from lstm_ascii.render.layout import boxed, by_width, heading, page_width, paragraph
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.render.recall.curves import courses, drawn, sudden
from lstm_ascii.render.recall.text import detail, legend, length, result, setting, summary, task
from lstm_ascii.reports.recall import GapRecall, RacerRecall, RecallReport
from lstm_ascii.training.recall_race import LEARNT, NOT_LEARNT

STYLES = {LEARNT: "grad.alive", NOT_LEARNT: "grad.vanished"}
SHORTEST_LABEL = 11  # cells of a network's name
_CELL = (9, 10, 12)  # cells of a column, with the blanks before, at the three widths
_STATION = (3, 6, 10)  # cells of a gap in a span's bar, at the three widths


@dataclass(frozen=True)
class RecallPage:
    """Draws a :class:`RecallReport`."""

    report: RecallReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        width, report = page_width(options), self.report
        yield from boxed(
            [Text("The memory race", "title"), Text(task(report), "word"), Text(setting(report), "note")], width
        )
        yield from heading(1, "THE RACE", f"steps until {report.target:.0%} of the answers are right", width)
        yield from self._table(width)
        yield from paragraph(Text(legend(report), "note"), width, 1)
        yield from heading(2, "MEMORY SPAN", "the longest gap learnt by most seeds, shorter ones too", width)
        yield from self._spans(width)
        learnt = courses(report)
        if learnt:
            yield from drawn(report, 3, width, self._label)
        yield from heading(3 + bool(learnt), "IN WORDS", "", width)
        for sentence in summary(report):
            yield from paragraph(Text(sentence), width, 1)

    def parts(self) -> Iterator[Part]:
        """Tell the same in sentences and tables."""
        report = self.report
        yield Title(f"The memory race. {task(report)}")
        yield Prose(f"{setting(report)}. {legend(report)}")
        yield Table(
            "steps",
            ("network", "gap", "result", "seeds that learnt it", "steps", "fewest", "most", "accuracy"),
            tuple(
                (network.label, gap.gap, gap.stage, gap.learnt, gap.steps, gap.fewest, gap.most, gap.accuracy)
                for network in report.networks
                for gap in network.gaps
            ),
            named_by=2,
        )
        yield Table(
            "memory span",
            ("network", "span", "parameters"),
            tuple((network.label, network.span, network.parameters) for network in report.networks),
        )
        if (learnt := courses(report)) and (said := sudden(learnt)):
            yield Prose(said)
        yield Prose(" ".join(summary(report)))

    @property
    def _label(self) -> int:
        """Return the cells of a network's name, with the blanks around it."""
        return max(SHORTEST_LABEL, *(len(network.label) for network in self.report.networks)) + 2

    def _table(self, width: int) -> Iterator[Text]:
        """Draw a row a network and a column a gap; gaps that don't fit go into a further table below."""
        cell = by_width(width, *_CELL)
        most = (width - self._label) // cell
        if most < 2:
            yield from self._stacked(width)
            return
        count = len(self.report.gaps)
        tables = -(-count // most)
        each = -(-count // tables)
        for first in range(0, count, each):
            if first:
                yield Text("")
            yield from self._rows(slice(first, first + each), cell)

    def _rows(self, some: slice, cell: int) -> Iterator[Text]:
        """Draw one table, of some of the gaps, in columns of ``cell`` cells."""
        heads = (f"{f'gap {gap}':>{cell}}" for gap in self.report.gaps[some])
        yield Text(f"{'':{self._label}}{''.join(heads)}", "note", no_wrap=True)
        seeds = len(self.report.seeds)
        for network in self.report.networks:
            line = Text.assemble((f" {network.label:<{self._label - 1}}", "title"), no_wrap=True)
            details = ""
            for gap in network.gaps[some]:
                line.append(f"{result(gap):>{cell}}", STYLES.get(gap.stage, "note"))
                details += f"{detail(gap, seeds):>{cell}}"
            yield line
            if details.strip():
                yield Text(f"{'':{self._label}}{details}".rstrip(), "note", no_wrap=True)

    def _stacked(self, width: int) -> Iterator[Text]:
        """Draw a line a gap below each network's name."""
        seeds = len(self.report.seeds)
        for network in self.report.networks:
            yield from paragraph(Text(network.label, "title"), width, 1)
            for gap in network.gaps:
                line = Text(f"{gap.gap:>5,}  ").append(result(gap), STYLES.get(gap.stage, "note"))
                if said := detail(gap, seeds):
                    line.append(f" {said}" if line.cell_len + len(said) < width else "", "note")
                yield line

    def _spans(self, width: int) -> Iterator[Text]:
        """Draw each span as a bar over the gaps."""
        gaps = self.report.gaps
        station = by_width(width, *_STATION)
        room = width - self._label - max(len(length(network)) for network in self.report.networks) - 2
        station = min(station, room // len(gaps))
        if station >= max(len(f"{gap:,}") for gap in gaps) + 1:
            yield Text(" " * self._label + "".join(f"{gap:>{station},}" for gap in gaps), "note", no_wrap=True)
        for network in self.report.networks:
            line = Text.assemble((f" {network.label:<{self._label - 1}}", "title"), no_wrap=True)
            if station > 0:
                for gap in network.gaps:
                    line.append_text(_piece(gap, network, station))
                line.append("  ")
            yield from paragraph(line.append(length(network), "title"), width)
        if any(length(network).endswith("+") for network in self.report.networks):
            note = "+: where the race ended; the span may be longer."
            yield from paragraph(Text(note, "note"), width, 1)


def _piece(gap: GapRecall, network: RacerRecall, station: int) -> Text:
    """Draw one gap's piece of a span."""
    if gap.gap <= network.span:
        return Text(FULL * station, "grad.alive")
    return Text("?" * station if gap.stage not in (LEARNT, NOT_LEARNT) and not network.complete else TRACK * station,
                "track")  # fmt: skip
