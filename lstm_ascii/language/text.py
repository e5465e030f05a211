"""Splitting a sentence into words, and escaping characters that could act on a terminal.

The rule is the same everywhere: white space (as Unicode has it) separates; punctuation at the edges of a
word is a word of its own; English contractions are split as treebanks do (``wasn't`` → ``was n't``). Words
that are put together again with blanks give the same words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from lstm_ascii.errors import UsageError

SEED_SENTENCE = "The cat that chased the mice that ate the cheeses that sat on the tables was hungry."

_PUNCTUATION = ".,!?;:…()[]{}<>\"“”„«»'‘’"
_ENDING = r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))"
_CONTRACTION = re.compile(rf"(?<=\w){_ENDING}$", re.IGNORECASE)
_ENDING_ALONE = re.compile(_ENDING, re.IGNORECASE)
_RUNS = re.compile(r"\.{2,}|.", re.DOTALL)
_NOT_ASCII = re.compile("[^ -~]")
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_BLANKS = frozenset("\u2028\u2029\u115f\u1160\u3164\uffa0")  # letters and separators that nobody sees
_JAMO_MARKS = re.compile("[\u1161-\u11ff\ud7b0-\ud7ff]")  # vowels and finals without a letter before them

# Characters that change how others are shown, or that are not shown at all, are let through in emoji only: a
# pictograph with its selector or skin tone, several of them joined, or two letters of a flag.
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"
_FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
_IN_EMOJI_ONLY = re.compile(f"[\u200d{_SKIN_TONES}{_FLAG_LETTERS}]")
LONGEST_WORD = 200  # characters of an entry of a vocabulary; a longer one is cut
_MOST_MARKS = 30  # on one letter; as many as Unicode's stream-safe text format allows


def words_of(sentence: str) -> list[str]:
    """Split a sentence into its words.

    Args:
        sentence: any text; control characters, directional overrides and stray bytes are allowed.

    Returns:
        The words in order, NFC-normalised, each safe to print as it stands.

    Raises:
        UsageError: there is no word in it.
    """
    words = [visible(word) for chunk in _composed(sentence).split() for word in _split(visible(chunk))]
    if not words:
        raise UsageError('the sentence is empty; give one in quotes, such as "The cat was hungry."')
    return words


def visible(text: str) -> str:
    r"""Return ``text`` with every character that could act on a terminal written out, as ``\x1b``.

    Printable characters stay; so do joiners and selectors inside a character (an emoji family), but not
    where they have nothing to join.
    """
    if is_plain(text):
        return text
    in_emoji = {place for emoji in _emoji().finditer(text) if _is_known(emoji[0]) for place in range(*emoji.span())}
    parts: list[str] = []
    before = ""  # the character that a mark would sit on; none at the start and after one that is written out
    end = 0
    for match in _NOT_ASCII.finditer(text):
        place, character = match.start(), match[0]
        if place > end:
            parts.append(text[end:place])
            before = text[place - 1]
        kind, end = unicodedata.category(character)[0], place + 1
        if _is_shown(character, kind, before, place in in_emoji):
            mark = kind == "M" or _JAMO_MARKS.match(character)
            parts.append("◌" + character if mark and not before else character)
            before = character
        else:
            parts.append(_escape(character))
            before = ""
    return "".join([*parts, text[end:]])


def is_plain(text: str) -> bool:
    """Tell, fast, whether ``text`` holds nothing that :func:`visible` would look at."""
    if not text.isprintable():
        return False
    letters = text if text.isascii() else text.replace("‹", "").replace("›", "")  # of entries such as ‹unknown›
    return letters.isascii() or _plain_letters().fullmatch(letters) is not None


@cache
def _plain_letters() -> re.Pattern[str]:
    """Return what letters match of which every printable one is seen and stands alone.

    They are Latin, Greek, Cyrillic, kana, Han, syllables of Hangul, pictographs without skin tones. Such large sets
    take long to be compiled, and most sentences need none.
    """
    return re.compile(
        "[ -~\u00a1-\u02ff\u0370-\u0482\u048a-\u052f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
        "\U0001f300-\U0001f3fa\U0001f400-\U0001faff]*"
    )


@cache
def _emoji() -> re.Pattern[str]:
    """Return what emoji match: pictographs, several of them joined, or two letters of a flag."""
    pictograph = (
        f"[\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\U0001f200-\U0001f3fa\U0001f400-\U0001faff][\ufe0f{_SKIN_TONES}]?"
    )
    return re.compile(f"{pictograph}(?:\u200d{pictograph})*|[{_FLAG_LETTERS}]{{2}}")


def shortened(text: str, most: int) -> str:
    """Return ``text`` as :func:`visible` writes it, of at most ``most`` characters; a cut ends with ``…``."""
    shown = visible(text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _is_shown(character: str, kind: str, before: str, in_emoji: bool) -> bool:
    """Tell whether a character (of category ``kind``, after ``before``) can be printed as it stands."""
    if _IN_EMOJI_ONLY.match(character):
        return in_emoji
    if character in _SELECTORS:
        return bool(before) and unicodedata.category(before)[0] in "LNPS"
    return kind != "C" and character not in _BLANKS


def _is_known(emoji: str) -> bool:
    """Tell whether Python's tables have every part of an emoji; newer ones are written out."""
    return all(unicodedata.category(character) != "Cn" for character in emoji)


def _escape(character: str) -> str:
    r"""Write a character out: ``\x1b``, ``\u202e``, ``\U000e0041``; a stray byte as that byte."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _composed(text: str) -> str:
    """Return ``text`` in NFC, in a time linear in its length.

    Python's own needs the square of a run of marks, so the marks that are too many are written out first.
    """
    if text.isascii():
        return text
    parts, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        parts.append(character if run <= _MOST_MARKS else _escape(character))
    return unicodedata.normalize("NFC", "".join(parts))


def _split(chunk: str) -> list[str]:
    """Split what stands between two blanks into words."""
    if _ENDING_ALONE.fullmatch(chunk):
        return [chunk.replace("’", "'")]
    core = chunk.strip(_PUNCTUATION)
    if not core:
        return _RUNS.findall(chunk)
    start = chunk.index(core)
    endings, end = [], len(core)
    while match := _CONTRACTION.search(core, max(0, end - 3), end):
        endings.append(match[0].replace("’", "'"))
        end = match.start()
    cores = [core[:end], *reversed(endings)]
    return [*_RUNS.findall(chunk[:start]), *cores, *_RUNS.findall(chunk[start + len(core) :])]


def counted(count: int, noun: str, nouns: str = "") -> str:
    """Write a number with its noun: ``1 step``, ``1,200 steps``."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
