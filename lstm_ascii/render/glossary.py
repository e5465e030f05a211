"""The page of the glossary: terms by theme, each with symbol, range, one sentence and where to see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.lessons.glossary import GlossaryTerm
from lstm_ascii.render.layout import HOME, boxed, page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Table, Title
from lstm_ascii.reports.glossary import GlossaryReport

LEFT = 27  # columns of the names, where the sentences stand beside them
FEW = 4  # so many terms need no theme over them


@dataclass(frozen=True)
class GlossaryPage:
    """Draws a :class:`GlossaryReport`."""

    report: GlossaryReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(page_width(options)), console)

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        yield from boxed([Text(self._title(), "title")], width)
        by_theme = len(self.report.terms) > FEW
        for theme in self.report.themes:
            if by_theme:
                yield Text("")
                yield from paragraph(Text(f"{theme.upper()}", "title"), width, 1)
            for term in self.report.terms:
                if term.theme == theme:
                    yield Text("")
                    yield from _beside(term, width) if width >= HOME else _below(term, width)

    def _title(self) -> str:
        """Say what is shown."""
        count = len(self.report.terms)
        counted = f"{count} {'term' if count == 1 else 'terms'}"
        return f"Glossary: “{self.report.asked}”, {counted}" if self.report.asked else f"Glossary: {counted}"

    def parts(self) -> Iterator[Part]:
        """Tell it as a table."""
        yield Title(self._title())
        rows = tuple(
            (
                term.name,
                term.symbol,
                term.range,
                term.text.removesuffix("."),
                _command(term),
                ", ".join(term.also) or None,
            )
            for term in self.report.terms
        )
        yield Table("terms", ("term", "symbol", "range", "meaning", "see", "also called"), rows)


def _beside(term: GlossaryTerm, width: int) -> Iterator[Text]:
    """Draw a term with its sentence beside it."""
    values = [_values(term)] if _values(term).cell_len < LEFT else [Text(term.symbol, "note"), Text(term.range, "note")]
    left = [line for text in (Text(term.name, "word"), *values) for line in paragraph(text, LEFT, 1)]
    right = [*paragraph(Text(term.text), width - LEFT - 2), *paragraph(_see(term), width - LEFT - 2, hang=4)]
    for one, other in zip_longest(left, right):
        line = Text() if one is None else one
        if other is not None:
            line.pad_right(LEFT + 2 - line.cell_len)
            line.append_text(other)
        yield line


def _below(term: GlossaryTerm, width: int) -> Iterator[Text]:
    """Draw a term with its sentence below it."""
    yield from paragraph(Text(term.name, "word"), width, 1)
    for text in (_values(term), Text(term.text)):
        yield from paragraph(text, width, 3)
    yield from paragraph(_see(term), width, 3, hang=5)


def _values(term: GlossaryTerm) -> Text:
    """Write symbol and range."""
    return Text(f"{term.symbol}   {term.range}", "note")


def _see(term: GlossaryTerm) -> Text:
    """Write the command that shows a term."""
    return Text(f"$ {_command(term)}", "note")


def _command(term: GlossaryTerm) -> str:
    """Return the whole command line."""
    return f"lstm-ascii {term.see}"
