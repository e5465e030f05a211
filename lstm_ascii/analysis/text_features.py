"""Simple features of a text, computed word by word, with which units are correlated.

Each is a function of the words that returns an array ``(T,)``: its value once the word is read, NaN where it isn't
known. They are those of Karpathy, Johnson & Li (2015), "Visualizing and Understanding Recurrent Networks", figure 2
(position in the line, quotes, brackets), and Lakretz et al. (2019), "The emergence of number and syntax units in LSTM
language models" (the number of the subject).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from itertools import pairwise

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.language.characters import BLANK, LINE_ENDS
from lstm_ascii.language.lexicon import PLURAL, lexicon
from lstm_ascii.language.text import words_of
from lstm_ascii.language.vocabulary import SENTENCE_ENDS
from lstm_ascii.records import dataclass

_BLANKS = (" ", BLANK, *LINE_ENDS, "\\x09", "\\x0d")
_QUOTES = {"“": "”", "„": "“", "«": "»"}
_EITHER_QUOTE = ('"', "``", "''")  # opens and closes; two of the kind that treebanks write
_OPENING_QUOTES = frozenset([*_QUOTES, *_EITHER_QUOTE])
_PARTS = ("auxiliary", "verb", "preposition", "relative", "conjunction", "noun", "name", "pronoun")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


ALONE = (0,)  # the starts of a single text


@dataclass(frozen=True)
class Feature:
    """A feature of a text that a unit may correlate with.

    Attributes:
        name: in one word.
        about: what it is, as a phrase for the screen: ``whether quotes are open``.
        binary: whether it is only 0 or 1.
        of: computes it: takes the words of consecutive texts and the indices at which the texts begin, and returns
            ``(T,)``.
    """

    name: str
    about: str
    binary: bool
    of: Callable[[Sequence[str], Sequence[int]], Array]


def subject_number(words: Sequence[str], starts: Sequence[int] = ALONE) -> Array:
    """Return the number of the subject whose verb is still to come, else of the latest one: 1 plural, 0 singular.

    NaN before the first subject of a sentence. A subject is the head of a noun phrase that no verb and no preposition
    governs, as far as the lexicon knows its words; two joined by "and" are plural. After a relative pronoun it is the
    noun described, until another one comes. It is a rule of thumb, without a parse tree.
    """
    numbers = []
    for text in _texts(words, starts):
        sentence, number = _Sentence(), math.nan
        for word in text:
            if word in SENTENCE_ENDS:
                sentence, number = _Sentence(), math.nan
            elif (part := _part(word)) is not None:
                number = sentence.read(*part)
            numbers.append(number)
    return np.array(numbers, float)


@lru_cache(1 << 16)
def _part(word: str) -> tuple[str, str, str, str | None] | None:
    """Return a word in lower case, its part of speech, class and number; ``None`` if it can't change the subject."""
    small = word.lower()
    kind = lexicon().word_class(small) or ""
    sort = "auxiliary" if small in ("'s", "'re") else kind.partition(" ")[0]
    return (small, sort, kind, lexicon().number(small)) if sort in _PARTS else None


@dataclass
class _Sentence:
    """The state of :func:`subject_number` within a sentence.

    Attributes:
        waiting: the numbers of the subjects whose verbs are still to come.
        latest, noun: of the latest subject that has its verb, and of the latest noun.
        described: of the noun that a relative describes which has no subject yet.
        governed: whether the next noun belongs to a verb or a preposition.
        joined: whether it belongs to the subject before it.
        has_verb: whether only the other parts of a verb may follow.
    """

    waiting: list[float] = field(default_factory=list)
    latest: float = math.nan
    noun: float = math.nan
    described: float = math.nan
    governed: bool = False
    joined: bool = False
    has_verb: bool = False

    def read(self, word: str, sort: str, kind: str, number: str | None) -> float:
        """Read a word of a sort that matters; return the number of the subject at hand."""
        if sort in ("auxiliary", "verb"):
            self._verb(sort == "verb", kind)
        elif sort == "preposition":
            self.governed, self.has_verb = True, word == "to"  # which an infinitive may follow
        elif sort in ("relative", "conjunction"):
            self.joined = word == "and" and bool(self.waiting) and not self.governed
            self.governed = self.has_verb = False
            if sort == "relative" and word != "whose":
                self.described = self.noun
        else:
            self._noun(number, self.governed or kind == "pronoun object")
        if self.described == self.described:  # no NaN
            return self.described
        return self.waiting[-1] if self.waiting else self.latest

    def _verb(self, is_full: bool, kind: str) -> None:
        """Read a verb: the first of its parts belongs to the subject at hand."""
        is_finite = not self.has_verb and not kind.endswith(("participle", "ing"))
        if is_finite and not math.isnan(self.described):
            self.latest, self.described = self.described, math.nan
        elif is_finite and self.waiting:
            self.latest = self.waiting.pop()
        # what opens a question has its subject behind it, and so may what is said
        self.governed = not kind.startswith("verb clause") if is_full else not math.isnan(self.latest)
        self.has_verb, self.joined = not is_full, False

    def _noun(self, number: str | None, is_governed: bool) -> None:
        """Read the head of a noun phrase."""
        self.noun = math.nan if number is None else float(number == PLURAL)
        if not is_governed and number is not None:
            if self.joined:
                self.waiting[-1] = 1.0
            else:
                self.waiting.append(self.noun)
            self.described, self.has_verb = math.nan, False
        self.governed = self.joined = False


def sentence_distance(words: Sequence[str], starts: Sequence[int] = ALONE) -> Array:
    """Return the position of each word in its sentence, from 0."""
    return _since(words, starts, SENTENCE_ENDS, np.arange(len(words)))


def line_position(words: Sequence[str], starts: Sequence[int] = ALONE) -> Array:
    """Return the column at which each word begins in its line, from 0; words are one blank apart."""
    ends = np.cumsum([len(word) + 1 for word in words])
    return _since(words, starts, LINE_ENDS, np.append(0, ends)[: len(words)])


def inside_quotes(words: Sequence[str], starts: Sequence[int] = ALONE) -> Array:
    """Return 1 from an opening double quote until the closing one is read, else 0.

    A straight quote closes an open one. An empty line closes any that was left open.
    """
    inside, closing, ends = np.zeros(len(words)), "", 0
    if _OPENING_QUOTES.isdisjoint(words):
        return inside
    begins = frozenset(starts)
    for place, word in enumerate(words):
        if place in begins:
            closing, ends = "", 0
        ends = ends + 1 if word in LINE_ENDS else 0
        if ends > 1 or (closing and (word == closing or (closing in _EITHER_QUOTE and word in _EITHER_QUOTE))):
            closing = ""
        elif not closing and (word in _QUOTES or word in _EITHER_QUOTE):
            closing = _QUOTES.get(word, word)
        inside[place] = bool(closing)
    return inside


def bracket_depth(words: Sequence[str], starts: Sequence[int] = ALONE) -> Array:
    """Return how many brackets ``( [ {`` are open; unmatched closing brackets are ignored."""
    depths, closing = np.zeros(len(words)), list[str]()
    if _BRACKETS.keys().isdisjoint(words):
        return depths
    begins = frozenset(starts)
    for place, word in enumerate(words):
        if place in begins:
            closing.clear()
        if word in _BRACKETS:
            closing.append(_BRACKETS[word])
        elif closing and word == closing[-1]:
            closing.pop()
        depths[place] = len(closing)
    return depths


def inside_brackets(words: Sequence[str], starts: Sequence[int] = ALONE) -> Array:
    """Return 1 where at least one bracket is open, else 0."""
    inside: Array = (bracket_depth(words, starts) > 0).astype(float)
    return inside


def frequency(words: Sequence[str], shares: Mapping[str, float] | None = None) -> Array:
    """Return log10 of each word's relative frequency, regardless of case.

    Args:
        words: of a text.
        shares: log10 of the relative frequency of each word, in lower case, in a larger text, see :func:`shares_of`;
            words that it lacks are NaN. By default the frequencies are those in ``words``.
    """
    small = [word.lower() for word in words]
    known = shares_of(Counter(small)) if shares is None else shares
    return np.array([known.get(word, math.nan) for word in small], float)


def shares_of(counts: Mapping[str, int]) -> dict[str, float]:
    """Return log10 of the relative frequency of each word, given the counts."""
    total = sum(counts.values())
    return {word: math.log10(count / total) for word, count in counts.items() if count}


FEATURES = {
    feature.name: feature
    for feature in (
        Feature("number", "the number of the subject", True, subject_number),
        Feature("distance", "the distance into the sentence", False, sentence_distance),
        Feature("quotes", "whether quotes are open", True, inside_quotes),
        Feature("brackets", "whether brackets are open", True, inside_brackets),
        Feature("position", "the position in the line", False, line_position),
        Feature("frequency", "how frequent it is", False, lambda words, _: frequency(words)),
    )
}


def text_features(
    words: Sequence[str],
    shares: Mapping[str, float] | None = None,
    characters: bool = False,
    starts: Sequence[int] = ALONE,
) -> Array:
    """Return all :data:`FEATURES` of a text, ``(T, F)``, in their order; NaN where one isn't known.

    Args:
        words: of a text, or its characters.
        shares: for :func:`frequency`.
        characters: whether ``words`` are single characters. Position and distance then count characters, and the
            subject's number is that of the words completed so far.
        starts: the indices at which independent texts begin, ascending, the first one 0.
    """
    others: dict[str, Array] = {} if shares is None else {"frequency": frequency(words, shares)}
    if characters:
        others["number"] = _number_of_spelled(words, starts)
        others["position"] = _since(words, starts, LINE_ENDS, np.arange(len(words)))
    columns = np.empty((len(words), len(FEATURES)))
    for number, (name, feature) in enumerate(FEATURES.items()):
        columns[:, number] = others[name] if name in others else feature.of(words, starts)
    return columns


def _texts(words: Sequence[str], starts: Sequence[int]) -> Iterator[Sequence[str]]:
    """Yield the words of each text."""
    return (words[first:last] for first, last in pairwise([*starts, len(words)]))


def _since(words: Sequence[str], starts: Sequence[int], ends: Sequence[str], places: Array) -> Array:
    """Return how far each word is from the last of ``ends`` or its text's start, by ascending ``places`` ``(T,)``."""
    is_first = np.array([False, *(word in ends for word in words)], bool)[: len(words)]
    is_first[[start for start in starts if start < len(words)]] = True
    positions: Array = (places - np.maximum.accumulate(np.where(is_first, places, 0))).astype(float)
    return positions


def _number_of_spelled(characters: Sequence[str], starts: Sequence[int]) -> Array:
    """Return :func:`subject_number` at each character, for the words completed so far."""
    return np.concatenate([_of_spelled(text, subject_number) for text in _texts(characters, starts)])


def _of_spelled(characters: Sequence[str], feature: Callable[[Sequence[str]], Array]) -> Array:
    """Return a feature of the words that characters spell: at each, that of the last whole word before it."""
    words, lasts, spelled = list[str](), list[int](), ""
    for place, character in enumerate([*characters, BLANK]):
        if character in _BLANKS:
            if spelled:
                parts = words_of(spelled)
                words += parts
                lasts += [place] * len(parts)
            spelled = ""
        else:
            spelled += character
    values = feature(words) if words else np.empty(0)
    found = np.searchsorted(np.array(lasts, int), np.arange(len(characters)), side="right") - 1
    result: Array = np.where(found >= 0, np.append(values, np.nan)[found], np.nan)
    return result
