"""From a sentence to words, with everything dangerous made visible.

The rule is the same everywhere: white space (as Unicode has it) separates; punctuation at the edges of a
word is a word of its own; English contractions are split as treebanks do (``wasn't`` → ``was n't``).
"""

from __future__ import annotations

import re
import unicodedata

from lstm_ascii.errors import UsageError

_PUNCTUATION = ".,!?;:…()[]{}<>\"“”„«»'‘’"
_CONTRACTION = re.compile(r"(?<=\w)(n['’]t|['’](?:s|re|ve|ll|d|m))$", re.IGNORECASE)
_RUNS = re.compile(r"\.{2,}|.", re.DOTALL)

# Characters that change how others are shown, or are not shown at all: directional marks and overrides,
# zero-width characters, variation selectors without anything to select, tags, the byte order mark.
_ZERO_WIDTH_JOINER = "\u200d"
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def words_of(sentence: str) -> list[str]:
    """Split a sentence into its words.

    Args:
        sentence: any text; control characters, directional overrides and stray bytes are allowed.

    Returns:
        The words in order, NFC-normalised, each safe to print as it stands.

    Raises:
        UsageError: there is no word in it.
    """
    words = [visible(word) for chunk in unicodedata.normalize("NFC", sentence).split() for word in _split(chunk)]
    if not words:
        raise UsageError('the sentence is empty; give one in quotes, such as "The cat was hungry."')
    return words


def visible(text: str) -> str:
    r"""Return ``text`` with every character that could act on a terminal written out, as ``\x1b``.

    Printable characters stay; so do joiners and selectors inside a character (an emoji family), but not
    where they have nothing to join.
    """
    shown: list[str] = []
    for place, character in enumerate(text):
        before = text[place - 1] if place else ""
        after = text[place + 1] if place + 1 < len(text) else ""
        if character == _ZERO_WIDTH_JOINER:
            shown.append(character if _is_base(before) and _is_base(after) else _escape(character))
        elif character in _SELECTORS:
            shown.append(character if _is_base(before) else _escape(character))
        elif unicodedata.category(character)[0] == "C" or character in "\u2028\u2029\u115f\u1160\u3164\uffa0":
            shown.append(_escape(character))
        elif unicodedata.category(character)[0] == "M" and not shown:
            shown.append("◌" + character)  # it would sit on whatever is printed before it
        else:
            shown.append(character)
    return "".join(shown)


def _is_base(character: str) -> bool:
    """Tell whether something can be joined to ``character``."""
    return character in _SELECTORS or (bool(character) and unicodedata.category(character)[0] in "LNPS")


def _escape(character: str) -> str:
    r"""Write a character out: ``\x1b``, ``\u202e``, ``\U000e0041``; a stray byte as that byte."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _split(chunk: str) -> list[str]:
    """Split what stands between two blanks into words."""
    core = chunk.strip(_PUNCTUATION)
    if not core:
        return _RUNS.findall(chunk)
    start = chunk.index(core)
    opening, closing = chunk[:start], chunk[start + len(core) :]
    contraction = _CONTRACTION.search(core)
    cores = [core[: contraction.start()], contraction[0].replace("’", "'")] if contraction else [core]
    return [*_RUNS.findall(opening), *filter(None, cores), *_RUNS.findall(closing)]
