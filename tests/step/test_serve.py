"""The walk in a real browser: ten visitors at once, each with a sentence of its own; and who is turned away."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

pytest.importorskip("textual_serve")

from lstm_ascii.tui.serve import HIGHEST, WIDEST, Visit
from tests.cli.processes import PROCESSES, children, end, started
from tests.cli.program import TIMEOUT, inside, is_clean_error, run

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VISITORS = 10
SENTENCE = "The cat was here."


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[str, Any]]:
    """Serve the walk on a port that is free, and yield its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = ("step", SENTENCE, "--cell", "gru", "--serve", "--port", str(port), *arguments)
    with started(*given) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"Open http://127.0.0.1:{port} ")
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()  # so that its visitors' processes end, too
            process.wait(TIMEOUT)


def refused(address: str, headers: Mapping[str, str] | None = None) -> int:
    """Return the code with which a request is refused."""
    try:
        urlopen(Request(address, headers=dict(headers or {}))).close()  # noqa: S310
    except HTTPError as error:
        with error:
            return error.code
    return 200


class Visitor:
    """A page in a browser, and what its walk has sent to it."""

    def __init__(self, browser: Any, address: str) -> None:
        self.page = browser.new_context(viewport={"width": 900, "height": 600}).new_page()
        self.sent = b""
        self.page.on("websocket", lambda one: one.on("framereceived", self._keep))
        self.page.goto(address)

    def _keep(self, frame: Any) -> None:
        self.sent += frame if isinstance(frame, bytes) else b""

    def wait_for(self, text: str) -> None:
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            if text.encode() in self.sent:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(text)


@PROCESSES
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_ten_visitors_walk_at_once_and_none_sees_anothers_sentence() -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    with serving("--visitors", str(VISITORS)) as (address, process), playwright.sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        visitors = [Visitor(browser, address) for _ in range(VISITORS)]
        for number, visitor in enumerate(visitors):
            visitor.wait_for("q leaves")
            visitor.page.mouse.click(400, 500)
            visitor.page.keyboard.type(f"e visitor{number}")
        for number, visitor in enumerate(visitors):
            visitor.wait_for(f"visitor{number}")
            seen = [other for other in range(VISITORS) if f"visitor{other}".encode() in visitor.sent]
            assert seen == [number]
        assert refused(address) == 503
        walks = children(process.pid)
        assert len(walks) == VISITORS
        browser.close()
        assert end(walks)  # who leaves leaves no process


def test_other_names_and_other_pages_are_turned_away() -> None:
    with serving() as (address, _):
        with urlopen(address) as answer:  # noqa: S310
            page = answer.read()
        assert b"textual.js" in page
        assert b"googleapis" not in page
        for header in ({"Host": "elsewhere.example"}, {"Origin": "http://elsewhere.example"}):
            assert refused(f"{address}/ws", header) == 403


def test_the_size_of_a_visitors_screen_has_bounds() -> None:
    sizes: list[object] = []

    async def note(meta: object) -> bool:
        sizes.append(meta)
        return True

    async def resized() -> None:
        nothing: Callable[..., Any] = asyncio.sleep
        visit = Visit("", write_bytes=nothing, write_str=nothing, close=nothing, download_manager=None)  # type: ignore[arg-type]
        visit.send_meta = note  # type: ignore[method-assign]
        await visit.set_terminal_size(10**9, 10**9)
        await visit.set_terminal_size("many", -5)  # type: ignore[arg-type]

    asyncio.run(resized())
    assert sizes == [
        {"type": "resize", "width": WIDEST, "height": HIGHEST},
        {"type": "resize", "width": 80, "height": 1},
    ]


@pytest.mark.parametrize("option", [("--port", "0"), ("--port", "65536"), ("--visitors", "0"), ("--minutes", "nan")])
def test_bounds_that_make_no_sense_are_refused(
    option: tuple[str, str], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, "step", SENTENCE, "--cell", "gru", "--serve", *option)
    assert is_clean_error(result, 2)
    assert result.complaint.startswith(f"lstm-ascii: {option[0]}: ")


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("step", SENTENCE, "--serve", "--port", str(taken.getsockname()[1]))
    assert is_clean_error(result, 1)
    assert "try another --port N" in result.complaint
