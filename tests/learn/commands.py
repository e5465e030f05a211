"""Command lines in texts: found, and held against what the program takes, without running them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import typer.main

from lstm_ascii.cli.app import COMMANDS, app
from lstm_ascii.lessons.course import Lesson

WORDS = {"sentence": "The cat was hungry.", "before": "cat", "decider": "cat", "right": "was", "wrong": "were"}
PROGRAM = "lstm-ascii "


def complaint(line: str) -> str:
    """Return what is wrong with a command line (without the program's name); empty if nothing is."""
    name, *arguments = shlex.split(re.sub(r"\{(\w+)\}", lambda found: WORDS[found[1]], line))
    if name not in COMMANDS:
        return f"there is no command {name}"
    command: Any = typer.main.get_group(app).commands[name]
    if arguments == ["--help"]:
        return ""
    try:
        command.make_context(name, arguments)
    except Exception as error:
        return str(getattr(error, "message", error))
    return ""


def texts(lesson: Lesson) -> Iterator[str]:
    """Yield every text of a part that a reader sees."""
    yield from (lesson.title, lesson.about, lesson.text)
    yield from (said.text for shown in lesson.show for said in shown.say)
    yield from (text for aside in lesson.aside for text in (aside.title, aside.text))
    yield from (text for mistake in lesson.mistake for text in (mistake.wrong, mistake.right))
    yield from (one.text for one in lesson.tries)
    for question in lesson.question:
        yield question.text
        yield from (text for choice in question.choices for text in (choice.text, choice.why))


def conditions(lesson: Lesson) -> Iterator[str]:
    """Yield every condition of a part."""
    yield from (said.when for shown in lesson.show for said in shown.say)
    for question in lesson.question:
        yield from (choice.right for choice in question.choices if isinstance(choice.right, str))


def lines(lesson: Lesson) -> Iterator[str]:
    """Yield every command line of a part: shown, to try, and named in a text."""
    yield from (shown.command for shown in lesson.show)
    yield from (one.command for one in lesson.tries)
    for text in texts(lesson):
        yield from (typed.removeprefix(PROGRAM) for typed in re.findall(r"`([^`]+)`", text) if PROGRAM in f"{typed} ")
