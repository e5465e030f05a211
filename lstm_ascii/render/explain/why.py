"""Why the error reaches the word that matters, or doesn't: the factors that were multiplied on its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log10

from rich.text import Text

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.explain.highway import has_grown
from lstm_ascii.render.explain.unit import carries, is_carrier
from lstm_ascii.render.figures import counted, factor, listed, power
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Power
from lstm_ascii.render.section import Paragraph, Section, note
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.explain.verdict import Why

LEGEND = (
    "The error is multiplied by a matrix at every word; the factor is the geometric mean of what that does to its "
    "length. Along the direct path of one unit's memory the matrix is only that unit's forget gate."
)
WORTH_SAYING = 2  # times as much
NO_WAY = "The error starts at that word itself: nothing is multiplied."


def section(context: Context) -> Section:
    """The factors, and their product."""
    report, name = context.report, context.names[context.main.verdict.at - 1]
    networks = [network for network in report.networks if network.why is not None]
    if not networks:
        return Section("Why", "", (Paragraph(NO_WAY),))
    words = networks[0].why.words if networks[0].why else 0
    way = f"on the way to “{name}”"
    about = f"the one factor {way}" if words == 1 else f"the factor a word, multiplied {words} times {way}"
    return Section("Why", about, (
        _table(networks), note(LEGEND if context.legends else ""), Paragraph(closing(networks)),
    ))  # fmt: skip


def _table(networks: Sequence[NetworkPass]) -> Grid:
    """Return the table of the factors."""
    columns = [
        Column("factor a word", networks, (), lambda network, _: Text(error_factors(network)),
               exact=lambda network: network.why.factor),
        Column("along", networks, (), lambda network, _: Text(gate_factors(network)),
               exact=_gates_of),
        Column("error", networks, exact=lambda network: Power(network.verdict.error), drawn=lambda _: False),
        Column("gate a word", networks, exact=lambda network: network.why.gate, drawn=lambda _: False),
        Column("gates multiplied", networks, exact=_gates_product, drawn=lambda _: False),
        Column("words", networks, exact=lambda network: network.why.words, drawn=lambda _: False),
    ]  # fmt: skip

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        one = networks[row]
        texts = ", ".join(filter(None, (error_factors(one), gate_factors(one))))
        yield from paragraph(Text.assemble((f"{one.cell}: ", "title"), texts), width, 1, hang=3)

    labels = [network.cell for network in networks]
    return Grid("factors", ("network",), labels, columns, style="title", least=4, window=HOME, turn=turned,
                split=False)  # fmt: skip


def error_factors(network: NetworkPass) -> str:
    """Write the error's factor and its power: ``× .58, .58^13 = 8e-4``."""
    why = _why(network)
    if why.factor is None:
        return "× 0: nothing is left"
    return _powers(why.factor, why.words, network.verdict.error)


def gate_factors(network: NetworkPass) -> str:
    """Write the same of the gates of the unit that is followed."""
    why = _why(network)
    if why.gate is None or gate_words(network) is None:
        return ""
    product = why.words * log10(why.gate) if why.gate else None
    return f"{gate_words(network)} × {_powers(why.gate, why.words, product).removeprefix('× ').split(', ')[-1]}"


def gate_words(network: NetworkPass) -> str | None:
    """Name the gates: ``unit 0 alone: forget gates``; of a unit that was asked for, or that carries what decided."""
    followed = network.carousel_unit is not None and (carries(network) or not is_carrier(network))
    if _why(network).gate is None or not followed:
        return None
    gate = "forget gate" if network.cell == "LSTM" else "update gate"
    return f"unit {network.carousel_unit} alone: {gate}{'' if _why(network).words == 1 else 's'}"


def _gates_of(network: NetworkPass) -> str | None:
    """Name the gates as they are read aloud: ``the forget gates of unit 0 alone``."""
    unit, _, gates = (gate_words(network) or "").partition(": ")
    return f"the {gates} of {unit}" if unit else None


def _gates_product(network: NetworkPass) -> Power | None:
    """Return the product of the gates."""
    why = _why(network)
    return Power(why.words * log10(why.gate)) if why.gate else None


def _why(network: NetworkPass) -> Why:
    """Return the factors of a network that has some."""
    if network.why is None:
        raise ValueError("there is no way for the error")
    return network.why


def _powers(value: float, words: int, product: float | None) -> str:
    """Write a factor and what is left of it."""
    mean = factor(value, words, 2)
    return f"× {mean}" if words == 1 else f"× {mean}, {mean}^{words} = {power(product, 2)}"


def closing(networks: Sequence[NetworkPass]) -> str:
    """Say what a small and a large factor come to."""
    found = [(network.cell, _why(network).factor) for network in networks if not has_grown(network.verdict.error)]
    known = [(cell, value) for cell, value in found if value and value <= 1]  # what grows is no better kept
    shut = [f"the {cell}" for cell, value in found if not value]
    if shut:
        return f"Nothing arrives in {listed(shut)}: a factor of 0 takes all."
    if len(known) < 2:
        return ""
    (low, least), (high, most) = (choose(known, key=lambda pair: pair[1]) for choose in (min, max))
    words = _why(networks[0]).words
    times = 10 ** (words * (log10(most) - log10(least)))
    if times < WORTH_SAYING:
        return ""
    return f"So over {counted(words, 'word')} the {high} keeps {_times(times)} what the {low} keeps."


def _times(times: float) -> str:
    """Write how many times as much."""
    figure = power(log10(times)) if times >= 1e4 else f"{float(f'{times:.2g}'):,.{0 if times >= 9.5 else 1}f}"
    return f"{figure} times"
