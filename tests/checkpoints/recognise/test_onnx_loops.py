"""Loops whose body is one step of a cell, as tf2onnx writes Keras' layers: the cell that they are, or named."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import FileError
from lstm_ascii.reports.verify import verify_report
from lstm_ascii.sources import Source, fed_by, open_networks

try:
    from onnx import TensorProto, helper

    from tests.checkpoints.recognise.onnx_models import answer, model_of, written
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

D, H, T, B = 3, 4, 6, 2
ROWS = {"LSTM": 4, "GRU after": 3, "GRU before": 3, "RNN": 1}
draw = np.random.default_rng(0)
X = draw.normal(size=(T, B, D)).astype("f4")


def op(kind: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    """Return an operation, its values parted by blanks."""
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def step(cell: str, gate: str = "Sigmoid", squash: str = "Tanh") -> list[Any]:
    """Return one step of a cell from ``x``, ``h``, ``c`` to ``h1``, ``c1``, as Keras computes it."""
    nodes = [op("MatMul", "x kernel", "xw"), op("Add", "xw bias", "a")]
    if cell == "RNN":
        return [*nodes, op("MatMul", "h recurrent", "hu"), op("Add", "a hu", "s"), op(squash, "s", "h1")]
    if cell == "LSTM":
        return [
            *nodes,
            op("MatMul", "h recurrent", "hu"),
            op("Add", "hu a", "s"),
            op("Split", "s", "si sf sg so", axis=-1, num_outputs=4),
            op(gate, "si", "i"),
            op(gate, "sf", "f"),
            op(squash, "sg", "g"),
            op(gate, "so", "o"),
            op("Mul", "f c", "fc"),
            op("Mul", "i g", "ig"),
            op("Add", "fc ig", "c1"),
            op(squash, "c1", "t"),
            op("Mul", "t o", "h1"),
        ]
    if cell == "GRU after":
        nodes += [
            op("MatMul", "h recurrent", "hu0"),
            op("Add", "hu0 bias2", "hu"),
            op("Split", "a", "az ar an", axis=1, num_outputs=3),
            op("Split", "hu", "uz ur un", axis=1, num_outputs=3),
            op("Add", "ar ur", "sr"),
            op(gate, "sr", "r"),
            op("Mul", "r un", "rn"),
        ]
    else:
        nodes += [
            op("Split", "recurrent", "Uz Ur Un", axis=1, num_outputs=3),
            op("Split", "a", "az ar an", axis=1, num_outputs=3),
            op("MatMul", "h Uz", "uz"),
            op("MatMul", "h Ur", "ur"),
            op("Add", "ar ur", "sr"),
            op(gate, "sr", "r"),
            op("Mul", "r h", "rh"),
            op("MatMul", "rh Un", "rn"),
        ]
    return [
        *nodes,
        op("Add", "az uz", "sz"),
        op(gate, "sz", "z"),
        op("Add", "an rn", "sn"),
        op(squash, "sn", "n"),
        op("Mul", "z h", "zh"),
        op("Sub", "one z", "z1"),
        op("Mul", "z1 n", "zn"),
        op("Add", "zh zn", "h1"),
    ]


def info(name: str, kind: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, None if kind == TensorProto.FLOAT else [])


def looped(cell: str, scan: bool = False, carried: bool = False, **more: str) -> Any:
    """Return a model of a loop; ``carried`` hands the weights on and counts by a value of its own."""
    rows = ROWS[cell] * H
    constants: dict[str, Array] = {
        "kernel": draw.normal(size=(D, rows)),
        "recurrent": draw.normal(size=(H, rows)),
        "bias": draw.normal(size=rows),
        "bias2": draw.normal(size=rows),
        "one": np.array(1.0),
        "start": draw.normal(size=(1, H)),
    }
    constants = {name: (0.5 * value if value.ndim else value).astype("f4") for name, value in constants.items()}
    constants |= {"yes": np.array(True), "nothing": np.array(0), "next": np.array(1), "shape": np.array([B, H])}
    states = ["h", "c"] if cell == "LSTM" else ["h"]
    nodes, after = step(cell, **more), [f"{name}1" for name in states]
    before = [op("Expand", "start shape", "begin")]
    if scan:
        body = helper.make_graph(
            [*nodes, op("Identity", "h1", "seen")],
            "body",
            [info(name) for name in [*states, "x"]],
            [info(name) for name in [*after, "seen"]],
        )
        loop = op(
            "Scan",
            " ".join(["begin"] * len(states)) + " X",
            " ".join(f"{name}T" for name in states) + " Y",
            body=body,
            num_scan_inputs=1,
            name="scan",
        )
        return model_of([*before, loop], constants)
    counter = "time" if carried else "turn"
    nodes = [
        op("Gather", f"X {counter}", "x", axis=0),
        *nodes,
        op("Identity", "keep", "keep1"),
        op("Identity", "h1", "seen"),
    ]
    inner = [info("turn", TensorProto.INT64), info("keep", TensorProto.BOOL), *(info(name) for name in states)]
    out = [info("keep1", TensorProto.BOOL), *(info(name) for name in after)]
    if carried:
        nodes += [op("Add", "time next", "time1"), op("Identity", "handed", "handed1")]
        for node in nodes:
            node.input[:] = ["handed" if name == "recurrent" else name for name in node.input]
        inner += [info("time", TensorProto.INT64), info("handed")]
        out += [info("time1", TensorProto.INT64), info("handed1")]
    body = helper.make_graph(nodes, "body", inner, [*out, info("seen")])
    given = ["steps", "yes", *["begin"] * len(states), *(["nothing", "recurrent"] if carried else [])]
    before += [op("Shape", "X", "sizes"), op("Gather", "sizes nothing", "steps")]
    taken = [f"{name}T" for name in states] + (["timeT", "handedT"] if carried else [])
    loop = op("Loop", " ".join(given), " ".join([*taken, "Y"]), body=body, name="loop")
    return model_of([*before, loop], constants)


@pytest.mark.parametrize(("cell", "form"), list(product(ROWS, ["loop", "carried", "scan"])))
def test_a_loop_is_the_cell_that_its_body_computes(cell: str, form: str, tmp_path: Path) -> None:
    model = looped(cell, form == "scan", form == "carried")
    network = load_network(written(model, tmp_path))
    assert network.title == cell.split()[0]
    ours = network.run_vectors(X.astype(float)).outputs
    np.testing.assert_allclose(ours, answer(model, X=X)[0], rtol=0, atol=2e-6)
    assert "not used" not in network.source or "bias2" in network.source


@pytest.mark.parametrize(("gate", "squash"), [("Sigmoid", "Relu"), ("Tanh", "Tanh")])
def test_the_functions_of_the_body_are_its_own(gate: str, squash: str, tmp_path: Path) -> None:
    model = looped("LSTM", gate=gate, squash=squash)
    ours = load_network(written(model, tmp_path)).run_vectors(X.astype(float)).outputs
    np.testing.assert_allclose(ours, answer(model, X=X)[0], rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("change", ["Sub for Add", "twice", "squared"])
def test_a_body_that_is_no_cell_is_named_and_not_guessed(change: str, tmp_path: Path) -> None:
    model = looped("LSTM")
    body = next(attribute.g for node in model.graph.node for attribute in node.attribute if attribute.name == "body")
    node = next(node for node in body.node if list(node.output) == ["c1"])
    if change == "Sub for Add":
        node.op_type = "Sub"
    elif change == "twice":
        node.input[:] = ["ig", "ig"]
    else:
        node.input[0] = "f"
    with pytest.raises(FileError, match=r"Loop loop: what recurs lies in its body"):
        load_network(written(model, tmp_path))


@pytest.mark.parametrize("cell", ["LSTM", "GRU before"])
def test_a_loop_is_fed_by_the_whole_model(cell: str, tmp_path: Path) -> None:
    path = written(looped(cell), tmp_path)
    np.savez(tmp_path / "feed.npz", X=X)
    source = Source(model=str(path), feed=str(tmp_path / "feed.npz"), sequence=1)
    fed = fed_by(source, open_networks((), (), source)[0]).fed
    assert fed.agrees
    assert fed.deviation < 2e-6
    assert fed.shape == (T, H)


def masked(cell: str, *, tiled: bool, output: str = "kept") -> Any:
    """Return a model of a loop that skips word 0, as tf2onnx writes Keras' mask."""
    rows, states = ROWS[cell] * H, ["h", "c"] if cell == "LSTM" else ["h"]
    constants: dict[str, Array] = {
        "kernel": draw.normal(size=(D, rows)),
        "recurrent": draw.normal(size=(H, rows)),
        "bias": draw.normal(size=rows),
        "bias2": draw.normal(size=rows),
        "table": draw.normal(size=(5, D)),
        "one": np.array(1.0),
        "zeros": np.zeros((B, H)),
    }
    constants = {name: value.astype("f4") for name, value in constants.items()}
    constants |= {"yes": np.array(True), "nothing": np.array(0), "last": np.array([2]), "wide": np.array([1, H])}
    step_nodes = step(cell)
    which = "each" if tiled else "taken"
    body_nodes = [
        op("Gather", "X turn", "x", axis=0),
        op("Gather", "mask turn", "taken", axis=0),
        *([op("Tile", "taken wide", "each")] if tiled else []),
        *step_nodes,
        *(op("Where", f"{which} {name}1 {name}", f"{name}2") for name in states),
        op("Where", f"{which} h1 before", "before2"),
        op("Identity", "keep", "keep1"),
        op("Identity", "before2", "seen"),
    ]
    inner = [info("turn", TensorProto.INT64), info("keep", TensorProto.BOOL), info("before"), *map(info, states)]
    out = [info("keep1", TensorProto.BOOL), info("before2"), *(info(f"{name}2") for name in states), info("seen")]
    body = helper.make_graph(body_nodes, "body", inner, out)
    loop = op(
        "Loop", " ".join(["steps", "yes", "zeros", *["zeros"] * len(states)]),
        " ".join(["beforeT", *(f"{name}T" for name in states), "Y"]), body=body, name="loop",
    )  # fmt: skip
    nodes = [
        op("Gather", "table ids", "vectors", axis=0),
        op("Transpose", "vectors", "X", perm=[1, 0, 2]),
        op("Equal", "ids nothing", "padding"),
        op("Not", "padding", "words"),
        op("Unsqueeze", "words last", "words1"),
        op("Transpose", "words1", "mask", perm=[1, 0, 2]),
        op("Shape", "X", "sizes"),
        op("Gather", "sizes nothing", "steps"),
        loop,
    ]
    return model_of(nodes, constants, inputs=[("ids", TensorProto.INT64, ("B", "T"))])


@pytest.mark.parametrize(("cell", "tiled"), list(product(ROWS, [False, True])))
def test_a_masked_loop_skips_the_word_that_its_mask_is_made_of(cell: str, tiled: bool, tmp_path: Path) -> None:
    model = masked(cell, tiled=tiled)
    path, ids = written(model, tmp_path), np.array([[3, 1, 4, 2, 0, 0], [1, 0, 2, 3, 3, 0]])
    np.savez(tmp_path / "r.npz", ids=ids.T, output=answer(model, ids=ids)[0])
    report = verify_report(Source(model=str(path)), str(tmp_path / "r.npz"))
    assert report.passed, report.compared
    assert "word 0 is padding, and is skipped" in load_network(path).source


def test_a_mask_of_unknown_origin_is_named(tmp_path: Path) -> None:
    model = masked("LSTM", tiled=False)
    node = next(node for node in model.graph.node if node.op_type == "Equal")
    node.op_type = "Less"
    network = load_network(written(model, tmp_path))
    assert "all steps are read, where the model skips those that mask masks" in network.source
