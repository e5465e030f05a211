"""What can be said of a network's gates by their values over a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lstm_ascii.analysis.activity import Activity, Range
from lstm_ascii.cells import Array, Cell
from lstm_ascii.reports.doctor.findings import Finding, Limits, severity, units
from lstm_ascii.thresholds import CLOSED, OPEN

RAISE, LOWER = "raise its bias", "lower its bias"
IDLE = ", or take a smaller layer: such units are idle"
STANDING = {  # what units do whose gate always stands closed, and always open; what is to be done about it
    "forget gate": (("wipe nearly all of their memory at every word", RAISE),
                    ("keep nearly all of their memory at every word", LOWER)),
    "input gate": (("write next to nothing", RAISE + IDLE), ("write nearly all that comes up, at every word", LOWER)),
    "output gate": (("show next to nothing of their memory", RAISE + IDLE),
                    ("show nearly all of their memory at every word", LOWER)),
    "update gate": (("keep next to nothing of their state", RAISE), ("take in next to nothing", LOWER + IDLE)),
    "reset gate": (("show the candidates next to nothing of the state", RAISE),
                   ("show the candidates nearly all of the state", LOWER)),
}  # fmt: skip


def gate_findings(cell: Cell, one: Activity, name: str, limits: Limits) -> Iterator[Finding]:
    """Look for gates that are nearly always open or closed, and for those that never move.

    Args:
        cell: whose gates they are.
        one: what its units did.
        name: of the direction.
        limits: that findings go by.
    """
    if one.count < limits.least:
        return
    gates = {role: f"{cell.gate_names[letter]} gate" for role, letter in cell.gate_roles.items()}
    yield from _saturated([one.ranges[role] for role in gates], one, name, limits)
    for role, gate in gates.items():
        yield from _still(role, gate, one, name, limits)


def _saturated(gates: Sequence[Range], one: Activity, name: str, limits: Limits) -> Iterator[Finding]:
    """Say where the gates are at an end of their range nearly always."""
    if not gates or any(np.isnan(gate.total).any() for gate in gates):
        return
    share = float(np.mean([(gate.above + gate.below).mean() for gate in gates])) / one.count
    if share > limits.gates_at_ends:
        yield Finding(
            severity(one.count, True, limits),
            "saturated-gates",
            "gates that are open or closed nearly always",
            name,
            f"{100 * share:.3g} % of the values of all its gates are above {OPEN:g} or below {CLOSED:g}, over "
            f"{one.count:,} words; limit {100 * limits.gates_at_ends:g} %",
            f"there a gate's slope is below {OPEN * (1 - OPEN):.2g}, against 0.25 half open: it switches, and an error "
            "hardly teaches it to do otherwise",
            "smaller weights into the gates: weight decay, normalised inputs, a smaller learning rate",
            "Karpathy, Johnson & Li 2015",
            len(gates) * len(gates[0].low),
        )


def _still(gate: str, told: str, one: Activity, name: str, limits: Limits) -> Iterator[Finding]:
    """Find gates of one kind that never move."""
    moved = one.ranges[gate]
    still = np.flatnonzero(moved.high - moved.low < limits.never_moves)
    if not len(still):
        return
    middle = (moved.high + moved.low)[still] / 2
    low, high = f"{middle.min():.2f}", f"{middle.max():.2f}"
    means, advice = _where_they_stand(told, middle)
    yield Finding(
        severity(one.count, len(still) > len(moved.low) / 2, limits),
        "still-gate",
        f"{told}s that never move",
        f"{name}, {units(still.tolist())}",
        f"{len(still):,} of {len(moved.low):,} stay within {limits.never_moves:g} over {one.count:,} words, at {low}"
        + f" to {high}" * (low != high),
        f"such a gate is a constant: the words have no say in it{means}",
        advice,
        "Karpathy, Johnson & Li 2015",
        len(still),
    )


def _where_they_stand(told: str, middle: Array) -> tuple[str, str]:
    """Say what gates that never move do, and what is to be done, by where they stand: open, closed or between."""
    closed, opened = middle < CLOSED, middle > OPEN
    means, advice = "", []
    for ends, limit, (does, remedy) in (
        (opened, f"above {OPEN:g}", STANDING[told][1]),
        (closed, f"below {CLOSED:g}", STANDING[told][0]),
    ):
        if ends.any():
            means += f"; units where it stands {limit} {does}"
            advice.append(f"where it stands {limit}, {remedy}")
    if not (opened | closed).all():
        advice.append(
            f"where it stands between {CLOSED:g} and {OPEN:g}, the weights into it do next to nothing: "
            "train longer, or take a smaller layer"
        )
    return means, "; ".join(advice)
