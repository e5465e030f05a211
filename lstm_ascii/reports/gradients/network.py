"""What was measured on one kind of network, whatever it is made of: random weights or trained ones."""

from __future__ import annotations

import numpy as np

from lstm_ascii.analysis.products import LEAST_STEPS as LEAST_STEPS
from lstm_ascii.analysis.products import largest_singular_value, spectral_radius
from lstm_ascii.analysis.replay import Passage
from lstm_ascii.analysis.travel import Travel
from lstm_ascii.cells import Array, Cell, cell_named
from lstm_ascii.cells.initial import uniform
from lstm_ascii.records import dataclass

VANISHED, ALIVE, EXPLODED = "vanished", "alive", "exploded"


@dataclass(frozen=True)
class GateUse:
    """How a gate was used, over all units and steps.

    Attributes:
        letter: of the equations.
        mean: of its values.
        open: share above 0.9.
        closed: share below 0.1.
    """

    letter: str
    mean: float
    open: float
    closed: float


@dataclass(frozen=True)
class Clipped:
    """What clipping does to the gradient of the recurrent weights.

    Attributes:
        most: the length that is allowed.
        length_log10: log10 of the length before; ``None`` for nothing.
        factor_log10: log10 of the factor that the whole gradient is multiplied by; 0 where it isn't clipped.
        parts_log10: log10 of the length of what the step n back adds, before clipping, for n = 0, 1, …
    """

    most: float
    length_log10: float | None
    factor_log10: float
    parts_log10: tuple[float | None, ...]


@dataclass(frozen=True)
class SeedSpread:
    """Lower and upper quartile over the seeds of the figures of a kind of network.

    Attributes:
        spectral_radius, largest_singular_value, growth_rate, saturated: as they are called there.
        gates: of the mean of each gate, in the order of the gates.
    """

    spectral_radius: tuple[float | None, ...]
    largest_singular_value: tuple[float | None, ...]
    growth_rate: tuple[float | None, ...]
    saturated: tuple[float | None, ...]
    gates: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class NetworkGradients:
    """One kind of network. With several seeds, figures are medians over them, shares are of all seeds.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        label: its name on the screen.
        steps_back: 1…N; of more than 100,000 steps the first two thousand, then some that are no more than a
            thousandth apart, round numbers such as 20,000 and the last.
        total_log10: log10 of the largest singular value of the Jacobian of the memory by the memory so many
            steps before, all paths: c for the LSTM, else h. ``None`` for exactly nothing.
        lower_log10, upper_log10: quartiles over the seeds; ``None`` for one seed.
        carousel_log10: the same along the direct path, the product of the forget gates, of its largest
            unit; ``None`` for cells without.
        horizon: the first step back at which it is below the lower threshold; ``None`` if it never is.
        exploded_at: the first at which it is above the upper threshold; ``None`` if it never is.
        verdict: ``vanished``, ``alive`` or ``exploded``, from where it is at the last step.
        recurrent: the weights that the next two are of: W_hh; of the gated cells, those of the candidate.
        spectral_radius: their largest absolute eigenvalue.
        largest_singular_value: the most that they stretch a vector.
        growth_rate: largest Lyapunov exponent, nats per step; ``None`` where nothing was left to measure, or over
            fewer than ``LEAST_STEPS`` steps.
        spectrum: all Lyapunov exponents, largest first; ``None`` where they weren't asked for, or over so few.
        gates: how they were used; none for the RNN.
        saturated: share of activations with |tanh| above 0.9; for relu, at 0.
        clipped: ``None`` where it wasn't asked for.
        paths_within: by how much of itself a gradient by all paths may be too small, as measured: 0 where the products
            of the Jacobians were made, more where they would have been too much work.
        paths_rows: how many directions stood for these products where they were not made; else 0.
        spread: of the figures over the seeds; ``None`` for one seed.
    """

    cell: str
    label: str
    steps_back: tuple[int, ...]
    total_log10: tuple[float | None, ...]
    lower_log10: tuple[float | None, ...] | None
    upper_log10: tuple[float | None, ...] | None
    carousel_log10: tuple[float | None, ...] | None
    horizon: int | None
    exploded_at: int | None
    verdict: str
    recurrent: str
    spectral_radius: float
    largest_singular_value: float
    growth_rate: float | None
    spectrum: tuple[float | None, ...] | None
    gates: tuple[GateUse, ...]
    saturated: float
    clipped: Clipped | None
    paths_within: float = 0.0
    paths_rows: int = 0
    spread: SeedSpread | None = None

    @property
    def kind(self) -> type[Cell]:
        """The class of the cell, which says how its parts are called."""
        return cell_named(self.cell)


def network_gradients(
    label: str,
    cell: Cell,
    weights: Array,
    travel: Travel,
    thresholds: tuple[float, float],
    spectrum: bool,
    clipped: Clipped | None,
) -> NetworkGradients:
    """Put together what was measured on one kind of network.

    Args:
        label: its name on the screen.
        cell: of the first of them.
        weights: spectral radius and largest singular value of the recurrent weights of each, ``(B, 2)``.
        travel: of all of them.
        thresholds: log10 of the sizes that count as vanished and as exploded.
        spectrum: whether all Lyapunov exponents are told.
        clipped: what clipping does to the first of them, where that was asked for.
    """
    many, growth, last = len(weights) > 1, _median(travel.growth), travel.total[1, -1]
    letter = _recurrent_letter(cell)
    return NetworkGradients(
        cell=cell.name,
        label=label,
        steps_back=tuple(travel.steps_back.tolist()),
        total_log10=_finite(travel.total[1]),
        lower_log10=_finite(travel.total[0]) if many else None,
        upper_log10=_finite(travel.total[2]) if many else None,
        carousel_log10=None if travel.carousel is None else _finite(travel.carousel[1]),
        horizon=travel.vanished,
        exploded_at=travel.exploded,
        verdict=VANISHED if last < thresholds[0] else EXPLODED if last > thresholds[1] else ALIVE,
        recurrent=f"W_h{letter}" if cell.output_size == cell.hidden_size else f"W_h{letter} W_hr",
        spectral_radius=float(_median(weights[:, 0])),
        largest_singular_value=float(_median(weights[:, 1])),
        growth_rate=_finite(growth)[0],
        spectrum=_finite(growth) if spectrum and len(travel.steps_back) >= LEAST_STEPS else None,
        gates=gate_uses(travel),
        saturated=float(travel.saturated.mean()),
        clipped=clipped,
        paths_within=travel.within,
        paths_rows=travel.rows,
        spread=_spread(weights, travel) if many else None,
    )


def sizes_of_weights(cell: Cell) -> tuple[float, float]:
    """Return the spectral radius and the largest singular value of the recurrent weights: of the candidate's."""
    start = 2 * cell.hidden_size if _recurrent_letter(cell) != "h" else 0
    block = cell.own_gradient(cell.weight_hh[start : start + cell.hidden_size])  # (H, H)
    return float(spectral_radius(block)), float(largest_singular_value(block))


def gate_uses(travel: Travel) -> tuple[GateUse, ...]:
    """Return how the gates were used, over all networks."""
    return tuple(GateUse(letter, *shares.mean(axis=0).tolist()) for letter, shares in travel.gates.items())


def _recurrent_letter(cell: Cell) -> str:
    """Return the letter of the candidate; ``h`` where there is none."""
    return cell.gate_letters[2] if len(cell.gate_letters) > 2 else "h"


def _spread(weights: Array, travel: Travel) -> SeedSpread:
    """Return the quartiles of several seeds."""

    def quartiles(values: Array) -> tuple[float | None, ...]:
        return _finite(np.quantile(values, (0.25, 0.75)))

    return SeedSpread(
        quartiles(weights[:, 0]), quartiles(weights[:, 1]), quartiles(travel.growth[:, 0]),
        quartiles(travel.saturated), tuple(quartiles(shares[:, 0]) for shares in travel.gates.values()),
    )  # fmt: skip


def clipped_to(passage: Passage, most: float) -> Clipped:
    """Measure what clipping does to one network, for a loss whose gradient on the last output has length 1."""
    from lstm_ascii.analysis.replay import weight_gradient  # loaded where it is asked for only

    direct = uniform(0, "gradients.loss", (passage.cell.output_size,), 1.0)
    gradient = weight_gradient(passage, direct / np.linalg.norm(direct))
    length = _finite(np.array([gradient.length]))[0]
    return Clipped(most, length, gradient.clipped(most), _finite(gradient.parts))


def _median(values: Array) -> Array:
    """Return the median over the first axis; NumPy's own would load its masked arrays."""
    values_in_order, half = np.sort(values, axis=0), len(values) // 2
    return np.asarray(
        values_in_order[half] if len(values) % 2 else (values_in_order[half - 1] + values_in_order[half]) / 2
    )


def _finite(values: Array) -> tuple[float | None, ...]:
    """Return plain numbers, and ``None`` for −∞ and NaN."""
    return tuple(value if good else None for value, good in zip(values.tolist(), np.isfinite(values), strict=True))
