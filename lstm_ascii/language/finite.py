"""Whether a verb form agrees with a subject where it stands: ``run`` in ``the dogs run``, not in ``to run``."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.language.lexicon import PLURAL, lexicon

# After these a verb stands in its base form, whatever the number of its subject.
_AUXILIARIES = frozenset(
    ("do", "does", "did", "can", "could", "may", "might", "must", "shall", "should", "will", "would")
)
_GOVERNORS = _AUXILIARIES | {"to", "ca", "wo", "sha", "'d", "'ll"}
_ALWAYS = ("are", "were", "'re")  # are no base forms
_PASSED = ("adverb", "contraction")  # may stand between: "did n't often run"
_LONGEST = 60  # words between the auxiliary of a question and its verb, at most
_BEGINS = ("determiner", "noun", "name", "pronoun")


def is_finite(words: Sequence[str], at: int) -> bool:
    """Tell whether the form at an index agrees in number where it stands, as far as its neighbours tell.

    It does not after ``to``, ``did`` or ``can``, nor where ``'s`` says whose something is (``summer's day``).

    Args:
        words: in lower case.
        at: the index of a form that has a number.
    """
    if words[at] == "'s":
        return not _owns(words, at)
    if lexicon().number(words[at]) != PLURAL or words[at] in _ALWAYS:
        return True
    before = at
    while before and _is(words[before - 1], _PASSED):
        before -= 1
    if before and words[before - 1] in _GOVERNORS:
        return False
    return not _answers_a_question(words, before)


def _answers_a_question(words: Sequence[str], at: int) -> bool:
    """Tell whether a verb belongs to the auxiliary that opens its question: ``what do the girls who sing like``.

    Between the two stands the subject, in which each relative clause has a verb of its own.
    """
    verbs = relatives = 0
    for place in range(at - 1, max(-1, at - 1 - _LONGEST), -1):
        if words[place] in _AUXILIARIES and verbs == relatives and place + 1 < at and _is(words[place + 1], _BEGINS):
            return True
        if _is(words[place], ("conjunction", "punctuation")):
            return False
        verbs += _is(words[place], ("verb", "auxiliary")) or words[place] in _AUXILIARIES
        relatives += _is(words[place], ("relative",))
    return False


def _is(word: str, classes: tuple[str, ...]) -> bool:
    """Tell whether a word is of one of some classes, and no governor."""
    return word not in _GOVERNORS and (lexicon().word_class(word) or "").startswith(classes)


def _owns(words: Sequence[str], at: int) -> bool:
    """Tell whether a noun or a name owns the noun that follows, with or without adjectives between."""
    if not at or not _is(words[at - 1], ("noun", "name")):
        return False  # he's, that's
    following = at + 1
    while following < len(words) and _is(words[following], ("adjective", "adverb")):
        following += 1
    return following < len(words) and _is(words[following], ("noun",))
