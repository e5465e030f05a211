"""The wheel and the sdist, built here, and empty environments to put them into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BUILT_FROM = ("lstm_ascii", "tests", "docs", "share", "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
              "LICENSE", ".gitignore")  # fmt: skip
MADE_BY_TOOLS = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")
_BUILD = "import sys, hatchling.build as backend; print(getattr(backend, sys.argv[1])(sys.argv[2]))"


def project() -> dict[str, Any]:
    """Return what ``pyproject.toml`` says of the project."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def lowest() -> list[str]:
    """Return the dependencies, each at the lowest version that ``pyproject.toml`` allows."""
    found = []
    for requirement in map(Requirement, project()["dependencies"]):
        (version,) = (one.version for one in requirement.specifier if one.operator == ">=")
        found.append(f"{requirement.name}=={version}")
    return found


def copied(folder: Path) -> Path:
    """Copy the project into a folder, without what tools left there, and return that."""
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=MADE_BY_TOOLS)
        elif (ROOT / name).exists():
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder)
    return folder


def built(kind: str, source: Path, folder: Path) -> Path:
    """Build the ``wheel`` or the ``sdist`` of a source tree into a folder, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    done = ran([sys.executable, "-c", _BUILD, f"build_{kind}", str(folder)], source, whole=True)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


def environment(python: str, folder: Path) -> Path:
    """Make an empty environment of an interpreter, and return its Python; there is no pip in it."""
    done = ran([python, "-m", "venv", "--without-pip", str(folder)], folder.parent)
    assert done.returncode == 0, done.stderr
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ran(command: Sequence[str], folder: Path, whole: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command in another folder, with nothing in the environment; ``whole`` leaves it what pip may need."""
    clean = {"PATH": "", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    kept = os.environ if whole else {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}
    return subprocess.run(  # noqa: S603
        command, cwd=folder, env=kept if whole else clean | kept, capture_output=True, text=True, encoding="utf-8",
        timeout=300, check=False,
    )  # fmt: skip


def needed(names: Sequence[str]) -> dict[str, Distribution]:
    """Return the installed distributions of that name, and all that they need, without extras."""
    found: dict[str, Distribution] = {}
    wanted = list(names)
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name in found:
            continue
        found[name] = distribution(name)
        requirements = [Requirement(one) for one in found[name].requires or ()]
        wanted += [one.name for one in requirements if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def link(one: Distribution, packages: Path) -> None:
    """Put an installed distribution into an environment, by links to its files."""
    tops = {file.parts[0] for file in one.files or () if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        if not (packages / top).exists():
            (packages / top).symlink_to(Path(str(one.locate_file(top))).resolve())


def interpreters() -> dict[str, str]:
    """Return every Python that the project names, by version: where it lies, or an empty text."""
    versions = [name.rpartition(" ")[2] for name in project()["classifiers"] if name.startswith("Programming Language")]
    return {version: next(_pythons(version), "") for version in versions if "." in version}


def _pythons(version: str) -> Iterator[str]:
    """Yield interpreters of a version: the one that runs now, those in the path, those that version managers keep."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        yield sys.executable
    elsewhere = (f".pyenv/versions/{version}.*/bin/python", f".local/share/uv/python/*-{version}.*/bin/python")
    found = [shutil.which(f"python{version}"), *(str(one) for where in elsewhere for one in Path.home().glob(where))]
    for python in filter(None, found):
        if ran([python, "-c", "import venv, ssl"], ROOT).returncode == 0:
            yield python
