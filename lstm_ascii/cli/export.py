"""Writing the answer to a file: atomically, and never over an existing file unless that is requested."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.text import visible

DRAWN, TABLES = (".svg", ".html", ".txt"), ".tsv"
ARRAYS = (".npz", ".safetensors")  # of explain alone
ENDINGS = f"{', '.join(DRAWN)} or {TABLES}"


def check(name: str, force: bool) -> None:
    """Refuse a file that can't be written, before anything is computed.

    Raises:
        UsageError: its name doesn't say what is to be written.
        LstmAsciiError: it can't be written, or exists and ``force`` is not set.
    """
    target = Path(name)
    if ending(name) not in (*DRAWN, TABLES, *ARRAYS):
        raise UsageError(f"--export: expected a name that ends in {ENDINGS}, got {name}")
    try:
        if target.is_dir():
            raise LstmAsciiError(f"--export: {name} is a folder; name a file")
        if not target.parent.is_dir():
            raise LstmAsciiError(f"--export: there is no folder {target.parent}; make it first")
        if (target.exists() or target.is_symlink()) and not force:
            raise LstmAsciiError(f"--export: {name} exists; --force overwrites it")
    except OSError as error:
        raise LstmAsciiError(f"--export: can't write {name}: {error.strerror}") from error


def ending(name: str) -> str:
    """Return how a file's name ends, in lower case."""
    return Path(name).suffix.lower()


def check_drawn(name: str) -> None:
    """Refuse arrays of an answer that has none.

    Raises:
        UsageError: they are asked for.
    """
    if ending(name) in ARRAYS:
        raise UsageError(f"--export: arrays ({' and '.join(ARRAYS)}) are explain's; expected {ENDINGS}, got {name}")


def write(name: str, text: str, force: bool) -> None:
    """Write a file, whole or not at all, and say so on standard error; a link is replaced, not followed.

    Raises:
        LstmAsciiError: it can't be written, or a file of that name has come meanwhile and ``force`` is not set; what
            was there is as it was.
    """
    write_bytes(name, text.encode("utf-8"), force)


def write_arrays(name: str, arrays: Mapping[str, Any], force: bool) -> None:
    """Write arrays by name, as the file's name says: an ``.npz``, or ``.safetensors`` with the texts as metadata.

    Raises:
        LstmAsciiError: as :func:`write`.
    """
    import io

    import numpy as np

    if ending(name) == ".npz":
        file = io.BytesIO()
        np.savez(file, **arrays)
        write_bytes(name, file.getvalue(), force)
        return
    from lstm_ascii.checkpoints.formats.safetensors import packed

    texts = {key: "\n".join(value.tolist()) for key, value in arrays.items() if value.dtype.kind == "U"}
    tensors = {key: value for key, value in arrays.items() if key not in texts}
    write_bytes(name, b"".join(packed(tensors, texts)), force)


def write_bytes(name: str, content: bytes, force: bool) -> None:
    """Write a file as :func:`write` does.

    Raises:
        LstmAsciiError: as there.
    """
    from lstm_ascii import files

    try:
        files.write(Path(name), [content], overwrite=force)
    except FileExistsError as error:
        raise LstmAsciiError(f"--export: {name} exists by now; --force overwrites it") from error
    except OSError as error:
        raise LstmAsciiError(f"--export: can't write {name}: {error.strerror}") from error
    if sys.stderr is not None:
        sys.stderr.write(f"lstm-ascii: written to {visible(name)}\n")
