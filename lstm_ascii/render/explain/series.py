"""A series as it was read: each feature as a sparkline, the gates beneath, and the answer had it ended there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.along import Line, along, ranges_stand_beside, spark, steps_a_column
from lstm_ascii.render.explain.context import Context, step_named
from lstm_ascii.render.figures import counted, plain, short
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import SPACE, Block, Drawing, Paragraph, Section, note
from lstm_ascii.reports.explain.report import ExplainReport

TITLE = "The series"
MOST_FEATURES = 12  # that are drawn; of more, those with the largest influence, else the first
UNITS = (0.0, 1.0)
STYLES = {"keeps": "gate.forget", "adds": "gate.input", "shows": "gate.output"}


def section(context: Context) -> Section:
    """The features, and the gates beneath."""
    report, main = context.report, context.main
    if not report.is_series:
        return Section(TITLE, "", (Paragraph("Words were read, not numbers: see “gates”."),))
    about = f"{counted(len(report.features), 'feature')}, {counted(len(report.words), 'step')}; the {main.cell} beneath"
    draw = partial(_draw, report)
    blocks: list[Block] = [Drawing(draw, lambda: (_table(report),)), SPACE, note(partial(_legend, report)),
                           Paragraph(closing(context))]  # fmt: skip
    return Section(TITLE, about, tuple(blocks))


def shown_features(report: ExplainReport) -> list[int]:
    """Return the indices of the features that are drawn, in their order."""
    count = len(report.features)
    found = report.main.influence
    if count <= MOST_FEATURES or found is None or not found.features:
        return list(range(min(count, MOST_FEATURES)))
    by_change = sorted(range(count), key=lambda k: (-max(abs(line[k]) for line in found.replaced), k))
    return sorted(by_change[:MOST_FEATURES])


def _lines(report: ExplainReport) -> list[Line]:
    """Return the sparklines, from top to bottom."""
    main = report.main
    lines = [spark(report.features[k], [row[k] for row in report.values], "state") for k in shown_features(report)]
    for field, name in zip(STYLES, main.kind.flow_labels.values(), strict=False):
        values = [getattr(step.gates, field) for step in main.steps if step.gates]
        if values:
            lines.append(spark(name, values, STYLES[field], UNITS))
    lines.append(spark("memory", [step.state_size for step in main.steps], "memory"))
    if main.answer and main.answer.steps:
        values = [step.asked for step in main.answer.steps]
        is_share = main.answer.is_probable
        label = f"p {main.answer.asked}" if is_share else "answer"
        lines.append(spark(label, values, "positive", UNITS if is_share else None))
    return lines


def _draw(report: ExplainReport, width: int) -> Iterator[Text]:
    yield from along(_lines(report), width)


def _legend(report: ExplainReport, width: int) -> str:
    """Say what the lines are."""
    group = steps_a_column(_lines(report), width)
    main, left = report.main, len(report.features) - MOST_FEATURES
    gates = f"gates: means over {counted(main.hidden_size, 'unit')}, from 0 to 1; " if main.kind.flow_labels else ""
    answer = ""
    if main.answer and main.answer.steps:
        at_each = main.answer.pooling == "each"
        of = f"the probability of {main.answer.asked}" if main.answer.is_probable else main.answer.asked
        answer = f"; last line: {of}{' at each step' if at_each else ', had the series ended there'}"
    beside = ranges_stand_beside(_lines(report), width)
    ranges = [] if beside else [f"{line.label} {line.told}" for line in _lines(report) if line.told]
    parts = [
        f"Features: each from its least to its largest value; {gates}memory: its length{answer}.",
        f"A column is the mean of {group} steps." if group > 1 else "",
        f"Ranges: {', '.join(ranges)}." if ranges else "",
        "The network reads them scaled." if report.is_scaled else "",
        f"{counted(left, 'feature')} of less influence left out." if left > 0 else "",
    ]
    return " ".join(filter(None, parts))


def _table(report: ExplainReport) -> Table:
    """Tell the features and the gates of every step."""
    main = report.main
    gated = main.steps[0].gates is not None
    names = tuple(main.kind.flow_labels.values()) if gated else ()
    rows: list[tuple[Value, ...]] = []
    for step, values in zip(main.steps, report.values, strict=True):
        gates = () if step.gates is None else (step.gates.keeps, step.gates.adds, step.gates.shows)
        rows.append((step.number, step.word, *values, *gates, step.state_size))
    return Table("series", ("step", "name", *report.features, *names, "memory"), tuple(rows), named_by=2,
                 read_out=() if len(rows) > MOST_FEATURES * 2 else None)  # fmt: skip


def closing(context: Context) -> str:
    """Say where the gates do most."""
    main, report = context.main, context.report
    if not main.is_finite:
        return "Some value in the network is no number."
    if main.steps[0].gates is None:
        most = max(main.steps, key=lambda step: (step.written, -step.number))
        return f"{step_named(report, most.number)} moved the state most, by {plain(most.written)}; sums over units."
    gates = [(step.number, step.gates) for step in main.steps if step.gates]
    low = min(gates, key=lambda one: (one[1].keeps, one[0]))
    high = max(gates, key=lambda one: (one[1].adds, -one[0]))
    keep, add = main.kind.flow_gates["keep"], main.kind.flow_gates["add"]
    mean = sum(one.keeps for _, one in gates) / len(gates)
    first = f"The {keep} is {short(mean).strip()} in the mean, lowest at {step_named(report, low[0], False)}: "
    adds = f"The {add} is highest at {step_named(report, high[0], False)}: {short(high[1].adds).strip()}."
    return f"{first}{short(low[1].keeps).strip()}. {adds}"
