"""The results of a training: the figures, the curve and the file of each network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

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
        label: what it is called among those of several seeds; empty where the cell alone says it.
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
    label: str = ""

    @property
    def name(self) -> str:
        """Its name on the page."""
        return self.label or self.cell


@dataclass(frozen=True)
class SeedsTrained:
    """The networks of one cell that differ in their seeds: of each figure the median, the least and the most.

    Attributes:
        cell: of them.
        seeds: how many.
        validation, perplexity, agreement, seconds: as of a network; ``None`` where a network has none.
        middle: the number, among all networks, of the one whose validation loss is the median; of an even number of
            seeds the lower of the two in the middle.
    """

    cell: str
    seeds: int
    validation: tuple[float, float, float]
    perplexity: tuple[float, float, float] | None
    agreement: tuple[float, float, float] | None
    seconds: tuple[float, float, float]
    middle: int


@dataclass(frozen=True)
class TrainReport:
    """All that ``train`` shows at its end.

    Attributes:
        schema_version: of this layout.
        trained_on: ``agreement English``, or the name of a text.
        words: in the vocabulary.
        reads: what these are: ``words`` or ``characters``.
        over_seeds: the networks of each cell together; nothing where each has one seed.
        pairs: minimal pairs that agreement is measured on; 0 for a text of one's own.
        networks: in the order they were asked for.
    """

    schema_version: int
    trained_on: str
    words: int
    pairs: int
    networks: tuple[TrainedNetwork, ...]
    reads: str = "words"
    over_seeds: tuple[SeedsTrained, ...] = ()


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
    return TrainReport(SCHEMA_VERSION, jobs[0].trained_on, words, pairs, tuple(networks), reads, over_seeds(networks))


def over_seeds(networks: Sequence[TrainedNetwork]) -> tuple[SeedsTrained, ...]:
    """Put the networks of each cell together; nothing where each has one seed."""
    cells: dict[str, list[int]] = {}
    for number, network in enumerate(networks):
        cells.setdefault(network.cell, []).append(number)
    if len(cells) == len(networks):
        return ()
    found = []
    for cell, numbers in cells.items():
        some = [networks[number] for number in numbers]
        ordered = sorted(numbers, key=lambda number: networks[number].validation)
        found.append(SeedsTrained(
            cell, len(some), _spread([one.validation for one in some]),
            _spread_of_known([one.perplexity for one in some]), _spread_of_known([one.agreement for one in some]),
            _spread([one.seconds for one in some]), ordered[(len(ordered) - 1) // 2],
        ))  # fmt: skip
    return tuple(found)


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, the least and the most."""
    return median(values), min(values), max(values)


def _spread_of_known(values: Sequence[float | None]) -> tuple[float, float, float] | None:
    known = [value for value in values if value is not None]
    return _spread(known) if len(known) == len(values) else None


def _trained(job: Job, end: Status) -> tuple[TrainedNetwork, int]:
    """Return one network's figures, and the number of its words."""
    last = end.history[-1]
    saved_network = own.load(job.file)
    network = TrainedNetwork(
        cell=job.recipe.title,
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
        label=job.label,
    )
    return network, len(saved_network.vocabulary)
