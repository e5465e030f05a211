"""What can be said of a network by what its units did over a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.activity import Activity
from lstm_ascii.analysis.gradients import all_paths_log10
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.network import Network
from lstm_ascii.reports.doctor.findings import Finding, Limits, units
from lstm_ascii.reports.doctor.listening import Heard

GATES = {
    "LSTM": {"keep": "forget gate", "add": "input gate", "show": "output gate"},
    "GRU": {"keep": "update gate", "show": "reset gate"},
    "RNN": {},
}
PLACES, FARTHEST = 8, 64  # lines whose gradient is followed; words back


@dataclass(frozen=True)
class UnitsMeasured:
    """One direction of one layer on the text.

    Attributes:
        name: as ``layer 1, forward``.
        keeps, adds, shows: mean gates over units and words; ``None`` for the RNN.
        open, closed: share of the values of all its gates above 0.9, below 0.1.
        saturated: share of the values of the memory whose tanh is beyond ±0.99; of h, where h is the memory.
        largest: the largest absolute value of the memory.
        horizon: words until the gradient has vanished, the farthest of three places in a line, the middle of some
            lines; ``None`` where in most of them it has not, or there was no line to follow it in.
        followed: lines that it was followed in, and the middle number of words that these go back.
    """

    name: str
    keeps: float | None
    adds: float | None
    shows: float | None
    open: float | None
    closed: float | None
    saturated: float
    largest: float
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
        yield from _gates(GATES[cell.name], one, told, limits)
        yield from _dead(one, told, limits)
        yield from _saturated(one, told, limits)
        yield from _counting(one, told, limits)
        yield from _short(told, limits)
    yield from _unread(heard, limits)


def _measured(name: str, one: Activity, horizon: int | None, followed: tuple[int, int]) -> UnitsMeasured:
    """Average one direction's figures."""
    ranges, count = one.ranges, max(1, one.count)
    gates = {name: ranges[name] for name in ("keep", "add", "show") if name in ranges}
    means = {name: float(gate.mean(count).mean()) for name, gate in gates.items()}
    memory = ranges.get("memory", ranges["h"])
    return UnitsMeasured(
        name=name,
        keeps=means.get("keep"),
        adds=means.get("add"),
        shows=means.get("show"),
        open=float(np.mean([gate.above.mean() for gate in gates.values()]) / count) if gates else None,
        closed=float(np.mean([gate.below.mean() for gate in gates.values()]) / count) if gates else None,
        saturated=float((memory.above + memory.below).mean() / count),
        largest=float(np.max(np.maximum(np.abs(memory.low), np.abs(memory.high)))),
        horizon=horizon,
        followed=followed,
    )


def _horizons(network: Network, heard: Heard, limits: Limits) -> list[tuple[int | None, tuple[int, int]]]:
    """Follow the gradient back from the last word of some lines, in every direction."""
    found: list[list[tuple[int | None, int]]] = [[] for layer in network.layers for _ in layer]
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


def _reach(cell: Cell, trace: Trace, vanished: float) -> int | None:
    """Return after how many words the gradient has vanished, from that one of three places where it reaches farthest.

    One place would not do: at the end of a sentence a network may rightly have wiped all that was before.
    ``None`` where it has not vanished at the first word.
    """
    longest = 0
    for last in {len(trace) // 2, 3 * len(trace) // 4, len(trace)} - {0}:
        logs = all_paths_log10(cell, trace, last)[::-1]  # 0 words back first
        gone = np.flatnonzero(logs < np.log10(vanished))
        if not len(gone):
            return None
        longest = max(longest, int(gone[0]))
    return longest


def _middle(lines: Sequence[tuple[int | None, int]]) -> tuple[int | None, tuple[int, int]]:
    """Return the median of the lines' horizons, where one that wasn't reached counts as endless."""
    if not lines:
        return None, (0, 0)
    ends = sorted(length + FARTHEST * 10 if gone is None else gone for gone, length in lines)
    middle = ends[len(ends) // 2]
    reach = int(np.median([length for _, length in lines]))
    return (middle if middle <= FARTHEST else None), (len(lines), reach)


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


def _gates(names: dict[str, str], one: Activity, told: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Find gates that never move."""
    for gate, name in names.items():
        moved = one.ranges[gate]
        still = np.flatnonzero(moved.high - moved.low < limits.never_moves)
        if not len(still):
            continue
        middle = (moved.high + moved.low)[still] / 2
        yield Finding(
            _severity(one, len(still) > len(moved.low) / 2, limits),
            "still-gate",
            f"{name}s that never move",
            f"{told.name}, {units(still.tolist())}",
            f"{len(still):,} of {len(moved.low):,} stay within {limits.never_moves:g} over {one.count:,} words, at "
            f"{middle.min():.2f} to {middle.max():.2f}",
            "such a gate is a constant: the words have no say in it",
            "a smaller layer may do as well; if they stand at 0 or 1, the weights into them are too large",
            "Karpathy, Johnson & Li 2015",
            len(still),
        )


def _severity(one: Activity, many: bool, limits: Limits) -> str:
    """Return how much it matters that units do something: more where it is many, over enough words."""
    return "warning" if many and one.count >= limits.enough else "note"


def _dead(one: Activity, told: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Find units that say the same at every word."""
    spread = one.ranges["h"].deviation(one.count)
    dead = np.flatnonzero(spread < limits.dead)
    if len(dead) and one.count > 1:
        yield Finding(
            _severity(one, len(dead) > len(spread) / 10, limits),
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
    share = (flat.above + flat.below) / max(1, one.count)
    stuck = np.flatnonzero(share > limits.saturated)
    if len(stuck):
        yield Finding(
            _severity(one, len(stuck) > len(share) / 4, limits),
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
            f"{len(large):,} of {len(largest):,} reach {float(largest[large].max()):.3g}; limit {limits.counts_up:g}",
            "tanh can't tell such a value from a larger one, and it takes long to be wiped",
            "a cost on the size of the memory, or shorter texts between two resets of the state",
            count=len(large),
        )


def _short(told: UnitsMeasured, limits: Limits) -> Iterator[Finding]:
    """Say where the gradient is gone after a few words."""
    if told.horizon is not None and told.horizon < limits.short:
        lines, reach = told.followed
        yield Finding(
            "warning",
            "short-horizon",
            "the gradient vanishes after a few words",
            told.name,
            f"below {limits.vanished:g} after {told.horizon} words, the middle of {lines} line{'s' * (lines != 1)} of "
            f"{reach} words; limit {limits.short} words",
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
            f"{heard.unknown:,} of {heard.words:,} words are read as unknown, {heard.skipped:,} are left out; "
            f"limit {100 * limits.unknown:g} %",
            "what is measured here is how the network takes unknown words",
            "give a text like the one that it was trained on, and look at --vocab",
            count=missed,
        )


def share_met(heard: Heard) -> float:
    """Return the share of the vocabulary that came in the text."""
    met: Array = heard.met
    return float(met.mean()) if len(met) else 0.0
