"""HDF5 files as h5py writes them: every way of keeping arrays, links and attributes, held against its own library."""

from __future__ import annotations

import itertools
import random
import re
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ascii.checkpoints.formats import hdf5_checksums
from lstm_ascii.checkpoints.formats.hdf5_checksums import Checksums, fletcher32, lookup3
from lstm_ascii.checkpoints.formats.hdf5_data import MOST_CHUNKS
from lstm_ascii.checkpoints.formats.zip_files import LARGEST_UNPACKED
from lstm_ascii.errors import FileError
from tests.checkpoints.formats.making import refused
from tests.checkpoints.formats.test_hostile import MOST_MEMORY, MOST_SECONDS
from tests.checkpoints.formats.test_keras import hdf5, keras_archive, read_ours, read_theirs

VERSIONS = ["earliest", "v108", "latest"]
KINDS = ["<f2", "<f4", ">f8", "<i4", "bool"]


def check_bits(content: bytes) -> None:
    """Check that both readers find the same bits, float16 made wide."""
    (ours, our_texts), (theirs, their_texts) = read_ours(content), read_theirs(content)
    assert our_texts == their_texts
    assert ours.keys() == theirs.keys()
    for name, stored in theirs.items():
        value = np.asarray(stored)
        value = value.astype(np.float32 if value.dtype == np.float16 else value.dtype.newbyteorder("="))
        assert (ours[name].dtype, ours[name].shape) == (value.dtype, value.shape), name
        assert ours[name].tobytes() == value.tobytes(), name


def numbers(shape: tuple[int, ...], kind: str) -> Any:
    """Return an array that is neither constant nor random: packing changes it, and every place differs."""
    return (np.arange(int(np.prod(shape))).reshape(shape) % 251 % (2 if kind == "bool" else 251)).astype(kind)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("packed", [None, 1, 9])
def test_chunks_come_as_hdf5_reads_them_under_every_filter(version: str, packed: int | None) -> None:
    cuts = [((7,), (3,)), ((5, 7), (2, 3)), ((4, 6), (4, 6)), ((3, 4, 5), (2, 2, 2)), ((0, 3), (1, 3)), ((1,), (1,))]

    def fill(file: h5py.File) -> None:
        choices = itertools.product(KINDS, [False, True], [False, True], cuts)
        for number, (kind, shuffle, fletcher, (shape, chunks)) in enumerate(choices):
            options: dict[str, Any] = {"compression": "gzip", "compression_opts": packed} if packed else {}
            options["maxshape"] = tuple(max(1, size) for size in shape)
            file.create_dataset(
                f"{number}", data=numbers(shape, kind), chunks=chunks, shuffle=shuffle, fletcher32=fletcher, **options
            )

    check_bits(hdf5(fill, libver=version))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("packed", [None, "gzip"])
def test_every_index_of_chunks_comes_as_hdf5_reads_it(version: str, packed: str | None) -> None:
    """Fixed and extensible arrays with and without pages, trees of several levels, chunks that were never written."""

    def fill(file: h5py.File) -> None:
        for number, (shape, largest) in enumerate(
            [
                ((3000,), (3000,)),
                ((1200,), (4000,)),
                ((5000,), (None,)),
                ((40, 30), (None, 30)),
                ((40, 30), (45, None)),
                ((60, 50), (None, None)),
            ]
        ):
            whole = file.create_dataset(
                f"whole {number}", shape, "f4", chunks=(1,) * len(shape), maxshape=largest, compression=packed
            )
            whole[...] = numbers(shape, "f4")
            holes = file.create_dataset(
                f"holes {number}", shape, "f4", chunks=(1,) * len(shape), maxshape=largest, compression=packed,
                fillvalue=2.5,
            )  # fmt: skip
            holes[shape[0] // 2 :: 7] = 1
            file.create_dataset(f"empty {number}", shape, "f2", chunks=shape, maxshape=largest, fillvalue=-3)

    check_bits(hdf5(fill, libver=version))


@pytest.mark.parametrize("version", VERSIONS)
def test_chunks_written_in_any_order_come_as_hdf5_reads_them(version: str) -> None:
    def fill(file: h5py.File) -> None:
        places = [(row, column) for row in range(40) for column in range(30)]
        random.Random(0).shuffle(places)  # noqa: S311
        for name, cut in (("all", len(places)), ("some", 500)):
            array = file.create_dataset(name, (40, 30), "f4", chunks=(1, 1), maxshape=(None, None), compression="gzip")
            for row, column in places[:cut]:
                array[row, column] = 100 * row + column

    check_bits(hdf5(fill, libver=version))


def test_a_chunk_that_hdf5_does_not_find_is_not_read(tmp_path: Path) -> None:
    """Its library looks for chunks between the keys of a tree; a key that moved hides its chunk from it."""

    def fill(file: h5py.File) -> None:
        file.create_dataset("layers/lstm/w", data=numbers((9, 8), "f4"), chunks=(2, 3))

    content, moved = hdf5(fill), 0
    for rank_key in (struct.pack("<LLQQQ", 24, 0, row, column, 0) for row in range(0, 9, 2) for column in (0, 3, 6)):
        place = content.index(rank_key)
        for byte, value in ((8, 1), (9, 1), (16, 1), (17, 3), (24, 4), (24, 1)):
            changed = bytearray(content)
            changed[place + byte] = value if byte % 8 else changed[place + byte] ^ value
            file = keras_archive("keras_lstm.keras", weights=bytes(changed))
            moved += bool(refused(tmp_path, file, "(not in order|begins (at|within)|beyond its array)"))
    assert moved == 15 * 6


@pytest.mark.parametrize("name", ["text", "texts of fixed length"])
def test_a_text_ends_where_hdf5_ends_it(name: str) -> None:
    def fill(file: h5py.File) -> None:
        file.attrs[name] = "the cat" if name == "text" else np.bytes_("the cat")

    check_bits(hdf5(fill).replace(b"the cat", b"the\0cat"))


def test_chunks_without_an_index_come_as_hdf5_reads_them() -> None:
    def fill(file: h5py.File) -> None:
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((2, 3))
        settings.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        space = h5py.h5s.create_simple((5, 7), (6, 9))
        made = h5py.h5d.create(file.id, b"early", h5py.h5t.IEEE_F32LE, space, settings)
        h5py.Dataset(made)[...] = numbers((5, 7), "f4")

    check_bits(hdf5(fill, libver="latest"))


@settings(max_examples=60)
@given(data=st.data(), version=st.sampled_from(VERSIONS), kind=st.sampled_from(KINDS))
def test_any_shape_cut_in_any_way_comes_as_hdf5_reads_it(data: st.DataObject, version: str, kind: str) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=4)))
    chunks = tuple(data.draw(st.integers(1, max(1, size))) for size in shape)
    grows = tuple(None if data.draw(st.booleans()) else max(1, size) + data.draw(st.integers(0, 3)) for size in shape)
    options = data.draw(st.fixed_dictionaries({"shuffle": st.booleans(), "fletcher32": st.booleans()}))
    packed = data.draw(st.sampled_from([None, "gzip"]))

    def fill(file: h5py.File) -> None:
        value = numbers(shape, kind)
        file.create_dataset("a", data=value, chunks=chunks, maxshape=grows, compression=packed, **options)

    check_bits(hdf5(fill, libver=version))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("track", [False, True])
@pytest.mark.parametrize("user_block", [0, 512, 4096])
def test_many_links_and_attributes_come_as_hdf5_reads_them(version: str, track: bool, user_block: int) -> None:
    def fill(file: h5py.File) -> None:
        for number in range(700):
            file.create_group(f"group {number:03}", track_order=track)
        group = file["group 001"]
        for number in range(300):
            group.attrs[f"text {number}"] = "x" * number
        kind = h5py.string_dtype("utf-8", 50_000)
        group.attrs.create("huge", np.array(b"y" * 50_000, kind), dtype=kind)
        group.attrs["number"] = 3
        for number in range(20):
            group[f"array {number}"] = np.float32(number)

    content = hdf5(fill, libver=version, track_order=track, userblock_size=user_block)
    assert len(read_theirs(content)[1]["group 001"]["huge"]) == 50_000, "the text of fixed length is compared too"
    check_bits(content)


PADDINGS = [h5py.h5t.STR_NULLTERM, h5py.h5t.STR_NULLPAD, h5py.h5t.STR_SPACEPAD]
FILLED = [b"abc", b"ab\0cd", b"ab  ", b"ab      ", b"abcdefgh", b"\0bc     ", b"\xff\xc3\xa9     ", b"ab \0    ", b""]


def test_texts_of_fixed_length_come_as_hdf5_reads_them_under_every_padding() -> None:
    def fill(file: h5py.File) -> None:
        for padding, (number, text) in itertools.product(PADDINGS, enumerate(FILLED)):
            kind = h5py.h5t.C_S1.copy()
            kind.set_size(8)
            kind.set_strpad(padding)
            made = h5py.h5a.create(file.id, f"{padding} {number}".encode(), kind, h5py.h5s.create(h5py.h5s.SCALAR))
            made.write(np.array(text, "S8"), mtype=kind)

    content = hdf5(fill)
    assert len(read_theirs(content)[1][""]) == len(PADDINGS) * len(FILLED)
    check_bits(content)


def test_a_model_behind_a_user_block_is_read_as_one(tmp_path: Path) -> None:
    for size in (512, 8192):
        content = hdf5(lambda file: file.__setitem__("data", [1.0]), userblock_size=size)
        refused(tmp_path, content, "HDF5 file without a Keras model")


@given(
    content=st.binary(max_size=40)
    | st.integers(1, 400_000).map(lambda size: (bytes(range(251)) * (size // 251 + 1))[:size])
)
@settings(max_examples=30)
def test_the_checksum_is_that_of_hdf5(content: bytes) -> None:
    first = second = 0
    padded = content + b"\0" * (len(content) % 2)
    for (word,) in struct.iter_unpack(">H", padded):
        first += word
        second += first
    assert fletcher32(memoryview(content)) == (
        ((second - 1) % 65535 + 1 if second else 0) << 16 | ((first - 1) % 65535 + 1 if first else 0)
    )


@pytest.mark.parametrize("normalised", [0, 1])
def test_floats_whose_first_bit_is_stored_are_refused(normalised: int, tmp_path: Path) -> None:
    content = bytearray(hdf5(lambda file: file.__setitem__("layers/lstm/w", np.ones(3, np.float32))))
    place = content.index(b"\x11\x20\x1f\x00\x04\x00\x00\x00")
    content[place + 1] = normalised << 4
    refused(tmp_path, keras_archive("keras_lstm.keras", weights=bytes(content)), "numbers of an unusual kind")


def packed_file(value: Any, chunks: tuple[int, ...], **options: Any) -> bytes:
    """Return a file of one packed array."""
    return hdf5(
        lambda file: file.create_dataset("layers/lstm/w", data=value, chunks=chunks, compression="gzip", **options)
    )


def test_a_damaged_chunk_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed_file(numbers((500,), "f4"), (500,), fletcher32=True))
    place = content.index(zlib.compress(numbers((500,), "<f4").tobytes(), 4)[:20])
    content[place + 200] ^= 1
    refused(
        tmp_path, keras_archive("keras_lstm.keras", weights=bytes(content)), "the checksum of the chunk .* is wrong"
    )


@pytest.mark.parametrize("size", [1999, 2001, 2_000_000])
def test_a_chunk_that_unpacks_to_another_size_is_refused(tmp_path: Path, size: int) -> None:
    def fill(file: h5py.File) -> None:
        array = file.create_dataset("layers/lstm/w", (500,), "f4", chunks=(500,), compression="gzip")
        array.id.write_direct_chunk((0,), zlib.compress(bytes(size)))

    refused(tmp_path, keras_archive("keras_lstm.keras", weights=hdf5(fill)), "a chunk unpacks to")


def bomb(chunk: int, shape: tuple[int, ...]) -> bytes:
    """Return a file whose one chunk is a gigabyte of zeros packed to a megabyte."""
    pack = zlib.compressobj(9)
    first, again = (pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_SYNC_FLUSH) for _ in range(2))
    content = first + 1023 * again  # packing a gigabyte would take seconds

    def fill(file: h5py.File) -> None:
        array = file.create_dataset("layers/lstm/w", shape, "f4", chunks=(chunk,), compression="gzip")
        array.id.write_direct_chunk((0,), content)

    return hdf5(fill)


def test_a_gigabyte_in_a_chunk_of_a_megabyte_is_refused(tmp_path: Path) -> None:
    import tracemalloc

    for chunk, says in ((1 << 28, "in chunks of 1073741824 bytes each"), (1 << 22, "a chunk unpacks to more than")):
        content = keras_archive("keras_lstm.keras", weights=bomb(chunk, (chunk,)))
        tracemalloc.start()
        begin = time.process_time()
        refused(tmp_path, content, says)
        assert time.process_time() - begin < MOST_SECONDS
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
        tracemalloc.stop()


def test_arrays_of_chunks_are_refused_by_their_sum(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        for number in range(5):
            file.create_dataset(f"layers/lstm/{number}", (1 << 24,), "f4", chunks=(1 << 20,), compression="gzip")

    weights = keras_archive("keras_lstm.keras", weights=hdf5(fill))
    refused(tmp_path, weights, f"more than {LARGEST_UNPACKED} bytes of all chunks")


def test_a_chunk_of_blocks_that_hold_nothing_is_refused_before_it_is_looked_at(tmp_path: Path) -> None:
    """Ten megabytes that unpack to nothing, as each of many chunks, would take hours."""

    def fill(file: h5py.File) -> None:
        array = file.create_dataset("layers/lstm/w", (3,), "f4", chunks=(1,), compression="gzip")
        array.id.write_direct_chunk((0,), b"\x78\x01" + b"\x00\x00\x00\xff\xff" * 2_000_000)

    weights = keras_archive("keras_lstm.keras", weights=hdf5(fill))
    refused(tmp_path, weights, "the chunk .0,. takes 10000002 bytes for 4")


def test_many_chunks_are_read_in_time_or_refused(tmp_path: Path) -> None:
    def file_of(count: int) -> bytes:
        packed = {"chunks": (1,), "compression": "gzip", "shuffle": True, "fletcher32": True}
        return hdf5(lambda file: file.create_dataset("layers/lstm/w", data=np.arange(count, dtype="f4"), **packed))

    content = file_of(MOST_CHUNKS - 1)
    begin = time.process_time()
    assert read_ours(content)[0]["layers/lstm/w"][-1] == MOST_CHUNKS - 2
    assert time.process_time() - begin < MOST_SECONDS
    refused(
        tmp_path, keras_archive("keras_lstm.keras", weights=file_of(MOST_CHUNKS + 1)), f"more than {MOST_CHUNKS} chunks"
    )


def damageable() -> list[bytes]:
    """Return small files that together have every part of the format that is read."""

    def fill(file: h5py.File) -> None:
        for number in range(12):
            file.attrs[f"text {number}"] = "x" * number
            file[f"group/{number}"] = np.float32(number)
        for number, largest in enumerate([(9, 8), (None, 8), (None, None)]):
            for packed in (None, "gzip"):
                file.create_dataset(
                    f"{number} {packed}", data=numbers((9, 8), "f4"), chunks=(2, 3), maxshape=largest,
                    compression=packed, shuffle=bool(packed), fletcher32=bool(packed),
                )  # fmt: skip

    return [hdf5(fill, libver=version) for version in VERSIONS]


TABLES = [b"OHDR", b"OCHK", b"BTHD", b"BTLF", b"BTIN", b"FRHP", b"FHIB", b"FHDB", b"FAHD", b"FADB", b"EAHD", b"EAIB",
          b"EASB", b"EADB"]  # fmt: skip


def test_any_changed_bit_of_a_table_is_noticed_by_its_checksum() -> None:
    """Tables have checksums since version 1.8; HDF5's own library reads none that is not what its checksum says."""

    def fill(file: h5py.File) -> None:
        for number in range(700):
            file[f"group/a{number}"] = np.float32(number)
            file["group"].attrs[f"text {number}"] = "x" * 40
        for largest, shape in [((3000,), (3000,)), ((40,), (40,)), ((None,), (5000,)), ((None, None), (60, 50))]:
            chunks = (1,) * len(shape)
            file.create_dataset(f"{largest} {shape}", data=numbers(shape, "f4"), chunks=chunks, maxshape=largest)
        file["group"].attrs["more"] = "y" * 300

    content, chance, noticed = hdf5(fill, libver="latest"), random.Random(2), set()  # noqa: S311
    check_bits(content)
    for mark in TABLES:
        places = [match.start() for match in re.finditer(mark, content)]
        for place in chance.sample(places, min(2, len(places))):
            changed = bytearray(content)
            changed[place + chance.randint(4, 16)] ^= 1 << chance.randrange(8)
            with pytest.raises(FileError, match=r"damaged"):
                read_ours(bytes(changed))
            noticed.add(mark)
    assert noticed == set(TABLES), "the file has every kind of table"
    changed = bytearray(content)
    changed[44] ^= 1
    with pytest.raises(FileError, match="the checksum of the superblock is wrong"):
        read_ours(bytes(changed))


def test_tables_are_summed_up_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5_checksums, "MOST_CHECKED", 1000)
    with pytest.raises(FileError, match="more than 1000 bytes of tables with checksums"):
        read_ours(damageable()[-1])


def test_the_hash_of_tables_is_that_of_its_author() -> None:
    assert lookup3(b"") == 0xDEADBEEF
    assert lookup3(b"Four score and seven years ago") == 0x17770551


@pytest.mark.parametrize("fits", [False, True], ids=["checksums as they are", "checksums made to fit"])
def test_damaged_files_are_read_or_refused(fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if fits:
        monkeypatch.setattr(Checksums, "_check", lambda *_: None)
    chance = random.Random(1)  # noqa: S311
    errors: list[str] = []
    for content in damageable():
        parts = [place for place in range(len(content)) if content[place]]
        for _ in range(150):
            changed = bytearray(content)
            for place in chance.sample(parts, chance.randint(1, 4)):
                changed[place] = chance.choice([0, 1, 255, changed[place] ^ 1 << chance.randrange(8)])
            if chance.random() < 0.1:
                del changed[chance.randrange(len(changed)) :]
            begin = time.process_time()
            try:
                read_ours(bytes(changed))
            except FileError as error:
                errors.append(str(error))
            assert time.process_time() - begin < MOST_SECONDS
    assert len(errors) > 50, "the damage is seen"
    assert not any("\n" in error for error in errors)
