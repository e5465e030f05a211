"""The arithmetic of a single unit, forward and backward, term by term.

Every sum is computed again from its terms, beside what the engine computed, and every gradient is checked against a
complex step through the forward equations (Squire & Trapp 1998).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstm_ascii.analysis.gate_gradients import gate_gradients
from lstm_ascii.analysis.replay import folded
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.records import dataclass

STEP = 1e-30  # of the complex step: so small that its square underflows beside 1


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
    """A sum of products, of which the largest are listed.

    Attributes:
        name: of the sum.
        terms: the largest terms in descending order, then those that are always listed.
        others: how many further terms there are.
        others_sum: the sum of these.
    """

    name: str
    terms: tuple[Term, ...]
    others: int = 0
    others_sum: float = 0.0

    @property
    def total(self) -> float:
        """The whole sum, computed from its terms."""
        return math.fsum([*(term.value for term in self.terms), self.others_sum])


@dataclass(frozen=True, eq=False)
class Backward:
    """A loss that is linear in one output of a cell, and its gradients with respect to the cell's states.

    Attributes:
        cell: the cell of the last layer, which reads forward.
        trace: over one sentence, ``B`` = 1.
        after: the word whose output the loss depends on, from 1.
        direct: ∂L/∂h there, ``(H,)``.
        totals: ∂L/∂s_t by every path, by state name, ``(T + 1, H)``.
    """

    cell: Cell
    trace: Trace
    after: int
    direct: Array
    totals: dict[str, Array]


def backward(cell: Cell, trace: Trace, after: int, direct: Array) -> Backward:
    """Backpropagate the loss ``direct · h_after`` through ``trace``; see :class:`Backward`."""
    d_h = np.zeros_like(trace.h)
    d_h[after - 1, 0] = direct
    states = cell.backward(trace, {"h": d_h}).states
    return Backward(cell, trace, after, direct, {name: value[:, 0] for name, value in states.items()})


def preactivation(cell: Cell, trace: Trace, word: int, unit: int, letter: str, count: int) -> tuple[Sum, float]:
    """Return the pre-activation of a gate of one unit as a sum, and the value of the gate that the engine computed.

    a = Σ_d W[u, d] x[d] + Σ_k U[u, k] h'[k] + b

    Args:
        cell: the cell.
        trace: of it, ``B`` = 1.
        word: from 1.
        unit: from 0.
        letter: one of the cell's gates.
        count: how many terms to list.
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
    """Return ∂L/∂h of one unit after ``word`` as a sum over the gates of the next step.

    ∂L/∂h_t[u] = Σ_j ∂L/∂a_{t+1}[j] · U[j, u]; after the last word, the decoder's own weight.
    """
    name, cell = f"∂L/∂h[{unit}]", back.cell
    if word == back.after:
        return Sum(name, (Term((("decoder's difference", float(back.direct[unit])),)),))
    d_a = preactivation_gradients(back, word + 1)
    terms = [
        Term(((f"∂L/∂a_{letter}[{j}]", float(d_a[letter][j])), (f"U_{letter}[{j},{unit}]", float(weight[j, unit]))))
        for letter, weight in _blocks(cell).items()
        for j in range(cell.hidden_size)
    ]
    return _largest(name, terms, count, ())


def preactivation_gradients(back: Backward, word: int) -> dict[str, Array]:
    """Return ∂L/∂a at ``word`` for every gate of an LSTM or a plain RNN, by letter, ``(H,)`` each."""
    step = folded(back.trace, slice(word - 1, word))
    if not step.gates:
        return {"a": back.totals["h"][word] * back.cell.candidate_slope(step)[0, 0]}
    d_gates = gate_gradients(back.cell, step, {name: d[word - 1 : word + 1, None] for name, d in back.totals.items()})
    return {
        letter: (d_gates[letter] * (1 - gate * gate if letter == "g" else gate * (1 - gate)))[0, 0]
        for letter, gate in step.gates.items()
    }


def complex_step(back: Backward, word: int, unit: int, what: str) -> float:
    """Return ∂L/∂what of one unit at ``word`` from a complex step, without any formula of a derivative.

    Args:
        back: the loss.
        word: from 1.
        unit: from 0.
        what: a state (``h`` or ``c``, after the word), or the letter of a gate for its pre-activation.
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
    """Return the products of a row of weights with its inputs, as named terms."""
    return [
        Term(((f"{weight_name}[{unit},{k}]", float(weight)), (f"{name}[{k}]", float(value))))
        for k, (weight, value) in enumerate(zip(weights, values, strict=True))
    ]


def _largest(name: str, terms: Sequence[Term], count: int, always: tuple[Term, ...]) -> Sum:
    """List the largest ``count`` terms, then those of ``always``, and add up the others."""
    order = sorted(range(len(terms)), key=lambda k: (-abs(terms[k].value), k))
    largest = tuple(terms[k] for k in order[:count])
    others = [terms[k].value for k in order[count:]]
    return Sum(name, (*largest, *always), len(others), math.fsum(others))


def _blocks(cell: Cell) -> dict[str, Array]:
    """Return the recurrent weights by gate, ``(H, H)`` each."""
    blocks = cell.weight_hh.reshape(len(cell.gate_letters), cell.hidden_size, cell.hidden_size)
    return dict(zip(cell.gate_letters, blocks, strict=True))
