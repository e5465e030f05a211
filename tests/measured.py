"""Measure what ``compare`` has ready: ``python -m tests.measured``, on a quiet machine, when a network has changed."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from lstm_ascii.processes import cores
from lstm_ascii.reports.compare.comparison import Comparison, compare_report
from lstm_ascii.reports.compare.measured import FILE, digest
from lstm_ascii.reports.compare.report import Measured


def processor() -> str:
    """Return the name of the processor, as far as the system tells it."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def main() -> None:
    """Measure all, and keep it."""
    report = compare_report(Comparison(), lambda _: None)
    counted = f"{cores()} core{'s' * (cores() > 1)} of {processor()}"
    machine = f"{counted}, Python {platform.python_version()}, NumPy {np.__version__}"
    today = datetime.now(UTC).date().isoformat()
    report = replace(report, measured=Measured(today, machine), claims=())  # which are judged when they are shown
    kept = {"networks": digest(), "report": asdict(report)}
    FILE.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
