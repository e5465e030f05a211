"""Where people wait: ``python -m tests.benchmarks.waiting [--quick] [--turns N]``.

Whole commands, each beside the floor (``import numpy, rich.console, rich.table, typer``) in the same run. A figure is
the median of five runs; of one where that takes minutes, unless ``--turns`` asks for more.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from tests.benchmarks.checkpoint import BY_HAND, MAKE
from tests.benchmarks.checkpoint import SENTENCE as KNOWN
from tests.benchmarks.figure import Figure, alone, of_runs, turns_asked
from tests.benchmarks.processes import ROOT, Side, floor, ours, text_file
from tests.benchmarks.timing import interleaved, median_ratio

SENTENCE = "The cat that chased the mouse that ate the cheese on the old table was very hungry ."
STORY = ["the", "cat", "that", "chased", "the", "mice", "was", "hungry", ".",
         "two", "old", "dogs", "sleep", ",", "too", "."]  # fmt: skip
PAIRS = 9  # of a short answer and the floor, whose ratios' median is one run
LARGE, MODEL = (2_000, 1_500, 2, 0), (58_700, 650, 2, 1)  # words, units, layers, tied; the second: 45 M parameters
SERIES = (4_001, 256, 2)  # steps, units, layers
CORPUS = 10**9  # bytes of text
QUIET_FLOOR = 0.15  # seconds, on the machine for which the bars were set: so a bar is also so many floors

MAKE_FORECASTER = """
import sys
from pathlib import Path
import numpy as np
from lstm_ascii.checkpoints.formats.safetensors import write
folder, steps, hidden, layers = Path(sys.argv[1]), *map(int, sys.argv[2:5])
bits = np.random.default_rng(0)
def weights(*shape):
    return (bits.random(shape, np.float32) - 0.5) * np.float32(0.16)
tensors = {}
for n in range(layers):
    sizes = {"weight_ih": (4 * hidden, hidden if n else 2), "weight_hh": (4 * hidden, hidden)}
    sizes |= {"bias_ih": (4 * hidden,), "bias_hh": (4 * hidden,)}
    tensors |= {f"rnn.{name}_l{n}": weights(*size) for name, size in sizes.items()}
tensors |= {"fc.weight": weights(1, hidden), "fc.bias": weights(1)}
write(folder / "forecaster.safetensors", tensors, {})
np.save(folder / "series.npy", np.sin(np.arange(steps)[:, None] / (7.0, 31.0)) + bits.normal(size=(steps, 2)) / 9)
"""


def figures(quick: bool) -> Iterator[Figure]:
    """Measure each command; quick: once, and what takes minutes is left out."""
    turns = turns_asked(quick)
    yield from short(turns)
    yield from waited("compare", ours("compare"), turns, 2.0)
    yield from raced(turns)
    with tempfile.TemporaryDirectory() as name:
        folder, explain = Path(name), partial(ours, "explain", piped=True)
        text = text_file(name, list(islice(cycle(STORY), 10_000)))
        yield from waited("explain, 10,000 words", explain("-", stdin=text), turns, 5.0, 200.0)
        make(MAKE_FORECASTER, name, SERIES)
        series = ("--model", str(folder / "forecaster.safetensors"), "--input", str(folder / "series.npy"))
        yield from waited("explain, series of 4,001 × 2 × 256", explain(*series), turns, 6.0)
        model = ("--model", str(folder / "model.safetensors"), "--vocab", str(folder / "words.txt"))
        known = explain(KNOWN, *model, "--contrast", "was:were")
        make(MAKE, name, LARGE)
        yield from waited("explain, 2 × 1,500 units, 20 words", known, turns, 3.0)
        make(MAKE, name, MODEL)
        yield from scripted(known, name, turns)
        if not quick:
            yield from long(folder, turns_asked(otherwise=1))


def make(script: str, folder: str, sizes: Sequence[int]) -> None:
    """Write a model, in a process of its own."""
    subprocess.run([sys.executable, "-c", script, folder, *map(str, sizes)], cwd=ROOT, check=True)  # noqa: S603


def short(turns: int) -> Iterator[Figure]:
    """Measure a short answer against the floor: time, and memory."""
    side, least = ours("explain", SENTENCE), floor()
    runs = [interleaved({"ours": side, "floor": least}, PAIRS) for _ in range(turns)]
    wall, base = (f"{1e3 * median(median(run[one]) for run in runs):.0f} ms" for one in ("ours", "floor"))
    ratios = [median_ratio(run["ours"], run["floor"]) for run in runs]
    yield of_runs("explain, 18 words, to the floor", ratios, "x", 1.25, measured=f"{wall}, floor {base}")
    sizes = f"{side.peak:.1f} MB, floor {least.peak:.1f} MB"
    yield Figure("explain, 18 words: memory, to the floor", side.peak / least.peak, "x", 1.25, measured=sizes)


def waited(
    title: str, side: Side, turns: int, bar: float | None = None, memory_bar: float | None = None
) -> Iterator[Figure]:
    """Measure a command: seconds, in floors too, and its memory."""
    seconds = interleaved({title: side, "floor": floor()}, turns, warm=False)
    told = f"{floors(seconds[title], seconds['floor'], bar)}, {median(side.processor):.1f} s of a processor"
    yield of_runs(title, seconds[title], "s", bar, measured=f"{told}, {side.peak:.0f} MB")
    if memory_bar is not None:
        yield of_runs(f"{title}: memory", side.megabytes, "MB", memory_bar)


def floors(seconds: Sequence[float], least: Sequence[float], bar: float | None = None) -> str:
    """Say how many floors these times are, and how many the bar is, in seconds: machines differ."""
    most = "" if bar is None else f" (bar: {bar / QUIET_FLOOR:,.0f})"
    return f"{median_ratio(seconds, least):,.1f}{most} times the floor of {median(least):.2f} s"


def raced(turns: int) -> Iterator[Figure]:
    """Measure the memory race as it is by default: until its first finding, and all of it."""
    first: list[float] = []

    def race() -> None:
        begin, command = time.perf_counter(), [sys.executable, "-m", "lstm_ascii", "recall"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:  # noqa: S603
            assert child.stderr is not None
            child.stderr.readline()
            first.append(time.perf_counter() - begin)
            child.communicate()
        assert child.returncode == 0

    seconds = interleaved({"race": race, "floor": floor()}, turns, warm=False)
    for title, runs, bar in (("first finding", first, 5.0), ("all", seconds["race"], 20.0)):
        yield of_runs(f"recall, {title}", runs, "s", bar, measured=floors(runs, seconds["floor"], bar))


def scripted(side: Side, folder: str, turns: int) -> Iterator[Figure]:
    """Measure a language model of 45 million parameters, to the time of the script that one would write instead."""
    if not (importlib.util.find_spec("torch") and importlib.util.find_spec("safetensors")):
        print("torch or safetensors is not installed: there is no script to hold explain against.", file=sys.stderr)
        return
    sides = {"ours": side, "script": Side(("-c", BY_HAND, folder, KNOWN), piped=True), "floor": floor()}
    seconds = interleaved(sides, turns)
    ratios = [ours / theirs for ours, theirs in zip(seconds["ours"], seconds["script"], strict=True)]
    told = f"{median(seconds['ours']):.2f} s, {floors(seconds['ours'], seconds['floor'])}"
    told += f"; PyTorch {median(seconds['script']):.2f} s"
    yield of_runs("explain, 45 M parameters, to PyTorch's script", ratios, "x", 0.6, measured=told)


def long(folder: Path, turns: int) -> Iterator[Figure]:
    """Measure what takes minutes."""
    yield from waited("gradients, 1,000,000 steps", ours("gradients", "--steps", "1000000", piped=True), turns, 60.0)
    lines = "\n".join(" ".join(islice(cycle(STORY), first, first + 16)) for first in range(len(STORY))) + "\n"
    text = folder / "text"
    with text.open("w", encoding="utf-8") as file:  # piece by piece: what this process takes, a child seems to take
        file.writelines(lines for _ in range(CORPUS // len(lines)))
    doctor = ours("doctor", str(Path(ROOT) / "lstm_ascii" / "weights" / "lstm.safetensors"), str(text))
    yield from waited(f"doctor, 1 GB of text, {os.cpu_count()} cores", doctor, turns, 100.0)
    yield from waited("agreement, 100,000 pairs", ours("agreement", pairs_file(folder, 100_000), piped=True), turns)


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
