"""Gradients of a whole network against complex steps: mixed cells, two directions, learned start states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.cells import Array, Trace
from lstm_ascii.errors import ShapeError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from tests.numerics.complex_step import assert_agree, complex_step
from tests.numerics.random_cells import random_cell, random_states

WORDS, WIDTH, STEPS, BATCH = 5, 3, 4, 2


def direction(kind: str, inputs: int, seed: int, backward: bool = False, hidden: int = 3) -> Direction:
    """Draw one direction with its start states."""
    cell = random_cell(kind, inputs, hidden, seed)
    return Direction(cell, random_states(cell, (), seed + 50), backward)


def mixed_network(variants: bool = False) -> Network:
    """Return two layers of different cells in both directions; of the variants two have more units than outputs."""
    random = np.random.default_rng(0)
    layers = (
        (direction("gru", WIDTH, 1), direction("lstm", WIDTH, 2, backward=True)),
        (direction("lstm", 6, 3), direction("gru-paper", 6, 4, backward=True)),
    )
    if variants:
        layers = (
            (direction("lstm-projection", WIDTH, 1, hidden=4), direction("rnn-elu", WIDTH, 2, backward=True)),
            (direction("gru-clip", 6, 3), direction("lstm-everything", 6, 4, backward=True, hidden=5)),
        )
    embedding, decoder = random.standard_normal((WORDS, WIDTH)), random.standard_normal((WORDS, 6))
    return Network(Vocabulary(tuple("abcde")), embedding, layers, decoder, random.standard_normal(WORDS))


IDS = np.array([[0, 3], [1, 1], [3, 3], [0, 1]])  # (T, B): words twice in a column and across, two never


def direct_gradients(network: Network) -> list[dict[str, Array]]:
    """Draw a gradient on every state of every direction, and on what the LSTMs write."""
    drawn = []
    for number, one in enumerate(each for layer in network.layers for each in layer):
        drawn.append(random_states(one.cell, (STEPS, BATCH), 70 + number))
        if one.cell.name == "LSTM":
            shape = (STEPS, BATCH, one.cell.hidden_size)
            drawn[-1]["write"] = np.random.default_rng(80 + number).standard_normal(shape)
    return drawn


def seen(trace: Trace, name: str) -> Array:
    """Return what a direct gradient acts on."""
    return trace.gates["i"] * trace.gates["g"] if name == "write" else trace.states[name][1:]


def loss_of(name: str, network: Network, d_logits: Array, direct: list[dict[str, Array]]) -> Callable[[Array], Array]:
    """Return the loss as a function of one parameter."""

    def loss(value: Array) -> Array:
        changed = network.with_parameters({**network.parameters, name: value})
        run = changed.run(IDS)
        total = (d_logits * changed.decode(run.outputs)).sum()
        for states, trace in zip(direct, [trace for layer in run.traces for trace in layer], strict=False):
            total = total + sum((gradient * seen(trace, state)).sum() for state, gradient in states.items())
        return np.array(total)

    return loss


@pytest.mark.parametrize("directions", [0, 2, 4])  # of how many directions the loss sees the states
@pytest.mark.parametrize("variants", [False, True])
def test_every_gradient_of_a_network_is_the_derivative(directions: int, variants: bool) -> None:
    network, d_logits = mixed_network(variants), np.random.default_rng(5).standard_normal((STEPS, BATCH, WORDS))
    direct = direct_gradients(network)[:directions]
    found = network.backward(network.run(IDS), d_logits, direct)
    expected = {
        name: complex_step(loss_of(name, network, d_logits, direct), value)
        for name, value in network.parameters.items()
    }
    assert len(expected) == 3 + 4 * 4 + 6 + 3 * variants
    assert_agree(found, expected)


def merged_network(merge: str) -> Network:
    """Return two layers whose directions become one vector."""
    network = mixed_network()
    lower, upper = (tuple(replace(way, merge=merge) for way in layer) for layer in network.layers)
    upper = tuple(
        replace(way, cell=random_cell(kind, 3, 3, 9)) for kind, way in zip(("lstm", "gru"), upper, strict=True)
    )
    return replace(network, layers=(lower, upper), decoder_weight=network.decoder_weight[:, :3])


@pytest.mark.parametrize("directions", [0, 4])
@pytest.mark.parametrize("merge", ["sum", "ave", "mul"])
def test_every_gradient_through_merged_directions_is_the_derivative(merge: str, directions: int) -> None:
    network, d_logits = merged_network(merge), np.random.default_rng(5).standard_normal((STEPS, BATCH, WORDS))
    direct = direct_gradients(network)[:directions]
    found = network.backward(network.run(IDS), d_logits, direct)
    expected = {
        name: complex_step(loss_of(name, network, d_logits, direct), value)
        for name, value in network.parameters.items()
    }
    assert_agree(found, expected)


@pytest.mark.parametrize("merge", ["sum", "ave", "mul"])
def test_merged_directions_of_different_widths_are_refused(merge: str) -> None:
    layer = (replace(direction("gru", WIDTH, 1), merge=merge), direction("lstm", WIDTH, 2, backward=True, hidden=4))
    with pytest.raises(ShapeError, match=f"merge {merge}: expected directions of one width, got 3 and 4"):
        replace(mixed_network(), layers=(layer,))


def test_words_that_are_not_in_the_text_get_no_gradient_and_the_others_get_all_of_theirs() -> None:
    network, d_logits = mixed_network(), np.ones((STEPS, BATCH, WORDS))
    gradient = network.backward(network.run(IDS), d_logits)["embedding.weight"]
    assert (gradient[[2, 4]] == 0).all()
    assert (gradient[[0, 1, 3]] != 0).all()


def test_single_precision_stays_single_in_a_network() -> None:
    network, d_logits = mixed_network().astype("float32"), np.ones((STEPS, BATCH, WORDS), "float32")
    run = network.run(IDS)
    computed = [run.outputs, network.decode(run.outputs), *network.backward(run, d_logits).values()]
    computed += [state for layer in run.traces for trace in layer for state in trace.states.values()]
    assert {array.dtype for array in computed} == {np.dtype("float32")}
