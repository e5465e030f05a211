"""The gradient highway: how much of the error at the choice is felt at each earlier word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.where import back as words_back
from lstm_ascii.render.figures import bar, listed, percent, power
from lstm_ascii.render.layout import Column, by_width
from lstm_ascii.reports.explain.passes import Gradient
from lstm_ascii.reports.explain.report import NetworkPass

VANISHED = -3.0  # log10 of the ratio below which a gradient has vanished
MEASURES = (("error", "choice"), ("all paths", "all_paths"), ("carousel", "carousel"))
VANISHED_AS_TEXT = f"{10**VANISHED:g}"
LEGEND = f"One log scale: an empty bar is {VANISHED_AS_TEXT} or less (vanished), a full one 1."


def columns(networks: Sequence[NetworkPass], width: int) -> tuple[list[Column], str]:
    """Return a column for each network and measure, all on one log scale from 0.001 to 1.

    Where they don't fit beside each other, the Jacobians' are left out; the second value says so, or how exact
    they are.
    """
    length = by_width(width, 3, 4, 4)
    found = []
    for network in networks:
        gradients = [step.gradient for step in network.steps]
        for name, measure in measures(network):
            unit = "" if measure != "carousel" or network.carousel_unit is None else f" u{network.carousel_unit}"
            head = (f"{network.cell}{unit}", name)
            found.append(Column(head, gradients, length + 6, partial(_cell, measure, length)))
    if len(found) * (length + 8) <= width - by_width(width, 11, 16, 20):
        return found, f" {paths_within(networks)}".rstrip()
    few = [column for column in found if column.head[1] != "all paths"]
    return few, " By all paths (the Jacobians): in a wider window, or with fewer networks (--cell)."


def measures(network: NetworkPass) -> list[tuple[str, str]]:
    """Return the measures that a network has, each with the name of its field."""
    gradients = [step.gradient for step in network.steps if step.gradient is not None]
    direct = any(gradient.carousel is not None for gradient in gradients)
    return [(name, field) for name, field in MEASURES if field != "carousel" or direct]


def legend(networks: Sequence[NetworkPass]) -> str:
    """Explain the bars, and what the carousel is."""
    of = carousel_of(networks, "the unit named above it (u)")
    return f"{LEGEND} {of}" if of else LEGEND


def paths_within(networks: Sequence[NetworkPass]) -> str:
    """Say how far off the gradients by all paths may be, where they are not exact."""
    most = max(network.paths_within for network in networks)
    return (
        f"All paths: at most {percent(most)} too small; of so many units the full products are not made."
        if most
        else ""
    )


def carousel_of(networks: Sequence[NetworkPass], named: str) -> str:
    """Say what the carousel is, and of which unit; ``named`` tells where a unit's number is found."""
    gated = [network for network in networks if network.steps[0].gates is not None]
    units, cells = {network.carousel_unit for network in gated}, {network.cell for network in gated}
    if not units:
        return ""
    most = "the unit that keeps most"
    of = most if units == {None} else f"{named}{f', else of {most}' if None in units else ''}"
    gates = "forget gates" if "LSTM" in cells else "update gates z"
    also = " (GRU: update gates z)" if len(cells) > 1 else ""
    return f"Carousel: the product of the {gates}{also} alone, of {of}."


def _cell(measure: str, length: int, gradient: Gradient) -> Text:
    """Draw one figure: a bar from 0.001 (empty) to 1 (full), and the number."""
    value: float | None = getattr(gradient, measure)
    style = grade(value)
    share = 0.0 if value is None else 1 - value / VANISHED
    return bar(share, length, style).append(f" {power(value)}", style if style == "grad.vanished" else "")


def grade(value: float | None) -> str:
    """Return the style of a ratio given as log10."""
    if value is None or not value >= VANISHED:
        return "grad.vanished"
    return "grad.alive" if value >= -1 else "grad.fading"


def horizon(network: NetworkPass) -> int | None:
    """Return how many words back the error vanishes, counted from the choice; ``None`` if it never does."""
    felt = [step.gradient for step in network.where.ordered(network.steps) if step.gradient]
    for steps, gradient in enumerate(reversed(felt)):
        if gradient.choice is None or gradient.choice < VANISHED:
            return steps
    return None


def left_at(networks: Sequence[NetworkPass], word: int, names: Sequence[str]) -> str:
    """Say how much of each network's error is left at a word."""
    back = words_back(networks, word)
    if not back:
        return ""
    silent = [network for network in networks if _choice_at(network, network.loss_after) is None]
    left = [f"{power(_choice_at(one, word))} in the {one.cell}" for one in networks if one not in silent]
    words = "word back" if back == 1 else "words back"
    as_read = " as it reads" if networks[0].where.backward else ""
    at = f"“{names[word - 1]}”, {back} {words}{as_read}"
    told = [f"Of the error there is left at {at}: {listed(left)}."] if left else []
    if silent:
        told.append(f"The error is 0 from the start in {listed([f'the {one.cell}' for one in silent])}.")
    return " ".join(told)


def closing(networks: Sequence[NetworkPass], word: int, names: Sequence[str]) -> str:
    """Say how much of each network's error is left at a word, and where it has vanished."""
    felt = [
        network for network in networks if network.is_finite and _choice_at(network, network.loss_after) is not None
    ]
    gone = [(network, horizon(network)) for network in felt]
    parts = [f"in the {network.cell} {steps} back" for network, steps in gone if steps is not None]
    alive = [f"the {network.cell}" for network, steps in gone if steps is None]
    sentences = [left_at(networks, word, names)]
    if parts:
        sentences.append(f"First below {VANISHED_AS_TEXT}: {listed(parts)}.")
    if alive and sum(step.gradient is not None for step in networks[0].steps) > 1:
        it = "it" if parts else VANISHED_AS_TEXT
        sentences.append(f"Nowhere below {it} in these words: {listed(alive)}.")
    return " ".join(filter(None, sentences)) or "With one word there is nothing to travel back to."


def _choice_at(network: NetworkPass, word: int) -> float | None:
    """Return the error at a word, as log10 of its ratio to that at the choice."""
    gradient = network.steps[word - 1].gradient
    return gradient.choice if gradient else None
