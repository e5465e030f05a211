"""The page of ``recall``: a table of networks by gaps, the memory spans, what they say."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lstm_ascii.render.glyphs import FULL, TRACK
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.recall import courses
from lstm_ascii.render.recall.text import SHORTEST_LABEL, detail, legend, setting, stopped, summary, task
from lstm_ascii.render.section import Head, Page, Paragraph, Section
from lstm_ascii.render.spans import END, end, length, result
from lstm_ascii.reports.recall import LEARNT, NOT_LEARNT, GapRecall, RacerRecall, RecallReport

STYLES = {LEARNT: "grad.alive", NOT_LEARNT: "grad.vanished"}
_CELL = (9, 9, 10, 12)  # cells of a gap's column, with the blanks before, at the widths of a window
_STATION = (3, 3, 6, 10)  # cells of a gap in a span's bar


def recall_page(report: RecallReport) -> Page:
    """Return the page of a report."""
    head = Head([Text("The memory race", "title"), Text(task(report), "word"), Text(setting(report), "note")])
    shown = courses.courses(report)
    sections = [
        Section("The race", f"steps until {report.target:.0%} of the answers are right", (
            _steps(report), legend(report),
        )),
        Section("Memory span", "the longest gap learnt by most seeds, shorter ones too", tuple(_spans(report))),
        *([courses.section(shown, _least(report))] if shown else ()),
        Section("In words", "", tuple(map(Paragraph, summary(report)))),
    ]  # fmt: skip
    return Page(head, sections)


def _least(report: RecallReport) -> int:
    """Return the cells of the networks' names."""
    return max(SHORTEST_LABEL, *(len(network.label) for network in report.networks))


def _steps(report: RecallReport) -> Grid:
    """Return the table with a column a gap: what came out, and below it what the seeds did."""
    seeds, networks = len(report.seeds), report.networks

    def cell(gap: GapRecall, _size: int) -> Text:
        text = Text(result(gap), STYLES.get(gap.stage, "note"))
        below = detail(gap, seeds)
        return Text.assemble(text, "\n", (below, "note")) if below else text

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield from paragraph(Text(networks[row].label, "title"), width, 1)
        for gap in networks[row].gaps:
            line = Text(f"{gap.gap:>5,}  ").append(result(gap), STYLES.get(gap.stage, "note"))
            if (below := detail(gap, seeds)) and line.cell_len + len(below) < width:
                line.append(f" {below}", "note")
            yield line

    def tables() -> list[Table]:
        rows = tuple(
            (network.label, gap.gap, gap.stage, gap.learnt, gap.steps, gap.fewest, gap.most, gap.accuracy, stopped(gap))
            for network in networks
            for gap in network.gaps
        )
        heads = (
            "network",
            "gap",
            "result",
            "seeds that learnt it",
            "steps",
            "fewest",
            "most",
            "accuracy",
            "stopped at",
        )
        return [Table("steps", heads, rows, named_by=2)]

    columns = [
        Column(f"gap {gap}", [network.gaps[place] for network in networks], None, cell, _CELL, right=True)
        for place, gap in enumerate(report.gaps)
    ]
    least = _least(report) + 1  # with the blank behind them
    return Grid("steps", ("network",), [network.label for network in networks], columns, style="title", least=least,
                window=1 + least + 2 * _CELL[0], gap=0, even=True, turn=turned, tables=tables)  # fmt: skip


def _spans(report: RecallReport) -> Iterator[Grid | Paragraph]:
    """Yield each span as a bar over the gaps."""
    gaps, networks = report.gaps, report.networks

    def heads(size: int) -> tuple[str, ...]:
        station = size // len(gaps)
        fits = station > max(len(f"{gap:,}") for gap in gaps)
        return ("".join(f"{gap:>{station},}" for gap in gaps),) if fits else ()

    def drawn(network: RacerRecall, size: int) -> Text:
        pieces = [_piece(gap, network, size // len(gaps)) for gap in network.gaps]
        return Text.assemble(*pieces, "  ", (length(network), "title"))

    def turned(grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield from paragraph(Text(f" {networks[row].label:<{grid.least}} {length(networks[row])}", "title"), width)

    longest = max(len(length(network)) for network in networks)
    sizes = tuple(station * len(gaps) for station in _STATION)
    columns = (
        Column("span", networks, heads, drawn, (sizes[0], sizes[1], sizes[2], sizes[3]), 2 + longest,
               (len(gaps), sizes[-1]), exact=lambda network: network.span),
        Column(END, list(map(end, networks)), drawn=lambda _: False),
        Column("parameters", [network.parameters for network in networks], drawn=lambda _: False),
    )  # fmt: skip
    yield Grid("memory span", ("network",), [network.label for network in networks], columns, style="title",
               least=_least(report), gap=1, turn=turned)  # fmt: skip
    if any(length(network).endswith("+") for network in networks):
        text = "where the race ended; the span may be longer."
        yield Paragraph(f"+: {text}", "note", spoken=f"{END} not reached: {text}")


def _piece(gap: GapRecall, network: RacerRecall, station: int) -> Text:
    """Draw one gap's piece of a span."""
    if gap.gap <= network.span:
        return Text(FULL * station, "grad.alive")
    unknown = gap.stage not in (LEARNT, NOT_LEARNT) and not network.complete
    return Text(("?" if unknown else TRACK) * station, "track")
