"""The class by which a word that is not in the vocabulary is read, from its letters alone.

``wugs`` looks like a plural, ``blicked`` like a past; a network that has met the classes in training can
make something of words that it has never seen.
"""

from __future__ import annotations

from functools import lru_cache

UNKNOWN = "‹unknown›"
UNKNOWN_S = "‹unknown-s›"
UNKNOWN_PLURAL = "‹unknown-plural›"
UNKNOWN_ED = "‹unknown-ed›"
UNKNOWN_ING = "‹unknown-ing›"
UNKNOWN_LY = "‹unknown-ly›"
UNKNOWN_NAME = "‹unknown-name›"
UNKNOWN_NAMES = "‹unknown-names›"
UNKNOWN_NUMBER = "‹unknown-number›"
UNKNOWN_SYMBOL = "‹unknown-symbol›"

DESCRIPTIONS = {
    UNKNOWN: "with no such mark",
    UNKNOWN_S: "that ends in -s",
    UNKNOWN_PLURAL: "that ends like a plural without -s (-men, -children, -ae)",
    UNKNOWN_ED: "that ends in -ed",
    UNKNOWN_ING: "that ends in -ing",
    UNKNOWN_LY: "that ends in -ly",
    UNKNOWN_NAME: "with a capital letter",
    UNKNOWN_NAMES: "with a capital letter that ends in -s",
    UNKNOWN_NUMBER: "that begins with a digit",
    UNKNOWN_SYMBOL: "without letters and digits",
}
UNKNOWN_CLASSES = tuple(DESCRIPTIONS)
PLURAL_CLASSES = (UNKNOWN_S, UNKNOWN_PLURAL)

_VOWELS = frozenset("aeiouy")
_NOT_PLURAL = ("ss", "us", "is", "'s")
# Endings of plurals without -s, of which hardly any singular is made: firemen, grandchildren, larvae, alumni, nuclei.
_IRREGULAR = (
    "men", "people", "children", "feet", "teeth", "geese", "mice", "oxen", "ae", "ii", "uli", "cti", "ngi", "mni",
    "clei", "oci", "omena", "acteria",
)  # fmt: skip
_NO_PLURAL = ("specimen", "regimen", "semen", "omen", "abdomen", "acumen", "reggae", "sundae", "brae")
_ENDINGS = {"ed": UNKNOWN_ED, "ing": UNKNOWN_ING, "ly": UNKNOWN_LY}


@lru_cache(maxsize=1 << 14)
def unknown_class(word: str, first: bool = False) -> str:
    """Return the class by which ``word`` is read, one of :data:`UNKNOWN_CLASSES`.

    Args:
        word: as the reader wrote it.
        first: whether it opens a sentence, where a capital says nothing.
    """
    if not any(map(str.isalnum, word)):
        return UNKNOWN_SYMBOL
    if word.lstrip("+-−$€£#.,")[:1].isdigit():
        return UNKNOWN_NUMBER
    name = word[0].isupper() and (not first or (len(word) > 1 and word.isupper()))
    if _looks_plural(word.lower()):
        return UNKNOWN_NAMES if name else UNKNOWN_S
    if word.lower().endswith(_IRREGULAR) and not word.lower().endswith(_NO_PLURAL):
        return UNKNOWN_PLURAL
    return UNKNOWN_NAME if name else _by_ending(word.lower())


def _looks_plural(word: str) -> bool:
    """Tell whether the letters end like ``cats``, not like ``glass``, ``bus``, ``basis`` or ``gas``."""
    return word.endswith("s") and not word.endswith(_NOT_PLURAL) and (len(word) > 3 or word[-2:-1] not in _VOWELS)


def _by_ending(word: str) -> str:
    """Return the class of a word in lower case; an ending needs a stem with a vowel (not ``king``)."""
    for ending, name in _ENDINGS.items():
        if word.endswith(ending) and not word.endswith("eed") and _VOWELS & set(word[: -len(ending)]):
            return name
    return UNKNOWN
