"""Maps of the memory horizon over two levers: where gradients vanish, where they explode, and the edge between."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lstm_ascii.analysis.products import Products
from lstm_ascii.analysis.replay import bounded_forward, jacobians
from lstm_ascii.analysis.travel import SETTLE
from lstm_ascii.cells import LSTM, Array, Cell
from lstm_ascii.cells.initial import INITS, studied_cell, uniform
from lstm_ascii.errors import UsageError
from lstm_ascii.processes import end_if_unwanted
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.gradients.kinds import OTHERS
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.report import SCHEMA_VERSION
from lstm_ascii.reports.kept import KeptFile, KeptPieces, kept_results

MAP_STEPS, MOST_MAP_STEPS, MOST_MAP_HIDDEN = 100, 2000, 128
WASHOUT = 50  # steps before those that are measured: the start state is forgotten, or chaos has set in
AT_ONCE = 8  # steps whose Jacobians are held
ROWS, COLUMNS = 16, 30


@dataclass(frozen=True)
class GradientMap:
    """One kind of network over two levers. Lists of lists are by row (``y``), then by column (``x``).

    Attributes:
        cell: ``RNN`` or ``LSTM``.
        x_name, y_name: the levers.
        x, y: their values, rising.
        horizon: the first step back at which the gradient has vanished; ``None`` if it never does.
        total_log10: log10 of what is left of it at the last step; ``None`` for nothing.
        growth_rate: largest Lyapunov exponent, nats per step; above 0 is chaos. ``None`` for nothing
            left, or over too few steps.
    """

    cell: str
    x_name: str
    y_name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    horizon: tuple[tuple[int | None, ...], ...]
    total_log10: tuple[tuple[float | None, ...], ...]
    growth_rate: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class MapsReport:
    """All that ``gradients --heatmap`` shows.

    Attributes:
        schema_version: of this layout.
        steps: that are looked back over.
        hidden_size: H.
        thresholds: sizes that count as vanished and as exploded.
        setting: where the weights come from, as the screen says it.
        maps: one a kind of network.
    """

    schema_version: int
    steps: int
    hidden_size: int
    thresholds: tuple[float, float]
    setting: str
    maps: tuple[GradientMap, ...]


@dataclass(frozen=True)
class Strip:
    """The networks of a map that share their recurrent weights: they go through their steps as one batch.

    Attributes:
        levers: what all networks of the map share.
        cell: ``rnn`` or ``lstm``.
        weights: the lever of the recurrent weights: spectral radius (RNN), factor (LSTM).
        others: the other lever's values: input scales (RNN), forget biases (LSTM).
    """

    levers: Levers
    cell: str
    weights: float
    others: tuple[float, ...]


def maps_report(
    levers: Levers, watch: Watch | None = None, processes: int | None = None, resume: str = ""
) -> MapsReport:
    """Measure the maps of the RNN and of the LSTM.

    Args:
        levers: what isn't on an axis.
        watch: hears how far it is.
        processes: to share the work; by default one a core.
        resume: a file in which what is finished is kept, and gone on from where it is there.

    Raises:
        UsageError: there is no map for such a cell, or it would take too long.
        LstmAsciiError: the file is of something else, or can't be written.
    """
    for cell in levers.cells:
        if cell not in AXES:
            raise UsageError(f"there are maps of rnn and lstm, not of {cell}", "cells")
    if levers.steps > MOST_MAP_STEPS:
        raise UsageError(f"expected at most {MOST_MAP_STEPS:,} for a map, got {levers.steps:,}", "steps")
    if levers.hidden > MOST_MAP_HIDDEN:
        raise UsageError(f"expected at most {MOST_MAP_HIDDEN} for a map, got {levers.hidden}", "hidden")
    cells = tuple(dict.fromkeys(levers.cells))
    strips = [Strip(levers, cell, value, AXES[cell].others) for cell in cells for value in AXES[cell].weights]
    file = KeptFile(Path(resume), "gradients", repr(strips), OTHERS)
    kept = KeptPieces[Array](file, lambda column: {"": column}, lambda arrays: arrays[""]) if resume else None
    columns = []
    for column in kept_results(measure, [(strip,) for strip in strips], "the maps", kept, processes):
        columns.append(column)
        if watch:
            watch(f"strip {len(columns)} of {len(strips)} of the maps", len(columns) / len(strips))
    maps, first = [], 0
    for cell in cells:
        count = len(AXES[cell].weights)
        maps.append(_map(cell, np.stack(columns[first : first + count])))
        first += count
    setting = f"random weights ({levers.init or INITS[0]}), seed {levers.seed}"
    return MapsReport(SCHEMA_VERSION, levers.steps, levers.hidden, levers.thresholds, setting, tuple(maps))


@dataclass(frozen=True)
class Axes:
    """The levers of one map, and whether the one of the weights goes up or to the right."""

    x_name: str
    y_name: str
    weights: tuple[float, ...]
    others: tuple[float, ...]
    weights_up: bool


def _steps(low: float, high: float, count: int) -> tuple[float, ...]:
    """Return ``count`` values from ``low`` to ``high``, evenly spaced."""
    return tuple(low + (high - low) * n / (count - 1) for n in range(count))


AXES = {
    "rnn": Axes("input scale", "spectral radius", _steps(0.25, 4.0, ROWS),
                tuple(10**value for value in _steps(-1.5, 1.1, COLUMNS)), True),
    "lstm": Axes("recurrent scale", "forget bias", _steps(0.0, 7.25, COLUMNS), _steps(-2.5, 5.0, ROWS), False),
}  # fmt: skip


def measure(strip: Strip) -> Array:
    """Return horizon (NaN: never), log10 of what is left, and growth of the networks of a strip, ``(3, B)``."""
    cell, x = _cell(strip), _inputs(strip)
    batch, steps = x.shape[1], strip.levers.steps
    start = {name: state[-1] for name, state in bounded_forward(cell, x[:WASHOUT], {}).states.items()}
    trace = bounded_forward(cell, x[WASHOUT:], start)
    wide = cell.hidden_size * len(cell.state_names)
    chain = Products(batch, cell.hidden_size, wide, steps // SETTLE)
    horizon, low = np.full(batch, np.nan), strip.levers.thresholds_log10[0]
    for stop in range(steps, 0, -AT_ONCE):
        end_if_unwanted()
        block = slice(max(0, stop - AT_ONCE), stop)
        some = jacobians(cell, trace, block).reshape(block.stop - block.start, batch, wide, wide)
        logs = chain.back(some.swapaxes(0, 1))
        first = np.where((logs < low).any(axis=0), steps - stop + 1 + np.argmax(logs < low, axis=0), np.nan)
        horizon = np.where(np.isnan(horizon), first, horizon)
    return np.stack([horizon, logs[-1], chain.growth()[:, 0]])


def _cell(strip: Strip) -> Cell:
    """Return the cell of a strip; the LSTM takes its forget bias as one more input, so that it may differ."""
    levers = strip.levers
    if strip.cell == "rnn":
        return studied_cell("rnn", levers.hidden, levers.seed, levers.init or INITS[0], strip.weights,
                            activation=levers.activation)  # fmt: skip
    cell = studied_cell("lstm", levers.hidden, levers.seed, levers.init or INITS[0])
    entry = np.zeros((4 * levers.hidden, 1))
    entry[levers.hidden : 2 * levers.hidden] = 1
    weight_ih = np.concatenate([cell.weight_ih, entry], axis=1)
    return LSTM(weight_ih, cell.weight_hh * strip.weights, cell.bias_ih, cell.bias_hh)


def _inputs(strip: Strip) -> Array:
    """Return the inputs of all networks of a strip, ``(T, B, D)``: the same random numbers for each."""
    levers, others = strip.levers, np.array(strip.others)[None, :, None]
    shape = (WASHOUT + levers.steps, 1, levers.hidden)
    x = uniform(levers.seed, "gradients.inputs", shape, 3**0.5 * levers.input_scale)
    if strip.cell == "rnn":
        return np.asarray(x * others)
    each = np.broadcast_to(others, (len(x), others.shape[1], 1))
    return np.concatenate([np.repeat(x, others.shape[1], axis=1), each], axis=2)


def _map(cell: str, columns: Array) -> GradientMap:
    """Put together the strips ``(weights, 3, others)`` of one map."""
    axes = AXES[cell]
    horizon, total, growth = columns.transpose(1, 0, 2) if axes.weights_up else columns.transpose(1, 2, 0)
    x, y = (axes.others, axes.weights) if axes.weights_up else (axes.weights, axes.others)
    return GradientMap(
        cell.upper(), axes.x_name, axes.y_name, x, y,
        tuple(tuple(None if np.isnan(value) else int(value) for value in row) for row in horizon.tolist()),
        _rows(total), _rows(growth),
    )  # fmt: skip


def _rows(values: Array) -> tuple[tuple[float | None, ...], ...]:
    """Return plain numbers, and ``None`` for what is none."""
    return tuple(tuple(value if np.isfinite(value) else None for value in row) for row in values.tolist())
