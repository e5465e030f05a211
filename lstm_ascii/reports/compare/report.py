"""All that ``compare`` tells, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_ascii.reports.compare.figures import RadiusReach, Reach, Size, StepTime, TrainedFigures
from lstm_ascii.reports.recall import RecallReport

SCHEMA_VERSION = 1


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
