"""Lines of a text as a network reads them: words that stand side by side, each line from the start state."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain

import numpy as np

from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.corpora import TextFile, TextPiece, text_pieces
from lstm_ascii.errors import UnknownWordError, argument
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction, merged
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.sources import Source, open_networks

LONGEST = 128  # words of a line that are read from the start state; the rest begins anew
SIDE_BY_SIDE, AT_MOST = 64, 256  # lines; more of them where a network is small
_UNITS = 1 << 13  # of the widest layer, side by side
_WINDOW = 8  # batches among whose lines those of like length are put together
MOST_PARTS = 1 << 18  # that are kept at hand
_LINES = 1 << 12  # that are looked up at a time


@dataclass(frozen=True, eq=False)
class LinePiece:
    """Words that are read from the start state.

    Attributes:
        ids: their rows.
        unknown, skipped: how many of them were unknown, and how many more could not be read.
        begins: whether it is the first of its line.
        line: the number of that among those that were read together, from 0.
        parts: numbers of what the words are of.
        texts: the words of each such part.
    """

    ids: Array
    unknown: int
    skipped: int
    begins: bool
    line: int
    parts: Sequence[int]
    texts: Sequence[Sequence[str]]

    @property
    def words(self) -> list[str]:
        """The words themselves."""
        return list(chain.from_iterable(map(self.texts.__getitem__, self.parts)))


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
    widest = max((direction.cell.hidden_size for layer in network.layers for direction in layer), default=1)
    batch = max(SIDE_BY_SIDE, min(AT_MOST, _UNITS // widest))
    waiting: list[LinePiece] = []
    for first in range(0, len(lines), _LINES):
        waiting += _line_pieces(network, lines[first : first + _LINES], first, goes_on and not first)
        while len(waiting) >= batch * _WINDOW:
            yield from _side_by_side(waiting[: batch * _WINDOW], batch)
            waiting = waiting[batch * _WINDOW :]
    yield from _side_by_side(waiting, batch)


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
    """What stands between two blanks, looked up once: a text has few words, and each many times.

    Attributes:
        opening, later: the number of each part, of the first one of a line and of others.
        words: of each part.
        ids: of all words, part by part.
        begins, sizes, unknown, skipped: of each part: where its ids begin and how many these are; how many of them are
            unknown, and how many words of it can't be read.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary that reads them."""
        self.opening, self.later = (_Numbers(partial(self._read, vocabulary, first)) for first in (True, False))
        self.words: list[tuple[str, ...]] = []
        self.ids, self.begins, self.sizes, self.unknown, self.skipped = (array("q") for _ in range(5))

    def array(self, name: str) -> Array:
        """Return the numbers of a name as an array of their own."""
        return np.array(getattr(self, name), np.intp)

    def _read(self, vocabulary: Vocabulary, first: bool, part: str) -> int:
        """Read a part, and return its number."""
        words, begin, unknown, skipped = list[str](), len(self.ids), 0, 0
        for word in (part,) if part.isascii() and part.isalpha() else words_of(part):
            try:
                reading = vocabulary.read(word, first and not words)
            except UnknownWordError:
                skipped += 1
                continue
            self.ids.append(reading.index)
            words.append(word)
            unknown += not reading.known
        self.words.append(tuple(words))
        measures = begin, len(words), unknown, skipped
        for values, value in zip((self.begins, self.sizes, self.unknown, self.skipped), measures, strict=True):
            values.append(value)
        return len(self.words) - 1


class _Numbers(dict[str, int]):
    """The number of each part that was met."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, part: str) -> int:
        self[part] = number = self._read(part)
        return number


_parts_of = lru_cache(1)(_Parts)


def _parts(network: Network) -> _Parts:
    """Return the parts that a vocabulary has read so far; from time to time it begins anew."""
    if len(_parts_of(network.vocabulary).words) > MOST_PARTS:
        _parts_of.cache_clear()
    return _parts_of(network.vocabulary)


def _line_pieces(network: Network, lines: Sequence[str], number: int, goes_on: bool) -> list[LinePiece]:
    """Return the pieces of lines, of which the first has a number."""
    begins = [not goes_on, *[True] * (len(lines) - 1)]
    if network.vocabulary.splitter is not None:
        return [piece for k, line in enumerate(lines) for piece in _pieces(network, line, number + k, begins[k])]
    known, of_lines = _parts(network), [line.split() for line in lines]
    counts = np.array(list(map(len, of_lines)))
    numbers = np.fromiter(map(known.later.__getitem__, chain.from_iterable(of_lines)), np.intp, counts.sum())
    ends = np.cumsum(counts)
    numbers[(ends - counts)[counts > 0]] = [known.opening[parts[0]] for parts in of_lines if parts]
    sizes = known.array("sizes")[numbers]
    id_ends = np.concatenate([[0], np.cumsum(sizes)])
    ids = known.array("ids")[np.repeat(known.array("begins")[numbers] - id_ends[:-1], sizes) + np.arange(id_ends[-1])]
    totals = [np.concatenate([[0], np.cumsum(known.array(name)[numbers])]) for name in ("unknown", "skipped")]
    unknown, skipped = ((total[ends] - total[ends - counts]).tolist() for total in totals)
    found: list[LinePiece] = []
    first = 0
    words, of_parts = known.words, numbers.tolist()
    for k, (last, begin, end) in enumerate(zip(ends.tolist(), id_ends[ends - counts].tolist(), id_ends[ends].tolist(),
                                               strict=True)):  # fmt: skip
        if last > first:
            if end - begin > LONGEST or not words[of_parts[first]]:  # in pieces; or another word opens the sentence
                found.extend(_pieces(network, lines[k], number + k, begins[k]))
            else:
                parts = of_parts[first:last]
                found.append(LinePiece(ids[begin:end], unknown[k], skipped[k], begins[k], number + k, parts, words))
        first = last
    return found


def _pieces(network: Network, line: str, number: int, begins: bool) -> Iterator[LinePiece]:
    """Yield a line word by word, in pieces."""
    if not line.strip():
        return
    ids, words = list[int](), list[str]()
    unknown = skipped = 0
    for word in line_words(network, line):
        try:
            reading = network.vocabulary.read(word, first=not ids)
        except UnknownWordError:
            skipped += 1
            continue
        words.append(word)
        ids.append(reading.index)
        unknown += not reading.known
        if len(ids) == LONGEST:
            yield LinePiece(np.array(ids, np.intp), unknown, skipped, begins, number, [0], [words])
            ids, words, unknown, skipped, begins = [], [], 0, 0, False
    if ids or skipped:
        yield LinePiece(np.array(ids, np.intp), unknown, skipped, begins, number, [0], [words])


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


def _side_by_side(pieces: Sequence[LinePiece], batch: int) -> Iterator[Batch]:
    """Put pieces of like length side by side."""
    sizes = np.array([len(piece.ids) for piece in pieces])
    order = np.argsort(sizes, kind="stable")
    for first in range(0, len(order), batch):
        chosen = np.sort(order[first : first + batch])
        some, lengths = [pieces[k] for k in chosen], sizes[chosen]
        rows = np.zeros((len(some), max(1, int(lengths.max()))), np.intp)  # of none that can be read, one that isn't
        rows[np.arange(rows.shape[1]) < lengths[:, None]] = np.concatenate([piece.ids for piece in some])
        yield Batch(np.ascontiguousarray(rows.T), lengths, some)


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
