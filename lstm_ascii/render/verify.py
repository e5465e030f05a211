"""The page of ``inspect --verify``: one line for each array that was compared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import counted, number
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Drawing, Head, Page, Paragraph
from lstm_ascii.reports.verify import Compared, VerifyReport

COLUMNS = ("array", "type", "largest value", "largest deviation", "tolerance", "digits of", "not finite")


_ORDERS = {
    (False, False): "",
    (True, True): ", sequences first",
    (True, False): ", sequences first in what goes in, steps first in what comes out",
    (False, True): ", steps first in what goes in, sequences first in what comes out",
}


def verify_page(report: VerifyReport) -> Page:
    """Return the page of a report."""
    turned = _ORDERS[report.turned, report.outputs_turned]
    about = f"against {report.reference}: {report.steps} steps of {counted(report.sequences, 'sequence')}{turned}"
    arrays = report.compared
    spoken = [f"{_deviation(array)}." for array in arrays]  # it begins with a name, which stays as it is
    lines = Drawing(partial(_lines, arrays), lambda: (_table(arrays),), spoken)
    head = Head([Text(report.model, "word"), Text(about, "note")])
    return Page(head, closing=(lines, Paragraph(Text(_verdict(report), "title"))))


def _lines(arrays: tuple[Compared, ...], width: int) -> Iterator[Text]:
    """Draw a line an array."""
    for array in arrays:
        mark = ("✓ ", "verdict.good") if array.agrees else ("✗ ", "verdict.bad")
        yield from paragraph(Text.assemble(mark, _deviation(array)), width, 1, hang=3)


def _table(arrays: tuple[Compared, ...]) -> Table:
    """Return the figures of the sentences."""
    rows = tuple(
        (array.name, array.dtype, array.largest, array.deviation, array.tolerance, array.digits,
         array.broken + array.ours_broken)
        for array in arrays
    )  # fmt: skip
    return Table("compared", COLUMNS, rows, silent=True)


def _verdict(report: VerifyReport) -> str:
    """Say what came out."""
    if report.passed:
        weights = next((array.digits for array in report.compared if array.by_weights), "")
        if weights:
            return f"The file agrees with its framework to the digits that {weights} have."
        return "The file is read as its framework reads it."
    if all(array.agrees or array.broken or array.ours_broken for array in report.compared):
        return "Nothing can be said of what holds NaN or infinities: they agree with nothing."
    return (
        "The file is NOT read as its framework reads it: look at the gate order, the activations and the start "
        "state with inspect, and whether these outputs belong to these weights."
    )


def _deviation(array: Compared) -> str:
    """Say how far one array is off."""
    for whose, count in (("the reference", array.broken), ("our answer", array.ours_broken)):
        if count:
            values = "value that is" if count == 1 else "values that are"
            return f"{array.name}: {whose} holds {count:,} {values} NaN or infinite"
    return (
        f"{array.name}: off by {number(array.deviation)} at most, where values reach {number(array.largest)}; "
        f"up to {number(array.tolerance)} of that is the rounding of {array.digits}"
    )
