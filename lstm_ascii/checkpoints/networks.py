"""From a file of weights, of whatever format, to a network that reads words or vectors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints import own
from lstm_ascii.checkpoints.contents import Contents
from lstm_ascii.checkpoints.detect import read_contents
from lstm_ascii.checkpoints.files import damaged, shown
from lstm_ascii.checkpoints.found import Hints, Matrix, Recognised, in_double
from lstm_ascii.checkpoints.recognise import left_out, recognise
from lstm_ascii.checkpoints.vocabulary_files import read_vocabulary, vocabulary_of
from lstm_ascii.mapping import release
from lstm_ascii.network import Network
from lstm_ascii.text import visible
from lstm_ascii.vocabulary import Vocabulary

LARGEST_WIDENED = 1 << 22  # numbers of a decoder


@dataclass(frozen=True, eq=False)
class Opened:
    """What was made of a file, ahead of the network itself.

    Attributes:
        contents: what the file holds.
        recognised: the parts of the network, the rows of padding cut off.
        vocabulary: the words that were told, by the file or by one of their own; else ``None``.
        notes: what was assumed or left out, each safe to print.
    """

    contents: Contents
    recognised: Recognised
    vocabulary: Vocabulary | None
    notes: tuple[str, ...] = field(default=())


def words_for(contents: Contents, vocabulary: str) -> Vocabulary | None:
    """Return the words of a network: of a file of their own, where ``vocabulary`` names one, else of its own file."""
    return read_vocabulary(Path(vocabulary)) if vocabulary else vocabulary_of(contents.metadata)


def examined(contents: Contents, words: Vocabulary | None, hints: Hints) -> Opened:
    """Find the parts of a network in what a file holds.

    Args:
        contents: of the file.
        words: of the network, where they are known.
        hints: what the reader says by hand.

    Raises:
        FileError: something in it can't be read rightly.
    """
    found = recognise(contents, hints, None if words is None else len(words))
    padding: list[str] = []
    if words is not None:
        found, padding = _trimmed(found, len(words))
    return Opened(contents, found, words, (*found.notes, *padding))


def load_network(path: Path, vocabulary: str = "", hints: Hints | None = None) -> Network:
    """Return the network in a file; one of this package's own keeps what it says about itself.

    Raises:
        FileError: a file can't be read, or not rightly, or there are no recurrent layers in it.
        LstmAsciiError: a package is missing that reads such files.
    """
    contents = read_contents(path)
    if contents.metadata.get("format") == own.FORMAT and not vocabulary and hints is None:
        return own.load(path)
    opened = examined(contents, words_for(contents, vocabulary), hints or Hints())
    found = opened.recognised
    if found.stack is None:
        raise damaged(path, f"no RNN, LSTM or GRU in it; lstm-ascii inspect {visible(str(path))} shows what there is")
    layers = tuple(tuple(one.direction for one in layer) for layer in found.stack.layers)
    embedding = np.zeros((0, found.stack.input_size)) if found.embedding is None else found.embedding.value
    weight = np.zeros((0, found.stack.output_size)) if found.decoder_weight is None else _wide(found.decoder_weight)
    rows = max(len(embedding), len(weight))
    words = opened.vocabulary or Vocabulary.of_numbers(rows)
    if not rows:
        words = Vocabulary(())
    elif len(words) != rows:
        raise damaged(path, f"{len(words)} words in the vocabulary, but {_rows(found)}")
    bias = np.zeros(len(weight), weight.dtype) if found.decoder_bias is None else _wide(found.decoder_bias)
    for value in (embedding, weight):
        release(value)  # the cells have copies in double precision of what was brought in
    source = "; ".join((visible(path.name), *opened.notes, *left_out(contents, found)))
    return Network(words, embedding, layers, weight, bias, source)


def _wide(part: Matrix) -> Array:
    """Return a part of the decoder in double precision, unless that would take more memory than the file."""
    if part.value.size > LARGEST_WIDENED or part.value.dtype.kind != "f":
        return part.value
    return in_double(part.value)


def _rows(found: Recognised) -> str:
    """Name the parts that have a row for each word."""
    parts = [part for part in (found.embedding, found.decoder_weight) if part is not None]
    return " and ".join(dict.fromkeys(f"{len(part.value)} rows in {shown(part.name)}" for part in parts))


def _trimmed(found: Recognised, words: int) -> tuple[Recognised, list[str]]:
    """Cut off the rows behind the last word: tables are often filled up to a round number of rows."""

    def cut(part: Matrix | None) -> Matrix | None:
        return part if part is None or len(part.value) <= words else Matrix(part.name, part.value[:words])

    notes = {
        f"{shown(part.name)}: {len(part.value) - words} rows behind the last word left out": None
        for part in (found.embedding, found.decoder_weight)
        if part is not None and len(part.value) > words
    }
    embedding, weight, bias = map(cut, (found.embedding, found.decoder_weight, found.decoder_bias))
    return replace(found, embedding=embedding, decoder_weight=weight, decoder_bias=bias), list(notes)
