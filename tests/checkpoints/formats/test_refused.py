"""Files that are no weights: told apart by what they hold, refused with what to do, never run."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.series_files import content_of
from lstm_ascii.checkpoints.vocabulary_files import read_vocabulary
from lstm_ascii.errors import FileError
from tests.checkpoints.formats.making import FILES, npy, opened, refused, zipped

RAN: list[str] = []


def sing() -> None:
    """Leave a trace."""
    RAN.append("it ran")


class Canary:
    """Sings when it is unpickled."""

    def __reduce__(self) -> Any:
        return sing, ()


def torch_archive(pickled: bytes, *more: str) -> bytes:
    """Return an archive as ``torch.save`` writes it."""
    return zipped({"model/data.pkl": pickled, "model/data/0": bytes(8)} | dict.fromkeys(more, b""))


def torch_legacy() -> bytes:
    """Return the beginning of a file as PyTorch wrote it before 1.6: several pickles in a row."""
    parts = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, Canary(), [])
    return b"".join(pickle.dumps(part, protocol=2) for part in parts)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_a_pickle_would_run_never_runs(tmp_path: Path, protocol: int) -> None:
    for content in ({"w": Canary()}, [Canary()], Canary(), (1, Canary()), [*range(9000), Canary()]):
        pickled = pickle.dumps(content, protocol)
        refused(
            tmp_path, pickled, "without tensors or arrays in it; it names .*sing, and nothing", name="w.safetensors"
        )
    assert not RAN
    pickle.loads(pickled)  # noqa: S301
    assert RAN.pop() == "it ran", "the canary can sing"


def test_what_a_file_of_pytorch_would_run_never_runs(tmp_path: Path) -> None:
    scripted = torch_archive(pickle.dumps(Canary()), "model/code/__torch__.py", "model/constants.pkl")
    for content in (torch_archive(pickle.dumps(Canary())), torch_legacy(), scripted):
        refused(tmp_path, content, "without tensors or arrays", name="my_model.pt")
    assert not RAN


def tar() -> bytes:
    """Return a tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("weights.bin"))
    return file.getvalue()


OTHERS = {
    "gzip": (gzip.compress(b"weights"), "packed by gzip"),
    "bzip2": (b"BZh91AY&SY" + bytes(20), "packed by bzip2"),
    "xz": (b"\xfd7zXZ\x00" + bytes(20), "packed by xz"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(20), "packed by zstd"),
    "tar": (tar(), "tar archive"),
    "GGUF": (b"GGUF\x03\x00\x00\x00" + bytes(20), "GGUF"),
    "TensorFlow Lite": (b"\x1c\x00\x00\x00TFL3" + bytes(20), "TensorFlow Lite"),
    "a web page": (b"\n<!DOCTYPE html><html>", "web page"),
    "a web page without a type": (b"<HTML><head>", "web page"),
    "a pointer of Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
    "JSON": (b'{"architectures": ["LSTM"]}', "JSON text"),
    "XML": (b"<?xml version='1.0'?>", "XML"),
    "a single array": (npy(np.zeros(3)), "single array"),
    "text": (
        b"The cat that chased the mice was hungry.\n",
        "no format that can be read; expected PyTorch",
    ),
    "zeros": (bytes(100), "no format that can be read"),
    "one byte": (b"\x08", "no format that can be read"),
    "noise": (bytes(range(255, 0, -1)), "no format that can be read"),
    "a cut zip archive": (b"PK\x03\x04" + bytes(40), "table of contents"),
    "a cut HDF5 file": (b"\x89HDF\r\n\x1a\n", "HDF5"),
}


@pytest.mark.parametrize("name", ["weights.bin", "weights.npz"])
@pytest.mark.parametrize("case", OTHERS)
def test_files_of_other_kinds_are_named(tmp_path: Path, case: str, name: str) -> None:
    content, says = OTHERS[case]
    refused(tmp_path, content, says, name)


def test_a_graph_of_tensorflow_is_named(tmp_path: Path) -> None:
    for content in (b"\x08\x01\x12\x04meta", b"\x08\x01\x12\x90\x4e" + bytes(10_000), b"\x0a\x04\x0a\x02ab"):
        refused(tmp_path, content, "TensorFlow graph", "saved_model.pb")


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    for path in (path for path in FILES.iterdir() if path.suffix not in (".txt", ".csv")):
        for name in ("model.pt", "weights", "x.safetensors", "x.onnx", "x.npz", "x.h5", "x.keras"):
            assert opened(tmp_path, path.read_bytes(), name).format == read_contents(path).format


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    cases = {tmp_path: "is a folder", tmp_path / "missing": "No such file", Path("a\0b"): "null"}
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe")
        cases |= {tmp_path / "pipe": "no plain file", Path("/dev/zero"): "no plain file"}
    for path, says in cases.items():
        with pytest.raises(FileError, match=says):
            read_contents(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    for name in ("x", "x.safetensors", "x.npz", "x.onnx", "x.keras", "x.h5"):
        refused(tmp_path, b"", "is empty", name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read all")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(FileError, match="ermission"):
        read_contents(path)


def test_a_path_with_an_escape_is_written_out(tmp_path: Path) -> None:
    with pytest.raises(FileError) as error:
        read_contents(tmp_path / "\x1b[2J\u202e")
    assert str(error.value).isprintable()


@pytest.mark.parametrize("read", [read_contents, read_vocabulary, content_of])
@pytest.mark.parametrize("name", ["m.onnx", "m.h5", "m.pt", "m.npz", "m.safetensors", "m.keras", "m.csv"])
def test_a_pointer_of_git_lfs_is_named_wherever_a_file_is_read(read: Any, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    with pytest.raises(FileError, match="is a pointer of Git LFS, not the file itself; fetch it with: git lfs pull"):
        read(tmp_path / name)
