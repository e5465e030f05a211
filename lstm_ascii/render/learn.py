"""The course: its parts, in steps that fit a screen each, their questions, the score, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.text import Text

from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.render.layout import HOME, boxed, paragraph
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Heading, Page, Paragraph, note
from lstm_ascii.reports.learn.course import (
    Answer,
    Aside,
    Checkpoint,
    LearnReport,
    ListedPart,
    ListReport,
    PartReport,
    Score,
)
from lstm_ascii.reports.learn.figures import Figure
from lstm_ascii.reports.learn.figures import Paragraph as Pieces

Draw = Callable[[Any, int | None], Page]
Drawers = Mapping[tuple[int, int], Draw]
HOW_TO = "learn goes through all of them, learn 4 or learn gates through one."

ITEM, TYPED = "- ", "`"  # what opens an item of a list; what stands around a text that is typed
RIGHT, WRONG = Text("✓", "verdict.good"), Text("✗", "verdict.bad")

CHECKPOINT, ANSWERS = Heading("Checkpoint"), Heading("Answers")


def learn_page(report: LearnReport, limit: int | None, drawers: Drawers, step: int | None = None) -> Page:
    """Return parts of the course below each other.

    Args:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
        drawers: what makes the page of a command's answer, by the number of the part and the command's place in it.
        step: of every part only this one, from 0; ``None`` for all of them, with the questions and their answers.
    """
    blocks: list[Block] = []
    for place, part in enumerate(report.parts):
        if place:
            blocks += [SPACE, Drawing(lambda width: [Text("═" * width, "note")]), SPACE]
        for which in range(steps_of(part)) if step is None else (step,):
            blocks += _step(report, part, which, drawers, limit)
        if step is None:
            blocks += checkpoint_blocks(part)
    return Page(closing=blocks)


def steps_of(part: PartReport) -> int:
    """Return how many steps a part has."""
    return len(part.experiments) + 2


def _step(report: LearnReport, part: PartReport, step: int, drawers: Drawers, limit: int | None) -> Iterator[Block]:
    """Return one step: the text, a command with its answer, at last the rest.

    A picture never pushes the text out of the window before it was read.
    """
    if step == 0:
        yield from opening(report, part)
        return
    if step == len(part.experiments) + 1:
        yield from rest(part)
        return
    experiment = part.experiments[step - 1]
    yield Command(experiment.command)
    yield drawers[part.number, step - 1](experiment.report, limit)
    yield from paragraphs(experiment.said)


def list_page(report: ListReport) -> Page:
    """Return the list of the parts."""
    rows = tuple((part.number, part.name, part.title, part.about) for part in report.parts)
    table = Table("parts of the course", ("part", "name", "title", "about"), rows)
    head = Head([Text(f"The course, in {len(report.parts)} parts", "title")])
    return Page(head, closing=[Drawing(partial(_listed, report.parts), lambda: [table]), SPACE, note(HOW_TO)])


def _listed(parts: tuple[ListedPart, ...], width: int) -> Iterator[Text]:
    """Draw each part in a line or two; where there is no room without what it is about."""
    longest = max(len(part.name) for part in parts)
    for part in parts:
        line = Text.assemble((f"{part.number:>2}", "number"), "  ", (part.name.ljust(longest), "word"), "  ")
        if width >= HOME:
            line.append(part.title)
            yield from paragraph(line, width, 1, hang=longest + 7)
            yield from paragraph(Text(part.about, "note"), width, longest + 7)
        else:
            line.rstrip()
            yield from paragraph(line, width, 1, hang=5)
            yield from paragraph(Text(part.title), width, 5)


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


def checkpoint_blocks(part: PartReport) -> Iterator[Block]:
    """Return all questions of a part, then the answers to them, each choice with its reason."""
    if not part.checkpoints:
        return
    yield CHECKPOINT
    for checkpoint in part.checkpoints:
        yield from _question(checkpoint)
    yield ANSWERS
    for checkpoint in part.checkpoints:
        for answer in sorted(checkpoint.answers, key=lambda answer: not answer.right):
            mark = Text.assemble(f"{checkpoint.number} ", _sign(answer), f" {answer.letter})")
            verdict = f"{answer.letter} is {'right' if answer.right else 'wrong'}"
            yield _reason(answer, mark, f"Question {checkpoint.number}: {verdict}.")


def _question(checkpoint: Checkpoint) -> Iterator[Block]:
    """Return a question and its choices."""
    yield SPACE
    text = styled(checkpoint.text)
    spoken = f"Question {checkpoint.number}: {text.plain}"
    yield Paragraph(text, hang=4, mark=f"{checkpoint.number}  ", spoken=spoken)
    for answer in checkpoint.answers:
        text, mark = styled(answer.text), Text(f"{answer.letter}) ", "word")
        yield Paragraph(text, indent=4, hang=7, mark=mark, spoken=f"{answer.letter}: {text.plain}")


def _reason(answer: Answer, mark: Text, verdict: str) -> Block:
    """Return the reason for an answer, behind a mark; ``verdict`` stands for that where it is read out."""
    text, style = styled(answer.why), _sign(answer).style
    marked = Text.assemble((mark.plain, style), " ")
    return Paragraph(text, hang=4, mark=marked, spoken=f"{verdict} {text.plain}")


def _sign(answer: Answer) -> Text:
    """Return the sign of an answer: right or wrong."""
    return RIGHT if answer.right else WRONG


def question_page(checkpoint: Checkpoint, opens: bool = False) -> Page:
    """Return the page of a question; ``opens`` tells whether it is the first of its part, below a heading."""
    return Page(closing=[*([CHECKPOINT] if opens else []), *_question(checkpoint)])


def reply_page(checkpoint: Checkpoint, given: str) -> Page:
    """Return what is said to an answer: why the one that was given is wrong, then why the right one is right.

    Args:
        checkpoint: the question.
        given: the letter of the answer; empty if it was skipped.
    """
    right, blocks = checkpoint.right, []
    if given and given != right.letter:
        wrong = next(answer for answer in checkpoint.answers if answer.letter == given)
        blocks.append(_reason(wrong, Text(f"{WRONG} {wrong.letter}) No."), "No."))
    verdict = f"{RIGHT} Right." if given == right.letter else f"{RIGHT} {right.letter}) is right."
    blocks.append(_reason(right, Text(verdict), f"{right.letter} is right."))
    return Page(closing=blocks)


def score_page(score: Score) -> Page:
    """Return the page of the score."""
    return Page(closing=[Paragraph(_score(score), "title")])


def _score(score: Score) -> str:
    """Write the score in a sentence."""
    total = score.right + score.wrong
    if not total + score.skipped:
        return "No question was answered."
    skipped = f"; {score.skipped} skipped" if score.skipped else ""
    return f"Your score: {score.right} of {total} answered {'question' if total == 1 else 'questions'} right{skipped}."
