"""Files that ask for the memory or the time of a whole machine get little of either."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.errors import FileError
from tests.checkpoints.formats.making import (
    keras_archive,
    npy,
    npy_header,
    onnx_bytes,
    opened,
    refused,
    safetensors,
    zipped,
)
from tests.cli.program import environment

MOST_MEMORY, MOST_SECONDS = 500_000_000, 5

# Reads every file that is named, all its tensors too, in one process: its peak is the peak of the worst. (That of the
# resource module would count the process that started it.)
READ = """
import re, sys, time
from pathlib import Path
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.errors import FileError
for name in sys.argv[1:]:
    begin = time.process_time()
    try:
        for value in read_contents(Path(name)).tensors.values():
            value.sum()
            del value
        how = "read"
    except FileError as error:
        how = "refused"
    peak = 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    print(how, Path(name).name, time.process_time() - begin, peak)
"""


def field(number: int, content: bytes) -> bytes:
    """Return one field of a protocol buffer."""
    length, size = [], len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content


def onnx_graph(content: bytes) -> bytes:
    """Return an ONNX file with a graph of one's own bytes."""
    return b"\x08\x08" + field(7, content)


def zip_bomb() -> bytes:
    """Return an archive of 200 kB that unpacks to 200 MB, as it says."""
    array = npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (200000000,), }")
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("w.npy", "w") as member,
    ):
        member.write(array)
        for _ in range(200):
            member.write(bytes(1_000_000))
    return file.getvalue()


def long_directory() -> bytes:
    """Return an archive whose table of contents is as long as one may be."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0)
    entries = b"".join(entry + b"%05x" % number for number in range(150_000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entries), 4, 0)
    return b"PK\x03\x04" + entries + end


def hostile() -> dict[str, bytes]:
    """Return the worst files that we could think of."""
    tensor = TensorProto(name="w", dims=[4_000_000], data_type=TensorProto.INT64, int64_data=[1] * 4_000_000)
    shape = {"s": np.array([1 << 12, 1 << 11], np.int64)}
    lists = helper.make_node("Foo", ["x"], ["y"], ints=[1] * 400_000)
    return {
        "a zip bomb": zip_bomb(),
        "a long table of contents": long_directory(),
        "a header of lists": safetensors(b'{"a":[' + b"[]," * 3_333_000 + b"[]]}"),
        "a header of objects": safetensors(b"{" + b",".join(b'"%x":{}' % name for name in range(880_000)) + b"}"),
        "a header of depths": safetensors(b"[" * 9_000_000),
        "a header of numbers": safetensors(b'{"a":' + b"9" * 9_900_000 + b"}"),
        "a header of wide letters": safetensors(b'{"a":"' + "\U0001f600".encode() * 2_400_000 + b'"}'),
        "an array of fill values": zipped(
            {"w.npy": npy_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1 << 40,), }")}
        ),
        "nodes of nothing": onnx_graph(b"\x0a\x00" * 5_000_000),
        "tensors of nothing": onnx_graph(b"\x2a\x00" * 5_000_000),
        "nodes of fields": onnx_graph((b"\x0a\x14" + b"\x0a\x00" * 10) * 45_000),
        "numbers one by one": onnx_bytes([], [tensor]),
        "lists of numbers": onnx_bytes([lists], {}),
        "sizes without an end": onnx_graph(field(5, field(1, b"\x01" * 4_000_000) + b"\x10\x01\x42\x01w")),
        "values that grow": onnx_bytes([helper.make_node("ConstantOfShape", ["s"], ["y"])], shape),
        "a field without an end": onnx_graph(b"\xff" * 5_000_000),
    }


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak of a process")
def test_no_file_takes_more_than_its_share(tmp_path: Path) -> None:
    paths = []
    for name, content in hostile().items():
        (tmp_path / name).write_bytes(content)
        paths.append(str(tmp_path / name))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", "-c", READ, *paths],
        env=environment(),
        capture_output=True,
        timeout=300,
        check=False,
    )
    lines = [line.rsplit(" ", 2) for line in done.stdout.decode().splitlines()]
    assert len(lines) == len(paths), done.stderr.decode()
    assert max(int(peak) for *_, peak in lines) > 200_000_000, "the measure sees what the zip bomb is allowed to take"
    for how, seconds, peak in lines:
        assert float(seconds) < MOST_SECONDS, how
        assert int(peak) < MOST_MEMORY, how


def test_a_zip_bomb_is_refused_by_what_it_says(tmp_path: Path) -> None:
    array = npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000,), }")
    content = bytearray(zipped({"w.npy": array}, zipfile.ZIP_DEFLATED))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 4_000_000_000)
    refused(tmp_path, bytes(content), "would unpack from .* to 4000000000 bytes; at most 256000000 are read")


def test_many_members_that_share_their_bytes_are_refused_by_their_sum(tmp_path: Path) -> None:
    array = npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (1000,), }", bytes(1000))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.npy", array)
        first = archive.infolist()[0]
        for number in range(1000):
            info = zipfile.ZipInfo(f"w{number}.npy")
            info.compress_type, info.CRC = first.compress_type, first.CRC
            info.compress_size, info.file_size, info.header_offset = first.compress_size, 1_000_000, first.header_offset
            archive.filelist.append(info)
    refused(tmp_path, file.getvalue(), "would unpack")


def test_a_member_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    array = npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (1000,), }", bytes(100_000))
    content = bytearray(zipped({"w.npy": array}, zipfile.ZIP_DEFLATED))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, len(array) - 99_000)
    refused(tmp_path, bytes(content), "can't be unpacked|needs 1000 bytes")


def test_a_table_of_contents_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"w.npy": b""}))
    struct.pack_into("<L", content, content.index(b"PK\x05\x06") + 12, 100_000_000)
    refused(tmp_path, bytes(content), "table of contents")


def end_record(length: int, comment: bytes = b"", counts: bytes = bytes(8)) -> bytes:
    """Return the end record of an archive with a table of contents of that many bytes."""
    return b"PK\x05\x06" + counts + struct.pack("<2LH", length, 0, len(comment)) + comment


@pytest.mark.parametrize(
    "end",
    [
        end_record(56_000_000, counts=b"\0\0\0\0PK\x05\x06"),
        end_record(56_000_000, counts=b"PK\x05\x06\1\0\1\0"),
        end_record(56_000_000, b"PK\x05\x06 and more of it, so that it looks like a record"),
        end_record(56_000_000, b"PK\x05\x06 short"),
    ],
)
def test_a_second_end_mark_does_not_hide_the_size_of_the_table(tmp_path: Path, end: bytes) -> None:
    with (tmp_path / "sparse.npz").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.seek(57_000_000)
        file.write(end)
    with pytest.raises(FileError, match="table of contents of more than"):
        read_contents(tmp_path / "sparse.npz")


def test_a_comment_that_holds_the_end_mark_keeps_no_archive_from_being_read(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("w.npy", npy(np.ones(3)))
        archive.comment = b"PK\x05\x06 is how an archive ends, says its comment"
    np.testing.assert_array_equal(opened(tmp_path, file.getvalue()).tensors["w"], np.ones(3))


def test_an_end_that_several_comments_fit_is_refused(tmp_path: Path) -> None:
    inner = end_record(0, b"x")
    refused(tmp_path, b"PK\x03\x04" + end_record(0, inner), "several ends of its table of contents")


def test_members_are_counted(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    refused(tmp_path, b"PK\x03\x04" + entry * 160_000 + end_record(46 * 160_000), "archive of 160000 members")


def test_small_numbers_count_as_what_they_become(tmp_path: Path) -> None:
    array = npy_header("{'descr': '<f2', 'fortran_order': False, 'shape': (40000000,), }", bytes(80_000_000))
    refused(tmp_path, zipped({"w.npy": array}, zipfile.ZIP_DEFLATED), "would unpack from .* to 640000000 bytes")


def test_thousands_of_packed_members_are_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    openings: list[object] = []
    opened_by_python = zipfile.ZipFile.__init__

    def counted(self: zipfile.ZipFile, *arguments: Any, **options: Any) -> None:
        openings.append(self)
        opened_by_python(self, *arguments, **options)

    content = zipped({f"w{number}.npy": npy(np.ones(3)) for number in range(500)}, zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", counted)
    assert sum(float(value.sum()) for value in opened(tmp_path, content).tensors.values()) == 1500
    assert len(openings) <= 2, "once to tell the format, once to read"


def test_packed_texts_of_a_keras_archive_cost_little(tmp_path: Path) -> None:
    objects = b'{"class_name":"Sequential","config":{"layers":[' + b"{}," * 2_900_000 + b"{}]}}"
    content = keras_archive("keras_lstm.keras", config=objects)
    refused(tmp_path, content, "config.json would take about .* MB of memory")
