"""The largest singular values of long products, found without the products, against the products themselves."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.analysis import gradients
from lstm_ascii.analysis.gradients import WITHIN, all_paths_log10, largest_values_log
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


def _ratios(cell: Cell, trace: Trace, last: int) -> Array:
    """Return each value, as a share of the true one."""
    ratios: Array = np.exp(largest_values_log(cell, trace, last, cell.hidden_size)) / 10 ** all_paths_log10(
        cell, trace, last
    )
    return ratios


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("last", [1, 2, 19, 20])
def test_on_random_networks_they_are_never_too_large_and_hardly_too_small(kind: str, last: int) -> None:
    ratios = _ratios(*_random(kind), last)
    assert ratios.max() < 1 + 1e-6
    assert ratios.min() > 1 - WITHIN


@pytest.mark.parametrize("kind", CELLS)
def test_on_trained_networks_they_are_exact_to_single_precision(kind: str) -> None:
    np.testing.assert_allclose(_ratios(*_trained(kind), 15), 1, rtol=1e-5)


def test_far_back_where_few_directions_survive_they_are_exact() -> None:
    ratios = _ratios(*_random("rnn", steps=100), 100)
    np.testing.assert_allclose(ratios[:60], 1, rtol=1e-3)


def test_the_comparison_sees_one_that_has_not_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradients, "TURNS", 1)
    assert _ratios(*_random("lstm"), 20).min() < 1 - WITHIN


@pytest.mark.parametrize("kind", CELLS)
def test_large_layers_are_measured_by_them(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cell, trace = _random(kind, size=40, steps=8)
    exact = all_paths_log10(cell, trace, 8)
    monkeypatch.setattr(gradients, "LARGE", 39)
    found = all_paths_log10(cell, trace, 8)
    assert (found != exact).any()
    np.testing.assert_allclose(found, exact, atol=-np.log10(1 - WITHIN))


@pytest.mark.parametrize("measure", [largest_values_log, lambda *asked: all_paths_log10(*asked[:3])])
def test_a_gradient_that_is_nothing_is_told_from_one_that_is_no_number(measure) -> None:
    cell, trace = _random("rnn", size=10, steps=5)
    cell.weight_hh[...] = 0
    assert np.isneginf(measure(cell, cell.forward(trace.x), 5, 10)[:5]).all()
    cell.weight_hh[...] = np.nan
    assert np.isnan(measure(cell, cell.forward(trace.x), 5, 10)[:5]).all()
