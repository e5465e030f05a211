"""Parallel work in independent pieces, on all cores of this machine or on a cluster.

A piece of work is a module-level function and its arguments, all of which can be pickled. Its result depends on its
arguments only, and results are combined in the order of the pieces: so they are the same bit for bit for any number of
workers, wherever they run. A process that dies is replaced, and its piece is repeated.
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

_TICK = 0.25  # seconds that a wait takes at most, for changes that cause no event
_cluster: ContextVar[str] = ContextVar("cluster", default="")


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def on_cluster(address: str) -> Iterator[None]:
    """Run the work of all pools that are opened in the block on a Dask cluster.

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
    """Yield the result of ``work(*piece)`` for each piece, in their order; only a few are submitted ahead.

    Args:
        work: a module-level function.
        pieces: the arguments of each call.
        task: the name of the work in errors: ``the process of <task> ended``.
        workers: the number of processes on this machine; by default one for each core. A single piece, and all pieces
            if there is one worker, run in this process.
        tries: how often a piece is tried if its process on this machine dies.

    Raises:
        WorkerLostError: the process of a piece died as often as it was tried.
        LstmAsciiError: a piece raised it, or the cluster can't be reached.
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
    """A pool of workers; to be used in a ``with`` block, whose end cancels all work that is left.

    In the block SIGTERM and SIGHUP raise ``KeyboardInterrupt``, as Ctrl-C does.
    """

    def __init__(self, workers: int, task: str, tries: int = TRIES) -> None:
        """Make a pool of processes on this machine, or of the workers of the cluster of :func:`on_cluster`.

        Args:
            workers: the number of processes on this machine, at least 1.
            task: the name of the work in errors: ``the process of <task> ended``.
            tries: how often a piece is tried if its process on this machine dies.
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
        """Cancel all work that has not ended."""
        with self._signals, interrupted_after():
            self._places.close()

    @property
    def is_elsewhere(self) -> bool:
        """Whether the work is done by other machines, which may have other files."""
        return bool(_cluster.get())

    @property
    def at_once(self) -> int:
        """The number of pieces that run at the same time."""
        return self._places.at_once

    def submit(self, work: Callable[..., Result], *arguments: Any, listener: Listener | None = None) -> Piece[Result]:
        """Submit ``work(*arguments)``.

        Args:
            work: a module-level function.
            arguments: can all be pickled; a :class:`~lstm_ascii.work.Shared` is replaced by its value.
            listener: called in this thread, during :meth:`wait`, with each message that the work sends by :func:`tell`.

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
        """Tell whether the piece has a result or an error."""
        return piece.outcome is not None

    def wait(self, timeout: float = _TICK) -> None:
        """Wait until a piece sends a message or ends, and call the listeners.

        Raises:
            LstmAsciiError: the cluster is lost.
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
        """Wait for the result of a piece and return it.

        Raises:
            WorkerLostError: its process died as often as it was tried.
            LstmAsciiError: the work raised it or ran out of memory, or the cluster is lost.
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
        """Yield the result of ``work(*piece)`` for each piece, in their order; only a few are submitted ahead."""
        waiting = iter(pieces)
        running = deque[Piece[Result]]()
        while True:
            room = max(0, self._places.ahead * self.at_once - len(running))
            running.extend(self.submit(work, *piece) for piece in islice(waiting, room))
            if not running:
                return
            yield self.result(running.popleft())

    def stop(self, patience: float) -> None:
        """Ask all work to stop early, see :func:`stopping`, and wait for that for at most ``patience`` seconds."""
        until = time.monotonic() + patience
        with interrupted_after():
            self._places.ask_to_stop()
        while self._pieces and time.monotonic() < until:
            self.wait()


def _places(workers: int, task: str, tries: int) -> Places:
    """Return the workers of the cluster, or local ones."""
    if address := _cluster.get():
        from lstm_ascii.cluster import Cluster

        return Cluster(address, task)
    from lstm_ascii.local_workers import LocalWorkers

    return LocalWorkers(workers, task, tries)
