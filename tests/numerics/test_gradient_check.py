"""The gradient check can fail: it sees every kind of mistake that people make in a backward pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.cells import Array
from tests.numerics.complex_step import assert_agree, complex_step
from tests.numerics.random_cells import ALL, KINDS
from tests.numerics.test_gradients import Problem

Gradients = dict[str, Array]


def sees(found: Gradients, expected: Gradients) -> bool:
    """Tell whether the check fails."""
    try:
        assert_agree(found, expected)
    except AssertionError:
        return True
    return False


def test_a_failure_prints_both_numbers() -> None:
    with pytest.raises(AssertionError, match=r"w\[1\]: found .*2\.5.*, expected .*2\.0.*, 1 of 3 differ"):
        assert_agree({"w": np.array([1, 2.5, 3])}, {"w": np.array([1.0, 2.0, 3.0])})


def test_complex_steps_know_a_derivative_that_we_know() -> None:
    values = np.array([[0.3, -2.0], [1.5, 4.0]])
    assert_agree({"sin": complex_step(lambda v: np.sin(v).sum(), values)}, {"sin": np.cos(values)}, rtol=1e-15)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("change", [lambda d: d * 1.0005, lambda d: -d, np.zeros_like, lambda d: d * np.nan])
def test_the_gradient_check_sees_one_wrong_array(kind: str, change: Callable[[Array], Array]) -> None:
    problem = Problem.of(kind, steps=3)
    expected = problem.expected()
    assert not sees(problem.found(), expected)
    for name, gradient in problem.found().items():
        assert sees(problem.found() | {name: change(gradient)}, expected), name


@pytest.mark.parametrize("kind", ALL)
def test_the_gradient_check_sees_one_number_wrong_by_a_twentieth_of_a_percent(kind: str) -> None:
    problem = Problem.of(kind, steps=3)
    expected = problem.expected()
    for name, gradient in problem.found().items():
        wrong = gradient.copy()
        wrong[np.unravel_index(np.argmax(np.abs(wrong)), wrong.shape)] *= 1.0005
        assert sees(problem.found() | {name: wrong}, expected), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_check_sees_a_sign_flip_within_one_gate(kind: str) -> None:
    problem = Problem.of(kind, steps=3)
    expected, size = problem.expected(), problem.cell.hidden_size
    for name in problem.cell.parameters:
        for gate in range(len(problem.cell.gate_letters)):
            wrong = problem.found()
            wrong[name][gate * size : (gate + 1) * size] *= -1
            assert sees(wrong, expected), (name, gate)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_check_sees_a_lost_recurrent_term(kind: str) -> None:
    problem = Problem.of(kind)
    deaf = replace(problem.cell, weight_hh=np.zeros_like(problem.cell.weight_hh))
    assert sees(problem.found(deaf, forward_too=False), problem.expected())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["bias_ih", "bias_hh"])
def test_the_gradient_check_sees_a_lost_bias(kind: str, name: str) -> None:
    problem = Problem.of(kind)
    lost = replace(problem.cell, **{name: np.zeros_like(problem.cell.bias_ih)})
    assert sees(problem.found(lost), problem.expected())


@pytest.mark.parametrize("kind", ["lstm", "gru", "gru-paper"])
def test_the_gradient_check_sees_swapped_gates(kind: str) -> None:
    problem = Problem.of(kind)
    expected, size = problem.expected(), problem.cell.hidden_size
    for name in problem.cell.parameters:
        wrong = problem.found()
        first, second = wrong[name][:size].copy(), wrong[name][size : 2 * size].copy()
        wrong[name][:size], wrong[name][size : 2 * size] = second, first
        assert sees(wrong, expected), name


def test_the_gradient_check_sees_a_lost_gradient_on_the_cell_state() -> None:
    problem = Problem.of("lstm")
    for name in problem.direct:
        less = {key: value for key, value in problem.direct.items() if key != name}
        assert sees(replace(problem, direct=less).found(), problem.expected()), name


def test_the_gradient_check_sees_the_other_reset_convention() -> None:
    problem = Problem.of("gru")
    other = replace(problem, cell=replace(problem.cell, reset_after=False))  # type: ignore[call-arg]
    assert sees(other.found(), problem.expected())
