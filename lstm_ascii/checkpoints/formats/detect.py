"""Detecting the format of a file by its content, not its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import damaged, head_of, shown, size_of
from lstm_ascii.checkpoints.formats.refused import HEAD, is_pickle, refusal, unknown
from lstm_ascii.checkpoints.formats.texts import safe_contents

_SMALL = 1 << 32  # a length that may stand before a header; no other format begins like that
_HDF5, _USER_BLOCK = b"\x89HDF\r\n\x1a\n", 512
# the fields of an ONNX model, as in onnx_file
_GRAPH, _GRAPH_TAG, _NUMBERS, _TEXTS = 7, b"\x3a", {1, 5}, {2, 3, 4, 6, 8, 14, 20, 25}


def read_contents(path: Path) -> FileContents:
    """Return what a file holds; its content decides which format that is, not its name. Every text is safe to print.

    Raises:
        FileError: it can't be opened, is damaged, asks for something dangerous, or is of no format that can be read.
    """
    return safe_contents(_reader_of(path)(path))


def _reader_of(path: Path) -> Callable[[Path], FileContents]:
    """Return what reads a file.

    Raises:
        FileError: it can't be opened, or is of no format that can be read.
    """
    head = head_of(path, HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _reader_of_zip(path)
    if head.startswith(_HDF5):
        from lstm_ascii.checkpoints.formats.keras import read_h5

        return read_h5
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < _SMALL:
        return _reader_of_safetensors()
    if is_pickle(head):
        from lstm_ascii.checkpoints.formats.torch_files import read_pickle

        return read_pickle
    if error := refusal(path, head):
        raise error
    if _has_user_block(path):
        from lstm_ascii.checkpoints.formats.keras import read_h5

        return read_h5
    if _is_onnx(path, head):
        from lstm_ascii.checkpoints.formats.onnx import read_onnx

        return read_onnx
    if path.suffix == ".safetensors":  # it says what is wrong with it
        return _reader_of_safetensors()
    raise unknown(path)


def _has_user_block(path: Path) -> bool:
    """Tell whether HDF5 begins after bytes of its user's: 512 of them, or any double of that."""
    size, place = size_of(path), _USER_BLOCK
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            if file.read(len(_HDF5)) == _HDF5:
                return True
            place *= 2
    return False


def _reader_of_safetensors() -> Callable[[Path], FileContents]:
    from lstm_ascii.checkpoints.formats.safetensors import read_mapped

    return read_mapped


def _reader_of_zip(path: Path) -> Callable[[Path], FileContents]:
    """Return what reads a zip archive: its members tell."""
    from lstm_ascii.checkpoints.formats.zip_files import Archive

    names = list(Archive(path).members)
    if any(name.rpartition("/")[2] == "data.pkl" for name in names):
        from lstm_ascii.checkpoints.formats.torch_files import read_archive

        return read_archive
    if {"config.json", "model.weights.h5"} <= set(names):
        from lstm_ascii.checkpoints.formats.keras import read_keras

        return read_keras
    if any(name.endswith(".npy") for name in names):
        from lstm_ascii.checkpoints.formats.npz import read_npz

        return read_npz
    if [name.endswith(".safetensors") for name in names].count(True) == 1:
        from lstm_ascii.checkpoints.formats.safetensors import read_zipped

        return read_zipped
    members = ", ".join(map(shown, names[:3])) + (", …" if len(names) > 3 else "")
    raise damaged(
        path,
        f"is a zip archive of {members}; unpack it and name the file of weights"
        if names
        else "is an empty zip archive",
    )


def _is_onnx(path: Path, head: bytes) -> bool:
    """Tell whether a file is a message with a graph where ONNX has it; or whether at least its name says so."""
    from lstm_ascii.checkpoints.formats.protobuf import BYTES, VARINT, WireError, fields

    has_graph = False
    try:
        for number, wire, _ in fields(memoryview(head)):
            if number == _GRAPH and wire == BYTES:
                return True
            if wire != (VARINT if number in _NUMBERS else BYTES) or number not in _NUMBERS | _TEXTS:
                return False
            has_graph = True
    except WireError:  # the field goes beyond the head
        return has_graph or head[:1] == _GRAPH_TAG
    return path.suffix == ".onnx"
