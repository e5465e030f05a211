"""Functions, branches and loops of an ONNX graph, and weights that are stored as whole numbers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import FileError

try:
    from onnx import TensorProto, helper, numpy_helper

    from tests.checkpoints.recognise.onnx_models import answer, model_of, node_of, numbered, written
    from tests.checkpoints.recognise.test_onnx_nodes import HIDDEN, INPUTS, X, arrays_of
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

LOCAL = "local"
ONES = arrays_of("LSTM"), arrays_of("LSTM", seed=50)
WEIGHTS = numbered(ONES[0], 0) | numbered(ONES[1], 1)


def assert_same(model: Any, folder: Path, reads: str = "") -> None:
    """Compare a network's outputs with those of ONNX Runtime, of the model's first output."""
    expected = answer(model, X=X)[0]
    network = load_network(written(model, folder), hints=Hints({"rnn": reads}) if reads else None)
    ours = network.run_vectors(X.astype(float)).outputs
    np.testing.assert_allclose(ours, np.concatenate(list(expected.swapaxes(0, 1)), axis=-1), rtol=0, atol=1e-5)


def branch(name: str, number: int, constants: bool = False) -> Any:
    """Return a graph of one LSTM; its weights are its own, or those of the graph around it."""
    node = node_of("LSTM", ONES[number], number)
    node.output[0], node.name = name, f"lstm_{name}"
    own = [numpy_helper.from_array(value, key) for key, value in numbered(ONES[number], number).items()]
    output = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    return helper.make_graph([node], name, [], [output], own if constants else [])


@pytest.mark.parametrize("constants", [False, True])
@pytest.mark.parametrize("condition", [True, False])
def test_the_branch_that_runs_is_read(condition: bool, constants: bool, tmp_path: Path) -> None:
    node = helper.make_node(
        "If", ["c"], ["Y"], then_branch=branch("Y1", 0, constants), else_branch=branch("Y1", 1, constants)
    )
    assert_same(model_of([node], ({} if constants else WEIGHTS) | {"c": np.array(condition)}), tmp_path)


def test_of_a_branch_that_only_a_run_decides_each_layer_can_be_chosen(tmp_path: Path) -> None:
    node = helper.make_node("If", ["c"], ["Y"], then_branch=branch("a", 0), else_branch=branch("b", 1))
    shapes: list[Any] = [("X", TensorProto.FLOAT, ("T", "B", "D")), ("c", TensorProto.BOOL, ())]
    path = written(model_of([node], WEIGHTS, inputs=shapes), tmp_path)
    with pytest.raises(FileError, match=r"lstm_a.*lstm_b"):
        load_network(path)
    for name, number in (("lstm_a", 0), ("lstm_b", 1)):
        network = load_network(path, hints=Hints({"rnn": name}))
        alone = model_of([node_of("LSTM", ONES[number])], numbered(ONES[number]))
        expected = answer(alone, X=X)[0][:, 0]
        np.testing.assert_allclose(network.run_vectors(X.astype(float)).outputs, expected, rtol=0, atol=1e-5)


def function(nodes: list[Any], name: str = "Mine", inputs: str = "x w r b", output: str = "y", **more: Any) -> Any:
    """Return a function of the model."""
    sets = [helper.make_opsetid("", 21), helper.make_opsetid(LOCAL, 1)]
    return helper.make_function(LOCAL, name, inputs.split(), [output], nodes, sets, **more)


def with_functions(model: Any, *functions: Any) -> Any:
    """Return a model that has functions."""
    model.functions.extend(functions)
    model.opset_import.append(helper.make_opsetid(LOCAL, 1))
    return model


def call(number: int, reads: str = "X", output: str = "Y", kind: str = "Mine", **attributes: Any) -> Any:
    """Return a call of a function."""
    inputs = [reads, *(f"{part}{number}" for part in "WRB")]
    return helper.make_node(kind, inputs, [output], f"call{number}", domain=LOCAL, **attributes)


def lstm(**attributes: Any) -> Any:
    return helper.make_node("LSTM", ["x", "w", "r", "b"], ["y"], "inner", hidden_size=HIDDEN, **attributes)


def test_a_function_of_the_model_is_written_out(tmp_path: Path) -> None:
    assert_same(with_functions(model_of([call(0)], WEIGHTS), function([lstm()])), tmp_path)


def test_a_function_in_a_function_is_written_out_and_so_is_each_call(tmp_path: Path) -> None:
    upper = numbered(arrays_of("LSTM", 1, HIDDEN, seed=70), 1)
    squeeze = helper.make_node("Squeeze", ["Y0", "one"], ["S"])
    outer = helper.make_node("Mine", ["x", "w", "r", "b"], ["y"], domain=LOCAL)
    model = model_of(
        [call(0, output="Y0", kind="Outer"), squeeze, call(1, "S", kind="Outer")],
        numbered(ONES[0], 0) | upper | {"one": np.array([1])},
    )
    assert_same(with_functions(model, function([outer], "Outer"), function([lstm()])), tmp_path)


def test_an_attribute_of_a_call_reaches_the_layer(tmp_path: Path) -> None:
    node = lstm(clip=1.0)
    (bound,) = (attribute for attribute in node.attribute if attribute.name == "clip")
    bound.ClearField("f")
    bound.ref_attr_name = "bound"
    clipped = function([node], attributes=["bound"])
    assert_same(with_functions(model_of([call(0, bound=0.2)], WEIGHTS), clipped), tmp_path)


def test_a_function_that_calls_itself_is_refused(tmp_path: Path) -> None:
    inner = helper.make_node("Mine", ["x", "w", "r", "b"], ["y"], domain=LOCAL)
    path = written(with_functions(model_of([call(0)], WEIGHTS), function([inner])), tmp_path)
    with pytest.raises(FileError, match="graphs within graphs"):
        read_contents(path)


def test_functions_that_double_one_another_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    doubled = []
    for level in range(7):
        calls = [
            helper.make_node(
                f"F{level + 1}", ["x" if k == 0 else f"v{k - 1}"], [f"v{k}" if k < 39 else "y"], domain=LOCAL
            )
            for k in range(40)
        ]
        doubled.append(function(calls, f"F{level}", "x"))
    doubled.append(function([helper.make_node("Neg", ["x"], ["y"])], "F7", "x"))
    node = helper.make_node("F0", ["X"], ["Y"], domain=LOCAL)
    with pytest.raises(FileError, match="operations; at most"):
        read_contents(written(with_functions(model_of([node], {}), *doubled), tmp_path))


def quantized(values: Array, scale: Any, zero: Any, axis: int | None = None) -> Array:
    """Return whole numbers that stand for values."""
    sizes = [-1 if place == axis else 1 for place in range(values.ndim)]
    wide, low = np.reshape(scale, sizes), np.reshape(zero, sizes)
    limits = np.iinfo(np.asarray(zero).dtype)
    found: Array = np.clip(np.round(values / wide) + low, limits.min, limits.max).astype(np.asarray(zero).dtype)
    return found


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("axis", [None, 1])
def test_weights_behind_dequantize_linear_are_read(axis: int | None, dtype: Any, tmp_path: Path) -> None:
    rows = 4 * HIDDEN
    scale = np.float32(0.01) if axis is None else np.linspace(0.005, 0.02, rows, dtype=np.float32)
    zero = dtype(100) if axis is None else np.full(rows, 100, dtype)
    constants = {"B0": ONES[0]["B"], "s": scale, "z": zero}
    constants |= {f"{part}q": quantized(ONES[0][part], scale, zero, axis) for part in "WR"}
    more = {} if axis is None else {"axis": axis}
    nodes = [helper.make_node("DequantizeLinear", [f"{part}q", "s", "z"], [f"{part}0"], **more) for part in "WR"]
    assert_same(model_of([*nodes, node_of("LSTM", ONES[0])], constants), tmp_path)


@pytest.mark.parametrize("zero", [np.int8(3), np.uint8(120), None])
@pytest.mark.parametrize("axis", [None, 1])
def test_weights_that_the_graph_itself_makes_whole_numbers_are_read(
    axis: int | None, zero: Any, tmp_path: Path
) -> None:
    """Training that knows of quantization leaves both operations behind."""
    rows = 4 * HIDDEN
    scale = np.float32(0.02) if axis is None else np.linspace(0.01, 0.03, rows, dtype=np.float32)
    constants = {"B0": ONES[0]["B"], "s": scale} | {f"{part}f": ONES[0][part] for part in "WR"}
    if zero is not None:
        constants["z"] = zero if axis is None else np.full(rows, zero)
    more = {} if axis is None else {"axis": axis}
    by = ["s"] if zero is None else ["s", "z"]
    nodes = [
        node
        for part in "WR"
        for node in (
            helper.make_node("QuantizeLinear", [f"{part}f", *by], [f"{part}q"], **more),
            helper.make_node("DequantizeLinear", [f"{part}q", *by], [f"{part}0"], **more),
        )
    ]
    assert_same(model_of([*nodes, node_of("LSTM", ONES[0])], constants), tmp_path)


def dynamic(scale: Array, zero: Array) -> Any:
    """Return a model with ONNX Runtime's quantized LSTM."""
    turned = {part: ONES[0][part].transpose(0, 2, 1) for part in "WR"}
    constants = {f"{part}q": np.round(turned[part] / scale.reshape(1, 1, -1)).astype(np.int8) for part in "WR"}
    inputs = ["X", "Wq", "Rq", "B0", "", "", "", "", "s", "z", "s", "z"]
    node = helper.make_node("DynamicQuantizeLSTM", inputs, ["Y"], "lstm", hidden_size=HIDDEN, domain="com.microsoft")
    return model_of([node], constants | {"B0": ONES[0]["B"], "s": scale, "z": zero})


@pytest.mark.parametrize("sizes", [(1,), (1, 4 * HIDDEN)])
def test_the_quantized_lstm_of_onnx_runtime_is_the_lstm_of_its_weights(sizes: tuple[int, ...], tmp_path: Path) -> None:
    scale = np.full(sizes, 0.01, np.float32)
    plain = {part: np.round(ONES[0][part] / np.float32(0.01)) * np.float32(0.01) for part in "WR"} | {"B": ONES[0]["B"]}
    expected = answer(model_of([node_of("LSTM", plain)], numbered(plain)), X=X)[0][:, 0]
    network = load_network(written(dynamic(scale, np.zeros(sizes, np.int8)), tmp_path))
    np.testing.assert_allclose(network.run_vectors(X.astype(float)).outputs, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("sizes", [(2,), (1, 3), (1, 1, 1), ()])
def test_scales_of_wrong_sizes_are_refused(sizes: tuple[int, ...], tmp_path: Path) -> None:
    scale = np.full(sizes, 0.01, np.float32)
    inputs = ["X", "Wq", "Rq", "B0", "", "", "", "", "s", "z", "s", "z"]
    node = helper.make_node("DynamicQuantizeLSTM", inputs, ["Y"], "lstm", hidden_size=HIDDEN, domain="com.microsoft")
    arrays = {"Wq": np.ones((1, INPUTS, 4 * HIDDEN), np.int8), "Rq": np.ones((1, HIDDEN, 4 * HIDDEN), np.int8)}
    model = model_of([node], arrays | {"B0": ONES[0]["B"], "s": scale, "z": np.zeros(sizes, np.int8)})
    with pytest.raises(FileError, match="weights or scales of wrong sizes"):
        read_contents(written(model, tmp_path))


def test_a_cell_in_a_loop_is_named(tmp_path: Path) -> None:
    info = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Tanh", ["h"], ["h1"]), helper.make_node("Identity", ["k"], ["k1"])],
        "body",
        [info("i", TensorProto.INT64, []), info("k", TensorProto.BOOL, []), info("h", TensorProto.FLOAT, [1])],
        [info("k1", TensorProto.BOOL, []), info("h1", TensorProto.FLOAT, [1])],
    )
    node = helper.make_node("Loop", ["n", "k0", "h0"], ["Y"], "steps", body=body)
    model = model_of([node], {"n": np.array(3), "k0": np.array(True), "h0": np.zeros(1, np.float32)})
    with pytest.raises(FileError, match=r"Loop steps: what recurs lies in its body \(Tanh, Identity\)"):
        load_network(written(model, tmp_path))


def test_an_unrolled_cell_is_read_by_the_names_of_its_weights(tmp_path: Path) -> None:
    w, r, b = (ONES[0][part][0] for part in "WRB")

    def pytorch(rows: Array) -> Array:  # i o f g to i f g o
        i, o, f, g = np.split(rows, 4)
        return np.concatenate([i, f, g, o])

    halves = np.split(b, 2)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    constants = {f"cell.{name}": pytorch(value) for name, value in zip(names, (w, r, *halves), strict=True)}
    node = helper.make_node("Sum", ["X", *constants], ["Y"], "unrolled")
    network = load_network(written(model_of([node], constants), tmp_path))
    expected = answer(model_of([node_of("LSTM", ONES[0])], numbered(ONES[0])), X=X)[0][:, 0]
    np.testing.assert_allclose(network.run_vectors(X.astype(float)).outputs, expected, rtol=0, atol=1e-5)
    assert "unrolled" in network.source
