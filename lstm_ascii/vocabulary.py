"""The words that a network knows, and how it reads one that it doesn't."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lstm_ascii.unknown import UNKNOWN, unknown_class

# Signs that are read as their plain forms.
_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "…": "..."})
SENTENCE_ENDS = (".", "!", "?")


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
        words: one entry a row of the embedding; entries like ``‹unknown-s›`` stand for words that are
            not in it.
    """

    words: tuple[str, ...]
    _index: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the words; the first of two equal entries counts."""
        for number in range(len(self.words) - 1, -1, -1):
            self._index[self.words[number]] = number

    def __len__(self) -> int:
        """Return V."""
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        """Tell whether ``word`` is an entry, letter by letter."""
        return word in self._index

    def read(self, word: str, first: bool = False) -> Reading:
        """Return how ``word`` is read: as it stands, in small letters, or as the class of its letters.

        Args:
            word: one word of a sentence.
            first: whether it opens a sentence, where a capital says nothing.
        """
        plain = word.lower().translate(_PLAIN)
        for entry, known in ((word, True), (plain, True), (unknown_class(word, first), False), (UNKNOWN, False)):
            if entry in self._index:
                return Reading(self._index[entry], entry, known)
        return Reading(0, self.words[0], False)

    def read_sentence(self, words: Sequence[str]) -> list[Reading]:
        """Return how each of ``words`` is read; a sentence opens at the start and after ``. ! ?``."""
        return [
            self.read(word, first=number == 0 or words[number - 1] in SENTENCE_ENDS)
            for number, word in enumerate(words)
        ]

    def ids(self, words: Iterable[str]) -> list[int]:
        """Return the row of each of ``words``."""
        return [reading.index for reading in self.read_sentence(list(words))]
