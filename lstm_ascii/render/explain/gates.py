"""Word by word: what the gates did, what was written and wiped, and what the memory holds."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from lstm_ascii.render.figures import bar, number, percent, plain, short
from lstm_ascii.render.layout import Column, by_width
from lstm_ascii.reports.passes import Gates, Holding, Step

# What the three gates are called, by cell.
NAMES = {"LSTM": ("forget", "input", "output"), "GRU": ("update z", "1 − z", "reset r")}
VERBS = ("keeps", "adds", "shows")
# How a mean gate reads, from these values on.
KEEPS = ((0.9, "keeps all"), (0.6, "keeps most"), (0.3, "keeps some"), (0.0, "wipes most"))
ADDS = ((0.5, "adds much"), (0.2, "adds some"), (0.0, "adds little"))
STYLES = ("gate.forget", "gate.input", "gate.output")


def columns(cell: str, steps: Sequence[Step], names: Sequence[str], width: int) -> list[Column]:
    """Return the columns of a network's table."""
    length = by_width(width, 3, 3, 5)
    found = []
    if steps[0].gates is not None:
        gates = [step.gates for step in steps if step.gates is not None]
        for name, verb, style in zip(NAMES[cell], VERBS, STYLES, strict=True):
            cells = [_gate(gate, verb, length, style) for gate in gates]
            found.append(Column((name, verb), cells, length + 4))
        found += [_amounts("wrote", [step.written for step in steps])]
        found += [_amounts("wiped", [step.wiped or 0 for step in steps])]
        holdings = [step.holds for step in steps if step.holds is not None]
        if by_width(width, 0, 0, 1):
            starts = [Text(f"{percent(holding.start):>5}", "note") for holding in holdings]
            found.append(Column(("still", "start"), starts, 5))
            found.append(Column(("", "so it"), [Text(reading(gate)) for gate in gates], 23))
        room = by_width(width, 18, 16, 22)
        holds = [_holding(holding, names) for holding in holdings]
        found.append(Column(("of what words", "wrote it holds"), holds, room, stretch=True, items=True))
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
    return Column(("", name), [Text(f"{plain(value):>5}") for value in values], 5)


def _size(value: float, largest: float, length: int) -> Text:
    """Draw the size of a state against the largest on the sentence."""
    return bar(value / largest, length, "state").append(f" {number(value)}")


def _holding(holding: Holding, names: Sequence[str]) -> Text:
    """List what the memory holds, the largest first, as far as the column goes."""
    parts = [f"{names[share.word - 1]} {percent(share.share)}" for share in holding.words[:5]]
    return Text(", ".join(parts) or "nothing", "memory" if holding.words else "note")


def reading(gates: Gates) -> str:
    """Say in words what the means of the gates come to."""
    keeps = next(name for limit, name in KEEPS if gates.keeps >= limit)
    adds = next(name for limit, name in ADDS if gates.adds >= limit)
    return f"{keeps}, {adds}"


def closing(cell: str, steps: Sequence[Step], names: Sequence[str]) -> str:
    """Say what is to be seen in the table, from its numbers."""
    most = max(steps, key=lambda step: (step.written, -step.number))
    if steps[0].gates is None:
        return (
            f"An RNN has no gates: each word moves the whole state. “{names[most.number - 1]}” moved it most, "
            f"by {plain(most.written)} over all units."
        )
    keeps = sum(step.gates.keeps for step in steps if step.gates) / len(steps)
    wiped = max(steps, key=lambda step: (step.wiped or 0, -step.number))
    start = steps[-1].holds.start if steps[-1].holds else 0.0
    return (
        f"On average the {cell} keeps {percent(keeps)} of its memory from word to word. “{names[most.number - 1]}” "
        f"wrote most ({plain(most.written)}), “{names[wiped.number - 1]}” wiped most "
        f"({plain(wiped.wiped or 0)}; sums over units). At the end {percent(start)} of all that it holds "
        "is still the start state; the shares above are of the rest."
    )
