"""ONNX: the graph and its weights as data, what is constant worked out, other files never opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.protobuf import WireError, varints
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible
from tests.checkpoints.formats.making import FILES, onnx_bytes, opened, refused

UNITS, INPUTS = 3, 2
WEIGHTS = {
    "W": np.arange(24, dtype=np.float32).reshape(1, 12, 2),
    "R": np.arange(36, dtype=np.float32).reshape(1, 12, 3),
    "B": np.arange(24, dtype=np.float32).reshape(1, 24),
}


def lstm(*inputs: str, **attributes: Any) -> Any:
    """Return an LSTM node that reads ``x`` and then ``inputs``."""
    return helper.make_node("LSTM", ["x", *inputs], ["y"], name="rnn", hidden_size=UNITS, **attributes)


def folded(folder: Path, nodes: list[Any], weights: dict[str, Any], name: str = "W") -> Any:
    """Return what the operations ``nodes`` make of constants, as an LSTM reads them under ``name``."""
    contents = opened(folder, onnx_bytes([*nodes, lstm(name, "R", "B")], weights | WEIGHTS))
    (layer,) = contents.layers
    assert [operation.kind for operation in contents.graph.operations] == ["LSTM"]
    return layer.tensors["W"]


def ints(*values: int) -> Any:
    """Return whole numbers as ONNX wants them."""
    return np.array(values, np.int64)


def test_a_node_says_all_that_it_says_about_itself(tmp_path: Path) -> None:
    node = lstm(
        "W",
        "R",
        "B",
        "",
        "start",
        direction="reverse",
        clip=2.5,
        activations=["Sigmoid", "Tanh", "Relu"],
        activation_alpha=[0.5, 2.0],
        input_forget=1,
        layout=0,
    )
    contents = opened(tmp_path, onnx_bytes([node], WEIGHTS, inputs=("x", "start")))
    (layer,) = contents.layers
    assert (contents.format, layer.kind, layer.name, layer.wrapper) == ("ONNX", "LSTM", "rnn", "")
    assert layer.inputs == ("x", "W", "R", "B", "", "start")
    assert layer.outputs == ("y",)
    assert layer.attributes == {
        "hidden_size": 3,
        "direction": "reverse",
        "clip": 2.5,
        "activations": ("Sigmoid", "Tanh", "Relu"),
        "activation_alpha": (0.5, 2.0),
        "input_forget": 1,
        "layout": 0,
    }
    assert list(layer.tensors) == ["W", "R", "B"], "a start that is not constant is no tensor"
    for name, value in WEIGHTS.items():
        np.testing.assert_array_equal(layer.tensors[name], value)
        np.testing.assert_array_equal(contents.tensors[name], value)
    assert contents.graph.inputs == ("x", "start")
    assert contents.metadata == {"producer": "the tests"}


@pytest.mark.parametrize("raw", [True, False])
def test_numbers_of_every_type_come_as_onnx_reads_them(tmp_path: Path, raw: bool) -> None:
    for kind, dtype in (
        [(TensorProto.FLOAT, "f4"), (TensorProto.DOUBLE, "f8"), (TensorProto.FLOAT16, "f2")]
        + [
            (getattr(TensorProto, name), name.lower())
            for name in ("INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32")
        ]
        + [(TensorProto.INT64, "i8"), (TensorProto.UINT64, "u8"), (TensorProto.BOOL, "?")]
    ):
        low = -3 if np.dtype(dtype).kind in "if" else 0
        values = np.arange(low, low + 6).reshape(2, 3).astype(dtype)
        tensor = helper.make_tensor("v", kind, (2, 3), values.tobytes() if raw else values, raw=raw)
        found = opened(tmp_path, onnx_bytes([], [tensor])).tensors
        np.testing.assert_array_equal(found["v"], values)
        assert found["v"].dtype == (np.float32 if dtype == "f2" else values.dtype)
        assert found.stored["v"].dtype == values.dtype.name


@pytest.mark.parametrize("raw", [True, False])
def test_bfloat16_becomes_the_same_numbers_in_float32(tmp_path: Path, raw: bool) -> None:
    bits = np.array([0x3F80, 0xC000, 0x7F80, 0x0001], np.uint16)
    tensor = TensorProto(name="v", dims=[4], data_type=TensorProto.BFLOAT16)
    if raw:
        tensor.raw_data = bits.tobytes()
    else:
        tensor.int32_data.extend(bits.tolist())
    found = opened(tmp_path, onnx_bytes([], [tensor])).tensors["v"]
    np.testing.assert_array_equal(found, np.array([1, -2, np.inf, 2.0**-133], np.float32))


def test_files_of_pytorch_hold_what_onnx_says() -> None:
    for path in FILES.glob("torch_*.onnx"):
        model = onnx.load(path)
        found = read_contents(path)
        assert set(found.tensors) >= {tensor.name for tensor in model.graph.initializer}
        for tensor in model.graph.initializer:
            np.testing.assert_array_equal(found.tensors[tensor.name], numpy_helper.to_array(tensor))
        kinds = [node.op_type for node in model.graph.node if node.op_type in ("LSTM", "GRU", "RNN")]
        assert [layer.kind for layer in found.layers] == kinds
        for layer in found.layers:
            assert {"W", "R", "B", "initial_h"} <= set(layer.tensors), "all that PyTorch writes around them is constant"
            assert not layer.tensors["initial_h"].any()


def test_a_start_whose_batch_is_not_known_is_one_number() -> None:
    first, second = read_contents(FILES / "torch_lm.onnx").layers
    for layer in (first, second):
        assert layer.tensors["initial_h"].shape == layer.tensors["initial_c"].shape == ()


FOLDED: dict[str, tuple[list[Any], dict[str, Any], Any]] = {
    "Identity": ([helper.make_node("Identity", ["a"], ["w"])], {}, lambda a: a),
    "Transpose": ([helper.make_node("Transpose", ["a"], ["w"], perm=[2, 0, 1])], {}, lambda a: a.transpose(2, 0, 1)),
    "Transpose of all": ([helper.make_node("Transpose", ["a"], ["w"])], {}, lambda a: a.T),
    "Reshape": ([helper.make_node("Reshape", ["a", "s"], ["w"])], {"s": ints(0, -1)}, lambda a: a.reshape(2, 12)),
    "Squeeze": ([helper.make_node("Squeeze", ["o"], ["w"])], {"o": np.ones((1, 4))}, lambda a: np.ones(4)),
    "Squeeze, old": (
        [helper.make_node("Squeeze", ["o"], ["w"], axes=[0])],
        {"o": np.ones((1, 4))},
        lambda a: np.ones(4),
    ),
    "Unsqueeze": ([helper.make_node("Unsqueeze", ["a", "s"], ["w"])], {"s": ints(0)}, lambda a: a[None]),
    "Unsqueeze, old": ([helper.make_node("Unsqueeze", ["a"], ["w"], axes=[0])], {}, lambda a: a[None]),
    "Concat": ([helper.make_node("Concat", ["a", "a"], ["w"], axis=1)], {}, lambda a: np.concatenate((a, a), 1)),
    "Cast": ([helper.make_node("Cast", ["a"], ["w"], to=TensorProto.INT32)], {}, lambda a: a.astype(np.int32)),
    "Gather": ([helper.make_node("Gather", ["a", "s"], ["w"], axis=1)], {"s": ints(2, 0)}, lambda a: a[:, [2, 0]]),
    "Slice": (
        [helper.make_node("Slice", ["a", "s", "e", "x", "p"], ["w"])],
        {"s": ints(-1, 0), "e": ints(-(1 << 62), 3), "x": ints(1, 2), "p": ints(-2, 2)},
        lambda a: a[:, ::-2, 0:3:2],
    ),
    "Slice, old": ([helper.make_node("Slice", ["a"], ["w"], starts=[1], ends=[2], axes=[1])], {}, lambda a: a[:, 1:2]),
    "Expand": (
        [helper.make_node("Expand", ["o", "s"], ["w"])],
        {"o": ints(7), "s": ints(2, 3)},
        lambda a: np.full((2, 3), 7),
    ),
    "ConstantOfShape": (
        [helper.make_node("ConstantOfShape", ["s"], ["w"])],
        {"s": ints(2, 3)},
        lambda a: np.zeros((2, 3)),
    ),
    "Constant of a tensor": (
        [helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(np.ones((2, 2), np.float32)))],
        {},
        lambda a: np.ones((2, 2)),
    ),
    "Constant of numbers": (
        [helper.make_node("Constant", [], ["w"], value_floats=[1.0, 2.0])],
        {},
        lambda a: ints(1, 2),
    ),
    "Constant of one number": ([helper.make_node("Constant", [], ["w"], value_int=3)], {}, lambda a: np.array(3)),
}


@pytest.mark.parametrize("case", FOLDED)
def test_what_exporters_wrap_around_weights_is_worked_out(tmp_path: Path, case: str) -> None:
    nodes, weights, expected = FOLDED[case]
    given_values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    found = folded(tmp_path, nodes, {"a": given_values} | weights, "w")
    np.testing.assert_array_equal(found, expected(given_values))


def test_gates_that_are_cut_and_joined_again_are_one_matrix(tmp_path: Path) -> None:
    """PyTorch's order i f g o becomes ONNX's i o f c by slices of one weight."""
    nodes = [helper.make_node("Slice", ["a", f"s{k}", f"s{k + 1}", "zero"], [f"g{k}"]) for k in range(4)]
    nodes += [
        helper.make_node("Concat", ["g0", "g3", "g1", "g2"], ["joined"], axis=0),
        helper.make_node("Unsqueeze", ["joined", "zero"], ["w"]),
    ]
    values = np.arange(24, dtype=np.float32).reshape(12, 2)
    found = folded(tmp_path, nodes, {"a": values, "zero": ints(0)} | {f"s{k}": ints(3 * k) for k in range(5)}, "w")
    np.testing.assert_array_equal(found[0], np.concatenate((values[:3], values[9:], values[3:6], values[6:9])))


def test_operations_that_are_not_constant_stay_in_order_with_their_weights(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("LayerNormalization", ["x", "scale"], ["normal"], name="norm"),
        helper.make_node("Identity", ["B"], ["unused"]),
        helper.make_node("LSTM", ["normal", "W", "R"], ["y"], hidden_size=UNITS),
        helper.make_node("Relu", ["x"], ["nobody"]),
    ]
    contents = opened(tmp_path, onnx_bytes(nodes, WEIGHTS | {"scale": np.ones(2, np.float32)}))
    assert [operation.kind for operation in contents.graph.operations] == ["LayerNormalization", "LSTM"]
    assert list(contents.graph.operations[0].tensors) == ["scale"]
    assert contents.layers[0].inputs[0] == contents.graph.operations[0].outputs[0] == "normal"


def test_operators_of_other_domains_have_them_in_their_names(tmp_path: Path) -> None:
    node = helper.make_node("LSTM", ["x", "W", "R"], ["y"], domain="com.example")
    contents = opened(tmp_path, onnx_bytes([node], WEIGHTS))
    assert contents.layers == ()
    assert contents.graph.operations[0].kind == "com.example.LSTM"


def test_what_recurs_in_a_loop_stands_ahead_of_it(tmp_path: Path) -> None:
    inner = onnx.load_from_string(onnx_bytes([lstm("W", "R", "outer")], {})).graph
    nodes = [helper.make_node("Relu", ["x"], ["outer"]), helper.make_node("Loop", ["", "", "x"], ["y"], body=inner)]
    contents = opened(tmp_path, onnx_bytes(nodes, WEIGHTS))
    assert [layer.kind for layer in contents.layers] == ["LSTM"]
    assert [operation.kind for operation in contents.graph.operations] == ["Relu", "LSTM", "Loop"]
    assert contents.graph.operations[2].attributes["body"] == ("LSTM",)


def test_weights_in_constant_nodes_are_tensors(tmp_path: Path) -> None:
    node = helper.make_node("Constant", [], ["W"], value=numpy_helper.from_array(WEIGHTS["W"]))
    weights = {name: value for name, value in WEIGHTS.items() if name != "W"}
    contents = opened(tmp_path, onnx_bytes([node, lstm("W", "R", "B")], weights))
    np.testing.assert_array_equal(contents.tensors["W"], WEIGHTS["W"])


def test_raw_numbers_stay_in_the_file(tmp_path: Path) -> None:
    assert not opened(tmp_path, onnx_bytes([lstm("W", "R", "B")], WEIGHTS)).tensors["W"].flags.owndata


def test_a_file_without_a_recurrent_node_has_no_layers(tmp_path: Path) -> None:
    contents = opened(tmp_path, onnx_bytes([helper.make_node("Relu", ["x"], ["y"])], WEIGHTS))
    assert contents.layers == ()
    assert set(contents.tensors) == set(WEIGHTS)


def external(*names: str, **places: str) -> bytes:
    """Return a file with tensors of six numbers in another file."""
    tensors = []
    for name in names:
        tensor = TensorProto(name=name, dims=[2, 3], data_type=1, data_location=TensorProto.EXTERNAL)
        for key, value in places.items():
            tensor.external_data.add(key=key, value=value)
        tensors.append(tensor)
    return onnx_bytes([], tensors)


@pytest.mark.parametrize(
    "location",
    ["beside.bin", "../secret.bin", "/etc/passwd", "../weights.bin.data", "./weights.bin.data", "\x1b[2J", "", ".data"],
)
def test_no_file_is_opened_that_a_file_names_at_will(tmp_path: Path, location: str) -> None:
    for name in ("beside.bin", "weights.bin.data", ".data"):
        (tmp_path / name).write_bytes(bytes(100))
    error = refused(tmp_path, external("rnn.W", location=location), "rnn.W is in another file .* never opened")
    assert visible(str(error)) == str(error)
    assert "onnx.save_model" in error.advice[1]


@pytest.mark.parametrize("ending", [".data", "_data"])
def test_weights_that_exporters_keep_beside_the_file_are_read(tmp_path: Path, ending: str) -> None:
    values = np.arange(20, dtype=np.float32)
    (tmp_path / f"weights.bin{ending}").write_bytes(values.tobytes())
    location = f"weights.bin{ending}"
    found = opened(tmp_path, external("a", "b", location=location, offset="8", length="24")).tensors
    for name in ("a", "b"):
        np.testing.assert_array_equal(found[name], values[2:8].reshape(2, 3))
        assert not found[name].flags.owndata
    refused(tmp_path, external("a", location=location), "the tensor a is .*|has 20 numbers")
    for place, says in {
        ("0", "400"): "ends at byte 400 of",
        (str(1 << 62), "24"): "ends at byte",
        ("-8", "24"): "no place",
        ("²", "24"): "no place",
        ("0", "20"): "has 5 numbers",
    }.items():
        refused(tmp_path, external("a", location=location, offset=place[0], length=place[1]), says)


def test_weights_beside_the_file_are_read_from_a_plain_file_only(tmp_path: Path) -> None:
    content = external("a", location="weights.bin.data")
    refused(tmp_path, content, "weights.bin.data, which is missing; put it beside")
    (tmp_path / "weights.bin.data").symlink_to("/etc/passwd")
    refused(tmp_path, content, "weights.bin.data, a link, which is never followed")
    (tmp_path / "weights.bin.data").unlink()
    (tmp_path / "weights.bin.data").mkdir()
    with pytest.raises(FileError, match=r"weights\.bin\.data: is a folder"):
        opened(tmp_path, content)


def changed(change: Callable[[TensorProto], Any]) -> bytes:
    """Return a file with one sound tensor (2, 3) that is changed."""
    tensor = numpy_helper.from_array(np.zeros((2, 3), np.float32), "w\x1b")
    change(tensor)
    return onnx_bytes([], [tensor])


def typed(tensor: TensorProto, numbers: int) -> None:
    """Keep numbers one by one instead of raw."""
    tensor.ClearField("raw_data")
    tensor.float_data.extend([0.0] * numbers)


DOUBLE_NAMES = [numpy_helper.from_array(np.zeros(1), "w")] * 2
BAD = {
    "negative sizes": (changed(lambda tensor: tensor.dims.__setitem__(0, -2)), r"w\\x1b has the sizes \[-2, 3\]"),
    "endless sizes": (changed(lambda tensor: tensor.dims.extend([1 << 62])), "has the sizes"),
    "a shape bomb": (changed(lambda tensor: tensor.dims.extend([1 << 40])), "has 6 numbers, its sizes"),
    "too many sizes": (changed(lambda tensor: tensor.dims.extend([1] * 100)), "has the sizes"),
    "too few raw numbers": (changed(lambda tensor: setattr(tensor, "raw_data", bytes(20))), "has 5 numbers"),
    "half a raw number": (changed(lambda tensor: setattr(tensor, "raw_data", bytes(23))), "has 5.75 numbers"),
    "too few numbers": (changed(lambda tensor: typed(tensor, 5)), "has 5 numbers"),
    "no numbers": (changed(lambda tensor: tensor.ClearField("raw_data")), "has 0 numbers"),
    "text": (changed(lambda tensor: setattr(tensor, "data_type", 8)), "type string"),
    "float8": (changed(lambda tensor: setattr(tensor, "data_type", 17)), "type float8.*convert it to float32"),
    "an unknown type": (changed(lambda tensor: setattr(tensor, "data_type", 999)), "type number 999"),
    "no name": (changed(lambda tensor: setattr(tensor, "name", "")), "no name"),
    "a name twice": (onnx_bytes([], DOUBLE_NAMES), "two tensors are called w"),
    "a value from nowhere": (onnx_bytes([lstm("W", "R", "B")], {}), "LSTM rnn reads W, which nothing before it writes"),
    "a value written twice": (onnx_bytes([helper.make_node("Relu", ["x"], ["x"])], {}), "writes x, which is there"),
    "an impossible operation": (
        onnx_bytes([helper.make_node("Transpose", ["W"], ["y"], perm=[7])], WEIGHTS),
        "Transpose y can't be done",
    ),
    "an attribute of an odd type": (
        onnx_bytes([helper.make_node("Foo", ["x"], ["y"], t=helper.make_tensor_type_proto(1, None))], {}),
        "the attribute t is of type 13",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, says = BAD[case]
    refused(tmp_path, content, says)


def test_sparse_tensors_are_refused(tmp_path: Path) -> None:
    model = onnx.load_from_string(onnx_bytes([], {}))
    model.graph.sparse_initializer.add()
    refused(tmp_path, model.SerializeToString(), "sparse")


def test_a_model_without_a_graph_is_refused(tmp_path: Path) -> None:
    model = onnx.ModelProto(ir_version=8, producer_name="nobody")
    refused(tmp_path, model.SerializeToString(), "without a graph", name="weights.onnx")


def test_constants_that_grow_without_an_end_are_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("Concat", [f"v{k}"] * 100, [f"v{k + 1}"], axis=0) for k in range(12)]
    refused(tmp_path, onnx_bytes(nodes, {"v0": np.zeros(100)}), "more constants than four times the file")


def test_halves_that_are_widened_again_and_again_are_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("Transpose", ["v"], [f"t{k}"]) for k in range(100)]
    content = onnx_bytes(nodes, {"v": np.zeros((1000, 1000), np.float16)})
    refused(tmp_path, content, "more constants than four times the file")


def test_shapes_that_grow_without_an_end_are_refused(tmp_path: Path) -> None:
    for kind, first in (("ConstantOfShape", []), ("Expand", ["one"])):
        nodes = [helper.make_node(kind, [*first, "shape"], ["y"])]
        weights = {"one": np.zeros(1), "shape": ints(1 << 20, 1 << 20)}
        refused(tmp_path, onnx_bytes(nodes, weights), "more constants than four times the file")


def test_graphs_within_graphs_come_to_an_end(tmp_path: Path) -> None:
    graph = onnx.load_from_string(onnx_bytes([], {})).graph
    for _ in range(30):
        node = helper.make_node("If", ["x"], ["y"], then_branch=graph, else_branch=onnx.GraphProto())
        graph = onnx.load_from_string(onnx_bytes([node], {})).graph
    refused(tmp_path, helper.make_model(graph).SerializeToString(), "graphs within graphs")


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=20))
def test_packed_numbers_come_as_protobuf_wrote_them(values: list[int]) -> None:
    tensor = TensorProto(int64_data=values).SerializeToString()
    packed = tensor[2:] if len(tensor) < 130 else tensor[3:]
    assert varints(packed).tolist() == values


@pytest.mark.parametrize("row", [b"\x80", b"\x01\x80", b"\xff" * 10 + b"\x01"])
def test_a_packed_number_that_is_cut_off_is_refused(row: bytes) -> None:
    with pytest.raises(WireError):
        varints(row)


def random_model(seed: int) -> bytes:
    """Return a file with weights of random sizes and types, some raw, some not."""
    random = np.random.default_rng(seed)
    tensors = []
    for number in range(random.integers(1, 8)):
        kind, dtype = [(TensorProto.FLOAT, "f4"), (TensorProto.DOUBLE, "f8"), (TensorProto.INT64, "i8")][number % 3]
        values = (100 * random.standard_normal(random.integers(0, 5, random.integers(0, 4)))).astype(dtype)
        raw = bool(random.integers(2))
        data = values.tobytes() if raw else values.reshape(-1)
        tensors.append(helper.make_tensor(f"w{number}", kind, values.shape, data, raw=raw))
    return onnx_bytes([], tensors)


@given(seed=st.integers(0, 1 << 32))
def test_random_weights_come_as_onnx_reads_them(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    content = random_model(seed)
    contents: FileContents = opened(tmp_path_factory.getbasetemp(), content)
    expected = {
        tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load_from_string(content).graph.initializer
    }
    assert list(contents.tensors) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(contents.tensors[name], value, strict=True)
