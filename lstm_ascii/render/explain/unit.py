"""One unit along the words: its gates, and the value that it carries."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from lstm_ascii.render.explain.gates import NAMES, STYLES, VERBS
from lstm_ascii.render.figures import bar, number, short
from lstm_ascii.render.glyphs import FULL, TRACK
from lstm_ascii.render.layout import Column, by_width
from lstm_ascii.reports.explain import NetworkPass, Unit


def columns(network: NetworkPass, unit: Unit, width: int) -> list[Column]:
    """Return the columns of a unit's table."""
    length = by_width(width, 3, 5, 8)
    found = []
    if unit.steps[0].keeps is not None:
        for name, verb, style in zip(NAMES[network.cell], VERBS, STYLES, strict=True):
            values = [getattr(step, verb) for step in unit.steps]
            cells = [bar(value, length, style).append(f" {short(value)}") for value in values]
            found.append(Column((name, verb), cells, length + 4))
    largest = max(abs(step.value) for step in unit.steps) or 1.0
    half = by_width(width, 4, 7, 14)
    cells = [signed(step.value / largest, half).append(f" {number(step.value):>6}") for step in unit.steps]
    found.append(Column(("value", f"0 in the middle, ±{number(largest)}"), cells, max(2 * half + 8, 23)))
    return found


def signed(share: float, half: int) -> Text:
    """Draw a bar to the right of the middle for a positive share, to the left for a negative one."""
    filled = min(half, round(abs(share) * half))
    rest = half - filled
    if share < 0:
        return Text.assemble((TRACK * rest, "track"), (FULL * filled, "negative"), "│", (TRACK * half, "track"))
    return Text.assemble((TRACK * half, "track"), "│", (FULL * filled, "positive"), (TRACK * rest, "track"))


def closing(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say what the unit did."""
    largest = max(range(len(words)), key=lambda index: (abs(unit.steps[index].value), -index))
    text = (
        f"Unit {unit.index} of {network.hidden_size} (from 0) is largest after “{words[largest]}” "
        f"(word {largest + 1}): {number(unit.steps[largest].value)}."
    )
    if unit.half_life is not None:
        text += f" At its mean forget gate, what it holds halves every {number(unit.half_life, 1)} words."
    return text
