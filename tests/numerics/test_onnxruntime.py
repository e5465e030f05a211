"""The forward pass against ONNX Runtime, with random weights: cells, directions, reset conventions, start states."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array, Cell
from lstm_ascii.network import Direction
from tests.numerics.random_cells import random_cell, random_inputs, random_states

try:
    import onnx
    import onnxruntime
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

# where each of the file format's blocks of rows stands in ours
ORDERS = {"RNN": [0], "LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2]}  # i o f c of i f g o; z r h of r z n
STEPS, BATCH, INPUTS, HIDDEN = 9, 3, 5, 6


def in_onnx_order(cell: Cell, parameter: Array) -> Array:
    """Return the blocks of rows of a parameter in the order of the file format."""
    blocks = np.split(parameter, len(cell.gate_letters))
    return np.concatenate([blocks[k] for k in ORDERS[cell.name]])


def tensors(cells: list[Cell]) -> dict[str, Array]:
    """Return the format's W, R and B = [Wb, Rb] of one or two directions."""
    both = [[in_onnx_order(cell, value) for value in cell.parameters.values()] for cell in cells]
    return {
        "W": np.stack([weight_ih for weight_ih, _, _, _ in both]),
        "R": np.stack([weight_hh for _, weight_hh, _, _ in both]),
        "B": np.stack([np.concatenate([bias_ih, bias_hh]) for _, _, bias_ih, bias_hh in both]),
    }


def attributes(cells: list[Cell], direction: str) -> dict[str, Any]:
    """Return the operator's attributes."""
    found: dict[str, Any] = {"hidden_size": HIDDEN, "direction": direction}
    if cells[0].name == "RNN":
        found["activations"] = [getattr(cell, "activation").capitalize() for cell in cells]  # noqa: B009 - RNN alone has it
    if cells[0].name == "GRU":
        found["linear_before_reset"] = int(getattr(cells[0], "reset_after"))  # noqa: B009 - GRU alone has it
    return found


def onnx_run(cells: list[Cell], direction: str, x: Array, starts: list[dict[str, Array]]) -> list[Array]:
    """Return Y ``(T, directions, B, H)`` and the last states ``(directions, B, H)`` by ONNX Runtime."""
    names = cells[0].state_names
    given = tensors(cells)
    given |= {f"initial_{name}": np.stack([start[name] for start in starts]) for name in names if starts}
    inputs = ["X", "W", "R", "B", "", *(f"initial_{name}" if starts else "" for name in names)]
    outputs = ["Y", *(f"Y_{name}" for name in names)]
    node = onnx.helper.make_node(cells[0].name, inputs, outputs, **attributes(cells, direction))

    def described(name: str, shape: tuple[int, ...] | None = None) -> Any:
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

    graph = onnx.helper.make_graph(
        [node],
        "cell",
        [described("X", x.shape)],
        [described(name) for name in outputs],
        [onnx.numpy_helper.from_array(value, name) for name, value in given.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(value) for value in session.run(None, {"X": x})]


@pytest.mark.parametrize("kind", ["rnn-tanh", "rnn-relu", "lstm", "gru", "gru-paper"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("started", [True, False])
def test_outputs_and_last_states_are_those_of_onnx_runtime(kind: str, direction: str, started: bool) -> None:
    ways = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[direction]
    cells = [random_cell(kind, INPUTS, HIDDEN, seed=10 + way, dtype="float32") for way in ways]
    x = random_inputs(cells[0], STEPS, BATCH, seed=20, dtype="float32")
    starts = [random_states(cell, (BATCH,), 30 + k, "float32") for k, cell in enumerate(cells)] if started else []
    expected = onnx_run(cells, direction, x, starts)

    directions = [Direction(cell, backward=way) for cell, way in zip(cells, ways, strict=True)]
    traces = [d.cell.forward(d.ordered(x), start) for d, start in zip(directions, starts or [{}, {}], strict=False)]
    outputs = np.stack([d.ordered(trace.h) for d, trace in zip(directions, traces, strict=True)], axis=1)
    last = [np.stack([trace.states[name][-1] for trace in traces]) for name in cells[0].state_names]
    for found, wanted in zip([outputs, *last], expected, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["lstm", "gru", "gru-paper"])
def test_onnx_runtime_sees_a_wrong_gate_order(kind: str) -> None:
    cell = random_cell(kind, INPUTS, HIDDEN, seed=10, dtype="float32")
    x = random_inputs(cell, STEPS, BATCH, seed=20, dtype="float32")
    right = onnx_run([cell], "forward", x, [])[0][:, 0]
    rolled = {name: np.roll(value, HIDDEN, axis=0) for name, value in cell.parameters.items()}
    wrong = type(cell)(**rolled).forward(x).h
    assert np.abs(wrong - right).max() > 0.01


def test_onnx_runtime_sees_the_other_reset_convention() -> None:
    after, before = (random_cell(kind, INPUTS, HIDDEN, seed=10, dtype="float32") for kind in ("gru", "gru-paper"))
    x = random_inputs(after, STEPS, BATCH, seed=20, dtype="float32")
    assert np.abs(onnx_run([after], "forward", x, [])[0][:, 0] - before.forward(x).h).max() > 0.01
