"""A feed-forward network: no memory, and a fixed number of inputs."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import Canvas, Part
from lstm_ascii.render.cells import LARGE
from lstm_ascii.render.diagram.picture import Picture, picture_section
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Section
from lstm_ascii.reports.diagram.report import DiagramReport

_FIXED = (
    "No wire goes back: what comes out depends on this input alone, and the input has a fixed size. A sentence has as "
    "many words as it has."
)


def sections(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the drawing."""
    del limit
    picture = Picture(
        lambda width: _layers(width >= LARGE).lines(),
        ("x_1, x_2, x_3 → hidden layer → y", "then the next input, and nothing is left of this one"),
        tuple(EQUATIONS["ANN"].values()),
        _table(report),
        ("x_1, x_2, x_3 → hidden layer → y → the next input",),
    )
    about = "every input at once, one answer, then all is forgotten"
    yield picture_section("No memory", about, picture, f"{_FIXED} {_sizes(report)}".rstrip())


def _layers(large: bool) -> Canvas:
    """Draw three layers; between two of them everything meets everything on one bus."""
    canvas = Canvas()
    gap, box = (8, 10) if large else (3, 7)
    names = ("x_1", "x_2", "x_3")
    for row, name in enumerate(names):
        canvas.write(0, 1 + 4 * row, name, "state")
    bus = 4 + gap
    hidden = [canvas.box(bus + gap, 4 * row, box, "tanh") for row in range(3)]
    second = hidden[0].right + gap
    out = canvas.box(second + gap, 4, box, "W_2 h")
    canvas.wire((bus, 1), (bus, 9))
    canvas.wire((second, 1), (second, 9))
    for row, part in enumerate(hidden):
        canvas.wire((4, 1 + 4 * row), (bus, 1 + 4 * row), style="state")
        canvas.arrow((bus, 1 + 4 * row), part.west)
        canvas.wire(part.east, (second, 1 + 4 * row))
    canvas.arrow((second, 5), out.west)
    _answer(canvas, out, gap)
    canvas.write(bus - 1, 11, "W_1", "note")
    canvas.write(second - 1, 11, "W_2", "note")
    return canvas


def _answer(canvas: Canvas, out: Part, gap: int) -> None:
    """Draw what comes out."""
    end = out.right + min(gap, 3)
    canvas.arrow(out.east, (end, 5), style="state")
    canvas.write(end + (1 if gap > 3 else 0), 5, "y", "state")


def _counts(report: DiagramReport) -> tuple[int, int, int, int]:
    """Return the inputs of a network that takes the whole sentence, its weights, those of one word more, the RNN's."""
    cell, words = report.cells[0], len(report.words)
    return (
        words * cell.input_size,
        words * cell.input_size * cell.hidden_size,
        cell.input_size * cell.hidden_size,
        (cell.input_size + cell.hidden_size) * cell.hidden_size,
    )


def _sizes(report: DiagramReport) -> str:
    """Say what the reader's sentence would cost without recurrence; nothing without a sentence."""
    if not report.words:
        return ""
    inputs, weights, more, recurrent = _counts(report)
    cell, count = report.cells[0], len(report.words)
    return (
        f"For your {count} word{'s' if count > 1 else ''}, {cell.input_size} numbers each, it would need {inputs:,} "
        f"inputs and, into {cell.hidden_size} hidden units, {weights:,} weights; {more:,} more for one word more. An "
        f"RNN of that size has {recurrent:,}, for any number of words."
    )


def _table(report: DiagramReport) -> tuple[Table, ...]:
    """Return the same counts; none without a sentence."""
    if not report.words:
        return ()
    inputs, weights, more, recurrent = _counts(report)
    rows = (
        ("inputs for the whole sentence", inputs),
        ("weights into the hidden layer", weights),
        ("more for one word more", more),
        ("weights of the RNN, for any number of words", recurrent),
    )
    return (Table("sizes", ("what", "count"), rows),)
