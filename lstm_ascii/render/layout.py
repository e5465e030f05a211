"""The width of pages, and elements that all pages share: headings, paragraphs, commands, boxes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.text import Text

from lstm_ascii.render.figures import fit

WIDE, HOME, TINY = 110, 70, 34  # the layout is narrow below HOME, and without bars below TINY
NARROWEST = 20  # narrower windows are treated as if they had this width
WIDEST = 160  # wider pages would be hard to read
Sizes = tuple[int, int, int, int]  # in tiny, narrow, home and wide windows


def page_width(options: ConsoleOptions) -> int:
    """Return the width of a page in a console."""
    return max(NARROWEST, min(options.max_width, WIDEST))


def by_width(width: int, narrow: int, home: int, wide: int) -> int:
    """Return one of three numbers by the width of the window."""
    return wide if width >= WIDE else home if width >= HOME else narrow


def at_width(width: int, sizes: Sizes) -> int:
    """Return the size for a width of the window."""
    return sizes[0] if width < TINY else by_width(width, *sizes[1:])


def word_room(width: int) -> int:
    """Return the largest width of words before the columns of a table."""
    return by_width(width, 8, 11, 16) if width >= 30 else 6


def heading(number: int, title: str, about: str, width: int) -> Iterator[Text]:
    """Draw the heading of a section: a blank line, then its number, its title and its subtitle."""
    yield Text("")
    text = Text.assemble((f" {number}  {title}", "title"), f"   {about}" if about else "")
    yield from [text] if text.cell_len <= width else paragraph(text, width, hang=4)


def paragraph(text: Text, width: int, indent: int = 0, hang: int | None = None) -> Iterator[Text]:
    """Wrap ``text`` into lines of at most ``width``; the first is indented by ``indent``, others by ``hang``."""
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


def typed(command: str, width: int, indent: int = 0, hang: int = 0) -> Iterator[Text]:
    """Wrap a command so that it can be copied into a shell: with a backslash at the end of each line but the last.

    Lines that continue a quoted text are not indented, as the blanks would be part of it. So would a backslash within
    single quotes; there a line just ends at a blank, which does no harm in a sentence.
    """
    if width - max(indent, hang) < NARROWEST:
        indent = hang = 0
    line, quote, most = " " * indent, "", width - 2  # a blank and a backslash follow
    for piece in re.findall(r"\S+ *", command):
        if line.strip() and cell_len(line + piece.rstrip()) > most:
            yield _typed(line, quote)
            line = "" if quote else " " * hang
        before = quote
        for character in piece:
            if character in "'\"" and quote in ("", character):
                quote = "" if quote else character
        while cell_len(line + piece.rstrip()) > most:
            fitting = chop_cells(piece, max(2, most - cell_len(line)))[0]
            yield _typed(line + fitting, before)
            line, piece = "", piece[len(fitting) :]
        line += piece
    yield Text(line.rstrip(), "word")


def _typed(line: str, quote: str) -> Text:
    """Return a line of a command that continues on the next one."""
    return Text(line if quote == "'" else f"{line}\\", "word")


def boxed(texts: Sequence[Text], width: int) -> Iterator[Text]:
    """Draw the box at the top of a page around wrapped texts, with the program's name on its edge."""
    inner = width - 4
    title = fit("lstm-ascii", min(len("lstm-ascii"), width - 6))
    yield Text(f"╭─ {title} " + "─" * (width - 5 - len(title)) + "╮", "box")
    for text in texts:
        for line in paragraph(text, inner):
            line.pad_right(inner - line.cell_len)
            yield Text.assemble("│ ", line, " │")
    yield Text("╰" + "─" * (width - 2) + "╯", "box")


def segments(lines: Iterator[Text], console: Console) -> Iterator[Segment]:
    """Render wrapped lines, without wrapping them again."""
    if console.color_system is None:  # styles are invisible; to render them would take most of the time of a long page
        yield from (Segment(f"{line.plain}\n") for line in lines)
        return
    for line in lines:
        if line.style and not line.spans:
            line.stylize(line.style)  # Rich leaves out the style of a text that has no spans
        yield from line.render(console, end="\n")


def _folded(text: Text, width: int) -> Iterator[Text]:
    """Wrap at blanks, and within a word only if it is wider than the line."""
    yield from text.wrap(_folding_console(), width)


@cache
def _folding_console() -> Console:
    """Return the console that Rich's ``wrap`` requires; without tabs in the text it is not used."""
    return Console(color_system=None, width=80)


def rows_to_show(count: int, limit: int | None, important: Sequence[int]) -> list[int | None]:
    """Return the indices of the words to show: all, or the first, the last and the most important ones between.

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
    """Return a unique name for every word; words that occur more than once get their number (``the#5``)."""
    counts = Counter(word.lower() for word in words)
    return tuple(f"{word}#{n}" if counts[word.lower()] > 1 else word for n, word in enumerate(words, 1))
