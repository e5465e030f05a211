"""The file of a watched training, written by hand: forget gates that shut, a gradient that grows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lstm_ascii.reports.watch.report import WatchReport, watch_report

HEAD = {
    "format": "lstm-ascii watch", "version": 1, "every": 50,
    "layers": [
        {"name": "encoder.rnn", "cell": "LSTM", "inputs": 8, "units": 16, "backward": False,
         "gates": ["input", "forget", "candidate", "output"]},
        {"name": "head", "cell": "RNN", "inputs": 16, "units": 4, "backward": False, "gates": ["candidate"]},
    ],
}  # fmt: skip
SHORT = {"severity": "warning", "rule": "short-horizon", "what": "the gradient vanishes after a few words",
         "evidence": "below 0.001 after 4 words, the middle of 1 sequence of 30 words; limit 10 words"}  # fmt: skip


def report(number: int) -> dict[str, Any]:
    """Return the line of one report."""
    forget = max(0.05, 0.9 - 0.03 * number)
    size = 0.25 + 0.001 * number if number != 27 else 9.0
    lstm = {
        "weights": {"input": 4 + 0.1 * number, "forget": 4 - 0.05 * number, "candidate": 3.0, "output": 5.0},
        "gradients": {"input": size, "forget": size / 2, "candidate": size, "output": size / 4},
        "keep_bias": 1 - 0.1 * number, "radius": 0.9, "horizon": 4 if number > 20 else None, "followed": 30,
        "gates": {"forget": [forget, 0.5, 1 - forget], "input": [0.5, 0.1, 0.2], "output": [0.6, 0.2, 0.1]},
        "flat": 0.02, "memory": 0.8, "largest": 3.5, "words": 240, "findings": [SHORT] if number > 20 else [],
    }  # fmt: skip
    rnn = {"weights": {"candidate": 2.0}, "gradients": {}, "keep_bias": None, "radius": 1.1, "horizon": None,
           "followed": 0, "gates": {}, "flat": 0.1, "memory": 0.5, "largest": 0.99, "findings": []}  # fmt: skip
    return {"step": 50 * number, "seconds": number * 1.5, "loss": 3 / number, "cost": 0.031,
            "layers": {"encoder.rnn": lstm, "head": rnn}}  # fmt: skip


def lines(ended: bool = True) -> list[str]:
    """Return the lines of the file."""
    told = [HEAD, *map(report, range(1, 31)), *([{"ended": True, "step": 1500, "cost": 0.03}] if ended else [])]
    return [json.dumps(line) for line in told]


def made() -> WatchReport:
    """Return the report of the file."""
    with TemporaryDirectory() as folder:
        return replace(watch_report(write(Path(folder) / "watch.jsonl")), file="watch.jsonl")


def write(path: Path, ended: bool = True) -> Path:
    """Write the file."""
    path.write_text("".join(f"{line}\n" for line in lines(ended)))
    return path
