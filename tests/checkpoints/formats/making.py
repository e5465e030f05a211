"""Files of weights made on the spot, sound ones and bad ones, and what reading them must come to."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.errors import FileError

FILES = Path(__file__).parents[1] / "files"
SMALL = {
    "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
    "b": {"dtype": "I64", "shape": [1], "data_offsets": [16, 24]},
}


def written(folder: Path, content: bytes, name: str = "weights.bin") -> Path:
    """Write a file and return its path; the name says nothing about the format."""
    path = folder / name
    path.write_bytes(content)
    return path


def opened(folder: Path, content: bytes, name: str = "weights.bin") -> FileContents:
    """Read a file that holds ``content``."""
    return read_contents(written(folder, content, name))


def refused(folder: Path, content: bytes, says: str, name: str = "weights.bin") -> FileError:
    """Check that a file is refused with an error that ``says`` (a regular expression) what is wrong."""
    path = written(folder, content, name)
    with pytest.raises(FileError, match=says) as error:
        _ = [contents.sum() for contents in read_contents(path).tensors.values()]
    assert str(error.value).startswith(str(path)), "the error says which file"
    assert "\n" not in str(error.value)
    return error.value


def safetensors(header: Any, data: bytes = bytes(24), length: int | None = None) -> bytes:
    """Return a safetensors file with a header of one's own."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def npy(values: Any) -> bytes:
    """Return an array in NumPy's format."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def npy_header(text: str, data: bytes = b"") -> bytes:
    """Return an array in NumPy's format with a header of one's own."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


def zipped(members: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return file.getvalue()


def onnx_bytes(
    nodes: list[Any],
    tensors: list[onnx.TensorProto] | dict[str, Any] | None = None,
    inputs: tuple[str, ...] = ("x",),
    outputs: tuple[str, ...] = ("y",),
) -> bytes:
    """Return an ONNX file of some nodes and weights."""
    if isinstance(tensors, dict):
        tensors = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in tensors.items()]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "graph",
        [value(name, onnx.TensorProto.FLOAT, None) for name in inputs],
        [value(name, onnx.TensorProto.FLOAT, None) for name in outputs],
        tensors or [],
    )
    return onnx.helper.make_model(graph, producer_name="the tests").SerializeToString()


def keras_archive(file: str, change: Any = lambda config: None, **members: bytes) -> bytes:
    """Return a stored ``.keras`` archive with its config changed, or other members in place of its own."""
    with zipfile.ZipFile(FILES / file) as archive:
        found = {member: archive.read(member) for member in archive.namelist()}
    config = json.loads(found["config.json"])
    change(config)
    names = {"weights": "model.weights.h5", "config": "config.json"}
    return zipped(
        found | {"config.json": json.dumps(config).encode()} | {names[name]: value for name, value in members.items()}
    )
