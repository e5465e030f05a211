"""Seeded random networks, the same on every machine and under every version of NumPy.

NumPy does not promise its distributions across versions, only the raw bits of its generators: the
transform to numbers is our own.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np

from lstm_ascii.cells import GRU, LSTM, RNN, Array, Cell

CELLS: dict[str, type[Cell]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


def uniform(seed: int, name: str, shape: tuple[int, ...], bound: float) -> Array:
    """Return numbers evenly spread over ±``bound``, from the stream that belongs to ``seed`` and ``name``.

    Streams are independent of each other, so a word has the same vector in every sentence.
    """
    raw = np.random.PCG64([seed, crc32(name.encode("utf-8", "surrogatepass"))]).random_raw(int(np.prod(shape)))
    unit = (np.asarray(raw, np.uint64) >> np.uint64(11)) * 2.0**-53  # 53 bits: [0, 1)
    return ((2 * unit - 1) * bound).reshape(shape)


def random_cell(name: str, input_size: int, hidden_size: int, seed: int, forget_bias: float = 0.0) -> Cell:
    """Return a cell with PyTorch's default initialisation, evenly spread over ±1/√H.

    Args:
        name: ``rnn``, ``lstm`` or ``gru``.
        input_size: D.
        hidden_size: H.
        seed: any whole number from 0.
        forget_bias: added to the LSTM's forget gate; the other cells have none.
    """
    kind = CELLS[name]
    rows, bound = len(kind.gate_letters) * hidden_size, hidden_size**-0.5
    shapes = {
        "weight_ih": (rows, input_size),
        "weight_hh": (rows, hidden_size),
        "bias_ih": (rows,),
        "bias_hh": (rows,),
    }
    parameters = {key: uniform(seed, f"{name}.{key}", shape, bound) for key, shape in shapes.items()}
    if name == "lstm":
        parameters["bias_ih"][hidden_size : 2 * hidden_size] += forget_bias
    return kind(**parameters)
