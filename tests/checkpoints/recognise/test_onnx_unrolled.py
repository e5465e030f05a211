"""Cells that an ONNX graph has step by step are the cells that they are; what is none is named."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import FileError
from lstm_ascii.reports.verify import verify_report
from lstm_ascii.sources import Source, fed_by, open_networks

try:
    from onnx import TensorProto

    from tests.checkpoints.recognise.onnx_models import answer, model_of, written
    from tests.checkpoints.recognise.test_onnx_loops import ROWS, B, D, H, T, X, op, step
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

draw = np.random.default_rng(7)
SIDE_BY_SIDE = [op("Concat", "x h", "xh", axis=1), op("Gemm", "xh both bias", "s", transB=1)]
AHEAD = [op("MatMul", "h recurrent", "hu"), op("Add", "x hu", "s")]


def constants_of(cell: str, width: int = D) -> dict[str, Array]:
    """Return what a cell multiplies and adds."""
    rows = ROWS[cell] * H
    kernel, recurrent = 0.5 * draw.normal(size=(width, rows)), 0.5 * draw.normal(size=(H, rows))
    values = {
        "kernel": kernel,
        "recurrent": recurrent,
        "both": np.concatenate([kernel, recurrent]).T,
        "bias": draw.normal(size=rows),
        "bias2": draw.normal(size=rows),
        "one": np.array(1.0),
        "start": draw.normal(size=(1, H)),
    }
    return {name: np.ascontiguousarray(value, "f4") for name, value in values.items()}


def numbered(nodes: Sequence[Any], called: dict[str, str], number: str) -> list[Any]:
    """Return operations again, the values that they make called otherwise; ``called`` grows."""
    again = []
    for node in nodes:
        called |= {name: f"{name}.{number}" for name in node.output}
        copy = type(node)()
        copy.CopyFrom(node)
        copy.input[:] = [called.get(name, name) for name in node.input]
        copy.output[:] = [called[name] for name in node.output]
        again.append(copy)
    return again


def cut_up(whole: str, how: str, axis: int, constants: dict[str, Array]) -> list[Any]:
    """Return what makes of a sequence its steps ``x.0`` and so on."""
    constants["axis"] = np.array([axis])
    if how == "Split":
        parts = [f"part.{t}" for t in range(T)]
        nodes = [op("Split", whole, " ".join(parts), axis=axis, num_outputs=T)]
        return [*nodes, *(op("Squeeze", f"part.{t} axis", f"x.{t}") for t in range(T))]
    nodes = []
    for t in range(T):
        if how == "Gather":
            constants[f"at{t}"] = np.array(t)
            nodes.append(op("Gather", f"{whole} at{t}", f"x.{t}", axis=axis))
        else:
            constants |= {f"from{t}": np.array([t]), f"to{t}": np.array([t + 1])}
            nodes += [
                op("Slice", f"{whole} from{t} to{t} axis", f"part.{t}"),
                op("Squeeze", f"part.{t} axis", f"x.{t}"),
            ]
    return nodes


def unrolled(
    cell: str, how: str = "Gather", axis: int = 0, *, backward: bool = False, ahead: bool = False, shown: str = "last",
    body: Sequence[Any] = (), whole: str = "X",
) -> Any:  # fmt: skip
    """Return a model that has a cell step by step."""
    constants = constants_of(cell)
    constants |= {"shape": np.array([B, H])}
    nodes = [op("Expand", "start shape", "begin")]
    body = list(body) or step(cell)
    if ahead:  # all steps are multiplied at once
        nodes += [op("MatMul", f"{whole} kernel", "XW"), op("Add", "XW bias", "projected")]
        body, whole = [*AHEAD, *step(cell)[4:]], "projected"
    nodes += cut_up(whole, how, axis, constants)
    called = dict.fromkeys("hc", "begin")
    order = range(T)[::-1] if backward else range(T)
    for t in order:
        called["x"] = f"x.{t}"
        nodes += numbered(body, called, str(t))
        called |= {"h": called["h1"], "c": called.get("c1", "")}
    if shown == "all":
        nodes += [op("Unsqueeze", f"h1.{t} axis", f"u{t}") for t in range(T)]
        nodes += [op("Concat", " ".join(f"u{t}" for t in range(T)), "Y", axis=axis)]
    else:
        nodes += [op("Identity", called["h"], "Y")]
    read = {name for node in nodes for name in node.input}
    return model_of(nodes, {name: value for name, value in constants.items() if name in read})


def held(model: Any, folder: Path, axis: int = 0, place: int | None = -1) -> None:
    """Hold a network's outputs against ONNX Runtime: at one step, or ``None`` for all."""
    x = np.ascontiguousarray(X.swapaxes(0, 1)) if axis else X
    expected = answer(model, X=x)[0]
    network = load_network(written(model, folder))
    ours = network.run_vectors(X.astype(float)).outputs
    if place is None:
        expected = expected.swapaxes(0, 1) if axis else expected
    np.testing.assert_allclose(ours if place is None else ours[place], expected, rtol=0, atol=2e-6)
    assert f"unrolled in the file over {T} steps" in network.source
    assert "not used" not in network.source


@pytest.mark.parametrize(("cell", "how"), list(product(ROWS, ["Gather", "Split", "Slice"])))
def test_steps_are_the_cell_that_they_compute(cell: str, how: str, tmp_path: Path) -> None:
    axis = int(how == "Split")
    held(unrolled(cell, how, axis, shown="all"), tmp_path, axis, None)


@pytest.mark.parametrize("cell", ["LSTM", "GRU before"])
def test_steps_from_the_end_are_read_backward(cell: str, tmp_path: Path) -> None:
    held(unrolled(cell, backward=True), tmp_path, place=0)


def test_input_and_state_may_lie_side_by_side(tmp_path: Path) -> None:
    held(unrolled("LSTM", body=[*SIDE_BY_SIDE, *step("LSTM")[4:]]), tmp_path)


def test_what_all_steps_are_multiplied_with_at_once_is_part_of_the_cell(tmp_path: Path) -> None:
    held(unrolled("LSTM", ahead=True), tmp_path)


def test_gates_may_be_squashed_before_they_are_parted(tmp_path: Path) -> None:
    """TensorFlow's and many hand-written GRUs squash both gates at once."""
    constants = constants_of("GRU before")
    body = [
        op("Concat", "x h", "xh", axis=1),
        op("MatMul", "xh gates", "a"),
        op("Add", "a bias", "s"),
        op("Sigmoid", "s", "zr"),
        op("Split", "zr", "z r", axis=1, num_outputs=2),
        op("Mul", "r h", "rh"),
        op("Concat", "x rh", "xrh", axis=1),
        op("MatMul", "xrh new", "b"),
        op("Tanh", "b", "n"),
        op("Sub", "one z", "z1"),
        op("Mul", "z h", "zh"),
        op("Mul", "z1 n", "zn"),
        op("Add", "zh zn", "h1"),
    ]
    constants |= {
        "gates": draw.normal(size=(D + H, 2 * H)).astype("f4"),
        "new": draw.normal(size=(D + H, H)).astype("f4"),
        "bias": draw.normal(size=2 * H).astype("f4"),
        "shape": np.array([B, H]),
    }
    nodes, called = [op("Expand", "start shape", "begin"), *cut_up("X", "Gather", 0, constants)], {"h": "begin"}
    for t in range(T):
        called["x"] = f"x.{t}"
        nodes += numbered(body, called, str(t))
        called["h"] = called["h1"]
    read = {name for node in nodes for name in node.input}
    model = model_of([*nodes, op("Identity", called["h"], "Y")], {k: v for k, v in constants.items() if k in read})
    held(model, tmp_path)


def test_layers_above_each_other_and_words_are_followed(tmp_path: Path) -> None:
    """Words are looked up step by step, both layers are one network, and the last output is answered with."""
    lower, upper = constants_of("LSTM"), constants_of("LSTM", H)
    constants = {f"{name}/0": value for name, value in lower.items()}
    constants |= {f"{name}/1": value for name, value in upper.items()}
    constants |= {"table": draw.normal(size=(5, D)).astype("f4"), "shape": np.array([B, H])}
    constants |= {"dense": draw.normal(size=(H, 5)).astype("f4")}
    nodes = [op("Expand", "start/0 shape", "begin")]
    states = [dict.fromkeys("hc", "begin") for _ in range(2)]
    for t in range(T):
        constants[f"at{t}"] = np.array(t)
        nodes += [op("Gather", f"ids at{t}", f"id.{t}", axis=1), op("Gather", f"table id.{t}", f"x.{t}")]
        below = f"x.{t}"
        for layer, called in enumerate(states):
            body = step("LSTM")
            called |= {"x": below} | {name: f"{name}/{layer}" for name in ("kernel", "recurrent", "bias")}
            nodes += numbered(body, called, f"{t}/{layer}")
            called |= {"h": called["h1"], "c": called["c1"]}
            below = called["h"]
    nodes.append(op("MatMul", f"{below} dense", "Y"))
    read = {name for node in nodes for name in node.input}
    model = model_of(
        nodes, {k: v for k, v in constants.items() if k in read}, inputs=[("ids", TensorProto.INT64, ("B", "T"))]
    )
    network = load_network(written(model, tmp_path))
    assert len(network.layers) == 2
    np.testing.assert_array_equal(network.embedding, constants["table"])
    ids = np.array([[3, 1, 4, 2, 0, 0], [1, 0, 2, 3, 3, 0]])
    logits = network.decode(network.run(ids.T).outputs[-1])
    np.testing.assert_allclose(logits, answer(model, ids=ids)[0], rtol=0, atol=5e-6)


def test_a_first_step_that_leaves_the_zero_state_out_is_a_step(tmp_path: Path) -> None:
    """Exporters work out what a zero state is multiplied with."""
    model = unrolled("LSTM")
    nodes, graph = list(model.graph.node), model.graph
    first = [node for node in nodes if node.output[0] in ("hu.0", "s.0", "fc.0", "c1.0")]
    for node in first:
        graph.node.remove(node)
    for node in graph.node:
        called = {"s.0": "a.0", "c1.0": "ig.0"}
        node.input[:] = [called.get(name, name) for name in node.input]
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in used | {"start"}]:
        graph.initializer.remove(tensor)
    kept = [node for node in graph.node if node.op_type != "Expand"]
    del graph.node[:]
    graph.node.extend(kept)
    for tensor in [tensor for tensor in graph.initializer if tensor.name in ("start", "shape")]:
        graph.initializer.remove(tensor)
    held(model, tmp_path)


def test_the_last_state_is_held_against_the_whole_model(tmp_path: Path) -> None:
    path = written(unrolled("GRU after"), tmp_path)
    np.savez(tmp_path / "feed.npz", X=X)
    source = Source(model=str(path), feed=str(tmp_path / "feed.npz"), sequence=1)
    fed = fed_by(source, open_networks((), (), source)[0]).fed
    assert (fed.compared, fed.agrees, fed.steps) == ("last state", True, T)


@pytest.mark.parametrize("change", ["Sub", "a step of its own", "other weights once"])
def test_steps_that_are_no_cell_are_named(change: str, tmp_path: Path) -> None:
    model = unrolled("LSTM")
    for t in range(T):
        node = next(node for node in model.graph.node if list(node.output) == [f"c1.{t}"])
        if change == "Sub" or t == 3:
            node.op_type = "Sub"
    if change == "other weights once":
        node = next(node for node in model.graph.node if list(node.output) == ["hu.4"])
        node.input[1] = "recurrent4"
        model.graph.initializer.append(
            type(model.graph.initializer[0]).FromString(model.graph.initializer[0].SerializeToString())
        )
        model.graph.initializer[-1].name = "recurrent4"
    path = written(model, tmp_path)
    assert not read_contents(path).layers
    with pytest.raises(FileError, match=r"written out step by step \(\d times MatMul with recurrent"):
        load_network(path)


def test_outputs_in_verify_are_those_of_the_runtime(tmp_path: Path) -> None:
    model = unrolled("GRU before", "Split", 1, shown="all")
    x = np.ascontiguousarray(X.swapaxes(0, 1))
    path = written(model, tmp_path)
    np.savez(tmp_path / "r.npz", x=x, output=answer(model, X=x)[0])
    report = verify_report(Source(model=str(path)), str(tmp_path / "r.npz"))
    assert report.passed, report.compared
    assert report.turned
