"""The comparison with PyTorch's stored values notices every mistake that is made with these cells."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from lstm_ascii.cells import LSTM, Array, Cell
from lstm_ascii.cells.base import PARAMETER_NAMES
from tests.numerics.drawn import KINDS_OF_PYTORCH, Values, cell_answer, differences, given_cell, stored
from tests.numerics.mutants import mutants
from tests.numerics.random_cells import KINDS, PROJECTION, cell_with
from tests.numerics.test_gradients import Problem

WRONG_ORDERS = [("lstm", order) for order in list(itertools.permutations(range(4)))[1:]]
WRONG_ORDERS += [("gru", order) for order in list(itertools.permutations(range(3)))[1:]]
WRITTEN_OUT = ("outputs", "gradients")


def noticed(kind: str, cell: Cell, part: str = "") -> bool:
    """Tell whether the comparison fails for ``cell``, be it on one part of the values alone."""
    given, expected = stored(kind)
    answer = cell_answer(cell, given)
    kept = [name for name in expected if not part or name.startswith("grad") == (part == "gradients")]
    return bool(differences({name: answer[name] for name in kept}, {name: expected[name] for name in kept}))


def reordered(value: Array, order: tuple[int, ...]) -> Array:
    """Return a parameter with its gates in another order."""
    return np.concatenate([np.split(value, len(order))[k] for k in order])


def test_there_are_23_wrong_orders_of_four_gates_and_5_of_three() -> None:
    assert len(WRONG_ORDERS) == 23 + 5


@pytest.mark.parametrize("kind", KINDS_OF_PYTORCH)
@pytest.mark.parametrize("part", WRITTEN_OUT)
def test_the_engine_itself_passes(kind: str, part: str) -> None:
    assert not noticed(kind, given_cell(kind, stored(kind)[0]), part)


@pytest.mark.parametrize(("kind", "order"), WRONG_ORDERS)
@pytest.mark.parametrize("part", WRITTEN_OUT)
def test_every_wrong_gate_order_is_noticed(kind: str, order: tuple[int, ...], part: str) -> None:
    given, _ = stored(kind)
    cell = given_cell(kind, given | {name: reordered(given[name], order) for name in PARAMETER_NAMES})
    assert noticed(kind, cell, part)


@pytest.mark.parametrize(("kind", "order"), WRONG_ORDERS)
@pytest.mark.parametrize("name", PARAMETER_NAMES)
def test_a_wrong_gate_order_of_one_parameter_is_noticed(kind: str, order: tuple[int, ...], name: str) -> None:
    given, _ = stored(kind)
    assert noticed(kind, given_cell(kind, given | {name: reordered(given[name], order)}))


@pytest.mark.parametrize(("kind", "order"), WRONG_ORDERS)
def test_gradients_handed_back_in_a_wrong_gate_order_are_noticed(kind: str, order: tuple[int, ...]) -> None:
    given, expected = stored(kind)
    answer = cell_answer(given_cell(kind, given), given)
    for name in PARAMETER_NAMES:
        wrong = answer | {f"grad_{name}": reordered(answer[f"grad_{name}"], order)}
        assert differences(wrong, expected), name


@pytest.mark.parametrize("kind", KINDS_OF_PYTORCH)
@pytest.mark.parametrize("name", ["bias_ih", "bias_hh"])
@pytest.mark.parametrize("change", [np.zeros_like, lambda bias: bias * 2, lambda bias: -bias])
def test_a_dropped_doubled_or_negated_bias_is_noticed(kind: str, name: str, change: Callable[[Array], Array]) -> None:
    given, _ = stored(kind)
    size = given["weight_hh"].shape[1]
    for first in range(0, len(given[name]), size):
        bias = given[name].copy()
        bias[first : first + size] = change(bias[first : first + size])
        assert noticed(kind, given_cell(kind, given | {name: bias})), first


def test_the_two_biases_of_the_candidate_are_told_apart() -> None:
    given, _ = stored("gru")
    swapped = {"bias_ih": given["bias_hh"], "bias_hh": given["bias_ih"]}
    assert noticed("gru", given_cell("gru", given | swapped))


@pytest.mark.parametrize("part", WRITTEN_OUT)
def test_a_reset_gate_in_the_wrong_place_is_noticed(part: str) -> None:
    cell = given_cell("gru", stored("gru")[0])
    assert noticed("gru", replace(cell, reset_after=False), part)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", KINDS_OF_PYTORCH)
@pytest.mark.parametrize("name", PARAMETER_NAMES[:2])
def test_a_transposed_or_lost_weight_is_noticed(kind: str, name: str) -> None:
    given, _ = stored(kind)
    rows, columns = given[name].shape
    for wrong in (given[name].T.reshape(rows, columns), np.zeros((rows, columns))):
        assert noticed(kind, given_cell(kind, given | {name: wrong}))


@pytest.mark.parametrize("letter", range(4))
def test_sigmoid_for_tanh_and_tanh_for_sigmoid_are_noticed(letter: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = LSTM._squashing

    def wrong(cell: LSTM, dtype: np.dtype[np.float64]) -> tuple[Array, Array]:
        scale, shift = right(cell, dtype)
        part = slice(letter * cell.hidden_size, (letter + 1) * cell.hidden_size)
        scale[part], shift[part] = (0.5, 0.5) if letter == 2 else (1.0, 0.0)
        return scale, shift

    monkeypatch.setattr(LSTM, "_squashing", wrong)
    assert noticed("lstm", given_cell("lstm", stored("lstm")[0]), "outputs")


@pytest.mark.parametrize("change", [np.zeros_like, lambda weight: weight[::-1], lambda weight: -weight])
@pytest.mark.parametrize("part", WRITTEN_OUT)
def test_a_lost_or_wrong_projection_is_noticed(change: Callable[[Array], Array], part: str) -> None:
    given, _ = stored("lstm-projection")
    assert noticed(
        "lstm-projection", given_cell("lstm-projection", given | {PROJECTION: change(given[PROJECTION])}), part
    )


def test_the_other_activation_is_noticed() -> None:
    for kind, other in (("rnn-tanh", "relu"), ("rnn-relu", "tanh")):
        cell = given_cell(kind, stored(kind)[0])
        assert noticed(kind, replace(cell, activation=other))  # type: ignore[call-arg]


@dataclass(frozen=True)
class Judge:
    """What a mutant of a class must not get past: PyTorch's values, and complex steps for what PyTorch lacks."""

    kinds: tuple[str, ...]
    problem: Problem
    derivatives: Values

    @classmethod
    def of(cls, *kinds: str) -> Judge:
        problem = Problem.of(kinds[-1], steps=3)
        return cls(kinds, problem, problem.expected())

    def lets_pass(self, made: type[Cell]) -> bool:
        """Tell whether nothing differs and nothing breaks."""
        try:
            with np.errstate(all="ignore"):
                return not any(self._differences(made))
        except (ArithmeticError, LookupError, NameError, TypeError, ValueError):
            return False

    def _differences(self, made: type[Cell]) -> Iterator[list[str]]:
        for kind in self.kinds:
            if kind in KINDS_OF_PYTORCH:
                given, expected = stored(kind)
                yield differences(cell_answer(rebuilt(made, kind, given), given), expected)
        mutant = rebuilt(made, self.kinds[-1], self.problem.cell.parameters)
        yield differences(self.problem.found(mutant), self.derivatives)


def rebuilt(made: type[Cell], kind: str, given: Values) -> Cell:
    """Return a cell of a mutated class."""
    return cell_with(kind, {name: given[name] for name in PARAMETER_NAMES}, made)


@pytest.mark.parametrize("kinds", [("rnn-tanh", "rnn-relu"), ("lstm",), ("gru", "gru-paper")])
def test_every_changed_operator_function_or_number_of_an_equation_is_noticed(kinds: tuple[str, ...]) -> None:
    made, judge = KINDS[kinds[0]][0], Judge.of(*kinds)
    assert judge.lets_pass(made)
    tried = list(mutants(made))
    assert len(tried) > 5
    assert [label for label, mutant in tried if judge.lets_pass(mutant)] == []


VARIANT_JUDGES = [
    ("lstm-everything", "lstm-clip", "lstm-projection"),
    ("gru-clip", "gru-paper-activations"),
    ("rnn-softplus", "rnn-elu"),
]


@pytest.mark.parametrize("kinds", VARIANT_JUDGES)
def test_every_changed_operator_of_a_variants_equations_is_noticed(kinds: tuple[str, ...]) -> None:
    problems = [Problem.of(kind, steps=3) for kind in kinds]
    expected = [problem.expected() for problem in problems]

    def lets_pass(made: type[Cell]) -> bool:
        """Tell whether every derivative stays what complex steps say of the right equations."""
        try:
            with np.errstate(all="ignore"):
                mutated = ((problem, made(**vars(problem.cell))) for problem in problems)
                found = (problem.found(cell) for problem, cell in mutated)
                return not any(differences(one, right) for one, right in zip(found, expected, strict=True))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return False

    made = type(problems[0].cell)
    assert lets_pass(made)
    tried = list(mutants(made))
    assert len(tried) >= 5
    assert [label for label, mutant in tried if lets_pass(mutant)] == []
