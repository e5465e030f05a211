"""All Lyapunov exponents of each network, as a curve from the largest to the smallest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import number, signed
from lstm_ascii.render.gradients.context import Context, ladder
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import SPACE, Paragraph, Section
from lstm_ascii.reports.gradients.network import LEAST_STEPS, NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

ABOUT = "all Lyapunov exponents, nats per step, by QR along the run"
BAR, NUMBER = (4, 4, 6, 12), 7  # cells of a bar, and of its middle and the number behind it
LOST = "lost"  # a direction of which nothing was left to measure


def section(context: Context) -> Section:
    """A line an exponent, a column a network."""
    networks = context.report.networks
    if not any(network.spectrum for network in networks):
        return Section("The spectrum", ABOUT, (Paragraph(_not_measured(context.report)),))
    closing = [Paragraph(f"{network.label}: {_grown(network.spectrum or ())}", hang=3) for network in networks]
    return Section("The spectrum", ABOUT, (_grid(networks), SPACE, *closing))


def _not_measured(report: GradientsReport) -> str:
    """Say why there are no exponents."""
    if report.steps < LEAST_STEPS:
        return f"Not measured: over fewer than {LEAST_STEPS} steps the directions don't settle."
    return "Not measured: ask for it with --view spectrum."


def _grid(networks: Sequence[NetworkGradients]) -> Grid:
    """Return the table; of many exponents it shows some."""
    spectra = [network.spectrum or () for network in networks]
    ranks = ladder(max(map(len, spectra)), (), 12)
    known = [abs(value) for spectrum in spectra for value in spectrum if value is not None]
    largest = max(known, default=1.0) or 1.0
    columns = [
        Column(network.label, [_at(spectrum, rank - 1, LOST) for rank in ranks],
               (network.label, f"full bar {number(largest, 1)}"), partial(_exponent, largest), BAR, NUMBER)
        for network, spectrum in zip(networks, spectra, strict=True)
    ]  # fmt: skip
    return Grid("spectrum", ("rank",), [f"{rank}" for rank in ranks], columns, title="rank",
                tables=lambda: (_table(networks, ranks),))  # fmt: skip


def _table(networks: Sequence[NetworkGradients], ranks: Sequence[int]) -> Table:
    """Return all exponents; read out are those of some ranks."""
    spectra = [network.spectrum or () for network in networks]
    rows = tuple(
        (rank + 1, *(_at(spectrum, rank, None) for spectrum in spectra)) for rank in range(max(map(len, spectra)))
    )
    return Table(
        "spectrum", ("rank", *(network.label for network in networks)), rows, read_out=[rank - 1 for rank in ranks]
    )


def _at(spectrum: Sequence[float | None], rank: int, lost: str | None) -> Value:
    """Return an exponent, ``lost`` where nothing was left of it; ``None`` where a network has no more."""
    value = spectrum[rank] if rank < len(spectrum) else None
    return lost if value is None and rank < len(spectrum) else value


def _exponent(largest: float, value: float | str, size: int) -> Text:
    """Draw an exponent as a signed bar with its number."""
    if isinstance(value, str):
        return Text(value)
    return signed(value / largest, size // 2).append(f" {number(value):>5}")


def _grown(spectrum: Sequence[float | None]) -> str:
    """Say how many directions of a state grow."""
    grows, lost = sum(value is not None and value > 0 for value in spectrum), spectrum.count(None)
    text = f"{grows} of {len(spectrum)} directions of its state grow"
    return text + (f", {lost} {'is' if lost == 1 else 'are'} lost altogether." if lost else ".")
