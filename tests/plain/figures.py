"""Numbers as they stand in drawings and in texts, compared to the digits that are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
SHOWN = re.compile(
    rf"(?<![\w.,#^])(?<![\w)\]}}][-−])(?P<bound>[<>≈]?)(?P<sign>[-−+±]?)(?:(?P<clock>\d+(?::\d\d)+)"
    rf"|(?P<lead>{_NUMBER})(?:e(?P<exponent>[-−+]?\d+))?|e(?P<bare>[-−]?\d+))(?P<percent> ?%?)(?P<plus>\+?)(?![\w])"
)
_TIMES = re.compile(r" times 10 to the ([-−]?[\d,]+)")


@dataclass(frozen=True)
class Figure:
    """A number as it is shown.

    Attributes:
        text: as it stands in the drawing.
        value: with the sign, without the percent sign.
        unit: of the last digit that is shown.
        bound: ``<``, ``>`` or ``≈`` in front of it.
        percent: whether a percent sign follows.
        ranged: whether it is an end of a range, which is rounded outwards.
    """

    text: str
    value: Decimal
    unit: Decimal
    bound: str = ""
    percent: bool = False
    ranged: bool = False

    def is_shown_for(self, value: Decimal) -> bool:
        """Return whether ``value``, in full precision, may be shown like this."""
        scales = (1, 100) if self.percent or self.ranged else (1,)
        return any(self._agrees(value * scale) for scale in scales)

    def _agrees(self, value: Decimal) -> bool:
        if self.bound == "<":
            return 0 < value <= self.value
        if self.bound == ">":
            return value >= self.value and (not self.percent or value <= 100)
        if self.bound == "≈":
            return abs(value) < Decimal("1e-999")
        room = self.unit if self.ranged else self.unit * Decimal("0.5000001")
        return abs(value - self.value) <= room


def figures(text: str) -> Iterator[Figure]:
    """Return the numbers in a text; digits that belong to a name, as in ``h_t-1``, are none."""
    text = _TIMES.sub(lambda found: f"e{found[1]}".replace(",", ""), text)
    for found in SHOWN.finditer(text):
        before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
        ranged = (before in ("–", "—") or after in ("–", "—")) and not found["percent"].strip()
        sign = -1 if found["sign"] in ("-", "−") and found["sign"] else 1
        value, unit = _value(found)
        yield Figure(found[0].strip(), sign * value, unit, found["bound"], found["percent"].strip() == "%", ranged)


def _value(found: re.Match[str]) -> tuple[Decimal, Decimal]:
    """Return the value without its sign, and the unit of its last digit."""
    if found["clock"]:
        seconds = 0
        for part in found["clock"].split(":"):
            seconds = 60 * seconds + int(part)
        return Decimal(seconds), Decimal(1)
    if found["bare"]:
        size = Decimal(1).scaleb(int(found["bare"].replace("−", "-")))
        return size * 5, size * 9
    lead = Decimal(found["lead"].replace(",", ""))
    exponent = int((found["exponent"] or "0").replace("−", "-"))
    places = -lead.as_tuple().exponent  # type: ignore[operator]
    return lead.scaleb(exponent), Decimal(1).scaleb(exponent - places)


def exact(cell: str, is_log10: bool) -> Iterator[Decimal]:
    """Return the value of a field of ``--tsv``, or the numbers in its text."""
    if not is_log10:
        try:
            value = Decimal(cell)
        except InvalidOperation:
            if re.fullmatch(r"\d+-\d+", cell):
                yield from map(Decimal, cell.split("-"))
            yield from (figure.value / (100 if figure.percent else 1) for figure in figures(cell))
            return
        if value.is_finite():
            yield value
        return
    if cell == "-inf":
        yield Decimal(0)
    elif cell and cell != "nan":
        with localcontext() as context:
            context.prec = 12
            yield Decimal(10) ** Decimal(cell)


def missing(shown: Iterable[Figure], there: Iterable[Decimal]) -> list[Figure]:
    """Return the figures that none of the values may be shown as."""
    values = set(there)
    return [figure for figure in shown if not any(figure.is_shown_for(value) for value in values)]
