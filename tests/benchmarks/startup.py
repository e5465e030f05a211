"""How long each command takes from the prompt to its answer: ``python -m tests.benchmarks.startup [--quick]``.

The floor is what no program of this kind can do without: ``import numpy, rich.console, rich.table, typer``. Each side
is a process of its own, they take turns, and the system tells the peak memory of each.
"""

from __future__ import annotations

import compileall
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.processes import ROOT, Side, floor, ours
from tests.benchmarks.timing import interleaved, median_ratio

WALL_BARS = {"gradients": 1.6}
OWN_CALLS = {"gradients": ("--steps", "50")}  # the other commands are called as in the tests
LONG = ("train", "recall", "compare", "gradcheck")  # commands that compute more than they load: fewer turns
_CALLS = """
import json
from lstm_ascii.cli.app import COMMANDS
from tests.cli.calls import CALLS
print(json.dumps({name: CALLS[name].arguments for name in COMMANDS}))
"""


def calls(folder: str) -> dict[str, tuple[str, ...]]:
    """Return how each command is called; what is written goes to ``folder``."""
    told = subprocess.run([sys.executable, "-c", _CALLS], cwd=ROOT, capture_output=True, check=True)  # noqa: S603
    known: dict[str, list[str]] = json.loads(told.stdout)
    found = {name: tuple(one.replace("{folder}", folder) for one in known[name]) for name in known}
    return found | OWN_CALLS


def figures(quick: bool) -> Iterator[Figure]:
    """Measure an answer of every command, and its ``--help``; the bytecode is there, as where pip installed it."""
    compileall.compile_dir(f"{ROOT}/lstm_ascii", quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in calls(folder).items():
            turns = 3 if name in LONG else 9 if quick else 31 if name in WALL_BARS else 11
            if name != "explain":  # which has a row in waiting
                yield measured(name, ours(name, *arguments), turns, WALL_BARS.get(name))
            if not quick or name == "explain":
                yield measured(f"{name} --help", ours(name, "--help"), 3 if quick else 7)


def measured(name: str, side: Side, turns: int, wall_bar: float | None = None) -> Figure:
    """Measure one call against the floor, in turns."""
    base = floor()
    seconds = interleaved({"ours": side, "floor": base}, turns)
    wall, least = (1e3 * statistics.median(seconds[one]) for one in ("ours", "floor"))
    processor = median_ratio(side.processor, base.processor)
    sizes = f"{side.peak:.1f} MB, floor {base.peak:.1f} MB"
    told = f"{wall:.0f} ms, floor {least:.0f} ms; processor {processor:.2f}x"
    return Figure(name, median_ratio(seconds["ours"], seconds["floor"]), "x", wall_bar, measured=f"{told}; {sizes}")


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
