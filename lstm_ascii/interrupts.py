"""SIGTERM and a closed terminal end the work as Ctrl-C does: what is open is closed, what was reached is saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from lstm_ascii.errors import INTERRUPTED

_SIGNALS = ("SIGTERM", "SIGHUP")
_FIRST_OF_SIGNALS = 128  # shells give 128 and the number of the signal as the exit code

_exit_codes: list[int] = []  # of the signals that came


@contextmanager
def ends_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise ``KeyboardInterrupt`` in the block, where this is the main thread.

    Handlers that are not the system's own are left as they are: whoever set them knows what to do.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        before = {number: handler for number, handler in before.items() if handler == signal.SIG_DFL}
    for number in before:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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


def exit_code() -> int:
    """Return the exit code of an interrupted program: 128 and the number of the signal."""
    return _exit_codes[0] if _exit_codes else INTERRUPTED


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Note the signal and interrupt what is done."""
    _exit_codes.append(_FIRST_OF_SIGNALS + number)
    raise KeyboardInterrupt
