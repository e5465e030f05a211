"""NumPy's archives: arrays of plain numbers, and what they would unpack to is known before."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.checkpoints.formats.making import npy, npy_header, opened, refused, zipped

PLAIN = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
NUMBERS = np.arange(6, dtype=np.float32)


def header(**changes: Any) -> bytes:
    """Return an archive of one array whose header is changed, with 24 bytes of numbers."""
    entries = {"descr": "<f4", "fortran_order": False, "shape": (2, 3)} | changes
    return zipped({"w.npy": npy_header(repr(entries), NUMBERS.tobytes())})


def saved(packed: bool = False, **arrays: Any) -> bytes:
    """Return what NumPy itself writes."""
    file = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_of_every_plain_type_and_order_come_as_numpy_reads_them(tmp_path: Path, packed: bool) -> None:
    kinds = ["?", "<i1", "<u1", "<i2", ">i2", "<i4", "<u8", ">i8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]
    arrays: dict[str, Any] = {f"rnn/{kind}": np.arange(6).reshape(2, 3).astype(kind) for kind in kinds}
    arrays |= {"fortran": np.asfortranarray(NUMBERS.reshape(2, 3)), "single": np.float64(2), "none": np.zeros((0, 3))}
    tensors = opened(tmp_path, saved(packed, **arrays)).tensors
    assert list(tensors) == list(arrays)
    for name, value in arrays.items():
        np.testing.assert_array_equal(tensors[name], value)
        assert tensors[name].dtype.isnative
        assert tensors[name].dtype == (np.float32 if value.dtype.name == "float16" else value.dtype.newbyteorder("="))
        assert tensors.stored[name].nbytes == value.nbytes


def test_arrays_that_are_not_packed_stay_in_the_file(tmp_path: Path) -> None:
    assert not opened(tmp_path, saved(w=NUMBERS)).tensors["w"].flags.owndata


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_of_objects_are_refused(tmp_path: Path, packed: bool) -> None:
    objects = np.array([{}, None], dtype=object)
    refused(tmp_path, saved(packed, w=NUMBERS, o=objects), "the array o holds Python objects")


@pytest.mark.parametrize(
    ("values", "called"),
    [
        (np.array(["the", "cat"]), "text"),
        (np.array([b"the"]), "text"),
        (np.zeros(2, "<c8"), "complex numbers"),
        (np.zeros(2, "V2"), "type .*V2"),
        (np.zeros(2, "f4,i4"), "records"),
        (np.zeros(2, "M8[s]"), "type <M8"),
    ],
)
def test_what_is_no_number_is_left_aside_by_name(tmp_path: Path, values: Any, called: str) -> None:
    contents = opened(tmp_path, zipped({"w.npy": npy(NUMBERS), "words.npy": npy(values)}))
    assert list(contents.tensors) == ["w"]
    (note,) = contents.notes
    assert re.fullmatch(f"not used: the array words, which holds {called}.*", note)


def test_records_with_objects_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, zipped({"w.npy": npy(np.zeros(2, [("a", "O")]))}), "the array w holds Python objects")


def test_a_stored_array_that_its_checksum_contradicts_is_refused(tmp_path: Path) -> None:
    content = bytearray(saved(w=NUMBERS))
    content[content.index(NUMBERS.tobytes()) + 5] ^= 1
    refused(tmp_path, bytes(content), "w.npy is not what its checksum says")


@pytest.mark.parametrize("packed", [False, True])
def test_a_zero_among_huge_sizes_is_refused_before_numpy_makes_the_array(tmp_path: Path, packed: bool) -> None:
    text = repr({"descr": "<f4", "fortran_order": False, "shape": (*[(1 << 48) - 1] * 31, 0)})
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    refused(tmp_path, zipped({"w.npy": npy_header(text)}, method), "the array w has the sizes .* no array can have")


BAD = {
    "not NumPy's format": (zipped({"w.npy": b"hello there, it is me"}), "not in NumPy's format"),
    "empty member": (zipped({"w.npy": b""}), "not in NumPy's format"),
    "unknown version": (zipped({"w.npy": b"\x93NUMPY\x09\x00" + bytes(40)}), "not in NumPy's format"),
    "header beyond the member": (zipped({"w.npy": b"\x93NUMPY\x01\x00\xff\xff" + bytes(40)}), "header of 65535 bytes"),
    "header of gigabytes": (
        zipped({"w.npy": b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(40)}),
        "header of 4294967295",
    ),
    "header of nothing": (zipped({"w.npy": npy_header("{}")}), "header that can't be read"),
    "header of code": (zipped({"w.npy": npy_header("__import__('os').abort()")}), "header that can't be read"),
    "header too deep": (zipped({"w.npy": npy_header("(" * 9000)}), "header that can't be read"),
    "header of odd numbers": (zipped({"w.npy": npy_header("{'descr': 0x1for x}")}), "header that can't be read"),
    "a field too many": (header(more=1), "header that can't be read"),
    "order no boolean": (header(fortran_order=1), "header that can't be read"),
    "sizes no tuple": (header(shape=[2, 3]), "header that can't be read"),
    "negative sizes": (header(shape=(-2, -3)), "has the sizes"),
    "float sizes": (header(shape=(2.0, 3)), "has the sizes"),
    "boolean sizes": (header(shape=(True, 6)), "has the sizes"),
    "endless sizes": (header(shape=(1 << 62, 1 << 62)), "has the sizes"),
    "a shape bomb": (header(shape=(1 << 40,)), "needs 4398046511104 bytes"),
    "too many sizes": (header(shape=(1,) * 40), "has the sizes"),
    "too few numbers": (header(shape=(2, 4)), "needs 32 bytes for its sizes, but has 24"),
    "too many numbers": (header(shape=(2, 2)), "needs 16 bytes for its sizes, but has 24"),
    "a foreign member": (zipped({"w.npy": npy(NUMBERS), "run.py": b"print()"}), "run.py in the archive is no array"),
    "a name with an escape": (zipped({"w.npy": npy(NUMBERS), "\x1b[2J": b""}), r"\\x1b\[2J in the archive"),
    "other packing": (zipped({"w.npy": npy(NUMBERS)}, zipfile.ZIP_BZIP2), "packed by method 12"),
    "an empty archive": (zipped({}), "an empty zip archive"),
    "some other archive": (zipped({"a.txt": b"", "b.txt": b""}), "zip archive of a.txt, b.txt; unpack it"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_archive_is_refused_with_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, says = BAD[case]
    refused(tmp_path, content, says)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    content = zipped([("w.npy", npy(NUMBERS)), ("w.npy", npy(NUMBERS + 1))])
    refused(tmp_path, content, "two members of the archive are called w.npy")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    content = bytearray(saved(w=NUMBERS))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    refused(tmp_path, bytes(content), "w.npy in the archive is encrypted")


def test_an_archive_that_says_another_place_is_refused(tmp_path: Path) -> None:
    content = bytearray(saved(w=NUMBERS))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 42, 17)
    refused(tmp_path, bytes(content), "damaged")


def test_a_damaged_packed_array_is_refused_when_it_is_read(tmp_path: Path) -> None:
    content = bytearray(saved(True, w=np.random.default_rng(0).random(9000)))
    content[len(content) // 2] ^= 0xFF
    refused(tmp_path, bytes(content), "w.npy can't be unpacked")


def test_archives_with_long_offsets_are_read(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("w.npy", "w", force_zip64=True) as member:
        member.write(npy(NUMBERS))
    np.testing.assert_array_equal(opened(tmp_path, file.getvalue()).tensors["w"], NUMBERS)


def test_one_array_alone_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    refused(tmp_path, npy(NUMBERS), "single array; save the weights with their names")


def test_nan_and_infinity_come_as_they_are(tmp_path: Path) -> None:
    odd = np.array([np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal(opened(tmp_path, saved(w=odd)).tensors["w"], odd)
