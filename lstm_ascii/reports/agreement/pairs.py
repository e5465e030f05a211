"""Minimal pairs from an untrusted file of any size and format, one at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import chain
from pathlib import PurePath

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.agreement.layouts import PREFIX, Found, Layout, layout_of
from lstm_ascii.reports.scored.lines import Line, Refuse, Unreadable, file_name, lines_of, opened

BY_PREFIX, BY_SENTENCE = SCORES = ("prefix", "sentence")
NO_KIND, OTHER_KINDS = "no kind", "other kinds"
LONGEST_PREFIX = 2000  # words
LONGEST_FORM = 4  # words of a verb: does n't have to
MOST_KINDS = 1000
_LONGEST_REMEMBERED = 40  # characters between two blanks
_NEGATION = "n't"


@dataclass(frozen=True, slots=True)
class FilePair:
    """A minimal pair.

    Attributes:
        prefix: the words that both have before they differ: up to the verb.
        right, wrong: where they differ: the two forms of the verb, of one word or more.
        kind: as the file names it, safe to print; ``no kind`` where it doesn't.
        distance: words between subject and verb; ``None`` where the file doesn't tell.
        rest: the words that both have after it; none where the file has only a prefix.
        scored: ``prefix``, by the probability of right and wrong after the prefix; ``sentence``, by the probability
            of all that follows the prefix, too.
        line: its number in the file, of two the second; 0 for none.
    """

    prefix: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    kind: str
    distance: int | None
    rest: tuple[str, ...] = ()
    scored: str = BY_PREFIX
    line: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """All its words."""
        return (*self.prefix, *self.right, *self.wrong, *self.rest)


class PairsFile:
    """A file of pairs that is read once, from its start to its end.

    Attributes:
        name: of the file, safe to print.
        layout: how it is laid out, once reading has begun.
    """

    def __init__(self, path: str, score: str = "", refuse: Refuse | None = None, watch: Watch | None = None) -> None:
        """Take what to read.

        Args:
            path: a file in UTF-8; ``-`` for standard input. See
                :func:`lstm_ascii.reports.agreement.report.agreement_report`.
            score: ``prefix`` or ``sentence`` for all pairs; empty for what fits each.
            refuse: called with every row that can't be read.
            watch: called with the name of the work and the share that is done, from 0 to 1; not for a pipe.
        """
        self.name, self.layout = file_name(path), ""
        self._path, self._score, self._watch = path, score, watch
        self._refuse, self._first_fault = refuse, ""
        self._kinds = set[str]()

    def __iter__(self) -> Iterator[FilePair]:
        """Yield its pairs.

        Raises:
            LstmAsciiError: the file can't be read, or no pair of it.
        """
        with ExitStack() as stack:
            lines = lines_of(stack.enter_context(opened(self._path)), self.name, self._watch)
            layout, first = self._begin(lines, self._sentences(stack))
            found = False
            for line in chain((first,) if first else (), lines):
                for pair in self._pair(layout, line):
                    found = True
                    yield pair
            self._tell_left(layout, ended=True)
        if not found:
            raise LstmAsciiError(self._first_fault or f"{self.name}: no pairs below the header")

    def _sentences(self, stack: ExitStack) -> Iterator[Line] | None:
        """Open the text beside a ``.gold`` file."""
        if PurePath(self._path).suffix != ".gold":
            return None
        text = str(PurePath(self._path).with_suffix(".text"))
        return lines_of(stack.enter_context(opened(text)), file_name(text), blank=True)

    def _begin(self, lines: Iterator[Line], sentences: Iterator[Line] | None) -> tuple[Layout, Line | None]:
        """Return the layout, and the first line of a pair if it was needed to tell."""
        for line in lines:
            if line.fault:
                self._tell(line.number, line.fault)
                continue
            try:
                layout, header = layout_of(line, self.name, sentences)
            except LstmAsciiError as error:  # of a file in another encoding, its first line is what helps
                raise LstmAsciiError(self._first_fault or error.message) from error
            self.layout = layout.name
            return layout, None if header else line
        empty = f"{self.name}: empty; expected a header with the columns {', '.join(PREFIX)}, or pairs of sentences"
        raise LstmAsciiError(self._first_fault or empty)

    def _pair(self, layout: Layout, line: Line) -> Iterator[FilePair]:
        """Yield the pair that a line completes, if it does."""
        try:
            if line.fault:
                raise line.fault
            if (told := layout.read(line)) is not None:
                yield pair_of(told, line.number, self._score, self._kind(told.kind))
        except Unreadable as fault:
            self._tell(line.number, fault)
        self._tell_left(layout)

    def _kind(self, text: str) -> str:
        """Return the name of a kind, safe to print."""
        kind = _name_of_kind(text)
        if kind not in self._kinds:
            if len(self._kinds) >= MOST_KINDS:
                return OTHER_KINDS
            self._kinds.add(kind)
        return kind

    def _tell_left(self, layout: Layout, ended: bool = False) -> None:
        for number, fault in layout.left(ended):
            self._tell(number, fault)

    def _tell(self, number: int, fault: Unreadable) -> None:
        self._first_fault = self._first_fault or f"{self.name}, line {number}: {fault}"
        if self._refuse:
            self._refuse(number, fault)


def pair_of(told: Found, line: int, score: str, kind: str) -> FilePair:
    """Return the pair that a file tells.

    Raises:
        Unreadable: it is none, or not one that can be scored as asked.
    """
    if len(told.texts) == 3:
        prefix = split(told.texts[0])
        if not 1 <= len(prefix) <= LONGEST_PREFIX:
            raise Unreadable(f"expected 1 to {LONGEST_PREFIX:,} words as prefix", str(len(prefix) or "none"))
        right, wrong = _form(told.texts[1], "right"), _form(told.texts[2], "wrong")
        if _small(right) == _small(wrong):
            raise Unreadable("expected two different words as right and wrong", f"{_quoted(' '.join(right))} twice")
        return FilePair(prefix, right, wrong, kind, _distance(prefix, told), (), score or BY_PREFIX, line)
    pair = _compared(*map(_chunks, told.texts))
    by_prefix = bool(pair.one and pair.prefix and told.score != BY_SENTENCE)
    if score == BY_PREFIX and not by_prefix:
        raise Unreadable("expected sentences that differ in one word after the first, to score them by prefix")
    if not pair.prefix and len(pair.rest) + min(len(pair.right), len(pair.wrong)) < 2:
        raise Unreadable("expected a word before or behind the one that differs")
    if not (pair.rest or (pair.right and pair.wrong)):
        raise Unreadable("expected two sentences of which neither is the start of the other")
    usual = by_prefix and (told.score == BY_PREFIX or not _are_nouns(pair.right, pair.wrong))
    scored = score or (BY_PREFIX if usual else BY_SENTENCE)
    distance = _distance(pair.prefix, told)
    return FilePair(pair.prefix, pair.right, pair.wrong, kind, distance, pair.rest, scored, line)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Two sentences: what they share before they differ, where they differ, what they share behind; if in one word."""

    prefix: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    rest: tuple[str, ...]
    one: bool


def _compared(good: Sequence[tuple[str, ...]], bad: Sequence[tuple[str, ...]]) -> _Compared:
    """Find where two sentences differ.

    Args:
        good: what stands between its blanks, each split into its words.
        bad: of the other, likewise.

    Raises:
        Unreadable: one is empty or too long, or both are the same.
    """
    for chunks in (good, bad):
        if not 1 <= len(chunks) <= LONGEST_PREFIX:
            raise Unreadable(f"expected sentences of 1 to {LONGEST_PREFIX:,} words", str(len(chunks) or "none"))
    first = _shared(good, bad)
    last = _shared(good[first:][::-1], bad[first:][::-1])
    right, wrong = (_flat(chunks[first : len(chunks) - last]) for chunks in (good, bad))
    if _small(right) == _small(wrong):
        raise Unreadable("expected two different sentences", "one twice")
    one = len(good) - last == len(bad) - last == first + 1
    # a quotation mark or full stop at the word is no part of it
    start = _signs(right, wrong)
    end = _signs(right[start:][::-1], wrong[start:][::-1])
    rest = (*right[len(right) - end :], *_flat(good[len(good) - last :]))
    negation = rest[:1] if one and rest[:1] == (_NEGATION,) else ()  # a word of its own, as treebanks write it
    return _Compared(
        prefix=(*_flat(good[:first]), *right[:start]),
        right=(*right[start : len(right) - end], *negation),
        wrong=(*wrong[start : len(wrong) - end], *negation),
        rest=rest[len(negation) :],
        one=one,
    )


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many things stand the same at the start of both."""
    pairs = zip(one, other, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _signs(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many signs, not words, stand the same at the start of both, so that something is left of both."""
    shared = max(0, min(_shared(one, other), len(one) - 1, len(other) - 1))
    return next((number for number in range(shared) if any(map(str.isalnum, one[number]))), shared)


def _flat(chunks: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(word for chunk in chunks for word in chunk)


def _are_nouns(right: Sequence[str], wrong: Sequence[str]) -> bool:
    """Tell whether two sentences differ in a noun, so that the verb that agrees with it stands behind."""
    return len(right) == len(wrong) == 1 and all(lexicon().is_noun(form[0].lower()) for form in (right, wrong))


def _form(text: str, column: str) -> tuple[str, ...]:
    """Return the words of a verb."""
    words = split(text)
    if not 1 <= len(words) <= LONGEST_FORM:
        raise Unreadable(
            f"expected 1 to {LONGEST_FORM} words as {column}", _quoted(" ".join(words)) if words else "none"
        )
    return words


def _distance(prefix: Sequence[str], told: Found) -> int | None:
    """Return the words between subject and verb; ``None`` where the file doesn't tell."""
    if text := told.distance:
        if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) < len(prefix)):
            raise Unreadable("expected fewer words as distance than the prefix has", _quoted(visible(text)))
        return int(text)
    if not told.subject:
        return None
    words = split(told.subject)
    if len(words) != 1:
        raise Unreadable("expected one word as subject", _quoted(" ".join(words)))
    subject = words[0].lower()
    places = [place for place, word in enumerate(prefix) if word.lower() == subject]
    if not places:
        raise Unreadable("expected a word of the prefix as subject", _quoted(subject))
    return len(prefix) - places[0] - 1 if len(places) == 1 else None


def split(text: str) -> tuple[str, ...]:
    """Split a text into its words, as :func:`words_of` does; none in an empty one."""
    return _flat(_chunks(text))


def _chunks(text: str) -> tuple[tuple[str, ...], ...]:
    """Split a text at its blanks, and what stands between them into words."""
    chunks = unicodedata.normalize("NFC", text).split()
    return tuple(
        _remembered(chunk) if len(chunk) <= _LONGEST_REMEMBERED else tuple(words_of(chunk)) for chunk in chunks
    )


@lru_cache(maxsize=1 << 14)
def _remembered(chunk: str) -> tuple[str, ...]:
    """Split what stands between two blanks; most of it comes again and again."""
    return tuple(words_of(chunk))


@lru_cache(maxsize=1 << 12)
def _name_of_kind(text: str) -> str:
    """Return a kind as the page names it."""
    return visible(" ".join(unicodedata.normalize("NFC", text).split())) or NO_KIND


def _small(words: Sequence[str]) -> list[str]:
    return [word.lower() for word in words]


def _quoted(text: str) -> str:
    """Quote the start of a text in an error."""
    return f'"{text[:39]}…"' if len(text) > 40 else f'"{text}"'
