"""What is in the wheel and in the sdist: the package, what belongs to it, and nothing else."""

from __future__ import annotations

import tarfile
import zipfile
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

pytest.importorskip("hatchling", reason="building needs hatchling, of the extra test")

from tests.supply.distributions import ROOT, built, copied, lowest, project

DATA = {
    "lstm_ascii/py.typed",
    "lstm_ascii/guide/explain.md",
    "lstm_ascii/lessons/glossary.toml",
    "lstm_ascii/language/lexicon.txt",
    *(f"lstm_ascii/weights/{cell}.safetensors" for cell in ("rnn", "lstm", "gru")),
}
KINDS = {".py", ".typed", ".toml", ".txt", ".md", ".json", ".safetensors", ".1", ".ipynb"}  # of files in the package
ABOUT = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


@cache
def names(kind: str) -> set[str]:
    """Return the names in the wheel, or in the sdist, whose top folder is left out."""
    return inside(built(kind, ROOT, Path(mkdtemp(prefix="lstm-ascii-"))))


def inside(archive: Path) -> set[str]:
    """Return the names of the files in a wheel or an sdist."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as file:
            return set(file.namelist())
    with tarfile.open(archive) as file:
        return {member.name.partition("/")[2] for member in file.getmembers() if member.isfile()}


def in_the_tree() -> set[str]:
    """Return the files of the package, as they lie in the source tree."""
    files = (path for path in (ROOT / "lstm_ascii").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_the_wheel_holds_the_package_its_manual_and_nothing_else() -> None:
    release = f"lstm_ascii-{project()['version']}"
    manual = {f"{release}.data/data/share/man/man1/lstm-ascii.1"}
    assert names("wheel") == in_the_tree() | {f"{release}.dist-info/{name}" for name in ABOUT} | manual


def test_the_package_holds_code_and_known_kinds_of_data() -> None:
    strange = {name for name in in_the_tree() if Path(name).suffix not in KINDS}
    assert not strange


def test_networks_words_and_lessons_come_along() -> None:
    lessons = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lstm_ascii" / "lessons").glob("*.toml")}
    assert names("wheel") >= DATA | lessons


def test_the_sdist_holds_the_package_and_its_tests() -> None:
    assert names("sdist") >= in_the_tree() | {"pyproject.toml", "README.md", "LICENSE", "tests/conftest.py", "PKG-INFO"}
    assert not [name for name in names("sdist") if "__pycache__" in name or name.startswith((".venv", "dist"))]


def test_from_the_sdist_the_same_wheel_is_built(tmp_path: Path) -> None:
    with tarfile.open(built("sdist", copied(tmp_path / "tree"), tmp_path / "dist")) as file:
        file.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    direct = built("wheel", tmp_path / "tree", tmp_path / "dist")
    again = built("wheel", unpacked, tmp_path / "again")
    assert direct.read_bytes() == again.read_bytes()


def test_a_stray_file_in_the_package_would_be_noticed(tmp_path: Path) -> None:
    tree = copied(tmp_path / "tree")
    (tree / "lstm_ascii" / "notes.bak").write_text("x")
    assert inside(built("wheel", tree, tmp_path / "dist")) - names("wheel") == {"lstm_ascii/notes.bak"}


def test_every_dependency_has_a_lowest_version() -> None:
    assert len(lowest()) == len(project()["dependencies"])
