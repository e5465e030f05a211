"""A recurrent layer whose arrays the user names: ``--map weight_ih=NAME --map weight_hh=NAME --gates ifgo``.

Sizes tell on which side the input stands, each matrix for itself; where they can't, and in which order the gates lie
where nobody says it, what was assumed is noted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.cells.variants import GENERAL, Activation
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import (
    KIND_OF,
    TANH_ASSUMED,
    Hints,
    LayerDirection,
    Rows,
    Stack,
    in_our_order,
    numbers,
    two_axes,
)
from lstm_ascii.errors import FileError, UsageError, argument
from lstm_ascii.language.typed import option

MATRICES = ("weight_ih", "weight_hh")
SIDE_BY_SIDE = ("weight_xh", "weight_hx")  # one matrix for input and state; which of them comes first
BIASES = ("bias", "bias_ih", "bias_hh")
STARTS = ("h0", "c0")
ROLES = (*MATRICES, *SIDE_BY_SIDE, *BIASES, *STARTS)
_RECURS = re.compile(r"(?i)rec|hh|hid|state|rnn|loop")
SYNONYMS = {"LSTM": {"c": "g", "a": "g", "j": "g", "u": "g"}, "GRU": {"h": "n", "c": "n", "g": "n", "u": "z"}}


def told(hints: Hints) -> bool:
    """Tell whether the reader names the arrays of a layer."""
    return any(role in hints.roles for role in ROLES)


def suggestion(contents: FileContents) -> str:
    """Return what the reader may say of two arrays whose sizes are those of a layer; empty if there are none."""
    shapes = {
        name: tensor.shape
        for name, tensor in contents.tensors.stored.items()
        if len(tensor.shape) == 2 and "float" in tensor.dtype and all(tensor.shape)
    }
    places, found = {name: place for place, name in enumerate(shapes)}, []
    for name, shape in shapes.items():
        width, rows = sorted(shape)
        recurs = rows in (3 * width, 4 * width) or (rows == width and _RECURS.search(name))
        reads = next((other for other, sizes in shapes.items() if other != name and rows in sizes), "")
        if recurs and reads and width > 1:
            found.append((not _RECURS.search(name), places[reads] > places[name], name, reads, rows, rows // width))
    if found:  # a name that says it comes first, and what reads the input before what reads the state
        _, _, name, reads, rows, gates = min(found)
        order = {3: "rzn", 4: "ifgo"}.get(gates, "")
        ordered = f" {argument('gates', order)}" if order else ""
        biases = "".join(_bias_of(contents, of, rows, role) for of, role in ((reads, "bias_ih"), (name, "bias_hh")))
        return (
            f"if {shown(reads)} and {shown(name)} are one by other names, {option('roles', f'weight_ih={reads}')} "
            f"{option('roles', f'weight_hh={name}')}{biases}{ordered} says so"
        )
    return _suggested_side_by_side(contents, shapes)


def _bias_of(contents: FileContents, matrix: str, rows: int, role: str) -> str:
    """Return what names the bias beside a matrix, if there is one."""
    bias = matrix.replace("weight", "bias").replace("kernel", "bias")
    stored = contents.tensors.stored.get(bias)
    if bias == matrix or stored is None or stored.shape != (rows,):
        return ""
    return f" {option('roles', f'{role}={bias}')}"


def _suggested_side_by_side(contents: FileContents, shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Return what the reader may say of one matrix for input and state, of which another reads the outputs."""
    for name, (rows, columns) in shapes.items():
        width = rows // 4
        read = any(other != name and sizes[1] == width for other, sizes in shapes.items())
        if rows % 4 == 0 and columns > width and read:
            return (
                f"if {shown(name)} holds the gates for input and state side by side, "
                f"{option('roles', f'weight_xh={name}')}{_bias_of(contents, name, rows, 'bias')} "
                f"{argument('gates', 'ifgo')} says so (weight_hx where the state comes first)"
            )
    return ""


def told_stack(contents: FileContents, hints: Hints) -> Stack:
    """Return the layer that the reader names.

    Raises:
        FileError: a tensor is not there, or has a shape that does not fit.
        UsageError: a matrix is not named, or the gates are no cell's.
    """
    names = {role: _named(contents, role, hints.roles[role]) for role in ROLES if role in hints.roles}
    both = [role for role in SIDE_BY_SIDE if role in names]
    if both and (len(both) > 1 or any(role in names for role in MATRICES)):
        raise UsageError(f"{both[0]} is both matrices side by side; leave the others out", "roles")
    for role in MATRICES if not both else ():
        if role not in names:
            given = next(iter(names))
            raise UsageError(f"{given} is of a layer, of which {role} has to be named, too: {role}=TENSOR", "roles")
    notes: list[str] = []
    take = _parted if both else _matrices
    weight_ih, weight_hh, kind, left = take(contents, names, hints, notes)
    order = _order(hints.gates, kind, notes)
    rows, width = weight_hh.shape
    biases, count = _biases(contents, names, rows)
    special: dict[str, Any] = {}
    if kind == "GRU":
        after = count != 1 or not left
        special = {"reset_after": after}
        notes.append(f"reset gate {'after' if after else 'before'} the product assumed: arrays don't say it")
    if kind == "RNN" and hints.activation:
        special = {"activation": Activation.named(hints.activation)}
    elif kind == "RNN":
        notes.append(TANH_ASSUMED)
    stored = (weight_ih, weight_hh, *biases)
    four = stored if kind == "RNN" else [in_our_order(value, order, kind) for value in stored]
    start = {
        role[0]: numbers(contents.path, names[role], _flat(contents, names[role], width), (width,))
        for role in STARTS
        if role in names
    }
    if "c" in start and kind != "LSTM":
        raise FileError(f"{contents.path}: {shown(names['c0'])}: an {kind} has no c to start from")
    if start:
        notes.append(f"starts at {' and '.join(shown(names[role]) for role in STARTS if role in names)}")
    direction = LayerDirection(
        Rows(kind, four, special).direction(start, backward=False),
        " ".join(order) if kind != "RNN" else "",
        tuple(names.values()),
        count,
        ("no biases",) if not count else (),
    )
    return Stack(names[both[0] if both else "weight_hh"], ((direction,),), tuple(notes))


def _named(contents: FileContents, role: str, name: str) -> str:
    """Return the name of a tensor that is there.

    Raises:
        FileError: there is none of that name.
    """
    if name in contents.tensors:
        return name
    some = [other for other in contents.tensors if name.rpartition(".")[2] in other][:4] or list(contents.tensors)[:4]
    there = ", ".join(map(shown, some))
    asked = f"{argument('roles')} {role}={shown(name)}"
    raise FileError(f"{contents.path}: {asked}: there is no such tensor; there are {there}, …")


def _matrix(contents: FileContents, name: str) -> Array:
    """Return a matrix in double precision, without axes of one place before it."""
    value = contents.tensors[name]
    while value.ndim > 2 and 1 in value.shape:
        value = np.squeeze(value, value.shape.index(1))
    return numbers(contents.path, name, two_axes(contents.path, name, value))


def _matrices(
    contents: FileContents, names: Mapping[str, str], hints: Hints, notes: list[str]
) -> tuple[Array, Array, str, bool]:
    """Return both matrices as ``(G·H, …)``, the kind of cell, and whether the input stands on the left."""
    weight_ih, weight_hh = (_matrix(contents, names[role]) for role in MATRICES)
    width, rows = sorted(weight_hh.shape)
    gates, rest = divmod(rows, width)
    wanted = f"{len(hints.gates)}" if hints.gates else "1, 3 or 4"
    if rest or gates not in KIND_OF or (hints.gates and gates != len(hints.gates)):
        raise FileError(
            f"{contents.path}: {shown(names['weight_hh'])}: expected {wanted} gates of one width (H by that many times "
            f"H), got shape {weight_hh.shape}"
        )
    if rows not in weight_ih.shape:
        raise FileError(
            f"{contents.path}: {shown(names['weight_ih'])}: expected {rows} rows or columns, as "
            f"{shown(names['weight_hh'])} has, got shape {weight_ih.shape}"
        )
    sides = [value.shape[1] == rows for value in (weight_ih, weight_hh) if value.shape[0] != value.shape[1]]
    left = sides[-1] if sides else False
    for role, value in zip(MATRICES, (weight_ih, weight_hh), strict=True):
        if value.shape[0] == value.shape[1]:
            side = "x @ W" if left else "W @ x"
            how = "as the other matrix has it" if sides else "as square matrices don't tell the side"
            notes.append(f"{shown(names[role])} is square: {side} assumed, {how}")
    turned = [value.T if _lies(value, rows, left) else value for value in (weight_ih, weight_hh)]
    return turned[0], turned[1], KIND_OF[gates], left


def _parted(
    contents: FileContents, names: Mapping[str, str], hints: Hints, notes: list[str]
) -> tuple[Array, Array, str, bool]:
    """Return the parts of a matrix that reads input and state side by side, as :func:`_matrices` does."""
    role = next(role for role in SIDE_BY_SIDE if role in names)
    name, gates = names[role], len(hints.gates)
    if gates not in KIND_OF:
        raise UsageError(f"has to say the gates of {shown(name)}, as input and state share it: ifgo, rzn or h", "gates")
    value = _matrix(contents, name)
    ways = {left: value.T if left else value for left in (False, True)}
    fit = [left for left, (rows, columns) in ((left, way.shape) for left, way in ways.items())
           if rows % gates == 0 and columns > rows // gates]  # fmt: skip
    biases = {contents.tensors.stored[names[of]].shape[-1] for of in BIASES if of in names}
    fit = [left for left in fit if len(ways[left]) in biases] or fit
    if not fit:
        raise FileError(
            f"{contents.path}: {shown(name)}: expected {gates} gates of one width, and more columns than that, got "
            f"shape {value.shape}"
        )
    if len(fit) > 1:
        notes.append(f"{shown(name)}: W @ x assumed, as its shape {value.shape} allows both sides")
    weight = ways[fit[0]]
    width, first = len(weight) // gates, role == "weight_xh"
    cut = weight.shape[1] - width if first else width
    parts = weight[:, :cut], weight[:, cut:]
    return (*(parts if first else parts[::-1]), KIND_OF[gates], fit[0])


def _lies(value: Array, rows: int, left: bool) -> bool:
    """Tell whether a matrix has its gates side by side, not one below the other."""
    return left if value.shape[0] == value.shape[1] else value.shape[1] == rows


def _order(gates: str, kind: str, notes: list[str]) -> str:
    """Return the order of the gates in our letters.

    Raises:
        UsageError: they are not those of the cell.
    """
    letters = "".join(GENERAL[kind].gate_letters) if kind != "RNN" else "h"
    if not gates:
        if kind != "RNN":
            spaced, example = " ".join(letters), letters[::-1]
            notes.append(f"gates in the order {spaced} assumed, as PyTorch has them; --gates {example} for another")
        return letters
    others = {other: own for other, own in SYNONYMS.get(kind, {}).items() if other not in letters}
    renamed = "".join(others.get(letter, letter) for letter in gates)
    if sorted(renamed) != sorted(letters):
        raise UsageError(f"expected the letters {letters} of an {kind} in the order of the file, got {gates}", "gates")
    return renamed


def _biases(contents: FileContents, names: Mapping[str, str], rows: int) -> tuple[list[Array], int]:
    """Return both biases ``(G·H,)``, and how many there are."""
    zero = np.zeros(rows)
    if "bias" in names:
        name = names["bias"]
        value = contents.tensors[name]
        if "bias_ih" in names or "bias_hh" in names:
            raise UsageError("bias is both; leave bias_ih and bias_hh out", "roles")
        if value.size == 2 * rows:  # one below the other, or one after the other
            halves = numbers(contents.path, name, value).reshape(2, rows)
            return [halves[0], halves[1]], 2
        return [numbers(contents.path, name, _flat(contents, name, rows), (rows,)), zero], 1
    found = [
        numbers(contents.path, names[role], _flat(contents, names[role], rows), (rows,)) if role in names else zero
        for role in ("bias_ih", "bias_hh")
    ]
    return found, sum(role in names for role in ("bias_ih", "bias_hh"))


def _flat(contents: FileContents, name: str, length: int) -> Array:
    """Return a row of numbers, whatever axes of one place it has.

    Raises:
        FileError: it has another length.
    """
    value = contents.tensors[name]
    if prod(value.shape) != length or length not in value.shape:
        raise FileError(f"{contents.path}: {shown(name)}: expected shape ({length},), got {value.shape}")
    return value.reshape(-1)
