"""How a gradient travels: against exact values, closed forms, complex steps and a plain product of Jacobians."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import log, log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.analysis import products, replay
from lstm_ascii.analysis import travel as travel_module
from lstm_ascii.analysis.all_paths import all_paths
from lstm_ascii.analysis.products import LEAST_STEPS, Products, largest_singular_values, spectral_radius
from lstm_ascii.analysis.replay import (
    PIECES,
    STRETCH,
    BeyondNumbersError,
    Passage,
    bounded_forward,
    jacobians,
    weight_gradient,
)
from lstm_ascii.analysis.travel import Travel, travel
from lstm_ascii.cells import LSTM, RNN, Array, Cell, Trace
from tests.numerics.complex_step import complex_step
from tests.numerics.random_cells import KINDS, random_cell, random_inputs
from tests.numerics.test_exact_values import forgetting, linear, orthogonal

THRESHOLDS = (-3.0, 3.0)


def passage(cell: Cell, steps: int, seed: int = 3) -> Passage:
    x = random_inputs(cell, steps, 1, seed)
    return Passage(cell, lambda first, last: x[first:last], steps)


def still(cell: Cell, steps: int) -> Passage:
    """Return a passage without inputs: every step is the same."""
    return Passage(cell, lambda first, last: np.zeros((last - first, 1, cell.input_size)), steps)


def measured(cell: Cell, steps: int, spectrum: bool = False) -> Travel:
    return travel([still(cell, steps)], THRESHOLDS, spectrum)


@pytest.mark.parametrize(("bias", "left"), [(0, 8.882e-16), (1, 1.576e-07), (3, 0.08809)])
def test_with_zero_weights_carousel_and_all_paths_are_powers_of_the_forget_gate(bias: float, left: float) -> None:
    found = measured(forgetting(bias), 50)
    expected = np.arange(1, 51) * -np.log10(1 + np.exp(-bias))
    assert found.carousel is not None
    np.testing.assert_allclose(found.carousel[1], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.total[1], expected, rtol=0, atol=1e-12)
    assert 10 ** found.total[1, -1] == pytest.approx(left, rel=1e-3)
    assert found.growth[0, 0] == pytest.approx(-np.log(1 + np.exp(-bias)), abs=1e-12)
    assert found.vanished == next((n for n, value in enumerate(expected, 1) if value < -3), None)


@pytest.mark.parametrize("radius", [0.1, 0.9, 1.0, 1.1, 30.0])
def test_a_linear_recurrence_has_the_singular_values_of_a_power(radius: float) -> None:
    found = measured(linear(radius * orthogonal(6)), 600, spectrum=True)
    np.testing.assert_allclose(found.total[1], np.arange(1, 601) * log10(radius), rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.growth[0], log(radius), rtol=0, atol=1e-13)  # all of them, not only the largest


def test_lyapunov_exponents_of_a_linear_system_are_the_logarithms_of_its_eigenvalues() -> None:
    eigenvalues = np.array([1.2, 0.9, -0.6, 0.3, 0.05])
    matrix = np.triu(np.random.default_rng(0).uniform(-1, 1, (5, 5)), 1) + np.diag(eigenvalues)
    found = measured(linear(matrix), 4000, spectrum=True)
    np.testing.assert_allclose(found.growth[0], np.log(np.abs(eigenvalues)), rtol=0, atol=1e-12)
    assert measured(linear(matrix), 4000).growth[0, 0] == pytest.approx(log(1.2), abs=1e-12)
    assert spectral_radius(matrix) == pytest.approx(1.2)


def test_directions_that_are_lost_have_no_finite_exponent() -> None:
    found = measured(forgetting(1.0, hidden=2), 40, spectrum=True).growth[0]
    np.testing.assert_allclose(found[:2], -np.log(1 + np.exp(-1)), atol=1e-12)
    assert (found[2:] < -30).all()  # h takes nothing from the state before it: zero, or what rounding leaves


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_singular_values_are_those_of_jacobians_by_complex_steps(kind: str) -> None:
    cell, steps = random_cell(kind, 3, 4, 1), 7
    one = passage(cell, steps)
    x, name = one.inputs(0, steps), cell.state_names[-1]
    found = travel([one], THRESHOLDS).total[1]
    states = cell.forward(x).states
    for back in range(1, steps + 1):
        k = steps - back
        start = {key: value[k] for key, value in states.items()}

        def after(memory: Array, k: int = k, start: dict[str, Array] = start) -> Array:
            return cell.forward(x[k:], {**start, name: memory}).states[name][-1, 0]

        matrix = complex_step(after, start[name])[0].T
        expected = np.log10(np.linalg.svd(matrix, compute_uv=False)[0])
        assert found[back - 1] == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [1, 2, 40, STRETCH + 1, 3 * STRETCH - 1])
def test_stretches_and_lost_rows_change_nothing(kind: str, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "STRETCH_BYTES", 1)
    cell = random_cell(kind, 3, 7, 2)
    one = passage(cell, steps)
    expected = all_paths(cell, cell.forward(one.inputs(0, steps)), steps).log10[:-1][::-1]
    np.testing.assert_allclose(travel([one], THRESHOLDS).total[1], expected, rtol=1e-12, atol=1e-11)


def test_networks_side_by_side_are_measured_as_each_alone() -> None:
    passages = [passage(random_cell("lstm", 3, 5, seed), 90, seed) for seed in range(7)]
    together = travel(passages, THRESHOLDS)
    alone = np.stack([travel([one], THRESHOLDS).total[1] for one in passages])
    np.testing.assert_allclose(together.total, np.quantile(alone, (0.25, 0.5, 0.75), axis=0), rtol=0, atol=1e-11)
    growth = [travel([one], THRESHOLDS).growth[0, 0] for one in passages]
    np.testing.assert_allclose(together.growth[:, 0], growth, atol=1e-12)


@pytest.mark.parametrize("power", [-200, -30, -10, 10, 30, 200])
def test_no_step_is_too_small_or_too_large(power: int) -> None:
    found = measured(linear(np.eye(3) * 10.0**power), 100).total[1]
    np.testing.assert_allclose(found, power * np.arange(1, 101), rtol=1e-14)


def test_what_is_nothing_is_told_as_nothing() -> None:
    found = measured(linear(np.zeros((3, 3))), 30)
    assert (found.total == -np.inf).all()
    assert found.vanished == 1
    assert found.growth[0, 0] == -np.inf


def test_a_state_that_overflows_is_told() -> None:
    cell = RNN(np.zeros((2, 2)), np.eye(2) * 4.0, np.ones(2), np.zeros(2), "relu")
    with pytest.raises(BeyondNumbersError, match="fewer steps"):
        measured(cell, 2000)


def test_a_hundred_thousand_steps_have_finite_sizes() -> None:
    cell = random_cell("rnn-tanh", 2, 3, 5)
    found = travel([passage(cell, 100_000)], THRESHOLDS)
    assert np.isfinite(found.total).all()
    assert found.total[1, -1] < -1000
    assert found.total[1, -1] == pytest.approx(100_000 * found.growth[0, 0] / log(10), rel=0.05)


def test_memory_does_not_grow_with_the_steps_beyond_the_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    def peak(steps: int) -> int:
        one = still(random_cell("lstm", 2, 8, 1), steps)
        tracemalloc.start()
        travel([one], THRESHOLDS)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    monkeypatch.setattr(replay, "STRETCH_BYTES", 1)
    monkeypatch.setattr(travel_module, "KEPT_BYTES", 1)
    short, long = peak(1000), peak(9000)
    curves, states = 8000 * 8 * 7, 8000 // STRETCH * replay.PIECES * 350  # bytes
    assert long - short < curves + states + 100_000


def test_a_stretch_is_bounded_for_many_networks_side_by_side() -> None:
    one = still(random_cell("lstm", 2, 8, 1), 10)
    values = 2 + 7 * 8
    assert one.stretch() * values * 8 <= replay.STRETCH_BYTES
    assert one.stretch(10) <= one.stretch() // 10
    assert one.stretch(10_000) == STRETCH


def test_very_many_steps_are_thinned_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(travel_module, "LARGEST_CURVE", 500)
    found = measured(linear(np.eye(2) * 0.9), 6543)
    kept = found.steps_back
    assert kept[:2000].tolist() == list(range(1, 2001))
    assert {2000, 5000, 6543} <= set(kept.tolist())
    assert (np.diff(kept) <= np.maximum(1, kept[:-1] // 1000)).all()  # what a log axis shows can't tell them apart
    assert len(kept) < 4000
    np.testing.assert_allclose(found.total[1], found.steps_back * log10(0.9), rtol=1e-12)
    assert found.vanished == 66  # the first of all steps, not of those that were kept


def matrices() -> Iterator[Array]:
    random = np.random.default_rng(0)
    for size in (2, 3, 8):
        for spread in (0.0, 1e-9, 1e-3, 0.5, 3.0):
            left, right = (np.linalg.qr(random.standard_normal((size, size)))[0] for _ in range(2))
            yield left @ np.diag(np.exp(-spread * np.arange(size))) @ right
        yield np.zeros((size, size))
        yield np.diag([0.0] * (size - 1) + [2.0])


def test_the_largest_singular_value_is_found_wherever_the_search_starts() -> None:
    for matrix in matrices():
        size = len(matrix)
        for start in [*np.eye(size), np.full(size, size**-0.5)]:
            found, _ = largest_singular_values(matrix[None, None], start[None])
            assert found[0, 0] == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-12, abs=1e-15)


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 6))
def test_the_largest_singular_value_is_that_of_lapack(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    stack = random.standard_normal((4, 2, rows, 6)) * 10.0 ** random.integers(-30, 30, (4, 2, 1, 1))
    found, _ = largest_singular_values(stack, random.standard_normal((2, rows)))
    np.testing.assert_allclose(found, np.linalg.norm(stack, 2, axis=(-2, -1)), rtol=1e-10)


def test_the_replayed_trace_is_that_of_one_pass() -> None:
    cell, steps = random_cell("gru", 3, 5, 1), 2 * STRETCH + 9
    one = passage(cell, steps)
    whole = cell.forward(one.inputs(0, steps))
    told: list[int] = []
    stretches = list(one.stretches_back(STRETCH, told.append))[::-1]
    np.testing.assert_allclose(np.concatenate([trace.h for trace in stretches]), whole.h, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(stretches[-1].h, whole.h[-9:])  # the last one starts where the way there ended
    assert sum(told) == one.work(STRETCH)


@pytest.mark.parametrize("kind", KINDS)
def test_all_jacobians_at_once_are_those_of_single_steps(kind: str) -> None:
    cell = random_cell(kind, 3, 4, 1)
    trace = cell.forward(random_inputs(cell, 9, 1, 2))
    expected = [cell.jacobian(trace, t)[0] for t in range(2, 8)]
    np.testing.assert_allclose(jacobians(cell, trace, slice(2, 8)), expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_of_the_weights_is_that_of_backpropagation(kind: str) -> None:
    cell, steps = random_cell(kind, 3, 4, 1), 40
    one, direct = passage(cell, steps), np.array([0.5, -0.5, 0.1, 0.7])
    trace = cell.forward(one.inputs(0, steps))
    d_h = np.zeros_like(trace.h)
    d_h[-1, 0] = direct
    length = float(np.linalg.norm(cell.backward(trace, {"h": d_h}).parameters["weight_hh"]))
    found = weight_gradient(one, direct)
    assert found.length == pytest.approx(log10(length), abs=1e-11)
    for most in (length / 1000, length * 1000):
        assert length * 10 ** found.clipped(most) == pytest.approx(min(length, most))


def test_the_gradient_of_the_weights_has_no_overflow() -> None:
    cell = RNN(np.zeros((2, 2)), np.eye(2) * 2.0, np.ones(2) * 0.1, np.zeros(2), "relu")
    found = weight_gradient(still(cell, 900), np.ones(2))
    assert 900 * log10(2) + 3 > found.length > 899 * log10(2)
    assert np.isfinite(found.parts[:-1]).all()
    assert found.parts[-1] == -np.inf  # the first step starts from a state of 0


def test_a_wrong_jacobian_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a thousandth too much in one block, or a lost path, moves the sizes far beyond the tolerances."""
    cell, steps = random_cell("lstm", 3, 5, 1), 40
    assert isinstance(cell, LSTM)
    right = travel([passage(cell, steps)], THRESHOLDS).total[1]
    wrong_weights = replace(cell, weight_hh=cell.weight_hh * 1.0005)
    monkeypatch.setattr(travel_module, "jacobians", lambda _, trace, block: jacobians(wrong_weights, trace, block))
    assert np.abs(travel([passage(cell, steps)], THRESHOLDS).total[1] - right).max() > 1e-6
    monkeypatch.setattr(travel_module, "jacobians", lambda one, trace, block: without_h(jacobians(one, trace, block)))
    assert np.abs(travel([passage(cell, steps)], THRESHOLDS).total[1] - right).max() > 1e-3


def without_h(full: Array) -> Array:
    changed = full.copy()
    changed[:, :, : full.shape[1] // 2] = 0
    return changed


def test_dropping_rows_too_early_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cell, steps = random_cell("lstm", 3, 7, 2), 3 * STRETCH
    right = travel([passage(cell, steps)], THRESHOLDS).total[1]
    monkeypatch.setattr(products, "NOTHING", 0.5)
    monkeypatch.setattr(products, "LOOK", 8)
    monkeypatch.setattr(travel_module, "BLOCK_BYTES", 1)
    assert np.abs(travel([passage(cell, steps)], THRESHOLDS).total[1] - right).max() > 1e-11


def test_growth_is_counted_over_settled_steps_only() -> None:
    chain = Products(1, 2, 2, skip=5)
    chain.back(np.broadcast_to(np.eye(2) * 3.0, (1, 5, 2, 2)))
    assert np.isnan(chain.growth()).all()
    chain.back(np.broadcast_to(np.eye(2) * 0.5, (1, 20, 2, 2)))
    assert chain.growth()[0, 0] == pytest.approx(log(0.5))


@pytest.mark.parametrize("rate", [0.5, 0.9])
def test_the_growth_of_few_steps_is_not_told_and_that_of_enough_is_exact(rate: float) -> None:
    bias = log(rate / (1 - rate))
    assert np.isnan(measured(forgetting(bias), LEAST_STEPS - 1).growth).all()
    assert np.isnan(measured(forgetting(bias), 3, spectrum=True).growth).all()
    assert measured(forgetting(bias), LEAST_STEPS).growth[0, 0] == pytest.approx(log(rate), abs=1e-12)


def test_what_is_no_number_is_blamed_on_what_holds_it() -> None:
    cell = random_cell("lstm", 3, 4, 1)
    broken = replace(cell, bias_hh=np.full_like(cell.bias_hh, np.nan))
    with pytest.raises(BeyondNumbersError, match="the LSTM's bias_hh has values that are no numbers"):
        travel([passage(broken, 5)], THRESHOLDS)
    read = Passage(cell, lambda first, last: np.full((last - first, 1, 3), np.inf), 5)
    with pytest.raises(BeyondNumbersError, match="what it reads"):
        travel([read], THRESHOLDS)


def holding() -> RNN:
    """Return one unit that holds what it has been given, but where it is told to forget by an input of −1."""
    return RNN(np.ones((1, 1)), np.eye(1), np.zeros(1), np.zeros(1), "relu")


def walked(one: Passage, monkeypatch: pytest.MonkeyPatch) -> tuple[Array, int]:
    """Return the outputs of a passage that is walked in stretches, and how many steps had to go alone."""
    alone: list[int] = []

    def counted(cell: Cell, x: Array, start: Mapping[str, Array]) -> Trace:
        alone.append(len(x) if x.shape[1] == 1 else 0)
        return bounded_forward(cell, x, start)

    monkeypatch.setattr(replay, "bounded_forward", counted)
    told: list[int] = []
    found = [trace.h for trace in one.stretches_back(STRETCH, told.append)][::-1]
    assert sum(told) == one.work(STRETCH)
    return np.concatenate(found), sum(alone)


@pytest.mark.parametrize("kind", ["rnn-tanh", "gru", "lstm"])
def test_strips_of_a_network_that_forgets_are_the_passage_itself(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = passage(random_cell(kind, 3, 5, 1), (2 * PIECES + 3) * STRETCH + 9)
    found, alone = walked(one, monkeypatch)
    assert alone < 6 * STRETCH
    monkeypatch.setattr(replay, "_alike", lambda *_: False)
    expected, alone = walked(one, monkeypatch)
    assert alone > one.steps
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


def test_what_a_network_does_not_forget_is_never_lost_between_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 2 * PIECES * STRETCH
    x = np.zeros((steps, 1, 1))
    x[: 2 * STRETCH] = -1  # so it seems to forget all
    x[2 * STRETCH + 5] = 1
    found, _ = walked(Passage(holding(), lambda first, last: x[first:last], steps), monkeypatch)
    np.testing.assert_array_equal(found[:, 0, 0], np.arange(steps) >= 2 * STRETCH + 5)
