"""What a network makes of minimal pairs: log p(right) - log p(wrong), after a prefix or of whole sentences.

Both are standard. By prefix: the probability of the two forms after the same words (Linzen et al. 2016). By sentence:
the probability of all words of each (Marvin & Linzen 2018); what stands before the first difference is the same in
both, so it is left out. A form of several words is a product of their probabilities, by the chain rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.language.vocabulary import UNKNOWN_ENTRIES, Vocabulary
from lstm_ascii.network import Network
from lstm_ascii.reports.agreement.pairs import BY_SENTENCE, FilePair
from lstm_ascii.reports.explain.twins import entry_of

PAIRS_AT_ONCE = 256  # that run side by side
NUMBERS_AT_ONCE = 1 << 19  # of one gate of all pairs that run side by side
LOGITS_AT_ONCE = 1 << 21


@dataclass(frozen=True, slots=True)
class Question:
    """A pair as a network reads it, in rows of its embedding.

    Attributes:
        pair: that is asked.
        prefix: what both have before they differ.
        right, wrong: what follows, as far as it is scored.
        by_letters: a word that is read by its letters, or as the entry for all unknown ones; empty for none.
    """

    pair: FilePair
    prefix: tuple[int, ...]
    right: tuple[int, ...]
    wrong: tuple[int, ...]
    by_letters: str = ""

    @property
    def length(self) -> int:
        """Words to run through."""
        return len(self.prefix) if self.is_short else len(self.prefix) + max(len(self.right), len(self.wrong)) - 1

    @property
    def is_short(self) -> bool:
        """Whether one word stands against another after a prefix, so that no word follows that would be scored."""
        return len(self.right) == len(self.wrong) == 1 and bool(self.prefix)


class UnknownForm(Exception):  # noqa: N818 - it is an answer
    """The words in which a pair differs are not in the vocabulary.

    Attributes:
        words: those.
    """

    def __init__(self, words: Sequence[str]) -> None:
        """Name them."""
        super().__init__(*words)
        self.words = tuple(words)


class UnknownBefore(Exception):  # noqa: N818 - it is an answer
    """Another word of a pair is not in the vocabulary, and no entry stands for such words."""


class Reader:
    """Reads pairs in the words of one vocabulary; it remembers those that it has met."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary."""
        self._vocabulary = vocabulary
        self._stands_in = any(entry in vocabulary for entry in UNKNOWN_ENTRIES)
        self._forms: dict[str, str | None] = {}

    def question(self, pair: FilePair) -> Question:
        """Return a pair as the network reads it.

        Raises:
            UnknownForm: a word in which it differs is not in the vocabulary.
            UnknownBefore: another word is not, and nothing stands for it.
        """
        words = self._vocabulary
        try:
            right, wrong = self._form(pair.right, pair.wrong), self._form(pair.wrong, pair.right)
        except UnknownForm:
            if words.splitter is None:
                raise UnknownForm(self._strangers(pair)) from None
            return self._in_pieces(pair)
        rest = pair.rest if pair.scored == BY_SENTENCE else ()
        if words.splitter is None:
            return self._asked(pair, pair.prefix, (*right, *rest), (*wrong, *rest))
        prefix, rest = (tuple(words.words_of(" ".join(some))) if some else () for some in (pair.prefix, rest))
        return self._asked(pair, prefix, (*right, *rest), (*wrong, *rest))

    def _form(self, form: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
        """Return the entries of the words in which a pair differs; those of both sides may be read by their letters."""
        entries = []
        for word in form:
            if word not in self._forms:
                self._forms[word] = entry_of(self._vocabulary, word)
            if (entry := self._forms[word]) is None and word not in other:
                raise UnknownForm((word,))
            entries.append(entry or word)
        return tuple(entries)

    def _strangers(self, pair: FilePair) -> list[str]:
        """Return the words in which a pair differs that are not in the vocabulary."""
        return [word for word in dict.fromkeys((*pair.right, *pair.wrong)) if entry_of(self._vocabulary, word) is None]

    def _in_pieces(self, pair: FilePair) -> Question:
        """Read a pair whose forms are several pieces of a tokenizer."""
        rest = pair.rest if pair.scored == BY_SENTENCE else ()
        right, wrong = (
            tuple(self._vocabulary.words_of(" ".join((*pair.prefix, *form, *rest))))
            for form in (pair.right, pair.wrong)
        )
        shared = next((number for number, two in enumerate(zip(right, wrong, strict=False)) if two[0] != two[1]), 0)
        if not shared or not all(piece in self._vocabulary for piece in (*right[shared:], *wrong[shared:])):
            raise UnknownForm(self._strangers(pair))
        return self._asked(pair, right[:shared], right[shared:], wrong[shared:])

    def _asked(self, pair: FilePair, prefix: Sequence[str], right: Sequence[str], wrong: Sequence[str]) -> Question:
        """Look all words up."""
        words, length = self._vocabulary, len(prefix)
        if not self._stands_in and not all(map(words.can_read, (*prefix, *right, *wrong))):
            raise UnknownBefore
        readings = words.read_sentence([*prefix, *right])
        before = tuple(reading.index for reading in readings[:length])
        by_letters = next((reading.entry for reading in readings if not reading.known), "")
        after = tuple(reading.index for reading in readings[length:])
        if len(wrong) == 1 and length:
            readings = [words.read(wrong[0])]
        else:
            readings = words.read_sentence([*prefix, *wrong])[length:]
        other = tuple(reading.index for reading in readings)
        return Question(pair, before, after, other, by_letters)


def log_odds(network: Network, questions: Sequence[Question]) -> Iterator[tuple[Question, float | None]]:
    """Yield log p(right) - log p(wrong) of each question, the shortest first; ``None`` where it is no finite number."""
    units = sum(direction.cell.hidden_size for layer in network.layers for direction in layer)
    for short in (True, False):
        ask = _after_prefix if short else _of_sentences
        for batch in _batches([one for one in questions if one.is_short == short], units if short else 2 * units):
            with np.errstate(invalid="ignore", over="ignore"):
                odds = ask(network, batch)
            yield from zip(batch, (value if np.isfinite(value) else None for value in odds.tolist()), strict=True)


def _batches(questions: Iterable[Question], units: int) -> Iterator[list[Question]]:
    """Put questions of about the same length side by side, as many as fit into memory."""
    batch: list[Question] = []
    for question in sorted(questions, key=lambda question: question.length):
        numbers = (len(batch) + 1) * question.length * units
        if batch and (len(batch) == PAIRS_AT_ONCE or numbers > NUMBERS_AT_ONCE):
            yield batch
            batch = []
        batch.append(question)
    if batch:
        yield batch


def _after_prefix(network: Network, batch: Sequence[Question]) -> Array:
    """Return the log-odds of single words, ``(B,)``; the sum over all words is the same for both."""
    ids = _side_by_side([question.prefix for question in batch])
    last = [question.length - 1 for question in batch]
    outputs = network.run(ids).outputs[last, np.arange(len(batch))]  # (B, H)
    right, wrong = ([getattr(question, form)[0] for question in batch] for form in ("right", "wrong"))
    weight, bias = network.decoder_weight, network.decoder_bias
    odds: Array = np.sum(outputs * (weight[right] - weight[wrong]), axis=-1) + bias[right] - bias[wrong]
    return odds


def _of_sentences(network: Network, batch: Sequence[Question]) -> Array:
    """Return the log-odds of several words, ``(B,)``; a first word has no probability, as nothing is read before it."""
    texts = [(*question.prefix, *form) for question in batch for form in (question.right, question.wrong)]
    places = [
        (step, column)
        for column, text in enumerate(texts)
        for step in range(max(len(batch[column // 2].prefix), 1) - 1, len(text) - 1)
    ]
    steps, columns = (np.array(some, np.intp) for some in zip(*places, strict=True))
    outputs = network.run(_side_by_side([text[:-1] or text for text in texts])).outputs[steps, columns]
    wanted = np.array([texts[column][step + 1] for step, column in places], np.intp)
    sums = np.zeros(len(texts))
    at_once = max(1, LOGITS_AT_ONCE // len(network.decoder_bias))
    for begin in range(0, len(wanted), at_once):
        part = slice(begin, begin + at_once)
        np.add.at(sums, columns[part], _log_probabilities(network.decode(outputs[part]), wanted[part]))
    return sums[::2] - sums[1::2]


def _log_probabilities(logits: Array, wanted: npt.NDArray[np.intp]) -> Array:
    """Return log p of one word a row of ``logits`` ``(N, V)``, ``(N,)``, in double precision."""
    largest = logits.max(axis=1, keepdims=True)
    total = np.exp(logits - largest).sum(axis=1, dtype=np.float64)
    chosen = (logits[np.arange(len(wanted)), wanted] - largest[:, 0]).astype(np.float64)
    values: Array = chosen - np.log(total)
    return values


def _side_by_side(texts: Sequence[Sequence[int]]) -> npt.NDArray[np.intp]:
    """Return texts as columns, ``(T, B)``; what follows a text is not looked at."""
    ids = np.zeros((max(map(len, texts)), len(texts)), np.intp)
    for column, text in enumerate(texts):
        ids[: len(text), column] = text
    return ids
