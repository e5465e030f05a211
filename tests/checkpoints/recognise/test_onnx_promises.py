"""What an ONNX graph says beside its weights: lengths, start states, and what its weights were made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper

from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.cli.app import run
from lstm_ascii.errors import FileError, ShapeError
from tests.checkpoints.formats.making import onnx_bytes, written

D, H, T = 3, 4, 5
DRAW = np.random.default_rng(3)
WEIGHTS = {"W": (1, 4 * H, D), "R": (1, 4 * H, H), "B": (1, 8 * H)}


def numbers(*shape: int) -> Any:
    return DRAW.normal(size=shape).astype(np.float32)


def lstm(folder: Path, constants: dict[str, Any], *inputs: str, ahead: tuple[Any, ...] = ()) -> Path:
    """Write a model of one LSTM that reads ``x``; what ``constants`` lacks of its weights is drawn."""
    weights = {name: numbers(*shape) for name, shape in WEIGHTS.items()}
    made = {name for node in ahead for name in node.output}
    tensors = {name: value for name, value in (weights | constants).items() if name not in made}
    node = helper.make_node("LSTM", ["x", "W", "R", "B", *inputs], ["y"], hidden_size=H)
    return written(folder, onnx_bytes([*ahead, node], tensors), "model.onnx")


def test_a_sequence_longer_than_the_constant_lengths_is_refused(tmp_path: Path) -> None:
    network = load_network(lstm(tmp_path, {"L": np.array([3], np.int32)}, "L"))
    assert network.run_vectors(np.ones((3, 1, D))).outputs.shape == (3, 1, H)
    with pytest.raises(ShapeError, match="sequence_lens says that it reads 3 steps, got 5"):
        network.run_vectors(np.ones((T, 1, D)))


@pytest.mark.parametrize("lengths", [[0], [-1], [2, 3], [[2]], [2.0]])
def test_lengths_that_cannot_be_honoured_are_named(lengths: Any, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="sequence_lens"):
        load_network(lstm(tmp_path, {"L": np.array(lengths)}, "L"))


@pytest.mark.parametrize("kind", ["Tile", "Expand"])
@pytest.mark.parametrize("rows", [1, 2])
def test_a_start_state_that_is_repeated_for_the_batch_is_read(kind: str, rows: int, tmp_path: Path) -> None:
    state = numbers(1, 1, H).repeat(rows if kind == "Expand" else 1, 1)
    width = 1 if kind == "Tile" else H
    ahead = (
        helper.make_node("Shape", ["x"], ["sizes"]),
        helper.make_node("Gather", ["sizes", "one"], ["batch"]),
        helper.make_node("Concat", ["one", "batch", "width"], ["shape"], axis=0),
        helper.make_node(kind, ["state", "shape"], ["start"]),
    )
    constants = {"one": np.array([1]), "width": np.array([width]), "state": state}
    network = load_network(lstm(tmp_path, constants, "", "start", ahead=ahead))
    np.testing.assert_array_equal(network.layers[0][0].start["h"], state[0, 0])
    assert "starts at zero" not in network.source


def test_weights_that_the_graph_casts_count_as_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cast = helper.make_node("Cast", ["half"], ["W"], to=1)
    path = lstm(tmp_path, {"half": numbers(*WEIGHTS["W"]).astype(np.float16)}, ahead=(cast,))
    assert run(["inspect", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["unused"] == 0
    assert {tensor["name"]: tensor["role"] for tensor in answer["tensors"]}["half"] == "layer 1"


@pytest.mark.parametrize("shape", [(1, T, D), (T, D)])
def test_a_batch_of_one_sequence_is_that_sequence(
    shape: tuple[int, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lstm(tmp_path, {})
    np.save(tmp_path / "x.npy", np.ones(shape, np.float32))
    assert run(["explain", "--model", str(path), "--input", str(tmp_path / "x.npy"), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["words"]) == T


def test_gradients_at_the_rounding_of_the_largest_are_no_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = np.full((1, 1, 1), 0.3, np.float32)
    node = helper.make_node
    nodes = [
        node("RNN", ["x", "one", "one", "saturated"], ["below"], hidden_size=1),
        node("Squeeze", ["below", "axis"], ["steps"]),
        node("RNN", ["steps", "one", "one", "zero"], ["y"], hidden_size=1),
    ]
    biases = {"saturated": np.full((1, 2), 8.7, np.float32), "zero": np.zeros((1, 2), np.float32)}
    path = written(tmp_path, onnx_bytes(nodes, {"one": one, "axis": np.array([1]), **biases}), "model.onnx")
    np.save(tmp_path / "x.npy", np.array([[0.1], [-0.2], [0.3]], np.float32))
    assert run(["gradcheck", str(path), "--input", str(tmp_path / "x.npy"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True


@pytest.mark.parametrize("inputs", [[], ["x"], ["x", "W"], ["x", "", "R"]])
def test_a_node_without_the_inputs_it_needs_is_named(inputs: list[str], tmp_path: Path) -> None:
    weights = {name: numbers(*shape) for name, shape in WEIGHTS.items()}
    content = onnx_bytes([helper.make_node("LSTM", inputs, ["y"], "lower", hidden_size=H)], weights)
    with pytest.raises(FileError, match=r"LSTM lower: expected at least 3 inputs, got \d"):
        load_network(written(tmp_path, content, "model.onnx"))


@pytest.mark.parametrize("above", [False, True])
def test_a_node_that_reads_a_constant_is_named(above: bool, tmp_path: Path) -> None:
    weights = {name: numbers(*shape) for name, shape in WEIGHTS.items()} | {"X": numbers(3, 1, WEIGHTS["W"][2])}
    nodes = [helper.make_node("LSTM", ["X", "W", "R"], ["y"], "lower", hidden_size=H)]
    nodes += [helper.make_node("Identity", ["y"], ["z"])] if above else []
    with pytest.raises(FileError, match="LSTM lower: what it reads, its X, is a constant of the file"):
        load_network(written(tmp_path, onnx_bytes(nodes, weights), "model.onnx"))
