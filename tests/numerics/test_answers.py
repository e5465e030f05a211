"""Answers of every kind: their values by their definitions, their gradients against complex steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.answer import ENDINGS, POOLINGS, Answer, Dense, Squash
from lstm_ascii.cells import Array
from lstm_ascii.errors import ShapeError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from tests.numerics.complex_step import assert_agree, slope
from tests.numerics.random_cells import random_cell, random_states

STEPS, BATCH, INPUTS, UNITS = 4, 2, 3, 3
CHAINS = [(), ("relu",), ("tanh", "elu")]  # functions of the layers below the last


def answer(pooling: str, chain: tuple[str, ...], squash: str, ahead: str = "linear", outputs: int = 3) -> Answer:
    """Draw an answer to the outputs of two directions."""
    random, width, layers = np.random.default_rng(7), 2 * UNITS, []
    for number, function in enumerate([*chain, squash]):
        rows = outputs if number == len(chain) else 4 + number
        weight, bias = random.standard_normal((rows, width)), random.standard_normal(rows)
        layers.append(Dense(weight, bias, Squash.named(function)))
        width = rows
    return Answer(pooling, tuple(layers), Squash.named(ahead), split=UNITS)


def network(head: Answer) -> Network:
    """Return two layers in both directions, below an answer."""
    layers = []
    for number, kind in enumerate(("gru", "lstm")):
        cells = [random_cell(kind, (INPUTS, 2 * UNITS)[number], UNITS, 10 * number + way) for way in (0, 1)]
        layers.append(tuple(Direction(c, random_states(c, (), 50 + n), n == 1) for n, c in enumerate(cells)))
    nothing = np.zeros((0, 2 * UNITS))
    return Network(Vocabulary(()), np.zeros((0, INPUTS)), tuple(layers), nothing, np.zeros(0), head=head)


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("squash", ["linear", "sigmoid", "softmax"])
def test_every_gradient_of_an_answer_is_the_derivative(pooling: str, chain: tuple[str, ...], squash: str) -> None:
    check(answer(pooling, chain, squash))


def test_the_largest_beside_padding_has_its_gradient() -> None:
    head = replace(answer("max", ("relu",), "linear"), padded=True)
    outputs = network(head).run_vectors(np.random.default_rng(3).standard_normal((STEPS, BATCH, INPUTS))).outputs
    assert (head.pooled(outputs) == np.maximum(outputs.max(axis=0), 0)).all()
    assert (outputs.max(axis=0) < 0).any()  # so zeros do count
    check(head)


@pytest.mark.parametrize("squash", ENDINGS)
def test_every_last_function_has_its_slope(squash: str) -> None:
    check(answer("last", ("softsign",), squash, ahead="tanh"))


def check(head: Answer) -> None:
    """Hold all gradients of a weighted sum of the answer against complex steps, each along a random direction."""
    model, x = network(head), np.random.default_rng(3).standard_normal((STEPS, BATCH, INPUTS))
    run = model.run_vectors(x)
    weights = np.random.default_rng(4).standard_normal(head(run.outputs).shape)

    def loss_of(name: str) -> Callable[[Array], Array]:
        def loss(value: Array) -> Array:
            changed = model.with_parameters({**model.parameters, name: value})
            assert changed.head is not None
            return np.array((weights * changed.head(changed.run_vectors(x).outputs)).sum())

        return loss

    d_sums = head.squash.backward(head.sums(run.outputs), weights)
    found = model.backward(run, d_sums)
    parameters = {name: value for name, value in model.parameters.items() if value.size}
    assert len(parameters) == 2 * 2 * 4 + 6 + 2 * len(head.layers)
    assert all(found[name].shape == value.shape for name, value in parameters.items())
    ways = {name: np.random.default_rng(5).standard_normal(value.shape) for name, value in parameters.items()}
    expected = {name: slope(loss_of(name), value, ways[name]) for name, value in parameters.items()}
    assert_agree({name: np.array((found[name] * way).sum()) for name, way in ways.items()}, expected, 1e-9)


def test_pooling_is_what_its_name_says() -> None:
    outputs = np.random.default_rng(1).standard_normal((5, 2, 2 * UNITS))
    expected = {
        "each": outputs, "last": outputs[4], "first": outputs[0], "mean": outputs.mean(0), "max": outputs.max(0),
        "ends": np.concatenate([outputs[4, :, :UNITS], outputs[0, :, UNITS:]], -1),
    }  # fmt: skip
    for pooling in POOLINGS:
        np.testing.assert_array_equal(answer(pooling, (), "linear").pooled(outputs), expected[pooling])


def test_a_language_model_is_one_case() -> None:
    model = network(answer("each", (), "linear"))
    words = ("a", "b", "c")
    head = model.head
    assert head is not None
    language = Network(Vocabulary(words), np.eye(3), model.layers, head.layers[0].weight, head.layers[0].bias)
    told, run = language.answer, language.run(np.array([[0], [2], [1]]))
    assert told is not None
    assert (told.kind, told.pooling, told.labels) == ("next words", "each", words)
    np.testing.assert_array_equal(told.sums(run.outputs), language.decode(run.outputs))
    np.testing.assert_allclose(told(run.outputs).sum(-1), 1, rtol=1e-15)


@pytest.mark.parametrize(
    ("pooling", "squash", "outputs", "kind"),
    [("each", "softmax", 3, "tags"), ("last", "softmax", 3, "classes"), ("mean", "sigmoid", 1, "classes"),
     ("max", "sigmoid", 3, "labels"), ("last", "linear", 1, "values"), ("each", "relu", 2, "values")],
)  # fmt: skip
def test_what_the_outputs_are_follows_from_pooling_and_last_function(
    pooling: str, squash: str, outputs: int, kind: str
) -> None:
    assert answer(pooling, (), squash, outputs=outputs).kind == kind


def test_a_softmax_of_huge_numbers_is_one_and_log_softmax_its_logarithm() -> None:
    sums = np.array([[1e4, 0.0, -1e4], [1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(Squash("softmax")(sums)[0], [1, 0, 0])
    np.testing.assert_allclose(Squash("log_softmax")(sums)[1], np.log(Squash("softmax")(sums)[1]), rtol=1e-14)


def test_parts_that_do_not_fit_are_refused() -> None:
    good = answer("last", (), "softmax")
    with pytest.raises(ShapeError, match="expected 3 labels, as many as the network has outputs, got 2"):
        Answer(good.pooling, good.layers, labels=("negative", "positive"))
    with pytest.raises(ShapeError, match="dense layer 2: expected 6 inputs, got 3"):
        Answer("last", (*good.layers, *good.layers))
    with pytest.raises(ShapeError, match="answer: expected 3 inputs, got 6"):
        Network(Vocabulary(()), np.zeros((0, 3)), ((Direction(random_cell("gru", 3, 3, 1)),),), np.zeros((0, 3)),
                np.zeros(0), head=good)  # fmt: skip


@pytest.mark.parametrize(
    ("squash", "outputs", "labels", "names"),
    [("sigmoid", 1, ("negative", "positive"), ("negative", "positive")),
     ("sigmoid", 1, ("spam",), ("not spam", "spam")),
     ("sigmoid", 1, (), ("#0", "#1")), ("softmax", 3, (), ("#0", "#1", "#2")), ("linear", 1, (), ("y",)),
     ("linear", 2, (), ("y0", "y1")), ("linear", 2, ("low", "high"), ("low", "high"))],
)  # fmt: skip
def test_outputs_have_the_names_that_were_given_else_numbers_from_0(
    squash: str, outputs: int, labels: tuple[str, ...], names: tuple[str, ...]
) -> None:
    drawn = answer("last", (), squash, outputs=outputs)
    assert Answer("last", drawn.layers, labels=labels).names == names
