"""Values that are known without an oracle."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.cells import LSTM, RNN, Array
from tests.numerics.random_cells import random_cell, random_inputs, random_states

STEPS = 50


def forgetting(bias: float, hidden: int = 3) -> LSTM:
    """Return an LSTM with zero weights and this forget bias."""
    biases = np.zeros(4 * hidden)
    biases[hidden : 2 * hidden] = bias
    return LSTM(np.zeros((4 * hidden, 2)), np.zeros((4 * hidden, hidden)), biases, np.zeros(4 * hidden))


def linear(matrix: Array) -> RNN:
    """Return an RNN that is linear around the state 0, where tanh has slope 1."""
    size = len(matrix)
    return RNN(np.zeros((size, 2)), matrix, np.zeros(size), np.zeros(size))


def orthogonal(size: int, seed: int = 0) -> Array:
    """Draw an orthogonal matrix."""
    return np.asarray(np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0])


@pytest.mark.parametrize(("bias", "carousel"), [(0, 8.882e-16), (1, 1.576e-07), (3, 0.08809)])
def test_with_zero_weights_the_carousel_is_a_power_of_the_forget_gate(bias: float, carousel: float) -> None:
    cell, kept = forgetting(bias), 1 / (1 + np.exp(-bias))
    trace = cell.forward(np.zeros((STEPS, 1, 2)), {"c": np.ones(3)})
    np.testing.assert_allclose(trace.gates["f"], kept, rtol=1e-15)
    np.testing.assert_allclose(trace.states["c"][-1], kept**STEPS, rtol=1e-13)
    last = np.zeros((STEPS, 1, 3))
    last[-1] = 1
    gradient = cell.backward(trace, {"c": last}).states["c"][0]
    np.testing.assert_allclose(gradient, kept**STEPS, rtol=1e-13)
    np.testing.assert_allclose(gradient, carousel, rtol=1e-3)


@pytest.mark.parametrize(("bias", "half_life"), [(0, 1.00), (1, 2.21), (3, 14.27)])
def test_half_lives_of_the_forget_bias(bias: float, half_life: float) -> None:
    cell = forgetting(bias)
    gate = cell.forward(np.zeros((1, 1, 2))).gates["f"]
    np.testing.assert_allclose(np.log(0.5) / np.log(gate), half_life, atol=0.005)


def test_an_open_forget_gate_keeps_a_number_and_its_gradient_for_ever() -> None:
    cell, steps = forgetting(1e4), 5000
    start = np.array([[0.1, -1 / 3, 1e-9]])
    trace = cell.forward(np.zeros((steps, 1, 2)), {"c": start})
    last = np.zeros((steps, 1, 3))
    last[-1] = np.pi
    assert (trace.states["c"] == start).all()
    assert (cell.backward(trace, {"c": last}).states["c"] == np.pi).all()


@pytest.mark.parametrize("radius", [0.9, 1.0, 1.1])
def test_a_linear_recurrence_has_the_singular_values_of_a_power(radius: float) -> None:
    cell = linear(radius * orthogonal(6))
    trace = cell.forward(np.zeros((STEPS, 1, 2)))
    product = np.eye(6)
    for t in range(STEPS):
        product = cell.jacobian(trace, t)[0] @ product
        np.testing.assert_allclose(np.linalg.svd(product, compute_uv=False), radius ** (t + 1), rtol=1e-12)
    last = np.zeros((STEPS, 1, 6))
    last[-1] = random_states(cell, (1,), 3)["h"]
    sizes = np.linalg.norm(cell.backward(trace, {"h": last}).states["h"], axis=-1)[:, 0]
    np.testing.assert_allclose(sizes / sizes[-1], radius ** np.arange(STEPS, -1.0, -1), rtol=1e-12)


@pytest.mark.parametrize(("dtype", "alive", "gone"), [("float32", 37, 46), ("float64", 307, 324)])
def test_a_product_of_tenths_leaves_the_range_of_the_numbers(dtype: str, alive: int, gone: int) -> None:
    nothing = np.zeros(1, dtype)
    cell = RNN(np.zeros((1, 1), dtype), np.full((1, 1), 0.1, dtype), nothing, nothing)
    last = np.zeros((400, 1, 1), dtype)
    last[-1] = 1
    gradient = cell.backward(cell.forward(np.zeros((400, 1, 1), dtype)), {"h": last}).states["h"][::-1, 0, 0]
    np.testing.assert_allclose(gradient[alive], 10.0**-alive, rtol=1e-5)
    assert (gradient[gone:] == 0).all()


def written_terms(cell: LSTM, x: Array, start: dict[str, Array]) -> tuple[Array, Array, Array]:
    """Return what is left in the end of every word's writing ``(T, B, H)``, of the start, and the last c."""
    trace = cell.forward(x, start)
    f = trace.gates["f"]
    kept = np.concatenate([np.cumprod(f[::-1], axis=0)[::-1], np.ones_like(f[:1])])  # from word t on
    terms = kept[1:] * trace.gates["i"] * trace.gates["g"]
    return terms, kept[0] * trace.states["c"][0], trace.states["c"][-1]


def test_the_memory_is_the_sum_of_what_the_words_wrote() -> None:
    cell = random_cell("lstm", 3, 8, 1)
    assert isinstance(cell, LSTM)
    start = random_states(cell, (2,), 3)
    terms, from_start, c = written_terms(cell, random_inputs(cell, 40, 2, 2), start)
    np.testing.assert_allclose(terms.sum(axis=0) + from_start, c, rtol=1e-13, atol=1e-15)


def test_a_difference_of_logits_is_the_sum_of_its_words_parts_and_the_bias() -> None:
    cell = random_cell("lstm", 3, 8, 1)
    assert isinstance(cell, LSTM)
    x, start, random = random_inputs(cell, 40, 2, 2), random_states(cell, (2,), 3), np.random.default_rng(4)
    weight, bias = random.standard_normal((2, 8)), random.standard_normal(2)
    trace = cell.forward(x, start)
    logits = trace.h[-1] @ weight.T + bias
    terms, from_start, c = written_terms(cell, x, start)
    shown = trace.gates["o"][-1] * np.tanh(c) / c * (weight[0] - weight[1])
    parts = (terms * shown).sum(axis=-1).sum(axis=0) + (from_start * shown).sum(axis=-1)
    np.testing.assert_allclose(parts + bias[0] - bias[1], logits[:, 0] - logits[:, 1], rtol=1e-12)
