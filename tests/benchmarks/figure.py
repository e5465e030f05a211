"""What a benchmark finds: figures, each with the bar that it was promised to clear, and a table of them."""

from __future__ import annotations

import argparse
import json
import os
import platform
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
WIDTHS = (43, 10, 9, 7)


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
    parser.add_argument("--quick", action="store_true", help="fewer turns and smaller sizes")
    parser.add_argument("--json", action="store_true", help="one JSON object a figure")
    options = parser.parse_args()
    if options.json:
        return int(not all(figure.kept for figure in show(benchmark(options.quick), as_json=True)))
    print(machine())
    print(row(*HEADINGS))
    figures = show(benchmark(options.quick), as_json=False)
    print(summary(figures))
    return int(not all(figure.kept for figure in figures))
