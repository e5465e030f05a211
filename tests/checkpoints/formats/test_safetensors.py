"""safetensors: every byte belongs to one tensor, or the file is refused with what is wrong."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.checkpoints import own
from lstm_ascii.checkpoints.formats.safetensors import DTYPES
from tests.checkpoints.formats.making import FILES, SMALL, opened, refused, safetensors


def with_entry(**changes: Any) -> dict[str, Any]:
    """Return a header whose first tensor is changed; ``...`` leaves a field out."""
    entry = {key: value for key, value in (SMALL["a"] | changes).items() if value is not ...}
    return {"a": entry, "b": SMALL["b"]}


BAD = {
    "under 8 bytes": (b"\x02\0\0", "no format"),
    "header length 0": (safetensors(b"", length=0), "no format|no JSON"),
    "header beyond the file": (safetensors(SMALL, length=10_000), "would have 10000 bytes"),
    "header of more than 100 MB": (safetensors(SMALL, length=100_000_001), "would have 100000001 bytes"),
    "not UTF-8": (safetensors(b'{"\xff": 1}'), "not UTF-8"),
    "half JSON": (safetensors(b'{"a": {'), "no JSON"),
    "a name twice": (safetensors(b'{"a": 1, "a": 2}'), "stands twice"),
    "a field twice": (safetensors(b'{"a": {"dtype": "F32", "dtype": "F32"}}'), "stands twice"),
    "overlap": (safetensors(with_entry(data_offsets=[8, 24])), "begins|hole"),
    "the same data": (safetensors({"a": SMALL["a"], "c": SMALL["a"], "b": SMALL["b"]}), "begins where another"),
    "hole": (safetensors({"b": SMALL["b"]}), "hole"),
    "data beyond the file": (safetensors(SMALL, bytes(23)), "cut off"),
    "bytes behind the last": (safetensors(SMALL, bytes(25)), "1 bytes behind"),
    "negative size": (safetensors(with_entry(shape=[-2, -2])), "whole numbers"),
    "float size": (safetensors(with_entry(shape=[2.0, 2])), "whole numbers"),
    "boolean size": (safetensors(with_entry(shape=[True, 4])), "whole numbers"),
    "text size": (safetensors(with_entry(shape=["2", 2])), "whole numbers"),
    "overflowing size": (safetensors(with_entry(shape=[1 << 62, 1 << 62])), "whole numbers"),
    "overflowing product": (safetensors(with_entry(shape=[1 << 32, 1 << 32])), "does not take 16 bytes"),
    "a zero among huge sizes": (
        safetensors({"a": {"dtype": "F32", "shape": [(1 << 48) - 1] * 31 + [0], "data_offsets": [0, 0]}}, b""),
        "which no array can have",
    ),
    "endless number": (safetensors(b'{"a": ' + b"9" * 5000 + b"}"), "no JSON"),
    "too many sizes": (safetensors(with_entry(shape=[1] * 1000)), "whole numbers"),
    "end before begin": (safetensors(with_entry(data_offsets=[16, 0])), "does not take -16 bytes"),
    "negative offset": (safetensors(with_entry(data_offsets=[-16, 0])), "whole numbers"),
    "three offsets": (safetensors(with_entry(data_offsets=[0, 8, 16])), "two data_offsets"),
    "no dtype": (safetensors(with_entry(dtype=...)), "has to have dtype"),
    "no shape": (safetensors(with_entry(shape=...)), "has to have dtype"),
    "no offsets": (safetensors(with_entry(data_offsets=...)), "has to have dtype"),
    "unknown dtype": (safetensors(with_entry(dtype="F31")), "type F31"),
    "dtype of a list": (safetensors(with_entry(dtype=["F32"])), "can't be read here"),
    "entry no object": (safetensors({"a": [], "b": SMALL["b"]}), "has to have dtype"),
    "metadata no texts": (safetensors({**SMALL, "__metadata__": {"a": 1}}), "no texts"),
    "metadata a list": (safetensors({**SMALL, "__metadata__": []}), "no texts"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, says = BAD[case]
    refused(tmp_path, content, says)


@pytest.mark.parametrize("length", [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_no_length_of_the_header_is_believed(tmp_path: Path, length: int) -> None:
    refused(tmp_path, safetensors(SMALL, length=length), "would have|no JSON", name="weights.safetensors")


def test_a_header_that_is_no_object_is_refused(tmp_path: Path) -> None:
    for header in ([], 1, None, "a"):
        refused(tmp_path, safetensors(header), "no JSON object|would have", name="weights.safetensors")


def test_a_header_200_000_deep_is_refused(tmp_path: Path) -> None:
    for text in (b"[" * 200_000, b'{"a":' * 200_000, b'{"a":' * 200_000 + b"1" + b"}" * 200_000):
        refused(tmp_path, safetensors(text), "deeply|no JSON", name="weights.safetensors")


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    text = b'{"a": [' + b"[]," * 4_000_000 + b"[]]}"
    refused(tmp_path, safetensors(text), "at most 10000000 are read")


def test_bfloat16_and_float16_become_the_same_numbers_in_float32(tmp_path: Path) -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    header = {
        "b": {"dtype": "BF16", "shape": [1 << 16], "data_offsets": [0, 1 << 17]},
        "h": {"dtype": "F16", "shape": [256, 256], "data_offsets": [1 << 17, 1 << 18]},
    }
    tensors = opened(tmp_path, safetensors(header, bits.tobytes() * 2)).tensors
    assert tensors["b"].dtype == tensors["h"].dtype == np.float32
    upper = np.array([struct.unpack("<f", struct.pack("<HH", 0, value))[0] for value in range(1 << 16)], np.float32)
    np.testing.assert_array_equal(tensors["b"], upper)
    np.testing.assert_array_equal(tensors["h"], bits.view(np.float16).reshape(256, 256).astype(np.float32))
    assert (tensors.stored["b"].dtype, tensors.stored["h"].dtype) == ("bfloat16", "float16")


def test_numbers_of_every_other_type_come_as_they_are(tmp_path: Path) -> None:
    for name, dtype in DTYPES.items():
        if dtype not in ("bfloat16", "float16"):
            values = np.array([0, 1, 1, 0, 1], dtype)
            header = {"v": {"dtype": name, "shape": [5, 1], "data_offsets": [0, values.nbytes]}}
            found = opened(tmp_path, safetensors(header, values.tobytes())).tensors["v"]
            assert found.dtype == values.dtype
            np.testing.assert_array_equal(found, values[:, None])


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "F8_E8M0", "F4", "C64"])
def test_a_type_without_a_reader_is_named_with_its_tensor_and_what_to_do(tmp_path: Path, dtype: str) -> None:
    header = {"rnn.weight_ih_l0": {"dtype": dtype, "shape": [24], "data_offsets": [0, 24]}}
    refused(tmp_path, safetensors(header), f"rnn.weight_ih_l0 is of type {dtype}.*convert it to float16")


def test_empty_tensors_and_single_numbers_are_tensors(tmp_path: Path) -> None:
    header = {
        "empty": {"dtype": "F32", "shape": [0, 7], "data_offsets": [0, 0]},
        "single": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
        "last": {"dtype": "F32", "shape": [3, 0], "data_offsets": [4, 4]},
    }
    tensors = opened(tmp_path, safetensors(header, struct.pack("<f", 1.5))).tensors
    assert [(name, value.shape) for name, value in tensors.items()] == [
        ("empty", (0, 7)),
        ("single", ()),
        ("last", (3, 0)),
    ]
    assert tensors["single"] == 1.5


def test_a_file_without_tensors_is_read(tmp_path: Path) -> None:
    assert dict(opened(tmp_path, safetensors({}, b"")).tensors) == {}


def test_tensors_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    swapped = {"z": SMALL["b"], "a": SMALL["a"]}
    assert list(opened(tmp_path, safetensors(swapped)).tensors) == ["a", "z"]


def test_numbers_stay_in_the_file_until_they_are_used(tmp_path: Path) -> None:
    contents = opened(tmp_path, safetensors(SMALL, np.arange(6, dtype=np.float32).tobytes()))
    assert not contents.tensors["a"].flags.owndata
    assert not contents.tensors["a"].flags.writeable


def test_nan_and_infinity_come_as_they_are(tmp_path: Path) -> None:
    data = np.array([np.nan, np.inf, -np.inf, 0, 0, 0], np.float32).tobytes()
    found = opened(tmp_path, safetensors(SMALL, data)).tensors["a"]
    np.testing.assert_array_equal(found, [[np.nan, np.inf], [-np.inf, 0]])


def test_what_a_name_could_do_to_a_terminal_is_written_out_in_errors(tmp_path: Path) -> None:
    header = {"\x1b[31m\u202e": {"dtype": "\x1b]0;x\x07", "shape": [1], "data_offsets": [0, 1]}}
    error = refused(tmp_path, safetensors(header), "can't be read here")
    assert r"\x1b[31m\u202e" in str(error)
    assert str(error).isprintable()


def test_metadata_come_as_texts(tmp_path: Path) -> None:
    header = {**SMALL, "__metadata__": {"format": "pt", "vocabulary": "the\ncat"}}
    assert opened(tmp_path, safetensors(header)).metadata == {"format": "pt", "vocabulary": "the\ncat"}


def test_networks_that_come_with_the_package_are_read_the_same_way() -> None:
    from lstm_ascii.checkpoints.formats.detect import read_contents
    from lstm_ascii.sources import WEIGHTS

    contents = read_contents(WEIGHTS / "lstm.safetensors")
    assert contents.metadata["format"] == own.FORMAT
    np.testing.assert_array_equal(
        contents.tensors["rnn.weight_hh_l0"], own.load(WEIGHTS / "lstm.safetensors").parameters["rnn.weight_hh_l0"]
    )


def test_files_of_pytorch_are_read() -> None:
    from lstm_ascii.checkpoints.formats.detect import read_contents

    for path in FILES.glob("*.safetensors"):
        content = path.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        shapes = {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
        assert {name: value.shape for name, value in read_contents(path).tensors.items()} == shapes
