"""The figures that the texts of the course may name, and the conditions that they may set on them.

In a text ``{lstm.keeps.mean}`` stands for a figure; ``when = "rnn.error < lstm.error"`` is a condition. What is not
there for the reader's sentence, such as a word that decides, is ``None``: a sentence that needs it isn't said.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.lessons.course import Said
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.decision import Choice
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass
from lstm_ascii.reports.gradients.network import NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport
from lstm_ascii.thresholds import VANISHED_BELOW_LOG10

NETWORKS = ("RNN", "LSTM", "GRU", "RNN helped")
SEEN = 0.01  # shares that differ by less may read the same in whole percent
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_COMPARED = re.compile(r"(.+?)\s*(<=|>=|==|!=|<|>)\s*(.+)")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")

Value = str | float | int | bool | None


@dataclass(frozen=True)
class Figure:
    """One figure that a text names.

    Attributes:
        name: in the text.
        kind: how it is written: ``word``, ``text``, ``count``, ``gate``, ``share``, ``number``, ``power`` (its
            log10), ``flag`` (for conditions alone).
        value: ``None`` where there is nothing of the kind.
    """

    name: str
    kind: str
    value: Value


Figures = Mapping[str, Figure]
Piece = str | Figure
Paragraph = tuple[Piece, ...]


def figures_of(report: Any, prefix: str = "") -> dict[str, Figure]:
    """Return the figures of a report by name, each name with ``prefix`` and a dot before it; none of other reports."""
    figures: Iterable[Figure] = ()
    if isinstance(report, ExplainReport):
        figures = _of_sentence(report)
    elif isinstance(report, GradientsReport):
        figures = _of_gradients(report)
    figures_with_prefix = (
        replace(figure, name=f"{prefix}.{figure.name}" if prefix else figure.name) for figure in figures
    )
    return {figure.name: figure for figure in figures_with_prefix}


def _of_sentence(report: ExplainReport) -> Iterator[Figure]:
    """Tell the choice, who decided it, and each network."""
    choice, decider = report.main.choice, report.deciding_word
    yield Figure("words", "count", len(report.words))
    yield Figure("first", "word", report.words[0])
    yield Figure("before", "word", report.words[choice.after - 1] if choice else None)
    yield Figure("right", "word", choice.right if choice else None)
    yield Figure("wrong", "word", choice.wrong if choice else None)
    yield Figure("in sentence", "flag", choice is not None and choice.kind == "next word")
    yield Figure("decider", "word", report.words[decider - 1] if decider else None)
    yield Figure("back", "count", choice.after - decider if choice and decider else None)
    yield Figure("vanished", "power", VANISHED_BELOW_LOG10)
    by_cell = {network.cell: (network, network.choice) for network in report.networks if network.choice}
    for name in NETWORKS:
        there, figures = by_cell.get(name), _Named(name.lower())
        yield from figures.of(_CHOICE, _choice(report, *there) if there else None)
        yield from figures.of(_MEMORY, _memory(report, *there) if there else None)
        yield from figures.of(_CARRIER, _carrier(report, *there) if there else None)


@dataclass(frozen=True)
class _Named:
    """Names the figures of one network; of a network that isn't there all are ``None``."""

    prefix: str

    def of(self, kinds: Mapping[str, str], values: Mapping[str, Value] | None) -> Iterator[Figure]:
        """Put values to names and kinds."""
        for name, kind in kinds.items():
            yield Figure(f"{self.prefix}.{name}", kind, values[name] if values else None)


_CHOICE = {
    "units": "count", "p right": "share", "p wrong": "share", "prefers": "word", "is right": "flag",
    "swap": "number", "to": "word", "turns": "flag", "error": "power", "error first": "power",
}  # fmt: skip


def _choice(report: ExplainReport, network: NetworkPass, choice: Choice) -> dict[str, Value]:
    """Tell what one network chose, why, and what is left of the error at the deciding and at the first word."""
    decider = report.deciding_word
    prefers_right = choice.log_odds > 0
    swap = next((swap for swap in network.swaps if swap.word == decider), None)
    first, there = network.steps[0].gradient, network.steps[decider - 1].gradient if decider else None
    return {
        "units": network.hidden_size,
        "p right": choice.probability_right,
        "p wrong": choice.probability_wrong,
        "prefers": choice.right if prefers_right else choice.wrong,
        "is right": prefers_right,
        "swap": None if swap is None else swap.change,
        "to": swap.to if swap and swap.to else None,
        "turns": swap is not None and swap.turns,
        "error": None if there is None else there.choice,
        "error first": None if first is None else first.choice,
    }


_MEMORY = {
    "c": "number", "h": "number", "keeps mean": "share", "adds mean": "share", "shows mean": "share",
    "keeps least": "gate", "keeps least at": "word", "keeps most": "gate", "keeps most at": "word",
    "adds most": "gate", "adds most at": "word", "adds least": "gate", "adds least at": "word",
    "shows most": "gate", "shows most at": "word", "shows least": "gate", "shows least at": "word",
    "wrote most": "number", "wrote most at": "word", "wiped most": "number", "wiped most at": "word",
    "decider share": "share", "start share": "share", "holds most": "share", "holds most of": "word", "focus": "word",
}  # fmt: skip


def _memory(report: ExplainReport, network: NetworkPass, choice: Choice) -> dict[str, Value]:
    """Tell how one network's memory was used."""
    figures: dict[str, Value] = dict.fromkeys(_MEMORY)
    figures |= {name: network.inside.values.get(name) for name in ("c", "h")}
    figures |= {"focus": report.words[network.inside.step - 1]}
    writes, wipes = ([getattr(step, what) for step in network.steps] for what in ("written", "wiped"))
    figures |= _most("wrote", writes, report.words)
    gates = [step.gates for step in network.steps if step.gates]
    if not gates:
        return figures
    figures |= _most("wiped", wipes, report.words)
    for name in ("keeps", "adds", "shows"):
        values = [getattr(gate, name) for gate in gates]
        figures[f"{name} mean"] = sum(values) / len(values)
        figures |= _most(name, values, report.words)
        figures[f"{name} least"], figures[f"{name} least at"] = min(zip(values, report.words, strict=True), key=_first)
    holds, decider = network.steps[choice.after - 1].holds, report.deciding_word
    if holds:
        shares = {share.word: share.share for share in holds.words}
        figures["start share"] = holds.start
        figures["decider share"] = shares.get(decider) if decider else None
        if shares:
            word = max(shares, key=lambda word: shares[word])
            if shares[word] - shares.get(decider or 0, 0.0) > SEEN:
                figures["holds most"], figures["holds most of"] = shares[word], report.words[word - 1]
    return figures


def _most(name: str, values: list[float], words: tuple[str, ...]) -> dict[str, Value]:
    """Tell the largest value, and the word it is at; the first of equals."""
    value, word = max(zip(values, words, strict=True), key=_first)
    return {f"{name} most": value, f"{name} most at": word}


def _first(pair: tuple[float, str]) -> float:
    """Return what a pair is ordered by."""
    return pair[0]


_CARRIER = {
    "carrier": "count", "carrier share": "share", "carrier adds": "gate", "carrier value": "number",
    "carrier keeps least": "gate", "carrier keeps least at": "word", "carrier at end": "gate", "last": "word",
    "carousel": "power",
}  # fmt: skip


def _carrier(report: ExplainReport, network: NetworkPass, choice: Choice) -> dict[str, Value]:
    """Tell how the unit through which the deciding word acts most kept its value up to the choice."""
    values: dict[str, Value] = dict.fromkeys(_CARRIER)
    carrier, unit, after = network.carrier, network.unit, choice.after
    if carrier is None or unit is None or unit.index != carrier.unit:
        return values
    at = unit.steps[carrier.word - 1]
    gradient = network.steps[carrier.word - 1].gradient
    values |= {
        "carrier": carrier.unit,
        "carrier share": carrier.share,
        "carrier value": at.value,
        "carrier adds": at.adds,
    }
    if after < len(report.words):  # else nothing has come after the choice
        values |= {"carrier at end": unit.steps[-1].keeps, "last": report.words[-1]}
    values["carousel"] = gradient.carousel if gradient else None
    between = [
        (step.keeps, word)
        for step, word in zip(unit.steps[carrier.word : after], report.words[carrier.word : after], strict=True)
        if step.keeps is not None
    ]
    if between:
        values["carrier keeps least"], values["carrier keeps least at"] = min(between, key=_first)
    return values


def _of_gradients(report: GradientsReport) -> Iterator[Figure]:
    """Tell what is left of the gradient in each network; the networks are named as on the screen."""
    yield Figure("steps", "count", report.steps)
    for network in report.networks:
        for name, kind, value in _left(network):
            yield Figure(f"{network.label.lower()}.{name}", kind, value)


def _left(network: NetworkGradients) -> Iterator[tuple[str, str, Value]]:
    yield "left", "power", network.total_log10[-1]
    yield "carousel", "power", network.carousel_log10[-1] if network.carousel_log10 else None
    yield "horizon", "count", network.horizon
    yield "exploded at", "count", network.exploded_at
    for verdict in ("vanished", "alive", "exploded"):
        yield verdict, "flag", network.verdict == verdict
    yield "radius", "number", network.spectral_radius
    yield "singular value", "number", network.largest_singular_value
    for gate in network.gates:
        yield f"mean {gate.letter}", "gate", gate.mean


def filled(text: str, figures: Figures, where: str) -> Paragraph | None:
    """Put figures into a text; ``None`` where one that it names has no value.

    Args:
        text: with placeholders.
        figures: by name.
        where: as an error names the text.

    Raises:
        LstmAsciiError: there is no figure of that name.
    """
    pieces: list[Piece] = []
    for number, piece in enumerate(_PLACEHOLDER.split(text)):
        if number % 2 == 0:
            pieces.append(piece)
            continue
        figure = _figure(piece, figures, where)
        if figure.value is None:
            return None
        pieces.append(figure)
    return tuple(piece for piece in pieces if piece != "")


def sentences_of(texts: Iterable[Said], figures: Figures, where: str) -> tuple[Paragraph, ...]:
    """Return the texts whose condition holds and whose figures are there."""
    sentences = (filled(text.text, figures, where) for text in texts if holds(text.when, figures, where))
    return tuple(paragraph for paragraph in sentences if paragraph)


def holds(condition: str, figures: Figures, where: str) -> bool:
    """Tell whether all clauses of a condition hold: ``NAME``, ``not NAME``, ``A < B``, joined by ``and``.

    A name alone holds if its figure is there, and isn't a flag that is down. A comparison with a figure that has no
    value doesn't hold.

    Raises:
        LstmAsciiError: there is no figure of that name.
    """
    return all(_clause(clause.strip(), figures, where) for clause in condition.split(" and ") if clause.strip())


def _clause(clause: str, figures: Figures, where: str) -> bool:
    if match := _COMPARED.fullmatch(clause):
        first, sign, second = match.groups()
        left_value, right_value = (_operand(name, figures, where) for name in (first, second))
        return left_value is not None and right_value is not None and bool(OPERATORS[sign](left_value, right_value))
    is_negated = clause.startswith("not ")
    figure = _figure(clause.removeprefix("not "), figures, where)
    there = figure.value is not None and figure.value is not False
    return there != is_negated


def _operand(text: str, figures: Figures, where: str) -> Value:
    """Return a number as it stands, or a figure's value."""
    try:
        return float(text)
    except ValueError:
        return _figure(text, figures, where).value


def _figure(name: str, figures: Figures, where: str) -> Figure:
    """Return the figure of a name."""
    if name not in figures:
        raise LstmAsciiError(f"{where}: there is no figure {name!r}; expected one of {', '.join(sorted(figures))}")
    return figures[name]
