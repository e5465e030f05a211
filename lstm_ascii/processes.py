"""The one seam for work that is many independent pieces: all cores of this machine, or a cluster.

A piece of work is a function of a module and its arguments, all of which can be pickled. Its result depends on its
arguments alone, and results are taken in the order of the pieces: so they are the same bit for bit whatever the number
of workers, and wherever they run. A process that ends before its piece is done is replaced, and the piece done again.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from itertools import chain, islice
from typing import Any, cast

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.interrupts import ends_like_ctrl_c, interrupted_after
from lstm_ascii.work import (
    DONE,
    TOLD,
    TRIES,
    Listener,
    Piece,
    Places,
    Result,
    Shared,
    WorkerLostError,
    end_if_unwanted,
    ending,
    perform,
    stopping,
    tell,
)

__all__ = [
    "Piece", "Pool", "Shared", "WorkerLostError", "cores", "end_if_unwanted", "ending", "on_cluster", "results",
    "stopping", "tell",
]  # fmt: skip

_TICK = 0.25  # seconds; longest wait for what wakes nobody
_cluster: ContextVar[str] = ContextVar("cluster", default="")


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def on_cluster(address: str) -> Iterator[None]:
    """Let all pools that are opened in the block have their pieces done by a Dask cluster.

    Args:
        address: of its scheduler, as ``tcp://10.0.0.1:8786``; empty for this machine.
    """
    before = _cluster.set(address)
    try:
        yield
    finally:
        _cluster.reset(before)


def results(
    work: Callable[..., Result],
    pieces: Iterable[Sequence[Any]],
    task: str,
    workers: int | None = None,
    tries: int = TRIES,
) -> Iterator[Result]:
    """Yield the result of ``work(*piece)`` for each piece, in their order; few are under way at once.

    Args:
        work: a function of a module.
        pieces: the arguments of each.
        task: what they do, as errors say it: ``the process of <task> ended``.
        workers: how many processes on this machine; by default one a core. One piece alone, and all pieces where
            there is one worker, are done in this process.
        tries: how often a piece may lose its process on this machine.

    Raises:
        WorkerLostError: a piece lost its process too often.
        LstmAsciiError: a piece raised it, or the cluster is not there.
    """
    waiting = iter(pieces)
    first = list(islice(waiting, 2))
    workers = cores() if workers is None else workers
    if not _cluster.get() and (len(first) < 2 or workers < 2):
        yield from (perform(work, tuple(piece)) for piece in chain(first, waiting))
        return
    with Pool(workers, task, tries) as pool:
        yield from pool.in_order(work, chain(first, waiting))


class Pool:
    """Where pieces are done at a time; to be used in a ``with`` block, at whose end all of them are over.

    In the block SIGTERM and SIGHUP raise ``KeyboardInterrupt``, as Ctrl-C does.
    """

    def __init__(self, workers: int, task: str, tries: int = TRIES) -> None:
        """Choose the place: at most ``workers`` processes of this machine, or the cluster of :func:`on_cluster`.

        Args:
            workers: how many, at least 1.
            task: what they do, as errors say it: ``the process of <task> ended``.
            tries: how often a piece may lose its process on this machine.
        """
        self._task = task
        self._places = _places(workers, task, tries)
        self._pieces: dict[int, Piece[Any]] = {}  # that have not ended, by number
        self._next = 0
        self._signals = ExitStack()

    def __enter__(self) -> Pool:
        self._signals.enter_context(ends_like_ctrl_c())
        try:
            self._places.open()
        except BaseException:
            self._signals.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End all that is still done; it is lost."""
        with self._signals, interrupted_after():
            self._places.close()

    @property
    def is_elsewhere(self) -> bool:
        """Whether pieces are done by other machines, which may have other files."""
        return bool(_cluster.get())

    @property
    def at_once(self) -> int:
        """How many pieces are done at a time."""
        return self._places.at_once

    def submit(self, work: Callable[..., Result], *arguments: Any, listener: Listener | None = None) -> Piece[Result]:
        """Have ``work(*arguments)`` done.

        Args:
            work: a function of a module.
            arguments: what can be pickled; of :class:`~lstm_ascii.work.Shared` the work gets the value.
            listener: is called, in this thread and during :meth:`wait`, with what the work tells by :func:`tell`.

        Raises:
            LstmAsciiError: no process can be started.
        """
        piece = Piece(self._next, work, arguments, listener)
        self._next += 1
        with interrupted_after():
            self._pieces[piece.number] = piece
            self._places.begin(piece)
        return piece

    def has_ended(self, piece: Piece[Any]) -> bool:
        """Tell whether a result, or what went wrong, is there."""
        return piece.outcome is not None

    def wait(self, timeout: float = _TICK) -> None:
        """Wait until a piece tells something or has ended, and call the listeners.

        Raises:
            LstmAsciiError: the cluster is gone.
        """
        self._places.wait(timeout)
        with interrupted_after():
            for kind, number, value in self._places.events():
                piece = self._pieces.get(number)  # of what has ended nothing is heard any more
                if piece is None:
                    continue
                if kind != TOLD:
                    del self._pieces[number]
                    piece.outcome = (kind == DONE, value)
                elif piece.listener:
                    piece.listener(value)

    def result(self, piece: Piece[Result]) -> Result:
        """Wait for a result and return it.

        Raises:
            WorkerLostError: it lost its process too often.
            LstmAsciiError: the work raised it, or needs more memory than there is; or the cluster is gone.
        """
        while piece.outcome is None:
            self.wait()
        went_well, value = piece.outcome
        if went_well:
            return cast("Result", value)
        if isinstance(value, MemoryError):
            raise LstmAsciiError(f"{self._task}: the memory of this machine is too small") from value
        raise value

    def in_order(self, work: Callable[..., Result], pieces: Iterable[Sequence[Any]]) -> Iterator[Result]:
        """Yield the result of ``work(*piece)`` for each piece, in their order; few are under way at once."""
        waiting = iter(pieces)
        running = deque[Piece[Result]]()
        while True:
            room = max(0, self._places.ahead * self.at_once - len(running))
            running.extend(self.submit(work, *piece) for piece in islice(waiting, room))
            if not running:
                return
            yield self.result(running.popleft())

    def stop(self, patience: float) -> None:
        """Ask all work to end where it can, see :func:`stopping`, and wait for that, at most ``patience`` seconds."""
        until = time.monotonic() + patience
        with interrupted_after():
            self._places.ask_to_stop()
        while self._pieces and time.monotonic() < until:
            self.wait()


def _places(workers: int, task: str, tries: int) -> Places:
    """Return where pieces are done."""
    if address := _cluster.get():
        from lstm_ascii.cluster import Cluster

        return Cluster(address, task)
    from lstm_ascii.local_workers import LocalWorkers

    return LocalWorkers(workers, task, tries)
