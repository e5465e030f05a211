"""The screen of one step, from top to bottom; it fits a terminal of 24 rows, and has more where there are more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from rich.text import Text

from lstm_ascii.render.cells import LARGE, CellValues, drawing, indented
from lstm_ascii.render.explain import carrier
from lstm_ascii.render.explain.context import Context, wording_of
from lstm_ascii.render.paint import paint_section
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Drawing, Page, Paragraph, Section, note
from lstm_ascii.render.step.answer import answer_section
from lstm_ascii.render.step.back import back_section
from lstm_ascii.render.step.now import happens
from lstm_ascii.render.step.units import units_section
from lstm_ascii.render.step.words import words_section
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.paint import PaintReport
from lstm_ascii.reports.step.position import BACK, PAINT, UNITS
from lstm_ascii.reports.step.report import StepReport

COLUMNS, ROWS = 80, 24  # the smallest screen
HIGH = 38  # from so many rows on the whole cell is drawn
BESIDE = carrier.SMALL + 1  # columns of one cell beside others


def step_page(report: StepReport, rows: int | None = None, remark: str = "") -> Page:
    """Return the page of a step.

    Args:
        report: to draw.
        rows: of the screen; ``None`` where there is no end of them.
        remark: what the reader should know of the sentence.
    """
    low = rows is not None and rows < HIGH
    whole = Context(report.explained, head_tells=False)
    hand = replace(whole, report=replace(report.explained, networks=(report.main,)))
    sections = [words_section(report, hand, None if rows is None else 1 if low else 2), _middle(report, hand, low)]
    if report.view != PAINT:  # which is about the text, and takes the room
        sections.append(answer_section(report, whole, low))
    close = len(sections) if low and report.twin else 1  # no blank lines where every row counts
    return Page(None, sections, (note(remark),), close=close, wording=wording_of(report.explained))


def _middle(report: StepReport, hand: Context, low: bool) -> Section:
    """Return the cell at the word, or what else the reader looks at."""
    if report.view == BACK:
        return back_section(report)
    if report.view == UNITS:
        return units_section(report, low)
    if report.view == PAINT:
        return _painted(report)
    main, inside = report.main, report.main.inside_unit
    section = carrier.section(hand)
    if main.unit is None or inside is None:
        return section
    cell, *notes = section.blocks
    if isinstance(cell, Drawing):
        cell = replace(cell, draw=partial(_cells, report, low), tables=partial(_tables, report))
    told = Paragraph(happens(main, inside, main.unit.steps[report.at - 1], hand.names[report.at - 1]))
    return replace(section, blocks=(cell, told, *notes))


def _painted(report: StepReport) -> Section:
    """Return the text painted by the followed unit."""
    main = report.main
    if report.painted is None:
        return Section("The text painted", "", (Paragraph("Numbers are no text to paint."),))
    return paint_section(PaintReport(report.schema_version, main.cell, main.hidden_size, main.source, main.where,
                                     report.painted))  # fmt: skip


def _cells(report: StepReport, low: bool, width: int) -> Iterator[Text]:
    """Draw the cell at hand, and all networks' cells beside each other, as far as there is room."""
    main, inside = report.main, report.main.inside_unit
    if inside is None:
        return
    drawn = [one for one in report.explained.networks if one.inside_unit is not None and one.unit is not None]
    has_others = len(drawn) > 1 and width >= BESIDE * len(drawn)
    if not low and width >= LARGE:
        values = CellValues(inside.values, report.words[report.at - 1], one_unit=True)
        yield from indented(lambda _: drawing(main.kind.name, values, large=True).lines(), width)
    elif not (low and has_others):
        yield from carrier.unit_lines(main, inside, width)
    if has_others:
        yield from [] if low else [Text("")]
        yield from _beside(drawn, report.network)


def _tables(report: StepReport) -> Iterator[Table]:
    """Tell the values of the unit of each network that is drawn in a wide window."""
    for one in report.explained.networks:
        if one.unit is not None and one.inside_unit is not None:
            yield carrier.unit_table(one, one.unit.index, one.inside_unit)


def _beside(networks: Sequence[NetworkPass], hand: str) -> Iterator[Text]:
    """Draw the cells of networks beside each other."""
    columns = [list(_small(one, one.cell == hand)) for one in networks]
    for row in range(max(map(len, columns))):
        line = Text(no_wrap=True)
        for column in columns:
            part = column[row].copy() if row < len(column) else Text("")
            part.truncate(BESIDE, pad=True)
            line.append_text(part)
        line.rstrip()
        yield line


def _small(one: NetworkPass, is_in_hand: bool) -> Iterator[Text]:
    """Draw one unit's cell below the network's name."""
    if one.unit is not None and one.inside_unit is not None:
        name = f"unit {one.unit.index} of the {one.cell}"
        yield Text.assemble(" ", (name, "focus" if is_in_hand else "title"))
        yield from carrier.unit_lines(one, one.inside_unit, carrier.SMALL)
