"""What stands on the page of ``gradients``, whether it is drawn or told: its question, its sections, their scale."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_ascii.render.figures import counted
from lstm_ascii.render.gradients.scale import Scale
from lstm_ascii.reports.gradients.report import GradientsReport

BY_DEFAULT = ("glance", "steps", "bars", "measures", "words")
MANY_WORDS = 60  # of a sentence in the head


@dataclass(frozen=True)
class Contents:
    """What of a report is shown.

    Attributes:
        report: to draw.
        views: the sections, by name; those of :data:`BY_DEFAULT` if none is named.
    """

    report: GradientsReport
    views: tuple[str, ...] = ()

    @property
    def shown_views(self) -> tuple[str, ...]:
        """The sections that are shown, by name."""
        if self.views:
            return self.views
        clipped = any(network.clipped for network in self.report.networks)
        spectra = any(network.spectrum for network in self.report.networks)
        also = [name for name, there in (("clip", clipped), ("spectrum", spectra)) if there]
        return (*BY_DEFAULT[:-1], *also, BY_DEFAULT[-1])

    @property
    def scale(self) -> Scale:
        """The scale that all pictures share."""
        return Scale.of(self.report)

    @property
    def question(self) -> str:
        """What the page answers."""
        words = self.report.words
        if not words:
            return f"How much of a gradient is left, {counted(self.report.steps, 'step')} back?"
        shown = " ".join(words[:MANY_WORDS]) + (" …" if len(words) > MANY_WORDS else "")
        return f"{shown}: how much of its last word's gradient is left at each?"
