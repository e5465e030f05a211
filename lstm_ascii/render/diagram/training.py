"""How an LSTM is trained, as a flow chart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import Canvas, Part
from lstm_ascii.render.diagram.cells import LARGE
from lstm_ascii.render.diagram.panel import Panel
from lstm_ascii.render.figures import number, percent
from lstm_ascii.render.parts import Table
from lstm_ascii.reports.diagram.report import CellAtWord, DiagramReport, Training

Step = tuple[str, str]  # its name, and its figure


def panels(report: DiagramReport, limit: int | None = None) -> Iterable[Panel]:
    """Return the flow chart."""
    del limit
    training, cell = report.training, report.cells[0]
    if training is None:
        return
    steps = _steps(training, cell)
    yield Panel(
        "THE LOOP",
        f"{training.steps:,} times",
        lambda width: (_round(steps) if width >= LARGE else _column(steps)).lines(),
        ("data → forward → loss → backward → clip → update → data …",),
        tuple(EQUATIONS["TRAINING"].values()),
        says=_says(report, training),
        note=_recipe(training),
        tables=(Table("training, step by step", ("step", "figures"), steps), *_measured(training)),
    )


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


def _says(report: DiagramReport, training: Training) -> str:
    """Say what is trained, and what a step on the sentence would see."""
    told = (
        f"Each of the {training.steps:,} steps moves the network's {training.parameters:,} numbers a little, but not "
        f"the embeddings of words that no batch has had yet; the rate climbs for {training.warm_up} steps to "
        f"{training.rate:g} and then falls to 0."
    )
    if training.loss is None or training.gradient is None:
        alone = "One word has no next word in the sentence, so there is no loss to measure."
        return f"{told} {alone}" if report.words else told
    told += (
        f" On your sentence the trained network's loss is {number(training.loss)} nats a word, its gradient "
        f"{number(training.gradient)} long"
    )
    if training.gradient > training.clip:
        return f"{told}: clipped, {percent(training.clip / training.gradient)} of it would be used."
    return f"{told}: short enough not to be clipped."


def _recipe(training: Training) -> str:
    """Say whose figures these are, and what is special about that training."""
    told = "The figures are those of the recipe by which the LSTM that comes with the program was trained."
    if not training.writing_cost:
        return told
    return (
        f"{told} The loss of this LSTM, not that of the RNN and the GRU beside it, has a cost of writing: "
        f"{training.writing_cost:g} times abs(i g), summed over its units."
    )


def _measured(training: Training) -> tuple[Table, ...]:
    """Return the figures of the sentence."""
    if training.loss is None:
        return ()
    rows = (("loss, nats a word", training.loss), ("length of the gradient", training.gradient))
    return (Table("on the sentence", ("what", "value"), rows),)
