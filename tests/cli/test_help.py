"""``--help`` and ``--version`` answer at once: NumPy is not loaded for them."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main

from lstm_ascii import __version__
from lstm_ascii.cli.app import app
from tests.cli.program import TIMEOUT, answer, environment

COMMANDS = sorted(typer.main.get_group(app).commands)
ASKED = [("--help",), ("-h",), ("--version",), *((name, "--help") for name in COMMANDS)]
HEAVY = ("numpy", "rich.console", "pydantic")

WITH_ITS_MODULES = f"""
import os, runpy, sys
def leave(code):
    print(code, *(name for name in {HEAVY} if name in sys.modules), file=sys.stderr)
    sys.stdout.flush()
os._exit = leave
runpy.run_module("lstm_ascii", run_name="__main__", alter_sys=True)
"""


def loaded(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of our own that looks at what it has loaded."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=True,
    )


@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
def test_help_and_version_load_neither_numpy_nor_a_console(arguments: tuple[str, ...]) -> None:
    done = loaded(WITH_ITS_MODULES, *arguments)
    assert done.stdout
    assert done.stderr == "0\n"


def test_the_package_alone_loads_nothing() -> None:
    names = ("numpy", "rich", "typer")
    done = loaded(f"import sys, lstm_ascii; print(*(name for name in {names} if name in sys.modules))")
    assert done.stdout == "\n"


def test_the_version_is_on_standard_output() -> None:
    result = answer("--version")
    assert (result.code, result.text, result.err) == (0, f"lstm-ascii {__version__}\n", b"")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_an_example_and_lines_of_80_columns(name: str) -> None:
    result = answer(name, "--help", PYTHONIOENCODING="ascii", COLUMNS="80")
    assert (result.code, result.err) == (0, b"")
    assert f"lstm-ascii {name}" in result.text.split("Options:")[1]
    assert all(len(line) <= 80 for line in result.text.splitlines())
