"""Files of PyTorch and pickles of arrays: read as PyTorch reads them, and nothing in them is run."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.pickles import MOST_STEPS
from lstm_ascii.checkpoints.formats.safetensors import read
from tests.checkpoints.formats.making import FILES, refused, zipped
from tests.checkpoints.make_pickles import SAME

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]
TORCH = pytest.mark.skipif(torch is None, reason="needs PyTorch")


def inside(saved: Any, folder: Path, save: Callable[[Any, Path], None] | None = None) -> FileContents:
    """Return what is read of an object that ``torch.save`` or another function saves."""
    path = folder / "saved.pt"
    (save or torch.save)(saved, path)
    return read_contents(path)


def as_before(saved: Any, path: Path) -> None:
    """Save as PyTorch did before 1.6."""
    torch.save(saved, path, _use_new_zipfile_serialization=False)


def by_pickle(saved: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(saved))


def assert_same(contents: FileContents, expected: dict[str, Any]) -> None:
    """Compare tensors with PyTorch's own."""
    assert set(contents.tensors) == set(expected)
    for name, value in expected.items():
        theirs = value.detach().float() if value.dtype in (torch.float16, torch.bfloat16) else value.detach()
        ours = contents.tensors[name]
        np.testing.assert_array_equal(ours, theirs.numpy(), err_msg=name)
        assert contents.tensors.stored[name].dtype == str(value.dtype).removeprefix("torch.")


@pytest.mark.parametrize("name", SAME)
def test_the_weights_are_those_that_were_saved(name: str) -> None:
    expected, _ = read(FILES / SAME[name])
    contents = read_contents(FILES / name)
    assert {tensor: value.tolist() for tensor, value in contents.tensors.items()} == {
        tensor: value.tolist() for tensor, value in expected.items()
    }


def test_the_state_of_an_optimizer_is_left_out_and_that_is_told() -> None:
    assert read_contents(FILES / "torch_lstm.pt").notes == ("left out: the state of an optimizer",)


def test_a_module_says_its_activation_itself() -> None:
    assert read_contents(FILES / "torch_rnn_relu.pt").metadata == {".nonlinearity": "relu"}


@TORCH
@pytest.mark.parametrize("save", [None, as_before, by_pickle])
def test_views_types_and_shared_storages_are_read_as_pytorch_reads_them(tmp_path: Path, save: Any) -> None:
    base = torch.arange(40.0).reshape(5, 8)
    saved = {
        "turned": base.t(),
        "every second": base[1:, 2:7:2],
        "spread": torch.ones(1, 3).expand(4, 3),
        "truth": base > 3,
        "none": torch.zeros(0, 3),
        "number": torch.tensor(2.5),
        "parameter": torch.nn.Parameter(base[2]),
        "whole": torch.arange(4),
        "double": base.double(),
        "bytes": torch.arange(4, dtype=torch.uint8),
        "half": base.half() / 3,
        "bfloat16": base.bfloat16() / 3,
        "again": base,
    }
    assert_same(inside(saved, tmp_path, save), saved)


@TORCH
def test_a_type_without_a_storage_of_its_own_is_read(tmp_path: Path) -> None:
    saved = {"a": torch.ones(4, dtype=torch.uint16)}
    assert_same(inside(saved, tmp_path), saved)


@TORCH
@pytest.mark.parametrize("save", [None, as_before, by_pickle])
def test_a_whole_module_is_read_by_the_names_of_its_state(tmp_path: Path, save: Any) -> None:
    module = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(3, 4, 2), "norm": torch.nn.BatchNorm1d(4)})
    contents = inside(module, tmp_path, save)
    assert_same(contents, module.state_dict())


@TORCH
@pytest.mark.parametrize("around", [("net",), ("state_dict",), ("outer", "model_state_dict")])
def test_dictionaries_around_the_weights_give_no_part_of_a_name(tmp_path: Path, around: tuple[str, ...]) -> None:
    weights = torch.nn.LSTM(3, 4).state_dict()
    saved: Any = weights
    for name in reversed(around):
        saved = {name: saved, "epoch": 3, "notes": ["a", None], "rate": 0.1}
    assert_same(inside(saved, tmp_path), weights)


@TORCH
def test_two_networks_in_one_file_keep_their_names_apart(tmp_path: Path) -> None:
    one, two = torch.nn.LSTM(3, 4).state_dict(), torch.nn.LSTM(3, 4).state_dict()
    expected = {f"{name}.{key}": value for name, state in (("a", one), ("b", two)) for key, value in state.items()}
    assert_same(inside({"a": one, "b": two}, tmp_path), expected)


@TORCH
def test_what_cannot_be_read_is_left_aside_by_name(tmp_path: Path) -> None:
    saved = {
        "plain": torch.ones(2),
        "complex": torch.ones(2, dtype=torch.complex64),
        "sparse": torch.eye(3).to_sparse(),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own about old ways
        saved["quantized"] = torch.quantize_per_channel(
            torch.ones(2), torch.ones(2), torch.zeros(2), 0, torch.quint8
        )  # whose zero points are no whole numbers
    contents = inside(saved, tmp_path)
    assert list(contents.tensors) == ["plain"]
    assert contents.notes == (
        "not used: complex, which is of type complex64",
        "not used: sparse, which is sparse",
        "not used: quantized, which is quantized in an unusual way",
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_of_numpy_are_read_from_every_protocol(tmp_path: Path, protocol: int) -> None:
    arrays = {
        "wide": np.arange(6.0).reshape(2, 3),
        "turned": np.asfortranarray(np.arange(6.0, dtype=np.float32).reshape(2, 3)),
        "big end": np.arange(3, dtype=">f4"),
        "half": np.arange(3, dtype=np.float16),
        "numbers": np.arange(3),
    }
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(OrderedDict(arrays), protocol))
    contents = read_contents(tmp_path / "a.pkl")
    assert contents.format == "pickle"
    assert {name: value.tolist() for name, value in contents.tensors.items()} == {
        name: value.tolist() for name, value in arrays.items()
    }


@pytest.mark.parametrize("method", [0, 8])
def test_weights_in_a_zip_archive_are_read(tmp_path: Path, method: int) -> None:
    packed = zipped(
        {"readme.txt": b"weights", "x/w.safetensors": (FILES / "torch_lstm.safetensors").read_bytes()}, method
    )
    (tmp_path / "w.zip").write_bytes(packed)
    contents, (expected, _) = read_contents(tmp_path / "w.zip"), read(FILES / "torch_lstm.safetensors")
    assert contents.format == "safetensors"
    assert {name: value.tolist() for name, value in contents.tensors.items()} == {
        name: value.tolist() for name, value in expected.items()
    }


# -- hostile ----------------------------------------------------------------------------------------


def deep(levels: int) -> bytes:
    """Return a list in a list in a list."""
    return b"\x80\x02" + b"]" * levels + b"a" * (levels - 1) + b"."


def doubled(levels: int) -> bytes:
    """Return a tuple of two of the tuple below, so that it has 2^levels ends."""
    return b"\x80\x02)" + b"q\x00h\x00\x86" * levels + b"."


def doubled_keys(levels: int) -> bytes:
    """Return a dictionary whose key takes 2^levels steps to compare."""
    return b"\x80\x02}" + doubled(levels)[2:-1] + b"K\x01s."


def in_itself() -> bytes:
    """Return a list that holds itself, and a dictionary that does."""
    return b"\x80\x02]q\x00h\x00a}q\x01X\x01\x00\x00\x00kh\x01s\x86."


def colliding() -> bytes:
    """Return a dictionary of numbers that all fall together in a table."""
    prime = (1 << 61) - 1
    entries = b"".join(
        b"\x8a" + bytes([len(number)]) + number + b"N"
        for number in ((prime * k).to_bytes(16, "little") for k in range(1, 60_000))
    )
    return b"\x80\x02}(" + entries + b"u."


def copied(times: int) -> bytes:
    """Return a long list that is made into a dictionary again and again."""
    pairs = b"](" + b"K\x01K\x02\x86" * 5000 + b"eq\x00"
    return b"\x80\x02" + pairs + b"ccollections\nOrderedDict\nq\x010" * 1 + b"h\x01h\x00\x85R0" * times + b"N."


BOMBS = {
    "deep": deep(400_000),
    "doubled": doubled(200),
    "doubled keys": doubled_keys(200),
    "in itself": in_itself(),
    "colliding": colliding(),
    "copied": copied(200_000),
    "a number of 4 GB": b"\x80\x02\x8b\xff\xff\xff\x7f" + bytes(100),
    "a text of 2^60 bytes": b"\x80\x04\x8d" + (1 << 60).to_bytes(8, "little") + b"abc.",
    "a place of 4,000 digits": b"(lp" + b"9" * 4000 + b"\n.",
    "more steps than are followed": b"\x80\x02" + b"N0" * (MOST_STEPS // 2 + 1) + b"N.",
    "nothing on the stack": b"\x80\x02.",
    "a mark too few": b"\x80\x02Nt.",
    "no end": b"\x80\x02]q\x00",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_pickle_that_would_take_for_ever_is_refused_at_once(tmp_path: Path, bomb: str) -> None:
    began = time.process_time()
    refused(tmp_path, BOMBS[bomb], "is a pickle|no format", name="bomb.pt")
    assert time.process_time() - began < 5


@TORCH
@pytest.mark.parametrize(
    ("changed", "by"),
    [(0, 10**6), (1, (1 << 40,)), (1, (-1,)), (2, (1 << 40,)), (1, (2, 2)), (1, ("a",)), (0, True), (1, None)],
)
def test_a_tensor_beyond_its_storage_is_refused_by_name(tmp_path: Path, changed: int, by: Any) -> None:
    class Beyond:
        def __reduce__(self) -> Any:
            values: list[Any] = [torch.ones(4).untyped_storage(), 0, (4,), (1,), False, OrderedDict()]
            values[0] = torch.storage.TypedStorage(wrap_storage=values[0], dtype=torch.float32, _internal=True)
            values[changed + 1] = by
            return torch._utils._rebuild_tensor_v2, tuple(values)

    torch.save({"w": Beyond()}, tmp_path / "x.pt")
    refused(tmp_path, (tmp_path / "x.pt").read_bytes(), "w is damaged", name="y.pt")


@TORCH
def test_a_spread_tensor_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(1).expand(1 << 30)}, tmp_path / "x.pt")
    refused(tmp_path, (tmp_path / "x.pt").read_bytes(), "bytes of memory", name="y.pt")


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_reading_a_file_of_pytorch_imports_nothing_of_it() -> None:
    """The name of a module in a pickle is a text; nothing is looked up."""
    program = (
        "import sys; from pathlib import Path; from lstm_ascii.checkpoints.formats.detect import read_contents\n"
        "for name in sys.argv[1:]: dict(read_contents(Path(name)).tensors)\n"
        "print(sorted({'torch', 'pickle', '_pickle'} & set(sys.modules) - loaded))"
    ).replace("import sys;", "import sys, numpy; loaded = set(sys.modules);", 1)
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, *(str(FILES / name) for name in SAME)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.strip() == "[]"
