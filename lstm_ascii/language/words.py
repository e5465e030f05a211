"""The lexicon arranged for the grammar: which words can stand in which place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lstm_ascii.language.lexicon import lexicon

Forms = tuple[str, ...]  # noun: singular, plural; verb: base, third person, past, participle, -ing

# Verbs that take an object of each sort, beyond those whose class is made for it.
_SHARED = {
    "thing": "see like love hate find need want forget remember hide watch",
    "food": "see like love hate find need want buy sell make take drop steal keep throw bring",
    "work": "see like love hate watch hear remember forget describe praise make understand know sell",
    "place": "see like love hate visit find know remember describe avoid paint protect build buy",
}
_OWN = {"thing": "verb thing", "food": "verb food", "work": "verb work"}


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
