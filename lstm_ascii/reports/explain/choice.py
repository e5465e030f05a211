"""The choice that a report looks into: after which word, between which two words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.language.vocabulary import Reading
from lstm_ascii.network import Network, Run
from lstm_ascii.progress import Progress, counted
from lstm_ascii.reports.explain.twins import bare, entry_of, stands_for_others, verb_twin_entry

CANDIDATES, WORTH_ASKING = 20, 0.02  # a likely verb with a number is asked for, among so many words
LIKELIEST = 3  # predictions that are kept for each word
ROWS_AT_ONCE = 256  # probabilities over the whole vocabulary are held for so many words at a time


@dataclass(frozen=True)
class Choice:
    """A prediction to look into, and what a network makes of it.

    Attributes:
        after: the number of the word after which it is made, from 1.
        right, wrong: the two words; without a number pair the two likeliest.
        kind: ``next word`` (the sentence's own, against its twin in number), ``likeliest verb`` (that
            the network expects, against its twin), ``likeliest`` (its first and second), ``asked`` (the reader's).
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


@dataclass(frozen=True, slots=True)  # there are many of them
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


def why_no_choice(network: Network, run: Run) -> str:
    """Return why a network can't be asked for the next word on a pass; empty where it can."""
    if why := why_no_next_word(network):
        return why
    if not np.isfinite(next_word_probabilities(network, run, len(run.outputs))).all():
        return "what the network answers is no number"
    return ""


def why_no_next_word(network: Network) -> str:
    """Return why a network, as it is built, names no next word; empty where it does."""
    backward = {direction.backward for layer in network.layers for direction in layer}
    if not network.has_decoder:
        return "the network has no decoder, so it names no next word"
    if True in backward:
        also = "also reads" if False in backward else "reads"
        return f"the network {also} from the end, so it has seen the word that comes next"
    if len(network.vocabulary) < 2:
        return "the network's vocabulary has only one word"
    return ""


def question_for(network: Network, run: Run, readings: Sequence[Reading], wording: str = "") -> Question:
    """Return what to look into.

    The reader's own contrast (``was:were``) where there is one; else the last verb of the sentence that
    has a number, against its twin; else, after the sentence, the likeliest verb with a number against its
    twin; else the two likeliest words.
    """
    if wording:
        return _asked(network, wording, readings)
    for number in range(len(readings), 1, -1):
        if pair := _verb_pair(network, readings[number - 1]):
            return Question(number - 1, *pair, "next word")
    probabilities = next_word_probabilities(network, run, len(readings))
    rows = _largest(probabilities, CANDIDATES)
    entries = [network.vocabulary.words[row] for row in rows]
    for row, entry in zip(rows, entries, strict=True):
        twin = verb_twin_entry(network.vocabulary, entry)
        if twin and probabilities[row] >= WORTH_ASKING:
            return Question(len(readings), entry, twin, "likeliest verb")
    first, second = sorted(entries, key=stands_for_others)[:2]  # rather words than classes
    return Question(len(readings), first, second, "likeliest")


def answer(network: Network, run: Run, question: Question) -> tuple[Choice, Contrast]:
    """Return what ``network`` makes of a question.

    Raises:
        UsageError: a word of the question is not in its vocabulary.
    """
    for word in (question.right, question.wrong):
        if word not in network.vocabulary:
            raise UsageError(f"{visible(word)!r} is not in the vocabulary of {network.source}", "contrast")
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
    network: Network, run: Run, readings: Sequence[Reading], progress: Progress | None = None
) -> list[tuple[tuple[Prediction, ...], tuple[Prediction, Prediction] | None]]:
    """Return, after each word, the likeliest next words, and the next verb against its twin if it has one."""
    per_word, next_pairs = [], [*(_verb_pair(network, reading) for reading in readings[1:]), None]
    portions = range(0, len(readings), ROWS_AT_ONCE)
    for first in counted(portions, len(portions), progress, every=1):
        logits = network.decode(run.outputs[first : first + ROWS_AT_ONCE, 0])
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        for row, pair in zip(odds / odds.sum(axis=-1, keepdims=True), next_pairs[first:], strict=False):
            top = tuple(Prediction(network.vocabulary.words[k], float(row[k])) for k in _largest(row, LIKELIEST))
            per_word.append((top, _asked_for(network, row, pair)))
    return per_word


def _largest(row: Array, count: int) -> list[int]:
    """Return where the largest values stand, largest first; of equals the first."""
    count = min(count, len(row))
    indices = np.flatnonzero(row >= np.partition(row, -count)[-count])
    return sorted(indices.tolist(), key=lambda k: (-row[k], k))[:count]


def _asked_for(network: Network, row: Array, pair: tuple[str, str] | None) -> tuple[Prediction, Prediction] | None:
    """Return the probabilities of a verb and its twin, if there is one."""
    if pair is None:
        return None
    right, wrong = (Prediction(word, float(row[network.vocabulary.read(word).index])) for word in pair)
    return right, wrong


def _verb_pair(network: Network, reading: Reading) -> tuple[str, str] | None:
    """Return a word and its twin in number, if it is a verb that has one and the network knows both."""
    twin = verb_twin_entry(network.vocabulary, reading.entry) if reading.known else ""
    return (reading.entry, twin) if twin else None


def _asked(network: Network, pair: str, readings: Sequence[Reading]) -> Question:
    """Read ``right:wrong``; it is looked into before the last place where either stands, else at the end."""
    right, _, wrong = (part.strip() for part in pair.partition(":"))
    if not right or not wrong or right.lower() == wrong.lower():
        raise UsageError(f"expected two words as right:wrong, such as was:were, got {pair!r}", "contrast")
    right, wrong = (entry_of(network.vocabulary, word) or word for word in (right, wrong))
    stands = [bare(reading.entry) in (bare(right), bare(wrong)) for reading in readings]
    places = [number for number, here in enumerate(stands, 1) if number > 1 and here]
    return Question(places[-1] - 1 if places else len(readings), right, wrong, "asked")
