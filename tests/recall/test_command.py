"""``lstm-ascii recall`` as its users call it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pexpect
import pytest

from tests.cli.processes import PROCESSES, children, complaint_without_workers, end, leaves_nothing_when_killed, started
from tests.cli.program import TIMEOUT, environment, is_clean_error, run

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


def test_a_forget_bias_without_an_lstm_is_a_clean_error() -> None:
    result = run("recall", "--cell", "rnn,gru", "--forget-bias", "1")
    assert is_clean_error(result, 2)
    assert "--forget-bias: is for the LSTM; add lstm to --cell rnn,gru" in result.complaint


@PROCESSES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_prints_what_is_known_so_far(number: int) -> None:
    with started(*ENDLESS) as process:
        assert process.stderr is not None
        assert "gap 2: 99% right" in process.stderr.readline()
        workers = children(process.pid)
        time.sleep(0.5)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 128 + number
    assert "Traceback" not in stderr
    assert "The race was stopped" in stdout
    assert "LSTM chrono" in stdout
    assert end(workers)


@PROCESSES
def test_ctrl_c_on_a_terminal_gives_the_cursor_back() -> None:
    terminal = {**environment(), "TERM": "xterm-256color", "PAGER": "cat"}
    shown = pexpect.spawn(
        sys.executable,
        ["-m", "lstm_ascii", *ENDLESS],
        env=terminal,
        timeout=TIMEOUT,
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
    assert end(started)


@PROCESSES
def test_a_killed_program_leaves_no_process_behind() -> None:
    with started(*ENDLESS, stdout=subprocess.DEVNULL) as process:
        assert leaves_nothing_when_killed(process)


@PROCESSES
def test_a_process_that_is_killed_is_told() -> None:
    with started(*ENDLESS) as process:
        assert "the process of the LSTM chrono at gap 400 ended" in complaint_without_workers(process)
