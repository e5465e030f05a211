"""The measures of every network, each under its own name, and what they do and don't say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from rich.text import Text

from lstm_ascii.render.figures import number, percent, plain, short
from lstm_ascii.render.gradients.context import Context, quartiles
from lstm_ascii.render.grid import Column, Grid, only_told
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import SPACE, Drawing, Paragraph, Section, note
from lstm_ascii.reports.gradients.network import LEAST_STEPS, NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

NO_VALUE = "–"
Measure = Callable[[NetworkGradients], Value]


def section(context: Context) -> Section:
    """The measures, and what they mean."""
    report = context.report
    remarks = [Paragraph(text, "" if place else "note") for place, text in enumerate(explained(report))]
    # The shares of the gates stand in a sentence, which no program can read.
    gates = Drawing(lambda _: (), partial(_gate_tables, report))
    quartiles_told = note("From the lower to the upper quartile of the seeds:")
    spread = (SPACE, quartiles_told, _spread(report)) if report.seeds > 1 else ()
    return Section("The measures", "", (_grid(report.networks), *spread, gates, SPACE, *remarks))


def _grid(networks: Sequence[NetworkGradients]) -> Grid:
    """Return the table with a row a network, a column a measure."""

    def column(name: str, head: tuple[str, str], value: Measure, draw: Callable[[Any], str] | None) -> Column:
        return Column(name, networks, head, lambda network, _: Text((draw or str)(value(network))), exact=value,
                      drawn=None if draw else lambda _: False)  # fmt: skip

    gates = Column("gates", networks, ("gates", "(means)"), lambda network, _: Text(_means(network)), exact=None)
    columns = [
        column("spectral radius", ("spectral", "radius"), lambda network: network.spectral_radius, number),
        column("largest singular value", ("largest", "sing. v."), lambda network: network.largest_singular_value,
               number),
        column("growth per step", ("growth", "per step"), lambda network: network.growth_rate, rate),
        column("vanished after", ("vanished", "after"), lambda network: network.horizon, _after),
        column("exploded after", ("", ""), lambda network: network.exploded_at, None),
        gates,
        column("saturated", ("satu-", "rated"), lambda network: network.saturated, percent),
        column("in the end", ("", ""), lambda network: network.verdict, None),
    ]  # fmt: skip
    return Grid("measures", ("network",), [network.label for network in networks], columns)


def _spread(report: GradientsReport) -> Grid:
    """Return the table of the quartiles over the seeds: of each measure the lower and the upper one."""
    networks = report.networks
    low, high = (math.log10(size) for size in report.thresholds)

    def columns(
        name: str, head: tuple[str, str], pairs: Sequence[Sequence[Any]], draw: Callable[[Any], str]
    ) -> Iterator[Column]:
        yield Column(name, pairs, head, lambda pair, _: Text(" to ".join(dict.fromkeys(map(draw, pair)))), exact=None)
        for place, quartile in enumerate(("lower", "upper")):
            yield only_told(f"{name}, {quartile} quartile", [pair[place] for pair in pairs])

    spreads = [network.spread for network in networks if network.spread]
    found = (
        columns("spectral radius", ("spectral", "radius"), [one.spectral_radius for one in spreads], number),
        columns("largest singular value", ("largest", "sing. v."), [one.largest_singular_value for one in spreads],
                number),
        columns("growth per step", ("growth", "per step"), [one.growth_rate for one in spreads], rate),
        columns("vanished after", ("vanished", "after"), [quartiles(one, low, falls=True) for one in networks], _after),
        columns("exploded after", ("exploded", "after"), [quartiles(one, high, falls=False) for one in networks],
                _after),
        columns("saturated", ("satu-", "rated"), [one.saturated for one in spreads], percent),
    )  # fmt: skip
    return Grid("quartiles of the seeds", ("quartiles",), [network.label for network in networks],
                [one for some in found for one in some])  # fmt: skip


def _gate_tables(report: GradientsReport) -> tuple[Table, ...]:
    """Tell how the gates were used, where there are any."""
    rows = tuple(
        (network.label, gate.letter, gate.mean, gate.open, gate.closed)
        for network in report.networks
        for gate in network.gates
    )
    return (Table("gates", ("network", "gate", "mean", "above 0.9", "below 0.1"), rows, named_by=2),) if rows else ()


def _means(network: NetworkGradients) -> str:
    """Write the means of the gates."""
    return " ".join(f"{gate.letter}{short(gate.mean)}" for gate in network.gates) or NO_VALUE


def _after(step: int | None) -> str:
    """Write a number of steps."""
    return "never" if step is None else f"{step:,}"


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
    tanh = "a tanh beyond −0.9 or 0.9, which passes on less than a fifth"
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
