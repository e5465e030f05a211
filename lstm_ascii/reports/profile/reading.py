"""A corpus read for ``profile``: pieces whose sketches add up, here, on all cores, or on a cluster."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Self

import numpy as np

from lstm_ascii.analysis.sketch import Sketch, sketch
from lstm_ascii.analysis.text_features import FEATURES, shares_of, text_features
from lstm_ascii.cells import Array
from lstm_ascii.corpora import TextFile, TextPiece
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.language.characters import is_of_characters
from lstm_ascii.language.text import visible
from lstm_ascii.network import Network
from lstm_ascii.processes import Shared, end_if_unwanted, results
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.corpus import (
    Batch,
    Passes,
    added,
    line_words,
    opened,
    pieces_and_task,
    read_lines,
    told,
    turned,
    without_words,
)
from lstm_ascii.reports.kept import KEPT_EVERY
from lstm_ascii.sources import Source

Keep = Callable[["CorpusSketch", int], None]  # saves the sum of so many first pieces


@dataclass(frozen=True, eq=False)
class CorpusSketch:
    """What a network did over a part of a corpus.

    Attributes:
        lines, words: that were read.
        unknown, skipped: words that are read by an entry for unknown ones, and that can't be read at all.
        sketches: one a direction, from the first layer up.
    """

    lines: int
    words: int
    unknown: int
    skipped: int
    sketches: tuple[Sketch, ...]

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        return replace(
            self,
            lines=self.lines + other.lines,
            words=self.words + other.words,
            unknown=self.unknown + other.unknown,
            skipped=self.skipped + other.skipped,
            sketches=added(self.sketches, other.sketches),
        )


def read_corpus(
    source: Source,
    network: Network,
    files: Sequence[TextFile],
    watch: Watch | None = None,
    kept: tuple[CorpusSketch | None, int] = (None, 0),
    keep: Keep | None = None,
) -> CorpusSketch:
    """Read a corpus, a line from the start state each.

    Args:
        source: of the network, from which each process opens its own.
        network: that reads it.
        files: of the corpus.
        watch: called with the name of the work and the share that is done, from 0 to 1.
        kept: the sum of the first pieces, and how many these are.
        keep: is called now and then, and where the reading ends early.

    Raises:
        LstmAsciiError: a file can't be read, or there is no word in them that the network can read.
    """
    pieces, task = pieces_and_task(files)
    total, count = kept
    reads = Shared(_ready, (source, pieces[0] if pieces else None), Reader.of(network, pieces[:1]))
    kept_at = time.monotonic()
    try:
        for part in results(_read, ((reads, piece) for piece in pieces[count:]), task):
            count += 1
            total = part if total is None else total if part is None else total + part
            if keep and total is not None and time.monotonic() - kept_at > KEPT_EVERY:
                keep(total, count)
                kept_at = time.monotonic()
            if watch:
                watch(f"piece {count:,} of {len(pieces):,}", count / len(pieces))
    finally:
        if keep and total is not None and count > kept[1]:
            keep(total, count)
    if total is None or not total.words:
        raise LstmAsciiError(f"{told(files)}: there is no word in it that the network can read{without_words(network)}")
    return total


@dataclass(frozen=True, eq=False)
class Reader:
    """What a process needs to read pieces.

    Attributes:
        passes: of the network, in single precision.
        shares: log10 of the share of each word in the first block of the corpus: so frequent it is taken to be.
        characters: whether the network reads characters.
    """

    passes: Passes
    shares: dict[str, float]
    characters: bool

    @property
    def network(self) -> Network:
        """That reads."""
        return self.passes.network

    @classmethod
    def of(cls, network: Network, first: Sequence[TextPiece]) -> Self:
        """Read the first block."""
        counts = Counter[str]()
        for piece in first:
            for line in next((lines for _, _, lines in piece.blocks()), []):
                counts.update(word.lower() for word in line_words(network, line))
        return cls(
            Passes(network.with_layers_in(np.float32)), shares_of(counts), is_of_characters(network.vocabulary.words)
        )


def _ready(source: Source, first: TextPiece | None) -> Reader:
    """Return what a process of this machine needs."""
    return Reader.of(opened(source), [first] if first else [])


def _read(reader: Reader, piece: TextPiece) -> CorpusSketch | None:
    """Read a piece of a corpus."""
    total: CorpusSketch | None = None
    with np.errstate(all="ignore"):
        for place, goes_on, lines in piece.blocks():
            reading = read_lines(reader.network, lines, goes_on)
            if not reading.pieces:
                continue
            sketches = tuple[Sketch, ...]()
            for batch in reading.batches(reader.network):
                end_if_unwanted()
                sketches = added(sketches, _sketched(reader, batch, visible(piece.file.name), place))
            part = CorpusSketch(reading.lines, len(reading.ids), reading.unknown, reading.skipped, sketches)
            total = part if total is None else total + part
    return total


def _sketched(reader: Reader, batch: Batch, name: str, place: int) -> tuple[Sketch, ...]:
    """Let the network read a batch, and sketch every direction of it."""
    network, features, texts = reader.network, _features(reader, batch), batch.texts
    backwards = [direction.backward for layer in network.layers for direction in layer]
    lines = [(place, line) for line in batch.lines.tolist()]
    traces = reader.passes.of(batch.vectors(network), batch.lengths)
    return tuple(
        sketch(cell, trace, batch.lengths, turned(features, batch.lengths) if backward else features, texts, name,
               lines, backward)
        for (cell, trace), backward in zip(traces, backwards, strict=True)
    )  # fmt: skip


def _features(reader: Reader, batch: Batch) -> Array:
    """Return what units are compared with, of the words of a batch, ``(T, B, F)``."""
    features = np.full((*batch.rows.shape, len(FEATURES)), np.nan)
    columns = np.repeat(np.arange(len(batch.lengths)), batch.lengths)
    starts = np.cumsum(batch.lengths) - batch.lengths
    words = list(chain.from_iterable(batch.texts))
    steps = np.arange(len(words)) - starts[columns]
    features[steps, columns] = text_features(words, reader.shares, reader.characters, starts.tolist())
    return features
