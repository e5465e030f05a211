"""Who decided an answer about a series: which step and which feature, by running again and by integrated gradients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.asked import Asked
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.network import Network
from lstm_ascii.progress import Progress, part
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.view import View
from lstm_ascii.reports.material import MEAN
from lstm_ascii.thresholds import NEGLIGIBLE

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.series_scale import Features

SMALL_SHARE, TINY = 0.05, 1e-300  # of the largest change of a value, below which one counts for nothing


@dataclass(frozen=True)
class Baseline:
    """What takes the place of what is replaced.

    Attributes:
        name: ``mean`` of the series, ``zero``, its ``first`` step, or the name of a file, safe to print.
        values: by step and feature, in the units of the series.
    """

    name: str
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Cause:
    """A feature at a step, or in a stretch of steps, and what it has to do with the answer.

    Attributes:
        first, last: numbers of the steps, from 1.
        feature: its index, from 0.
        change: of the answer when it is replaced.
        turns: whether the answer is another one then: another class, or the other of two.
        gradient: its integrated gradient; ``None`` where there is none.
    """

    first: int
    last: int
    feature: int
    change: float
    turns: bool
    gradient: float | None


@dataclass(frozen=True)
class Influence:
    """What the steps and features of a series have to do with an answer.

    Attributes:
        baseline: what takes their place.
        answer: what is looked at, as it is: log-odds, a value, or a difference of values.
        stretch: how many steps were replaced together; 0 where nothing was.
        replaced: the change of the answer by stretch and feature.
        steps: by stretch, all features at once.
        features: by feature, at all steps.
        everything: with the whole series replaced.
        gradients: integrated gradients by step and feature; none where they would have taken too long.
        points: at how many points of the way gradients were taken.
        gap: what they lack of the difference between the answer and that to the baseline.
        least: what moves the answer by less counts for nothing.
        is_choice: whether the answer is one of two, by its sign.
        strongest: the cell whose replacement moves the answer most; ``None`` where none moves it.
        steepest: the cell with the largest integrated gradient.
    """

    baseline: Baseline
    answer: float
    stretch: int
    replaced: tuple[tuple[float, ...], ...]
    steps: tuple[float, ...]
    features: tuple[float, ...]
    everything: float
    gradients: tuple[tuple[float, ...], ...]
    points: int
    gap: float
    least: float
    is_choice: bool
    strongest: Cause | None
    steepest: Cause | None

    @property
    def is_known(self) -> bool:
        """Whether anything was measured."""
        return bool(self.stretch or self.gradients)

    def causes(self, most: int) -> tuple[Cause, ...]:
        """Return the cells that move the answer most when they are replaced, largest first; as many as count."""
        cells = [(row, feature) for row, line in enumerate(self.replaced) for feature in range(len(line))]
        cells.sort(key=lambda cell: (-abs(self.replaced[cell[0]][cell[1]]), cell))
        return tuple(
            self.cause(row, feature) for row, feature in cells[:most] if abs(self.replaced[row][feature]) >= self.least
        )

    def cause(self, row: int, feature: int) -> Cause:
        """Return what a feature in a stretch, from 0, has to do with the answer."""
        count = len(self.gradients or self.baseline.values)
        stretch = self.stretch or 1
        first, last = row * stretch + 1, min(count, (row + 1) * stretch)
        change = self.replaced[row][feature] if self.replaced else 0.0
        slope = sum(line[feature] for line in self.gradients[first - 1 : last]) if self.gradients else None
        turns = self.is_choice and (self.answer + change > 0) != (self.answer > 0)
        return Cause(first, last, feature, change, turns, slope)


def choice_asked(network: Network, contrast: Contrast | None) -> Asked:
    """Return a choice between two next words as what is asked of an answer."""
    answer = network.answer
    if answer is None or contrast is None:
        raise ValueError("the network answers nothing")
    return Asked(answer, contrast.after, contrast.right, contrast.wrong)


def influence_of(
    view: View, asked: Asked, features: Features, baseline: tuple[str, Array] | None, progress: Progress | None = None
) -> Influence:
    """Replace every step and feature by a baseline, and integrate the gradients on the way from it.

    Args:
        view: of a network that read vectors.
        asked: what is looked at.
        features: of the series.
        baseline: its name, and what the network reads of it, ``(D,)`` or ``(T, D)``; by default the mean of the series.
        progress: is called with how far it is, from 0 to 1.
    """
    from lstm_ascii.analysis.importance import integrated, replaced, stretch_of, vectors_of  # for series only

    network, run = view.network, view.run
    x = vectors_of(network, run)
    name, instead = baseline or (MEAN, x.mean(axis=0))
    stretch = stretch_of(network, *x.shape)
    swapped = None if stretch is None else replaced(network, run, instead, asked, stretch, part(progress, 0, 0.7))
    slopes = integrated(network, run, instead, asked, part(progress, 0.7, 1))
    cells = np.zeros(1) if swapped is None else np.abs(swapped.cells)
    found = Influence(
        baseline=Baseline(name, _rows(np.broadcast_to(features.in_units(instead), x.shape))),
        answer=float(asked.figures(run.outputs)[0]),
        stretch=swapped.stretch if swapped else 0,
        replaced=_rows(swapped.cells) if swapped else (),
        steps=tuple(swapped.stretches.tolist()) if swapped else (),
        features=tuple(swapped.features.tolist()) if swapped else (),
        everything=swapped.everything if swapped else 0.0,
        gradients=_rows(slopes.values) if slopes else (),
        points=slopes.points if slopes else 0,
        gap=slopes.gap if slopes else 0.0,
        least=NEGLIGIBLE if asked.answer.is_probable else SMALL_SHARE * float(cells.max()) or TINY,
        is_choice=asked.is_choice,
        strongest=None,
        steepest=None,
    )
    return replace(found, strongest=next(iter(found.causes(1)), None), steepest=_steepest(found))


def _steepest(found: Influence) -> Cause | None:
    """Return the cell with the largest integrated gradient, in stretches as long as those that were replaced."""
    if not found.gradients:
        return None
    slopes, stretch = np.array(found.gradients), found.stretch or 1
    sums = np.add.reduceat(slopes, range(0, len(slopes), stretch), axis=0)
    if not np.abs(sums).max() >= found.least:
        return None
    row, feature = divmod(int(np.abs(sums).argmax()), sums.shape[1])
    return found.cause(row, feature)


def _rows(values: Array) -> tuple[tuple[float, ...], ...]:
    """Return plain numbers."""
    return tuple(map(tuple, values.tolist()))
