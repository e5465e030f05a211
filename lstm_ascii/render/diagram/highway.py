"""The memory as a road through the words, and the RNN's way below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.records import dataclass
from lstm_ascii.render.canvas import DOUBLE, LIGHT, Canvas
from lstm_ascii.render.cells import LARGE
from lstm_ascii.render.diagram.chain import LETTERS, Chain, Stretch, centred, lead
from lstm_ascii.render.diagram.picture import Picture, picture_section, read_out, value_at
from lstm_ascii.render.figures import counted, grade, plain, power
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Section
from lstm_ascii.reports.diagram.report import DiagramReport, Track
from lstm_ascii.thresholds import CLOSED, OPEN

LEGEND = f"Above the road: f_t. Double line: at least {OPEN}; single: less; broken: below {CLOSED}."


@dataclass(frozen=True)
class Road:
    """Where things are, from the left edge of one word's stretch.

    Attributes:
        add: column of ``(+)``; that of ``(×)`` is 1.
        pitch: columns a word.
        start: columns before the first word.
    """

    add: int
    pitch: int
    start: int


WIDE_ROAD, NARROW_ROAD = Road(7, 12, 7), Road(6, 9, 5)


def sections(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the drawing of the road."""
    memory, rnn = report.track("LSTM"), report.track("RNN")
    words, paths = report.words or LETTERS, EQUATIONS["PATHS"]
    flow = ("C_t-1 → × f_t → + i_t ⊙ g_t → C_t", "h_t-1 → tanh (x_t) → h_t")
    picture = Picture(
        lambda width: _road(report, words, limit, width),
        flow,
        (paths["step"], paths["carousel"], paths["rnn"]),
        _tables(words, memory, rnn),
        () if memory else (*flow, "f_t-1 → f_t → f_t+1, at three words"),
    )
    about = "the memory goes straight through; the RNN's state goes through a layer at every word"
    yield picture_section(
        "The road",
        _whose(memory) if memory else about,
        picture,
        _seen(report, memory, rnn),
        _figures(report, memory),
        LEGEND if memory else "",
    )


def _whose(track: Track) -> str:
    """Say whose forget gate is drawn."""
    if track.unit is None:
        return "the mean forget gate of the LSTM at each word"
    return f"unit {track.unit} of the LSTM: its forget gate at each word"


def _road(report: DiagramReport, words: tuple[str, ...], limit: int | None, width: int) -> Iterable[Text]:
    """Draw both ways, word by word."""
    road = WIDE_ROAD if width >= LARGE else NARROW_ROAD
    chain = Chain(words, road.start, road.pitch, 2, limit)
    return chain.lines(width, lambda stretch: _stretch(report, chain, road, stretch))


def _stretch(report: DiagramReport, chain: Chain, road: Road, stretch: Stretch) -> Canvas:
    """Draw one row of words: the memory above them, the RNN below, and under it what is left of the error."""
    canvas = Canvas()
    memory, rnn = report.track("LSTM"), report.track("RNN")
    _memory_lane(canvas, chain, road, stretch, memory)
    for place, word in enumerate(stretch.words):
        x = road.start + place * road.pitch + road.add
        canvas.arrow((x, 4), (x, 2))
        centred(canvas, x, 4, chain.name(word), "word")
    if rnn is not None or not report.words:
        _state_lane(canvas, road, stretch, named=bool(report.words))
    row = 9 if rnn is not None or not report.words else 6
    for name, key, track in (("road", "carousel", memory), ("LSTM", "error", memory), ("RNN", "error", rnn)):
        if track is not None and stretch.words[0] < len(track.error):
            canvas.write(0, row, name, "note")
            _shares(canvas, road, stretch, row, getattr(track, key))
            row += 1
    return canvas


def _memory_lane(canvas: Canvas, chain: Chain, road: Road, stretch: Stretch, memory: Track | None) -> None:
    """Draw the memory: times f, plus what the word writes; where f lets little through, the road is thin or broken."""
    row, x = 2, road.start
    last = x + (len(stretch.words) - 1) * road.pitch + road.add
    before = road.start - (3 if road is WIDE_ROAD else 2)
    lead(canvas, before, row, "C_0" if memory and stretch.first else "…", "memory")
    for word in stretch.words:
        f = 1.0 if memory is None or memory.keep is None else memory.keep[word]
        times, plus = canvas.operator(x + 1, row, "×"), canvas.operator(x + road.add, row, "+")
        canvas.wire((before, row), times.west, weight=DOUBLE, style="memory")
        style = "memory" if f >= OPEN else "grad.fading" if f >= CLOSED else "grad.vanished"
        canvas.wire(times.east, plus.west, weight=DOUBLE if f >= OPEN else LIGHT, style=style)
        if f < CLOSED:
            canvas.write(times.right + 1, row, "╌" * (plus.left - times.right - 1), style)
        canvas.arrow((times.x, 0), times.north, style="gate.forget")
        label = plain(f, 2) if memory else chain.words[word].replace("x", "f")
        centred(canvas, times.x, 0, label, "gate.forget")
        before, x = plus.right, x + road.pitch
    canvas.arrow((last + 1, row), (last + 4, row), weight=DOUBLE, style="memory")
    if not (stretch.last and memory):
        canvas.write(last + 4, row, "…", "note")


def _state_lane(canvas: Canvas, road: Road, stretch: Stretch, named: bool) -> None:
    """Draw the RNN: through a layer at every word."""
    row, before = 7, (road.start - (3 if road is WIDE_ROAD else 2), 7)
    lead(canvas, *before, "h_0" if named and stretch.first else "…", "state")
    for place in range(len(stretch.words)):
        x = road.start + place * road.pitch + road.add
        cell = canvas.box(x - 3, row - 1, 6, "tanh")
        canvas.arrow((x, row - 3), cell.north)
        canvas.arrow(before, cell.west, style="state")
        before = cell.east
    canvas.arrow(before, (before[0] + 2, row), style="state")


def _shares(canvas: Canvas, road: Road, stretch: Stretch, row: int, values: tuple[float | None, ...] | None) -> None:
    """Write what is left of the error at each word up to the choice."""
    for place, word in enumerate(stretch.words):
        if values is not None and word < len(values):
            x = road.start + place * road.pitch + road.add
            centred(canvas, x, row, power(values[word]), grade(values[word]))


def _seen(report: DiagramReport, memory: Track | None, rnn: Track | None) -> str:
    """Say where the road is open and broken, and what is left at the word."""
    if memory is None or memory.keep is None or report.word is None:
        return (
            "Back along the memory a gradient meets only the forget gates: where they are near 1 it goes on as it is. "
            "Back through the RNN it meets a weight matrix and a slope at every word."
        )
    open_at, closed_at = sum(f >= OPEN for f in memory.keep), sum(f < CLOSED for f in memory.keep)
    text = (
        f"The forget gate is at least {OPEN} at {open_at} of {counted(len(memory.keep), 'word')}, "
        f"below {CLOSED} at {closed_at}."
    )
    word = report.word - 1
    shares = [(track.cell, track.error[word]) for track in (memory, rnn) if track and word < len(track.error)]
    if not shares:
        return text
    if report.word == report.error_after:
        return f"{text} The choice follows right after “{report.words[word]}”: the error starts there, and is whole."
    each = ", ".join(f"{power(value)} in the {cell}" for cell, value in shares)
    return f"{text} Of the error there is left at “{report.words[word]}”, by all paths: {each}."


def _figures(report: DiagramReport, memory: Track | None) -> str:
    """Say what the figures are."""
    if memory is None or report.error_after is None:
        return ""
    choice, after = report.choice, report.words[report.error_after - 1]
    error = f"of “{choice.right}” against “{choice.wrong}”" if choice else "of the length of h"
    whose = "the unit that keeps most" if memory.unit is None else f"unit {memory.unit}"
    return (
        f"Left at each word of the error {error} after “{after}” (word {report.error_after}): road, the product of the "
        f"forget gates of {whose}; LSTM and RNN, by all paths."
    )


def _tables(words: tuple[str, ...], memory: Track | None, rnn: Track | None) -> tuple[Table, ...]:
    """Return the figures along the words."""
    if memory is None or memory.keep is None:
        return ()
    columns = (memory.carousel or (), memory.error, rnn.error if rnn else ())
    rows = tuple(
        (n + 1, word, memory.keep[n], *(value_at(column, n) for column in columns)) for n, word in enumerate(words)
    )
    return (
        Table(
            "the road, word by word",
            ("#", "word", "f_t", "left along the road", "left in the LSTM", "left in the RNN"),
            rows,
            2,
            read_out(words),
        ),
    )
