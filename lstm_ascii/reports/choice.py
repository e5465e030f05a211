"""The choice that a report looks into: after which word, between which two words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.network import Network, Run
from lstm_ascii.training.lexicon import lexicon

CANDIDATES, WORTH_ASKING = 20, 0.02  # a likely verb with a number is asked for, among so many words
LIKELIEST = 3  # predictions that are kept for each word
ROWS_AT_ONCE = 256  # probabilities over the whole vocabulary are held for so many words at a time


@dataclass(frozen=True)
class Choice:
    """A prediction to look into, and what a network makes of it.

    Attributes:
        after: the number of the word after which it is made, from 1.
        right, wrong: the two words; without a number pair the two likeliest.
        kind: ``next word`` (the sentence's own, against its twin in number), ``likeliest`` (the network's
            first and second), ``asked`` (the reader's).
        probability_right, probability_wrong: that this network gives them.
        log_odds: log of their ratio.
    """

    after: int
    right: str
    wrong: str
    kind: str
    probability_right: float
    probability_wrong: float
    log_odds: float


@dataclass(frozen=True)
class Prediction:
    """A word and its probability."""

    word: str
    probability: float


@dataclass(frozen=True)
class Question:
    """A choice before any network has answered it."""

    after: int
    right: str
    wrong: str
    kind: str


def question_for(network: Network, run: Run, words: Sequence[str], asked: str = "") -> Question:
    """Return what to look into.

    The reader's own contrast (``was:were``) where there is one; else the last verb of the sentence that
    has a number, against its twin; else, after the sentence, the likeliest verb with a number against its
    twin; else the two likeliest words.
    """
    if asked:
        return _asked(asked, words)
    for number in range(len(words), 1, -1):
        word = words[number - 1].lower()
        twin = verb_twin(word)
        if twin and word in network.vocabulary and twin in network.vocabulary:
            return Question(number - 1, word, twin, "next word")
    probabilities = next_word_probabilities(network, run, len(words))
    entries = [network.vocabulary.words[k] for k in _largest(probabilities, CANDIDATES)]
    for entry, probability in zip(entries, sorted(probabilities, reverse=True), strict=False):
        twin = verb_twin(entry)
        if twin and twin in network.vocabulary and probability >= WORTH_ASKING:
            return Question(len(words), entry, twin, "likeliest")
    first, second = sorted(entries, key=lambda entry: entry.startswith("‹"))[:2]  # rather words than classes
    return Question(len(words), first, second, "likeliest")


def answer(network: Network, run: Run, question: Question) -> tuple[Choice, Contrast]:
    """Return what ``network`` makes of a question.

    Raises:
        UsageError: a word of the question is not in its vocabulary.
    """
    for word in (question.right, question.wrong):
        if word not in network.vocabulary:
            raise UsageError(f"--contrast: {word!r} is not in the vocabulary of {network.source}")
    right, wrong = (network.vocabulary.read(word).index for word in (question.right, question.wrong))
    contrast = Contrast(question.after, right, wrong)
    probabilities = next_word_probabilities(network, run, question.after)
    odds = float(contrast.log_odds(network, run.outputs[question.after - 1, 0]))
    choice = Choice(**vars(question), probability_right=float(probabilities[right]),
                    probability_wrong=float(probabilities[wrong]), log_odds=odds)  # fmt: skip
    return choice, contrast


def next_word_probabilities(network: Network, run: Run, after: int) -> Array:
    """Return the probability of every word after word ``after``, ``(V,)``."""
    logits = network.decode(run.outputs[after - 1, 0])
    odds = np.exp(logits - logits.max())
    probabilities: Array = odds / odds.sum()
    return probabilities


def predictions(
    network: Network, run: Run, words: Sequence[str]
) -> list[tuple[tuple[Prediction, ...], tuple[Prediction, Prediction] | None]]:
    """Return, after each word, the likeliest next words, and the next verb against its twin if it has one."""
    found = []
    for first in range(0, len(words), ROWS_AT_ONCE):
        logits = network.decode(run.outputs[first : first + ROWS_AT_ONCE, 0])
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        for number, row in enumerate(odds / odds.sum(axis=-1, keepdims=True), first + 1):
            top = tuple(Prediction(network.vocabulary.words[k], float(row[k])) for k in _largest(row, LIKELIEST))
            found.append((top, _pair(network, row, words[number].lower() if number < len(words) else "")))
    return found


def _largest(row: Array, count: int) -> list[int]:
    """Return where the largest values stand, largest first; of equals the first."""
    count = min(count, len(row))
    found = np.flatnonzero(row >= np.partition(row, -count)[-count])
    return sorted(found.tolist(), key=lambda k: (-row[k], k))[:count]


def _pair(network: Network, row: Array, verb: str) -> tuple[Prediction, Prediction] | None:
    """Return the probabilities of a verb and its twin, if it has one."""
    twin = verb_twin(verb)
    if not twin or verb not in network.vocabulary or twin not in network.vocabulary:
        return None
    one, other = (Prediction(word, float(row[network.vocabulary.read(word).index])) for word in (verb, twin))
    return one, other


def verb_twin(word: str) -> str | None:
    """Return the same verb for a subject of the other number, if ``word`` is a verb that agrees."""
    kind = lexicon().word_class(word) or ""
    agrees = kind.startswith(("verb", "auxiliary", "contraction")) and lexicon().number(word)
    return lexicon().twin(word) if agrees else None


def _asked(asked: str, words: Sequence[str]) -> Question:
    """Read ``right:wrong``; it is looked into before the last place where either stands, else at the end."""
    right, _, wrong = (part.strip().lower() for part in asked.partition(":"))
    if not right or not wrong or right == wrong:
        raise UsageError(f"--contrast: expected two words as right:wrong, such as was:were, got {asked!r}")
    places = [number for number, word in enumerate(words, 1) if number > 1 and word.lower() in (right, wrong)]
    return Question(places[-1] - 1 if places else len(words), right, wrong, "asked")
