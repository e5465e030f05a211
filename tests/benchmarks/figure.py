"""What a benchmark finds: figures, each with the bar that it was promised to clear, and a table of them."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

BUSY = 0.5  # programs that wait for a processor, above which a figure says little
ONE_THREAD = {  # threads that wait for each other measure the other programs of a busy machine
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
HEADINGS = ("what", "figure", "bar", "", "measured")
WIDTHS = (45, 10, 9, 7)
TURNS = "BENCHMARK_TURNS"  # what was asked for, for the processes of all benchmarks


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        name: what was measured.
        value: the figure itself.
        unit: ``x`` for a ratio of two sides, ``s``, ``MB``, ``ms``, or ``^`` for the exponent of a growth.
        bar: what it has to clear; ``None`` where nothing is promised.
        at_least: whether the bar is the least that it may be, rather than the most.
        measured: both sides of it, in words.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False
    measured: str = ""

    @property
    def kept(self) -> bool:
        """Whether it clears its bar; one without a bar always does."""
        return self.bar is None or (self.value >= self.bar if self.at_least else self.value <= self.bar)

    def line(self) -> str:
        """Return its line of the table."""
        bar = "" if self.bar is None else f"{'≥' if self.at_least else '≤'} {shown(self.bar, self.unit)}"
        verdict = "" if self.bar is None else "kept" if self.kept else "MISSED"
        return row(self.name, shown(self.value, self.unit), bar, verdict, self.measured)


Benchmark = Callable[[bool], Iterable[Figure]]  # given whether to be quick


def shown(value: float, unit: str) -> str:
    """Return a figure with its unit: ``1.24x``, ``7.1 s``, ``^1.03``."""
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
    return f"^{digits}" if unit == "^" else f"{digits}x" if unit == "x" else f"{digits} {unit}"


def of_runs(
    name: str,
    runs: Sequence[float],
    unit: str,
    bar: float | None = None,
    at_least: bool = False,
    measured: str = "",
    counts: Callable[[Sequence[float]], float] = statistics.median,
) -> Figure:
    """Return the figure of several runs, with the least and the most of them; ``counts`` picks it, the median else."""
    spread = f"{shown(min(runs), unit)} to {shown(max(runs), unit)} in {len(runs)} runs" if len(runs) > 1 else ""
    told = "; ".join(filter(None, (spread, measured)))
    return Figure(name, counts(runs), unit, bar, at_least, told)


def turns_asked(quick: bool = False, otherwise: int = 5) -> int:
    """Return how often a whole command is run: as ``--turns`` says; else once where it is to be quick."""
    return int(os.environ.get(TURNS, 1 if quick else otherwise))


def options(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parse what all benchmarks are asked for, with what the parser has already."""
    parser.add_argument("--quick", action="store_true", help="fewer turns and smaller sizes")
    parser.add_argument(
        "--turns", type=int, metavar="N", help="run each so often; else 5 times, once what takes minutes"
    )
    asked = parser.parse_args()
    if asked.turns is not None:
        os.environ[TURNS] = str(asked.turns)
    return asked


def row(*cells: str) -> str:
    """Return a line of the table; its last cell takes what room it needs."""
    name, *rest = (f"{cell:{'<' if place in (0, 3) else '>'}{width}}" for place, (cell, width) in
                   enumerate(zip(cells, WIDTHS, strict=False)))  # fmt: skip
    return "  ".join((name, *rest, cells[-1])).rstrip()


def machine() -> str:
    """Say what was measured on, and whether others used it, too."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    busy = f"; busy (load {load:.1f}): measure again when nothing else runs" if load > BUSY else ""
    return f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores{busy}"


def summary(figures: Sequence[Figure]) -> str:
    """Say which bars were missed."""
    missed = [figure.name for figure in figures if not figure.kept]
    bars = sum(figure.bar is not None for figure in figures)
    return f"Missed {len(missed)} of {bars} bars: {'; '.join(missed)}." if missed else f"All {bars} bars are kept."


def show(figures: Iterable[Figure], as_json: bool) -> list[Figure]:
    """Print figures as they come, a line each, and return them."""
    found = []
    for figure in figures:
        print(json.dumps(asdict(figure)) if as_json else figure.line(), flush=True)
        found.append(figure)
    return found


def from_json(lines: Iterable[str]) -> Iterator[Figure]:
    """Return the figures that another process printed."""
    return (Figure(**json.loads(line)) for line in lines)


def alone(benchmark: Benchmark, doc: str | None) -> int:
    """Run one benchmark as the main program; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="one JSON object a figure")
    asked = options(parser)
    if asked.json:
        return int(not all(figure.kept for figure in show(benchmark(asked.quick), as_json=True)))
    print(machine())
    print(row(*HEADINGS))
    figures = show(benchmark(asked.quick), as_json=False)
    print(summary(figures))
    return int(not all(figure.kept for figure in figures))
