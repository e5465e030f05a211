"""What can be turned on random networks, checked; and the networks that come of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from numbers import Integral, Real

from lstm_ascii.analysis.replay import Passage
from lstm_ascii.cells import CELLS, Array, Cell
from lstm_ascii.cells.initial import INITS, chrono, studied_cell, uniform_from
from lstm_ascii.errors import UsageError, require, require_names
from lstm_ascii.records import dataclass

CHRONO = "chrono"
MOST_STEPS, MOST_HIDDEN, MOST_SEEDS, MOST_SIZE = 10_000_000, 512, 1000, 1 << 21
LARGEST_RADIUS, LARGEST_SCALE, LARGEST_BIAS = 1000.0, 1000.0, 10_000.0
RNN_RADIUS = 0.9  # of the RNN where nothing else is asked for: near the edge, where it does best
EXPLODING_RADIUS = 4.0
NAMES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}


@dataclass(frozen=True)
class Levers:
    """What is asked for.

    Attributes:
        steps: T, from the start to the step whose state is looked back from.
        cells: ``rnn``, ``lstm``, ``gru``.
        hidden: H; as many inputs.
        radius: spectral radius of every gate's recurrent weights; ``None``: as drawn, but for the RNN 0.9 if
            ``init`` isn't named either.
        init: ``uniform``, ``orthogonal``, ``identity``, ``xavier``; empty for ``uniform``.
        activation: of the RNN: ``tanh``, ``relu``.
        forget_biases: of one LSTM each: numbers, or ``chrono``.
        input_scale: standard deviation of the inputs.
        seed: of the first network and its inputs.
        seeds: networks of each kind, with ``seed`` and those after it.
        thresholds: sizes below and above which a gradient has vanished and exploded.

    Raises:
        UsageError: a value makes no sense, or would take more than a machine has.
    """

    steps: int = 50
    cells: tuple[str, ...] = ("rnn", "lstm", "gru")
    hidden: int = 32
    radius: float | None = None
    init: str = ""
    activation: str = "tanh"
    forget_biases: tuple[float | str, ...] = (1.0, CHRONO)
    input_scale: float = 1.0
    seed: int = 0
    seeds: int = 1
    thresholds: tuple[float, float] = (1e-3, 1e3)

    def __post_init__(self) -> None:
        """Refuse what can't be computed."""
        _whole("steps", self.steps, 1, MOST_STEPS)
        _whole("hidden", self.hidden, 1, MOST_HIDDEN)
        _whole("seeds", self.seeds, 1, MOST_SEEDS)
        _whole("seed", self.seed, 0, (1 << 63) - 1)
        if self.seeds * self.hidden**2 > MOST_SIZE:
            raise UsageError(
                f"{self.seeds} networks of {self.hidden} units are too many; take fewer of either", "seeds"
            )
        if self.radius is not None:
            _number("radius", self.radius, 0.0, LARGEST_RADIUS)
        _number("input_scale", self.input_scale, 0.0, LARGEST_SCALE)
        _one_of("init", self.init or INITS[0], INITS)
        _one_of("activation", self.activation, ("tanh", "relu"))
        require_names("cells", self.cells)
        for cell in self.cells:
            _one_of("cells", cell, tuple(CELLS))
        if not self.cells:
            raise UsageError("name at least one of rnn, lstm, gru", "cells")
        self._check_biases()
        self._check_thresholds()

    def _check_biases(self) -> None:
        """Refuse forget biases that are neither numbers nor a known name."""
        require("forget_biases", self.forget_biases, (list, tuple), "a tuple of numbers and names")
        if not self.forget_biases:
            raise UsageError("name at least one number, or chrono", "forget_biases")
        for bias in self.forget_biases:
            if not isinstance(bias, str):
                _number("forget_biases", bias, -LARGEST_BIAS, LARGEST_BIAS)
            elif bias != CHRONO:
                raise UsageError(f"expected numbers or {CHRONO}, got {bias}", "forget_biases")

    def _check_thresholds(self) -> None:
        """Refuse sizes that can't part what vanishes from what explodes."""
        require("thresholds", self.thresholds, (list, tuple), "two numbers")
        if len(self.thresholds) != 2:
            raise UsageError(f"expected two numbers, got {len(self.thresholds)}", "thresholds")
        low, high = self.thresholds
        for size in (low, high):
            require("thresholds", size, Real, "two numbers")
        if not 0 < low < 1 < high < math.inf:
            raise UsageError(f"expected LOW,HIGH with 0 < LOW < 1 < HIGH, got {low:g},{high:g}", "thresholds")

    @property
    def thresholds_log10(self) -> tuple[float, float]:
        """The thresholds as log10."""
        return math.log10(self.thresholds[0]), math.log10(self.thresholds[1])

    def kinds(self) -> list[Kind]:
        """Return the kinds of networks, in the order they were asked for."""
        found = []
        for cell in dict.fromkeys(self.cells):
            if cell == "lstm":
                found += [Kind(self, cell, bias=bias) for bias in dict.fromkeys(self.forget_biases)]
            else:
                radius = RNN_RADIUS if cell == "rnn" and self.radius is None and not self.init else self.radius
                found.append(Kind(replace(self, radius=radius), cell))
        return found

    def opposites(self) -> list[Kind]:
        """Return two RNNs from the same random numbers: one that vanishes, one with a radius that is asked for."""
        radius = EXPLODING_RADIUS if self.radius is None else self.radius
        return [
            Kind(replace(self, radius=value), "rnn", title=f"RNN (radius {value:g})")
            for value in dict.fromkeys([RNN_RADIUS, radius])
        ]


@dataclass(frozen=True)
class Kind:
    """Networks that differ in their seeds only."""

    levers: Levers
    cell: str
    bias: float | str = 0.0
    title: str = ""

    @property
    def label(self) -> str:
        """The name on the screen."""
        if self.title or self.cell != "lstm":
            return self.title or NAMES[self.cell]
        return f"LSTM {CHRONO}" if isinstance(self.bias, str) else f"LSTM {self.bias:+g}"

    def built(self, seed: int) -> Cell:
        """Return the network with this seed."""
        levers = self.levers
        forget: Array | float = 0.0
        entry: Array | float = 0.0
        if self.cell == "lstm":
            if isinstance(self.bias, str):
                forget = chrono(seed, levers.hidden, levers.steps)
                entry = -forget
            else:
                forget = self.bias
        return studied_cell(
            self.cell, levers.hidden, seed, levers.init or INITS[0], levers.radius, forget, entry, levers.activation
        )

    def passages(self, first: int = 0, count: int | None = None) -> Iterator[Passage]:
        """Yield the networks, or ``count`` from the ``first`` of all seeds on, each with inputs of its own seed."""
        for seed in range(self.levers.seed, self.levers.seed + self.levers.seeds)[first:][:count]:
            yield Passage(self.built(seed), _Inputs(self.levers, seed), self.levers.steps)


@dataclass(frozen=True)
class _Inputs:
    """Random inputs, evenly spread; any stretch of them."""

    levers: Levers
    seed: int

    def __call__(self, first: int, last: int) -> Array:
        size = self.levers.hidden
        bound = 3**0.5 * self.levers.input_scale  # ±√3 has a variance of 1
        return uniform_from(self.seed, "gradients.inputs", first * size, (last - first, 1, size), bound)


def _whole(parameter: str, value: int, least: int, most: int) -> None:
    """Refuse a number out of its range."""
    require(parameter, value, Integral, "a whole number")
    if not least <= value <= most:
        raise UsageError(f"expected {least:,} to {most:,}, got {value}", parameter)


def _number(parameter: str, value: float, least: float, most: float) -> None:
    """Refuse a number out of its range, and what is no number."""
    require(parameter, value, Real, "a number")
    if not least <= value <= most:
        raise UsageError(f"expected a number from {least:g} to {most:g}, got {value:g}", parameter)


def _one_of(parameter: str, value: str, names: tuple[str, ...]) -> None:
    """Refuse a name that isn't among ``names``."""
    if value not in names:
        raise UsageError(f"expected {', '.join(names)}, got {value}", parameter)
