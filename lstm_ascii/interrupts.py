"""Signals: SIGTERM and SIGHUP end the program as Ctrl-C does, so that files are closed and finished work is saved."""

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
    """Let SIGTERM and SIGHUP raise ``KeyboardInterrupt`` in the block, if this is the main thread.

    Only the system's default handlers are replaced, not those that a caller has set.
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
    """Delay Ctrl-C, and the signals that end like it, until the end of the block.

    For work that must not be left half done. That includes taking any lock of :mod:`threading`: an interrupt right
    after the lock is acquired, before its owner knows that, would leave it locked for ever.

    Raises:
        KeyboardInterrupt: at the end of the block, if a signal came.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in ("SIGINT", *_SIGNALS) if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
    raising = {number: handler for number, handler in before.items() if callable(handler)}
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    for number in raising:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in raising.items():
            signal.signal(number, handler)
    for number in came:
        raising[number](number, None)


def exit_code() -> int:
    """Return the exit code of an interrupted program: 128 plus the number of the signal."""
    return _exit_codes[0] if _exit_codes else INTERRUPTED


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Remember the exit code of the signal, and raise ``KeyboardInterrupt``."""
    _exit_codes.append(_FIRST_OF_SIGNALS + number)
    raise KeyboardInterrupt
