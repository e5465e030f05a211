"""Lines of a text as a network reads them: words that stand side by side, each line from the start state."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

import numpy as np

from lstm_ascii.analysis.activity import Activity
from lstm_ascii.analysis.sketch import Sketch
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.cells.columns import ColumnPass, column_pass, has_columns
from lstm_ascii.corpora import TextFile, TextPiece, text_pieces
from lstm_ascii.errors import UnknownWordError, argument
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction, merged
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.sources import Source, open_networks

LONGEST = 128  # words of a line that are read from the start state; the rest begins anew
SIDE_BY_SIDE, AT_MOST = 64, 192  # lines; more of them where a network is small; BLAS is slow with 256 beside each other
_UNITS = 1 << 13  # of the widest layer, side by side
MOST_PARTS = 1 << 18  # that are kept at hand
_WIDEST = 256  # units of a layer with a pass that keeps its memory; of more, the products alone take the time
_LINES = 256  # that are split at a time: their words stay in the cache
_KEPT_BYTES = 1 << 24
_END = "\0"  # of a line, among what stands between blanks

Key = TypeVar("Key", str, int)
Sum = TypeVar("Sum", Activity, Sketch)


@dataclass(frozen=True, eq=False)
class Batch:
    """Pieces of lines, the longest first, read side by side.

    Attributes:
        rows: of the embedding, ``(T, B)``; behind the end of a piece any.
        lengths: of the pieces, ``(B,)``.
        lines: whose they are, ``(B,)``: numbers of lines that were looked up together.
        words: numbers of the words, ``(T, B)``.
        spelt: the word of each number.
    """

    rows: Array
    lengths: Array
    lines: Array
    words: Array
    spelt: Sequence[str]

    def vectors(self, network: Network) -> Array:
        """Return what the network reads, ``(T, B, D)``."""
        return np.take(network.embedding, self.rows, axis=0)

    @property
    def texts(self) -> list[list[str]]:
        """The words of each piece."""
        return [[self.spelt[word] for word in words[:length]]
                for words, length in zip(self.words.T.tolist(), self.lengths.tolist(), strict=True)]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Reading:
    """Lines as a network reads them: in pieces of at most :data:`LONGEST` words, each from the start state.

    Attributes:
        lines, pieces: that are not empty; the rest of a line that was counted elsewhere is none.
        unknown, skipped: how many words were unknown, and how many more could not be read.
        ids: rows of the words, ``(N,)``.
        begins, lengths: of the pieces with words, ``(P,)``, among them.
        line_numbers: whose piece each is, ``(P,)``.
        words: their numbers, ``(N,)``.
        spelt: the word of each number.
    """

    lines: int
    pieces: int
    unknown: int
    skipped: int
    ids: Array
    begins: Array
    lengths: Array
    line_numbers: Array
    words: Array
    spelt: Sequence[str]

    def batches(self, network: Network) -> Iterator[Batch]:
        """Yield the pieces in batches of one size and of like lengths."""
        widest = max((direction.cell.hidden_size for layer in network.layers for direction in layer), default=1)
        batch = SIDE_BY_SIDE * max(1, min(AT_MOST, _UNITS // widest) // SIDE_BY_SIDE)
        order = self.longest()
        for first in range(0, len(order), batch):
            chosen = order[first : first + batch]
            lengths = self.lengths[chosen]
            places = np.minimum(self.begins[chosen] + np.arange(lengths[0])[:, None], len(self.ids) - 1)
            yield Batch(self.ids[places], lengths, self.line_numbers[chosen], self.words[places], self.spelt)

    def longest(self, count: int | None = None) -> Array:
        """Return the numbers of the longest pieces, or of all of them; of equals the first comes first."""
        return np.argsort(-self.lengths, kind="stable")[:count]

    def text(self, piece: int) -> tuple[str, ...]:
        """Return the words of a piece."""
        begin = self.begins[piece]
        return tuple(self.spelt[word] for word in self.words[begin : begin + self.lengths[piece]])


def read_lines(network: Network, lines: Sequence[str], goes_on: bool = False) -> Reading:
    """Look up the words of lines.

    Args:
        network: that reads them.
        lines: of a text.
        goes_on: whether the first is the rest of a line whose beginning was counted elsewhere.
    """
    known = _known(network)
    parts = known.numbers_of(lines)
    ends, sizes = np.flatnonzero(parts == known.parts[_END]), known.array("sizes")[parts]
    word_ends = np.cumsum(sizes)
    words = np.repeat(known.array("begins")[parts] + sizes - word_ends, sizes) + np.arange(word_ends[-1])
    line_ends, is_line = word_ends[ends], np.diff(ends, prepend=-1) > 1
    line_sizes = np.diff(line_ends, prepend=0)
    counts = -(-line_sizes // LONGEST)
    line_numbers = np.repeat(np.arange(len(ends)), counts)
    before = np.arange(len(line_numbers)) - np.repeat(np.cumsum(counts) - counts, counts)  # pieces of the same line
    begins = (line_ends - line_sizes)[line_numbers] + LONGEST * before
    words[begins] = [known.openings[word] for word in words[begins].tolist()]
    return Reading(
        int(is_line.sum()) - bool(goes_on and is_line[0]), int(np.maximum(counts, is_line).sum()),
        int(known.array("unknown")[words].sum()), int(known.array("skipped")[parts].sum()), known.array("ids")[words],
        begins, np.minimum(LONGEST, line_ends[line_numbers] - begins), line_numbers, words, known.words,
    )  # fmt: skip


class Passes:
    """The passes of a network, again and again in the same memory where its cells are plain ones."""

    def __init__(self, network: Network) -> None:
        """Take the network."""
        np.empty(_KEPT_BYTES, np.uint8)  # glibc keeps freed blocks of up to its size at hand: no page faults each time
        self.network = network
        self._rooms: dict[tuple[object, ...], ColumnPass] = {}

    def of(self, x: Array, lengths: Array) -> Iterator[tuple[Cell, Trace]]:
        """Let the network read sequences ``(T, B, D)`` side by side, and yield the pass of every direction of it.

        It is to be used before the next one is asked for, which may write over it.
        """
        layers = self.network.layers
        for number, layer in enumerate(layers, 1):
            outputs = []
            for direction in layer:
                direction.check_steps(int(lengths.max(initial=0)))
                trace = self._pass(direction, turned(x, lengths) if direction.backward else x)
                yield direction.cell, trace
                if number < len(layers):
                    outputs.append(turned(trace.h, lengths) if direction.backward else trace.h.copy())
            if outputs:
                x = merged(outputs, layer[0].merge)

    def _pass(self, direction: Direction, x: Array) -> Trace:
        """Step through vectors in the order in which the direction reads them."""
        cell, (steps, batch, size) = direction.cell, x.shape
        if steps > LONGEST or cell.hidden_size > _WIDEST or not has_columns(cell):
            return cell.forward(x, direction.start)
        batch = -(-batch // SIDE_BY_SIDE) * SIDE_BY_SIDE
        key = type(cell), cell.hidden_size, size, cell.weight_hh.dtype, batch
        if key not in self._rooms:
            self._rooms[key] = column_pass(cell, LONGEST, batch)
        self._rooms[key].cell = cell
        return self._rooms[key].trace(x, direction.start)


def added(some: tuple[Sum, ...], others: tuple[Sum, ...]) -> tuple[Sum, ...]:
    """Add what was measured of every direction; of no words there is nothing."""
    return tuple(one + other for one, other in zip(some, others, strict=True)) if some and others else some or others


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


class _Known:
    """What a vocabulary has read so far, looked up once: a text has few words, and each many times.

    Attributes:
        parts: the number of each part of a line: what stands between two blanks, or a piece of another splitter.
        openings: of a word, the number of the same word where it opens a line.
        begins, sizes, skipped: of each part: the number of its first word, how many it has, and how many more of it
            can't be read.
        words, ids, unknown: of each word: itself, its row, and whether that is one for unknown words.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary that reads them."""
        self._vocabulary = vocabulary
        self.parts, self.openings = _Numbers(self._read), _Numbers(self._opened)
        self.words: list[str] = []
        self.begins, self.sizes, self.skipped, self.ids, self.unknown = (array("q") for _ in range(5))
        self.parts[_END] = self._added(())

    def array(self, name: str) -> Array:
        """Return the numbers of a name as an array of their own."""
        return np.array(getattr(self, name), np.intp)

    def numbers_of(self, lines: Sequence[str]) -> Array:
        """Return the numbers of all parts of lines, each line with its end; of none those of an empty one."""
        some = (lines[first : first + _LINES] for first in range(0, max(1, len(lines)), _LINES))
        return np.concatenate([
            np.fromiter(map(self.parts.__getitem__, self._parts_of(part) or [_END]), np.intp) for part in some
        ])  # fmt: skip

    def _parts_of(self, lines: Sequence[str]) -> list[str]:
        """Split lines into parts, each line with its end."""
        if self._vocabulary.splitter is not None:
            split = self._vocabulary.words_of
            return [part for line in lines for part in (*(split(line) if line.strip() else ()), _END)]
        text = f" {_END} ".join((*lines, ""))
        if text.count(_END) > len(lines):
            text = f" {_END} ".join((*(line.replace(_END, "\ufffd") for line in lines), ""))
        return text.split()

    def _read(self, part: str) -> int:
        """Read a part, and return its number."""
        is_word = self._vocabulary.splitter is not None or (part.isascii() and part.isalpha())
        return self._added((part,) if is_word else words_of(part))

    def _added(self, words: Iterable[str]) -> int:
        """Add the words of a part."""
        begin, skipped = len(self.words), 0
        for word in words:
            try:
                self._add(word, first=False)
            except UnknownWordError:
                skipped += 1
        for values, value in ((self.begins, begin), (self.sizes, len(self.words) - begin), (self.skipped, skipped)):
            values.append(value)
        return len(self.begins) - 1

    def _opened(self, word: int) -> int:
        """Read a word again, as one that opens a line."""
        try:
            self._add(self.words[word], first=True)
        except UnknownWordError:
            return word
        return len(self.words) - 1

    def _add(self, word: str, first: bool) -> None:
        reading = self._vocabulary.read(word, first)
        self.words.append(word)
        self.ids.append(reading.index)
        self.unknown.append(not reading.known)


class _Numbers(dict[Key, int], Generic[Key]):
    """The number of each part, or word, that was met."""

    def __init__(self, read: Callable[[Key], int]) -> None:
        super().__init__()
        self._read: Callable[[Key], int] = read

    def __missing__(self, key: Key) -> int:
        self[key] = number = self._read(key)
        return number


_known_to = lru_cache(1)(_Known)


def _known(network: Network) -> _Known:
    """Return what a vocabulary has read so far; from time to time it begins anew."""
    if len(_known_to(network.vocabulary).parts) > MOST_PARTS:
        _known_to.cache_clear()
    return _known_to(network.vocabulary)


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


def turned(sequences: Array, lengths: Array) -> Array:
    """Turn every sequence round within its own length, ``(T, B, ...)``."""
    steps = np.arange(len(sequences))[:, None]
    places = np.where(steps < lengths, lengths - 1 - steps, steps)
    reversed_sequences: Array = sequences[places, np.arange(sequences.shape[1])]
    return reversed_sequences
