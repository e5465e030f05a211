"""The constant error carousel: a loop on which a message rides round, and the trained network's along the words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import log10

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.records import dataclass
from lstm_ascii.render.canvas import DOUBLE, Canvas, Point
from lstm_ascii.render.cells import LARGE, SMALLEST
from lstm_ascii.render.diagram.picture import Picture, picture_section, read_out, row_as_text
from lstm_ascii.render.figures import bar, counted, fit, grade, plain, power
from lstm_ascii.render.glyphs import FULL, TRACK
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import paragraph, rows_to_show, word_room
from lstm_ascii.render.parts import Power, Table
from lstm_ascii.render.section import SPACE, Drawing, Page, Section
from lstm_ascii.reports.diagram.report import ROUNDS, DiagramReport, Loop, Track

RIGHT, TOP, BOTTOM, TIMES = 22, 2, 7, 11  # columns and rows of the loop, and the column of its forget gate
FRAMES = 12  # of the animation, a round
LAST_ROUND = 12  # of the animation
MOMENTS = (0, 1, 2, 5, LAST_ROUND)  # rounds that are drawn below each other where nothing can move


def sections(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the loops, and the unit along the words."""
    paths = EQUATIONS["PATHS"]
    flow = "C → × f → + i ⊙ g → C, round and round"
    loops = Picture(
        lambda width: _loops(report.loops, None, width).lines(),
        (flow,),
        (EQUATIONS["LSTM"]["c"], paths["step"], paths["carousel"]),
        spoken=(f"{flow}: once with {' and once with '.join(f'f = {loop.forget:g}' for loop in report.loops)}",),
    )
    seen = "With f = 1 a message, or an error on its way back, rides round for ever; --animate shows it."
    yield picture_section("The loop", "the memory feeds itself, through the forget gate", loops, seen)
    yield picture_section("After many rounds", "what is left of a message", _rounds(report.loops))
    track = report.track("LSTM")
    if track is not None and track.keep is not None and report.word is not None:
        yield _along(report, track, report.word, limit)


def _rounds(loops: tuple[Loop, ...]) -> Grid:
    """Return the table of what is left after so many rounds, with a bar a loop."""
    rows = tuple((rounds, *(loop.left[place] for loop in loops)) for place, rounds in enumerate(ROUNDS))
    table = Table("left after so many rounds", ("rounds", *(f"f = {loop.forget:g}" for loop in loops)), rows)
    columns = tuple(
        Column(f"f = {loop.forget:.4g}", loop.left, draw=_remaining, size=(5, 5, 24, 24), room=6) for loop in loops
    )
    return Grid(table.name, table.columns[:1], [f"{rounds:>6}" for rounds in ROUNDS], columns, title="rounds",
                style="number", window=SMALLEST, turn=partial(row_as_text, table), tables=lambda: (table,))  # fmt: skip


def _remaining(share: float, length: int) -> Text:
    """Draw what is left of 1."""
    return bar(share, length, "memory").append(f" {_size(share)}")


def _along(report: DiagramReport, track: Track, word: int, limit: int | None) -> Section:
    """Return the table of the trained network's own carousel."""
    words, at = report.words, word - 1
    message = [None if place < at else (log,) for place, log in enumerate(track.message or ())]
    columns = (
        Column("f_t", track.keep or (), ("forget", "f_t"), _kept, (5, 5, 12, 20), 5),
        Column("C_t", track.state, ("memory", "|C_t|" if track.unit is None else "C_t"), _state, room=6),
        Column("message left", message, ("message", "left"), _message, (5, 5, 12, 20), 6,
               exact=lambda log: Power(log[0]), drawn=lambda _: bool(message)),
    )  # fmt: skip
    grid = Grid("carousel, word by word", ("#", "word"), words, columns, title="word", numbered=True,
                marks={at: "focus"}, most=word_room, read_out=read_out(words, (at,)))  # fmt: skip
    shown = replace(grid, rows=rows_to_show(len(words), limit, (at,)))
    followed = f"unit {track.unit} of the LSTM: the message of “{words[at]}” rides on"
    product = " Left: the product of f since the message was written." if track.message else ""
    return picture_section(
        "On your sentence",
        "means over units" if track.unit is None else followed,
        Picture(shown.lines, tables=tuple(grid.parts())),  # type: ignore[arg-type]
        _seen(report, track, word),
        f"f_t: what stays of C at each word.{product}",
    )


def _kept(gate: float, length: int) -> Text:
    """Draw how far the forget gate is open."""
    return bar(gate, length, "gate.forget").append(f" {plain(gate, 2)}")


def _state(value: float, _size: int) -> Text:
    """Draw the memory."""
    return Text(f"{plain(value, 2):>6}")


def _message(log: tuple[float | None], length: int) -> Text:
    """Draw what is left of the message."""
    (value,) = log
    share = 0.0 if value is None else 10.0 ** max(value, -9.0)
    return bar(share, length, grade(value)).append(f" {power(value)}")


def _seen(report: DiagramReport, track: Track, word: int) -> str:
    """Say how long the message lives."""
    name = report.words[word - 1]
    if track.message is None:
        return "No unit is followed, so these are means; --unit K follows one, and its message."
    last = len(track.message)
    if word == last:
        return f"“{name}” is the last word: nothing has come after it that could wipe what it wrote."
    gone = [n for n in range(word, last) if (share := track.message[n]) is None or share < log10(0.5)]
    if not gone:
        on = counted(last - word, "round")
        return f"At the last word {power(track.message[-1])} of it is left: more than half, {on} on."
    return (
        f"More than half of what “{name}” wrote is there for {counted(gone[0] - word, 'round')}; "
        f"“{report.words[gone[0]]}” leaves {power(track.message[gone[0]])}, the last word {power(track.message[-1])}."
    )


@dataclass(frozen=True)
class Rider:
    """Where the message is.

    Attributes:
        name: of the message.
        rounds: times that it went through the forget gate.
        phase: of the round that it is in, from 0 to below 1.
    """

    name: str
    rounds: int
    phase: float


def _loop(forget: float, rider: Rider | None) -> Canvas:
    """Draw one loop, with a message on it if there is one."""
    canvas = Canvas()
    times, plus = canvas.operator(TIMES, TOP, "×"), canvas.operator(RIGHT, BOTTOM, "+")
    canvas.arrow((0, TOP), times.west, weight=DOUBLE, style="memory")
    canvas.arrow(times.east, (RIGHT, TOP), plus.north, weight=DOUBLE, style="memory")
    canvas.wire(plus.west, (0, BOTTOM), (0, TOP), weight=DOUBLE, style="memory")
    canvas.arrow((RIGHT + 4, BOTTOM), plus.east)
    canvas.write(RIGHT + 5, BOTTOM, "i ⊙ g", "gate.input")
    canvas.arrow((TIMES, 0), times.north, style="gate.forget")
    canvas.write(TIMES - 2, 0, f"f = {forget:g}"[:16], "gate.forget")
    if rider is None:
        canvas.write(2, 4, "C_t = f C_t-1 + i g", "memory")
        return canvas
    share = forget**rider.rounds
    _inside(canvas, rider, share)
    canvas.write(*_place(rider.phase), "●" if share >= 0.5 else "•" if share >= 0.05 else "·", "focus")
    return canvas


def _inside(canvas: Canvas, rider: Rider, share: float) -> None:
    """Write what rides, how often it has been round, and what is left of it."""
    room = RIGHT - 5
    canvas.write(3, 3, fit(f"“{rider.name}”", room).rstrip(), "word")
    canvas.write(3, 4, counted(rider.rounds, "round"), "note")
    filled = round(share * room)
    canvas.write(3, 5, FULL * filled, "memory")
    canvas.write(3 + filled, 5, TRACK * (room - filled), "track")
    canvas.write(3, 6, _size(share), "memory")


def _place(phase: float) -> Point:
    """Return where on the loop a message is: from behind the forget gate, clockwise, back to it."""
    path = [
        *((x, TOP) for x in range(TIMES + 2, RIGHT)),
        *((RIGHT, y) for y in range(TOP, BOTTOM - 1)),
        *((x, BOTTOM) for x in range(RIGHT - 2, 0, -1)),
        *((0, y) for y in range(BOTTOM, TOP, -1)),
        *((x, TOP) for x in range(TIMES - 2)),
    ]
    return path[int(phase * len(path))]


def _size(share: float) -> str:
    """Write what is left of 1."""
    return power(log10(share) if share > 0 else None)


def _loops(loops: tuple[Loop, ...], rider: Rider | None, width: int) -> Canvas:
    """Draw the loops beside each other where there is room, else below each other."""
    canvas, beside = Canvas(), width >= LARGE
    for place, loop in enumerate(loops):
        x, y = (place * (SMALLEST + 2), 0) if beside else (0, place * (BOTTOM + 2))
        canvas.place(_loop(loop.forget, rider), x, y)
    return canvas


def frames(report: DiagramReport, steps: int = FRAMES, rounds: int = LAST_ROUND) -> Iterator[Page]:
    """Return the moments of the animation, in their order: ``steps`` a round, and the last one at its end."""
    for moment in range(steps * rounds):
        yield _frame(report, moment // steps, moment % steps / steps)
    yield _frame(report, rounds, 0.0)


def _frame(report: DiagramReport, rounds: int, phase: float) -> Page:
    """Return the loops at one moment."""
    rider = Rider(_name(report), rounds, phase)
    return Page(closing=(Drawing(partial(_moment, report.loops, rider)),))


def _name(report: DiagramReport) -> str:
    """Return what rides: the word that is drawn, if there is one."""
    return report.words[report.word - 1] if report.word is not None else "message"


def _moment(loops: tuple[Loop, ...], rider: Rider, width: int) -> Iterator[Text]:
    """Draw the loops with a message on them, or write them where there is no room."""
    if width >= SMALLEST:
        yield from _loops(loops, rider, width).lines()
        return
    yield from paragraph(Text(f"“{rider.name}”, round {rider.rounds}"), width)
    for loop in loops:
        yield from paragraph(Text(f"f = {loop.forget:g}: {_size(loop.forget**rider.rounds)}"), width, 1)


def frames_page(report: DiagramReport) -> Page:
    """Return a few moments of the animation below each other, where nothing can move."""
    name, loops = _name(report), report.loops
    drawings: list[Drawing] = []
    for number, rounds in enumerate(MOMENTS):  # in each a fifth of the way farther on
        drawings.append(Drawing(partial(_moment, loops, Rider(name, rounds, number / len(MOMENTS)))))
    rows = tuple((rounds, *(loop.forget**rounds for loop in loops)) for rounds in range(LAST_ROUND + 1))
    table = Table("rounds", ("rounds", *(f"f = {loop.forget:g}" for loop in loops)), rows)
    first = replace(drawings[0], tables=lambda: (table,), told=(f"“{name}” → × f → “{name}” → × f → …",))
    closing = [block for drawing in drawings[1:] for block in (SPACE, drawing)]
    return Page(closing=(first, *closing))
