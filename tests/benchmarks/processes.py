"""Whole processes: how long each takes, and the most memory that it had.

Nothing heavy is loaded here: on Linux a child's peak can't be told from that of the process that starts it, where
that one had more. What needs NumPy to be prepared is prepared in a process of its own.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[2])
FLOOR = ("-c", "import numpy, rich.console, rich.table, typer")  # what no program of this kind can do without


@dataclass
class Side:
    """One command of this Python; each call runs it, and keeps the child's peak memory and processor time.

    ``wait4`` tells a child's own peak; the one of ``RUSAGE_CHILDREN`` is the largest of all children. BLAS has one
    thread, as the program gives itself: starting more would only make the floor dearer.

    Attributes:
        arguments: behind the interpreter's name.
        stdin: a file to read, if any.
        piped: whether its output goes into a pipe that is read; else to nowhere.
        codes: the exit codes that are no failure.
    """

    arguments: tuple[str, ...]
    stdin: str = os.devnull
    piped: bool = False
    codes: tuple[int, ...] = (0,)
    megabytes: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    wrote: int = 0

    def __call__(self) -> None:
        """Run it once."""
        read, write = os.pipe()
        with tempfile.TemporaryFile() as complaints:
            actions = [
                (os.POSIX_SPAWN_OPEN, 0, self.stdin, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, write, 1) if self.piped else (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, complaints.fileno(), 2),
            ]
            environment = {**os.environ, "PYTHONPATH": ROOT, "OPENBLAS_NUM_THREADS": "1"}
            child = os.posix_spawn(sys.executable, [sys.executable, *self.arguments], environment, file_actions=actions)
            os.close(write)
            self.wrote = 0
            while chunk := os.read(read, 1 << 16):
                self.wrote += len(chunk)
            os.close(read)
            _, status, usage = os.wait4(child, 0)
            code = os.waitstatus_to_exitcode(status)
            if code not in self.codes:
                complaints.seek(0)
                said = complaints.read().decode(errors="replace").strip()
                raise SystemExit(f"{' '.join(self.arguments)[:200]}: exit code {code}\n{said}")
        self.megabytes.append(usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
        self.processor.append(usage.ru_utime + usage.ru_stime)

    @property
    def peak(self) -> float:
        """The median of its peaks of memory, in MB (2²⁰ bytes)."""
        return statistics.median(self.megabytes)


def ours(*arguments: str, **settings: object) -> Side:
    """Return the program with arguments."""
    return Side(("-m", "lstm_ascii", *arguments), **settings)  # type: ignore[arg-type]


def floor() -> Side:
    """Return what no program of this kind can do without."""
    return Side(FLOOR)


def text_file(folder: str, words: Sequence[str]) -> str:
    """Write words into a file, for standard input, and return its name."""
    path = Path(folder) / f"{len(words)}-words.txt"
    path.write_text(" ".join(words), encoding="utf-8")
    return str(path)
