"""The whole page of ``gradients``: a head, the sections that are asked for, each with its closing line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.figures import counted
from lstm_ascii.render.gradients import clipping, spectrum
from lstm_ascii.render.gradients.arrows import arrow_lines
from lstm_ascii.render.gradients.bars import bar_lines
from lstm_ascii.render.gradients.contents import Contents
from lstm_ascii.render.gradients.glance import LOG_FROM, curves, meaning
from lstm_ascii.render.gradients.measures import explained, measure_lines
from lstm_ascii.render.gradients.scale import Curve
from lstm_ascii.render.gradients.words import summary
from lstm_ascii.render.layout import boxed, heading, page_width, paragraph, segments
from lstm_ascii.render.parts import Part

Section = Callable[["GradientsPage", int, int], Iterator[Text]]


@dataclass(frozen=True)
class GradientsPage(Contents):
    """Draws a :class:`~lstm_ascii.reports.gradients.report.GradientsReport`."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell the same in titles, sentences and tables."""
        from lstm_ascii.render.gradients.told import parts  # most pages are drawn

        yield from parts(self)

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        yield from self._head(width)
        for place, view in enumerate(self.shown_views, 1):
            yield from SECTIONS[view](self, place, width)

    def _head(self, width: int) -> Iterator[Text]:
        """Draw the box with the question and the networks."""
        report = self.report
        names = ", ".join(network.label for network in report.networks)
        many = f"; medians of {report.seeds} networks each" if report.seeds > 1 else ""
        facts = f"{names} · {counted(report.hidden_size, 'unit')} each · {report.setting}{many}"
        yield from boxed([Text(self.question, "word"), Text(facts, "note")], width)

    def glance(self, place: int, width: int) -> Iterator[Text]:
        """Draw one curve a network."""
        about = "left: the last step; to the right: steps back"
        if self.report.steps >= LOG_FROM:
            about += ", on a log axis"
        yield from heading(place, "AT A GLANCE", about, width)
        yield from curves(self.report, self.scale, width)
        yield Text("")
        legend = f"{self.scale.legend} The size is the largest singular value of the Jacobian, by all paths."
        if about := meaning(self.report):
            legend += f" {about}"
        if self.report.seeds > 1:
            legend += f" Medians of {self.report.seeds} seeds; in brackets, where their quartiles pass the threshold."
        yield from paragraph(Text(legend, "note"), width, 1)

    def steps(self, place: int, width: int) -> Iterator[Text]:
        """Draw the arrow lines."""
        yield from heading(
            place, "STEP BY STEP BACK", "steps back, what is left of 1.0, and that as blocks on the log scale", width
        )
        for number, network in enumerate(self.report.networks):
            if number:
                yield Text("")
            title = Text.assemble((f" {network.label}", "title"))
            if network.verdict == "vanished":
                title.append(f"   (vanished after {counted(network.horizon or 0, 'step')})", "grad.vanished")
            elif network.verdict == "exploded":
                title.append(f"   (exploded after {counted(network.exploded_at or 0, 'step')})", "grad.exploded")
            yield from paragraph(title, width, 0, hang=3)
            drawn: list[tuple[str, Curve]] = [("all paths", network.total_log10)]
            if network.carousel_log10 is not None:
                drawn.append(("carousel", network.carousel_log10))
            yield from arrow_lines(network, drawn, self.scale, width)
        if any(network.carousel_log10 for network in self.report.networks):
            note = "Carousel: the product of the forget gates alone, of the unit where it is largest."
            yield Text("")
            yield from paragraph(Text(note, "note"), width, 1)

    def bars(self, place: int, width: int) -> Iterator[Text]:
        """Draw the bars."""
        yield from heading(place, "SIDE BY SIDE", "the same as bars, all on one log scale", width)
        yield from bar_lines(self.report, self.scale, width)
        yield Text("")
        band = " Shaded: from the lower to the upper quartile of the seeds." if self.report.seeds > 1 else ""
        yield from paragraph(Text(self.scale.legend + band, "note"), width, 1)

    def measures(self, place: int, width: int) -> Iterator[Text]:
        """Draw the measures and say what they mean."""
        yield from heading(place, "THE MEASURES", "", width)
        yield from measure_lines(self.report, width)
        yield Text("")
        for number, said in enumerate(explained(self.report)):
            yield from paragraph(Text(said, "" if number else "note"), width, 1)

    def spectrum(self, place: int, width: int) -> Iterator[Text]:
        """Draw all Lyapunov exponents."""
        yield from heading(place, "THE SPECTRUM", "all Lyapunov exponents, nats per step, by QR along the run", width)
        yield from spectrum.spectrum_lines(self.report, width)

    def clip(self, place: int, width: int) -> Iterator[Text]:
        """Draw what clipping does."""
        yield from heading(place, "CLIPPING", "the gradient of the recurrent weights, cut to a length", width)
        yield from clipping.clip_lines(self.report, width)

    def words(self, place: int, width: int) -> Iterator[Text]:
        """Close with what was seen, in words."""
        yield from heading(place, "IN WORDS", "", width)
        for said in summary(self.report, self.scale):
            yield from paragraph(Text(said), width, 1, hang=3)


SECTIONS: dict[str, Section] = {
    "glance": GradientsPage.glance,
    "steps": GradientsPage.steps,
    "bars": GradientsPage.bars,
    "measures": GradientsPage.measures,
    "spectrum": GradientsPage.spectrum,
    "clip": GradientsPage.clip,
    "words": GradientsPage.words,
}
