"""The gated recurrent unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import ClassVar

import numpy as np

from lstm_ascii.cells.base import (
    Array,
    Cell,
    CellGradients,
    Totals,
    Trace,
    WayBack,
    blocks_backward,
    mixed_rows,
    state_product,
)
from lstm_ascii.records import dataclass


class AnyGRU(Cell):
    """What every GRU has in common, the plain one and the general one: its names, and their order by framework."""

    name = "GRU"
    rank = 1
    gate_letters = ("r", "z", "n")
    onnx_order = "zrn"
    keras_order = "zrn"
    keras_name = "GRU"
    default_activations: ClassVar[Mapping[str, str]] = {"gate": "Sigmoid", "candidate": "Tanh"}
    gate_names: ClassVar[Mapping[str, str]] = {"z": "update", "r": "reset", "n": "candidate"}
    gate_roles: ClassVar[Mapping[str, str]] = {"keep": "z", "show": "r"}  # what is added is 1 − z, no gate of its own
    candidate_letter = "n"
    flow_labels: ClassVar[Mapping[str, str]] = {"keep": "update z", "add": "1 − z", "show": "reset r"}
    flow_gates: ClassVar[Mapping[str, str]] = {"keep": "update gate z", "add": "gate 1 − z", "show": "reset gate r"}
    show_verb = "recalls"  # the reset gate lets the candidate see the old state


@dataclass(frozen=True, eq=False)
class GRU(AnyGRU):
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

    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x``; see :meth:`Cell.forward`."""
        states = self._start(x, start)
        h, (gate, candidate) = states["h"], self._parts()
        scale = np.repeat(np.array([0.5, 0.5, 1.0], h.dtype), self.hidden_size)  # σ(a) = (1 + tanh(a/2)) / 2
        to_rz, to_n = (state_product(self.weight_hh[part], h, scale[part]) for part in (gate, candidate))
        bias, bias_n = self.bias_ih.astype(h.dtype), self.bias_hh[candidate]
        ahead = gate if self.reset_after else slice(None)  # b_hn stays inside r ⊙ (...)
        bias[ahead] += self.bias_hh[ahead]
        block = self._project(x, bias, h.dtype, scale)  # (T, B, 3H)
        gates, reset = self._split(block), np.empty_like(h[1:])
        write = np.empty(h.shape[1:], h.dtype)
        for rz, r, z, n, q, h_, h_t in zip(block[..., gate], *gates.values(), reset, h, h[1:], strict=False):
            rz += to_rz(h_)
            np.tanh(rz, out=rz)
            rz *= 0.5
            rz += 0.5
            if self.reset_after:
                np.add(to_n(h_), bias_n, out=q)
                n += np.multiply(r, q, out=write)
            else:
                np.multiply(r, h_, out=q)
                n += to_n(q)
            np.tanh(n, out=n)
            np.subtract(h_, n, out=h_t)
            h_t *= z
            h_t += n
        return Trace(x, states, block, gates, {"reset": reset})

    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> CellGradients:
        """Run backpropagation through time; see :meth:`Cell.backward`."""
        h, r, z, total = trace.states["h"], trace.gates["r"], trace.gates["z"], self._total(trace, direct)
        dh, (gate, candidate) = total["h"], self._parts()
        weight_rz, weight_n = self.weight_hh[gate], self.weight_hh[candidate]
        totals, product = Totals(self, trace.x, h.dtype), np.empty_like(h[0])
        for block in blocks_backward(trace.block):
            d_a = self._factors(trace, block)
            d_r, _, d_n = self._split(d_a).values()
            d_zn = d_a.reshape(*d_a.shape[:2], 3, self.hidden_size)[:, :, 1:]  # z, n act on h
            d_m = np.empty_like(d_n) if self.reset_after else d_n  # on W_hn (·) + b_hn
            back = (d_a[..., gate], d_r, d_zn, d_n, d_m, r[block], z[block], dh[block])
            dh_t = dh[block.stop]
            for d_rz_t, d_r_t, d_zn_t, d_n_t, d_m_t, r_t, z_t, dh_ in zip(*(part[::-1] for part in back), strict=True):
                d_zn_t *= dh_t[:, None]
                dh_ += np.multiply(dh_t, z_t, out=product)
                if self.reset_after:
                    d_r_t *= d_n_t
                    dh_ += np.multiply(d_n_t, r_t, out=d_m_t).dot(weight_n, product)
                else:
                    d_r_t *= d_n_t.dot(weight_n, product)  # on r ⊙ h'
                    dh_ += np.multiply(product, r_t, out=product)
                dh_ += d_rz_t.dot(weight_rz, product)
                dh_t = dh_
            totals.add_input(block, trace.x, d_a)
            totals.add_state(h[block], d_a[..., gate], gate)
            totals.add_state(h[block] if self.reset_after else trace.extra["reset"][block], d_m, candidate)
        return totals.gradients(total)

    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂h_{t+1}/∂h_t; see :meth:`Cell.jacobian`."""
        size, r, z = self.hidden_size, trace.gates["r"][t], trace.gates["z"][t]
        d_r, d_z, d_n = self._split(self._factors(trace, slice(t, t + 1))[0]).values()  # (B, H)
        weight = self.weight_hh.reshape(3, size, size)
        if self.reset_after:
            jacobian = mixed_rows((d_n * d_r, d_z, d_n * r), weight)
        else:
            inner = mixed_rows((d_r,), weight[:1])  # of r ⊙ h'
            inner[:, np.arange(size), np.arange(size)] += r
            jacobian = mixed_rows((d_z,), weight[1:2]) + d_n[:, :, None] * (weight[2] @ inner)
        jacobian[:, np.arange(size), np.arange(size)] += z
        return jacobian

    def ways_back(self, trace: Trace, block: slice) -> Iterator[WayBack]:
        """Yield what carries rows back; see :meth:`Cell.ways_back`."""
        factors, gates = self._factors(trace, block), (trace.gates[letter][block] for letter in "rz")
        for step in zip(*(values[::-1, 0] for values in (factors, *gates)), strict=True):
            yield partial(self._back, *step)

    def _back(self, factors: Array, r: Array, z: Array, rows: Array) -> Array:
        """Return ``rows`` ``(R, H)`` times the Jacobian of a step with these factors, ``(3H,)``, and gates."""
        (gate, candidate), (d_r, d_z, d_n) = self._parts(), factors.reshape(3, -1)
        inner = rows * d_n
        if self.reset_after:
            back = np.concatenate([inner * d_r, rows * d_z, inner * r], axis=1) @ self.weight_hh
        else:
            inner = inner @ self.weight_hh[candidate]  # on r ⊙ h'
            back = np.concatenate([inner * d_r, rows * d_z], axis=1) @ self.weight_hh[gate] + inner * r
        back += rows * z
        return back

    def carried_on(self, trace: Trace, t: int, columns: Array) -> Array:
        """Return the Jacobian times columns; see :meth:`Cell.carried_on`."""
        candidate, size = self._parts()[1], self.hidden_size
        r, z = trace.gates["r"][t, 0, :, None], trace.gates["z"][t, 0, :, None]
        d_r, d_z, d_n = self._factors(trace, slice(t, t + 1))[0, 0].reshape(3, size, 1)
        if self.reset_after:
            sums = self.weight_hh @ columns
            inner = d_r * sums[:size] + r * sums[candidate]
        else:
            sums = self.weight_hh[: 2 * size] @ columns
            inner = self.weight_hh[candidate] @ (d_r * sums[:size] + r * columns)
        on: Array = d_n * inner + d_z * sums[size : 2 * size] + z * columns
        return on

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
