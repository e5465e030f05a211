"""Every figure with its bar, in one table: ``python -m tests.benchmarks [--quick] [--turns N] [--only NAMES]``.

Each benchmark is a process of its own, so that what one loads and starts (PyTorch's threads, a larger memory) is not
measured in the next; each side of a figure takes turns with its counterpart. BLAS has one thread everywhere, and what
is held against other libraries runs on one core.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.figure import HEADINGS, ONE_THREAD, Figure, from_json, machine, options, row, show, summary
from tests.benchmarks.processes import ROOT

ONE_CORE = ("gradients", "engine", "training")  # whatever threads a library starts, it gets no more than we do
BENCHMARKS = {
    "startup": "each command against the floor: import numpy, rich.console, rich.table, typer",
    "waiting": "where people wait: whole commands, beside the floor",
    "growth": "exponents of time against words, steps and units",
    "checkpoint": "a language model of 50,000 words, two layers and 650 units",
    "gradients": "a step of gradients, against a bare product",
    "engine": "forward and backward, times our time that others take",
    "training": "a step of training, to PyTorch's time",
    "watching": "a training that is watched, times the processor time of the bare one",
    "step": "the walk: its first picture, a step, an edit, an hour of playing",
    "recall": "a step of the memory race, times our time that PyTorch takes",
}


def measured(name: str, quick: bool) -> Iterator[Figure]:
    """Run one benchmark in a process of its own, and pass on what it finds."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--json", *["--quick"] * quick]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        if name in ONE_CORE and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(child.pid, {max(os.sched_getaffinity(0))})
        yield from from_json(child.stdout)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{name}: exit code {child.returncode}")


def main() -> int:
    """Print the table; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", metavar="NAMES", default=",".join(BENCHMARKS), help=", ".join(BENCHMARKS))
    asked = options(parser)
    names = asked.only.split(",")
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"--only: expected {', '.join(BENCHMARKS)}, got {', '.join(unknown)}")
    print(machine())
    print(row(*HEADINGS))
    found: list[Figure] = []
    for name in names:
        print(f"\n{name}: {BENCHMARKS[name]}", flush=True)
        found += show(measured(name, asked.quick), as_json=False)
    print(f"\n{summary(found)}")
    return int(not all(figure.kept for figure in found))


if __name__ == "__main__":
    sys.exit(main())
