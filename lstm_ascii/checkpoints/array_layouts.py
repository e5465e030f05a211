"""Recurrent layers saved as plain arrays in the layout of ONNX or Keras, recognised by names and shapes.

ONNX: ``W (directions, G·H, D)``, ``R (directions, G·H, H)``, ``B (directions, 2·G·H)``, ``P (directions, 3·H)``.
Keras: ``kernel (D, G·H)``, ``recurrent_kernel (H, G·H)``, ``bias (G·H,)``, or ``(2, G·H)`` for a GRU whose reset gate
comes after the product; each behind any prefix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

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
    in_our_order,
    kind_of,
    numbers,
    zeros,
)
from lstm_ascii.errors import FileError

_ONNX = re.compile(r"(?P<prefix>(?:.*[._/])?)(?P<part>[WRBP])")
_KERAS = re.compile(r"(?P<prefix>(?:.*[./])?)(?P<part>kernel|recurrent_kernel|bias)(?::0)?")
_WAY = re.compile(r"(?P<before>(?:.*[./])?)(?P<way>forward|backward)(?P<after>_?[^./]*(?:[./].*)?)")


def spaced(letters: str) -> str:
    """Return the order of the gates as shown on the screen: ``i o f g``."""
    return " ".join(letters) if len(letters) > 1 else ""


def array_stacks(contents: FileContents, hints: Hints) -> list[Stack]:
    """Return the recurrent layers in the layouts of ONNX and Keras.

    Raises:
        FileError: a tensor has a shape that does not fit.
    """
    return [*_onnx(contents, hints), *_keras(contents, hints)]


def _grouped(contents: FileContents, pattern: re.Pattern[str], required: str) -> dict[str, dict[str, str]]:
    """Return the names of tensors by prefix and part, where the part ``required`` is among them."""
    groups: dict[str, dict[str, str]] = {}
    for name in contents.tensors:
        if match := pattern.fullmatch(name):
            groups.setdefault(match["prefix"].rstrip("._/"), {})[match["part"]] = name
    return {prefix: parts for prefix, parts in groups.items() if required in parts}


def _onnx(contents: FileContents, hints: Hints) -> Iterator[Stack]:
    links, notes = [], []
    for prefix, names in _grouped(contents, _ONNX, "R").items():
        arrays = {part: contents.tensors[name] for part, name in names.items()}
        if "W" not in arrays or any(arrays[part].ndim != 3 for part in "WR"):
            continue
        ways = len(arrays["R"])
        if ways not in (1, 2):
            raise FileError(f"{contents.path}: {shown(names['R'])}: expected one or two directions, got {ways}")
        special: dict[str, Any] = {}
        kind = kind_of(contents.path, names["R"], arrays["R"].shape[1:], arrays["R"].shape[2])
        if kind == "GRU":
            special = {"reset_after": False}
            notes.append("reset gate before the product assumed, as in ONNX (linear_before_reset is not in the file)")
        if kind == "RNN" and hints.activation:
            special = {"activation": Activation.named(hints.activation)}
        layer = tuple(onnx_direction(contents.path, names, arrays, kind, way, way == 1, special) for way in range(ways))
        links.append(Module(prefix, (layer,)))
    yield from (_with(stack, notes, hints) for stack in chained(links))


def onnx_direction(
    path: str,
    names: Mapping[str, str],
    arrays: Mapping[str, Array],
    kind: str,
    way: int,
    backward: bool,
    special: Mapping[str, Any],
    start: Mapping[str, Array] | None = None,
    traits: tuple[str, ...] = (),
) -> LayerDirection:
    """Build the cell of direction ``way`` (0 or 1) from arrays in ONNX's layout.

    Args:
        path: of the file, for the errors.
        names: of the tensors, by part: ``W``, ``R``, and ``B``, ``P`` where they are there.
        arrays: the same parts.
        kind: ``LSTM``, ``GRU`` or ``RNN``.
        way: the index of the direction in the arrays.
        backward: whether it reads from the last word to the first.
        special: for the general cell.
        start: its start states.
        traits: what is special about it, in words.

    Raises:
        FileError: a tensor has a shape that does not fit.
    """
    ways, width = arrays["R"].shape[0], arrays["R"].shape[2]
    rows, order = len(GENERAL[kind].gate_letters) * width, GENERAL[kind].onnx_order
    shapes = {"W": (ways, rows, arrays["W"].shape[-1]), "R": (ways, rows, width), "B": (ways, 2 * rows)}
    shapes["P"] = (ways, 3 * width)
    values = {part: numbers(path, names[part], value, shapes[part])[way] for part, value in arrays.items()}
    bias = values.get("B")
    halves = (zeros(values["R"]), zeros(values["R"])) if bias is None else (bias[:rows], bias[rows:])
    more = dict(special)
    if "P" in values and kind == "LSTM":
        more["weight_peephole"] = values["P"].reshape(3, width)[[0, 2, 1]].reshape(-1)  # i o f to i f o
        traits = (*traits, "peepholes")
    if bias is None:
        traits = (*traits, "no biases")
    four = [in_our_order(value, order, kind) for value in (values["W"], values["R"], *halves)]
    return LayerDirection(
        Rows(kind, four, more).direction(start or {}, backward),
        spaced(order),
        tuple(names.values()),
        0 if bias is None else 2,
        traits,
    )


def _keras(contents: FileContents, hints: Hints) -> Iterator[Stack]:
    modules: dict[str, dict[bool, LayerDirection]] = {}
    notes: list[str] = []
    for prefix, names in _grouped(contents, _KERAS, "recurrent_kernel").items():
        if "kernel" not in names:
            raise FileError(f"{contents.path}: {shown(names['recurrent_kernel'])}: its kernel is missing")
        arrays = {part: contents.tensors[name] for part, name in names.items()}
        ranks = {arrays[part].ndim for part in ("kernel", "recurrent_kernel")}
        if min(ranks) > 2:
            continue  # of a recurrent convolution
        if ranks != {2}:
            part = "kernel" if arrays["kernel"].ndim != 2 else "recurrent_kernel"
            name, shape = shown(names[part]), arrays[part].shape
            raise FileError(f"{contents.path}: {name}: expected two dimensions, got shape {shape}")
        match = _WAY.fullmatch(prefix)
        backward = bool(match and match["way"] == "backward")
        kind = _keras_kind(contents.path, names["recurrent_kernel"], arrays["recurrent_kernel"])
        special: dict[str, Any] = {}
        if kind == "GRU":
            special = {"reset_after": "bias" not in arrays or arrays["bias"].ndim == 2}
            if "bias" not in arrays:
                notes.append("reset gate after the product assumed, as Keras has it by default")
        if kind == "RNN" and hints.activation:
            special = {"activation": Activation.named(hints.activation)}
        if kind != "RNN" and contents.metadata.get("recurrent_activation") == "hard_sigmoid":
            special["gate"] = Activation("hard_sigmoid", 0.2, 0.5)  # of the versions of Keras that the reader tells by
        direction = keras_direction(contents.path, names, arrays, kind, backward, special)
        modules.setdefault(_without_way(prefix), {})[backward] = direction
    links = [
        Module(prefix, (tuple(ways[way] for way in (False, True) if way in ways),)) for prefix, ways in modules.items()
    ]
    alone = [link for link in links if len(links) > 1 and link.name == hints.roles.get("rnn", "").rstrip("._/")]
    stacks = chained(links)
    if alone and not any(stack.name == alone[0].name for stack in stacks):
        stacks = chained(alone)  # a layer within a row of layers, by its own name
    yield from (_with(stack, notes, hints) for stack in stacks)


def _without_way(prefix: str) -> str:
    """Return what both directions of a layer have in common, without Keras' inner names of the cell."""
    match = _WAY.fullmatch(prefix)
    common = match["before"] if match and match["before"] else prefix
    return re.sub(r"[./][a-z_]*cell(_\d+)?$", "", common.rstrip("./"))


def _keras_kind(path: str, name: str, kernel: Array) -> str:
    """Return which cell has such a recurrent kernel ``(H, G·H)``."""
    return kind_of(path, name, kernel.shape[::-1], kernel.shape[0])


def keras_direction(
    path: str,
    names: Mapping[str, str],
    arrays: Mapping[str, Array],
    kind: str,
    backward: bool,
    special: Mapping[str, Any],
    traits: tuple[str, ...] = (),
) -> LayerDirection:
    """Build a cell from arrays in Keras' layout; see :func:`onnx_direction`.

    Raises:
        FileError: a tensor has a shape that does not fit.
    """
    width = arrays["recurrent_kernel"].shape[0]
    rows, order = len(GENERAL[kind].gate_letters) * width, GENERAL[kind].keras_order
    after = kind == "GRU" and bool(special.get("reset_after", True))
    shapes: dict[str, tuple[int, ...]] = {
        "kernel": (arrays["kernel"].shape[0], rows),
        "recurrent_kernel": (width, rows),
        "bias": (2, rows) if after else (rows,),
    }
    values = {part: numbers(path, names[part], value, shapes[part]) for part, value in arrays.items()}
    weight_ih, weight_hh = values["kernel"].T, values["recurrent_kernel"].T
    bias = values.get("bias")
    halves = (zeros(weight_hh), zeros(weight_hh))
    if bias is None:
        traits = (*traits, "no biases")
    else:
        halves = (bias[0], bias[1]) if after else (bias, zeros(weight_hh))
    four = [in_our_order(value, order, kind) for value in (weight_ih, weight_hh, *halves)]
    if kind == "GRU":
        traits = (*traits, f"reset gate {'after' if after else 'before'} the product")
    return LayerDirection(
        Rows(kind, four, special).direction({}, backward),
        spaced(order),
        tuple(names.values()),
        0 if bias is None else 1 + after,
        traits,
    )


def _with(stack: Stack, notes: list[str], hints: Hints) -> Stack:
    more = list(dict.fromkeys(notes))
    if any(cell.direction.cell.name == "RNN" for cell in stack.directions) and not hints.activation:
        more.append(TANH_ASSUMED)
    return Stack(stack.name, stack.layers, (*stack.notes, *more))
