"""The application: its commands, and one place where everything that goes wrong is told."""

from __future__ import annotations

import os
import sys
from collections import UserDict
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from lstm_ascii import __version__, interrupts
from lstm_ascii.cli import spelling
from lstm_ascii.cli.values import Light
from lstm_ascii.cli.writing import WritingError, forget_stdout, writing
from lstm_ascii.errors import INTERRUPTED, PIPE_CLOSED, LstmAsciiError
from lstm_ascii.language.text import shortened, visible

DEBUG = "LSTM_ASCII_DEBUG"  # the environment variable that does what --debug does
FILES = ("model", "other", "input", "vocab", "verify", "text")  # parameters that name files
_debug: ContextVar[bool] = ContextVar("debug", default=False)

COMMANDS = {
    "explain": "What happens in the cell, word by word.",
    "step": "Walk through the network with the arrow keys.",
    "gradients": "Vanishing, exploding or alive: RNN, LSTM, GRU.",
    "diagram": "Pictures of the networks, with your sentence's values.",
    "derive": "The mathematics, step by step, and one unit's arithmetic.",
    "compare": "RNN, LSTM, GRU side by side, and what lectures say.",
    "recall": "The memory race, trained in front of you.",
    "agreement": "How often the verb agrees, on your pairs or public ones.",
    "accuracy": "How often your network is right, on a labelled table.",
    "generate": "What a network writes, painted by one of its units.",
    "inspect": "What is in a file of weights.",
    "learn": "The course, on your own sentence, with questions.",
    "glossary": "The terms, each with a command that shows it.",
    "guide": "The guide: a page a topic, with what the commands print.",
    "doctor": "What is wrong with a network of your own.",
    "profile": "What every unit does over a corpus of any size.",
    "diff": "Two networks: what moved, where they first part.",
    "gradcheck": "Whether the gradients are right, on this machine.",
    "watch": "A training as it happens, drawn live.",
    "train": "Train the networks again, or on your own text.",
}


class Commands(Light, typer.core.TyperGroup):
    """The commands, each loaded when it is asked for: to start one of them must not cost the making of all."""

    def __init__(self, **settings: Any) -> None:
        """Take Typer's settings; the commands are ours."""
        super().__init__(**settings)
        self.commands = _Loaded(dict.fromkeys(COMMANDS))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Take a sentence in quotes, which is no command's name, for what ``explain`` is asked."""
        if args and args[0] not in self.commands and len(args[0].split()) > 1:
            args = ["explain", *args]
        return super().resolve_command(ctx, args)

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


class Command(Light, typer.core.TyperCommand):
    """A command whose usage line names its arguments as manual pages do: ``SENTENCE...``, ``[FILE]``.

    Attributes:
        values: what its parameters were at the last call, by name.
    """

    values: Mapping[str, Any] = {}

    def invoke(self, ctx: Any) -> Any:
        """Run it; what goes wrong meanwhile is told with the options of this command."""
        before = spelling.at_hand.set(self)
        self.values = dict(ctx.params)
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
    epilog='A sentence in quotes without a command is explained: lstm-ascii "The cat was hungry."',
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
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of what nobody foresaw.")] = False,
) -> None:
    """See inside recurrent networks, on your own sentence; every figure is computed."""
    del version, man  # which their callbacks have answered
    _debug.set(debug)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is one line on stderr."""
    spelling.at_hand.set(None)
    _debug.set(False)
    try:
        code = app(list(arguments), prog_name="lstm-ascii", standalone_mode=False)
        with writing():
            if sys.stdout is not None:
                sys.stdout.flush()
        if code == INTERRUPTED:  # what Typer makes of a Ctrl-C
            return interrupts.exit_code()
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return interrupts.exit_code()
    except BrokenPipeError:
        forget_stdout()
        return PIPE_CLOSED
    except WritingError as error:
        forget_stdout()
        return _fail(str(error), error.exit_code)
    except LstmAsciiError as error:
        return _fail(spelling.message_of(error), error.exit_code, error.advice)
    except Exception as error:
        return _fail_usage(error) if hasattr(error, "format_message") else _fail_unforeseen(error)


def _fail(message: str, code: int, advice: Sequence[str] = ()) -> int:
    """Tell what went wrong in one line; lines to type, where there are some, stand below it as they are."""
    if sys.stderr is not None:
        typer.echo(f"lstm-ascii: {shortened(' '.join(message.split()), LONGEST_MESSAGE)}", err=True)
        for line in advice:
            typer.echo(f"    {visible(line)}", err=True)
    return code


def _fail_unforeseen(error: Exception) -> int:
    """Tell in one line what was being done when an error came that no part of the program knows."""
    if isinstance(error, OSError) and spelling.at_hand.get() is None:  # no command yet: help or version was written
        forget_stdout()
        return _fail(str(WritingError(error)), 1)
    if sys.stderr is not None and (_debug.get() or os.environ.get(DEBUG, "0") not in ("", "0")):
        import traceback

        typer.echo(visible_lines("".join(traceback.format_exception(error))), err=True)
    reason = f"{type(error).__name__}: {error}".rstrip(": ")
    fault = f"a fault in lstm-ascii ({reason}); lstm-ascii --debug shows where"
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        fault = f"the system says {error.strerror or error}{where}"
    elif isinstance(error, MemoryError):
        fault = "there is not enough memory for it"
    elif isinstance(error, RecursionError):
        fault = "something in it is nested too deeply"
    return _fail(f"{_doing()}: {fault}", 1)


def _doing() -> str:
    """Return the command at hand, with the files that it was given."""
    command = spelling.at_hand.get()
    if command is None:
        return "reading the command line"
    files = [str(command.values[name]) for name in FILES if isinstance(command.values.get(name), str | os.PathLike)]
    return f"{command.name} {' '.join(filter(None, files))}".rstrip()


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
