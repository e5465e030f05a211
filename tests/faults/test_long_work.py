"""What takes long ends soon after Ctrl-C, SIGTERM or SIGHUP, whenever that comes, and leaves nothing behind."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
pexpect = pytest.importorskip("pexpect")

from tests.cli.processes import PROCESSES, children  # noqa: E402
from tests.cli.program import TIMEOUT, environment  # noqa: E402
from tests.faults.sparse import sparse_file  # noqa: E402

SHOWN, HIDDEN = "\x1b[?25h", "\x1b[?25l"
ROUNDS = int(os.environ.get("LSTM_ASCII_INTERRUPTS", "1"))  # moments a command
WITHIN = 30.0  # seconds from the interrupt to the end, on a busy machine; on an idle one it is below 1
FIRST_SIGN = 120.0  # seconds, likewise
LATEST = 1.0  # seconds from the first sign to the last moment that is tried
WORDS = (
    *("the", "cat", "that", "chased", "the", "mouse", "was", "hungry"),
    *("and", "the", "dogs", "near", "the", "house", "were", "asleep", "."),
)

LONG = {
    "explain": ("explain", "-"),
    "explain to a file": ("explain", "-", "--export", "out.svg"),
    "derive": ("derive", "--sentence", " ".join(WORDS * 1000)),
    "diagram": ("diagram", "lstm", "--sentence", " ".join(WORDS * 1000)),
    "agreement": ("agreement", "pairs.tsv"),
    "doctor": ("doctor", "small.safetensors", "text.txt"),
    "inspect": ("inspect", "large.safetensors"),
    "gradients": ("gradients", "--steps", "1000000"),
    "map": ("gradients", "--heatmap", "--steps", "2000"),
    "recall": ("recall", "--gaps", "100,200"),
    "compare": ("compare", "--seeds", "20"),
    "train": ("train", "--cell", "rnn", "--out", "networks", "--force"),
}
OTHERS = {"explain": signal.SIGTERM, "map": signal.SIGHUP, "recall": signal.SIGTERM, "train": signal.SIGHUP}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the commands read."""
    path = tmp_path_factory.mktemp("long")
    (path / "words.txt").write_text(" ".join(WORDS * 6000), encoding="utf-8")
    pairs = "the cat that chased the mouse\twas\twere\n" * 400_000
    (path / "pairs.tsv").write_text(f"prefix\tright\twrong\n{pairs}", encoding="utf-8")
    (path / "text.txt").write_text(f"{' '.join(WORDS)}\n" * 50_000, encoding="utf-8")
    weights = Path(__file__).parents[2] / "lstm_ascii" / "weights" / "lstm.safetensors"
    (path / "small.safetensors").write_bytes(weights.read_bytes())
    sparse_file(path / "large.safetensors", {"lstm.weight": (40_000, 10_000)})
    return path


def interrupted(name: str, folder: Path, moment: float, number: int) -> float:
    """Start a command, send a signal ``moment`` seconds after its first sign, and return the seconds to its end."""
    before = sorted(folder.rglob("*"))
    program = " ".join((sys.executable, "-m", "lstm_ascii", '"$@"'))
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", f"exec {program}{' < words.txt' if '-' in LONG[name] else ''}", "sh", *LONG[name]],
        env=environment(TERM="xterm-256color", PAGER="cat"),
        cwd=str(folder),
        dimensions=(50, 100),
        encoding="utf-8",
        timeout=FIRST_SIGN,
    )
    child.expect_exact(HIDDEN)  # something moves
    child.expect(pexpect.TIMEOUT, timeout=moment)
    family = [child.pid, *children(child.pid)]
    begun = time.monotonic()
    child.sendintr() if number == signal.SIGINT else child.kill(number)
    child.expect(pexpect.EOF, timeout=TIMEOUT)
    seconds = time.monotonic() - begun
    child.close()
    assert child.exitstatus == 128 + number
    stream = HIDDEN + str(child.before)
    assert stream.count(SHOWN) == stream.count(HIDDEN)
    assert stream.rindex(SHOWN) > stream.rindex(HIDDEN)
    assert "Traceback" not in stream
    assert gone(family)
    if name != "train":  # which saves what it has reached
        assert sorted(folder.rglob("*")) == before
    assert not list(folder.rglob(".*")), "half-written files are left"
    return seconds


def gone(pids: Sequence[int]) -> bool:
    """Tell whether all these processes end in time."""
    until = time.monotonic() + WITHIN
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@PROCESSES
@pytest.mark.parametrize("name", LONG)
def test_what_takes_long_shows_it_and_ends_on_ctrl_c(name: str, folder: Path) -> None:
    moments = random.Random(name)  # noqa: S311 - the same moments each time
    times = [interrupted(name, folder, moments.uniform(0, LATEST), signal.SIGINT) for _ in range(ROUNDS)]
    if ROUNDS > 2:
        sys.stderr.write(f"{name}: {ROUNDS} ends, median {np.median(times):.2f} s, at most {max(times):.2f} s\n")
    assert max(times) < WITHIN


@PROCESSES
@pytest.mark.parametrize(("name", "number"), OTHERS.items())
def test_what_takes_long_ends_on_other_signals_as_on_ctrl_c(name: str, number: int, folder: Path) -> None:
    assert interrupted(name, folder, 0.5, number) < WITHIN
