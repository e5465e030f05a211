"""One training as a job for a process of its own: what it tells, what it leaves on disk, how it ends."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from lstm_ascii.checkpoints import own
from lstm_ascii.errors import FileError, LstmAsciiError, ShapeError, argument
from lstm_ascii.language.pairs import minimal_pairs
from lstm_ascii.processes import stopping, tell
from lstm_ascii.records import dataclass
from lstm_ascii.training.corpus import Batch, Corpus, GrammarCorpus, TextCorpus
from lstm_ascii.training.loop import Observer, Progress, Trainer
from lstm_ascii.training.recipe import Recipe
from lstm_ascii.training.state import ENDING, Point, State, load_state, save_state

PAIRS, PAIRS_SEED = 1000, 20_000_003  # held-out minimal pairs at every report
POINTS, LONGEST_GAP = 25, 100  # so many reports at least, and so many steps between two at most
_WORK = 2 * 10**10  # multiplications between two reports at most: a few seconds
_TOLD_EVERY, _SAVED_EVERY = 0.2, 2.0  # seconds

WAITING, TRAINING, DONE, STOPPED, FAILED = "waiting", "training", "done", "stopped", "failed"


@dataclass(frozen=True)
class Job:
    """A training to be done.

    Attributes:
        recipe: how.
        file: the network goes there, the state beside it.
        trained_on: as the screen says it.
        corpus: a text of the reader's own; ``None`` for agreement English.
        path: of that text.
        most_words: that were asked for from it.
        characters: whether these are single characters.
        resumes: the state to go on from.
        observer: makes what is called after every step, of the job and the step that it goes on from; a function of a
            module, as the job goes to another process.
        label: what it is called where another training has the same cell; empty for the cell.
        run: tells this run of the job from others: a process that takes it over from one that was lost goes on from
            what that one had saved.
        overwrites: whether files may be replaced that are neither of this training nor of the one it goes on with.
    """

    recipe: Recipe
    file: Path
    trained_on: str
    corpus: TextCorpus | None = None
    path: str = ""
    most_words: int = 0
    characters: bool = False
    resumes: Path | None = None
    overwrites: bool = False
    observer: Callable[[Job, int], Observer] | None = None
    label: str = ""
    run: str = ""

    @property
    def cell(self) -> str:
        """The cell, or the label, as the screen says it."""
        return self.label or self.recipe.title

    @property
    def state_file(self) -> Path:
        """Where the state is kept."""
        return self.file.with_suffix(ENDING)


@dataclass(frozen=True)
class Status:
    """How far a training is.

    Attributes:
        cell: ``RNN``, ``LSTM``, ``GRU`` or ``RNN helped``; of several seeds as ``LSTM seed 3``.
        stage: ``waiting``, ``training``, ``done``, ``stopped`` or ``failed``.
        step, steps: batches done, and all of them.
        point: its last report.
        seconds: spent on it, in earlier runs too.
        left: seconds to go, once it can be told.
        saved: the step that is on disk.
        history: all reports; only at the end.
        message: what went wrong.
    """

    cell: str
    stage: str
    step: int
    steps: int
    point: Point | None = None
    seconds: float = 0.0
    left: float | None = None
    saved: int = 0
    history: tuple[Point, ...] = ()
    message: str = ""


class Stopped(Exception):  # noqa: N818 - a wish, not an error
    """The training shall end before the next step."""


class Watched:
    """A corpus that calls back before every batch."""

    def __init__(self, corpus: Corpus, before: Callable[[int], None]) -> None:
        """Wrap ``corpus``."""
        self.vocabulary, self._corpus, self._before = corpus.vocabulary, corpus, before

    def batch(self, step: int) -> Batch:
        """Return the batch of ``step``."""
        self._before(step)
        return self._corpus.batch(step)

    def validation(self) -> Batch:
        """Return documents that no step trains on."""
        return self._corpus.validation()


class TrainingRun:
    """Does a job.

    Attributes:
        trainer: the network in training.
        history: its reports.
    """

    def __init__(self, job: Job, tell: Callable[[Status], None], stopped: Callable[[], bool] = lambda: False) -> None:
        """Prepare the trainer, from the job's state if it has one.

        Args:
            job: what to do.
            tell: is called with how far it is.
            stopped: asked before every step; if it is true the training ends there.

        Raises:
            LstmAsciiError: the state doesn't belong to this text or this version's words.
        """
        self._job, self._tell, self._stopped = job, tell, stopped
        corpus = job.corpus or GrammarCorpus(job.recipe)
        pairs = () if job.corpus else minimal_pairs(PAIRS, PAIRS_SEED)
        self.trainer = Trainer(job.recipe, Watched(corpus, self._before), pairs)
        self.history: list[Point] = []
        self._spent, self._saved, self._saved_at, self._told_at = 0.0, 0, 0.0, 0.0
        if job.resumes:
            self._resume(load_state(job.resumes))
        self._written = {job.file, job.state_file} if job.resumes == job.state_file else set[Path]()
        self._first = self._step = self.history[-1].step if self.history else 0
        self._began = time.monotonic()
        if job.observer:
            self.trainer.observer = job.observer(job, self._first)

    def run(self) -> Status:
        """Train to the end, or until it is stopped; what was last reported is on disk then."""
        stage, work = DONE, self.trainer
        try:
            if not self.history:
                self._report(next(work.train(every=1)))  # so that the curve has its beginning
            for progress in work.train(every=report_every(self._job.recipe, len(work.corpus.vocabulary))):
                self._report(progress)
        except Stopped:
            stage = STOPPED
        self.save()
        return replace(self._status(stage), step=self._saved, left=None, history=tuple(self.history))

    def save(self) -> None:
        """Write the network and the state of the last report; before the first one only the state."""
        job, network = self._job, self.trainer.network
        step = self.history[-1].step if self.history else 0
        whole = "" if step == job.recipe.steps else f" of {job.recipe.steps:,}"
        source = f"trained on {job.trained_on}, {step:,}{whole} steps"
        recipe = {"recipe": json.dumps(asdict(job.recipe)), "step": str(step)}
        state = State(job.recipe, network.vocabulary.words, job.path, job.most_words, self._seconds(),
                      tuple(self.history), self.trainer.saved, job.characters, job.run)  # fmt: skip
        try:
            if step:
                own.save(job.file, replace(network, source=source), recipe, overwrite=self._may_replace(job.file))
                self._written.add(job.file)
            save_state(job.state_file, state, overwrite=self._may_replace(job.state_file))
            self._written.add(job.state_file)
        except FileExistsError as error:
            raise LstmAsciiError(f"{error.filename} exists by now; {argument('force')} overwrites it", "out") from error
        except OSError as error:
            raise LstmAsciiError(f"can't write {job.file}: {error.strerror or error}", "out") from error
        self._saved, self._saved_at = step, time.monotonic()

    def _may_replace(self, file: Path) -> bool:
        """Tell whether a file may be written over: one of this training, or any where that was asked for."""
        return self._job.overwrites or file in self._written

    def _resume(self, state: State) -> None:
        if state.vocabulary != self.trainer.corpus.vocabulary.words:
            what = "the text has changed" if self._job.corpus else "another version's words"
            raise LstmAsciiError(f"{self._job.resumes}: can't go on: {what}; train again")
        try:
            self.trainer.resume(state.arrays)
        except ShapeError as error:
            raise LstmAsciiError(f"{self._job.resumes}: {error}") from error
        self.history, self._spent = list(state.history), state.seconds
        self._saved = state.step

    def _before(self, step: int) -> None:
        """Tell now and then how far it is, and end if that is wished for."""
        if self._stopped():
            raise Stopped
        self._step = step
        if time.monotonic() - self._told_at >= _TOLD_EVERY:
            self._told_at = time.monotonic()
            self._tell(self._status(TRAINING))

    def _report(self, progress: Progress) -> None:
        """Keep a report, tell it, and put it on disk unless that was just done."""
        cell, step = self._job.cell, progress.step
        if not math.isfinite(progress.loss + progress.validation):
            checkpoint = f"step {self._saved:,} is in {self._job.file}" if self._saved else "nothing was saved"
            raise LstmAsciiError(f"the {cell} diverged at step {step:,}, its loss is no longer a number; {checkpoint}")
        self.history.append(Point(step, progress.loss, progress.validation, progress.agreement))
        self._step = step
        self._tell(self._status(TRAINING))
        if time.monotonic() - self._saved_at >= _SAVED_EVERY:
            self.save()

    def _seconds(self) -> float:
        """Return the time spent, in earlier runs too."""
        return self._spent + time.monotonic() - self._began

    def _status(self, stage: str) -> Status:
        steps, steps_done = self._job.recipe.steps, self._step - self._first
        seconds_left = (self._seconds() - self._spent) / steps_done * (steps - self._step) if steps_done else None
        point = self.history[-1] if self.history else None
        return Status(self._job.cell, stage, self._step, steps, point, self._seconds(), seconds_left, self._saved)


def report_every(recipe: Recipe, words: int) -> int:
    """Return the steps between two reports, the same on every machine: fewer where a step takes longer."""
    work = recipe.batch * recipe.length * recipe.hidden * (words + 8 * recipe.hidden)
    return max(1, min(LONGEST_GAP, recipe.steps // POINTS, _WORK // work))


def run_job(job: Job) -> Status:
    """Do ``job`` in a worker process and tell how far it is; return how it ended.

    It ends after the step at hand when the pool wants it to, or the parent is gone; what it reached is on disk then.
    """
    try:
        with np.errstate(all="ignore"):  # a network that diverges is told by its loss
            end = TrainingRun(_taken_over(job), _send_status, stopping).run()
    except LstmAsciiError as error:
        end = Status(job.cell, FAILED, 0, job.recipe.steps, message=error.message)
    except MemoryError:
        smaller = f"{argument('hidden')} or {argument('most_words')}"
        too_big = f"the memory of this machine is too small; take a smaller {smaller}"
        end = Status(job.cell, FAILED, 0, job.recipe.steps, message=f"{job.cell}: {too_big}")
    _send_status(replace(end, history=()))
    return end


def _taken_over(job: Job) -> Job:
    """Return the job as it goes on from what an earlier process of the same run has saved, if there is any."""
    if not job.run or not job.state_file.exists():
        return job
    with suppress(FileError):  # a state of something else, which this one may replace or not
        if load_state(job.state_file).run == job.run:
            return replace(job, resumes=job.state_file)
    return job


def _send_status(status: Status) -> None:
    """Tell the parent; without one the work still ends in order, and saves what it has."""
    with suppress(OSError):
        tell(status)
