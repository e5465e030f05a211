"""The page of ``doctor``: what was measured, and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import counted, number, percent, plain
from lstm_ascii.render.grid import Column, Grid, as_sentence, figure_column, only_told
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Drawing, Head, Page, Section, note, sentence
from lstm_ascii.render.wording import Wording
from lstm_ascii.reports.doctor.findings import SEVERITIES, Finding, Limits, signed
from lstm_ascii.reports.doctor.report import DoctorReport, TextSummary
from lstm_ascii.reports.doctor.units import UnitsMeasured
from lstm_ascii.reports.doctor.weights import LayerMeasures

MARKS = {"error": "✗", "warning": "▲", "note": "•"}
STYLES = {"error": "verdict.bad", "warning": "verdict.good", "note": "note"}
FIELDS = ("severity", "rule", "what", "where", "evidence", "means", "advice", "source")
HINT = "Only the weights were looked at; give a sentence or a file of text to see what the units do."


def doctor_page(report: DoctorReport) -> Page:
    """Return the page of a report."""
    sections = [_weights(report.layers)]
    if report.listened:
        sections.append(_on_the_text(report.listened, report.limits))
    sections.append(_findings(report.findings))
    head = Head([Text(report.model, "word"), Text(_about(report), "note")])
    series = report.listened is not None and report.listened.is_series
    names = (report.model, report.source, report.listened.name if report.listened else "")
    closing = () if report.listened else (SPACE, note(HINT))
    return Page(head, sections, closing, wording=Wording(names) if series else None)


def _about(report: DoctorReport) -> str:
    """Say what the network is."""
    cells = ", ".join(f"{count} {cell}" for cell, count in Counter(layer.cell for layer in report.layers).items())
    return f"{report.parameters:,} parameters · {cells} · {report.source}"


def _weights(layers: Sequence[LayerMeasures]) -> Section:
    """What the weights alone tell of each layer."""
    biases = [layer.keep_bias or (None, None, None) for layer in layers]
    columns = [
        figure_column("cell", [layer.cell for layer in layers], str),
        figure_column("inputs", [layer.input_size for layer in layers], str),
        figure_column("units", [layer.hidden_size for layer in layers], str),
        figure_column("keep bias", [mean for mean, _, _ in biases], signed),
        only_told("keep bias from", [smallest for _, smallest, _ in biases]),
        only_told("to", [largest for _, _, largest in biases]),
        figure_column("radius", [layer.spectral_radius for layer in layers], number),
        figure_column("singular value", [layer.largest_singular_value for layer in layers], number, "sing. v."),
    ]
    return Section("The weights", "", (_layers("weights", layers, columns), note(_weights_legend(layers))))


def _on_the_text(listened: TextSummary, limits: Limits) -> Section:
    """What the units of each layer did on the text."""
    layers = listened.units
    columns = [
        figure_column("keeps", [layer.keeps for layer in layers], partial(plain, digits=2)),
        figure_column("adds", [layer.adds for layer in layers], partial(plain, digits=2)),
        figure_column("shows", [layer.shows for layer in layers], partial(plain, digits=2)),
        figure_column("open", [layer.open for layer in layers], percent),
        figure_column("closed", [layer.closed for layer in layers], percent),
        figure_column("flat", [layer.saturated for layer in layers], percent),
        figure_column("largest memory", [layer.largest for layer in layers], partial(number, digits=1), "largest"),
        Column("horizon", [layer if layer.followed[0] else None for layer in layers], draw=_horizon, right=True,
               exact=lambda layer: layer.horizon, absent="–"),
        only_told("lines followed", [layer.followed[0] for layer in layers]),
        only_told("words followed", [layer.followed[1] for layer in layers]),
        only_told("horizon beyond", [_beyond(layer) for layer in layers]),
    ]  # fmt: skip
    legend = note(_units_legend(listened, limits))
    title = "On the series" if listened.is_series else "On the text"
    return Section(title, _corpus(listened), (_layers(title.lower(), layers, columns), legend))


def _layers(name: str, layers: Sequence[LayerMeasures | UnitsMeasured], columns: Sequence[Column]) -> Grid:
    """Return a table with a row a layer, or where it is too wide a sentence a layer."""
    return Grid(name, ("layer",), [layer.name for layer in layers], columns, split=False, turn=as_sentence)


def _horizon(layer: UnitsMeasured, _size: int) -> Text:
    """Write after how many words the gradient has vanished, or how many it outlasts."""
    return Text(f">{_beyond(layer)}" if layer.horizon is None else str(layer.horizon))


def _beyond(layer: UnitsMeasured) -> int | None:
    """Return how many words back the gradient has not vanished, where it nowhere does."""
    return layer.followed[1] - 1 if layer.followed[0] and layer.horizon is None else None


def _corpus(listened: TextSummary) -> str:
    """Say what was read."""
    lines = counted(listened.lines, "line")
    if listened.pieces > listened.lines:
        lines += f" in {counted(listened.pieces, 'piece')} of at most {listened.longest} words"
    unknown = f", {listened.unknown:,} of them unknown" if listened.unknown else ""
    skipped = f", {listened.skipped:,} more left out" if listened.skipped else ""
    if listened.is_series:
        return f"{listened.name}: {counted(listened.words, 'step')}"
    met = f"; {percent(listened.met or 0.0)} of the vocabulary came in it"
    return f"{listened.name}: {counted(listened.words, 'word')}{unknown}{skipped}, {lines}{met}"


def _weights_legend(layers: Sequence[LayerMeasures]) -> str:
    """Say what the columns are."""
    gates = dict.fromkeys(f"the {layer.keep_gate}'s" for layer in layers if layer.keep_gate)
    bias = f"Keep bias: {', '.join(gates)}, both biases added up, the mean over units. " if gates else ""
    return (
        f"{bias}Radius and sing. v.: spectral radius and largest singular value of the recurrent weights of the "
        "candidate; of the RNN's only matrix."
    )


def _units_legend(listened: TextSummary, limits: Limits) -> str:
    """Say what the columns are."""
    count, reach = max(layer.followed for layer in listened.units)
    kind = "line" if listened.pieces == listened.lines else "piece"
    farthest = f"words until the gradient is below {limits.vanished:g}, the farthest of three places in a {kind}"
    followed = f" Horizon: {farthest}, the middle of {counted(count, kind)} of {reach} words." if count else ""
    return (
        "Gates: means; open: above 0.9, closed: below 0.1, of all their values. Flat: tanh beyond −0.99 or 0.99. "
        f"Largest: absolute value of the memory.{followed} {_too_few(listened, limits)}".rstrip()
    )


def _too_few(listened: TextSummary, limits: Limits) -> str:
    """Say where there were too few words for findings on what units do always."""
    if listened.words >= limits.least:
        return ""
    return f"In fewer than {limits.least} words nothing is said of what gates and units do always or never."


def _findings(findings: Sequence[Finding]) -> Section:
    """What was found, the worst first: paragraphs to read, rows to match."""
    rows = tuple(tuple(getattr(finding, name) for name in FIELDS) for finding in findings)
    table = Table("findings", FIELDS, rows, silent=True)
    spoken = [" ".join(map(sentence, _sentences(finding))) for finding in findings]
    return Section("Findings", summary(findings), (Drawing(partial(_drawn, findings), lambda: (table,), spoken),))


def summary(findings: Sequence[Finding]) -> str:
    """Count the findings."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(counted(counts[name], name) for name in SEVERITIES if counts[name]) or "nothing by these limits"


def _drawn(findings: Sequence[Finding], width: int) -> Iterator[Text]:
    """Draw each finding: what, where, how it was seen, what it means, what to do."""
    for finding in findings:
        yield Text("")
        mark = f"{MARKS[finding.severity]} {finding.severity}: "
        what = Text.assemble((mark, STYLES[finding.severity]), (finding.what, "title"), f" ({finding.where})")
        yield from paragraph(what, width, 1, hang=3)
        for label, text in _details(finding):
            yield from paragraph(Text.assemble((f"{label}: ", "note"), text), width, 3, hang=5)
        if finding.source:
            yield from paragraph(Text(finding.source, "note"), width, 3, hang=5)


def _sentences(finding: Finding) -> Iterator[str]:
    """Say the same as it is read aloud."""
    yield f"{finding.severity}: {finding.what} ({finding.where})"
    yield from (f"{label}: {text}" for label, text in _details(finding))
    if finding.source:
        yield finding.source


def _details(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Return the texts of a finding with what each of them is."""
    return ("seen", finding.evidence), ("means", finding.means), ("do", finding.advice)
