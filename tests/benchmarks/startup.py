"""How long ``explain`` takes from the prompt to its answer: ``python -m tests.benchmarks.startup [--pairs N]``.

The floor is what no program of this kind can do without: ``import numpy, rich.console, rich.table, typer``. Each side
is a process of its own, they take turns, and the system tells the peak memory of each.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.timing import interleaved, median_ratio

SENTENCE = "The cat that chased the mouse that ate the cheese on the table was hungry ."
FLOOR, OURS = "floor", "explain"
COMMANDS = {
    FLOOR: ("-c", "import numpy, rich.console, rich.table, typer"),
    OURS: ("-m", "lstm_ascii", "explain", SENTENCE),
}
WALL_BAR, MEMORY_BAR = 1.5, 1.3
ROOT = str(Path(__file__).resolve().parents[2])


@dataclass
class Side:
    """One command; each call runs it and keeps the child's peak memory, in MB.

    ``wait4`` tells a child's own peak; the one of ``RUSAGE_CHILDREN`` is the largest of all children.
    """

    arguments: tuple[str, ...]
    megabytes: list[float] = field(default_factory=list)

    def __call__(self) -> None:
        quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        environment = {**os.environ, "PYTHONPATH": ROOT}
        child = os.posix_spawn(sys.executable, [sys.executable, *self.arguments], environment, file_actions=quiet)
        _, status, usage = os.wait4(child, 0)
        if status:
            raise SystemExit(f"{' '.join(self.arguments)}: exit code {os.waitstatus_to_exitcode(status)}")
        self.megabytes.append(usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))


def verdict(ratio: float, bar: float) -> str:
    """Say whether a ratio keeps its promise."""
    return f"{ratio:5.2f}  (bar {bar}: {'kept' if ratio <= bar else 'MISSED'})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=21, metavar="N", help="turns of both sides (default: 21)")
    pairs = max(15, parser.parse_args(arguments).pairs)
    sides = {name: Side(command) for name, command in COMMANDS.items()}
    seconds = interleaved(sides, pairs)
    wall = median_ratio(seconds[OURS], seconds[FLOOR])
    memory = median_ratio(sides[OURS].megabytes, sides[FLOOR].megabytes)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {pairs} pairs, medians (smallest)")
    for name, side in sides.items():
        times, peaks = seconds[name], side.megabytes
        print(
            f"{name:8} {1000 * statistics.median(times):6.0f} ms ({1000 * min(times):.0f})"
            f"  {statistics.median(peaks):6.1f} MB ({min(peaks):.1f})"
        )
    print(f"wall     {verdict(wall, WALL_BAR)}")
    print(f"memory   {verdict(memory, MEMORY_BAR)}")
    return int(wall > WALL_BAR or memory > MEMORY_BAR)


if __name__ == "__main__":
    sys.exit(main())
