"""A page is a list of sections, and a section is described once: a title, what it is about, and blocks.

A block can do two things: draw its lines into a width, and tell the same as parts without a drawing. From these two
all forms of a page are made: the terminal, SVG and HTML from its lines, ``--plain`` and ``--tsv`` from its parts.
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

Words = str | Text | Callable[[int], str]  # a text, or what makes it for a width


class Block(Protocol):
    """A piece of a section; see :class:`Paragraph`, :class:`Drawing` and :class:`~lstm_ascii.render.grid.Grid`."""

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, no line wider than ``width``."""
        ...

    def parts(self) -> Iterator[Part]:
        """Tell the same without drawing."""
        ...


def _at(words: Words, width: int) -> str | Text:
    """Return a text as it is at a width."""
    return words if isinstance(words, str | Text) else words(width)


@dataclass(frozen=True)
class Paragraph:
    """A text that is folded at blanks; an empty one is left out.

    Attributes:
        text: of it; one that depends on the width is told as it is in a wide window.
        style: of all of it: ``note`` for legends.
        indent, hang: blanks before the first line, and before the others; by default as many.
        mark: what is drawn before it and says nothing new: ``✓``.
        spoken: what is told in its place, where a listener needs other words.
    """

    text: Words
    style: str = ""
    indent: int = 1
    hang: int | None = None
    mark: Text | str = ""
    spoken: str = ""

    def lines(self, width: int) -> Iterator[Text]:
        """Fold it."""
        text = _at(self.text, width)
        if text:
            text = Text(text, self.style) if isinstance(text, str) else text.copy()
            marked = Text.assemble(self.mark, text) if self.mark else text
            yield from paragraph(marked, width, self.indent, self.hang)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        if self.spoken:
            yield Prose(sentence(self.spoken), in_place=True)
        elif text := _at(self.text, WIDEST):
            yield Prose(sentence(text))


def note(text: Words, indent: int = 1, hang: int | None = None) -> Paragraph:
    """Return a legend or a remark."""
    return Paragraph(text, "note", indent, hang)


def sentence(text: str | Text) -> str:
    """Write a text as it is read aloud: facts with commas between them, from a capital letter to a full stop.

    A name at its beginning, such as ``rnn.weight_hh_l0``, stays as it is written.
    """
    plain = str(text).replace(" · ", "; ").strip()
    begun = plain if _NAME.match(plain) else capital(plain)
    return begun if plain.rstrip('”")').endswith((".", "!", "?", ":", "…")) else f"{begun}."


@dataclass(frozen=True)
class Command:
    """A line to type, which runs as it is copied; nothing stands behind it.

    Attributes:
        text: of it, quoted as a shell wants it.
        indent, hang: blanks before the first line, and before the others.
    """

    text: str
    indent: int = 3
    hang: int = 5

    def lines(self, width: int) -> Iterator[Text]:
        """Fold it as a shell goes on reading."""
        yield from typed(self.text, width, self.indent, self.hang)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        yield Prose(self.text, in_place=True, command=True)


@dataclass(frozen=True)
class Space:
    """A blank line of the drawing."""

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it."""
        del width
        yield Text("")

    def parts(self) -> Iterator[Part]:
        """Tell nothing."""
        yield from ()


SPACE = Space()


@dataclass(frozen=True)
class Heading:
    """A title below which blocks stand that are no section: it has no number."""

    title: str

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it in capitals, below a blank line."""
        yield Text("")
        yield from paragraph(Text(self.title.upper(), "title"), width, 1)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        yield Title(capital(self.title))


@dataclass(frozen=True)
class Drawing:
    """A picture, with the tables and sentences that say the same.

    Attributes:
        draw: returns its lines for a width.
        tables: makes the tables of its figures.
        told: what is said in sentences in its place.
        in_ascii: draws it in pure ASCII, where glyphs can't be exchanged one for one.
    """

    draw: Callable[[int], Iterable[Text]]
    tables: Callable[[], Iterable[Table]] = tuple
    told: Sequence[str] = ()
    in_ascii: Callable[[int], Iterable[Text]] | None = None

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it."""
        yield from self.draw(width)

    def parts(self) -> Iterator[Part]:
        """Tell its figures."""
        yield from (Prose(text, in_place=True) for text in self.told)
        yield from self.tables()


@dataclass(frozen=True)
class Section:
    """One section of a page.

    Attributes:
        title: in small letters, as ``Who decided``; a heading writes it in capitals.
        about: what it is about, behind the title.
        blocks: from top to bottom.
    """

    title: str
    about: Words = ""
    blocks: Sequence[Block] = ()

    def lines(self, width: int, number: int) -> Iterator[Text]:
        """Draw it below its heading."""
        yield from heading(number, self.title.upper(), str(_at(self.about, width)), width)
        for block in self.blocks:
            yield from block.lines(width)

    def in_ascii(self) -> Section:
        """Return it with those drawings that have another form in pure ASCII."""
        blocks = tuple(
            replace(block, draw=block.in_ascii) if isinstance(block, Drawing) and block.in_ascii else block
            for block in self.blocks
        )
        return replace(self, blocks=blocks)

    def parts(self) -> Iterator[Part]:
        """Tell it below its title."""
        about = str(_at(self.about, WIDEST))
        yield Title(f"{self.title}: {about}" if about else self.title)
        for block in self.blocks:
            yield from block.parts()


@dataclass(frozen=True)
class Head:
    """The box that opens a page, and remarks below it.

    Attributes:
        texts: in the box, the first of them its title; three blanks in it stand for a colon.
        remarks: what the reader should know before the figures.
        hang: blanks before the second and later lines of a remark; by default as many as before the first.
        spoken: the title as it is read aloud, where that is other than its first text.
    """

    texts: Sequence[Text]
    remarks: Sequence[str] = ()
    hang: int | None = None
    spoken: str = ""

    def lines(self, width: int) -> Iterator[Text]:
        """Draw the box."""
        yield from boxed([text.copy() for text in self.texts], width)
        for remark in self.remarks:
            yield from paragraph(Text(remark, "note"), width, 1, self.hang)

    def parts(self) -> Iterator[Part]:
        """Tell the same."""
        title, *facts = self.texts
        yield Title(self.spoken or title.plain.replace("   ", ": "))
        yield from (Prose(sentence(text)) for text in facts)
        yield from (Prose(sentence(text)) for text in self.remarks)


@dataclass(frozen=True)
class Page:
    """A whole answer: a head, sections with a number each, and what closes it.

    Attributes:
        head: of it, if it has one.
        sections: from top to bottom.
        closing: blocks below the last section; a page may be one.
        grows: whether its texts are exchanged before the layout in pure ASCII, so that they may grow; else its glyphs
            are exchanged after it, one for one.
        close: how many of its first sections stand right below what is above them, without a blank line.
        wording: exchanges its words, where it is about steps.
    """

    head: Head | None = None
    sections: Sequence[Section] = ()
    closing: Sequence[Block] = ()
    grows: bool = False
    close: int = 0
    wording: Wording | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width at hand."""
        page = self.in_ascii() if options.ascii_only else self
        yield from segments(page.lines(page_width(options)), console)

    def in_ascii(self) -> Page:
        """Return it, and the pages in it, with its own forms of some texts and drawings."""
        sections = tuple(section.in_ascii() for section in self.sections)
        return replace(
            self,
            sections=words_in_ascii(sections) if self.grows else sections,
            closing=[block.in_ascii() if isinstance(block, Page) else block for block in self.closing],
        )

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        yield from self._lines(width) if self.wording is None else map(self.wording.line, self._lines(width))

    def _lines(self, width: int) -> Iterator[Text]:
        """Draw it as it is written."""
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
        """Tell the same in titles, sentences and tables."""
        yield from self._parts() if self.wording is None else map(self.wording.part, self._parts())

    def _parts(self) -> Iterator[Part]:
        """Tell it as it is written."""
        if self.head:
            yield from self.head.parts()
        for section in self.sections:
            yield from section.parts()
        for block in self.closing:
            yield from block.parts()
