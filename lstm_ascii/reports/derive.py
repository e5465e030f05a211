"""The mathematics of a cell, and one unit's arithmetic in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from lstm_ascii.analysis.arithmetic import (
    Backward,
    backward,
    complex_step,
    preactivation,
    preactivation_gradients,
    recurrent_gradient,
)
from lstm_ascii.analysis.arithmetic import Sum as Sum
from lstm_ascii.analysis.arithmetic import Term as Term
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import LSTM, RNN, Array, Cell
from lstm_ascii.errors import LstmAsciiError, UsageError, argument
from lstm_ascii.lessons.derivations import DERIVATIONS, Derivation
from lstm_ascii.network import Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.answers import asked_of, loss_of_asked
from lstm_ascii.reports.explain.report import NetworkPass, explained
from lstm_ascii.reports.explain.view import View, place_of
from lstm_ascii.reports.material import Material, open_material
from lstm_ascii.sources import Source

SCHEMA_VERSION = 1
TOPICS = tuple(DERIVATIONS)

GATES = {"forget": "f", "input": "i", "candidate": "g", "output": "o"}
_SQUASH: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)) if a > -700 else 0.0,
    "tanh": math.tanh,
    "relu": lambda a: max(0.0, a),
}
LOSS = "L = log p"  # how the derivations begin the loss of a choice between two words
TERMS = 4  # of a long sum that are told
NEIGHBOURS = 2  # units beside the one that is examined


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
    """Return a derivation whose loss is what is asked of an answer, where it is no choice between two words."""
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
    network = network.with_layers_in(np.float64)  # it is told to how many digits the engine agrees
    report = explained([network], material, word, unit)
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
    """Return the step after which a loss is read off, its gradient on h there, and what it is: two words, or a text.

    Raises:
        LstmAsciiError: the network names no next word, and its answer is not made after one step of one direction.
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


@dataclass(frozen=True)
class Check:
    """A value that was reached in two ways.

    Attributes:
        by_hand: from the terms that are shown.
        other: from the engine, or from a complex step.
    """

    by_hand: float
    other: float


@dataclass(frozen=True)
class Forward:
    """How a unit's value comes about.

    Attributes:
        sum: what it is made of.
        squashing: ``sigmoid``, ``tanh``, ``relu``, or nothing.
        value: the result, beside what the engine has.
    """

    sum: Sum
    squashing: str
    value: Check


@dataclass(frozen=True)
class Slope:
    """A gradient of the loss, from its terms and from a complex step."""

    sum: Sum
    value: Check


@dataclass(frozen=True)
class Link:
    """One word of the way back.

    Attributes:
        number: of the word, from 1.
        word: as shown.
        factor: the forget gate of the unit there; for the RNN its slope, 1 − h².
        direct: the product of the forget gates from the next word to the choice; ``None`` for the RNN.
        gradient: ∂L/∂c of the unit after this word by every path; for the RNN ‖∂L/∂h‖.
    """

    number: int
    word: str
    factor: float
    direct: float | None
    gradient: float


@dataclass(frozen=True)
class Expansion:
    """One topic in numbers.

    Attributes:
        topic: of :data:`~lstm_ascii.lessons.derivations.DERIVATIONS`.
        cell: ``LSTM`` or ``RNN``.
        hidden_size: H.
        source: where the network comes from.
        word: the number of the word, from 1.
        unit: from 0.
        after, right, wrong: the choice that the loss is: log p(right) − log p(wrong) after that word; without ``wrong``
            what the network answers as ``right``.
        forward: ``None`` for ``bptt``.
        backward: ``None`` where the choice stands before the word.
        product: unit, f, c', f ⊙ c' of the unit and its neighbours; for ``cell``.
        chain: the way back, from the choice to the first word; for ``bptt`` and ``rnn``.
        loss: what it is where that is no choice between words; else empty.
    """

    topic: str
    cell: str
    hidden_size: int
    source: str
    word: int
    unit: int
    after: int
    right: str
    wrong: str
    forward: Forward | None
    backward: Slope | None
    product: tuple[tuple[int, float, float, float], ...]
    chain: tuple[Link, ...]
    loss: str = ""


@dataclass(frozen=True)
class ExpansionView:
    """Where the arithmetic is looked at.

    Attributes:
        back: the run, and the choice's gradient sent back through it.
        words: of the sentence.
        word: its number, from 1.
        unit: from 0.
        source: where the network comes from.
        right, wrong: the choice, or the two outputs.
        loss: what it is where that is no choice between words; else empty.
        is_series: whether the words are steps.
    """

    back: Backward
    words: tuple[str, ...]
    word: int
    unit: int
    source: str
    right: str
    wrong: str
    loss: str = ""
    is_series: bool = False


def expansion(topic: str, view: ExpansionView) -> Expansion:
    """Expand one topic into numbers."""
    back = view.back
    in_time = view.word <= back.after  # else the choice is made before the word
    return Expansion(
        topic=topic,
        cell=back.cell.name,
        hidden_size=back.cell.hidden_size,
        source=view.source,
        word=view.word,
        unit=view.unit,
        after=back.after,
        right=view.right,
        wrong=view.wrong,
        forward=None if topic == "bptt" else _forward(topic, view),
        backward=_backward(topic, view) if in_time else None,
        product=_product(view) if topic == "cell" else (),
        chain=_chain(view) if topic in ("bptt", "rnn") else (),
        loss=view.loss,
    )


def _forward(topic: str, view: ExpansionView) -> Forward:
    """Make a value from its terms."""
    back, word, unit = view.back, view.word, view.unit
    trace = back.trace
    if topic in GATES or topic == "rnn":
        letter = GATES.get(topic, "a")
        total, engine = preactivation(back.cell, trace, word, unit, letter, TERMS)
        squashing = "sigmoid" if letter in "ifo" else getattr(back.cell, "activation", "tanh")
        return Forward(total, squashing, Check(_SQUASH[squashing](total.total), engine))
    i, f, g, o = (float(trace.gates[letter][word - 1, 0, unit]) for letter in "ifgo")
    before, c, h = (float(value) for value in (
        trace.states["c"][word - 1, 0, unit], trace.states["c"][word, 0, unit], trace.states["h"][word, 0, unit]
    ))  # fmt: skip
    if topic == "cell":
        expression = Sum("C_t", (Term((("f_t", f), ("C_t-1", before))), Term((("i_t", i), ("g_t", g)))))
        return Forward(expression, "", Check(expression.total, c))
    expression = Sum("h_t", (Term((("o_t", o), ("tanh(C_t)", float(np.tanh(c))))),))
    return Forward(expression, "", Check(expression.total, h))


def _backward(topic: str, view: ExpansionView) -> Slope:
    """Make a gradient from its terms, and take a complex step beside it."""
    back, word, unit = view.back, view.word, view.unit
    if topic == "hidden":
        expression, what = recurrent_gradient(back, word, unit, TERMS), "h"
    elif topic in ("cell", "bptt"):
        expression, what = _cell_gradient(view), "c"
    else:
        expression, what = _gate_gradient(topic, view), GATES.get(topic, "a")
    return Slope(expression, Check(expression.total, complex_step(back, word, unit, what)))


def _gate_gradient(topic: str, view: ExpansionView) -> Sum:
    """Return ∂L/∂a of a gate as one product."""
    back, word, unit = view.back, view.word, view.unit
    trace = back.trace
    d_h = ("∂L/∂h_t", float(back.totals["h"][word, unit]))
    if topic == "rnn":
        d_a = float(preactivation_gradients(back, word)["a"][unit])
        slope = ("φ'(a)", d_a / d_h[1] if d_h[1] else 0.0)
        if getattr(back.cell, "activation", "tanh") == "tanh":
            slope = ("(1 − h_t²)", float(1 - trace.states["h"][word, 0, unit] ** 2))
        return Sum("∂L/∂a", (Term((d_h, slope)),))
    i, f, g, o = (float(trace.gates[letter][word - 1, 0, unit]) for letter in "ifgo")
    d_c, before = ("∂L/∂C_t", float(back.totals["c"][word, unit])), float(trace.states["c"][word - 1, 0, unit])
    squashed_memory = float(np.tanh(trace.states["c"][word, 0, unit]))
    factors = {
        "forget": (d_c, ("C_t-1", before), ("f_t (1 − f_t)", f * (1 - f))),
        "input": (d_c, ("g_t", g), ("i_t (1 − i_t)", i * (1 - i))),
        "candidate": (d_c, ("i_t", i), ("(1 − g_t²)", 1 - g * g)),
        "output": (d_h, ("tanh(C_t)", squashed_memory), ("o_t (1 − o_t)", o * (1 - o))),
    }[topic]
    return Sum(f"∂L/∂a_{GATES[topic]}", (Term(factors),))


def _cell_gradient(view: ExpansionView) -> Sum:
    """Return ∂L/∂c: what the output lets through here, and what comes back along the carousel."""
    back, word, unit = view.back, view.word, view.unit
    trace = back.trace
    o, c = float(trace.gates["o"][word - 1, 0, unit]), float(trace.states["c"][word, 0, unit])
    here = Term((
        ("∂L/∂h_t", float(back.totals["h"][word, unit])), ("o_t", o), ("(1 − tanh²C_t)", float(1 - np.tanh(c) ** 2)),
    ))  # fmt: skip
    if word == back.after:
        return Sum("∂L/∂C_t", (here,))
    carousel = Term((
        ("∂L/∂C_t+1", float(back.totals["c"][word + 1, unit])), ("f_t+1", float(trace.gates["f"][word, 0, unit])),
    ))  # fmt: skip
    return Sum("∂L/∂C_t", (carousel, here))


def _product(view: ExpansionView) -> tuple[tuple[int, float, float, float], ...]:
    """Return f ⊙ c' for the unit and its neighbours."""
    trace, t = view.back.trace, view.word - 1
    size = view.back.cell.hidden_size
    first = max(0, min(view.unit - NEIGHBOURS, size - 2 * NEIGHBOURS - 1))
    f, before = trace.gates["f"][t, 0], trace.states["c"][t, 0]
    units = range(first, min(size, first + 2 * NEIGHBOURS + 1))
    return tuple((u, float(f[u]), float(before[u]), float(f[u] * before[u])) for u in units)


def _chain(view: ExpansionView) -> tuple[Link, ...]:
    """Follow the gradient from the choice back to the first word."""
    back, unit = view.back, view.unit
    trace, after = back.trace, back.after
    links = []
    product = 1.0
    for number in range(after, 0, -1):
        if trace.gates:
            factor, gradient = trace.gates["f"][number - 1, 0, unit], back.totals["c"][number, unit]
        else:
            factor = _slope(back, number, unit)
            gradient = np.linalg.norm(back.totals["h"][number])
        direct = product if trace.gates else None
        links.append(Link(number, view.words[number - 1], float(factor), direct, float(gradient)))
        product *= float(factor)
    return tuple(links)


def _slope(back: Backward, number: int, unit: int) -> float:
    """Return φ'(a) of an RNN's unit."""
    h = float(back.trace.states["h"][number, 0, unit])
    return float(h > 0) if getattr(back.cell, "activation", "tanh") == "relu" else 1 - h * h
