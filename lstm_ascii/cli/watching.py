"""Standard error while something takes long: what moves on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TypeVar

from lstm_ascii.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from lstm_ascii.cli.live import Live
    from lstm_ascii.reports.gradients.report import Watch
    from lstm_ascii.training.recall_race import Outcome
    from lstm_ascii.training.recall_race import Watch as RaceWatch

PATIENCE = 0.5  # seconds before a bar is shown
State = TypeVar("State")


@contextmanager
def following(
    output: Output, picture: Callable[[State], RenderableType], log: Callable[[State], None]
) -> Iterator[Callable[[State], None]]:
    """Show each state of something that runs, from its start: as a picture on a terminal, elsewhere by ``log``."""
    console = output.live_console()
    if console is None:
        yield log
        return
    from lstm_ascii.cli.live import Live

    with Live(console, output.only_ascii(console.file)) as live:
        yield lambda state: live.show(picture(state))


@contextmanager
def watching(output: Output) -> Iterator[Watch | None]:
    """Show a bar on standard error once it takes long, if that is a terminal."""
    console = output.live_console()
    if console is None:
        yield None
        return
    bar = _Bar(console, output.only_ascii(console.file))
    try:
        yield bar.watch
    finally:
        bar.close()


class _Bar:
    """A bar that comes when it is needed."""

    def __init__(self, console: Console, only_ascii: bool) -> None:
        self._console, self._only_ascii = console, only_ascii
        self._live: Live | None = None
        self._next = time.monotonic() + PATIENCE

    def watch(self, label: str, share: float) -> None:
        if time.monotonic() < self._next:
            return
        from lstm_ascii.cli.live import Live
        from lstm_ascii.render.gradients.progress import ProgressLine

        if self._live is None:
            self._live = Live(self._console, self._only_ascii)
            self._live.start()
        self._live.show(ProgressLine(label, share))
        self._next = time.monotonic() + 0.1

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()


def racing(output: Output) -> AbstractContextManager[RaceWatch]:
    """Show on standard error how far the race is."""
    return following(output, _bars, _Log().watch)


def _bars(outcomes: Sequence[Outcome]) -> RenderableType:
    from lstm_ascii.render.recall.live import RaceBars

    return RaceBars(tuple(outcomes))


class _Log:
    """Writes a line to standard error when all seeds of a network have ended at a gap."""

    def __init__(self) -> None:
        self._told = 0

    def watch(self, outcomes: Sequence[Outcome]) -> None:
        """Write what is new, always in the same order: by gap, then by network."""
        from lstm_ascii.render.recall.live import log_lines

        lines = list(log_lines(outcomes))
        for line in lines[self._told :]:
            if sys.stderr is not None:
                sys.stderr.write(f"lstm-ascii: {line}\n")
                sys.stderr.flush()
        self._told = len(lines)
