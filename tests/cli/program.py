"""Run the program as its readers do: another process, its streams, its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import lstm_ascii
import lstm_ascii.cli.app
from tests.cli.forked import Server

ROOT = Path(lstm_ascii.__file__).resolve().parents[1]
SENTENCE = "The cat that chased the mice was hungry."
BRIEF = ("--view", "words", "--cell", "gru")  # the quickest answer that is a real one
FORKS = hasattr(os, "fork")
OF_THE_START = ("PYTHON", "LC_", "LANG", "OPENBLAS_", "OMP_", "NPY_")  # what an interpreter or a library reads once
TIMEOUT = 300  # seconds; nothing takes nearly as long, on a busy machine either


@dataclass(frozen=True)
class Result:
    """What one run left behind."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode("utf-8")

    @property
    def complaint(self) -> str:
        """Standard error as text."""
        return self.err.decode("utf-8")


def environment(**changes: str) -> dict[str, str]:
    """Return an environment in which nothing but ``changes`` says how to draw."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **changes}


def command(*arguments: str | bytes) -> list[str | bytes]:
    """Return the command line of the program."""
    return [sys.executable, "-m", "lstm_ascii", *arguments]


def run(*arguments: str | bytes, stdin: bytes = b"", env: dict[str, str] | None = None, **options: Any) -> Result:
    """Run the program; ``env`` adds to :func:`environment`, ``options`` are those of :func:`subprocess.run`.

    Where nothing but its folder is asked for, what runs is a fork of a process that has loaded the program: that is
    five times as fast. With variables that only a new interpreter reads, it is a new one.
    """
    surroundings, options = environment(**(env or {})), {"cwd": None, **options}
    if FORKS and options.keys() == {"cwd"} and not any(name.startswith(OF_THE_START) for name in env or {}):
        folder = str(options["cwd"] or Path.cwd())
        return Result(*_server().run(list(map(os.fsdecode, arguments)), surroundings, folder, stdin))
    return new(*arguments, stdin=stdin, env=env, **options)


def new(*arguments: str | bytes, stdin: bytes = b"", env: dict[str, str] | None = None, **options: Any) -> Result:
    """Run the program as :func:`run` does, with an interpreter of its own: for what is promised of its start."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "input": stdin, "timeout": TIMEOUT, **options}
    done = subprocess.run(command(*arguments), env=environment(**(env or {})), check=False, **streams)  # noqa: S603
    return Result(done.returncode, done.stdout or b"", done.stderr or b"")


def run_on_a_full_disk(*arguments: str) -> Result:
    """Run the program with a standard output that takes nothing."""
    return Result(*_server().run(arguments, environment(), str(Path.cwd()), b"", "/dev/full"))


@cache
def _server() -> Server:
    return Server(environment())


@cache
def answer(*arguments: str, **env: str) -> Result:
    """Run the program once for all tests of this process that ask the same."""
    return run(*arguments, env=env)


def shell(line: str, *arguments: str) -> Result:
    """Run a line of the shell in which ``"$@"`` is the program's command line."""
    done = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", line, "sh", *map(str, command(*arguments))],
        env=environment(),
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def inside(capture: pytest.CaptureFixture[bytes], *arguments: str) -> Result:
    """Run the program within this process, which is quicker; ``capture`` is pytest's ``capsysbinary``."""
    code = lstm_ascii.cli.app.run(arguments)
    return Result(code, *capture.readouterr())


def is_clean_error(result: Result, code: int) -> bool:
    """Tell whether a run failed as promised: its exit code, one line on stderr, nothing on stdout."""
    lines = result.complaint.splitlines()
    return (
        result.code == code and result.out == b"" and len(lines) == 1 and lines[0].startswith("lstm-ascii: ")
    ) and "Traceback" not in result.complaint
