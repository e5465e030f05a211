"""The description of a page: sections with a title, a subtitle and blocks, from which all output formats are made.

A block has two forms: lines, drawn for a given width, and parts (sentences and tables) with the same content. The
terminal, SVG and HTML show the lines; ``--plain`` and ``--tsv`` are made from the parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.layout import WIDEST, boxed, heading, page_width, paragraph, segments, typed
from lstm_ascii.render.parts import Part, Prose, Table, Title, capital
from lstm_ascii.render.wording import Wording

_NAME = re.compile(r"\w+[._/]\w")  # of a tensor, an option or a file

Words = str | Text | Callable[[int], str]  # a text, or a function that makes it for a width


class Block(Protocol):
    """A piece of a section; see :class:`Paragraph`, :class:`Drawing` and :class:`~lstm_ascii.render.grid.Grid`."""

    def lines(self, width: int) -> Iterator[Text]:
        """Yield the drawn lines, none wider than ``width``."""
        ...

    def parts(self) -> Iterator[Part]:
        """Yield the same content as sentences and tables."""
        ...


def _at(words: Words, width: int) -> str | Text:
    """Return a text for a width."""
    return words if isinstance(words, str | Text) else words(width)


@dataclass(frozen=True)
class Paragraph:
    """A text that is wrapped at blanks; an empty one is left out.

    Attributes:
        text: the text; its plain form is that of the widest window.
        style: of the whole text: ``note`` for legends.
        indent, hang: blanks before the first line and before the others; by default the same.
        mark: a decoration drawn before it, without a meaning of its own: ``✓``.
        spoken: the text of the plain form, where a listener needs other words.
    """

    text: Words
    style: str = ""
    indent: int = 1
    hang: int | None = None
    mark: Text | str = ""
    spoken: str = ""

    def lines(self, width: int) -> Iterator[Text]:
        """Yield the wrapped lines."""
        text = _at(self.text, width)
        if text:
            text = Text(text, self.style) if isinstance(text, str) else text.copy()
            marked = Text.assemble(self.mark, text) if self.mark else text
            yield from paragraph(marked, width, self.indent, self.hang)

    def parts(self) -> Iterator[Part]:
        """Yield the text as a sentence."""
        if self.spoken:
            yield Prose(sentence(self.spoken), in_place=True)
        elif text := _at(self.text, WIDEST):
            yield Prose(sentence(text))


def note(text: Words, indent: int = 1, hang: int | None = None) -> Paragraph:
    """Return a legend or a remark."""
    return Paragraph(text, "note", indent, hang)


def sentence(text: str | Text) -> str:
    """Turn a text into a sentence with a capital letter and a full stop, and with semicolons for separating dots.

    A name at its beginning, such as ``rnn.weight_hh_l0``, keeps its case.
    """
    plain = str(text).replace(" · ", "; ").strip()
    begun = plain if _NAME.match(plain) else capital(plain)
    return begun if plain.rstrip('”")').endswith((".", "!", "?", ":", "…")) else f"{begun}."


@dataclass(frozen=True)
class Command:
    """A command that can be copied and run, on lines of its own.

    Attributes:
        text: the command, quoted for a shell.
        indent, hang: blanks before the first line and before the others.
    """

    text: str
    indent: int = 3
    hang: int = 5

    def lines(self, width: int) -> Iterator[Text]:
        """Yield the command, wrapped so that a shell can still read it."""
        yield from typed(self.text, width, self.indent, self.hang)

    def parts(self) -> Iterator[Part]:
        """Yield the command."""
        yield Prose(self.text, in_place=True, command=True)


@dataclass(frozen=True)
class Space:
    """A blank line, in drawings only."""

    def lines(self, width: int) -> Iterator[Text]:
        """Yield the blank line."""
        del width
        yield Text("")

    def parts(self) -> Iterator[Part]:
        """Yield nothing."""
        yield from ()


SPACE = Space()


@dataclass(frozen=True)
class Heading:
    """A title without a number, for blocks that are not a section."""

    title: str

    def lines(self, width: int) -> Iterator[Text]:
        """Yield a blank line, and the title in capitals."""
        yield Text("")
        yield from paragraph(Text(self.title.upper(), "title"), width, 1)

    def parts(self) -> Iterator[Part]:
        """Yield the title."""
        yield Title(capital(self.title))


@dataclass(frozen=True)
class Drawing:
    """A picture, with tables and sentences of the same content.

    Attributes:
        draw: returns its lines for a width.
        tables: returns the tables of its figures.
        told: sentences that replace it in the plain form.
        in_ascii: draws it in pure ASCII, if glyphs can't be replaced one for one.
    """

    draw: Callable[[int], Iterable[Text]]
    tables: Callable[[], Iterable[Table]] = tuple
    told: Sequence[str] = ()
    in_ascii: Callable[[int], Iterable[Text]] | None = None

    def lines(self, width: int) -> Iterator[Text]:
        """Yield the lines of the picture."""
        yield from self.draw(width)

    def parts(self) -> Iterator[Part]:
        """Yield its sentences and tables."""
        yield from (Prose(text, in_place=True) for text in self.told)
        yield from self.tables()


@dataclass(frozen=True)
class Section:
    """One section of a page.

    Attributes:
        title: in lower case, as ``Who decided``; the heading shows it in capitals.
        about: a subtitle, after the title.
        blocks: from top to bottom.
    """

    title: str
    about: Words = ""
    blocks: Sequence[Block] = ()

    def lines(self, width: int, number: int) -> Iterator[Text]:
        """Yield the heading and the lines of all blocks."""
        yield from heading(number, self.title.upper(), str(_at(self.about, width)), width)
        for block in self.blocks:
            yield from block.lines(width)

    def in_ascii(self) -> Section:
        """Return the section with the pure-ASCII forms of drawings that have one."""
        blocks = tuple(
            replace(block, draw=block.in_ascii) if isinstance(block, Drawing) and block.in_ascii else block
            for block in self.blocks
        )
        return replace(self, blocks=blocks)

    def parts(self) -> Iterator[Part]:
        """Yield the title and the parts of all blocks."""
        about = str(_at(self.about, WIDEST))
        yield Title(f"{self.title}: {about}" if about else self.title)
        for block in self.blocks:
            yield from block.parts()


@dataclass(frozen=True)
class Head:
    """The box at the top of a page, and remarks below it.

    Attributes:
        texts: in the box; the first one is the title, in which three blanks stand for a colon.
        remarks: what the reader should know before the figures.
        hang: blanks before the second and later lines of a remark; by default the same as before the first.
        spoken: the title of the plain form, if it differs from the first text.
    """

    texts: Sequence[Text]
    remarks: Sequence[str] = ()
    hang: int | None = None
    spoken: str = ""

    def lines(self, width: int) -> Iterator[Text]:
        """Yield the box and the remarks."""
        yield from boxed([text.copy() for text in self.texts], width)
        for remark in self.remarks:
            yield from paragraph(Text(remark, "note"), width, 1, self.hang)

    def parts(self) -> Iterator[Part]:
        """Yield the title, and everything else as sentences."""
        title, *facts = self.texts
        yield Title(self.spoken or title.plain.replace("   ", ": "))
        yield from (Prose(sentence(text)) for text in facts)
        yield from (Prose(sentence(text)) for text in self.remarks)


@dataclass(frozen=True)
class Page:
    """The page of a report: a head, numbered sections, and closing blocks.

    Attributes:
        head: the box at the top, if there is one.
        sections: from top to bottom.
        closing: blocks below the last section; a page can be one.
        grows: whether texts are replaced by their ASCII forms before the layout, so that they may get longer; otherwise
            glyphs are replaced one for one after it.
        close: how many of the first sections have no blank line above them.
        wording: replaces "word" by "step" and the like, for pages about series.
    """

    head: Head | None = None
    sections: Sequence[Section] = ()
    closing: Sequence[Block] = ()
    grows: bool = False
    close: int = 0
    wording: Wording | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the page in the console's width."""
        page = self.in_ascii() if options.ascii_only else self
        yield from segments(page.lines(page_width(options)), console)

    def in_ascii(self) -> Page:
        """Return the page, and the pages in it, with the pure-ASCII forms of texts and drawings that have one."""
        sections = tuple(section.in_ascii() for section in self.sections)
        return replace(
            self,
            sections=words_in_ascii(sections) if self.grows else sections,
            closing=[block.in_ascii() if isinstance(block, Page) else block for block in self.closing],
        )

    def lines(self, width: int) -> Iterator[Text]:
        """Yield all lines, none wider than ``width``."""
        yield from self._lines(width) if self.wording is None else map(self.wording.line, self._lines(width))

    def _lines(self, width: int) -> Iterator[Text]:
        """Yield all lines before :attr:`wording` is applied."""
        if self.head:
            yield from self.head.lines(width)
        for number, section in enumerate(self.sections, 1):
            lines = section.lines(width, number)
            if number <= self.close:
                next(lines)
            yield from lines
        for block in self.closing:
            yield from block.lines(width)

    def parts(self) -> Iterator[Part]:
        """Yield the same content as titles, sentences and tables."""
        yield from self._parts() if self.wording is None else map(self.wording.part, self._parts())

    def _parts(self) -> Iterator[Part]:
        """Yield all parts before :attr:`wording` is applied."""
        if self.head:
            yield from self.head.parts()
        for section in self.sections:
            yield from section.parts()
        for block in self.closing:
            yield from block.parts()
