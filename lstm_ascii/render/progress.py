"""Progress as lines with a bar, which a live display redraws."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import bar, percent
from lstm_ascii.render.layout import by_width


def line_width(options: ConsoleOptions) -> int:
    """Return the columns that a line of a live display may take: in the last one some terminals wrap."""
    return options.max_width - 1


def progress_line(label: str, columns: int, width: int, *parts: Text | str) -> Text:
    """Return a label of at least ``columns``, then ``parts``, cut to ``width``; the next moment brings more."""
    line = Text.assemble((f" {label:{columns}}", "title"), no_wrap=True)
    for part in parts:
        line.append_text(part) if isinstance(part, Text) else line.append(part)
    line.truncate(width, overflow="ellipsis")
    return line


@dataclass(frozen=True)
class ProgressLine:
    """Draws a name, a bar and a share; the time so far while the share is unknown.

    Attributes:
        label: what is measured.
        share: that is done, from 0 to 1; ``None`` where that is unknown.
        seconds: that it has taken so far.
    """

    label: str
    share: float | None
    seconds: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into one line."""
        width = line_width(options)
        if self.share is None:
            yield progress_line(self.label, 12, width, f" {self.seconds:,} s so far")
            return
        done = bar(self.share, by_width(width, 10, 30, 40), "measure")
        yield progress_line(self.label, 12, width, " ", done, f" {percent(self.share):>4}")
