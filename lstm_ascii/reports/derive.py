"""The mathematics of a cell, and one unit's arithmetic in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstm_ascii.analysis.arithmetic import backward
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import LSTM, RNN, Array, Cell
from lstm_ascii.errors import LstmAsciiError, UsageError, argument
from lstm_ascii.lessons.derivations import DERIVATIONS, Derivation
from lstm_ascii.network import Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.reports.expansion import Expansion, ExpansionView, expansion
from lstm_ascii.reports.explain.answers import asked_of, loss_of_asked
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import NetworkPass, explained
from lstm_ascii.reports.explain.view import View, place_of
from lstm_ascii.reports.material import Material, open_material
from lstm_ascii.sources import Source

SCHEMA_VERSION = 1
TOPICS = tuple(DERIVATIONS)

LOSS = "L = log p"  # how the derivations begin the loss of a choice between two words


@dataclass(frozen=True)
class DeriveReport:
    """All that ``derive`` shows.

    Attributes:
        schema_version: of this layout.
        derivations: the mathematics.
        words: of the sentence; none without one.
        expansions: one a derivation where there is a sentence.
        is_series: whether the words are the steps of a series of numbers.
    """

    schema_version: int
    derivations: tuple[Derivation, ...]
    words: tuple[str, ...]
    expansions: tuple[Expansion, ...]
    is_series: bool = False


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
        source: where the networks come from, and a series to read in place of a sentence.

    Raises:
        UsageError: there is no such topic, word or unit, or a word, unit or network without a sentence.
    """
    names = tuple(dict.fromkeys(topics)) or TOPICS
    for topic in names:
        if topic not in TOPICS:
            raise UsageError(f"derive: expected one of {', '.join(TOPICS)}, got {topic}")
    derivations = tuple(DERIVATIONS[topic] for topic in names)
    source = source or Source()
    if not (sentence or source.input):
        _check_nothing_asked(word, unit, source)
        return DeriveReport(SCHEMA_VERSION, derivations, (), ())
    views = {cell: _view(cell, sentence, word, unit, source) for cell in dict.fromkeys(map(_cell, names))}
    expansions = tuple(expansion(topic, views[_cell(topic)]) for topic in names)
    words, is_series = next((view.words, view.is_series) for view in views.values())
    told = tuple(_of_answer(one, expansions[0].loss) for one in derivations)
    return DeriveReport(SCHEMA_VERSION, told, words, expansions, is_series)


def _of_answer(derivation: Derivation, loss: str) -> Derivation:
    """Return a derivation with another loss, if the answer is not a choice between two words."""
    if not loss:
        return derivation
    steps = tuple(
        replace(step, formula=f"L = {loss}", says="Any loss would do; here what is asked of the answer.")
        if step.formula.startswith(LOSS)
        else step
        for step in derivation.steps
    )
    return replace(derivation, steps=steps)


def _check_nothing_asked(word: str | None, unit: int | None, source: Source) -> None:
    """Refuse options about numbers, which only a sentence gives."""
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
    """Say why the arithmetic of a cell can't be derived, and which commands show it instead."""
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
    network = network.with_layers_in(np.float64)  # it is told to how many digits the engine agrees
    report = explained([network], material, About(word, unit))
    cell = network.layers[-1][0].cell
    if type(cell) is not (RNN if name == "rnn" else LSTM):
        raise LstmAsciiError(_other_cell(name, cell))
    run = material.run(network)
    after, direction, sides = _followed(network, report.main, run, material)
    back = backward(cell, run.traces[-1][0], after, direction)
    at = report.focus if word is not None else min(report.focus, after)
    if unit is None:
        carrier_unit, memory = report.main.unit, cell.state_names[-1]
        effect = back.totals[memory][at] * back.trace.states[memory][at, 0]
        unit = carrier_unit.index if carrier_unit else int(np.argmax(np.abs(effect)))
    return ExpansionView(back, report.words, at, unit, network.source, *sides, report.is_series)


def _followed(
    network: Network, found: NetworkPass, run: Run, material: Material
) -> tuple[int, Array, tuple[str, str, str]]:
    """Return the step on whose output the loss depends, ∂L/∂h there, and the loss: two words, or a description.

    Raises:
        LstmAsciiError: the network predicts no next word, and its answer depends on several outputs.
    """
    choice, answer = found.choice, found.answer
    if choice is not None:
        right, wrong = (network.vocabulary.read(entry).index for entry in (choice.right, choice.wrong))
        direction = Contrast(choice.after, right, wrong).direction(network)
        return choice.after, direction, (choice.right, choice.wrong, "")
    if answer is None:
        raise LstmAsciiError(f"derive: follows the error of a choice of the next word; {found.no_choice}")
    loss = loss_of_asked(View(network, run, material, place_of(network, None, "")), asked_of(network, run))
    if loss.direct[:-1].any() or found.where.directions > 1:
        how = f"this network's is made of several ({network.head.in_words if network.head else ''})"
        raise LstmAsciiError(f"derive: follows an answer that is made after one step; {how}: explain shows it")
    what = f"log-odds of {answer.asked}" if answer.is_probable else answer.asked
    named = f"{what} against {answer.against}" if answer.against else what
    return loss.last, loss.direct[-1], (answer.asked, answer.against, named)
