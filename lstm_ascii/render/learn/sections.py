"""What a part of the course is made of, as blocks: texts, commands, analogies, mistakes, things to try."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.render.layout import boxed, paragraph
from lstm_ascii.render.parts import Part, Prose, Title
from lstm_ascii.render.section import SPACE, Block, Head, Heading, Paragraph, note
from lstm_ascii.reports.learn.course import Aside, LearnReport, PartReport
from lstm_ascii.reports.learn.figures import Figure
from lstm_ascii.reports.learn.figures import Paragraph as Pieces

ITEM, TYPED = "- ", "`"  # what opens an item of a list; what stands around a text that is typed
RIGHT, WRONG = Text("✓", "gate.input"), Text("✗", "negative")


def written(figure: Figure) -> str:
    """Write a figure as its kind asks for."""
    value = figure.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"“{value}”" if figure.kind == "word" else str(value)
    if figure.kind == "power":
        return power(value)
    if figure.kind == "share":
        return percent(value)
    return f"{value:,}" if isinstance(value, int) else number(value)


def styled(pieces: Pieces) -> Text:
    """Return a paragraph; what is computed and what is to be typed stand out."""
    text = Text()
    for piece in pieces:
        if isinstance(piece, Figure):
            text.append(written(piece), "word")
            continue
        for place, run in enumerate(piece.split(TYPED)):
            text.append(run, "word" if place % 2 else "")
    return text


def opening(report: LearnReport, part: PartReport) -> Iterator[Block]:
    """Return the head of a part and its text."""
    title = Text(f"Part {part.number} of {report.total}: {part.title}", "title")
    yield Head([title, Text(f"on “{report.sentence}”", "note")])
    yield from paragraphs(part.text)


def paragraphs(texts: Sequence[Pieces]) -> Iterator[Block]:
    """Return paragraphs with blank lines between them; the items of a list stand close."""
    after_item = False
    for pieces in texts:
        text = styled(pieces)
        is_item = text.plain.startswith(ITEM)
        if not (is_item and after_item):
            yield SPACE
        yield Paragraph(text, hang=3 if is_item else None)
        after_item = is_item


@dataclass(frozen=True)
class Command:
    """A command as it is typed."""

    line: str

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it below a blank line."""
        yield Text("")
        yield from paragraph(Text(f"$ {self.line}", "title"), width, hang=4)

    def parts(self) -> Iterator[Part]:
        """Tell it above its answer."""
        yield Title(f"$ {self.line}")


@dataclass(frozen=True)
class Analogy:
    """An analogy in a box."""

    aside: Aside

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, with blank lines between its paragraphs."""
        yield Text("")
        first, *others = map(styled, self.aside.text)
        yield from boxed([first, *(text for other in others for text in (Text(" "), other))], width, self.aside.title)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        yield Title(self.aside.title)
        yield from (Prose(styled(pieces).plain) for pieces in self.aside.text)


def rest(part: PartReport) -> Iterator[Block]:
    """Return what comes after the experiments."""
    yield from map(Analogy, part.asides)
    if part.mistakes:
        yield Heading("Easy to get wrong")
    for place, mistake in enumerate(part.mistakes):
        if place:
            yield SPACE
        for mark, name, pieces in ((WRONG, "Wrong", mistake.wrong), (RIGHT, "Right", mistake.right)):
            text = styled(pieces)
            yield Paragraph(text, hang=3, mark=Text.assemble(mark, " "), spoken=f"{name}: {text.plain}")
    if part.tries:
        yield Heading("Try it yourself")
    for item in part.tries:
        line = Text(f"$ {item.command}", "word")
        yield Paragraph(line, hang=5, spoken=f"{line.plain} :")  # no full stop behind what is typed
        yield Paragraph(styled(item.text), indent=3)
    if part.sources:
        yield SPACE
        yield note(f"Sources: {'; '.join(part.sources)}.")
