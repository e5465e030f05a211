"""The page of ``generate``: the text, each word with its probability, painted by a unit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import exp, log

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import counted, number, probability
from lstm_ascii.render.interlinear import Track
from lstm_ascii.render.paint import (
    ALL_READ,
    READ_OUT,
    follows_sentence,
    legend_of,
    level_glyph,
    painted_lines,
    shown_character,
    title_of,
    told_word,
    unit_of_text,
    written_out,
)
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import Drawing, Head, Page, Paragraph, Section, note
from lstm_ascii.reports.generate import GenerateReport

FIGURE = 4  # cells of a probability


def generate_page(report: GenerateReport) -> Page:
    """Return the page of a report."""
    text, kind = report.text, unit_of_text(report.text)
    least = 1 if text.painted.characters else FIGURE
    draw = partial(painted_lines, text, (_probabilities(report),), least)
    told = f"After “{written_out(text, 0, report.given)}” it wrote: {written_out(text, report.given)}"
    legend = f"{legend_of(text.painted)} p: the probability that the network gave each {kind} it wrote"
    legend += ", full height 1." if text.painted.characters else "."
    section = Section(
        "What it wrote", f"painted by {title_of(text)}",
        (Drawing(draw, lambda: (_table(report),), (told,)), note(legend), Paragraph(_closing(report)),
         Paragraph(follows_sentence(text))),
    )  # fmt: skip
    return Page(_head(report), (section,))


def _head(report: GenerateReport) -> Head:
    """Return the box with what wrote, and how it was drawn."""
    text = report.text
    how = "the likeliest every time" if report.temperature == 0 else f"seed {report.seed}"
    facts = [
        f"{counted(len(report.written), unit_of_text(text))} after “{written_out(text, 0, report.given)}”",
        f"temperature {report.temperature:g}, {how}", text.source,
    ]  # fmt: skip
    return Head([Text.assemble(("written by the ", "word"), (text.cell, "word")), Text(" · ".join(facts), "note")])


def _probabilities(report: GenerateReport) -> Track:
    """Return the track of the probabilities: figures below words, heights below characters."""

    def draw(row: int, size: int) -> Text:
        if row < report.given:
            return Text("")
        value = report.written[row - report.given].probability
        if report.text.painted.characters:
            return Text(
                level_glyph(value) * min(size, cell_len(shown_character(report.text.painted.words[row]))), "note"
            )
        return Text(probability(value), "note")

    return Track("p", draw)


def _table(report: GenerateReport) -> Table:
    """Tell every word with its figures."""
    kind, painted = unit_of_text(report.text), report.text.painted
    rows = tuple(_rows(report))
    read_out = None if len(rows) <= ALL_READ else range(READ_OUT)
    heads = (kind, "text", "probability", "chance it was drawn with", f"unit {painted.unit}")
    return Table("what was written", heads, rows, named_by=2, read_out=read_out)


def _rows(report: GenerateReport) -> Iterator[tuple[Value, ...]]:
    """Make the rows of the table."""
    for row, (word, value) in enumerate(zip(report.text.painted.words, report.text.painted.values, strict=True)):
        one = report.written[row - report.given] if row >= report.given else None
        yield row + 1, told_word(word), one.probability if one else None, one.chance if one else None, value


def _closing(report: GenerateReport) -> str:
    """Say how sure the network was of what it wrote, on the geometric mean."""
    logs = [log(one.probability) if one.probability > 0 else -745.0 for one in report.written]
    mean, kind = sum(logs) / len(logs), unit_of_text(report.text)
    return (
        f"In the geometric mean a {kind} that it wrote had the probability {number(exp(mean))}: as if it chose among "
        f"{number(exp(-mean), 1)} {kind}s."
    )
