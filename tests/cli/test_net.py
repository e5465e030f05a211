"""What nobody foresaw is one line on standard error that says what was being done, and a traceback where asked for."""

from __future__ import annotations

import gc
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from unittest.mock import patch

import pytest

from lstm_ascii.cli.app import DEBUG, run
from lstm_ascii.sources import WEIGHTS

FILE = str(WEIGHTS / "gru.safetensors")
REPORTS = {
    "inspect": "lstm_ascii.reports.inspect.inspect_report",
    "doctor": "lstm_ascii.reports.doctor.report.doctor_report",
}
UNFORESEEN = {
    "ValueError: not enough values": ValueError("not enough values"),
    "there is not enough memory": MemoryError(),
    "nested too deeply": RecursionError("maximum recursion depth exceeded"),
    "Input/output error": OSError(5, "Input/output error"),
    "KeyError": KeyError("a\nb\x1b[31m"),
}


@pytest.mark.parametrize("says", UNFORESEEN)
@pytest.mark.parametrize("command", REPORTS)
def test_an_error_nobody_foresaw_is_one_line_that_says_what_was_being_done(
    says: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with patch(REPORTS[command], side_effect=UNFORESEEN[says]):
        assert run([command, FILE]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"lstm-ascii: {command} {FILE}: ")
    assert says in err
    assert "can't write" not in err
    assert err.count("\n") == 1
    assert "\x1b" not in err


@pytest.mark.parametrize("way", ["option", "variable", "neither"])
def test_a_traceback_comes_only_where_it_is_asked_for(
    way: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEBUG, "1" if way == "variable" else "0")
    with patch(REPORTS["inspect"], side_effect=ValueError("a \x1b[31m")):
        assert run([*(["--debug"] if way == "option" else []), "inspect", FILE]) == 1
    err = capsys.readouterr().err
    assert ("Traceback" in err) == (way != "neither")
    assert err.splitlines()[-1].startswith(f"lstm-ascii: inspect {FILE}: ")
    assert "\x1b" not in err


def test_ctrl_c_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with patch(REPORTS["inspect"], side_effect=KeyboardInterrupt):
        assert run(["--debug", "inspect", FILE]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_only_a_failed_writing_says_that_the_answer_cannot_be_written(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert run(["inspect", FILE, "--json"]) == 1
    assert capfd.readouterr().err == "lstm-ascii: can't write the answer: No space left on device\n"


def test_ctrl_c_while_the_program_is_being_loaded_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_ascii import __main__

    class Interrupting(MetaPathFinder):
        def find_spec(self, fullname: str, *_: object) -> None:
            if fullname == "lstm_ascii.cli.app":
                raise KeyboardInterrupt

    left: list[int] = []
    monkeypatch.delitem(sys.modules, "lstm_ascii.cli.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    monkeypatch.setattr(__main__, "leave", left.append)
    threshold = gc.get_threshold()
    try:
        __main__.main()
    finally:
        gc.set_threshold(*threshold)
    assert left == [130]
