"""A report of ``diff`` written by hand."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.diff.behaviour import Answers, Behaviour, Gap, LayerGaps, Parting
from lstm_ascii.reports.diff.moves import Distance, Move, Unlike
from lstm_ascii.reports.diff.report import Changed, DiffReport, Side
from lstm_ascii.reports.doctor.findings import Limits
from tests.doctor.by_hand import FINDINGS

WORDS = ("the", "cats", "that", "slept", "were")
STILL = Distance(0.0, 0.0, 0.0, "", True)


def far(relative: float, largest: float, place: str) -> Distance:
    """Return how far something moved that is 2 long."""
    return Distance(relative, 2 * relative, largest, place, False)


MOVES = (
    Move("embedding", "", 1200, STILL, {}),
    Move("layer 1", "forget gate", 816, far(0.64, -3.0, "bias [2]"),
         {"input": STILL, "state": far(0.025, 0.1, "[5, 9]"), "bias": far(1.32, -3.0, "[2]")}),
    Move("layer 1", "candidate", 816, far(0.00004, 0.0007, "input [1, 0]"),
         {"input": far(0.00005, 0.0007, "[1, 0]"), "state": STILL, "bias": Distance(None, 0.2, 0.2, "[4]", False)}),
    Move("decoder", "", 1200, Distance(None, None, None, "", False), {}),
)  # fmt: skip
UNLIKE = (
    Unlike("layer 2", "LSTM, 16 inputs, 16 units", "GRU, 16 inputs, 16 units"),
    Unlike("head.2.weight", "", "3 × 16"),
)


def gap(size: float | None, unit: int) -> Gap:
    """Return a gap above a tenth."""
    return Gap(size, unit, 0.1, None if size is None else 0.1 + size)


def behaviour() -> Behaviour:
    """Return two networks that part at the second word."""
    sizes = ((0.0, 0.004, 0.05), (0.45, 0.2, 1.25), (None, 0.0, 0.3), (0.06, 0.03, 0.02), (0.75, 0.5, 0.9))
    steps = tuple(tuple(gap(size, unit) for unit, size in enumerate(row)) for row in sizes)
    parting = Parting(2, "cats", "layer 1", "forget gate", Gap(0.45, 0, 0.98, 0.53))
    layers = (
        LayerGaps("layer 1", ("forget gate", "input gate", "memory c"), steps, parting),
        LayerGaps("layer 2, backward", ("forget gate", "input gate", "memory c"), steps, None),
    )
    says = (("cat", "cat"), ("that", "were"), ("slept", "slept"), ("were", "was"), (".", "."))
    answers = tuple(
        Answers(step, word, first, second, 0.05 * step, first == second)
        for step, (word, (first, second)) in enumerate(zip(WORDS, says, strict=True), 1)
    )
    return Behaviour(WORDS, layers, answers, parting, 0.1, ("slept",), ("layer 3 is in the second only",))


def report() -> DiffReport:
    """Return the report of two checkpoints of one training."""
    changes = tuple(map(Changed, ("new", "worse", "gone"), FINDINGS))
    return DiffReport(
        1, Side("runs/step-100.pt", "step-100.pt", 12_345, True), Side("runs/step-200.pt", "step-200.pt", 12_345, True),
        False, MOVES, UNLIKE, changes, behaviour(), Limits(),
    )  # fmt: skip


def equal() -> DiffReport:
    """Return the report of a network against itself, with nothing to read."""
    return replace(report(), same=True, moves=MOVES[:1], unlike=(), findings=(), behaviour=None)


def unread() -> DiffReport:
    """Return the report of two files without networks."""
    side = Side("a.npz", "no RNN, LSTM or GRU in it", 1200, False)
    return replace(equal(), first=side, second=side, moves=(), unlike=UNLIKE[1:])
