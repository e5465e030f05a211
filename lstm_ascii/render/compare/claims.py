"""What lecture notes say of networks, beside what was measured, and by which rules it is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log10

from rich.text import Text

from lstm_ascii.render.compare.text import last, the
from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import HOME, WIDEST, paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.rights import bounds, exact
from lstm_ascii.render.section import Paragraph, Section, note
from lstm_ascii.render.spans import length
from lstm_ascii.reports.compare.claims import DEPENDS, NOT_SO, OPEN, SO, learnt_though_gone
from lstm_ascii.reports.compare.report import CompareReport
from lstm_ascii.thresholds import ENOUGH_STEPS, NEAR_ONE

MARKS = {SO: "✓", NOT_SO: "✗", DEPENDS: "≈", OPEN: "?"}
STYLES = {SO: "verdict.good", NOT_SO: "verdict.bad", DEPENDS: "verdict.fair", OPEN: "note"}
_VERDICT = 12  # cells of a mark and a verdict
STATEMENTS = {
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


def claims(report: CompareReport) -> Section:
    """What lecture notes say beside what was measured."""
    counts = [(verdict, sum(claim.verdict == verdict for claim in report.claims)) for verdict in MARKS]
    listed = ", ".join(f"{verdict}: {count}" for verdict, count in counts if count)
    return Section("What lectures say", "and what was measured", (
        _judged(report), Paragraph(f"Of {len(report.claims)} statements, {listed}."), Paragraph(both_true(report)),
        note(rules(report)),
    ))  # fmt: skip


def _judged(report: CompareReport) -> Grid:
    """Return the table of the statements: beside what was measured where there is room, else above it."""
    statements = [STATEMENTS[claim.key] for claim in report.claims]
    figures = [measured(claim.key, report) for claim in report.claims]
    labels = [f"{MARKS[claim.verdict]} {claim.verdict}" for claim in report.claims]

    def turned(grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield Text(f" {labels[row]}", grid.marks[row])
        yield from paragraph(Text(statements[row], "word"), width, 3)
        yield from paragraph(Text(figures[row]), width, 3)

    def tables() -> list[Table]:
        verdicts = [claim.verdict for claim in report.claims]
        rows = tuple(zip(statements, verdicts, figures, strict=True))
        return [Table("what lectures say", ("statement", "here", "measured"), rows)]

    columns = (
        Column("statement", statements, (), folded("word"), room=1, elastic=(1, WIDEST)),
        Column("measured", figures, (), folded(""), room=1, elastic=(1, WIDEST)),
    )
    marks = {row: STYLES[claim.verdict] for row, claim in enumerate(report.claims)}
    return Grid("what lectures say", ("here",), labels, columns, marks=marks, least=_VERDICT, window=HOME, gap=1,
                turn=turned, tables=tables)  # fmt: skip


def folded(style: str) -> Callable[[str, int], Text]:
    """Return what folds a text into the cells of its column."""
    return lambda text, size: Text("\n").join(paragraph(Text(text, style), size))


def measured(key: str, report: CompareReport) -> str:
    """Write what was measured for a claim."""
    return _MEASURED[key](report)


def _sizes(report: CompareReport) -> str:
    return ", ".join(f"{size.cell} {size.parameters:,}" for size in report.sizes)


def _times(report: CompareReport) -> str:
    return ", ".join(f"{time.cell} {number(time.forward[1], 1)}" for time in report.times) + " microseconds a step"


def _spans(cell: str) -> Callable[[CompareReport], str]:
    def measure(report: CompareReport) -> str:
        networks = report.recall.networks if report.recall else ()
        spans = ", ".join(f"{network.label} {length(network)}" for network in networks if network.cell == cell)
        return f"recall task, {report.recall.steps:,} steps: {spans}" if report.recall else spans

    return measure


def _accuracies(*cells: str) -> Callable[[CompareReport], str]:
    def measure(report: CompareReport) -> str:
        return ", ".join(
            f"{network.label} {exact(network.agreement.accuracy)} ({bounds(network.agreement.interval, 1)})"
            for network in report.trained
            if network.label in cells
            and network.agreement
            and network.agreement.accuracy is not None
            and network.agreement.interval is not None
        )

    return measure


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
    return f"{', '.join(map(last, some))} of it after {some[0].steps_back[-1]} steps"


def _trained_left(report: CompareReport) -> str:
    two = [network for network in report.trained if network.along and network.label in ("RNN", "LSTM")]
    some, choices = ([reach for reach in reaches if reach] for reaches in
                     ([one.along for one in two], [one.along_choice for one in two]))  # fmt: skip
    left = f"{', '.join(map(last, some))} of it after {some[0].steps_back[-1]} words of text"
    return f"{left}; of the choice of a verb: {', '.join(map(last, choices))}" if choices else left


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
    sentences = []
    if "faster" in keys:
        sentences.append("one is faster where the quartiles of the times don't overlap")
    if {"rnn span", "lstm span"} & keys:
        sentences.append("a span is the longest gap learnt")
        if report.recall and report.recall.steps < ENOUGH_STEPS:
            sentences.append(f"what isn't learnt in fewer than {ENOUGH_STEPS:,} steps refutes nothing")
    if {"more accurate", "as good", "forgets"} & keys:
        sentences.append("one is more accurate where the 95% intervals don't overlap, and loses the subject where its "
                    "interval reaches down to guessing")  # fmt: skip
    if {"vanishes", "highway", "trained highway"} & keys:
        sentences.append(f"a gradient has vanished below {power(log10(report.thresholds[0]))}")
    if any(claim.verdict == DEPENDS for claim in report.claims):
        sentences.append("it depends where it holds for some of the figures and not for others")
    if "near one" in keys:
        sentences.append(f"a gate is often near 1 where more than half of its values are above {NEAR_ONE:g}")
    return f"The rules: {'; '.join(sentences)}." if sentences else ""


def both_true(report: CompareReport) -> str:
    """Say how a gradient can have vanished and the verb be right; empty where no network's figures are so."""
    cases = []
    for network in learnt_though_gone(report):
        if network.inside is None or network.agreement is None:
            continue
        group = network.agreement.by_distance[-1]
        cases.append(f"of {the(network.label)}'s gradient {power(network.inside.log10[-1])} is left "
                    f"{network.inside.steps_back[-1]} words back, and over {group.name.replace('-', '–')} words it is "
                    f"right in {exact(group.accuracy or 0.0)}")  # fmt: skip
    return (
        (
            f"Both are true together: {'; '.join(cases)}. The gradient at the end of training says what could still be "
            "learnt from there, not what has been learnt."
        )
        if cases
        else ""
    )
