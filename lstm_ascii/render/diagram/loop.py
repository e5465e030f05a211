"""The constant error carousel: a loop on which a message rides round, through a forget gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.canvas import DOUBLE, Canvas, Point
from lstm_ascii.render.diagram.cells import LARGE, SMALLEST
from lstm_ascii.render.figures import counted, fit, power
from lstm_ascii.render.glyphs import FULL, TRACK
from lstm_ascii.render.layout import NARROWEST, paragraph, segments
from lstm_ascii.render.parts import Part, Table, Title
from lstm_ascii.reports.diagram.report import DiagramReport, Loop

RIGHT, TOP, BOTTOM, TIMES = 22, 2, 7, 11  # columns and rows of the loop, and the column of its forget gate
STEPS = 12  # frames a round
ROUNDS = 12  # until the animation ends


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


def loop(forget: float, rider: Rider | None) -> Canvas:
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
    left = forget**rider.rounds
    _inside(canvas, rider, left)
    canvas.write(*_place(rider.phase), "●" if left >= 0.5 else "•" if left >= 0.05 else "·", "focus")
    return canvas


def _inside(canvas: Canvas, rider: Rider, left: float) -> None:
    """Write what rides, how often it has been round, and what is left of it."""
    room = RIGHT - 5
    canvas.write(3, 3, fit(f"“{rider.name}”", room).rstrip(), "word")
    canvas.write(3, 4, counted(rider.rounds, "round"), "note")
    filled = round(left * room)
    canvas.write(3, 5, FULL * filled, "memory")
    canvas.write(3 + filled, 5, TRACK * (room - filled), "track")
    canvas.write(3, 6, size(left), "memory")


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


def size(left: float) -> str:
    """Write what is left of 1."""
    return power(log10(left) if left > 0 else None)


def both(loops: tuple[Loop, ...], rider: Rider | None, width: int) -> Canvas:
    """Draw the loops beside each other where there is room, else below each other."""
    canvas, beside = Canvas(), width >= LARGE
    for place, one in enumerate(loops):
        x, y = (place * (SMALLEST + 2), 0) if beside else (0, place * (BOTTOM + 2))
        canvas.place(loop(one.forget, rider), x, y)
    return canvas


@dataclass(frozen=True)
class Frame:
    """The loops at one moment.

    Attributes:
        report: of the carousel.
        rider: where the message is.
    """

    report: DiagramReport
    rider: Rider

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self._lines(max(NARROWEST, options.max_width)), console)

    def _lines(self, width: int) -> Iterator[Text]:
        """Draw the loops, or write them where there is no room."""
        if width >= SMALLEST:
            yield from both(self.report.loops, self.rider, width).lines()
            return
        yield from paragraph(Text(f"“{self.rider.name}”, round {self.rider.rounds}"), width)
        for one in self.report.loops:
            yield from paragraph(Text(f"f = {one.forget:g}: {size(one.forget**self.rider.rounds)}"), width, 1)


def frames(report: DiagramReport, steps: int = STEPS, rounds: int = ROUNDS) -> Iterator[Frame]:
    """Return the moments of the animation, in their order: ``steps`` a round, and the last one at its end."""
    for moment in range(steps * rounds):
        yield Frame(report, Rider(_name(report), moment // steps, moment % steps / steps))
    yield Frame(report, Rider(_name(report), rounds, 0.0))


def _name(report: DiagramReport) -> str:
    """Return what rides: the word that is drawn, if there is one."""
    return report.words[report.word - 1] if report.word is not None else "message"


@dataclass(frozen=True)
class FramesPage:
    """A few moments of the animation below each other, where nothing can move."""

    report: DiagramReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the message on its way through the first rounds."""
        for number, moment in enumerate(moments(self.report)):
            if number:
                yield Text("")
            yield moment

    def parts(self) -> Iterator[Part]:
        """Tell the rounds as a table."""
        loops = self.report.loops
        names = tuple(f"f = {one.forget:g}" for one in loops)
        yield Title("carousel: what is left of a message, round by round")
        rows = tuple((rounds, *(one.forget**rounds for one in loops)) for rounds in range(ROUNDS + 1))
        yield Table("rounds", ("rounds", *names), rows)


def moments(report: DiagramReport) -> Iterator[Frame]:
    """Return the message in some of the rounds, in each a fifth of the way farther on."""
    for number, rounds in enumerate((0, 1, 2, 5, ROUNDS)):
        yield Frame(report, Rider(_name(report), rounds, number / 5))
