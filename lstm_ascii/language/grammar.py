"""Agreement English: a grammar in which nothing but the subject tells the verb's number.

Every noun takes its number by a coin of its own, so the nouns between a subject and its verb (attractors)
say nothing about the verb. All sentences come from one generator of random numbers and can be drawn again.

::

    sentence  = [opener ","] clause [", and" clause] "."
    clause    = noun phrase, verb phrase
    noun phr. = [determiner] adjective* [modifier] noun [phrase | phrases | relative]
    relative  = ("that" | "who") verb phrase  |  ["that"] noun phrase, verb
    verb phr. = be + adjective  |  verb + noun phrase  |  verb + "that" clause  |  ... "and" verb phrase
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable, Sequence
from functools import cache

from lstm_ascii.language.clauses import ClauseWriter
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
from lstm_ascii.language.writer import KINDS, SubjectHead, Target, Text

_SHARE = 0.25  # of the words in a sentence that has unknown ones
_CAPITAL = 0.12  # of the nouns and adjectives that are given a capital
_OPEN = ("noun", "verb", "adjective", "adverb manner", "adverb often")
_NUMERALS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
__all__ = ["KINDS", "MAX_DEPTH", "Grammar", "SubjectHead", "Target", "Text", "held_out"]

MAX_DEPTH = 5
_DEPTH_WEIGHTS = (0.32, 0.22, 0.15, 0.12, 0.10, 0.09)  # of relatives inside each other, 0 to 5
_HELD_OUT = 32  # one subject phrase in so many is never in a training document


class Grammar(ClauseWriter):
    """Writes sentences and documents of agreement English, from a seed."""

    def __init__(self, seed: int, unknown_rate: float = 0.0, depth: int = MAX_DEPTH) -> None:
        """Start at ``seed``.

        Args:
            seed: the same seed gives the same texts.
            unknown_rate: share of sentences in which some words are replaced by their unknown class.
            depth: how deep relatives nest at most.
        """
        super().__init__(seed)
        self._unknown_rate = unknown_rate
        self._depths = range(depth + 1)
        self._weights = [_DEPTH_WEIGHTS[min(d, MAX_DEPTH)] for d in self._depths]

    def sentence(self, depth: int | None = None) -> Text:
        """Write a sentence that is not held out for tests."""
        while True:
            self._clear()
            self._sentence(self._rng.choices(self._depths, self._weights)[0] if depth is None else depth)
            if not any(held_out(self.words[target.start : target.verb]) for target in self._targets):
                return self._finished()

    def document(self, length: int = 48) -> Text:
        """Write sentences until they fill ``length`` words; the last is cut where the document ends."""
        words: list[str] = []
        targets: list[Target] = []
        while len(words) < length:
            sentence, shift = self.sentence(), len(words)
            words += sentence.words
            targets += [_shifted(target, shift) for target in sentence.targets if shift + target.verb < length]
        return Text(tuple(words[:length]), tuple(targets))

    def subject(self, depth: int) -> tuple[tuple[str, ...], SubjectHead]:
        """Write only a subject's noun phrase, with ``depth`` relatives inside each other."""
        self._clear()
        head = self.noun_phrase(depth, phrases=0.5)
        return tuple(self.words), head

    def _finished(self) -> Text:
        """Close the sentence, with some words disguised as unknown ones."""
        if self._random() >= self._unknown_rate:
            return Text(tuple(self.words), tuple(self._targets))
        words = disguised(self.words, self._random)
        return Text(words, tuple(target for target in self._targets if words[target.verb] == target.right))

    # -- sentences -----------------------------------------------------------------------------------

    def _sentence(self, depth: int) -> None:
        choice = self._random()
        if choice < 0.1:
            self._opener()
        if choice > 0.98:
            self._speech(depth)
            return
        self.clause(depth)
        if 0.1 <= choice < 0.15:
            self._write(",", self._pick(("and", "but", "or")))
            self.clause(0)
        elif 0.15 <= choice < 0.2:
            self._write(self._pick(("because", "while", "when", "although", "if", "as")))
            self.clause(0)
        elif 0.2 <= choice < 0.21:
            self._write(self._pick((";", ":")))
            self.clause(0)
        self._write("!" if choice > 0.95 else "?" if choice > 0.94 else ".")

    def _opener(self) -> None:
        """Write what may stand before the subject."""
        choice = self._random()
        if choice < 0.4:
            self._time()
        elif choice < 0.7:
            self._phrase(0)
        else:
            self._write(self._pick(("when", "because", "although", "while", "if")))
            self.clause(0)
        self._write(",")

    def _speech(self, depth: int) -> None:
        """Write a sentence that somebody says, in quotes."""
        head = self._subject(0, ("person",))
        self._verb(self._pick(self._lists.clause_verbs), head, head.kind)
        self._write(":", '"')
        self.clause(depth)
        self._write(".", '"')


def held_out(phrase: Sequence[str]) -> bool:
    """Tell whether a subject's phrase, all words up to its verb, is kept for tests."""
    return crc32(" ".join(phrase).encode()) % _HELD_OUT == 0


def _shifted(target: Target, by: int) -> Target:
    """Return ``target`` in a text where its sentence starts ``by`` words later."""
    return Target(
        target.verb + by, target.right, target.wrong, target.subject + by, target.start + by,
        target.distance, target.attractors, target.kind,
    )  # fmt: skip


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
        kind = words.honest_class(word)
        if kind is not None and name.startswith(_OPEN):
            is_noun = name.startswith(("noun", "adjective"))
            capital = (UNKNOWN_NAMES if kind == UNKNOWN_S else UNKNOWN_NAME) if is_noun else kind
            classes[word] = (kind, capital)
        elif name.startswith("name"):
            classes[word] = (unknown_class(word.capitalize()),) * 2
    classes |= dict.fromkeys(_NUMERALS, (UNKNOWN_NUMBER,) * 2)
    return classes | dict.fromkeys((",", ";", ":"), (UNKNOWN_SYMBOL,) * 2)
