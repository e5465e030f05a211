"""What a part of the course is made of, as lines: texts, commands, analogies, mistakes, things to try."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.render.layout import boxed, paragraph
from lstm_ascii.render.parts import Part, Prose, Title
from lstm_ascii.reports.learn.course import Aside, LearnReport, Mistake, PartReport, Try
from lstm_ascii.reports.learn.figures import Figure, Paragraph

ITEM, TYPED = "- ", "`"  # what opens an item of a list; what stands around a text that is typed
RIGHT, WRONG = "✓", "✗"
SOURCES, MISTAKES, TRIES = "Sources", "EASY TO GET WRONG", "TRY IT YOURSELF"


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


def plain_text(said: Paragraph) -> str:
    """Return a paragraph with its figures written, without marks."""
    return "".join(written(piece) if isinstance(piece, Figure) else piece for piece in said).replace(TYPED, "")


def styled(said: Paragraph) -> Text:
    """Return a paragraph; what is computed and what is to be typed stand out."""
    text = Text()
    for piece in said:
        if isinstance(piece, Figure):
            text.append(written(piece), "word")
            continue
        for place, run in enumerate(piece.split(TYPED)):
            text.append(run, "word" if place % 2 else "")
    return text


def opening(report: LearnReport, part: PartReport, width: int) -> Iterator[Text]:
    """Draw the head of a part and its text."""
    title = Text(f"Part {part.number} of {report.total}: {part.title}", "title")
    yield from boxed([title, Text(f"on “{report.sentence}”", "note")], width)
    yield from told(part.text, width)


def told(said: Sequence[Paragraph], width: int) -> Iterator[Text]:
    """Draw paragraphs with blank lines between them; the items of a list stand close."""
    before = False
    for one in said:
        text = styled(one)
        is_item = text.plain.startswith(ITEM)
        if not (is_item and before):
            yield Text("")
        yield from paragraph(text, width, 1, hang=3 if is_item else None)
        before = is_item


def command_line(command: str, width: int) -> Iterator[Text]:
    """Draw a command as it is typed."""
    yield Text("")
    yield from paragraph(Text(f"$ {command}", "title"), width, hang=4)


def rest(part: PartReport, width: int) -> Iterator[Text]:
    """Draw what comes after the experiments."""
    for aside in part.asides:
        yield Text("")
        yield from boxed([*_spaced(aside)], width, aside.title)
    if part.mistakes:
        yield from _head(MISTAKES)
        for place, mistake in enumerate(part.mistakes):
            if place:
                yield Text("")
            yield from paragraph(Text.assemble((f"{WRONG} ", "negative"), styled(mistake.wrong)), width, 1, hang=3)
            yield from paragraph(Text.assemble((f"{RIGHT} ", "gate.input"), styled(mistake.right)), width, 1, hang=3)
    if part.tries:
        yield from _head(TRIES)
        for one in part.tries:
            yield from paragraph(Text(f"$ {one.command}", "word"), width, 1, hang=5)
            yield from paragraph(styled(one.text), width, 3)
    if part.sources:
        yield Text("")
        yield from paragraph(Text(f"{SOURCES}: {'; '.join(part.sources)}.", "note"), width, 1)


def rest_told(part: PartReport) -> Iterator[Part]:
    """Tell what comes after the experiments in sentences."""
    for aside in part.asides:
        yield Title(aside.title)
        yield from (Prose(plain_text(said)) for said in aside.text)
    if part.mistakes:
        yield Title(MISTAKES.capitalize())
        yield from map(_mistake_told, part.mistakes)
    if part.tries:
        yield Title(TRIES.capitalize())
        yield from map(_try_told, part.tries)
    if part.sources:
        yield Prose(f"{SOURCES}: {'; '.join(part.sources)}.")


def _head(title: str) -> Iterator[Text]:
    """Open a section."""
    yield Text("")
    yield Text(f" {title}", "title")


def _spaced(aside: Aside) -> Iterator[Text]:
    """Yield the paragraphs of an aside, with blank lines between them."""
    for place, said in enumerate(aside.text):
        if place:
            yield Text(" ")
        yield styled(said)


def _mistake_told(mistake: Mistake) -> Prose:
    """Tell what is wrong, and what is right."""
    return Prose(f"Wrong: {plain_text(mistake.wrong)} Right: {plain_text(mistake.right)}")


def _try_told(one: Try) -> Prose:
    """Tell what to type, and what for."""
    return Prose(f"{one.command} : {plain_text(one.text)}")
