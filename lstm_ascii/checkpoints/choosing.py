"""Choosing the parts of the network: those that belong together, and the likeliest of several."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import FileContents, Stored
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import Head, Hints, Matrix, NetworkParts, Stack
from lstm_ascii.errors import FileError, UsageError, argument
from lstm_ascii.language.typed import option
from lstm_ascii.mapped import release

NONE = "none"  # what a role is where there is nothing for it
ONE_HOT = "one-hot"  # what an embedding is where the reader says that words are read so
MOST_ONE_HOT = 4096  # values read at once where words may come as vectors with a single 1
ROWS_AT_ONCE = 4096  # of a table that is examined as a whole
SAMPLE = 64  # rows by which two tables are told to be the same


def not_finite(network_parts: NetworkParts) -> list[str]:
    """Return a tensor's name of each layer, and of the decoder, that holds NaN or infinities, safe to print.

    The embedding is left out: only a few of its rows are ever looked up, and a look at all would read the file.
    """
    broken = []
    for layer in network_parts.stack.directions if network_parts.stack else ():
        values = [*layer.direction.cell.parameters.values(), *layer.direction.start.values()]
        if not all(map(_is_finite, values)):
            broken.append(f"the layer of {shown(layer.tensors[0])}")
    parts = (network_parts.decoder_weight, network_parts.decoder_bias)
    return [*broken, *(shown(part.name) for part in parts if part is not None and not _is_finite(part.value))]


def _is_finite(value: Array) -> bool:
    """Look at all numbers, some rows at a time: a decoder may be larger than all else."""
    for begin in range(0, len(value), ROWS_AT_ONCE):
        if not np.isfinite(value[begin : begin + ROWS_AT_ONCE]).all():
            return False
        release(value)
    return True


def with_answer(
    stack: Stack,
    embedding: Matrix | None,
    decoder: tuple[Matrix | None, Matrix | None],
    head: Callable[[list[str]], Head | None],
    hints: Hints,
    words: int | None,
    notes: Sequence[str],
) -> NetworkParts:
    """Put together what a graph says: a language model where its outputs are words, else what they are.

    Outputs are words where there is a row for each that the embedding has, or that the reader named; sizes alone make
    none.

    Args:
        stack: the recurrent layers.
        embedding: that the graph looks words up in.
        decoder: weight and bias of the dense layer that comes next, if it is the last.
        head: follows the way to the answer; adds what it has to say.
        hints: what the reader says by hand.
        words: how many there are, where that was told.
        notes: what was said so far.

    Raises:
        FileError: the reader says something about tensors whose parts the graph tells.
    """
    messages = list(notes)
    _check_roles(hints)
    weight, bias = decoder
    role = hints.roles.get("embedding")
    if role == NONE:
        embedding = None
    if embedding is None and (role == ONE_HOT or (role is None and words == stack.input_size <= MOST_ONE_HOT)):
        embedding = Matrix("", np.eye(stack.input_size))
        messages.append("words are read as vectors with a single 1 (one-hot)")
    rows = words if embedding is None else len(embedding.value)
    if hints.roles.get("decoder.weight") == NONE:
        return NetworkParts(stack, embedding, notes=(*stack.notes, *messages))
    if weight is None or len(weight.value) != rows:
        from lstm_ascii.checkpoints.heads import ended

        other = ended(None if hints.roles.get("head") == NONE else head(messages), hints.head)
        return NetworkParts(stack, embedding, head=other, notes=(*stack.notes, *messages))
    if hints.head:
        raise UsageError("the file says itself what its layers do, and its outputs are words; leave it out", "head")
    is_tied = same_matrix(embedding, weight)
    return NetworkParts(stack, embedding, weight, bias, is_tied, notes=(*stack.notes, *messages))


def _check_roles(hints: Hints) -> None:
    """Refuse what is said about tensors that the graph tells."""
    if hints.ignored:
        asked = f"{argument('roles')} ignore={shown(hints.ignored[0])}"
        raise FileError(f"{asked}: the file says itself what its tensors are")
    for role, name in hints.roles.items():
        if role != "rnn" and name != NONE and (role, name) != ("embedding", ONE_HOT):
            reason = "the file says itself what its tensors are; only none can be said"
            raise FileError(f"{argument('roles')} {role}={shown(name)}: {reason}")


def same_matrix(embedding: Matrix | None, decoder: Matrix | None) -> bool:
    """Tell whether embedding and decoder are one matrix, however often the file holds it."""
    if embedding is None or decoder is None or not embedding.name or embedding.value.shape != decoder.value.shape:
        return False
    return embedding.name == decoder.name or same_rows(embedding.value, decoder.value)


def same_rows(table: Array, other: Array) -> bool:
    """Tell whether two tables of the same shape hold the same numbers, by a sample of their rows.

    One row at a time: with each, the system maps megabytes of the file around it.
    """
    for row in np.linspace(0, len(table) - 1, min(SAMPLE, len(table))).astype(int):
        if not np.array_equal(table[row], other[row], equal_nan=True):
            return False
        release(table)
        release(other)
    return True


def best_candidate(contents: FileContents, candidates: Sequence[NetworkParts], hints: Hints) -> NetworkParts:
    """Return the network that has most of embedding and decoder, or the one that the reader names.

    Raises:
        FileError: there are several as good, or none of that name.
    """
    role = hints.roles.get("rnn")
    if role is not None:
        matches = [
            candidate for candidate in candidates if candidate.stack and candidate.stack.name == role.rstrip("._/")
        ]
        if not matches:
            names = "; ".join(str(candidate.stack) for candidate in candidates)
            wanted = f"{argument('roles')} rnn={shown(role)}"
            raise FileError(f"{contents.path}: {wanted}: no such layers; there are {names}")
        candidates = matches
    fits = [
        (candidate.decoder_weight is not None or candidate.head is not None) + (candidate.embedding is not None)
        for candidate in candidates
    ]
    best = [candidate for candidate, fit in zip(candidates, fits, strict=True) if fit == max(fits)]
    if len(best) > 1:
        names = "; ".join(str(candidate.stack) for candidate in best)
        called = next((one.stack.name for one in best if one.stack and one.stack.name), "NAME")
        choose = f"choose with {option('roles', f'rnn={called}')}, or another name"
        raise FileError(f"{contents.path}: several recurrent networks: {names}; {choose}")
    others = "; ".join(str(candidate.stack) for candidate in candidates if candidate is not best[0])
    if not others or best[0].stack is None:
        return best[0]
    name = shown(best[0].stack.name)
    note = f"of several networks {name} was taken, and starts at zero; --map rnn=NAME takes another: {others}"
    return replace(best[0], notes=(note, *best[0].notes))


def biases_beside(name: str, tensors: Mapping[str, Stored]) -> list[str]:
    """Return what may be a matrix's bias by its name: ``x.bias`` of ``x.weight``, ``by`` of ``Why``, ``b`` of ``U``."""
    leaf = _leaf(name)
    module = name[: len(name) - len(leaf)]
    own = re.fullmatch(r"[WUV](_?)\w*?(\w?)", leaf)
    names = [f"{module}bias", f"{module}bias:0", *([f"{module}b{own[1]}{own[2]}"] if own else [])]
    return [bias for bias in names if bias in tensors]


def is_row(shape: tuple[int, ...], length: int) -> bool:
    """Tell whether a bias has such a length; in programs written by hand it may be a column."""
    return prod(shape) == length and len(shape) <= 2 and length in shape


def lies_on_its_side(name: str, tensors: Mapping[str, Stored]) -> bool:
    """Tell whether a matrix has a column, not a row, for each value that it gives: Keras', or as its bias tells."""
    leaf, shape = _leaf(name), tensors[name].shape
    if leaf in ("kernel", "kernel:0", "weight") or len(shape) != 2:
        return leaf.startswith("kernel")
    return any(prod(tensors[bias].shape) == shape[1] != shape[0] for bias in biases_beside(name, tensors))


def _leaf(name: str) -> str:
    """Return the last part of a name."""
    return re.split(r"[./]", name)[-1]
