"""Several layers: gradients and patches go through all that stands above, and are held against complex steps."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from lstm_ascii.analysis import rerun
from lstm_ascii.analysis.gradients import gradient_log10
from lstm_ascii.analysis.interventions import (
    Contrast,
    direct_gradients,
    first_order_changes,
    patched_log_odds,
    split_log_odds,
)
from lstm_ascii.analysis.leaving_out import left_out_figures, swapped_figures
from lstm_ascii.analysis.rerun import OfChoice
from lstm_ascii.cells import Array
from lstm_ascii.cells.initial import random_cell, uniform
from lstm_ascii.cells.variants import GeneralLSTM
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import LAST, Network, Place, Run
from tests.analysis.networks import IDS, WORDS, run, stack

STACKS = [("lstm", "lstm"), ("gru", "lstm", "rnn"), ("rnn", "gru")]
CONTRAST = Contrast(after=7, right=2, wrong=5)
PLACES = [(cells, layer) for cells in STACKS for layer in range(len(cells))]


def _states(one: Run, at: int) -> list[dict[str, Array]]:
    """Return every layer's state after a word, in complex numbers."""
    return [{name: state[at].astype(complex) for name, state in passes[0].states.items()} for passes in one.traces]


def _odds_from(model: Network, one: Run, layer: int, at: int, states: list[dict[str, Array]]) -> complex:
    """Return the log-odds where a layer's state after word ``at`` is as given; what stands above reads it there."""
    x, before = states[layer]["h"], _states(one, at - 1)
    for number in range(layer + 1, len(model.layers)):
        (direction,) = model.layers[number]
        states[number] = {k: v[-1] for k, v in direction.trace(x[None], before[number]).states.items()}
        x = states[number]["h"]
    outputs = x if at == CONTRAST.after else model.run(one.ids[at : CONTRAST.after], states).outputs[-1]
    weight, bias = model.decoder_weight, model.decoder_bias
    difference = weight[CONTRAST.right] - weight[CONTRAST.wrong]
    return complex(outputs[0] @ difference + bias[CONTRAST.right] - bias[CONTRAST.wrong])


@pytest.mark.parametrize(("cells", "layer"), PLACES)
@pytest.mark.parametrize("at", [1, 4, 6, 7])
def test_the_gradient_at_a_word_of_a_layer_is_that_of_complex_steps(
    cells: tuple[str, ...], layer: int, at: int
) -> None:
    model, place = stack(*cells), Place(layer)
    one = run(model)
    expected = []
    for name in place.direction_in(model).cell.state_names:
        for unit in range(5):
            states = _states(one, at)
            states[layer][name][0, unit] += 1e-30j
            expected.append(_odds_from(model, one, layer, at, states).imag / 1e-30)
    direct = direct_gradients(model, one, place, CONTRAST)
    found = gradient_log10(place.direction_in(model).cell, place.trace_in(one), direct, CONTRAST.after)
    assert found[at] == pytest.approx(np.log10(np.linalg.norm(expected)), abs=1e-10)


@pytest.mark.parametrize(("cells", "layer"), [(cells, layer) for cells, layer in PLACES if layer < len(cells) - 1])
def test_the_check_sees_a_path_that_is_lost(cells: tuple[str, ...], layer: int) -> None:
    model, place = stack(*cells), Place(layer)
    one = run(model)
    cell, trace = place.direction_in(model).cell, place.trace_in(one)
    direct = direct_gradients(model, one, place, CONTRAST)
    whole = gradient_log10(cell, trace, direct, CONTRAST.after)
    only_last = np.where(np.arange(CONTRAST.after)[:, None] == CONTRAST.after - 1, direct, 0)
    lost = gradient_log10(cell, trace, only_last, CONTRAST.after)
    assert np.abs(whole - lost)[1:-1].min() > 1e-4


def test_gradients_that_vanish_above_and_below_keep_a_finite_size() -> None:
    model = stack("rnn", "rnn")
    ids = tuple(np.resize(IDS, 900))
    one, contrast = run(model, ids), Contrast(900, 2, 5)
    sizes = gradient_log10(
        model.layers[0][0].cell, one.traces[0][0], direct_gradients(model, one, Place(0), contrast), 900
    )
    assert np.isfinite(sizes).all()
    assert sizes[1] < -100


@pytest.mark.parametrize(("cells", "layer"), PLACES)
@pytest.mark.parametrize("at", [3, 6, 7])
def test_a_patch_in_any_layer_is_the_state_exchanged_by_hand(cells: tuple[str, ...], layer: int, at: int) -> None:
    model, place = stack(*cells), Place(layer)
    own, other = run(model), run(model, (6, *IDS[1:]))
    found = patched_log_odds(model, own, other, at, CONTRAST, place)
    for unit in range(5):
        states = _states(own, at)
        for name, state in states[layer].items():
            state[0, unit] = place.trace_in(other).states[name][at, 0, unit]
        assert found[unit] == pytest.approx(_odds_from(model, own, layer, at, states).real, rel=1e-12)


def test_some_units_are_patched_as_all_are() -> None:
    model = stack("lstm", "lstm")
    own, other = run(model), run(model, (6, *IDS[1:]))
    whole = patched_log_odds(model, own, other, 4, CONTRAST, Place(0))
    some = patched_log_odds(model, own, other, 4, CONTRAST, Place(0), [3, 1])
    np.testing.assert_allclose(some, whole[[3, 1]], rtol=1e-13)


@pytest.mark.parametrize(("cells", "layer"), PLACES)
def test_to_first_order_small_patches_move_the_log_odds_as_they_do(cells: tuple[str, ...], layer: int) -> None:
    model, place = stack(*cells), Place(layer)
    near = np.array(model.embedding)
    near[6] = near[0] + 1e-4  # another word, but hardly
    model = Network(model.vocabulary, near, model.layers, model.decoder_weight, model.decoder_bias)
    own, other = run(model), run(model, (6, *IDS[1:]))
    before = float(CONTRAST.log_odds(model, own.outputs[CONTRAST.after - 1, 0]))
    exact = patched_log_odds(model, own, other, 4, CONTRAST, place) - before
    found = first_order_changes(model, own, other, 4, CONTRAST, place)
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-12)


@pytest.mark.parametrize("cells", STACKS)
def test_swaps_go_through_every_layer(cells: tuple[str, ...]) -> None:
    model = stack(*cells)
    swaps = [(place, entry) for place in range(7) for entry in (0, 7)]
    found = swapped_figures(model, run(model), swaps, OfChoice(model, CONTRAST))
    for (place, entry), odds in zip(swaps, found, strict=True):
        outputs = run(model, (*IDS[:place], entry, *IDS[place + 1 :])).outputs[CONTRAST.after - 1, 0]
        assert odds == pytest.approx(float(CONTRAST.log_odds(model, outputs)), rel=1e-12)


@pytest.mark.parametrize("cells", STACKS)
def test_swaps_give_the_same_in_pieces_and_in_single_precision(
    cells: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stack(*cells)
    swaps = [(place, entry) for entry in (0, 7) for place in (6, 2, 2, 0, 4)]
    whole = swapped_figures(model, run(model), swaps, OfChoice(model, CONTRAST))
    monkeypatch.setattr(rerun, "BYTES", 1)  # a step at a time: what is swapped later joins later
    np.testing.assert_allclose(swapped_figures(model, run(model), swaps, OfChoice(model, CONTRAST)), whole, rtol=1e-12)
    monkeypatch.setattr(rerun, "MANY", 1)
    single = swapped_figures(model, run(model), swaps, OfChoice(model, CONTRAST))
    np.testing.assert_allclose(single, whole, rtol=1e-5, atol=1e-5)
    assert (single != whole).any()


def test_swaps_in_a_long_text_take_no_more_memory_than_a_batch_may(monkeypatch: pytest.MonkeyPatch) -> None:
    model, ids = stack("lstm"), np.resize(np.array(IDS), (1000, 1))
    passed, asked = model.run(ids), OfChoice(model, Contrast(1000, 0, 1))
    monkeypatch.setattr(rerun, "BYTES", 1 << 20)
    for answered in (
        lambda: swapped_figures(model, passed, [(place, 7) for place in range(256)], asked),
        lambda: left_out_figures(model, passed, range(256), asked),
    ):
        tracemalloc.start()
        answered()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1.5 * rerun.BYTES


def test_a_place_counts_the_directions_below_it() -> None:
    model = stack("lstm", "gru", both_ways=True)
    assert [Place(layer, way).index(model) for layer in (0, 1) for way in (0, 1)] == [0, 1, 2, 3]
    assert LAST.index(model) == 2
    assert LAST.is_last(model)
    assert not Place(0).is_last(model)


def _projected() -> Network:
    """Return two LSTM layers whose outputs are 3 projections of 5 units."""
    layers, width = [], 4
    for number in range(2):
        drawn = random_cell("lstm", width, 5, seed=number, forget_bias=1.0)
        recurrent, projection = uniform(number, "hh", (20, 3), 0.8), uniform(number, "hr", (3, 5), 0.9)
        cell = GeneralLSTM(drawn.weight_ih, recurrent, drawn.bias_ih, drawn.bias_hh, weight_hr=projection)
        start = {"h": uniform(number, "h", (3,), 0.5), "c": uniform(number, "c", (5,), 0.7)}
        layers.append((Direction(cell, start),))
        width = 3
    embedding, decoder = uniform(9, "embedding", (8, 4), 1.5), uniform(9, "decoder", (8, 3), 3.0)
    return Network(Vocabulary(WORDS), embedding, tuple(layers), decoder, uniform(9, "bias", (8,), 0.5))


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("at", [1, 4, 7])
def test_gradients_go_through_projections(layer: int, at: int) -> None:
    model, place = _projected(), Place(layer)
    one, cell, expected = run(model), place.direction_in(model).cell, []
    for name, size in cell.state_sizes.items():
        for index in range(size):
            states = _states(one, at)
            states[layer][name][0, index] += 1e-30j
            expected.append(_odds_from(model, one, layer, at, states).imag / 1e-30)
    direct = direct_gradients(model, one, place, CONTRAST)
    found = gradient_log10(cell, place.trace_in(one), direct, CONTRAST.after)
    assert found[at] == pytest.approx(np.log10(np.linalg.norm(expected)), abs=1e-10)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("at", [3, 7])
def test_a_patched_unit_behind_a_projection_changes_what_it_gives_to_it(layer: int, at: int) -> None:
    model, place = _projected(), Place(layer)
    own, other = run(model), run(model, (6, *IDS[1:]))
    cell, found = place.direction_in(model).cell, patched_log_odds(model, own, other, at, CONTRAST, place)
    assert isinstance(cell, GeneralLSTM)
    assert cell.weight_hr is not None
    gives = [cell.own_outputs(place.trace_in(one))[at - 1, 0] for one in (own, other)]
    for unit in range(5):
        states = _states(own, at)
        states[layer]["c"][0, unit] = place.trace_in(other).states["c"][at, 0, unit]
        mixed = np.where(np.arange(5) == unit, gives[1], gives[0])
        states[layer]["h"][0] = cell.weight_hr @ mixed
        assert found[unit] == pytest.approx(_odds_from(model, own, layer, at, states).real, rel=1e-11)
    assert first_order_changes(model, own, other, at, CONTRAST, place).shape == (5,)


def test_the_split_adds_up_behind_a_projection() -> None:
    model = _projected()
    one = run(model)
    words, start, bias = split_log_odds(model, one, CONTRAST)
    whole = float(CONTRAST.log_odds(model, one.outputs[CONTRAST.after - 1, 0]))
    assert words.sum() + start + bias == pytest.approx(whole, rel=1e-12)
