"""The page of ``inspect --verify``: a line an array that was compared."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.figures import number
from lstm_ascii.render.layout import boxed, page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.reports.inspect.verify import Compared, VerifyReport


class VerifyPage:
    """Draws a :class:`VerifyReport`."""

    def __init__(self, report: VerifyReport) -> None:
        """Take the report."""
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width at hand."""
        yield from segments(self._lines(page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell it as a table."""
        yield Title(f"{self.report.model} against {self.report.reference}")
        columns = ("array", "type", "largest value", "largest deviation", "tolerance", "digits of", "not finite")
        rows = tuple(
            (one.name, one.dtype, one.largest, one.deviation, one.tolerance, one.digits, one.broken + one.ours_broken)
            for one in self.report.compared
        )
        yield Table("compared", columns, rows)
        yield Prose(self._verdict())

    def _lines(self, width: int) -> Iterator[Text]:
        """Draw everything."""
        report = self.report
        turned = ", sequences first" if report.turned else ""
        read = f"{report.steps} steps of {report.sequences} sequence{'s' * (report.sequences != 1)}{turned}"
        yield from boxed([Text(report.model, "word"), Text(f"against {report.reference}: {read}", "note")], width)
        for one in report.compared:
            style = "grad.alive" if one.agrees else "grad.vanished"
            yield from paragraph(Text.assemble((f"{'✓' if one.agrees else '✗'} ", style), _said(one)), width, 1, hang=3)
        yield from paragraph(Text(self._verdict(), "title"), width, 1)

    def _verdict(self) -> str:
        """Say what came out."""
        if self.report.passed:
            weights = next((one.digits for one in self.report.compared if one.by_weights), "")
            if weights:
                return f"The file agrees with its framework to the digits that {weights} have."
            return "The file is read as its framework reads it."
        if all(one.agrees or one.broken or one.ours_broken for one in self.report.compared):
            return "Nothing can be said of what holds NaN or infinities: they agree with nothing."
        return (
            "The file is NOT read as its framework reads it: look at the gate order, the activations and the start "
            "state with inspect, and whether these outputs belong to these weights."
        )


def _said(one: Compared) -> str:
    """Say how far one array is off."""
    for whose, count in (("the reference", one.broken), ("our answer", one.ours_broken)):
        if count:
            values = "value that is" if count == 1 else "values that are"
            return f"{one.name}: {whose} holds {count:,} {values} NaN or infinite"
    return (
        f"{one.name}: off by {number(one.deviation)} at most, where values reach {number(one.largest)}; "
        f"up to {number(one.tolerance)} of that is the rounding of {one.digits}"
    )
