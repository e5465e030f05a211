"""Files that are no weights: told apart by what they hold, refused with what to do, never run."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.errors import FileError
from tests.checkpoints.formats.making import FILES, npy, opened, refused, zipped
from tests.cli.program import inside

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
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
    return magic + pickle.dumps(1001, protocol=2) + pickle.dumps(Canary(), protocol=2)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_with_the_lines_that_convert_it_and_never_runs(tmp_path: Path, protocol: int) -> None:
    for content in ({"w": Canary()}, [Canary()], Canary(), (1, Canary()), [*range(9000), Canary()]):
        pickled = pickle.dumps(content, protocol)
        error = refused(tmp_path, pickled, "Python pickle: reading it would run code", name="w.safetensors")
        assert len(error.advice) == 3
        assert error.advice[2] == 'numpy.savez("weights.npz", **weights)'
    assert not RAN
    pickle.loads(pickled)  # noqa: S301
    assert RAN.pop() == "it ran", "the canary can sing"


def test_a_file_of_pytorch_is_refused_with_the_lines_that_convert_it_and_never_runs(tmp_path: Path) -> None:
    for content in (torch_archive(pickle.dumps(Canary())), torch_legacy()):
        error = refused(tmp_path, content, "pickle of PyTorch", name="my_model.pt")
        assert error.advice[0] == "import torch, safetensors.torch"
        assert 'torch.load("my_model.pt", map_location="cpu", weights_only=True)' in error.advice[1]
        assert error.advice[2].startswith("safetensors.torch.save_file(")
        compile("\n".join(error.advice), "advice", "exec")
    assert not RAN


@pytest.mark.parametrize("around", ["", "state_dict", "model_state_dict", "model"])
def test_the_lines_find_the_weights_in_a_checkpoint_and_leave_the_rest(tmp_path: Path, around: str) -> None:
    class Tensor:
        def clone(self) -> Tensor:
            return self

        def contiguous(self) -> str:
            return "contiguous"

    weights: dict[str, Any] = {"rnn.weight": Tensor(), "version": 3}
    error = refused(tmp_path, torch_legacy(), "pickle of PyTorch")
    found = {"epoch": 1, around: weights} if around else weights
    kept: dict[str, Any] = {}
    load = SimpleNamespace(load=lambda *_, **__: found)
    save = SimpleNamespace(torch=SimpleNamespace(save_file=lambda tensors, _: kept.update(tensors)))
    exec("\n".join(error.advice[1:]), {"torch": load, "safetensors": save})  # noqa: S102
    assert kept == {"rnn.weight": "contiguous"}


def test_a_plain_pickle_of_tensors_is_not_taken_for_a_file_of_torch_save(tmp_path: Path) -> None:
    inner = pickle.dumps({"torch._utils": torch_legacy()})
    error = refused(tmp_path, inner, "Python pickle of PyTorch's tensors, not of torch.save", name="p.pkl")
    assert 'pickle.load(open("p.pkl", "rb"))' in error.advice[1]
    compile("\n".join(error.advice), "advice", "exec")


def test_a_torchscript_archive_is_refused_as_the_program_it_is(tmp_path: Path) -> None:
    content = torch_archive(pickle.dumps(Canary()), "model/code/__torch__.py", "model/constants.pkl")
    assert "torch.jit.load" in refused(tmp_path, content, "TorchScript program").advice[1]
    assert not RAN


def test_the_lines_name_the_file_only_where_that_is_safe(tmp_path: Path) -> None:
    error = refused(tmp_path, torch_legacy(), "PyTorch", name='x"); import os #.pt')
    assert 'torch.load("model.pt"' in error.advice[1]


def test_the_lines_that_convert_stand_below_the_message(tmp_path: Path, capsysbinary: Any) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(torch_legacy())
    result = inside(capsysbinary, "explain", "The cat.", "--model", str(path))
    first, *lines = result.complaint.splitlines()
    assert result.code == 1
    assert result.out == b""
    assert first.startswith(f"lstm-ascii: {path}: is a pickle of PyTorch")
    assert lines[0].strip() == "import torch, safetensors.torch"
    assert all(line.startswith("    ") for line in lines)
    assert len(lines) == 3


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
    "text": (b"The cat that chased the mice was hungry.\n", "no format that can be read; expected safetensors, npz"),
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
    for path in (path for path in FILES.iterdir() if path.suffix != ".txt"):
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
