"""The page of ``gradcheck``: one section for each network, one row for each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import bar, counted, number
from lstm_ascii.render.grid import Column, Grid, figure_column, only_told
from lstm_ascii.render.layout import TINY, paragraph
from lstm_ascii.render.section import SPACE, Head, Page, Paragraph, Section
from lstm_ascii.render.wording import Wording
from lstm_ascii.reports.gradcheck import CheckedNetwork, Deviation, GradcheckReport

FIGURE, BAR = 10, 12  # cells of a number, and of the digits that agree
DIGITS = 16  # that a double has: a full bar


def gradcheck_page(report: GradcheckReport) -> Page:
    """Return the page of a report."""
    on = f"the first {len(report.text.split())} steps of the series" if report.is_series else f"“{report.text}”"
    about = f"Backpropagation through time against complex steps, on {on}; the loss is {report.loss}."
    head = Head([Text("Are the gradients right?", "word"), Text(about, "note")])
    sections = [_section(network, report.right) for network in report.networks]
    wording = Wording((report.text, *(network.source for network in report.networks))) if report.is_series else None
    return Page(head, sections, (SPACE, _legend(report)), wording=wording)


def _section(network: CheckedNetwork, right: float) -> Section:
    """One network: how far each parameter's gradient is off, and what that comes to."""
    mark = "✓" if network.largest > 0 and _largest(network.worst) <= right else "✗"
    verdict = Paragraph(_verdict(network, right), hang=3, mark=f"{mark} ")
    return Section(network.cell, network.source, (_table(network), verdict))


def _table(network: CheckedNetwork) -> Grid:
    """Return a row a parameter."""
    parameters = network.parameters
    names, largest = [parameter.name for parameter in parameters], [parameter.largest for parameter in parameters]
    room_for_bars = max(map(cell_len, names)) + 3 * (FIGURE + 2) + len("digits that agree") + 3
    columns = [
        only_told("numbers", [parameter.size for parameter in parameters]),
        figure_column("largest gradient", largest, number, "largest ∂L", FIGURE),
        figure_column("directions", [parameter.directions for parameter in parameters], number, room=FIGURE),
        figure_column("entries", [parameter.entries for parameter in parameters], number, room=FIGURE),
        Column("digits that agree", [_digits(parameter) for parameter in parameters], draw=_bar, room=BAR,
               drawn=lambda width: width >= room_for_bars),
    ]  # fmt: skip
    return Grid(network.cell, ("parameter",), names, columns, title="parameter", split=False,
                turn=partial(_turned, parameters))  # fmt: skip


def _turned(parameters: tuple[Deviation, ...], grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Draw a parameter in two lines, where there is no room beside its name."""
    parameter = parameters[row]
    yield from paragraph(Text(grid.labels[row], grid.style), width, 1)
    figures = f"{number(parameter.directions)} along directions, {number(parameter.entries)} in entries"
    yield from paragraph(Text(figures if width >= TINY else f"off by {number(_largest(parameter))}"), width, 3)


def _bar(digits: float, _size: int) -> Text:
    """Draw how many digits agree."""
    share = digits / DIGITS
    return bar(share, BAR, "measure")


def _digits(deviation: Deviation) -> float:
    """Return how many digits agree; none of what is infinite."""
    worst = _largest(deviation)
    if worst == 0:
        return float(DIGITS)
    return min(max(0.0, -math.log10(worst)), float(DIGITS)) if math.isfinite(worst) else 0.0


def _largest(deviation: Deviation) -> float:
    """Return the larger of both deviations."""
    return max(deviation.directions, deviation.entries)


def _verdict(network: CheckedNetwork, right: float) -> str:
    """Say what came out; where every gradient is 0, as of a choice among one word, nothing."""
    if not network.largest > 0:
        return (
            f"Nothing is shown: all gradients of the {counted(len(network.parameters), 'parameter')} are 0, so the "
            "loss moves with none of them. Take other inputs, or another answer."
        )
    worst, (seen, of) = network.worst, network.words
    deviation = _largest(worst)
    rows = f" Of its {of:,} words {seen} took part: the rows of a vocabulary do not mix." if seen < of else ""
    return (
        f"{'All' if deviation <= right else 'NOT all'} gradients of the {counted(len(network.parameters), 'parameter')}"
        f" are right: the largest deviation is {number(deviation)}, in {worst.name}; up to {number(right)} is "
        f"rounding.{rows}"
    )


def _legend(report: GradcheckReport) -> Paragraph:
    """Say what the columns are."""
    tried = max(parameter.tried for network in report.networks for parameter in network.parameters)
    columns = (
        "Directions: the gradient along two random directions, in which every number of the parameter has a part; "
        f"deviation relative to the gradient's length. Entries: up to {tried} single numbers, the one with the largest "
        "gradient among them; relative to that."
    )
    full = f"A bar is full where all {DIGITS} digits of a double agree."
    return Paragraph(f"{columns} {full}", "note", spoken=columns)
