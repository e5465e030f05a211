"""Recurrent layers by PyTorch's names for their tensors, with any prefix.

``nn.LSTM`` has ``weight_ih_l0``, ``weight_hh_l0_reverse`` and so on; ``nn.LSTMCell`` the same without the layer;
equinox' cells have one ``bias``, and its GRU ``bias_n`` beside it; underscores or slashes may stand for the dots;
weights that are dropped in training (AWD-LSTM) are kept as ``weight_hh_l0_raw`` beside the copy that was last used;
weight normalisation splits a tensor into its length ``g`` and its direction ``v``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.cells.variants import GENERAL, Activation
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import (
    TANH_ASSUMED,
    Hints,
    LayerDirection,
    Module,
    Rows,
    Stack,
    chained,
    kind_of,
    numbers,
    two_axes,
    zeros,
)
from lstm_ascii.errors import FileError
from lstm_ascii.records import dataclass

_PARTS = "weight_ih|weight_hh|bias_ih|bias_hh|bias_n|bias(?!_)|weight_hr|weight_peephole|start_h|start_c"
_NAME = re.compile(
    rf"(?P<prefix>(?:.*[._/])?)(?P<part>{_PARTS})(?:_l(?P<layer>\d+))?"
    r"(?P<reverse>_reverse)?(?P<ending>[._][a-z_0-9]+)?"
)
# what wraps a module without changing it
_WRAPPERS = frozenset({"module", "_orig_mod", "parametrizations"})
_LENGTH, _DIRECTION = ("_g", ".original0"), ("_v", ".original1")  # of weight normalisation


@dataclass(eq=False)
class _Slot:
    """Where one part of one cell comes from: the names of its tensors by their ending."""

    names: dict[str, str] = field(default_factory=dict)


_Cell = dict[str, _Slot]  # by part
_Place = tuple[int, bool]  # layer and whether it reads backward


def torch_stacks(contents: FileContents, hints: Hints) -> list[Stack]:
    """Return the recurrent layers that have PyTorch's names, cells of one stack put together.

    Raises:
        FileError: a tensor is missing, has a shape that does not fit, or is kept in a way that can't be read.
    """
    modules: dict[str, dict[_Place, _Cell]] = {}
    for name in contents.tensors:
        if match := _NAME.fullmatch(name):
            place = int(match["layer"] or 0), bool(match["reverse"])
            cell = modules.setdefault(unwrapped(match["prefix"]), {}).setdefault(place, {})
            cell.setdefault(match["part"], _Slot()).names[match["ending"] or ""] = name
    said = _activations(contents)
    links = [
        Module(prefix, tuple(_layers(contents, cells, _with_activation(hints, said.get(prefix, "")))))
        for prefix, cells in modules.items()
        if any("weight_hh" in cell for cell in cells.values())
    ]
    stacks = chained(links)
    return stacks if said.keys() >= {link.name for link in links} else [_noted(stack, hints) for stack in stacks]


def _activations(contents: FileContents) -> dict[str, str]:
    """Return the activations that modules say themselves, where the file holds modules and not their weights alone."""
    ending = ".nonlinearity"
    return {
        unwrapped(name.removesuffix(ending)): value
        for name, value in contents.metadata.items()
        if name.endswith(ending)
    }


def _with_activation(hints: Hints, said: str) -> Hints:
    """Return hints with the activation that a module says, unless the reader says one by hand."""
    return replace(hints, activation=hints.activation or said)


def unwrapped(prefix: str) -> str:
    """Return a prefix without what only wraps a module: ``module.rnns.0.module.`` is ``rnns.0.``."""
    parts = [part for part in prefix.rstrip("_").replace("/", ".").split(".") if part and part not in _WRAPPERS]
    return ".".join(parts)


def _layers(
    contents: FileContents, cells: Mapping[_Place, _Cell], hints: Hints
) -> Iterator[tuple[LayerDirection, ...]]:
    """Build the layers of one module, from the input up."""
    for number in sorted({layer for layer, _ in cells}):
        ways = (way for way in (False, True) if (number, way) in cells)
        yield tuple(_direction(contents, cells[number, way], way, hints) for way in ways)


def _direction(contents: FileContents, cell: _Cell, backward: bool, hints: Hints) -> LayerDirection:
    path = contents.path
    for part in ("weight_ih", "weight_hh"):
        if part not in cell:
            some = next(iter(next(iter(cell.values())).names.values()))
            raise FileError(f"{path}: {shown(some)}: its {part} is missing")
    read_tensor: Callable[..., Array] = partial(_read, contents)
    names = {part: _named(slot) for part, slot in cell.items()}
    projection = read_tensor(cell["weight_hr"]) if "weight_hr" in cell else None
    weight_hh, weight_ih = read_tensor(cell["weight_hh"]), read_tensor(cell["weight_ih"])
    for part, value in (("weight_hh", weight_hh), ("weight_ih", weight_ih), ("weight_hr", projection)):
        if value is not None:
            two_axes(path, names[part], value)
    width = weight_hh.shape[1] if projection is None else projection.shape[1]
    kind = kind_of(path, names["weight_hh"], weight_hh.shape, width)
    rows = len(GENERAL[kind].gate_letters) * width
    numbers(path, names["weight_ih"], weight_ih, (rows, weight_ih.shape[1]))
    special = dict(_special(contents, cell, kind, weight_hh, projection, hints))
    own = {"bias_ih": cell.get("bias_ih") or cell.get("bias"), "bias_hh": cell.get("bias_hh")}
    biases = [zeros(weight_hh) if slot is None else read_tensor(slot, (rows,)) for slot in own.values()]
    if "bias_n" in cell and kind == "GRU":  # equinox: beside the state, the candidate has one of its own
        biases[1][2 * width :] += read_tensor(cell["bias_n"], (width,))
    sizes = {"start_h": weight_hh.shape[1], "start_c": width}
    start = {part[-1]: read_tensor(cell[part], (sizes[part],)) for part in sizes if part in cell}
    return LayerDirection(
        Rows(kind, (weight_ih, weight_hh, *biases), special).direction(start, backward),
        " ".join(GENERAL[kind].gate_letters) if kind != "RNN" else "",
        tuple(name for slot in cell.values() for name in slot.names.values()),
        sum(slot is not None for slot in own.values()),
        tuple(_traits(cell, kind)),
    )


def _special(
    contents: FileContents, cell: _Cell, kind: str, weight_hh: Array, projection: Array | None, hints: Hints
) -> Iterator[tuple[str, Any]]:
    """Tell what the general cell is built with beside its four parameters."""
    if projection is not None:
        if kind != "LSTM":
            raise FileError(f"{contents.path}: {shown(_named(cell['weight_hr']))}: only an LSTM has a projection")
        sizes = weight_hh.shape[1], projection.shape[1]
        yield "weight_hr", numbers(contents.path, _named(cell["weight_hr"]), projection, sizes)
    if "weight_peephole" in cell and kind == "LSTM":
        yield "weight_peephole", _read(contents, cell["weight_peephole"], (3 * weight_hh.shape[1],))
    if kind == "RNN" and hints.activation:
        yield "activation", Activation.named(hints.activation)


def _traits(cell: _Cell, kind: str) -> Iterator[str]:
    """Say what is special about a cell."""
    endings = {ending for slot in cell.values() for ending in slot.names}
    biases = len({"bias_ih", "bias_hh", "bias"} & cell.keys())
    if not biases:
        yield "no biases"
    elif biases == 1:
        yield "one bias only"
    if kind == "GRU":
        yield "reset gate after the product"
    if "weight_peephole" in cell:
        yield "peepholes"
    if "_raw" in endings:
        yield "weights before dropout (raw)"
    if endings & {*_LENGTH}:
        yield "weight normalisation put back"


def _named(slot: _Slot) -> str:
    """Return the name of the tensor that counts."""
    return slot.names.get("_raw") or slot.names.get("") or next(iter(slot.names.values()))


def _read(contents: FileContents, slot: _Slot, shape: tuple[int, ...] | None = None) -> Array:
    """Return a part of a cell in double precision, put together where it is stored in pieces.

    Raises:
        FileError: it is kept in a way that can't be read, or has another shape.
    """
    path, names = contents.path, slot.names
    for length, direction in zip(_LENGTH, _DIRECTION, strict=True):
        if length in names and direction in names:
            g, v = (numbers(path, names[ending], contents.tensors[names[ending]]) for ending in (length, direction))
            two_axes(path, names[direction], v)
            norm = np.sqrt((v**2).sum(axis=1, keepdims=True))
            if g.shape != norm.shape:
                raise FileError(f"{path}: {shown(names[length])}: expected shape {norm.shape}, got {g.shape}")
            with np.errstate(invalid="ignore", divide="ignore"):
                return numbers(path, names[direction], v * (g / norm), shape)
    name = _named(slot)
    if not {"", "_raw"} & set(names):
        raise FileError(f"{path}: {shown(name)}: can't read weights that are kept so; make them plain before saving")
    return numbers(path, name, contents.tensors[name], shape)


def _noted(stack: Stack, hints: Hints) -> Stack:
    """Say what the file could not say."""
    kinds = {cell.direction.cell.name for cell in stack.directions}
    if "RNN" not in kinds or hints.activation:
        return stack
    return Stack(stack.name, stack.layers, (*stack.notes, TANH_ASSUMED))
