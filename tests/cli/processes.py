"""The processes that a running program has started, and their end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from tests.cli.program import TIMEOUT, command, environment

PROCESSES = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see the processes")


@contextmanager
def started(*arguments: str, **settings: Any) -> Iterator[Popen[str]]:
    """Start the program with its streams as pipes, unless ``settings`` say otherwise; end it after all."""
    pipes = {"stdout": PIPE, "stderr": PIPE, "text": True, "env": environment()}
    with Popen(command(*arguments), **(pipes | settings)) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` has started."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # a thread that has ended meanwhile
            found.extend(map(int, path.read_text().split()))
    return found


def end(pids: Sequence[int]) -> bool:
    """Wait for the end of all these processes, and tell whether it came."""
    until = time.monotonic() + TIMEOUT
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def leaves_nothing_when_killed(process: Popen[str]) -> bool:
    """Kill a program at its first line on standard error, and tell whether its processes end as well."""
    assert process.stderr is not None
    process.stderr.readline()
    started = children(process.pid)
    process.kill()
    process.wait(TIMEOUT)
    return bool(started) and end(started)


def complaint_without_workers(process: Popen[str]) -> str:
    """Kill a program's workers from its first line on standard error, again and again; return its last words."""
    assert process.stderr is not None
    process.stderr.readline()
    until = time.monotonic() + TIMEOUT
    while process.poll() is None and time.monotonic() < until:
        for child in children(process.pid):
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(child, signal.SIGKILL)
        time.sleep(0.05)
    stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, stdout) == (1, "")
    assert "Traceback" not in stderr
    return stderr
