"""Pieces done by a Dask cluster, whose workers need this package and no more.

What goes which way:

- A task is a few hundred bytes: a function's name, places in files. Only these go through the scheduler.
- What is large (a network, rows of a table) goes from here to a worker directly, and results come from there directly.
- A worker that dies is the scheduler's business, which gives its tasks to others; what it alone had is sent again.
- When this program ends, however it ends, the scheduler forgets its tasks. One that asks :func:`~work.stopping` ends.
"""

from __future__ import annotations

import logging
import pickle
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing.connection import wait
from threading import Lock
from typing import Any, cast
from uuid import uuid4

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.work import (
    DONE,
    FAILED,
    LINE,
    TOLD,
    TRIES,
    Event,
    News,
    Piece,
    Result,
    Shared,
    WorkerLostError,
    perform,
)

CONNECTS_WITHIN, WORKERS_WITHIN = 15.0, 60.0  # seconds until the scheduler answers, and until it has a worker
_LARGE = 1 << 14  # bytes of an argument that goes to a worker directly
_COUNTED_EVERY = 5.0  # seconds from one count of the workers to the next
_LOGS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "distributed.worker",
         "distributed.scheduler", "tornado.application", "asyncio")  # fmt: skip
_LOST = "lost"  # what befell a piece whose data went with a worker


class Cluster:
    """The workers of a Dask scheduler."""

    def __init__(self, address: str, task: str) -> None:
        """Prepare to have ``task`` done, as errors say it, by the workers of the scheduler at ``address``."""
        self.at_once, self.ahead = 1, 8
        self._address, self._task = address, task
        self._pieces: dict[int, Piece[Any]] = {}  # that have not ended, by number
        self._futures: dict[int, Any] = {}  # of Dask
        self._shared: dict[Shared[Any], Any] = {}
        self._stops = self._closes = False
        self._news, self._bringing = News(), Lock()
        self._topic = f"lstm-ascii-{uuid4().hex}"
        self._counted_at = 0.0
        self._quiet = ExitStack()

    def open(self) -> None:
        """Connect, and see that there is a worker with this package.

        Raises:
            LstmAsciiError: ``distributed`` is not installed, nobody answers, or no worker has this package.
        """
        try:
            from distributed import Client
        except ImportError as error:
            raise LstmAsciiError(
                "a cluster needs the packages distributed and fsspec; pip install 'lstm-ascii[cluster]' installs them"
            ) from error
        self._quiet.enter_context(_without_logs())
        try:
            _knock(self._address)
            self._client: Any = cast("Any", Client)(
                self._address, timeout=CONNECTS_WITHIN, set_as_default=False, direct_to_workers=True
            )
        except (OSError, ValueError, TypeError) as error:  # a time-out is an OSError
            self._quiet.close()
            raise LstmAsciiError(f"no scheduler answers at {self._address}; start one with: dask scheduler") from error
        try:
            self._meet()
        except BaseException:
            self.close()
            raise

    def begin(self, piece: Piece[Any]) -> None:
        """Give a piece to the scheduler."""
        self._pieces[piece.number] = piece
        with self._reaching():
            arguments = [self._sent(argument) for argument in piece.arguments]
            future = self._client.submit(
                do_there, self._topic, piece.number, piece.work, *arguments,
                key=f"{piece.work.__name__.strip('_')}-{self._topic}-{piece.number}-{piece.losses}", pure=False,
            )  # fmt: skip
            self._futures[piece.number] = future
            future.add_done_callback(partial(self._come, piece.number))

    def wait(self, timeout: float) -> None:
        """Wait for the end of a piece, or for what it tells."""
        wait([self._news.reader], timeout)

    def events(self) -> Iterator[Event]:
        """Yield what was brought; begin again what was lost with a worker.

        Raises:
            LstmAsciiError: the scheduler is gone.
        """
        for kind, number, value in self._news.take():
            if kind == TOLD:
                yield kind, number, value
            elif kind == _LOST and number in self._pieces:
                self._check()
                yield from self._begun_again(self._pieces[number])
            elif self._pieces.pop(number, None):
                self._futures.pop(number)
                yield kind, number, value
        self._check()
        if time.monotonic() - self._counted_at > _COUNTED_EVERY:
            self._count()

    def ask_to_stop(self) -> None:
        """Tell all workers; the pieces that run there ask now and then."""
        self._stops = True
        with suppress(Exception):
            self._client.run(stop_there, self._topic, on_error="ignore")

    def close(self) -> None:
        """Let the scheduler forget what is still done, and leave."""
        self._closes = True
        with suppress(Exception):
            if self._client.status == "running":
                self._client.cancel([*self._futures.values(), *self._shared.values()], force=True)
        self._futures, self._shared = {}, {}
        with suppress(Exception):
            self._client.close(timeout=CONNECTS_WITHIN if self._client.status == "running" else 0.1)
        self._news.close()
        self._quiet.close()

    def _meet(self) -> None:
        """Wait for a worker, and see that all there are have this version."""
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_WITHIN)
            found = self._client.run(version_there, on_error="return")
        except OSError as error:
            raise LstmAsciiError(f"the scheduler at {self._address} has no workers; start some with: dask worker "
                                 f"{self._address} --nthreads 1") from error  # fmt: skip
        for address, version in found.items():
            if version != version_there():
                has = f"lstm-ascii {version}" if isinstance(version, str) else f"no lstm-ascii ({version})"
                raise LstmAsciiError(
                    f"the worker {address} has {has}, but here is {version_there()}; install that there"
                )
        self._client.subscribe_topic(self._topic, self._hear)
        self._count()

    def _count(self) -> None:
        """Count the threads of the workers: so many pieces are done at a time."""
        self._counted_at = time.monotonic()
        with self._reaching():
            self.at_once = max(1, sum(self._client.nthreads().values()))

    def _sent(self, argument: Any) -> Any:
        """Return what stands for an argument: what is shared or large is at the workers before the task is."""
        if isinstance(argument, Shared):
            if argument not in self._shared or self._shared[argument].status != "finished":
                self._shared[argument] = self._client.scatter(argument.value(), broadcast=True, hash=False)
            return self._shared[argument]
        if len(pickle.dumps(argument)) > _LARGE:
            return self._client.scatter([argument], hash=False)[0]
        return argument

    def _begun_again(self, piece: Piece[Any]) -> Iterator[Event]:
        """Count a loss, and begin the piece anew unless there were too many."""
        piece.losses += 1
        if piece.losses < TRIES and not self._stops:
            self.begin(piece)
            return
        del self._pieces[piece.number]
        yield FAILED, piece.number, WorkerLostError(self._task, None)

    def _check(self) -> None:
        """Refuse to go on without a scheduler."""
        if self._client.status != "running" and not self._closes:
            raise self._gone()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Say in one line that the scheduler can't be reached in the block."""
        try:
            yield
        except OSError as error:
            raise self._gone() from error

    def _gone(self) -> LstmAsciiError:
        return LstmAsciiError(f"the scheduler at {self._address} is gone; what was finished is kept")

    # -- called by threads of Dask

    def _come(self, number: int, future: Any) -> None:
        """Bring the end of a piece, its result fetched."""
        from distributed.scheduler import KilledWorker

        if self._closes:
            return
        status = future.status
        if status == "finished":
            try:
                self._put((DONE, number, future.result()))
            except Exception:  # the worker that had it is gone
                self._put((_LOST, number, None))
        elif status == "error":
            error = future.exception()
            lost = isinstance(error, KilledWorker)
            self._put((FAILED, number, WorkerLostError(self._task, None) if lost else _spoken(error)))
        else:
            self._put((_LOST, number, None))

    def _hear(self, event: tuple[float, tuple[int, bytes]]) -> None:
        """Bring what a piece tells."""
        number, message = event[1]
        self._put((TOLD, number, pickle.loads(message)))  # noqa: S301 - of our own workers

    def _put(self, item: Event) -> None:
        with self._bringing:
            self._news.put(item)


def _spoken(error: BaseException | None) -> BaseException:
    """Return the error of a piece as one of ours; without a name for it, what it is."""
    if isinstance(error, LstmAsciiError) and "No such file" in error.message:
        return type(error)(f"{error.message}; a worker of the cluster looked for it, so it has to be there, too")
    if isinstance(error, LstmAsciiError | MemoryError):
        return error
    return LstmAsciiError(f"a worker of the cluster failed: {type(error).__name__}: {error}")


def _knock(address: str) -> None:
    """See that somebody listens at an address: a client of Dask that finds nobody is not easily got rid of.

    Raises:
        OSError: nobody does.
        ValueError: it is no address.
    """
    scheme, _, place = address.rpartition("://")
    host, _, port = place.rpartition(":")
    if scheme in ("", "tcp", "tls"):
        socket.create_connection((host.strip("[]"), int(port)), CONNECTS_WITHIN).close()


@contextmanager
def _without_logs() -> Iterator[None]:
    """Keep the libraries from writing to standard error what is told in one line here."""
    loggers = [logging.getLogger(name) for name in _LOGS]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


# -- in a worker ------------------------------------------------------------------------------------


_stopped: set[str] = set()  # topics of the programs that want no more


class _ToClient:
    """What a piece has to the program that handed it in."""

    def __init__(self, topic: str, number: int) -> None:
        from distributed import get_worker

        self._worker = get_worker()
        self._key = self._worker.get_current_task()
        self._topic, self._number = topic, number

    def tell(self, message: Any) -> None:
        self._worker.log_event(self._topic, (self._number, pickle.dumps(message)))

    def stopping(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        return self._topic in _stopped or task is None or task.state == "cancelled"


def do_there(topic: str, number: int, work: Callable[..., Result], *arguments: Any) -> Result:
    """Do one piece of work on a worker."""
    before = LINE.set(_ToClient(topic, number))
    try:
        return perform(work, arguments)
    finally:
        LINE.reset(before)


def stop_there(topic: str) -> None:
    """Let the pieces of a program that are done on a worker end where they can."""
    _stopped.add(topic)


def version_there() -> str:
    """Return the version of this package on a worker."""
    return str(vars(sys.modules["lstm_ascii"])["__version__"])
