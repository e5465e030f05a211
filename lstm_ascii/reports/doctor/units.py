"""What can be said of a network by what its units and gates did over a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, isinf, isnan, nan

import numpy as np

from lstm_ascii.analysis.activity import Activity, Range
from lstm_ascii.analysis.gradients import all_paths_log10
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.language.text import counted
from lstm_ascii.network import Network
from lstm_ascii.reports.doctor.corpus_statistics import Heard
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
PLACES, FARTHEST = 8, 64  # lines whose gradient is followed; words back


@dataclass(frozen=True)
class UnitsMeasured:
    """One direction of one layer on the text; a figure that a NaN went into is ``None``.

    Attributes:
        name: as ``layer 1, forward``.
        keeps, adds, shows: mean gates over units and words; ``None`` for the RNN.
        open, closed: share of the values of all its gates above 0.9, below 0.1.
        saturated: share of the values of the memory whose tanh is beyond ±0.99; of h, where h is the memory.
        largest: the largest absolute value of the memory.
        horizon: words until the gradient has vanished, the farthest of three places in a line, the middle of some
            lines; ``None`` where in most of them it has not, or there was no line to follow it in.
        followed: lines that it was followed in, and the middle number of words that these go back; ``(0, 0)`` where
            there was none whose states are numbers.
    """

    name: str
    keeps: float | None
    adds: float | None
    shows: float | None
    open: float | None
    closed: float | None
    saturated: float | None
    largest: float | None
    horizon: int | None
    followed: tuple[int, int]


def units_measured(network: Network, heard: Heard, names: Sequence[str], limits: Limits) -> tuple[UnitsMeasured, ...]:
    """Measure every direction."""
    horizons = _horizons(network, heard, limits)
    return tuple(
        _measured(name, one, *horizon) for name, one, horizon in zip(names, heard.activities, horizons, strict=True)
    )


def activity_findings(
    network: Network, heard: Heard, measured: Sequence[UnitsMeasured], limits: Limits
) -> Iterator[Finding]:
    """Look for what is wrong with the units."""
    cells = [one.cell for layer in network.layers for one in layer]
    for cell, one, told in zip(cells, heard.activities, measured, strict=True):
        yield from _not_numbers(one, told)
        yield from gate_findings(cell, one, told.name, limits)
        if one.count >= limits.least:
            yield from _dead(one, told, limits)
            yield from _saturated(one, told, limits)
        yield from _counting(one, told, limits)
        yield from _short(told, heard, limits)
    yield from _unread(heard, limits)


def _measured(name: str, one: Activity, horizon: int | None, followed: tuple[int, int]) -> UnitsMeasured:
    """Average one direction's figures."""
    ranges, count = one.ranges, max(1, one.count)
    gates = {name: ranges[name] for name in ("keep", "add", "show") if name in ranges}
    means = {name: _number(gate.mean(count).mean()) for name, gate in gates.items()}
    memory = ranges.get("memory", ranges["h"])
    return UnitsMeasured(
        name=name,
        keeps=means.get("keep"),
        adds=means.get("add"),
        shows=means.get("show"),
        open=_share([gate.above for gate in gates.values()], gates.values(), count),
        closed=_share([gate.below for gate in gates.values()], gates.values(), count),
        saturated=_share([memory.above + memory.below], [memory], count),
        largest=_number(np.max(np.maximum(np.abs(memory.low), np.abs(memory.high)))),
        horizon=horizon,
        followed=followed,
    )


def _share(counts: Sequence[Array], ranges: Iterable[Range], words: int) -> float | None:
    """Return the mean of counts as a share of the words; ``None`` without any, or where a NaN is among the values."""
    if not counts or any(np.isnan(one.total).any() for one in ranges):
        return None
    return float(np.mean([one.mean() for one in counts]) / words)


def _number(value: float) -> float | None:
    """Return a figure, ``None`` for a NaN."""
    return None if isnan(value) else float(value)


def _horizons(network: Network, heard: Heard, limits: Limits) -> list[tuple[int | None, tuple[int, int]]]:
    """Follow the gradient back from the last word of some lines, in every direction."""
    found: list[list[tuple[float, int]]] = [[] for layer in network.layers for _ in layer]
    for words in heard.samples[:PLACES]:
        ids = np.array(network.vocabulary.ids(words[: FARTHEST + 1]), np.intp)[:, None]
        run = network.run(ids)
        for number, (direction, trace) in enumerate(
            pair
            for layer, traces in zip(network.layers, run.traces, strict=True)
            for pair in zip(layer, traces, strict=True)
        ):
            found[number].append((_reach(direction.cell, trace, limits.vanished), len(ids)))
    return [_middle(lines) for lines in found]


def _reach(cell: Cell, trace: Trace, vanished: float) -> float:
    """Return after how many words the gradient has vanished, from that one of three places where it reaches farthest.

    One place would not do: at the end of a sentence a network may rightly have wiped all that was before.
    Infinite where it has not vanished at the first word; NaN where that can't be told, as it is no number on the way.
    """
    ends = []
    for last in {len(trace) // 2, 3 * len(trace) // 4, len(trace)} - {0}:
        if not all(np.isfinite(states[: last + 1]).all() for states in trace.states.values()):
            ends.append(nan)
            continue
        logs = all_paths_log10(cell, trace, last)[::-1]  # 0 words back first
        gone = np.flatnonzero(logs < np.log10(vanished))
        ends.append(float(gone[0]) if len(gone) else nan if np.isnan(logs).any() else inf)
    return inf if inf in ends else float(np.max(ends))  # of finite ones and a NaN the NaN


def _middle(lines: Sequence[tuple[float, int]]) -> tuple[int | None, tuple[int, int]]:
    """Return the median of the horizons of those lines where it can be told; ``None`` where it is endless."""
    told = [(gone, length) for gone, length in lines if not isnan(gone)]
    if not told:
        return None, (0, 0)
    middle = sorted(gone for gone, _ in told)[len(told) // 2]
    reach = int(np.median([length for _, length in told]))
    return (None if isinf(middle) else int(middle)), (len(told), reach)


def _not_numbers(one: Activity, told: UnitsMeasured) -> Iterator[Finding]:
    """Find NaN and infinities."""
    if one.not_numbers:
        yield Finding(
            "error",
            "not-a-number",
            "states that are no numbers",
            told.name,
            f"after {one.not_numbers:,} of {one.count:,} words",
            "a unit has run away, or the weights hold such values",
            "look at the weights first; else clip the gradient and lower the learning rate",
            count=one.not_numbers,
        )


def _dead(one: Activity, told: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Find units that say the same at every word."""
    spread = one.ranges["h"].deviation(one.count)
    dead = np.flatnonzero(spread < limits.dead)
    if len(dead):
        yield Finding(
            severity(one.count, len(dead) > len(spread) / 10, limits),
            "dead-unit",
            "units that say the same at every word",
            f"{told.name}, {units(dead.tolist())}",
            f"{len(dead):,} of {len(spread):,} outputs have a standard deviation below {limits.dead:g} over "
            f"{one.count:,} words",
            "they carry nothing on",
            "a smaller layer would do as well; with relu, a smaller learning rate keeps units from dying",
            count=len(dead),
        )


def _saturated(one: Activity, told: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Find units whose tanh is flat nearly always."""
    flat = one.ranges.get("memory", one.ranges["h"])
    share = (flat.above + flat.below) / one.count
    stuck = np.flatnonzero(share > limits.saturated)
    if len(stuck):
        yield Finding(
            severity(one.count, len(stuck) > len(share) / 4, limits),
            "saturated-unit",
            "units whose tanh is flat nearly always",
            f"{told.name}, {units(stuck.tolist())}",
            f"{len(stuck):,} of {len(share):,} are beyond ±0.99 at more than {100 * limits.saturated:g} % of "
            f"{one.count:,} words",
            "an error that comes to them passes on less than a fiftieth",
            "smaller weights at the start, normalised inputs, or a cost on the size of the memory",
            "Glorot & Bengio 2010",
            len(stuck),
        )


def _counting(one: Activity, told: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Find memories that count up."""
    memory = one.ranges.get("memory")
    if memory is None:
        return
    largest = np.maximum(np.abs(memory.low), np.abs(memory.high))
    large = np.flatnonzero(largest > limits.counts_up)
    if len(large):
        yield Finding(
            "warning",
            "counting-unit",
            "memories that count up",
            f"{told.name}, {units(large.tolist())}",
            f"{len(large):,} of {len(largest):,} reach up to {float(largest[large].max()):.3g}; "
            f"limit {limits.counts_up:g}",
            "tanh can't tell such a value from a larger one, and it takes long to be wiped",
            "a cost on the size of the memory, or shorter texts between two resets of the state",
            count=len(large),
        )


def _short(told: UnitsMeasured, heard: Heard, limits: Limits) -> Iterator[Finding]:
    """Say where the gradient is gone after a few words."""
    if told.horizon is not None and told.horizon < limits.short:
        count, reach = told.followed
        lines = counted(count, "line" if heard.pieces == heard.lines else "piece")
        yield Finding(
            "warning",
            "short-horizon",
            "the gradient vanishes after a few words",
            told.name,
            f"below {limits.vanished:g} after {counted(told.horizon, 'word')}, the middle of {lines} of {reach} words; "
            f"limit {limits.short} words",
            "what stands farther back can't be learnt from what comes now",
            "a forget bias of +1 or more, or a gated cell in place of an RNN",
            "Bengio et al. 1994; Pascanu et al. 2013",
        )


def _unread(heard: Heard, limits: Limits) -> Iterator[Finding]:
    """Say how much of the text the network doesn't know."""
    missed = heard.unknown + heard.skipped
    if missed > limits.unknown * (heard.words + heard.skipped):
        yield Finding(
            "warning",
            "unknown-words",
            "much of the text is not in the vocabulary",
            "vocabulary",
            f"{heard.unknown:,} of {heard.words:,} words are read as unknown, {heard.skipped:,} more are left out; "
            f"limit {100 * limits.unknown:g} %",
            "what is measured here is how the network takes unknown words",
            "give a text like the one that it was trained on, and look at --vocab",
            count=missed,
        )


def share_met(heard: Heard) -> float:
    """Return the share of the vocabulary that came in the text."""
    met: Array = heard.met
    return float(met.mean()) if len(met) else 0.0


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
    yield from _saturated_gates([one.ranges[role] for role in gates], one, name, limits)
    for role, gate in gates.items():
        yield from _constant_gates(role, gate, one, name, limits)


def _saturated_gates(gates: Sequence[Range], one: Activity, name: str, limits: Limits) -> Iterator[Finding]:
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


def _constant_gates(gate: str, told: str, one: Activity, name: str, limits: Limits) -> Iterator[Finding]:
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
