"""Reports written by hand: their pictures depend on no network and no BLAS."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.gradients.maps import GradientMap, MapsReport
from lstm_ascii.reports.gradients.network import Clipped, GateUse, NetworkGradients, SeedSpread
from lstm_ascii.reports.gradients.report import GradientsReport

STEPS = 50
GATES = (GateUse("i", 0.49, 0.0, 0.02), GateUse("f", 0.72, 0.04, 0.0), GateUse("o", 0.5, 0.0, 0.0))


def falling(slope: float, steps: int = STEPS, start: float = 0.0) -> tuple[float, ...]:
    """Return log10 sizes that change by ``slope`` a step."""
    return tuple(start + slope * step for step in range(1, steps + 1))


def network(label: str, slope: float, start: float = 0.0, steps: int = STEPS, **more: object) -> NetworkGradients:
    """Return a network whose gradient changes by ``slope`` in log10 a step."""
    total = falling(slope, steps, start)
    horizon = next((step for step, value in enumerate(total, 1) if value < -3), None)
    exploded = next((step for step, value in enumerate(total, 1) if value > 3), None)
    cell, _, _bias = label.partition(" ")
    values: dict[str, object] = {
        "cell": cell,
        "label": label,
        "steps_back": tuple(range(1, steps + 1)),
        "total_log10": total,
        "lower_log10": None,
        "upper_log10": None,
        "carousel_log10": falling(1.5 * slope, steps) if cell == "LSTM" else None,
        "horizon": horizon,
        "exploded_at": exploded,
        "verdict": "vanished" if total[-1] < -3 else "exploded" if total[-1] > 3 else "alive",
        "recurrent": {"LSTM": "W_hg", "GRU": "W_hn"}.get(cell, "W_hh"),
        "spectral_radius": 0.9,
        "largest_singular_value": 1.74,
        "growth_rate": 2.302585 * slope,
        "spectrum": None,
        "gates": GATES if cell == "LSTM" else GATES[:2] if cell == "GRU" else (),
        "saturated": 0.043,
        "clipped": None,
    }
    return NetworkGradients(**{**values, **more})  # type: ignore[arg-type]


def report(*networks: NetworkGradients, steps: int = STEPS, **more: object) -> GradientsReport:
    """Return a report on ``networks``; by default those of the default screen."""
    found = networks or (
        network("RNN", -0.19, 0.3),
        network("LSTM +1", -0.088),
        network("LSTM chrono", -0.0054),
        network("GRU", -0.21),
    )
    values: dict[str, object] = {
        "schema_version": 1,
        "steps": steps,
        "hidden_size": 32,
        "seeds": 1,
        "thresholds": (1e-3, 1e3),
        "setting": "written by hand",
        "activation": "tanh",
        "words": (),
        "networks": found,
    }
    return GradientsReport(**{**values, **more})  # type: ignore[arg-type]


def with_seeds() -> GradientsReport:
    """Return a report on a hundred networks of two kinds."""
    spread = SeedSpread((0.9, 0.9), (1.7, 1.79), (-0.47, -0.41), (0.041, 0.046), ())
    gated = replace(spread, growth_rate=(-0.01, None), gates=((0.48, 0.5), (0.7, 0.74), (0.5, 0.5)))
    rnn = network("RNN", -0.19, lower_log10=falling(-0.21), upper_log10=falling(-0.15), spread=spread)
    lstm = network("LSTM chrono", -0.0054, lower_log10=falling(-0.01), upper_log10=falling(0.001), spread=gated)
    return report(rnn, lstm, seeds=100)


def exploding() -> GradientsReport:
    """Return a report on two opposites, clipped."""
    parts = tuple(0.15 * step for step in range(STEPS - 1))
    return report(
        network("RNN (radius 0.9)", -0.19, clipped=Clipped(1.0, 0.5, -0.5, (*falling(-0.2, STEPS - 1), None))),
        network("RNN (radius 4)", 0.15, clipped=Clipped(1.0, 7.5, -7.5, (*parts, None)), largest_singular_value=7.1),
    )


def with_spectrum() -> GradientsReport:
    """Return a report on two networks with all their exponents."""
    rnn = network("RNN", -0.05, spectrum=(0.1, -0.05, -0.2, -0.4, None))
    return report(rnn, network("GRU", -0.1, spectrum=(-0.2, -0.21, -0.3, -0.9, -2.0)))


def of_words() -> GradientsReport:
    """Return a report on trained networks along a sentence."""
    words = ("The", "cat", "near", "the", "doors", "was", "hungry", ".")
    return report(
        network("RNN", -0.4, steps=8), network("LSTM", -0.01, steps=8), steps=8, words=words, writing_cost=0.02
    )


def with_nothing() -> GradientsReport:
    """Return a report on a network that lets nothing through."""
    nothing = network(
        "LSTM -10000", -1.0, total_log10=(None,) * STEPS, carousel_log10=(None,) * STEPS, horizon=1, growth_rate=None,
        spectral_radius=0.0, largest_singular_value=0.0, verdict="vanished",
    )  # fmt: skip
    return report(nothing, network("RNN", 0.0))


def long() -> GradientsReport:
    """Return a report on a million steps, of which every ten thousandth was kept."""
    kept = (*range(1, 1001), *range(10_000, 1_000_001, 10_000))
    total = tuple(-0.2 * step for step in kept)
    rnn = network("RNN", -0.2, steps_back=kept, total_log10=total, horizon=16)
    return report(rnn, steps=1_000_000)


def maps() -> MapsReport:
    """Return two small maps: one with an edge of chaos, one without."""
    x, y = tuple(0.1 * 2**n for n in range(12)), (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
    growth = tuple(tuple(value - 1.2 - 0.12 * column for column in range(12)) for value in y)
    horizon = tuple(tuple(max(1, int(-3 / rate)) if rate < -0.03 else None for rate in row) for row in growth)
    total = tuple(tuple(43.0 * rate for rate in row) for row in growth)
    low = tuple(tuple(-1.0 - rate for rate in row) for row in growth)
    still = tuple(tuple(7 for _ in row) for row in growth)
    return MapsReport(
        1, 100, 32, (1e-3, 1e3), "written by hand",
        (
            GradientMap("RNN", "input scale", "spectral radius", x, y, horizon, total, growth),
            GradientMap("LSTM", "recurrent scale", "forget bias", x, y, still, low,
                        tuple(tuple(-0.5 for _ in row) for row in growth)),
        ),
    )  # fmt: skip
