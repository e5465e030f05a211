"""What can be said of a network by what its units and gates did over a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf, isinf, isnan, nan

import numpy as np

from lstm_ascii.analysis.activity import Activity, Range
from lstm_ascii.analysis.all_paths import all_paths
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.language.text import counted
from lstm_ascii.network import Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.reports.doctor.corpus_statistics import CorpusStatistics
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


def units_measured(
    network: Network, statistics: CorpusStatistics, names: Sequence[str], limits: Limits
) -> tuple[UnitsMeasured, ...]:
    """Measure every direction."""
    horizons = _horizons(network, statistics, limits)
    return tuple(
        unit_measures(name, activity, *horizon)
        for name, activity, horizon in zip(names, statistics.activities, horizons, strict=True)
    )


def activity_findings(
    network: Network, statistics: CorpusStatistics, measures: Sequence[UnitsMeasured], limits: Limits
) -> Iterator[Finding]:
    """Look for what is wrong with the units."""
    cells = [direction.cell for layer in network.layers for direction in layer]
    for cell, direction, layer_units in zip(cells, statistics.activities, measures, strict=True):
        yield from direction_findings(cell, direction, layer_units, limits)
        kind = "line" if statistics.pieces == statistics.lines else "piece"
        yield from short_finding(layer_units, limits, kind)
    yield from _unread(statistics, limits)


def direction_findings(cell: Cell, moves: Activity, measures: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Look for what is wrong with the units of one direction."""
    yield from _not_numbers(moves, measures)
    yield from gate_findings(cell, moves, measures.name, limits)
    if moves.count >= limits.least:
        yield from _dead(moves, measures, limits)
        yield from _saturated(moves, measures, limits)
    yield from _counting(moves, measures, limits)


def unit_measures(
    name: str, activity: Activity, horizon: int | None = None, lines: tuple[int, int] = (0, 0)
) -> UnitsMeasured:
    """Measure one direction; how far its gradient reaches is measured elsewhere."""
    ranges, count = activity.ranges, max(1, activity.count)
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
        followed=lines,
    )


def _share(counts: Sequence[Array], ranges: Iterable[Range], words: int) -> float | None:
    """Return the mean of counts as a share of the words; ``None`` without any, or where a NaN is among the values."""
    if not counts or any(np.isnan(quantity.total).any() for quantity in ranges):
        return None
    return float(np.mean([quantity.mean() for quantity in counts]) / words)


def _number(value: float) -> float | None:
    """Return a figure, ``None`` for a NaN."""
    return None if isnan(value) else float(value)


def _horizons(
    network: Network, statistics: CorpusStatistics, limits: Limits
) -> list[tuple[int | None, tuple[int, int]]]:
    """Follow the gradient back from the last word of some lines, in every direction."""
    reaches: list[list[tuple[float, int]]] = [[] for layer in network.layers for _ in layer]
    for run in _runs(network, statistics):
        for number, (direction, trace) in enumerate(
            pair
            for layer, traces in zip(network.layers, run.traces, strict=True)
            for pair in zip(layer, traces, strict=True)
        ):
            reaches[number].append((_reach(direction.cell, trace, limits.vanished), len(trace)))
    return [_middle(lines) for lines in reaches]


def horizon_of(cell: Cell, trace: Trace, limits: Limits) -> tuple[int | None, tuple[int, int]]:
    """Return the horizon on one pass, ``B`` = 1, and what it was followed in; see :class:`UnitsMeasured`."""
    return _middle([(_reach(cell, trace, limits.vanished), len(trace))])


def _runs(network: Network, statistics: CorpusStatistics) -> Iterator[Run]:
    """Let the network read single lines, and the series."""
    for vectors in statistics.series:
        if len(vectors) > 1:
            yield network.run_vectors(vectors[: FARTHEST + 1])
    for words in statistics.samples[:PLACES]:
        yield network.run(np.array(network.vocabulary.ids(words[: FARTHEST + 1]), np.intp)[:, None])


def _reach(cell: Cell, trace: Trace, threshold: float) -> float:
    """Return after how many words the gradient has vanished, from that one of three places where it reaches farthest.

    One place would not do: at the end of a sentence a network may rightly have wiped all that was before.
    Infinite where it has not vanished at the first word; NaN where that can't be told, as it is no number on the way.
    """
    ends = []
    for last in {len(trace) // 2, 3 * len(trace) // 4, len(trace)} - {0}:
        if not all(np.isfinite(states[: last + 1]).all() for states in trace.states.values()):
            ends.append(nan)
            continue
        logs = all_paths(cell, trace, last).log10[::-1]  # 0 words back first
        steps_below = np.flatnonzero(logs < np.log10(threshold))
        ends.append(float(steps_below[0]) if len(steps_below) else nan if np.isnan(logs).any() else inf)
    return inf if inf in ends else float(np.max(ends))  # of finite ones and a NaN the NaN


def _middle(lines: Sequence[tuple[float, int]]) -> tuple[int | None, tuple[int, int]]:
    """Return the median of the horizons of those lines where it can be told; ``None`` where it is endless."""
    known_lines = [(steps, length) for steps, length in lines if not isnan(steps)]
    if not known_lines:
        return None, (0, 0)
    middle = sorted(steps for steps, _ in known_lines)[len(known_lines) // 2]
    reach = int(np.median([length for _, length in known_lines]))
    return (None if isinf(middle) else int(middle)), (len(known_lines), reach)


def _not_numbers(activity: Activity, measures: UnitsMeasured) -> Iterator[Finding]:
    if activity.not_numbers:
        yield Finding(
            "error",
            "not-a-number",
            "states that are no numbers",
            measures.name,
            f"after {activity.not_numbers:,} of {activity.count:,} words",
            "a unit has run away, or the weights hold such values",
            "look at the weights first; else clip the gradient and lower the learning rate",
            count=activity.not_numbers,
        )


def _dead(activity: Activity, measures: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Find units that say the same at every word."""
    deviation = activity.ranges["h"].deviation(activity.count)
    dead = np.flatnonzero(deviation < limits.dead)
    if len(dead):
        yield Finding(
            severity(activity.count, len(dead) > len(deviation) / 10, limits),
            "dead-unit",
            "units that say the same at every word",
            f"{measures.name}, {units(dead.tolist())}",
            f"{len(dead):,} of {len(deviation):,} outputs have a standard deviation below {limits.dead:g} over "
            f"{activity.count:,} words",
            "they carry nothing on",
            "a smaller layer would do as well; with relu, a smaller learning rate keeps units from dying",
            count=len(dead),
        )


def _saturated(activity: Activity, measures: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Find units whose tanh is flat nearly always."""
    flat = activity.ranges.get("memory", activity.ranges["h"])
    share = (flat.above + flat.below) / activity.count
    stuck = np.flatnonzero(share > limits.saturated)
    if len(stuck):
        yield Finding(
            severity(activity.count, len(stuck) > len(share) / 4, limits),
            "saturated-unit",
            "units whose tanh is flat nearly always",
            f"{measures.name}, {units(stuck.tolist())}",
            f"{len(stuck):,} of {len(share):,} are beyond ±0.99 at more than {100 * limits.saturated:g} % of "
            f"{activity.count:,} words",
            "an error that comes to them passes on less than a fiftieth",
            "smaller weights at the start, normalised inputs, or a cost on the size of the memory",
            "Glorot & Bengio 2010",
            len(stuck),
        )


def _counting(activity: Activity, measures: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    memory = activity.ranges.get("memory")
    if memory is None:
        return
    largest = np.maximum(np.abs(memory.low), np.abs(memory.high))
    large = np.flatnonzero(largest > limits.counts_up)
    if len(large):
        yield Finding(
            "warning",
            "counting-unit",
            "memories that count up",
            f"{measures.name}, {units(large.tolist())}",
            f"{len(large):,} of {len(largest):,} reach up to {float(largest[large].max()):.3g}; "
            f"limit {limits.counts_up:g}",
            "tanh can't tell such a value from a larger one, and it takes long to be wiped",
            "a cost on the size of the memory, or shorter texts between two resets of the state",
            count=len(large),
        )


def short_finding(measures: UnitsMeasured, limits: Limits, kind: str) -> Iterator[Finding]:
    """Say where the gradient is gone after a few words of what it was followed in: lines, pieces, sequences."""
    if measures.horizon is not None and measures.horizon < limits.short:
        count, reach = measures.followed
        lines = counted(count, kind)
        yield Finding(
            "warning",
            "short-horizon",
            "the gradient vanishes after a few words",
            measures.name,
            f"below {limits.vanished:g} after {counted(measures.horizon, 'word')}, the middle of {lines} of "
            f"{reach} words; limit {limits.short} words",
            "what stands farther back can't be learnt from what comes now",
            "a forget bias of +1 or more, or a gated cell in place of an RNN",
            "Bengio et al. 1994; Pascanu et al. 2013",
        )


def _unread(statistics: CorpusStatistics, limits: Limits) -> Iterator[Finding]:
    """Say how much of the text the network doesn't know."""
    misses = statistics.unknown + statistics.skipped
    if misses > limits.unknown * (statistics.words + statistics.skipped):
        yield Finding(
            "warning",
            "unknown-words",
            "much of the text is not in the vocabulary",
            "vocabulary",
            f"{statistics.unknown:,} of {statistics.words:,} words are read as unknown, {statistics.skipped:,} more "
            f"are left out; limit {100 * limits.unknown:g} %",
            "what is measured here is how the network takes unknown words",
            "give a text like the one that it was trained on, and look at --vocab",
            count=misses,
        )


def share_met(statistics: CorpusStatistics) -> float | None:
    """Return the share of the vocabulary that came in the text; ``None`` of vectors."""
    is_met: Array = statistics.met
    if statistics.series:
        return None
    return float(is_met.mean()) if len(is_met) else 0.0


def gate_findings(cell: Cell, activity: Activity, name: str, limits: Limits) -> Iterator[Finding]:
    """Look for gates that are nearly always open or closed, and for those that never move.

    Args:
        cell: whose gates they are.
        activity: what its units did.
        name: of the direction.
        limits: that findings go by.
    """
    if activity.count < limits.least:
        return
    gates = {role: f"{cell.gate_names[letter]} gate" for role, letter in cell.gate_roles.items()}
    yield from _saturated_gates([activity.ranges[role] for role in gates], activity, name, limits)
    for role, gate in gates.items():
        yield from _constant_gates(role, gate, activity, name, limits)


def _saturated_gates(gates: Sequence[Range], activity: Activity, name: str, limits: Limits) -> Iterator[Finding]:
    """Say where the gates are at an end of their range nearly always."""
    if not gates or any(np.isnan(gate.total).any() for gate in gates):
        return
    share = float(np.mean([(gate.above + gate.below).mean() for gate in gates])) / activity.count
    if share > limits.gates_at_ends:
        yield Finding(
            severity(activity.count, True, limits),
            "saturated-gates",
            "gates that are open or closed nearly always",
            name,
            f"{100 * share:.3g} % of the values of all its gates are above {OPEN:g} or below {CLOSED:g}, over "
            f"{activity.count:,} words; limit {100 * limits.gates_at_ends:g} %",
            f"there a gate's slope is below {OPEN * (1 - OPEN):.2g}, against 0.25 half open: it switches, and an error "
            "hardly teaches it to do otherwise",
            "smaller weights into the gates: weight decay, normalised inputs, a smaller learning rate",
            "Karpathy, Johnson & Li 2015",
            len(gates) * len(gates[0].low),
        )


def _constant_gates(gate: str, name_of_gate: str, activity: Activity, name: str, limits: Limits) -> Iterator[Finding]:
    """Find gates of one kind that never move."""
    quantity = activity.ranges[gate]
    still = np.flatnonzero(quantity.high - quantity.low < limits.never_moves)
    if not len(still):
        return
    middle = (quantity.high + quantity.low)[still] / 2
    low, high = f"{middle.min():.2f}", f"{middle.max():.2f}"
    means, advice = _where_they_stand(name_of_gate, middle)
    yield Finding(
        severity(activity.count, len(still) > len(quantity.low) / 2, limits),
        "still-gate",
        f"{name_of_gate}s that never move",
        f"{name}, {units(still.tolist())}",
        f"{len(still):,} of {len(quantity.low):,} stay within {limits.never_moves:g} over {activity.count:,} words, at "
        + low
        + f" to {high}" * (low != high),
        f"such a gate is a constant: the words have no say in it{means}",
        advice,
        "Karpathy, Johnson & Li 2015",
        len(still),
    )


def _where_they_stand(name_of_gate: str, middle: Array) -> tuple[str, str]:
    """Say what gates that never move do, and what is to be done, by where they stand: open, closed or between."""
    is_closed, is_open = middle < CLOSED, middle > OPEN
    means, advice = "", []
    for ends, limit, (does, remedy) in (
        (is_open, f"above {OPEN:g}", STANDING[name_of_gate][1]),
        (is_closed, f"below {CLOSED:g}", STANDING[name_of_gate][0]),
    ):
        if ends.any():
            means += f"; units where it stands {limit} {does}"
            advice.append(f"where it stands {limit}, {remedy}")
    if not (is_open | is_closed).all():
        advice.append(
            f"where it stands between {CLOSED:g} and {OPEN:g}, the weights into it do next to nothing: "
            "train longer, or take a smaller layer"
        )
    return means, "; ".join(advice)
