"""Bars of all networks on one log scale, the numbers beside them; of many seeds, the median and the quartiles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import fit, power
from lstm_ascii.render.gradients.scale import Scale, at, kept, ladder
from lstm_ascii.render.gradients.table import table
from lstm_ascii.render.layout import Column, by_width
from lstm_ascii.reports.gradients.network import NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

NUMBER, QUARTILES = 6, 12  # cells, with a blank before
MOST_WORDS, LONGEST_WORD = 40, 12
Point = tuple[float | None, float | None, float | None]


def bar_lines(report: GradientsReport, scale: Scale, width: int) -> Iterator[Text]:
    """Draw a line a step back, a column a network; the LSTM's direct path beside all its paths."""
    turns = [turn for network in report.networks for turn in (network.horizon or network.exploded_at,) if turn]
    steps = kept(report.networks[0], ladder(report.steps, sorted(set(turns)), 12))
    if report.words and report.steps <= MOST_WORDS:
        steps = list(range(report.steps + 1))
    labels = [label(report, step) for step in steps]
    columns = [column for network in report.networks for column in _columns(network, steps, scale, 1)]
    spare = width - max(map(cell_len, ["back", *labels])) - 1
    room = spare // len(columns) - 2 - NUMBER - (QUARTILES if report.seeds > 1 else 0)
    length = max(8 if report.seeds > 1 else by_width(width, 5, 4, 6), min(room, 24))
    columns = [column for network in report.networks for column in _columns(network, steps, scale, length)]
    yield from table("back", labels, columns, width)


def label(report: GradientsReport, step: int) -> str:
    """Name a step back: by its number, and by its word where there are words."""
    if not report.words:
        return f"{step:,}"
    word = report.words[-1 - step] if step < len(report.words) else "(start)"
    return f"{step:,} {fit(word, min(cell_len(word), LONGEST_WORD))}"


def _columns(network: NetworkGradients, steps: list[int], scale: Scale, length: int) -> list[Column]:
    """Return a network's columns."""
    low, high = network.lower_log10, network.upper_log10
    total = [
        (at(network, network.total_log10, step), low and at(network, low, step), high and at(network, high, step))
        for step in steps
    ]
    many = low is not None
    wide = length + NUMBER + (QUARTILES if many else 0)
    head = "median, quartiles" if many else "all paths"
    wide = max(wide, len(network.label))
    found = [Column((network.label, head), total, wide, partial(_cell, scale, length, many))]
    if network.carousel_log10 is not None and not many:  # with quartiles there is no room for it
        direct = [(at(network, network.carousel_log10, step), None, None) for step in steps]
        wide = max(length + NUMBER, len(network.label))
        found.append(Column((network.label, "carousel"), direct, wide, partial(_cell, scale, length, False)))
    return found


def _cell(scale: Scale, length: int, many: bool, point: Point) -> Text:
    """Draw one figure."""
    value, low, high = point
    text = scale.band(low, high, length) if many else scale.bar(value, length)
    text.append(f" {power(value):<{NUMBER - 1}}", scale.style(value))
    if many:
        text.append(f" {power(low)}–{power(high)}", "note")
    return text
