"""What a network's units do over a corpus: lines side by side, files of any size on all cores in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np

from lstm_ascii.analysis.activity import Activity, activity
from lstm_ascii.cells import Array, Trace
from lstm_ascii.errors import LstmAsciiError, UnknownWordError, UsageError, argument
from lstm_ascii.files import size_of_text
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.merging import merged
from lstm_ascii.network import Direction, Network
from lstm_ascii.processes import Pool, cores
from lstm_ascii.progress import Watch
from lstm_ascii.sources import Source, open_networks

CHUNK = 1 << 20  # bytes of a file that one process takes at a time
NEAR = 1 << 16  # bytes in which the end of a line is looked for; fewer than a chunk has

LONGEST = 128  # words of a line that are read from the start state; the rest begins anew
SIDE_BY_SIDE = 32  # lines
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
        raise UsageError(f"doctor: there is no word in the text that the network can read{without_words(network)}")
    return statistics


def series_statistics(network: Network, vectors: Array) -> CorpusStatistics:
    """Read one series of vectors ``(T, 1, D)``."""
    activities = _activities(network, vectors, np.array([len(vectors)]))
    return CorpusStatistics(1, 1, len(vectors), 0, 0, np.zeros(0, bool), activities, (), (vectors,))


def without_words(network: Network) -> str:
    """Say what helps where a network can't read a text because nobody told its words; else nothing."""
    if not network.vocabulary.numbered:
        return ""
    last = len(network.vocabulary) - 1
    words = argument("vocabulary", "FILE")
    return f": the file names no words; give them with {words}, or write numbers from #0 to #{last}"


def statistics_of(network: Network, lines: Sequence[str], goes_on: bool = False) -> CorpusStatistics | None:
    """Read lines; ``None`` where there is no word in them.

    Args:
        network: that reads them.
        lines: of a text.
        goes_on: whether the first is the rest of a line whose beginning was counted elsewhere.
    """
    total: CorpusStatistics | None = None
    waiting: list[_Piece] = []
    for number, line in enumerate(lines):
        waiting.extend(_pieces(network, line, begins=number > 0 or not goes_on))
        while len(waiting) >= SIDE_BY_SIDE * 8:  # of many lines those of like length can stand side by side
            total = _joined(total, _batches(network, waiting))
            waiting = []
    return _joined(total, _batches(network, waiting))


def _joined(total: CorpusStatistics | None, parts: Iterator[CorpusStatistics]) -> CorpusStatistics | None:
    """Add the statistics of further parts to the total."""
    for part in parts:
        total = part if total is None else total + part
    return total


@dataclass(frozen=True)
class _Piece:
    """Words that are read from the start state.

    Attributes:
        ids, words: their rows, and themselves.
        unknown, skipped: how many of them were unknown, and how many more could not be read.
        begins: whether it is the first of its line.
    """

    ids: list[int]
    words: list[str]
    unknown: int
    skipped: int
    begins: bool


def _pieces(network: Network, line: str, begins: bool) -> Iterator[_Piece]:
    if not line.strip():
        return
    piece = _Piece([], [], 0, 0, begins)
    for word in _words(network, line):
        try:
            reading = network.vocabulary.read(word, first=not piece.ids)
        except UnknownWordError:
            piece = replace(piece, skipped=piece.skipped + 1)
            continue
        piece.words.append(word)
        piece.ids.append(reading.index)
        if not reading.known:
            piece = replace(piece, unknown=piece.unknown + 1)
        if len(piece.ids) == LONGEST:
            yield piece
            piece = _Piece([], [], 0, 0, begins=False)
    if piece.ids or piece.skipped:
        yield piece


def _words(network: Network, line: str) -> Iterator[str]:
    """Split a line into words; what stands between two blanks is looked up where it came before."""
    if network.vocabulary.splitter is not None:
        yield from network.vocabulary.words_of(line)
        return
    for part in line.split():
        yield from _words_between_blanks(part)


@lru_cache(1 << 16)
def _words_between_blanks(part: str) -> tuple[str, ...]:
    """Return the words of a text without blanks."""
    return tuple(words_of(part))


def _batches(network: Network, pieces: Sequence[_Piece]) -> Iterator[CorpusStatistics]:
    """Let the network read pieces of like length side by side."""
    order = sorted(range(len(pieces)), key=lambda k: len(pieces[k].ids))
    for first in range(0, len(order), SIDE_BY_SIDE):
        some = [pieces[k] for k in sorted(order[first : first + SIDE_BY_SIDE])]
        lengths = np.array([len(piece.ids) for piece in some])
        rows = np.zeros((max(1, int(lengths.max())), len(some)), np.intp)  # of none that can be read, one that isn't
        for column, piece in enumerate(some):
            rows[: len(piece.ids), column] = piece.ids
        yield _measured(network, rows, lengths, some)


def _measured(network: Network, rows: Array, lengths: Array, some: Sequence[_Piece]) -> CorpusStatistics:
    """Let the network read a batch, and measure every direction of it."""
    is_met = np.zeros(len(network.vocabulary), bool)
    activities = _activities(network, network.embedding[rows], lengths)
    for piece in some:
        is_met[piece.ids] = True
    samples = _longest([tuple(piece.words) for piece in some])
    unknown, skips = sum(piece.unknown for piece in some), sum(piece.skipped for piece in some)
    lines = sum(piece.begins for piece in some)
    return CorpusStatistics(lines, len(some), int(lengths.sum()), unknown, skips, is_met, activities, samples)


def _activities(network: Network, x: Array, lengths: Array) -> tuple[Activity, ...]:
    """Let the network read sequences ``(T, B, D)`` side by side, and measure every direction of it."""
    activities = []
    for layer in network.layers:
        outputs = []
        for direction in layer:
            trace, inputs = _pass(direction, x, lengths)
            activities.append(activity(direction.cell, trace, lengths))
            outputs.append(inputs)
        x = merged(outputs, layer[0].merge)
    return tuple(activities)


def _longest(lines: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return the lines with most words; of equals the first."""
    return tuple(sorted((line for line in lines if len(line) > 1), key=len, reverse=True)[:SAMPLES])


def _pass(direction: Direction, x: Array, lengths: Array) -> tuple[Trace, Array]:
    """Step through sequences of different lengths; backward each from its own last word."""
    direction.check_steps(int(lengths.max(initial=0)))
    if not direction.backward:
        trace = direction.cell.forward(x, direction.start)
        return trace, trace.h
    reversed_input = _turned(x, lengths)
    trace = direction.cell.forward(reversed_input, direction.start)
    return trace, _turned(trace.h, lengths)


def _turned(sequences: Array, lengths: Array) -> Array:
    """Turn every sequence round within its own length, ``(T, B, ...)``."""
    steps = np.arange(len(sequences))[:, None]
    places = np.where(steps < lengths, lengths - 1 - steps, steps)
    reversed_sequences: Array = sequences[places, np.arange(sequences.shape[1])]
    return reversed_sequences


def file_statistics(source: Source, path: Path, watch: Watch | None = None) -> CorpusStatistics:
    """Read a text file of any size, a line from the start state each, on all cores.

    Args:
        source: of one network.
        path: a text; what is not UTF-8 in it is read as U+FFFD.
        watch: is called with what is done and how far it is, from 0 to 1.

    Raises:
        LstmAsciiError: the file can't be read, or there is no word in it that the network can read.
    """
    size = size_of_text(path)
    chunks = [(path, first, min(size, first + CHUNK)) for first in range(0, size, CHUNK)]
    total: CorpusStatistics | None = None
    for count, statistics in enumerate(_side_by_side(source, chunks), 1):
        if statistics is not None:
            total = statistics if total is None else total + statistics
        if watch:
            watch(f"reading {path.name}", count / len(chunks))
    if total is None or not total.words:
        hint = without_words(_opened(source))
        raise LstmAsciiError(f"{path}: there is no word in it that the network can read{hint}")
    return total


def _side_by_side(source: Source, chunks: Sequence[tuple[Path, int, int]]) -> Iterator[CorpusStatistics | None]:
    """Read chunks, by processes where there are several; in their order, so that the samples are the same each time."""
    workers = min(cores(), len(chunks))
    if workers <= 1:
        yield from (_read_chunk(source, *chunk) for chunk in chunks)
        return
    with Pool(workers, f"the reading of {visible(chunks[0][0].name)}") as pool:
        yield from pool.in_order(_read_chunk, ((source, *chunk) for chunk in chunks))


@cache
def _opened(source: Source) -> Network:
    """Open the network once in each process, its cells in single precision: what is counted needs no more."""
    (network,) = open_networks((), (), source)
    return network.with_layers_in(np.float32)


def _read_chunk(source: Source, path: Path, first: int, last: int) -> CorpusStatistics | None:
    """Read what lies between two places of a file, moved to where lines end."""
    try:
        with path.open("rb") as file:
            begin, end = _boundary(file, first), _boundary(file, last)
            file.seek(max(0, begin - 1))
            goes_on = begin > 0 and file.read(1) not in b"\r\n"
            file.seek(begin)
            content = file.read(end - begin)
    except OSError as error:
        raise LstmAsciiError(f"{path}: {error.strerror or error}") from error
    if begin + len(content) < last:
        raise LstmAsciiError(f"{path}: was cut off while it was read; begin again")
    return statistics_of(_opened(source), content.decode("utf-8", "replace").splitlines(), goes_on)


def _boundary(file: BinaryIO, place: int) -> int:
    """Return the end of the line, or at least of the word, that ``place`` lies in; near it in any case."""
    if place == 0:
        return 0
    file.seek(place - 1)
    near = file.read(NEAR)
    ends = (near.find(mark) for mark in (b"\n", b" "))
    return place + next((end for end in ends if end >= 0), 0)
