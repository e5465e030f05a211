"""The long short-term memory cell with a forget gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

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


class AnyLSTM(Cell):
    """What every LSTM has in common, the plain one and the general one: its names, and their order by framework."""

    name = "LSTM"
    rank = 0
    gate_letters = ("i", "f", "g", "o")
    onnx_order = "iofg"
    keras_order = "ifgo"
    keras_name = "LSTM"
    default_activations: ClassVar[Mapping[str, str]] = {"gate": "Sigmoid", "candidate": "Tanh", "output": "Tanh"}
    state_names = ("h", "c")
    state_symbols = ("C", "h")
    gate_names: ClassVar[Mapping[str, str]] = {"f": "forget", "i": "input", "g": "candidate", "o": "output"}
    gate_roles: ClassVar[Mapping[str, str]] = {"keep": "f", "add": "i", "show": "o"}
    candidate_letter = "g"
    flow_labels: ClassVar[Mapping[str, str]] = {"keep": "forget", "add": "input", "show": "output"}
    flow_gates: ClassVar[Mapping[str, str]] = {"keep": "forget gate", "add": "input gate", "show": "output gate"}
    show_verb = "shows"


class LSTM(AnyLSTM):
    """The LSTM of Hochreiter & Schmidhuber (1997) with the forget gate of Gers et al. (2000).

    ::

        i = σ(W_ii x + b_ii + W_hi h' + b_hi)        f, o likewise
        g = tanh(W_ig x + b_ig + W_hg h' + b_hg)
        c = f ⊙ c' + i ⊙ g
        h = o ⊙ tanh(c)

    Gate order in the weights: i, f, g, o.
    """

    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x``; see :meth:`Cell.forward`."""
        states = self._start(x, start)
        h, c = states["h"], states["c"]
        scale, shift = self._squashing(h.dtype)
        recurrent, write = state_product(self.weight_hh, h, scale), np.empty(h.shape[1:], h.dtype)
        block = self._project(x, self.bias_ih + self.bias_hh, h.dtype, scale)  # (T, B, 4H)
        scale, shift = (np.tile(values, (h.shape[1], 1)) for values in (scale, shift))  # of one shape, NumPy is faster
        gates, tanh_c = self._split(block), np.empty_like(h[1:])
        c_, h_ = c[0], h[0]
        for a, i, f, g, o, c_t, h_t, s in zip(block, *gates.values(), c[1:], h[1:], tanh_c, strict=True):
            a += recurrent(h_)
            np.tanh(a, out=a)
            a *= scale
            a += shift
            np.multiply(f, c_, out=c_t)
            c_t += np.multiply(i, g, out=write)
            np.tanh(c_t, out=s)
            np.multiply(o, s, out=h_t)
            c_, h_ = c_t, h_t
        return Trace(x, states, block, gates, {"tanh_c": tanh_c})

    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> CellGradients:
        """Run backpropagation through time; see :meth:`Cell.backward`."""
        h, d_write, total = trace.states["h"], direct.get("write"), self._total(trace, direct, also=("write",))
        dh, dc, several = total["h"], total["c"], h.shape[1] > 1
        totals, product = Totals(self, trace.x, h.dtype), np.empty_like(h[0])
        for block in blocks_backward(trace.block):
            factors, through = self._factors(trace, block)
            d_cifg, d_c, d_o = factors[:, :4], factors[:, 0], factors[:, 4]  # c', i, f, g act through c, o through h
            d_a, d_ifgo = self._side_by_side(factors[:, 1:])
            d_write_sums = None if d_write is None else self._written_factors(factors, d_write[block])
            back = (d_cifg, d_c, d_o, through, factors[:, 1:], d_ifgo, d_a, dh[block], dc[block])
            dh_t, dc_t = dh[block.stop], dc[block.stop]
            for n, step in enumerate(zip(*(values[::-1] for values in back), strict=True), 1):
                d_cifg_t, d_c_t, d_o_t, through_t, factors_t, d_ifgo_t, d_a_t, dh_, dc_ = step
                dc_t += np.multiply(dh_t, through_t, out=product)
                d_cifg_t *= dc_t
                d_o_t *= dh_t
                if several:
                    np.copyto(d_ifgo_t, factors_t)
                if d_write_sums is not None:
                    d_a_t += d_write_sums[-n]
                dh_ += d_a_t.dot(self.weight_hh, product)
                dc_ += d_c_t
                dh_t, dc_t = dh_, dc_
            totals.add_input(block, trace.x, d_a)
            totals.add_state(h[block], d_a)
        return totals.gradients(total)

    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂(h, c)_{t+1}/∂(h, c)_t; see :meth:`Cell.jacobian`."""
        factors, through = (value[0] for value in self._factors(trace, slice(t, t + 1)))
        size, weight = self.hidden_size, self.weight_hh.reshape(4, -1, self.hidden_size)
        f, d_i, d_f, d_g, d_o = factors  # (B, H)
        jacobian = np.zeros((len(f), 2 * size, 2 * size), factors.dtype)
        units = np.arange(size)
        jacobian[:, :size, :size] = mixed_rows((through * d_i, through * d_f, through * d_g, d_o), weight)
        jacobian[:, units, size + units] = through * f
        jacobian[:, size:, :size] = mixed_rows((d_i, d_f, d_g), weight[:3])
        jacobian[:, size + units, size + units] = f
        return jacobian

    def ways_back(self, trace: Trace, block: slice) -> Iterator[WayBack]:
        """Yield what carries rows back; see :meth:`Cell.ways_back`."""
        factors, through = self._factors(trace, block)
        for by_gate, through_t in zip(factors[::-1, :, 0], through[::-1, 0], strict=True):
            yield partial(self._back, by_gate[1:], through_t, by_gate[0])

    def _back(self, by_gate: Array, through: Array, f: Array, rows: Array) -> Array:
        """Return ``rows`` ``(R, 2H)`` times the Jacobian of a step with these factors; ``by_gate`` is ``(4, H)``."""
        size, back = self.hidden_size, np.empty_like(rows)
        d_h, d_c = rows[:, :size], rows[:, :size] * through
        d_c += rows[:, size:]
        d_a = d_c[:, None] * by_gate  # (R, 4, H)
        np.multiply(d_h, by_gate[3], out=d_a[:, 3])  # o acts through h
        np.matmul(d_a.reshape(len(rows), -1), self.weight_hh, out=back[:, :size])
        np.multiply(d_c, f, out=back[:, size:])
        return back

    def carried_on(self, trace: Trace, t: int, columns: Array) -> Array:
        """Return the Jacobian times columns; see :meth:`Cell.carried_on`."""
        size, (factors, through) = self.hidden_size, self._factors(trace, slice(t, t + 1))
        sums = (self.weight_hh @ columns[:size]) * factors[0, 1:, 0].reshape(-1, 1)  # (4H, n)
        c = sums[:size] + sums[size : 2 * size] + sums[2 * size : 3 * size]
        c += factors[0, 0, 0, :, None] * columns[size:]
        return np.concatenate([through[0, 0, :, None] * c + sums[3 * size :], c])

    def _squashing(self, dtype: np.dtype[Any]) -> tuple[Array, Array]:
        """Return the scale and shift, ``(4H,)`` each, that turn one tanh into all four gates.

        σ(a) = (1 + tanh(a/2)) / 2: halve the rows of i, f, o ahead, take tanh of all, halve and shift.
        """
        scale = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], dtype), self.hidden_size)
        shift = np.repeat(np.array([0.5, 0.5, 0.0, 0.5], dtype), self.hidden_size)
        return scale, shift

    def _factors(self, trace: Trace, block: slice) -> tuple[Array, Array]:
        """Return, for the steps of ``block``, what turns ∂L/∂c into ∂L/∂c' and ∂L/∂a (i, f, g), and ∂L/∂h into it (o).

        The first is ``(n, 5, B, H)``, in that order, each gate's in one piece; the second, ``(n, B, H)``, is
        ∂h/∂c = o ⊙ (1 - tanh²c).
        """
        gates = trace.block[block]
        steps, batch, _ = gates.shape
        i, f, g, o = np.ascontiguousarray(gates.reshape(steps, batch, 4, self.hidden_size).transpose(2, 0, 1, 3))
        s, c_ = trace.extra["tanh_c"][block], trace.states["c"][:-1][block]
        factors = np.empty((steps, 5, batch, self.hidden_size), gates.dtype)
        d_c, d_i, d_f, d_g, d_o = factors.swapaxes(0, 1)
        d_c[:] = f
        np.multiply(i * (1 - i), g, out=d_i)
        np.multiply(f * (1 - f), c_, out=d_f)
        np.multiply(1 - g * g, i, out=d_g)
        np.multiply(o * (1 - o), s, out=d_o)
        return factors, o * (1 - s * s)

    def _side_by_side(self, by_gate: Array) -> tuple[Array, Array]:
        """Return room for ``(n, 4, B, H)`` as one product takes it, ``(n, B, 4H)``, and that seen gate by gate.

        Gates of one sequence lie side by side: it is the same memory.
        """
        steps, gates, batch, size = by_gate.shape
        room = by_gate.swapaxes(1, 2) if batch == 1 else np.empty((steps, batch, gates, size), by_gate.dtype)
        return room.reshape(steps, batch, gates * size), room.swapaxes(1, 2)

    def _written_factors(self, factors: Array, d_write: Array) -> Array:
        """Return what ``d_write`` ``(n, B, H)`` adds to ∂L/∂a, ``(n, B, 4H)``: only i and g see it."""
        d_sums = np.zeros((*d_write.shape[:2], len(self.weight_hh)), factors.dtype)
        for letter, by in zip("ig", (factors[:, 1], factors[:, 3]), strict=True):
            np.multiply(by, d_write, out=self._split(d_sums)[letter])
        return d_sums
