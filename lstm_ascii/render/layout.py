"""How wide a picture may be, and the parts that all pictures share."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.text import Text

from lstm_ascii.render.figures import fit

WIDE, HOME, TINY = 110, 70, 34  # from these widths on; below HOME the layout is narrow, below TINY without bars
NARROWEST = 20  # a picture is drawn as if it had so many columns, where it has fewer
WIDEST = 160  # more columns than this help no reader
Sizes = tuple[int, int, int, int]  # in tiny, narrow, home and wide windows


def page_width(options: ConsoleOptions) -> int:
    """Return how wide a page is drawn in the width at hand."""
    return max(NARROWEST, min(options.max_width, WIDEST))


def by_width(width: int, narrow: int, home: int, wide: int) -> int:
    """Return the figure that belongs to a width."""
    return wide if width >= WIDE else home if width >= HOME else narrow


def at_width(width: int, sizes: Sizes) -> int:
    """Return the size that belongs to a width."""
    return sizes[0] if width < TINY else by_width(width, *sizes[1:])


def word_room(width: int) -> int:
    """Return the most cells that a word takes before the columns of a table."""
    return by_width(width, 8, 11, 16) if width >= 30 else 6


def heading(number: int, title: str, about: str, width: int) -> Iterator[Text]:
    """Open a section: a blank line, then its number, its name and what it is about."""
    yield Text("")
    yield from paragraph(Text.assemble((f" {number}  {title}", "title"), f"   {about}"), width, hang=4)


def paragraph(text: Text, width: int, indent: int = 0, hang: int | None = None) -> Iterator[Text]:
    """Fold ``text`` into lines of at most ``width``, indented; the lines after the first by ``hang``."""
    after = indent if hang is None else hang
    if width - max(indent, after) < 8:
        indent = after = 0
    text.overflow = "fold"
    text.no_wrap = False
    first = True
    for line in _folded(text, width - max(indent, after)):
        line.rstrip()
        yield Text.assemble(" " * (indent if first else after), line)
        first = False


def boxed(texts: Sequence[Text], width: int, title: str = "lstm-ascii") -> Iterator[Text]:
    """Draw a box with a title, such as the one that opens a page, around texts that are folded into it."""
    inner = width - 4
    shown = fit(title, min(cell_len(title), width - 6))
    yield Text(f"╭─ {shown} " + "─" * (width - 5 - cell_len(shown)) + "╮", "box")
    for text in texts:
        for line in paragraph(text, inner):
            line.pad_right(inner - line.cell_len)
            yield Text.assemble("│ ", line, " │")
    yield Text("╰" + "─" * (width - 2) + "╯", "box")


def segments(lines: Iterator[Text], console: Console) -> Iterator[Segment]:
    """Draw lines that are folded already, without folding them again."""
    if console.color_system is None:  # no style is seen: to work it out would take most of the time of a long page
        yield from (Segment(f"{line.plain}\n") for line in lines)
        return
    for line in lines:
        if line.style and not line.spans:
            line.stylize(line.style)  # Rich leaves out the style of a text that has no spans
        yield from line.render(console, end="\n")


def _folded(text: Text, width: int) -> Iterator[Text]:
    """Fold at blanks, and inside a word only where it is wider than the line."""
    yield from text.wrap(_folding_console(), width)


@cache
def _folding_console() -> Console:
    """Return what Rich wants for folding; a text without tabs asks it for nothing."""
    return Console(color_system=None, width=80)


@dataclass(frozen=True)
class Column:
    """One measure of every word.

    Attributes:
        head: two lines above it.
        values: one a word; ``None`` where there is nothing to show.
        width: in cells of the terminal.
        draw: makes a value's picture, when its line is drawn: ten thousand words don't wait in memory.
        stretch: whether it takes what is left of the line.
        items: whether its cells are lists with commas, which are cut between two items.
    """

    head: tuple[str, str]
    values: Sequence[Any]
    width: int
    draw: Callable[[Any], Text] = Text
    stretch: bool = False
    items: bool = False

    def cell(self, row: int) -> Text:
        """Draw a value; no wider than the column, and not filled up."""
        value = self.values[row] if row < len(self.values) else None
        text = Text("") if value is None else self.draw(value)
        if text.cell_len <= self.width:
            return text
        if self.items:
            kept = set_cell_size(text.plain, max(1, self.width - 1)).rfind(", ")
            if kept > 0:
                text.right_crop(len(text) - kept)
                return text.append(" …")
            name, _, figure = text.plain.partition(", ")[0].rpartition(" ")
            room = self.width - cell_len(figure) - 1
            if room > 1:  # rather a part of the name is cut than a part of the figure
                item = f"{name} {figure}…" if cell_len(name) < room else f"{fit(f'{name} ', room).rstrip()} {figure}"
                return Text(item, text.style)
        text.truncate(self.width, overflow="ellipsis")
        return text


@dataclass(frozen=True)
class WordTable:
    """A line a word. Columns that don't fit beside the others go into a further table below.

    Attributes:
        words: as shown.
        columns: from left to right.
        rows: the indices of the words to show, in order; ``None`` stands for words left out.
        marks: style of a word, by index.
    """

    words: Sequence[str]
    columns: Sequence[Column]
    rows: Sequence[int | None]
    marks: dict[int, str]

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it into ``width`` cells."""
        digits, left = self._digits(), self.left(width) - 2
        name = left - digits - 2
        for number, group in enumerate(self._groups(width - left)):
            if number:
                yield Text("")
            if group[0].width > width - left - 2:
                yield from self._stacked(group[0], digits, width)
                continue
            yield from self._heads(group, left, digits)
            for row in self.rows:
                yield self._gap(digits) if row is None else self._line(row, group, digits, name)

    def left(self, width: int) -> int:
        """Return the column at which the first cells begin."""
        longest = max((cell_len(self.words[row]) for row in self.rows if row is not None), default=4)
        room = by_width(width, 8, 11, 16) if width >= 30 else 6
        return self._digits() + min(max(longest, 4), room) + 4

    def _digits(self) -> int:
        """Return how many digits the words' numbers take."""
        return max(2, len(str(len(self.words))))

    def _groups(self, room: int) -> Iterator[list[Column]]:
        """Share the columns out over as many tables as the room asks for."""
        group: list[Column] = []
        used = 0
        for given in self.columns:
            column = replace(given, width=max(given.width, *map(cell_len, given.head)))  # no head is cut
            if group and used + column.width + 2 > room:
                yield _stretched(group, room - used)
                group, used = [], 0
            group.append(column)
            used += column.width + 2
        if group:
            yield _stretched(group, room - used)

    def _heads(self, group: Sequence[Column], left: int, digits: int) -> Iterator[Text]:
        """Draw the two lines above a table."""
        for line in (0, 1):
            start = f" {'#':>{digits}} word" if line else ""
            text = Text(fit(start, left), "note")
            for column in group:
                text.append("  " + fit(column.head[line], column.width), "note")
            text.rstrip()
            if text:
                yield text

    def _stacked(self, column: Column, digits: int, width: int) -> Iterator[Text]:
        """Draw a column that is wider than the room beside the words: below each of them, and whole."""
        head = " ".join(filter(None, column.head))
        yield from paragraph(Text(f" {'#':>{digits}} word: {head}", "note"), width, hang=digits + 2)
        whole = replace(column, width=sys.maxsize)
        for row in self.rows:
            if row is None:
                yield self._gap(digits)
                continue
            name = self._line(row, (), digits, width - digits - 2)
            name.rstrip()
            yield name
            yield from paragraph(whole.cell(row), width, digits + 2)

    def _line(self, row: int, group: Sequence[Column], digits: int, name: int) -> Text:
        """Draw one word's line."""
        text = Text.assemble((f"{row + 1:>{digits + 1}}", "number"), " ", no_wrap=True)
        text.append(fit(self.words[row], name), self.marks.get(row, "word"))
        missing = 2
        for column in group:
            cell = column.cell(row)
            text.append(" " * missing).append_text(cell)
            missing = 2 + column.width - cell.cell_len
        return text

    def _gap(self, digits: int) -> Text:
        """Stand for words left out."""
        return Text(f"{'…':>{digits + 1}}", "note")


def _stretched(group: list[Column], spare: int) -> list[Column]:
    """Give the room that is left to the columns that can use it."""
    each = max(0, spare) // max(1, sum(column.stretch for column in group))
    return [replace(column, width=column.width + each) if column.stretch else column for column in group]


def rows_to_show(count: int, limit: int | None, important: Sequence[int]) -> list[int | None]:
    """Return the indices of the words to show: all, or the head, the tail and what matters between.

    Args:
        count: of words.
        limit: the most words to show; ``None`` for all.
        important: indices, the most important first.
    """
    if limit is None or count <= limit:
        return list(range(count))
    share = limit // 3
    chosen = set(range(share)) | set(range(count - share, count))
    for index in important:
        if len(chosen) >= limit:
            break
        chosen.add(index)
    rows: list[int | None] = []
    for index in sorted(chosen):
        if index and index - 1 not in chosen:
            rows.append(None)
        rows.append(index)
    return rows if chosen and max(chosen) == count - 1 else [*rows, None]


def names_of(words: Sequence[str]) -> tuple[str, ...]:
    """Name every word; one that stands more than once gets its number (``the#5``)."""
    counts = Counter(word.lower() for word in words)
    return tuple(f"{word}#{n}" if counts[word.lower()] > 1 else word for n, word in enumerate(words, 1))
