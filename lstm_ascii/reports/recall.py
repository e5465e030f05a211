"""The memory race: which network learns to remember over which gap, and after how many steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from math import inf

from lstm_ascii.cells import CELLS
from lstm_ascii.errors import UsageError
from lstm_ascii.records import dataclass
from lstm_ascii.thresholds import ENOUGH_STEPS
from lstm_ascii.training.recall import BATCH, CHRONO, CLASSES, HIDDEN, RATE, WINDOW, Learner, Racer
from lstm_ascii.training.recall import TARGET as TARGET  # this one and others like it: for pictures, too
from lstm_ascii.training.recall import RecallPoint as RecallPoint
from lstm_ascii.training.recall_race import LEARNT as LEARNT
from lstm_ascii.training.recall_race import NOT_LEARNT as NOT_LEARNT
from lstm_ascii.training.recall_race import NOT_NEEDED as NOT_NEEDED
from lstm_ascii.training.recall_race import NOT_TRIED as NOT_TRIED
from lstm_ascii.training.recall_race import RUNNING as RUNNING
from lstm_ascii.training.recall_race import WAITING as WAITING
from lstm_ascii.training.recall_race import Outcome as Outcome
from lstm_ascii.training.recall_race import Race, Watch, run_race
from lstm_ascii.training.recall_race import learnt_by_most as learnt_by_most

SCHEMA_VERSION = 1
GAPS, SEEDS = (5, 10, 15, 20, 50, 100), 3
FORGET_BIASES: tuple[float | str, ...] = (0.0, 1.0, CHRONO)
MOST_GAPS, LONGEST_GAP, MOST_SEEDS, MOST_STEPS, LARGEST_BIAS = 20, 2000, 100, 100_000, 10_000.0
UNFINISHED = "unfinished"
# What lecture notes assert of a network's memory, in words: from, to.
TEXTBOOK: dict[str, tuple[int, int | None]] = {"RNN": (5, 10), "LSTM": (100, None)}


@dataclass(frozen=True)
class Learning:
    """One network that learnt one gap from one seed.

    Attributes:
        seed: of its first weights and of the sequences.
        stage: ``learnt``, ``not learnt``, ``not tried``, ``not needed`` (earlier seeds had settled that most
            can't learn it); ``stopped`` or ``waiting`` in a race that was interrupted.
        step: batches that it has learnt from.
        accuracy: share of right answers in the last batches, each asked before it was learnt from; ``None`` where
            there are none.
        points: its course.
    """

    seed: int
    stage: str
    step: int
    accuracy: float | None
    points: tuple[RecallPoint, ...]


@dataclass(frozen=True)
class GapRecall:
    """What came out at one gap.

    Attributes:
        gap: words between the name and the question.
        stage: ``learnt`` by most seeds, ``not learnt``, ``not tried``, ``unfinished``.
        learnt: by so many seeds.
        steps: the median over the seeds of the steps until it was learnt, where most have learnt it; a seed that
            has not counts as slowest.
        fewest, most: steps of the fastest and the slowest seed that has learnt it.
        accuracy: the median over the seeds; ``None`` without any.
        runs: by seed.
    """

    gap: int
    stage: str
    learnt: int
    steps: float | None
    fewest: int | None
    most: int | None
    accuracy: float | None
    runs: tuple[Learning, ...]

    @property
    def tried(self) -> int:
        """So many seeds; none after those that settled that most can't learn it."""
        return sum(run.stage not in (NOT_TRIED, NOT_NEEDED) for run in self.runs)


@dataclass(frozen=True)
class RacerRecall:
    """One kind of network.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        label: its name on the screen.
        forget_bias: added to the LSTM's forget gate, or ``chrono``; ``None`` for the others.
        parameters: that are trained.
        span: the longest gap that most seeds have learnt, and all shorter ones too; 0 for none.
        complete: whether the next longer gap was tried and not learnt; else the true span may be longer.
        gaps: in ascending order.
    """

    cell: str
    label: str
    forget_bias: float | str | None
    parameters: int
    span: int
    complete: bool
    gaps: tuple[GapRecall, ...]


@dataclass(frozen=True)
class RecallReport:
    """All that ``recall`` shows.

    Attributes:
        schema_version: of this layout.
        gaps: in ascending order.
        seeds: of the first weights and of the sequences.
        steps: batches at most.
        classes: names that the first word may be.
        chance: share of right answers by guessing.
        target: share that counts as learnt.
        window: batches that it is measured over.
        hidden_size: H.
        batch: sequences a step.
        rate: of Adam.
        interrupted: whether it was ended before all was known.
        networks: in the order they were asked for.
    """

    schema_version: int
    gaps: tuple[int, ...]
    seeds: tuple[int, ...]
    steps: int
    classes: int
    chance: float
    target: float
    window: int
    hidden_size: int
    batch: int
    rate: float
    interrupted: bool
    networks: tuple[RacerRecall, ...]


def plan_race(
    cells: Sequence[str] = (),
    gaps: Sequence[int] = GAPS,
    forget_biases: Sequence[float | str] = FORGET_BIASES,
    seed: int = 0,
    seeds: int = SEEDS,
    steps: int = 1000,
    every_gap: bool = False,
) -> Race:
    """Return the race that is asked for.

    Args:
        cells: ``rnn``, ``lstm``, ``gru``; all if none is named.
        gaps: words between the name and the question.
        forget_biases: of one LSTM each: numbers, or ``chrono``.
        seed: the first one.
        seeds: so many from there on.
        steps: batches at most.
        every_gap: try a gap even where most seeds have not learnt a shorter one.

    Raises:
        UsageError: a value makes no sense, or would take days.
    """
    names = tuple(dict.fromkeys(cells)) or tuple(CELLS)
    for name in names:
        if name not in CELLS:
            raise UsageError(f"expected {', '.join(CELLS)}, got {name}", "cells")
    if not gaps or len(gaps) > MOST_GAPS or not all(1 <= gap <= LONGEST_GAP for gap in gaps):
        listing = ", ".join(map(str, gaps)) or "none"
        raise UsageError(f"expected 1 to {MOST_GAPS} whole numbers from 1 to {LONGEST_GAP:,}, got {listing}", "gaps")
    for name, value, least, most in (
        ("seed", seed, 0, (1 << 63) - 1), ("seeds", seeds, 1, MOST_SEEDS), ("steps", steps, WINDOW, MOST_STEPS),
    ):  # fmt: skip
        if not least <= value <= most:
            raise UsageError(f"expected {least:,} to {most:,}, got {value}", name)
    return Race(
        tuple(_racers(names, forget_biases)),
        tuple(sorted(set(gaps))),
        tuple(range(seed, seed + seeds)),
        steps // WINDOW * WINDOW,
        every_gap,
    )


def recall_report(race: Race, watch: Watch) -> RecallReport:
    """Run a race and return what came out.

    Raises:
        RaceInterrupted: by Ctrl-C; :func:`told` makes a report of what is known.
        LstmAsciiError: a process ended without a word.
    """
    return report_of_outcomes(race, run_race(race, watch))


def report_of_outcomes(race: Race, outcomes: Sequence[Outcome]) -> RecallReport:
    """Put together what came out of ``race``."""
    by_heat = {(outcome.heat.racer, outcome.heat.gap, outcome.heat.seed): outcome for outcome in outcomes}
    networks = []
    for racer in race.racers:
        gaps = tuple(_gap(gap, [by_heat[racer, gap, seed] for seed in race.seeds]) for gap in race.gaps)
        networks.append(_racer(racer, gaps, outcomes))
    is_unfinished = any(gap.stage == UNFINISHED for network in networks for gap in network.gaps)
    return RecallReport(
        SCHEMA_VERSION, race.gaps, race.seeds, race.steps, CLASSES, 1 / CLASSES, TARGET, WINDOW, HIDDEN, BATCH, RATE,
        is_unfinished, tuple(networks),
    )  # fmt: skip


def agrees(network: RacerRecall, steps: int) -> bool | None:
    """Tell whether a span is what lecture notes say; ``None`` where that was not found out.

    The RNN's has to lie between their two numbers, the LSTM's has to reach the one they give. That a network has not
    learnt a gap counts only where it was given ``ENOUGH_STEPS``.
    """
    if network.cell not in TEXTBOOK:
        return None
    low, high = TEXTBOOK[network.cell]
    if high is not None and network.span > high:
        return False
    complete = network.complete and steps >= ENOUGH_STEPS
    if network.span < low:
        return False if complete else None
    return True if complete or high is None else None


def _racers(cells: Iterable[str], forget_biases: Sequence[float | str]) -> Iterable[Racer]:
    for bias in forget_biases:
        if isinstance(bias, str) and bias != CHRONO:
            raise UsageError(f"expected numbers or {CHRONO}, got {bias}", "forget_biases")
        if not isinstance(bias, str) and not abs(bias) <= LARGEST_BIAS:
            raise UsageError(f"expected a number from -10000 to 10000, got {bias:g}", "forget_biases")
    for cell in cells:
        if cell == "lstm":
            yield from (
                Racer(cell, bias if isinstance(bias, str) else float(bias)) for bias in dict.fromkeys(forget_biases)
            )
        else:
            yield Racer(cell)


def _racer(racer: Racer, gaps: tuple[GapRecall, ...], outcomes: Sequence[Outcome]) -> RacerRecall:
    """Put together one kind of network."""
    gaps_learnt = [gap.gap for gap in takewhile(lambda gap: gap.stage == LEARNT, gaps)]
    first = next(outcome.heat for outcome in outcomes if outcome.heat.racer == racer)
    bias = racer.forget_bias
    return RacerRecall(
        cell=racer.cell.upper(),
        label=racer.label,
        forget_bias=bias,
        parameters=sum(value.size for value in Learner.first(first).parameters.values()),
        span=gaps_learnt[-1] if gaps_learnt else 0,
        complete=any(gap.stage == NOT_LEARNT for gap in gaps[len(gaps_learnt) : len(gaps_learnt) + 1]),
        gaps=gaps,
    )


def _gap(gap: int, outcomes: Sequence[Outcome]) -> GapRecall:
    """Put together the seeds of one kind of network at one gap."""
    runs = tuple(
        Learning(
            outcome.heat.seed,
            outcome.stage,
            outcome.points[-1].step if outcome.points else 0,
            outcome.points[-1].accuracy if outcome.points else None,
            outcome.points,
        )
        for outcome in outcomes
    )
    steps = sorted(run.step for run in runs if run.stage == LEARNT)
    accuracies = sorted(run.accuracy for run in runs if run.accuracy is not None)
    most = learnt_by_most(outcomes)
    return GapRecall(
        gap,
        _stage(outcomes),
        len(steps),
        _median([*steps, *[inf] * (len(runs) - len(steps))]) if most else None,
        steps[0] if steps else None,
        steps[-1] if steps else None,
        _median(accuracies) if accuracies else None,
        runs,
    )


def _stage(outcomes: Sequence[Outcome]) -> str:
    stages = {outcome.stage for outcome in outcomes}
    if stages == {NOT_TRIED}:
        return NOT_TRIED
    if stages <= {LEARNT, NOT_LEARNT, NOT_NEEDED}:
        return LEARNT if learnt_by_most(outcomes) else NOT_LEARNT
    return UNFINISHED


def _median(values: Sequence[float]) -> float:
    """Return the median of what is in order."""
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
