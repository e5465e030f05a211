"""The README and the guide can't rot: what they show is what the program prints, and every page is led to."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstm_ascii.cli.app import COMMANDS
from lstm_ascii.guide import TOPICS
from tests import notebook, readme

MOST_LINES = 220  # of the README: what is longer belongs into the guide
NEEDS_PYTORCH = "import torch"
SAVES = re.compile(r"torch\.save\(model\.")  # a model of the reader's
LINK = re.compile(r"!?\[([^\]]*)\]\((?!http)([^)#]+)\)")


@pytest.mark.parametrize(
    ("page", "command", "shown"),
    readme.blocks(),
    ids=[f"{page}: {command}" for page, command, _ in readme.blocks()],
)
def test_each_command_prints_what_its_page_shows(page: str, command: str, shown: str) -> None:
    assert readme.output_of(command) == shown, "renew it: python -m tests.readme"


@pytest.mark.parametrize("file", readme.PICTURES, ids=lambda file: file.name)
def test_each_picture_is_the_one_that_its_command_draws(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == readme.drawn(readme.PICTURES[file])


def test_every_console_block_is_compared() -> None:
    opened = sum(readme.text_of(page).count("```console\n") for page in readme.PAGES)
    assert len(readme.blocks()) == opened >= 15
    assert all(shown for _, _, shown in readme.blocks())


def test_an_output_that_has_changed_is_written_anew() -> None:
    stale = "before\n```console\n$ lstm-ascii --version\nlstm-ascii 0.0\n```\nafter\n"
    assert readme.renewed(stale) == stale.replace("lstm-ascii 0.0\n", readme.output_of("lstm-ascii --version"))


def python_blocks(with_pytorch: bool) -> list[str]:
    """Return the examples in Python, those of a program with a model in PyTorch or the others."""
    pages = [page for page in readme.PAGES if page != notebook.PAGE]  # whose cells belong together: they have a test
    examples = {code: None for page in pages for code in re.findall(r"```python\n(.*?)```", readme.text_of(page), re.S)}
    return [code for code in examples if (NEEDS_PYTORCH in code) == with_pytorch]


def test_there_are_examples_in_python_of_both_kinds() -> None:
    assert len(python_blocks(with_pytorch=False)) >= 2
    assert len(python_blocks(with_pytorch=True)) >= 4


@pytest.mark.parametrize("code", python_blocks(with_pytorch=False))
def test_each_python_example_runs(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], cwd=readme.ROOT, check=True, timeout=300)  # noqa: S603


@pytest.mark.filterwarnings("default")  # PyTorch's own
@pytest.mark.parametrize("code", [code for code in python_blocks(with_pytorch=True) if not SAVES.search(code)])
def test_each_example_with_a_live_model_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="wants PyTorch")
    monkeypatch.chdir(tmp_path)
    exec(code, {"__name__": "__main__"})  # noqa: S102 - in a process of its own, PyTorch would have to be loaded anew


def test_weights_saved_as_the_readme_says_can_be_read(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="wants PyTorch")
    (code,) = filter(SAVES.search, python_blocks(with_pytorch=True))
    model = (
        "import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Embedding(3, 4), nn.LSTM(4, 5), nn.Linear(5, 3))"
    )
    script = f"{model}\nvocabulary = ['<unk>', 'cats', 'bark']\n{code}"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=300)  # noqa: S603
    files = f"--model {tmp_path / 'model.pt'} --vocab {tmp_path / 'words.txt'}"
    assert "cats" in readme.output_of(f"lstm-ascii explain 'cats bark' --view gates {files}")


def test_the_two_commands_stand_first() -> None:
    first, second = re.findall(r"```sh\n(.*?)\n```", readme.text_of(readme.README), re.DOTALL)[:2]
    for command in (first, second):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert "\n" not in command
    assert ".venv/bin/lstm-ascii explain " in first
    assert second.endswith("pytest")


def links() -> Iterator[tuple[Path, str, Path]]:
    """Return every link inside the project: its page, its words, and the path that it leads to."""
    for page in readme.PAGES:
        for words, target in LINK.findall(readme.text_of(page)):
            yield page, words, (page.parent / target).resolve()


def test_links_inside_the_project_lead_somewhere() -> None:
    assert [(page.name, words) for page, words, target in links() if not target.exists()] == []


def test_the_readme_is_short_and_has_one_picture() -> None:
    text = readme.text_of(readme.README)
    assert text.count("\n") <= MOST_LINES
    assert text.count("![") == 1


def led_to() -> dict[Path, str]:
    """Return the words that lead from the README to each path, with the code marks in them."""
    words: dict[Path, str] = {}
    for page, said, target in links():
        if page == readme.README:
            words[target] = f"{words.get(target, '')} {said}"
    return words


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_leads_from_the_readme_to_its_page(name: str) -> None:
    (topic,) = (topic for topic, also in TOPICS.items() if name == topic or name in also)
    assert re.search(rf"`{name}\b", led_to()[readme.GUIDE / f"{topic}.md"])


def test_the_guide_lists_every_page_and_the_readme_links_to_it() -> None:
    pages = set(readme.GUIDE.glob("*.md"))
    assert {readme.GUIDE / f"{name}.md" for name in TOPICS} == pages
    assert pages <= set(led_to())
