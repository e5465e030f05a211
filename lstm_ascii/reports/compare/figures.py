"""What is measured on an RNN, an LSTM and a GRU to hold them side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.gates import CLOSED as CLOSED
from lstm_ascii.analysis.gates import OPEN as OPEN
from lstm_ascii.analysis.replay import Passage
from lstm_ascii.analysis.travel import travel
from lstm_ascii.cells import CELLS, Array, Cell
from lstm_ascii.initial import random_cell, uniform
from lstm_ascii.network import Network
from lstm_ascii.reports.agreement.pairs import FilePair
from lstm_ascii.reports.agreement.report import NetworkAgreement, agreement_of
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.network import GateUse
from lstm_ascii.reports.gradients.report import gradients_report
from lstm_ascii.training.grammar import Grammar
from lstm_ascii.training.pairs import minimal_pairs

STEPS_BACK, INSIDE = (10, 50, 100), (10, 25)
RANDOM_SEEDS = 5  # random networks of each kind, for their gradients
TIMED_STEPS, REPEATS = 200, 15
DISTANCES = ((0, 0), (1, 4), (5, 9), (10, 14), (15, 19), (20, 24), (25, 29))
PAIRS, FRESH = 400, 30_000_001  # at each distance; added to the seed, so that no training or card has these pairs
TEXTS = 8  # texts, and sentences, that gradients and gates are measured along
THRESHOLDS = (1e-3, 1e3)  # sizes that count as vanished and exploded


@dataclass(frozen=True)
class Size:
    """How many numbers are trained in one cell.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H, and as many inputs.
        parameters: of the cell alone.
    """

    cell: str
    hidden_size: int
    parameters: int


@dataclass(frozen=True)
class StepTime:
    """How long a step takes, in microseconds, on this machine: lower quartile, median, upper quartile.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        forward: of a step through one sequence, with all gates kept.
        training: of the same and the way back.
        repeats: that were timed, of ``steps`` steps each.
        steps: see there.
    """

    cell: str
    forward: tuple[float, float, float]
    training: tuple[float, float, float]
    repeats: int
    steps: int


@dataclass(frozen=True)
class Reach:
    """How much of a gradient is left.

    Attributes:
        label: of the network.
        steps_back: where it is looked at.
        log10: of the largest singular value of the Jacobian of the memory (c of the LSTM, else h), all paths; medians.
            ``None`` for exactly nothing.
    """

    label: str
    steps_back: tuple[int, ...]
    log10: tuple[float | None, ...]


@dataclass(frozen=True)
class TrainedFigures:
    """One trained network.

    Attributes:
        label: its name on the screen.
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H.
        words: in its vocabulary.
        parameters: of the whole network, and of its recurrent layers alone.
        source: where the weights come from.
        agreement: on fresh minimal pairs; ``None`` where it wasn't asked for.
        inside: the gradient inside a sentence, from the verb back; ``None`` likewise.
        along: the gradient along a text of several sentences.
        gates: how they were used inside a sentence; none for the RNN; ``None`` where it wasn't asked for.
    """

    label: str
    cell: str
    hidden_size: int
    words: int
    parameters: tuple[int, int]
    source: str
    agreement: NetworkAgreement | None
    inside: Reach | None
    along: Reach | None
    gates: tuple[GateUse, ...] | None


def sizes(cells: Sequence[str], hidden: int) -> tuple[Size, ...]:
    """Count the parameters of cells of the same size."""
    built = (random_cell(name, hidden, hidden, 0) for name in cells)
    return tuple(Size(cell.name, hidden, sum(value.size for value in cell.parameters.values())) for cell in built)


def step_times(cells: Sequence[str], hidden: int) -> tuple[StepTime, ...]:
    """Time one step of each cell, in turns, so that a busy moment falls on all of them."""
    x = uniform(0, "compare.inputs", (TIMED_STEPS, 1, hidden), 3**0.5)
    passes: dict[tuple[str, bool], Callable[[], object]] = {}
    for name in cells:
        cell = random_cell(name, hidden, hidden, 0, 1.0)
        direct = np.ones((TIMED_STEPS, 1, hidden))
        passes[name, False] = lambda cell=cell: cell.forward(x)  # type: ignore[misc]
        passes[name, True] = lambda cell=cell, direct=direct: cell.backward(cell.forward(x), {"h": direct})  # type: ignore[misc]
    seconds: dict[tuple[str, bool], list[float]] = {key: [] for key in passes}
    for turn in range(REPEATS + 1):
        for key, run in passes.items():
            began = time.perf_counter()
            run()
            if turn:  # the first warms up
                seconds[key].append(time.perf_counter() - began)
    return tuple(
        StepTime(CELLS[name].name, _quartiles(seconds[name, False]), _quartiles(seconds[name, True]), REPEATS,
                 TIMED_STEPS)
        for name in cells
    )  # fmt: skip


def random_reach(cells: Sequence[str], hidden: int, seed: int) -> tuple[Reach, ...]:
    """Measure the gradient through random networks, as the command ``gradients`` does."""
    levers = Levers(STEPS_BACK[-1], tuple(cells), hidden, seed=seed, seeds=RANDOM_SEEDS, thresholds=THRESHOLDS)
    return tuple(
        Reach(network.label, STEPS_BACK, tuple(network.total_log10[back - 1] for back in STEPS_BACK))
        for network in gradients_report(levers).networks
    )


def agreements(networks: Sequence[Network], seed: int) -> tuple[NetworkAgreement, ...]:
    """Ask networks about fresh minimal pairs, as many at each distance."""
    pairs = [
        FilePair(pair.prefix, pair.right, pair.wrong, pair.kind, pair.distance)
        for distance in DISTANCES
        for pair in minimal_pairs(PAIRS, FRESH + seed, distance)
    ]
    return agreement_of(networks, pairs)


def inside_sentences(seed: int, sentence: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the words that gates and gradients are measured along: the reader's own, or those up to a far verb."""
    if sentence:
        return [tuple(sentence)]
    return [pair.prefix[-INSIDE[-1] - 1 :] for pair in minimal_pairs(TEXTS, FRESH + seed, DISTANCES[-1])]


def texts(seed: int) -> list[tuple[str, ...]]:
    """Return texts of several sentences."""
    grammar = Grammar(FRESH + seed)
    return [tuple(grammar.document(STEPS_BACK[-1]).words) for _ in range(TEXTS)]


def reach_along(
    label: str, network: Network, some: Sequence[Sequence[str]], wanted: Sequence[int]
) -> tuple[Reach, tuple[GateUse, ...]]:
    """Carry the gradient back along texts of one length through the last layer; also tell how its gates were used."""
    logs = tuple(float(np.log10(size)) for size in THRESHOLDS)
    found = travel([_passage(network, words) for words in some], (logs[0], logs[1]))
    steps = tuple(back for back in wanted if back <= len(some[0]))
    sizes_there = (float(found.total[1, back - 1]) for back in steps)
    reach = Reach(label, steps, tuple(size if np.isfinite(size) else None for size in sizes_there))
    return reach, tuple(GateUse(letter, *shares) for letter, shares in found.gates.items())


def counted(network: Network) -> tuple[int, int]:
    """Count what is trained: in all, and in the recurrent layers."""
    cells: list[Cell] = [direction.cell for layer in network.layers for direction in layer]
    return (
        sum(value.size for value in network.parameters.values()),
        sum(value.size for cell in cells for value in cell.parameters.values()),
    )


def _passage(network: Network, words: Sequence[str]) -> Passage:
    """Return the last layer of a network on its way along words."""
    run = network.run(np.array(network.vocabulary.ids(words), np.intp)[:, None])
    trace = run.traces[-1][0]
    x: Array = trace.x
    start = {name: state[0] for name, state in trace.states.items()}
    return Passage(network.layers[-1][0].cell, lambda first, last: x[first:last], len(words), start)


def _quartiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles of the times of a step, in microseconds."""
    low, middle, high = np.quantile(np.array(seconds) * 1e6 / TIMED_STEPS, (0.25, 0.5, 0.75)).tolist()
    return low, middle, high
