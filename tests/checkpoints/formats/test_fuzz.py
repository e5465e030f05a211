"""Files of every format with bytes flipped, cut, inserted and spliced: read rightly or refused cleanly, never more.

``python -m tests.checkpoints.formats.test_fuzz 100000 [FIRST]`` damages files so often, and names what went wrong.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import h5py
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.hdf5_checksums import Checksums
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible
from tests.checkpoints.formats.keras_forms import FORMS, sound
from tests.checkpoints.formats.making import FILES, keras_archive, npy, onnx_bytes, safetensors, zipped

EXAMPLES = int(os.environ.get("FUZZ_BYTES", "150"))  # for each file
MOST_SECONDS, MOST_MEMORY = 5, 500  # of one file, of all; MB
CHANGES = ["flip", "set", "cut", "insert", "splice", "end"]


@cache
def seeds() -> dict[str, bytes]:
    """Return a small sound file of each kind."""
    arrays = {
        f"{name}.npy": npy(np.arange(size, dtype=kind)) for name, size, kind in (("a", 4, "<f4"), ("b", 9, "<f2"))
    }
    names = (
        "torch_lstm_bf16.safetensors",
        "torch_gru.onnx",
        "torch_gru_dynamo.onnx",
        "tf2onnx_gru.onnx",
        "keras_rnn.keras",
        "keras_gru.h5",
        "torch_lstm.pt",
        "torch_gru_script.pt",
        "torch_bilstm_legacy.pt",
        "torch_rnn_relu.pt",
        "torch_lstm_bf16.pkl",
        "torch_proj.pkl",
    )
    packed = {f"packed h5, {version}": packed_h5(version) for version in ("earliest", "v108", "latest")}
    return (
        {name: (FILES / name).read_bytes() for name in names}
        | {form: sound(form) for form in FORMS}
        | {"npz": zipped(arrays), "packed npz": zipped(arrays, 8)}
        | packed
    )


def packed_h5(version: str) -> bytes:
    """Return a Keras model in packed chunks, with links and attributes in heaps, after a user block."""
    file = io.BytesIO()
    with h5py.File(FILES / "keras_gru.h5") as whole, h5py.File(file, "w", libver=version, userblock_size=512) as out:
        out.attrs.update(whole.attrs)
        for number in range(12):
            out.attrs[f"text {number}"] = "x" * number

        def copy(name: str, found: Any) -> None:
            if isinstance(found, h5py.Group):
                group = out.require_group(name)
                group.attrs.update(found.attrs)
                return
            chunks = tuple(max(1, size // 2) for size in found.shape)
            grows = [found.shape, (None, *found.shape[1:]), (None,) * found.ndim][len(name) % 3]
            array = out.create_dataset(
                name, data=found[()], chunks=chunks, maxshape=grows, compression="gzip", shuffle=True, fletcher32=True
            )
            array.attrs.update(found.attrs)

        whole.visititems(copy)
        for number in range(12):
            out[f"model_weights/more/{number}"] = np.float32(number)
    return file.getvalue()


def check(folder: Path, content: bytes) -> FileContents | None:
    """Read a file and all that it holds; nothing may come of it but the contents or a clean error."""
    path = folder / "weights"
    path.write_bytes(content)
    try:
        contents = read_contents(path)
        for name, value in contents.tensors.items():
            stored = contents.tensors.stored[name]
            assert value.shape == stored.shape
            assert value.dtype == (np.float32 if stored.dtype in ("float16", "bfloat16") else stored.dtype)
            assert value.dtype.kind in "fiub"
        for part in (*contents.layers, *contents.graph.operations):
            assert all(isinstance(value.shape, tuple) for value in part.tensors.values())
    except FileError as caught:
        error = caught
    else:
        return contents
    assert visible(str(error)) == str(error), "safe to show"
    assert len(str(error)) < 1000
    return None


Change = tuple[str, float, bytes, float]  # how, where, with what, from where; places are shares of the length


def changed(content: bytes, changes: list[Change]) -> bytes:
    """Return a file with a few changes."""
    for how, share, data, other in changes:
        place, from_place = int(share * len(content)), int(other * len(content))
        if how == "flip" and place < len(content):
            content = content[:place] + bytes([content[place] ^ 1 << data[0] % 8]) + content[place + 1 :]
        elif how == "set":
            content = content[:place] + data + content[place + len(data) :]
        elif how == "cut":
            content = content[:place] + content[place + data[0] :]
        elif how == "insert":
            content = content[:place] + data + content[place:]
        elif how == "splice":
            content = content[:place] + content[from_place : from_place + data[0]] + content[place:]
        elif how == "end":
            content = content[:place]
    return content


SHARES, DATA = st.floats(0, 1), st.binary(min_size=1, max_size=8)
MUTATIONS = st.lists(st.tuples(st.sampled_from(CHANGES), SHARES, DATA, SHARES), min_size=1, max_size=4)


@pytest.mark.parametrize("kind", [kind for kind in seeds() if "h5" in kind])
def test_a_damaged_file_whose_checksums_were_made_to_fit_is_read_or_refused(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")

    @settings(max_examples=EXAMPLES)
    @given(changes=MUTATIONS)
    def run(changes: list[Change]) -> None:
        with any_checksum_fits(True):
            check(folder, changed(seeds()[kind], changes))

    run()


@pytest.mark.parametrize("kind", list(seeds()))
def test_a_damaged_file_is_read_or_refused(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("fuzz")

    @settings(max_examples=EXAMPLES)
    @given(changes=MUTATIONS)
    def run(changes: list[Change]) -> None:
        check(folder, changed(seeds()[kind], changes))

    assert check(folder, seeds()[kind]), "the file is sound before it is changed"
    run()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["F32", "lstm", 16, 4]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to every part of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def with_part(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    """Return a JSON value with one part exchanged."""
    if not path:
        return part
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = with_part(changed[path[0]], path[1:], part)
    return changed


@settings(max_examples=2 * EXAMPLES)
@given(share=st.floats(0, 0.999), part=JSON, data=st.binary(max_size=40))
def test_a_header_of_other_parts_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, share: float, part: Any, data: bytes
) -> None:
    header: Any = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "b": {"dtype": "BF16", "shape": [4], "data_offsets": [16, 24]},
    }
    paths = places(header)
    changed = with_part(header, paths[int(share * len(paths))], part)
    check(tmp_path_factory.getbasetemp(), safetensors(changed, bytes(24) if len(data) % 2 else data))


@settings(max_examples=2 * EXAMPLES)
@given(share=st.floats(0, 0.999), part=JSON, functional=st.booleans())
def test_a_config_of_other_parts_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, share: float, part: Any, functional: bool
) -> None:
    def change(config: Any) -> None:
        paths = places(config)[1:]
        changed = with_part(config, paths[int(share * len(paths))], part)
        config.clear()
        config.update(json.loads(json.dumps(changed)))

    file = "keras_functional.keras" if functional else "keras_bilstm.keras"
    check(tmp_path_factory.getbasetemp(), keras_archive(file, change))


KINDS = ["Cast", "Concat", "Constant", "ConstantOfShape", "Expand", "Gather", "Identity", "Reshape", "Slice", "Squeeze"]
WHOLE = st.lists(st.integers(-3, 5) | st.sampled_from([-(1 << 63), (1 << 63) - 1, 1 << 40]), max_size=4)
NAMES = ["x", "values", "halves", "numbers", "one", "none", "zero", "", "v0", "v1", "v2", "v3"]


@st.composite
def graphs(draw: st.DrawFn) -> bytes:
    """Draw a graph of operations on constants, most of them impossible."""
    nodes = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from([*KINDS, "Transpose", "Unsqueeze"]))
        known = [name for name in NAMES if name[:1] != "v" or name == "values" or int(name[1:]) < number]
        inputs = draw(st.lists(st.sampled_from(known), max_size=4))
        keys = st.sampled_from(["axis", "axes", "perm", "to", "starts", "ends", "value_ints", "value_float", "value"])
        attributes = draw(
            st.dictionaries(keys, st.integers(-2, 20) | WHOLE.filter(bool) | st.floats() | st.text(), max_size=3)
        )
        nodes.append(onnx.helper.make_node(kind, inputs, [f"v{number}"], **attributes))
    nodes.append(onnx.helper.make_node("LSTM", ["x", "v0"], ["y"]))
    return onnx_bytes(
        nodes,
        {
            "values": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
            "halves": np.ones((3, 2), np.float16),
            "numbers": np.array(draw(WHOLE), np.int64),
            "one": np.ones(1, np.float32),
            "none": np.zeros((0, 2), np.float32),
            "zero": np.int64(0),
        },
    )


@settings(max_examples=4 * EXAMPLES)
@given(content=graphs())
def test_a_graph_of_any_operations_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    check(tmp_path_factory.getbasetemp(), content)


@settings(max_examples=EXAMPLES)
@given(text=st.text(max_size=60) | st.sampled_from(["{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"]))
def test_an_array_header_of_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    encoded = text.encode("utf-8", "surrogatepass")
    array = b"\x93NUMPY\x01\x00" + len(encoded).to_bytes(2, "little") + encoded + bytes(8)
    check(tmp_path_factory.getbasetemp(), zipped({"w.npy": array}))


def any_checksum_fits(yes: bool) -> AbstractContextManager[Any]:
    """Take every table of HDF5 as if its checksum fitted: whoever makes a hostile file makes them fit."""
    return patch.object(Checksums, "_check", lambda *_: None) if yes else nullcontext()


def drawn(draw: np.random.Generator, content: bytes) -> list[Change]:
    """Draw changes as hypothesis does, but three of four at a place that is not zero: most of HDF5 and zip is."""
    written = np.flatnonzero(np.frombuffer(content, np.uint8))
    changes: list[Change] = []
    for _ in range(int(draw.integers(1, 5))):
        share = float(draw.random() if draw.random() < 0.25 else (draw.choice(written) + 0.5) / len(content))
        how = CHANGES[int(draw.choice(len(CHANGES), p=[0.4, 0.35, 0.07, 0.07, 0.07, 0.04]))]
        data = bytes([int(draw.choice([0, 1, 255]))]) if draw.random() < 0.3 else draw.bytes(int(draw.integers(1, 9)))
        changes.append((how, share, data, float(draw.random())))
    return changes


def main() -> None:
    """Damage many files and count what goes wrong."""
    import resource  # not on every system

    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    kinds = list(seeds())
    wrong: Counter[str] = Counter()
    examples: dict[str, int] = {}
    read, slowest, begin = 0, 0.0, time.time()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            draw, kind = np.random.default_rng(number), kinds[number % len(kinds)]
            content = changed(seeds()[kind], drawn(draw, seeds()[kind]))
            began, fault = time.process_time(), ""
            try:
                with any_checksum_fits(number // len(kinds) % 2 == 1):
                    read += check(Path(folder), content) is not None
            except Exception as error:
                trace, at = error.__traceback__, ""
                while trace:
                    at, trace = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}", trace.tb_next
                fault = f"{type(error).__name__}: {error} at {at}"
            seconds = time.process_time() - began
            slowest = max(slowest, seconds)
            fault = fault or (f"more than {MOST_SECONDS} s" if seconds > MOST_SECONDS else "")
            if fault:
                wrong[f"{fault} ({kind})"] += 1
                examples.setdefault(f"{fault} ({kind})", number)
    for fault, times in wrong.most_common():
        print(f"{times:5} {fault}; first in file {examples[fault]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} files in {time.time() - begin:.0f} s, {read} read, {wrong.total()} faults of {len(wrong)} kinds")
    print(f"slowest {slowest:.2f} s, peak {peak:.0f} MB of {MOST_MEMORY} MB")


if __name__ == "__main__":
    main()
