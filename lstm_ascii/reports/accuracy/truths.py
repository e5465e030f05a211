"""The right answers in a table: a class, a tag for each step, labels with yes or no, values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from typing import Any

from lstm_ascii.answer import CLASSES, LABELS, TAGS, VALUES, Answer
from lstm_ascii.language.text import visible
from lstm_ascii.reports.scored.lines import Unreadable

_BETWEEN = re.compile(r"[,;\s]+")
_MOST_NAMED = 6

Truth = tuple[float, ...]  # indices of classes, one a decision; 0 or 1 for each label; or values


class Truths:
    """Reads what is right, for one kind of answer."""

    def __init__(self, answer: Answer) -> None:
        """Take the answer whose outputs are meant."""
        self._answer = answer
        self._index = {name.casefold(): number for number, name in reversed(list(enumerate(answer.names)))}

    def read(self, cell: str, steps: int) -> Truth:
        """Return what a cell of a table says of a row of so many steps.

        Raises:
            Unreadable: it is nothing that the network could answer.
        """
        text = cell.strip()
        if self._answer.kind == CLASSES:
            return (self.index(text),)
        return self.of([part for part in _BETWEEN.split(text) if part], steps)

    def of(self, parts: Sequence[Any], steps: int) -> Truth:
        """Return what several parts say: a tag a step, the labels that hold, or numbers.

        Raises:
            Unreadable: there are too few or too many, or one is nothing that the network could answer.
        """
        answer = self._answer
        if answer.kind == CLASSES:
            return tuple(map(self.index, _as_many(parts, 1, "label")))
        if answer.kind == TAGS:
            return tuple(map(self.index, _as_many(parts, steps, "tag", "one a step")))
        if answer.kind == LABELS:
            holding = {self.index(part) for part in parts}
            return tuple(float(number in holding) for number in range(answer.outputs))
        count = answer.outputs * (steps if answer.pooling == "each" else 1)
        return tuple(map(_value, _as_many(parts, count, "value")))

    def index(self, part: Any) -> int:
        """Return which output a label names, by its name or its number from 0.

        Raises:
            Unreadable: none.
        """
        text = str(part).strip()
        if (found := self._index.get(text.casefold())) is not None:
            return found
        names = self._answer.names
        number = text.removesuffix(".0")
        if number.isascii() and number.isdigit() and len(number) < 9 and int(number) < len(names):
            return int(number)
        some = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
        raise Unreadable(f"expected one of {some}, or its number from 0", quoted(text))


def _as_many(parts: Sequence[Any], count: int, what: str, how: str = "") -> Sequence[Any]:
    """Refuse another number of parts."""
    if len(parts) != count:
        if how:
            raise Unreadable(f"expected as many {what}s as the sentence has words", f"{len(parts)} for {count}")
        raise Unreadable(f"expected {count} {what}{'s' * (count != 1)}", str(len(parts) or "none"))
    return parts


def _value(part: Any) -> float:
    """Read a number."""
    try:
        value = float(part) if "_" not in str(part) else None
    except ValueError:
        value = None
    if value is None or not isfinite(value):
        raise Unreadable("expected a number as the right answer", quoted(str(part)))
    return value


def quoted(text: str) -> str:
    """Quote the start of a text in an error."""
    text = visible(text)
    return (f'"{text[:39]}…"' if len(text) > 40 else f'"{text}"') if text else "nothing"


def is_measured(answer: Answer) -> bool:
    """Tell whether what is right is a number that is met more or less, and not one of a few answers."""
    return answer.kind == VALUES
