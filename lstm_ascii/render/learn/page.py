"""The pages of the course: its parts, in steps that fit a screen each, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from rich.text import Text

from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.learn.questions import checkpoint_blocks
from lstm_ascii.render.learn.sections import Command, opening, paragraphs, rest
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, note
from lstm_ascii.reports.learn.course import LearnReport, ListedPart, ListReport, PartReport

Draw = Callable[[Any, int | None], Page]
Drawers = Mapping[tuple[int, int], Draw]
HOW_TO = "learn goes through all of them, learn 4 or learn gates through one."


def learn_page(report: LearnReport, limit: int | None, drawers: Drawers, step: int | None = None) -> Page:
    """Return parts of the course below each other.

    Args:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
        drawers: what makes the page of a command's answer, by the number of the part and the command's place in it.
        step: of every part only this one, from 0; ``None`` for all of them, with the questions and their answers.
    """
    blocks: list[Block] = []
    for place, part in enumerate(report.parts):
        if place:
            blocks += [SPACE, Drawing(lambda width: [Text("═" * width, "note")]), SPACE]
        for number in range(steps_of(part)) if step is None else (step,):
            blocks += _step(report, part, number, drawers, limit)
        if step is None:
            blocks += checkpoint_blocks(part)
    return Page(closing=blocks)


def steps_of(part: PartReport) -> int:
    """Return how many steps a part has."""
    return len(part.experiments) + 1


def _step(report: LearnReport, part: PartReport, step: int, drawers: Drawers, limit: int | None) -> Iterator[Block]:
    """Return one step: a command with its answer, the first below the text; at last the rest."""
    if step == 0:
        yield from opening(report, part)
    if step == len(part.experiments):
        yield from rest(part)
        return
    experiment = part.experiments[step]
    yield Command(experiment.command)
    yield drawers[part.number, step](experiment.report, limit)
    yield from paragraphs(experiment.said)


def list_page(report: ListReport) -> Page:
    """Return the list of the parts."""
    rows = tuple((part.number, part.name, part.title, part.about) for part in report.parts)
    table = Table("parts of the course", ("part", "name", "title", "about"), rows)
    head = Head([Text(f"The course, in {len(report.parts)} parts", "title")])
    return Page(head, closing=[Drawing(partial(_listed, report.parts), lambda: [table]), SPACE, note(HOW_TO)])


def _listed(parts: tuple[ListedPart, ...], width: int) -> Iterator[Text]:
    """Draw each part in a line or two; where there is no room without what it is about."""
    longest = max(len(part.name) for part in parts)
    for part in parts:
        line = Text.assemble((f"{part.number:>2}", "number"), "  ", (part.name.ljust(longest), "word"), "  ")
        if width >= HOME:
            line.append(part.title)
            yield from paragraph(line, width, 1, hang=longest + 7)
            yield from paragraph(Text(part.about, "note"), width, longest + 7)
        else:
            line.rstrip()
            yield from paragraph(line, width, 1, hang=5)
            yield from paragraph(Text(part.title), width, 5)
