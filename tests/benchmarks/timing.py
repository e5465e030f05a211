"""Times that can be trusted on a noisy machine: both sides in one run, interleaved, medians of ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

PAUSE = 0.02  # seconds before each measurement, in which another library's idle threads stop spinning


def interleaved(sides: Mapping[str, Callable[[], object]], repeats: int, warm: bool = True) -> dict[str, list[float]]:
    """Return the seconds of ``repeats`` calls of each side, which take turns; one more call warms up."""
    for call in sides.values() if warm else ():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(repeats):
        names = list(sides) if turn % 2 == 0 else list(sides)[::-1]
        for name in names:
            time.sleep(PAUSE)
            begin = time.perf_counter()
            sides[name]()
            seconds[name].append(time.perf_counter() - begin)
    return seconds


def median_ratio(above: list[float], below: list[float]) -> float:
    """Return the median of the ratios of two sides' times, turn by turn."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))
