"""What the grammar writes with: words by class, and the text so far with its nouns' numbers and verbs that agree."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from lstm_ascii.language.lexicon import PLURAL, SINGULAR, lexicon

Forms = tuple[str, ...]  # noun: singular, plural; verb: base, third person, past, participle, -ing

# Verbs that take an object of each sort, beyond those whose class is made for it.
_SHARED = {
    "thing": "see like love hate find need want forget remember hide watch",
    "food": "see like love hate find need want buy sell make take drop steal keep throw bring",
    "work": "see like love hate watch hear remember forget describe praise make understand know sell",
    "place": "see like love hate visit find know remember describe avoid paint protect build buy",
}
_OWN = {"thing": "verb thing", "food": "verb food", "work": "verb work"}
T = TypeVar("T")

KINDS = (
    "simple", "pronoun", "name", "compound", "possessive", "one phrase", "two phrases", "subject relative",
    "object relative", "object relative without that", "nested relatives", "inside a relative", "coordination",
)  # fmt: skip


@dataclass(frozen=True)
class WordLists:
    """What the grammar picks from; by sort where the sort of the noun matters."""

    nouns: dict[str, tuple[Forms, ...]]
    adjectives: dict[str, tuple[str, ...]]
    object_verbs: dict[str, tuple[Forms, ...]]
    own_verbs: dict[str, tuple[Forms, ...]]  # without an object
    position_verbs: tuple[Forms, ...]
    clause_verbs: tuple[Forms, ...]
    names: tuple[str, ...]
    places: tuple[str, ...]
    times: tuple[Forms, ...]
    modifiers: tuple[str, ...]
    bare_plurals: tuple[Forms, ...]  # without -s, so that "'s" can follow
    modals: tuple[str, ...]
    pronouns: tuple[str, ...]
    object_pronouns: tuple[str, ...]
    determiners: tuple[str, ...]
    singular_determiners: tuple[str, ...]
    plural_determiners: tuple[str, ...]
    prepositions: tuple[str, ...]
    often: tuple[str, ...]
    degree: tuple[str, ...]
    adverbs: tuple[str, ...]
    time_adverbs: tuple[str, ...]


@cache
def word_lists() -> WordLists:
    """Return the lists; made once."""
    words = lexicon()
    lexemes = words.lexemes
    single = {name: tuple(form for forms in items for form in forms) for name, items in lexemes.items()}
    verbs = {forms[0]: forms for name, items in lexemes.items() if name.startswith("verb") for forms in items}
    sorts = ("person", "animal", "food", "thing", "place", "work")
    nouns = {sort: lexemes[f"noun {sort}"] for sort in sorts}
    of_any = single["adjective any"]
    adjectives = dict.fromkeys(sorts, single["adjective thing"] + of_any)
    adjectives |= dict.fromkeys(("person", "animal"), single["adjective living"] + of_any)
    adjectives["work"] = single["adjective opinion"] * 2 + of_any
    objects = {
        sort: lexemes.get(_OWN.get(sort, ""), ()) + tuple(verbs[base] for base in shared.split())
        for sort, shared in _SHARED.items()
    }
    objects |= dict.fromkeys(("person", "animal"), lexemes["verb transitive"])
    own = dict.fromkeys(("person", "animal"), lexemes["verb intransitive"])
    own |= dict.fromkeys(("thing", "food", "place"), lexemes["verb event"]) | {"work": lexemes["verb story"]}
    return WordLists(
        nouns=nouns,
        adjectives=adjectives,
        object_verbs=objects,
        own_verbs=own,
        position_verbs=lexemes["verb position"],
        clause_verbs=lexemes["verb clause"],
        names=single["name person"],
        places=single["name place"],
        times=lexemes["noun time"],
        modifiers=single["noun modifier"] * 3
        + tuple(forms[0] for sort in ("place", "thing", "work") for forms in nouns[sort]),
        bare_plurals=tuple(forms for forms in nouns["person"] if not forms[1].endswith("s")),
        modals=("will", "would", "can", "could", "must", "should", "may", "might"),
        pronouns=single["pronoun subject"],
        object_pronouns=(*single["pronoun object"], "you", "it", "her"),
        determiners=single["determiner both"],
        singular_determiners=("a",) * 8 + ("this", "that", "every", "each", "another", "one"),
        plural_determiners=("those", *single["determiner plural"]),
        prepositions=single["preposition place"] * 2 + single["preposition link"],
        often=single["adverb often"],
        degree=single["adverb degree"],
        adverbs=single["adverb manner"],
        time_adverbs=single["adverb time"],
    )


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
class SubjectHead:
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

    def attractors(self, head: SubjectHead) -> int:
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

    def _agree(self, head: SubjectHead, singular: str, plural: str, kind: str) -> None:
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
