"""The page of ``watch``: curves and a map by gate of every layer, and the steps at which something went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from math import isfinite, log10

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.curve import Curve, Scale, side_by_side
from lstm_ascii.render.figures import counted, number, percent, plain
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.layout import HOME, WIDE, page_width, paragraph, segments
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section, note, sentence
from lstm_ascii.reports.watch.records import LayerHead, LayerLine, StepLine
from lstm_ascii.reports.watch.report import Event, WatchReport

MARKS = {"error": "✗", "warning": "▲", "note": "•"}
STYLES = {"error": "grad.vanished", "warning": "grad.fading", "note": "note"}
HEIGHT = 5  # of a curve
READ_OUT = 12  # rows of a table that are read aloud
FIGURES = ("flat", "memory", "largest", "keep_bias", "radius", "horizon", "followed")
Points = Sequence[tuple[int, float]]


def watch_page(report: WatchReport) -> Page:
    """Return the page of a report."""
    sections = [_layer(report, head) for head in report.layers]
    sections.append(_events(report))
    head = Head([Text(report.file, "word"), Text(_about(report), "note")])
    return Page(head, sections, (SPACE, note(LEGEND)) if report.steps else ())


def report_line(step: StepLine) -> str:
    """Write a report in a line: the step, the loss, then each layer."""
    parts = [f"step {step.step:,}"]
    if step.loss is not None:
        parts.append(f"loss {number(step.loss, 3)}")
    for name, layer in step.layers.items():
        figures = [f"{gate} {plain(mean, 2)}" for gate, mean in layer.means.items() if mean is not None]
        if layer.gradient is not None:
            figures.append(f"gradient {number(layer.gradient)}")
        if horizon := _horizon(layer):
            figures.append(f"horizon {horizon}")
        figures += [found.rule for found in layer.findings]
        parts.append(f"{name}: {', '.join(figures) or 'weights only'}")
    return " · ".join(parts)


def _horizon(layer: LayerLine) -> str:
    """Write after how many steps the gradient has vanished, or how many it outlasts."""
    if not layer.followed:
        return ""
    return f">{layer.followed - 1}" if layer.horizon is None else str(layer.horizon)


def _about(report: WatchReport) -> str:
    """Say how far the training is, and what watching it takes."""
    if not report.steps:
        return "no report yet"
    last = report.steps[-1]
    facts = [f"step {last.step:,}", counted(len(report.steps), "report"), "ended" if report.ended else "goes on"]
    if last.loss is not None:
        facts.insert(1, f"loss {number(last.loss, 3)}")
    if last.cost is not None:
        facts.append(f"watching took {percent(last.cost)} of the time")
    if report.runs > 1:
        facts.append(f"the last of {report.runs} trainings in the file")
    if report.damaged:
        facts.append(f"{counted(report.damaged, 'damaged line')} left out")
    return " · ".join(facts)


def _layer(report: WatchReport, head: LayerHead) -> Section:
    """Curves, the map and the last figures of one layer."""
    lines = list(report.of_layer(head.name))
    about = f"{head.cell}, {head.inputs} inputs, {head.units} units"
    if not lines:
        return Section(head.name, about, [note("No report of it yet.")])
    drawing = Drawing(partial(_drawn, head, lines), lambda: _tables(head, lines), [sentence(_last(lines[-1][1]))])
    blocks: list[Block] = [drawing, Paragraph(_change(lines))]
    return Section(head.name, about, blocks)


LEGEND = (
    "Curves: the mean of each gate over units and steps of what the layer last read, from 0 to 1, and the norm of the "
    "gradient of all its weights, on a logarithmic scale. Map: gate by time; weights and gradients from the smallest "
    "of the row to its largest, gates from 0 to 1."
)


def _curves(lines: Sequence[tuple[int, LayerLine]]) -> Iterator[Curve]:
    """Return a curve a gate, and one of the gradient."""
    end = max(1, lines[-1][0])
    for gate in lines[-1][1].means or lines[0][1].means:
        points = _points(lines, [line.means.get(gate) for _, line in lines])
        if points:
            scale = Scale(0.0, 1.0, False, partial(plain, digits=1))
            yield Curve(f"{gate} gate, mean", points, end, scale, _style(gate))
    sizes = [(step, size) for step, size in _points(lines, [line.gradient for _, line in lines]) if size > 0]
    if sizes:
        low, high = (pick(size for _, size in sizes) for pick in (min, max))
        scale = Scale(low * 0.9, high * 1.1, True, lambda value: f"{value:.0e}")
        yield Curve("gradient, norm", sizes, end, scale, "positive")


def _style(gate: str) -> str:
    """Return the colour of a gate, the same in every curve and row; of others one for all."""
    return f"gate.{gate}" if gate in ("forget", "input", "output") else "positive"


def _points(lines: Sequence[tuple[int, LayerLine]], values: Sequence[float | None]) -> Points:
    return [(step, value) for (step, _), value in zip(lines, values, strict=True) if value is not None]


def _drawn(head: LayerHead, lines: Sequence[tuple[int, LayerLine]], width: int) -> Iterator[Text]:
    """Draw the curves, as many beside each other as there is room for, then the map."""
    curves = list(_curves(lines))
    beside = 1 if width < HOME else 2 if width < WIDE else 3
    each = (width - 2 * (beside - 1)) // beside
    for first in range(0, len(curves), beside):
        blocks = [curve.lines(each, HEIGHT) for curve in curves[first : first + beside]]
        yield from side_by_side(blocks) if len(blocks) > 1 else blocks[0]
    yield Text("")
    yield from _map(head, lines, width)
    yield from paragraph(Text(_last(lines[-1][1])), width, 1)


def _map(head: LayerHead, lines: Sequence[tuple[int, LayerLine]], width: int) -> Iterator[Text]:
    """Draw gate × time in shades."""
    rows = list(_map_rows(head, lines))
    left = max((len(name) for name, _, _ in rows), default=0)
    room = max(1, min(width - left - 3, 120))
    for name, values, bounds in rows:
        cells = [_shade(value, bounds) for value in _columns(values, room)]
        yield Text.assemble((f" {name:<{left}} ", "note"), ("".join(cells), _style(name.split()[0])), no_wrap=True)
    if rows:
        end = f"{lines[-1][0]:,}"
        axis = f"{lines[0][0]:,}"
        gap = min(room, len(lines)) - len(axis) - len(end)
        yield Text(f" {'':<{left}} {axis}{' ' * max(1, gap)}{end}"[:width].rstrip(), "note", no_wrap=True)


def _map_rows(
    head: LayerHead, lines: Sequence[tuple[int, LayerLine]]
) -> Iterator[tuple[str, list[float | None], tuple[float, float]]]:
    """Return the rows of the map: gates, then the logarithms of norms."""
    for gate in (gate for gate in head.gates if any(gate in line.means for _, line in lines)):
        yield f"{gate} gate", [line.means.get(gate) for _, line in lines], (0.0, 1.0)
    for kind, name in (("gradients", "gradient"), ("weights", "weights")):
        for gate in head.gates:
            logs = [_log(getattr(line, kind).get(gate)) for _, line in lines]
            known = [value for value in logs if value is not None]
            if known:
                yield f"{gate} {name}", logs, (min(known), max(known))


def _log(value: float | None) -> float | None:
    return log10(value) if value is not None and value > 0 else None


def _columns(values: Sequence[float | None], room: int) -> list[float | None]:
    """Return at most ``room`` values, each the mean of those that share its column."""
    count = min(room, len(values))
    found: list[float | None] = []
    for column in range(count):
        some = [v for v in values[column * len(values) // count : (column + 1) * len(values) // count] if v is not None]
        found.append(sum(some) / len(some) if some else None)
    return found


def _shade(value: float | None, bounds: tuple[float, float]) -> str:
    """Return a level for a value between two bounds."""
    if value is None or not isfinite(value):
        return " "
    low, high = bounds
    share = (value - low) / (high - low) if high > low else 0.5
    return LEVELS[min(len(LEVELS) - 1, max(0, int(share * len(LEVELS))))]


def _last(line: LayerLine) -> str:
    """Say what stands at the last report."""
    facts = [f"{gate} {plain(mean, 2)} ({percent(line.opened.get(gate) or 0)} open, "
             f"{percent(line.closed.get(gate) or 0)} closed)" for gate, mean in line.means.items()
             if mean is not None]  # fmt: skip
    for name, value in (("flat", line.flat), ("memory", line.memory), ("keep bias", line.keep_bias),
                        ("radius", line.radius)):  # fmt: skip
        if value is not None:
            facts.append(f"{name} {percent(value) if name == 'flat' else number(value)}")
    if horizon := _horizon(line):
        facts.append(f"horizon {horizon} steps")
    return f"Now: {', '.join(facts)}." if facts else "Now: weights and gradients only; its gates were not seen."


def _change(lines: Sequence[tuple[int, LayerLine]]) -> str:
    """Say which gate changed most."""
    first, last = lines[0][1], lines[-1][1]
    moved = [(abs(new - old), gate, old, new) for gate, new in last.means.items()
             if new is not None and (old := first.means.get(gate)) is not None]  # fmt: skip
    if not moved or len(lines) < 2:
        return ""
    _, gate, old, new = max(moved)
    if number(old) == number(new):
        return f"Since step {lines[0][0]:,} the means of its gates have stayed as they are."
    return f"Of its gates the {gate} gate moved most: from {number(old)} at step {lines[0][0]:,} to {number(new)}."


def _tables(head: LayerHead, lines: Sequence[tuple[int, LayerLine]]) -> tuple[Table, ...]:
    """Return all figures by step."""
    gates = [gate for gate in head.gates if any(gate in line.means for _, line in lines)]
    columns = ("step", "gradient", *(f"{gate} {what}" for gate in gates for what in ("mean", "open", "closed")),
               *(name.replace("_", " ") for name in FIGURES),
               *(f"{gate} {kind}" for kind in ("gradient", "weights") for gate in head.gates))  # fmt: skip
    rows = []
    for step, line in lines:
        row: list[Value] = [step, line.gradient]
        row += [values.get(gate) for gate in gates for values in (line.means, line.opened, line.closed)]
        row += [getattr(line, name) for name in FIGURES]
        row += [values.get(gate) for values in (line.gradients, line.weights) for gate in head.gates]
        rows.append(tuple(row))
    read = range(max(0, len(rows) - READ_OUT), len(rows))
    courses = tuple(_course(name, values, name.endswith(" gate")) for name, values, _ in _map_rows(head, lines))
    course = Table(f"course of {head.name}", ("figure", "first", "smallest", "largest", "last"), courses)
    return Table(head.name, columns, tuple(rows), read_out=read), course


def _course(name: str, values: Sequence[float | None], linear: bool) -> tuple[Value, ...]:
    """Return a row of the map in figures: how it begins, its bounds, how it ends."""
    known = [value if linear else 10**value for value in values if value is not None]
    return (name, known[0], min(known), max(known), known[-1]) if known else (name, None, None, None, None)


def _events(report: WatchReport) -> Section:
    """What there is to say, by the step where it began."""
    events = report.events
    about = counted(len(events), "time") if events else "nothing by doctor's limits"
    columns = ("step", "until", "severity", "rule", "where", "what", "evidence")
    table = Table("events", columns, tuple(tuple(getattr(one, name) for name in columns) for one in events),
                  silent=True)  # fmt: skip
    spoken = [sentence(f"{one.severity}: {_said(one)}. {sentence(one.evidence)}") for one in events]
    return Section("What doctor would say", about, (Drawing(partial(_event_lines, events), lambda: (table,), spoken),))


def _said(event: Event) -> str:
    """Say what happened, where and when."""
    at = f"at step {event.step:,}"
    if event.until > event.step or event.lasts:
        at = f"from step {event.step:,} on" if event.lasts else f"from step {event.step:,} to {event.until:,}"
    return f"{event.what} {at} ({event.where})"


def _event_lines(events: Sequence[Event], width: int) -> Iterator[Text]:
    """Draw a paragraph an event."""
    for one in events:
        mark = (f"{MARKS.get(one.severity, '•')} ", STYLES.get(one.severity, "note"))
        yield from paragraph(
            Text.assemble(mark, (f"{one.severity}: ", "note"), (_said(one), "title")), width, 1, hang=3
        )
        yield from paragraph(Text(one.evidence, "note"), width, 3)


class Screen:
    """The page as it fits a terminal, from the top; what is below is counted."""

    def __init__(self, page: Page) -> None:
        """Take the page."""
        self._page = page

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw as many lines as there is room for."""
        page = self._page.in_ascii() if options.ascii_only else self._page
        yield from segments(self._lines(page, page_width(options), max(2, console.size.height - 1)), console)

    def _lines(self, page: Page, width: int, room: int) -> Iterator[Text]:
        lines = list(islice(page.lines(width), 2000))
        yield from lines if len(lines) <= room else lines[: room - 1]
        if len(lines) > room:
            yield Text(f" … {len(lines) - room + 1} more lines; --no-follow shows all"[:width], "note", no_wrap=True)
