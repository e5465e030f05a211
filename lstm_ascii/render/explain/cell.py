"""The cell, drawn with the values that it has at one word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from lstm_ascii.render.canvas import DOUBLE, Canvas
from lstm_ascii.render.figures import fit, number, plain
from lstm_ascii.render.layout import paragraph

SMALLEST, LARGE = 39, 76  # columns that the narrow and the large drawing take


@dataclass(frozen=True)
class Plan:
    """Where the parts of a drawing stand: columns of the gates, width of their boxes, right end."""

    columns: tuple[int, ...]
    box: int
    end: int
    long_names: bool


LSTM_HOME, LSTM_NARROW = Plan((18, 33, 45, 59), 10, 68, True), Plan((9, 15, 21, 28), 5, 33, False)
GRU_HOME, GRU_NARROW = Plan((20, 34, 44, 56), 10, 68, True), Plan((13, 19, 23, 29), 5, 33, False)


def cell_lines(cell: str, values: dict[str, float], word: str, width: int) -> Iterator[Text]:
    """Draw ``cell`` with its values at ``word`` into ``width`` columns.

    Args:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        values: by the letters of the equations.
        word: that is read.
        width: of the terminal; below :data:`SMALLEST` the equations stand in for the drawing.
    """
    if width < SMALLEST:
        for line in _EQUATIONS[cell]:
            text = line.format_map({key: number(value) for key, value in values.items()} | {"w": word})
            yield from paragraph(Text(text), width, indent=1, hang=3)
        return
    home = width >= LARGE
    yield from {"LSTM": _lstm, "GRU": _gru, "RNN": _rnn}[cell](values, word, home).lines()


def _lstm(values: dict[str, float], word: str, home: bool) -> Canvas:
    """Draw the LSTM: the cell state runs along the top, the gates act on it from below."""
    plan = LSTM_HOME if home else LSTM_NARROW
    forget, write, candidate, output = plan.columns
    canvas = Canvas(SMALLEST + 38, 17)
    _rail(canvas, plan, "C", "c", values)
    for x, letter, name, label in (
        (forget, "f", "forget", "gate.forget"),
        (write, "i", "input", "gate.input"),
        (candidate, "g", "candid.", "gate.candidate"),
    ):
        canvas.wire((x, 14), (x, 9))
        _gate(canvas, plan, x, 6, letter, name, label, values, "tanh" if letter == "g" else "σ")
    canvas.wire((forget, 6), (forget, 1))
    canvas.wire((candidate, 6), (candidate, 1))
    canvas.wire((write, 6), (write, 3), (candidate - 3, 3))
    _operators(canvas, ((forget, 0, "×"), (candidate, 0, "+"), (candidate, 3, "×")))
    canvas.write(candidate - 2, 3, "▶")
    for x in (forget, candidate):
        canvas.write(x, 1, "▲")
    canvas.wire((output, 0), (output, 2), weight=DOUBLE, style="memory")
    canvas.box(output - (4 if home else 3), 2, 8 if home else 6, "tanh")
    canvas.wire((output, 14), (output, 12))
    canvas.wire((output, 9), (output, 7))
    canvas.wire((output, 4), (output, 6))
    canvas.wire((output, 6), (plan.end, 6), style="state")
    _operators(canvas, ((output, 6, "×"),))
    canvas.write(output, 5, "▼")
    canvas.write(output, 7, "▲")
    _gate(canvas, plan, output, 9, "o", "output", "gate.output", values, "σ", below=True)
    canvas.write(plan.end, 6, "▶ h t", "state")
    canvas.write(plan.end + (1 if home else 0), 7, _size(values, "h"), "state")
    _inputs(canvas, plan, values, word, "h")
    return canvas


def _gru(values: dict[str, float], word: str, home: bool) -> Canvas:
    """Draw the GRU: the state itself runs along the top; z keeps it or lets the candidate in."""
    plan = GRU_HOME if home else GRU_NARROW
    update, reset, product, candidate = plan.columns
    left = 9 if home else 8
    canvas = Canvas(SMALLEST + 38, 15)
    _rail(canvas, plan, "h", "h", values)
    canvas.wire((left, 0), (left, 11), (product, 11), (product, 10), style="memory")
    canvas.wire((6, 13), (candidate + 1, 13), (candidate + 1, 8))
    for x, letter, name, style in ((update, "z", "update", "gate.forget"), (reset, "r", "reset", "gate.output")):
        canvas.wire((x, 13), (x, 8))
        _gate(canvas, plan, x, 5, letter, name, style, values, "σ", below=False)
    _gate(canvas, plan, candidate, 5, "n", "candid.", "gate.candidate", values, "tanh")
    canvas.write(candidate, 8, "─")
    canvas.write(candidate + 1, 8, "▲")
    canvas.write(candidate - 1, 8, "▲")
    canvas.wire((update, 5), (update, 1))
    canvas.wire((update, 2), (candidate - 3, 2))
    canvas.write((update + candidate) // 2 - 3, 2, " 1−z ", "note")
    canvas.wire((candidate, 5), (candidate, 1))
    canvas.wire((reset, 5), (reset, 3), (product, 3), (product, 8))
    canvas.wire((product, 9), (candidate - 1, 9), (candidate - 1, 8))
    _operators(canvas, ((update, 0, "×"), (candidate, 0, "+"), (candidate, 2, "×"), (product, 9, "×")))
    for x in (update, reset):
        canvas.write(x, 11, "•", "memory")
    canvas.write(candidate - 2, 2, "▶")
    canvas.write(product, 8, "▼")
    canvas.write(product, 10, "▲")
    for x in (update, candidate):
        canvas.write(x, 1, "▲")
    canvas.write(1, 13, "x t", "state")
    canvas.write(1, 14, fit(f"“{word}”", left + 8).rstrip(), "word")
    return canvas


def _rnn(values: dict[str, float], word: str, home: bool) -> Canvas:
    """Draw the RNN: state and word meet in one tanh, and what comes out is the next state."""
    canvas = Canvas(SMALLEST + 38, 6)
    box, end = (26, 68) if home else (15, 33)
    canvas.box(box, 0, 10 if home else 6, "tanh")
    canvas.wire((7, 1), (box - 1, 1), style="state")
    canvas.wire((box + (9 if home else 5), 1), (end, 1), style="state")
    canvas.wire((7, 4), (11, 4), (11, 1))
    canvas.write(box - 1, 1, "▶")
    canvas.write(end, 1, "▶ h t", "state")
    canvas.write(end - 1 if not home else end, 2, _size(values, "h"), "state")
    canvas.write(1, 1, "h t-1", "state")
    canvas.write(1, 2, _size(values, "h'"), "state")
    canvas.write(1, 4, "x t", "state")
    canvas.write(13, 4, fit(f"“{word}”", 22).rstrip(), "word")
    return canvas


def _rail(canvas: Canvas, plan: Plan, name: str, state: str, values: dict[str, float]) -> None:
    """Draw the line along the top: the memory comes from the left and goes out to the right."""
    canvas.wire((7, 0), (plan.end, 0), weight=DOUBLE, style="memory")
    canvas.write(1, 0, f"{name} t-1", "memory")
    canvas.write(1, 1, _size(values, state + "'"), "memory")
    canvas.write(plan.end, 0, f"▶ {name} t", "memory")
    canvas.write(plan.end - (0 if plan.long_names else 1), 1, _size(values, state), "memory")


def _gate(
    canvas: Canvas,
    plan: Plan,
    x: int,
    y: int,
    letter: str,
    name: str,
    style: str,
    values: dict[str, float],
    squash: str,
    below: bool = False,
) -> None:
    """Draw a gate's box around column ``x`` with its value at the wire above it."""
    half = plan.box // 2
    lines = (squash, name) if plan.long_names else (letter, squash[:3])
    canvas.box(x - half, y, plan.box - (1 - plan.box % 2) + (0 if plan.box % 2 else 1), *lines, style=style)
    canvas.write(x, y + 3, "▲")
    text = plain(values[letter], 2)
    if squash == "tanh":
        text = f"|{text}|"  # its sign differs from unit to unit
    if below:
        canvas.write(x + 1, y - 1, text, style)
    else:
        canvas.write(x - len(text) - (1 if plan.long_names else 0), y - 1, text, style)


def _operators(canvas: Canvas, places: tuple[tuple[int, int, str], ...]) -> None:
    """Draw the element-by-element operations."""
    for x, y, sign in places:
        canvas.write(x - 1, y, f"({sign})", "title")


def _inputs(canvas: Canvas, plan: Plan, values: dict[str, float], word: str, state: str) -> None:
    """Draw the state and the word that feed every gate."""
    canvas.wire((7, 14), (plan.columns[-1], 14), style="state")
    canvas.wire((7, 16), (8 if not plan.long_names else 11, 16), (8 if not plan.long_names else 11, 14))
    canvas.write(1, 14, "h t-1", "state")
    canvas.write(1, 15, _size(values, state + "'"), "state")
    canvas.write(1, 16, "x t", "state")
    canvas.write(10 if not plan.long_names else 13, 16, fit(f"“{word}”", 26).rstrip(), "word")


def _size(values: dict[str, float], name: str) -> str:
    """Write the mean size of a state."""
    return f"|{plain(values[name], 2)}|"


_EQUATIONS = {
    "LSTM": (
        "word “{w}”",
        "forget f {f}",
        "input i {i}",
        "candidate |g| {g}",
        "output o {o}",
        "|C t-1| {c'} → |C t| {c}",
        "|h t-1| {h'} → |h t| {h}",
        "C = f⊙C' + i⊙g",
        "h = o⊙tanh(C)",
    ),
    "GRU": (
        "word “{w}”",
        "update z {z}",
        "reset r {r}",
        "candidate |n| {n}",
        "|h t-1| {h'} → |h t| {h}",
        "h = (1−z)⊙n + z⊙h'",
    ),
    "RNN": ("word “{w}”", "|h t-1| {h'} → |h t| {h}", "h = tanh(W x + U h' + b)"),
}
