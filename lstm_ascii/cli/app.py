"""The application: its commands, and one place where everything that goes wrong is told."""

from __future__ import annotations

import os
import sys
from collections import UserDict
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from lstm_ascii import __version__
from lstm_ascii.cli import spelling
from lstm_ascii.errors import INTERRUPTED, PIPE_CLOSED, LstmAsciiError
from lstm_ascii.language.text import shortened, visible

COMMANDS = {
    "explain": "What happens in the cell, word by word.",
    "gradients": "Vanishing, exploding or alive: RNN, LSTM, GRU.",
    "diagram": "Pictures of the networks, with your sentence's values.",
    "derive": "The mathematics, step by step, and one unit's arithmetic.",
    "compare": "RNN, LSTM, GRU side by side, and what lectures say.",
    "recall": "The memory race, trained in front of you.",
    "agreement": "How often the verb agrees, on pairs of your own.",
    "inspect": "What is in a file of weights.",
    "learn": "The course, on your own sentence, with questions.",
    "glossary": "The terms, each with a command that shows it.",
    "guide": "The guide: a page a topic, with what the commands print.",
    "doctor": "What is wrong with a network of your own.",
    "gradcheck": "Whether the gradients are right, on this machine.",
    "train": "Train the networks again, or on your own text.",
}


class Commands(typer.core.TyperGroup):
    """The commands, each loaded when it is asked for: to start one of them must not cost the making of all."""

    def __init__(self, **settings: Any) -> None:
        """Take Typer's settings; the commands are ours."""
        super().__init__(**settings)
        self.commands = _Loaded(dict.fromkeys(COMMANDS))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class _Loaded(UserDict[str, Any]):
    """Commands by name, made from their modules at the first look."""

    def __getitem__(self, name: str) -> Any:
        """Return a command, made now if it wasn't yet."""
        if self.data[name] is None:
            self.data[name] = _load(name)
        return self.data[name]


class Command(typer.core.TyperCommand):
    """A command whose usage line names its arguments as manual pages do: ``SENTENCE...``, ``[FILE]``."""

    def invoke(self, ctx: Any) -> Any:
        """Run it; what goes wrong meanwhile is told with the options of this command."""
        before = spelling.at_hand.set(self)
        answer = super().invoke(ctx)
        spelling.at_hand.reset(before)  # not where it failed: the error is told at the end
        return answer

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what stands behind the command's name."""
        pieces = [self.options_metavar] if self.options_metavar else []
        for parameter in self.get_params(ctx):
            if parameter.param_type_name == "argument":
                name = spelling.metavar(parameter)
                name += "..." if parameter.nargs == -1 else ""
                pieces.append(name if parameter.required else f"[{name}]")
        return pieces


def _load(name: str) -> Any:
    """Make a command from the function of its module that has its name."""
    module = import_module(f"lstm_ascii.cli.{name}")
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name=name, cls=Command, epilog=module.EXAMPLE, short_help=COMMANDS[name])(getattr(module, name))
    return typer.main.get_command(alone)


LONGEST_MESSAGE = 2000  # characters of an error

app = typer.Typer(
    name="lstm-ascii",
    cls=Commands,
    help="See inside recurrent networks, on your own sentence; every figure is computed.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"lstm-ascii {__version__}")
        raise typer.Exit


def _manual(wanted: bool) -> None:
    """Print the manual page and leave."""
    if wanted:
        from lstm_ascii.cli.manual import manual

        typer.echo(manual(app), nl=False)
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
    man: Annotated[
        bool, typer.Option("--man", help="Print the manual page, for man -l -.", callback=_manual, is_eager=True)
    ] = False,
) -> None:
    """See inside recurrent networks, on your own sentence; every figure is computed."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is one line on stderr."""
    spelling.at_hand.set(None)
    try:
        code = app(list(arguments), prog_name="lstm-ascii", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except LstmAsciiError as error:
        return _fail(spelling.message_of(error), error.exit_code, error.advice)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except OSError as error:
        _forget_stdout()
        return _fail(f"can't write the answer: {error.strerror or error}", 1)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _fail_usage(error)


def _fail(message: str, code: int, advice: Sequence[str] = ()) -> int:
    """Tell what went wrong in one line; lines to type, where there are some, stand below it as they are."""
    if sys.stderr is not None:
        typer.echo(f"lstm-ascii: {shortened(' '.join(message.split()), LONGEST_MESSAGE)}", err=True)
        for line in advice:
            typer.echo(f"    {visible(line)}", err=True)
    return code


def _fail_usage(error: Any) -> int:
    """Tell how the command is called, and what is wrong with the call at hand."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return int(error.exit_code)
    if context is not None and sys.stderr is not None:
        typer.echo(visible_lines(context.get_usage()), err=True)
    return _fail(error.format_message(), int(error.exit_code))


def visible_lines(text: str) -> str:
    """Make every line of a text safe to print."""
    return "\n".join(map(visible, text.splitlines()))


def _forget_stdout() -> None:
    """Keep Python from writing what is left at exit, where nobody reads it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, AttributeError, ValueError):
        sys.stdout = None
