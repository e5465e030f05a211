"""With a gigabyte of address space, or half of it, what needs more ends in one line that says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.program import Result, run
from tests.faults.sparse import sparse_file

if not sys.platform.startswith("linux"):
    pytest.skip("no other system holds a program to its address space", allow_module_level=True)
import resource

GIGABYTE = 1_000_000_000


def limited(*arguments: str, most: int = GIGABYTE) -> Result:
    """Run the program with so many bytes of address space."""
    return run(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))


def sparse_network(path: Path, words: int, width: int, units: int, dtype: str = "F32") -> None:
    """Write an LSTM of zeros."""
    shapes = {
        "embedding.weight": (words, width),
        "lstm.weight_ih_l0": (4 * units, width),
        "lstm.weight_hh_l0": (4 * units, units),
        "lstm.bias_ih_l0": (4 * units,),
        "lstm.bias_hh_l0": (4 * units,),
        "fc.weight": (words, units),
    }
    sparse_file(path, shapes, dtype)


LARGE = {
    "two gigabytes": (400_000, 512, 512, "F32"),  # can't be mapped
    "half precision": (200_000, 512, 256, "BF16"),  # is mapped, and made wide
    "wide layer": (1000, 64, 6000, "F32"),  # is mapped, and made float64
}


@pytest.mark.parametrize("size", LARGE)
@pytest.mark.parametrize("command", ["inspect", "explain", "doctor"])
def test_a_network_that_needs_more_than_there_is_ends_in_one_line(command: str, size: str, tmp_path: Path) -> None:
    sparse_network(tmp_path / "model.safetensors", *LARGE[size])
    file = str(tmp_path / "model.safetensors")
    check_one_line(limited("explain", "#1 #2", "--model", file) if command == "explain" else limited(command, file))


def test_words_that_need_more_than_there_is_end_in_one_line(tmp_path: Path) -> None:
    words, count = tmp_path / "words.txt", 1_900_000
    words.write_text("\n".join(f"w{number}" for number in range(count)))
    sparse_network(tmp_path / "model.safetensors", count, 16, 8)
    with_words = ["--model", str(tmp_path / "model.safetensors"), "--vocab", str(words)]
    check_one_line(limited("explain", "w1 w2", *with_words, most=GIGABYTE // 2))


def test_a_training_that_needs_more_than_there_is_ends_in_one_line(tmp_path: Path) -> None:
    check_one_line(limited("train", "--cell", "lstm", "--hidden", "2048", "--out", str(tmp_path / "networks")))
    assert not list(tmp_path.glob("networks/*.safetensors"))


def check_one_line(result: Result) -> None:
    """Check that nothing was answered, and one line says that the memory is what is missing."""
    assert (result.code, result.out) == (1, b"")
    (line,) = result.complaint.splitlines()
    assert "memory" in line
    assert "Traceback" not in line
