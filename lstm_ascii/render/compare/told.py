"""``compare`` without its drawings: sentences and tables in full precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_ascii.render.compare.text import SAID, both_true, choices, measured, rules, scaled, writing_cost
from lstm_ascii.render.parts import Part, Power, Prose, Table, Title
from lstm_ascii.reports.compare.report import CompareReport


def told_in_parts(report: CompareReport, shown: Sequence[str]) -> Iterator[Part]:
    """Tell the sections named in ``shown``."""
    yield Title(f"{', '.join(report.cells)} side by side")
    tables = {
        "size": _sizes, "time": _times, "span": _spans, "agreement": _agreement, "gradient": _gradient,
        "gates": _gates, "claims": _claims,
    }  # fmt: skip
    for name in shown:
        yield from tables[name](report)


def _sizes(report: CompareReport) -> Iterator[Part]:
    """Tell the numbers of parameters."""
    rows = tuple((size.cell, size.hidden_size, size.parameters) for size in report.sizes)
    yield Table("parameters of one cell", ("network", "units", "parameters"), rows)
    trained = tuple((one.label, one.hidden_size, *one.parameters) for one in report.trained)
    yield Table("parameters of trained networks", ("network", "units", "parameters", "of its cells"), trained)


def _times(report: CompareReport) -> Iterator[Part]:
    """Tell the times."""
    heads = ("lower quartile", "median", "upper quartile")
    for name, rows in (
        ("microseconds a step forward", [(time.cell, *time.forward) for time in report.times]),
        ("microseconds a step there and back", [(time.cell, *time.training) for time in report.times]),
    ):
        yield Table(name, ("network", *heads), tuple(rows))


def _spans(report: CompareReport) -> Iterator[Part]:
    """Tell the memory race."""
    if report.recall:
        networks = report.recall.networks
        yield Table("memory span", ("network", "span"), tuple((one.label, one.span) for one in networks))
        yield Table(
            "steps until a gap is learnt",
            ("network", "gap", "result", "steps", "accuracy"),
            tuple((one.label, gap.gap, gap.stage, gap.steps, gap.accuracy) for one in networks for gap in one.gaps),
            named_by=2,
        )


def _agreement(report: CompareReport) -> Iterator[Part]:
    """Tell how often the verb agrees."""
    yield Table(
        "agreement",
        ("network", "words between", "right", "pairs", "accuracy", "from", "to"),
        tuple(
            (network.label, group.name, group.right, group.total, group.accuracy, *(group.interval or (None, None)))
            for network in report.trained
            if network.agreement
            for group in network.agreement.by_distance
        ),
        named_by=2,
    )


def _gradient(report: CompareReport) -> Iterator[Part]:
    """Tell what is left of the gradient."""
    places = (
        ("random", report.random),
        *((f"random, radius {one.radius:g}", [one.reach]) for one in report.radii),
        ("inside a sentence", [one.inside for one in report.trained]),
        ("inside a sentence, choice", [one.inside_choice for one in report.trained]),
        ("along a text", [one.along for one in report.trained]),
        ("along a text, choice", [one.along_choice for one in report.trained]),
    )
    yield Table(
        "gradient that is left",
        ("network", "where", "steps back", "size"),
        tuple(
            (reach.label, where, back, Power(size))
            for where, reaches in places
            for reach in reaches
            if reach
            for back, size in zip(reach.steps_back, reach.log10, strict=True)
        ),
        named_by=3,
    )
    if about := scaled(report):
        yield Prose(f"Of the random networks beside each other, {about}.")
    for told in filter(None, (writing_cost(report), choices(report))):
        yield Prose(told)


def _gates(report: CompareReport) -> Iterator[Part]:
    """Tell how gates are used."""
    yield Table(
        "gates",
        ("network", "gate", "mean", "open", "closed"),
        tuple(
            (one.label, gate.letter, gate.mean, gate.open, gate.closed)
            for one in report.trained
            for gate in one.gates or ()
        ),
        named_by=2,
    )


def _claims(report: CompareReport) -> Iterator[Part]:
    """Tell what lecture notes say beside what was measured."""
    rows = tuple((SAID[claim.key], claim.verdict, measured(claim.key, report)) for claim in report.claims)
    yield Table("what lectures say", ("statement", "here", "measured"), rows)
    for told in filter(None, (both_true(report), rules(report))):
        yield Prose(told)
