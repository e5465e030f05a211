"""The README's commands with their output, its pictures, the manual page: made again and compared, or written anew.

``python -m tests.readme`` writes what the commands print now into the README, draws its pictures and writes the page.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from lstm_ascii.cli.app import app
from lstm_ascii.cli.manual import manual

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MANUAL = ROOT / "lstm_ascii" / "man" / "lstm-ascii.1"
PICTURES = {  # by what draws them
    ROOT / "tests" / "pictures" / f"{name}.svg": command
    for name, command in (
        ("explain", 'explain "The cat that chased the mice was hungry." --view cell,decided'),
        ("gradients", "gradients --steps 50 --view glance,bars"),
    )
}
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


def drawn(command: str) -> str:
    """Return the picture that a command draws now."""
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.svg"
        output_of(f"lstm-ascii {command} --export {picture}")
        return picture.read_text(encoding="utf-8")


def main() -> None:
    """Write the README, its pictures and the manual page anew."""
    MANUAL.write_text(manual(app), encoding="ascii")
    for file, command in PICTURES.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn(command), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    README.write_text(
        BLOCK.sub(lambda match: f"```console\n$ {match[1]}\n{output_of(match[1])}```", text), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
