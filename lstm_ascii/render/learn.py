"""The course: its parts, in steps that fit a screen each, their questions, the score, and the list of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.render.layout import HOME, WIDEST, paragraph
from lstm_ascii.render.parts import Part, Table, Title
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Heading, Page, Paragraph, Space, note
from lstm_ascii.reports.learn.course import (
    Answer,
    Checkpoint,
    LearnReport,
    ListedPart,
    ListReport,
    Mistake,
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

_FIGURES = re.compile(r"[\d.,−%]+")  # in which two legends of one kind may differ
LONGEST_LEGEND = 240  # characters; what is longer is no legend, but a text of its own
LONGEST_RULE = 120  # cells
CHECKPOINT, ANSWERS = Heading("Checkpoint"), Heading("Answers")


def excerpt_page(report: LearnReport, limit: int | None, drawers: Drawers, views: Sequence[str]) -> Page:
    """Return of each part what is named: its ``text``, ``experiments``, ``notebook``, …, ``answers``."""
    blocks: list[Block] = []
    for place, part in enumerate(report.parts):
        if place:
            blocks.append(SPACE)
        opened = list(opening(report, part))
        blocks += opened if "text" in views else opened[:1]
        if "experiments" in views:
            seen: set[str] = set()
            for number in range(len(part.experiments)):
                blocks += experiment_blocks(part, number, drawers, limit, seen)
        blocks += notebook(part) if "notebook" in views else ()
        blocks += mistakes(part) if "mistakes" in views else ()
        blocks += question_blocks(part) if "questions" in views else ()
    return Page(closing=[*blocks, *(answer_blocks(report.parts) if "answers" in views else ())])


def learn_page(
    report: LearnReport, limit: int | None, drawers: Drawers, step: int | None = None, seen: set[str] | None = None
) -> Page:
    """Return parts of the course below each other; each ends in its questions, and all answers stand at the end.

    One part alone also has its analogies, what is easy to get wrong, what to try, and its sources.

    Args:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
        drawers: what makes the page of a command's answer, by the number of the part and the command's place in it.
        step: of every part only this one, from 0; ``None`` for all of them, with the questions and their answers.
        seen: legends that the reader has seen, which aren't shown again; those that are shown now are added.
    """
    blocks: list[Block] = []
    seen = set() if seen is None else seen
    for place, part in enumerate(report.parts):
        if place:
            blocks.append(SPACE)
        steps = steps_of(part) - (
            len(report.parts) > 1
        )  # of many parts at once what comes after the pictures is left out
        for which in range(steps) if step is None else (step,):
            blocks += _step(report, part, which, drawers, limit, seen)
        if step is None:
            blocks += question_blocks(part)
    if step is None:
        blocks += answer_blocks(report.parts)
        if len(report.parts) == 1 and report.parts[0].sources:
            blocks += [SPACE, note(f"Sources: {'; '.join(report.parts[0].sources)}.")]
    return Page(closing=blocks)


def steps_of(part: PartReport) -> int:
    """Return how many steps a part has."""
    return len(part.experiments) + 2


def _step(
    report: LearnReport, part: PartReport, step: int, drawers: Drawers, limit: int | None, seen: set[str]
) -> Iterator[Block]:
    """Return one step: the text, a command with its answer, at last the rest.

    A picture never pushes the text out of the window before it was read.
    """
    if step == 0:
        yield from opening(report, part)
        return
    if step == len(part.experiments) + 1:
        yield from rest(part)
        return
    yield from experiment_blocks(part, step - 1, drawers, limit, seen)


def experiment_blocks(
    part: PartReport, place: int, drawers: Drawers, limit: int | None, seen: set[str]
) -> Iterator[Block]:
    """Return a command, its picture without what the reader knows, and what the course says about it."""
    experiment = part.experiments[place]
    yield Command(experiment.command)
    yield picture_alone(drawers[part.number, place](experiment.report, limit), seen)
    if experiment.said:
        yield SPACE
        yield Paragraph(Text(" ").join(map(styled, experiment.said)))


def picture_alone(page: Page, seen: set[str]) -> Page:
    """Return a page without its head, its own sentences, and the legends that were ``seen``.

    The course says itself what is to be seen; the command, when the reader types it, says all.
    """
    sections = tuple(replace(section, blocks=tuple(_shown(section.blocks, seen))) for section in page.sections)
    closing = page.closing if not page.sections else ()
    return Page(None, sections, closing, page.grows, close=len(sections))


def _shown(blocks: Sequence[Block], seen: set[str]) -> Iterator[Block]:
    """Leave out sentences and known legends, and blank lines that then stand at an end or below another."""
    waiting: Block | None = None
    begun = False
    for block in blocks:
        if isinstance(block, Space):
            waiting = block if begun else None
            continue
        if isinstance(block, Paragraph) and not _is_new_legend(block, seen):
            continue
        if waiting and not isinstance(block, Paragraph):
            yield waiting
        waiting, begun = None, True
        yield _without_equations(block)


def _without_equations(block: Block) -> Block:
    """Leave out the equations below a picture of ``diagram``: they stand in the text."""
    return replace(block, equations=()) if getattr(block, "equations", ()) else block  # type: ignore[type-var]


def _is_new_legend(block: Paragraph, seen: set[str]) -> bool:
    """Tell whether a paragraph is a legend that was not seen; it then is."""
    text = block.text(WIDEST) if callable(block.text) else str(block.text)
    known = _FIGURES.sub("#", text)
    if block.style != "note" or not 0 < len(text) <= LONGEST_LEGEND or known in seen:
        return False
    seen.add(known)
    return True


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
    """Return the title of a part and its text; on which sentence, where it is the first that is shown."""
    yield PartTitle(part.number, report.total, part.title)
    if part.number == report.parts[0].number:
        yield note(f"on “{report.sentence}”")
    yield from paragraphs(part.text)


@dataclass(frozen=True)
class PartTitle:
    """The title of a part, on a double line."""

    number: int
    total: int
    title: str

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it."""
        title = f"══ Part {self.number} of {self.total}: {self.title} "
        if cell_len(title) < width:
            yield Text(title + "═" * (min(width, LONGEST_RULE) - cell_len(title)), "title")
        else:
            yield from paragraph(Text(title.strip("═ "), "title"), width)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        yield Title(f"Part {self.number} of {self.total}: {self.title}")


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


def rest(part: PartReport) -> Iterator[Block]:
    """Return what comes after the experiments: an analogy, what is easy to get wrong, what to try."""
    yield from notebook(part)
    yield from mistakes(part)
    for item in part.tries:
        yield SPACE
        line = Text(f"$ {item.command}", "word")
        yield Paragraph(line, hang=5, spoken=f"{line.plain} :")  # no full stop behind what is typed
        yield Paragraph(styled(item.text), indent=3)


def notebook(part: PartReport) -> Iterator[Block]:
    """Return the analogies of a part."""
    for aside in part.asides:
        yield SPACE
        yield Paragraph(Text.assemble((f"{aside.title}: ", "title"), Text(" ").join(map(styled, aside.text))), hang=3)


def mistakes(part: PartReport) -> Iterator[Block]:
    """Return what is easy to get wrong, and how it is."""
    for mistake in part.mistakes:
        yield SPACE
        yield from mistake_blocks(mistake)


def mistake_blocks(mistake: Mistake) -> Iterator[Block]:
    """Return what is easy to get wrong, and how it is."""
    for mark, name, pieces in ((WRONG, "Wrong", mistake.wrong), (RIGHT, "Right", mistake.right)):
        text = styled(pieces)
        yield Paragraph(text, hang=3, mark=Text.assemble(mark, " "), spoken=f"{name}: {text.plain}")


def question_blocks(part: PartReport) -> Iterator[Block]:
    """Return all questions of a part, their choices in a row."""
    if part.checkpoints:
        yield SPACE
    for checkpoint in part.checkpoints:
        yield from _question(checkpoint, f"{part.number}.{checkpoint.number}", in_a_row=True)


def answer_blocks(parts: Sequence[PartReport]) -> Iterator[Block]:
    """Return the right answers of all parts, each with its reason; a part a paragraph."""
    if any(part.checkpoints for part in parts):
        yield ANSWERS
    for part in parts:
        answers = [(f"{part.number}.{one.number}", one.right.letter, styled(one.right.why)) for one in part.checkpoints]
        drawn = [Text.assemble((f"{number} {letter}) ", "gate.input"), why) for number, letter, why in answers]
        yield Paragraph(Text(" ").join(drawn), hang=5)


def _question(checkpoint: Checkpoint, number: str, in_a_row: bool = False) -> Iterator[Block]:
    """Return a question and its choices, one below the other or in a row."""
    text = styled(checkpoint.text)
    yield Paragraph(text, hang=5, mark=Text(f"{number} ", "title"), spoken=f"{number} {text.plain}")
    choices = [Text.assemble((f"{one.letter}) ", "word"), styled(one.text)) for one in checkpoint.answers]
    spoken = [f"{one.letter}: {styled(one.text).plain}" for one in checkpoint.answers]
    if in_a_row:
        yield Paragraph(Text("  ").join(choices), indent=5, spoken=". ".join(spoken))
        return
    for choice, told in zip(choices, spoken, strict=True):
        yield Paragraph(choice, indent=5, hang=8, spoken=told)


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
    heading = CHECKPOINT if opens else SPACE
    return Page(closing=[heading, *_question(checkpoint, str(checkpoint.number))])


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
