"""Pieces of work, and what a piece can say to the one who handed it in, wherever it is done."""

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

TRIES = 3  # so often a piece may lose the process that does it
TOLD, DONE, FAILED = "told", "done", "failed"
Event = tuple[str, int, Any]  # what happened, the number of the piece; what it told, gave or raised


class WorkerLostError(LstmAsciiError):
    """A process ended before its work was done, as often as that was tried.

    Attributes:
        exit_status: of the process; below 0 the number of the signal that ended it, ``None`` where it is unknown.
    """

    def __init__(self, task: str, exit_status: int | None, tries: int = TRIES) -> None:
        """Say how the process of ``task`` ended."""
        super().__init__(f"the process of {task} {ending(exit_status, tries=tries)}")
        self.exit_status = exit_status


def ending(exit_status: int | None, when: str = "", tries: int = TRIES) -> str:
    """Say how a process ended, ``when`` where that is known, after so many tries, and the likely reason."""
    code = "code unknown" if exit_status is None else f"code {exit_status}"
    reason, often = "perhaps the memory was too small", f" {tries} times" if tries > 1 else ""
    if exit_status is not None and exit_status < 0:
        with suppress(ValueError):
            code = signal.Signals(-exit_status).name
        if code == "SIGBUS":
            reason = "perhaps a file was cut off while it was read"
    return f"ended{often}{f', last {when}' if when else ''} ({code}); {reason}"


class Piece(Generic[Result]):
    """A function of a module and its arguments, handed in to be done once.

    Attributes:
        number: in the order in which the pieces were handed in.
        work, arguments: what is done; all of it can be pickled.
        listener: is called with what the work tells.
        losses: how many processes ended over it.
        outcome: ``None`` until it has ended; then whether it went well, and what it gave or raised.
    """

    __slots__ = ("arguments", "listener", "losses", "number", "outcome", "work")

    def __init__(self, number: int, work: Callable[..., Result], arguments: tuple[Any, ...], listener: Listener | None):
        """Take what is to be done."""
        self.number, self.work, self.arguments, self.listener = number, work, arguments, listener
        self.losses = 0
        self.outcome: tuple[bool, Any] | None = None


@dataclass(frozen=True)
class Shared(Generic[Result]):
    """What many pieces need: an argument of which each process has its own, made once or sent once.

    Attributes:
        make: a function of a module that makes it in another process of this machine.
        arguments: of it; they can be told apart by their values.
        here: what it is in this process, and what is sent to other machines.
    """

    make: Callable[..., Result]
    arguments: tuple[Any, ...]
    here: Result | None = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as a recipe."""
        return Shared, (self.make, self.arguments)

    def value(self) -> Result:
        """Return it, made at the first call in this process where it is not here yet."""
        value: Result = _made(self) if self.here is None else self.here
        return value


@lru_cache(4)
def _made(shared: Shared[Any]) -> Any:
    return shared.make(*shared.arguments)


def perform(work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    """Do a piece of work here and now."""
    return work(*(one.value() if isinstance(one, Shared) else one for one in arguments))


class Places(Protocol):
    """Where pieces are done. Only the thread that made it calls it, and but for :meth:`wait` uninterrupted."""

    @property
    def at_once(self) -> int:
        """How many pieces are done at a time."""
        ...

    @property
    def ahead(self) -> int:
        """How many times as many are handed in at a time: some have to wait where they are done."""
        ...

    def open(self) -> None:
        """Get ready; to be called once."""
        ...

    def begin(self, piece: Piece[Any]) -> None:
        """Take a piece; its end is an event."""
        ...

    def wait(self, timeout: float) -> None:
        """Wait for news, at most so many seconds; takes no lock and changes nothing."""
        ...

    def events(self) -> Iterator[Event]:
        """Yield what has happened since."""
        ...

    def ask_to_stop(self) -> None:
        """Ask all pieces to end where they can; none is tried again from now on."""
        ...

    def close(self) -> None:
        """End whatever is still done, and forget it."""
        ...


class News:
    """What other threads bring to the main thread, which takes no lock: an interrupt could leave it held."""

    def __init__(self) -> None:
        """Begin without any."""
        self.reader, self._writer = multiprocessing.Pipe(duplex=False)
        self._items: deque[Any] = deque()
        self._is_told = False

    def put(self, item: Any) -> None:
        """Bring something; called by the other thread."""
        self._items.append(item)
        if not self._is_told:
            self._is_told = True
            with suppress(OSError):  # nobody waits any more
                self._writer.send_bytes(b"!")

    def take(self) -> Iterator[Any]:
        """Yield what was brought."""
        if self.reader.poll():
            self.reader.recv_bytes()
        self._is_told = False
        while self._items:
            yield self._items.popleft()

    def close(self) -> None:
        """Bring nothing more."""
        self.reader.close()
        self._writer.close()


# -- in the process that does the work ---------------------------------------------------------------


class Line(Protocol):
    """What a piece has to the one who handed it in."""

    def tell(self, message: Any) -> None:
        """Send how far it is."""
        ...

    def stopping(self) -> bool:
        """Tell whether it shall end where it can."""
        ...


LINE: ContextVar[Line | None] = ContextVar("line", default=None)  # of the piece at hand; elsewhere there is none


def tell(message: object) -> None:
    """Send how far the work is to the one who handed it in; nothing happens outside of a piece."""
    if (line := LINE.get()) is not None:
        line.tell(message)


class UnwantedError(Exception):
    """Nobody wants the result of the piece at hand any more."""


def end_if_unwanted(*_: object) -> None:
    """End the piece at hand where nobody wants its result any more; to be called every second or so.

    A process of this machine is killed; a worker of a cluster goes on living, and a running function can't be stopped
    from outside.

    Raises:
        UnwantedError: that is so.
    """
    if stopping():
        raise UnwantedError


def stopping() -> bool:
    """Tell whether the work at hand shall end where it can, as whoever handed it in ends or wants no more of it."""
    line = LINE.get()
    return line is not None and line.stopping()
