"""Standard error while something takes long: what moves on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from lstm_ascii.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from lstm_ascii.cli.live import Live
    from lstm_ascii.reports.gradients.report import Watch

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
