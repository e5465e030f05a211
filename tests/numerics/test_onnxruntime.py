"""The forward pass against ONNX Runtime, with random weights: every cell and variant, directions, start states."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from lstm_ascii.layer import Direction
from tests.numerics.random_cells import ALL, PROJECTION, random_cell, random_inputs, random_states

try:
    from tests.numerics.onnx_oracle import DIRECTIONS, onnx_run
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

STEPS, BATCH, INPUTS, HIDDEN = 9, 3, 5, 6
KNOWN_TO_ONNX = [kind for kind, (_, options) in ALL.items() if PROJECTION not in options]


@pytest.mark.parametrize("kind", KNOWN_TO_ONNX)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("started", [True, False])
def test_outputs_and_last_states_are_those_of_onnx_runtime(kind: str, direction: str, started: bool) -> None:
    ways = DIRECTIONS[direction]
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
