"""The memory race: all heats, as many at a time as there are cores."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.processes import Piece, Pool, WorkerLostError, cores, end_if_unwanted, ending, tell
from lstm_ascii.records import dataclass
from lstm_ascii.training.recall import MOST_STEPS, TARGET, Heat, Racer, RecallPoint

WAITING, RUNNING, LEARNT, NOT_LEARNT, STOPPED, NOT_TRIED, NOT_NEEDED = (
    "waiting", "running", "learnt", "not learnt", "stopped", "not tried", "not needed"
)  # fmt: skip

_TOLD_EVERY = 0.1  # seconds
_KEPT_BYTES = 1 << 24


@dataclass(frozen=True)
class Race:
    """What is raced.

    Attributes:
        racers: kinds of networks.
        gaps: in ascending order.
        seeds: each racer runs each gap once a seed, until most of the seeds can no longer learn it.
        steps: batches at most, a heat.
        every_gap: try a gap even where most seeds have not learnt a shorter one.
    """

    racers: tuple[Racer, ...]
    gaps: tuple[int, ...]
    seeds: tuple[int, ...]
    steps: int = MOST_STEPS
    every_gap: bool = False


@dataclass(frozen=True)
class Outcome:
    """How far a heat is, or how it ended.

    Attributes:
        heat: which.
        stage: ``waiting``, ``running``, ``learnt``, ``not learnt``; ``stopped`` before its end; ``not tried``, as
            most seeds have not learnt a shorter gap; ``not needed``, as so many earlier seeds have not learnt this
            one that it can't be learnt by most.
        points: its course.
    """

    heat: Heat
    stage: str = WAITING
    points: tuple[RecallPoint, ...] = ()


class RaceInterrupted(KeyboardInterrupt):
    """The race was ended by Ctrl-C.

    Attributes:
        outcomes: how far every heat was.
    """

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        """Keep ``outcomes``."""
        super().__init__()
        self.outcomes = tuple(outcomes)


Watch = Callable[[Sequence[Outcome]], None]


def learnt_by_most(outcomes: Sequence[Outcome]) -> bool:
    """Tell whether more than half of the heats of one racer and gap were learnt."""
    return 2 * sum(outcome.stage == LEARNT for outcome in outcomes) > len(outcomes)


def run_race(race: Race, watch: Watch) -> tuple[Outcome, ...]:
    """Run all heats, and return how they ended: by racer, gap and seed.

    Which heats are tried does not depend on which process is faster, so the same race ends the same.

    Args:
        race: what is raced.
        watch: is called a few times a second with all outcomes.

    Raises:
        RaceInterrupted: Ctrl-C, or the terminal was closed.
        LstmAsciiError: a process ended without a word.
    """
    board = _Board(race)
    try:
        with Pool(cores(), "a heat") as pool:
            heats = _Heats(board, pool)
            while heats.turn():
                watch(board.outcomes)
    except KeyboardInterrupt:
        raise RaceInterrupted(board.stopped()) from None
    return board.outcomes


class _Board:
    """What is known of every heat, and which one is next."""

    def __init__(self, race: Race) -> None:
        self._race = race
        heats = [
            Heat(racer, gap, seed, race.steps) for racer in race.racers for gap in race.gaps for seed in race.seeds
        ]
        self._outcomes = {heat: Outcome(heat) for heat in heats}

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All of them, in the order of the race."""
        return tuple(self._outcomes.values())

    def next(self) -> Heat | None:
        """Return a heat that can start now: of the shortest gap, so that all racers are about as far.

        One racer's seeds come one after the other, so that its result is known early.
        """
        waiting = [
            outcome.heat
            for outcome in self._outcomes.values()
            if outcome.stage == WAITING and self._open(outcome.heat) and self._matters(outcome.heat)
        ]
        return min(waiting, key=lambda heat: heat.gap, default=None)  # of equals the first: racer by racer

    def note(self, heat: Heat, stage: str, points: tuple[RecallPoint, ...]) -> None:
        """Write down how far a heat is; strike out seeds that can't change a verdict, and gaps that are too long."""
        self._outcomes[heat] = Outcome(heat, stage, points)
        for later in self._of(heat.racer, heat.gap):
            earlier = [one for one in self._of(heat.racer, heat.gap) if one.heat.seed < later.heat.seed]
            if later.stage == WAITING and self._is_lost(sum(one.stage == NOT_LEARNT for one in earlier)):
                self._outcomes[later.heat] = replace(later, stage=NOT_NEEDED)
        same = self._of(heat.racer, heat.gap)
        if self._race.every_gap or any(outcome.stage in (WAITING, RUNNING) for outcome in same) or learnt_by_most(same):
            return
        for other in self._outcomes.values():
            if other.heat.racer == heat.racer and other.heat.gap > heat.gap:
                self._outcomes[other.heat] = replace(other, stage=NOT_TRIED)

    def stopped(self) -> tuple[Outcome, ...]:
        """Return the outcomes of a race that ends here."""
        return tuple(
            replace(outcome, stage=STOPPED) if outcome.stage == RUNNING else outcome for outcome in self.outcomes
        )

    def _open(self, heat: Heat) -> bool:
        """Tell whether all shorter gaps were learnt, or don't matter."""
        shorter = (gap for gap in self._race.gaps if gap < heat.gap)
        return self._race.every_gap or all(learnt_by_most(self._of(heat.racer, gap)) for gap in shorter)

    def _matters(self, heat: Heat) -> bool:
        """Tell whether the verdict will need a heat, however the earlier seeds end: so none is ever run in vain."""
        earlier = [one for one in self._of(heat.racer, heat.gap) if one.heat.seed < heat.seed]
        return not self._is_lost(sum(one.stage != LEARNT for one in earlier))

    def _is_lost(self, failures: int) -> bool:
        """Tell whether, after so many failures, most seeds can't learn a gap any more."""
        return 2 * failures >= len(self._race.seeds)

    def _of(self, racer: Racer, gap: int) -> list[Outcome]:
        """Return the outcomes of one racer and gap."""
        return [self._outcomes[Heat(racer, gap, seed, self._race.steps)] for seed in self._race.seeds]


class _Heats:
    """The heats that run; each ends with its course."""

    def __init__(self, board: _Board, pool: Pool) -> None:
        self._board, self._pool = board, pool
        self._running: dict[Piece[tuple[RecallPoint, ...]], Heat] = {}

    def turn(self) -> bool:
        """Hand out heats, hear how far they are; tell whether there is anything left to do."""
        while len(self._running) < self._pool.at_once and (heat := self._board.next()):
            self._start(heat)
        if not self._running:
            return False
        self._pool.wait()
        for piece in [piece for piece in self._running if self._pool.has_ended(piece)]:
            heat = self._running.pop(piece)
            points = self._points(piece, heat)
            self._board.note(heat, LEARNT if points[-1].accuracy >= TARGET else NOT_LEARNT, points)
        return True

    def _start(self, heat: Heat) -> None:
        """Give ``heat`` to a worker."""
        self._board.note(heat, RUNNING, ())
        piece = self._pool.submit(run_heat, heat, listener=partial(self._board.note, heat, RUNNING))
        self._running[piece] = heat

    def _points(self, piece: Piece[tuple[RecallPoint, ...]], heat: Heat) -> tuple[RecallPoint, ...]:
        """Return the course of a heat that has ended; the error of one that lost its process says which it was."""
        try:
            return self._pool.result(piece)
        except WorkerLostError as error:
            of_heat = f"the process of the {heat.racer.label} at gap {heat.gap}"
            raise LstmAsciiError(f"{of_heat} {ending(error.exit_status)}") from None


def run_heat(heat: Heat) -> tuple[RecallPoint, ...]:
    """Run a heat in a worker process, telling its course so far now and then, and return the whole of it."""
    np.empty(_KEPT_BYTES, np.uint8)  # glibc keeps freed blocks of up to its size at hand: no page faults at every step
    points, last_report = [], time.monotonic()
    with np.errstate(all="ignore"):  # a network that diverges is told by its answers
        for point in heat.points():
            points.append(point)
            if time.monotonic() - last_report >= _TOLD_EVERY:
                last_report = time.monotonic()
                end_if_unwanted()
                tell(tuple(points))
    return tuple(points)
