"""The largest singular values of long products: estimated and in single precision, against the products themselves."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.analysis import all_paths as module
from lstm_ascii.analysis import travel as travelling
from lstm_ascii.analysis.all_paths import AllPaths, all_paths, estimated
from lstm_ascii.analysis.gradients import LN_10
from lstm_ascii.analysis.replay import Passage
from lstm_ascii.analysis.travel import travel
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.cells.initial import random_cell, uniform
from lstm_ascii.sources import trained

CELLS = ["rnn", "lstm", "gru"]
CLAUSES = ("The cat", "that chased the mice", "that ate the cheeses", "that sat on the tables", "was hungry .")
SENTENCE = " ".join(CLAUSES).split()


def _random(kind: str, size: int = 120, steps: int = 20) -> tuple[Cell, Trace]:
    cell = random_cell(kind, size, size, seed=1, forget_bias=1.0)
    return cell, cell.forward(uniform(1, "x", (steps, 1, size), 1.7))


def _trained(kind: str) -> tuple[Cell, Trace]:
    model = trained(kind)
    return model.layers[0][0].cell, model.run(np.array(model.vocabulary.ids(SENTENCE))[:, None]).traces[0][0]


def _estimate(cell: Cell, trace: Trace, last: int) -> AllPaths:
    """Estimate them, however little work the products would be."""
    logs, within, rows = estimated(*module._in_single_precision(cell, trace), last, cell.hidden_size)
    return AllPaths(logs / LN_10, within, rows)


def _ratios(found: AllPaths, cell: Cell, trace: Trace, last: int) -> Array:
    """Return each value, as a share of the true one."""
    ratios: Array = 10 ** (found.log10 - all_paths(cell, trace, last).log10)
    return ratios


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("last", [1, 5, 20])
def test_estimates_are_never_too_large_and_no_more_too_small_than_they_say(kind: str, last: int) -> None:
    cell, trace = _random(kind)
    found = _estimate(cell, trace, last)
    ratios = _ratios(found, cell, trace, last)
    assert ratios.max() < 1 + 1e-6
    assert 1 - ratios.min() <= found.within < 0.2
    assert 0 < found.rows <= module.MOST_ROWS


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("turns", [1, 2])
def test_one_that_has_not_converged_says_so(kind: str, turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURNS", turns)
    cell, trace = _random(kind)
    found = _estimate(cell, trace, 20)
    error = 1 - _ratios(found, cell, trace, 20).min()
    assert 0.06 < error <= found.within


@pytest.mark.parametrize("kind", CELLS)
def test_one_that_learns_nothing_from_turn_to_turn_is_seen(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_refined", lambda basis, _: basis)
    assert _estimate(*_random(kind), 20).within > 0.5


@pytest.mark.parametrize("kind", CELLS)
def test_of_trained_networks_estimates_are_exact_to_single_precision(kind: str) -> None:
    cell, trace = _trained(kind)
    np.testing.assert_allclose(_ratios(_estimate(cell, trace, 15), cell, trace, 15), 1, rtol=3e-3)


def test_far_back_where_few_directions_survive_estimates_are_exact() -> None:
    cell, trace = _random("rnn", size=60, steps=100)
    np.testing.assert_allclose(_ratios(_estimate(cell, trace, 100), cell, trace, 100)[:60], 1, rtol=1e-3)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("steps", [1, 60])
def test_in_single_precision_the_products_have_the_size_that_they_have_in_double(
    kind: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell, trace = _random(kind, size=60, steps=steps)
    exact = all_paths(cell, trace, steps)
    monkeypatch.setattr(module, "SMALL", 59)
    found = all_paths(cell, trace, steps)
    assert (found.log10 != exact.log10).any()
    assert (found.within, found.rows) == (0, 0)
    np.testing.assert_allclose(found.log10, exact.log10, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "whole_steps", "is_exact"),
    [("rnn", 100, True), ("rnn", 70, True), ("rnn", 60, False), ("lstm", 70, False)],
)
def test_what_would_be_too_much_work_is_estimated(
    kind: str, whole_steps: int, is_exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As rank is lost on the way, 100 steps are as much work as 52 whole ones in the RNN, as 85 in the LSTM."""
    cell, trace = _random(kind, size=60, steps=100)
    monkeypatch.setattr(module, "SMALL", 59)
    monkeypatch.setattr(module, "HALF_A_SECOND", whole_steps * 60 * cell.weight_hh.size)
    found = all_paths(cell, trace, 100)
    assert (found.rows == 0) == is_exact
    assert (found.within == 0) == is_exact


def test_singular_values_of_many_rows_are_found_from_any_start() -> None:
    rows = uniform(1, "rows", (60, 90), 1.0).astype(np.float32)
    left, values, _ = np.linalg.svd(rows)
    for start in (np.empty(0), *left.T[[0, 1, 30]]):
        square, found, right = module._largest(rows, start)
        assert np.sqrt(square) == pytest.approx(values[0], rel=1e-6)
        np.testing.assert_allclose(np.linalg.norm(right), values[0], rtol=1e-5)
        np.testing.assert_allclose(found @ rows, right, atol=1e-4)
    assert module._largest(np.eye(50, dtype=np.float32), np.empty(0))[0] == pytest.approx(1)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("seeds", [1, 3])
def test_gradients_of_large_networks_are_those_of_small_ones(
    kind: str, seeds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [random_cell(kind, 5, 24, seed=seed, forget_bias=1.0) for seed in range(seeds)]
    x = uniform(1, "x", (60, 1, 5), 1.7)
    passages = [Passage(cell, lambda first, stop: x[first:stop], len(x)) for cell in cells]
    expected = travel(passages, (-2.0, 3.0))
    monkeypatch.setattr(module, "SMALL", 23)
    monkeypatch.setattr(travelling, "SMALL", 23)
    found = travel(passages, (-2.0, 3.0))
    np.testing.assert_allclose(found.total, expected.total, rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.growth, expected.growth, rtol=1e-6)
    assert (found.vanished, found.exploded) == (expected.vanished, expected.exploded)
    np.testing.assert_equal(found.gates, expected.gates)
    if expected.carousel is not None:
        np.testing.assert_array_equal(found.carousel, expected.carousel)
    monkeypatch.setattr(module, "HALF_A_SECOND", 0)
    guessed = travel(passages, (-2.0, 3.0))
    assert guessed.rows > 0
    assert (guessed.total <= expected.total + 1e-4).all()
    assert (guessed.total >= expected.total + np.log10(1 - guessed.within)).all()


@pytest.mark.parametrize("measure", [_estimate, all_paths, lambda *asked: AllPaths(_made(*asked))])
def test_a_gradient_that_is_nothing_is_told_from_one_that_is_no_number(measure) -> None:
    cell, trace = _random("rnn", size=10, steps=5)
    cell.weight_hh[...] = 0
    assert np.isneginf(measure(cell, cell.forward(trace.x), 5).log10[:5]).all()
    cell.weight_hh[...] = np.nan
    found = measure(cell, cell.forward(trace.x), 5)
    assert np.isnan(found.log10[:5]).all()
    assert found.within == 0


def _made(cell: Cell, trace: Trace, last: int) -> Array:
    logs = module._made(*module._in_single_precision(cell, trace), last, cell.hidden_size, np.inf)
    assert logs is not None
    return logs
