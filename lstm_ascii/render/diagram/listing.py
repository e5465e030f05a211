"""The list of the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.layout import page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Table
from lstm_ascii.reports.diagram.pictures import PicturesReport


@dataclass(frozen=True)
class PicturesPage:
    """Lists the pictures."""

    report: PicturesReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Write it into the width of the terminal."""
        yield from segments(self._lines(page_width(options)), console)

    def _lines(self, width: int) -> Iterator[Text]:
        """Write a line a picture, folded where it must be."""
        room = max(len(picture.name) for picture in self.report.pictures) + 2
        for picture in self.report.pictures:
            yield from paragraph(Text.assemble((picture.name.ljust(room), "title"), picture.about), width, 1, room + 1)
        example = 'lstm-ascii diagram lstm --sentence "The cat was hungry."'
        yield Text("")
        yield from paragraph(Text(f"Draw one: {example}", "note"), width, 1)

    def parts(self) -> Iterator[Part]:
        """Tell the same as a table."""
        rows = tuple((picture.name, picture.about) for picture in self.report.pictures)
        yield Table("pictures", ("name", "shows"), rows)
