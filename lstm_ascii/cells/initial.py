"""Seeded random networks, the same on every machine and under every version of NumPy.

NumPy does not promise its distributions across versions, only the raw bits of its generators: the
transform to numbers is our own.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np

from lstm_ascii.cells import CELLS, RNN, Array, Cell

LARGEST_HIDDEN = 2048


def uniform(seed: int, name: str, shape: tuple[int, ...], bound: float) -> Array:
    """Return numbers evenly spread over ±``bound``, from the stream that belongs to ``seed`` and ``name``.

    Streams are independent of each other, so a word has the same vector in every sentence.
    """
    return uniform_from(seed, name, 0, shape, bound)


def uniform_from(seed: int, name: str, first: int, shape: tuple[int, ...], bound: float) -> Array:
    """Return what :func:`uniform` gives of a long stream, from number ``first`` on, without drawing those before."""
    source = np.random.PCG64([seed, crc32(name.encode("utf-8", "surrogatepass"))])
    raw = (source.advance(first) if first else source).random_raw(int(np.prod(shape)))
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


INITS = ("uniform", "orthogonal", "identity", "xavier")


def recurrent_weight(init: str, seed: int, name: str, size: int) -> Array:
    """Return one gate's recurrent weights, ``(H, H)``.

    Args:
        init: ``uniform`` over ±1/√H (PyTorch's default), ``orthogonal`` (Saxe et al. 2014), ``identity``
            (Le, Jaitly & Hinton 2015), ``xavier``: uniform over ±√(6/2H) (Glorot & Bengio 2010).
        seed: any whole number from 0.
        name: of the stream.
        size: H.
    """
    if init == "identity":
        return np.eye(size)
    if init == "orthogonal":
        q, upper = np.linalg.qr(normal(seed, name, (size, size)))
        signs: Array = np.where(np.diagonal(upper) < 0, -1.0, 1.0)
        return np.asarray(q * signs)  # the signs make it evenly distributed (Mezzadri 2007)
    return uniform(seed, name, (size, size), (3 / size) ** 0.5 if init == "xavier" else size**-0.5)


def normal(seed: int, name: str, shape: tuple[int, ...]) -> Array:
    """Return numbers from the standard normal distribution (Box & Muller 1958), from a stream of their own."""
    radius, angle = (uniform(seed, f"{name} {part}", shape, 0.5) + 0.5 for part in ("radius", "angle"))
    return np.asarray(np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle))


def scaled(matrix: Array, radius: float) -> Array:
    """Return ``matrix`` scaled to a spectral radius; one whose radius is 0 stays as it is."""
    current = float(np.abs(np.linalg.eigvals(matrix)).max())
    return matrix * (radius / current) if current else matrix


def chrono(seed: int, size: int, steps: int) -> Array:
    """Return forget biases for memories of up to about ``steps`` steps, ``(H,)``: ln U(1, 1.5 · steps).

    σ of them is 1 − 1/τ on average over times τ up to that length (Tallec & Ollivier 2018, whose range
    ends at the longest time; a half more is what the recall task asks for).
    """
    longest = 1.5 * steps
    return np.asarray(np.log((1 + longest) / 2 + uniform(seed, "chrono", (size,), (longest - 1) / 2)))


def studied_cell(
    name: str,
    size: int,
    seed: int,
    init: str = "uniform",
    radius: float | None = None,
    forget_bias: Array | float = 0.0,
    input_bias: Array | float = 0.0,
    activation: str = "tanh",
) -> Cell:
    """Return a cell with H inputs whose levers are in the open: no biases but those that are asked for.

    Args:
        name: ``rnn``, ``lstm`` or ``gru``.
        size: H.
        seed: any whole number from 0.
        init: of the recurrent weights of every gate; see :func:`recurrent_weight`. Weights of the inputs
            are uniform over ±1/√H, with ``xavier`` over ±√(6/2H).
        radius: the spectral radius that the recurrent weights of every gate are scaled to.
        forget_bias: of the LSTM's forget gate, a number or ``(H,)``.
        input_bias: of its input gate.
        activation: of the RNN, ``tanh`` or ``relu``.
    """
    kind = CELLS[name]
    rows = len(kind.gate_letters) * size
    parts = [recurrent_weight(init, seed, f"{name}.{letter}", size) for letter in kind.gate_letters]
    bias = np.zeros(rows)
    if name == "lstm":
        bias[:size], bias[size : 2 * size] = input_bias, forget_bias
    weight_ih = uniform(seed, f"{name}.inputs", (rows, size), (3 / size) ** 0.5 if init == "xavier" else size**-0.5)
    weight_hh = np.concatenate(parts if radius is None else [scaled(part, radius) for part in parts])
    if name == "rnn":
        return RNN(weight_ih, weight_hh, bias, np.zeros(rows), activation)
    return kind(weight_ih, weight_hh, bias, np.zeros(rows))
