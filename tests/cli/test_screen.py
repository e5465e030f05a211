"""A real terminal: what a reader sees on it, not only what was sent."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
pexpect = pytest.importorskip("pexpect")
pyte = pytest.importorskip("pyte")

from tests.cli.calls import CALLS, NAMES  # noqa: E402
from tests.cli.program import SENTENCE, TIMEOUT, answer, environment  # noqa: E402

ROWS = 600  # more than any answer has, so that nothing scrolls away


def sent(columns: int, *arguments: str, **env: str) -> str:
    """Return the answer as a terminal of that width gets it; on a slow machine, standard error would show progress."""
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", 'exec "$0" -m lstm_ascii "$@" 2>/dev/null', sys.executable, *arguments],
        env=environment(TERM="xterm-256color", **env),
        dimensions=(ROWS, columns),
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    return str(child.before)


def shown(stream: str, columns: int) -> pyte.Screen:
    """Return the terminal after ``stream``."""
    screen = pyte.Screen(columns, ROWS)
    pyte.Stream(screen).feed(stream)
    return screen


def rows(screen: pyte.Screen) -> list[str]:
    """Return the rows up to the cursor."""
    return [line.rstrip() for line in screen.display[: screen.cursor.y]]


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_wraps_on_a_terminal_of_its_width(columns: int) -> None:
    stream = sent(columns, "explain", f"{SENTENCE} 日本語")
    screen = shown(stream, columns)
    assert screen.cursor.y == stream.count("\n")
    whole = answer("explain", f"{SENTENCE} 日本語", "--width", str(columns)).text.splitlines()
    assert rows(screen) == [re.sub(r"[日本語]", r"\g<0>", line).rstrip() for line in whole]


@pytest.mark.parametrize("name", [name for name in NAMES if not CALLS[name].logs and not CALLS[name].waits])
def test_every_command_fits_a_terminal_and_gives_it_back(name: str, tmp_path: Path) -> None:
    stream = sent(60, name, *CALLS[name].in_folder(tmp_path))
    screen = shown(stream, 60)
    assert screen.cursor.y == min(stream.count("\n"), ROWS - 1)
    assert not screen.cursor.hidden
    assert (screen.cursor.attrs.fg, screen.cursor.attrs.bold) == ("default", False)
    assert not re.search(r"\x1b(?!\[[\d;]*m)", stream)


def test_plain_text_on_a_terminal_has_no_escape_and_does_not_wrap() -> None:
    stream = sent(40, "explain", SENTENCE, "--plain")
    assert "\x1b" not in stream
    assert shown(stream, 40).cursor.y == stream.count("\n")


def test_a_terminal_gets_colour_and_its_cursor_and_style_back() -> None:
    stream = sent(80, "explain", SENTENCE)
    screen = shown(stream, 80)
    colours = {cell.fg for line in screen.buffer.values() for cell in line.values()}
    assert len(colours - {"default"}) >= 3
    assert not screen.cursor.hidden
    assert (screen.cursor.attrs.fg, screen.cursor.attrs.bold) == ("default", False)
    assert "\x1b[?1049h" not in stream


NO_COLOUR = [{"NO_COLOR": "1"}, {"FORCE_COLOR": "0"}, {"CLICOLOR": "0"}, {"TERM": "dumb"}]


@pytest.mark.parametrize("env", NO_COLOUR, ids=str)
def test_a_terminal_without_colour_gets_no_escape(env: dict[str, str]) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "lstm_ascii", "explain", "cats", "--view", "words"],
        env=environment(**{"TERM": "xterm", **env}),
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    child.expect(pexpect.EOF)
    assert "\x1b" not in child.before


def test_a_long_sentence_shows_its_head_its_tail_and_how_to_see_all() -> None:
    stream = sent(80, "explain", " ".join(["the cat"] * 150), "--view", "gates", "--cell", "gru")
    numbers = re.findall(r"^ *(\d+) ", re.sub(r"\x1b\[[\d;]*m", "", stream).split("WORD BY WORD")[1], re.MULTILINE)
    assert {"1", "300"} <= set(numbers)
    assert len(set(numbers)) <= 200  # each stands once in each table
    assert "| less" in stream


def test_an_interrupt_ends_it_without_a_traceback() -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "lstm_ascii", "explain", "-"],
        env=environment(TERM="xterm"),
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    child.expect(pexpect.TIMEOUT, timeout=2)  # it waits for its standard input
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert "Traceback" not in child.before
