"""Bars of all networks on one log scale, the numbers beside them; of many seeds, the median and the quartiles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import fit, power
from lstm_ascii.render.gradients.context import ONE, Context, Scale, at
from lstm_ascii.render.gradients.steps import step_table, steps_to_show, word_at
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import by_width
from lstm_ascii.render.section import SPACE, Drawing, Section, note
from lstm_ascii.reports.gradients.network import NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

NUMBER, QUARTILES = 6, 12  # cells, with a blank before
LONGEST_WORD = 12
Point = tuple[float | None, float | None, float | None]


def section(context: Context) -> Section:
    """The same curves as bars, a line a step back."""
    report, scale = context.report, context.scale
    tables = (lambda: (step_table(report),)) if context.tells_the_steps("bars") else tuple
    band = " Shaded: from the lower to the upper quartile of the seeds." if report.seeds > 1 else ""
    return Section("Side by side", "the same as bars, all on one log scale", (
        Drawing(partial(bar_lines, report, scale), tables), SPACE, note(scale.legend + scale.one_is(ONE) + band),
    ))  # fmt: skip


def bar_lines(report: GradientsReport, scale: Scale, width: int) -> Iterator[Text]:
    """Draw a line a step back, a column a network; the LSTM's direct path beside all its paths."""
    steps = steps_to_show(report)
    labels = [label(report, step) for step in steps]
    count = sum(len(_columns(network, steps, scale, 1)) for network in report.networks)
    spare = width - max(map(cell_len, ["back", *labels])) - 1
    room = spare // count - 2 - NUMBER - (QUARTILES if report.seeds > 1 else 0)
    length = max(8 if report.seeds > 1 else by_width(width, 5, 4, 6), min(room, 24))
    columns = [column for network in report.networks for column in _columns(network, steps, scale, length)]
    yield from Grid("steps", ("step back",), labels, columns, title="back").lines(width)


def label(report: GradientsReport, step: int) -> str:
    """Name a step back: by its number, and by its word where there are words."""
    if not report.words:
        return f"{step:,}"
    word = word_at(report, step)
    return f"{step:,} {fit(word, min(cell_len(word), LONGEST_WORD))}"


def _columns(network: NetworkGradients, steps: list[int], scale: Scale, length: int) -> list[Column]:
    """Return a network's columns."""
    low, high = network.lower_log10, network.upper_log10
    total = [
        (at(network, network.total_log10, step), low and at(network, low, step), high and at(network, high, step))
        for step in steps
    ]
    many = low is not None
    head = "median, quartiles" if many else "all paths"
    room = length + NUMBER + (QUARTILES if many else 0)
    columns = [Column(head, total, (network.label, head), partial(_cell, scale, length, many), room=room)]
    if network.carousel_log10 is not None and not many:  # with quartiles there is no room for it
        direct = [(at(network, network.carousel_log10, step), None, None) for step in steps]
        draw = partial(_cell, scale, length, False)
        columns.append(Column("carousel", direct, (network.label, "carousel"), draw, room=length + NUMBER))
    return columns


def _cell(scale: Scale, length: int, many: bool, point: Point, _size: int) -> Text:
    """Draw one figure."""
    value, low, high = point
    text = scale.band(low, high, length) if many else scale.bar(value, length)
    text.append(f" {power(value):<{NUMBER - 1}}", scale.style(value))
    if many:
        text.append(f" {power(low)}–{power(high)}", "note")
    return text
