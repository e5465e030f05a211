"""Work on a Dask cluster, whose workers need nothing but this package.

- A task is a few hundred bytes: the name of a function, positions in files. Only tasks go through the scheduler.
- Large arguments (a network, rows of a table) and results go directly between this process and the workers.
- If a worker dies, the scheduler gives its tasks to others; data that only it had is sent again.
- When this program ends, for whatever reason, the scheduler forgets its tasks; running ones see that by
  :func:`~lstm_ascii.work.stopping`.
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
_LARGE = 1 << 14  # bytes from which an argument is sent directly to a worker
_COUNTED_EVERY = 5.0  # seconds from one count of the workers to the next
_LOGS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "distributed.worker",
         "distributed.scheduler", "tornado.application", "asyncio")  # fmt: skip
_LOST = "lost"  # the event of a piece whose data were lost with a worker


class Cluster:
    """The workers of a Dask scheduler."""

    def __init__(self, address: str, task: str) -> None:
        """Prepare to use the scheduler at ``address``; ``task`` names the work in errors."""
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
        """Connect, and check that all workers have this version of the package.

        Raises:
            LstmAsciiError: ``distributed`` is not installed, no scheduler answers, it has no workers, or one of them
                lacks this version.
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
        """Submit a piece to the scheduler."""
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
        """Wait until a piece ends or sends a message."""
        wait([self._news.reader], timeout)

    def events(self) -> Iterator[Event]:
        """Yield the events so far; pieces that were lost with a worker are begun again.

        Raises:
            LstmAsciiError: the scheduler is lost.
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
        """Tell all workers, whose running pieces check for it now and then."""
        self._stops = True
        with suppress(Exception):
            self._client.run(stop_there, self._topic, on_error="ignore")

    def close(self) -> None:
        """Cancel all tasks, and disconnect."""
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
        """Wait for a worker, and check that all workers have this version."""
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
        """Count the threads of the workers, which is the number of pieces that run at the same time."""
        self._counted_at = time.monotonic()
        with self._reaching():
            self.at_once = max(1, sum(self._client.nthreads().values()))

    def _sent(self, argument: Any) -> Any:
        """Return an argument for a task; shared and large ones are sent to the workers first, as futures."""
        if isinstance(argument, Shared):
            if argument not in self._shared or self._shared[argument].status != "finished":
                self._shared[argument] = self._client.scatter(argument.value(), broadcast=True, hash=False)
            return self._shared[argument]
        if len(pickle.dumps(argument)) > _LARGE:
            return self._client.scatter([argument], hash=False)[0]
        return argument

    def _begun_again(self, piece: Piece[Any]) -> Iterator[Event]:
        """Count a loss, and begin the piece again up to :data:`~lstm_ascii.work.TRIES` times."""
        piece.losses += 1
        if piece.losses < TRIES and not self._stops:
            self.begin(piece)
            return
        del self._pieces[piece.number]
        yield FAILED, piece.number, WorkerLostError(self._task, None)

    def _check(self) -> None:
        """Raise an error if the scheduler is lost."""
        if self._client.status != "running" and not self._closes:
            raise self._gone()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Replace errors of the connection in the block by one that says that the scheduler is lost."""
        try:
            yield
        except OSError as error:
            raise self._gone() from error

    def _gone(self) -> LstmAsciiError:
        return LstmAsciiError(f"the scheduler at {self._address} is gone; what was finished is kept")

    # -- called by threads of Dask

    def _come(self, number: int, future: Any) -> None:
        """Fetch the result or the error of a piece, and pass it to the main thread."""
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
        """Pass a message of a piece to the main thread."""
        number, message = event[1]
        self._put((TOLD, number, pickle.loads(message)))  # noqa: S301 - of our own workers

    def _put(self, item: Event) -> None:
        with self._bringing:
            self._news.put(item)


def _spoken(error: BaseException | None) -> BaseException:
    """Return the error of a piece as one of ours."""
    if isinstance(error, LstmAsciiError) and "No such file" in error.message:
        return type(error)(f"{error.message}; a worker of the cluster looked for it, so it has to be there, too")
    if isinstance(error, LstmAsciiError | MemoryError):
        return error
    return LstmAsciiError(f"a worker of the cluster failed: {type(error).__name__}: {error}")


def _knock(address: str) -> None:
    """Check that something listens at an address; without it Dask's client would retry for long, and is hard to stop.

    Raises:
        OSError: nothing does.
        ValueError: it is no address.
    """
    scheme, _, place = address.rpartition("://")
    host, _, port = place.rpartition(":")
    if scheme in ("", "tcp", "tls"):
        socket.create_connection((host.strip("[]"), int(port)), CONNECTS_WITHIN).close()


@contextmanager
def _without_logs() -> Iterator[None]:
    """Silence the loggers of the libraries, whose problems are reported in one line here."""
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
    """A piece's connection to the program that submitted it."""

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
    """Run one piece of work on a worker."""
    before = LINE.set(_ToClient(topic, number))
    try:
        return perform(work, arguments)
    finally:
        LINE.reset(before)


def stop_there(topic: str) -> None:
    """Ask the pieces of a program that run on this worker to stop early."""
    _stopped.add(topic)


def version_there() -> str:
    """Return the version of this package in this process; it is called on workers."""
    return str(vars(sys.modules["lstm_ascii"])["__version__"])
