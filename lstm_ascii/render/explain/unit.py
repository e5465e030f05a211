"""One unit along the words: its gates, the value that it carries, and what that would be with another subject."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.explain.gates import STYLES, gate_cell, gate_columns
from lstm_ascii.render.figures import fit, number, percent, plain, short, signed
from lstm_ascii.render.grid import Column
from lstm_ascii.render.section import SPACE, Paragraph, Section, note
from lstm_ascii.reports.explain.decision import Carrier
from lstm_ascii.reports.explain.passes import Unit, UnitStep
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.explain.verdict import asks_number, has_number
from lstm_ascii.thresholds import CLOSED, OPEN, WRITTEN

# A step of one unit is read by its two gates, rounded as they are printed.
CLEARED, HELD, HALF = CLOSED, OPEN, 0.5
READINGS = {
    "written": "written: the {add} is {written} or more",
    "replaced": "replaced: the {add} is {written} or more, and the {keep} below {half}",
    "cleared": "cleared: the {keep} and the {add} are below {cleared}",
    "held": "held: the {keep} is {held} or more",
    "held +": "held +: the {keep} is {held} or more, and the {add} {cleared} or more",
    "changed": "changed: none of these",
}


LABEL = 12  # cells above a value
GATE, VALUE = (3, 3, 3, 8), (0, 6, 6, 20)  # cells of a gate's bar and of a value's


def section(context: Context) -> Section:
    """One unit along the words."""
    main, words = context.main, context.report.words
    if main.unit is None:
        return Section("One unit", "", (Paragraph(no_unit(main)),))
    about, title = f"unit {main.unit.index} of the {main.cell}", "One unit"
    if main.carrier and main.carrier.unit == main.unit.index:
        title = "How it travelled"
        about += f" {role(main, words)}"
    readings = "" if main.unit.steps[0].keeps is None else f"So it is {legend(main, main.unit)}"
    return Section(title, about, (
        context.grid(f"unit {main.unit.index} of the {main.cell}", columns(main, main.unit)), SPACE, note(readings),
        Paragraph(closing(main, main.unit, words)),
    ))  # fmt: skip


def no_unit(network: NetworkPass) -> str:
    """Say why no unit is followed."""
    why = "there is no choice that one could carry" if network.no_choice else "none carries a number here"
    return f"No unit is followed: {why}. Choose one with --unit K."


def columns(network: NetworkPass, unit: Unit) -> list[Column]:
    """Return the columns of a unit's table."""
    made = []
    if unit.steps[0].keeps is not None:
        keeps, adds, shows = gate_columns(network, unit.steps, GATE)
        readings = Column("so it is", [reading(step) for step in unit.steps], ("", "so it is"), room=8)
        made += [keeps, adds, readings, shows]
    swapped = network.carrier.values if network.carrier and network.carrier.unit == unit.index else ()
    values = [step.value for step in unit.steps]
    largest = max(map(abs, [*values, *swapped])) or 1.0
    digits = max(len(plain(value)) for value in (*values, *swapped))
    if network.carrier and network.carrier.by_gate and swapped:  # the value is the same: what is shown differs
        made.append(_shown_with(network.carrier))
        swapped = ()
    for name, some in (("value", values), (f"with {network.carrier.to}" if network.carrier else "", swapped)):
        if some:
            head = partial(_head, short_label(name, LABEL), largest)
            made.append(Column(name, some, head, partial(_value, largest, digits), VALUE, 2 + digits))
    return made


def short_label(name: str, most: int) -> str:
    """Cut ``with cats`` to what fits; where that is too long, the word alone is named."""
    return name if cell_len(name) <= most else fit(name.removeprefix("with "), most).rstrip()


def _shown_with(carrier: Carrier) -> Column:
    """Return the output gate with the word swapped, where the difference is there."""
    return Column(f"shows with {carrier.to}", carrier.shows, ("with", carrier.to), partial(gate_cell, STYLES[-1]),
                  GATE, 4)  # fmt: skip


def _head(name: str, largest: float, size: int) -> tuple[str, str]:
    """Return what stands above values."""
    return name, f"{'full bar ' if size else ''}{number(largest, 1)}"


def _value(largest: float, digits: int, value: float, size: int) -> Text:
    """Draw a value as a signed bar with its number."""
    return signed(value / largest, size // 2).append(f" {plain(value):>{digits}}")


def reading(step: UnitStep) -> str:
    """Say in a word what the gates did with the unit, one of :data:`READINGS`."""
    keeps, adds = round(step.keeps or 0.0, 2), round(step.adds or 0.0, 2)
    if adds >= WRITTEN:
        return "written" if keeps >= HALF else "replaced"
    if keeps < CLEARED and adds < CLEARED:
        return "cleared"
    if keeps >= HELD:
        return "held" if adds < CLEARED else "held +"
    return "changed"


def legend(network: NetworkPass, unit: Unit) -> str:
    """Explain the readings that stand in the table, and only those."""
    if unit.steps[0].keeps is None:
        return ""
    used = {reading(step) for step in unit.steps}
    keep, add = network.kind.flow_gates["keep"], network.kind.flow_gates["add"]
    names = {"keep": keep, "add": add, "written": WRITTEN, "half": HALF, "cleared": CLEARED, "held": HELD}
    return "; ".join(text.format_map(names) for name, text in READINGS.items() if name in used) + "."


def closing(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say what the unit did, from its figures."""
    carrier = network.carrier
    if carrier is None or carrier.unit != unit.index:
        return _largest(network, unit, words)
    patched = (
        f"Given the value that it has with “{carrier.to}”, this unit alone, after “{words[carrier.patched_after - 1]}” "
        f"(word {carrier.patched_after}), moves the log-odds by {plain(carrier.change)}; the swap moves them by "
        f"{plain(carrier.swap_change)}."
    )
    if carrier.patched < network.hidden_size:
        patched += f" Tried one by one were the {carrier.patched} units that should move them most, to first order."
    if not carries(network):
        patched += " So no single unit carries it."
    told = (patched, held(network, unit, words), by_gate(network, words), let_out(network, unit, words))
    return " ".join(filter(None, told))


def let_out(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say how much of the value the rest of the network sees, where the choice is made."""
    after = network.asked.after
    shows, before = unit.steps[after - 1].shows, f"At the choice, after “{words[after - 1]}”, "
    if shows is None or network.cell != "LSTM":
        return f"{before}all of the value is shown: the {network.cell} has no output gate."
    return f"{before}its output gate lets out {percent(shows)} of the squashed value."


def role(network: NetworkPass, words: Sequence[str]) -> str:
    """Say whether the unit carries what the swap changes, or only counts most; and what that is."""
    carrier = network.carrier
    if carrier is None:
        return ""
    word = words[carrier.word - 1]
    numbered = asks_number(network.asked) and has_number(word)
    what = f"the number of “{word}”" if numbered else f"what “{word}” changes"
    if carries(network):
        return f"carries {what}"
    tried = "all units" if carrier.patched >= network.hidden_size else f"the {carrier.patched} that were tried"
    return f"counts most, of {tried}, for {what}"


def not_carried(network: NetworkPass, words: Sequence[str]) -> str:
    """Say in one sentence that no single unit does most of what the swap does."""
    carrier = network.carrier
    if carrier is None:
        return ""
    tried = "" if carrier.patched >= network.hidden_size else f" of the {carrier.patched} that were tried"
    return (
        f"No single unit carries what “{words[carrier.word - 1]}” changes: unit {carrier.unit}, which does "
        f"most{tried}, moves the log-odds by {plain(carrier.change)}, the swap by {plain(carrier.swap_change)}."
    )


def by_gate(network: NetworkPass, words: Sequence[str]) -> str:
    """Say where the difference is in what the unit shows and not in its value."""
    carrier, unit = network.carrier, network.unit
    if carrier is None or unit is None or not carrier.by_gate or carrier.unit != unit.index:
        return ""
    at = carrier.patched_after - 1
    before, after = plain(unit.steps[at].value), plain(carrier.values[at])
    value = f"its value stays {before}" if before == after else f"its value is {after} in place of {before}"
    return (
        f"The difference is in what it shows: with “{carrier.to}” its output gate at “{words[at]}” is "
        f"{short(carrier.shows[at])} in place of {short(unit.steps[at].shows or 0.0)}, and {value}."
    )


def is_carrier(network: NetworkPass) -> bool:
    """Tell whether the unit that is followed is the one through which it was decided, not the reader's."""
    return bool(network.carrier and network.unit and network.carrier.unit == network.unit.index)


def carries(network: NetworkPass) -> bool:
    """Tell whether the unit that acts most does most of what the swap does."""
    return network.carrier is not None and network.carrier.carries


def held(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say how well the unit was kept between the deciding word and the choice, and where it was cleared."""
    carrier = network.carrier
    if carrier is None or unit.steps[0].keeps is None:
        return ""
    keeps = [round(step.keeps or 0.0, 2) for step in unit.steps]
    between = range(carrier.word, network.asked.after)
    if not between:
        return ""
    name, count = words[carrier.word - 1], len(between)
    lowest = min(between, key=lambda n: (keeps[n], n))
    keep = network.kind.flow_gates["keep"]
    if keeps[lowest] < HELD:
        return f"After “{name}” its {keep} falls to {short(keeps[lowest])}, at “{words[lowest]}” (word {lowest + 1})."
    bound = "at 1.0" if keeps[lowest] == 1 else f"at {short(keeps[lowest])} or more"
    text = f"After “{name}” its {keep} stays {bound} for {count} {_words(count)}"
    ends = ("cleared", "replaced")
    end = next((n for n in range(network.asked.after, len(keeps)) if reading(unit.steps[n]) in ends), None)
    if end is None:
        return f"{text}."
    return f"{text}; the unit is {reading(unit.steps[end])} at “{words[end]}” (word {end + 1})."


def _words(count: int) -> str:
    """Return the noun for a number of words."""
    return "word" if count == 1 else "words"


def _largest(network: NetworkPass, unit: Unit, words: Sequence[str]) -> str:
    """Say where the unit is largest and how long it keeps."""
    largest = max(range(len(words)), key=lambda index: (abs(unit.steps[index].value), -index))
    text = (
        f"Unit {unit.index} of {network.hidden_size:,} (from 0) is largest after “{words[largest]}” "
        f"(word {largest + 1}): {number(unit.steps[largest].value)}."
    )
    if unit.half_life is not None:
        keep = network.kind.flow_gates["keep"]
        text += f" At its mean {keep}, what it holds halves every {number(unit.half_life, 1)} words."
    return f"{text} {let_out(network, unit, words)}" if network.choice else text
