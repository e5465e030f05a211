"""The README can't rot: what it shows is what the program prints."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests import readme


@pytest.mark.parametrize(("command", "shown"), readme.blocks(), ids=[command for command, _ in readme.blocks()])
def test_each_command_prints_what_the_readme_shows(command: str, shown: str) -> None:
    assert readme.output_of(command) == shown


def test_there_are_commands_to_compare() -> None:
    assert len(readme.blocks()) >= 3


def test_the_python_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", readme.README.read_text(encoding="utf-8"), re.DOTALL)
    subprocess.run([sys.executable, "-c", code], cwd=readme.ROOT, check=True, timeout=60)  # noqa: S603


def test_the_two_commands_stand_first() -> None:
    first, second = re.findall(r"```sh\n(.*?)\n```", readme.README.read_text(encoding="utf-8"), re.DOTALL)[:2]
    for command in (first, second):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert "\n" not in command
    assert ".venv/bin/lstm-ascii explain " in first
    assert second.endswith("pytest")


def test_links_inside_the_project_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", readme.README.read_text(encoding="utf-8")):
        assert (readme.ROOT / target).exists(), target
