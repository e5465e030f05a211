"""What goes into a gate is what its activation makes the gate of."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.analysis.gate_sums import gate_sums
from lstm_ascii.cells import GRU, LSTM, RNN, Cell


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape)


@pytest.mark.parametrize("cell", [
    LSTM(drawn(12, 2), drawn(12, 3), drawn(12), drawn(12)), GRU(drawn(9, 2), drawn(9, 3), drawn(9), drawn(9)),
    GRU(drawn(9, 2), drawn(9, 3), drawn(9), drawn(9), reset_after=False),
    RNN(drawn(3, 2), drawn(3, 3), drawn(3), drawn(3)),
], ids=["lstm", "gru", "gru, reset before the product", "rnn"])  # fmt: skip
def test_its_activation_makes_the_gate_of_it(cell: Cell) -> None:
    trace = cell.forward(drawn(6, 2, 2))
    sums = dict(gate_sums(cell, trace.x, trace.states["h"][:-1], trace.gates))
    assert list(sums) == list(cell.gate_letters)
    gates = trace.gates or {"a": trace.h}
    for letter, value in sums.items():
        squashed = np.tanh(value) if letter == cell.candidate_letter else 1 / (1 + np.exp(-value))
        np.testing.assert_allclose(gates[letter], squashed, atol=1e-14)
