"""The README's commands with their output: run again and compared, or written anew.

``python -m tests.readme`` writes what the commands print now into the README.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n\$ (lstm-ascii [^\n]*)\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Return the commands of the README, each with the output that stands below it."""
    return BLOCK.findall(README.read_text(encoding="utf-8"))


def output_of(command: str) -> str:
    """Run a command of the README as it stands and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    arguments = [sys.executable, "-m", "lstm_ascii", *shlex.split(command)[1:]]
    done = subprocess.run(arguments, capture_output=True, cwd=ROOT, env=environment, check=True, timeout=60)  # noqa: S603
    return done.stdout.decode("utf-8")


def main() -> None:
    """Write the README anew."""
    text = README.read_text(encoding="utf-8")
    README.write_text(
        BLOCK.sub(lambda match: f"```console\n$ {match[1]}\n{output_of(match[1])}```", text), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
