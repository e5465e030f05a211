"""The embedding below the recurrent layers and the decoder or head above them, by names and shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.choosing import (
    MOST_ONE_HOT,
    NONE,
    ONE_HOT,
    best_candidate,
    biases_beside,
    is_row,
    lies_on_its_side,
    same_matrix,
    same_rows,
)
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.heads import Link, followed
from lstm_ascii.checkpoints.layers import Head, Hints, Matrix, NetworkParts, Stack
from lstm_ascii.checkpoints.torch_names import unwrapped
from lstm_ascii.errors import FileError, argument
from lstm_ascii.language.typed import option
from lstm_ascii.records import dataclass

# what people call the two, judged by the module that a tensor belongs to
_EMBEDDING = re.compile(r"emb|wte|lut|lookup|word_vec|token|(^|[._/])(encoder|E)$", re.IGNORECASE)
_DECODER = re.compile(
    r"decoder|out|fc|linear|lin\b|dense|head|proj|softmax|generator|classifier|logit|h2o|hidden2|vocab", re.IGNORECASE
)
# what reads outputs, but is no dense layer on the way to the answer
_NO_HEAD = re.compile(r"attn|attention|norm|conv|highway|(^|[._/])(query|key)([._/]|$)", re.IGNORECASE)
_ENCODER = re.compile(r"(^|[._/])enc", re.IGNORECASE)
MOST_NAMED = 6


@dataclass(frozen=True, eq=False)
class _Table:
    """A matrix that may be an embedding or a decoder, ``(rows, width)``."""

    name: str
    rows: int
    width: int
    transposed: bool  # Keras' kernels lie on their side
    bias: str  # the name of the bias beside it; empty without

    @property
    def module(self) -> str:
        """The name of the module it belongs to, or its own where that says more; numbers in a list say nothing."""
        module, _, leaf = self.name.replace("/", ".").rpartition(".")
        if leaf.removesuffix(":0") not in ("weight", "kernel"):
            return self.name
        return next((part for part in module.split(".")[::-1] if not part.isdigit()), "")

    def __str__(self) -> str:
        """Name it with its shape."""
        return f"{shown(self.name)} ({self.rows}, {self.width})"


def with_word_parts(contents: FileContents, stacks: Sequence[Stack], hints: Hints, words: int | None) -> NetworkParts:
    """Choose the stack, its embedding and its decoder.

    Args:
        contents: of the file.
        stacks: all recurrent layers found in it; at least one.
        hints: what the reader says by hand.
        words: the size of the vocabulary, where it is known.

    Raises:
        FileError: there are several ways to read the file and none is the best; or a hint names what is not there.
    """
    cell_tensors = {name for stack in stacks for name in stack.tensors}
    tables = [table for table in _tables(contents) if table.name not in cell_tensors]
    candidates = [
        _Fitting(contents, stack, tables, hints, words, [other for other in stacks if other is not stack]).recognised()
        for stack in _asked_for(stacks, hints)
    ]
    return replace(best_candidate(contents, candidates, hints), other=frozenset(cell_tensors))


def _asked_for(stacks: Sequence[Stack], hints: Hints) -> Sequence[Stack]:
    """Return the stack that the reader names, else all: parts are not looked for where nobody asks."""
    prefix = hints.roles.get("rnn")
    return [stack for stack in stacks if prefix is None or stack.name == prefix.rstrip("._/")] or stacks


def _tables(contents: FileContents) -> list[_Table]:
    """Return all matrices of real numbers, with the biases beside them."""
    tensors = contents.tensors.stored
    tables = []
    for name, tensor in tensors.items():
        if len(tensor.shape) != 2 or "float" not in tensor.dtype or 0 in tensor.shape:
            continue
        if 1 in tensor.shape and not name.endswith(("weight", "kernel", "kernel:0")):
            continue  # a bias as a column
        on_its_side = lies_on_its_side(name, tensors)
        rows, width = tensor.shape[::-1] if on_its_side else tensor.shape
        bias = next((bias for bias in biases_beside(name, tensors) if is_row(tensors[bias].shape, rows)), "")
        tables.append(_Table(name, rows, width, on_its_side, bias))
    return tables


@dataclass(frozen=True, eq=False)
class _Fitting:
    """The search for the parts of one stack."""

    contents: FileContents
    stack: Stack
    tables: Sequence[_Table]
    hints: Hints
    words: int | None
    others: Sequence[Stack]

    def recognised(self) -> NetworkParts:
        """Return the stack with its parts."""
        notes: list[str] = []
        embedding = self._embedding(notes)
        decoder = self._decoder(embedding)
        is_tied = False
        if decoder is None and embedding is not None and self._may_be_tied(embedding):
            decoder, is_tied = embedding, True
            notes.append(f"{shown(embedding.name)} taken for embedding and decoder (tied), as no other tensor fits")
        elif embedding is None and decoder is not None and "embedding" not in self.hints.roles:
            embedding, is_tied = self._tied_to(decoder, notes)
        vectors = None if embedding is None else Matrix(embedding.name, self._value(embedding))
        if vectors is None and self._one_hot():
            vectors = Matrix("", np.eye(self.stack.input_size))
            notes.append("words are read as vectors with a single 1 (one-hot)")
        weight = vectors  # of a tied pair, read once
        if decoder is not embedding:
            weight = None if decoder is None else Matrix(decoder.name, self._value(decoder))
            is_tied = same_matrix(vectors, weight)
        bias = None if decoder is None else self._bias(decoder, decoder is embedding)
        head = self._head(embedding, notes) if decoder is None else None
        return NetworkParts(self.stack, vectors, weight, bias, is_tied, head, notes=(*self.stack.notes, *notes))

    def _head(self, embedding: _Table | None, notes: list[str]) -> Head | None:
        """Return what else the outputs go through."""
        if NONE in (self.hints.roles.get("head"), self.hints.roles.get("decoder.weight")):
            return None
        tables = [table for table in self._dense(embedding) if self._is_mine(table) or self._is_asked(table)]
        links = [Link(table.name, table.rows, table.width, table.bias, partial(self._value, table)) for table in tables]
        head, said = followed(self.contents, self.stack, links, self.hints)
        notes.extend(said)
        notes.extend(
            f"{table} left out: it may as well be another network's; --map head=NAME takes it"
            for table in (self._dense(embedding) if head is None else ())
            if table.width == self.stack.output_size and not self._is_mine(table)
        )
        return head

    def _dense(self, embedding: _Table | None) -> list[_Table]:
        """Return the matrices that may be dense layers, by their names."""
        return [
            table
            for table in self.tables
            if table is not embedding and not _EMBEDDING.search(table.module) and not _NO_HEAD.search(table.name)
        ]

    def _is_asked(self, table: _Table) -> bool:
        return table.name == self.hints.roles.get("head")

    def _is_mine(self, table: _Table) -> bool:
        """Tell whether a matrix that reads outputs is this network's.

        One under another's prefix is that one's. One that is as near to several, which it would fit all, is a
        decoder's rather than an encoder's, and else nobody's: it can't be told.
        """
        near = _shared(table.name, self.stack.name)
        nearness = [(_shared(table.name, other.name), other) for other in self.others]
        if any(other_near > near for other_near, _ in nearness):
            return False
        rivals = [other for as_near, other in nearness if as_near == near and other.output_size == table.width]
        if rivals and table.width == self.stack.output_size:
            return not _ENCODER.search(self.stack.name) and all(_ENCODER.search(rival.name) for rival in rivals)
        return True

    def _is_under_another(self, table: _Table) -> bool:
        """Tell whether a matrix is under another network's prefix."""
        near = _shared(table.name, self.stack.name)
        return any(_shared(table.name, other.name) > near for other in self.others)

    def _embedding(self, notes: list[str]) -> _Table | None:
        """Return the table that words are looked up in."""
        if self.hints.roles.get("embedding") == ONE_HOT:
            return None
        if "embedding" in self.hints.roles:
            return self._asked("embedding", self.stack.input_size)
        own = [table for table in self.tables if not self._is_under_another(table)]
        fitting = [table for table in own if table.width == self.stack.input_size]
        named_tables = [table for table in fitting if _EMBEDDING.search(table.module)]
        if named_tables:
            return self._best("embedding", named_tables, lambda _: True)
        if self.words is None:  # by sizes alone, what adds the inputs to the answer would look the same
            return None
        others = [table for table in fitting if not table.bias and not _is_decoder(table) and table.rows == self.words]
        best = self._best("embedding", others, lambda _: True)
        if best is not None:
            notes.append(f"{best} taken for the embedding, by its sizes")
        return best

    def _decoder(self, embedding: _Table | None) -> _Table | None:
        """Return the table that names the next word."""
        if "decoder.weight" in self.hints.roles:
            return self._asked("decoder.weight", self.stack.output_size)
        if "head" in self.hints.roles or self.hints.head:  # said to be no choice of the next word
            return None
        others = [table for table in self._dense(embedding) if self._is_mine(table)]
        fitting = [table for table in others if table.width == self.stack.output_size]
        naming = [table for table in fitting if self._names_words(table, embedding)]
        if naming:
            return self._best("decoder.weight", naming, _is_decoder)
        for table in others:
            if embedding is not None and table.rows == embedding.rows and _is_decoder(table):
                if table in fitting:  # the vocabulary has more words than both have rows: said where they are counted
                    return table
                if any(link.rows == table.width for link in fitting):
                    break  # a chain
                raise FileError(
                    f"{self.contents.path}: {table} reads {table.width} values, but the layers give "
                    f"{self.stack.output_size}: what lies between is not known; "
                    f"{argument('roles')} decoder.weight=none leaves it out"
                )
        return None

    def _names_words(self, table: _Table, embedding: _Table | None) -> bool:
        """Tell whether a table has a row for each word."""
        if embedding is not None and self.words is None:
            return table.rows == embedding.rows
        if self.words is None:
            return False  # numbers come out, and nothing says that they are words
        return table.rows >= self.words and (embedding is None or abs(table.rows - embedding.rows) < self.words)

    def _one_hot(self) -> bool:
        """Tell whether words are read as one-hot vectors: the reader says so, or names as many as there are inputs."""
        role, width = self.hints.roles.get("embedding"), self.stack.input_size
        return role == ONE_HOT or (role is None and width == self.words and width <= MOST_ONE_HOT)

    def _may_be_tied(self, embedding: _Table) -> bool:
        """Tell whether the embedding could be the decoder, too: not where another matrix reads what the layers give.

        A classifier or a tagger names no next word; to take its embedding for a decoder would make up all it says. Nor
        do equal sizes alone make a decoder, as an encoder may have them: a bias with a number a word must be there.
        """
        if self.hints.roles.get("decoder.weight") == NONE or embedding.width != self.stack.output_size:
            return False
        if self.hints.head or "head" in self.hints.roles or _ENCODER.search(self.stack.name):
            return False
        tensors = self.contents.tensors.stored
        if not any(tensors[name].shape == (embedding.rows,) for name in tensors if name not in self.stack.tensors):
            return False
        others = [table for table in self.tables if table.rows != embedding.rows and table.width == embedding.width]
        return all(_EMBEDDING.search(table.module) for table in others)

    def _tied_to(self, decoder: _Table, notes: list[str]) -> tuple[_Table | None, bool]:
        """Return the decoder as the embedding, where the widths allow it and one-hot vectors are not likelier."""
        if decoder.width != self.stack.input_size or self.words is None or self._one_hot():
            return None, False
        notes.append(f"{shown(decoder.name)} taken for embedding and decoder (tied), as no other tensor fits")
        return decoder, True

    def _bias(self, decoder: _Table, is_tied: bool) -> Matrix | None:
        """Return the decoder's bias: the one beside it, or where it is tied the only other tensor of that length."""
        role = self.hints.roles.get("decoder.bias")
        tensors = self.contents.tensors.stored
        if role == NONE:
            return None
        if role is not None:
            if role not in tensors or tensors[role].shape != (decoder.rows,):
                shape = tensors[role].shape if role in tensors else "no such tensor"
                raise FileError(f"{self.contents.path}: {shown(role)}: expected shape ({decoder.rows},), got {shape}")
            return Matrix(role, self.contents.tensors[role])
        long = (name for name, tensor in tensors.items() if tensor.shape == (decoder.rows,) and "float" in tensor.dtype)
        alone = [name for name in long if name not in self.stack.tensors]
        name = decoder.bias or (alone[0] if is_tied and len(alone) == 1 else "")
        if name and "float" not in tensors[name].dtype:
            got = tensors[name].dtype
            raise FileError(f"{self.contents.path}: {shown(name)}: expected {decoder.rows} real numbers, got {got}")
        return Matrix(name, self.contents.tensors[name].reshape(-1)) if name else None

    def _asked(self, role: str, width: int) -> _Table | None:
        """Return the table that the reader names."""
        name = self.hints.roles[role]
        if name == NONE:
            return None
        for table in self.tables:
            if table.name == name:
                if table.width != width:
                    raise FileError(f"{self.contents.path}: {table}: expected a width of {width} for {role}")
                return table
        names = ", ".join(str(table) for table in self.tables[:MOST_NAMED]) or "no matrix beside the layers"
        asked = f"{argument('roles')} {role}={shown(name)}"
        raise FileError(f"{self.contents.path}: {asked}: no such matrix; there is {names}")

    def _best(self, role: str, tables: Sequence[_Table], by_name: Callable[[_Table], bool]) -> _Table | None:
        """Return the likeliest of several: by its name, the vocabulary, the prefix it shares with the layers."""
        if not tables:
            return None

        def rank(table: _Table) -> tuple[bool, bool, int]:
            return by_name(table), table.rows == self.words, _shared(table.name, self.stack.name)

        top = max(map(rank, tables))
        best = [table for table in tables if rank(table) == top]
        different = [table for table in best[1:] if not self._same(best[0], table)]
        if different:
            names = ", ".join(map(str, best[:MOST_NAMED]))
            first = option("roles", f"{role}={best[0].name}")
            raise FileError(f"{self.contents.path}: {names}: which is it? Say {first}, or another")
        return best[0]

    def _same(self, table: _Table, other: _Table) -> bool:
        """Tell whether two tables hold the same numbers, by a sample of their rows."""
        if (table.rows, table.width) != (other.rows, other.width):
            return False
        return same_rows(self._value(table), self._value(other))

    def _value(self, table: _Table) -> Array:
        """Return the numbers, ``(rows, width)``."""
        value = self.contents.tensors[table.name]
        return value.T if table.transposed else value


def _is_decoder(table: _Table) -> bool:
    """Tell whether a table is called what decoders are called."""
    return bool(_DECODER.search(table.module))


def _shared(name: str, prefix: str) -> int:
    """Return how many modules two names have in common, from the outermost; what only wraps a module counts not."""
    modules = zip(re.split("[./]", unwrapped(name)), re.split("[./]", prefix), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], modules))
