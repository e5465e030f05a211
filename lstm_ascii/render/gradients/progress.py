"""How far a long measurement is, as one line."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.figures import bar, percent
from lstm_ascii.render.layout import by_width


@dataclass(frozen=True)
class ProgressLine:
    """Draws a name, a bar and a share.

    Attributes:
        label: what is measured.
        share: that is done, from 0 to 1.
    """

    label: str
    share: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into one line."""
        width = options.max_width - 1  # in the last column some terminals wrap
        line = Text.assemble((f" {self.label:12} ", "title"), no_wrap=True)
        line.append_text(bar(self.share, by_width(width, 10, 30, 40), "state"))
        line.append(f" {percent(self.share):>4}")
        line.truncate(width, overflow="ellipsis")
        yield line
