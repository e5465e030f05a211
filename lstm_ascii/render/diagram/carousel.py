"""The constant error carousel, and the one of the trained network along the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log10

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.diagram.cells import LARGE
from lstm_ascii.render.diagram.loop import both, size
from lstm_ascii.render.diagram.panel import Panel
from lstm_ascii.render.diagram.telling import read_out, value_at
from lstm_ascii.render.explain.highway import grade
from lstm_ascii.render.figures import bar, counted, plain, power
from lstm_ascii.render.layout import Column, WordTable, by_width, rows_to_show
from lstm_ascii.render.parts import Table
from lstm_ascii.reports.diagram.report import ROUNDS, DiagramReport, Track


def panels(report: DiagramReport, limit: int | None = None) -> Iterable[Panel]:
    """Return the loops, and the unit along the words."""
    loops, paths = report.loops, EQUATIONS["PATHS"]
    rows = tuple((rounds, *(one.left[n] for one in loops)) for n, rounds in enumerate(ROUNDS))
    yield Panel(
        "THE LOOP",
        "the memory feeds itself, through the forget gate",
        lambda width: both(loops, None, width).lines(),
        ("C → × f → + i ⊙ g → C, round and round",),
        (EQUATIONS["LSTM"]["c"], paths["step"], paths["carousel"]),
        says="With f = 1 a message, or an error on its way back, rides round for ever; --animate shows it.",
    )
    yield Panel(
        "AFTER MANY ROUNDS",
        "what is left of a message",
        lambda width: _rounds(report, width),
        (),
        tables=(Table("left after so many rounds", ("rounds", *(f"f = {one.forget:g}" for one in loops)), rows),),
    )
    track = report.track("LSTM")
    if track is not None and track.keep is not None and report.word is not None:
        yield _along(report, track, report.word, limit)


def _rounds(report: DiagramReport, width: int) -> Iterator[Text]:
    """Draw a bar a loop for each number of rounds."""
    length = 24 if width >= LARGE else 5
    head = Text("rounds", "note")
    for one in report.loops:
        head.append("  " + f"f = {one.forget:.4g}".ljust(length + 6))
    head.rstrip()
    yield head
    for place, rounds in enumerate(ROUNDS):
        line = Text(f"{rounds:>6}", "number")
        for one in report.loops:
            left = one.left[place]
            line.append("  ").append_text(bar(left, length, "memory")).append(f" {size(left):<5}")
        line.rstrip()
        yield line


def _along(report: DiagramReport, track: Track, word: int, limit: int | None) -> Panel:
    """Return the table of the trained network's own carousel."""
    words = report.words
    followed = f"unit {track.unit} of the LSTM: the message of “{words[word - 1]}” rides on"
    left = " Left: the product of f since the message was written." if track.message else ""
    return Panel(
        "ON YOUR SENTENCE",
        "means over units" if track.unit is None else followed,
        lambda width: _words(report, track, limit, width),
        (),
        says=_says(report, track, word),
        note=f"f_t: what stays of C at each word.{left}",
        tables=(_table(words, track, word),),
    )


def _words(report: DiagramReport, track: Track, limit: int | None, width: int) -> Iterator[Text]:
    """Draw a row a word: the forget gate, the memory, what is left of the message."""
    length = by_width(width, 5, 12, 20)
    messages = track.message or ()
    columns = [
        Column(
            ("forget", "f_t"), track.keep or (), length + 5, lambda f: _barred(f, plain(f, 2), length, "gate.forget")
        ),
        Column(
            ("memory", "C_t" if track.unit is not None else "|C_t|"),
            track.state,
            6,
            lambda c: Text(f"{plain(c, 2):>6}"),
        ),
    ]
    if messages:
        shown = [None if place < (report.word or 1) - 1 else (value,) for place, value in enumerate(messages)]
        columns.append(Column(("message", "left"), shown, length + 6, lambda one: _left(one[0], length)))
    rows = rows_to_show(len(report.words), limit, ((report.word or 1) - 1,))
    yield from WordTable(report.words, columns, rows, {(report.word or 1) - 1: "focus"}).lines(width)


def _barred(share: float, text: str, length: int, style: str) -> Text:
    """Draw a bar with its figure."""
    return bar(share, length, style).append(f" {text}")


def _left(value: float | None, length: int) -> Text:
    """Draw what is left of the message."""
    return _barred(0.0 if value is None else 10.0 ** max(value, -9.0), power(value), length, grade(value))


def _says(report: DiagramReport, track: Track, word: int) -> str:
    """Say how long the message lives."""
    name = report.words[word - 1]
    if track.message is None:
        return "No unit is followed, so these are means; --unit K follows one, and its message."
    last = len(track.message)
    if word == last:
        return f"“{name}” is the last word: nothing has come after it that could wipe what it wrote."
    gone = [n for n in range(word, last) if (left := track.message[n]) is None or left < log10(0.5)]
    if not gone:
        on = counted(last - word, "round")
        return f"At the last word {power(track.message[-1])} of it is left: more than half, {on} on."
    return (
        f"More than half of what “{name}” wrote is there for {counted(gone[0] - word, 'round')}; "
        f"“{report.words[gone[0]]}” leaves {power(track.message[gone[0]])}, the last word {power(track.message[-1])}."
    )


def _table(words: tuple[str, ...], track: Track, word: int) -> Table:
    """Return the figures along the words."""
    keep, message = track.keep or (), track.message or ()
    rows = tuple(
        (n + 1, one, keep[n], track.state[n], value_at(message, n) if n >= word - 1 else None)
        for n, one in enumerate(words)
    )
    columns = ("#", "word", "f_t", "C_t", "message left")
    return Table("carousel, word by word", columns, rows, 2, read_out(words, (word - 1,)))
