"""One unit along the words: its gates, the value that it carries, and what that would be with another subject."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.gates import NAMES, STYLES, VERBS, gate
from lstm_ascii.render.figures import number, plain, short, signed
from lstm_ascii.render.layout import TINY, Column, by_width
from lstm_ascii.reports.explain import NetworkPass, Unit, UnitStep

# A step of one unit is read by these, in this order.
CLEARED, WRITTEN, HELD = 0.1, 0.5, 0.9


def columns(network: NetworkPass, unit: Unit, width: int) -> list[Column]:
    """Return the columns of a unit's table."""
    length = by_width(width, 3, 3, 8)
    found = []
    if unit.steps[0].keeps is not None:
        for name, verb, style in list(zip(NAMES[network.cell], VERBS, STYLES, strict=True))[:2]:
            values = [getattr(step, verb) for step in unit.steps]
            found.append(Column((name, verb), values, length + 4, partial(gate, length, style)))
        found.append(Column(("", "so it is"), [reading(step) for step in unit.steps], 8))
    swapped = network.carrier.values if network.carrier and network.carrier.unit == unit.index else ()
    largest = max(map(abs, [*(step.value for step in unit.steps), *swapped])) or 1.0
    half = by_width(width, 3 if width >= TINY else 0, 4, 10)
    head, draw = f"{'value, ' if half else ''}±{number(largest, 1)}", partial(_value, largest, half)
    found.append(Column(("", head), [step.value for step in unit.steps], 2 * half + 7, draw))
    if swapped and network.carrier:
        found.append(Column((f"{'with ' if half else ''}“{network.carrier.to}”", head), swapped, 2 * half + 7, draw))
    return found


def _value(largest: float, half: int, value: float) -> Text:
    """Draw a value as a signed bar with its number."""
    return signed(value / largest, half).append(f" {plain(value):>5}")


def reading(step: UnitStep) -> str:
    """Say in a word what the gates did with the unit."""
    keeps, adds = step.keeps or 0.0, step.adds or 0.0
    if adds >= WRITTEN:
        return "written"
    if keeps < CLEARED:
        return "cleared"
    if keeps >= HELD:
        return "held" if adds < CLEARED else "held +"
    return "fades"


def closing(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say what the unit did, from its figures."""
    legend = (
        f"Written: the input gate is {WRITTEN} or more; cleared: the forget gate is below {CLEARED}; "
        f"held: it is {HELD} or more (+ where the input gate is {CLEARED} or more). "
        if unit.steps[0].keeps is not None
        else ""
    )
    carrier = network.carrier
    if carrier is None or carrier.unit != unit.index:
        return legend + _largest(network, unit, words)
    share = carrier.change / carrier.swap_change
    patched = (
        f"Given the value that it has with “{carrier.to}”, this unit alone, after “{words[carrier.patched_after - 1]}” "
        f"(word {carrier.patched_after}), moves the log-odds by {plain(carrier.change)}, "
        f"{share:.0%} of what the swap does."
    )
    return f"{legend}{patched} {held(network, unit, words)}"


def held(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say how well the unit was kept between the deciding word and the choice."""
    carrier = network.carrier
    if carrier is None or unit.steps[0].keeps is None:
        return ""
    between = unit.steps[carrier.word : network.choice.after]
    if not between:
        return ""
    lowest = min(step.keeps or 0.0 for step in between)
    count = len(between)
    text = f"After “{words[carrier.word - 1]}” its forget gate stays at {short(lowest)} or more"
    text += f" for {count} {_words(count)}"
    cleared = next(
        (n for n, step in enumerate(unit.steps) if n >= network.choice.after and (step.keeps or 0.0) < CLEARED), None
    )
    end = "" if cleared is None else f"; it is cleared at “{words[cleared]}” (word {cleared + 1})"
    return f"{text}{end}."


def _words(count: int) -> str:
    """Return the noun for a number of words."""
    return "word" if count == 1 else "words"


def _largest(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say where the unit is largest and how long it keeps."""
    largest = max(range(len(words)), key=lambda index: (abs(unit.steps[index].value), -index))
    text = (
        f"Unit {unit.index} of {network.hidden_size} (from 0) is largest after “{words[largest]}” "
        f"(word {largest + 1}): {number(unit.steps[largest].value)}."
    )
    if unit.half_life is not None:
        text += f" At its mean forget gate, what it holds halves every {number(unit.half_life, 1)} words."
    return text
