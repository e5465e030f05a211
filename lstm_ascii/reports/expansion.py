"""One topic of ``derive`` in numbers: the arithmetic of one unit at one word, forward and backward."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lstm_ascii.analysis.arithmetic import (
    Backward,
    complex_step,
    preactivation,
    preactivation_gradients,
    recurrent_gradient,
)
from lstm_ascii.analysis.arithmetic import Sum as Sum
from lstm_ascii.analysis.arithmetic import Term as Term
from lstm_ascii.records import dataclass

GATES = {"forget": "f", "input": "i", "candidate": "g", "output": "o"}
_SQUASH: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)) if a > -700 else 0.0,
    "tanh": math.tanh,
    "relu": lambda a: max(0.0, a),
}
TERMS = 4  # of a long sum that are listed
NEIGHBOURS = 2  # units beside the one that is examined


@dataclass(frozen=True)
class Check:
    """A value that was computed in two ways.

    Attributes:
        by_hand: from the terms that are shown.
        other: by the engine, or by a complex step.
    """

    by_hand: float
    other: float


@dataclass(frozen=True)
class Forward:
    """The forward computation of a unit's value.

    Attributes:
        sum: of its terms.
        squashing: the activation, ``sigmoid``, ``tanh`` or ``relu``; empty for none.
        value: the result, and that of the engine.
    """

    sum: Sum
    squashing: str
    value: Check


@dataclass(frozen=True)
class Slope:
    """A gradient of the loss, as a sum of terms, and by a complex step."""

    sum: Sum
    value: Check


@dataclass(frozen=True)
class Link:
    """One word of the chain of factors back from the choice.

    Attributes:
        number: of the word, from 1.
        word: as shown.
        factor: the forget gate of the unit at this word; for the RNN the slope of its activation, 1 − h² for tanh.
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
        after, right, wrong: the loss, log p(right) − log p(wrong) after word ``after``; without ``wrong`` the network's
            output ``right``.
        forward: ``None`` for ``bptt``.
        backward: ``None`` if the choice is before the word.
        product: unit, f, c', f ⊙ c' for the unit and its neighbours; only for ``cell``.
        chain: from the choice back to the first word; only for ``bptt`` and ``rnn``.
        loss: its description if it is not a choice between words; else empty.
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
    """A unit at a word of a run, whose arithmetic is expanded.

    Attributes:
        back: the run, with the backpropagated loss.
        words: of the sentence.
        word: the number of the word, from 1.
        unit: from 0.
        source: where the network comes from.
        right, wrong: the choice, or the two outputs.
        loss: its description if it is not a choice between words; else empty.
        is_series: whether the words are steps of a series.
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
    """Compute a value from its terms."""
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
    """Compute a gradient from its terms, and by a complex step."""
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
    """Return ∂L/∂c as a sum: through the output gate of this word, and along the carousel from the next one."""
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
    """Return the factors and the gradient at every word from the choice back to the first."""
    back, unit = view.back, view.unit
    trace, after = back.trace, back.after
    links, product = [], 1.0
    slopes = back.cell.candidate_slope(trace)[:, 0, unit]
    for number in range(after, 0, -1):
        if trace.gates:
            factor, gradient = trace.gates["f"][number - 1, 0, unit], back.totals["c"][number, unit]
        else:
            factor = slopes[number - 1]
            gradient = np.linalg.norm(back.totals["h"][number])
        direct = product if trace.gates else None
        links.append(Link(number, view.words[number - 1], float(factor), direct, float(gradient)))
        product *= float(factor)
    return tuple(links)
