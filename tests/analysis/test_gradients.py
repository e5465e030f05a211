"""The gradients that are shown, against backpropagation, complex steps and definitions."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.analysis.all_paths import all_paths
from lstm_ascii.analysis.gates import flow
from lstm_ascii.analysis.gradients import carousel_log10, gradient_log10
from lstm_ascii.cells import Array
from lstm_ascii.cells.initial import random_cell, uniform
from tests.analysis.networks import network, run

CELLS = ["rnn", "lstm", "gru"]


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_at_every_word_is_that_of_backpropagation(cell: str) -> None:
    model = network(cell)
    trace, drawn = run(model).traces[-1][0], model.layers[-1][0].cell
    direct, last = uniform(1, "direct", (5,), 1.0), 7
    d_h = np.zeros_like(trace.h)
    d_h[last - 1, 0] = direct
    states = drawn.backward(trace, {"h": d_h}).states
    if "c" in states:
        # Backpropagation counts the way from c into the h of the same step; as a state, h stands beside c.
        through = trace.gates["o"] * (1 - np.tanh(trace.states["c"][1:]) ** 2)
        states["c"][1:] -= states["h"][1:] * through
    whole = np.concatenate([states[name][: last + 1, 0] for name in drawn.state_names], axis=-1)
    expected = np.log10(np.linalg.norm(whole, axis=-1))
    found = gradient_log10(drawn, trace, d_h[:last, 0], last)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_the_jacobian_of_all_paths_is_that_of_complex_steps(cell: str) -> None:
    model = network(cell)
    trace, drawn = run(model).traces[-1][0], model.layers[-1][0].cell
    last, first, name = 8, 3, drawn.state_names[-1]
    jacobian = np.empty((5, 5))
    for unit in range(5):
        start = {key: value[first].astype(complex) for key, value in trace.states.items()}
        start[name][0, unit] += 1e-30j
        jacobian[:, unit] = drawn.forward(trace.x[first:last], start).states[name][-1, 0].imag / 1e-30
    expected = np.log10(np.linalg.svd(jacobian, compute_uv=False)[0])
    assert all_paths(drawn, trace, last).log10[first] == pytest.approx(expected, abs=1e-12)


def test_the_carousel_is_the_product_of_the_forget_gates() -> None:
    parts = flow(run(network("lstm")).traces[-1][0])
    assert parts is not None
    found = carousel_log10(parts, 6)
    for k in range(7):
        np.testing.assert_allclose(10 ** found[k], parts.keep[k:6, 0].prod(axis=0), rtol=1e-12)


def test_five_thousand_vanishing_steps_have_a_finite_size() -> None:
    cell = random_cell("rnn", 2, 4, seed=0)
    trace = cell.forward(uniform(0, "x", (5000, 1, 2), 3.0))
    sizes = all_paths(cell, trace, 5000).log10
    assert np.isfinite(sizes).all()
    assert sizes[0] < -1000
    assert _is_falling(sizes)


def _is_falling(sizes: Array) -> bool:
    """Tell whether the far end is far below the near end, all along."""
    return bool((np.diff(sizes[::500]) > 0).all())
