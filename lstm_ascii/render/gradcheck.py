"""The page of ``gradcheck``: a line a parameter."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.figures import bar, fit, number
from lstm_ascii.render.layout import HOME, TINY, boxed, heading, page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.reports.gradcheck import CheckedNetwork, Deviation, GradcheckReport

HEADS = ("largest ∂L", "directions", "entries")
FINEST = -16  # the exponent of the last digit that a double has: a full bar


class GradcheckPage:
    """Draws a :class:`GradcheckReport`."""

    def __init__(self, report: GradcheckReport) -> None:
        """Take the report."""
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width at hand."""
        yield from segments(self._lines(page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell it as a table a network."""
        yield Title("Are the gradients right?")
        yield Prose(self._about())
        for one in self.report.networks:
            rows = tuple((d.name, d.size, d.largest, d.directions, d.entries) for d in one.parameters)
            yield Table(one.cell, ("parameter", "numbers", "largest gradient", "directions", "entries"), rows)
            yield Prose(self._verdict(one))

    def _lines(self, width: int) -> Iterator[Text]:
        """Draw everything."""
        title = Text("Are the gradients right?", "word")
        yield from boxed([title, Text(self._about(), "note")], width)
        for place, one in enumerate(self.report.networks, 1):
            yield from heading(place, one.cell, one.source, width)
            yield from _table(one, width)
            mark = "✓" if max(one.worst.directions, one.worst.entries) <= self.report.right else "✗"
            yield from paragraph(Text(f"{mark} {self._verdict(one)}"), width, 1, hang=3)
        yield Text("")
        yield from paragraph(Text(_legend(self.report), "note"), width, 1)

    def _about(self) -> str:
        """Say what was compared."""
        return (
            f"Backpropagation through time against complex steps, on “{self.report.text}”; "
            f"the loss is {self.report.loss}."
        )

    def _verdict(self, one: CheckedNetwork) -> str:
        """Say what came out."""
        worst, (seen, of) = one.worst, one.words
        apart = max(worst.directions, worst.entries)
        right = apart <= self.report.right
        rows = f" Of its {of:,} words {seen} took part: the rows of a vocabulary do not mix." if seen < of else ""
        count = f"{len(one.parameters)} parameter{'s' * (len(one.parameters) != 1)}"
        return (
            f"{'All' if right else 'NOT all'} gradients of the {count} are right: the largest deviation is "
            f"{number(apart)}, in {worst.name}; up to {number(self.report.right)} is rounding.{rows}"
        )


def _legend(report: GradcheckReport) -> str:
    """Say what the columns are."""
    tried = max(one.tried for network in report.networks for one in network.parameters)
    return (
        "Directions: the gradient along two random directions, in which every number of the parameter has a part; "
        f"deviation relative to the gradient's length. Entries: up to {tried} single numbers, the one with the largest "
        "gradient among them; relative to that. A bar is full where all 16 digits of a double agree."
    )


def _table(one: CheckedNetwork, width: int) -> Iterator[Text]:
    """Draw a line a parameter; in two lines where there is no room."""
    names = max(cell_len(d.name) for d in one.parameters)
    length = 12 if width >= names + 54 else 0
    if width < names + 38:
        for d in one.parameters:
            yield from paragraph(Text(d.name, "word"), width, 1)
            worst = max(d.directions, d.entries)
            told = f"{number(d.directions)} along directions, {number(d.entries)} in entries"
            yield from paragraph(Text(told if width >= TINY else f"off by {number(worst)}"), width, 3)
        return
    digits = "  digits that agree" if length else ""
    yield Text(f" {fit('parameter', names)}  {HEADS[0]:>10}  {HEADS[1]:>10}  {HEADS[2]:>10}{digits}", "note")
    for d in one.parameters:
        figures = f"  {number(d.largest):>10}  {number(d.directions):>10}  {number(d.entries):>10}"
        line = Text.assemble(" ", (fit(d.name, names), "word" if width >= HOME else ""), figures)
        if length:
            line.append("  ").append_text(_digits(d, length))
        yield line


def _digits(deviation: Deviation, length: int) -> Text:
    """Draw how many digits agree."""
    worst = max(deviation.directions, deviation.entries)
    share = 1.0 if worst == 0 else _log10(worst) / FINEST
    return bar(share, length, "positive" if share > 0.5 else "negative")


def _log10(value: float) -> float:
    """Return the logarithm; of what is infinite 0, as no digit agrees."""
    return math.log10(value) if math.isfinite(value) else 0.0
