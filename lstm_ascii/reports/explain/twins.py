"""What can stand in a word's place: the same word in the other number, in whatever way a vocabulary writes it."""

from __future__ import annotations

from collections.abc import Callable

from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.text import words_of
from lstm_ascii.language.unknown import (
    UNKNOWN,
    UNKNOWN_ED,
    UNKNOWN_ING,
    UNKNOWN_LY,
    UNKNOWN_NAME,
    UNKNOWN_NAMES,
    UNKNOWN_PLURAL,
    UNKNOWN_S,
    unknown_class,
)
from lstm_ascii.language.vocabulary import Vocabulary

MARKS = ("Ġ", "▁")  # with which tokenizers begin a piece that opens a word
END_OF_WORD = "</w>"  # with which others end one that closes it

# Words read by their letters have number twins, too.
_ENDINGS = (UNKNOWN_ED, UNKNOWN_ING, UNKNOWN_LY)
_UNKNOWN_TWINS = {
    UNKNOWN: UNKNOWN_S, UNKNOWN_S: UNKNOWN, UNKNOWN_PLURAL: UNKNOWN, UNKNOWN_NAME: UNKNOWN_NAMES,
    UNKNOWN_NAMES: UNKNOWN_NAME,
}  # fmt: skip


def entry_of(vocabulary: Vocabulary, word: str) -> str | None:
    """Return the entry for a word itself: as it stands, in small letters, or as tokenizers mark it."""
    if word in vocabulary:
        return word
    forms = [form for plain in (word, word.lower()) for form in (plain, *(mark + plain for mark in MARKS))]
    return next((form for form in forms if form in vocabulary), None)


def one_verb(vocabulary: Vocabulary, word: str) -> str:
    """Return the part of a contracted negative that has a number: ``has`` of ``hasn't``, which is read as two words."""
    if word in vocabulary or vocabulary.splitter is not None:
        return word
    first, *rest = words_of(word)
    return first if rest == ["n't"] else word


def forms_of(vocabulary: Vocabulary, right: str, wrong: str) -> tuple[str, str] | None:
    """Return the entries of the two forms of a verb; ``None`` where one of them has none.

    Where the vocabulary has neither form, both are read by their letters, as long as those tell them apart.
    """
    forms = entry_of(vocabulary, right), entry_of(vocabulary, wrong)
    if forms[0] is not None and forms[1] is not None:
        return forms[0], forms[1]
    if forms != (None, None) or vocabulary.splitter is not None:
        return None  # a word against all words of a class would be no fair choice
    # imply ends like an adverb, but beside implies it is a verb
    one, other = (UNKNOWN if kind in _ENDINGS else kind for kind in map(unknown_class, (right, wrong)))
    by_letters = {one, other} == {UNKNOWN, UNKNOWN_S} and one in vocabulary and other in vocabulary
    return (one, other) if by_letters else None


def twin_entry(vocabulary: Vocabulary, entry: str) -> str:
    """Return the entry of the same word in the other number; empty if there is none."""
    unknown = _UNKNOWN_TWINS.get(entry, "")
    return unknown if unknown in vocabulary else _other(vocabulary, entry, lexicon().twin)


def verb_twin_entry(vocabulary: Vocabulary, entry: str) -> str:
    """Return the entry of the same verb for a subject of the other number; empty if it is no verb that agrees."""
    return _other(vocabulary, entry, verb_twin)


def verb_twin(word: str) -> str | None:
    """Return the same verb for a subject of the other number, if ``word`` is a verb that agrees."""
    kind = lexicon().word_class(word) or ""
    agrees = kind.startswith(("verb", "auxiliary", "contraction")) and lexicon().number(word)
    return lexicon().twin(word) if agrees else None


def bare(entry: str) -> str:
    """Return an entry in small letters, without the marks of a tokenizer."""
    return entry.removeprefix(_mark(entry)).removesuffix(END_OF_WORD).lower()


def like(entry: str, word: str) -> str:
    """Return ``word`` with the marks of a tokenizer that ``entry`` has."""
    return f"{_mark(entry)}{word}{END_OF_WORD if entry.endswith(END_OF_WORD) else ''}"


def stands_for_others(entry: str) -> bool:
    """Tell whether an entry is no word, but stands for some, or for an end: ``‹unknown›``, ``<unk>``, ``[PAD]``."""
    return len(entry) > 2 and f"{entry[0]}{entry[-1]}" in ("‹›", "<>", "[]")


def _other(vocabulary: Vocabulary, entry: str, twin_of: Callable[[str], str | None]) -> str:
    """Return the twin's entry, written as ``entry`` is; empty if the vocabulary has it not."""
    twin = twin_of(bare(entry))
    twin_form = like(entry, twin) if twin else entry
    return twin_form if twin_form in vocabulary and twin_form != entry else ""


def _mark(entry: str) -> str:
    """Return the mark with which an entry begins, if any."""
    return entry[:1] if entry.startswith(MARKS) else ""
