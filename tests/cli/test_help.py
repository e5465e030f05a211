"""``--help`` and ``--version`` answer at once: NumPy is not loaded for them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from lstm_ascii import __version__
from lstm_ascii.cli.app import COMMANDS, app
from lstm_ascii.cli.manual import manual
from tests.cli.program import TIMEOUT, answer, environment
from tests.readme import MANUAL

ASKED = [("--help",), ("-h",), ("--version",), ("--man",), *((name, "--help") for name in COMMANDS)]
HEAVY = ("numpy", "rich.console", "pydantic", "textual")

NOT_ASKED = (  # what a plain explain of a sentence does without: it is loaded by the function that needs it
    "decimal", "fractions", "multiprocessing", "rich.box", "rich.live", "rich.table", "tempfile", "textual",
    "lstm_ascii.analysis.all_paths", "lstm_ascii.analysis.asked", "lstm_ascii.analysis.products",
    "lstm_ascii.analysis.replay", "lstm_ascii.answer", "lstm_ascii.cells.activations", "lstm_ascii.cells.initial",
    "lstm_ascii.cells.variants", "lstm_ascii.checkpoints.formats.contents", "lstm_ascii.checkpoints.networks",
    "lstm_ascii.checkpoints.series_scale", "lstm_ascii.files", "lstm_ascii.processes", "lstm_ascii.render.documents",
    "lstm_ascii.reports.explain.answers", "lstm_ascii.reports.explain.gate_map",
    "lstm_ascii.reports.explain.influence", "lstm_ascii.reports.explain.painted", "lstm_ascii.reports.explain.writings",
    "lstm_ascii.training",
)  # fmt: skip
OF_EXPLAIN = f"""
import os, runpy, sys
def leave(code):
    from lstm_ascii.render.explain import BY_DEFAULT, SECTIONS
    TAKEN_FROM = ("decided", "gates", "highway", "unit")  # the page to show takes a part of each
    views = {{f"lstm_ascii.render.explain.{{name}}" for name in set(SECTIONS) - {{*BY_DEFAULT, *TAKEN_FROM}}}}
    print(code, *(sorted(views.union({NOT_ASKED}) & sys.modules.keys())), file=sys.stderr)
    sys.stdout.flush()
os._exit = leave
runpy.run_module("lstm_ascii", run_name="__main__", alter_sys=True)
"""
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


@pytest.mark.parametrize("arguments", [("glossary", "gate"), ("gradients", "--steps", "3")], ids=" ".join)
def test_an_answer_needs_no_pydantic(arguments: tuple[str, ...]) -> None:
    done = loaded(WITH_ITS_MODULES, *arguments)
    assert done.stdout
    assert "pydantic" not in done.stderr.split()


def test_explain_loads_only_what_its_page_shows() -> None:
    done = loaded(OF_EXPLAIN, "explain", "The cat that chased the mouse was hungry .")
    assert done.stdout
    assert done.stderr == "0\n", "these are loaded, too; import them in the function that needs them"


@pytest.mark.parametrize(("option", "kind"), [("--steps", "int"), ("--spectral-radius", "float")])
def test_what_is_no_number_is_told_alike_by_every_version_of_typer(option: str, kind: str) -> None:
    done = answer("gradients", option, "x")
    assert done.code == 2
    assert done.complaint.endswith(f"lstm-ascii: Invalid value for '{option}': 'x' is not a valid {kind}.\n")


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


STARTED = """
import sys
from lstm_ascii.cli.app import run
run(["explain", "--help"])
print(*(name for name in sys.modules if name.startswith("lstm_ascii.cli.")))
"""


def test_starting_one_command_loads_no_other() -> None:
    modules = loaded(STARTED).stdout.splitlines()[-1].split()
    assert {f"lstm_ascii.cli.{name}" for name in COMMANDS} & set(modules) == {"lstm_ascii.cli.explain"}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_names_the_arguments_as_manuals_do(name: str) -> None:
    usage = answer(name, "--help").text.splitlines()[0]
    assert re.fullmatch(rf"Usage: lstm-ascii {name} \[OPTIONS\]( \[?[A-Z][\w.]*\]?)*", usage), usage


OFFERED = {"bash": r"^(\S+)$", "zsh": r'"([\w,-]+)"(?::"|[\s)])', "fish": r"^([\w,-]+)(?:\t|$)"}


def completed(shell: str, typed: str) -> list[str]:
    """Return what a shell is offered behind ``typed``; its own script asks the program the same way."""
    env = {
        "_LSTM_ASCII_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": f"lstm-ascii {typed}",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": f"lstm-ascii {typed}",
        "COMP_CWORD": str(len(typed.split(" "))),
    }
    result = answer(**env)
    assert (result.code, result.err) == (0, b"")
    return re.findall(OFFERED[shell], result.text, re.MULTILINE)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_options(shell: str) -> None:
    assert set(completed(shell, "")) >= set(COMMANDS)
    assert completed(shell, "expl") == ["explain"]
    assert completed(shell, "explain --contr") == ["--contrast"]
    assert completed(shell, "explain --color al") == ["always"]
    assert completed(shell, "explain --view gates,hi") == ["gates,highway"]
    assert completed(shell, "diagram high") == ["highway"]


def test_of_several_names_the_last_is_completed_and_none_is_offered_twice() -> None:
    from lstm_ascii.cli.options import any_of

    assert any_of("rnn", "lstm", "gru")("rnn,") == ["rnn,lstm", "rnn,gru"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_the_shell_is_printed(shell: str) -> None:
    result = answer(_LSTM_ASCII_COMPLETE=f"source_{shell}")
    assert (result.code, result.err) == (0, b"")
    assert "_LSTM_ASCII_COMPLETE=complete_" in result.text


@pytest.mark.skipif(os.name != "posix" or shutil.which("bash") is None, reason="needs bash")
def test_bash_takes_its_script() -> None:
    script = answer(_LSTM_ASCII_COMPLETE="source_bash").text
    program = shlex.join([sys.executable, "-m", "lstm_ascii"])
    code = f'''lstm-ascii() {{ {program} "$@"; }}; export -f lstm-ascii
{script.replace("$1 )", "bash -c lstm-ascii )")}
COMP_WORDS=(lstm-ascii exp); COMP_CWORD=1; _lstm_ascii_completion lstm-ascii; echo "${{COMPREPLY[@]}}"'''
    done = subprocess.run(  # noqa: S603
        [str(shutil.which("bash")), "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )
    assert done.stdout.split() == ["explain"]


@pytest.mark.skipif(Version(version("typer")) < Version("0.28"), reason="older Typers write some names in brackets")
def test_the_manual_page_in_the_package_is_the_one_that_the_program_prints() -> None:
    assert MANUAL.read_text(encoding="ascii") == manual(app), "renew it: python -m tests.readme"


def test_the_manual_page_tells_every_command_and_option() -> None:
    page = manual(app).replace(r"\-", "-")
    assert page.isascii()
    for name in COMMANDS:
        assert f"\n.SS {name}" in page
        for option in re.findall(r"^  (?:-\w, )?(--[\w-]+)", answer(name, "--help").text, re.MULTILINE):
            assert option in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_the_manual_page_is_set_without_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "page.1"
    file.write_text(manual(app), encoding="ascii")
    done = subprocess.run(  # noqa: S603
        [str(shutil.which("groff")), "-man", "-ww", "-Tascii", str(file)],
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    )
    assert done.stderr == b""
