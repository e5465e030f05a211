"""All Lyapunov exponents of each network, as a curve from the largest to the smallest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from lstm_ascii.render.figures import number, signed
from lstm_ascii.render.gradients.scale import ladder
from lstm_ascii.render.gradients.table import table
from lstm_ascii.render.layout import Column, by_width, paragraph
from lstm_ascii.reports.gradients.network import LEAST_STEPS
from lstm_ascii.reports.gradients.report import GradientsReport


def not_measured(report: GradientsReport) -> str:
    """Say why there are no exponents."""
    if report.steps < LEAST_STEPS:
        return f"Not measured: over fewer than {LEAST_STEPS} steps the directions don't settle."
    return "Not measured: ask for it with --view spectrum."


def spectrum_lines(report: GradientsReport, width: int) -> Iterator[Text]:
    """Draw a line an exponent, a column a network; of many, some, and say how many there are."""
    spectra = [network.spectrum or () for network in report.networks]
    count = max(map(len, spectra))
    if not count:
        yield from paragraph(Text(not_measured(report)), width, 1)
        return
    ranks = ladder(count, (), 12)
    known = [abs(value) for spectrum in spectra for value in spectrum if value is not None]
    largest, half = max(known, default=1.0) or 1.0, by_width(width, 2, 3, 6)

    def draw(value: float | None) -> Text:
        if value is None:
            return Text("lost")
        return signed(value / largest, half).append(f" {number(value):>5}")

    columns = [
        Column((network.label, f"scale ±{number(largest, 1)}"),
               [draw(spectrum[rank - 1]) if rank <= len(spectrum) else None for rank in ranks],
               max(2 * half + 7, len(network.label), 10), lambda text: text)
        for network, spectrum in zip(report.networks, spectra, strict=True)
    ]  # fmt: skip
    yield from table("rank", [f"{rank}" for rank in ranks], columns, width)
    yield Text("")
    for network, spectrum in zip(report.networks, spectra, strict=True):
        yield from paragraph(Text(f"{network.label}: {grown(spectrum)}"), width, 1, hang=3)


def grown(spectrum: Sequence[float | None]) -> str:
    """Say how many directions of a state grow."""
    grows, lost = sum(value is not None and value > 0 for value in spectrum), spectrum.count(None)
    text = f"{grows} of {len(spectrum)} directions of its state grow"
    return text + (f", {lost} {'is' if lost == 1 else 'are'} lost altogether." if lost else ".")
