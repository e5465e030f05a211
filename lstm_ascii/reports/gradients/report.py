"""How a gradient travels back: through random networks whose levers are turned, or through trained ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.products import largest_singular_value, spectral_radius
from lstm_ascii.analysis.replay import Passage
from lstm_ascii.analysis.travel import Travel, travel
from lstm_ascii.cells import Array, Cell
from lstm_ascii.errors import UsageError
from lstm_ascii.initial import INITS, uniform
from lstm_ascii.reports.gradients.levers import Kind, Levers

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

SCHEMA_VERSION = 1
VANISHED, ALIVE, EXPLODED = "vanished", "alive", "exploded"
MOST_CLIPPED = 10_000  # steps

Watch = Callable[[str, float], None]


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
class NetworkGradients:
    """One kind of network. With several seeds, figures are medians over them.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        label: its name on the screen.
        steps_back: 1…N; of more than 100,000 steps the first thousand, round numbers such as 20,000, evenly
            spaced ones and the last.
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
        growth_rate: largest Lyapunov exponent, nats per step; ``None`` where nothing was left to measure.
        spectrum: all Lyapunov exponents, largest first; ``None`` where they weren't asked for.
        gates: how they were used; none for the RNN.
        saturated: share of activations with |tanh| above 0.9; for relu, at 0.
        clipped: ``None`` where it wasn't asked for.
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


@dataclass(frozen=True)
class GradientsReport:
    """All that ``gradients`` shows.

    Attributes:
        schema_version: of this layout.
        steps: that are looked back over.
        hidden_size: H.
        seeds: networks of each kind.
        thresholds: sizes that count as vanished and as exploded.
        setting: where the weights come from and what was turned, as the screen says it.
        activation: of the RNN.
        words: of the sentence that trained networks read, in the order in which they do; empty for random ones.
        networks: in the order they were asked for.
    """

    schema_version: int
    steps: int
    hidden_size: int
    seeds: int
    thresholds: tuple[float, float]
    setting: str
    activation: str
    words: tuple[str, ...]
    networks: tuple[NetworkGradients, ...]


def gradients_report(
    levers: Levers,
    explode: bool = False,
    clip: float | None = None,
    spectrum: bool = False,
    watch: Watch | None = None,
) -> GradientsReport:
    """Measure random networks.

    Args:
        levers: which.
        explode: two RNNs with the same random numbers, one that vanishes against one that explodes, in
            place of the kinds of cells.
        clip: the length that the gradient of the weights is clipped to; ``None`` for no clipping.
        spectrum: all Lyapunov exponents.
        watch: hears which network is measured, and what share is done.

    Raises:
        UsageError: the clipping makes no sense.
    """
    _check_clip(clip, levers.steps)
    kinds = levers.opposites() if explode else levers.kinds()
    networks = []
    for number, kind in enumerate(kinds):
        progress = _progress(watch, kind.label, number, len(kinds))
        passages = list(kind.passages())
        found = travel(passages, levers.thresholds_log10, spectrum, progress)
        clipped = None if clip is None else _clipped(passages[0], clip)
        networks.append(_network(kind.label, [one.cell for one in passages], found, levers.thresholds_log10, spectrum,
                                 clipped))  # fmt: skip
    return GradientsReport(
        SCHEMA_VERSION, levers.steps, levers.hidden, levers.seeds, levers.thresholds, _setting(levers, kinds),
        levers.activation, (), tuple(networks),
    )  # fmt: skip


def sentence_report(
    sentence: str,
    cells: Sequence[str],
    source: Source,
    thresholds: tuple[float, float] = (1e-3, 1e3),
    clip: float | None = None,
    spectrum: bool = False,
    layer: int | None = None,
    direction: str = "",
) -> GradientsReport:
    """Measure trained networks along the words of a sentence.

    Args:
        sentence: any text with at least one word.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        source: where the networks come from.
        thresholds: sizes that count as vanished and as exploded.
        clip: the length that the gradient of the weights is clipped to; ``None`` for no clipping.
        spectrum: all Lyapunov exponents.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.

    Raises:
        UsageError: there is no word in the sentence, no such cell, layer or direction, or the clipping makes no sense.
        FileError: the network can't be read.
    """
    from lstm_ascii.reports.explain.view import View, place_of
    from lstm_ascii.reports.material import opened  # loaded for trained networks only

    networks, material = opened(sentence, cells, source)
    _check_clip(clip, len(material.words))
    logs, measured = Levers(thresholds=thresholds).thresholds_log10, []
    views = [View(one, material.run(one), material, place_of(one, layer, direction)) for one in networks]
    for view in views:
        cell, x = view.cell, view.trace.x
        start = {name: state[0] for name, state in view.trace.states.items()}
        passage = Passage(cell, lambda first, last, x=x: x[first:last], len(x), start)  # type: ignore[misc]
        found = travel([passage], logs, spectrum)
        clipped = None if clip is None else _clipped(passage, clip)
        measured.append(_network(cell.name, [cell], found, logs, spectrum, clipped))
    sources = dict.fromkeys(", ".join(filter(None, (view.network.source, str(view.where)))) for view in views)
    functions = [str(getattr(view.cell, "activation", "tanh")) for view in views if view.cell.name == "RNN"]
    return GradientsReport(
        SCHEMA_VERSION, len(material.words), max(view.cell.hidden_size for view in views), 1, thresholds,
        "; ".join(sources), (functions or ["tanh"])[0], tuple(views[0].where.ordered(material.words)), tuple(measured),
    )  # fmt: skip


def _network(
    label: str,
    cells: Sequence[Cell],
    found: Travel,
    thresholds: tuple[float, float],
    spectrum: bool,
    clipped: Clipped | None,
) -> NetworkGradients:
    """Put together what was measured on one kind of network."""
    cell, many = cells[0], len(cells) > 1
    letter = cell.gate_letters[2] if len(cell.gate_letters) > 2 else "h"
    start = 2 * cell.hidden_size if letter != "h" else 0
    blocks = [one.own_gradient(one.weight_hh[start : start + cell.hidden_size]) for one in cells]  # (H, H)
    growth = _median(found.growth)
    last = found.total[1, -1]
    return NetworkGradients(
        cell=cell.name,
        label=label,
        steps_back=tuple(found.steps_back.tolist()),
        total_log10=_finite(found.total[1]),
        lower_log10=_finite(found.total[0]) if many else None,
        upper_log10=_finite(found.total[2]) if many else None,
        carousel_log10=None if found.carousel is None else _finite(found.carousel[1]),
        horizon=found.vanished,
        exploded_at=found.exploded,
        verdict=VANISHED if last < thresholds[0] else EXPLODED if last > thresholds[1] else ALIVE,
        recurrent=f"W_h{letter}" if cell.output_size == cell.hidden_size else f"W_h{letter} W_hr",
        spectral_radius=float(_median(np.array([spectral_radius(block) for block in blocks]))),
        largest_singular_value=float(_median(np.array([largest_singular_value(block) for block in blocks]))),
        growth_rate=_finite(growth)[0],
        spectrum=_finite(growth) if spectrum else None,
        gates=tuple(GateUse(name, *shares) for name, shares in found.gates.items()),
        saturated=found.saturated,
        clipped=clipped,
    )


def _clipped(passage: Passage, most: float) -> Clipped:
    """Measure what clipping does to one network, for a loss whose gradient on the last output has length 1."""
    from lstm_ascii.analysis.clipping import weight_gradient  # loaded where it is asked for only

    direct = uniform(0, "gradients.loss", (passage.cell.output_size,), 1.0)
    gradient = weight_gradient(passage, direct / np.linalg.norm(direct))
    length = _finite(np.array([gradient.length]))[0]
    return Clipped(most, length, gradient.clipped(most), _finite(gradient.parts))


def _check_clip(clip: float | None, steps: int) -> None:
    """Refuse what can't be clipped."""
    if clip is not None and not 0 < clip < 1e300:
        raise UsageError(f"--clip: expected a length above 0, got {clip:g}")
    if clip is not None and steps > MOST_CLIPPED:
        raise UsageError(f"--clip: expected at most {MOST_CLIPPED:,} steps, got {steps:,}")


def _progress(watch: Watch | None, label: str, number: int, count: int) -> Callable[[float], None] | None:
    """Return what one network's progress is told to."""
    if watch is None:
        return None
    return lambda share: watch(label, (number + share) / count)


def _setting(levers: Levers, kinds: Sequence[Kind]) -> str:
    """Say where the weights come from."""
    several = f"seeds {levers.seed} to {levers.seed + levers.seeds - 1}" if levers.seeds > 1 else f"seed {levers.seed}"
    said = [f"random weights ({levers.init or INITS[0]}), {several}"]
    radii = dict.fromkeys(kind.levers.radius for kind in kinds)
    if len(radii) == 1 and levers.radius is not None:
        said.append(f"scaled to spectral radius {levers.radius:g}")
    elif not levers.init and any(kind.cell == "rnn" and not kind.title for kind in kinds):
        said.append(f"the RNN's scaled to spectral radius {kinds[_first_rnn(kinds)].levers.radius:g}")
    return f"{', '.join(said)}; random inputs of size {levers.input_scale:g}"


def _first_rnn(kinds: Sequence[Kind]) -> int:
    """Return where the RNN stands."""
    return next(number for number, kind in enumerate(kinds) if kind.cell == "rnn")


def _median(values: Array) -> Array:
    """Return the median over the first axis; NumPy's own would load its masked arrays."""
    ordered, half = np.sort(values, axis=0), len(values) // 2
    return np.asarray(ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2)


def _finite(values: Array) -> tuple[float | None, ...]:
    """Return plain numbers, and ``None`` for −∞ and for what is no number."""
    return tuple(value if good else None for value, good in zip(values.tolist(), np.isfinite(values), strict=True))
