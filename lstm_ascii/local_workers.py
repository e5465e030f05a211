"""Worker processes on this machine: the standard library's process pool, replaced when one of its processes dies.

How processes end:

- Each worker has a line (a two-way pipe) to its parent. When the parent ends, for whatever reason, the line closes; a
  thread of the worker notices that, even during a long NumPy call, and ends the process.
- SIGINT, SIGTERM and SIGHUP often go to the whole process group. Workers ignore them: the parent decides.
- A worker that dies breaks the standard library's pool. All workers are then ended, a new pool is made, and all pieces
  that had not ended are begun again; a piece whose worker dies too often has failed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, cast

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.work import DONE, FAILED, LINE, TOLD, Event, News, Piece, Result, WorkerLostError, perform

GRACE = 2.0  # seconds that a worker has to save its work after its parent has ended
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_GROUP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_REAPED_WITHIN = 2.0  # seconds from the end of a worker's line to its exit code
_BEGUN, _ENDED = "begun", "ended"

# -- in the parent ----------------------------------------------------------------------------------


class LocalWorkers:
    """Worker processes with one BLAS thread each, started on demand."""

    def __init__(self, workers: int, task: str, tries: int) -> None:
        """Prepare at most ``workers`` processes; ``task`` names the work in errors, ``tries`` is for each piece."""
        self.at_once, self.ahead = workers, 3
        self._task, self._tries = task, tries
        self._pieces: dict[int, Piece[Any]] = {}  # that have not ended, by number
        self._begun: dict[Connection, int] = {}  # the piece that each busy worker has
        self._stops = False
        self._idle_losses = 0
        self._news = News()

    def open(self) -> None:
        """Make the first pool."""
        self._renewed()

    def begin(self, piece: Piece[Any]) -> None:
        """Submit a piece to the pool.

        Raises:
            LstmAsciiError: no process can be started.
        """
        self._pieces[piece.number] = piece
        try:
            with suppress(BrokenProcessPool):  # then it is begun by the next pool
                future = self._executor.submit(_do, piece.number, piece.work, piece.arguments)
                future.add_done_callback(partial(self._come, piece.number))
        except OSError as error:
            raise LstmAsciiError(f"can't start a process for {self._task}: {error.strerror or error}") from error

    def wait(self, timeout: float) -> None:
        """Wait until a worker sends a message, finishes its piece, or dies."""
        self._ready(timeout)

    def events(self) -> Iterator[Event]:
        """Yield messages and results of the workers; if one has died, begin the unfinished pieces again."""
        lost: Connection | None = None
        for line in self._ready(0):
            if line is self._news.reader:
                continue
            try:
                yield from self._heard(line, line.recv())
            except (EOFError, OSError):
                lost = line
        ends = list(self._ended_pieces())
        yield from filter(None, ends)
        if lost or None in ends:
            yield from self._begun_again(lost)

    def ask_to_stop(self) -> None:
        """Ask all pieces to stop early."""
        self._stops = True
        for line in self._context.workers:
            with suppress(OSError):  # the worker has ended
                line.send(None)

    def close(self) -> None:
        """End all workers; unfinished work is lost."""
        self._end()
        self._news.close()

    def _renewed(self) -> None:
        """Make a pool without workers."""
        self._context = _Context()
        self._executor = ProcessPoolExecutor(self.at_once, mp_context=self._context)
        self._begun = {}

    def _end(self) -> None:
        """Kill every worker that was started."""
        for worker in self._context.workers.values():
            if worker.pid is not None and worker.exitcode is None:
                worker.kill()
        self._executor.shutdown(wait=True)
        for line in self._context.workers:
            line.close()

    def _ready(self, timeout: float) -> list[Connection]:
        """Wait for lines with something to read, and return them."""
        lines = [line for line in self._context.workers if not line.closed]
        return cast("list[Connection]", wait([*lines, self._news.reader], timeout))

    def _heard(self, line: Connection, message: Any) -> Iterator[Event]:
        """Handle one message of a worker."""
        kind, number, value = message
        if kind == _BEGUN:
            self._begun[line] = number
        elif kind == _ENDED:
            self._begun.pop(line, None)
        else:
            yield TOLD, number, value

    def _ended_pieces(self) -> Iterator[Event | None]:
        """Yield the events of finished pieces; ``None`` if the whole pool is broken."""
        for number, error, value in self._news.take():
            if isinstance(error, BrokenProcessPool):
                yield None
            elif self._pieces.pop(number, None):
                self._idle_losses = 0
                yield (FAILED, number, error) if error else (DONE, number, value)

    def _begun_again(self, closed: Connection | None) -> Iterator[Event]:
        """Count the loss of a worker, replace the pool, and begin all unfinished pieces again, up to so many tries."""
        lost, status = self._dead(closed)
        for line in self._context.workers:
            with suppress(EOFError, OSError):
                while line.poll():
                    yield from self._heard(line, line.recv())
        number = self._begun.get(lost) if lost else None
        self._end()
        yield from filter(None, self._ended_pieces())
        piece = self._pieces.get(-1 if number is None else number)
        if piece:
            piece.losses += 1
        else:
            self._idle_losses += 1
        given_up = [piece] if piece and piece.losses >= self._tries else []
        if self._stops or self._idle_losses >= self._tries:
            given_up = list(self._pieces.values())
        for one in given_up:
            del self._pieces[one.number]
            yield FAILED, one.number, WorkerLostError(self._task, status, self._tries)
        self._renewed()
        for one in list(self._pieces.values()):
            self.begin(one)

    def _dead(self, line: Connection | None) -> tuple[Connection | None, int | None]:
        """Return the line of the worker that died (the given one, else the first dead one), and its exit code."""
        until = time.monotonic() + _REAPED_WITHIN
        while time.monotonic() < until:
            for suspect in [line] if line else list(self._context.workers):
                status = self._context.workers[suspect].exitcode
                if status is not None:
                    return suspect, status
            time.sleep(0.01)
        return line, None

    def _come(self, number: int, future: Future[Any]) -> None:
        """Pass on the result of a piece; called by a thread of the pool.

        So the main thread need not ask the future, whose lock an interrupt could leave locked.
        """
        error = future.exception()
        self._news.put((number, error, None if error else future.result()))


class _Context(SpawnContext):
    """The multiprocessing context that makes the workers, and knows them by their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.workers: dict[Connection, _Worker] = {}

    def Process(self, *arguments: Any, **settings: Any) -> _Worker:  # type: ignore[override]  # noqa: N802 - its name
        """Make a worker and its line."""
        ours, theirs = multiprocessing.Pipe()
        worker = _Worker(theirs, *arguments, **settings)
        self.workers[ours] = worker
        return worker


@contextmanager
def _worker_environment() -> Iterator[None]:
    """What is started here computes with one thread and hears no signal, not even while it loads."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    resource_tracker.ensure_running()  # it would lift the mask if it were started below
    masks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _group_signals()) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _group_signals() -> list[signal.Signals]:
    """Return the signals that a terminal or a scheduler sends to all processes of a group."""
    return [getattr(signal, name) for name in _GROUP_SIGNALS if hasattr(signal, name)]


# -- in a worker ------------------------------------------------------------------------------------


class _ToParent:
    """A worker's line to the parent, and the piece that it runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._piece = 0
        self.stop = threading.Event()

    def begins(self, number: int) -> None:
        self._piece = number
        self._connection.send((_BEGUN, number, None))

    def ends(self) -> None:
        self._connection.send((_ENDED, self._piece, None))

    def tell(self, message: Any) -> None:
        self._connection.send((TOLD, self._piece, message))

    def stopping(self) -> bool:
        return self.stop.is_set()


class _Worker(SpawnProcess):
    """A worker process, with its line to the parent."""

    def __init__(self, line: Connection, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._line = line

    def start(self) -> None:
        """Start the process, and close the worker's end of the line in the parent."""
        with _worker_environment():
            super().start()
        self._line.close()

    def run(self) -> None:
        """Run in the worker's process until the pool ends."""
        for number in _group_signals():
            signal.signal(number, signal.SIG_IGN)
        to_parent = _ToParent(self._line)
        LINE.set(to_parent)
        threading.Thread(target=_watch_parent, args=(self._line, to_parent.stop), daemon=True).start()
        with suppress(OSError):  # the parent has ended
            super().run()


def _do(number: int, work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    """Run one piece of work, and report its beginning and its end."""
    to_parent = cast("_ToParent", LINE.get())
    to_parent.begins(number)
    try:
        return perform(work, arguments)
    finally:
        to_parent.ends()


def _watch_parent(line: Connection, stop: threading.Event) -> None:
    """Pass on a request to stop early; when the parent has ended, end the process after :data:`GRACE`."""
    with suppress(EOFError, OSError):
        while True:
            line.recv()
            stop.set()
    stop.set()
    time.sleep(GRACE)
    os._exit(1)
