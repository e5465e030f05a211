"""The processes that a running program has started, and their end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen

import pytest

WAIT = 60  # seconds; the machine may be busy
PROCESSES = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see the processes")


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` has started."""
    return [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]


def end(pids: Sequence[int]) -> bool:
    """Wait for the end of all these processes, and tell whether it came."""
    until = time.monotonic() + WAIT
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
    process.wait(WAIT)
    process.stderr.close()
    return bool(started) and end(started)


def complaint_without_workers(process: Popen[str]) -> str:
    """Kill a program's workers at its first line on standard error; it fails, and its last words are returned."""
    assert process.stderr is not None
    process.stderr.readline()
    for child in children(process.pid):
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(child, signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=WAIT)
    assert (process.returncode, stdout) == (1, "")
    assert "Traceback" not in stderr
    return stderr
