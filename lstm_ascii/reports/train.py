"""What came out of a training: for each network its figures, its curve and its file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lstm_ascii.checkpoints import own
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass
from lstm_ascii.reports.watch.own_training import observer
from lstm_ascii.training.jobs import PAIRS, Job
from lstm_ascii.training.jobs import Status as Status  # for pictures, which know reports alone
from lstm_ascii.training.state import Point as Point
from lstm_ascii.training.workers import Watch, run_jobs

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class TrainedNetwork:
    """One network.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H.
        parameters: how many numbers were trained.
        seed: of the first weights and of the texts.
        steps: batches it was trained on.
        seconds: of its training; networks train side by side.
        loss: in training, weighted as the recipe says; the mean before the last report.
        validation: nats a word on texts that it wasn't trained on.
        perplexity: e to the power of that; ``None`` where it is too large to tell.
        agreement: share of held-out minimal pairs that are right; ``None`` for a text of one's own.
        bits: a character, of a network that reads these: the validation loss by ln 2; else ``None``.
        file: of the network.
        points: its reports.
    """

    cell: str
    hidden_size: int
    parameters: int
    seed: int
    steps: int
    seconds: float
    loss: float
    validation: float
    perplexity: float | None
    agreement: float | None
    file: str
    points: tuple[Point, ...]
    bits: float | None = None


@dataclass(frozen=True)
class TrainReport:
    """All that ``train`` shows at its end.

    Attributes:
        schema_version: of this layout.
        trained_on: ``agreement English``, or the name of a text.
        words: in the vocabulary.
        reads: what these are: ``words`` or ``characters``.
        pairs: minimal pairs that agreement is measured on; 0 for a text of one's own.
        networks: in the order they were asked for.
    """

    schema_version: int
    trained_on: str
    words: int
    pairs: int
    networks: tuple[TrainedNetwork, ...]
    reads: str = "words"


def train_report(jobs: Sequence[Job], watch: Watch, watched: bool = False) -> TrainReport:
    """Train networks and return what came out.

    Args:
        jobs: of :func:`lstm_ascii.training.plan.plan`.
        watch: is called a few times a second with how far they are.
        watched: whether what the layers do is written beside each network, for ``lstm-ascii watch``.

    Raises:
        Interrupted: by Ctrl-C; what was reached is on disk.
        LstmAsciiError: a training failed.
    """
    if watched:
        jobs = [replace(job, observer=observer) for job in jobs]
    ends = {status.cell: status for status in run_jobs(jobs, watch)}
    words, networks = 0, []
    for job in jobs:
        network, words = _trained(job, ends[job.cell])
        networks.append(network)
    pairs = 0 if jobs[0].corpus else PAIRS
    reads = "characters" if jobs[0].characters else "words"
    return TrainReport(SCHEMA_VERSION, jobs[0].trained_on, words, pairs, tuple(networks), reads)


def _trained(job: Job, end: Status) -> tuple[TrainedNetwork, int]:
    """Return one network's figures, and the number of its words."""
    last = end.history[-1]
    saved_network = own.load(job.file)
    network = TrainedNetwork(
        cell=job.cell,
        hidden_size=job.recipe.hidden,
        parameters=sum(value.size for value in saved_network.parameters.values()),
        seed=job.recipe.seed,
        steps=last.step,
        seconds=end.seconds,
        loss=last.loss,
        validation=last.validation,
        perplexity=math.exp(last.validation) if last.validation < 700 else None,
        agreement=last.agreement,
        file=visible(str(job.file)),
        points=end.history,
        bits=last.validation / math.log(2) if job.characters else None,
    )
    return network, len(saved_network.vocabulary)
