"""Questions, answers and the score, as lines and as pages of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.layout import page_width, paragraph, segments
from lstm_ascii.render.learn.sections import RIGHT, WRONG, plain_text, styled
from lstm_ascii.render.parts import Part, Prose, Title
from lstm_ascii.reports.learn.course import Answer, Checkpoint, PartReport, Score

CHECKPOINT, ANSWERS = "CHECKPOINT", "ANSWERS"


def question_lines(checkpoint: Checkpoint, width: int) -> Iterator[Text]:
    """Draw a question and its choices."""
    yield Text("")
    yield from paragraph(Text.assemble(f"{checkpoint.number}  ", styled(checkpoint.text)), width, 1, hang=4)
    for answer in checkpoint.answers:
        yield from paragraph(Text.assemble((f"{answer.letter}) ", "word"), styled(answer.text)), width, 4, hang=7)


def reply_lines(checkpoint: Checkpoint, given: str, width: int) -> Iterator[Text]:
    """Draw what is said to an answer: why the one that was given is wrong, then why the right one is right."""
    right = checkpoint.right
    if given and given != right.letter:
        wrong = next(answer for answer in checkpoint.answers if answer.letter == given)
        yield from _because(wrong, f"{WRONG} {wrong.letter}) No.", width)
    verdict = f"{RIGHT} Right." if given == right.letter else f"{RIGHT} {right.letter}) is right."
    yield from _because(right, verdict, width)


def answer_lines(part: PartReport, width: int) -> Iterator[Text]:
    """Draw the answers to all questions of a part, each choice with its reason."""
    for checkpoint in part.checkpoints:
        ordered = sorted(checkpoint.answers, key=lambda answer: not answer.right)
        for answer in ordered:
            mark = f"{checkpoint.number} {RIGHT if answer.right else WRONG} {answer.letter})"
            yield from _because(answer, mark, width)


def _because(answer: Answer, mark: str, width: int) -> Iterator[Text]:
    """Draw the reason for an answer."""
    style = "gate.input" if answer.right else "negative"
    yield from paragraph(Text.assemble((mark, style), " ", styled(answer.why)), width, 1, hang=4)


def checkpoint_lines(part: PartReport, width: int) -> Iterator[Text]:
    """Draw all questions of a part, then the answers."""
    if not part.checkpoints:
        return
    yield from _title(CHECKPOINT)
    for checkpoint in part.checkpoints:
        yield from question_lines(checkpoint, width)
    yield from _title(ANSWERS)
    yield from answer_lines(part, width)


def _title(text: str) -> Iterator[Text]:
    """Draw what stands above the questions, or the answers."""
    yield Text("")
    yield Text(f" {text}", "title")


def checkpoints_told(part: PartReport) -> Iterator[Part]:
    """Tell the questions and the answers."""
    if not part.checkpoints:
        return
    yield Title(CHECKPOINT.capitalize())
    for checkpoint in part.checkpoints:
        yield from asked(checkpoint)
    yield Title(ANSWERS.capitalize())
    for checkpoint in part.checkpoints:
        for answer in sorted(checkpoint.answers, key=lambda answer: not answer.right):
            verdict = "right" if answer.right else "wrong"
            yield Prose(f"Question {checkpoint.number}: {answer.letter} is {verdict}. {plain_text(answer.why)}")


def asked(checkpoint: Checkpoint) -> Iterator[Part]:
    """Tell a question and its choices."""
    yield Prose(f"Question {checkpoint.number}: {plain_text(checkpoint.text)}")
    for answer in checkpoint.answers:
        yield Prose(f"{answer.letter}: {plain_text(answer.text)}")


@dataclass(frozen=True)
class QuestionPage:
    """Draws one question.

    Attributes:
        report: the question.
        opens: whether it is the first of its part, so the heading stands above it.
    """

    report: Checkpoint
    opens: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        if self.opens:
            yield from segments(_title(CHECKPOINT), console)
        yield from segments(question_lines(self.report, page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        if self.opens:
            yield Title(CHECKPOINT.capitalize())
        yield from asked(self.report)


@dataclass(frozen=True)
class ReplyPage:
    """Draws what is said to an answer.

    Attributes:
        report: the question.
        given: the letter of the answer; empty if it was skipped.
    """

    report: Checkpoint
    given: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(reply_lines(self.report, self.given, page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        right = self.report.right
        if self.given and self.given != right.letter:
            wrong = next(answer for answer in self.report.answers if answer.letter == self.given)
            yield Prose(f"No. {plain_text(wrong.why)}")
        yield Prose(f"{right.letter} is right. {plain_text(right.why)}")


@dataclass(frozen=True)
class ScorePage:
    """Draws the score."""

    report: Score

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(paragraph(Text(self._text(), "title"), page_width(options), 1), console)

    def parts(self) -> Iterator[Part]:
        """Tell it."""
        yield Prose(self._text())

    def _text(self) -> str:
        """Write it in a sentence."""
        score = self.report
        total = score.right + score.wrong
        if not total + score.skipped:
            return "No question was answered."
        skipped = f"; {score.skipped} skipped" if score.skipped else ""
        return (
            f"Your score: {score.right} of {total} answered {'question' if total == 1 else 'questions'} right{skipped}."
        )
