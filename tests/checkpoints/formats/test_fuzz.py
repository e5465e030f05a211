"""Files of every format with bytes flipped, cut, inserted and spliced: read rightly or refused cleanly, never more."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible
from tests.checkpoints.formats.making import FILES, keras_archive, npy, onnx_bytes, safetensors, zipped

EXAMPLES = 150  # for each file


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
        "keras_rnn.keras",
        "keras_gru.h5",
        "torch_lstm.pt",
        "torch_gru_script.pt",
        "torch_bilstm_legacy.pt",
        "torch_rnn_relu.pt",
        "torch_lstm_bf16.pkl",
        "torch_proj.pkl",
    )
    return {name: (FILES / name).read_bytes() for name in names} | {
        "npz": zipped(arrays),
        "packed npz": zipped(arrays, 8),
    }


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


@st.composite
def mutations(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Draw a few changes of a file, each at a place that is a share of its length."""
    changes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["flip", "set", "cut", "insert", "splice", "end"]),
                st.floats(0, 1),
                st.binary(min_size=1, max_size=8),
                st.floats(0, 1),
            ),
            min_size=1,
            max_size=4,
        )
    )

    def change(content: bytes) -> bytes:
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

    return change


@pytest.mark.parametrize("kind", list(seeds()))
def test_a_damaged_file_is_read_or_refused(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("fuzz")

    @settings(max_examples=EXAMPLES)
    @given(change=mutations())
    def run(change: Callable[[bytes], bytes]) -> None:
        check(folder, change(seeds()[kind]))

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
