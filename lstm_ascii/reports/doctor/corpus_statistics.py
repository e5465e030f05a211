"""What a network's units do over a corpus: lines side by side, files of any size on all cores in little memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    Passes,
    added,
    opened,
    pieces_and_task,
    read_lines,
    told,
    without_words,
)
from lstm_ascii.sources import Source

SAMPLES = 16  # lines that are kept of a corpus
_LINES = 1 << 14  # that are looked up at a time


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
            activities=added(self.activities, other.activities),
            samples=_longest(self.samples + other.samples),
        )


def line_statistics(network: Network, lines: Sequence[str]) -> CorpusStatistics:
    """Read lines, each from the start state.

    Raises:
        UsageError: there is no word in them that the network can read.
    """
    passes = Passes(network)
    statistics = _sum(statistics_of(passes, lines[first : first + _LINES]) for first in range(0, len(lines), _LINES))
    if statistics is None or not statistics.words:
        raise UsageError(f"there is no word in the text that the network can read{without_words(network)}")
    return statistics


def series_statistics(network: Network, vectors: Array) -> CorpusStatistics:
    """Read one series of vectors ``(T, 1, D)``."""
    activities = _activities(Passes(network), vectors, np.array([len(vectors)]))
    return CorpusStatistics(1, 1, len(vectors), 0, 0, np.zeros(0, bool), activities, (), (vectors,))


def statistics_of(passes: Passes, lines: Sequence[str], goes_on: bool = False) -> CorpusStatistics | None:
    """Read lines; ``None`` where there is no word in them.

    Args:
        passes: of the network that reads them.
        lines: of a text.
        goes_on: whether the first is the rest of a line whose beginning was counted elsewhere.
    """
    network = passes.network
    reading = read_lines(network, lines, goes_on)
    if not reading.pieces:
        return None
    activities, is_met = tuple[Activity, ...](), np.zeros(len(network.vocabulary), bool)
    is_met[reading.ids] = True
    for batch in reading.batches(network):
        activities = added(activities, _activities(passes, batch.vectors(network), batch.lengths))
    return CorpusStatistics(
        reading.lines, reading.pieces, len(reading.ids), reading.unknown, reading.skipped, is_met, activities,
        _longest([reading.text(piece) for piece in reading.longest(SAMPLES)]),
    )  # fmt: skip


def _activities(passes: Passes, x: Array, lengths: Array) -> tuple[Activity, ...]:
    """Let a network read sequences ``(T, B, D)`` side by side, and measure every direction of it."""
    return tuple(activity(cell, trace, lengths) for cell, trace in passes.of(x, lengths))


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
    reads = Shared(_ready, (source,), Passes(network.with_layers_in(np.float32)))
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


def _ready(source: Source) -> Passes:
    """Return what a process needs."""
    return Passes(opened(source))


def _read(passes: Passes, piece: TextPiece) -> CorpusStatistics | None:
    """Read a piece of a corpus."""
    return _sum(statistics_of(passes, lines, goes_on) for _, goes_on, lines in piece.blocks())


def _sum(parts: Iterable[CorpusStatistics | None]) -> CorpusStatistics | None:
    """Add up what there is."""
    total: CorpusStatistics | None = None
    for part in parts:
        end_if_unwanted()
        total = part if total is None else total if part is None else total + part
    return total
