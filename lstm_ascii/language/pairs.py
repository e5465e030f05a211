"""Minimal pairs: the beginning of a sentence, and two forms of a verb, one of which agrees.

Their subjects' phrases are held out: no training document has one of them before a verb.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from lstm_ascii.language.grammar import Grammar, SubjectHead, held_out
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.writer import word_lists
from lstm_ascii.records import dataclass

TEST_DEPTH = 7
_AUXILIARIES = (("was", "were"), ("is", "are"), ("has", "have"), ("does", "do"))


@dataclass(frozen=True, slots=True)
class Pair:
    """A minimal pair.

    Attributes:
        prefix: the words up to the verb.
        right, wrong: the two forms of the verb.
        kind: the construction between subject and verb, one of ``KINDS``.
        subject: position of the subject's head in ``prefix``.
        distance: words between head and verb.
        attractors: nouns between them that have the other number.
    """

    prefix: tuple[str, ...]
    right: str
    wrong: str
    kind: str
    subject: int
    distance: int
    attractors: int


def minimal_pairs(
    count: int,
    seed: int,
    distance: tuple[int, int] = (0, 30),
    attractors: tuple[int, int] = (0, 99),
    unknown: bool = False,
    before: int = 0,
) -> list[Pair]:
    """Return ``count`` held-out minimal pairs that meet the conditions, the same for the same seed.

    Args:
        count: how many.
        seed: of the random numbers.
        distance: least and greatest number of words between subject and verb.
        attractors: least and greatest number of nouns between them that have the other number.
        unknown: whether the subject's head is replaced by its unknown class.
        before: number of whole sentences that come first.
    """
    pairs = _pairs(seed, distance, attractors, unknown, before)
    return [next(pairs) for _ in range(count)]


def _pairs(
    seed: int, distance: tuple[int, int], attractors: tuple[int, int], unknown: bool, before: int
) -> Iterator[Pair]:
    """Yield held-out pairs without end, nested about as deep as the distance asks for."""
    grammar, rng = Grammar(seed), random.Random(seed)  # noqa: S311
    least, most = distance[0] // 7, min(TEST_DEPTH, distance[1] // 3)
    while True:
        phrase, head = grammar.subject(rng.randint(least, max(least, most)))
        words, between, others = list(phrase), len(phrase) - head.position - 1, grammar.attractors(head)
        if not (distance[0] <= between <= distance[1] and attractors[0] <= others <= attractors[1]):
            continue
        if not _held_out(words, head, rng):
            continue
        if unknown:
            word_class = lexicon().honest_class(words[head.position])
            if word_class is None:
                continue
            words[head.position] = word_class
        singular, plural = rng.choice(_AUXILIARIES if rng.random() < 0.6 else _present(head))
        right, wrong = (plural, singular) if head.plural else (singular, plural)
        first = [word for _ in range(before) for word in grammar.sentence(0).words]
        yield Pair(
            (*first, *words),
            right,
            wrong,
            head.kind,
            len(first) + head.position,
            between,
            others,
        )


def _held_out(words: list[str], head: SubjectHead, rng: random.Random) -> bool:
    """Give the phrase another head, in place, with which it is held out; tell whether there is one."""
    nouns = word_lists().nouns[head.sort]
    for forms in rng.sample(nouns, len(nouns)):
        words[head.position] = forms[head.plural]
        if words[head.position - 1] in ("a", "an"):
            words[head.position - 1] = lexicon().article(words[head.position])
        if held_out(words):
            return True
    return False


def _present(head: SubjectHead) -> tuple[tuple[str, str], ...]:
    """Return the present forms, singular and plural, of the verbs that go with ``head``."""
    lists = word_lists()
    verbs = lists.own_verbs[head.sort] + (lists.object_verbs[head.sort] if head.living else ())
    return tuple((forms[1], forms[0]) for forms in verbs)
