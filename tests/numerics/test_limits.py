"""Huge numbers, single precision, memory, and sequences of nothing."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.cells import Array, Cell, CellGradients, Trace, base
from lstm_ascii.errors import ShapeError
from tests.numerics.random_cells import (
    ALL,
    KINDS,
    OUTPUTS,
    PROJECTION,
    VARIANTS,
    random_cell,
    random_inputs,
    random_states,
)


def arrays(trace: Trace, gradients: CellGradients) -> list[Array]:
    """Return all that a pass computed."""
    kept = [trace.block, *trace.states.values(), *trace.gates.values(), *trace.extra.values()]
    return [*kept, gradients.x, *gradients.parameters.values(), *gradients.states.values()]


def passes(cell: Cell, x: Array) -> tuple[Trace, CellGradients]:
    """Go forward and back with a gradient of 1 on every state."""
    trace = cell.forward(x)
    return trace, cell.backward(trace, {name: np.ones_like(state[1:]) for name, state in trace.states.items()})


def outputs_of(kind: str, hidden: int) -> int:
    """Return the width of h."""
    return OUTPUTS if PROJECTION in ALL[kind][1] else hidden


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [20.0, 1e4])
def test_huge_pre_activations_give_finite_numbers_without_a_warning(kind: str, dtype: str, size: float) -> None:
    cell = random_cell(kind, 4, 8, 1, dtype)
    signs = np.where(cell.weight_ih > 0, 1, -1).astype(dtype)
    cell = replace(cell, weight_ih=signs)
    x = np.zeros((6, 2, 4), dtype)
    x[:, 0, 0], x[::2, 1, 1], x[1::2, 1, 1] = size, -size, size
    with np.errstate(over="raise", invalid="raise", divide="raise", under="raise" if kind in KINDS else "ignore"):
        found = arrays(*passes(cell, x))
        jacobians = [cell.jacobian(cell.forward(x), t) for t in range(6)]
    assert all(np.isfinite(array).all() for array in [*found, *jacobians])
    if kind in KINDS:
        assert all((np.abs(gate) <= 1).all() for gate in cell.forward(x).gates.values())


@pytest.mark.parametrize("kind", ALL)
def test_single_precision_stays_single(kind: str) -> None:
    cell = random_cell(kind, 4, 8, 1, "float32")
    x, start = random_inputs(cell, 5, 2, 2, "float32"), random_states(cell, (2,), 3, "float32")
    direct = random_states(cell, (5, 2), 4, "float32")
    direct |= {"write": np.ones((5, 2, 8), "float32")} if cell.name == "LSTM" else {}
    trace = cell.forward(x, start)
    gradients = cell.backward(trace, direct)
    assert {array.dtype for array in [*arrays(trace, gradients), cell.jacobian(trace, 2)]} == {np.dtype("float32")}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [*base.PARAMETER_NAMES, "x", "start"])
def test_of_mixed_precisions_the_wider_counts(kind: str, name: str) -> None:
    single = random_cell(kind, 4, 8, 1, "float32")
    wide = {key: value.astype("float64") for key, value in single.parameters.items() if key == name}
    x = random_inputs(single, 5, 2, 2, "float64" if name == "x" else "float32")
    start = random_states(single, (2,), 3, "float64" if name == "start" else "float32")
    double = replace(single, **{key: value.astype("float64") for key, value in single.parameters.items()})
    trace, expected = replace(single, **wide).forward(x, start), double.forward(x.astype("float64"), start)
    assert trace.h.dtype == np.float64
    np.testing.assert_allclose(trace.h, expected.h, rtol=1e-5, atol=1e-6)  # sums of two narrow numbers are narrow


@pytest.mark.parametrize("kind", ALL)
def test_single_precision_is_double_precision_rounded(kind: str) -> None:
    single = random_cell(kind, 4, 8, 1, "float32")
    double = replace(single, **{name: value.astype("float64") for name, value in single.parameters.items()})
    x = random_inputs(single, 30, 2, 2, "float32")
    for found, wanted in zip(arrays(*passes(single, x)), arrays(*passes(double, x.astype("float64"))), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("kind", ALL)
def test_a_trace_holds_views_and_no_copies(kind: str) -> None:
    cell = random_cell(kind, 4, 8, 1)
    x = random_inputs(cell, 5, 2, 2)
    trace = cell.forward(x)
    assert trace.x is x
    assert np.shares_memory(trace.h, trace.states["h"])
    assert all(np.shares_memory(gate, trace.block) for gate in trace.gates.values())
    assert list(trace.gates) == ([] if kind.startswith("rnn") else list(cell.gate_letters))
    assert sum(gate.size for gate in trace.gates.values()) in (0, trace.block.size)


def peak(cell: Cell, steps: int) -> tuple[int, int]:
    """Return the bytes that both passes take at most, and those of all that they are asked for."""
    x = np.ones((steps, 1, cell.input_size))
    direct = {"h": np.ones((steps, 1, cell.hidden_size))}
    gc.collect()
    tracemalloc.start()
    trace = cell.forward(x)
    gradients = cell.backward(trace, direct)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = [trace.block, *trace.states.values(), *trace.extra.values(), gradients.x, *gradients.states.values()]
    return most, sum(array.nbytes for array in kept)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_the_trace_and_the_gradients_and_a_fixed_rest(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BLOCK_BYTES", 1 << 19)  # so that there are three blocks and more
    cell = random_cell(kind, 64, 64, 1)
    cell = replace(cell, weight_hh=cell.weight_hh / 100)  # relu would leave the range of the numbers
    peak(cell, 1)  # what Python itself loads on the first call
    rest = [most - asked for most, asked in (peak(cell, steps) for steps in (2200, 4400))]
    assert max(rest) < 8 * base.BLOCK_BYTES
    assert abs(rest[1] - rest[0]) < 0.1 * base.BLOCK_BYTES


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(("steps", "batch"), [(0, 2), (3, 0), (0, 0)])
def test_nothing_gives_nothing_and_gradients_of_zero(kind: str, steps: int, batch: int) -> None:
    cell = random_cell(kind, 3, 4, 1)
    trace, gradients = passes(cell, np.zeros((steps, batch, 3)))
    assert len(trace) == steps
    assert trace.h.shape == (steps, batch, outputs_of(kind, 4))
    assert gradients.x.shape == (steps, batch, 3)
    assert all((value == 0).all() for value in gradients.parameters.values())
    assert gradients.parameters.keys() == cell.parameters.keys()
    assert all((value == 0).all() for value in gradients.states.values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_shape_is_named(kind: str) -> None:
    cell = random_cell(kind, 3, 4, 1)
    x = np.zeros((5, 2, 3))
    for wrong in (x[0], x[..., :2], x[None]):
        with pytest.raises(ShapeError, match=r"input: expected shape \(T, B, 3\)"):
            cell.forward(wrong)
    for wrong in (np.zeros((1, 4)), np.zeros((2, 3)), np.zeros(2), np.zeros(()), np.zeros((5, 2, 4))):
        with pytest.raises(ShapeError, match=r"start state h: expected shape \(2, 4\)"):
            cell.forward(x, {"h": wrong})
        with pytest.raises(ShapeError, match=r"gradient on h: expected shape \(5, 2, 4\)"):
            cell.backward(cell.forward(x), {"h": np.zeros((4, *wrong.shape))})
    with pytest.raises(ShapeError, match="no state 'k'"):
        cell.forward(x, {"k": np.zeros((2, 4))})
    with pytest.raises(ShapeError, match="no state 'k'"):
        cell.backward(cell.forward(x), {"k": np.zeros((5, 2, 4))})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", base.PARAMETER_NAMES)
def test_a_parameter_of_the_wrong_shape_is_named(kind: str, name: str) -> None:
    cell = random_cell(kind, 3, 4, 1)
    value = getattr(cell, name)
    for wrong in (value[:-1], value[None], np.concatenate([value, value]), np.zeros(())):
        with pytest.raises(ShapeError, match=f"{cell.name} .*: expected shape"):
            replace(cell, **{name: wrong})


@pytest.mark.parametrize("kind", VARIANTS)
def test_a_variants_parameter_of_the_wrong_shape_is_named(kind: str) -> None:
    cell = random_cell(kind, 3, 4, 1)
    for name, value in cell.parameters.items():
        for wrong in (value[:-1], value[None], np.concatenate([value, value]), np.zeros(())):
            with pytest.raises(ShapeError, match=f"{cell.name} .*: expected shape"):
                replace(cell, **{name: wrong})


def test_a_projections_states_have_sizes_of_their_own() -> None:
    cell = random_cell("lstm-projection", 3, 4, 1)
    assert (cell.hidden_size, cell.output_size, cell.state_sizes) == (4, 3, {"h": 3, "c": 4})
    x = np.zeros((5, 2, 3))
    with pytest.raises(ShapeError, match=r"start state h: expected shape \(2, 3\), got \(2, 4\)"):
        cell.forward(x, {"h": np.zeros((2, 4))})
    with pytest.raises(ShapeError, match=r"gradient on c: expected shape \(5, 2, 4\), got \(5, 2, 3\)"):
        cell.backward(cell.forward(x), {"c": np.zeros((5, 2, 3))})


def test_only_the_lstm_takes_a_gradient_on_what_is_written() -> None:
    for kind in ("gru", "rnn-tanh"):
        cell = random_cell(kind, 3, 4, 1)
        with pytest.raises(ShapeError, match="no state 'write'"):
            cell.backward(cell.forward(np.zeros((5, 2, 3))), {"write": np.zeros((5, 2, 4))})
    lstm = random_cell("lstm", 3, 4, 1)
    with pytest.raises(ShapeError, match="gradient on write: expected shape"):
        lstm.backward(lstm.forward(np.zeros((5, 2, 3))), {"write": np.zeros((5, 1, 4))})


def test_one_start_state_serves_all_sequences_and_a_missing_one_is_zero() -> None:
    cell = random_cell("lstm", 3, 4, 1)
    x, start = random_inputs(cell, 5, 2, 2), random_states(cell, (), 3)
    full = {"h": np.stack([start["h"]] * 2), "c": np.zeros((2, 4))}
    np.testing.assert_array_equal(cell.forward(x, {"h": start["h"]}).h, cell.forward(x, full).h)


def test_neither_pass_changes_what_it_is_given() -> None:
    for kind in ALL:
        cell = random_cell(kind, 3, 4, 1)
        x, start, direct = random_inputs(cell, 5, 2, 2), random_states(cell, (2,), 3), random_states(cell, (5, 2), 4)
        given = [x, *start.values(), *direct.values(), *cell.parameters.values()]
        before = [array.copy() for array in given]
        trace = cell.forward(x, start)
        kept = [array.copy() for array in (trace.block, *trace.states.values(), *trace.extra.values())]
        cell.backward(trace, direct)
        for array, copy in zip(given, before, strict=True):
            np.testing.assert_array_equal(array, copy)
        for array, copy in zip((trace.block, *trace.states.values(), *trace.extra.values()), kept, strict=True):
            np.testing.assert_array_equal(array, copy)
