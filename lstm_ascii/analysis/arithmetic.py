"""One unit's arithmetic, number by number: what it is summed from, forward and backward.

Every sum is made again from its terms; what the engine computed stands beside it, and every gradient is held
against a complex step through the equations themselves (Squire & Trapp 1998).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.records import dataclass

STEP = 1e-30  # of the complex step: so small that its square is nothing


@dataclass(frozen=True)
class Term:
    """A product of named factors."""

    factors: tuple[tuple[str, float], ...]

    @property
    def value(self) -> float:
        """The product."""
        return math.prod(factor for _, factor in self.factors)


@dataclass(frozen=True)
class Sum:
    """A sum of products; the largest are told, the others added up.

    Attributes:
        name: of what is summed.
        terms: the largest, largest first; or those that have names of their own.
        others: how many more there are.
        others_sum: what these add up to.
    """

    name: str
    terms: tuple[Term, ...]
    others: int = 0
    others_sum: float = 0.0

    @property
    def total(self) -> float:
        """The whole sum, made from its terms."""
        return math.fsum([*(term.value for term in self.terms), self.others_sum])


@dataclass(frozen=True, eq=False)
class Backward:
    """A loss seen from one cell, whose last states it is made of.

    Attributes:
        cell: the cell of the last layer, which reads forward.
        trace: over one sentence, ``B`` = 1.
        after: the word after which the loss is read off, from 1.
        direct: ∂L/∂h there, ``(H,)``.
        totals: ∂L/∂s_t by every path, by state name, ``(T + 1, H)``.
    """

    cell: Cell
    trace: Trace
    after: int
    direct: Array
    totals: dict[str, Array]


def backward(cell: Cell, trace: Trace, after: int, direct: Array) -> Backward:
    """Send the loss ``direct · h_after`` back through ``trace``; see :class:`Backward`."""
    d_h = np.zeros_like(trace.h)
    d_h[after - 1, 0] = direct
    states = cell.backward(trace, {"h": d_h}).states
    return Backward(cell, trace, after, direct, {name: value[:, 0] for name, value in states.items()})


def preactivation(cell: Cell, trace: Trace, word: int, unit: int, letter: str, count: int) -> tuple[Sum, float]:
    """Sum up what goes into a gate of one unit, and return what the engine has behind σ or tanh.

    a = Σ_d W[u, d] x[d] + Σ_k U[u, k] h'[k] + b

    Args:
        cell: whose weights.
        trace: of it, ``B`` = 1.
        word: from 1.
        unit: from 0.
        letter: one of the cell's gates.
        count: of terms to tell.
    """
    row = cell.gate_letters.index(letter) * cell.hidden_size + unit
    x, h = trace.x[word - 1, 0], trace.states["h"][word - 1, 0]
    inputs = _terms("W", "x", unit, cell.weight_ih[row], x)
    recurrent = _terms("U", "h'", unit, cell.weight_hh[row], h)
    bias = Term((("b", float(cell.bias_ih[row] + cell.bias_hh[row])),))
    value = trace.gates[letter] if trace.gates else trace.h
    name = f"a_{letter}[{unit}]" if trace.gates else f"a[{unit}]"
    return _largest(name, [*inputs, *recurrent], count, (bias,)), float(value[word - 1, 0, unit])


def recurrent_gradient(back: Backward, word: int, unit: int, count: int) -> Sum:
    """Sum up ∂L/∂h of one unit after ``word``: what the next step's gates send back through U.

    ∂L/∂h_t[u] = Σ_j ∂L/∂a_{t+1}[j] · U[j, u]; where the loss is read off, the decoder's own weight.
    """
    name, cell = f"∂L/∂h[{unit}]", back.cell
    if word == back.after:
        return Sum(name, (Term((("decoder's difference", float(back.direct[unit])),)),))
    d_a = gate_gradients(back, word + 1)
    terms = [
        Term(((f"∂L/∂a_{letter}[{j}]", float(d_a[letter][j])), (f"U_{letter}[{j},{unit}]", float(weight[j, unit]))))
        for letter, weight in _blocks(cell).items()
        for j in range(cell.hidden_size)
    ]
    return _largest(name, terms, count, ())


def gate_gradients(back: Backward, word: int) -> dict[str, Array]:
    """Return ∂L/∂a at ``word`` for every gate of an LSTM or a plain RNN, by letter, ``(H,)`` each."""
    trace, t = back.trace, word - 1
    d_h = back.totals["h"][word]
    if not trace.gates:
        h = trace.h[t, 0]
        slope = 1 - h * h if getattr(back.cell, "activation", "tanh") == "tanh" else (h > 0).astype(h.dtype)
        return {"a": d_h * slope}
    i, f, g, o = (trace.gates[letter][t, 0] for letter in "ifgo")
    c, before, d_c = trace.states["c"][word, 0], trace.states["c"][t, 0], back.totals["c"][word]
    return {
        "i": d_c * g * i * (1 - i),
        "f": d_c * before * f * (1 - f),
        "g": d_c * i * (1 - g * g),
        "o": d_h * np.tanh(c) * o * (1 - o),
    }


def complex_step(back: Backward, word: int, unit: int, what: str) -> float:
    """Return ∂L/∂what of one unit at ``word`` from a complex step, without any formula of a derivative.

    Args:
        back: the loss.
        word: from 1.
        unit: from 0.
        what: a state (``h`` or ``c``, after the word) or the letter of a gate (what goes into it).
    """
    cell, trace = back.cell, back.trace
    if what in cell.state_names:
        states = {name: state[word, 0].astype(complex) for name, state in trace.states.items()}
        states[what][unit] += 1j * STEP
        if what == "c":  # h of the same step follows
            states["h"] = trace.gates["o"][word - 1, 0] * np.tanh(states["c"])
    else:
        bias = cell.bias_ih.astype(complex)
        bias[cell.gate_letters.index(what) * cell.hidden_size + unit] += 1j * STEP
        before = {name: state[word - 1] for name, state in trace.states.items()}
        shifted_trace = replace(cell, bias_ih=bias).forward(trace.x[word - 1 : word], before)
        states = {name: state[1, 0] for name, state in shifted_trace.states.items()}
    rest = cell.forward(trace.x[word : back.after], {name: state[None] for name, state in states.items()})
    return float((rest.states["h"][-1, 0] @ back.direct).imag / STEP)


def _terms(weight_name: str, name: str, unit: int, weights: Array, values: Array) -> list[Term]:
    """Name the products of a row of weights with what comes in."""
    return [
        Term(((f"{weight_name}[{unit},{k}]", float(weight)), (f"{name}[{k}]", float(value))))
        for k, (weight, value) in enumerate(zip(weights, values, strict=True))
    ]


def _largest(name: str, terms: Sequence[Term], count: int, always: tuple[Term, ...]) -> Sum:
    """Tell the largest terms and what has a name of its own, and add up the others."""
    order = sorted(range(len(terms)), key=lambda k: (-abs(terms[k].value), k))
    largest = tuple(terms[k] for k in order[:count])
    others = [terms[k].value for k in order[count:]]
    return Sum(name, (*largest, *always), len(others), math.fsum(others))


def _blocks(cell: Cell) -> dict[str, Array]:
    """Return the recurrent weights by gate, ``(H, H)`` each."""
    blocks = cell.weight_hh.reshape(len(cell.gate_letters), cell.hidden_size, cell.hidden_size)
    return dict(zip(cell.gate_letters, blocks, strict=True))
