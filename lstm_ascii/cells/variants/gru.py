"""The gated recurrent unit with any activations, and a bound on its sums."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lstm_ascii.cells.activations import SIGMOID, TANH, Activation, ClippedActivation, differences_in_words
from lstm_ascii.cells.base import Array, Cell, CellGradients, Totals, Trace, mixed_rows
from lstm_ascii.cells.gru import GRU, AnyGRU
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class GeneralGRU(AnyGRU):
    """The GRU of Cho et al. (2014), as ONNX's operator ``GRU`` has it.

    ::

        r = φ(clip(W_ir x + b_ir + W_hr h' + b_hr))        z likewise
        n = ψ(clip(W_in x + b_in + r ⊙ (W_hn h' + b_hn)))       reset_after
        n = ψ(clip(W_in x + b_in + W_hn (r ⊙ h') + b_hn))       otherwise
        h = (1 - z) ⊙ n + z ⊙ h'

    Gate order in the weights: r, z, n.

    Attributes:
        reset_after: whether the reset gate is applied after the product (ONNX ``linear_before_reset=1``).
        gate: φ (ONNX ``f``).
        candidate: ψ (ONNX ``g``).
        clip: the sums are brought between ± this; ``None`` for no bound.
    """

    reset_after: bool = True
    gate: Activation = SIGMOID
    candidate: Activation = TANH
    clip: float | None = None

    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x``; see :meth:`Cell.forward`."""
        states, (gate, candidate) = self._start(x, start), self._squashing()
        h, (w_r, w_z, w_n) = states["h"], np.split(self.weight_hh, 3)
        bias_hn = self._split(self.bias_hh)["n"]
        bias = self.bias_ih + self.bias_hh
        if self.reset_after:  # b_hn stays inside r ⊙ (...)
            self._split(bias)["n"][:] = self._split(self.bias_ih)["n"]
        sums = self._project(x, bias, h.dtype)  # (T, B, 3H)
        block, reset = np.empty_like(sums), np.empty_like(h[1:])
        for t, a in enumerate(sums):
            (a_r, a_z, a_n), (r, z, n) = (self._split(part).values() for part in (a, block[t]))
            a_r += h[t] @ w_r.T
            a_z += h[t] @ w_z.T
            r[:], z[:] = gate(a_r), gate(a_z)
            reset[t] = h[t] @ w_n.T + bias_hn if self.reset_after else r * h[t]
            a_n += r * reset[t] if self.reset_after else reset[t] @ w_n.T
            n[:] = candidate(a_n)
            h[t + 1] = (1 - z) * n + z * h[t]
        return Trace(x, states, block, self._split(block), {"reset": reset, "sums": sums})

    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> CellGradients:
        """Run backpropagation through time; see :meth:`Cell.backward`."""
        h, r, z, total = trace.states["h"], trace.gates["r"], trace.gates["z"], self._total(trace, direct)
        dh, (w_r, w_z, w_n) = total["h"], np.split(self.weight_hh, 3)
        d_a = self._factors(trace, slice(None))  # of which each step is multiplied by what comes from above
        d_r, d_z, d_n = self._split(d_a).values()
        d_m = np.empty_like(d_n)  # on W_hn (·) + b_hn
        for t in range(len(trace) - 1, -1, -1):
            d_n[t] *= dh[t + 1]
            d_z[t] *= dh[t + 1]
            d_m[t] = d_n[t] * r[t] if self.reset_after else d_n[t]
            through = d_m[t] @ w_n  # on what W_hn is applied to
            d_r[t] *= d_n[t] if self.reset_after else through
            dh[t] += dh[t + 1] * z[t] + (through if self.reset_after else through * r[t])
            dh[t] += d_r[t] @ w_r + d_z[t] @ w_z
        gate, candidate = slice(0, 2 * self.hidden_size), slice(2 * self.hidden_size, None)
        totals = Totals(self, trace.x, h.dtype)
        totals.add_input(slice(None), trace.x, d_a)
        totals.add_state(h[:-1], d_a[..., gate], gate)
        totals.add_state(h[:-1] if self.reset_after else trace.extra["reset"], d_m, candidate)
        return totals.gradients(total)

    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂h_{t+1}/∂h_t; see :meth:`Cell.jacobian`."""
        r, z = trace.gates["r"][t], trace.gates["z"][t]
        d_r, d_z, d_n = self._split(self._factors(trace, slice(t, t + 1))[0]).values()  # (B, H)
        weight, units = self.weight_hh.reshape(3, self.hidden_size, -1), np.arange(self.hidden_size)
        if self.reset_after:
            jacobian = mixed_rows((d_n * d_r, d_z, d_n * r), weight)
        else:
            inner = mixed_rows((d_r,), weight[:1])  # of r ⊙ h'
            inner[:, units, units] += r
            jacobian = mixed_rows((d_z,), weight[1:2]) + d_n[:, :, None] * (weight[2] @ inner)
        jacobian[:, units, units] += z
        return jacobian

    def simplest(self) -> Cell:
        """Return the fast cell where the activations are the paper's, and nothing is bounded."""
        if (self.gate, self.candidate, self.clip) == (SIGMOID, TANH, None):
            return GRU(**self.parameters, reset_after=self.reset_after)
        return self

    def candidate_slope(self, trace: Trace) -> Array:
        """Return ψ' at every step, ``(T, B, H)``."""
        return self._squashing()[1].slope(self._split(trace.extra["sums"])["n"])

    @property
    def special(self) -> tuple[str, ...]:
        """What it has beyond the plain equations, in words."""
        return differences_in_words(
            self.clip, {"the gates": (self.gate, SIGMOID), "the candidate": (self.candidate, TANH)}
        )

    def _squashing(self) -> tuple[ClippedActivation, ClippedActivation]:
        """Return φ and ψ with the bound ahead."""
        return ClippedActivation(self.gate, self.clip), ClippedActivation(self.candidate, self.clip)

    def _factors(self, trace: Trace, steps: slice) -> Array:
        """Return what turns gradients into ∂L/∂a at ``steps``, ``(n, B, 3H)``.

        For n and z it multiplies ∂L/∂h; for r, ∂L/∂(r ⊙ ...): the candidate's own or that of r ⊙ h'.
        """
        gate, candidate = self._squashing()
        _, z, n = (value[steps] for value in trace.gates.values())
        a_r, a_z, a_n = self._split(trace.extra["sums"][steps]).values()
        h_ = trace.states["h"][:-1][steps]
        reset_operand = trace.extra["reset"][steps] if self.reset_after else h_  # by r
        parts = (gate.slope(a_r) * reset_operand, gate.slope(a_z) * (h_ - n), candidate.slope(a_n) * (1 - z))
        return np.concatenate(parts, axis=-1)
