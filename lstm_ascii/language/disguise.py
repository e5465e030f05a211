"""Replaces words by the class that their letters give, so that a network learns to read unknown words.

A replacement never lies: what stands for a plural looks like one (``wugs``), and ``mice`` stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.unknown import (
    UNKNOWN,
    UNKNOWN_NAME,
    UNKNOWN_NAMES,
    UNKNOWN_NUMBER,
    UNKNOWN_S,
    UNKNOWN_SYMBOL,
    unknown_class,
)

_SHARE = 0.25  # of the words in a sentence that has unknown ones
_CAPITAL = 0.12  # of the nouns and adjectives that are given a capital
_OPEN = ("noun", "verb", "adjective", "adverb manner", "adverb often")
_NUMERALS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def disguised(words: Sequence[str], random: Callable[[], float]) -> tuple[str, ...]:
    """Return ``words`` with some of them replaced; ``random`` gives numbers in [0, 1)."""
    classes = _classes()
    return tuple(
        _disguise(word, position == 0, random()) if word in classes and random() < _SHARE else word
        for position, word in enumerate(words)
    )


def _disguise(word: str, first: bool, choice: float) -> str:
    """Return the class of ``word`` with a small letter, or sometimes as if it had a capital."""
    small, capital = _classes()[word]
    return capital if not small or (not first and choice < _CAPITAL) else small if not first else _opening(word, small)


def _opening(word: str, small: str) -> str:
    """Return the class of a word that opens the sentence, where a name looks like any word."""
    is_name = lexicon().classes[word].startswith("name")
    if not is_name:
        return small
    return UNKNOWN if unknown_class(word) == UNKNOWN else word


@cache
def _classes() -> dict[str, tuple[str, str]]:
    """Return by word its class with a small letter and its class with a capital."""
    words, classes = lexicon(), {}
    for word, name in words.classes.items():
        found = words.honest_class(word)
        if found is not None and name.startswith(_OPEN):
            is_noun = name.startswith(("noun", "adjective"))
            capital = (UNKNOWN_NAMES if found == UNKNOWN_S else UNKNOWN_NAME) if is_noun else found
            classes[word] = (found, capital)
        elif name.startswith("name"):
            classes[word] = (unknown_class(word.capitalize()),) * 2
    classes |= dict.fromkeys(_NUMERALS, (UNKNOWN_NUMBER,) * 2)
    return classes | dict.fromkeys((",", ";", ":"), (UNKNOWN_SYMBOL,) * 2)
