"""The gradient highway: how much of the error at the choice is felt at each earlier word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.context import Context, ends
from lstm_ascii.render.figures import (
    GROWN,
    VANISHED,
    VANISHED_AS_TEXT,
    bar,
    estimate,
    fold,
    grade,
    listed,
    power,
)
from lstm_ascii.render.grid import Column
from lstm_ascii.render.layout import at_width, by_width
from lstm_ascii.render.parts import Power
from lstm_ascii.render.section import SPACE, Paragraph, Section
from lstm_ascii.reports.explain.passes import Gradient
from lstm_ascii.reports.explain.report import NetworkPass

MEASURES = (("error", "choice"), ("all paths", "all_paths"), ("carousel", "carousel"))
LEFT_OUT = "By all paths (the Jacobians): in a wider window, or with fewer networks (--cell)."
GREW = "▲"
LEGEND = f"One log scale: an empty bar is {VANISHED_AS_TEXT} or less (vanished), a full one 1."
GROWN_LEGEND = f"{GREW}: grown, more than at the choice."


BAR = (3, 3, 4, 4)  # cells


def section(context: Context) -> Section:
    """How far the error travels back."""
    report, networks = context.report, context.report.networks
    main = report.main
    columns = _columns(networks)
    rows = [row for row in context.rows if row is None or main.steps[row].gradient]

    def small_print(width: int) -> str:
        more = paths_within(networks) if _all_fit(len(columns), width) else LEFT_OUT
        return " ".join(filter(None, (legend(networks), grown_legend(networks), more)))

    spoken = f"{legend(networks, _named_units(networks))} {paths_within(networks)}".rstrip()
    return Section("The gradient highway", error_about(context), (
        context.grid("gradient highway", columns, rows), SPACE, Paragraph(small_print, "note", spoken=spoken),
        Paragraph(closing(networks, report.deciding_word or ends(main)[0], context.names)),
    ))  # fmt: skip


def error_about(context: Context) -> str:
    """Say what the error is of, and where it is felt."""
    main = context.main
    quoted = f"“{context.report.words[main.loss_after - 1]}”"
    if main.choice:
        return f"the error of that choice at word {main.choice.after}, {quoted}, felt at each earlier word"
    if main.answer:
        asked = main.answer.asked + (f" against {main.answer.against}" if main.answer.against else "")
        return f"the gradient of the answer, {asked}, from word {main.loss_after}, {quoted}, back to each other word"
    side = "later word, which it has read before" if main.where.backward else "earlier word"
    return f"the gradient of ‖h‖ after word {main.loss_after}, {quoted}, felt at each {side}"


def _columns(networks: Sequence[NetworkPass]) -> list[Column]:
    """Return a column for each network and measure, all on one log scale from 0.001 to 1.

    Where they don't fit beside each other, the Jacobians' are left out.
    """
    shapes = [(network, *measure) for network in networks for measure in measures(network)]
    columns = []
    for network, name, field in shapes:
        unit = "" if field != "carousel" or network.carousel_unit is None else f" u{network.carousel_unit}"
        columns.append(Column(
            f"{network.cell} {name}", [step.gradient for step in network.steps], (f"{network.cell}{unit}", name),
            partial(_cell, field), BAR, 6, exact=partial(_power, field),
            drawn=partial(_all_fit, len(shapes)) if field == "all_paths" else None,
        ))  # fmt: skip
    return columns


def _all_fit(count: int, width: int) -> bool:
    """Tell whether so many columns fit beside the words."""
    return count * (at_width(width, BAR) + 8) <= width - by_width(width, 11, 16, 20)


def _power(field: str, gradient: Gradient) -> Power:
    """Tell one figure."""
    return Power(getattr(gradient, field))


def measures(network: NetworkPass) -> list[tuple[str, str]]:
    """Return the measures that a network has, each with the name of its field."""
    gradients = [step.gradient for step in network.steps if step.gradient is not None]
    direct = any(gradient.carousel is not None for gradient in gradients)
    return [(name, field) for name, field in MEASURES if field != "carousel" or direct]


def _named_units(networks: Sequence[NetworkPass]) -> str:
    """Name the units of the carousels, for those who don't see what stands above the columns."""
    units = [
        f"unit {network.carousel_unit} in the {network.cell}"
        for network in networks
        if network.carousel_unit is not None and network.steps[0].gates is not None
    ]
    return f": {listed(units)}" if units else ""


def legend(networks: Sequence[NetworkPass], units: str = "") -> str:
    """Explain the bars, and what the carousel is; ``units`` names those that it is of."""
    of = carousel_of(networks, f"the unit named above it (u){units}")
    return f"{LEGEND} {of}" if of else LEGEND


def grown_legend(networks: Sequence[NetworkPass]) -> str:
    """Explain the mark of an error that grew, if there is one."""
    gradients = [step.gradient for network in networks for step in network.steps if step.gradient]
    return GROWN_LEGEND if any(has_grown(getattr(one, field)) for one in gradients for _, field in MEASURES) else ""


def paths_within(networks: Sequence[NetworkPass]) -> str:
    """Say how far off the gradients by all paths may be, where they are not exact."""
    least_sure = max(networks, key=lambda network: network.paths_within)
    said = estimate(least_sure.paths_rows, least_sure.paths_within)
    return f"All paths: {said}." if said else ""


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


def _cell(measure: str, gradient: Gradient, length: int) -> Text:
    """Draw one figure: a bar from 0.001 (empty) to 1 (full), and the number."""
    value: float | None = getattr(gradient, measure)
    if has_grown(value):  # no sign of health, so no full bar
        return Text(GREW * length, "grad.exploded").append(f" {power(value)}{'' if length else GREW}", "grad.exploded")
    style = grade(value)
    share = 0.0 if value is None else 1 - value / VANISHED
    return bar(share, length, style).append(f" {power(value)}", style if style == "grad.vanished" else "")


def horizon(network: NetworkPass) -> int | None:
    """Return how many words back the error vanishes, counted from the choice; ``None`` if it never does."""
    felt = [step.gradient for step in network.where.ordered(network.steps) if step.gradient]
    for steps, gradient in enumerate(reversed(felt)):
        if gradient.choice is None or gradient.choice < VANISHED:
            return steps
    return None


def left_at(networks: Sequence[NetworkPass], word: int, names: Sequence[str]) -> str:
    """Say how much of each network's error is left at a word."""
    main = networks[0]
    back = abs(main.loss_after - word) if main.steps[word - 1].gradient else 0
    if not back:
        return ""
    silent = [network for network in networks if _choice_at(network, network.loss_after) is None]
    errors = [(one, _choice_at(one, word)) for one in networks if one not in silent]
    left = [f"{power(error)} in the {one.cell}" for one, error in errors if not has_grown(error)]
    grown = [f"{fold(error or 0.0)} in the {one.cell}" for one, error in errors if has_grown(error)]
    words = "word back" if back == 1 else "words back"
    as_read = " as it reads" if networks[0].where.backward else ""
    at = f"“{names[word - 1]}”, {back} {words}{as_read}"
    told = [f"Of the error there is left at {at}: {listed(left)}."] if left else []
    if grown:
        told.append(f"On the way to {at} it grew {listed(grown)}: growth is no better memory.")
    return " ".join(filter(None, (*told, no_error(networks))))


def no_error(networks: Sequence[NetworkPass]) -> str:
    """Say in which networks there is no error to follow."""
    silent = [f"the {network.cell}" for network in networks if _choice_at(network, network.loss_after) is None]
    return f"The error is 0 from the start in {listed(silent)}." if silent else ""


def has_grown(log10: float | None) -> bool:
    """Tell whether an error is larger than where it starts."""
    return log10 is not None and log10 >= GROWN


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
