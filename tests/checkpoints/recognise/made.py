"""Contents made by hand, and tensors to put in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import FileContents, Stored, Tensors
from lstm_ascii.checkpoints.layers import Hints, NetworkParts
from lstm_ascii.checkpoints.networks import recognise

ROWS = {"LSTM": 4, "GRU": 3, "RNN": 1}


def contents_of(tensors: Mapping[str, Array], metadata: Mapping[str, str] | None = None) -> FileContents:
    """Return what a file of these tensors holds."""
    stored = {
        name: Stored(str(value.dtype), value.shape, value.nbytes, lambda value=value: value)  # type: ignore[misc]
        for name, value in tensors.items()
    }
    return FileContents("file", "safetensors", Tensors(stored), dict(metadata or {}))


def recognised(
    tensors: Mapping[str, Array], words: int | None = None, activation: str = "", **roles: str
) -> NetworkParts:
    """Return the parts of the network; in names of roles, ``_`` stands for a dot."""
    named = {role.replace("_", "."): name for role, name in roles.items()}
    return recognise(contents_of(tensors), Hints(named, activation), words)


def drawn(shape: tuple[int, ...], seed: int = 0) -> Array:
    """Draw numbers."""
    return np.random.default_rng([seed, *shape]).uniform(-1, 1, shape).astype(np.float32)


def torch_layer(
    prefix: str, inputs: int, hidden: int, kind: str = "LSTM", ending: str = "_l0", biases: bool = True
) -> dict[str, Array]:
    """Return the tensors of one layer as PyTorch names them."""
    rows = ROWS[kind] * hidden
    shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden)}
    if biases:
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    return {f"{prefix}{name}{ending}": drawn(shape, seed) for seed, (name, shape) in enumerate(shapes.items())}
