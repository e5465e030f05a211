"""A watched training: series of figures, and the steps at which something went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass
from lstm_ascii.reports.doctor.findings import SEVERITIES
from lstm_ascii.reports.watch.records import LayerHead, LayerLine, Reader, StepLine
from lstm_ascii.thresholds import CLOSED, EXPLODING_FOLD, VANISHED_BELOW

SCHEMA_VERSION = 1
BEFORE = 5  # reports that a gradient is compared with, at least
WITHIN = 25  # and at most


@dataclass(frozen=True)
class Event:
    """A step at which something is to be said.

    Attributes:
        step: where it began.
        until: the last report at which it was so.
        lasts: whether that is the last report of all.
        severity: as ``doctor`` has it.
        rule: its name.
        where: the layer.
        what: in a few words.
        evidence: what was measured at ``step``.
    """

    step: int
    until: int
    lasts: bool
    severity: str
    rule: str
    where: str
    what: str
    evidence: str


@dataclass(frozen=True)
class WatchReport:
    """All that ``watch`` shows.

    Attributes:
        schema_version: of this layout.
        file: its path, safe to print.
        layers: what does not change.
        steps: the reports, in their order.
        events: by the step where they began.
        runs: trainings in the file; the last one is shown.
        damaged: lines that could not be read.
        ended: whether the training said that it was over.
    """

    schema_version: int
    file: str
    layers: tuple[LayerHead, ...]
    steps: tuple[StepLine, ...]
    events: tuple[Event, ...]
    runs: int
    damaged: int
    ended: bool

    def of_layer(self, name: str) -> Iterator[tuple[int, LayerLine]]:
        """Yield what was measured of a layer, with the steps."""
        for step in self.steps:
            if name in step.layers:
                yield step.step, step.layers[name]


def watch_report(path: Path) -> WatchReport:
    """Read the file of a watched training to its end.

    Raises:
        FileError: it can't be read, or is something else.
    """
    reader = Reader(path)
    try:
        for _ in reader.read():
            pass
        reader.finish()
    finally:
        reader.close()
    return report_of(reader, path)


def report_of(reader: Reader, path: Path) -> WatchReport:
    """Return the report of what was read so far."""
    steps = tuple(reader.steps)
    return WatchReport(SCHEMA_VERSION, visible(str(path)), reader.heads, steps, tuple(events_of(reader.heads, steps)),
                       reader.runs, reader.damaged, reader.ended)  # fmt: skip


def events_of(heads: Sequence[LayerHead], steps: Sequence[StepLine]) -> list[Event]:
    """Return when what is to be said began, and how long it lasted."""
    found = [event for head in heads for event in _of_layer(head.name, steps)]
    return sorted(found, key=lambda event: (event.step, SEVERITIES.index(event.severity)))


Said = tuple[str, str, str, str]  # severity, rule, what, evidence


def _of_layer(name: str, steps: Sequence[StepLine]) -> Iterator[Event]:
    """Yield the events of one layer."""
    lines = [(step.step, step.layers[name]) for step in steps if name in step.layers]
    open_events: dict[tuple[str, str], tuple[int, int, Said]] = {}
    closed: list[tuple[int, int, Said]] = []
    gradients: list[float] = []
    for step, line in lines:
        said = [*_doctors(line), *_gates(line), *_gradient(line, gradients)]
        now = {(rule, what if rule == "still-gate" else ""): one for one in said for _, rule, what, _ in [one]}
        closed += [open_events.pop(key) for key in [key for key in open_events if key not in now]]
        for key, one in now.items():
            first = open_events.get(key, (step, step, one))
            open_events[key] = (first[0], step, first[2])
    last = lines[-1][0] if lines else 0
    for begun, until, (severity, rule, what, evidence) in [*closed, *open_events.values()]:
        yield Event(begun, until, until == last, severity, rule, name, what, evidence)


def _doctors(line: LayerLine) -> Iterator[Said]:
    """Yield what ``doctor`` said."""
    for found in line.findings:
        if found.severity in SEVERITIES:
            yield found.severity, found.rule, found.what, found.evidence


def _gates(line: LayerLine) -> Iterator[Said]:
    """Yield the gates that keep the memory and are shut."""
    for gate in ("forget", "update"):
        mean = line.means.get(gate)
        if mean is not None and mean < CLOSED:
            yield "warning", "shut-gates", f"{gate} gates shut", f"their mean is {mean:.2g}; limit {CLOSED:g}"


def _gradient(line: LayerLine, before: list[float]) -> Iterator[Said]:
    """Yield where a gradient is far from those before it; take it in among these."""
    if line.gradients and line.gradient is None:
        yield "error", "gradient-no-number", "the gradient is no number", "NaN or infinite in every gate"
        return
    size = line.gradient
    if size is None:
        return
    middle = median(before[-WITHIN:]) if len(before) >= BEFORE else 0.0
    if middle and size > EXPLODING_FOLD * middle:
        told = f"{size / middle:.0f}-fold the middle of the reports before: {size:.3g} against {middle:.3g}"
        yield (
            "warning",
            "gradient-spike",
            f"gradient {size / middle:.0f}-fold",
            f"{told}; limit {EXPLODING_FOLD:g}-fold",
        )
    elif middle and size < VANISHED_BELOW * middle:
        told = f"{size:.3g} against {middle:.3g}, the middle of the reports before; limit {VANISHED_BELOW:g} of it"
        yield "warning", "gradient-gone", "gradient gone", told
    before.append(size)
