"""Markdown, as Rich reads it, in blocks that fold into any width: headings, paragraphs, items, code and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.layout import HOME, paragraph

if TYPE_CHECKING:
    from markdown_it.token import Token

STYLES = {"strong": "bold", "em": "italic", "code_inline": "bold"}
LARGEST_SHARE = 0.4  # of the width, for the first column of a table
GAP = 2  # blanks between two columns


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` 1 is the page's."""

    text: Text
    level: int


@dataclass(frozen=True)
class Paragraph:
    """Text, or an item of a list."""

    text: Text
    is_item: bool = False

    def lines(self, width: int) -> Iterator[Text]:
        """Fold it into ``width`` columns."""
        if self.is_item:
            yield from paragraph(Text.assemble("• ", self.text), width, 1, hang=3)
        else:
            yield from paragraph(self.text.copy(), width, 1)


@dataclass(frozen=True)
class Code:
    """Lines that stand as they are: a program, or a command with its output."""

    text: str
    language: str

    def lines(self, width: int) -> Iterator[Text]:
        """Keep the lines; what is wider than ``width`` goes on in the next, and nothing is left out."""
        outputs = (line for line in self.text.splitlines() if not self.is_command(line))
        indent = "" if any(cell_len(line) > width - 1 for line in outputs) else " "
        for line in self.text.splitlines():
            if self.is_command(line):
                yield from paragraph(Text(line, "word"), width, len(indent), hang=4)
                continue
            for piece in chop_cells(line, width) or [""]:
                yield Text(f"{indent}{piece}".rstrip())

    def is_command(self, line: str) -> bool:
        """Tell whether a line is one to type."""
        return self.language == "sh" or (self.language == "console" and line.startswith("$ "))


@dataclass(frozen=True)
class Grid:
    """A table; the first of its ``rows`` are the heads."""

    rows: tuple[tuple[Text, ...], ...]

    def lines(self, width: int) -> Iterator[Text]:
        """Draw the columns beside each other, or below one another where there is no room."""
        heads, *rows = self.rows
        if width < HOME:
            for row in rows:
                yield from paragraph(row[0].copy(), width, 1)
                for head, cell in zip(heads[1:], row[1:], strict=True):
                    label = Text(f"{head.plain}: ", "note") if len(heads) > 2 else Text("")
                    yield from paragraph(Text.assemble(label, cell), width, 3)
            return
        widths = self._widths(width - 1)
        for number, row in enumerate(self.rows):
            cells = [Text(cell.plain, "note") if number == 0 else cell.copy() for cell in row]
            yield from _beside(cells, widths)

    def _widths(self, room: int) -> Sequence[int]:
        """Give each column what it needs, and the last what is left."""
        most = int(room * LARGEST_SHARE)
        columns = list(zip(*self.rows, strict=True))[:-1]
        widths = [min(most, max(cell.cell_len for cell in column)) for column in columns]
        return [*widths, max(8, room - sum(widths) - GAP * len(widths))]


Block = Heading | Paragraph | Code | Grid


def _beside(cells: Sequence[Text], widths: Sequence[int]) -> Iterator[Text]:
    """Draw one row of a table, each cell folded into its column."""
    folded = [list(paragraph(cell, width)) for cell, width in zip(cells, widths, strict=True)]
    for pieces in zip_longest(*folded):
        line = Text(" ")
        end = 1
        for piece, width in zip(pieces, widths, strict=True):
            if piece is not None:
                line.pad_right(end - line.cell_len)
                line.append_text(piece)
            end += width + GAP
        yield line


def blocks(markdown: str) -> Iterator[Block]:
    """Read the blocks of a text; links and pictures become their words."""
    from rich.markdown import Markdown  # late: it loads a parser, and whatever colours code

    tokens = iter(Markdown(markdown).parsed)
    lists = 0
    for token in tokens:
        if token.type == "fence":
            yield Code(token.content.rstrip("\n").expandtabs(), token.info)
        elif token.type == "table_open":
            yield _grid(tokens)
        elif token.type == "heading_open":
            yield Heading(_inline(next(tokens)), int(token.tag[1:]))
        elif token.type in ("bullet_list_open", "bullet_list_close"):
            lists += token.nesting
        elif token.type == "inline":
            yield Paragraph(_inline(token), is_item=lists > 0)


def _grid(tokens: Iterator[Token]) -> Grid:
    """Read the rows up to the end of the table."""
    rows: list[list[Text]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    return Grid(tuple(map(tuple, rows)))


def _inline(token: Token) -> Text:
    """Read the words of a block, with their styles."""
    text = Text()
    styles: list[str] = []
    for child in token.children or ():
        if child.type.removesuffix("_open") in STYLES and child.nesting == 1:
            styles.append(STYLES[child.type.removesuffix("_open")])
        elif child.type.removesuffix("_close") in STYLES and child.nesting == -1:
            styles.pop()
        elif child.type in ("softbreak", "hardbreak"):
            text.append(" ")
        elif child.content:
            text.append(child.content, STYLES.get(child.type, " ".join(styles)))
    return text
