"""Running a command line within this process, and capturing its output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

import typer.main

from lstm_ascii.cli.app import app
from lstm_ascii.cli.options import outputs
from lstm_ascii.cli.output import Output
from lstm_ascii.errors import INTERRUPTED, LstmAsciiError
from lstm_ascii.records import dataclass

if TYPE_CHECKING:
    from lstm_ascii.render.parts import Tellable

    Draw = Callable[[Any, int | None], Tellable]


@dataclass(frozen=True)
class Caught(Output):
    """Keeps what a command would have shown; nothing moves meanwhile.

    Attributes:
        answers: reports, each with what draws it.
    """

    answers: list[tuple[Any, Draw]] = field(default_factory=list)

    @property
    def takes_all(self) -> bool:
        """Return that the whole report is taken."""
        return True

    def show(self, report: Any, draw: Draw) -> None:
        """Keep a report."""
        self.answers.append((report, draw))

    def can_move(self) -> bool:
        """Return that nothing can."""
        return False


def perform(arguments: Sequence[str]) -> tuple[Any, Draw]:
    """Return the report that a command line asks for, and what draws it.

    Args:
        arguments: the command's name and what follows it; options that say how to draw mean nothing here.

    Raises:
        LstmAsciiError: the command raises it, or shows nothing.
        KeyboardInterrupt: it was interrupted.
    """
    caught = Caught()
    before = outputs.set(lambda **_: caught)
    try:
        code = typer.main.get_command(app).main(list(arguments), prog_name="lstm-ascii", standalone_mode=False)
    finally:
        outputs.reset(before)
    if code == INTERRUPTED:  # what Typer makes of a Ctrl-C
        raise KeyboardInterrupt
    if not caught.answers:
        raise LstmAsciiError(f"{' '.join(arguments)}: this command shows no picture; leave it to the reader")
    return caught.answers[-1]
