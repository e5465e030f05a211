"""The command lines of the course: the reader's words put in, and written as they are typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.reports.explain.report import ExplainReport


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
        re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), argument) for argument in shlex.split(command)
    ]


def typed(arguments: Sequence[str]) -> str:
    """Write a command line so that a shell reads it as it is meant."""
    return " ".join(["lstm-ascii", *map(_quoted, arguments)])


def _quoted(argument: str) -> str:
    """Quote an argument if it must be: in double quotes where nothing in it means anything there."""
    if re.fullmatch(r"[\w@%+=:,./-]+", argument, re.ASCII):
        return argument
    return f'"{argument}"' if not re.search(r'["$`\\!]', argument) else shlex.quote(argument)
