"""The statements of lecture notes about an RNN, an LSTM and a GRU, each with the rule by which it is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10
from typing import TYPE_CHECKING

from lstm_ascii.reports.compare.report import INSIDE, Claim, CompareReport
from lstm_ascii.reports.recall import agrees
from lstm_ascii.thresholds import GUESSING, OFTEN

if TYPE_CHECKING:
    from lstm_ascii.reports.agreement.report import NetworkAgreement
    from lstm_ascii.reports.compare.report import Reach, TrainedFigures

SO, NOT_SO, DEPENDS, OPEN = "so", "not so", "it depends", "open"


def claims_of(report: CompareReport) -> tuple[Claim, ...]:
    """Judge every statement for which something was measured."""
    verdicts = ((key, rule(report)) for key, rule in RULES.items())
    return tuple(Claim(key, verdict) for key, verdict in verdicts if verdict)


def _smaller(report: CompareReport) -> str:
    """Fewer numbers are trained in the RNN than in the LSTM of the same size."""
    counts = {size.cell: size.parameters for size in report.sizes}
    return _verdict(counts["RNN"] < counts["LSTM"]) if {"RNN", "LSTM"} <= counts.keys() else ""


def _faster(report: CompareReport) -> str:
    """The upper quartile of one's time is below the lower quartile of the other's."""
    times = {time.cell: time.forward for time in report.times}
    if not {"RNN", "LSTM"} <= times.keys():
        return ""
    rnn, lstm = times["RNN"], times["LSTM"]
    return SO if rnn[2] < lstm[0] else NOT_SO if lstm[2] < rnn[0] else OPEN


def _span(cell: str) -> Callable[[CompareReport], str]:
    """The longest gap learnt lies where it should; see :func:`lstm_ascii.reports.recall.agrees`."""

    def rule(report: CompareReport) -> str:
        if not report.recall:
            return ""
        agreements = [
            agrees(network, report.recall.steps) for network in report.recall.networks if network.cell == cell
        ]
        return _of_several(agreements)

    return rule


def _more_accurate(report: CompareReport) -> str:
    """On all pairs, the one's 95 % interval lies above the other's."""
    agreements = _agreements(report)
    return _above(agreements["LSTM"], agreements["RNN"]) if {"RNN", "LSTM"} <= agreements.keys() else ""


def _forgets(report: CompareReport) -> str:
    """At the greatest distance the RNN's 95 % interval is not above guessing."""
    results = _agreements(report)
    if "RNN" not in results or not results["RNN"].by_distance or results["RNN"].by_distance[-1].interval is None:
        return ""
    return _verdict(results["RNN"].by_distance[-1].interval[0] <= GUESSING)


def _as_good(report: CompareReport) -> str:
    """The GRU has fewer parameters, and its 95 % interval is not below the LSTM's."""
    agreements, counts = _agreements(report), {size.cell: size.parameters for size in report.sizes}
    if not {"GRU", "LSTM"} <= agreements.keys() & counts.keys():
        return ""
    return _verdict(counts["GRU"] < counts["LSTM"] and _above(agreements["LSTM"], agreements["GRU"]) != SO)


def _vanishes(report: CompareReport) -> str:
    """After the most steps, the gradient of the random RNNs, whatever their radius, is below the lower threshold."""
    return _of_several([_gone(radius.reach, report) for radius in report.radii])


def _highway(report: CompareReport) -> str:
    """After the most steps, the gradient of the random LSTMs is not below the lower threshold."""
    return _of_several([not _gone(reach, report) for reach in report.random if reach.label.startswith("LSTM")])


def _trained_highway(report: CompareReport) -> str:
    """Along a text, after the most steps, the LSTM's gradient is not below it, the RNN's is; a choice's likewise."""
    outcomes = []
    for reaches in (
        {network.label: network.along for network in report.trained},
        {network.label: network.along_choice for network in report.trained},
    ):
        rnn, lstm = reaches.get("RNN"), reaches.get("LSTM")
        if rnn and lstm:
            outcomes.append(_gone(rnn, report) and not _gone(lstm, report))
    return _of_several(outcomes)


def learnt_though_gone(report: CompareReport) -> tuple[TrainedFigures, ...]:
    """Return the networks whose gradient has vanished within a sentence, and that yet don't guess so far away."""
    return tuple(
        network
        for network in report.trained
        if network.inside
        and network.inside.steps_back[-1:] == INSIDE[-1:]  # as far as the greatest distance; the reader's may be short
        and _gone(network.inside, report)
        and network.agreement
        and network.agreement.by_distance
        and (interval := network.agreement.by_distance[-1].interval)
        and interval[0] > GUESSING
    )


def _near_one(report: CompareReport) -> str:
    """More than half of the values of the trained LSTM's forget gates are above ``NEAR_ONE``."""
    gates = [gate for network in report.trained if network.label == "LSTM" for gate in network.gates or ()]
    return _of_several([gate.open > OFTEN for gate in gates if gate.letter == "f"])


RULES: dict[str, Callable[[CompareReport], str]] = {
    "smaller": _smaller,
    "faster": _faster,
    "rnn span": _span("RNN"),
    "lstm span": _span("LSTM"),
    "more accurate": _more_accurate,
    "forgets": _forgets,
    "as good": _as_good,
    "vanishes": _vanishes,
    "highway": _highway,
    "trained highway": _trained_highway,
    "near one": _near_one,
}


def _agreements(report: CompareReport) -> dict[str, NetworkAgreement]:
    """Return what the trained networks answered, by their label."""
    return {network.label: network.agreement for network in report.trained if network.agreement}


def _gone(reach: Reach, report: CompareReport) -> bool:
    """Tell whether a gradient has vanished at the farthest place that was looked at."""
    last = reach.log10[-1]
    return last is None or last < log10(report.thresholds[0])


def _above(first: NetworkAgreement, other: NetworkAgreement) -> str:
    """Tell whether one interval lies above another."""
    if first.interval is None or other.interval is None:
        return OPEN
    return SO if first.interval[0] > other.interval[1] else NOT_SO if first.interval[1] < other.interval[0] else OPEN


def _of_several(verdicts: Sequence[bool | None]) -> str:
    """Put together what holds for networks of one kind."""
    if not verdicts:
        return ""
    if None in verdicts:
        return OPEN
    return SO if all(verdicts) else DEPENDS if any(verdicts) else NOT_SO


def _verdict(holds: bool) -> str:
    return SO if holds else NOT_SO
