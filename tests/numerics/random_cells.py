"""Cells and sequences with random numbers, non-zero and unequal everywhere, from fixed seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm_ascii.cells import GRU, LSTM, RNN, Array, Cell
from lstm_ascii.cells.base import PARAMETER_NAMES

KINDS: dict[str, tuple[type[Cell], dict[str, Any]]] = {
    "rnn-tanh": (RNN, {"activation": "tanh"}),
    "rnn-relu": (RNN, {"activation": "relu"}),
    "lstm": (LSTM, {}),
    "gru": (GRU, {"reset_after": True}),
    "gru-paper": (GRU, {"reset_after": False}),
}


def random_cell(kind: str, inputs: int, hidden: int, seed: int, dtype: str = "float64") -> Cell:
    """Draw a cell of ``KINDS`` whose four parameters all differ."""
    made, options = KINDS[kind]
    random, rows = np.random.default_rng(seed), len(made.gate_letters) * hidden
    shapes = [(rows, inputs), (rows, hidden), (rows,), (rows,)]
    values = [random.uniform(-0.8, 0.8, shape).astype(dtype) for shape in shapes]
    return made(**dict(zip(PARAMETER_NAMES, values, strict=True)), **options)


def random_states(cell: Cell, lead: tuple[int, ...], seed: int, dtype: str = "float64") -> dict[str, Array]:
    """Draw an array ``(*lead, H)`` for each state of ``cell``."""
    random = np.random.default_rng(seed)
    return {name: random.standard_normal((*lead, cell.hidden_size)).astype(dtype) for name in cell.state_names}


def random_inputs(cell: Cell, steps: int, batch: int, seed: int, dtype: str = "float64") -> Array:
    """Draw inputs ``(T, B, D)``."""
    return np.random.default_rng(seed).standard_normal((steps, batch, cell.input_size)).astype(dtype)
