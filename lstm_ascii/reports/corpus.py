"""Lines of a text as a network reads them: words that stand side by side, each line from the start state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice

import numpy as np

from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.corpora import TextFile, TextPiece, text_pieces
from lstm_ascii.errors import UnknownWordError, argument
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.merging import merged
from lstm_ascii.network import Direction, Network
from lstm_ascii.records import dataclass
from lstm_ascii.sources import Source, open_networks

LONGEST = 128  # words of a line that are read from the start state; the rest begins anew
SIDE_BY_SIDE = 64  # lines
MOST_PARTS = 1 << 16  # that are kept at hand


@dataclass(frozen=True)
class LinePiece:
    """Words that are read from the start state.

    Attributes:
        ids, words: their rows, and themselves.
        unknown, skipped: how many of them were unknown, and how many more could not be read.
        begins: whether it is the first of its line.
        line: the number of that among those that were read together, from 0.
    """

    ids: list[int]
    words: list[str]
    unknown: int
    skipped: int
    begins: bool
    line: int = 0


@dataclass(frozen=True, eq=False)
class Batch:
    """Pieces of about the same length, read side by side.

    Attributes:
        rows: of the embedding, ``(T, B)``; behind the end of a piece any.
        lengths: of the pieces, ``(B,)``.
        pieces: themselves.
    """

    rows: Array
    lengths: Array
    pieces: Sequence[LinePiece]


def batches(network: Network, lines: Sequence[str], goes_on: bool = False) -> Iterator[Batch]:
    """Yield the lines of a text as they are read.

    Args:
        network: that reads them.
        lines: of a text.
        goes_on: whether the first is the rest of a line whose beginning was counted elsewhere.
    """
    waiting: list[LinePiece] = []
    read = _Parts(network)
    for number, line in enumerate(lines):
        begins = number > 0 or not goes_on
        piece = read.piece(line, number, begins)
        waiting.extend(_pieces(network, line, number, begins) if piece is None else (piece,))
        while len(waiting) >= SIDE_BY_SIDE * 8:  # of many lines those of like length can stand side by side
            yield from _side_by_side(waiting)
            waiting = []
    yield from _side_by_side(waiting)


def passes(network: Network, x: Array, lengths: Array) -> Iterator[tuple[Cell, Trace]]:
    """Let the network read sequences ``(T, B, D)`` side by side, and yield the pass of every direction of it."""
    for layer in network.layers:
        outputs = []
        for direction in layer:
            trace, inputs = _pass(direction, x, lengths)
            yield direction.cell, trace
            outputs.append(inputs)
        x = merged(outputs, layer[0].merge)


def opened(source: Source) -> Network:
    """Open the network in single precision: what is counted needs no more."""
    (network,) = open_networks((), (), source)
    return network.with_layers_in(np.float32)


def pieces_and_task(files: Sequence[TextFile]) -> tuple[tuple[TextPiece, ...], str]:
    """Return the pieces of a corpus, and what their reading is called."""
    return text_pieces(files), f"the reading of {visible(told(files))}"


def told(files: Sequence[TextFile]) -> str:
    """Return the name of a corpus: of its only file, or of the first and how many there are."""
    return files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1:,} more"


def without_words(network: Network) -> str:
    """Say what helps where a network can't read a text because nobody told its words; else nothing."""
    if not network.vocabulary.numbered:
        return ""
    last = len(network.vocabulary) - 1
    words = argument("vocabulary", "FILE")
    return f": the file names no words; give them with {words}, or write numbers from #0 to #{last}"


class _Parts:
    """What stands between two blanks, looked up once: a text has few words, and each many times."""

    def __init__(self, network: Network) -> None:
        """Take the network whose vocabulary reads them; none that splits a line otherwise."""
        self._network, self._plain = network, network.vocabulary.splitter is None
        self._later: dict[str, LinePiece] = {}
        self._first: dict[str, LinePiece] = {}

    def piece(self, line: str, number: int, begins: bool) -> LinePiece | None:
        """Return a line as one piece; ``None`` where it is none, or more than one."""
        parts = line.split() if self._plain else ()
        if not parts or len(parts) > LONGEST:
            return None
        first = self._read(parts[0], self._first, True)
        if not first.ids:  # the next one opens the sentence
            return None
        later = self._later
        known = [first, *[later.get(part) or self._read(part, later, False) for part in islice(parts, 1, None)]]
        ids = list(chain.from_iterable([one.ids for one in known]))
        if len(ids) > LONGEST:
            return None
        words = list(chain.from_iterable([one.words for one in known]))
        unknown, skipped = sum([one.unknown for one in known]), sum([one.skipped for one in known])
        return LinePiece(ids, words, unknown, skipped, begins, number)

    def _read(self, part: str, known: dict[str, LinePiece], first: bool) -> LinePiece:
        """Read a part, and keep what was found."""
        if part not in known:
            if len(known) >= MOST_PARTS:
                known.clear()
            ids, words = list[int](), list[str]()
            unknown = skipped = 0
            for word in line_words(self._network, part):
                try:
                    reading = self._network.vocabulary.read(word, first and not ids)
                except UnknownWordError:
                    skipped += 1
                    continue
                ids.append(reading.index)
                words.append(word)
                unknown += not reading.known
            known[part] = LinePiece(ids, words, unknown, skipped, True)
        return known[part]


def _pieces(network: Network, line: str, number: int, begins: bool) -> Iterator[LinePiece]:
    if not line.strip():
        return
    piece = LinePiece([], [], 0, 0, begins, number)
    for word in line_words(network, line):
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
            piece = LinePiece([], [], 0, 0, False, number)
    if piece.ids or piece.skipped:
        yield piece


def line_words(network: Network, line: str) -> Iterator[str]:
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


def _side_by_side(pieces: Sequence[LinePiece]) -> Iterator[Batch]:
    """Put pieces of like length side by side."""
    order = sorted(range(len(pieces)), key=lambda k: len(pieces[k].ids))
    for first in range(0, len(order), SIDE_BY_SIDE):
        some = [pieces[k] for k in sorted(order[first : first + SIDE_BY_SIDE])]
        lengths = np.array([len(piece.ids) for piece in some])
        rows = np.zeros((max(1, int(lengths.max())), len(some)), np.intp)  # of none that can be read, one that isn't
        for column, piece in enumerate(some):
            rows[: len(piece.ids), column] = piece.ids
        yield Batch(rows, lengths, some)


def _pass(direction: Direction, x: Array, lengths: Array) -> tuple[Trace, Array]:
    """Step through sequences of different lengths; backward each from its own last word."""
    direction.check_steps(int(lengths.max(initial=0)))
    if not direction.backward:
        trace = direction.cell.forward(x, direction.start)
        return trace, trace.h
    trace = direction.cell.forward(turned(x, lengths), direction.start)
    return trace, turned(trace.h, lengths)


def turned(sequences: Array, lengths: Array) -> Array:
    """Turn every sequence round within its own length, ``(T, B, ...)``."""
    steps = np.arange(len(sequences))[:, None]
    places = np.where(steps < lengths, lengths - 1 - steps, steps)
    reversed_sequences: Array = sequences[places, np.arange(sequences.shape[1])]
    return reversed_sequences
