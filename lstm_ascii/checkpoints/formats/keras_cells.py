"""Older forms of recurrent layers in Keras, as modern ones: cells in an ``RNN``, CuDNN layers, those of Keras 1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from lstm_ascii.cells import CELLS, Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.keras_config import Wrong, snake
from lstm_ascii.records import dataclass

RECURRENT = {cell.keras_name: cell.name for cell in CELLS.values()}
CUDNN = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
KINDS = RECURRENT | CUDNN  # of layers that are read
UNREAD = re.compile(r"ConvLSTM\dD|ConvRNN\w*|RNN")  # recurrent, but not read
PARTS = ("kernel", "recurrent_kernel", "bias")
_CELLS = {f"{kind}Cell": kind for kind in RECURRENT}
_OF_THE_LAYER = ("return_sequences", "return_state", "go_backwards", "time_major", "name")
_LETTERS = dict(zip("WUb", PARTS, strict=True))
_ORDERS = {"LSTM": "ifco", "GRU": "zrh"}  # today's order of the gates that Keras 1 keeps apart
_APART = re.compile(r"[WUb]_[icfozrh]")


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell of an ``RNN``, as a layer.

    Attributes:
        kind: the layer's class.
        name: the cell's own.
        config: the layer's settings.
        group: where an archive keeps it in a list of cells; empty where it is the layer's only one, and in no list.
    """

    kind: str
    name: str
    config: dict[str, Any]
    group: str


def cells_within(kind: str, config: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return the cells of an ``RNN`` as layers, from the input up; none where one of them is not known."""
    described = config.get("cell")
    if kind != "RNN" or not isinstance(described, dict):
        return ()
    inside = described.get("config")
    several = isinstance(inside, dict) and described.get("class_name") == "StackedRNNCells"
    found = inside.get("cells") if several and isinstance(inside, dict) else [described]
    listed = found if isinstance(found, list) else []
    counts: Counter[str] = Counter()
    cells = []
    for place, entry in enumerate(listed):
        settings = entry.get("config") if isinstance(entry, dict) else None
        class_name = entry.get("class_name") if isinstance(entry, dict) else None
        if not isinstance(settings, dict) or class_name not in _CELLS:
            return ()
        base = snake(class_name)
        group = f"{base}_{counts[base]}" if counts[base] else base
        counts[base] += 1
        of_the_layer = {key: config[key] for key in _OF_THE_LAYER if key in config}
        if place:  # the steps are turned round once
            of_the_layer["go_backwards"] = False
        if place + 1 < len(listed):
            of_the_layer["return_sequences"] = True
        name = str(settings.get("name", group))
        cells.append(Cell(_CELLS[class_name], name, settings | of_the_layer, group if several else ""))
    return tuple(cells)


def modern(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a recurrent layer as Keras writes them today."""
    settings = dict(config)
    if kind in CUDNN:
        fixed = {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True, "use_bias": True}
        return settings | fixed | {"stored_as": kind}
    if "output_dim" in settings and "units" not in settings:  # Keras 1
        settings["units"] = settings["output_dim"]
        settings["recurrent_activation"] = settings.get("inner_activation", "hard_sigmoid")
    return settings


def inner_layer(described: Any) -> tuple[str, dict[str, Any]]:
    """Return class and settings of the layer within another; of an ``RNN``, those of its one cell."""
    config = described.get("config") if isinstance(described, dict) else None
    kind = described.get("class_name") if isinstance(described, dict) else None
    if not isinstance(config, dict) or not isinstance(kind, str):
        return "", {}
    cells = cells_within(kind, config)
    return (cells[0].kind, cells[0].config) if len(cells) == 1 else (kind, config)


def older_role(names: Sequence[str], leaf: str, kind: str) -> str:
    """Return what an array of Keras 1 is to its layer: ``W_i`` of ``lstm_1_W_i``; a whole one by today's name.

    Args:
        names: that may stand before it.
        leaf: its name.
        kind: the class of the layer.
    """
    for name in names:
        role = leaf.removeprefix(f"{name}_")
        if role != leaf and _APART.fullmatch(role):
            return role
        if role != leaf and role in _LETTERS:
            return "embeddings" if kind == "Embedding" else {"W": "kernel", "b": "bias"}.get(role, _LETTERS[role])
    return leaf


def converted(
    wrong: Wrong, where: str, kind: str, arrays: Mapping[str, Stored], stored_as: str = ""
) -> tuple[dict[str, Stored], dict[str, tuple[str, ...]]]:
    """Return the arrays of one direction as today's layer has them, and what each that is new was made of.

    Args:
        wrong: makes the error of the file.
        where: the layer, for it.
        kind: ``LSTM``, ``GRU`` or ``RNN``.
        arrays: by their roles, ``W_i`` or ``kernel``.
        stored_as: CuDNN's name of the layer; empty for another.

    Raises:
        FileError: arrays of one part have different sizes, or one is missing.
    """
    if stored_as:
        return {role: _from_cudnn(wrong, where, kind, role, array) for role, array in arrays.items()}, {}
    if kind not in _ORDERS or not any(map(_APART.fullmatch, arrays)):
        return dict(arrays), {}
    made, origins = {role: array for role, array in arrays.items() if not _APART.fullmatch(role)}, {}
    for letter, part in _LETTERS.items():
        roles = tuple(f"{letter}_{gate}" for gate in _ORDERS[kind])
        if missing := [role for role in roles if role not in arrays]:
            raise wrong(f"{where}, of Keras 1: its {missing[0]} is missing")
        made[part] = _side_by_side(wrong, where, [arrays[role] for role in roles])
        origins[part] = roles
    return made, origins


def _side_by_side(wrong: Wrong, where: str, gates: Sequence[Stored]) -> Stored:
    """Return the arrays of all gates as one."""
    first = gates[0]
    for gate in gates:
        if gate.shape != first.shape or gate.dtype != first.dtype or len(gate.shape) not in (1, 2):
            raise wrong(f"{where}, of Keras 1: its gates have shapes {first.shape} and {gate.shape}")
    shape = (*first.shape[:-1], first.shape[-1] * len(gates))

    def load() -> Array:
        return np.concatenate([gate.load() for gate in gates], axis=-1)

    return Stored(first.dtype, shape, sum(gate.nbytes for gate in gates), load)


def _from_cudnn(wrong: Wrong, where: str, kind: str, role: str, array: Stored) -> Stored:
    """Return an array of CuDNN's as Keras itself converts it.

    Each gate's kernel is kept column by column; biases of input and state stand end to end.
    https://github.com/keras-team/keras/blob/2.2.4/keras/engine/saving.py, ``_convert_rnn_weights``
    """
    gates = {"LSTM": 4, "GRU": 3}[kind]
    if role == "bias":
        if len(array.shape) != 1 or array.shape[0] % (2 * gates):
            raise wrong(f"{where}: bias: expected two for each of {gates} gates, got shape {array.shape}")
        half = array.shape[0] // 2
        shape = (half,) if kind == "LSTM" else (2, half)
        return Stored(array.dtype, shape, array.nbytes, partial(_biases, array, kind))
    if role not in PARTS:
        return array
    if len(array.shape) != 2 or array.shape[1] % gates or not prod(array.shape):
        raise wrong(f"{where}: {shown(role)}: expected two dimensions and {gates} gates, got shape {array.shape}")
    if role == "recurrent_kernel" and array.shape[1] != gates * array.shape[0]:
        raise wrong(f"{where}: recurrent_kernel: expected {gates} gates of {array.shape[0]}, got shape {array.shape}")
    return Stored(array.dtype, array.shape, array.nbytes, partial(_kernel, array, gates, role))


def _biases(array: Stored, kind: str) -> Array:
    two = array.load().reshape(2, -1)
    both: Array = two.sum(axis=0) if kind == "LSTM" else two
    return both


def _kernel(array: Stored, gates: int, role: str) -> Array:
    parts = np.hsplit(array.load(), gates)
    if role == "recurrent_kernel":
        return np.hstack([part.T for part in parts])
    return np.hstack([part.T.reshape(part.shape, order="F") for part in parts])
