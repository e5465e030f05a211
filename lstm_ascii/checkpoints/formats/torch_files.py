"""Files of ``torch.save`` and ``pickle.dump``: dictionaries of tensors, whole modules, TorchScript.

Three containers hold the same kind of pickle, in which each tensor names the storage that its numbers lie in:

- a zip archive (``data.pkl``, and ``data/KEY`` for each storage): PyTorch since 1.6, TorchScript;
- several pickles behind one another, then the storages, each behind its length: PyTorch before;
- a plain pickle, whose tensors or arrays of NumPy bring their bytes along.

Source of the layouts: ``torch/serialization.py``, https://github.com/pytorch/pytorch.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lstm_ascii.checkpoints.formats.contents import FileContents, Stored, Tensors, in_memory
from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown
from lstm_ascii.checkpoints.formats.pickled_arrays import (
    ByteOrder,
    NotReadError,
    Storage,
    StorageOf,
    is_quantized,
    itemsize_of,
    kept_storage,
    stored_array,
)
from lstm_ascii.checkpoints.formats.pickles import PickleError, Unpickled, unpickled
from lstm_ascii.checkpoints.formats.saved_objects import Found, tensors_within
from lstm_ascii.checkpoints.formats.torch_packed import unpacked_names
from lstm_ascii.checkpoints.formats.zip_files import LARGEST_RATIO, LARGEST_UNPACKED, Archive
from lstm_ascii.language.text import visible

FORMAT = "PyTorch"
PROGRAM = "data.pkl"  # the pickle in an archive
ACTIVATION = ".nonlinearity"  # of metadata: after the name of a module
_MAGIC = 0x1950A86A20F9469CFC6C  # first number of PyTorch's files before 1.6
_AHEAD = 3  # pickles before the object: the magic number, the protocol, the machine
_MOST_NAMED = 3


def read_archive(path: Path) -> FileContents:
    """Return the tensors in an archive of ``torch.save`` or ``torch.jit.save``, by name.

    Raises:
        FileError: it is damaged, would take too much memory, or holds no tensors.
    """
    archive = Archive(path)
    program = min((name for name in archive.members if name.rpartition("/")[2] == PROGRAM), key=len)
    folder = program.removesuffix(PROGRAM)
    order = archive.bytes_of(f"{folder}byteorder") if f"{folder}byteorder" in archive.members else b""
    try:
        content = unpickled(archive.bytes_of(program))
    except PickleError as error:
        raise damaged(path, f"{shown(program)} in the archive {error}") from error
    return _contents(path, content.value, partial(_in_archive, archive, folder), ">" if bytes(order) == b"big" else "<")


def read_pickle(path: Path) -> FileContents:
    """Return the tensors and arrays in a pickle, with PyTorch's storages behind it or without.

    Raises:
        FileError: as :func:`read_archive`.
    """
    try:
        saved, storages, order = _stream(mapped(path))
    except PickleError as error:
        raise damaged(path, f"is a pickle that {error}") from error
    return _contents(path, saved, partial(_behind, storages), order)


def _contents(path: Path, saved: Any, storage_of: StorageOf, order: ByteOrder) -> FileContents:
    """Return what a saved object holds.

    Args:
        path: of the file.
        saved: the object, as its pickle describes it.
        storage_of: finds the storages.
        order: ``<`` or ``>``, of their bytes.
    """
    try:
        found = tensors_within(saved)
    except PickleError as error:
        raise damaged(path, f"is a pickle that {error}") from error
    tensors, notes = dict[str, Stored](), list[str]()
    for name, described in found.tensors.items():
        try:
            tensors[name] = stored_array(described, storage_of, order)
        except NotReadError as error:
            if "damaged" in str(error):
                raise damaged(path, f"{shown(name)} is {error}") from error
            notes.append(f"not used: {shown(name)}, which is {error}")
    if not tensors:
        raise damaged(path, _nothing(found, notes))
    if any(is_quantized(found.tensors[name]) for name in tensors):
        notes.append("quantized weights: PyTorch also rounds what they are multiplied with, so its outputs differ")
    names = unpacked_names(tensors)
    tensors = {names.get(name, name): tensor for name, tensor in tensors.items()}
    if found.optimizers:
        notes.append("left out: the state of an optimizer")
    size, most = sum(map(in_memory, tensors.values())), max(LARGEST_UNPACKED, LARGEST_RATIO * path.stat().st_size)
    if size > most:
        raise damaged(path, f"would take {size} bytes of memory; at most {most} are read")
    said = {f"{module}{ACTIVATION}": name for module, name in found.activations.items()}
    kind = FORMAT if any(value.maker.startswith("torch.") for value in found.tensors.values()) else "pickle"
    return FileContents(visible(str(path)), kind, Tensors(tensors), said, notes=tuple(notes))


def _nothing(found: Found, notes: Sequence[str]) -> str:
    """Say that there are no tensors, and what there is instead."""
    if notes:
        return f"is a pickle without a tensor that can be read ({notes[0].removeprefix('not used: ')})"
    if found.optimizers:
        return "holds the state of an optimizer and no weights"
    names = ", ".join(map(shown, sorted(found.makers)[:_MOST_NAMED]))
    return f"is a pickle without tensors or arrays in it{f'; it names {names}' if names else ''}, and nothing was run"


def _in_archive(archive: Archive, folder: str, kept: Any) -> Storage | None:
    """Return a storage that is a member of the archive."""
    if (said := kept_storage(kept)) is None:
        return None
    dtype, key, _ = said
    name = f"{folder}data/{key}"
    if name not in archive.members:
        return None
    return Storage(dtype, partial(archive.bytes_of, name), archive.members[name].file_size)


def _stream(content: memoryview | bytes) -> tuple[Any, Mapping[str, Storage], ByteOrder]:
    """Return the object of pickles behind one another, or of one alone, its storages and the order of their bytes.

    Raises:
        PickleError: it is damaged or cut off.
    """
    first = unpickled(content)
    if first.value != _MAGIC or isinstance(first.value, bool):
        return first.value, {}, "<"
    parts = [first]
    for _ in range(_AHEAD + 1):  # two that are left of those ahead, the object, the keys
        parts.append(unpickled(content, parts[-1].end))
    _, _, machine, saved, keys = parts
    little = not isinstance(machine.value, dict) or machine.value.get("little_endian", True)
    order: ByteOrder = "<" if little else ">"
    return saved.value, dict(_storages(memoryview(content), saved, keys, order)), order


def _storages(
    content: memoryview, saved: Unpickled, keys: Unpickled, order: ByteOrder
) -> Iterator[tuple[str, Storage]]:
    """Yield the storages after the pickles by their keys."""
    types = {key: dtype for dtype, key, _ in filter(None, map(kept_storage, saved.kept))}
    place = keys.end
    for key in keys.value if isinstance(keys.value, list) else ():
        dtype = types.get(str(key))
        head = content[place : place + 8]
        if dtype is None or len(head) < 8:
            raise PickleError("is cut off, or damaged")
        (count,) = struct.unpack(f"{order}q", head)
        nbytes = count * itemsize_of(dtype)
        part = content[place + 8 : place + 8 + max(nbytes, 0)]
        if nbytes < 0 or len(part) < nbytes:
            raise PickleError("is cut off, or damaged")
        yield str(key), Storage(dtype, partial(_itself, part), nbytes)
        place += 8 + nbytes


def _itself(part: memoryview) -> memoryview:
    """Return a part of the file: what a storage loads."""
    return part


def _behind(storages: Mapping[str, Storage], kept: Any) -> Storage | None:
    """Return a storage after the pickle, or one that is a file of its own within the pickle."""
    if isinstance(kept, bytes):
        try:
            inner, within, _ = _stream(kept)
        except PickleError:
            return None
        said = kept_storage(inner)
        return within.get(said[1]) if said else None
    said = kept_storage(kept)
    return storages.get(said[1]) if said else None
