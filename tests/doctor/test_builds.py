"""What the guide and the hook of pre-commit run in a build does what they say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.checkpoints import own
from lstm_ascii.cli.app import run
from lstm_ascii.sources import WEIGHTS, trained
from tests.cli.program import ROOT, TIMEOUT, environment

HOOKS = ROOT / ".pre-commit-hooks.yaml"
GUIDE = (ROOT / "lstm_ascii" / "guide" / "own-networks.md").read_text()
GOOD = str(WEIGHTS / "gru.safetensors")


def setting(name: str) -> str:
    """Return one setting of the only hook."""
    (found,) = re.findall(rf"(?m)^(?:- |  ){name}: (.*)$", HOOKS.read_text())
    return str(found)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """A network with a weight that is no number."""
    network = trained("gru")
    values = {name: value.copy() for name, value in network.parameters.items()}
    values["rnn.weight_hh_l0"][0, 0] = np.nan
    own.save(tmp_path / "broken one.safetensors", network.with_parameters(values))
    return str(tmp_path / "broken one.safetensors")


@pytest.mark.skipif(os.name != "posix", reason="the entry is one of a shell")
def test_the_hook_refuses_a_broken_network_among_good_ones(broken: str, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "lstm-ascii"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m lstm_ascii "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    for files, code in (((GOOD, GOOD), 0), ((broken, GOOD), 1)):
        done = subprocess.run(  # noqa: S603
            [*shlex.split(setting("entry")), *files], env=environment(PATH=path), timeout=TIMEOUT, check=False,
            capture_output=True,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (code, b"")


def test_the_hook_is_the_one_that_the_guide_names() -> None:
    assert f"- id: {setting('id')}\n" in GUIDE
    assert re.search(setting("files"), "models/a.safetensors")
    assert not re.search(setting("files"), "models/a.py")


def test_the_build_of_the_guide_passes_good_networks_and_stops_at_worse_ones(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [shlex.split(line)[1:] for line in re.findall(r"(?m)^ +- run: (lstm-ascii .*)$", GUIDE)]
    assert [step[0] for step in steps] == ["doctor", "diff"]
    monkeypatch.chdir(tmp_path)
    shutil.copy(GOOD, "released.safetensors")
    for network, code in ((GOOD, 0), (broken, 1)):
        shutil.copy(network, "model.safetensors")
        assert [run(step) for step in steps] == [code, code]
    capsys.readouterr()
