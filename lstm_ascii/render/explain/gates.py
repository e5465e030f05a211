"""Word by word: what the gates did, what was written and wiped, and what the memory holds."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from lstm_ascii.render.figures import bar, number, percent, short
from lstm_ascii.render.layout import Column, by_width
from lstm_ascii.reports.passes import Gates, Holding, Step

# What the three gates are called, by cell.
NAMES = {"LSTM": ("forget", "input", "output"), "GRU": ("update z", "1 − z", "reset r")}
VERBS = ("keeps", "adds", "shows")
STYLES = ("gate.forget", "gate.input", "gate.output")


def columns(cell: str, steps: Sequence[Step], words: Sequence[str], width: int) -> list[Column]:
    """Return the columns of a network's table."""
    length = by_width(width, 3, 4, 8)
    found = []
    if steps[0].gates is not None:
        gates = [step.gates for step in steps if step.gates is not None]
        for name, verb, style in zip(NAMES[cell], VERBS, STYLES, strict=True):
            cells = [_gate(gate, verb, length, style) for gate in gates]
            found.append(Column((name, verb), cells, length + 4))
        found += [_amounts("wrote", [step.written for step in steps])]
        found += [_amounts("wiped", [step.wiped or 0 for step in steps])]
        holds = [_holding(step.holds, words) for step in steps if step.holds is not None]
        found.append(Column(("the memory now", "holds"), holds, by_width(width, 18, 16, 30), stretch=True))
    else:
        found += [_amounts("moved", [step.written for step in steps])]
        largest = max(step.state_size for step in steps) or 1.0
        sizes = [_size(step.state_size, largest, by_width(width, 8, 20, 40)) for step in steps]
        found.append(Column(("size of the", "state"), sizes, by_width(width, 14, 26, 46)))
    return found


def _gate(gates: Gates, verb: str, length: int, style: str) -> Text:
    """Draw one gate's mean as a bar and a number."""
    value = {"keeps": gates.keeps, "adds": gates.adds, "shows": gates.shows}[verb]
    return bar(value, length, style).append(f" {short(value)}")


def _amounts(name: str, values: Sequence[float]) -> Column:
    """Return a column of plain numbers."""
    return Column(("", name), [Text(f"{number(value, 1):>5}") for value in values], 5)


def _size(value: float, largest: float, length: int) -> Text:
    """Draw the size of a state against the largest on the sentence."""
    return bar(value / largest, length, "state").append(f" {number(value)}")


def _holding(holding: Holding, words: Sequence[str]) -> Text:
    """List what the memory holds, the largest first, as far as the column goes."""
    parts = [f"{label(share.word, words)} {percent(share.share)}" for share in holding.words]
    if holding.start >= 0.005:
        parts.insert(0 if holding.start > 0.5 else 1, f"(start {percent(holding.start)})")
    return Text(", ".join(parts) or "nothing", "memory" if holding.words else "note")


def label(word: int, words: Sequence[str]) -> str:
    """Name a word; one that stands more than once gets its number."""
    text = words[word - 1]
    twice = sum(other.lower() == text.lower() for other in words) > 1
    return f"{text}#{word}" if twice else text


def closing(cell: str, steps: Sequence[Step], words: Sequence[str]) -> str:
    """Say what is to be seen in the table, from its numbers."""
    most = max(steps, key=lambda step: (step.written, -step.number))
    if steps[0].gates is None:
        return (
            f"An RNN has no gates: each word moves the whole state. “{label(most.number, words)}” moved it most, "
            f"by {number(most.written, 1)} over all units."
        )
    keeps = sum(step.gates.keeps for step in steps if step.gates) / len(steps)
    wiped = max(steps, key=lambda step: (step.wiped or 0, -step.number))
    return (
        f"On average the {cell} keeps {percent(keeps)} of its memory from word to word. “{label(most.number, words)}” "
        f"wrote most ({number(most.written, 1)}), “{label(wiped.number, words)}” wiped most "
        f"({number(wiped.wiped or 0, 1)}; sums over units)."
    )
