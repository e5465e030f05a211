"""``--feed``: a whole ONNX model brings a layer what it reads in life, and ours is held against ONNX Runtime's own."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.feeding import FedNetwork
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.running import run_layers
from lstm_ascii.errors import FileError, LstmAsciiError, UsageError
from lstm_ascii.sources import Source, fed_by, open_networks

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from tests.checkpoints.recognise.onnx_models import answer, model_of, node_of, numbered, written
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

ROUNDING = 2e-6
LOCAL = "local"
draw = np.random.default_rng(0)
CLIP = draw.normal(size=(3, 1, 64)).astype("f4")  # three sequences of sound


def drawn(kind: str, inputs: int, hidden: int, ways: int = 1) -> dict[str, Array]:
    """Return random weights."""
    rows = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind] * hidden
    shapes = {"W": (ways, rows, inputs), "R": (ways, rows, hidden), "B": (ways, 2 * rows)}
    return {part: draw.normal(size=shape).astype("f4") * 0.5 for part, shape in shapes.items()}


def fed(path: Path, folder: Path, arrays: Mapping[str, Array], reads: str = "", sequence: int = 0) -> FedNetwork:
    """Feed a model with arrays by the names of its inputs, and look into one of its networks."""
    np.savez(folder / "feed.npz", **arrays)
    roles = (f"rnn={reads}",) if reads else ()
    source = Source(model=str(path), roles=roles, feed=str(folder / "feed.npz"), sequence=sequence)
    (network,) = open_networks((), (), source)
    return fed_by(source, network)


def assert_agrees(found: FedNetwork, outputs: Array) -> None:
    """Hold what was fed against the layer's outputs ``(T, H · directions)`` as the model itself gives them."""
    assert found.fed.agrees
    assert found.fed.deviation < ROUNDING
    assert found.vectors is not None
    ours = found.network.run_vectors(found.vectors).outputs[:, 0]
    np.testing.assert_allclose(ours, outputs, rtol=0, atol=ROUNDING)
    assert found.fed.deviation == pytest.approx(np.abs(ours - outputs).max(), abs=1e-9)


def front_end() -> tuple[list[Any], dict[str, Array]]:
    """Return operations that make vectors ``v`` ``(15, B, 6)`` of sound ``(B, 1, 64)``."""
    nodes = [
        helper.make_node("Conv", ["sound", "K"], ["f"], strides=[4]),
        helper.make_node("Relu", ["f"], ["r"]),
        helper.make_node("Transpose", ["r"], ["v"], perm=[2, 0, 1]),
    ]
    return nodes, {"K": draw.normal(size=(6, 1, 8)).astype("f4")}


SOUND = ("sound", TensorProto.FLOAT, ("batch", 1, "samples"))


@pytest.mark.parametrize("sequence", [0, 2])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_layer_behind_a_convolution_reads_what_it_reads_in_life(kind: str, sequence: int, tmp_path: Path) -> None:
    nodes, constants = front_end()
    arrays = drawn(kind, 6, 5, 2)
    nodes.append(node_of(kind, arrays, reads="v", direction="bidirectional"))
    model = model_of(nodes, constants | numbered(arrays), inputs=[SOUND])
    found = fed(written(model, tmp_path), tmp_path, {"sound": CLIP}, sequence=sequence)
    outputs = answer(model, sound=CLIP)[0]  # (T, directions, B, H)
    assert_agrees(found, outputs[:, :, sequence].reshape(len(outputs), -1))
    assert (found.fed.sequence, found.fed.sequences, found.fed.steps) == (sequence, 3, len(outputs))


def two_with_a_norm_between() -> Any:
    """Return a model of two LSTMs, whose second reads what a normalisation and a sum make of the first."""
    nodes, constants = front_end()
    lower, upper = drawn("LSTM", 6, 5), drawn("LSTM", 5, 4)
    nodes += [
        node_of("LSTM", lower, 1, reads="v"),
        helper.make_node("Squeeze", ["Y1", "one"], ["s"]),
        helper.make_node("LayerNormalization", ["s", "scale"], ["n"]),
        helper.make_node("Add", ["n", "s"], ["m"]),
        node_of("LSTM", upper, 2, reads="m"),
    ]
    constants |= numbered(lower, 1) | numbered(upper, 2) | {"one": np.array([1]), "scale": np.ones(5, "f4")}
    return model_of(nodes, constants, ("Y1", "Y2"), [SOUND])


@pytest.mark.parametrize("number", [1, 2])
def test_each_of_two_layers_with_something_between_is_fed(number: int, tmp_path: Path) -> None:
    model = two_with_a_norm_between()
    found = fed(written(model, tmp_path), tmp_path, {"sound": CLIP}, f"node{number}", 1)
    assert_agrees(found, answer(model, sound=CLIP)[number - 1][:, 0, 1])


def voice_detector() -> Any:
    """Return a model like those of voice detectors: a branch a sample rate, the state goes in and comes out."""

    def branch(number: int) -> Any:
        arrays = drawn("LSTM", 6, 5)
        node = node_of("LSTM", arrays, number, reads="v")
        node.input.extend(["", "h", "c"])
        node.output[:], node.name = [f"y{number}", f"h{number}"], f"lstm{number}"
        own = [numpy_helper.from_array(value, name) for name, value in numbered(arrays, number).items()]
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in node.output]
        return helper.make_graph([node], f"branch{number}", [], given, own)

    nodes, constants = front_end()
    nodes += [
        helper.make_node("Equal", ["sr", "wide"], ["is_wide"]),
        helper.make_node("If", ["is_wide"], ["Y", "hn"], then_branch=branch(16), else_branch=branch(8)),
    ]
    state: list[Any] = [(name, TensorProto.FLOAT, (1, "batch", 5)) for name in "hc"]
    inputs = [SOUND, ("sr", TensorProto.INT64, ()), *state]
    return model_of(nodes, constants | {"wide": np.array(16000)}, ("Y", "hn"), inputs)


STATE = {name: draw.normal(size=(1, 3, 5)).astype("f4") for name in "hc"}


@pytest.mark.parametrize(("rate", "number"), [(16000, 16), (8000, 8)])
def test_a_branch_that_runs_starts_at_the_state_that_the_model_is_given(rate: int, number: int, tmp_path: Path) -> None:
    model, arrays = voice_detector(), {"sound": CLIP, "sr": np.array(rate), **STATE}
    found = fed(written(model, tmp_path), tmp_path, arrays, f"lstm{number}", 1)
    assert_agrees(found, answer(model, **arrays)[0][:, 0, 1])
    assert found.fed.started == ("c", "h")
    assert "starts at zero" not in found.network.source
    assert "ONNX Runtime" in found.network.source


def test_of_a_branch_that_does_not_run_nothing_is_made_up(tmp_path: Path) -> None:
    arrays = {"sound": CLIP, "sr": np.array(16000), **STATE}
    with pytest.raises(FileError, match=r"lstm8 lies in a branch that does not run"):
        fed(written(voice_detector(), tmp_path), tmp_path, arrays, "lstm8")


@pytest.mark.parametrize("number", [0, 1])
def test_both_calls_of_a_function_are_told_apart(number: int, tmp_path: Path) -> None:
    inner = helper.make_node("LSTM", ["x", "w", "r", "b"], ["y", "inner_last"], hidden_size=4, name="inner")
    sets = [helper.make_opsetid("", 21), helper.make_opsetid(LOCAL, 1)]
    function = helper.make_function(LOCAL, "Mine", ["x", "w", "r", "b"], ["y"], [inner], sets)
    arrays = drawn("LSTM", 3, 4), drawn("LSTM", 3, 4)
    constants = numbered(arrays[0], 0) | numbered(arrays[1], 1)
    calls = [
        helper.make_node("Mine", ["X", f"W{n}", f"R{n}", f"B{n}"], [f"Y{n}"], domain=LOCAL, name=f"call{n}")
        for n in (0, 1)
    ]
    model = model_of(calls, constants, ("Y0", "Y1"))
    model.functions.append(function)
    model.opset_import.append(helper.make_opsetid(LOCAL, 1))
    path, x = written(model, tmp_path), draw.normal(size=(7, 2, 3)).astype("f4")
    names = [layer.name for layer in read_contents(path).layers]
    found = fed(path, tmp_path, {"X": x}, names[number], 1)
    assert_agrees(found, answer(model, X=x)[number][:, 0, 1])


def test_sequences_are_read_to_the_lengths_that_the_model_is_given(tmp_path: Path) -> None:
    arrays, x = drawn("GRU", 3, 4, 2), draw.normal(size=(7, 2, 3)).astype("f4")
    node = node_of("GRU", arrays, direction="bidirectional", linear_before_reset=1)
    node.input.append("lengths")
    inputs: list[Any] = [("X", TensorProto.FLOAT, ("T", "B", 3)), ("lengths", TensorProto.INT32, ("B",))]
    model, lengths = model_of([node], numbered(arrays), inputs=inputs), np.array([7, 4], "i4")
    found = fed(written(model, tmp_path), tmp_path, {"X": x, "lengths": lengths}, sequence=1)
    assert found.fed.steps == 4
    assert_agrees(found, answer(model, X=x, lengths=lengths)[0][:4, :, 1].reshape(4, -1))


def test_where_a_model_asks_for_the_last_state_alone_that_is_compared(tmp_path: Path) -> None:
    arrays, x = drawn("LSTM", 3, 4, 2), draw.normal(size=(2, 7, 3)).astype("f4")
    node = node_of("LSTM", arrays, direction="bidirectional", layout=0)
    node.output[:] = ["", "Y"]
    turned = helper.make_node("Transpose", ["X"], ["t"], perm=[1, 0, 2])
    node.input[0] = "t"
    found = fed(written(model_of([turned, node], numbered(arrays)), tmp_path), tmp_path, {"X": x})
    assert (found.fed.compared, found.fed.shape) == ("last state", (8,))
    assert found.fed.deviation < ROUNDING


def test_a_model_that_looks_words_up_reads_words(tmp_path: Path) -> None:
    arrays, table = drawn("LSTM", 3, 4), draw.normal(size=(6, 3)).astype("f4")
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["e"]),
        helper.make_node("Transpose", ["e"], ["v"], perm=[1, 0, 2]),
        node_of("LSTM", arrays, reads="v"),
    ]
    inputs = [("ids", TensorProto.INT64, ("B", "T"))]
    path = written(model_of(nodes, numbered(arrays) | {"table": table}, inputs=inputs), tmp_path)
    found = fed(path, tmp_path, {"ids": np.array([[1, 2, 3, 3], [5, 0, 2, 4]])}, sequence=1)
    assert (found.words, found.vectors) == (("#5", "#0", "#2", "#4"), None)
    assert found.fed.deviation < ROUNDING


def test_weights_beside_the_model_are_found_from_everywhere(tmp_path: Path) -> None:
    model, path = two_with_a_norm_between(), tmp_path / "model.onnx"
    expected = answer(model, sound=CLIP)[0]
    onnx.save_model(model, path, save_as_external_data=True, location="model.onnx.data", size_threshold=64)
    assert_agrees(fed(path, tmp_path, {"sound": CLIP}, "node1"), expected[:, 0, 0])


def test_a_table_is_one_sequence(tmp_path: Path) -> None:
    arrays, x = drawn("GRU", 3, 4), draw.normal(size=(5, 3))
    inputs = [("X", TensorProto.FLOAT, ("batch", "time", 3))]
    turned = helper.make_node("Transpose", ["X"], ["t"], perm=[1, 0, 2])
    model = model_of([turned, node_of("GRU", arrays, reads="t")], numbered(arrays), inputs=inputs)
    rows = ["day,a,b,c", *(f"d{n},{','.join(map(str, row))}" for n, row in enumerate(x))]
    (tmp_path / "x.csv").write_text("\n".join(rows))
    source = Source(model=str(written(model, tmp_path)), feed=str(tmp_path / "x.csv"))
    found = fed_by(source, open_networks((), (), source)[0])
    assert found.words == ("d0", "d1", "d2", "d3", "d4")
    assert_agrees(found, answer(model, X=x[None].astype("f4"))[0][:, 0, 0])


ARRAYS = {"sound": CLIP, "sr": np.array(16000), **STATE}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"sound": CLIP}, r"its input sr \(\) of int64; h \(1, batch, 5\) of float32; c .* is missing; there is sound"),
        (ARRAYS | {"q": CLIP}, r"it has no input q; it reads sound \(batch, 1, samples\)"),
        (ARRAYS | {"h": STATE["h"][:, :, 1:]}, r"h \(1, batch, 5\) of float32 is expected, got float32 of shape"),
        (ARRAYS | {"sr": np.array(16000.0)}, r"sr \(\) of int64 is expected, got float64"),
        (ARRAYS | {"sound": CLIP[:, :, :4]}, r"can't run it on this"),
        (ARRAYS | {"h": STATE["h"][:, :1]}, r"can't run it on this"),
    ],
)
def test_what_a_model_does_not_read_is_named_in_one_line(
    arrays: Mapping[str, Array], said: str, tmp_path: Path
) -> None:
    with pytest.raises(FileError, match=said) as caught:
        fed(written(voice_detector(), tmp_path), tmp_path, arrays, "lstm16")
    assert "\n" not in str(caught.value)


def test_a_batch_has_only_the_sequences_that_it_has(tmp_path: Path) -> None:
    for sequence in (3, -1):
        with pytest.raises(UsageError, match=f"sequence: expected 0 to 2, .*, got {sequence}"):
            fed(written(voice_detector(), tmp_path), tmp_path, ARRAYS, "lstm16", sequence)


def test_only_models_of_onnx_are_fed(tmp_path: Path) -> None:
    arrays = {f"rnn.{name}_l0": draw.normal(size=(4, 4)) for name in ("weight_ih", "weight_hh")}
    np.savez(tmp_path / "model.npz", **arrays)
    with pytest.raises(FileError, match=r"is a npz file; only ONNX models can be run; input gives"):
        fed(tmp_path / "model.npz", tmp_path, {"x": CLIP})


def test_without_onnx_runtime_it_is_told_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *more: Any, **others: Any) -> Any:
        if name == "onnxruntime":
            raise ImportError(name)
        return imported(name, *more, **others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LstmAsciiError, match=r"feed: needs the package onnxruntime; pip install 'lstm-ascii\[onnx\]'"):
        fed(written(voice_detector(), tmp_path), tmp_path, ARRAYS, "lstm16")


def test_arrays_go_in_and_arrays_come_out(tmp_path: Path) -> None:
    model = two_with_a_norm_between()
    path = written(model, tmp_path)
    lower, upper = run_layers(path, {"sound": CLIP}, read_contents(path).layers)
    first, second = answer(model, sound=CLIP)
    for layer, expected in ((lower, first), (upper, second)):
        assert layer.outputs is not None
        np.testing.assert_array_equal(layer.outputs, expected[:, 0].astype(float))
    assert (lower.x.shape, upper.x.shape) == ((15, 3, 6), (15, 3, 5))
