"""Pieces of work, and their communication with the process that submitted them."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import field
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.records import dataclass

Result = TypeVar("Result")
Listener = Callable[[Any], None]

TRIES = 3  # of a piece whose process dies
TOLD, DONE, FAILED = "told", "done", "failed"
Event = tuple[str, int, Any]  # kind, number of the piece, and its message, result or error


class WorkerLostError(LstmAsciiError):
    """A process died before its work was done, as often as it was tried.

    Attributes:
        exit_status: of the process; negative for the number of a signal, ``None`` if unknown.
    """

    def __init__(self, task: str, exit_status: int | None, tries: int = TRIES) -> None:
        """Say how the process of ``task`` ended."""
        super().__init__(f"the process of {task} {ending(exit_status, tries=tries)}")
        self.exit_status = exit_status


def ending(exit_status: int | None, when: str = "", tries: int = TRIES) -> str:
    """Describe how a process ended, ``when`` if that is known, after how many tries, and the likely reason."""
    code = "code unknown" if exit_status is None else f"code {exit_status}"
    reason, often = "perhaps the memory was too small", f" {tries} times" if tries > 1 else ""
    if exit_status is not None and exit_status < 0:
        with suppress(ValueError):
            code = signal.Signals(-exit_status).name
        if code == "SIGBUS":
            reason = "perhaps a file was cut off while it was read"
    return f"ended{often}{f', last {when}' if when else ''} ({code}); {reason}"


class Piece(Generic[Result]):
    """A submitted call of a module-level function.

    Attributes:
        number: in the order of submission.
        work, arguments: the function and its arguments; all can be pickled.
        listener: called with each message of the work.
        losses: how many processes died while running it.
        outcome: ``None`` until it has ended; then whether it succeeded, and its result or error.
    """

    __slots__ = ("arguments", "listener", "losses", "number", "outcome", "work")

    def __init__(self, number: int, work: Callable[..., Result], arguments: tuple[Any, ...], listener: Listener | None):
        """Set what is to be called."""
        self.number, self.work, self.arguments, self.listener = number, work, arguments, listener
        self.losses = 0
        self.outcome: tuple[bool, Any] | None = None


@dataclass(frozen=True)
class Shared(Generic[Result]):
    """An argument that many pieces share: made once in each process of this machine, sent once to each other machine.

    Attributes:
        make: a module-level function that makes its value in another process of this machine.
        arguments: of ``make``; hashable.
        here: its value in this process, which is sent to other machines.
    """

    make: Callable[..., Result]
    arguments: tuple[Any, ...]
    here: Result | None = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle only the function that makes the value, and its arguments."""
        return Shared, (self.make, self.arguments)

    def value(self) -> Result:
        """Return the value; it is made at the first call in a process that doesn't have it."""
        value: Result = _made(self) if self.here is None else self.here
        return value


@lru_cache(4)
def _made(shared: Shared[Any]) -> Any:
    return shared.make(*shared.arguments)


def perform(work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    """Call ``work`` in this process."""
    return work(*(one.value() if isinstance(one, Shared) else one for one in arguments))


class Places(Protocol):
    """A set of workers. Only the thread that created it calls its methods, all but :meth:`wait` without interrupts."""

    @property
    def at_once(self) -> int:
        """The number of pieces that run at the same time."""
        ...

    @property
    def ahead(self) -> int:
        """How many times that number may be submitted at a time, so that workers never wait for the next piece."""
        ...

    def open(self) -> None:
        """Start; to be called once."""
        ...

    def begin(self, piece: Piece[Any]) -> None:
        """Submit a piece; its end is an event."""
        ...

    def wait(self, timeout: float) -> None:
        """Wait for an event, for at most ``timeout`` seconds; takes no lock and changes nothing."""
        ...

    def events(self) -> Iterator[Event]:
        """Yield all events since the last call."""
        ...

    def ask_to_stop(self) -> None:
        """Ask all pieces to stop early; none is tried again from now on."""
        ...

    def close(self) -> None:
        """Cancel all pieces and end the workers."""
        ...


class News:
    """A queue from other threads to the main thread, which takes no lock: an interrupt could leave it locked."""

    def __init__(self) -> None:
        """Begin empty."""
        self.reader, self._writer = multiprocessing.Pipe(duplex=False)
        self._items: deque[Any] = deque()
        self._is_signalled = False

    def put(self, item: Any) -> None:
        """Append an item; called by another thread."""
        self._items.append(item)
        if not self._is_signalled:
            self._is_signalled = True
            with suppress(OSError):  # nobody waits any more
                self._writer.send_bytes(b"!")

    def take(self) -> Iterator[Any]:
        """Yield and remove all items; called by the main thread."""
        if self.reader.poll():
            self.reader.recv_bytes()
        self._is_signalled = False
        while self._items:
            yield self._items.popleft()

    def close(self) -> None:
        """Close the pipe; no item can be put any more."""
        self.reader.close()
        self._writer.close()


# -- in the process that does the work ---------------------------------------------------------------


class Line(Protocol):
    """A piece's connection to the process that submitted it."""

    def tell(self, message: Any) -> None:
        """Send a message, such as the progress."""
        ...

    def stopping(self) -> bool:
        """Tell whether the piece should stop early."""
        ...


LINE: ContextVar[Line | None] = ContextVar("line", default=None)  # of the running piece; None outside of one


def tell(message: object) -> None:
    """Send a message of the running piece to the listener of whoever submitted it; does nothing outside of a piece."""
    if (line := LINE.get()) is not None:
        line.tell(message)


class UnwantedError(Exception):
    """The result of the running piece is not wanted any more."""


def end_if_unwanted(*_: object) -> None:
    """End the running piece if its result is not wanted any more; to be called about every second.

    Processes on this machine are killed instead; a worker of a cluster lives on, and can't be stopped in a running
    function.

    Raises:
        UnwantedError: the result is not wanted any more.
    """
    if stopping():
        raise UnwantedError


def stopping() -> bool:
    """Tell whether the running piece should stop early, because the process that submitted it ends or asked for it."""
    line = LINE.get()
    return line is not None and line.stopping()
