"""Something simple that is computed from a text alone, word by word, for units to be held against.

Each is a function of the words that gives an array ``(T,)``, NaN where it isn't known: what it says of a word holds
once that word is read. Which ones to take is after Karpathy, Johnson & Li (2015), "Visualizing and Understanding
Recurrent Networks", figure 2 (position in the line, quotes, brackets), and Lakretz et al. (2019), "The emergence of
number and syntax units in LSTM language models" (the number of the subject).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

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
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Feature:
    """Something simple that a unit may follow.

    Attributes:
        name: in one word.
        about: what it is, as the screen says it: ``whether quotes are open``.
        binary: whether it is only 0 or 1.
        of: computes it: words of a text to ``(T,)``.
    """

    name: str
    about: str
    binary: bool
    of: Callable[[Sequence[str]], Array]


def subject_number(words: Sequence[str]) -> Array:
    """Return the number of the subject whose verb is still to come, else of the latest: 1 plural, 0 singular.

    NaN before the first subject of a sentence. A subject is the head of a noun phrase that no verb and no preposition
    governs, as far as the lexicon knows its words; two that "and" joins are plural. Behind a relative pronoun it is the
    noun that is described, until another one comes. It is a rule of thumb, which knows no tree.
    """
    numbers, sentence = np.full(len(words), np.nan), _Sentence()
    for place, word in enumerate(words):
        sentence = _Sentence() if word in SENTENCE_ENDS else sentence
        numbers[place] = sentence.read(word.lower())
    return numbers


@dataclass
class _Sentence:
    """What has been read of a sentence.

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

    def read(self, word: str) -> float:
        """Read a word in small letters; return the number of the subject at hand."""
        kind = lexicon().word_class(word) or ""
        sort = kind.partition(" ")[0]
        if sort in ("auxiliary", "verb") or word in ("'s", "'re"):
            self._verb(sort == "verb", kind)
        elif sort == "preposition":
            self.governed, self.has_verb = True, word == "to"  # which an infinitive may follow
        elif sort in ("relative", "conjunction"):
            self.joined = word == "and" and bool(self.waiting) and not self.governed
            self.governed = self.has_verb = False
            if sort == "relative" and word != "whose":
                self.described = self.noun
        elif sort in ("noun", "name", "pronoun"):
            self._noun(lexicon().number(word), self.governed or kind == "pronoun object")
        if not math.isnan(self.described):
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


def sentence_distance(words: Sequence[str]) -> Array:
    """Return how many words into its sentence each one is, from 0."""
    distances, distance = np.zeros(len(words)), 0
    for place, word in enumerate(words):
        distances[place] = distance
        distance = 0 if word in SENTENCE_ENDS else distance + 1
    return distances


def line_position(words: Sequence[str]) -> Array:
    """Return how many characters into its line each word begins, from 0; words stand one blank apart."""
    positions, position = np.zeros(len(words)), 0
    for place, word in enumerate(words):
        positions[place] = position
        position = 0 if word in LINE_ENDS else position + len(word) + 1
    return positions


def inside_quotes(words: Sequence[str]) -> Array:
    """Return 1 from a double quote that opens until the one that closes it is read, else 0.

    A straight one closes what is open. An empty line closes what nobody closed.
    """
    inside, closing, ends = np.zeros(len(words)), "", 0
    for place, word in enumerate(words):
        ends = ends + 1 if word in LINE_ENDS else 0
        if ends > 1 or (closing and (word == closing or (closing in _EITHER_QUOTE and word in _EITHER_QUOTE))):
            closing = ""
        elif not closing and (word in _QUOTES or word in _EITHER_QUOTE):
            closing = _QUOTES.get(word, word)
        inside[place] = bool(closing)
    return inside


def bracket_depth(words: Sequence[str]) -> Array:
    """Return how many brackets ``( [ {`` are open; one that closes what isn't open is left out."""
    depths, closing = np.zeros(len(words)), list[str]()
    for place, word in enumerate(words):
        if word in _BRACKETS:
            closing.append(_BRACKETS[word])
        elif closing and word == closing[-1]:
            closing.pop()
        depths[place] = len(closing)
    return depths


def inside_brackets(words: Sequence[str]) -> Array:
    """Return 1 from a bracket that opens until it is closed again, else 0."""
    inside: Array = (bracket_depth(words) > 0).astype(float)
    return inside


def frequency(words: Sequence[str], counts: Mapping[str, int] | None = None) -> Array:
    """Return log10 of each word's share of a text, in any capitals.

    Args:
        words: of a text.
        counts: how often each word, in small letters, stands in a larger one; NaN for words that aren't there. By
            default ``words`` are counted themselves.
    """
    small = [word.lower() for word in words]
    counted: Mapping[str, int] = Counter(small) if counts is None else counts
    total = sum(counted.values())
    return np.array([math.log10(counted[word] / total) if counted.get(word) else math.nan for word in small], float)


FEATURES = {
    feature.name: feature
    for feature in (
        Feature("number", "the number of the subject", True, subject_number),
        Feature("distance", "the distance into the sentence", False, sentence_distance),
        Feature("quotes", "whether quotes are open", True, inside_quotes),
        Feature("brackets", "whether brackets are open", True, inside_brackets),
        Feature("position", "the position in the line", False, line_position),
        Feature("frequency", "how frequent it is", False, frequency),
    )
}


def text_features(words: Sequence[str], counts: Mapping[str, int] | None = None, characters: bool = False) -> Array:
    """Return all :data:`FEATURES` of a text, ``(T, F)``, in their order; NaN where one isn't known.

    Args:
        words: of a text, or its characters.
        counts: for :func:`frequency`.
        characters: whether ``words`` are single characters. Then the position counts them, and the distance, too; the
            number is that of the words that are spelled out so far.
    """
    columns = {name: feature.of(words) for name, feature in FEATURES.items()}
    if counts is not None:
        columns["frequency"] = frequency(words, counts)
    if characters:
        columns["number"] = _of_spelled(words, subject_number)
        columns["position"] = _since(words, LINE_ENDS)
    return np.stack(list(columns.values()), axis=1)


def _since(characters: Sequence[str], ends: Sequence[str]) -> Array:
    """Return how many characters stand between each one and the last of ``ends``, or the beginning."""
    places = np.arange(len(characters))
    is_first = np.array([True, *(character in ends for character in characters[:-1])], bool)[: len(characters)]
    positions: Array = (places - np.maximum.accumulate(np.where(is_first, places, 0))).astype(float)
    return positions


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
