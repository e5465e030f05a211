"""The mathematics of a cell, and one unit's arithmetic in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.arithmetic import backward
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import LSTM, RNN, Cell
from lstm_ascii.errors import LstmAsciiError, UsageError, argument
from lstm_ascii.lessons.derivations import DERIVATIONS, Derivation
from lstm_ascii.reports.derive.expansion import Expansion, ExpansionView, expansion
from lstm_ascii.reports.explain.report import explained
from lstm_ascii.reports.material import open_material
from lstm_ascii.sources import Source

SCHEMA_VERSION = 1
TOPICS = tuple(DERIVATIONS)


@dataclass(frozen=True)
class DeriveReport:
    """All that ``derive`` shows.

    Attributes:
        schema_version: of this layout.
        derivations: the mathematics.
        words: of the sentence; none without one.
        expansions: one a derivation where there is a sentence.
    """

    schema_version: int
    derivations: tuple[Derivation, ...]
    words: tuple[str, ...]
    expansions: tuple[Expansion, ...]


def derive_report(
    topics: Sequence[str] = (),
    sentence: str = "",
    word: str | None = None,
    unit: int | None = None,
    source: Source | None = None,
) -> DeriveReport:
    """Return what is to be derived and, with a sentence, one unit's arithmetic at one word.

    Args:
        topics: of :data:`TOPICS`; all by default.
        sentence: any text; without it there are only formulas.
        word: by number or text; by default the one that ``explain`` draws the cell at.
        unit: from 0; by default the one that carries the number, else the one that counts most in the choice.
        source: where the networks come from.

    Raises:
        UsageError: there is no such topic, word or unit, or a word, unit or network without a sentence.
    """
    names = tuple(dict.fromkeys(topics)) or TOPICS
    for topic in names:
        if topic not in TOPICS:
            raise UsageError(f"derive: expected one of {', '.join(TOPICS)}, got {topic}")
    derivations = tuple(DERIVATIONS[topic] for topic in names)
    source = source or Source()
    if not sentence:
        _check_nothing_asked(word, unit, source)
        return DeriveReport(SCHEMA_VERSION, derivations, (), ())
    views = {cell: _view(cell, sentence, word, unit, source) for cell in dict.fromkeys(map(_cell, names))}
    expansions = tuple(expansion(topic, views[_cell(topic)]) for topic in names)
    return DeriveReport(SCHEMA_VERSION, derivations, next(iter(views.values())).words, expansions)


def _check_nothing_asked(word: str | None, unit: int | None, source: Source) -> None:
    """Refuse what would say something about numbers that only a sentence gives."""
    about = {
        "word": word, "unit": unit, "model": source.model or None, "hidden_size": source.hidden_size,
        "seed": source.seed, "forget_bias": source.forget_bias,
    }  # fmt: skip
    if options := [argument(name) for name, value in about.items() if value is not None]:
        example = f'{argument("sentence")} "The cat was hungry."'
        raise UsageError(f"{', '.join(options)}: only with a sentence, as {example}")


def _cell(topic: str) -> str:
    """Return the cell that a topic is about."""
    return "rnn" if topic == "rnn" else "lstm"


def _other_cell(name: str, cell: Cell) -> str:
    """Say why the arithmetic of a cell is not the one that is derived, and what is derived of it instead."""
    if cell.special:
        return f"derive: is about the plain {name.upper()}; this {cell.name} has {', '.join(cell.special)}"
    if cell.name == "GRU":
        return f"derive: is about an LSTM and an RNN; {cell.name}s such as this one are shown by explain and diagram"
    topic = "rnn" if cell.name == "RNN" else "forget"
    return f"derive: this topic is about an {name.upper()}; this network is an {cell.name}: try derive {topic}"


def _view(name: str, sentence: str, word: str | None, unit: int | None, source: Source) -> ExpansionView:
    """Run a network over the sentence, as ``explain`` does, and send its choice back."""
    cells = () if source.model else (name,)
    (network,), material = open_material(sentence, cells, source)
    report = explained([network], material, word, unit)
    cell = network.layers[-1][0].cell
    if type(cell) is not (RNN if name == "rnn" else LSTM):
        raise LstmAsciiError(_other_cell(name, cell))
    choice = report.main.choice
    if choice is None:
        raise LstmAsciiError(f"derive: follows the error of a choice of the next word; {report.main.no_choice}")
    right, wrong = (network.vocabulary.read(entry).index for entry in (choice.right, choice.wrong))
    run = material.run(network)
    back = backward(cell, run.traces[-1][0], choice.after, Contrast(choice.after, right, wrong).direction(network))
    at = report.focus if word is not None else min(report.focus, choice.after)
    if unit is None:
        carrier_unit, memory = report.main.unit, cell.state_names[-1]
        effect = back.totals[memory][at] * back.trace.states[memory][at, 0]
        unit = carrier_unit.index if carrier_unit else int(np.argmax(np.abs(effect)))
    return ExpansionView(back, report.words, at, unit, network.source, choice.right, choice.wrong)
