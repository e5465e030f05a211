"""Files that are none, that say 0 bytes, or that are cut off while they are read: one line each, at once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.checkpoints.formats import files as weight_files
from lstm_ascii.checkpoints.formats import safetensors
from lstm_ascii.corpora import TextFile, TextPiece
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.files import size_of_text
from lstm_ascii.training.corpus import TextCorpus
from lstm_ascii.training.recipe import RECIPES
from tests.cli.program import environment, is_clean_error, run

AT_ONCE = 120  # seconds, on a busy machine; what waits for a writer waits for ever
PACKAGED = str(Path(safetensors.__file__).parents[2] / "weights" / "rnn.safetensors")
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def size_zero() -> str:
    path = Path("/proc/cpuinfo")
    if not path.exists() or path.stat().st_size or not path.read_bytes():
        pytest.skip("needs a file that has content and says 0 bytes")
    return str(path)


def a_text(kind: str, folder: Path) -> str:
    """Return the name of something that is no plain text file."""
    if kind == "pipe":
        os.mkfifo(folder / "pipe")
        return "pipe"
    if kind == "folder":
        (folder / "folder").mkdir()
    return size_zero() if kind == "size zero" else {"device": "/dev/zero"}.get(kind, kind)


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "device", "size zero", "folder"])
def test_what_is_no_text_file_is_refused_at_once_by_train_and_doctor(kind: str, tmp_path: Path) -> None:
    text = a_text(kind, tmp_path)
    for arguments in (("train", "--corpus", text, "--out", "nets"), ("doctor", PACKAGED, text)):
        result = run(*arguments, cwd=tmp_path, timeout=AT_ONCE)
        assert is_clean_error(result, 1), (arguments, result)
        assert text in result.complaint
        assert "memory" not in result.complaint
    assert not (tmp_path / "nets").exists()


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_of_pairs_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    result = run("agreement", a_text(kind, tmp_path), cwd=tmp_path, timeout=AT_ONCE)
    assert is_clean_error(result, 1), result


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_pairs_still_come_from_another_command() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"prefix\tright\twrong\nthe cat\twas\twere\n")
    os.close(writer)
    result = run("agreement", f"/dev/fd/{reader}", "--cell", "rnn", "--json", pass_fds=[reader])
    os.close(reader)
    assert result.code == 0, result.complaint


def test_an_empty_text_has_no_bytes_and_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert size_of_text(tmp_path / "empty") == 0


def test_a_corpus_that_is_cut_off_while_it_is_trained_on_is_told(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("the cat was hungry\n" * 1000)
    texts = TextCorpus(path, replace(RECIPES["rnn"], batch=2, length=4))
    texts.batch(0)
    os.truncate(path, 7000)
    with pytest.raises(LstmAsciiError, match="changed while it was read: 7,000 bytes instead of 19,000"):
        texts.batch(1)
    path.unlink()
    with pytest.raises(LstmAsciiError, match="No such file"):
        texts.validation()


def test_a_text_that_is_cut_off_while_doctor_reads_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("the cat was hungry\n" * 100)
    with pytest.raises(LstmAsciiError, match="was cut off while it was read"):
        list(TextPiece(TextFile(str(path), 5000), 0, 5000).blocks())


def test_small_weights_are_read_at_once_so_that_nothing_can_cut_them_off(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    safetensors.write(path, {"a": np.arange(5, dtype=np.float32)}, {})
    contents = safetensors.read_mapped(path)
    os.truncate(path, 0)
    assert contents.tensors["a"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.skipif(not hasattr(os, "truncate") or sys.platform == "win32", reason="needs SIGBUS")
@pytest.mark.parametrize("use", ["tensor.sum()", "bytes(tensor.data)", "tensor @ tensor"])
def test_large_weights_that_are_cut_off_end_the_program_with_one_line(use: str, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    count = weight_files.LARGEST_READ // 4 + 10_000
    safetensors.write(path, {"a": np.zeros(count, np.float32)}, {})
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom lstm_ascii.checkpoints.formats import safetensors\n"
        "path = Path(sys.argv[1])\ntensor = safetensors.read_mapped(path).tensors['a']\n"
        f"os.truncate(path, 100_000)\nprint({use})\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(path)], env=environment(), capture_output=True, text=True, check=False,
        timeout=AT_ONCE,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"lstm-ascii: {path}: was cut off while it was read; begin again\n"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_give_an_answer_or_one_line_without_a_warning(value: float, tmp_path: Path) -> None:
    from lstm_ascii.cli.app import run as inside

    tensors, metadata = safetensors.read(Path(PACKAGED))
    for name in (name for name in tensors if "rnn." in name):
        path = tmp_path / "net.safetensors"
        changed = {**tensors, name: tensors[name].copy().astype(np.float32)}
        changed[name].flat[0] = value
        safetensors.write(path, changed, metadata)
        assert inside(["gradients", "the cat was hungry", "--model", str(path), "--json"]) in (0, 1), name


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("command", ["gradients", "explain"])
def test_a_matrix_of_what_is_no_number_is_told_without_a_warning(
    command: str, cell: str, value: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Infinity times 0 is none: each product of matrices may come to it."""
    from lstm_ascii.cli.app import run as inside

    tensors, metadata = safetensors.read(Path(PACKAGED).with_name(f"{cell}.safetensors"))
    for name in ("rnn.weight_hh_l0", "rnn.weight_ih_l0", "embedding.weight"):
        path = tmp_path / "net.safetensors"
        filled = np.full(tensors[name].shape, value, np.float32)
        filled[::2] = 0
        safetensors.write(path, {**tensors, name: filled}, metadata)
        code = inside([command, "the cat was hungry", "--model", str(path), "--json"])
        error = capsys.readouterr().err
        assert code in (0, 1), name
        assert "Warning" not in error, name
        assert len(error.splitlines()) == code, name
