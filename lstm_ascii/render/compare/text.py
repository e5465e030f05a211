"""What the figures of ``compare`` say, in words: every clause is made from the report."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from lstm_ascii.render.figures import listed, number, percent, power
from lstm_ascii.reports.compare.report import CompareReport, Reach
from lstm_ascii.thresholds import CLOSED, OPEN


def many_times(what: str, sizes: Sequence[tuple[str, float]]) -> str:
    """Say how many times the least of some sizes the others are."""
    least, unit = min(sizes, key=lambda named: named[1])
    others = [f"{name} {number(size / unit, 1)} times" for name, size in sizes if name != least]
    return f"{what} against the {least}'s: {', '.join(others)}." if others else ""


def alive(report: CompareReport) -> str:
    """Say which gradients are left at the farthest place."""
    low = log10(report.thresholds[0])
    along_series = report.trained if report.series else ()
    places = (
        ("through random networks", "steps", report.random),
        ("along a text", "words", [network.along for network in report.trained if network.along]),
        ("along the series", "steps", [network.inside for network in along_series if network.inside]),
    )
    clauses = []
    for where, unit, reaches in places:
        if not reaches or not reaches[0].steps_back:
            continue
        kept = [reach.label for reach in reaches if (reach.log10[-1] or 0.0) >= low and reach.log10[-1] is not None]
        names = f"{listed(kept)} {'keeps' if len(kept) == 1 else 'keep'} it" if kept else "none keeps it"
        clauses.append(f"{where}, after {reaches[0].steps_back[-1]} {unit}, {names}")
    return f"The gradient: {'; '.join(clauses)}." if clauses else ""


def scaled(report: CompareReport) -> str:
    """Say what the random RNNs beside the other cells are scaled to; empty without one."""
    return f"the RNN's scaled to spectral radius {report.radii[0].radius:g}" if report.radii else ""


def choices(report: CompareReport) -> str:
    """Say what the two sizes are, and what is left of the choice's; empty where no choice was followed."""
    reaches = [network.along_choice for network in report.trained if network.along_choice]
    if not reaches:
        return ""
    return (
        "The size is the largest singular value of the Jacobian: of the direction that lasts best, whether or not a "
        "verb depends on it; a unit that only holds its start state counts, too. Choice: the length of the gradient "
        "of one choice, the verb's form, against that at the verb. After "
        f"{reaches[0].steps_back[-1]} words of text there is left of it: {', '.join(map(last, reaches))}."
    )


def writing_cost(report: CompareReport) -> str:
    """Say which of the networks paid in training for what they write; empty where none did or all."""
    known = [(network.label, network.recipe.writing_cost) for network in report.trained if network.recipe]
    paid = [(label, cost) for label, cost in known if cost]
    if not paid or len(paid) == len(known):
        return ""
    costs = listed([f"{cost:g} times what the {label} writes at a word" for label, cost in paid])
    whose = listed([the(label) for label, _ in paid])
    return f"A cost of writing was part of the loss of {whose} alone: {costs}, abs(i g)."


def verb_weights(report: CompareReport) -> str:
    """Say how much help training gave with verbs that agree, and to whom; empty where no recipe is known."""
    helped: dict[str, list[str]] = {}
    for network in report.trained:
        if network.recipe:
            weight, more = network.recipe.verb_weight, network.recipe.distance_weight
            farther = f" and {percent(more)} more for each word between it and its subject" if more else ""
            helped.setdefault(f"{weight:g} times as much{farther}", []).append(the(network.label))
    clauses = [f"for {listed(labels)} {much}" for much, labels in helped.items()]
    return f"In training a verb that agrees counted more than another word: {'; '.join(clauses)}." if clauses else ""


def open_gates(report: CompareReport) -> str:
    """Say how many of the gates that keep the memory are open, and how many are closed."""
    clauses = [
        f"of {the(network.label)}'s {gate.letter} {percent(gate.open)} are above {OPEN:g}, "
        f"{percent(gate.closed)} below {CLOSED:g}"
        for network in report.trained
        for gate in network.gates or ()
        if gate.letter in "fz"
    ]
    return f"The gates that keep: {'; '.join(clauses)}." if clauses else "None of these networks has gates."


def the(label: str) -> str:
    """Name a network within a sentence: ``the GRU``, ``your GRU``."""
    return label if label.startswith("your ") else f"the {label}"


def last(reach: Reach) -> str:
    """Write what is left of a gradient at the end."""
    return f"{reach.label} {power(reach.log10[-1])}"
