"""How time grows with words, steps and units: ``python -m tests.benchmarks.growth [--quick]``.

An exponent of 1 is time that is proportional. Whole processes are measured, less the time of the smallest one, which is
start-up.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle, islice

from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.processes import Side, ours, text_file
from tests.benchmarks.timing import interleaved
from tests.benchmarks.waiting import STORY

WORDS, WORDS_BAR = (1000, 8000), 1.2
STEPS, STEPS_BAR = (2000, 20_000), 1.1
UNITS, UNITS_BAR = (32, 128), 3.0  # a product of two H × H matrices a step
GRADIENTS_OF_UNITS = 400  # steps


def figures(quick: bool) -> Iterator[Figure]:
    """Measure the exponents."""
    turns = 1 if quick else 5

    def of_steps(steps: int) -> Side:
        return ours("gradients", "--steps", str(steps))

    def of_units(units: int) -> Side:
        return ours("gradients", "--steps", str(GRADIENTS_OF_UNITS), "--hidden", str(units))

    with tempfile.TemporaryDirectory() as folder:

        def of_words(words: int) -> Side:
            return ours("explain", "-", stdin=text_file(folder, list(islice(cycle(STORY), words))), piped=True)

        yield exponent("explain: words", WORDS, of_words, 2, turns, WORDS_BAR)
    yield exponent("gradients: steps", STEPS, of_steps, 1, turns, STEPS_BAR)
    yield exponent("gradients: units", UNITS, of_units, 1, turns, UNITS_BAR)


def exponent(
    name: str, sizes: tuple[int, int], side: Callable[[int], Side], smallest: int, turns: int, bar: float
) -> Figure:
    """Measure ln(time ratio) / ln(size ratio) of two sizes, less the time that the smallest one takes."""
    seconds = interleaved({str(size): side(size) for size in (*sizes, smallest)}, turns, warm=turns > 1)
    start_up = statistics.median(seconds[str(smallest)])
    small, large = (max(1e-3, statistics.median(seconds[str(size)]) - start_up) for size in sizes)
    found = math.log(large / small) / math.log(sizes[1] / sizes[0])
    told = f"{sizes[0]:,}: {small:.2f} s; {sizes[1]:,}: {large:.2f} s; start-up {start_up:.2f} s taken off"
    return Figure(name, found, "^", bar, measured=told)


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
