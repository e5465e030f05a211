"""The manual page, made from the help of the commands: ``lstm-ascii --man | man -l -``."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

import typer
import typer.main

from lstm_ascii import __version__
from lstm_ascii.cli.options import SHARED
from lstm_ascii.errors import INTERRUPTED, PIPE_CLOSED

Record = tuple[str, str]  # how an option is written, and what it does

EXITS = (
    ("0", "the answer is on standard output, or in the file of --export"),
    ("1", "bad input, a file or a network that can't be used; one line on standard error says which and why"),
    ("2", "a call that can't be; standard error says how it is called"),
    (str(INTERRUPTED), "interrupted by Ctrl-C"),
    (str(PIPE_CLOSED), "the reader of the pipe has left"),
)
ENVIRONMENT = (
    ("COLUMNS", "the width, where --width doesn't say it"),
    ("NO_COLOR", "if not empty: no colour"),
    ("FORCE_COLOR", "if not empty: colour, into a pipe as well; 0 is none"),
    ("CLICOLOR_FORCE", "if neither empty nor 0: colour, into a pipe as well"),
    ("CLICOLOR", "if 0: no colour"),
    ("LSTM_ASCII_DEBUG", "if neither empty nor 0: as --debug"),
    ("PAGER", "what an answer that is taller than the terminal is shown in; none where it is empty or cat"),
    ("TERM", "a terminal that is dumb gets neither colour nor bars that move"),
)


def manual(app: typer.Typer) -> str:
    """Return the page of an application in the language of man(7), in pure ASCII."""
    return "".join(f"{line}\n" for line in _lines(typer.main.get_group(app)))


def _lines(group: Any) -> Iterator[str]:
    """Write the page of a group of commands."""
    top = group.context_class(group, info_name="lstm-ascii")
    yield f'.TH LSTM-ASCII 1 "" "lstm-ascii {__version__}" "User Commands"'
    yield ".SH NAME"
    yield rf"lstm\-ascii \- {_escaped(group.help).rstrip('.')}"
    yield ".SH SYNOPSIS"
    yield r".B lstm\-ascii"
    yield r"\fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]"
    yield ".SH COMMANDS"
    shared = _records(group.commands[next(iter(group.commands))], top, set(SHARED))
    for command in group.commands.values():
        yield from _command(command, top, shared)
    yield ".SH OPTIONS OF ALL COMMANDS"
    yield from _options(shared)
    yield ".SH OTHER OPTIONS"
    yield from _options(_records(group, top))
    for title, rows in (("EXIT STATUS", EXITS), ("ENVIRONMENT", ENVIRONMENT)):
        yield f".SH {title}"
        yield from _options(rows)


def _command(command: Any, top: Any, shared: Sequence[Record]) -> Iterator[str]:
    """Write what one command does, its own options and its example."""
    context = command.context_class(command, info_name=command.name, parent=top)
    usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece != command.options_metavar)
    yield f".SS {_escaped(f'{command.name} {usage}'.rstrip())}"
    for number, paragraph in enumerate((command.help or "").split("\n\n")):
        yield from ([".PP"] if number else []) + [_escaped(paragraph)]
    known = {*shared, *_records(command, top, {"help"})}
    yield from _options(record for record in _records(command, top) if record not in known)
    yield from (".PP", _escaped(command.epilog))


def _records(command: Any, top: Any, names: Container[str] | None = None) -> list[Record]:
    """Return the options of a command as its help tells them, all or those of some names."""
    context = command.context_class(command, info_name=command.name, parent=top)
    wanted = (one for one in command.get_params(context) if names is None or one.name in names)
    return [record for record in (one.get_help_record(context) for one in wanted) if record is not None]


def _options(records: Iterable[Record]) -> Iterator[str]:
    """Write a list of options, or of other names with what they are."""
    for name, said in records:
        yield from (".TP", f".B {_escaped(name)}", _escaped(said))


def _escaped(text: str | None) -> str:
    """Write a text in one line so that no part of it is read as a request, and no dash as a hyphen."""
    escaped = " ".join((text or "").split()).replace("\\", r"\e").replace("-", r"\-")
    escaped = "".join(character if character.isascii() else rf"\[u{ord(character):04X}]" for character in escaped)
    return rf"\&{escaped}" if escaped[:1] in (".", "'") else escaped
