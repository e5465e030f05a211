"""A process of the memory race: it takes a heat, tells how far it is, and takes the next."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection

import numpy as np

from lstm_ascii.training.recall import Heat

_TOLD_EVERY = 0.1  # seconds
_KEPT_BYTES = 1 << 24


def work(connection: Connection) -> None:
    """Run the heats that come over ``connection``, until nobody is there any more.

    Sends the points of the heat so far, and whether that was all.
    """
    for name in ("SIGINT", "SIGHUP"):  # the parent hears them too, and decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    np.empty(_KEPT_BYTES, np.uint8)  # glibc keeps freed blocks of up to its size at hand: no page faults at every step
    with suppress(EOFError, OSError), np.errstate(all="ignore"):  # a network that diverges is told by its answers
        while True:
            _run(connection.recv(), connection)


def _run(heat: Heat, connection: Connection) -> None:
    """Run one heat."""
    points, told = [], time.monotonic()
    for point in heat.points():
        points.append(point)
        if time.monotonic() - told >= _TOLD_EVERY:
            told = time.monotonic()
            connection.send((tuple(points), False))
    connection.send((tuple(points), True))
