"""The house is as CONTRIBUTING.md says, and no module of it needs one that needs it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lstm_ascii"
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATH = re.compile(r"\.?\w[\w.-]*(?:/[\w.-]*)+|\w[\w-]*\.(?:py|toml|md)")


def sources() -> dict[str, str]:
    """Return the text of every module by its name; that of a package has the package's own."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text("utf-8")
        for path in PACKAGE.rglob("*.py")
    }


def imported(text: str, modules: Mapping[str, object]) -> Iterator[str]:
    """Return what a module imports, at once, late or for types only."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def circle(texts: Mapping[str, str]) -> list[str]:
    """Return the modules of a circle of imports, if there is one."""
    try:
        TopologicalSorter({name: set(imported(text, texts)) for name, text in texts.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def quoted(text: str) -> set[str]:
    """Return what stands between backticks, the blocks of commands left out."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))


def stale(text: str) -> list[str]:
    """Return the paths in a text that don't exist, in the project or in the package; ``NAME`` stands for any name."""
    paths = [one for one in quoted(text) if PATH.fullmatch(one)]
    return [one for one in paths if not any(any(top.glob(one.replace("NAME", "*"))) for top in (ROOT, PACKAGE))]


def test_no_circle_of_imports() -> None:
    assert circle(sources()) == []


def test_a_circle_of_imports_is_noticed() -> None:
    late = "def f():\n    from house import door"
    assert set(circle({"house": "", "house.door": "import house.wall", "house.wall": late})) >= {"house.door"}


def test_the_paths_in_the_guide_exist() -> None:
    assert stale(GUIDE) == []


def test_a_stale_path_is_noticed() -> None:
    assert stale("in `render/gone.py`, `cells/` and `render/NAME.py`") == ["render/gone.py"]


@pytest.mark.parametrize("name", sorted(one for one in quoted(GUIDE) if re.fullmatch(r"[A-Z]\w{3,}", one)))
def test_the_names_in_the_guide_exist(name: str) -> None:
    code = [*sources().values(), *(path.read_text("utf-8") for path in ROOT.glob("tests/**/*.py"))]
    assert any(re.search(rf"^ *(?:class {name}\b|{name}\b.* = )", text, re.MULTILINE) for text in code)


def test_no_file_of_weights_tells_where_it_was_made() -> None:
    """An exporter notes the path of the code beside each node."""
    files = sorted((ROOT / "tests" / "checkpoints" / "files").glob("*"))
    assert [file.name for file in files if file.is_file() and b"stack_trace" in file.read_bytes()] == []
