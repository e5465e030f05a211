"""What all sections of one page share: the report, the log scale, the steps that are shown, the words for a size."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import bar, power
from lstm_ascii.render.glyphs import FULL, LEVELS, TRACK
from lstm_ascii.reports.gradients.network import NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

Curve = Sequence[float | None]
NOTHING = "·"
ONE = "│"  # where a gradient neither shrinks nor grows
MEASURED_BY_STEP = ("steps", "bars", "glance")  # the sections that draw the same curves
STYLES = {"vanished": "grad.vanished", "alive": "grad.alive", "exploded": "grad.exploded"}


@dataclass(frozen=True)
class Scale:
    """A log scale from the size that counts as vanished (empty) to the largest on the page (full).

    Attributes:
        low: log10 of the size at which a bar is empty.
        high: log10 of that at which it is full: 0, or more where a gradient grows.
        vanished, exploded: log10 of the thresholds.
    """

    low: float
    high: float
    vanished: float
    exploded: float

    @classmethod
    def of(cls, report: GradientsReport) -> Scale:
        """Return the scale of a report."""
        low, exploded = (math.log10(value) for value in report.thresholds)
        curves = [curve for network in report.networks for curve in (network.total_log10, network.upper_log10) if curve]
        most = max((value for curve in curves for value in curve if value is not None), default=0.0)
        return cls(low, float(math.ceil(most)) if most > 0.5 else 0.0, low, exploded)

    def share(self, log10: float | None) -> float:
        """Return how full a bar is."""
        return 0.0 if log10 is None else min(max((log10 - self.low) / (self.high - self.low), 0.0), 1.0)

    def style(self, log10: float | None) -> str:
        """Return the style of a size."""
        if log10 is None or log10 < self.vanished:
            return "grad.vanished"
        if log10 > self.exploded:
            return "grad.exploded"
        return "grad.alive" if log10 >= self.vanished / 3 else "grad.fading"

    def level(self, log10: float | None) -> str:
        """Draw a size as one cell of a curve."""
        if log10 is None or log10 < self.vanished:
            return NOTHING
        return LEVELS[min(int(self.share(log10) * 8), 7)]

    def bar(self, log10: float | None, width: int) -> Text:
        """Draw a size as a bar; where gradients grow, a line stands where 1.0 is."""
        text = bar(self.share(log10), width, self.style(log10))
        place = round(self.share(0.0) * width)
        if self.high == 0 or not 0 < place < width:
            return text
        return Text.assemble(text[:place], (ONE, "title"), text[place + 1 :], no_wrap=True)

    def band(self, low: float | None, high: float | None, width: int) -> Text:
        """Draw quartiles as a bar: full up to the lower one, shaded up to the upper one."""
        first, last = (round(self.share(value) * width) for value in (low, high))
        text = Text(FULL * first, self.style(low)).append("▒" * (last - first), self.style(high))
        return text.append(TRACK * (width - last), "track")

    @property
    def legend(self) -> str:
        """Say what empty and full are."""
        return f"One log scale: empty is {power(self.low)} or less (vanished), full is {power(self.high)}."

    def one_is(self, mark: str) -> str:
        """Say what stands where 1.0 is, where gradients grow beyond it."""
        return f" {mark} is 1.0." if self.high else ""


@dataclass(frozen=True)
class Context:
    """A report, and which of its sections are shown.

    Attributes:
        report: to draw.
        views: the sections, by name.
    """

    report: GradientsReport
    views: tuple[str, ...]

    @cached_property
    def scale(self) -> Scale:
        """The scale that all pictures share."""
        return Scale.of(self.report)

    def tells_the_steps(self, view: str) -> bool:
        """Tell whether a section has the table of the curves; where several draw them, only one has."""
        return view == next((name for name in MEASURED_BY_STEP if name in self.views), "")


def at(network: NetworkGradients, curve: Curve, step: int) -> float | None:
    """Return a curve's value ``step`` steps back; where it was thinned out, of the next step that was kept."""
    if step == 0:
        return 0.0  # the gradient at the last step itself is the measure of all others
    return curve[min(bisect_left(network.steps_back, step), len(curve) - 1)]


def ladder(steps: int, also: Sequence[int] = (), most: int = 12) -> list[int]:
    """Return steps back to show: 1, 2, 5, 10, 20, 50 … up to the last, and ``also``; at most ``most``."""
    fixed = {*(step for step in also if step <= steps), steps}
    rungs = [lead * 10**k for k in range(8) for lead in (1, 2, 5) if lead * 10**k < steps]
    keep = max(1, most - len(fixed))
    if len(set(rungs) - fixed) > keep:
        rungs = [rungs[round(n * (len(rungs) - 1) / max(1, keep - 1))] for n in range(keep)]
    return sorted(fixed.union(rungs))


def kept(network: NetworkGradients, steps: Iterable[int]) -> list[int]:
    """Return ``steps`` back, each moved on to the next one whose size was kept."""
    known = network.steps_back
    return sorted({known[min(bisect_left(known, step), len(known) - 1)] for step in steps})


def left(log10: float | None) -> str:
    """Write a size in words: as :func:`power` does, and with its exponent where that is too small for a cell."""
    if log10 is None or abs(log10) < 999:
        return power(log10)
    return f"10^{math.floor(log10):,}".replace("-", "−")


def quartiles(network: NetworkGradients, limit: float, falls: bool) -> tuple[int | None, ...]:
    """Return the steps at which the quartiles of several seeds pass ``limit``, ``None`` for never; nothing of one seed.

    Args:
        network: whose.
        limit: log10 of a size.
        falls: whether they pass it downwards.
    """
    if network.lower_log10 is None or network.upper_log10 is None:
        return ()
    lower_first = (network.lower_log10, network.upper_log10)
    return tuple(
        next((step for step, value in zip(network.steps_back, curve, strict=True)
              if (value is None or value < limit if falls else value is not None and value > limit)), None)
        for curve in (lower_first if falls else lower_first[::-1])
    )  # fmt: skip
