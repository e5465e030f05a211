"""Worker processes: the one place where they are started, watched and ended.

A piece of work is a function of a module and its arguments, all of which can be pickled. Its result depends on its
arguments alone, so the results are the same whatever the number of workers, and wherever they run.

What ends how:

- Each worker has a line (a two-way pipe) to its parent. When the parent is gone, whatever ended it, the line closes;
  a thread of the worker sees that, also during a long NumPy call, and ends the process.
- SIGINT, SIGTERM and SIGHUP often go to the whole group. Workers ignore them: the parent decides.
- A worker that ends before its work is done raises :class:`WorkerLostError` in the parent, which then ends the others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeVar, cast

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.interrupts import ends_like_ctrl_c, interrupted_after

Result = TypeVar("Result")
Listener = Callable[[Any], None]

GRACE = 2.0  # seconds that a worker has to save what it has, once its parent is gone
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_GROUP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_AHEAD = 3  # pieces a worker that are under way: more would only wait in memory
_TICK = 0.25  # seconds; longest wait for what wakes nobody
_REAPED_WITHIN = 2.0  # seconds from the end of a worker's line to its exit code
_BEGUN, _ENDED, _MESSAGE = "begun", "ended", "message"


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerLostError(LstmAsciiError):
    """A worker process ended before its work was done.

    Attributes:
        exit_status: of the process; below 0 the number of the signal that ended it, ``None`` where it is unknown.
        future: of the work that it had or was to have next; ``None`` if there was none.
    """

    def __init__(self, task: str, exit_status: int | None, future: Future[Any] | None = None) -> None:
        """Say how the process of ``task`` ended."""
        super().__init__(f"the process of {task} {ending(exit_status)}")
        self.exit_status, self.future = exit_status, future


def ending(exit_status: int | None, when: str = "") -> str:
    """Say how a process ended, ``when`` where that is known, and the likely reason."""
    code = "code unknown" if exit_status is None else f"code {exit_status}"
    reason = "perhaps the memory was too small"
    if exit_status is not None and exit_status < 0:
        with suppress(ValueError):
            code = signal.Signals(-exit_status).name
        if code == "SIGBUS":
            reason = "perhaps a file was cut off while it was read"
    return f"{f'ended {when}'.rstrip()} ({code}); {reason}"


# -- in the parent ----------------------------------------------------------------------------------


class Pool:
    """Worker processes, with one thread each; to be used in a ``with`` block, at whose end they are gone.

    In the block SIGTERM and SIGHUP raise ``KeyboardInterrupt``, as Ctrl-C does.
    """

    def __init__(self, workers: int, task: str) -> None:
        """Prepare at most ``workers`` processes; each starts when there is work for it.

        Args:
            workers: how many, at least 1.
            task: what they do, as errors say it: ``the process of <task> ended``.
        """
        self._task = task
        self._context = _Context()
        self._executor = ProcessPoolExecutor(workers, mp_context=self._context)
        self._at_once = _AHEAD * workers
        self._pieces: dict[int, Future[Any]] = {}  # that have not ended, by number
        self._listeners: dict[int, Listener] = {}
        self._begun: dict[Connection, int] = {}  # the piece that each busy worker has
        self._ended: set[Future[Any]] = set()  # whose results are there and were not asked for yet
        self._next = 0
        self._woken, self._wake = multiprocessing.Pipe(duplex=False)
        self._signals = ExitStack()

    def __enter__(self) -> Pool:
        self._signals.enter_context(ends_like_ctrl_c())
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers; what they still do is lost."""
        with self._signals, interrupted_after():
            self._kill()
            self._executor.shutdown(wait=True)
            for line in (*self._context.workers, self._woken, self._wake):
                line.close()

    def submit(self, work: Callable[..., Result], *arguments: Any, listener: Listener | None = None) -> Future[Result]:
        """Have ``work(*arguments)`` done by a worker.

        Args:
            work: a function of a module.
            arguments: what can be pickled.
            listener: is called, in this thread and during :meth:`wait`, with what the work tells by :func:`tell`.

        Raises:
            LstmAsciiError: a worker was lost, or none can be started.
        """
        number, self._next = self._next, self._next + 1
        try:
            with interrupted_after():
                future = self._executor.submit(_do, number, work, *arguments)
                self._pieces[number] = future
                if listener:
                    self._listeners[number] = listener
                future.add_done_callback(self._come)
        except BrokenProcessPool:
            raise self._lost() from None
        except OSError as error:
            raise LstmAsciiError(f"can't start a process for {self._task}: {error.strerror or error}") from error
        return future

    def has_ended(self, future: Future[Any]) -> bool:
        """Tell whether a result, or what went wrong, is there; without the future's lock, see :meth:`_come`."""
        return future in self._ended

    def wait(self, timeout: float = _TICK) -> None:
        """Wait until a worker tells something or a result is there, and call the listeners.

        Raises:
            WorkerLostError: a worker ended before its work was done.
        """
        lines = [line for line in self._context.workers if not line.closed]
        for line in cast("list[Connection]", wait([*lines, self._woken], timeout)):
            try:
                self._hear(line, line.recv())
            except (EOFError, OSError):
                raise self._lost(line) from None

    def result(self, future: Future[Result]) -> Result:
        """Wait for a result and return it; to be asked once for each.

        Raises:
            WorkerLostError: a worker ended before its work was done.
            LstmAsciiError: the work raised it, or needs more memory than there is.
        """
        while not self.has_ended(future):
            self.wait()
        try:
            with interrupted_after():
                result = future.result()
            self._ended.discard(future)
            self._forget(future)  # what it told and was not heard yet is older than its result
            return result
        except BrokenProcessPool:
            raise self._lost() from None
        except MemoryError as error:
            raise LstmAsciiError(f"{self._task}: the memory of this machine is too small") from error

    def in_order(self, work: Callable[..., Result], pieces: Iterable[Sequence[Any]]) -> Iterator[Result]:
        """Yield the result of ``work(*piece)`` for each piece, in their order; few are under way at once."""
        waiting = iter(pieces)
        running = deque(self.submit(work, *piece) for piece in islice(waiting, self._at_once))
        while running:
            yield self.result(running.popleft())
            running.extend(self.submit(work, *piece) for piece in islice(waiting, 1))

    def as_completed(
        self, work: Callable[..., Result], pieces: Sequence[Sequence[Any]]
    ) -> Iterator[tuple[int, Result]]:
        """Yield the number of each piece and its result, as they come."""
        running = {self.submit(work, *piece): number for number, piece in enumerate(pieces)}
        while running:
            for future in [future for future in running if self.has_ended(future)]:
                yield running.pop(future), self.result(future)
            if running:
                self.wait()

    def stop(self, patience: float) -> None:
        """Ask all work to end where it can, see :func:`stopping`, and wait for that, at most ``patience`` seconds."""
        until = time.monotonic() + patience
        for line in self._context.workers:
            with suppress(OSError):  # a worker that is gone needs no word
                line.send(None)
        while self._pieces and time.monotonic() < until:
            try:
                self.wait()
            except WorkerLostError as error:
                self._forget(error.future)
            if all(line.closed for line in self._context.workers):
                return

    def _hear(self, line: Connection, message: Any) -> None:
        """Take in one message of a worker, or of the thread that brings the results."""
        if line is self._woken:
            return
        kind, number, value = message
        if kind == _BEGUN:
            self._begun[line] = number
        elif kind == _ENDED:
            self._begun.pop(line, None)
            self._forget(self._pieces.get(number))
        elif number in self._listeners:
            self._listeners[number](value)

    def _forget(self, future: Future[Any] | None) -> None:
        """Listen no longer to a piece that has ended."""
        for number in [number for number, piece in self._pieces.items() if piece is future]:
            del self._pieces[number]
            self._listeners.pop(number, None)

    def _lost(self, line: Connection | None = None) -> WorkerLostError:
        """Return the error of the worker whose line has closed, or else of the first that has ended."""
        until = time.monotonic() + _REAPED_WITHIN
        while True:
            suspects = [line] if line else [one for one in self._context.workers if not one.closed]
            for suspect in suspects:
                status = self._context.workers[suspect].exitcode
                if status is not None or (line and time.monotonic() > until):
                    future = self._piece_of(suspect)
                    suspect.close()
                    return WorkerLostError(self._task, status, future)
            if time.monotonic() > until:
                return WorkerLostError(self._task, None)
            time.sleep(0.01)

    def _piece_of(self, line: Connection) -> Future[Any] | None:
        """Take away and return the work of a worker that is gone: what it had begun, or the next that nobody has."""
        number = self._begun.pop(line, None)
        if number is None:
            number = min(self._pieces.keys() - self._begun.values(), default=None)
        return None if number is None else self._pieces.get(number)

    def _come(self, future: Future[Any]) -> None:
        """Note that a result is there and end a :meth:`wait`; called by the thread that brings the results.

        So the main thread need not ask the future, whose lock an interrupt could leave held.
        """
        self._ended.add(future)
        with suppress(OSError):  # the pool is closed
            self._wake.send(None)

    def _kill(self) -> None:
        """Kill every worker that was started."""
        for worker in self._context.workers.values():
            if worker.pid is not None and worker.exitcode is None:
                worker.kill()


class _Context(SpawnContext):
    """Makes the workers, and keeps them by their lines."""

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


class _Parent:
    """What a worker knows of its parent; in any other process there is none."""

    line: Connection | None = None
    piece = 0  # number of the work at hand
    stop = threading.Event()


class _Worker(SpawnProcess):
    """A process of the pool, with its line to the parent."""

    def __init__(self, line: Connection, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._line = line

    def start(self) -> None:
        """Start it; from then on the other end of the line is its own."""
        with _worker_environment():
            super().start()
        self._line.close()

    def run(self) -> None:
        """Work until the pool ends, in the worker's process."""
        for number in _group_signals():
            signal.signal(number, signal.SIG_IGN)
        _Parent.line = self._line
        threading.Thread(target=_watch_parent, args=(self._line,), daemon=True).start()
        with suppress(OSError):  # nobody listens any more
            super().run()


def tell(message: object) -> None:
    """Send how far the work is to the one who submitted it; nothing happens outside of a worker."""
    if _Parent.line is not None:
        _Parent.line.send((_MESSAGE, _Parent.piece, message))


def stopping() -> bool:
    """Tell whether the work at hand shall end where it can, as the pool or the parent ends."""
    return _Parent.stop.is_set()


def _do(number: int, work: Callable[..., Result], *arguments: Any) -> Result:
    """Do one piece of work, and say when it begins and ends."""
    line = cast("Connection", _Parent.line)
    _Parent.piece = number
    line.send((_BEGUN, number, None))
    try:
        return work(*arguments)
    finally:
        line.send((_ENDED, number, None))


def _watch_parent(line: Connection) -> None:
    """Wait for the word that the work shall stop, or for the end of the parent, and end the process then."""
    with suppress(EOFError, OSError):
        while True:
            line.recv()
            _Parent.stop.set()
    _Parent.stop.set()
    time.sleep(GRACE)
    os._exit(1)
