"""The vocabulary of a network, and how it reads words that are not in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field

from lstm_ascii.errors import UnknownWordError, argument
from lstm_ascii.language.characters import Splitter, is_of_characters, with_blank
from lstm_ascii.language.text import LONGEST_WORD, shortened, words_of
from lstm_ascii.language.unknown import UNKNOWN, unknown_class
from lstm_ascii.records import dataclass

# Signs that are read as their plain forms.
_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "…": "..."})
SENTENCE_ENDS = (".", "!", "?")
MOST_READINGS = 1 << 16  # that are kept at hand
# what other people's vocabularies call the entry for words that are not in them
UNKNOWN_ENTRIES = (UNKNOWN, "<unk>", "[UNK]", "<UNK>", "UNK", "unk", "<oov>", "<OOV>", "[OOV]", "<unknown>")


@dataclass(frozen=True)
class Reading:
    """How a network reads a word.

    Attributes:
        index: the row of the embedding.
        entry: the vocabulary's entry.
        known: whether the word itself is in the vocabulary (in any capitals), or only its class.
    """

    index: int
    entry: str
    known: bool


@dataclass(frozen=True)
class Vocabulary:
    """The words of a network by index.

    Attributes:
        words: one entry a row of the embedding, safe to print; entries like ``‹unknown-s›`` stand for words that
            are not in it.
        splitter: how a sentence becomes words or pieces of words, where the network was trained on others than ours.
        numbered: whether the entries are only numbers, ``#0``, ``#1``, …, as the words are unknown.
        characters: whether a sentence is read character by character.
    """

    words: tuple[str, ...]
    splitter: Callable[[str], list[str]] | None = field(default=None, compare=False, repr=False)
    numbered: bool = False
    characters: bool = field(default=False, compare=False)
    _index: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)
    _readings: dict[tuple[str, bool], Reading | None] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index the words; the first of two equal entries counts."""
        self._index.update(zip(reversed(self.words), range(len(self.words) - 1, -1, -1), strict=True))

    @classmethod
    def of_numbers(cls, size: int) -> Vocabulary:
        """Return the vocabulary of a network without known words."""
        return cls(tuple(f"#{number}" for number in range(size)), numbered=True)

    @classmethod
    def of_entries(cls, entries: Sequence[str]) -> Vocabulary:
        """Return the vocabulary of entries; single characters are read character by character."""
        return cls.of_characters(entries) if is_of_characters(entries) else cls(tuple(entries))

    @classmethod
    def of_characters(cls, entries: Sequence[str]) -> Vocabulary:
        """Return the vocabulary of a network that reads character by character."""
        words = with_blank(entries)
        return cls(words, Splitter(frozenset(words)), characters=True)

    def __len__(self) -> int:
        """Return V."""
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        """Tell whether ``word`` is an entry, letter by letter."""
        return word in self._index

    def words_of(self, sentence: str) -> list[str]:
        """Split a sentence into words, or into the pieces that the network was trained on, each safe to print.

        Raises:
            UsageError: there is no word in it.
        """
        return words_of(sentence) if self.splitter is None else self.splitter(sentence)

    def can_read(self, word: str) -> bool:
        """Tell whether there is an entry for ``word``, even if only that for unknown words."""
        return self._found(word, first=False) is not None

    def read(self, word: str, first: bool = False) -> Reading:
        """Return how ``word`` is read: as it is, in lower case, or as a class of unknown words.

        Args:
            word: one word of a sentence.
            first: whether it is the first of a sentence, where a capital has no meaning.

        Raises:
            UnknownWordError: it is not in the vocabulary, which has no entry for unknown words.
        """
        if (reading := self._found(word, first)) is not None:
            return reading
        if not self.words:
            vectors = argument("input", "FILE.npy")
            raise UnknownWordError(f"{word}: the network reads no words; {vectors} gives it vectors")
        if self.numbered:
            last = len(self.words) - 1
            words = argument("vocabulary", "FILE")
            raise UnknownWordError(
                f"{word}: the file names no words; give them with {words}, or write numbers from #0 to #{last}"
            )
        raise UnknownWordError(f"{word}: not in the vocabulary, which has no entry for unknown words")

    def read_sentence(self, words: Sequence[str]) -> list[Reading]:
        """Return how each of ``words`` is read; a sentence begins at the start and after ``. ! ?``."""
        return [
            self.read(word, first=number == 0 or words[number - 1] in SENTENCE_ENDS)
            for number, word in enumerate(words)
        ]

    def ids(self, words: Iterable[str]) -> list[int]:
        """Return the index of each of ``words``."""
        return [reading.index for reading in self.read_sentence(list(words))]

    def _found(self, word: str, first: bool) -> Reading | None:
        """Return how a word is read, or ``None``; cached, as a text repeats its words."""
        key = word, first
        if key not in self._readings:
            if len(self._readings) >= MOST_READINGS:
                self._readings.clear()
            self._readings[key] = self._looked_up(word, first)
        return self._readings[key]

    def _looked_up(self, word: str, first: bool) -> Reading | None:
        small = word.lower()
        cut = (shortened(word, LONGEST_WORD),) if len(word) > LONGEST_WORD else ()
        for entry in (word, small, small.translate(_PLAIN), *cut):
            if entry in self._index:
                return Reading(self._index[entry], entry, known=True)
        for entry in (unknown_class(word, first), *UNKNOWN_ENTRIES):
            if entry in self._index:
                return Reading(self._index[entry], entry, known=False)
        return None
