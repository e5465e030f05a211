"""The gradient highway: how much of the error at the choice is felt at each earlier word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import bar, power
from lstm_ascii.render.layout import Column, by_width
from lstm_ascii.reports.explain import NetworkPass
from lstm_ascii.reports.passes import Gradient

VANISHED = -3.0  # log10 of the ratio below which a gradient has vanished
MEASURES = (("error", "choice"), ("all paths", "all_paths"), ("carousel", "carousel"))
VANISHED_AS_TEXT = f"{10**VANISHED:g}"
LEGEND = f"One log scale: an empty bar is {VANISHED_AS_TEXT} or less (vanished), a full one 1."


def columns(networks: Sequence[NetworkPass], width: int) -> tuple[list[Column], str]:
    """Return a column for each network and measure, all on one log scale from 0.001 to 1.

    Where they don't fit beside each other, the Jacobians' are left out; the second value says so.
    """
    length = by_width(width, 3, 4, 4)
    found = []
    for network in networks:
        gradients = [step.gradient for step in network.steps if step.gradient is not None]
        for name, measure in MEASURES:
            if measure == "carousel" and all(gradient.carousel is None for gradient in gradients):
                continue
            unit = "" if measure != "carousel" or network.carousel_unit is None else f" u{network.carousel_unit}"
            head = (f"{network.cell}{unit}", name)
            found.append(Column(head, gradients, length + 6, partial(_cell, measure, length)))
    if len(found) * (length + 8) <= width - by_width(width, 11, 16, 20):
        return found, ""
    few = [column for column in found if column.head[1] != "all paths"]
    return few, " By all paths (the Jacobians): in a wider window, or with fewer networks (--cell)."


def legend(networks: Sequence[NetworkPass]) -> str:
    """Explain the bars, and what the carousel is."""
    units = {network.carousel_unit for network in networks if network.steps[0].gates is not None}
    if not units:
        return LEGEND
    most = "the unit that keeps most"
    of = most if units == {None} else f"the unit named above it (u){f', else of {most}' if None in units else ''}"
    return f"{LEGEND} Carousel: the product of the forget gates alone, of {of}."


def _cell(measure: str, length: int, gradient: Gradient) -> Text:
    """Draw one figure: a bar from 0.001 (empty) to 1 (full), and the number."""
    value: float | None = getattr(gradient, measure)
    style = grade(value)
    share = 0.0 if value is None else 1 - value / VANISHED
    return bar(share, length, style).append(f" {power(value)}", style if style == "grad.vanished" else "")


def grade(value: float | None) -> str:
    """Return the style of a ratio given as log10."""
    if value is None or value < VANISHED:
        return "grad.vanished"
    return "grad.alive" if value >= -1 else "grad.fading"


def horizon(network: NetworkPass) -> int | None:
    """Return how many words back the error vanishes, counted from the choice; ``None`` if it never does."""
    for step in reversed(network.steps[: network.choice.after]):
        if step.gradient and (step.gradient.choice is None or step.gradient.choice < VANISHED):
            return network.choice.after - step.number
    return None


def left_at(networks: Sequence[NetworkPass], word: int, names: Sequence[str]) -> str:
    """Say how much of each network's error is left at a word."""
    back = networks[0].choice.after - word
    if back <= 0:
        return ""
    left = [f"{power(_choice_at(network, word))} in the {network.cell}" for network in networks]
    words = "word" if back == 1 else "words"
    return f"Of the error there is left at “{names[word - 1]}”, {back} {words} back: {listed(left)}."


def closing(networks: Sequence[NetworkPass], word: int, names: Sequence[str]) -> str:
    """Say how much of each network's error is left at a word, and where it has vanished."""
    gone = [(network, horizon(network)) for network in networks]
    parts = [f"in the {network.cell} {steps} back" for network, steps in gone if steps is not None]
    alive = [f"the {network.cell}" for network, steps in gone if steps is None]
    sentences = [left_at(networks, word, names)]
    if parts:
        sentences.append(f"First below {VANISHED_AS_TEXT}: {listed(parts)}.")
    if alive and networks[0].choice.after > 1:
        it = "it" if parts else VANISHED_AS_TEXT
        sentences.append(f"Nowhere below {it} in these words: {listed(alive)}.")
    return " ".join(filter(None, sentences)) or "With one word there is nothing to travel back to."


def _choice_at(network: NetworkPass, word: int) -> float | None:
    """Return the error at a word, as log10 of its ratio to that at the choice."""
    gradient = network.steps[word - 1].gradient
    return gradient.choice if gradient else None


def listed(parts: Sequence[str]) -> str:
    """Join with commas and a last ``and``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
