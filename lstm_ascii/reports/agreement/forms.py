"""The other form of a verb in the present tense, if a file has only the one in its sentence."""

from __future__ import annotations

import re

from lstm_ascii.reports.explain.twins import verb_twin
from lstm_ascii.reports.scored.lines import Unreadable

_HISSING = re.compile(r"(?:ss|sh|ch|x|zz|o)$")  # takes -es: passes, goes
_SINGULAR_TAG, _PLURAL_TAG = "vbz", "vbp"  # of the Penn Treebank


def other_form(verb: str, tag: str = "") -> str:
    """Return the form for a subject of the other number: of the lexicon, or by the rules of spelling.

    Args:
        verb: in the present tense.
        tag: ``VBZ`` or ``VBP``; without it the ending decides.

    Raises:
        Unreadable: it is no verb in the present.
    """
    word = verb.lower()
    if known := verb_twin(word):
        return known
    if not word.isalpha() or tag.lower() not in ("", _SINGULAR_TAG, _PLURAL_TAG):
        raise Unreadable("expected a verb in the present")
    if tag.lower() == _PLURAL_TAG or (not tag and (not word.endswith("s") or word.endswith("ss"))):
        return _with_s(word)
    if not word.endswith("s") or len(word) < 3:
        raise Unreadable("expected a verb in the present")
    return _without_s(word)


def _with_s(word: str) -> str:
    """Return the form for one: ``tries``, ``passes``, ``plays``."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if _HISSING.search(word) else f"{word}s"


def _without_s(word: str) -> str:
    """Return the form for many: ``try``, ``pass``, ``play``."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("es") and _HISSING.search(word[:-2]):
        return word[:-2]
    return word[:-1]
