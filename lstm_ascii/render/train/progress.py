"""Trainings while they run: a bar each on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult

from lstm_ascii.render.figures import bar, number, percent
from lstm_ascii.render.layout import WIDE, by_width
from lstm_ascii.render.progress import line_width, progress_line
from lstm_ascii.render.train.page import STYLES, duration, perplexity
from lstm_ascii.reports.train import Point, Status

_ROOMY = 68  # columns for figures with their names
_ENDS = {"waiting": "waits for a core", "done": "done", "stopped": "stopped", "failed": "failed"}


@dataclass(frozen=True)
class ProgressBars:
    """Draws a line for each training."""

    statuses: Sequence[Status]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw them into the width of the terminal; what doesn't fit is cut, the next moment brings more."""
        width = line_width(options)
        for status in self.statuses:
            done = bar(status.step / status.steps, by_width(width, 6, 10, 24), STYLES[status.cell])
            yield progress_line(status.cell, 5, width, done, _how_far(status, width))


def _how_far(status: Status, width: int) -> str:
    """Say how far one training is, in what fits."""
    end = _ENDS.get(status.stage, "")
    if status.stage == "done":
        end = f"done: {duration(status.seconds)}"
    elif not end and status.left is not None:
        end = f"{duration(status.left)} left"
    if status.stage == "waiting":
        return f" {end}"
    of = f" {status.step:>{len(f'{status.steps:,}')},}/{status.steps:,}" if width >= _ROOMY else ""
    return f"{of}  {_figures(status.point, width)}  {end}"


def _figures(point: Point | None, width: int) -> str:
    """Write the last report's figures, as many as there is room for."""
    if point is None:
        return "…"
    loss = number(point.validation)
    if width < _ROOMY:
        return loss + ("" if point.agreement is None else f" {percent(point.agreement)}")
    learnt = (
        f"perplexity {perplexity(point.validation)}" if point.agreement is None else f"agreement {point.agreement:.1%}"
    )
    training = f"loss {number(point.loss)}  " if width >= WIDE else ""
    return f"{training}validation loss {loss}  {learnt}"


def status_line(status: Status) -> str:
    """Return how far a training is as a line of pure ASCII for a log."""
    if status.point is None:
        return f"{status.cell}: step {status.step:,} of {status.steps:,}"
    point = status.point
    line = f"{status.cell}: step {point.step:,} of {status.steps:,}, loss {point.loss:.2f}"
    line += f", validation {point.validation:.2f}"
    line += (
        f", perplexity {perplexity(point.validation)}"
        if point.agreement is None
        else f", agreement {point.agreement:.1%}"
    )
    if status.stage == "done":
        return f"{line}, done in {duration(status.seconds)}"
    return line if status.left is None else f"{line}, {duration(status.left)} left"
