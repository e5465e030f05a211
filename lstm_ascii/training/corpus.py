"""What a network is trained on: batches of word indices, from the grammar or from a text file."""

from __future__ import annotations

import os
import random
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterator
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.files import size_of_text
from lstm_ascii.language.characters import BLANK
from lstm_ascii.language.grammar import Grammar
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.language.unknown import UNKNOWN, UNKNOWN_CLASSES
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.records import dataclass
from lstm_ascii.training.recipe import Recipe

_BLOCK = 1 << 20  # bytes read at a time while the words are counted
_MOST_COUNTED = 1 << 18  # different words kept while counting; the rarest are dropped above that
_BYTES_A_WORD = 12  # read for each word of a document; more is read where that isn't enough
_BYTES_A_CHARACTER = 2
_SHOWN = {" ": BLANK} | {chr(code): chr(code) for code in range(33, 127)}  # most characters are themselves
_RETURN = visible("\r")
_READS = 64  # at most so often
_VALIDATION = 0.05  # share of the file, at its end, that is not trained on
_VALIDATED_ANYWAY = 4096  # a file below so many bytes is validated on what it is trained on
_SEEDS = 1_000_003  # for the batches of one seed; the last of them is for validation


@dataclass(frozen=True, eq=False)
class Batch:
    """Documents side by side.

    Attributes:
        ids: ``(T + 1, B)``; each word but the last is read, each but the first is predicted.
        weights: what each prediction counts, ``(T, B)``; one that counts 0 is not made.
    """

    ids: npt.NDArray[np.intp]
    weights: Array


class Corpus(Protocol):
    """Where batches come from; the same step gives the same batch."""

    vocabulary: Vocabulary

    def batch(self, step: int) -> Batch:
        """Return the batch of ``step``, from 0."""

    def validation(self) -> Batch:
        """Return documents that no step trains on."""


def grammar_vocabulary() -> Vocabulary:
    """Return the words of agreement English and the classes of unknown words."""
    return Vocabulary((*UNKNOWN_CLASSES, *lexicon().words))


class GrammarCorpus:
    """Agreement English, written afresh; each text is read as often as it takes to ask for all its words."""

    def __init__(self, recipe: Recipe) -> None:
        """Take sizes, seed and weights from ``recipe``."""
        self.vocabulary = grammar_vocabulary()
        self._recipe = recipe
        self._index = {word: number for number, word in enumerate(self.vocabulary.words)}
        self._last: tuple[int, npt.NDArray[np.intp], Array] = -1, np.empty(0, np.intp), np.empty(0, np.float32)

    def batch(self, step: int) -> Batch:
        """Return the batch of ``step``."""
        recipe = self._recipe
        ids, verbs = self._documents(step // recipe.asked_every)
        place = np.arange(recipe.length)[:, None] + np.arange(recipe.batch) + step
        weights = np.where(place % recipe.asked_every, 0, recipe.asked_every).astype(np.float32)
        weights[verbs > 0] = verbs[verbs > 0]
        return Batch(ids, weights)

    def _documents(self, number: int) -> tuple[npt.NDArray[np.intp], Array]:
        """Return the words of some documents, ``(T + 1, B)``, and what verbs in them count, ``(T, B)``; others 0."""
        if self._last[0] != number:
            recipe, index = self._recipe, self._index
            grammar = Grammar(recipe.seed * _SEEDS + number, recipe.unknown_rate)
            documents = [grammar.document(recipe.length + 1) for _ in range(recipe.batch)]
            ids = np.array([[index[word] for word in document.words] for document in documents], np.intp).T
            verbs = np.zeros((recipe.length, recipe.batch), np.float32)
            for column, document in enumerate(documents):
                for target in document.targets:
                    weight = recipe.verb_weight * (1 + recipe.distance_weight * target.distance)
                    verbs[target.verb - 1, column] = weight
            self._last = number, np.ascontiguousarray(ids), verbs
        return self._last[1:]

    def validation(self) -> Batch:
        """Return documents that no step comes to."""
        return self.batch(_SEEDS - 1)


class TextCorpus:
    """Documents that start at random lines of a text file."""

    def __init__(self, path: Path, recipe: Recipe, most_words: int = 4000, characters: bool = False) -> None:
        """Count the words of ``path``.

        Args:
            path: a text in UTF-8.
            recipe: sizes and seed.
            most_words: the vocabulary holds the most frequent ones, and the classes of unknown words.
            characters: whether single characters are what it is made of, in place of words.

        Raises:
            LstmAsciiError: the file can't be read, is not UTF-8, or has fewer than two words.
        """
        self._path, self._recipe = path, recipe
        self._place = path.absolute()  # another machine has another folder at hand
        self._split = _characters if characters else _words_of_text
        counts = _count_characters(path) if characters else _count(path)
        total, self._size = counts.total(), size_of_text(path)
        if total < 2:
            what = "characters" if characters else "words"
            raise LstmAsciiError(f"{path}: nothing to learn from; give a text with at least two {what}")
        least = 2 if total > 1000 else 1  # of a long text, words met once teach what unknown words are like
        common = sorted((word for word, n in counts.items() if n >= least), key=lambda word: (-counts[word], word))
        if characters:
            self.vocabulary = Vocabulary.of_characters((UNKNOWN, *common[:most_words]))
        else:
            self.vocabulary = Vocabulary((*UNKNOWN_CLASSES, *common[:most_words]))
        self._bytes = _BYTES_A_CHARACTER if characters else _BYTES_A_WORD
        small = self._size < _VALIDATED_ANYWAY
        self._trained = self._size if small else int(self._size * (1 - _VALIDATION))
        self._held = 0 if small else self._trained

    def with_recipe(self, recipe: Recipe) -> TextCorpus:
        """Return the same text for another recipe, its words not counted again."""
        other = copy(self)
        other._recipe = recipe
        return other

    def batch(self, step: int) -> Batch:
        """Return the batch of ``step``: the same step gives the same documents."""
        return self._draw(self._recipe.seed * 1_000_003 + step, 0, self._trained)

    def validation(self) -> Batch:
        """Return documents from the end of the file, which is not trained on."""
        return self._draw(-1, self._held, self._size)

    def _draw(self, seed: int, first: int, last: int) -> Batch:
        """Return documents that start between the bytes ``first`` and ``last``."""
        rng, recipe = random.Random(seed), self._recipe  # noqa: S311 - places in a text, not secrets
        with self._opened() as file:
            documents = [
                self.vocabulary.ids(self._document(file, rng.randrange(first, last), first, last))
                for _ in range(recipe.batch)
            ]
        ids = np.array(documents, np.intp).T
        return Batch(np.ascontiguousarray(ids), np.ones((recipe.length, recipe.batch), np.float32))

    def _opened(self) -> BinaryIO:
        """Open the text, which has to be as long as it was when its words were counted."""
        try:
            file = self._place.open("rb")
        except OSError as error:
            raise LstmAsciiError(f"{self._path}: {error.strerror or error}; it was there before") from error
        size = os.fstat(file.fileno()).st_size
        if size != self._size:
            file.close()
            raise LstmAsciiError(
                f"{self._path}: changed while it was read: {size:,} bytes instead of {self._size:,}; train again"
            )
        return file

    def _document(self, file: BinaryIO, start: int, first: int, last: int) -> list[str]:
        """Return the words from the line after ``start`` on; at ``last`` it goes on at ``first``."""
        count, place = self._recipe.length + 1, start
        words: list[str] = []
        for _ in range(_READS):
            file.seek(place)
            block = file.read(min(count * self._bytes, last - place))
            text = block.decode("utf-8", "ignore").removeprefix("\ufeff")
            if place == start > first:
                text = text.partition("\n")[2] or text.partition(" ")[2]
            words += self._split(text)
            if len(words) >= count:
                break
            place = place + len(block) if place + len(block) < last else first
        return ((words or [UNKNOWN]) * count)[:count]


def _characters(text: str) -> list[str]:
    """Return the characters of a text as a vocabulary writes them; of a line end only the line feed counts."""
    shown = (_SHOWN.get(character) or visible(character) for character in text)
    return [character for character in shown if character != _RETURN]


def _words_of_text(text: str) -> list[str]:
    """Return the words of a text."""
    return [word for chunk in text.split() for word in _words(chunk)]


@lru_cache(maxsize=1 << 16)
def _words(chunk: str) -> tuple[str, ...]:
    """Return the words of what stands between two blanks; most of it comes again and again."""
    return tuple(words_of(chunk))


def _count_characters(path: Path) -> Counter[str]:
    """Count the characters of a file."""
    counts: Counter[str] = Counter()
    for text in _blocks(path):
        counts.update(_characters(text))
        if len(counts) > _MOST_COUNTED:
            counts = Counter(dict(counts.most_common(_MOST_COUNTED // 2)))
    return counts


def _count(path: Path) -> Counter[str]:
    """Count the words of a file, in small letters."""
    chunks: Counter[str] = Counter()
    for text in _blocks(path):
        chunks.update(text.split())
        if len(chunks) > _MOST_COUNTED:
            chunks = Counter(dict(chunks.most_common(_MOST_COUNTED // 2)))
    counts: Counter[str] = Counter()
    for chunk, times in chunks.items():  # each different chunk is split but once
        for word in words_of(chunk):
            counts[word.lower()] += times
    return counts


def _blocks(path: Path) -> Iterator[str]:
    """Yield a UTF-8 file piece by piece, cut between words."""
    decoder, bytes_read, rest = getincrementaldecoder("utf-8-sig")(), 0, ""
    try:
        with path.open("rb") as file:
            while True:
                block, waiting = file.read(_BLOCK), len(decoder.getstate()[0])
                text = rest + decoder.decode(block, final=not block)
                end = max(text.rfind(" "), text.rfind("\n")) + 1 if block and len(text) < 2 * _BLOCK else len(text)
                yield text[:end]
                if not block:
                    return
                rest, bytes_read = text[end:], bytes_read + len(block)
    except UnicodeDecodeError as error:
        place = bytes_read - waiting + error.start + 1
        raise LstmAsciiError(f"{path}: not UTF-8 at byte {place}; save the text as UTF-8") from None
    except OSError as error:
        raise LstmAsciiError(f"{path}: {error.strerror}; give a text file") from None
