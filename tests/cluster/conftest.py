"""A scheduler and two workers on 127.0.0.1, as processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.program import TIMEOUT, environment


@dataclass(eq=False)
class Running:
    """A cluster.

    Attributes:
        address: of its scheduler.
        processes: the scheduler, then its workers.
    """

    folder: Path
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> Running:
        """Start the scheduler, and two workers once it has told its address."""
        self.address = self._started("scheduler", "--host", "127.0.0.1", "--port", "0", says="Scheduler at:").split()[
            -1
        ]
        for _ in range(2):
            local = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
            self._started("worker", self.address, *local, says="Registered to:")
        return self

    def _started(self, what: str, *arguments: str, says: str) -> str:
        """Start a process, wait until it says some words, and return that line."""
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("w") as stderr:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, "--no-dashboard"],
                env=environment(OPENBLAS_NUM_THREADS="1"), stdout=subprocess.DEVNULL, stderr=stderr,
            )  # fmt: skip
        self.processes.append(process)
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until and process.poll() is None:
            for line in log.read_text().splitlines(keepends=True):
                if says in line and line.endswith("\n"):
                    return line
            time.sleep(0.05)
        raise AssertionError(log.read_text())

    def end(self) -> None:
        """End all of it."""
        for process in self.processes:
            process.kill()
            process.wait(TIMEOUT)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Running]:
    """Start a cluster for one test."""
    running = Running(tmp_path)
    try:
        yield running.start()
    finally:
        running.end()


@pytest.fixture(scope="module")
def lasting_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start a cluster for all tests of a module that harm nothing of it."""
    running = Running(tmp_path_factory.mktemp("workers"))
    try:
        yield running.start()
    finally:
        running.end()
