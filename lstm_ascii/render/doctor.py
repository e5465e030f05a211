"""The page of ``doctor``: what was measured, and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.figures import counted, fit, number, percent, plain
from lstm_ascii.render.layout import boxed, heading, page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.reports.doctor.findings import SEVERITIES, Finding, Limits, signed
from lstm_ascii.reports.doctor.report import DoctorReport, TextSummary
from lstm_ascii.reports.doctor.units import UnitsMeasured
from lstm_ascii.reports.doctor.weights import LayerMeasures

MARKS = {"error": "✗", "warning": "▲", "note": "•"}
STYLES = {"error": "grad.vanished", "warning": "grad.fading", "note": "note"}
WEIGHTS = ("", "cell", "inputs", "units", "keep bias", "radius", "sing. v.")
UNITS = ("", "keeps", "adds", "shows", "open", "closed", "flat", "largest", "horizon")


class DoctorPage:
    """Draws a :class:`DoctorReport`."""

    def __init__(self, report: DoctorReport) -> None:
        """Take the report."""
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width at hand."""
        yield from segments(self._lines(page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell the measures as tables, and each finding in sentences."""
        report = self.report
        yield Title(f"Doctor: {report.model}")
        yield Prose(_about(report))
        columns = ("layer", "cell", "inputs", "units", "keep bias", "keep bias from", "to", "radius", "singular value")
        rows = [
            (one.name, one.cell, one.input_size, one.hidden_size, *(one.keep_bias or (None, None, None)),
             one.spectral_radius, one.largest_singular_value)
            for one in report.layers
        ]  # fmt: skip
        yield Table("weights", columns, tuple(rows))
        if report.listened:
            names = ("layer", "keeps", "adds", "shows", "open", "closed", "flat", "largest memory", "horizon",
                     "lines followed", "words followed")  # fmt: skip
            told = [(one.name, one.keeps, one.adds, one.shows, one.open, one.closed, one.saturated, one.largest,
                     one.horizon, *one.followed) for one in report.listened.units]  # fmt: skip
            yield Prose(_heard(report.listened))
            yield Table("on the text", names, tuple(told))
            if few := _too_few(report.listened, report.limits):
                yield Prose(few)
        yield Title("Findings")
        yield Prose(summary(report.findings))
        fields = ("severity", "rule", "what", "where", "evidence", "means", "advice", "source")
        yield Table("findings", fields, tuple(tuple(getattr(one, name) for name in fields) for one in report.findings))

    def _lines(self, width: int) -> Iterator[Text]:
        """Draw everything."""
        report = self.report
        yield from boxed([Text(report.model, "word"), Text(_about(report), "note")], width)
        yield from heading(1, "THE WEIGHTS", "", width)
        yield from _table(WEIGHTS, [_weights_row(one) for one in report.layers], width)
        yield from paragraph(Text(_weights_legend(report.layers), "note"), width, 1)
        if report.listened:
            yield from heading(2, "ON THE TEXT", _heard(report.listened), width)
            yield from _table(UNITS, [_units_row(one) for one in report.listened.units], width)
            yield from paragraph(Text(_units_legend(report.listened, report.limits), "note"), width, 1)
        yield from heading(3 if report.listened else 2, "FINDINGS", summary(report.findings), width)
        for finding in report.findings:
            yield from _drawn(finding, width)
        if not report.listened:
            yield Text("")
            hint = "Only the weights were looked at; give a sentence or a file of text to see what the units do."
            yield from paragraph(Text(hint, "note"), width, 1)


def _about(report: DoctorReport) -> str:
    """Say what the network is."""
    cells = ", ".join(f"{count} {cell}" for cell, count in Counter(one.cell for one in report.layers).items())
    return f"{report.parameters:,} parameters · {cells} · {report.source}"


def _heard(listened: TextSummary) -> str:
    """Say what was read."""
    lines = counted(listened.lines, "line")
    if listened.pieces > listened.lines:
        lines += f" in {counted(listened.pieces, 'piece')} of at most {listened.longest} words"
    missing = f", {listened.unknown:,} of them unknown" if listened.unknown else ""
    left = f", {listened.skipped:,} more left out" if listened.skipped else ""
    met = f"; {percent(listened.met)} of the vocabulary came in it"
    return f"{listened.name}: {counted(listened.words, 'word')}{missing}{left}, {lines}{met}"


def summary(findings: Sequence[Finding]) -> str:
    """Count the findings."""
    counts = Counter(one.severity for one in findings)
    told = [counted(counts[name], name) for name in SEVERITIES if counts[name]]
    return ", ".join(told) or "nothing by these limits"


def _weights_row(one: LayerMeasures) -> tuple[str, ...]:
    """Write what the weights say."""
    bias = "–" if one.keep_bias is None else signed(one.keep_bias[0])
    radius, value = (
        "–" if figure is None else number(figure) for figure in (one.spectral_radius, one.largest_singular_value)
    )
    return one.name, one.cell, str(one.input_size), str(one.hidden_size), bias, radius, value


def _units_row(one: UnitsMeasured) -> tuple[str, ...]:
    """Write what the units did."""
    gates = ["–" if gate is None else plain(gate, 2) for gate in (one.keeps, one.adds, one.shows)]
    shares = ["–" if share is None else percent(share) for share in (one.open, one.closed, one.saturated)]
    horizon = "–" if not one.followed[0] else f">{one.followed[1] - 1}" if one.horizon is None else str(one.horizon)
    largest = "–" if one.largest is None else number(one.largest, 1)
    return one.name, *gates, *shares, largest, horizon


def _weights_legend(layers: Sequence[LayerMeasures]) -> str:
    """Say what the columns are."""
    gates = dict.fromkeys(
        {"LSTM": "the forget gate's", "GRU": "the update gate's"}[one.cell] for one in layers if one.cell != "RNN"
    )
    bias = f"Keep bias: {', '.join(gates)}, both biases added up, the mean over units. " if gates else ""
    return (
        f"{bias}Radius and sing. v.: spectral radius and largest singular value of the recurrent weights of the "
        "candidate; of the RNN's only matrix."
    )


def _units_legend(listened: TextSummary, limits: Limits) -> str:
    """Say what the columns are."""
    count, reach = max(one.followed for one in listened.units)
    kind = "line" if listened.pieces == listened.lines else "piece"
    farthest = f"words until the gradient is below {limits.vanished:g}, the farthest of three places in a {kind}"
    followed = f" Horizon: {farthest}, the middle of {counted(count, kind)} of {reach} words." if count else ""
    return (
        "Gates: means; open: above 0.9, closed: below 0.1, of all their values. Flat: tanh beyond ±0.99. Largest: "
        f"absolute value of the memory.{followed} {_too_few(listened, limits)}".rstrip()
    )


def _too_few(listened: TextSummary, limits: Limits) -> str:
    """Say where there were too few words for findings on what units do always."""
    if listened.words >= limits.least:
        return ""
    return f"In fewer than {limits.least} words nothing is said of what gates and units do always or never."


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[Text]:
    """Draw a table, or where it is too wide a paragraph a row."""
    widths = [max(map(cell_len, column)) for column in zip(heads, *rows, strict=True)]
    if sum(widths) + 2 * len(widths) > width:
        for name, *figures in rows:
            told = ", ".join(
                f"{head} {figure}" for head, figure in zip(heads[1:], figures, strict=True) if figure != "–"
            )
            yield from paragraph(Text.assemble((f"{name}: ", "word"), told), width, 1, hang=3)
        return
    for style, row in (("note", heads), *(("", row) for row in rows)):
        first, *others = (fit(cell, wide) for cell, wide in zip(row, widths, strict=True))
        cells = "".join(f"  {cell.strip():>{wide}}" for cell, wide in zip(others, widths[1:], strict=True))
        yield Text.assemble(" ", (first, style or "word"), (cells, style))


def _drawn(finding: Finding, width: int) -> Iterator[Text]:
    """Draw a finding: what, where, how it was seen, what it means, what to do."""
    yield Text("")
    mark = f"{MARKS[finding.severity]} {finding.severity}: "
    what = Text.assemble((mark, STYLES[finding.severity]), (finding.what, "title"), f" ({finding.where})")
    yield from paragraph(what, width, 1, hang=3)
    for label, text in (("seen", finding.evidence), ("means", finding.means), ("do", finding.advice)):
        yield from paragraph(Text.assemble((f"{label}: ", "note"), text), width, 3, hang=5)
    if finding.source:
        yield from paragraph(Text(finding.source, "note"), width, 3, hang=5)
