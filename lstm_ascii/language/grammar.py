"""Agreement English: a grammar in which only the subject determines the verb's number.

Every noun takes its number by a coin of its own, so the nouns between a subject and its verb (attractors)
say nothing about the verb. All sentences come from one generator of random numbers and can be drawn again.

::

    sentence  = [opener ","] clause [", and" clause] "."  |  question "?"  |  "there" be, noun phrase "."
    clause    = noun phrase, verb phrase
    noun phr. = [determiner | quantity] adjective* [modifier] noun [phrase | phrases | participle | relative]
    relative  = [","] ("that" | "who") verb phrase [","]  |  ["that"] noun phrase, verb
    verb phr. = be + adjective  |  verb + noun phrase  |  verb + ["that"] clause  |  ... "and" verb phrase
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Sequence

from lstm_ascii.language.disguise import disguised
from lstm_ascii.language.sentences import SentenceWriter
from lstm_ascii.language.writer import KINDS, SORTS, SubjectHead, Target, Text

__all__ = ["KINDS", "MAX_DEPTH", "Grammar", "SubjectHead", "Target", "Text", "held_out"]

MAX_DEPTH = 5
_DEPTH_WEIGHTS = (0.26, 0.20, 0.17, 0.14, 0.12, 0.11)  # of relatives inside each other, 0 to 5
_HELD_OUT = 32  # one subject phrase in so many is never in a training document


class Grammar(SentenceWriter):
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
            targets += [target.moved(shift) for target in sentence.targets if shift + target.verb < length]
        return Text(tuple(words[:length]), tuple(targets))

    def subject(self, depth: int) -> tuple[tuple[str, ...], SubjectHead]:
        """Write only a subject's noun phrase, with ``depth`` relatives inside each other."""
        self._clear()
        head = self.noun_phrase(depth, SORTS, 0.5)
        return tuple(self.words), head

    def _finished(self) -> Text:
        """Close the sentence, with some words disguised as unknown ones."""
        if self._random() >= self._unknown_rate:
            return Text(tuple(self.words), tuple(self._targets))
        return disguised(Text(tuple(self.words), tuple(self._targets)), self._random)


def held_out(phrase: Sequence[str]) -> bool:
    """Tell whether a subject's phrase, all words up to its verb, is kept for tests."""
    return crc32(" ".join(phrase).encode()) % _HELD_OUT == 0
