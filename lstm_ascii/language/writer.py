"""What the grammar writes with: words by class, and the text so far with its nouns' numbers and verbs that agree."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from lstm_ascii.language.lexicon import PLURAL, SINGULAR, lexicon
from lstm_ascii.language.unknown import unknown_class
from lstm_ascii.records import dataclass

Forms = tuple[str, ...]  # noun: singular, plural; verb: base, third person, past, participle, -ing

SORTS = (  # of nouns, as often as they come
    "person", "person", "person", "person", "animal", "animal", "animal", "group", "thing", "thing", "food", "work",
    "work", "place",
)  # fmt: skip
MASS = "mass"  # water, scissors: nouns of one number only
UNCHANGED = "unchanged"  # sheep: nouns of one form, whose determiner tells the number
_LIVING = ("person", "animal", "group", UNCHANGED)

# Verbs that take an object of each sort, beyond those whose class is made for it.
_SHARED = {
    "thing": "see like love hate find need want forget remember hide watch show",
    "food": "see like love hate find need want buy sell make take drop steal keep throw bring",
    "work": "see like love hate watch hear remember forget describe praise make understand know sell ignore criticize",
    "place": "see like love hate visit find know remember describe avoid paint protect build buy",
    MASS: "see like love hate find need want buy sell make take use bring steal send hide",
}
_CLAUSE_VERBS = "know hear see understand remember forget"  # beyond those of the class, and seldomer
_TELLING_VERBS = "tell show warn ask promise"
_TO_VERBS = "want need like love hate hope begin start continue forget remember"
_SHOWN_VERBS = "impress help save protect kill"  # what a thing may do to somebody
# Of the class of verbs; only what stands before them tells that they are nouns, as in "the show", "two plays".
_ALSO_NOUNS = "show play dream visit painting building drawing meeting"
_OWN = {"thing": "verb thing", "food": "verb food", "work": "verb work"}
NUMERALS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PLURAL_DETERMINERS = ("these", "these", "those", "those", "some", "many", "most")  # beside one of each
_WITH_OF = ("hundreds", "dozens")
T = TypeVar("T")

KINDS = (
    "simple", "pronoun", "name", "compound", "possessive", "partitive", "one phrase", "two phrases", "participle",
    "subject relative", "object relative", "object relative without that", "whose relative", "nested relatives",
    "inside a relative", "coordination",
)  # fmt: skip


@dataclass(frozen=True)
class WordLists:
    """What the grammar picks from; by sort where the sort of the noun matters."""

    nouns: dict[str, tuple[Forms, ...]]
    also_nouns: tuple[Forms, ...]
    mass: tuple[str, ...]
    plural_only: tuple[str, ...]
    unchanged: tuple[str, ...]
    adjectives: dict[str, tuple[str, ...]]
    object_verbs: dict[str, tuple[Forms, ...]]
    own_verbs: dict[str, tuple[Forms, ...]]  # without an object
    position_verbs: tuple[Forms, ...]
    clause_verbs: tuple[Forms, ...]
    telling_verbs: tuple[Forms, ...]
    to_verbs: tuple[Forms, ...]
    link_verbs: tuple[Forms, ...]
    shown_verbs: tuple[Forms, ...]
    names: tuple[str, ...]
    places: tuple[str, ...]
    times: tuple[Forms, ...]
    modifiers: tuple[str, ...]
    bare_plurals: tuple[Forms, ...]  # without -s, so that "'s" can follow
    modals: tuple[str, ...]
    pronouns: tuple[str, ...]
    indefinite: tuple[str, ...]
    object_pronouns: tuple[str, ...]
    determiners: tuple[str, ...]
    singular_determiners: tuple[str, ...]
    plural_determiners: tuple[str, ...]
    singular_telling: tuple[str, ...]  # whose noun needs no form of its own
    plural_telling: tuple[str, ...]
    prepositions: tuple[str, ...]
    often: tuple[str, ...]
    degree: tuple[str, ...]
    adverbs: tuple[str, ...]
    time_adverbs: tuple[str, ...]


@cache
def word_lists() -> WordLists:
    """Return the lists; made once."""
    lexemes = lexicon().lexemes
    single = {name: tuple(form for forms in items for form in forms) for name, items in lexemes.items()}
    nouns = {sort: lexemes[f"noun {sort}"] for sort in dict.fromkeys(SORTS)}
    verbs = _verb_lists(lexemes)
    plurals = single["determiner plural"]
    return WordLists(
        nouns=nouns,
        also_nouns=tuple((word, _known(f"{word}s")) for word in _ALSO_NOUNS.split() if word in lexicon().classes),
        mass=single["noun mass"],
        plural_only=single["noun plural"],
        unchanged=single["noun unchanged"],
        adjectives=_adjectives(single),
        **verbs,
        names=single["name person"],
        places=single["name place"],
        times=lexemes["noun time"],
        modifiers=single["noun modifier"] * 3
        + ("family", "music", "police")
        + tuple(forms[0] for sort in ("place", "thing", "work") for forms in nouns[sort]),
        bare_plurals=tuple(forms for forms in nouns["person"] if not forms[1].endswith("s")),
        modals=("will", "would", "can", "could", "must", "should", "may", "might"),
        pronouns=single["pronoun subject"],
        indefinite=single["pronoun indefinite"],
        object_pronouns=(*single["pronoun object"], "you", "it", "her"),
        determiners=single["determiner both"],
        singular_determiners=("a",) * 7
        + ("this", "this", "that", "that", "every", "each", "another", "one", "either", "neither"),
        plural_determiners=_PLURAL_DETERMINERS + tuple(word for word in plurals if word not in _WITH_OF),
        singular_telling=("a", "a", "this", "every", "each", "another", "one"),
        plural_telling=("these", "those", "both", "many", "few", "several", *NUMERALS),
        prepositions=single["preposition place"] * 2 + single["preposition link"],
        often=single["adverb often"],
        degree=(*single["adverb degree"], "most"),
        adverbs=single["adverb manner"],
        time_adverbs=single["adverb time"],
    )


def _known(word: str) -> str:
    """Return a word, or its class if it is none of the lexicon."""
    return word if word in lexicon().classes else unknown_class(word)


def _adjectives(single: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the adjectives that each sort of noun takes."""
    of_any = single["adjective any"]
    adjectives = dict.fromkeys((*SORTS, MASS), single["adjective thing"] + of_any)
    adjectives |= dict.fromkeys(_LIVING, single["adjective living"] + of_any)
    return adjectives | {"work": single["adjective opinion"] * 2 + of_any}


def _verb_lists(lexemes: Mapping[str, tuple[Forms, ...]]) -> dict[str, Any]:
    """Return the lists of verbs."""
    verbs = {forms[0]: forms for name, items in lexemes.items() if name.startswith("verb") for forms in items}

    def named(bases: str) -> tuple[Forms, ...]:
        return tuple(verbs[base] for base in bases.split())

    objects = {sort: lexemes.get(_OWN.get(sort, ""), ()) + named(shared) for sort, shared in _SHARED.items()}
    objects |= dict.fromkeys(_LIVING, lexemes["verb transitive"])
    own = dict.fromkeys(_LIVING, lexemes["verb intransitive"])
    own |= dict.fromkeys(("thing", "food", "place", MASS), lexemes["verb event"]) | {"work": lexemes["verb story"]}
    return {
        "object_verbs": objects,
        "own_verbs": own,
        "position_verbs": lexemes["verb position"],
        "clause_verbs": lexemes["verb clause"] * 3 + named(_CLAUSE_VERBS),
        "telling_verbs": named(_TELLING_VERBS),
        "to_verbs": lexemes["verb to"] + named(_TO_VERBS),
        "link_verbs": lexemes["verb link"],
        "shown_verbs": named(_SHOWN_VERBS),
    }


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

    def moved(self, by: int) -> Target:
        """Return the target in a text where it stands ``by`` words later."""
        return Target(
            self.verb + by, self.right, self.wrong, self.subject + by, self.start + by,
            self.distance, self.attractors, self.kind,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or a document: its words in lower case, and the verbs in it that agree."""

    words: tuple[str, ...]
    targets: tuple[Target, ...]


@dataclass(slots=True)
class SubjectHead:
    """The subject that a verb phrase is written for; its verb is no target where no single word decides it.

    ``agrees`` is false for "I" (am, was, have), for "Tom and the dog", and for "who" in a question.
    """

    start: int
    position: int
    plural: bool
    sort: str
    kind: str
    agrees: bool = True

    @property
    def living(self) -> bool:
        """Whether it acts (chases, says), not only is or lies somewhere."""
        return self.sort in _LIVING


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

    def _comma(self) -> None:
        """Write a comma, unless there is one."""
        if self.words[-1:] != [","]:
            self._write(",")

    def _end(self, mark: str) -> None:
        """Close the sentence; a comma before the mark falls away."""
        if self.words[-1] == ",":
            self.words.pop()
            self._numbers.pop()
        self._write(mark)

    def _insert(self, place: int, words: Sequence[str]) -> None:
        """Put words before ``place``, from which on everything moves."""
        self.words[place:place] = words
        self._numbers[place:place] = [""] * len(words)
        self._targets = [target.moved(len(words)) if target.start >= place else target for target in self._targets]

    def _fit_article(self, place: int) -> None:
        """Make the article at ``place`` fit the word after it."""
        self.words[place] = lexicon().article(self.words[place + 1])

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
        elif head.kind == "several" or head.kind == "who":
            pass
        elif singular in ("is", "'s"):
            right = "am" if singular == "is" else "'m"
        elif singular == "was":
            right = "was"
        self._write(right)
