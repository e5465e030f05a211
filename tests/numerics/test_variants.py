"""Variants with nothing special are the plain cells; what is special is felt."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import GRU, LSTM, RNN, Cell
from lstm_ascii.cells.variants import Activation, GeneralGRU, GeneralLSTM, GeneralRNN
from lstm_ascii.errors import ShapeError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from tests.numerics.complex_step import assert_agree
from tests.numerics.random_cells import KINDS, VARIANTS, random_cell
from tests.numerics.test_gradients import Problem

PLAIN: dict[str, tuple[type[Cell], dict[str, Any]]] = {
    "lstm": (GeneralLSTM, {}),
    "gru": (GeneralGRU, {}),
    "gru-paper": (GeneralGRU, {"reset_after": False}),
    "rnn-tanh": (GeneralRNN, {}),
    "rnn-relu": (GeneralRNN, {"activation": Activation("relu")}),
}
SPECIAL = [kind for kind in VARIANTS if not kind.endswith("plain")]


@pytest.mark.parametrize("kind", PLAIN)
def test_a_variant_with_nothing_special_computes_what_the_plain_cell_computes(kind: str) -> None:
    problem = Problem.of(kind)
    made, options = PLAIN[kind]
    general = made(**problem.cell.parameters, **options)
    assert_agree(problem.found(general), problem.found(), rtol=1e-12)
    ours, plain = (cell.forward(problem.x, problem.start) for cell in (general, problem.cell))
    np.testing.assert_allclose(ours.block, plain.block, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(general.jacobian(ours, 3), problem.cell.jacobian(plain, 3), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", PLAIN)
def test_the_simplest_cell_of_a_variant_with_nothing_special_is_the_plain_one(kind: str) -> None:
    plain = random_cell(kind, 3, 4, 1)
    made, options = PLAIN[kind]
    simple = made(**plain.parameters, **options).simplest()
    assert type(simple) is type(plain)
    for option in ("activation", "reset_after"):
        assert getattr(simple, option, None) == getattr(plain, option, None)
    assert all(simple.parameters[name] is value for name, value in plain.parameters.items())


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_variant_with_something_special_stays(kind: str) -> None:
    cell = random_cell(kind, 3, 4, 1)
    assert cell.simplest() is cell


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_cell_is_the_simplest(kind: str) -> None:
    cell = random_cell(kind, 3, 4, 1)
    assert cell.simplest() is cell
    assert type(cell) in (RNN, LSTM, GRU)


@pytest.mark.parametrize("kind", [kind for kind in VARIANTS if "clip" in kind or kind == "lstm-everything"])
def test_the_bound_is_met_by_some_sums_and_not_by_others(kind: str) -> None:
    problem = Problem.of(kind)
    trace = problem.cell.forward(problem.x, problem.start)
    met = np.abs(trace.extra.get("sums", trace.block)) > getattr(problem.cell, "clip")  # noqa: B009 - variants have it
    assert 0.05 < met.mean() < 0.95


def test_without_a_forget_gate_of_its_own_its_rows_do_nothing() -> None:
    problem = Problem.of("lstm-coupled-peepholes")
    gradients = problem.found()
    rows = slice(4, 8)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_peephole"):
        assert (gradients[name][rows] == 0).all(), name
        assert (gradients[name][:4] != 0).all(), name
    trace = problem.cell.forward(problem.x, problem.start)
    np.testing.assert_array_equal(trace.gates["f"], 1 - trace.gates["i"])


def test_peepholes_see_the_cell_state_before_and_after_the_step() -> None:
    cell = random_cell("lstm-peepholes", 3, 4, 1)
    x, c = np.zeros((1, 1, 3)), np.full((1, 4), 3.0)
    for number, (letter, seen) in enumerate({"i": 0, "f": 0, "o": 1}.items()):
        peephole = np.zeros(12)
        peephole[4 * number : 4 * number + 4] = 0.5
        with_one, without = (replace(cell, weight_peephole=value) for value in (peephole, np.zeros(12)))
        trace, plain = (one.forward(x, {"c": c}) for one in (with_one, without))
        odds = [np.log(one.gates[letter] / (1 - one.gates[letter])) for one in (trace, plain)]
        np.testing.assert_allclose((odds[0] - odds[1])[0], 0.5 * trace.states["c"][seen], rtol=1e-9)


def test_what_each_unit_lets_out_is_projected_to_the_output() -> None:
    problem = Problem.of("lstm-projection")
    cell, trace = problem.cell, problem.cell.forward(problem.x, problem.start)
    np.testing.assert_allclose(cell.own_outputs(trace) @ cell.parameters["weight_hr"].T, trace.h, rtol=1e-14)
    plain = random_cell("lstm", 3, 4, 1)
    trace = plain.forward(problem.x)
    assert plain.own_outputs(trace) is not None
    np.testing.assert_array_equal(plain.own_outputs(trace), trace.h)


def test_a_direction_starts_from_states_of_the_cells_own_sizes() -> None:
    cell = random_cell("lstm-projection", 2, 4, 1)
    assert Direction(cell, {"h": np.ones(3), "c": np.ones(4)}).trace(np.ones((2, 1, 2))).h.shape == (2, 1, 3)
    for name, wrong in (("h", 4), ("c", 3)):
        with pytest.raises(ShapeError, match=f"start state {name}: expected shape"):
            Direction(cell, {name: np.ones(wrong)})


def test_a_network_names_a_variants_parameters_and_takes_them_back() -> None:
    cell = random_cell("lstm-everything", 2, 4, 1)
    direction = Direction(cell, {"h": np.ones(3), "c": np.ones(4)})
    network = Network(Vocabulary(("a", "b")), np.ones((2, 2)), ((direction,),), np.ones((2, 3)), np.zeros(2))
    assert {"rnn.weight_hr_l0", "rnn.weight_peephole_l0", "rnn.start_h_l0"} <= network.parameters.keys()
    doubled = network.with_parameters({name: 2 * value for name, value in network.parameters.items()})
    np.testing.assert_array_equal(doubled.layers[0][0].cell.parameters["weight_hr"], 2 * cell.parameters["weight_hr"])
    assert getattr(doubled.layers[0][0].cell, "coupled") is True  # noqa: B009 - the variant has it


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("lstm-plain", ()),
        ("lstm-peepholes", ("peepholes",)),
        ("lstm-projection", ("a projection to 3",)),
        ("lstm-coupled", ("a forget gate of 1 - i",)),
        ("gru-clip", ("sums clipped at 0.7",)),
        ("rnn-elu", ("elu(1) for tanh",)),
        ("gru-activations", ("hard_sigmoid(0.2, 0.5) for the gates", "leaky_relu(0.1) for the candidate")),
    ],
)
def test_a_variant_says_what_is_special_about_it(kind: str, words: tuple[str, ...]) -> None:
    assert random_cell(kind, 3, 4, 1).special == words


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_special_about_a_plain_cell_but_relu(kind: str) -> None:
    assert random_cell(kind, 3, 4, 1).special == (("relu for tanh",) if kind == "rnn-relu" else ())


def test_plain_networks_never_load_the_variants() -> None:
    code = "import sys, lstm_ascii.network; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert "lstm_ascii.cells.lstm" in loaded
    assert "lstm_ascii.cells.variants" not in loaded
