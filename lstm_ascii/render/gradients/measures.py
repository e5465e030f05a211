"""The measures of every network, each under its own name, and what they do and don't say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from lstm_ascii.render.figures import number, percent, plain, short
from lstm_ascii.render.gradients.table import table
from lstm_ascii.render.layout import Column
from lstm_ascii.reports.gradients.network import LEAST_STEPS, NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

NO_VALUE = "–"


def measure_lines(report: GradientsReport, width: int) -> Iterator[Text]:
    """Draw a line a network, a column a measure."""
    networks = report.networks
    rows = [_measures(network) for network in networks]
    columns = [
        Column(head, [row[place] for row in rows], max(len(head[0]), len(head[1]), *(len(row[place]) for row in rows)))
        for place, head in enumerate(HEADS)
    ]
    yield from table("", [network.label for network in networks], columns, width)


HEADS = (
    ("spectral", "radius"),
    ("largest", "sing. v."),
    ("growth", "per step"),
    ("vanished", "after"),
    ("gates", "(means)"),
    ("satu-", "rated"),
)


def _measures(network: NetworkGradients) -> tuple[str, ...]:
    """Write one network's figures."""
    gates = " ".join(f"{gate.letter}{short(gate.mean)}" for gate in network.gates)
    return (
        number(network.spectral_radius),
        number(network.largest_singular_value),
        rate(network.growth_rate),
        "never" if network.horizon is None else f"{network.horizon:,}",
        gates or NO_VALUE,
        percent(network.saturated),
    )


def rate(value: float | None) -> str:
    """Write a growth rate: ``−0.02``; a third decimal would depend on the directions that were begun with."""
    return NO_VALUE if value is None else plain(value, 2)


def explained(report: GradientsReport) -> Iterator[str]:
    """Say what the measures are, and what they say of the networks at hand, no more than the theory does."""
    yield (
        "Spectral radius: the largest absolute eigenvalue of the recurrent weights "
        f"({_weights(report.networks)}); it rules powers of the matrix in the long run. Largest singular value: the "
        "most that one product with them stretches a vector. Growth: the largest Lyapunov exponent of the steps "
        "as they were run, in nats (below 0 the gradient shrinks in the long run, above 0 it grows)"
        f"{_too_few(report)}. "
        f"Saturated: {_saturation(report)}."
    )
    gated = [f"{network.label} {_ends(network)}" for network in report.networks if network.gates]
    if gated:
        yield f"Gates above 0.9 / below 0.1: {'; '.join(gated)}."
    for network in report.networks:
        if network.cell == "RNN":
            yield _bound(network)


def _too_few(report: GradientsReport) -> str:
    """Say why there is no growth rate where there are too few steps."""
    return f"; over fewer than {LEAST_STEPS} steps it is not told ({NO_VALUE})" if report.steps < LEAST_STEPS else ""


def _ends(network: NetworkGradients) -> str:
    """Write what shares of the gates are open and closed."""
    return ", ".join(f"{gate.letter} {percent(gate.open)} / {percent(gate.closed)}" for gate in network.gates)


def _saturation(report: GradientsReport) -> str:
    """Say when an activation passes on next to nothing."""
    tanh = "a tanh beyond ±0.9, which passes on less than a fifth"
    if report.activation == "relu" and any(network.cell == "RNN" for network in report.networks):
        return f"{tanh}; for the RNN, a relu at 0, which passes on nothing"
    return tanh


def _weights(networks: Sequence[NetworkGradients]) -> str:
    """Name the weights that the first two measures are of."""
    names = dict.fromkeys((network.cell, network.recurrent) for network in networks)
    return ", ".join(f"{cell}: {name}" for cell, name in names)


def _bound(network: NetworkGradients) -> str:
    """Say what Pascanu et al. (2013) prove for an RNN with this largest singular value."""
    value = number(network.largest_singular_value)
    if abs(network.largest_singular_value - 1) < 1e-9:
        return f"{network.label}: its largest singular value is 1; there the bound of Pascanu et al. (2013) is silent."
    if network.largest_singular_value < 1:
        return (
            f"{network.label}: its largest singular value, {value}, is below 1: that suffices for it to vanish "
            "in the long run (Pascanu et al. 2013)."
        )
    return (
        f"{network.label}: its largest singular value, {value}, is above 1. A gradient can explode only if it is, "
        f"but needn't (Pascanu et al. 2013); here it {'is' if network.verdict == 'alive' else 'has'} {network.verdict}."
    )
