"""All networks at a glance: one curve each, so that one sees which gradient vanishes, and where."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import fit, power
from lstm_ascii.render.gradients.context import STYLES, Context, Scale, at, quartiles
from lstm_ascii.render.gradients.steps import step_table
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.section import SPACE, Drawing, Section, note
from lstm_ascii.reports.gradients.network import ALIVE, EXPLODED, VANISHED, NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

MOST_CELLS, WIDEST_STEP = 100, 4  # of a curve, and of one step where there are few
LOG_FROM = 1000  # steps
MARKS = {VANISHED: "✗", EXPLODED: "▲", ALIVE: "✓"}


def section(context: Context) -> Section:
    """One curve a network."""
    report, scale = context.report, context.scale
    about = "left: the last step; to the right: steps back"
    if report.steps >= LOG_FROM:
        about += ", on a log axis"
    verdicts = [f"{network.label}: {verdict(network, scale)}." for network in report.networks]
    tables = (lambda: (step_table(report),)) if context.tells_the_steps("glance") else tuple
    return Section("At a glance", about, (
        Drawing(partial(curves, report, scale), tables, verdicts), SPACE, note(_legend(report, scale)),
    ))  # fmt: skip


def curves(report: GradientsReport, scale: Scale, width: int) -> Iterator[Text]:
    """Draw a curve for each network: beside its name and verdict where there is room, else below them."""
    verdicts = [f"{MARKS[network.verdict]} {verdict(network, scale)}" for network in report.networks]
    name = max(cell_len(network.label) for network in report.networks) + 3
    end = max(map(cell_len, verdicts)) + 2
    beside = width >= HOME and width - name - end >= 24
    room = min(MOST_CELLS, width - name - end if beside else width - 2)
    cells = room if report.steps >= room else report.steps * min(WIDEST_STEP, room // report.steps)
    left = name if beside else 1
    yield Text(" " * left + _axis(report.steps, cells), "note")
    for network, judgement in zip(report.networks, verdicts, strict=True):
        style = STYLES[network.verdict]
        if not beside:
            head = Text.assemble((f" {network.label}", "title"), "  ", (judgement, style))
            yield from paragraph(head, width, 0, hang=3)
        text = Text(fit(f" {network.label}", left) if beside else " ", "title", no_wrap=True)
        text.append_text(_curve(network, report.steps, scale, cells))
        if beside:
            text.append(f"  {judgement}", style)
        yield text


def _legend(report: GradientsReport, scale: Scale) -> str:
    """Explain the curves, and of what the size is."""
    legend = f"{scale.legend}{scale.one_is(scale.level(0.0))}"
    legend += " The size is the largest singular value of the Jacobian, by all paths."
    if report.words:
        legend += f" {_meaning(report)}"
    if report.seeds > 1:
        legend += f" Medians of {report.seeds} seeds; in brackets, where their quartiles pass the threshold."
    return legend


def _meaning(report: GradientsReport) -> str:
    """Say what the size does and doesn't tell of trained networks."""
    meaning = (
        "It is that of the direction that lasts best, whether or not any word depends on it: a unit that only holds "
        "its start state counts, too. The command explain follows the error of one choice."
    )
    if not report.writing_cost:
        return meaning
    return (
        f"{meaning} A cost of writing was part of the LSTM's loss alone: {report.writing_cost:g} times what it writes "
        "at a word, abs(i g)."
    )


def verdict(network: NetworkGradients, scale: Scale) -> str:
    """Say in a few words what became of the gradient, from its figures."""
    left = power(network.total_log10[-1])
    if network.verdict == VANISHED:
        return f"vanished: {network.horizon:,} back{_spread(network, scale.vanished, falls=True)}"
    if network.verdict == EXPLODED:
        return f"exploded: {network.exploded_at:,} back{_spread(network, scale.exploded, falls=False)}"
    return f"alive: {left} left"


def _spread(network: NetworkGradients, limit: float, falls: bool) -> str:
    """Write between which steps the quartiles of several seeds pass ``limit``; what never does is ``…``."""
    ends = quartiles(network, limit, falls)
    return f" ({'–'.join('…' if step is None else f'{step:,}' for step in ends)})" if ends else ""


def _curve(network: NetworkGradients, steps: int, scale: Scale, cells: int) -> Text:
    """Draw a curve of ``cells`` cells, each at the last of its steps."""
    text = Text(no_wrap=True)
    values = [at(network, network.total_log10, _step(cell, cells, steps)) for cell in range(cells)]
    for style, some in groupby(values, scale.style):
        text.append("".join(map(scale.level, some)), style)
    return text


def _step(cell: int, cells: int, steps: int) -> int:
    """Return the last step back that a cell stands for; from ``LOG_FROM`` steps on the axis is logarithmic."""
    if steps < LOG_FROM:
        return -(-(cell + 1) * steps // cells)
    return round(math.exp(math.log(steps) * (cell + 1) / cells))


def _axis(steps: int, cells: int) -> str:
    """Write round numbers of steps so that each ends above its cell, and the last step at the end."""
    end = f"{steps:,}"
    line, every = "", _round(-(-steps // 5))
    powers = [10, 100, 1000, 10_000, 100_000, 1_000_000]
    marks = range(every, steps, every) if steps < LOG_FROM else [step for step in powers if step < steps]
    for step in marks:
        mark = f"{step:,}"
        cell = next(cell for cell in range(cells) if _step(cell, cells, steps) >= step)
        place = cell + 1 - len(mark)
        if place >= len(line) + (1 if line else 0) and place + len(mark) + 1 <= cells - len(end):
            line = line.ljust(place) + mark
    return line.ljust(max(cells - len(end), len(line) + 1 if line else 0)) + end


def _round(least: int) -> int:
    """Return the first of 1, 2, 5, 10, 20, 50 … that is at least ``least``."""
    lead, power = 1, 1
    while lead * power < least:
        lead, power = {1: (2, power), 2: (5, power), 5: (1, 10 * power)}[lead]
    return lead * power
