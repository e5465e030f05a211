"""Backpropagation through time: the error goes back the way that the words came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import DOUBLE, LIGHT, Canvas
from lstm_ascii.render.cells import LARGE
from lstm_ascii.render.diagram.chain import LETTERS, Chain, Stretch, centred, lead, pitch_for
from lstm_ascii.render.diagram.picture import Picture, picture_section, read_out, value_at
from lstm_ascii.render.figures import ALIVE, VANISHED_AS_TEXT, grade, power
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Section
from lstm_ascii.reports.diagram.report import DiagramReport, Track

LETTERS_PITCH = 14  # columns a cell where the lane has ∂L/∂s_t-1 on it
LEGEND = f"Double line: at least {10**ALIVE:g}; single: less; broken: below {VANISHED_AS_TEXT}, vanished."
FIGURES = (
    "Figures: length of the gradient at each word against that at the last one, by all paths (s is h, in the LSTM h "
    "and C)."
)


def sections(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the drawing of the way back."""
    paths, tracks = EQUATIONS["PATHS"], report.tracks
    words = report.words[: report.error_after] if tracks else LETTERS
    picture = Picture(
        lambda width: _ways(words, tracks, limit, width),
        ("forward: x_t-1 → x_t → x_t+1 → L", "back: ∂L/∂s_t-1 ← ∂L/∂s_t ← ∂L/∂s_t+1 ← L"),
        (paths["error"], paths["weights"], paths["rnn"], paths["step"]),
        _tables(words, tracks),
    )
    about = _of(report) if tracks else "forward the words, back the error"
    yield picture_section(
        "There and back", about, picture, _seen(report, words), FIGURES if tracks else "", LEGEND if tracks else ""
    )


def _of(report: DiagramReport) -> str:
    """Say what the error is of."""
    choice = report.choice
    of = f"“{choice.right}” against “{choice.wrong}”" if choice else "the length of h"
    return f"L: {of} after word {report.error_after}"


def _ways(words: Sequence[str], tracks: tuple[Track, ...], limit: int | None, width: int) -> Iterable[Text]:
    """Draw the cells, and below them a lane a network."""
    large = width >= LARGE
    pitch = pitch_for(words, 11, 13) if large else 9
    chain = Chain(words, 8 if large else 6, pitch if tracks else LETTERS_PITCH, 1, limit)
    return chain.lines(width - 1, lambda stretch: _row(chain, stretch, tracks, 8 if large else 6))


def _row(chain: Chain, stretch: Stretch, tracks: tuple[Track, ...], box: int) -> Canvas:
    """Draw one row of cells with the lanes back."""
    canvas, before = Canvas(), (chain.start - 2, 1)
    lead(canvas, *before, "s_0" if stretch.first and tracks else "…", "state")
    ports = []
    for place, word in enumerate(stretch.words):
        cell = canvas.box(chain.start + place * chain.pitch, 0, box, "cell")
        canvas.arrow(before, cell.west, style="state")
        canvas.arrow((cell.x, 4), cell.south, style="state")
        centred(canvas, cell.x, 4, chain.name(word), "word")
        before = cell.east
        ports.append(cell.x)
    end = before[0] + (3 if tracks else 7)
    canvas.arrow(before, (end, 1), style="state")
    canvas.write(end, 1, "L" if stretch.last else "…", "title" if stretch.last else "note")
    for number, track in enumerate(tracks or (None,)):
        _lane(canvas, 6 + number, ports, stretch, track, end)
    return canvas


def _lane(canvas: Canvas, row: int, ports: Sequence[int], stretch: Stretch, track: Track | None, end: int) -> None:
    """Draw the error on its way back in one network: what is left of it at each word."""
    canvas.write(0, row, track.cell if track else "", "note")
    written = []
    for x, word in zip(ports, stretch.words, strict=True):
        text = power(track.error[word]) if track else f"∂L/∂s_{('t-1', 't', 't+1')[word]}"
        start = x - len(text) // 2
        canvas.write(start, row, text, grade(track.error[word]) if track else "state")
        written.append((start, start + len(text)))
    for (_, left), (right, _), word in zip(written, [*written[1:], (end, end)], stretch.words, strict=True):
        value = track.error[word] if track else 0.0
        alive = value is not None and value >= ALIVE
        if right - left < 3:
            continue
        weight, style = DOUBLE if alive else LIGHT, grade(value) if track else "state"
        canvas.arrow((right - 2, row), (left, row), weight=weight, style=style)
        if grade(value) == "grad.vanished":
            canvas.write(left + 2, row, "╌" * (right - left - 3), style)
    canvas.write(end, row, "L" if stretch.last else "…", "title" if stretch.last else "note")


def _seen(report: DiagramReport, words: Sequence[str]) -> str:
    """Say how much comes back, and what of the sentence is not on the way."""
    if not report.tracks:
        return (
            "The loss is known at the end. Its gradient goes back step by step, times the same kind of factor at each: "
            "factors below 1 make it vanish, factors above 1 explode."
        )
    shares = ", ".join(f"{power(track.error[0])} in the {track.cell}" for track in report.tracks if track.error)
    text = f"Of the error there is left at “{words[0]}”, {len(words) - 1} back: {shares}."
    rest = len(report.words) - len(words)
    if not rest:
        return text
    return (
        f"{text} The {rest} word{'s' if rest > 1 else ''} after that come{'' if rest > 1 else 's'} too late to count."
    )


def _tables(words: Sequence[str], tracks: tuple[Track, ...]) -> tuple[Table, ...]:
    """Return the figures along the words."""
    if not tracks:
        return ()
    rows = tuple((n + 1, word, *(value_at(track.error, n) for track in tracks)) for n, word in enumerate(words))
    return (
        Table("error left at each word", ("#", "word", *(track.cell for track in tracks)), rows, 2, read_out(words)),
    )
