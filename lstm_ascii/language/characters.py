"""Vocabularies of single characters: a sentence is read character by character, blanks and line ends included."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

BLANK = "␣"  # how a blank is shown
LINE_ENDS = ("\n", "\\x0a")  # the end of a line, as it is and as it is shown
FEWEST = 2  # single characters that a vocabulary must have
_SPECIAL = ("<", "[", "#", "‹", "\\")  # what entries begin with that stand for a row, or for something else


def is_of_characters(words: Sequence[str]) -> bool:
    """Tell whether entries are single characters, but for those that stand for a row or for something else."""
    plain = [entry for entry in words if len(entry) == 1 or entry[:1] not in _SPECIAL]
    return len(plain) >= FEWEST and all(len(entry) == 1 for entry in plain)


def with_blank(words: Sequence[str]) -> tuple[str, ...]:
    """Return entries among which a blank can be seen."""
    return tuple(BLANK if entry == " " else entry for entry in words) if BLANK not in words else tuple(words)


@dataclass(frozen=True)
class Splitter:
    """Splits a sentence into characters, each as its entry is written.

    White space that has no entry separates nothing and is left out.

    Attributes:
        entries: of the vocabulary.
    """

    entries: frozenset[str]

    def __call__(self, sentence: str) -> list[str]:
        """Return the characters of a sentence.

        Raises:
            UsageError: there is none in it.
        """
        shown = (BLANK if character == " " else visible(character) for character in sentence)
        characters = [
            entry
            for entry, character in zip(shown, sentence, strict=True)
            if entry in self.entries or not character.isspace()
        ]
        if not characters:
            raise UsageError('the sentence is empty; give one in quotes, such as "hello"')
        return characters
