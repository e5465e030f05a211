"""The LSTM with peepholes, a projection, coupled gates, any activations, and a bound on its sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm_ascii.cells.activations import SIGMOID, TANH, Activation, ClippedActivation, differences_in_words
from lstm_ascii.cells.base import Array, Cell, CellGradients, Totals, Trace, mixed_rows
from lstm_ascii.cells.lstm import LSTM, AnyLSTM
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class GeneralLSTM(AnyLSTM):
    """The LSTM as ONNX's operator ``LSTM`` and PyTorch's ``proj_size`` have it.

    ::

        i = φ(clip(W_ii x + b_ii + W_hi h' + b_hi + p_i ⊙ c'))       f likewise
        g = ψ(clip(W_ig x + b_ig + W_hg h' + b_hg))
        c = f ⊙ c' + i ⊙ g
        o = φ(clip(W_io x + b_io + W_ho h' + b_ho + p_o ⊙ c))
        m = o ⊙ χ(c)
        h = m, or W_hr m

    Gate order in the weights: i, f, g, o. Sources: Gers & Schmidhuber (2000) for the peepholes p, Sak et al. (2014)
    for the projection W_hr, Greff et al. (2017) for the coupled gates f = 1 - i.

    Attributes:
        weight_hr: ``(P, H)``, the projection; then h is ``(.., P)`` and ``weight_hh`` is ``(4H, P)``.
        weight_peephole: ``(3·H,)``, p_i, p_f and p_o one after the other.
        gate: φ (ONNX ``f``).
        candidate: ψ (ONNX ``g``).
        output: χ (ONNX ``h``).
        clip: the sums are brought between ± this; ``None`` for no bound. The cell state has none.
        coupled: whether f = 1 - i (ONNX ``input_forget``); the rows and peepholes of f then do nothing.
    """

    weight_hr: Array | None = None
    weight_peephole: Array | None = None
    gate: Activation = SIGMOID
    candidate: Activation = TANH
    output: Activation = TANH
    clip: float | None = None
    coupled: bool = False

    @property
    def hidden_size(self) -> int:
        """H."""
        return int((self.weight_hh if self.weight_hr is None else self.weight_hr).shape[-1])

    @property
    def output_size(self) -> int:
        """P, or H without a projection."""
        return self.hidden_size if self.weight_hr is None else len(self.weight_hr)

    @property
    def parameters(self) -> dict[str, Array]:
        """The four parameters by name, and those of the projection and the peepholes where there are any."""
        also = {"weight_hr": self.weight_hr, "weight_peephole": self.weight_peephole}
        return super().parameters | {name: value for name, value in also.items() if value is not None}

    def _expected_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes that the parameters must have."""
        also = {"weight_hr": (self.output_size, self.hidden_size), "weight_peephole": (3 * self.hidden_size,)}
        return super()._expected_shapes() | {name: also[name] for name in also if name in self.parameters}

    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x``; see :meth:`Cell.forward`."""
        states = self._start(x, start)
        h, c = states["h"], states["c"]
        p_i, p_f, p_o = self._peepholes(h.dtype)
        gate, candidate = self._squashing()
        sums = self._project(x, self.bias_ih + self.bias_hh, h.dtype)  # (T, B, 4H)
        block, own = np.empty_like(sums), np.empty_like(c[1:])
        for t, a in enumerate(sums):
            (a_i, a_f, a_g, a_o), (i, f, g, o) = (self._split(part).values() for part in (a, block[t]))
            a += h[t] @ self.weight_hh.T
            a_i += p_i * c[t]
            a_f += p_f * c[t]
            i[:], g[:] = gate(a_i), candidate(a_g)
            f[:] = 1 - i if self.coupled else gate(a_f)
            c[t + 1] = f * c[t] + i * g
            a_o += p_o * c[t + 1]
            o[:] = gate(a_o)
            own[t] = o * self.output(c[t + 1])
            h[t + 1] = own[t] if self.weight_hr is None else own[t] @ self.weight_hr.T
        return Trace(x, states, block, self._split(block), {"own": own, "sums": sums})

    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> CellGradients:
        """Run backpropagation through time; see :meth:`Cell.backward`."""
        total, f, d_write = self._total(trace, direct, also=("write",)), trace.gates["f"], direct.get("write")
        dh, dc, (p_i, p_f, p_o) = total["h"], total["c"], self._peepholes(trace.h.dtype)
        by, shows = self._factors(trace, slice(None))
        d_a = np.empty_like(trace.block)
        d_i, d_f, d_g, d_o = self._split(d_a).values()
        for t in range(len(trace) - 1, -1, -1):
            d_m = self.own_gradient(dh[t + 1])
            d_o[t] = d_m * by["o"][t]
            dc[t + 1] += d_m * shows[t] + d_o[t] * p_o
            d_i[t], d_f[t], d_g[t] = (dc[t + 1] * by[letter][t] for letter in "ifg")
            if d_write is not None:
                d_i[t] += d_write[t] * by["write"][t]
                d_g[t] += d_write[t] * by["g"][t]
            dh[t] += d_a[t] @ self.weight_hh
            dc[t] += dc[t + 1] * f[t] + d_i[t] * p_i + d_f[t] * p_f
        totals, c = Totals(self, trace.x, dh.dtype), trace.states["c"]
        totals.add_input(slice(None), trace.x, d_a)
        totals.add_state(trace.states["h"][:-1], d_a)
        if self.weight_hr is not None:
            totals.parameters["weight_hr"] += np.tensordot(dh[1:], trace.extra["own"], axes=((0, 1), (0, 1)))
        if self.weight_peephole is not None:
            pairs = (d_i, c[:-1]), (d_f, c[:-1]), (d_o, c[1:])
            totals.parameters["weight_peephole"] += np.concatenate(
                [(d * seen_c).sum(axis=(0, 1)) for d, seen_c in pairs]
            )
        return totals.gradients(total)

    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂(h, c)_{t+1}/∂(h, c)_t; see :meth:`Cell.jacobian`."""
        by, shows = self._factors(trace, slice(t, t + 1))
        p_i, p_f, p_o = self._peepholes(trace.h.dtype)
        weight = self.weight_hh.reshape(4, self.hidden_size, -1)
        d_i, d_f, d_g, d_o = (by[letter][0] for letter in "ifgo")  # (B, H)
        through = shows[0] + d_o * p_o  # ∂m/∂c, a diagonal
        c_by_h = mixed_rows((d_i, d_f, d_g), weight[:3])  # (B, H, P)
        c_by_c = trace.gates["f"][t] + d_i * p_i + d_f * p_f  # a diagonal
        m_by_h, m_by_c = through[:, :, None] * c_by_h + mixed_rows((d_o,), weight[3:]), through * c_by_c
        if self.weight_hr is None:
            parts = [[m_by_h, _diagonals(m_by_c)], [c_by_h, _diagonals(c_by_c)]]
        else:
            parts = [[self.weight_hr @ m_by_h, self.weight_hr * m_by_c[:, None]], [c_by_h, _diagonals(c_by_c)]]
        return np.concatenate([np.concatenate(row, axis=-1) for row in parts], axis=-2)

    def simplest(self) -> Cell:
        """Return the fast cell where there is nothing but the equations of :class:`LSTM`."""
        usual = (self.gate, self.candidate, self.output, self.clip, self.coupled) == (SIGMOID, TANH, TANH, None, False)
        if usual and self.weight_hr is None and self.weight_peephole is None:
            return LSTM(**self.parameters)
        return self

    def own_outputs(self, trace: Trace) -> Array:
        """Return m, what each unit lets out ahead of the projection, ``(T, B, H)``."""
        return trace.extra["own"]

    def own_gradient(self, d_h: Array) -> Array:
        """Return ∂L/∂m, ``(.., H)``, for ∂L/∂h ``(.., P)``."""
        return d_h if self.weight_hr is None else d_h @ self.weight_hr

    def candidate_slope(self, trace: Trace) -> Array:
        """Return ψ' at every step, ``(T, B, H)``."""
        return self._squashing()[1].slope(self._split(trace.extra["sums"])["g"])

    @property
    def special(self) -> tuple[str, ...]:
        """What it has beyond the plain equations, in words."""
        parts = {
            f"a projection to {self.output_size}": self.weight_hr is not None,
            "peepholes": self.weight_peephole is not None,
            "a forget gate of 1 - i": self.coupled,
        }
        functions = {
            "the gates": (self.gate, SIGMOID),
            "the candidate": (self.candidate, TANH),
            "the output": (self.output, TANH),
        }
        return tuple(part for part, there in parts.items() if there) + differences_in_words(self.clip, functions)

    def _squashing(self) -> tuple[ClippedActivation, ClippedActivation]:
        """Return φ and ψ with the bound ahead."""
        return ClippedActivation(self.gate, self.clip), ClippedActivation(self.candidate, self.clip)

    def _peepholes(self, dtype: np.dtype[Any]) -> list[Array]:
        """Return p_i, p_f and p_o, ``(H,)`` each; zeros where there are none."""
        peepholes = np.zeros(3 * self.hidden_size, dtype) if self.weight_peephole is None else self.weight_peephole
        return np.split(peepholes, 3)

    def _factors(self, trace: Trace, steps: slice) -> tuple[dict[str, Array], Array]:
        """Return, at ``steps``, what turns gradients into ∂L/∂a, and o ⊙ χ'(c), each ``(n, B, H)``.

        ``i``, ``f`` and ``g`` multiply ∂L/∂c, ``o`` multiplies ∂L/∂m, and ``write`` multiplies ∂L/∂(i ⊙ g) for i.
        """
        gate, candidate = self._squashing()
        i, _, g, o = (value[steps] for value in trace.gates.values())
        a_i, a_f, a_g, a_o = self._split(trace.extra["sums"][steps]).values()
        c_, c = trace.states["c"][:-1][steps], trace.states["c"][1:][steps]
        slope_i = gate.slope(a_i)
        by = {"write": slope_i * g, "g": candidate.slope(a_g) * i, "o": gate.slope(a_o) * self.output(c)}
        by["i"] = slope_i * (g - c_) if self.coupled else by["write"]
        by["f"] = np.zeros_like(c) if self.coupled else gate.slope(a_f) * c_
        return by, o * self.output.slope(c)


def _diagonals(values: Array) -> Array:
    """Return a diagonal matrix for each row of ``values`` ``(B, H)``, ``(B, H, H)``."""
    matrices = np.zeros((*values.shape, values.shape[-1]), values.dtype)
    units = np.arange(values.shape[-1])
    matrices[:, units, units] = values
    return matrices
