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


LEGEND = "One log scale: an empty bar is 0.001 or less (vanished), a full one 1."


def columns(networks: Sequence[NetworkPass], width: int) -> tuple[list[Column], str]:
    """Return a column for each network and measure, all on one log scale from 0.001 to 1.

    Where they don't fit beside each other, the Jacobians' are left out; the second value says so.
    """
    length = by_width(width, 3, 4, 6)
    found = []
    for network in networks:
        gradients = [step.gradient for step in network.steps if step.gradient is not None]
        for name, measure in MEASURES:
            if measure == "carousel" and all(gradient.carousel is None for gradient in gradients):
                continue
            draw = partial(_cell, measure, length)
            found.append(Column((network.cell, name), gradients, length + 6, draw))
    if len(found) * (length + 8) <= width - by_width(width, 11, 16, 20):
        return found, ""
    return [column for column in found if column.head[1] != "all paths"], " All paths: in a wider window."


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


def closing(networks: Sequence[NetworkPass], words: Sequence[str]) -> str:
    """Say where each network's error has gone."""
    sentences = []
    for network in networks:
        first, back = network.steps[0], network.choice.after - 1
        if not back or first.gradient is None:
            continue
        gone = horizon(network)
        where = (
            "it never vanishes (below 0.001)" if gone is None else f"it has vanished (below 0.001) {gone} words back"
        )
        left = power(first.gradient.choice)
        sentences.append(f"{network.cell}: {left} of the error is left at “{words[0]}”, {back} words back; {where}.")
    return " ".join(sentences) or "With one word there is nothing to travel back to."
