"""The gated recurrent unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstm_ascii.cells.base import Array, Cell, Gradients, Totals, Trace, blocks_backward


@dataclass(frozen=True, eq=False)
class GRU(Cell):
    """The GRU of Cho et al. (2014).

    ::

        r = σ(W_ir x + b_ir + W_hr h' + b_hr)        z likewise
        n = tanh(W_in x + b_in + r ⊙ (W_hn h' + b_hn))       reset_after (PyTorch, cuDNN)
        n = tanh(W_in x + b_in + W_hn (r ⊙ h') + b_hn)       otherwise (the paper)
        h = (1 - z) ⊙ n + z ⊙ h'

    Gate order in the weights: r, z, n.

    Attributes:
        reset_after: whether the reset gate is applied after the product (ONNX ``linear_before_reset=1``).
    """

    reset_after: bool = True

    name = "GRU"
    gate_letters = ("r", "z", "n")

    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x``; see :meth:`Cell.forward`."""
        states = self._start(x, start)
        h, (gate, candidate) = states["h"], self._parts()
        weight_rz, weight_n = self.weight_hh[gate].T.copy(), self.weight_hh[candidate].T.copy()
        bias_rz, bias_n = self.bias_hh[gate], self.bias_hh[candidate]
        block = self._project(x, self.bias_ih, h.dtype)  # (T, B, 3H)
        gates, reset = self._split(block), np.empty_like(h[1:])
        for rz, r, z, n, q, h_, h_t in zip(block[..., gate], *gates.values(), reset, h, h[1:], strict=False):
            rz += h_ @ weight_rz + bias_rz
            _sigmoid(rz)
            if self.reset_after:
                np.add(h_ @ weight_n, bias_n, out=q)
                n += r * q
            else:
                np.multiply(r, h_, out=q)
                n += q @ weight_n + bias_n
            np.tanh(n, out=n)
            np.add(n, z * (h_ - n), out=h_t)
        return Trace(x, states, block, gates, {"reset": reset})

    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> Gradients:
        """Run backpropagation through time; see :meth:`Cell.backward`."""
        h, r, z, total = trace.states["h"], trace.gates["r"], trace.gates["z"], self._total(trace, direct)
        dh, (gate, candidate) = total["h"], self._parts()
        weight_rz, weight_n = self.weight_hh[gate], self.weight_hh[candidate]
        totals = Totals(self, trace.x, h.dtype)
        for block in blocks_backward(trace.block):
            d_a = self._factors(trace, block)
            d_r, d_z, d_n = self._split(d_a).values()
            d_m = np.empty_like(d_n)  # on W_hn (·) + b_hn
            for k in range(len(d_a) - 1, -1, -1):
                t = block.start + k
                d_n[k] *= dh[t + 1]
                d_z[k] *= dh[t + 1]
                dh[t] += dh[t + 1] * z[t]
                np.multiply(d_n[k], r[t] if self.reset_after else 1, out=d_m[k])
                d_reset = d_n[k] if self.reset_after else d_m[k] @ weight_n  # on r ⊙ (·)
                d_r[k] *= d_reset
                dh[t] += d_m[k] @ weight_n if self.reset_after else d_reset * r[t]
                dh[t] += d_a[k, :, gate] @ weight_rz
            totals.add_input(block, trace.x, d_a)
            totals.add_state(h[block], d_a[..., gate], gate)
            totals.add_state(h[block] if self.reset_after else trace.extra["reset"][block], d_m, candidate)
        return totals.gradients(total)

    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂h_{t+1}/∂h_t; see :meth:`Cell.jacobian`."""
        factors = self._factors(trace, slice(t, t + 1))[0, :, :, None]  # (B, 3H, 1)
        d_r, d_z, d_n = np.split(factors, 3, axis=1)
        weight_r, weight_z, weight_n = np.split(self.weight_hh, 3)
        r, z, unit = trace.gates["r"][t], trace.gates["z"][t], np.eye(self.hidden_size)
        if self.reset_after:
            candidate = r[:, :, None] * weight_n + d_r * weight_r
        else:
            candidate = weight_n @ (r[:, :, None] * unit + d_r * weight_r)
        jacobian: Array = z[:, :, None] * unit + d_z * weight_z + d_n * candidate
        return jacobian

    def _parts(self) -> tuple[slice, slice]:
        """Return the rows of r and z, and those of the candidate."""
        return slice(0, 2 * self.hidden_size), slice(2 * self.hidden_size, None)

    def _factors(self, trace: Trace, block: slice) -> Array:
        """Return what turns gradients into ∂L/∂a at the steps of ``block``, ``(n, B, 3H)``.

        For n and z it multiplies ∂L/∂h; for r, ∂L/∂(r ⊙ ...): the candidate's own or that of r ⊙ h'.
        """
        r, z, n = (gate[block] for gate in trace.gates.values())
        h_ = trace.states["h"][:-1][block]
        factors = np.empty((*r.shape[:2], 3 * self.hidden_size), r.dtype)
        d_r, d_z, d_n = self._split(factors).values()
        np.multiply(r * (1 - r), trace.extra["reset"][block] if self.reset_after else h_, out=d_r)
        np.multiply(z * (1 - z), h_ - n, out=d_z)
        np.multiply(1 - z, 1 - n * n, out=d_n)
        return factors


def _sigmoid(a: Array) -> None:
    """Turn ``a`` into σ(a) = (1 + tanh(a/2)) / 2 in place."""
    a *= 0.5
    np.tanh(a, out=a)
    a *= 0.5
    a += 0.5
