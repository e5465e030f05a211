"""The page of ``diagram``: a head, and the drawings of a picture below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.diagram.panel import Panel
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.layout import boxed, heading, page_width, rows_to_show, segments
from lstm_ascii.render.parts import Part, Prose, Title
from lstm_ascii.reports.diagram.pictures import PICTURES
from lstm_ascii.reports.diagram.report import DiagramReport


@dataclass(frozen=True)
class DiagramPage:
    """Draws a :class:`DiagramReport`.

    Attributes:
        report: to draw.
        limit: the most words to show in a drawing along the words; ``None`` for all.
    """

    report: DiagramReport
    limit: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(page_width(options), options.ascii_only), console)

    def lines(self, width: int, ascii_only: bool = False) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``; in pure ASCII, texts and equations may grow."""
        yield from boxed(self._head(), width)
        for place, drawn in enumerate(self.panels(), 1):
            panel = words_in_ascii(drawn) if ascii_only else drawn
            yield from heading(place, panel.title, panel.about, width)
            yield Text("")
            yield from panel.lines(width)

    def parts(self) -> Iterator[Part]:
        """Tell the same in titles, sentences and tables."""
        yield Title(f"diagram {self.report.name}: {PICTURES[self.report.name].about}")
        yield from (Prose(text.plain) for text in self._head()[1:])
        for panel in self.panels():
            yield from panel.parts()

    def panels(self) -> Iterable[Panel]:
        """Return the drawings of this picture."""
        module = import_module(f"lstm_ascii.render.diagram.{self.report.name.replace('-', '_')}")
        make: Callable[[DiagramReport, int | None], Iterable[Panel]] = module.panels
        return make(self.report, self.limit)

    def _head(self) -> list[Text]:
        """Return what stands in the box at the top."""
        report = self.report
        head = [Text.assemble((f"diagram {report.name}", "title"), f"   {PICTURES[report.name].about}")]
        if report.words:
            head.append(self._sentence())
        head.append(Text(self._facts(), "note"))
        if not report.words:
            head.append(Text('letters only; --sentence "…" puts values on the wires', "note"))
        if self.limit is not None and len(report.words) > self.limit:
            told = (
                f"{len(report.words):,} words: drawings along them have the head and the tail; pipe it (| less) for all"
            )
            head.append(Text(told, "note"))
        head += [Text(f"{cell.cell}: {'; '.join(cell.special)}", "note") for cell in report.cells if cell.special]
        return head

    def _facts(self) -> str:
        """Say which networks, and at which word."""
        cells = self.report.cells
        names, sources = ", ".join(cell.cell for cell in cells), "; ".join(dict.fromkeys(cell.source for cell in cells))
        sizes = {cell.hidden_size for cell in cells}
        units = f"{'/'.join(map(str, sorted(sizes)))} unit{'s' * (sizes != {1})}{' each' if len(cells) > 1 else ''}"
        facts = f"{names} · {units} · {sources}"
        if self.report.word is None:
            return facts
        return f"{facts} · at word {self.report.word}: {self.report.reason}"

    def _sentence(self) -> Text:
        """Write the words, the one that is drawn marked; of many the head and the tail."""
        words, at = self.report.words, self.report.word
        shown = rows_to_show(len(words), self.limit, () if at is None else (at - 1,))
        return Text(" ").join(
            Text("…", "note") if row is None else Text(words[row], "focus" if at == row + 1 else "word")
            for row in shown
        )
