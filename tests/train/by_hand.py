"""Reports of trainings written by hand: their pictures depend on no network and no BLAS."""

from __future__ import annotations

import math
from dataclasses import replace

from lstm_ascii.reports.train import TrainedNetwork, TrainReport, over_seeds
from lstm_ascii.training.state import Point

STEPS = 6000
_FIGURES = {  # seconds, parameters, last validation loss, last agreement
    "RNN": (61.2, 108_679, 3.402, 0.861),
    "LSTM": (92.4, 115_047, 3.117, 0.996),
    "GRU": (3725.0, 112_903, 3.121, 1.0),
}


def report(cells: tuple[str, ...] = ("RNN", "LSTM", "GRU")) -> TrainReport:
    """Return the report of networks trained on agreement English."""
    return TrainReport(1, "agreement English", 1639, 1000, tuple(_network(cell) for cell in cells))


def text_report(overdone: bool = False) -> TrainReport:
    """Return the report of an LSTM trained on a text; ``overdone`` if it learnt it by heart."""
    steps = (1, 60, 120, 180, 240, 300)
    losses = (8.3, 6.0, 5.2, 4.9, 5.4, 6.1) if overdone else (8.3, 6.0, 5.2, 4.9, 4.8, 4.75)
    points = tuple(Point(step, 8.3 - step / 100, loss, None) for step, loss in zip(steps, losses, strict=True))
    network = TrainedNetwork("LSTM", 32, 266_000, 7, 300, 9.94, 5.3, losses[-1], math.exp(losses[-1]),
                             None, "my texts/novel.safetensors", points)  # fmt: skip
    return TrainReport(1, "novel.txt", 4009, 0, (network,))


def seeds_report() -> TrainReport:
    """Return the report of an RNN and an LSTM of three seeds each."""
    networks = tuple(
        replace(_network(cell, worse), seed=seed, label=f"{cell} seed {seed}",
                file=f"some/{cell.lower()}-seed{seed}.safetensors")
        for cell in ("RNN", "LSTM") for seed, worse in enumerate((0.1, 0.0, 0.3))
    )  # fmt: skip
    return TrainReport(1, "agreement English", 1639, 1000, networks, over_seeds=over_seeds(networks))


def character_report() -> TrainReport:
    """Return the report of a GRU trained on the characters of a text."""
    points = tuple(Point(step, loss, loss + 0.1, None) for step, loss in ((1, 3.1), (100, 2.0), (200, 1.5)))
    network = TrainedNetwork("GRU", 12, 1747, 0, 200, 4.1, 1.5, 1.6, math.exp(1.6), None, "letters/gru.safetensors",
                             points, 1.6 / math.log(2))  # fmt: skip
    return TrainReport(1, "letters.txt", 19, 0, (network,), "characters")


def _network(cell: str, worse: float = 0.0) -> TrainedNetwork:
    """Return one network: its loss falls as a power of the steps, its agreement rises late; or one that is worse."""
    seconds, parameters, last, agreement = _FIGURES[cell]
    seconds, last, agreement = seconds * (1 + worse), last + worse, agreement - worse / 10
    points = tuple(
        Point(
            step,
            1.5 * _falling(step, last),
            _falling(step, last),
            round(0.5 + (agreement - 0.5) * min(1.0, max(0.0, step - 800) / 3000), 3),
        )
        for step in (1, *range(100, STEPS + 1, 100))
    )
    return TrainedNetwork(cell, 32, parameters, 0, STEPS, seconds, points[-1].loss, last, math.exp(last), agreement,
                          f"lstm-ascii-networks/{cell.lower()}.safetensors", points)  # fmt: skip


def _falling(step: int, last: float) -> float:
    """Return a loss that starts at 7.4 and ends at ``last``."""
    return float(last + (7.4 - last) * (1 - math.log(step) / math.log(STEPS)))
