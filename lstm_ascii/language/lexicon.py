"""The words of agreement English: their classes, their numbers, and each word's other number.

The data stand in ``lexicon.txt``. Nothing here needs more than the standard library.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lstm_ascii.language.unknown import PLURAL_CLASSES, unknown_class
from lstm_ascii.records import dataclass

SINGULAR, PLURAL = "singular", "plural"

# What agrees in number, beyond nouns and regular verbs. Where two words share a twin, only one way is
# listed: "she" turns into "they", and "they" into "he". "that" is left out: mostly it opens a clause.
_TWINS = {
    "is": "are", "are": "is", "was": "were", "were": "was", "has": "have", "have": "has", "am": "are",
    "does": "do", "do": "does", "this": "these", "these": "this", "those": "that", "'s": "'re", "'re": "'s",
    "he": "they", "she": "they", "it": "they", "they": "he", "i": "we", "we": "i",
    "him": "them", "them": "him", "me": "us", "us": "me",
}  # fmt: skip
_NUMBERS = {
    SINGULAR: (
        "is", "was", "has", "does", "'s", "he", "she", "it", "this", "a", "an", "every", "each", "one", "another",
        "either", "neither", "much", "everyone", "everybody", "someone", "somebody", "nobody", "everything",
        "something", "nothing",
    ),
    PLURAL: (
        "are", "were", "have", "do", "'re", "we", "they", "you", "these", "those", "many", "few", "several", "both",
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty",
    ),
}  # fmt: skip
# Singular before a vowel sound takes "an": by its first letter, but for these.
_NOT_AN = ("uni", "use", "euro", "one")
_AN = ("honest",)

_ONE_NUMBER = {"noun mass": SINGULAR, "noun plural": PLURAL}  # nouns that have no other

_NOUN_FORMS = ("singular", "plural")
_VERB_FORMS = ("base", "third", "past", "participle", "ing")
_FORM_NAMES = {"noun": _NOUN_FORMS, "verb": _VERB_FORMS}


@dataclass(frozen=True)
class Lexicon:
    """All words and what is known about them.

    Attributes:
        words: every form, in lower case, in the order of the data file.
        classes: the class of each word, such as ``noun animal plural``, ``verb thing past``,
            ``adjective living``.
        twins: the number twin of each word that has one.
        numbers: ``singular`` or ``plural`` for nouns, names, finite verb forms and what else has number.
        lexemes: by class as the data file has it (``noun animal``), all forms of each of its lexemes.
        members: the words of each class.
    """

    words: tuple[str, ...]
    classes: dict[str, str]
    twins: dict[str, str]
    numbers: dict[str, str]
    lexemes: dict[str, tuple[tuple[str, ...], ...]]
    members: dict[str, tuple[str, ...]]

    def twin(self, word: str) -> str | None:
        """Return the same word in the other number (``cat``, ``cats``; ``was``, ``were``), if there is one."""
        return self.twins.get(word)

    def number(self, word: str) -> str | None:
        """Return ``singular`` or ``plural``: of a noun its own, of a finite verb its subject's."""
        return self.numbers.get(word)

    def word_class(self, word: str) -> str | None:
        """Return the class of ``word``; all its members can stand where it stands."""
        return self.classes.get(word)

    def same_class(self, word: str) -> tuple[str, ...]:
        """Return the other words of the class of ``word``; none if it isn't known."""
        return tuple(other for other in self.members.get(self.classes.get(word, ""), ()) if other != word)

    def is_noun(self, word: str) -> bool:
        """Tell whether ``word`` is a common noun with a number."""
        return self.classes.get(word, "").startswith("noun") and word in self.numbers

    def article(self, following: str) -> str:
        """Return ``a`` or ``an``, as ``following`` begins."""
        vowel = following[:1] in "aeiou" and not following.startswith(_NOT_AN)
        return "an" if vowel or following.startswith(_AN) else "a"

    def honest_class(self, word: str) -> str | None:
        """Return the unknown class of ``word`` unless its letters lie about its number (``mice``)."""
        kind = unknown_class(word)
        if self.is_noun(word) and (kind in PLURAL_CLASSES) != (self.numbers[word] == PLURAL):
            return None
        return kind


@cache
def lexicon() -> Lexicon:
    """Return the words that come with the package; read once."""
    return _read(Path(__file__).with_name("lexicon.txt").read_text(encoding="utf-8"))


def _read(text: str) -> Lexicon:
    """Build the lexicon from the lines of the data file."""
    classes: dict[str, str] = {}
    twins, numbers = dict(_TWINS), {word: name for name, words in _NUMBERS.items() for word in words}
    lexemes: dict[str, list[tuple[str, ...]]] = {}
    section = kind = ""
    names: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            kind = section.split()[0]
            names = [f"{section} {form}" for form in _FORM_NAMES.get(kind, ())]  # a text that all words share
        elif line and not line.startswith("#"):
            of_section = lexemes.setdefault(section, [])
            for item in line.split():
                forms = tuple(item.split("/"))
                of_section.append(forms)
                if len(forms) > 1:
                    for form, name in zip(forms, names, strict=True):
                        classes.setdefault(form, name)  # where two forms look alike (chased), the first counts
                    _add_number(kind, forms, twins, numbers)
                    continue
                classes[item] = section
                if section in _ONE_NUMBER or kind == "name":
                    numbers[item] = _ONE_NUMBER.get(section, SINGULAR)
    members: dict[str, list[str]] = {}
    for word, name in classes.items():
        members.setdefault(name, []).append(word)
    return Lexicon(
        tuple(classes),
        classes,
        twins,
        numbers,
        {name: tuple(items) for name, items in lexemes.items()},
        {name: tuple(words) for name, words in members.items()},
    )


def _add_number(kind: str, forms: tuple[str, ...], twins: dict[str, str], numbers: dict[str, str]) -> None:
    """Enter the twins and numbers of a noun, or of a verb's two present forms."""
    singular, plural = (forms[0], forms[1]) if kind == "noun" else (forms[1], forms[0])
    twins[singular], twins[plural] = plural, singular
    numbers[singular], numbers[plural] = SINGULAR, PLURAL
