"""The simple recurrent network: folded, from inside, and unrolled over the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import Canvas
from lstm_ascii.render.cells import LARGE, CellValues, drawing
from lstm_ascii.render.diagram.chain import LETTERS, Chain, Stretch, centred, lead, pitch_for
from lstm_ascii.render.diagram.picture import (
    Picture,
    change_of,
    figures_of,
    picture_section,
    read_out,
    values_of,
    values_table,
)
from lstm_ascii.render.figures import counted, number, plain
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Section
from lstm_ascii.reports.diagram.report import DiagramReport, Track


def sections(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the drawings of the RNN."""
    values, cell = values_of(report, "RNN"), report.cells[0]
    flow, back = "x_t → tanh → h_t", "h_t → (one step later) → tanh"
    folded = Picture(
        lambda _: _folded(values).lines(),
        (flow, back),
        tuple(EQUATIONS["RNN"].values()),
        spoken=(f"{flow} {values.size('h')}".rstrip(), back),
    )
    yield picture_section(
        "Folded",
        "one layer, and a wire back to itself",
        folded,
        f"What comes out goes in again with the next word. {counted(cell.hidden_size, 'unit')}, fed by "
        f"{counted(cell.input_size, 'number')} a word: {cell.parameters:,} weights and biases, the same at every word.",
    )
    inside = Picture(
        lambda width: drawing("RNN", values, width >= LARGE).lines(),
        ("h_t-1, x_t → tanh → h_t",),
        tables=values_table(report, "RNN"),
    )
    change, figures = change_of(report, "RNN", "h", "h"), figures_of(report, "RNN")
    yield picture_section("Inside", "the same, from left to right", inside, change, figures)
    track, words = report.track("RNN"), report.words or LETTERS
    unrolled = Picture(
        lambda width: _unrolled(words, track, limit, width),
        ("… → tanh (x_t-1) → tanh (x_t) → tanh (x_t+1) → …",),
        tables=_table(words, track),
    )
    about = "over the words" if report.words else "over three steps"
    yield picture_section("Unrolled", about, unrolled, _seen(words, track), _figures(track))


def _folded(values: CellValues) -> Canvas:
    """Draw the cell with its loop."""
    canvas = Canvas()
    cell = canvas.box(12, 3, 11, "tanh")
    canvas.wire(cell.north, (cell.x, 2), style="state")
    canvas.arrow((cell.x, 2), (cell.x, 0), style="state")
    canvas.arrow((cell.x, 2), (4, 2), (4, 4), cell.west, style="state")
    canvas.arrow((cell.x, 7), cell.south, style="state")
    for row, name, style in ((0, "h_t", "state"), (8, "x_t", "state")):
        canvas.write(cell.x, row, name, style)
    canvas.write(cell.x + 4, 0, values.size("h"), "state")
    canvas.write(cell.x + 4, 8, values.read(12), "word")
    canvas.write(6, 3, "h_t-1", "state")
    canvas.write(6, 5, "U", "note")
    canvas.write(cell.x + 2, 7, "W", "note")
    return canvas


def _unrolled(words: tuple[str, ...], track: Track | None, limit: int | None, width: int) -> Iterable[Text]:
    """Draw a cell a word."""
    box, most, end = (8, 13, 4) if width >= LARGE else (6, 9, 2)
    chain = Chain(words, 6, pitch_for(words, box + 3, most), end, limit)
    return chain.lines(width, lambda stretch: _row(chain, stretch, track, box))


def _row(chain: Chain, stretch: Stretch, track: Track | None, box: int) -> Canvas:
    """Draw the cells of one row; above each what leaves it, with its size where there is a sentence."""
    canvas, top = Canvas(), 3 if track else 2
    before = (4, top + 1)
    lead(canvas, *before, "h_0" if stretch.first and track else "…", "state")
    for place, word in enumerate(stretch.words):
        cell = canvas.box(chain.start + place * chain.pitch, top, box, "tanh")
        canvas.arrow(before, cell.west, style="state")
        canvas.arrow(cell.north, (cell.x, top - 2), style="state")
        canvas.arrow((cell.x, top + 4), cell.south, style="state")
        name = f"h_{word + 1}" if track else chain.words[word].replace("x", "h")
        centred(canvas, cell.x, 0, name, "state")
        if track:
            centred(canvas, cell.x, 1, plain(track.state[word], 2), "state")
        centred(canvas, cell.x, top + 5, chain.name(word), "word")
        before = cell.east
    end = before[0] + 3
    canvas.arrow(before, (end, top + 1), style="state")
    if not (stretch.last and track):
        canvas.write(end, top + 1, "…", "note")
    return canvas


def _seen(words: tuple[str, ...], track: Track | None) -> str:
    """Say what the row shows."""
    if track is None:
        return "The same cell, with the same weights, once a word: as many steps as there are words."
    low, high = (track.state.index(most(track.state)) for most in (min, max))
    least, largest = (f"{number(track.state[n])} (after “{words[n]}”)" for n in (low, high))
    size = "h" if track.unit is not None else "|h|"
    return (
        f"One cell, {len(words)} times, with the same weights. {size} stays between {least} and {largest}; no gate "
        "decides what of it stays."
    )


def _figures(track: Track | None) -> str:
    """Say what the figures are."""
    if track is None:
        return ""
    return f"Figures: {'means of |h| over units' if track.unit is None else f'unit {track.unit}'}."


def _table(words: tuple[str, ...], track: Track | None) -> tuple[Table, ...]:
    """Return the sizes along the words."""
    if track is None:
        return ()
    rows = tuple(zip(range(1, len(words) + 1), words, track.state, strict=True))
    name = "mean of |h|" if track.unit is None else f"h of unit {track.unit}"
    return (Table(f"{name} after each word", ("#", "word", "h_t"), rows, 2, read_out(words)),)
