"""The parts of the course, as the data files have them: placeholders not filled in, nothing run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from functools import cache
from pathlib import Path
from typing import Any

from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.lessons.toml import instance_of, read, several
from lstm_ascii.records import dataclass

FOLDER = Path(__file__).parent
FEWEST_CHOICES, MOST_CHOICES = 2, 4


@dataclass(frozen=True)
class Said:
    """A sentence or two about figures.

    Attributes:
        text: with placeholders such as ``{lstm.keeps}``.
        when: what must hold for it to be said, such as ``rnn.error < lstm.error``; empty for always.
    """

    text: str
    when: str = ""


@dataclass(frozen=True)
class Shown:
    """A command whose answer is shown.

    Attributes:
        command: as it is typed, with placeholders.
        name: under which its figures are known to the texts of the part; empty if they aren't needed.
        say: about it.
    """

    command: str
    name: str = ""
    say: tuple[Said, ...] = ()


@dataclass(frozen=True)
class AsideText:
    """A picture in words, in a box."""

    title: str
    text: str


@dataclass(frozen=True)
class MistakeText:
    """What is easy to get wrong, and how it is."""

    wrong: str
    right: str


@dataclass(frozen=True)
class TryText:
    """A command for the reader to type, and what to look for."""

    command: str
    text: str


@dataclass(frozen=True)
class ChoiceText:
    """One answer to a question.

    Attributes:
        text: of the answer.
        why: it is right or wrong.
        right: whether it is, or what must hold for it to be.
    """

    text: str
    why: str
    right: bool | str = False


@dataclass(frozen=True)
class QuestionText:
    """A checkpoint question with one right answer."""

    text: str
    choices: tuple[ChoiceText, ...]


@dataclass(frozen=True)
class Lesson:
    """One part of the course.

    Attributes:
        number: from 1, by the order of the files.
        name: to ask for it by.
        title: over it.
        about: one line for the list.
        text: paragraphs with blank lines between them; lines that begin with ``- `` are a list.
        show: diagrams and experiments, in order.
        aside: analogies.
        mistake: what is easy to get wrong.
        tries: for the reader.
        question: at its end.
        sources: authors, year and title.
    """

    name: str
    title: str
    about: str
    text: str
    show: tuple[Shown, ...]
    question: tuple[QuestionText, ...]
    aside: tuple[AsideText, ...] = ()
    mistake: tuple[MistakeText, ...] = ()
    tries: tuple[TryText, ...] = ()
    sources: tuple[str, ...] = ()
    number: int = field(default=0)


@cache
def course() -> tuple[Lesson, ...]:
    """Return the parts that come with the package, in the order of their files' names."""
    paths = sorted(FOLDER.glob("[0-9]*.toml"))
    return tuple(replace(lesson_of(path), number=number) for number, path in enumerate(paths, 1))


def lesson_of(path: Path) -> Lesson:
    """Read one part.

    Raises:
        FileError: it isn't as it must be.
    """
    values, name = read(path), path.name
    values["show"] = tuple(_shows(values.get("show", ()), name))
    values["question"] = tuple(_questions(values.get("question", ()), name))
    for key, kind in {"aside": AsideText, "mistake": MistakeText, "tries": TryText}.items():
        values[key] = several(kind, values.get(key, ()), f"{name}: {key}")
    return instance_of(Lesson, values, name)


def _shows(tables: list[dict[str, Any]], name: str) -> Iterator[Shown]:
    for number, table in enumerate(tables, 1):
        where = f"{name}: show {number}"
        yield instance_of(Shown, {**table, "say": several(Said, table.get("say", ()), f"{where}: say")}, where)


def _questions(tables: list[dict[str, Any]], name: str) -> Iterator[QuestionText]:
    """Read the questions; those that measure nothing must have one right answer."""
    for number, table in enumerate(tables, 1):
        where = f"{name}: question {number}"
        choices = several(ChoiceText, table.pop("choice", ()), f"{where}: choice")
        if not FEWEST_CHOICES <= len(choices) <= MOST_CHOICES:
            raise FileError(f"{where}: expected {FEWEST_CHOICES} to {MOST_CHOICES} choices, got {len(choices)}")
        rights = [choice.right for choice in choices]
        if all(isinstance(right, bool) for right in rights) and sum(map(bool, rights)) != 1:
            raise FileError(f"{where}: expected one choice with right = true, got {sum(map(bool, rights))}")
        yield instance_of(QuestionText, {**table, "choices": choices}, where)


def lessons_matching(query: str) -> tuple[Lesson, ...]:
    """Return the parts that the reader asks for.

    Args:
        query: a number (``4``), several (``4-6``), a name or a part of a title (``gates``); empty for all.

    Raises:
        UsageError: there is no such part.
    """
    lessons = course()
    text = " ".join(query.lower().split())
    if not text:
        return lessons
    first, dash, last = text.partition("-")
    if _is_number(first) and (not dash or _is_number(last)):
        low, high = int(first), int(last or first)
        if 1 <= low <= high <= len(lessons):
            return lessons[low - 1 : high]
    matches = [lesson for lesson in lessons if lesson.name == text] or [
        lesson for lesson in lessons if not _is_number(first) and text in f"{lesson.name} {lesson.title}".lower()
    ]
    if matches:
        return (matches[0],)
    names = ", ".join(f"{lesson.number} {lesson.name}" for lesson in lessons)
    raise UsageError(f"expected a number, two as 4-6, or a name ({names}), got {query}", "part")


def _is_number(text: str) -> bool:
    """Tell whether a text is a small whole number."""
    return text.isascii() and text.isdigit() and len(text) < 5
