"""Questions, answers and the score, as blocks and as pages of their own."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lstm_ascii.render.learn.sections import RIGHT, WRONG, styled
from lstm_ascii.render.section import SPACE, Block, Heading, Page, Paragraph
from lstm_ascii.reports.learn.course import Answer, Checkpoint, PartReport, Score

CHECKPOINT, ANSWERS = Heading("Checkpoint"), Heading("Answers")


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
