"""The plain recurrent cell with any activation, and a bound on its sums."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lstm_ascii.cells.activations import TANH, Activation, ClippedActivation, differences_in_words
from lstm_ascii.cells.base import Array, Cell, CellGradients, Totals, Trace
from lstm_ascii.cells.rnn import RNN, AnyRNN
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class GeneralRNN(AnyRNN):
    """The simple recurrent network of Elman (1990), as ONNX's operator ``RNN`` has it.

    ::

        h = φ(clip(W_ih x + b_ih + W_hh h' + b_hh))

    Attributes:
        activation: φ.
        clip: the sums are brought between ± this; ``None`` for no bound.
    """

    activation: Activation = TANH
    clip: float | None = None

    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x``; see :meth:`Cell.forward`."""
        states, squash = self._start(x, start), ClippedActivation(self.activation, self.clip)
        h = states["h"]
        block = self._project(x, self.bias_ih + self.bias_hh, h.dtype)  # (T, B, H)
        for t, a in enumerate(block):
            a += h[t] @ self.weight_hh.T
            h[t + 1] = squash(a)
        return Trace(x, states, block, {}, {})

    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> CellGradients:
        """Run backpropagation through time; see :meth:`Cell.backward`."""
        h, total = trace.states["h"], self._total(trace, direct)
        dh, d_a = total["h"], self._slope(trace.block)
        for t in range(len(trace) - 1, -1, -1):
            d_a[t] *= dh[t + 1]
            dh[t] += d_a[t] @ self.weight_hh
        totals = Totals(self, trace.x, h.dtype)
        totals.add_input(slice(None), trace.x, d_a)
        totals.add_state(h[:-1], d_a)
        return totals.gradients(total)

    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂h_{t+1}/∂h_t = diag(φ') W_hh; see :meth:`Cell.jacobian`."""
        jacobian: Array = self._slope(trace.block[t])[:, :, None] * self.weight_hh
        return jacobian

    def simplest(self) -> Cell:
        """Return the fast cell where φ is tanh or relu, and nothing is bounded."""
        if self.clip is None and self.activation.name in ("tanh", "relu"):
            return RNN(**self.parameters, activation=self.activation.name)
        return self

    def candidate_slope(self, trace: Trace) -> Array:
        """Return φ' at every step, ``(T, B, H)``."""
        return self._slope(trace.block)

    @property
    def special(self) -> tuple[str, ...]:
        """What it has beyond the plain equations, in words."""
        return differences_in_words(self.clip, {"tanh": (self.activation, TANH)})

    def _slope(self, a: Array) -> Array:
        """Return the derivative of φ(clip(a)); an array of its own."""
        return np.array(ClippedActivation(self.activation, self.clip).slope(a))
