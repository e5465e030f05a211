"""``gradients``: how a gradient travels back through random networks."""

from __future__ import annotations

from dataclasses import replace
from numbers import Real
from types import NoneType
from typing import Any

from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import require
from lstm_ascii.records import dataclass
from lstm_ascii.render.gradients.page import gradients_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.report import GradientsReport, gradients_report


@dataclass(frozen=True, repr=False)
class Gradients(Drawn, GradientsReport):
    """A :class:`GradientsReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii gradients``."""
        return gradients_page(self)

    def __repr__(self) -> str:
        """Say that it is the gradients."""
        return "<Gradients>"


def gradients(
    levers: Levers | None = None,
    *,
    explode: bool = False,
    clip: float | None = None,
    spectrum: bool = False,
    **settings: Any,
) -> Gradients:
    """Measure how a gradient travels back through random networks: whether it vanishes, explodes or survives.

    Args:
        levers: the networks and the number of steps: ``Levers(steps=100, forget_biases=(0.0, "chrono"))``.
        explode: compare two RNNs, one with a vanishing and one with an exploding gradient, instead of different cells.
        clip: the norm to which the gradient of the weights is clipped; ``None`` for no clipping.
        spectrum: compute all Lyapunov exponents, not only the largest.
        settings: attributes of :class:`Levers` to set: ``gradients(steps=100)`` is ``gradients(Levers(steps=100))``.

    Raises:
        UsageError: a lever has no such value, or a parameter is of another type.
        TypeError: there is no such lever.

    >>> from lstm_ascii import gradients
    >>> report = gradients(steps=20, cells=("rnn",))
    >>> [network.cell for network in report.networks]
    ['RNN']
    """
    require("levers", levers, (Levers, NoneType), "Levers")
    require("explode", explode, bool, "True or False")
    require("clip", clip, (Real, NoneType), "a number")
    require("spectrum", spectrum, bool, "True or False")
    asked = replace(levers or Levers(), **settings)
    return Gradients(**vars(gradients_report(asked, explode, clip, spectrum)))
