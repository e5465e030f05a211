"""Scoring minimal pairs: log p(right) − log p(wrong), after a prefix or for whole sentences.

Both are standard. By prefix: the probability of the two forms after the same words (Linzen et al. 2016). By sentence:
the probability of all words of each (Marvin & Linzen 2018); what stands before the first difference is the same in
both, so it is left out. A form of several words is a product of their probabilities, by the chain rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.language.unknown import UNKNOWN_CLASSES
from lstm_ascii.language.vocabulary import SENTENCE_ENDS, UNKNOWN_ENTRIES, Vocabulary
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.reports.agreement.pairs import BY_SENTENCE, FilePair
from lstm_ascii.reports.explain.twins import entry_of, forms_of
from lstm_ascii.reports.scored.portions import batches, units_of

LOGITS_AT_ONCE = 1 << 18
MOST_REMEMBERED = 1 << 16  # words

Form = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A pair as a network reads it, in rows of its embedding.

    Attributes:
        pair: that is asked.
        prefix: what both have before they differ.
        right, wrong: what follows, as far as it is scored.
        by_letters: the entry of a word that is read by its letters, or of all unknown ones; empty for none.
        forms_by_letters: whether the words in which the pair differs are.
    """

    pair: FilePair
    prefix: tuple[int, ...]
    right: tuple[int, ...]
    wrong: tuple[int, ...]
    by_letters: str = ""
    forms_by_letters: bool = False

    @property
    def length(self) -> int:
        """Words that both have before they differ."""
        return len(self.prefix)

    @property
    def behind(self) -> int:
        """Words that are read after the first one of each."""
        return max(len(self.right), len(self.wrong)) - 1


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
        self._forms: dict[tuple[Form, Form], tuple[Form, Form] | None] = {}
        self._read: dict[tuple[str, bool], tuple[int, str]] = {}

    def question(self, pair: FilePair) -> Question:
        """Return a pair as the network reads it.

        Raises:
            UnknownForm: a word in which it differs is not in the vocabulary.
            UnknownBefore: another word is not, and nothing stands for it.
        """
        words = self._vocabulary
        if (forms := self._entries(pair.right, pair.wrong)) is None:
            if words.splitter is None:
                raise UnknownForm(self._strangers(pair))
            return self._in_pieces(pair)
        right, wrong = forms
        rest = pair.rest if pair.scored == BY_SENTENCE else ()
        if words.splitter is None:
            return self._asked(pair, pair.prefix, (*right, *rest), (*wrong, *rest))
        prefix, rest = (tuple(words.words_of(" ".join(some))) if some else () for some in (pair.prefix, rest))
        return self._asked(pair, prefix, (*right, *rest), (*wrong, *rest))

    def _entries(self, right: Form, wrong: Form) -> tuple[Form, Form] | None:
        """Return the entries of the words in which a pair differs; words of both sides may be read by their letters."""
        if (right, wrong) not in self._forms:
            if len(self._forms) >= MOST_REMEMBERED:
                self._forms.clear()
            self._forms[right, wrong] = self._found(right, wrong)
        return self._forms[right, wrong]

    def _found(self, right: Form, wrong: Form) -> tuple[Form, Form] | None:
        """Look for the entries of two forms: word against word, where they are as long."""
        words = self._vocabulary
        if len(right) == len(wrong):
            pairs = [
                (entry_of(words, a) or a,) * 2 if a == b else forms_of(words, a, b)
                for a, b in zip(right, wrong, strict=True)
            ]
            entries = [pair for pair in pairs if pair]
            if len(entries) == len(pairs):
                return tuple(a for a, _ in entries), tuple(b for _, b in entries)
        known = [[entry_of(words, word) or (word if word in right and word in wrong else "") for word in form]
                 for form in (right, wrong)]  # fmt: skip
        return (tuple(known[0]), tuple(known[1])) if all(map(all, known)) else None

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
        before, strange = self._rows(prefix)
        last = prefix[-1:]
        after, stranger = self._rows(right, last)
        other, _ = self._rows(wrong, last)
        forms = any(entry in UNKNOWN_CLASSES and entry != word for entry, word in zip(right, pair.right, strict=False))
        return Question(pair, before, after, other, strange or stranger, forms)

    def _rows(self, words: Sequence[str], before: Sequence[str] = ()) -> tuple[tuple[int, ...], str]:
        """Return the rows of words, and the entry of the first that is not in the vocabulary itself.

        Args:
            words: one after the other.
            before: the word before them, if there is one.
        """
        rows, strange, first = [], "", not before or before[0] in SENTENCE_ENDS
        for word in words:
            key = (word, first)
            if (found := self._read.get(key)) is None:
                if not self._stands_in and not self._vocabulary.can_read(word):
                    raise UnknownBefore
                reading = self._vocabulary.read(word, first)
                if len(self._read) >= MOST_REMEMBERED:
                    self._read.clear()
                found = self._read[key] = (reading.index, "" if reading.known else reading.entry)
            rows.append(found[0])
            strange = strange or found[1]
            first = word in SENTENCE_ENDS
        return tuple(rows), strange


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """What a network makes of a pair.

    Attributes:
        odds: log p(right) - log p(wrong); ``None`` where it is no finite number, or the pair can't be read.
        strangers: words in which the pair differs and that are not in the vocabulary.
        is_read: whether all the words before them are, or an entry stands for them.
        by_letters, forms_by_letters: see :class:`Question`.
    """

    odds: float | None = None
    strangers: tuple[str, ...] = ()
    is_read: bool = True
    by_letters: str = ""
    forms_by_letters: bool = False


def answers_to(network: Network, pairs: Sequence[FilePair]) -> list[PairAnswer]:
    """Ask a network about pairs, and return its answers in their order."""
    reader = Reader(network.vocabulary)
    answers = [PairAnswer()] * len(pairs)
    places: dict[int, int] = {}  # of the questions, by their identity
    questions = []
    for place, pair in enumerate(pairs):
        try:
            question = reader.question(pair)
        except UnknownForm as strangers:
            answers[place] = PairAnswer(strangers=strangers.words)
        except UnknownBefore:
            answers[place] = PairAnswer(is_read=False)
        else:
            places[id(question)] = place
            questions.append(question)
    for question, odds in log_odds(network, questions):
        answers[places[id(question)]] = PairAnswer(
            odds, by_letters=question.by_letters, forms_by_letters=question.forms_by_letters
        )
    return answers


def log_odds(network: Network, questions: Sequence[Question]) -> Iterator[tuple[Question, float | None]]:
    """Yield log p(right) - log p(wrong) of each question, the shortest first; ``None`` where it is no finite number."""
    units = units_of(network)
    for within in (True, False):
        some = [one for one in questions if bool(one.prefix) == within]
        for batch in batches(
            some, lambda one: (one.length, one.behind), lambda one: max(one.length, 2 * one.behind), units
        ):
            with np.errstate(invalid="ignore", over="ignore"):
                odds = _odds(network, batch)
            yield from zip(batch, (value if np.isfinite(value) else None for value in odds.tolist()), strict=True)


def _odds(network: Network, batch: Sequence[Question]) -> Array:
    """Return the log-odds of questions that all have a prefix, or all none, ``(B,)``.

    The words of both prefixes are read once. Where they end, the sum over all words is the same for both forms, so
    it is left out; behind, it is not. A first word has no probability, as nothing is read before it.
    """
    odds, start = np.zeros(len(batch)), list[dict[str, Array]]()
    if batch[0].prefix:
        run = network.run(_side_by_side([question.prefix for question in batch]))
        lengths, columns = np.array([question.length for question in batch]), np.arange(len(batch))
        outputs = run.outputs[lengths - 1, columns]  # (B, H)
        right, wrong = [one.right[0] for one in batch], [one.wrong[0] for one in batch]
        of_right, of_wrong = (network.decoder_weight[rows].astype(float) for rows in (right, wrong))
        bias = network.decoder_bias
        odds = np.sum(outputs * (of_right - of_wrong), axis=-1) + bias[right] - bias[wrong]
        start = [
            {name: np.repeat(states[lengths, columns], 2, axis=0) for name, states in trace.states.items()}
            for passes in run.traces
            for trace in passes
        ]
    texts = [form for question in batch for form in (question.right, question.wrong)]
    return odds + _behind(network, texts, start) if max(map(len, texts)) > 1 else odds


def _behind(network: Network, texts: Sequence[Sequence[int]], start: Sequence[Mapping[str, Array]]) -> Array:
    """Return how much likelier the words of each even text are than those of the next, but for the first, ``(B,)``."""
    places = [(step, column) for column, text in enumerate(texts) for step in range(len(text) - 1)]
    steps, columns = (np.array(some, np.intp) for some in zip(*places, strict=True))
    outputs = network.run(_side_by_side([text[:-1] for text in texts]), start).outputs[steps, columns]
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
