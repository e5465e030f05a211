"""Words replaced by unknown classes, so that a network learns to read a word that it doesn't know by its ending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.unknown import (
    UNKNOWN,
    UNKNOWN_ED,
    UNKNOWN_ING,
    UNKNOWN_LY,
    UNKNOWN_NAME,
    UNKNOWN_NAMES,
    UNKNOWN_NUMBER,
    UNKNOWN_PLURAL,
    UNKNOWN_S,
    UNKNOWN_SYMBOL,
    unknown_class,
)
from lstm_ascii.language.writer import NUMERALS, Target, Text

_SHARE = 0.25  # of the words in a sentence that has unknown ones
_CAPITAL = 0.12  # of the nouns and adjectives that are given a capital
_CAPITALS = {UNKNOWN_S: UNKNOWN_NAMES, UNKNOWN_PLURAL: UNKNOWN_PLURAL}  # others become names of one
_FARTHEST = 3  # words from a noun to the determiner that tells its number
# The letters of verbs and adverbs; of a class with none here they say nothing. Those whose letters lie (a past like
# "saw") are no model for words that nobody knows: new verbs are regular.
_LETTERS = {
    "base": UNKNOWN, "third": UNKNOWN_S, "past": UNKNOWN_ED, "participle": UNKNOWN_ED, "ing": UNKNOWN_ING,
    "often": UNKNOWN_LY,
}  # fmt: skip


def disguised(text: Text, random: Callable[[], float]) -> Text:
    """Return ``text`` with some of its words replaced; ``random`` gives numbers in [0, 1).

    A verb that agrees stays a target, in both its disguises, where these differ.
    """
    words = tuple(_disguised(text.words, position, random) for position in range(len(text.words)))
    return Text(words, tuple(target for old in text.targets if (target := _target(old, words))))


def _disguised(words: Sequence[str], position: int, random: Callable[[], float]) -> str:
    """Return one of ``words`` or its class."""
    word, classes = words[position], _classes()
    if word in classes:
        return _class_of(word, position == 0, random()) if random() < _SHARE else word
    if lexicon().is_noun(word) and _is_told(words, position) and random() < _SHARE:
        return unknown_class(word)
    return word


def _is_told(words: Sequence[str], position: int) -> bool:
    """Tell whether the determiner of the noun at ``position`` tells its number, so that its letters may lie."""
    known = lexicon()
    for word in reversed(words[max(0, position - _FARTHEST) : position]):
        kind = known.word_class(word) or ""
        if kind.startswith("determiner") and known.number(word):
            return known.number(word) == known.number(words[position])
        if not kind.startswith(("determiner", "adjective")):
            return False
    return False


def _target(target: Target, words: Sequence[str]) -> Target | None:
    """Return the target as it stands in ``words``; ``None`` where both forms look alike."""
    if words[target.verb] == target.right:
        return target
    wrong = _classes().get(target.wrong, ("",))[0]
    return replace(target, right=words[target.verb], wrong=wrong) if wrong not in ("", words[target.verb]) else None


def _class_of(word: str, first: bool, choice: float) -> str:
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
        kind = words.honest_class(word)
        if name.startswith("name"):
            classes[word] = (unknown_class(word.capitalize()),) * 2
        elif kind is not None and name.startswith(("noun", "adjective")):
            classes[word] = (kind, _CAPITALS.get(kind, UNKNOWN_NAME))
        elif kind is not None and (
            name == "adverb manner"
            or (name.startswith(("verb", "adverb often")) and _LETTERS[name.split()[-1]] == kind)
        ):
            classes[word] = (kind, kind)
    classes |= dict.fromkeys(NUMERALS, (UNKNOWN_NUMBER,) * 2)
    return classes | dict.fromkeys((",", ";", ":"), (UNKNOWN_SYMBOL,) * 2)
