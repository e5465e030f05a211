"""PyTorch tensors and NumPy arrays in a pickle: from the calls that would construct them to their numbers.

Source of the calls: ``torch/_utils.py`` (https://github.com/pytorch/pytorch) and ``numpy/_core`` (``_reconstruct``,
``_frombuffer``, ``dtype``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import fits_memory, wide
from lstm_ascii.checkpoints.formats.pickles import GlobalName, PersistentId, Placeholder
from lstm_ascii.checkpoints.formats.scales import along, dequantized
from lstm_ascii.records import dataclass

_STORAGES = {
    "FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "UntypedStorage": "uint8",
    "ComplexFloatStorage": "complex64", "ComplexDoubleStorage": "complex128", "QInt8Storage": "qint8",
    "QUInt8Storage": "quint8", "QInt32Storage": "qint32",
}  # fmt: skip
_ITEMSIZES = {"bfloat16": 2, "qint8": 1, "quint8": 1, "qint32": 4}  # of types that NumPy doesn't know
_NOT_READ = frozenset({"complex64", "complex128", "qint8", "quint8", "qint32"})
_TYPES = frozenset({*_STORAGES.values(), "uint16", "uint32", "uint64"}) - _NOT_READ
_PARAMETERS = frozenset({"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"})
_SUBCLASSES = frozenset({"torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type"})
_TENSORS = frozenset(f"torch._utils._rebuild_tensor{version}" for version in ("", "_v2", "_v3"))
_OTHER_TENSORS = "torch._utils._rebuild_"  # sparse, of other devices
_QUANTIZED, _WHOLE = f"{_OTHER_TENSORS}qtensor", {"qint8": "int8", "quint8": "uint8", "qint32": "int32"}
_LOADED = "torch.storage._load_from_bytes"
_ARRAYS = frozenset(f"numpy.{core}.multiarray._reconstruct" for core in ("core", "_core"))
_BUFFERS = frozenset(f"numpy.{core}.numeric._frombuffer" for core in ("core", "_core"))
_ENCODED = "_codecs.encode"
_DEEPEST = 20  # calls around one tensor
_LARGEST = 1 << 48


class NotReadError(ValueError):
    """A tensor is of a kind that can't be read; the message says which."""


@dataclass(frozen=True, eq=False)
class Storage:
    """A row of numbers that tensors look into.

    Attributes:
        dtype: of the numbers; that of a tensor may be another.
        load: returns their bytes.
        nbytes: how many these are.
    """

    dtype: str
    load: Callable[[], memoryview]
    nbytes: int


ByteOrder = Literal["<", ">"]
StorageOf = Callable[[Any], Storage | None]  # from what a pickle says is kept, or from bytes with a storage in them


def is_array(value: Any) -> bool:
    """Tell whether a value would be a tensor or an array."""
    return isinstance(value, Placeholder) and (
        value.maker in _ARRAYS | _BUFFERS | _PARAMETERS | _SUBCLASSES or value.maker.startswith(_OTHER_TENSORS)
    )


def is_quantized(value: Placeholder) -> bool:
    """Tell whether a tensor is of whole numbers that stand for real ones."""
    return value.maker == _QUANTIZED


def stored_array(value: Placeholder, storage_of: StorageOf, byte_order: ByteOrder) -> Stored:
    """Return a tensor or an array; its numbers are read when they are asked for.

    Args:
        value: as the pickle describes it.
        storage_of: finds the storage of a tensor.
        byte_order: of the storages, ``<`` or ``>``.

    Raises:
        NotReadError: it is damaged, or of a kind that is not read.
    """
    for _ in range(_DEEPEST):
        arguments = value.arguments
        if value.maker in _PARAMETERS and arguments:
            value = arguments[0]
        elif value.maker in _SUBCLASSES and len(arguments) > 2 and isinstance(arguments[0], GlobalName):
            value = Placeholder(arguments[0].text, arguments[2] if isinstance(arguments[2], tuple) else ())
        else:
            break
        if not isinstance(value, Placeholder):
            raise NotReadError("damaged")
    if value.maker in _TENSORS:
        return _tensor(value.arguments, storage_of, byte_order)
    if value.maker == _QUANTIZED:
        return _quantized(value.arguments, storage_of, byte_order)
    if value.maker in _ARRAYS:
        return _array(value.state)
    if value.maker in _BUFFERS:
        return _buffer(value.arguments)
    kind = value.maker.removeprefix(_OTHER_TENSORS).removesuffix("tensor").strip("_")
    raise NotReadError({"sparse": "sparse"}.get(kind, "of an unusual kind"))


def _tensor(arguments: tuple[Any, ...], storage_of: StorageOf, byte_order: ByteOrder) -> Stored:
    """Return a tensor: sizes and steps over a storage."""
    if len(arguments) < 4:
        raise NotReadError("damaged")
    kept, offset, shape, strides = arguments[:4]
    if isinstance(kept, Placeholder) and kept.maker == _LOADED and kept.arguments:
        kept = _bytes(kept.arguments[0])
    storage = storage_of(kept)
    dtype = arguments[6] if len(arguments) > 6 else None  # of _rebuild_tensor_v3; in _v2 something else may stand there
    kind = dtype.text.removeprefix("torch.") if isinstance(dtype, GlobalName) else storage.dtype if storage else ""
    if storage is None or kind not in _TYPES:
        raise NotReadError(f"of type {kind}" if storage and kind else "damaged")
    base = np.dtype("uint16" if kind == "bfloat16" else kind).newbyteorder(byte_order)
    if not (_sizes(shape) and _sizes(strides) and len(shape) == len(strides) and _sizes((offset,))):
        raise NotReadError("damaged")
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if not fits_memory(shape, base.itemsize) or (0 not in shape and (last + 1) * base.itemsize > storage.nbytes):
        raise NotReadError("damaged: its storage is too short")

    def load() -> Array:
        if 0 in shape:
            return np.zeros(shape, base.newbyteorder("="))
        content = storage.load()
        row = np.frombuffer(content[: len(content) // base.itemsize * base.itemsize], base)[offset:]
        steps = [stride * base.itemsize for stride in strides]
        return wide(np.lib.stride_tricks.as_strided(row, shape, steps, writeable=False), kind)

    return Stored(kind, tuple(shape), math.prod(shape) * base.itemsize, load)


def _quantized(arguments: tuple[Any, ...], storage_of: StorageOf, byte_order: ByteOrder) -> Stored:
    """Return a tensor of whole numbers that stand for real ones, by one scale or by one for each row."""
    kept = kept_storage(arguments[0]) if len(arguments) > 4 else None
    kind, how = _WHOLE.get(kept[0] if kept else ""), arguments[4] if kept else None
    if kind is None or not isinstance(how, tuple) or len(how) < 3:
        raise NotReadError("damaged" if kept is None else "quantized in an unusual way")
    whole = _tensor((*arguments[:4], None, None, GlobalName(f"torch.{kind}")), storage_of, byte_order)
    scale, zero, axis = (*how[1:], 0)[:3]
    rows: list[Stored] = []
    if len(how) > 3 and is_array(scale) and is_array(zero) and isinstance(axis, int) and 0 <= axis < len(whole.shape):
        rows = [stored_array(value, storage_of, byte_order) for value in (scale, zero)]
        if "int" not in rows[1].dtype or any(one.shape != (whole.shape[axis],) for one in rows):
            raise NotReadError("quantized in an unusual way")
    elif not (isinstance(scale, float) and isinstance(zero, int) and abs(zero) < 1 << 31):
        raise NotReadError("quantized in an unusual way")

    def load() -> Array:
        values = whole.load()
        scales = [one.load() for one in rows] or [np.asarray(scale), np.asarray(zero)]
        return dequantized(values, *along(axis, values, *scales))

    return Stored("float32", whole.shape, 4 * math.prod(whole.shape), load)


def storage_type(value: Any) -> str | None:
    """Return the type of a storage by the name of its class; ``None`` where it is none that is known."""
    return _STORAGES.get(value.text.rpartition(".")[2]) if isinstance(value, GlobalName) else None


def kept_storage(value: Any) -> tuple[str, str, int] | None:
    """Return type, key and count of numbers of a storage that a pickle says is kept outside; ``None`` for another."""
    identity = value.identity if isinstance(value, PersistentId) else None
    if not isinstance(identity, tuple) or len(identity) < 5 or identity[0] not in ("storage", b"storage"):
        return None
    _, kind, key, _, count = identity[:5]
    dtype = storage_type(kind)
    if dtype is None or not _sizes((count,)):
        return None
    return dtype, str(key), count


def itemsize_of(dtype: str) -> int:
    """Return the bytes of one number of a storage."""
    return _ITEMSIZES.get(dtype) or np.dtype(dtype).itemsize


def _array(state: Any) -> Stored:
    """Return an array by what is put into it: a version, sizes, a type, whether the first axis runs fastest, bytes."""
    if not isinstance(state, tuple) or len(state) != 5:
        raise NotReadError("damaged")
    _, shape, kind, fortran, content = state
    return _plain(_numpy_type(kind), shape, bool(fortran), _bytes(content))


def _buffer(arguments: tuple[Any, ...]) -> Stored:
    """Return an array that is made of bytes: they, a type, sizes, an order."""
    if len(arguments) != 4:
        raise NotReadError("damaged")
    content, kind, shape, order = arguments
    return _plain(_numpy_type(kind), shape, order == "F", _bytes(content))


def _plain(dtype: np.dtype[Any], shape: Any, fortran: bool, content: bytes) -> Stored:
    """Return an array of bytes that lie one behind another."""
    if not _sizes(shape) or not fits_memory(shape, dtype.itemsize):
        raise NotReadError("damaged")
    nbytes = math.prod(shape) * dtype.itemsize
    if nbytes != len(content):
        raise NotReadError("damaged")

    def load() -> Array:
        row = np.frombuffer(content, dtype)
        return wide(row.reshape(shape[::-1]).T if fortran else row.reshape(shape), dtype.name)

    return Stored(dtype.name, tuple(shape), nbytes, load)


def _numpy_type(kind: Any) -> np.dtype[Any]:
    """Return the type that a pickle describes: a call of ``numpy.dtype`` and a state with the byte order."""
    if not isinstance(kind, Placeholder) or kind.maker != "numpy.dtype" or not kind.arguments:
        raise NotReadError("damaged")
    letters = kind.arguments[0]
    if isinstance(letters, bytes):
        letters = letters.decode("latin-1")
    order = kind.state[1] if isinstance(kind.state, tuple) and len(kind.state) > 1 else "="
    if letters not in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"):
        raise NotReadError("of something else than numbers")
    dtype: np.dtype[Any] = np.dtype(letters)
    return dtype.newbyteorder(">" if order in (">", b">") else "<")


def _bytes(value: Any) -> bytes:
    """Return bytes; the oldest protocols write them as a text in Latin-1."""
    if isinstance(value, Placeholder) and value.maker == _ENCODED and value.arguments:
        value = value.arguments[0]
    if isinstance(value, str):
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise NotReadError("damaged") from error
    if not isinstance(value, bytes | bytearray):
        raise NotReadError("damaged")
    return bytes(value)


def _sizes(values: Any) -> bool:
    """Tell whether values can be sizes, steps or a place."""
    return isinstance(values, tuple | list) and all(type(value) is int and 0 <= value < _LARGEST for value in values)
