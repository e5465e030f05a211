"""How an LSTM is trained, as a flow chart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import Canvas, Part
from lstm_ascii.render.cells import LARGE
from lstm_ascii.render.diagram.picture import Picture, picture_section
from lstm_ascii.render.figures import number, percent
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Section
from lstm_ascii.reports.diagram.report import CellAtWord, DiagramReport, Training

Step = tuple[str, str]  # its name, and its figure


def sections(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the flow chart."""
    del limit
    training, cell = report.training, report.cells[0]
    if training is None:
        return
    steps = _steps(training, cell)
    picture = Picture(
        lambda width: (_round(steps) if width >= LARGE else _column(steps)).lines(),
        ("data → forward → loss → backward → clip → update → data …",),
        tuple(EQUATIONS["TRAINING"].values()),
        (Table("training, step by step", ("step", "figures"), steps), *_measured(training)),
    )
    yield picture_section("The loop", f"{training.steps:,} times", picture, _seen(report, training), _recipe(training))


def _steps(training: Training, cell: CellAtWord) -> tuple[Step, ...]:
    """Return the steps with the recipe's figures, in their order."""
    return (
        ("data", f"{training.batch} × {training.length} words"),
        ("forward", f"{cell.hidden_size} units"),
        ("loss", f"1 of {training.words:,} words"),
        ("backward", f"{training.length} words back"),
        ("clip", f"‖d‖ at most {training.clip:g}"),
        ("update", f"Adam, {training.rate:g}"),
    )


def _round(steps: tuple[Step, ...]) -> Canvas:
    """Draw the steps as a ring: three there, three back."""
    canvas = Canvas()
    width, gap = 19, 5
    boxes = [canvas.box(place * (width + gap), 0, width, *steps[place]) for place in range(3)]
    back = [canvas.box((2 - place) * (width + gap), 7, width, *steps[3 + place]) for place in range(3)]
    for before, after in pairwise(boxes):
        canvas.arrow(before.east, after.west)
    canvas.arrow(boxes[2].south, back[0].north)
    for before, after in pairwise(back):
        canvas.arrow(before.west, after.east)
    canvas.arrow(back[2].north, boxes[0].south)
    canvas.write(boxes[2].x + 2, 5, "error", "note")
    canvas.write(boxes[0].x + 2, 5, "again", "note")
    return canvas


def _column(steps: tuple[Step, ...]) -> Canvas:
    """Draw the steps below each other, with a wire back up."""
    canvas = Canvas()
    boxes: list[Part] = [canvas.box(0, 5 * row, 22, *step) for row, step in enumerate(steps)]
    for before, after in pairwise(boxes):
        canvas.arrow(before.south, after.north)
    right = 25
    canvas.arrow(boxes[-1].east, (right, boxes[-1].east[1]), (right, boxes[0].east[1]), boxes[0].east)
    canvas.write(right + 2, boxes[2].bottom, "again", "note")
    return canvas


def _seen(report: DiagramReport, training: Training) -> str:
    """Say what is trained, and what a step on the sentence would see."""
    text = (
        f"Each of the {training.steps:,} steps moves the network's {training.parameters:,} numbers a little, but not "
        f"the embeddings of words that no batch has had yet; the rate climbs for {training.warm_up} steps to "
        f"{training.rate:g} and then falls to 0."
    )
    if training.loss is None or training.gradient is None:
        alone = "One word has no next word in the sentence, so there is no loss to measure."
        return f"{text} {alone}" if report.words else text
    text += (
        f" On your sentence the trained network's loss is {number(training.loss)} nats a word, its gradient "
        f"{number(training.gradient)} long"
    )
    if training.gradient > training.clip:
        return f"{text}: clipped, {percent(training.clip / training.gradient)} of it would be used."
    return f"{text}: short enough not to be clipped."


def _recipe(training: Training) -> str:
    """Say whose figures these are, and what is special about that training."""
    text = "The figures are those of the recipe by which the LSTM that comes with the program was trained."
    if not training.writing_cost:
        return text
    return (
        f"{text} The loss of this LSTM, not that of the RNN and the GRU beside it, has a cost of writing: "
        f"{training.writing_cost:g} times abs(i g), summed over its units."
    )


def _measured(training: Training) -> tuple[Table, ...]:
    """Return the figures of the sentence."""
    if training.loss is None:
        return ()
    rows = (("loss, nats a word", training.loss), ("length of the gradient", training.gradient))
    return (Table("on the sentence", ("what", "value"), rows),)
