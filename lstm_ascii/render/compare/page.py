"""The page of ``compare``: networks side by side, and what lecture notes say beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log10

from rich.text import Text

from lstm_ascii.render.compare import SECTIONS
from lstm_ascii.render.compare.claims import claims
from lstm_ascii.render.compare.problems import problems, problems_of
from lstm_ascii.render.compare.side_by_side import Figure, FigureRow, side_by_side
from lstm_ascii.render.compare.text import alive, choices, many_times, open_gates, scaled, verb_weights, writing_cost
from lstm_ascii.render.figures import counted, number, percent, power, short
from lstm_ascii.render.grid import Grid
from lstm_ascii.render.parts import Power, Table, Value
from lstm_ascii.render.rights import BARS, against_guessing, bounds, compared
from lstm_ascii.render.section import Block, Drawing, Head, Page, Paragraph, Section, note
from lstm_ascii.render.spans import END, end, length, result, winners
from lstm_ascii.render.wording import series_title
from lstm_ascii.reports.agreement.report import NetworkAgreement
from lstm_ascii.reports.compare.report import CompareReport, Reach, SeriesRead
from lstm_ascii.reports.gradients.network import GateUse
from lstm_ascii.reports.recall import LEARNT, RecallReport
from lstm_ascii.reports.scored.shares import Group
from lstm_ascii.thresholds import GUESSING

# What gates do, and which letter of each cell does it.
USES = {"keeps": {"f": "f", "z": "z"}, "adds": {"i": "i", "z": "1−z"}, "shows": {"o": "o", "r": "r"}}
STYLES = {"f": "forget", "z": "forget", "i": "input", "1−z": "input"}  # the gates whose colours letters have


def compare_page(report: CompareReport, views: Sequence[str] = ()) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        views: the sections, by name; all that were measured if none is named.
    """
    sections = {
        "size": (report.sizes or (report.series and report.trained), size),
        "time": (report.times, time),
        "span": (report.recall, span),
        "agreement": (any(network.agreement for network in report.trained), agreement),
        "gradient": (report.random or any(network.inside for network in report.trained), gradient),
        "gates": (any(network.gates is not None for network in report.trained), gates),
        "claims": (report.claims, claims),
        "problems": (problems_of(report), problems),
    }
    in_order = [sections[name] for name in SECTIONS if not views or name in views]
    return Page(_head(report), tuple(section(report) for measured, section in in_order if measured))


def _head(report: CompareReport) -> Head:
    """Return the box with what is compared."""
    if report.series:
        return _series_head(report, report.series)
    facts = f"random networks of {report.hidden_size} units, seed {report.seed}"
    if report.trained:
        sources = dict.fromkeys(f"{network.hidden_size} units, {network.source}" for network in report.trained)
        facts += f" · trained networks: {'; '.join(sources)}"
    if report.measured:
        facts += f" · measured on {report.measured.date}, {report.measured.machine}; --again measures here"
    names = [*report.cells, *(network.label for network in report.trained[len(report.cells) :])]
    return Head([Text(" · ".join(names), "word"), Text(facts, "note")], spoken=", ".join(names))


def _series_head(report: CompareReport, series: SeriesRead) -> Head:
    """Return the box with what was read, and the networks that read it."""
    sources = [
        f"{network.label}: {counted(network.hidden_size, 'unit')}, {network.source}" for network in report.trained
    ]
    title = series_title(series.features, series.steps, series.first, series.last)
    return Head([title, *(Text(source, "note") for source in sources)])


def size(report: CompareReport) -> Section:
    """How many parameters there are."""

    def tables() -> list[Table]:
        cells = tuple((cell.cell, cell.hidden_size, cell.parameters) for cell in report.sizes)
        trained = tuple((network.label, network.hidden_size, *network.parameters) for network in report.trained)
        heads = ("network", "units", "whole" if report.series else "trained, whole", "its cells alone")
        named = "parameters" if report.series else "parameters of trained networks"
        of_one = Table("parameters of one cell", ("network", "units", "parameters"), cells)
        return [*([of_one] if cells else ()), Table(named, heads, trained)]

    names = [network.label for network in report.trained] or report.cells
    sizes = [(cell.cell, cell.parameters) for cell in report.sizes]
    if report.series:
        sizes = [(network.label, network.parameters[1]) for network in report.trained]
    alike = len({network.hidden_size for network in report.trained}) == 1 or not report.series
    return Section("Parameters", "numbers that are trained", (
        side_by_side(names, list(_size_rows(report)), tables),
        Paragraph(many_times("Parameters for as many units," if alike else "Parameters of the cells", sizes)),
    ))  # fmt: skip


def _size_rows(report: CompareReport) -> Iterator[FigureRow]:
    """Yield the parameters of cells of one size, and of the trained networks where they are others."""
    sizes = [cell.parameters for cell in report.sizes]
    of_no_cell = (Figure(""),) * len(report.trained[len(sizes) :])
    if sizes:
        yield FigureRow(f"cell of {report.hidden_size} units", (*_counts(sizes), *of_no_cell))
    for place, label in ((0, "whole" if report.series else "trained, whole"), (1, "its cells alone")):
        counts = [network.parameters[place] for network in report.trained]
        if counts and counts != sizes:
            yield FigureRow(label, _counts(counts))


def _counts(counts: Sequence[int]) -> tuple[Figure, ...]:
    """Write numbers of parameters."""
    return tuple(Figure(f"{count:,}", count / max(counts), "measure") for count in counts)


def time(report: CompareReport) -> Section:
    """How long a step takes."""
    first, steps = report.times[0], [(step.cell, step.forward[1]) for step in report.times]
    measures = (
        ("forward", "microseconds a step forward", [step.forward for step in report.times]),
        ("and back", "microseconds a step there and back", [step.training for step in report.times]),
    )

    def tables() -> list[Table]:
        heads = ("network", "lower quartile", "median", "upper quartile")
        return [
            Table(name, heads, tuple((step.cell, *three) for step, three in zip(report.times, times, strict=True)))
            for _, name, times in measures
        ]

    rows = [FigureRow(label, _times(times)) for label, _, times in measures]
    text = (
        f"Medians and quartiles of {first.repeats} runs of {first.steps} steps, one sequence at a time, all gates kept."
    )
    where = "that" if report.measured else "this"  # of the head, or the one at hand
    return Section("Time a step", f"{report.hidden_size} units, microseconds, on {where} machine", (
        side_by_side(report.cells, rows, tables), note(text),
        Paragraph(many_times("The time of a step forward", steps)),
    ))  # fmt: skip


def _times(times: Sequence[tuple[float, float, float]]) -> tuple[Figure, ...]:
    """Write medians and quartiles."""
    most = max(median for _, median, _ in times)
    return tuple(
        Figure(number(median, 1), median / most, "measure", f"{number(low, 1)}–{number(high, 1)}")
        for low, median, high in times
    )


def span(report: CompareReport) -> Section:
    """The memory race."""
    race = report.recall
    about = "the longest gap over which the first word is remembered"
    if race is None:
        return Section("Memory span", about)
    text = (
        f"Trained from {counted(len(race.seeds), 'seed')}: steps until {race.target:.0%} of the answers are "
        f"right, the median over the seeds; not: what was right after {race.steps:,} steps (by chance "
        f"{race.chance:.1%}); "
        "·: not tried, as a shorter gap was not learnt. lstm-ascii recall tells more."
    )
    if race.interrupted:
        text = f"The race was stopped: this is what was known by then. {text}"
    spoken = text.replace("; not: what", "; not learnt: what").replace("·: not tried,", "result not tried,")
    return Section("Memory span", about, (
        _spans(race), Paragraph(text, "note", spoken=spoken), *map(Paragraph, winners(race.networks)),
    ))  # fmt: skip


def _spans(race: RecallReport) -> Grid:
    """Return the memory spans, and the steps of every gap."""
    networks = race.networks

    def tables() -> list[Table]:
        gaps = tuple(
            (network.label, gap.gap, gap.stage, gap.steps, gap.accuracy) for network in networks for gap in network.gaps
        )
        spans = tuple((network.label, network.span, end(network)) for network in networks)
        return [
            Table("memory span", ("network", "span", END), spans),
            Table("steps until a gap is learnt", ("network", "gap", "result", "steps", "accuracy"), gaps, named_by=2),
        ]

    shares = [sum(gap <= network.span for gap in race.gaps) / len(race.gaps) for network in networks]
    spans = [Figure(length(network), share, "measure") for network, share in zip(networks, shares, strict=True)]
    rows = [FigureRow("span", tuple(spans))]
    for place, gap in enumerate(race.gaps):
        results = [network.gaps[place] for network in networks]
        cells = [Figure(result(one), None, "" if one.stage == LEARNT else "note") for one in results]
        rows.append(FigureRow(f"gap {gap:,}", tuple(cells)))
    return side_by_side([network.label for network in networks], rows, tables)


def agreement(report: CompareReport) -> Section:
    """How often the verb agrees."""
    known = [(network.label, network.agreement) for network in report.trained if network.agreement]
    rows = [FigureRow("all", tuple(_share(whole) for _, whole in known))]
    for groups in zip(*(whole.by_distance for _, whole in known), strict=True):
        name = groups[0].name.replace("-", "–")
        rows.append(FigureRow(f"{name} words", tuple(map(_share, groups))))

    def tables() -> list[Table]:
        named: list[tuple[str, str, Group | NetworkAgreement]] = []
        for label, whole in known:
            named += [(label, "all", whole), *((label, group.name, group) for group in whole.by_distance)]
        figures = tuple(
            (label, name, group.right, group.total, group.accuracy, *(group.interval or (None, None)))
            for label, name, group in named
        )
        return [Table("agreement", ("network", "words between", "right", "pairs", "accuracy", "from", "to"), figures,
                      named_by=2)]  # fmt: skip

    text = f"{report.pairs} fresh minimal pairs at each distance; beside the share its 95% interval."
    spoken = f"{text.replace('95% interval', '95% interval, from and to')} Guessing is {GUESSING:.0%}."
    return Section("Agreement", "right verbs, by the words between subject and verb", (
        side_by_side([network.label for network in report.trained], rows, tables),
        Paragraph(f"{text} {BARS}", "note", spoken=spoken),
        Paragraph(compared([replace(whole, cell=label) for label, whole in known])), note(verb_weights(report)),
    ))  # fmt: skip


def _share(group: Group | NetworkAgreement) -> Figure:
    """Write a share and its interval."""
    if group.accuracy is None or group.interval is None:
        return Figure("no pairs", None, "note")
    style, interval = against_guessing(group.interval), bounds(group.interval)
    return Figure(percent(group.accuracy), group.accuracy, style, interval, GUESSING)


def gradient(report: CompareReport) -> Section:
    """What is left of the gradient: of random networks, of trained ones inside a sentence, and along a text."""
    low = power(log10(report.thresholds[0]))
    blocks: list[Block] = []
    for title, names, rows in _reaches(report):
        blocks += [note(title), side_by_side(names, rows)]
    return Section("Gradient", f"what is left of it so many steps back; below {low}: vanished", (
        *blocks, Drawing(lambda _: (), lambda: [_reach_table(report)]),  # one table for all that is drawn above
        Paragraph(alive(report)), Paragraph(writing_cost(report)), note(choices(report)),
    ))  # fmt: skip


def _reaches(report: CompareReport) -> Iterator[tuple[str, Sequence[str], Sequence[FigureRow]]]:
    """Yield the title, the networks and the rows of each table that is drawn."""
    if report.random:
        yield (
            "; ".join(filter(None, (f"random networks, medians of {report.random_seeds}", scaled(report)))),
            [reach.label for reach in report.random],
            list(_reach_rows(report.random, report.thresholds)),
        )
    if report.radii:
        names = [f"radius {one.radius:g}" for one in report.radii]
        rows = list(_reach_rows([one.reach for one in report.radii], report.thresholds))
        yield "the same random RNN, scaled to several spectral radii", names, rows
    inside = f"trained networks inside {'your sentence' if report.sentence else 'a sentence, from its verb back'}"
    if report.series:
        inside = f"along the series, of random networks the medians of {report.random_seeds}"
    for title, reaches, choice_reaches in (
        (inside, [network.inside for network in report.trained],
         [network.inside_choice for network in report.trained]),
        ("trained networks along a text of several sentences", [network.along for network in report.trained],
         [network.along_choice for network in report.trained]),
    ):  # fmt: skip
        rows = [*_reach_rows(reaches, report.thresholds), *_reach_rows(choice_reaches, report.thresholds, "choice, ")]
        if rows:
            yield title, [network.label for network in report.trained], rows


def _reach_rows(
    reaches: Sequence[Reach | None], thresholds: tuple[float, float], what: str = ""
) -> Iterator[FigureRow]:
    """Yield a row a place; the bars are logarithmic, from the lower threshold to 1."""
    low, high = map(log10, thresholds)
    for place, back in enumerate(next((reach.steps_back for reach in reaches if reach), ())):
        cells = []
        for reach in reaches:
            left = reach.log10[place] if reach else None
            share = 0.0 if left is None else max(0.0, 1 - left / low)
            style = "grad.vanished" if left is None or left < low else "grad.exploded" if left > high else "grad.alive"
            cells.append(Figure(power(left), share, style) if reach else Figure("none", None, "note"))
        yield FigureRow(f"{what}{back} back", tuple(cells))


def _reach_table(report: CompareReport) -> Table:
    """Return what is left of all gradients as one table."""
    places = (
        ("random", report.random),
        *((f"random, radius {one.radius:g}", [one.reach]) for one in report.radii),
        ("along the series" if report.series else "inside a sentence", [network.inside for network in report.trained]),
        ("inside a sentence, choice", [network.inside_choice for network in report.trained]),
        ("along a text", [network.along for network in report.trained]),
        ("along a text, choice", [network.along_choice for network in report.trained]),
    )
    rows = tuple(
        (reach.label, where, back, Power(left))
        for where, reaches in places
        for reach in reaches
        if reach
        for back, left in zip(reach.steps_back, reach.log10, strict=True)
    )
    return Table("gradient that is left", ("network", "where", "steps back", "size"), rows, named_by=3)


def gates(report: CompareReport) -> Section:
    """How the gates are used."""
    where = "along your sentence" if report.sentence else f"along {report.texts} fresh sentences up to their verb"
    where = "along the series" if report.series else where
    used = [(use, [_gate(network.gates or (), letters) for network in report.trained]) for use, letters in USES.items()]

    def tables() -> list[Table]:
        means: list[tuple[Value, ...]] = []
        for use, known in used:
            for network, gate in zip(report.trained, known, strict=True):
                means.append((network.label, use, *(gate or ("none", None))))
        by_letter = tuple(
            (network.label, gate.letter, gate.mean, gate.open, gate.closed)
            for network in report.trained
            for gate in network.gates or ()
        )
        return [
            Table("means of gates by what they do", ("network", "what it does", "gate", "mean"), tuple(means), 2),
            Table("gates", ("network", "gate", "mean", "open", "closed"), by_letter, named_by=2),
        ]

    rows = [FigureRow(use, tuple(map(_gate_cell, known))) for use, known in used]
    return Section("Gates", f"means {where}", (
        side_by_side([network.label for network in report.trained], rows, tables),
        Paragraph(report.sentence, "word"), Paragraph(open_gates(report)),
    ))  # fmt: skip


def _gate(gates: Sequence[GateUse], letters: dict[str, str]) -> tuple[str, float] | None:
    """Return the name of the gate that has one of ``letters``, and its mean; ``None`` if there is none."""
    for gate in gates:
        if name := letters.get(gate.letter):
            return name, 1 - gate.mean if name.startswith("1") else gate.mean
    return None


def _gate_cell(gate: tuple[str, float] | None) -> Figure:
    """Write a gate's mean."""
    if gate is None:
        return Figure("none", None, "note")
    name, mean = gate
    return Figure(short(mean), mean, f"gate.{STYLES.get(name, 'output')}", name)
