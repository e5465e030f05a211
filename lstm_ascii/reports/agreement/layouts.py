"""The formats of files of minimal pairs: the project's own columns, and those of public benchmarks.

Which one a file has is told by its first line. Each layout turns a line into what is told of a pair, or keeps it until
the line with the other form comes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.records import dataclass
from lstm_ascii.reports.agreement.forms import other_form
from lstm_ascii.reports.scored.lines import Line, Unreadable

PREFIX, SENTENCES = ("prefix", "right", "wrong"), ("good", "bad")
OPTIONAL = ("kind", "distance", "subject")
_ALIASES = {  # of columns and keys, in lower case
    "sentence_good": "good",
    "sentence_bad": "bad",
    "grammatical": "good",
    "ungrammatical": "bad",
    "test case": "kind",
    "test_case": "kind",
    "uid": "kind",
}
_GOLD = ("prefix", "form", "class")  # Gulordava et al. 2018: a row a form
_DEPENDENCIES = ("verb", "verb_index")  # Linzen et al. 2016: the verb that stands there, and where
MASK = "***mask***"  # Goldberg 2019
_CLASSES = {"correct": True, "right": True, "wrong": False, "incorrect": False}
_NUMBERS = ("singular", "plural")
_INTEGER = re.compile(r"-?[0-9]{1,6}")
_FORM_WORDS = 2  # more in a column are no form of a verb, but a sentence
_ONE_PREFIX, _SCORES = "one_prefix_method", {"True": "prefix", "False": "sentence"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a file tells of a pair.

    Attributes:
        texts: the prefix and the two forms; or the two sentences, the right one first.
        kind: as the file names it.
        distance: words between subject and verb, as the file writes it.
        subject: the subject's word.
        score: ``prefix`` or ``sentence``, where the file says how such a pair is to be scored.
    """

    texts: tuple[str, ...]
    kind: str = ""
    distance: str = ""
    subject: str = ""
    score: str = ""


class Layout(Protocol):
    """One way to write pairs.

    Attributes:
        name: as the page says it.
    """

    name: str

    def read(self, line: Line) -> Found | None:
        """Return what a line tells of a pair; nothing where its other half comes later.

        Raises:
            Unreadable: it is not as expected.
        """
        ...

    def left(self, ended: bool = False) -> Iterator[tuple[int, Unreadable]]:
        """Yield, each once, lines whose other half has not come; or will not, as the file has ``ended``."""
        ...


class _LineAPair:
    """A layout in which no line waits for another."""

    def left(self, ended: bool = False) -> Iterator[tuple[int, Unreadable]]:
        """Yield nothing."""
        del ended
        yield from ()


class JsonLines(_LineAPair):
    """An object a line, as BLiMP has them."""

    name = "JSON Lines"

    def read(self, line: Line) -> Found:
        """Take the sentences, or a prefix and two forms."""
        values = _object(line.text)
        texts = next((names for names in (SENTENCES, PREFIX) if all(name in values for name in names)), None)
        if texts is None:
            raise Unreadable("expected sentence_good and sentence_bad, or prefix, right and wrong")
        return replace(_found(values, texts), score=_SCORES.get(str(values.get(_ONE_PREFIX)), ""))


class Named(_LineAPair):
    """A pair a line, in columns that the first line names."""

    def __init__(self, heads: Sequence[str], texts: Sequence[str]) -> None:
        """Take the names of the columns, and which of them are the pair."""
        self.name = "columns" if texts == PREFIX else "pairs of sentences"
        self._heads, self._texts = heads, texts
        self._least = max(heads.index(head) for head in texts) + 1

    def read(self, line: Line) -> Found:
        """Take the columns by their names."""
        return _found(dict(zip(self._heads, cells_of(line, self._least, len(self._heads)), strict=False)), self._texts)


class Unnamed(_LineAPair):
    """A pair a line, in columns that nobody names: prefix, right, wrong; or the two sentences, the last two columns."""

    def __init__(self, cells: Sequence[str]) -> None:
        """Take the first line."""
        self._count = len(cells)
        forms = [cell.split() for cell in cells[1:3]]
        short = all(0 < len(form) <= _FORM_WORDS for form in forms)
        self._forms = len(forms) == 2 and short and forms[0][0] != forms[1][0]
        self.name = "columns without names" if self._forms else "pairs of sentences"

    def read(self, line: Line) -> Found:
        """Take the columns by their places."""
        cells = cells_of(line, 3 if self._forms else self._count, max(5, self._count))
        if self._forms:
            kind, distance = [*cells[3:5], "", ""][:2]
            return Found(tuple(cells[:3]), kind, distance)
        return Found(tuple(cells[-2:]), cells[0] if self._count > 2 else "")


class Masked(_LineAPair):
    """Attractors, sentence, the sentence with a mask for the verb, and its two forms (Goldberg 2019)."""

    name = "masked sentences"

    def read(self, line: Line) -> Found:
        """Take what stands before the mask."""
        cells = cells_of(line, 5, 5)
        prefix, mask, _ = cells[2].partition(MASK)
        if not mask:
            raise Unreadable(f"expected {MASK} in the third column")
        return Found((prefix, *cells[3:]), attractors(cells[0]))


class Stimuli(_LineAPair):
    """Task, words with the verb, numbers, the wrong verb: ``Data/Stimuli`` of Lakretz et al. 2019."""

    name = "NA task"

    def read(self, line: Line) -> Found:
        """Take the last word as the right verb."""
        cells = cells_of(line, 4, 8)
        *prefix, right = cells[1].split() or [""]
        return Found((" ".join(prefix), right, cells[-1]), "_".join(cells[2:-1]))


class Dependencies(_LineAPair):
    """Sentences with the place of a verb in them (Linzen et al. 2016); its other form is made from its letters."""

    name = "sentences with the place of the verb"

    def __init__(self, heads: Sequence[str]) -> None:
        """Take the names of the columns."""
        self._heads = heads
        self._sentence = "orig_sentence" if "orig_sentence" in heads else "sentence"

    def read(self, line: Line) -> Found:
        """Take the words before the verb."""
        count = len(self._heads)
        values = dict(zip(self._heads, cells_of(line, count, count), strict=True))
        words, place = values[self._sentence].split(), _index(values["verb_index"]) - 1
        if not 0 <= place < len(words) or words[place].lower() != values["verb"].lower():
            raise Unreadable("expected the verb where verb_index says, counted from 1")
        wrong = other_form(values["verb"], values.get("verb_pos", ""))
        distance = ""
        if _INTEGER.fullmatch(subject := values.get("subj_index", "")) and 0 < int(subject) <= place:
            distance = str(place - int(subject))
        texts = (" ".join(words[:place]), words[place], wrong)
        return Found(texts, attractors(values.get("n_diff_intervening", "")), distance)


class Gold(_LineAPair):
    """The verb's place and its two forms, each line beside the line of its sentence in another file."""

    name = "gold columns beside a text"

    def __init__(self, sentences: Iterator[Line]) -> None:
        """Take the lines of the other file."""
        self._sentences, self._next = sentences, Line(0, "")

    def read(self, line: Line) -> Found:
        """Take the words before the verb from the line of the same number."""
        while self._next.number < line.number:
            self._next = next(self._sentences, Line(1 << 62, ""))
        if self._next.number != line.number or self._next.fault:
            raise Unreadable("expected a sentence on the same line of the .text file", "none")
        cells = cells_of(line, 4, 16)
        place, first, others = (3, 6, 9) if len(cells) > 7 else (0, 1, 3)
        words, index = self._next.text.split(), _index(cells[place])
        if index >= len(words):
            raise Unreadable("expected the verb's place in its sentence, counted from 0", str(index))
        texts = (" ".join(words[:index]), *cells[first : first + 2])
        return Found(texts, attractors(cells[others] if len(cells) > others else ""))


@dataclass(frozen=True, slots=True)
class _Half:
    """One of two lines of a pair."""

    number: int
    key: tuple[str, ...]
    right: bool
    text: str
    told: Found


class TwoLines:
    """A line a form, one below the other: the file tells which is the right one."""

    def __init__(self, name: str) -> None:
        """Begin without a line that waits."""
        self.name = name
        self._waiting: _Half | None = None
        self._left: list[int] = []

    def read(self, line: Line) -> Found | None:
        """Put two lines of one pair together."""
        half, other = self._half(line), self._waiting
        if other is None or (other.key, other.right) != (half.key, not half.right):
            if other:
                self._left.append(other.number)
            self._waiting = half
            return None
        self._waiting = None
        right, wrong = (half, other) if half.right else (other, half)
        told = right.told
        return Found((*told.texts, right.text, wrong.text), told.kind, told.distance)

    def left(self, ended: bool = False) -> Iterator[tuple[int, Unreadable]]:
        """Yield the lines that were passed over; at the end, the one that waits is among them."""
        if ended and self._waiting:
            self._left.append(self._waiting.number)
            self._waiting = None
        while self._left:
            yield self._left.pop(), Unreadable("expected the line with the other form right above or below")

    def _half(self, line: Line) -> _Half:
        """Read one line."""
        raise NotImplementedError


class NumberAgreement(TwoLines):
    """Words up to the verb, numbers, right or wrong, id: the NA tasks of Lakretz et al. 2019."""

    def __init__(self) -> None:
        """Name it."""
        super().__init__("NA task")

    def _half(self, line: Line) -> _Half:
        """Read its four columns."""
        text, kind, verdict, number = cells_of(line, 4, 4)
        return _Half(line.number, (kind, number), _class(verdict), text, Found((), kind))


class GoldForms(TwoLines):
    """A row a form with its class, the prefix and what is known of it: ``generated.tab`` of Gulordava et al. 2018."""

    def __init__(self, heads: Sequence[str]) -> None:
        """Take the names of the columns."""
        super().__init__("a row a form")
        self._heads = heads

    def _half(self, line: Line) -> _Half:
        """Read its columns by their names."""
        count = len(self._heads)
        values = dict(zip(self._heads, cells_of(line, count, count), strict=True))
        key = tuple(values.get(name, "") for name in ("pattern", "constr_id", "sent_id", "prefix"))
        distance = ""
        if _INTEGER.fullmatch(context := values.get("len_context", "")) and int(context) > 0:
            distance = str(int(context) - 1)  # the context is the subject and what stands between it and the verb
        kind = values.get("type", "") or values.get("kind", "")
        told = Found((values["prefix"],), kind, distance)
        return _Half(line.number, key, _class(values["class"]), values["form"], told)


def cells_of(line: Line, least: int, most: int) -> list[str]:
    """Return the columns of a line.

    Raises:
        Unreadable: there are fewer or more than expected.
    """
    cells = split(line.text)
    if not least <= len(cells) <= most:
        columns = f"{least} to {most}" if least < most else f"{least}"
        raise Unreadable(f"expected {columns} columns with tabs between them", str(len(cells)))
    return cells


def split(text: str) -> list[str]:
    """Split a line at its tabs; what spreadsheets put in quotes comes out of them."""
    cells = [cell.strip() for cell in text.split("\t")]
    return [_unquoted(cell) for cell in cells] if '"' in text else cells


def layout_of(first: Line, name: str, sentences: Iterator[Line] | None) -> tuple[Layout, bool]:
    """Return the layout that a file's first line tells, and whether that line is a header.

    Args:
        first: the first line that can be read.
        name: of the file.
        sentences: the lines of the ``.text`` file beside a ``.gold`` file.

    Raises:
        LstmAsciiError: it names columns, but not those that are needed.
    """
    if sentences is not None:
        return Gold(sentences), False
    if first.text.lstrip().startswith("{") or name.lower().endswith(".jsonl"):
        return JsonLines(), False
    cells = split(first.text)
    if (named := _named(cells, first, name)) is not None:
        return named, True
    if len(cells) < 2:
        rule = f"expected the columns {', '.join(PREFIX)} or two sentences with tabs between them, or JSON Lines"
        raise LstmAsciiError(f"{name}, line {first.number}: {rule}, got no tab")
    if len(cells) == 4 and cells[2].lower() in _CLASSES:
        return NumberAgreement(), False
    if len(cells) > 3 and all(cell.lower() in _NUMBERS for cell in cells[2:-1]):
        return Stimuli(), False
    if any(MASK in cell for cell in cells):
        return Masked(), False
    return Unnamed(cells), False


def attractors(text: str) -> str:
    """Name a kind by how many nouns of the other number stand between; nothing where the file doesn't tell."""
    if not _INTEGER.fullmatch(text) or int(text) < 0:
        return ""
    return f"{int(text)} attractor{'' if int(text) == 1 else 's'}"


def _named(cells: Sequence[str], first: Line, name: str) -> Layout | None:
    """Return the layout of a header; ``None`` for a line that is none."""
    heads = [cell.lower() for cell in cells]
    if all(head in heads for head in _GOLD):
        return GoldForms(heads)
    if all(head in heads for head in _DEPENDENCIES) and {"sentence", "orig_sentence"} & set(heads):
        return Dependencies(heads)
    heads = [_ALIASES.get(head, head) for head in heads]
    known = [head for head in heads if head in (*PREFIX, *SENTENCES)]
    if not known:
        return None
    texts = SENTENCES if set(known) & set(SENTENCES) else PREFIX
    if missing := [head for head in texts if head not in heads]:
        rule = f"expected the columns {', '.join(texts)} with tabs between them"
        raise LstmAsciiError(f"{name}, line {first.number}: {rule}, missing: {', '.join(missing)}")
    if doubles := [head for head in (*texts, *OPTIONAL) if heads.count(head) > 1]:
        rule = f"expected each column once, got {doubles[0]} {heads.count(doubles[0])} times"
        raise LstmAsciiError(f"{name}, line {first.number}: {rule}")
    return Named(heads, texts)


def _object(text: str) -> dict[str, Any]:
    """Read one object, with its keys in the project's own names."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("expected an object in JSON", "what is none") from error
    if not isinstance(values, dict):
        raise Unreadable("expected an object in JSON", "what is none")
    return {_ALIASES.get(key.lower(), key.lower()): value for key, value in values.items()}


def _found(values: dict[str, Any], texts: Sequence[str]) -> Found:
    """Take what is told by names."""
    told = [values.get(name, "") for name in (*texts, *OPTIONAL)]
    told[-2] = str(told[-2]) if type(told[-2]) is int else told[-2]  # a distance may be a number in JSON
    for name, value in zip((*texts, *OPTIONAL), told, strict=True):
        if not isinstance(value, str):
            raise Unreadable(f"expected a text as {name}", "what is none")
    kind, distance, subject = told[-3:]
    if texts == SENTENCES:
        kind = kind.partition("--")[0]  # Marvin & Linzen's conditions of a construction
    return Found(tuple(told[:-3]), kind, distance, subject)


def _unquoted(cell: str) -> str:
    """Take a cell out of quotes, if all of it is in quotes and those within are doubled."""
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted else cell


def _class(text: str) -> bool:
    """Return whether a line has the right form."""
    if text.lower() not in _CLASSES:
        raise Unreadable("expected correct or wrong as the class of a form")
    return _CLASSES[text.lower()]


def _index(text: str) -> int:
    """Read a place in a sentence."""
    if not _INTEGER.fullmatch(text) or int(text) < 0:
        raise Unreadable("expected a whole number as the place of the verb")
    return int(text)
