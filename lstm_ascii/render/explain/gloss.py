"""The words with tracks below them, as an interlinear gloss has: the unit that carried it, and each network's strip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.explain.context import IN_A_LINE, Context
from lstm_ascii.render.explain.highway import GREW
from lstm_ascii.render.explain.strips import GONE, strip, table
from lstm_ascii.render.explain.unit import carries, is_carrier, role, short_label
from lstm_ascii.render.figures import VANISHED_AS_TEXT, plain, short
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.interlinear import LABEL, Track, interlinear
from lstm_ascii.render.layout import HOME
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Block, Drawing, Paragraph, Section
from lstm_ascii.reports.explain.passes import Unit
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.thresholds import OPEN

HALF, VALUE = 0.5, 4  # of a gate; cells of a value
SPOKEN = "Written is the input gate, kept the forget gate."
LEGEND = (
    f"Written: the input gate, █ 1. Kept: ═ where the forget gate is {OPEN:g} or more, ─ from {HALF:g}. Below: the "
    f"error at each word, {GONE} {VANISHED_AS_TEXT} or less, █ 1, {GREW} grown."
)


def section(context: Context) -> Section:
    """The words, the unit below them, and the strips."""
    report, main = context.report, context.main
    tracks = [*_unit_tracks(main), *(_error(network, report.words) for network in report.networks)]
    least = VALUE if len(tracks) > len(report.networks) else 2

    def draw(width: int) -> Iterator[Text]:
        every = len(report.words) <= IN_A_LINE and width >= HOME
        rows = list(range(len(report.words))) if every else context.telling_rows
        yield from interlinear(report.words, tracks, rows, width, least, context.marks)

    about = "the error at each word"
    if main.unit is not None and len(tracks) > len(report.networks):
        about = f"unit {main.unit.index} of the {main.cell}{f' {role(main, report.words)}' if is_carrier(main) else ''}"
    tables = lambda: (*_unit_table(main, report.words), table(context))  # noqa: E731
    return Section(
        "Below the words",
        about,
        (
            Drawing(draw, tables),
            *legend(context),
        ),
    )


def _error(network: NetworkPass, words: tuple[str, ...]) -> Track:
    """Return a network's strip, with a label that says what it is of."""
    track = strip(network, words)
    return replace(track, label=short_label(f"error {track.label}", LABEL))


def legend(context: Context) -> Iterator[Block]:
    """Explain the tracks, where it is asked for."""
    if context.legends:
        yield Paragraph(LEGEND, "note", spoken=SPOKEN)


def _unit_tracks(main: NetworkPass) -> Iterator[Track]:
    """Yield what the followed unit does: written, kept, its value, and that with the word swapped."""
    unit = main.unit
    if unit is None or (is_carrier(main) and not carries(main)):
        return
    yield from gate_tracks(unit)
    carrier = main.carrier if is_carrier(main) else None
    if carrier is None or not carrier.by_gate:
        yield value_track("value", [step.value for step in unit.steps])
    if carrier is not None and carrier.by_gate:  # the value is much the same: what is shown differs
        yield Track("shows", lambda row, _: _shown(unit.steps[row].shows or 0.0))
        yield Track(short_label(f"with {carrier.to}", LABEL), lambda row, _: _shown(carrier.shows[row]))
    elif carrier is not None:
        yield value_track(f"with {carrier.to}", carrier.values)


def _shown(value: float) -> Text:
    """Write an output gate."""
    return Text(short(value), "gate.output")


def gate_tracks(unit: Unit) -> Iterator[Track]:
    """Yield where a unit is written and where it is kept; nothing of one without gates."""
    if unit.steps[0].keeps is not None:
        yield Track("written", lambda row, size: gate_level(unit.steps[row].adds or 0.0, min(size, 3), "gate.input"))
        yield Track("kept", lambda row, size: _rail(unit.steps[row].keeps or 0.0, size), fills=True)


def value_track(name: str, values: Sequence[float]) -> Track:
    """Return the values of a unit."""
    return Track(short_label(name, LABEL), lambda row, _: value_cell(values[row]))


def gate_level(value: float, size: int, style: str) -> Text:
    """Draw a gate as a level; a shut one is nothing."""
    if not value >= 1 / len(LEVELS):
        return Text("")
    return Text(LEVELS[min(len(LEVELS) - 1, int(value * len(LEVELS)))] * size, style)


def _rail(keep: float, size: int) -> Text:
    """Draw a forget gate as a rail from the word before."""
    return Text(("═" if round(keep, 2) >= OPEN else "─" if round(keep, 2) >= HALF else " ") * size, "gate.forget")


def value_cell(value: float) -> Text:
    """Write a value with its sign, in its colour."""
    text = plain(value)
    return Text(text, "negative" if text.startswith("−") else "positive" if cell_len(text.strip("0.")) else "note")


def _unit_table(main: NetworkPass, words: Sequence[str]) -> Iterator[Table]:
    """Tell what the unit does."""
    unit = main.unit
    if unit is None or (is_carrier(main) and not carries(main)):
        return
    carrier = main.carrier if is_carrier(main) else None
    by_gate = carrier is not None and carrier.by_gate
    swapped = () if carrier is None else carrier.shows if by_gate else carrier.values
    heads = ["word", "text", *_gate_heads(unit), "value", *(["shows"] if by_gate else [])]
    heads += [f"with {carrier.to}"] if carrier is not None else []
    rows = tuple(
        (n + 1, words[n], *([] if step.adds is None else [step.adds, step.keeps]), step.value,
         *([step.shows] if by_gate else []), *swapped[n : n + 1])
        for n, step in enumerate(unit.steps)
    )  # fmt: skip
    yield Table(f"unit {unit.index} of the {main.cell} below the words", tuple(heads), rows, named_by=2)


def _gate_heads(unit: Unit) -> list[str]:
    """Name the gates that are drawn."""
    return [] if unit.steps[0].keeps is None else ["written", "kept"]
