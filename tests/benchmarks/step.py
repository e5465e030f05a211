"""The walk: its first picture, a step, an edit, an hour of playing: ``python -m tests.benchmarks.step [--quick]``.

All are times of the processor, so that other programs on the machine count little.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.checkpoint import MAKE
from tests.benchmarks.checkpoint import SENTENCE as KNOWN
from tests.benchmarks.figure import ONE_THREAD, Figure, alone
from tests.benchmarks.processes import ROOT

FIRST_BAR, STEP_BAR, GROWN_BAR = 0.5, 50.0, 2.0  # s, ms, MB
UNITS, LAYERS, WORDS = 650, 2, 5_000
SENTENCE = "The cat that chased the mouse that ate the cheese that sat on the table near the dogs was hungry ."
EXAMPLE = "The cat near the dogs was hungry."  # of the help
HOUR = 3600  # steps, at the speed at which it begins

FIRST = """
import os, sys, time
os.environ["TEXTUAL_DRIVER"] = "textual.drivers.headless_driver:HeadlessDriver"
from lstm_ascii import __main__
def found(*given, **named):
    from lstm_ascii.tui.app import StepApp
    show = StepApp.show
    def once(app):
        show(app)
        if app.page.lines:
            os.write(2, str(time.process_time()).encode())
            os._exit(0)
    StepApp.show = once
    return run(*given, **named)
from lstm_ascii.cli import step
run, step._walk_through = step._walk_through, found
sys.argv[1:] = ["step", sys.argv[1]]
__main__.main()
"""
NEEDED = """
import gc, time
gc.set_threshold(100_000)
import numpy
from textual.app import App
from textual.widgets import Input
print(time.process_time())
"""
WALKED = """
import json, resource, sys, time
from pathlib import Path
from lstm_ascii.render.step.page import step_page
from lstm_ascii.reports.step.position import Position
from lstm_ascii.reports.step.walk import Walk
from lstm_ascii.sources import Source
from lstm_ascii.tui.drawing import Look
from lstm_ascii.tui.state import ACTS, State, play, tick
model, vocabulary, known, sentence, steps = *sys.argv[1:5], int(sys.argv[5])
def shown(walk, state):
    return Look().lines(step_page(walk.report(state.position), 24), 80)
def timed(walk, state):
    begun = time.process_time()
    shown(walk, state)
    return 1e3 * (time.process_time() - begun)
def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
large, state = Walk(source=Source(model, vocabulary=vocabulary)), State(Position(known))
shown(large, state)
moves = []
for key in ("right", "down", "right", "left", "right", "up", "right", "left") * 3:
    state = ACTS[key](state, large.bounds(state.position))
    moves.append(timed(large, state))
walk, edits = Walk(), []
for letters in range(12):
    edits.append(timed(walk, State(Position(sentence + "x" * letters))))
state = State(Position(sentence))
for step in range(steps):
    if not state.is_playing:
        state = play(state, walk.bounds(state.position))
    state = tick(state, walk.bounds(state.position))
    shown(walk, state)
    if step == steps // 10:
        before = megabytes()
print(json.dumps([moves, edits[2:], megabytes() - before]))
"""


def figures(quick: bool) -> Iterator[Figure]:
    """Measure the walk that comes with the program, and one through a large network."""
    first, needed = [], []
    for _ in range(3 if quick else 11):
        first.append(float(_told(FIRST, EXAMPLE, stream="stderr")))
        needed.append(float(_told(NEEDED)))
    told = f"importing NumPy and Textual alone {statistics.median(needed):.2f} s"
    yield Figure("first picture", statistics.median(first), "s", FIRST_BAR, measured=told)
    with tempfile.TemporaryDirectory() as folder:
        made = (str(WORDS), str(UNITS), str(LAYERS), "1")
        subprocess.run([sys.executable, "-c", MAKE, folder, *made], cwd=ROOT, check=True)  # noqa: S603
        files = (str(Path(folder) / "model.safetensors"), str(Path(folder) / "words.txt"))
        steps = HOUR // 10 if quick else HOUR
        moves, edits, grown = json.loads(_told(WALKED, *files, KNOWN, SENTENCE, str(steps)))
    yield Figure(f"a step, {LAYERS} × {UNITS} units", statistics.median(moves), "ms", STEP_BAR,
                 measured=f"the slowest of {len(moves)}: {max(moves):.0f} ms")  # fmt: skip
    yield Figure("an edit, 20 words", statistics.median(edits), "ms", STEP_BAR,
                 measured=f"three networks; the slowest of {len(edits)}: {max(edits):.0f} ms")  # fmt: skip
    yield Figure("an hour of playing", grown, "MB", GROWN_BAR, measured=f"grown over {steps:,} steps")


def _told(program: str, *arguments: str, stream: str = "stdout") -> str:
    """Run a program of a few lines, and return what it says."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, *arguments], cwd=ROOT, check=True, capture_output=True, text=True,
        env={**os.environ, **ONE_THREAD},
    )  # fmt: skip
    return str(getattr(done, stream))


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
