"""Trainings side by side, each in a process of its own, with one thread each."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import cast

from lstm_ascii.cells import cell_named
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.processes import cores, ends_like_ctrl_c, worker_environment
from lstm_ascii.training.jobs import DONE, FAILED, STOPPED, TRAINING, WAITING, Job, Status, TrainingRun, run_job
from lstm_ascii.training.state import discard_part

Watch = Callable[[Sequence[Status]], None]

_PATIENCE = 10.0  # seconds that a process has to end its step and save
_TICK = 0.25


class Interrupted(KeyboardInterrupt):
    """The trainings were ended by Ctrl-C; what they had reached is on disk.

    Attributes:
        statuses: how far each of them was.
    """

    def __init__(self, statuses: Sequence[Status]) -> None:
        """Keep ``statuses``."""
        super().__init__()
        self.statuses = tuple(statuses)


@dataclass(frozen=True)
class _Worker:
    """A job, and the process that does it."""

    job: Job
    process: SpawnProcess


def run_jobs(jobs: Sequence[Job], watch: Watch) -> list[Status]:
    """Do all ``jobs``, as many at a time as there are cores, and return how they ended.

    Args:
        jobs: one for each cell.
        watch: is called a few times a second with the status of all of them.

    Raises:
        Interrupted: Ctrl-C (or the terminal was closed); everything is saved.
        LstmAsciiError: one of them failed; the others are saved as far as they were.
    """
    pool = _Pool(jobs)
    with ends_like_ctrl_c():
        try:
            while pool.busy:
                pool.turn()
                watch(pool.statuses)
        except KeyboardInterrupt:
            pool.stop()
            raise Interrupted(pool.statuses) from None
        finally:
            pool.stop()
    return pool.statuses


class _Pool:
    """The jobs that wait, the processes that run, and what they said last."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._status = {job.cell: Status(job.cell, WAITING, 0, job.recipe.steps) for job in jobs}
        # those with the most gates take longest, and are started first
        self._waiting = sorted(jobs, key=lambda job: -len(cell_named(job.cell).gate_letters))
        self._running: dict[Connection, _Worker] = {}

    @property
    def busy(self) -> bool:
        """Whether there is anything left to do."""
        return bool(self._waiting or self._running)

    @property
    def statuses(self) -> list[Status]:
        """The last status of every job, in the order of the jobs."""
        return list(self._status.values())

    def turn(self) -> None:
        """Start what can start, and hear what the processes say."""
        while self._waiting and len(self._running) < cores():
            self._start(self._waiting.pop(0))
        self._hear(_TICK)
        for status in self._status.values():
            if status.stage == FAILED:
                raise LstmAsciiError(status.message)

    def stop(self) -> None:
        """End every process after its step, put on disk what never began, and leave nothing half-written."""
        try:
            for worker in self._running.values():
                worker.process.terminate()
            until = time.monotonic() + _PATIENCE
            while self._running and time.monotonic() < until:
                self._hear(_TICK, ending=True)
            for job in self._waiting:
                self._keep(job)
        finally:
            for connection, worker in list(self._running.items()):
                worker.process.kill()
                self._close(connection, worker)
                discard_part(worker.job.file)
                discard_part(worker.job.state_file)
            self._waiting = []

    def _keep(self, job: Job) -> None:
        """Save the beginning of a job that no process has taken, so that it can be resumed with the others."""
        with suppress(LstmAsciiError):
            if not job.resumes:
                TrainingRun(job, lambda _: None).save()
            self._status[job.cell] = replace(self._status[job.cell], stage=STOPPED)

    def _start(self, job: Job) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=run_job, args=(job, theirs), name=f"training {job.cell}", daemon=True)
        with worker_environment():
            process.start()
        theirs.close()
        self._running[ours] = _Worker(job, process)
        self._status[job.cell] = replace(self._status[job.cell], stage=TRAINING)

    def _hear(self, timeout: float, ending: bool = False) -> None:
        """Take what the processes have sent; close those that have ended."""
        if not self._running:
            return
        for connection in cast("list[Connection]", wait(list(self._running), timeout)):
            worker = self._running[connection]
            try:
                self._status[worker.job.cell] = connection.recv()
            except (EOFError, OSError):
                self._close(connection, worker)
                self._ended(worker, ending)

    def _ended(self, worker: _Worker, ending: bool) -> None:
        """Note a process that ended without a word."""
        status = self._status[worker.job.cell]
        if status.stage in (DONE, STOPPED, FAILED):
            return
        why = f"the process of the {status.cell} ended at step {status.step:,} (code {worker.process.exitcode})"
        if ending and not status.saved:
            self._keep(worker.job)
        elif ending:
            self._status[status.cell] = replace(status, stage=STOPPED)
        else:
            message = f"{why}; perhaps the memory was too small"
            self._status[status.cell] = replace(status, stage=FAILED, message=message)

    def _close(self, connection: Connection, worker: _Worker) -> None:
        """Forget a process that has ended or is about to."""
        connection.close()
        worker.process.join(_PATIENCE)
        self._running.pop(connection, None)
