"""What a network's units do over a corpus: lines side by side, files of any size on all cores in little memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from lstm_ascii.analysis.activity import Activity, activity
from lstm_ascii.cells import Array
from lstm_ascii.corpora import TextFile, TextPiece
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.network import Network
from lstm_ascii.processes import Shared, end_if_unwanted, results
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.corpus import (
    Batch,
    batches,
    opened,
    passes,
    pieces_and_task,
    told,
    without_words,
)
from lstm_ascii.sources import Source

SAMPLES = 16  # lines that are kept of a corpus


@dataclass(frozen=True, eq=False)
class CorpusStatistics:
    """What a network did over the lines of a text.

    Attributes:
        lines: of the text.
        pieces: that were read from the start state, one a line where none is longer than :data:`LONGEST` words.
        words: of them all.
        unknown: how many of the words are read by an entry for unknown ones.
        skipped: how many can't be read at all, and were left out.
        met: of which rows of the vocabulary a word was, ``(V,)``.
        activities: one a direction, from the first layer up.
        samples: the longest lines, for what is measured on single ones.
        series: vectors ``(T, 1, D)`` that were read in place of lines.
    """

    lines: int
    pieces: int
    words: int
    unknown: int
    skipped: int
    met: Array
    activities: tuple[Activity, ...]
    samples: tuple[tuple[str, ...], ...]
    series: tuple[Array, ...] = ()

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        return replace(
            self,
            lines=self.lines + other.lines,
            pieces=self.pieces + other.pieces,
            words=self.words + other.words,
            unknown=self.unknown + other.unknown,
            skipped=self.skipped + other.skipped,
            met=self.met | other.met,
            activities=tuple(a + b for a, b in zip(self.activities, other.activities, strict=True)),
            samples=_longest(self.samples + other.samples),
        )


def line_statistics(network: Network, lines: Sequence[str]) -> CorpusStatistics:
    """Read lines, each from the start state.

    Raises:
        UsageError: there is no word in them that the network can read.
    """
    statistics = statistics_of(network, lines)
    if statistics is None or not statistics.words:
        raise UsageError(f"there is no word in the text that the network can read{without_words(network)}")
    return statistics


def series_statistics(network: Network, vectors: Array) -> CorpusStatistics:
    """Read one series of vectors ``(T, 1, D)``."""
    activities = _activities(network, vectors, np.array([len(vectors)]))
    return CorpusStatistics(1, 1, len(vectors), 0, 0, np.zeros(0, bool), activities, (), (vectors,))


def statistics_of(network: Network, lines: Sequence[str], goes_on: bool = False) -> CorpusStatistics | None:
    """Read lines; ``None`` where there is no word in them.

    Args:
        network: that reads them.
        lines: of a text.
        goes_on: whether the first is the rest of a line whose beginning was counted elsewhere.
    """
    total: CorpusStatistics | None = None
    for batch in batches(network, lines, goes_on):
        part = _measured(network, batch)
        total = part if total is None else total + part
    return total


def _measured(network: Network, batch: Batch) -> CorpusStatistics:
    """Let the network read a batch, and measure every direction of it."""
    is_met = np.zeros(len(network.vocabulary), bool)
    activities = _activities(network, network.embedding[batch.rows], batch.lengths)
    is_met[np.concatenate([piece.ids for piece in batch.pieces])] = True
    longest = np.argsort(-batch.lengths, kind="stable")[:SAMPLES]
    samples = _longest([tuple(batch.pieces[k].words) for k in longest])
    unknown, skips = (sum(getattr(piece, name) for piece in batch.pieces) for name in ("unknown", "skipped"))
    lines = sum(piece.begins for piece in batch.pieces)
    return CorpusStatistics(
        lines, len(batch.pieces), int(batch.lengths.sum()), unknown, skips, is_met, activities, samples
    )


def _activities(network: Network, x: Array, lengths: Array) -> tuple[Activity, ...]:
    """Let the network read sequences ``(T, B, D)`` side by side, and measure every direction of it."""
    return tuple(activity(cell, trace, lengths) for cell, trace in passes(network, x, lengths))


def _longest(lines: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return the lines with most words; of equals the first."""
    return tuple(sorted((line for line in lines if len(line) > 1), key=len, reverse=True)[:SAMPLES])


def file_statistics(
    source: Source, network: Network, files: Sequence[TextFile], watch: Watch | None = None
) -> CorpusStatistics:
    """Read a corpus of any size, a line from the start state each, on all cores or on a cluster.

    Args:
        source: of the network, from which each process opens its own.
        network: that reads it.
        files: of the corpus.
        watch: is called with what is done and how far it is, from 0 to 1.

    Raises:
        LstmAsciiError: a file can't be read, or there is no word in them that the network can read.
    """
    pieces, task = pieces_and_task(files)
    reads = Shared(opened, (source,), network.with_layers_in(np.float32))
    total: CorpusStatistics | None = None
    # A check says at once that a process was killed: what took too much memory would do so again.
    for count, statistics in enumerate(results(_read, ((reads, piece) for piece in pieces), task, tries=1), 1):
        if statistics is not None:
            total = statistics if total is None else total + statistics
        if watch:
            watch(f"reading {Path(pieces[count - 1].file.name).name}", count / len(pieces))
    if total is None or not total.words:
        raise LstmAsciiError(f"{told(files)}: there is no word in it that the network can read{without_words(network)}")
    return total


def _read(network: Network, piece: TextPiece) -> CorpusStatistics | None:
    """Read a piece of a corpus."""
    total: CorpusStatistics | None = None
    for _, goes_on, lines in piece.blocks():
        end_if_unwanted()
        part = statistics_of(network, lines, goes_on)
        if part is not None:
            total = part if total is None else total + part
    return total
