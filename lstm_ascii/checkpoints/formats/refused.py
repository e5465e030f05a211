"""Files in formats that can't be read, recognised by their first bytes, and what to do with each."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

from lstm_ascii.checkpoints.formats.files import damaged
from lstm_ascii.errors import FileError

_STARTS = (
    (b"\x1f\x8b", "is packed by gzip; unpack it first (gunzip)"),
    (b"BZh", "is packed by bzip2; unpack it first (bunzip2)"),
    (b"\xfd7zXZ", "is packed by xz; unpack it first (unxz)"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd; unpack it first (unzstd)"),
    (
        b"GGUF",
        "is a GGUF file, which holds transformers; recurrent networks come as .pt, safetensors, npz, ONNX or Keras",
    ),
    (b"\x93NUMPY", 'is a single array; save the weights with their names: numpy.savez("weights.npz", **weights)'),
    (b"Rar!", "is a RAR archive; unpack it first"),
    (b"7z\xbc\xaf", "is a 7z archive; unpack it first"),
)
_TEXTS = (
    (rb"<!doctype html|<html", "is a web page, not a file of weights; download the file itself"),
    (rb"<\?xml|<svg", "is XML, not a file of weights"),
    (rb"[{\[]", "is a JSON text; the weights are in another file"),
)
HEAD = 4096  # bytes of a file that are examined
_STEPS = 4  # of a pickle that goes beyond them
KNOWN = "expected PyTorch, safetensors, npz, ONNX or Keras"


def refusal(path: Path, head: bytes) -> FileError | None:
    """Return the error of a file that is known and can't be read; ``None`` where it is not known.

    Args:
        path: of the file.
        head: its first bytes.
    """
    for start, what in _STARTS:
        if head.startswith(start):
            return damaged(path, what)
    if head[257:262] == b"ustar":
        return damaged(path, "is a tar archive; unpack it first (tar -xf)")
    if head[4:8] == b"TFL3":
        return damaged(path, "is a TensorFlow Lite model; convert the model it was made from to ONNX or .keras")
    for pattern, what in _TEXTS:
        if re.match(pattern, head.lstrip(b"\xef\xbb\xbf \t\r\n"), re.IGNORECASE):
            return damaged(path, what)
    return None


def unknown(path: Path) -> FileError:
    """Return the error of a file of which nothing is known but its name."""
    if path.suffix == ".pb":
        return damaged(path, "is a TensorFlow graph; save its model as .keras, or convert it to ONNX (tf2onnx)")
    return damaged(path, f"is of no format that can be read; {KNOWN}")


def is_pickle(head: bytes) -> bool:
    """Tell whether a file is a pickle: protocols 2 to 5 say so, the older ones are known by their first steps."""
    if head[:1] == b"\x80":
        return head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    if head[:1] not in (b"(", b"c", b"]", b"}"):
        return False
    import pickletools  # tells the steps of a pickle and does none of them

    steps = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own about odd texts
            for _ in pickletools.genops(head):
                steps += 1
    except (ValueError, OverflowError):
        return steps >= _STEPS and len(head) >= HEAD
    return True
