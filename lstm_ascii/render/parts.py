"""The content of a page without drawings, as titles, sentences and tables: for screen readers and other programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import floor, isnan
from typing import Protocol

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import number
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.layout import paragraph, segments, typed


@dataclass(frozen=True)
class Power:
    """A size that may be beyond the range of floating-point numbers, as its log10; ``None`` for exactly 0."""

    log10: float | None


_QUANTITY = re.compile(r"[b-z](?![a-z])|a(?![a-z ])|[a-z]+://")
Value = str | float | int | Power | None


@dataclass(frozen=True)
class Title:
    """The title of a page or a section."""

    text: str


@dataclass(frozen=True)
class Prose:
    """Sentences.

    Attributes:
        text: one sentence or more.
        in_place: whether it replaces what a drawing shows without words.
        command: whether it is a command to type.
    """

    text: str
    in_place: bool = False
    command: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: of the table.
        columns: their names; the first column names the row: a word, a network, a step.
        rows: one value for each column; numbers in full precision, ``None`` for missing values.
        named_by: how many of the first columns name the row: a word's number and the word.
        read_out: the indices of the rows in ``--plain``, if all would be too many; ``None`` for all.
        continues: whether it continues the table before it under another title; ``--tsv`` has them as one table.
        silent: whether sentences have the same content, so that ``--plain`` leaves it out.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    named_by: int = 1
    read_out: Sequence[int] | None = None
    continues: bool = False
    silent: bool = False


Part = Title | Prose | Table


class Tellable(Protocol):
    """A page that can be drawn, and that also has its content as parts."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the page."""
        ...

    def parts(self) -> Iterable[Part]:
        """Return the same content as titles, sentences and tables."""
        ...


class Plain:
    """The parts of a page as text that can be read aloud: one line for each row, each figure after its name."""

    def __init__(self, page: Tellable) -> None:
        """Set the page."""
        self._page = page

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Print the text, wrapped at blanks."""
        yield from segments(self._lines(options.max_width, options.ascii_only), console)

    def _lines(self, width: int, ascii_only: bool) -> Iterator[Text]:
        """Yield the wrapped lines of every part."""
        for number_, made in enumerate(self._page.parts()):
            part = words_in_ascii(made) if ascii_only else made
            if isinstance(part, Title) and number_:
                yield Text("")
            if isinstance(part, Prose) and part.command:
                yield from typed(part.text, width)
                continue
            for line in _spoken(part):
                yield from paragraph(Text(line), width, hang=2 if isinstance(part, Table) else None)


def _spoken(part: Part) -> Iterator[str]:
    """Yield the lines of a part, without aligned columns."""
    if not isinstance(part, Table):
        yield part.text
        return
    if part.silent:
        return
    read = range(len(part.rows)) if part.read_out is None else part.read_out
    if read and not part.continues:
        yield f"{capital(part.name)}:"
    for row in read:
        yield _row(part, part.rows[row])
    if len(read) < len(part.rows):
        what = f"{len(part.rows) - len(read):,} more rows" if read else f"{capital(part.name)}: {len(part.rows):,} rows"
        yield f"({what}; --tsv prints them.)"


def _row(table: Table, row: Sequence[Value]) -> str:
    """Return one row as a sentence: its name, then each figure after the name of its column."""
    name = ", ".join(spoken(value) for value in row[: table.named_by] if value is not None)
    told = ", ".join(
        f"{column} {spoken(value)}"
        for column, value in zip(table.columns[table.named_by :], row[table.named_by :], strict=True)
        if value not in (None, "")
    )
    kind = "" if name.startswith(f"{table.columns[0]} ") else f"{table.columns[0]} "  # ``layer 1`` says what it is
    line = capital(f"{kind}{name}{f': {told}' if told else ''}")
    return line if line.endswith(".") else f"{line}."


def capital(text: str) -> str:
    """Capitalise the first letter, unless the text begins with a quantity (``f_t``, ``h``) or an address."""
    return text if _QUANTITY.match(text) else text[:1].upper() + text[1:]


def spoken(value: Value) -> str:
    """Return a value as it is read aloud: ``0.88``, ``−1.20``, ``1.2 times 10 to the −45``."""
    if isinstance(value, Power):
        return _spoken_power(value.log10)
    if isinstance(value, float):
        if 1e-4 <= abs(value) < 0.1:  # two decimals would leave fewer than two digits
            return f"{value:.2g}".replace("-", "−")
        text = number(value)
        lead, _, exponent = text.partition("e")
        return _scientific(lead, int(exponent)) if exponent else text
    return f"{value:,}" if isinstance(value, int) else value or "nothing"


def _spoken_power(log10: float | None) -> str:
    """Return 10**log10 as it is read aloud, however small or large it is."""
    if log10 is None:
        return "nothing"
    if isnan(log10):
        return "no number"
    if -4 <= log10 < 3:
        return f"{10**log10:.0f}" if log10 >= 2 else f"{10**log10:.2g}"
    exponent = floor(log10)
    lead = f"{10 ** (log10 - exponent):.1f}"
    return _scientific("1.0", exponent + 1) if lead == "10.0" else _scientific(lead, exponent)


def _scientific(lead: str, exponent: int) -> str:
    """Return a number with its power of ten in words."""
    return f"{lead} times 10 to the {exponent:,}".replace("-", "−")


def to_tsv(parts: Iterable[Part]) -> str:
    """Return the tables as tab-separated text: the name after ``#``, the column names, the rows."""
    tables: list[Table] = []
    for part in parts:
        if isinstance(part, Table) and part.rows:
            if part.continues and tables:
                tables[-1] = replace(tables[-1], rows=(*tables[-1].rows, *part.rows))
            else:
                tables.append(part)
    return "\n".join("".join(f"{line}\n" for line in _tabbed(table)) for table in tables)


def _tabbed(table: Table) -> Iterator[str]:
    """Yield the lines of one table."""
    yield f"# {visible(table.name)}"
    heads = (
        f"{head} (log10)" if any(isinstance(row[place], Power) for row in table.rows) else head
        for place, head in enumerate(table.columns)
    )
    yield "\t".join(map(visible, heads))
    for row in table.rows:
        yield "\t".join(map(_exact, row))


def _exact(value: Value) -> str:
    """Return a value in full precision; a missing one is an empty field, the log10 of 0 is -inf."""
    if isinstance(value, Power):
        return "-inf" if value.log10 is None else repr(value.log10)
    return "" if value is None else repr(value) if isinstance(value, float) else visible(str(value))
