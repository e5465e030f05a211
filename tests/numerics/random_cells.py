"""Cells and sequences with random numbers, non-zero and unequal everywhere, from fixed seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm_ascii.cells import GRU, LSTM, RNN, Array, Cell
from lstm_ascii.cells.variants import Activation, GeneralGRU, GeneralLSTM, GeneralRNN

KINDS: dict[str, tuple[type[Cell], dict[str, Any]]] = {
    "rnn-tanh": (RNN, {"activation": "tanh"}),
    "rnn-relu": (RNN, {"activation": "relu"}),
    "lstm": (LSTM, {}),
    "gru": (GRU, {"reset_after": True}),
    "gru-paper": (GRU, {"reset_after": False}),
}


# What other frameworks' checkpoints ask for; no slope is measured at a kink, which a random sum never meets.
HARD, KERAS_HARD = Activation.named("hard_sigmoid"), Activation.named("hard_sigmoid", 1 / 6, 0.5)
LEAKY, SCALED = Activation.named("leaky_relu", 0.1), Activation.named("scaled_tanh", 1.3, 0.7)
PEEPHOLES, PROJECTION = "weight_peephole", "weight_hr"  # drawn where they are asked for
ODD_LSTM = {"gate": HARD, "candidate": SCALED, "output": Activation("softsign"), "clip": 1.5, "coupled": True}
VARIANTS: dict[str, tuple[type[Cell], dict[str, Any]]] = {
    "lstm-plain": (GeneralLSTM, {}),
    "lstm-peepholes": (GeneralLSTM, {PEEPHOLES: True}),
    "lstm-projection": (GeneralLSTM, {PROJECTION: True}),
    "lstm-coupled": (GeneralLSTM, {"coupled": True}),
    "lstm-coupled-peepholes": (GeneralLSTM, {"coupled": True, PEEPHOLES: True}),
    "lstm-clip": (GeneralLSTM, {"clip": 0.7, PEEPHOLES: True}),
    "lstm-activations": (GeneralLSTM, {"gate": KERAS_HARD, "candidate": Activation("softsign"), "output": LEAKY}),
    "lstm-everything": (GeneralLSTM, {**ODD_LSTM, PEEPHOLES: True, PROJECTION: True}),
    "gru-plain": (GeneralGRU, {}),
    "gru-paper-plain": (GeneralGRU, {"reset_after": False}),
    "gru-clip": (GeneralGRU, {"clip": 0.7}),
    "gru-paper-clip": (GeneralGRU, {"clip": 0.7, "reset_after": False}),
    "gru-activations": (GeneralGRU, {"gate": HARD, "candidate": LEAKY}),
    "gru-paper-activations": (GeneralGRU, {"gate": KERAS_HARD, "candidate": SCALED, "reset_after": False}),
    "rnn-plain": (GeneralRNN, {}),
    "rnn-clip": (GeneralRNN, {"clip": 0.7}),
    "rnn-elu": (GeneralRNN, {"activation": Activation.named("elu")}),
    "rnn-softplus": (GeneralRNN, {"activation": Activation("softplus"), "clip": 2.0}),
}
ALL = KINDS | VARIANTS
OUTPUTS = 3  # P, where the outputs are projected


def random_cell(kind: str, inputs: int, hidden: int, seed: int, dtype: str = "float64") -> Cell:
    """Draw a cell of ``ALL`` whose parameters all differ."""
    made, options = ALL[kind]
    random, rows = np.random.default_rng(seed), len(made.gate_letters) * hidden
    projected, peeping = PROJECTION in options, PEEPHOLES in options
    shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, OUTPUTS if projected else hidden)}
    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    shapes |= {PROJECTION: (OUTPUTS, hidden)} if projected else {}
    shapes |= {PEEPHOLES: (3 * hidden,)} if peeping else {}
    values = {name: random.uniform(-0.8, 0.8, shape).astype(dtype) for name, shape in shapes.items()}
    return cell_with(kind, values)


def cell_with(kind: str, values: dict[str, Array], made: type[Cell] | None = None) -> Cell:
    """Return the cell of ``ALL`` with those parameters, of its own class or another."""
    its, options = ALL[kind]
    return (made or its)(**{name: value for name, value in options.items() if name not in values}, **values)


def random_states(cell: Cell, lead: tuple[int, ...], seed: int, dtype: str = "float64") -> dict[str, Array]:
    """Draw an array ``(*lead, H)`` for each state of ``cell``."""
    random = np.random.default_rng(seed)
    return {name: random.standard_normal((*lead, size)).astype(dtype) for name, size in cell.state_sizes.items()}


def random_inputs(cell: Cell, steps: int, batch: int, seed: int, dtype: str = "float64") -> Array:
    """Draw inputs ``(T, B, D)``."""
    return np.random.default_rng(seed).standard_normal((steps, batch, cell.input_size)).astype(dtype)
