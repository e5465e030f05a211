"""A program that is interrupted in turn at each lock that its main thread takes while it waits for worker processes."""

from __future__ import annotations

import faulthandler
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count

from lstm_ascii.processes import Pool
from tests.faults.work import slow_first

HANGS = 240  # seconds; on an idle machine it takes 5
_enter: Callable[[threading.Condition], bool] = threading.Condition.__enter__


class Interrupting:
    """Takes the lock of a condition; the signal comes when it is held, and before the caller knows that it is."""

    def __init__(self, number: int, at: int) -> None:
        self.number, self.at, self.taken = number, at, 0

    def __call__(self, condition: threading.Condition) -> bool:
        held = _enter(condition)
        if threading.get_ident() == threading.main_thread().ident:
            self.taken += 1
            if self.taken == self.at:
                signal.raise_signal(self.number)
        return held


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        for at in count(1):
            interrupting = Interrupting(number, at)
            threading.Condition.__enter__ = lambda condition, by=interrupting: by(condition)  # type: ignore[method-assign, misc]
            with suppress(KeyboardInterrupt):
                with Pool(1, "a test") as pool:
                    list(pool.in_order(slow_first, [[0], [1]]))
                if interrupting.taken >= at:
                    raise SystemExit(f"{signal.Signals(number).name} at lock {at} was lost")
            if interrupting.taken < at:
                break
    print("done")


if __name__ == "__main__":
    faulthandler.dump_traceback_later(HANGS, exit=True)
    main()
