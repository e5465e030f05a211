"""Arrays by name as the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible


def packed_arrays(path: Path, arrays: Mapping[str, Array]) -> bytes:
    """Return what a file of such a name holds: an ``.npz``, or ``.safetensors`` with the texts as metadata.

    Raises:
        UsageError: the name says neither.
    """
    if path.suffix.lower() == ".npz":
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]  # names of arrays, which may be any
        return file.getvalue()
    if path.suffix.lower() == ".safetensors":
        from lstm_ascii.checkpoints.formats.safetensors import packed

        texts = {key: "\n".join(value.tolist()) for key, value in arrays.items() if value.dtype.kind == "U"}
        return b"".join(packed({key: value for key, value in arrays.items() if key not in texts}, texts))
    raise UsageError(f"expected a name that ends in .npz or .safetensors, got {visible(str(path))}", "path")
