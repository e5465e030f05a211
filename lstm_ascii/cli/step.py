"""``lstm-ascii step``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lstm_ascii.cli import options, spelling
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.text import SEED_SENTENCE

if TYPE_CHECKING:
    from lstm_ascii.reports.step.position import Position
    from lstm_ascii.reports.step.walk import Walk
    from lstm_ascii.sources import Source

EXAMPLE = 'Example: lstm-ascii step "The cat near the dogs was hungry.", then press the right arrow'
OWN = "No sentence was given: this one is the program's own; press e to type another."
VIEWS = ("cell", "back", "units", "paint")
PASSED_ON = ("cell", "contrast", "answer", *options.SOURCES)  # options that say what is looked at

Sentence = Annotated[list[str] | None, typer.Argument(metavar="SENTENCE", show_default=False, help="In quotes or not.")]
At = Annotated[str, typer.Option("--at", metavar="W", show_default=False, help="Begin at this word: number or text.")]
FollowedUnit = Annotated[int | None, typer.Option("--unit", metavar="K", help="Follow this unit, from 0.")]
InHand = Annotated[
    str, typer.Option("--network", metavar="NAME", show_default=False, help="Of several, the one in hand: gru.")
]
Swap = Annotated[
    str,
    typer.Option("--swap", metavar="W", show_default=False, help="Swap this word for its twin in the other number."),
]
View = Annotated[
    str,
    typer.Option(
        "--view",
        metavar="NAME",
        help="cell; back, the error flowing back; units, ranked; or paint, the text by the unit.",
        autocompletion=options.any_of(*VIEWS),
    ),
]
Contrasted = Annotated[
    str, typer.Option("--contrast", metavar="A:B", show_default=False, help="The choice to look into, as was:were.")
]
Answered = Annotated[
    str, typer.Option("--answer", metavar="K", show_default=False, help="Of other networks, the output to look into.")
]
Still = Annotated[bool, typer.Option("--still", help="Print the screen of this place, and end.")]
NoMouse = Annotated[bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")]
Serve = Annotated[bool, typer.Option("--serve", help="Serve it to browsers, a process a visitor; Ctrl-C ends it.")]
Host = Annotated[str, typer.Option("--host", metavar="HOST", help="Where --serve listens; 0.0.0.0 is every network.")]
Port = Annotated[int, typer.Option("--port", metavar="N", help="Where --serve listens.")]
Visitors = Annotated[int, typer.Option("--visitors", metavar="N", help="The most at a time.")]
Minutes = Annotated[float, typer.Option("--minutes", metavar="M", help="The longest visit.")]


@options.answers
def step(
    sentence: Sentence = None,
    at: At = "",
    unit: FollowedUnit = None,
    network: InHand = "",
    swap: Swap = "",
    view: View = "cell",
    still: Still = False,
    cell: options.Cells = None,
    contrast: Contrasted = "",
    answer: Answered = "",
    layer: options.Layer = None,
    direction: options.Direction = "",
    no_mouse: NoMouse = False,
    serve: Serve = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    visitors: Visitors = 30,
    minutes: Minutes = 60.0,
    *,
    source: Source,
    output: Output,
) -> None:
    """Walk through a sentence with the arrow keys: gates, memory, what is answered, and what if.

    Press ? there for the keys. What the screen shows can be printed, too: --still, or --json, --plain, --export FILE.
    """
    prints = still or output.json or output.tsv or output.plain or bool(output.export)
    if not (prints or serve):
        _need_terminal()
    from lstm_ascii.reports.step.position import Position
    from lstm_ascii.reports.step.walk import Walk

    text = " ".join(sentence or ()) or ("" if source.reads_file else SEED_SENTENCE)
    walk = Walk(options.cells_of(cell), source, contrast, answer)
    start = Position(text, unit=unit, network=network.lower(), layer=layer, direction=direction, view=view)
    with watching(output):
        position = _placed(walk, start, at, swap)
        report = walk.report(position)
    if serve:
        _serve(position, output, host, port, visitors, minutes)
        return
    if prints:
        from lstm_ascii.render.step.page import step_page

        output.show(report, lambda shown, _: step_page(shown))
        return
    told = "" if sentence or source.reads_file else OWN
    if code := _walk_through(walk, position, _given(), output, not no_mouse, told):
        raise typer.Exit(code)


def walk_from_deciding_word(sentence: str, output: Output) -> int:
    """Walk through a sentence from the word that decides; see :func:`_walk_through`."""
    from lstm_ascii.reports.step.position import Position
    from lstm_ascii.reports.step.walk import Walk

    walk, start = Walk(), Position(sentence)
    at = walk.report(start).explained.deciding_word or start.at
    return _walk_through(walk, replace(start, at=at), (), output)


def _placed(walk: Walk, start: Position, at: str, swap: str) -> Position:
    """Return the place that the reader means, with words by number or text."""
    words = walk.words(start) if at or swap else ()
    return replace(start, at=_number(at, words, "at") if at else 1, swapped=_number(swap, words, "swap") if swap else 0)


def _number(word: str, words: tuple[str, ...], parameter: str) -> int:
    """Return the number of a word.

    Raises:
        UsageError: there is no such word.
    """
    from lstm_ascii.reports.explain.asking import numbered

    try:
        return numbered(word, words)
    except UsageError as error:
        raise UsageError(str(error.args[0]), parameter) from error


def is_on_a_terminal() -> bool:
    """Tell whether keys can be pressed and a screen be drawn: on a terminal, or by textual-serve in a browser."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return True
    streams = (sys.stdin, sys.stdout)
    return all(one is not None and one.isatty() for one in streams) and os.environ.get("TERM") != "dumb"


def _need_terminal() -> None:
    """Refuse to walk where no key can be pressed, or where Textual isn't installed.

    Raises:
        UsageError: this is no terminal.
        LstmAsciiError: Textual is not installed.
    """
    if not is_on_a_terminal():
        raise UsageError("step needs a terminal for its keys; --still prints one screen, lstm-ascii explain a page")
    _need("textual")


def _need(package: str) -> None:
    """Refuse to go on without a package.

    Raises:
        LstmAsciiError: it is not installed.
    """
    if not is_installed(package):
        raise LstmAsciiError(f"step needs the package {package}; pip install 'lstm-ascii[tui]' installs it")


def is_installed(package: str = "textual") -> bool:
    """Tell whether a package is there."""
    from importlib.util import find_spec

    with suppress(ImportError):
        return find_spec(package) is not None
    return False


def _serve(position: Position, output: Output, host: str, port: int, visitors: int, minutes: float) -> None:
    """Serve the walk to browsers, each from the same place."""
    _need("textual_serve")
    if not 1 <= port <= 65535:
        raise UsageError(f"expected 1 to 65535, got {port}", "port")
    if visitors < 1 or not minutes > 0:
        option, value = ("visitors", visitors) if visitors < 1 else ("minutes", minutes)
        raise UsageError(f"expected more than 0, got {value}", option)
    from lstm_ascii.tui.serve import Limits, serve

    look = ["--ascii"] if output.ascii else []
    serve([*position.arguments(_given()), *look], host, port, Limits(visitors, minutes))


def _walk_through(
    walk: Walk, position: Position, given: tuple[str, ...], output: Output, mouse: bool = True, told: str = ""
) -> int:
    """Take the screen until the reader leaves, and return the exit code."""
    from lstm_ascii.tui.app import LONGEST_TYPED, SERVED, Setting, run_step
    from lstm_ascii.tui.drawing import Look

    look, visit = Look(output.only_ascii(sys.stdout), output.has_color()), os.environ.get(SERVED)
    setting = Setting(given, look, told=told)
    if visit is not None:
        setting = replace(setting, is_served=True, longest=LONGEST_TYPED, minutes=float(visit))
    return run_step(walk, position, setting, mouse)


def _given() -> tuple[str, ...]:
    """Return the options of the command at hand that say what is looked at, where they are not as by default."""
    command, found = spelling.at_hand.get(), list[str]()
    for parameter in command.params if command is not None else ():
        value: Any = command.values.get(parameter.name)
        if parameter.name in PASSED_ON and value not in (None, "", (), []) and value != parameter.default:
            for one in value if isinstance(value, list | tuple) else (value,):
                found += [parameter.opts[0], str(one)]
    return tuple(found)
