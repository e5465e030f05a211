"""Pages as lines of segments, as wide as the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.segment import Segment
from rich.theme import Theme

from lstm_ascii.records import dataclass
from lstm_ascii.render.glyphs import PureAscii, words_in_ascii
from lstm_ascii.render.section import Page
from lstm_ascii.render.theme import STYLES
from lstm_ascii.reports.step.report import StepReport

Lines = list[list[Segment]]


@dataclass(frozen=True)
class Look:
    """How pages are drawn.

    Attributes:
        ascii: in pure ASCII.
        color: in colour; else what is set off is bold, faint or turned.
    """

    ascii: bool = False
    color: bool = True

    def lines(self, page: Page, width: int) -> Lines:
        """Draw a page into a width."""
        console = Console(
            width=width, color_system="truecolor", force_terminal=True, theme=Theme(STYLES), markup=False, emoji=False,
            highlight=False, legacy_windows=False, _environ={},
        )  # fmt: skip
        picture = PureAscii(page) if self.ascii else page
        return [list(self._colored(line)) for line in console.render_lines(picture, pad=False)]

    def _colored(self, line: Sequence[Segment]) -> Sequence[Segment]:
        """Take the colours away where none are wanted; what is bold, faint or turned stays so."""
        if self.color:
            return line
        return [Segment(text, style and style.without_color, control) for text, style, control in line]

    def words(self, report: StepReport) -> StepReport:
        """Return a report as it is drawn: its texts in pure ASCII where that is asked for."""
        return words_in_ascii(report) if self.ascii else report
