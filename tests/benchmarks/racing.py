"""The memory race as it is by default, on the cores that there are: ``python -m tests.benchmarks.racing``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.processes import ours
from tests.benchmarks.timing import interleaved

MOST_SECONDS = 60.0  # on two cores


def figures(quick: bool) -> Iterator[Figure]:
    """Measure ``recall``; quick: one seed, for which nothing is promised."""
    side = ours("recall", *(("--seeds", "1") if quick else ()))
    (seconds,) = interleaved({"recall": side}, 1, warm=False)["recall"]
    told = f"{os.cpu_count()} cores, {side.processor[0]:.0f} s of them"
    yield Figure(f"recall{', one seed' if quick else ''}", seconds, "s", None if quick else MOST_SECONDS, measured=told)


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
