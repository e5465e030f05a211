"""σ and tanh as small plots, with the point where a unit is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from rich.text import Text

from lstm_ascii.render.curve import Curve, Scale
from lstm_ascii.render.figures import fit, number
from lstm_ascii.render.layout import by_width, paragraph
from lstm_ascii.render.section import Drawing

HEIGHT, REACH = 9, 6  # lines; the plot shows at least −6…6
CURVES: dict[str, tuple[Callable[[float], float], float]] = {  # the function, and its lower end
    "sigmoid": (lambda a: (1 + math.tanh(a / 2)) / 2, 0.0),
    "tanh": (math.tanh, -1.0),
}
STYLES = {"forget": "gate.forget", "input": "gate.input", "candidate": "gate.candidate", "output": "gate.output"}


def plotted(squashing: str, point: float | None, style: str) -> Drawing:
    """Return the plot as a block of a section."""
    where = "" if point is None else f", with the unit at a = {number(point)}"
    return Drawing(lambda width: plot(squashing, point, width, style), told=(f"A plot of {squashing}(a){where}.",))


def plot(squashing: str, point: float | None, width: int, style: str) -> Iterator[Text]:
    """Draw ``sigmoid`` or ``tanh``, and the point at ``point`` where there is one; not wider than ``width``."""
    curve, low = CURVES[squashing]
    reach = REACH if point is None or not abs(point) > REACH else math.ceil(abs(point)) + 1
    room = min(width, by_width(width, 36, 48, 60))
    steps = 4 * room
    points = [(k, curve(reach * (2 * k / steps - 1))) for k in range(steps)]
    drawn = Curve("", points, steps, Scale(low, 1.0, False, lambda value: number(value, 1)), style)
    lines = drawn.lines(room, HEIGHT)[1:-1]
    left = min(index for line in lines if (index := max(line.plain.find(edge) for edge in "┤│└")) >= 0) + 1
    inside = room - left
    if point is not None and math.isfinite(point):
        row = round((1 - drawn.scale.height(curve(point))) * (HEIGHT - 1))
        column = left + min(inside - 1, max(0, round((point / reach + 1) / 2 * inside - 0.5)))
        line = lines[row]
        line.pad_right(max(0, column + 1 - line.cell_len))
        lines[row] = Text.assemble(line[:column], ("●", "focus"), line[column + 1 :])
    for line in lines:
        line.rstrip()
        yield line
    yield Text(_axis(left, inside, reach).rstrip(), "note")
    mark = "" if point is None else f"   ● a = {number(point)}"
    yield from paragraph(Text(f"{squashing}(a){mark}", "note"), width, 1)


def _axis(left: int, inside: int, reach: int) -> str:
    """Write the ends and the middle of the axis below the frame."""
    ends = f"−{reach}", f"{reach}"
    middle = inside // 2
    return fit(f"{'':{left}}{ends[0]:<{middle}}0{ends[1]:>{inside - middle - 1}}", left + inside)
