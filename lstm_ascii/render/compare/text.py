"""What the figures of ``compare`` say, in words: every clause is made from the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10

from lstm_ascii.render.agreement.text import bounds, exact
from lstm_ascii.render.figures import listed, number, percent, power
from lstm_ascii.render.recall.text import length
from lstm_ascii.reports.compare.claims import DEPENDS, learnt_though_gone
from lstm_ascii.reports.compare.report import CompareReport, Reach
from lstm_ascii.thresholds import CLOSED, ENOUGH_STEPS, NEAR_ONE, OPEN

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
        spans = ", ".join(f"{network.label} {length(network)}" for network in networks if network.cell == cell)
        return f"recall task, {report.recall.steps:,} steps: {spans}" if report.recall else spans

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
    task = f"agreement, trained {network.recipe.steps:,} steps" if network.recipe else "agreement"
    return f"{task}: over {name} words it is right in {exact(group.accuracy)} ({bounds(group.interval)})"


def _as_good(report: CompareReport) -> str:
    counts = {size.cell: size.parameters for size in report.sizes}
    fewer = f"{percent(counts['GRU'] / counts['LSTM'])} of the LSTM's parameters"
    return f"{fewer}; {_accuracies('LSTM', 'GRU')(report)}"


def _radii(report: CompareReport) -> str:
    some = [(f"{one.radius:g}", one.reach) for one in report.radii]
    sizes = ", ".join(f"{radius}: {power(reach.log10[-1])}" for radius, reach in some)
    return f"by spectral radius {sizes} of it after {some[0][1].steps_back[-1]} steps"


def _random_lstms(report: CompareReport) -> str:
    some = [reach for reach in report.random if reach.label.startswith("LSTM")]
    return f"{', '.join(map(_last, some))} of it after {some[0].steps_back[-1]} steps"


def _trained_left(report: CompareReport) -> str:
    two = [network for network in report.trained if network.along and network.label in ("RNN", "LSTM")]
    some, choices = ([reach for reach in reaches if reach] for reaches in
                     ([one.along for one in two], [one.along_choice for one in two]))  # fmt: skip
    told = f"{', '.join(map(_last, some))} of it after {some[0].steps_back[-1]} words of text"
    return f"{told}; of the choice of a verb: {', '.join(map(_last, choices))}" if choices else told


def _last(reach: Reach) -> str:
    """Write what is left of a gradient at the end."""
    return f"{reach.label} {power(reach.log10[-1])}"


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
    "vanishes": _radii,
    "highway": _random_lstms,
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
        if report.recall and report.recall.steps < ENOUGH_STEPS:
            told.append(f"what isn't learnt in fewer than {ENOUGH_STEPS:,} steps refutes nothing")
    if {"more accurate", "as good", "forgets"} & keys:
        told.append("one is more accurate where the 95% intervals don't overlap, and loses the subject where its "
                    "interval reaches down to guessing")  # fmt: skip
    if {"vanishes", "highway", "trained highway"} & keys:
        told.append(f"a gradient has vanished below {power(log10(report.thresholds[0]))}")
    if any(claim.verdict == DEPENDS for claim in report.claims):
        told.append("it depends where it holds for some of the figures and not for others")
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
        names = f"{listed(left)} {'keeps' if len(left) == 1 else 'keep'} it" if left else "none keeps it"
        told.append(f"{where}, after {reaches[0].steps_back[-1]} {unit}, {names}")
    return f"The gradient: {'; '.join(told)}."


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
        f"{reaches[0].steps_back[-1]} words of text there is left of it: {', '.join(map(_last, reaches))}."
    )


def writing_cost(report: CompareReport) -> str:
    """Say which of the networks paid in training for what they write; empty where none did or all."""
    known = [(network.label, network.recipe.writing_cost) for network in report.trained if network.recipe]
    paid = [(label, cost) for label, cost in known if cost]
    if not paid or len(paid) == len(known):
        return ""
    told = listed([f"{cost:g} times what the {label} writes at a word" for label, cost in paid])
    whose = listed([_the(label) for label, _ in paid])
    return f"A cost of writing was part of the loss of {whose} alone: {told}, abs(i g)."


def both_true(report: CompareReport) -> str:
    """Say how a gradient can have vanished and the verb be right; empty where no network's figures are so."""
    told = []
    for network in learnt_though_gone(report):
        if network.inside is None or network.agreement is None:
            continue
        group = network.agreement.by_distance[-1]
        told.append(f"of {_the(network.label)}'s gradient {power(network.inside.log10[-1])} is left "
                    f"{network.inside.steps_back[-1]} words back, and over {group.name.replace('-', '–')} words it is "
                    f"right in {exact(group.accuracy or 0.0)}")  # fmt: skip
    return (
        (
            f"Both are true together: {'; '.join(told)}. The gradient at the end of training says what could still be "
            "learnt from there, not what has been learnt."
        )
        if told
        else ""
    )


def open_gates(report: CompareReport) -> str:
    """Say how many of the gates that keep the memory are open, and how many are closed."""
    told = [
        f"of {_the(network.label)}'s {gate.letter} {percent(gate.open)} are above {OPEN:g}, "
        f"{percent(gate.closed)} below {CLOSED:g}"
        for network in report.trained
        for gate in network.gates or ()
        if gate.letter in "fz"
    ]
    return f"The gates that keep: {'; '.join(told)}." if told else "None of these networks has gates."


def _the(label: str) -> str:
    """Name a network within a sentence: ``the GRU``, ``your GRU``."""
    return label if label.startswith("your ") else f"the {label}"
