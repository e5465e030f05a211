"""What the grammar writes on: the words so far, the numbers of their nouns, the verbs that agree."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lstm_ascii.language.lexicon import PLURAL, SINGULAR
from lstm_ascii.language.words import Forms, WordLists, word_lists

T = TypeVar("T")

KINDS = (
    "simple", "pronoun", "name", "compound", "possessive", "one phrase", "two phrases", "subject relative",
    "object relative", "object relative without that", "nested relatives", "inside a relative", "coordination",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A verb that agrees with its subject.

    Attributes:
        verb: position of the verb in the text.
        right, wrong: the form that stands there, and its number twin.
        subject: position of the subject's head.
        start: position where the subject's phrase begins.
        distance: words between head and verb.
        attractors: nouns between them that have the other number.
        kind: the construction, one of :data:`KINDS`.
    """

    verb: int
    right: str
    wrong: str
    subject: int
    start: int
    distance: int
    attractors: int
    kind: str


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or a document: its words in small letters, and the verbs in it that agree."""

    words: tuple[str, ...]
    targets: tuple[Target, ...]


@dataclass(slots=True)
class Head:
    """The subject that a verb phrase is written for; ``agrees`` is false for "I" (am, was, have)."""

    start: int
    position: int
    plural: bool
    sort: str
    kind: str
    agrees: bool = True

    @property
    def living(self) -> bool:
        """Whether it acts (chases, says), not only is or lies somewhere."""
        return self.sort in ("person", "animal")


class Writer:
    """A text that is being written, and the source of its random numbers."""

    def __init__(self, seed: int) -> None:
        """Start with no words at ``seed``."""
        self._rng = random.Random(seed)  # noqa: S311 - texts, not secrets
        self._random: Callable[[], float] = self._rng.random
        self._lists: WordLists = word_lists()
        self._clear()

    def _clear(self) -> None:
        self.words: list[str] = []
        self._numbers: list[str] = []  # of each word that is a noun; empty for others
        self._targets: list[Target] = []

    def attractors(self, head: Head) -> int:
        """Count the nouns after ``head``, in what is written so far, that have the other number."""
        return self._numbers[head.position + 1 :].count(SINGULAR if head.plural else PLURAL)

    def _pick(self, items: Sequence[T]) -> T:
        return items[int(self._random() * len(items))]

    def _write(self, *words: str) -> None:
        self.words += words
        self._numbers += [""] * len(words)

    def _noun(self, forms: Forms, plural: bool) -> None:
        self.words.append(forms[plural])
        self._numbers.append(PLURAL if plural else SINGULAR)

    def _agree(self, head: Head, singular: str, plural: str, kind: str) -> None:
        """Write the form of a verb that agrees with ``head``, and note it as a target."""
        right, wrong = (plural, singular) if head.plural else (singular, plural)
        verb = len(self.words)
        if head.agrees:
            distance, attractors = verb - head.position - 1, self.attractors(head)
            self._targets.append(Target(verb, right, wrong, head.position, head.start, distance, attractors, kind))
        elif singular in ("is", "'s"):
            right = "am" if singular == "is" else "'m"
        elif singular == "was":
            right = "was"
        self._write(right)
