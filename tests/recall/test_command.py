"""``lstm-ascii recall`` as its users call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pexpect
import pytest

from tests.cli.program import command, environment, is_clean_error, run

QUICK = ("recall", "--gaps", "2,4", "--cell", "rnn,gru", "--seeds", "1", "--steps", "150")
ENDLESS = (
    "recall",
    "--gaps",
    "2,400",
    "--cell",
    "lstm",
    "--forget-bias",
    "chrono",
    "--seeds",
    "2",
    "--steps",
    "100000",
)
WAIT = 60  # seconds; the machine may be busy
PROCESSES = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see the processes")


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` has started."""
    return [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + WAIT
    while time.monotonic() < until and not condition():
        time.sleep(0.05)
    return condition()


def gone(pids: Sequence[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, same = run(*QUICK), run(*QUICK)
    assert one == same
    assert one.code == 0
    assert "MEMORY SPAN" in one.text
    assert one.complaint.startswith("lstm-ascii: RNN, gap 2: 99% right after ")


def test_json_has_the_curves() -> None:
    result = run(*QUICK, "--json")
    report = json.loads(result.text)
    assert [network["cell"] for network in report["networks"]] == ["RNN", "GRU"]
    (course,) = report["networks"][0]["gaps"][0]["runs"]
    assert course["stage"] == "learnt"
    assert course["points"][-1]["step"] == course["step"]
    assert course["points"][-1]["accuracy"] >= report["target"]
    assert report["chance"] == 1 / 8


@pytest.mark.parametrize(
    "wrong", [("--gaps", "five"), ("--gaps", ""), ("--forget-bias", ","), ("--forget-bias", "high"), ("--cell", "cnn")]
)
def test_wrong_calls_are_clean_errors(wrong: tuple[str, str]) -> None:
    result = run("recall", *wrong)
    assert is_clean_error(result, 2)
    assert wrong[0] in result.complaint


@PROCESSES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_prints_what_is_known_so_far(number: int) -> None:
    process = subprocess.Popen(  # noqa: S603
        command(*ENDLESS), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert "gap 2: 99% right" in process.stderr.readline()
    started = children(process.pid)
    time.sleep(0.5)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=WAIT)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "The race was stopped" in stdout
    assert "LSTM chrono" in stdout
    assert eventually(lambda: gone(started))


@PROCESSES
def test_ctrl_c_on_a_terminal_gives_the_cursor_back() -> None:
    terminal = {**environment(), "TERM": "xterm-256color"}
    shown = pexpect.spawn(
        sys.executable,
        ["-m", "lstm_ascii", *ENDLESS],
        env=terminal,
        timeout=WAIT,
        encoding="utf-8",
        dimensions=(30, 90),
    )
    shown.expect("gap 400")
    started = children(shown.pid)
    assert started
    shown.sendintr()
    shown.expect("The race was stopped")
    rest = shown.read()
    shown.close()
    assert shown.exitstatus == 130
    assert "Traceback" not in rest
    assert eventually(lambda: gone(started))


@PROCESSES
def test_a_killed_program_leaves_no_process_behind() -> None:
    process = subprocess.Popen(  # noqa: S603
        command(*ENDLESS), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    process.stderr.readline()
    started = children(process.pid)
    process.kill()
    process.wait(WAIT)
    process.stderr.close()
    assert eventually(lambda: gone(started))


@PROCESSES
def test_a_process_that_is_killed_is_told() -> None:
    process = subprocess.Popen(  # noqa: S603
        command(*ENDLESS), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    process.stderr.readline()
    for child in children(process.pid):
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(child, signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=WAIT)
    assert (process.returncode, stdout) == (1, "")
    assert "the process of the LSTM chrono at gap 400 ended" in stderr
    assert "Traceback" not in stderr
