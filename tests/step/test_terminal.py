"""The walk on a real terminal: how it begins, follows a resize, ends, and gives the terminal back."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
pexpect = pytest.importorskip("pexpect")
pytest.importorskip("textual")

from tests.cli.program import TIMEOUT, environment, inside, is_clean_error, run  # noqa: E402

SENTENCE = "The cat near the dogs was hungry."
RESTORED = ("\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l")  # the screen before, the cursor, plain pasting


PROGRAM = "import sys; from lstm_ascii.cli.app import run; {}; sys.exit(run(sys.argv[1:]))"
SOUND, FAULTY = "0", "from lstm_ascii.tui import state; state.ACTS['right'] = lambda *_: 1 / 0"


@contextmanager
def walking(*arguments: str, program: str = SOUND, **env: str) -> Iterator[Any]:
    """Start the walk on a terminal, wait for its first picture, and end it after all."""
    child = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM.format(program), "step", SENTENCE, "--cell", "gru", *arguments],
        env=environment(TERM="xterm-256color", COLORTERM="truecolor", **env),
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    try:
        child.expect_exact("q leaves")
        child.drawn = child.before
        yield child
    finally:
        child.close(force=True)


def ended(child: Any) -> str:
    """Return what it sends until it has ended."""
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before)


def test_it_begins_follows_a_resize_and_leaves() -> None:
    with walking() as child:
        assert "\x1b[?1000h" in child.drawn  # clicks are taken
        child.send("\x1b[C")
        child.expect_exact("“cat” replaces")
        child.setwinsize(20, 60)
        child.expect_exact("step needs 80 × 24, this terminal has 60 × 20")
        child.setwinsize(40, 120)
        child.expect_exact("candidate")
        child.send("q")
        left = ended(child)
        assert all(code in left for code in RESTORED)
        assert child.exitstatus == 0


ENDS = {"Ctrl-C": None, "SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


@pytest.mark.parametrize("how", ENDS)
def test_whatever_ends_it_the_terminal_comes_back(how: str) -> None:
    with walking() as child:
        if how == "Ctrl-C":
            child.send("\x03")
        else:
            child.kill(getattr(signal, how))
        left = ended(child)
        assert all(code in left for code in RESTORED)
        assert child.exitstatus == (ENDS[how] or 130)
        assert "Traceback" not in left


def test_a_fault_gives_the_terminal_back_and_is_told_in_one_line() -> None:
    with walking(program=FAULTY) as child:
        child.send("\x1b[C")
        left, _, told = ended(child).rpartition("\x1b")
        assert all(code in f"{left}\x1b{told}" for code in RESTORED)
        assert child.exitstatus == 1
        assert "lstm-ascii: step: a fault in lstm-ascii (ZeroDivisionError" in told
        assert "Traceback" not in told


def test_it_is_suspended_and_comes_back() -> None:
    with walking() as child:
        child.send("\x1a")
        child.expect_exact("\x1b[?1049l")
        os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)  # continued before it stops, it would stop for good
        child.kill(signal.SIGCONT)
        child.expect_exact("\x1b[?1049h")
        child.send("\x1b[C")
        child.expect_exact("replaces")
        child.send("q")
        ended(child)
        assert child.exitstatus == 0


def test_no_colour_and_no_mouse_where_none_are_wanted() -> None:
    with walking("--no-mouse", "--ascii", NO_COLOR="1") as child:
        child.send("q")
        stream = child.drawn + child.after + ended(child)
        assert "\x1b[?1000h" not in stream
        assert "[38;" not in stream
        assert "[48;" not in stream
        assert stream.isascii()


def test_without_a_terminal_it_names_what_prints() -> None:
    result = run("step", SENTENCE)
    assert is_clean_error(result, 2)
    assert "--still" in result.complaint
    assert "lstm-ascii explain" in result.complaint


def test_a_place_that_there_is_not_is_told_before_the_screen_is_taken(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    for arguments in (("--at", "99"), ("--at", "zebra"), ("--unit", "32"), ("--swap", "near"), ("--view", "roof")):
        result = inside(capsysbinary, "step", SENTENCE, "--still", *arguments)
        assert is_clean_error(result, 2)
        assert result.complaint.startswith(f"lstm-ascii: {arguments[0]}: ")


WITHOUT_TEXTUAL = """
import sys
from importlib.abc import MetaPathFinder
class NoTextual(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "textual":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoTextual())
"""


def test_without_textual_one_line_says_how_to_install_it(tmp_path: Any) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_TEXTUAL)
    env = environment(TERM="xterm")
    env["PYTHONPATH"] = os.pathsep.join((str(tmp_path), env["PYTHONPATH"]))
    child = pexpect.spawn(
        sys.executable, ["-m", "lstm_ascii", "step", SENTENCE], env=env, encoding="utf-8", timeout=TIMEOUT
    )
    try:
        said = ended(child)
    finally:
        child.close(force=True)
    assert child.exitstatus == 1
    assert said.strip() == "lstm-ascii: step needs the package textual; pip install 'lstm-ascii[tui]' installs it"
    assert run("step", SENTENCE, "--still").code == 0
