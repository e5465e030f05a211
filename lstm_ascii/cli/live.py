"""What moves on standard error: Rich's live display, which a Ctrl-C finds either off or on, never in between."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import rich.live


class Live(rich.live.Live):
    """A live display that gives the terminal back, at whichever moment it is interrupted.

    Rich hides the cursor before it has noted what to undo.
    """

    def start(self, refresh: bool = False) -> None:
        """Begin; an interrupt that came meanwhile ends it at once."""
        try:
            with interrupted_after():
                super().start(refresh)
        except KeyboardInterrupt:
            self.stop()
            raise

    def stop(self) -> None:
        """End, and show the cursor again."""
        with interrupted_after():
            super().stop()


@contextmanager
def interrupted_after() -> Iterator[None]:
    """Let a Ctrl-C wait until the block is done.

    Raises:
        KeyboardInterrupt: at the end of the block, if one came.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before in (None, signal.SIG_IGN):
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
