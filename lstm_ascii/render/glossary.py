"""The page of the glossary: terms by theme, each with symbol, range, one sentence and where to see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest

from rich.text import Text

from lstm_ascii.lessons.glossary import GlossaryTerm
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Block, Drawing, Head, Heading, Page
from lstm_ascii.reports.glossary import GlossaryReport

LEFT = 27  # columns of the names, where the sentences stand beside them
FEW = 4  # so many terms need no theme over them


def glossary_page(report: GlossaryReport) -> Page:
    """Return the page of the terms that were asked for."""
    return Page(Head([Text(_title(report), "title")]), closing=tuple(_blocks(report)))


def _title(report: GlossaryReport) -> str:
    """Say what is shown."""
    count = len(report.terms)
    counted = f"{count} {'term' if count == 1 else 'terms'}"
    return f"Glossary: “{report.asked}”, {counted}" if report.asked else f"Glossary: {counted}"


def _blocks(report: GlossaryReport) -> Iterator[Block]:
    """Return the terms of each theme, below its name where there are many."""
    for place, theme in enumerate(report.themes):
        if len(report.terms) > FEW:
            yield Heading(theme)
        terms = [term for term in report.terms if term.theme == theme]
        yield Drawing(partial(_drawn, terms), partial(_tables, terms, place > 0))


def _drawn(terms: Sequence[GlossaryTerm], width: int) -> Iterator[Text]:
    """Draw terms with a blank line above each."""
    for term in terms:
        yield Text("")
        yield from _beside(term, width) if width >= HOME else _below(term, width)


def _tables(terms: Sequence[GlossaryTerm], continues: bool) -> Iterator[Table]:
    """Tell terms as a table."""
    columns = ("term", "symbol", "range", "meaning", "see", "also called")
    rows = tuple(
        (term.name, term.symbol, term.range, term.text.removesuffix("."), _command(term), ", ".join(term.also) or None)
        for term in terms
    )
    yield Table("terms", columns, rows, continues=continues)


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
