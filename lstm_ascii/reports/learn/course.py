"""The course on the reader's sentence: every command run, every figure filled in, every answer known."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.language.text import visible
from lstm_ascii.language.typed import typed
from lstm_ascii.lessons.course import Lesson, QuestionText
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.report import ExplainReport
from lstm_ascii.reports.learn.figures import Figures, Paragraph, figures_of, filled, holds, sentences_of

SCHEMA_VERSION = 1
DEFAULT_SENTENCE = "The cat that chased the mouse that ate the cheeses was hungry."
LETTERS = "abcd"

Perform = Callable[[Sequence[str]], Any]


def command_words(run: ExplainReport, sentence: str) -> dict[str, str]:
    """Return what stands for the placeholders of a command line.

    Raises:
        LstmAsciiError: the networks can't be asked for a word.
    """
    choice = run.main.choice
    if choice is None:
        raise LstmAsciiError("the course needs networks that name the next word")
    words = {
        "sentence": sentence,
        "before": run.words[choice.after - 1],
        "decider": _pointed_at(run.words, run.deciding_word or choice.after),
        "right": choice.right,
        "wrong": choice.wrong,
    }
    return {name: no_option(text) for name, text in words.items()}


def no_option(text: str) -> str:
    """Put a blank before a dash, or the text would be read as an option or as standard input."""
    return f" {text}" if text.startswith("-") else text


def _pointed_at(words: Sequence[str], number: int) -> str:
    """Return a word as ``--word`` finds it: as it is, or by its number where the same word stands before it."""
    word = words[number - 1]
    first = [other.lower() for other in words].index(word.lower()) == number - 1
    return word if first and word.isalpha() else str(number)


def arguments_of(command: str, words: Mapping[str, str]) -> list[str]:
    """Return the arguments of a command line, with the reader's words in their places."""
    return [
        re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], match[0]), argument) for argument in shlex.split(command)
    ]


@dataclass(frozen=True)
class Experiment:
    """A command that was run.

    Attributes:
        command: as the reader would type it.
        report: its answer.
        said: about it.
    """

    command: str
    report: Any
    said: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Aside:
    """A picture in words."""

    title: str
    text: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Mistake:
    """What is easy to get wrong, and how it is."""

    wrong: Paragraph
    right: Paragraph


@dataclass(frozen=True)
class Try:
    """A command for the reader, and what to look for."""

    command: str
    text: Paragraph


@dataclass(frozen=True)
class Answer:
    """One choice of a question."""

    letter: str
    text: Paragraph
    right: bool
    why: Paragraph


@dataclass(frozen=True)
class Checkpoint:
    """A question; exactly one answer is right."""

    number: int
    text: Paragraph
    answers: tuple[Answer, ...]

    @property
    def right(self) -> Answer:
        """The right answer."""
        return next(answer for answer in self.answers if answer.right)


@dataclass(frozen=True)
class PartReport:
    """One part of the course.

    Attributes:
        number: from 1.
        name: to ask for it by.
        title: over it.
        text: paragraphs; those of a list begin with ``- ``.
        experiments: what is shown, in order.
        asides: analogies.
        mistakes: what is easy to get wrong.
        tries: for the reader.
        checkpoints: questions.
        sources: authors, year and title.
    """

    number: int
    name: str
    title: str
    text: tuple[Paragraph, ...]
    experiments: tuple[Experiment, ...]
    asides: tuple[Aside, ...]
    mistakes: tuple[Mistake, ...]
    tries: tuple[Try, ...]
    checkpoints: tuple[Checkpoint, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class LearnReport:
    """What ``learn`` shows.

    Attributes:
        schema_version: of this layout.
        sentence: the reader's.
        total: parts of the whole course.
        parts: those that were asked for.
    """

    schema_version: int
    sentence: str
    total: int
    parts: tuple[PartReport, ...]


@dataclass(frozen=True)
class ListedPart:
    """A line of the list of parts."""

    number: int
    name: str
    title: str
    about: str


@dataclass(frozen=True)
class ListReport:
    """The parts of the course."""

    schema_version: int
    parts: tuple[ListedPart, ...]


@dataclass(frozen=True)
class Score:
    """How the questions were answered; those that were skipped are neither right nor wrong."""

    right: int = 0
    wrong: int = 0
    skipped: int = 0


class Course:
    """The course on one sentence; a part is computed when it is asked for."""

    def __init__(self, lessons: Sequence[Lesson], total: int, sentence: str, perform: Perform) -> None:
        """Run the networks over the sentence.

        Args:
            lessons: the parts.
            total: of the whole course.
            sentence: the reader's.
            perform: returns the report that a command line asks for.

        Raises:
            UsageError: there is no word in the sentence.
        """
        self.lessons, self.total, self.sentence = lessons, total, visible(" ".join(sentence.split()))
        self._perform = perform
        self._run: ExplainReport = perform(["explain", no_option(self.sentence)])
        self._words = command_words(self._run, self.sentence)

    def report(self) -> LearnReport:
        """Return all parts."""
        return LearnReport(SCHEMA_VERSION, self.sentence, self.total, tuple(map(self.part, self.lessons)))

    def part(self, lesson: Lesson) -> PartReport:
        """Run the commands of a part, and fill in its texts.

        Raises:
            LstmAsciiError: a text names a figure that there isn't, or a command can't be run.
        """
        reports = [self._perform(arguments_of(exhibit.command, self._words)) for exhibit in lesson.show]
        figures = figures_of(self._run)
        for exhibit, report in zip(lesson.show, reports, strict=True):
            figures |= figures_of(report, exhibit.name) if exhibit.name else {}
        return part_report(lesson, reports, figures, self._words)


def part_report(lesson: Lesson, reports: Sequence[Any], figures: Figures, words: Mapping[str, str]) -> PartReport:
    """Fill in the texts of a part.

    Args:
        lesson: the part.
        reports: of the commands that it shows.
        figures: that its texts may name.
        words: that its commands may name.

    Raises:
        LstmAsciiError: a text names a figure that there isn't.
    """
    where = f"part {lesson.number}"
    return PartReport(
        number=lesson.number,
        name=lesson.name,
        title=lesson.title,
        text=_paragraphs(lesson.text, figures, where),
        experiments=tuple(
            Experiment(
                typed(arguments_of(exhibit.command, words)),
                report,
                sentences_of(exhibit.say, figures, f"{where}, {exhibit.command}"),
            )
            for exhibit, report in zip(lesson.show, reports, strict=True)
        ),
        asides=tuple(Aside(item.title, _paragraphs(item.text, figures, where)) for item in lesson.aside),
        mistakes=tuple(
            Mistake(wrong, right)
            for item in lesson.mistake
            if (wrong := filled(item.wrong, figures, where)) and (right := filled(item.right, figures, where))
        ),
        tries=tuple(
            Try(typed(arguments_of(item.command, words)), text)
            for item in lesson.tries
            if (text := filled(item.text, figures, where))
        ),
        checkpoints=tuple(_checkpoints(lesson.question, figures, where)),
        sources=lesson.sources,
    )


def _paragraphs(text: str, figures: Figures, where: str) -> tuple[Paragraph, ...]:
    """Cut a text at blank lines, and lists at their items, and fill in the figures."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block]
    parts = [" ".join(part.split()) for block in blocks for part in re.split(r"\n(?=- )", block)]
    paragraphs = (filled(part, figures, where) for part in parts)
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def _checkpoints(questions: Sequence[QuestionText], figures: Figures, where: str) -> list[Checkpoint]:
    """Work out which answers are right; a question about what isn't there for this sentence is left out.

    Raises:
        LstmAsciiError: figures make more than one answer right.
    """
    checkpoints: list[Checkpoint] = []
    for place, question in enumerate(questions, 1):
        entry = f"{where}, question {place}"
        text = filled(question.text, figures, entry)
        answers = tuple(_answers(question, figures, entry))
        rights = sum(answer.right for answer in answers)
        if rights > 1:
            raise LstmAsciiError(f"{entry}: {rights} answers are right; set conditions of which one holds")
        if text and rights == 1 and len(answers) == len(question.choices):
            checkpoints.append(Checkpoint(len(checkpoints) + 1, text, answers))
    return checkpoints


def _answers(question: QuestionText, figures: Figures, where: str) -> Iterator[Answer]:
    """Fill in the choices; those whose figures aren't there are left out."""
    for letter, choice in zip(LETTERS, question.choices, strict=False):
        text, why = (filled(text_template, figures, where) for text_template in (choice.text, choice.why))
        right = choice.right if isinstance(choice.right, bool) else holds(choice.right, figures, where)
        if text and why:
            yield Answer(letter, text, right, why)


def list_report(lessons: Sequence[Lesson]) -> ListReport:
    """Return the list of parts."""
    parts = (ListedPart(lesson.number, lesson.name, lesson.title, lesson.about) for lesson in lessons)
    return ListReport(SCHEMA_VERSION, tuple(parts))
