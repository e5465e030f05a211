"""The memory race: all heats, as many at a time as there are cores."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import cast

import numpy as np

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.processes import cores, ends_like_ctrl_c, worker_environment
from lstm_ascii.training.recall import MOST_STEPS, TARGET, Heat, Racer, RecallPoint

_TOLD_EVERY = 0.1  # seconds
_KEPT_BYTES = 1 << 24
WAITING, RUNNING, LEARNT, NOT_LEARNT, STOPPED, NOT_TRIED = (
    "waiting", "running", "learnt", "not learnt", "stopped", "not tried"
)  # fmt: skip

_TICK, _PATIENCE = 0.2, 5.0  # seconds


@dataclass(frozen=True)
class Race:
    """What is raced.

    Attributes:
        racers: kinds of networks.
        gaps: in ascending order.
        seeds: each racer runs each gap once a seed.
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
            most seeds have not learnt a shorter gap.
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
    with ends_like_ctrl_c():
        try:
            with _Stable(board) as stable:
                while stable.turn():
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
        """Return a heat that can start now: of the shortest gap, so that all racers are about as far."""
        waiting = [
            outcome.heat for outcome in self._outcomes.values() if outcome.stage == WAITING and self._open(outcome.heat)
        ]
        return min(waiting, key=lambda heat: heat.gap, default=None)

    def note(self, heat: Heat, stage: str, points: tuple[RecallPoint, ...]) -> None:
        """Write down how far a heat is; strike the longer gaps out once a gap was too long."""
        self._outcomes[heat] = Outcome(heat, stage, points)
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

    def _of(self, racer: Racer, gap: int) -> list[Outcome]:
        """Return the outcomes of one racer and gap."""
        return [self._outcomes[Heat(racer, gap, seed, self._race.steps)] for seed in self._race.seeds]


@dataclass
class _HeatWorker:
    """A process, and the heat that it runs."""

    process: SpawnProcess
    heat: Heat | None = None


@dataclass
class _Stable:
    """The processes; each takes one heat after the other."""

    board: _Board
    workers: dict[Connection, _HeatWorker] = field(default_factory=dict)

    def __enter__(self) -> _Stable:
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes; nothing that they have is lost."""
        for worker in self.workers.values():
            worker.process.kill()
        for connection, worker in self.workers.items():
            connection.close()
            worker.process.join(_PATIENCE)

    def turn(self) -> bool:
        """Hand out heats, hear what the processes say; tell whether there is anything left to do."""
        idle = [connection for connection, worker in self.workers.items() if worker.heat is None]
        while (idle or len(self.workers) < cores()) and (heat := self.board.next()):
            connection = idle.pop() if idle else self._start()
            self.workers[connection].heat = heat
            self.board.note(heat, RUNNING, ())
            with suppress(OSError):  # a process that has ended is noticed below
                connection.send(heat)
        busy = [connection for connection, worker in self.workers.items() if worker.heat]
        for connection in cast("list[Connection]", wait(busy, _TICK)):
            self._hear(connection)
        return bool(busy)

    def _start(self) -> Connection:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs,), daemon=True)
        with worker_environment():
            process.start()
        theirs.close()
        self.workers[ours] = _HeatWorker(process)
        return ours

    def _hear(self, connection: Connection) -> None:
        """Write down what a process has sent."""
        worker = self.workers[connection]
        heat = cast("Heat", worker.heat)
        points: tuple[RecallPoint, ...] = ()
        has_ended = False
        with suppress(EOFError, OSError):
            points, has_ended = connection.recv()
        if not points:
            worker.process.join(_PATIENCE)
            raise LstmAsciiError(
                f"the process of the {heat.racer.label} at gap {heat.gap} ended (code {worker.process.exitcode}); "
                "perhaps the memory was too small"
            )
        stage = LEARNT if points[-1].accuracy >= TARGET else NOT_LEARNT
        self.board.note(heat, stage if has_ended else RUNNING, points)
        if has_ended:
            worker.heat = None


def work(connection: Connection) -> None:
    """Run the heats that come over ``connection``, until nobody is there any more.

    Sends the points of the heat so far, and whether that was all.
    """
    for name in ("SIGINT", "SIGHUP"):  # the parent hears them too, and decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    np.empty(_KEPT_BYTES, np.uint8)  # glibc keeps freed blocks of up to its size at hand: no page faults at every step
    with suppress(EOFError, OSError), np.errstate(all="ignore"):  # a network that diverges is told by its answers
        while True:
            _run(connection.recv(), connection)


def _run(heat: Heat, connection: Connection) -> None:
    points, last_report = [], time.monotonic()
    for point in heat.points():
        points.append(point)
        if time.monotonic() - last_report >= _TOLD_EVERY:
            last_report = time.monotonic()
            connection.send((tuple(points), False))
    connection.send((tuple(points), True))
