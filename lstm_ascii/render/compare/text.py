"""What the figures of ``compare`` say, in words: every clause is made from the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10

from lstm_ascii.render.agreement.text import bounds, exact
from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.render.recall.text import length
from lstm_ascii.reports.compare.claims import NEAR_ONE
from lstm_ascii.reports.compare.figures import CLOSED, OPEN, Reach
from lstm_ascii.reports.compare.report import CompareReport

SAID = {
    "smaller": "An RNN has fewer parameters, an LSTM more",
    "faster": "An RNN is faster, an LSTM slower",
    "rnn span": "An RNN remembers 5 to 10 words",
    "lstm span": "An LSTM remembers 100 words and more",
    "more accurate": "An LSTM is more accurate than an RNN",
    "forgets": "Over many words the RNN loses the subject of its sentence",
    "as good": "A GRU does as well with fewer parameters than an LSTM",
    "vanishes": "The gradient vanishes in an RNN",
    "highway": "The LSTM's cell state is a highway: its gradient doesn't vanish",
    "trained highway": "Once trained, the LSTM carries the gradient far, and the RNN doesn't",
    "near one": "The forget gate is often near 1",
}


def measured(key: str, report: CompareReport) -> str:
    """Write what was measured for a claim."""
    return _MEASURED[key](report)


def _sizes(report: CompareReport) -> str:
    return ", ".join(f"{size.cell} {size.parameters:,}" for size in report.sizes)


def _times(report: CompareReport) -> str:
    return ", ".join(f"{time.cell} {number(time.forward[1], 1)}" for time in report.times) + " microseconds a step"


def _spans(cell: str) -> Callable[[CompareReport], str]:
    def told(report: CompareReport) -> str:
        networks = report.recall.networks if report.recall else ()
        return ", ".join(f"{network.label} {length(network)}" for network in networks if network.cell == cell)

    return told


def _accuracies(*cells: str) -> Callable[[CompareReport], str]:
    def told(report: CompareReport) -> str:
        return ", ".join(
            f"{network.label} {exact(network.agreement.accuracy)} ({bounds(network.agreement.interval, 1)})"
            for network in report.trained
            if network.label in cells
            and network.agreement
            and network.agreement.accuracy is not None
            and network.agreement.interval is not None
        )

    return told


def _farthest(report: CompareReport) -> str:
    network = next(one for one in report.trained if one.label == "RNN")
    group = network.agreement.by_distance[-1] if network.agreement else None
    if group is None or group.accuracy is None or group.interval is None:
        return "nothing"
    name = group.name.replace("-", "–")
    return f"over {name} words it is right in {exact(group.accuracy)} ({bounds(group.interval)})"


def _as_good(report: CompareReport) -> str:
    counts = {size.cell: size.parameters for size in report.sizes}
    fewer = f"{percent(counts['GRU'] / counts['LSTM'])} of the LSTM's parameters"
    return f"{fewer}; {_accuracies('LSTM', 'GRU')(report)}"


def _left(starts: str) -> Callable[[CompareReport], str]:
    def told(report: CompareReport) -> str:
        some = [reach for reach in report.random if reach.label.startswith(starts)]
        return f"{', '.join(map(_last, some))} of it after {some[0].steps_back[-1]} steps"

    return told


def _trained_left(report: CompareReport) -> str:
    some = [network.along for network in report.trained if network.along and network.label in ("RNN", "LSTM")]
    return f"{', '.join(map(_last, some))} of it after {some[0].steps_back[-1]} words of text"


def _last(reach: Reach) -> str:
    """Write what is left of a gradient at the end."""
    return f"{reach.label} {power(reach.log10[-1]).replace('-', '−')}"


def _forget_gates(report: CompareReport) -> str:
    gate = next(
        gate
        for network in report.trained
        if network.label == "LSTM"
        for gate in network.gates or ()
        if gate.letter == "f"
    )
    return f"mean {number(gate.mean)}, {percent(gate.open)} of its values above {NEAR_ONE:g}"


_MEASURED: dict[str, Callable[[CompareReport], str]] = {
    "smaller": _sizes,
    "faster": _times,
    "rnn span": _spans("RNN"),
    "lstm span": _spans("LSTM"),
    "more accurate": _accuracies("RNN", "LSTM"),
    "forgets": _farthest,
    "as good": _as_good,
    "vanishes": _left("RNN"),
    "highway": _left("LSTM"),
    "trained highway": _trained_left,
    "near one": _forget_gates,
}


def rules(report: CompareReport) -> str:
    """Say by which rules claims are judged, for those that are judged."""
    keys = {claim.key for claim in report.claims}
    told = []
    if "faster" in keys:
        told.append("one is faster where the quartiles of the times don't overlap")
    if {"rnn span", "lstm span"} & keys:
        told.append("a span is the longest gap learnt")
    if {"more accurate", "as good", "forgets"} & keys:
        told.append("one is more accurate where the 95% intervals don't overlap, and loses the subject where its "
                    "interval reaches down to guessing")  # fmt: skip
    if {"vanishes", "highway", "trained highway"} & keys:
        told.append(f"a gradient has vanished below {report.thresholds[0]:g}")
    if "near one" in keys:
        told.append(f"a mean from {NEAR_ONE:g} on is near 1")
    return f"The rules: {'; '.join(told)}." if told else ""


def many_times(what: str, sizes: Sequence[tuple[str, float]]) -> str:
    """Say how many times the least of some sizes the others are."""
    least, unit = min(sizes, key=lambda one: one[1])
    told = [f"{name} {number(size / unit, 1)} times" for name, size in sizes if name != least]
    return f"{what} against the {least}'s: {', '.join(told)}." if told else ""


def alive(report: CompareReport) -> str:
    """Say which gradients are left at the farthest place."""
    low = log10(report.thresholds[0])
    places = (
        ("through random networks", "steps", report.random),
        ("along a text", "words", [network.along for network in report.trained if network.along]),
    )
    told = []
    for where, unit, reaches in places:
        if not reaches:
            continue
        left = [reach.label for reach in reaches if (reach.log10[-1] or 0.0) >= low and reach.log10[-1] is not None]
        names = f"that of {', '.join(left)} is left" if left else "none is left"
        told.append(f"{where}, after {reaches[0].steps_back[-1]} {unit}, {names}")
    return f"The gradient: {'; '.join(told)}."


def open_gates(report: CompareReport) -> str:
    """Say how many of the gates that keep the memory are open, and how many are closed."""
    told = [
        f"of the {network.label}'s {gate.letter} {percent(gate.open)} are above {OPEN:g}, {percent(gate.closed)} below "
        f"{CLOSED:g}"
        for network in report.trained
        for gate in network.gates or ()
        if gate.letter in "fz"
    ]
    return f"The gates that keep: {'; '.join(told)}." if told else "None of these networks has gates."
