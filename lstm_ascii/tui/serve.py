"""The walk in browsers, by textual-serve: one process for every visitor, which ends when the visitor leaves."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from lstm_ascii.errors import LstmAsciiError, argument
from lstm_ascii.records import dataclass
from lstm_ascii.tui.app import SERVED

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
WIDEST, HIGHEST = 300, 120  # cells of a visitor's screen
LARGEST_MESSAGE = 1 << 16  # bytes from a browser
PATIENCE = 5.0  # seconds in which a process may end by itself
_FONT = re.compile(r"<link[^>]*fonts\.googleapis\.com[^>]*>")  # nothing is fetched from elsewhere


@dataclass(frozen=True)
class Limits:
    """What visitors share.

    Attributes:
        visitors: at a time.
        minutes: of a visit.
    """

    visitors: int = 30
    minutes: float = 60.0


class Visit(AppService):
    """One visitor's process, started without a shell, with a screen that has bounds."""

    arguments: Sequence[str] = ()
    minutes: float = 0.0

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(*_bounded(width, height))
        environment |= {SERVED: str(self.minutes), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "lstm_ascii", *self.arguments]
        process = await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment)
        self._process, self._stdin = process, process.stdin
        return process

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the process about another size."""
        await super().set_terminal_size(*_bounded(width, height))

    async def end(self) -> None:
        """End the process, by force if it does not end by itself."""
        with suppress(asyncio.TimeoutError, OSError):
            await asyncio.wait_for(self.stop(), PATIENCE)
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def _bounded(width: object, height: object) -> tuple[int, int]:
    """Return a size that a screen can have, whatever a browser says."""
    return max(1, min(to_int(str(width), 80), WIDEST)), max(1, min(to_int(str(height), 24), HIGHEST))


class Classroom(Server):
    """Serves the walk to so many visitors at a time."""

    def __init__(self, arguments: Sequence[str], host: str, port: int, limits: Limits) -> None:
        """Take the command line of every visitor's process, and where to listen."""
        super().__init__("lstm-ascii step", host, port, title="lstm-ascii step")
        self._arguments, self._limits, self._visitors = tuple(arguments), limits, 0

    async def until_stopped(self) -> None:
        """Listen, and go on until a signal comes; then every visitor's process ends.

        Raises:
            OSError: it can't be listened there.
        """
        logging.getLogger("textual-serve").setLevel(logging.CRITICAL)  # what visitors type belongs to them
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):  # not there, or not here
                loop.add_signal_handler(getattr(signal, name), stopped.set)
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
            sys.stdout.write(f"Open http://{self.host}:{self.port} in a browser; Ctrl-C ends it for everybody.\n")
            sys.stdout.flush()
            await stopped.wait()
        finally:
            await runner.cleanup()

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing yet: nobody can come before it listens."""

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Return the page, or say that all places are taken."""
        self._check(request)
        self.public_url = f"{request.scheme}://{request.host}"
        response = await super().handle_index(request)
        if isinstance(response, web.Response) and response.text:
            response.text = _FONT.sub("", response.text)
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Let a visitor in, with a process of its own."""
        self._check(request)
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="another page may not look in")
        self._visitors += 1
        try:
            return await self._visit(request)
        finally:
            self._visitors -= 1

    def _check(self, request: web.Request) -> None:
        """Refuse whoever comes by another name than this machine's, where only this machine is served; and too many."""
        name = request.host.rpartition(":")[0] or request.host
        if self.host in LOOPBACK and name not in LOOPBACK:
            raise web.HTTPForbidden(text="only this machine is served")
        if self._visitors >= self._limits.visitors:
            raise web.HTTPServiceUnavailable(text=f"All {self._limits.visitors} places are taken; try again later.")

    async def _visit(self, request: web.Request) -> web.WebSocketResponse:
        """Connect a browser with its process until one of them leaves."""
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=LARGEST_MESSAGE)
        await socket.prepare(request)

        async def leave() -> None:
            await socket.close()

        visit = Visit(
            self.command, write_bytes=socket.send_bytes, write_str=socket.send_str, close=leave,
            download_manager=self.download_manager,
        )  # fmt: skip
        visit.arguments, visit.minutes = self._arguments, self._limits.minutes
        try:
            await visit.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            with suppress(KeyError, TypeError, ValueError, AssertionError, IndexError):  # a browser that talks nonsense
                await self._process_messages(socket, visit)
        finally:
            await visit.end()
        return socket


def serve(arguments: Sequence[str], host: str, port: int, limits: Limits) -> None:
    """Serve the walk until it is interrupted.

    Args:
        arguments: of every visitor's process, after the program's name.
        host: where to listen.
        port: the same.
        limits: of visits.

    Raises:
        LstmAsciiError: the port is taken, or the host isn't this machine's.
    """
    try:
        asyncio.run(Classroom(arguments, host, port, limits).until_stopped())
    except OSError as error:
        raise LstmAsciiError(
            f"{host}:{port} can't be listened on: {error.strerror or error}; try another {argument('port', 'N')}"
        ) from error
