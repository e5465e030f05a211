"""Recurrent layers by the array names of other libraries, with all gates in one array.

Names say which library it was, and so in which order the gates lie and on which side the input stands; of some that
share their names sizes tell which it is.

Sources: mlx.nn, gluon (MXNet), AllenNLP, haiku: their documentation and reference code; Theano's tutorial
(deeplearning.net/tutorial/lstm.html); Stanford's CS231n; Goodfellow et al., Deep Learning, 10.2; TensorFlow 1's
``BasicLSTMCell``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.cells.variants import Activation
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
    two_axes,
    zeros,
)
from lstm_ascii.errors import FileError
from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class _Convention:
    """How one library names and lays out the arrays of a cell.

    Attributes:
        pattern: of a tensor's name, with a group ``prefix``, perhaps ``way`` (``r`` reads backward), and one group for
            each part, ``ih``, ``hh``, ``both`` (the input beside the state), ``bias``, ``bias_hh``, ``bias_n``.
        orders: of the gates, by kind of cell.
        left: whether the input stands on the left (x @ W), so that each gate is a block of columns.
        state_first: whether the state stands before the input, where one array is for both.
        forget: what is added to the forget gate when it is computed.
        inverted: whether 1 − z, and not z, keeps the old state of a GRU.
        resets_after: whether the reset gate of a GRU comes after the product.
        by_shape: whether only sizes tell this one from another of the same names.
        beside: what the name of a tensor beside these must end with; empty for none.
        without: what it must not end with.
    """

    pattern: re.Pattern[str]
    orders: Mapping[str, str]
    left: bool = False
    forget: float = 0.0
    inverted: bool = False
    resets_after: bool = True
    by_shape: bool = False
    beside: str = ""
    without: str = ""


_TORCH_ORDERS = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "h"}
_START = r"(?P<prefix>(?:.*[./_])?)"
# of programs written by hand: what reads the input, what reads the state
LINEAR = (
    ("x2h", "h2h"), ("i2h", "h2h"), ("linear_ih", "linear_hh"), ("ih", "hh"), ("W_ih", "W_hh"), ("fc_ih", "fc_hh"),
    ("input_to_hidden", "hidden_to_hidden"), ("linear_x", "linear_h"), ("Wx", "Wh"), ("W_x", "W_h"), ("W", "U"),
)  # fmt: skip
CONVENTIONS = (
    _Convention(  # CS231n's assignments
        re.compile(rf"{_START}(?:(?P<ih>Wx)|(?P<hh>Wh)|(?P<bias>bias|b))"),
        {"LSTM": "ifog", "RNN": "h"}, left=True, by_shape=True,
    ),
    _Convention(  # mlx
        re.compile(rf"{_START}(?:(?P<ih>Wx)|(?P<hh>Wh)|(?P<bias>bias|b)|(?P<bias_n>bhn))"), _TORCH_ORDERS
    ),
    *(
        _Convention(  # linear layers that hold all gates
            re.compile(
                rf"{_START}(?:(?P<ih>{ih}\.weight)|(?P<hh>{hh}\.weight)|(?P<bias>{ih}\.bias)|(?P<bias_hh>{hh}\.bias))"
            ),
            _TORCH_ORDERS,
        )
        for ih, hh in LINEAR
    ),
    *(
        _Convention(  # Elman's and Goodfellow's letters: h = tanh(U x + W h + b), V beside them
            re.compile(rf"{_START}(?:(?P<ih>U)|(?P<hh>W)|(?P<bias>b))"),
            {"RNN": "h"}, left=left, by_shape=True, beside="V",
        )
        for left in (False, True)
    ),
    _Convention(  # flax' SimpleCell
        re.compile(
            r"(?P<prefix>(?:.*[./])?)(?:(?P<ih>i[./]kernel)|(?P<hh>h[./]kernel)|(?P<bias>i[./]bias)"
            r"|(?P<bias_hh>h[./]bias))"
        ),
        {"RNN": "h"}, left=True,
    ),
    _Convention(  # TensorFlow 1
        re.compile(r"(?P<prefix>(?:.*/)?(?:basic_)?lstm_cell)/(?:(?P<both>kernel|weights)|(?P<bias>bias|biases))(?::0)?"),
        {"LSTM": "igfo"}, left=True, forget=1.0, without="recurrent_kernel",
    ),
    _Convention(  # mlx' RNN
        re.compile(rf"{_START}(?:(?P<ih>Wxh)|(?P<hh>Whh)|(?P<bias>bias))"), {"RNN": "h"}, beside="bias"
    ),
    _Convention(  # Theano's tutorial
        re.compile(r"(?P<prefix>(?:.*[./_])?lstm)_(?:(?P<ih>W)|(?P<hh>U)|(?P<bias>b))"), {"LSTM": "ifog"}, left=True
    ),
    _Convention(  # AllenNLP, ELMo
        re.compile(
            rf"{_START}(?:(?P<ih>input_linearity\.weight)|(?P<hh>state_linearity\.weight)"
            r"|(?P<bias>input_linearity\.bias)|(?P<bias_hh>state_linearity\.bias))"
        ),
        {"LSTM": "ifgo"},
    ),
    _Convention(  # gluon
        re.compile(
            r"(?P<prefix>(?:.*?[./_])?)(?P<way>[lr])(?P<layer>\d+)_(?:(?P<ih>i2h_weight)|(?P<hh>h2h_weight)"
            r"|(?P<bias>i2h_bias)|(?P<bias_hh>h2h_bias))"
        ),
        _TORCH_ORDERS,
    ),
    _Convention(  # haiku
        re.compile(r"(?P<prefix>(?:.*/)?[^/]*lstm[^/]*)/(?:~/)?linear[/.](?:(?P<both>w)|(?P<bias>b))"),
        {"LSTM": "igfo"}, left=True, forget=1.0,
    ),
    _Convention(
        re.compile(r"(?P<prefix>(?:.*/)?[^/]*gru[^/]*)[/.](?:(?P<ih>w_i)|(?P<hh>w_h)|(?P<bias>b))"),
        {"GRU": "zrn"}, left=True, inverted=True, resets_after=False,
    ),
)  # fmt: skip


def convention_stacks(contents: FileContents, hints: Hints) -> list[Stack]:
    """Return the recurrent layers whose arrays have the names of such a library or program.

    Raises:
        FileError: a tensor has a shape that does not fit.
    """
    modules: dict[str, dict[tuple[int, bool], LayerDirection]] = {}
    used: set[str] = set()
    for convention in CONVENTIONS:
        for place, names in _grouped(contents, convention).items():
            prefix, layer, backward = place
            if not used.isdisjoint(names.values()) or not _is_meant(contents, convention, names):
                continue
            used |= {*names.values()}
            modules.setdefault(prefix, {})[layer, backward] = _whole(contents, convention, names, backward, hints)
    links = [Module(prefix, _layers(cells)) for prefix, cells in modules.items()]
    return [_noted(stack, hints) for stack in chained(links)]


def _noted(stack: Stack, hints: Hints) -> Stack:
    """Say what the file could not say."""
    assumed = any(way.direction.cell.name == "RNN" for way in stack.directions) and not hints.activation
    return Stack(stack.name, stack.layers, (*stack.notes, TANH_ASSUMED)) if assumed else stack


def _layers(cells: Mapping[tuple[int, bool], LayerDirection]) -> tuple[tuple[LayerDirection, ...], ...]:
    """Return directions by layer."""
    return tuple(
        tuple(cells[number, way] for way in (False, True) if (number, way) in cells)
        for number in sorted({layer for layer, _ in cells})
    )


def _grouped(contents: FileContents, convention: _Convention) -> dict[tuple[str, int, bool], dict[str, str]]:
    """Return the names of tensors by part, for each cell that has matrices for input and state."""
    groups: dict[tuple[str, int, bool], dict[str, str]] = {}
    for name, tensor in contents.tensors.stored.items():
        if (match := convention.pattern.fullmatch(name)) and "float" in tensor.dtype:
            said = match.groupdict()
            place = match["prefix"].rstrip("./_"), int(said.get("layer") or 0), said.get("way") == "r"
            part = next(part for part in ("ih", "hh", "both", "bias", "bias_hh", "bias_n") if said.get(part))
            groups.setdefault(place, {})[part] = name
    return {place: names for place, names in groups.items() if {"ih", "hh"} <= names.keys() or "both" in names}


def _is_meant(contents: FileContents, convention: _Convention, names: Mapping[str, str]) -> bool:
    """Tell whether it is this convention, where names alone don't say it."""
    stored = contents.tensors.stored
    module = re.sub(r"[^./]*$", "", re.sub(r":0$", "", next(iter(names.values()))))
    for ending, wanted in ((convention.beside, True), (convention.without, False)):
        if ending and any(name.startswith(module + ending) for name in stored) != wanted:
            return False
    if not convention.by_shape or "both" in names:
        return True
    ih, hh = (stored[names[part]].shape for part in ("ih", "hh"))
    if len(ih) != 2 or len(hh) != 2 or not all(hh):
        return False
    if hh[0] != hh[1]:
        return (hh[1] > hh[0]) == convention.left
    return ih[1 if convention.left else 0] == hh[0] and (not convention.left or ih[0] != hh[0])


def _row(contents: FileContents, name: str, length: int) -> Array:
    """Return a bias ``(length,)``; as a row or a column, it may have an axis of 1."""
    value = contents.tensors[name]
    if value.size != length or sorted(value.shape)[:-1] not in ([], [1]):
        raise FileError(f"{contents.path}: {shown(name)}: expected shape ({length},), got {value.shape}")
    return numbers(contents.path, name, value.reshape(-1))


def _whole(
    contents: FileContents, convention: _Convention, names: Mapping[str, str], backward: bool, hints: Hints
) -> LayerDirection:
    """Build a cell of matrices that hold all its gates."""
    path = contents.path
    matrices = {
        part: numbers(path, names[part], two_axes(path, names[part], contents.tensors[names[part]]))
        for part in ("ih", "hh", "both")
        if part in names
    }
    turned = {part: value.T if convention.left else value for part, value in matrices.items()}
    if "both" in turned:  # (G·H, D + H), the input before the state
        gates = len(next(iter(convention.orders.values())))
        width, rest = divmod(len(turned["both"]), gates)
        inputs = turned["both"].shape[1] - width
        if rest or inputs < 1:
            raise FileError(f"{path}: {shown(names['both'])}: no LSTM has shape {matrices['both'].shape}")
        weight_ih, weight_hh = turned["both"][:, :inputs], turned["both"][:, inputs:]
        label = names["both"]
    else:
        weight_hh, label = turned["hh"], names["hh"]
        weight_ih = turned["ih"]
    kind = kind_of(path, label, weight_hh.shape, weight_hh.shape[1])
    if kind not in convention.orders:
        raise FileError(f"{path}: {shown(label)}: expected {' or '.join(convention.orders)}, got {kind} by its shape")
    numbers(path, names.get("ih", label), weight_ih, (len(weight_hh), weight_ih.shape[1]))
    biases = [
        _row(contents, names[part], len(weight_hh)) if part in names else zeros(weight_hh)
        for part in ("bias", "bias_hh")
    ]
    four = [weight_ih, weight_hh, *biases]
    if kind != "RNN":
        four = [in_our_order(value, convention.orders[kind], kind) for value in four]
    return _direction(contents, convention, kind, four, names, backward, hints)


def _direction(
    contents: FileContents,
    convention: _Convention,
    kind: str,
    four: list[Array],
    names: Mapping[str, str],
    backward: bool,
    hints: Hints,
) -> LayerDirection:
    """Build a cell of its four arrays in our order, with what the library computes in its own way."""
    width, traits = four[1].shape[1], []
    if kind == "LSTM" and convention.forget:
        four[2] = four[2].copy()
        four[2][width : 2 * width] += convention.forget
        traits.append(f"{convention.forget:g} added to the forget gate")
    if kind == "GRU" and convention.inverted:  # σ(−a) = 1 − σ(a)
        four = [np.concatenate([value[:width], -value[width : 2 * width], value[2 * width :]]) for value in four]
        traits.append("1 − z keeps the state")
    if "bias_n" in names:
        four[3] = four[3].copy()
        four[3][2 * width :] += _row(contents, names["bias_n"], width)
    special: dict[str, Any] = {}
    if kind == "GRU":
        special = {"reset_after": convention.resets_after}
        traits.append(f"reset gate {'after' if convention.resets_after else 'before'} the product")
    if kind == "RNN" and hints.activation:
        special = {"activation": Activation.named(hints.activation)}
    count = sum(part in names for part in ("bias", "bias_hh"))
    if not count:
        traits.append("no biases")
    order = convention.orders[kind] if kind != "RNN" else ""
    return LayerDirection(
        Rows(kind, four, special).direction({}, backward), " ".join(order), tuple(names.values()), count, tuple(traits)
    )
