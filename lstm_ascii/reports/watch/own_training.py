"""The package's own training, watched: ``train --watch`` writes the same file as a live model's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run
from lstm_ascii.reports.watch.budget import Recorder
from lstm_ascii.reports.watch.measuring import SEQUENCES, Heard, Layer
from lstm_ascii.training.jobs import Job

EVERY = 20
ENDING = ".watch.jsonl"


def file_of(job: Job) -> Path:
    """Return where a job's training is written: beside its network, as several train at once."""
    return job.file.with_suffix(ENDING)


def observer(job: Job, step: int) -> Observer:
    """Return what watches a job; see :class:`~lstm_ascii.training.jobs.Job`."""
    return Observer(file_of(job), job.cell, step, job.recipe.steps)


class Observer:
    """Looks at the only layer of a network after a step of its training."""

    def __init__(self, path: Path, name: str, step: int, steps: int) -> None:
        """Open the file; see :class:`~lstm_ascii.reports.watch.budget.Recorder`."""
        self._recorder, self._name, self._steps = Recorder(path, min(EVERY, steps), step=step), name, steps

    def __call__(self, network: Network, run: Run, gradients: Mapping[str, Array], loss: float) -> None:
        """Write a report where one is due."""
        recorder = self._recorder
        recorder.step += 1
        if recorder.is_due(recorder.step):
            with recorder.budget.spending():
                ((direction,),) = network.layers
                own = {name: gradients[f"rnn.{name}_l0"] for name in direction.cell.parameters}
                trace = run.traces[0][0]
                start = {name: state[0, :SEQUENCES].astype(float) for name, state in trace.states.items()}
                heard = Heard(trace.x[:, :SEQUENCES].astype(float), start)
            recorder.report([Layer(self._name, direction, own, heard)], loss)
        if recorder.step == self._steps:
            recorder.close()
