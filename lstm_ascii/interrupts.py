"""Signals: SIGTERM and SIGHUP end the program as Ctrl-C does, so that files are closed and finished work is saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lstm_ascii.errors import INTERRUPTED

_SIGNALS = ("SIGTERM", "SIGHUP")
_FIRST_OF_SIGNALS = 128  # shells give 128 and the number of the signal as the exit code

_exit_codes: list[int] = []  # of the signals that came


@contextmanager
def ends_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise ``KeyboardInterrupt`` in the block, if this is the main thread.

    Only the system's default handlers are replaced, not those that a caller has set.
    """
    default = {number: handler for number, handler in _handlers(_SIGNALS).items() if handler == signal.SIG_DFL}
    with _replaced(default, _interrupt):
        yield


@contextmanager
def interrupted_after() -> Iterator[None]:
    """Delay Ctrl-C, and the signals that end like it, until the end of the block.

    For work that must not be left half done. That includes taking any lock of :mod:`threading`: an interrupt right
    after the lock is acquired, before its owner knows that, would leave it locked for ever.

    Raises:
        KeyboardInterrupt: at the end of the block, if a signal came.
    """
    raising = {number: handler for number, handler in _handlers(("SIGINT", *_SIGNALS)).items() if callable(handler)}
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    with _replaced(raising, note):
        yield
    for number in came:
        raising[number](number, None)


def _handlers(names: Sequence[str]) -> dict[int, Any]:
    """Return the handlers of the signals that this system has; none outside of the main thread, which sets them."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return {number: signal.getsignal(number) for number in numbers}


@contextmanager
def _replaced(before: Mapping[int, Any], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle signals by ``handler`` in the block, by their handlers ``before`` after it."""
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, own in before.items():
            signal.signal(number, own)


def exit_code() -> int:
    """Return the exit code of an interrupted program: 128 plus the number of the signal."""
    return _exit_codes[0] if _exit_codes else INTERRUPTED


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Remember the exit code of the signal, and raise ``KeyboardInterrupt``."""
    _exit_codes.append(_FIRST_OF_SIGNALS + number)
    raise KeyboardInterrupt
