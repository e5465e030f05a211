"""What was seen, in words: every clause is made from the figures of the report."""

from __future__ import annotations

from lstm_ascii.render.explain.gates import label
from lstm_ascii.render.explain.highway import horizon
from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.reports.explain import ExplainReport, NetworkPass


def summary(report: ExplainReport) -> str:
    """Return the closing paragraph."""
    return " ".join(filter(None, (_busiest(report), _kept(report), _travelled(report))))


def _busiest(report: ExplainReport) -> str:
    """Say where most happened."""
    main = report.main
    step = max(main.steps, key=lambda step: (step.written + (step.wiped or 0), -step.number))
    where = label(step.number, report.words)
    if step.wiped is None:
        return f"“{where}” moved the {main.cell}'s state most, by {number(step.written, 1)}."
    return f"Most happened at “{where}”: the {main.cell} wrote {number(step.written, 1)} and wiped {number(step.wiped, 1)}."


def _kept(report: ExplainReport) -> str:
    """Say how much of the first word is left in the memory at the end."""
    last = report.main.steps[-1]
    if last.holds is None or len(report.words) < 2:
        return ""
    share = next((share.share for share in last.holds.words if share.word == 1), None)
    left = "less than 0.1%" if share is None else percent(share)
    return f"At the end {left} of what words wrote in its memory is still from “{label(1, report.words)}”."


def _travelled(report: ExplainReport) -> str:
    """Compare how far the error travels in each network."""
    parts = [_distance(network) for network in report.networks if network.choice.after > 1]
    return f"Of the error after the last word there is left, at the first: {'; '.join(parts)}." if parts else ""


def _distance(network: NetworkPass) -> str:
    """Say what is left of one network's error at the first word."""
    gradient = network.steps[0].gradient
    left = power(gradient.choice if gradient else None)
    gone = horizon(network)
    return f"{left} in the {network.cell}" + ("" if gone is None else f" (vanished after {gone} words)")
