"""The pages of the course: its parts, in steps that fit a screen each, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.layout import HOME, boxed, page_width, paragraph, segments
from lstm_ascii.render.learn.questions import checkpoint_lines, checkpoints_told
from lstm_ascii.render.learn.sections import command_line, opening, plain_text, rest, rest_told, told
from lstm_ascii.render.parts import Page, Part, Prose, Table, Title
from lstm_ascii.reports.learn.course import LearnReport, ListReport, PartReport

Draw = Callable[[Any, int | None], Page]
Drawers = Mapping[tuple[int, int], Draw]


@dataclass(frozen=True)
class LearnPage:
    """Draws a :class:`LearnReport`.

    Attributes:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
        drawers: what draws the answer of a command, by the number of the part and the command's place in it.
        step: of every part only this one, from 0; ``None`` for all of them, with the questions and their answers.
    """

    report: LearnReport
    limit: int | None
    drawers: Drawers
    step: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        width = page_width(options)
        for number, part in enumerate(self.report.parts):
            if number:
                yield from segments(iter([Text(""), Text("═" * width, "note"), Text("")]), console)
            for step in range(steps_of(part)) if self.step is None else (self.step,):
                yield from self._drawn(part, step, width, console, options)
            if self.step is None:
                yield from segments(checkpoint_lines(part, width), console)

    def _drawn(
        self, part: PartReport, step: int, width: int, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """Draw one step: a command with its answer, the first below the text; at last the rest."""
        if step == 0:
            yield from segments(opening(self.report, part, width), console)
        if step == len(part.experiments):
            yield from segments(rest(part, width), console)
            return
        experiment = part.experiments[step]
        yield from segments(command_line(experiment.command, width), console)
        yield from console.render(self._page(part, step), options)
        yield from segments(told(experiment.said, width), console)

    def _page(self, part: PartReport, step: int) -> Page:
        """Return the answer of a command, as it draws itself."""
        return self.drawers[part.number, step](part.experiments[step].report, self.limit)

    def parts(self) -> Iterator[Part]:
        """Tell the same without drawing."""
        for part in self.report.parts:
            for step in range(steps_of(part)) if self.step is None else (self.step,):
                yield from self._told(part, step)
            if self.step is None:
                yield from checkpoints_told(part)

    def _told(self, part: PartReport, step: int) -> Iterator[Part]:
        """Tell one step."""
        if step == 0:
            yield Title(f"Part {part.number} of {self.report.total}: {part.title}")
            yield from (Prose(plain_text(said)) for said in part.text)
        if step == len(part.experiments):
            yield from rest_told(part)
            return
        experiment = part.experiments[step]
        yield Title(f"$ {experiment.command}")
        yield from self._page(part, step).parts()
        yield from (Prose(plain_text(said)) for said in experiment.said)


def steps_of(part: PartReport) -> int:
    """Return how many steps a part has."""
    return len(part.experiments) + 1


@dataclass(frozen=True)
class ListPage:
    """Draws a :class:`ListReport`."""

    report: ListReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(page_width(options)), console)

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        yield from boxed([Text(f"The course, in {len(self.report.parts)} parts", "title")], width)
        longest = max(len(part.name) for part in self.report.parts)
        for part in self.report.parts:
            line = Text.assemble((f"{part.number:>2}", "number"), "  ", (part.name.ljust(longest), "word"), "  ")
            if width >= HOME:
                line.append(part.title)
                yield from paragraph(line, width, 1, hang=longest + 7)
                yield from paragraph(Text(part.about, "note"), width, longest + 7)
            else:
                line.rstrip()
                yield from paragraph(line, width, 1, hang=5)
                yield from paragraph(Text(part.title), width, 5)
        yield Text("")
        yield from paragraph(
            Text("learn goes through all of them, learn 4 or learn gates through one.", "note"), width, 1
        )

    def parts(self) -> Iterator[Part]:
        """Tell it as a table."""
        rows = tuple((part.number, part.name, part.title, part.about) for part in self.report.parts)
        yield Table("parts of the course", ("part", "name", "title", "about"), rows)
