"""Trainings side by side, each in a process of its own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.files import discard_parts, locked
from lstm_ascii.processes import Piece, Pool, WorkerLostError, cores, ending
from lstm_ascii.training.jobs import FAILED, STOPPED, TRAINING, WAITING, Job, Status, TrainingRun, run_job

Watch = Callable[[Sequence[Status]], None]

_PATIENCE = 10.0  # seconds that a process has to end its step and save
_LONGEST_FIRST = {"lstm": 0, "gru": 1, "rnn": 2}


class Interrupted(KeyboardInterrupt):
    """The trainings were ended by Ctrl-C; what they had reached is on disk.

    Attributes:
        statuses: how far each of them was.
    """

    def __init__(self, statuses: Sequence[Status]) -> None:
        """Keep ``statuses``."""
        super().__init__()
        self.statuses = tuple(statuses)


def run_jobs(jobs: Sequence[Job], watch: Watch) -> list[Status]:
    """Do all ``jobs``, as many at a time as there are cores, and return how they ended.

    Args:
        jobs: one for each cell.
        watch: is called a few times a second with the status of all of them.

    Raises:
        Interrupted: Ctrl-C (or the terminal was closed); everything is saved.
        LstmAsciiError: one of them failed; the others are saved as far as they were. Or another program trains to
            one of the files.
    """
    pool = Pool(min(cores(), len(jobs)), "a training")
    jobs = [replace(_placed(job) if pool.is_elsewhere else job, run=secrets.token_hex(8)) for job in jobs]
    with _locked(jobs), pool:
        _meet_in_folder(jobs[0].file.parent, pool)
        trainings = _Trainings(jobs, pool)
        try:
            while trainings.busy:
                trainings.turn()
                watch(trainings.statuses)
        except KeyboardInterrupt:
            trainings.stop()
            raise Interrupted(trainings.statuses) from None
        finally:
            trainings.stop()
    return trainings.statuses


@contextmanager
def _locked(jobs: Sequence[Job]) -> Iterator[None]:
    """Keep other trainings from the files of ``jobs``."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked([job.file for job in jobs]))
        except LstmAsciiError as error:
            raise LstmAsciiError(error.message, "out") from error
        except OSError as error:
            where = error.filename or jobs[0].file.parent
            raise LstmAsciiError(f"can't write {where}: {error.strerror or error}", "out") from error
        yield


def _placed(job: Job) -> Job:
    """Return a job with whole paths, for another machine."""
    return replace(job, file=job.file.absolute(), resumes=job.resumes and job.resumes.absolute())


def _meet_in_folder(folder: Path, pool: Pool) -> None:
    """See that other machines write where this one reads."""
    if not pool.is_elsewhere:
        return
    mark = folder / f".{secrets.token_hex(8)}.met"
    mark.touch()
    try:
        if not pool.result(pool.submit(os.path.exists, str(mark))):
            raise LstmAsciiError(f"the workers of the cluster don't see {folder}; take a folder that all share", "out")
    finally:
        mark.unlink(missing_ok=True)


class _Trainings:
    """The jobs that wait, those that run, and what was last heard of each."""

    def __init__(self, jobs: Sequence[Job], pool: Pool) -> None:
        self._pool = pool
        self._status = {job.cell: Status(job.cell, WAITING, 0, job.recipe.steps) for job in jobs}
        self._waiting = sorted(jobs, key=lambda job: _LONGEST_FIRST[job.recipe.cell])
        self._running: dict[Piece[Status], Job] = {}

    @property
    def busy(self) -> bool:
        """Whether there is anything left to do."""
        return bool(self._waiting or self._running)

    @property
    def statuses(self) -> list[Status]:
        """The last status of every job, in the order of the jobs."""
        return list(self._status.values())

    def turn(self) -> None:
        """Start what can start, and hear how far the trainings are."""
        while self._waiting and len(self._running) < self._pool.at_once:
            self._start(self._waiting.pop(0))
        self._pool.wait()
        for piece in [piece for piece in self._running if self._pool.has_ended(piece)]:
            try:
                status = self._pool.result(piece)
            except WorkerLostError as error:
                raise self._explained(error, self._running[piece]) from None
            del self._running[piece]
            self._note(status)
            if status.stage == FAILED:
                raise LstmAsciiError(status.message)

    def stop(self) -> None:
        """End every training after its step, put on disk what never began, and leave nothing half-written."""
        running = list(self._running.values())
        try:
            if running:
                self._pool.stop(_PATIENCE)
            for job in running:
                self._settle(job)
            for job in self._waiting:
                self._keep(job)
        finally:
            for job in running:
                discard_parts(job.file)
                discard_parts(job.state_file)
            self._waiting, self._running = [], {}

    def _start(self, job: Job) -> None:
        """Give ``job`` to a worker."""
        self._status[job.cell] = replace(self._status[job.cell], stage=TRAINING)
        self._running[self._pool.submit(run_job, job, listener=self._note)] = job

    def _note(self, status: Status) -> None:
        """Keep what was heard."""
        self._status[status.cell] = status

    def _settle(self, job: Job) -> None:
        """Note how a training that was asked to stop has ended, where it could not say so itself."""
        status = self._status[job.cell]
        if status.stage == TRAINING and not status.saved:
            self._keep(job)
        elif status.stage == TRAINING:
            self._status[job.cell] = replace(status, stage=STOPPED)

    def _keep(self, job: Job) -> None:
        """Save the beginning of a job that no process has taken, so that it can be resumed with the others."""
        with suppress(LstmAsciiError):
            if not job.resumes:
                TrainingRun(job, lambda _: None).save()
            self._status[job.cell] = replace(self._status[job.cell], stage=STOPPED)

    def _explained(self, error: WorkerLostError, job: Job) -> LstmAsciiError:
        """Return the error of a lost worker that says which training it had, and note that this one has failed."""
        status = self._status[job.cell]
        message = f"the process of the {job.cell} {ending(error.exit_status, f'at step {status.step:,}')}"
        self._status[job.cell] = replace(status, stage=FAILED, message=message)
        return LstmAsciiError(message)
