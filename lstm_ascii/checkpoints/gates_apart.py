"""Recurrent layers with one matrix for each gate, as in lecture notes, hand-written programs and flax.

Known are ``W_xi``, ``W_hi``, ``b_i`` and ``Wxh``, ``Whh``, ``bh`` (a matrix for the input, one for the state); ``W_i``,
``U_i``, ``b_i``, also as linear layers; ``Wi``, ``bi`` alone (one matrix for state and input together); and flax'
``ii.kernel``, ``hi.kernel``, ``hi.bias``. Sizes tell on which side the input stands, unless all are square; what was
assumed is noted.

Sources: Karpathy, min-char-rnn; Zhang et al., Dive into Deep Learning; ``flax.linen.recurrent``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field

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
    numbers,
    two_axes,
)
from lstm_ascii.errors import FileError
from lstm_ascii.records import dataclass

INPUT, STATE, BOTH = "x", "h", "hx"  # what a matrix reads
_GATES = {"LSTM": frozenset("ifgo"), "GRU": frozenset("rzn"), "RNN": frozenset("h")}
_START = r"(?P<prefix>(?:.*[./_])?)"
_LEAF = r"(?:[./](?P<leaf>weight|bias))?"
_FLAX = re.compile(r"(?P<prefix>(?:.*[./])?)(?P<source>[ih])(?P<gate>[ifgorzn])[./](?P<leaf>kernel|bias)")
# gates by words; what they read stands behind, where it is not both
_WORDS = {
    "i": "input_?gate|in_?gate", "f": "forget_?gate", "o": "output_?gate|out_?gate", "r": "reset_?gate",
    "z": "update_?gate", "g": "cell_?gate|cell_?candidate|candidate_?cell|cell_?state|cell|modulation_?gate|input_?node"
    "|candidate(?:_?gate|_?state|_?memory)?|new_?gate|new_?memory|hidden_?candidate",
}  # fmt: skip
_NAMED = (
    re.compile(rf"{_START}(?:[Ww](?P<apart>_?)(?P<source>[xh])_?|b_?)(?P<gate>[ifgocCrznh])"),
    re.compile(rf"{_START}(?P<source>[WUb])_?(?P<gate>[ifgocCrznh]){_LEAF}"),
    re.compile(rf"{_START}(?:[Ww]_?|(?P<of>b)_?)(?P<source>[ixh])_?(?P<gate>[ifgocCrznh]){_LEAF}"),
    re.compile(rf"{_START}(?:[Ww]_?|(?P<of>b)_?)(?P<gate>[ifgocCrznh])_?(?P<source>[xh])?{_LEAF}"),
    re.compile(rf"{_START}(?P<source>[ixh])_?(?P<gate>[ifgocCrzn])[./](?P<leaf>weight|bias)"),
    re.compile(
        rf"{_START}(?:[Ww]_|linear_|fc_)?(?:{'|'.join(f'(?P<word_{gate}>{words})' for gate, words in _WORDS.items())})"
        rf"(?:_(?P<source>[xih]))?[./_](?P<leaf>weight|bias)"
    ),
)

_Key = tuple[str, str]  # what is read, and the gate


@dataclass
class _Cell:
    """The arrays of one cell by name.

    Attributes:
        matrices: by what they read and gate.
        biases: by what stands beside them and gate.
        left: whether the input stands on the left (x @ W), where sizes don't tell.
        said: whether names say so; else it is assumed.
        resets_after: whether the reset gate of a GRU comes after the product; flax says so, others nothing.
    """

    matrices: dict[_Key, str] = field(default_factory=dict)
    biases: dict[_Key, str] = field(default_factory=dict)
    left: bool = False
    said: bool = False
    resets_after: bool = False

    @property
    def kind(self) -> str:
        """``LSTM``, ``GRU`` or ``RNN``, where all its matrices are there and no other; else empty."""
        sources = {source for source, _ in self.matrices}
        if sources not in ({INPUT, STATE}, {BOTH}):
            return ""
        for kind, gates in _GATES.items():
            if kind == "RNN" and sources == {BOTH}:  # a matrix by one letter can be anything
                continue
            if self.matrices.keys() == {(source, gate) for source in sources for gate in gates}:
                return kind
        return ""


def apart_stacks(contents: FileContents, hints: Hints) -> list[Stack]:
    """Return the recurrent layers with a matrix a gate.

    Raises:
        FileError: a tensor has a shape that does not fit.
    """
    notes: dict[str, list[str]] = {}
    links = []
    for prefix, cell in _cells(contents).items():
        notes[prefix] = []
        links.append(Module(prefix, ((_direction(contents, cell, hints, notes[prefix]),),)))
    return [
        Stack(stack.name, stack.layers, (*stack.notes, *notes.get(stack.name, _all(notes)))) for stack in chained(links)
    ]


def _all(notes: Mapping[str, list[str]]) -> list[str]:
    """Return every note once."""
    return list(dict.fromkeys(note for some in notes.values() for note in some))


def _cells(contents: FileContents) -> dict[str, _Cell]:
    """Return the cells by the prefix of their names."""
    found: dict[str, _Cell] = {}
    used: set[str] = set()
    for pattern in (_FLAX, *_NAMED):
        cells: dict[str, _Cell] = {}
        for name, tensor in contents.tensors.stored.items():
            if "float" in tensor.dtype and (match := pattern.fullmatch(name)):
                cell = cells.setdefault(match["prefix"].rstrip("./_"), _Cell())
                _take(cell, name, pattern is _FLAX, match.groupdict())
        for prefix, cell in cells.items():
            _call_by_letter(cell)
            names = {*cell.matrices.values(), *cell.biases.values()}
            if cell.kind and used.isdisjoint(names):
                found.setdefault(prefix, cell)
                used |= names
    return found


def _take(cell: _Cell, name: str, flax: bool, said: Mapping[str, str | None]) -> None:
    """Put a tensor where its name says that it belongs."""
    leaf, gate = said.get("leaf"), said.get("gate") or _gate_of(said)
    source = said["source"] or ("W" if "of" in said or "word_i" in said else "b")
    if source == "i":
        source = INPUT
    if flax:
        source, cell.left, cell.said, cell.resets_after = (INPUT if source == INPUT else STATE), True, True, True
    cell.left = cell.left or said.get("apart") == "_"  # W_xi, as those write it who have x @ W_xi
    cell.said = cell.said or leaf == "weight"  # a linear layer of PyTorch
    kept = cell.biases if source == "b" or leaf == "bias" or said.get("of") else cell.matrices
    kept[source, gate] = name


def _gate_of(said: Mapping[str, str | None]) -> str:
    """Return the letter of a gate that is named by a word."""
    return next((part[-1] for part, text in said.items() if part.startswith("word_") and text), "")


def _call_by_letter(cell: _Cell) -> None:
    """Give sources and gates our letters: W reads the input where U reads the state, and both where it is alone."""
    gates, sources = {gate for _, gate in cell.matrices}, {source for source, _ in cell.matrices}
    letters = {"c": "g", "C": "g"} if "r" not in gates else {"h": "n", "c": "n", "C": "n", "g": "n"}
    called = {"W": INPUT if "U" in sources else BOTH, "U": STATE, "b": BOTH}
    for kept in (cell.matrices, cell.biases):
        renamed = {(called.get(source, source), letters.get(gate, gate)): name for (source, gate), name in kept.items()}
        kept.clear()
        kept.update(renamed)


def _direction(contents: FileContents, cell: _Cell, hints: Hints, notes: list[str]) -> LayerDirection:
    """Build a cell, and note what was assumed."""
    kind, width = cell.kind, _width(contents, cell)
    letters = GENERAL[kind].gate_letters if kind != "RNN" else ("h",)
    parts: dict[str, list[Array]] = {INPUT: [], STATE: []}
    for letter in letters:
        for source, value in _sides(contents, cell, letter, width, notes):
            parts[source].append(value)
    if len({value.shape[1] for value in parts[INPUT]}) != 1:
        name = next(iter(cell.matrices.values()))
        raise FileError(f"{contents.path}: {shown(name)} and the other gates read inputs of several widths")
    biases = [np.concatenate([_bias(contents, cell, way, letter, width) for letter in letters]) for way in "xh"]
    special: dict[str, object] = {}
    if kind == "GRU":
        special = {"reset_after": cell.resets_after}
        if not cell.resets_after:
            notes.append("reset gate before the product, and z that keeps the state, assumed: names don't say it")
    if kind == "RNN":
        special = {"activation": Activation.named(hints.activation)} if hints.activation else {}
        if not hints.activation:
            notes.append(TANH_ASSUMED)
    four = [np.concatenate(parts[INPUT]), np.concatenate(parts[STATE]), *biases]
    return LayerDirection(
        Rows(kind, four, special).direction({}, backward=False),
        "",
        (*cell.matrices.values(), *cell.biases.values()),
        len({source for source, _ in cell.biases}),
        ("a matrix a gate",) if kind != "RNN" else (),
    )


def _width(contents: FileContents, cell: _Cell) -> int:
    """Return H: the state's matrices are square; of state and input together it is the smaller size."""
    source = STATE if cell.matrices.keys() & {(STATE, gate) for _, gate in cell.matrices} else BOTH
    name = next(name for (of, _), name in cell.matrices.items() if of == source)
    shape = contents.tensors.stored[name].shape
    if len(shape) != 2 or not all(shape) or (source == STATE and shape[0] != shape[1]):
        expected = "a square matrix" if source == STATE else "two dimensions"
        raise FileError(f"{contents.path}: {shown(name)}: expected {expected}, got shape {shape}")
    return int(min(shape))


def _sides(
    contents: FileContents, cell: _Cell, letter: str, width: int, notes: list[str]
) -> Iterator[tuple[str, Array]]:
    """Yield what a gate does with the input and with the state, ``(H, ...)``."""
    if (BOTH, letter) in cell.matrices:
        name = cell.matrices[BOTH, letter]
        value = _matrix(contents, name)
        value = value if len(value) == width else value.T
        if len(value) != width or value.shape[1] <= width:
            raise FileError(f"{contents.path}: {shown(name)}: expected {width} units and inputs, got {value.shape}")
        _note(notes, "[h; x] assumed, the state ahead of the input: sizes don't tell")
        yield STATE, value[:, :width]
        yield INPUT, value[:, width:]
        return
    names = {source: cell.matrices[source, letter] for source in (INPUT, STATE)}
    values = {source: _matrix(contents, name) for source, name in names.items()}
    left, shape = cell.left, values[INPUT].shape
    if shape[0] != shape[1]:
        left = shape[0] != width
    elif not cell.said:
        _note(notes, f"{'x @ W' if left else 'W @ x'} assumed: square matrices don't tell the side")
    for source, value in values.items():
        turned = value.T if left else value
        if len(turned) != width or (source == STATE and turned.shape[1] != width):
            raise FileError(f"{contents.path}: {shown(names[source])}: expected {width} units, got shape {value.shape}")
        yield source, turned


def _note(notes: list[str], text: str) -> None:
    """Note something once."""
    if text not in notes:
        notes.append(text)


def _matrix(contents: FileContents, name: str) -> Array:
    """Return a matrix in double precision."""
    return numbers(contents.path, name, two_axes(contents.path, name, contents.tensors[name]))


def _bias(contents: FileContents, cell: _Cell, source: str, letter: str, width: int) -> Array:
    """Return the bias of a gate beside what it reads; one for both is taken to stand beside the input."""
    name = cell.biases.get((source, letter)) or (cell.biases.get((BOTH, letter)) if source == INPUT else None)
    if name is None:
        return np.zeros(width)
    value = contents.tensors[name]
    if value.size != width or value.ndim > 2 or width not in value.shape:
        raise FileError(f"{contents.path}: {shown(name)}: expected shape ({width},), got {value.shape}")
    return numbers(contents.path, name, value.reshape(-1))
