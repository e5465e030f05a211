"""Long texts into a pipe, a million steps, many pairs: ``python -m tests.benchmarks.rendering [--quick]``."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.processes import Side, ours, text_file
from tests.benchmarks.timing import interleaved

STORY = (
    "the",
    "cat",
    "that",
    "chased",
    "the",
    "mice",
    "was",
    "hungry",
    ".",
    "two",
    "old",
    "dogs",
    "sleep",
    ",",
    "too",
    ".",
)
WORDS, WORDS_BARS = 10_000, (5.0, 200.0)
STEPS, STEPS_BAR, PAIRS = 1_000_000, 60.0, 100_000


def figures(quick: bool) -> Iterator[Figure]:
    """Measure time and memory of the longest answers."""
    with tempfile.TemporaryDirectory() as folder:
        text = text_file(folder, list(islice(cycle(STORY), WORDS)))
        long = ours("explain", "-", stdin=text, piped=True)
        yield from measured(f"explain, {WORDS:,} words", long, 1 if quick else 3, *WORDS_BARS)
        if quick:
            return
        yield from measured(
            f"gradients, {STEPS:,} steps", ours("gradients", "--steps", str(STEPS), piped=True), 1, STEPS_BAR
        )
        pairs = pairs_file(Path(folder), PAIRS)
        yield from measured(f"agreement, {PAIRS:,} pairs", ours("agreement", pairs, piped=True), 1)


def measured(
    name: str, side: Side, turns: int, seconds_bar: float | None = None, memory_bar: float | None = None
) -> Iterator[Figure]:
    """Measure one call: seconds, and peak memory."""
    seconds = interleaved({name: side}, turns, warm=False)[name]
    used = f"{statistics.median(side.processor):.1f} s of a processor, {side.wrote / 1e6:.2f} MB written"
    yield Figure(name, statistics.median(seconds), "s", seconds_bar, measured=used)
    yield Figure(f"{name}: memory", side.peak, "MB", memory_bar)


def pairs_file(folder: Path, count: int) -> str:
    """Write so many minimal pairs, no two with the same words before the verb, and return the file's name."""
    lines = ["prefix\tright\twrong"]
    for prefix, right, wrong in islice(_pairs(("cat", "dog", "boy", "mouse", "table", "friend")), count):
        lines.append(f"{prefix}\t{right}\t{wrong}")
    path = folder / "pairs.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def _pairs(nouns: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield pairs without end, longer ones with every round: which nouns stand where is a number in base 2n."""
    forms = [(noun, plural) for noun in nouns for plural in (False, True)]
    number = 0
    while True:
        digits, rest = [number % len(forms)], number // len(forms)
        while rest:
            digits.append(rest % len(forms))
            rest //= len(forms)
        named = [_noun(*forms[digit]) for digit in digits]
        verbs = ("were", "was") if forms[digits[0]][1] else ("was", "were")
        yield " that chased ".join(f"the {noun}" for noun in named), *verbs
        number += 1


def _noun(noun: str, plural: bool) -> str:
    """Return a noun in its number."""
    return noun if not plural else "mice" if noun == "mouse" else f"{noun}s"


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
