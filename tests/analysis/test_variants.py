"""Every measure holds for cells with projections, peepholes, coupled gates, bounds and other activations, too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lstm_ascii.analysis.all_paths import all_paths
from lstm_ascii.analysis.gates import flow, half_life, word_terms
from lstm_ascii.analysis.gradients import carousel_log10, gradient_log10
from lstm_ascii.analysis.interventions import Contrast, patched_log_odds, split_log_odds
from lstm_ascii.analysis.replay import Passage, jacobians, weight_gradient
from lstm_ascii.analysis.travel import travel
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.cells.variants import Activation, GeneralLSTM
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network, Run
from lstm_ascii.thresholds import SATURATED_SLOPE
from tests.analysis.networks import IDS, WORDS, run
from tests.numerics.complex_step import complex_step
from tests.numerics.random_cells import VARIANTS, random_cell, random_inputs, random_states

SPECIAL = [kind for kind in VARIANTS if not kind.endswith("plain")]
GATED = [kind for kind in SPECIAL if not kind.startswith("rnn")]
CONTRAST = Contrast(after=7, right=2, wrong=5)
HIDDEN, LAST = 5, 8


def model_of(kind: str) -> Network:
    """Return a network of one such cell, with a start state and a decoder that are not zero."""
    random, cell = np.random.default_rng(3), random_cell(kind, 4, HIDDEN, seed=3)
    embedding, decoder = random.standard_normal((8, 4)), random.standard_normal((8, cell.output_size))
    direction = Direction(cell, random_states(cell, (), 4))
    return Network(Vocabulary(WORDS), embedding, ((direction,),), decoder, random.standard_normal(8))


def looked_at(kind: str) -> tuple[Network, Run, Cell, Trace]:
    """Return a network, its pass over a sentence, its cell and that cell's trace."""
    model = model_of(kind)
    passed = run(model)
    return model, passed, model.layers[0][0].cell, passed.traces[0][0]


def later(cell: Cell, trace: Trace, k: int, seen: Callable[[Trace], Array]) -> dict[str, Array]:
    """Return the derivatives of what is ``seen`` of the words from ``k`` to ``LAST`` by the state ahead of them."""
    before = {name: state[k] for name, state in trace.states.items()}
    return {
        name: complex_step(lambda v, name=name: seen(cell.forward(trace.x[k:LAST], before | {name: v})), value)  # type: ignore[misc]
        for name, value in before.items()
    }


@pytest.mark.parametrize("kind", SPECIAL)
def test_the_gradient_at_every_word_is_the_derivative(kind: str) -> None:
    _, _, cell, trace = looked_at(kind)
    direct = np.zeros((LAST, cell.output_size))
    direct[-1] = np.random.default_rng(1).standard_normal(cell.output_size)
    found = gradient_log10(cell, trace, direct, LAST)
    for k in range(LAST):
        slopes = later(cell, trace, k, lambda rest: np.array((rest.h[-1, 0] * direct[-1]).sum()))
        length = np.linalg.norm(np.concatenate([slope.ravel() for slope in slopes.values()]))
        assert found[k] == pytest.approx(np.log10(length), abs=1e-10)


@pytest.mark.parametrize("kind", SPECIAL)
def test_all_paths_are_the_derivative_of_the_memory_by_the_memory(kind: str) -> None:
    _, _, cell, trace = looked_at(kind)
    memory, found = cell.state_names[-1], all_paths(cell, trace, LAST).log10
    for k in range(LAST):
        jacobian = later(cell, trace, k, lambda rest: rest.states[memory][-1, 0])[memory][0]
        assert found[k] == pytest.approx(np.log10(np.linalg.norm(jacobian, 2)), abs=1e-10)


@pytest.mark.parametrize("kind", SPECIAL)
def test_jacobians_of_many_steps_at_once_are_those_of_each(kind: str) -> None:
    _, _, cell, trace = looked_at(kind)
    for t, found in enumerate(jacobians(cell, trace, slice(0, LAST))):
        np.testing.assert_allclose(found, cell.jacobian(trace, t)[0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", GATED)
def test_the_memory_is_the_sum_of_what_words_wrote_and_the_start_state(kind: str) -> None:
    parts = flow(looked_at(kind)[3])
    assert parts is not None
    for t in range(1, len(parts.keep) + 1):
        terms, start = word_terms(parts, t)
        assert terms.shape == (t, HIDDEN)
        np.testing.assert_allclose(terms.sum(axis=0) + start, parts.memory[t, 0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", GATED)
def test_the_split_adds_up_to_the_log_odds(kind: str) -> None:
    model, passed, _, _ = looked_at(kind)
    words, start, bias = split_log_odds(model, passed, CONTRAST)
    odds = CONTRAST.log_odds(model, passed.outputs[CONTRAST.after - 1, 0])
    assert words.sum() + start + bias == pytest.approx(float(odds), rel=1e-12)


def test_the_split_adds_up_where_an_empty_memory_lets_something_out() -> None:
    cell = random_cell("lstm-plain", 4, HIDDEN, seed=3)
    still = GeneralLSTM(**{name: 0 * value for name, value in cell.parameters.items()}, output=Activation("sigmoid"))
    model = model_of("lstm-plain")
    empty = Network(model.vocabulary, model.embedding, ((Direction(still),),), model.decoder_weight, model.decoder_bias)
    words, start, bias = split_log_odds(empty, run(empty), CONTRAST)
    assert not words.any()
    assert start + bias == pytest.approx(float(CONTRAST.log_odds(empty, run(empty).outputs[6, 0])), rel=1e-12)
    assert start != 0


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("at", [3, 7])
def test_a_patch_puts_what_one_unit_holds_and_lets_out_in_place(kind: str, at: int) -> None:
    model, own, cell, trace = looked_at(kind)
    donor = run(model, (6, *IDS[1:]))
    other = donor.traces[0][0]
    found = patched_log_odds(model, own, donor, at, CONTRAST)
    projection = cell.parameters.get("weight_hr", np.eye(HIDDEN))
    for unit in range(HIDDEN):
        start = {name: state[at].copy() for name, state in trace.states.items()}
        shown = cell.own_outputs(trace)[at - 1, 0].copy()
        shown[unit] = cell.own_outputs(other)[at - 1, 0, unit]
        start["h"] = (projection @ shown)[None]
        if "c" in start:
            start["c"][0, unit] = other.states["c"][at, 0, unit]
        h = cell.forward(trace.x[at : CONTRAST.after], start).states["h"][-1, 0]
        assert found[unit] == pytest.approx(float(CONTRAST.log_odds(model, h)), rel=1e-10)


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_gradient_travels_as_the_full_products_say(kind: str) -> None:
    cell, steps = random_cell(kind, 3, HIDDEN, 2), 40
    x = random_inputs(cell, steps, 1, 5)
    found = travel([Passage(cell, lambda first, last: x[first:last], steps)], (-3.0, 3.0))
    trace = cell.forward(x)
    np.testing.assert_allclose(found.total[1], all_paths(cell, trace, steps).log10[-2::-1], rtol=0, atol=1e-6)
    parts = flow(trace)
    if "f" in trace.gates and parts is not None:
        assert found.carousel is not None
        expected = carousel_log10(parts, steps).max(axis=-1)[-2::-1]
        np.testing.assert_allclose(found.carousel[1], expected, rtol=0, atol=1e-10)
    assert found.saturated == pytest.approx(float((cell.candidate_slope(trace) < SATURATED_SLOPE).mean()))


@pytest.mark.parametrize("kind", SPECIAL)
def test_the_slope_of_the_candidate_is_the_derivative_of_its_values(kind: str) -> None:
    _, _, cell, trace = looked_at(kind)
    name, letters = ("bias_ih", cell.gate_letters)
    place = 2 * HIDDEN if len(letters) > 2 else 0

    def candidate(bias: Array) -> Array:
        again = type(cell)(**vars(cell) | {name: bias}).forward(trace.x[:1], {k: s[0] for k, s in trace.states.items()})
        return again.gates[letters[2]][0, 0] if len(letters) > 2 else again.h[0, 0]

    full = complex_step(candidate, cell.bias_ih)[place : place + HIDDEN]
    np.testing.assert_allclose(cell.candidate_slope(trace)[0, 0], np.diagonal(full), rtol=1e-10)


@pytest.mark.parametrize("kind", SPECIAL)
def test_the_gradient_of_the_recurrent_weights_is_that_of_backpropagation(kind: str) -> None:
    cell, steps = random_cell(kind, 3, HIDDEN, 2), 12
    x, direct = random_inputs(cell, steps, 1, 5), np.random.default_rng(6).standard_normal(cell.output_size)
    found = weight_gradient(Passage(cell, lambda first, last: x[first:last], steps), direct)
    d_h = np.zeros((steps, 1, cell.output_size))
    d_h[-1, 0] = direct
    expected = cell.backward(cell.forward(x), {"h": d_h}).parameters["weight_hh"]
    assert found.length == pytest.approx(np.log10(np.linalg.norm(expected)), abs=1e-10)


def test_gates_that_leave_0_to_1_have_sizes_and_half_lives_without_a_warning() -> None:
    drawn = random_cell("lstm-activations", 4, HIDDEN, 3)
    cell = GeneralLSTM(**drawn.parameters, gate=Activation("linear"))
    parts = flow(cell.forward(random_inputs(cell, 9, 1, 5)))
    assert parts is not None
    assert (parts.keep < 0).any()
    products = np.abs(parts.keep[2:, 0].prod(axis=0))
    np.testing.assert_allclose(10 ** carousel_log10(parts, 9)[2], products, rtol=1e-12)
    gates = np.array([[-0.5, 0.0, 0.5, 1.0, 2.0]])
    np.testing.assert_allclose(half_life(gates), [0, 0, 1, np.inf, np.inf])
