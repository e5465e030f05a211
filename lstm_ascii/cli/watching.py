"""Progress on standard error: a live display on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lstm_ascii.interrupts import ends_like_ctrl_c, interrupted_after

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from lstm_ascii.progress import Watch
    from lstm_ascii.training.recall_race import Outcome
    from lstm_ascii.training.recall_race import Watch as RaceWatch

PATIENCE = 0.5  # seconds before a bar is shown
REDRAWN = 0.1  # seconds from one look at what is told to the next
State = TypeVar("State")


class Screen(Protocol):
    """What a bar is drawn on; see :class:`lstm_ascii.cli.output.Output`."""

    def can_move(self) -> bool:
        """Tell whether anything can move."""
        ...

    def live_console(self) -> Console | None:
        """Return a console for what moves, or ``None`` where nothing can."""
        ...

    def only_ascii(self, stream: Any) -> bool:
        """Tell whether only pure ASCII may go to ``stream``."""
        ...


@contextmanager
def following(
    output: Screen, picture: Callable[[State], RenderableType], log: Callable[[State], None]
) -> Iterator[Callable[[State], None]]:
    """Show each state of something that runs, from its start: as a picture on a terminal, elsewhere by ``log``.

    Before there is a state, the time so far is shown once it takes long.
    """
    console = output.live_console()
    if console is None:
        yield log
        return
    from lstm_ascii.cli.live import Live

    live, bar = Live(console, output.only_ascii(console.file)), _Bar(output, "preparing")

    def show(state: State) -> None:
        bar.close()
        if not live.is_started:
            live.start()
        live.show(picture(state))

    bar.start()
    try:
        yield show
    finally:
        bar.close()
        live.stop()


@contextmanager
def watching(output: Screen, label: str = "computing") -> Iterator[Watch | None]:
    """Show on standard error, once it takes long and if that is a terminal, how far the block is.

    Args:
        output: where answers go.
        label: what is done, until the block itself says it by what is yielded. Meanwhile the time so far is shown.
    """
    if not output.can_move():
        yield None
        return
    bar = _Bar(output, label)
    with ends_like_ctrl_c():  # the cursor comes back
        bar.start()
        try:
            yield bar.watch
        finally:
            bar.close()


class _Bar:
    """A bar that comes when it is needed; a thread draws it, so it moves during a long call of NumPy as well.

    It costs the one that works nothing: what is told is noted, and nothing is loaded before there is something to draw.
    """

    def __init__(self, output: Screen, label: str) -> None:
        self._output = output
        self._news: tuple[str, float | None] = (label, None)
        self._begun = time.monotonic()
        self._closed = threading.Event()
        self._ended = threading.Event()  # an interrupted join() takes the thread for ended, in some Pythons
        self._thread = threading.Thread(target=self._work, daemon=True)

    def watch(self, label: str, share: float) -> None:
        self._news = (label, share)

    def start(self) -> None:
        with interrupted_after():
            self._thread.start()

    def close(self) -> None:
        """Take the bar away, whatever interrupts that."""
        with interrupted_after():
            self._closed.set()
            self._ended.wait()

    def _work(self) -> None:
        try:
            self._draw()
        finally:
            self._ended.set()

    def _draw(self) -> None:
        """Wait until it takes long, then draw until it is over; the thread's work."""
        if self._closed.wait(PATIENCE) or (console := self._output.live_console()) is None:
            return
        from lstm_ascii.cli.live import Live
        from lstm_ascii.render.progress import ProgressLine

        with suppress(OSError), Live(console, self._output.only_ascii(console.file)) as live:
            while not self._closed.is_set():
                live.show(ProgressLine(*self._news, int(time.monotonic() - self._begun)))
                self._closed.wait(REDRAWN)


def racing(output: Screen) -> AbstractContextManager[RaceWatch]:
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
