"""The README can't rot: what it shows is what the program prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import readme


@pytest.mark.parametrize(("command", "shown"), readme.blocks(), ids=[command for command, _ in readme.blocks()])
def test_each_command_prints_what_the_readme_shows(command: str, shown: str) -> None:
    assert readme.output_of(command) == shown


@pytest.mark.parametrize("file", readme.PICTURES, ids=lambda file: file.name)
def test_each_picture_is_the_one_that_its_command_draws(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == readme.drawn(readme.PICTURES[file])


def test_there_are_commands_to_compare() -> None:
    assert len(readme.blocks()) >= 3


def python_blocks() -> list[str]:
    """Return the examples in Python."""
    return re.findall(r"```python\n(.*?)```", readme.README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_example_runs() -> None:
    _, code = python_blocks()
    subprocess.run([sys.executable, "-c", code], cwd=readme.ROOT, check=True, timeout=60)  # noqa: S603


def test_weights_saved_as_the_readme_says_can_be_read(tmp_path: Path) -> None:
    pytest.importorskip("safetensors.torch", reason="wants PyTorch and safetensors")
    code, _ = python_blocks()
    model = (
        "import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Embedding(3, 4), nn.LSTM(4, 5), nn.Linear(5, 3))"
    )
    script = f"{model}\nvocabulary = ['<unk>', 'cats', 'bark']\n{code}"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=120)  # noqa: S603
    files = f"--model {tmp_path / 'model.safetensors'} --vocab {tmp_path / 'words.txt'}"
    assert "cats" in readme.output_of(f"lstm-ascii explain 'cats bark' --view gates {files}")


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
