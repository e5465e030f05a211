"""The report of ``compare`` as plain data, and the measurements for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from lstm_ascii.analysis.gradients import gradient_log10
from lstm_ascii.analysis.interventions import Contrast, direct_gradients
from lstm_ascii.analysis.replay import Passage
from lstm_ascii.analysis.travel import travel
from lstm_ascii.cells import CELLS, Array, Cell
from lstm_ascii.cells.initial import random_cell, uniform
from lstm_ascii.language.pairs import Pair, minimal_pairs
from lstm_ascii.network import LAST, Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.reports.agreement.pairs import FilePair
from lstm_ascii.reports.agreement.report import NetworkAgreement, agreement_of
from lstm_ascii.reports.gradients.levers import EXPLODING_RADIUS, RNN_RADIUS, Levers
from lstm_ascii.reports.gradients.network import GateUse, gate_uses
from lstm_ascii.reports.gradients.report import gradients_report
from lstm_ascii.reports.recall import RecallReport
from lstm_ascii.thresholds import EXPLODED_ABOVE, VANISHED_BELOW
from lstm_ascii.training.recipe import Recipe

STEPS_BACK, INSIDE = (10, 50, 100), (10, 25)
BEFORE = 20  # whole sentences before a far verb: more than the words that are looked back over
RANDOM_SEEDS = 5  # random networks of each kind, for their gradients
RADII = (RNN_RADIUS, 1.5, EXPLODING_RADIUS)  # that random RNNs are scaled to
TIMED_STEPS, REPEATS = 200, 15
DISTANCES = ((0, 0), (1, 4), (5, 9), (10, 14), (15, 19), (20, 24), (25, 29))
PAIRS, FRESH = 400, 30_000_001  # at each distance; added to the seed, so that no training or card has these pairs
TEXTS = 8  # texts, and sentences, that gradients and gates are measured along
THRESHOLDS = (VANISHED_BELOW, EXPLODED_ABOVE)  # sizes that count as vanished and exploded
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Size:
    """The number of parameters of one cell.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H, which is also the number of inputs.
        parameters: of the cell alone.
    """

    cell: str
    hidden_size: int
    parameters: int


@dataclass(frozen=True)
class StepTime:
    """The time of a step in microseconds, on this machine: lower quartile, median, upper quartile.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        forward: of a forward step of one sequence that keeps all gates.
        training: of a forward and a backward step.
        repeats: the number of passes that were timed.
        steps: of each pass.
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
        steps_back: the numbers of steps after which it is measured.
        log10: of the largest singular value of the Jacobian of the memory (c of the LSTM, else h), by all paths; or,
            for a choice, of the norm of its gradient on the state, relative to that after the last word; medians.
            ``None`` for exactly 0.
    """

    label: str
    steps_back: tuple[int, ...]
    log10: tuple[float | None, ...]


@dataclass(frozen=True)
class RadiusReach:
    """How much of a gradient is left in random RNNs.

    Attributes:
        radius: the spectral radius that their recurrent weights are scaled to.
        reach: of the gradient.
    """

    radius: float
    reach: Reach


@dataclass(frozen=True)
class Excerpt:
    """A text along which gradients and gates are measured.

    Attributes:
        words: of the text; all excerpts have the same length.
        right, wrong: the two forms of the verb after them; empty for the user's own sentence.
    """

    words: tuple[str, ...]
    right: str = ""
    wrong: str = ""


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
        agreement: on held-out minimal pairs; ``None`` if it was not measured.
        inside: the gradient within a sentence, back from the verb; ``None`` if it was not measured.
        along: the gradient along a text of several sentences.
        inside_choice, along_choice: the gradients of the choice of the verb; ``None`` also for the user's own sentence,
            and for a network that has the same vocabulary entry for both forms.
        gates: their use within a sentence; empty for the RNN; ``None`` if it was not measured.
        recipe: of its training; ``None`` for the user's own network.
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
    inside_choice: Reach | None
    along_choice: Reach | None
    gates: tuple[GateUse, ...] | None
    recipe: Recipe | None


def sizes(cells: Sequence[str], hidden: int) -> tuple[Size, ...]:
    """Count the parameters of cells of the same size."""
    built = (random_cell(name, hidden, hidden, 0) for name in cells)
    return tuple(Size(cell.name, hidden, sum(value.size for value in cell.parameters.values())) for cell in built)


def step_times(cells: Sequence[str], hidden: int) -> tuple[StepTime, ...]:
    """Time one step of each cell, taking turns, so that a busy moment of the machine affects all of them."""
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
    return _reaches(_levers(cells, hidden, seed))


def radius_reach(hidden: int, seed: int) -> tuple[RadiusReach, ...]:
    """Measure the gradient through RNNs with the same random weights, scaled to several spectral radii."""
    levers = _levers(("rnn",), hidden, seed)
    return tuple(RadiusReach(radius, *_reaches(replace(levers, radius=radius))) for radius in RADII)


def _levers(cells: Sequence[str], hidden: int, seed: int) -> Levers:
    return Levers(STEPS_BACK[-1], tuple(cells), hidden, seed=seed, seeds=RANDOM_SEEDS, thresholds=THRESHOLDS)


def _reaches(levers: Levers) -> tuple[Reach, ...]:
    """Measure one kind of random networks after the other."""
    return tuple(
        Reach(network.label, STEPS_BACK, tuple(network.total_log10[back - 1] for back in STEPS_BACK))
        for network in gradients_report(levers).networks
    )


def agreements(networks: Sequence[Network], seed: int) -> tuple[NetworkAgreement, ...]:
    """Ask networks about fresh minimal pairs, as many at each distance."""
    pairs = [
        FilePair(pair.prefix, (pair.right,), (pair.wrong,), pair.kind, pair.distance)
        for distance in DISTANCES
        for pair in minimal_pairs(PAIRS, FRESH + seed, distance)
    ]
    return agreement_of(networks, pairs)


def inside_sentences(seed: int, sentence: Sequence[str]) -> list[Excerpt]:
    """Return the words that gates and gradients are measured along: the reader's own, or those up to a far verb."""
    if sentence:
        return [Excerpt(tuple(sentence))]
    return [_before_verb(pair, INSIDE[-1] + 1) for pair in minimal_pairs(TEXTS, FRESH + seed, DISTANCES[-1])]


def texts(seed: int) -> list[Excerpt]:
    """Return texts of several sentences, up to a far verb of the last."""
    pairs = minimal_pairs(TEXTS, FRESH + seed, DISTANCES[-1], before=BEFORE)
    return [_before_verb(pair, STEPS_BACK[-1]) for pair in pairs]


def _before_verb(pair: Pair, count: int) -> Excerpt:
    """Return the last words before a verb, and its forms."""
    return Excerpt(pair.prefix[-count:], pair.right, pair.wrong)


def reach_along(
    label: str, network: Network, some: Sequence[Excerpt], steps_back: Sequence[int]
) -> tuple[Reach, tuple[GateUse, ...]]:
    """Carry the gradient back along texts of one length through the last layer; also tell how its gates were used."""
    return reach_of(label, [_passage(network, stretch.words) for stretch in some], steps_back)


def reach_of(label: str, passages: Sequence[Passage], steps_back: Sequence[int]) -> tuple[Reach, tuple[GateUse, ...]]:
    """Carry the gradient back along passages of one length; also tell how the gates were used there."""
    logs = tuple(float(np.log10(size)) for size in THRESHOLDS)
    curve = travel(passages, (logs[0], logs[1]))
    steps = tuple(back for back in steps_back if back <= passages[0].steps)
    reach = Reach(label, steps, tuple(_finite(curve.total[1, back - 1]) for back in steps))
    return reach, gate_uses(curve)


def choice_reach(label: str, network: Network, some: Sequence[Excerpt], steps_back: Sequence[int]) -> Reach | None:
    """Carry the gradient of a choice's log-odds back, as ``explain`` does; ``None`` where there is no choice."""
    curves = [_choice_log10(network, stretch) for stretch in some if stretch.right]
    if not curves or any(curve is None for curve in curves):
        return None
    middle = np.median(np.array(curves), axis=0)
    return Reach(label, tuple(steps_back), tuple(_finite(middle[back]) for back in steps_back))


def _choice_log10(network: Network, stretch: Excerpt) -> Array | None:
    """Return log10 ‖∂ log-odds / ∂s‖₂ 0, 1, … steps back, against that at 0; ``None`` where both words are one."""
    right, wrong = (network.vocabulary.read(word).index for word in (stretch.right, stretch.wrong))
    if right == wrong:
        return None
    run, last = _run(network, stretch.words), len(stretch.words)
    direct = direct_gradients(network, run, LAST, Contrast(last, right, wrong))
    sizes = gradient_log10(LAST.direction_in(network).cell, LAST.trace_in(run), direct, last)[::-1]
    return sizes - sizes[0] if np.isfinite(sizes[0]) else None


def parameter_counts(network: Network) -> tuple[int, int]:
    """Return the number of parameters, of the whole network and of its recurrent layers."""
    cells: list[Cell] = [direction.cell for layer in network.layers for direction in layer]
    return (
        network.size,
        sum(value.size for cell in cells for value in cell.parameters.values()),
    )


def _passage(network: Network, words: Sequence[str]) -> Passage:
    """Return the last layer of a network on its way along words."""
    trace = LAST.trace_in(_run(network, words))
    x: Array = trace.x
    start = {name: state[0] for name, state in trace.states.items()}
    return Passage(network.layers[-1][0].cell, lambda first, last: x[first:last], len(words), start)


def _run(network: Network, words: Sequence[str]) -> Run:
    return network.run(np.array(network.vocabulary.ids(words), np.intp)[:, None])


def _finite(value: float) -> float | None:
    """Return a plain number; ``None`` for what is none, or −∞."""
    return float(value) if np.isfinite(value) else None


def _quartiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles of the times of a step, in microseconds."""
    low, middle, high = np.quantile(np.array(seconds) * 1e6 / TIMED_STEPS, (0.25, 0.5, 0.75)).tolist()
    return low, middle, high


@dataclass(frozen=True)
class Claim:
    """A statement, judged by what was measured.

    Attributes:
        key: which statement.
        verdict: ``so``, ``not so``; ``it depends``, where it holds for some networks of the kind; ``open``, where
            the measurement can't tell.
    """

    key: str
    verdict: str


@dataclass(frozen=True)
class Measured:
    """When and where something was measured that stands ready.

    Attributes:
        date: as ``2026-11-29``.
        machine: in a few words.
    """

    date: str
    machine: str


@dataclass(frozen=True)
class SeriesRead:
    """A series that networks read.

    Attributes:
        steps: T.
        first, last: what its first and its last step are called, safe to print.
        features: its columns, likewise; none where words are read.
    """

    steps: int
    first: str
    last: str
    features: tuple[str, ...]


@dataclass(frozen=True)
class CompareReport:
    """All that ``compare`` shows; what wasn't asked for is empty or ``None``.

    Attributes:
        schema_version: of this layout.
        cells: ``RNN``, ``LSTM``, ``GRU``, in the order they were asked for.
        hidden_size: H where sizes, times and random networks are compared.
        seed: of all random numbers.
        sentence: the reader's own, safe to print; empty for fresh sentences.
        pairs: minimal pairs at each distance.
        texts: that gradients are measured along; medians over them.
        random_seeds: random networks of each kind; medians over them.
        thresholds: sizes of a gradient that count as vanished and as exploded.
        sizes: parameters of cells of the same size.
        times: of a step on this machine.
        recall: the memory race.
        random: gradients through random networks.
        radii: gradients through random RNNs of several spectral radii; the first is that of ``random``.
        trained: figures of trained networks.
        claims: what lecture notes say, and whether it is so here.
        measured: when and where all of it was measured, where that was not now.
        series: that the networks of ``trained`` read, in place of words: random ones there, then the reader's own.
    """

    schema_version: int
    cells: tuple[str, ...]
    hidden_size: int
    seed: int
    sentence: str
    pairs: int
    texts: int
    random_seeds: int
    thresholds: tuple[float, float]
    sizes: tuple[Size, ...]
    times: tuple[StepTime, ...]
    recall: RecallReport | None
    random: tuple[Reach, ...]
    radii: tuple[RadiusReach, ...]
    trained: tuple[TrainedFigures, ...]
    claims: tuple[Claim, ...]
    measured: Measured | None = None
    series: SeriesRead | None = None
