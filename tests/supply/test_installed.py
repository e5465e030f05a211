"""The program as it is installed: in an empty environment, without extras, run from another folder.

What comes from a package index is left to those who ask for it, by ``SUPPLY=1``: every Python that the project names
and that is there, and the lowest versions of the dependencies.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

pytest.importorskip("hatchling", reason="building needs hatchling, of the extra test")

from packaging.requirements import Requirement

from lstm_ascii import __version__
from lstm_ascii.cli.app import COMMANDS
from tests.supply.distributions import ROOT, built, environment, interpreters, link, lowest, needed, project, ran

SENTENCE = "The cat that chased the mice was hungry."
CORE = [Requirement(one).name for one in project()["dependencies"]]
CALLS = {  # what is to be read in the answer
    ("--version",): __version__,
    ("--man",): ".TH",
    ("--help",): "glossary",
    ("explain", SENTENCE): "THE CELL",
    ("gradients", "--steps", "20"): "LSTM",
    ("diagram", "lstm"): "LSTM",
    ("derive", "forget"): "forget",
    ("glossary",): "forget gate",
    ("guide", "scripts"): "EXIT CODES",
    ("learn", "--list"): "11",
    ("inspect", "{networks}/gru.safetensors"): "GRU",
    ("explain", SENTENCE, "--model", "{networks}/lstm.safetensors", "--plain"): "LSTM",
    ("recall", "--gaps", "2,3", "--cell", "rnn,lstm", "--steps", "10", "--seeds", "1"): "LSTM",
}
_INSTALLED = """
import json
from importlib.metadata import distributions
print(json.dumps({one.metadata["Name"]: one.requires or [] for one in distributions()}))
"""
INDEX = pytest.mark.skipif(not os.environ.get("SUPPLY"), reason="SUPPLY=1 installs from a package index")


@cache
def wheel() -> Path:
    """Return the wheel, built once."""
    return built("wheel", ROOT, Path(mkdtemp(prefix="lstm-ascii-")))


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has the wheel, and of what is installed here only what that needs."""
    folder = tmp_path_factory.mktemp("offline")
    python = environment(sys.executable, folder / "env")
    told = ran([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).stdout
    packages = Path(told.strip())
    for one in needed(CORE).values():
        link(one, packages)
    with zipfile.ZipFile(wheel()) as file:
        file.extractall(packages)
    ran([str(python), "-m", "compileall", "-q", str(packages / "lstm_ascii")], folder)  # as pip does
    return python


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_every_command_runs_with_typer_rich_and_numpy_alone(
    offline: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    answers(offline, tmp_path, arguments)


def test_every_command_has_its_help_there(offline: Path, tmp_path: Path) -> None:
    for name in COMMANDS:
        assert name in told(offline, tmp_path, name, "--help")


def test_reports_and_files_are_written_there(offline: Path, tmp_path: Path) -> None:
    assert json.loads(told(offline, tmp_path, "explain", SENTENCE, "--json"))["words"][1] == "cat"
    done = ran([str(offline), "-m", "lstm_ascii", "explain", SENTENCE, "--export", "page.svg"], tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "page.svg").read_text(encoding="utf-8").startswith("<svg")


def test_nothing_of_the_source_tree_is_used_there(offline: Path, tmp_path: Path) -> None:
    done = ran([str(offline), "-c", "import lstm_ascii; print(lstm_ascii.__file__)"], tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(offline.parents[1])
    assert "ModuleNotFoundError" in ran([str(offline), "-c", "import hatchling"], tmp_path).stderr


@INDEX
@pytest.mark.parametrize("version", interpreters())
def test_it_installs_on_every_python_that_is_there(version: str, tmp_path: Path) -> None:
    python = installed(version, tmp_path, str(wheel()))
    here = json.loads(ran([str(python), "-c", _INSTALLED], tmp_path).stdout)
    assert set(map(canonical, here)) - {"pip", "setuptools"} == reached("lstm-ascii", here)
    for arguments in CALLS:
        answers(python, tmp_path, arguments)
    script = ran([str(python.with_name("lstm-ascii")), "explain", SENTENCE], tmp_path)
    assert (script.returncode, script.stderr) == (0, "")


@INDEX
def test_it_runs_with_the_lowest_versions_that_it_allows(tmp_path: Path) -> None:
    python = installed(min(interpreters(), key=lambda name: int(name.split(".")[1])), tmp_path, str(wheel()), *lowest())
    for arguments in CALLS:
        answers(python, tmp_path, arguments)


@INDEX
def test_the_sdist_installs_too(tmp_path: Path) -> None:
    current = f"{sys.version_info.major}.{sys.version_info.minor}"
    python = installed(current, tmp_path, str(built("sdist", ROOT, tmp_path / "dist")))
    answers(python, tmp_path, ("explain", SENTENCE))


def answers(python: Path, folder: Path, arguments: tuple[str, ...]) -> None:
    """Hold one call against what is to be read in its answer."""
    assert CALLS[arguments] in told(python, folder, *arguments)


def told(python: Path, folder: Path, *arguments: str) -> str:
    """Run the program of an environment, every warning an error, and return what it says; nothing goes wrong."""
    found = ran([str(python), "-c", "import lstm_ascii; print(lstm_ascii.__path__[0])"], folder).stdout.strip()
    filled = [one.replace("{networks}", f"{found}/weights") for one in arguments]
    done = ran([str(python), "-W", "error", "-m", "lstm_ascii", *filled], folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def installed(version: str, folder: Path, *what: str) -> Path:
    """Install into an empty environment of that Python; skip where there is no such Python, or no index."""
    interpreter = interpreters()[version]
    if not interpreter:
        pytest.skip(f"there is no Python {version} here")
    python = environment(interpreter, folder / "env")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *what]
    done = ran(command, folder, whole=True)
    if done.returncode and ("No matching distribution" in done.stderr or "Connection" in done.stderr):
        pytest.skip(f"the package index has not what is needed: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return python


def canonical(name: str) -> str:
    """Return a distribution's name as indexes write it."""
    return name.lower().replace("_", "-").replace(".", "-")


def reached(name: str, installed_here: dict[str, list[str]]) -> set[str]:
    """Return a distribution and all that it needs, of those that are installed, without extras."""
    requires = {canonical(one): needs for one, needs in installed_here.items()}
    found, wanted = set[str](), [name]
    while wanted:
        one = wanted.pop()
        if one in requires and one not in found:
            found.add(one)
            needs = [Requirement(need) for need in requires[one]]
            wanted += [canonical(need.name) for need in needs if "extra" not in str(need.marker or "")]
    return found
