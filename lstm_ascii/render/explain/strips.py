"""The highway as one strip a network, all below the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.along import along, spark
from lstm_ascii.render.explain.context import IN_A_LINE, Context
from lstm_ascii.render.explain.highway import GREW, error_about, has_grown, horizon, no_error
from lstm_ascii.render.figures import VANISHED, VANISHED_AS_TEXT, counted, grade, listed
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.interlinear import Track, interlinear
from lstm_ascii.render.parts import Power, Table
from lstm_ascii.render.section import Block, Drawing, Paragraph, Section, note
from lstm_ascii.reports.explain.passes import Gradient
from lstm_ascii.reports.explain.report import NetworkPass

GONE = "·"
SPOKEN = "The error at each word stands against the error where the choice is made."
LEGEND = f"One log scale: {GONE} {VANISHED_AS_TEXT} or less, █ 1, {GREW} more than at its start."


def section(context: Context) -> Section:
    """How much of the error reaches each word, as a strip a network."""
    report = context.report
    if report.is_series:
        drawing: Block = Drawing(partial(_of_steps, report.networks), lambda: (table(context),))
        return Section("The highway", about(context), (
            drawing, note(LEGEND if context.legends else ""), Paragraph(closing(report.networks)),
        ))  # fmt: skip
    rows = felt_rows(context)
    tracks = [strip(network, report.words) for network in report.networks]

    def draw(width: int) -> Iterator[Text]:
        yield from interlinear(report.words, tracks, rows, width, marks=context.marks)

    return Section("The highway", about(context), (
        Drawing(draw, lambda: (table(context),)), *legend(context),
        Paragraph(closing(report.networks)),
    ))  # fmt: skip


def _of_steps(networks: Sequence[NetworkPass], width: int) -> Iterator[Text]:
    """Draw a line a network, along all steps of a series."""
    lines = [
        spark(one.cell, [_height(step.gradient) for step in one.steps], "grad.alive", (0.0, 1.0)) for one in networks
    ]
    yield from along(lines, width)


def _height(gradient: Gradient | None) -> float:
    """Return how much of the error is left, from 0, vanished, to 1, on a log scale."""
    value = gradient.choice if gradient else None
    return 0.0 if value is None or not value >= VANISHED else min(1.0, 1 - value / VANISHED)


def legend(context: Context) -> Iterator[Block]:
    """Explain the strips, where it is asked for."""
    if context.legends:
        yield Paragraph(LEGEND, "note", spoken=SPOKEN)


def about(context: Context) -> str:
    """Say what the error is of, and where it is felt."""
    main = context.main
    word = context.report.words[main.loss_after - 1]
    if main.choice is None:
        return error_about(context)
    return f"the error at “{word}” as it reaches each word, log scale"


def closing(networks: Sequence[NetworkPass]) -> str:
    """Say in which networks the error vanishes, and how far back."""
    if silent := no_error(networks):
        return silent
    felt = [network for network in networks if network.is_finite and network.why is not None]
    gone = [(network, back) for network in felt if (back := horizon(network)) is not None]
    alive = listed_or_empty([f"the {network.cell}" for network in felt if horizon(network) is None])
    found = listed_or_empty([f"{counted(back, 'word')} back in the {network.cell}" for network, back in gone])
    if gone:
        told = f"The error vanishes ({VANISHED_AS_TEXT} or less) {found}{f'; nowhere in {alive}' if alive else ''}."
    else:
        told = f"Nowhere here does it vanish ({VANISHED_AS_TEXT} or less)." if felt else ""
    return " ".join(filter(None, (told, _grown(networks))))


def _grown(networks: Sequence[NetworkPass]) -> str:
    """Say that growth is no health, where there is some that the verdict does not tell of."""
    if any(has_grown(network.verdict.error) for network in networks):
        return ""
    grown = [network for network in networks if any(s.gradient and has_grown(s.gradient.choice) for s in network.steps)]
    cells = listed_or_empty([f"the {network.cell}" for network in grown])
    return f"On its way it grew in {cells} ({GREW}): that is no better memory." if grown else ""


def listed_or_empty(parts: Sequence[str]) -> str:
    """Join parts as in a sentence, if there are some."""
    return listed(parts) if parts else ""


def felt_rows(context: Context) -> list[int | None]:
    """Return the words that the error reaches: of many those that tell most."""
    steps = context.main.steps
    felt = [row for row, step in enumerate(steps) if step.gradient]
    if len(steps) <= IN_A_LINE:
        return list(felt)
    rows: list[int | None] = []
    for row in context.telling_rows:
        if (row is None and rows and rows[-1] is not None) or row in felt:
            rows.append(row)
    return rows[:-1] if rows and rows[-1] is None else rows


def strip(network: NetworkPass, words: tuple[str, ...]) -> Track:
    """Return a network's strip."""

    def draw(row: int, size: int) -> Text:
        gradient = network.steps[row].gradient
        return Text("") if gradient is None else level(gradient, min(size, cell_len(words[row])))

    return Track(network.cell, draw)


def level(gradient: Gradient, size: int) -> Text:
    """Draw the error at a word: the higher, the more is left; what is more than at its start is no full bar."""
    value = gradient.choice
    if has_grown(value):
        return Text(GREW * size, "grad.exploded")
    if value is None or not value >= VANISHED:
        return Text(GONE, "grad.vanished")
    share = min(1.0, 1 - value / VANISHED)
    return Text(LEVELS[min(len(LEVELS) - 1, int(share * len(LEVELS)))] * size, grade(value))


def table(context: Context) -> Table:
    """Tell the error at every word."""
    networks, words = context.report.networks, context.report.words
    rows = tuple(
        (row + 1, words[row], *(Power(g.choice) if (g := network.steps[row].gradient) else None
                                for network in networks))
        for row, step in enumerate(context.main.steps) if step.gradient
    )  # fmt: skip
    heads = ("word", "text", *(f"{network.cell} error" for network in networks))
    return Table("error along the highway", heads, rows, named_by=2)
