"""Forms in which Keras keeps recurrent layers, made by Keras on the spot: what is read gives what Keras gives."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import examined, load_network
from lstm_ascii.checkpoints.pieces import UndecidedError
from lstm_ascii.errors import FileError

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")
layers = keras.layers
pytestmark = pytest.mark.filterwarnings("ignore")  # of Keras about NumPy, and about its own older files

STEPS, WIDTH, WORDS = 7, 3, 11
X = np.random.default_rng(1).normal(size=(2, STEPS, WIDTH)).astype(np.float32)
IDS = np.random.default_rng(2).integers(0, WORDS, size=(2, STEPS))
BOTH = ("model.keras", "model.h5")


def sequential(*parts: Any, vectors: bool = True) -> Any:
    """Return a model that reads vectors, or words."""
    given = keras.Input((STEPS, WIDTH)) if vectors else keras.Input((STEPS,), dtype="int32")
    return shaken(keras.Sequential([given, *parts]))


def shaken(model: Any) -> Any:
    """Return a model whose every weight says something: biases are not zero."""
    draw = np.random.default_rng(3)
    for weight in model.weights:
        weight.assign(draw.uniform(0.2, 0.8, size=weight.shape) * draw.choice([-1, 1], size=weight.shape))
    return model


def given_by(model: Any, name: str, x: Array = X) -> Array:
    """Return what a layer of a model gives, ``(T, B, W)``."""
    inner = keras.Model(model.inputs, model.get_layer(name).output)
    return steps_first(inner([x] if len(model.inputs) == 1 else x))


def steps_first(value: Any) -> Array:
    found: Array = keras.ops.convert_to_numpy(value).swapaxes(0, 1)
    return found


def check(path: Path, expected: Array, x: Array = X, rnn: str = "", **roles: str) -> Any:
    """Check that a file's network gives ``expected`` for ``x``, vectors ``(B, T, D)`` or words ``(B, T)``."""
    network = load_network(path, hints=Hints(({"rnn": rnn} if rnn else {}) | roles))
    inputs = x.swapaxes(0, 1)
    run = network.run(inputs) if x.ndim == 2 else network.run_vectors(inputs.astype(float))
    np.testing.assert_allclose(run.outputs, expected, rtol=1e-4, atol=2e-6)
    return network


FORMS: dict[str, Callable[[], list[Any]]] = {
    "a model in a model": lambda: [
        keras.Sequential(
            [layers.LSTM(4, return_sequences=True), layers.GRU(5, return_sequences=True)], name="inner_model"
        )
    ],
    "a model in a model in a model": lambda: [
        keras.Sequential([keras.Sequential([layers.LSTM(4, return_sequences=True)]), layers.Dropout(0.5)]),
        layers.LSTM(2, return_sequences=True),
    ],
    "a functional model in a model": lambda: [functional()],
    "RNN of LSTMCell": lambda: [layers.RNN(layers.LSTMCell(4), return_sequences=True)],
    "RNN of GRUCell": lambda: [layers.RNN(layers.GRUCell(4), return_sequences=True)],
    "RNN of GRUCell, reset before": lambda: [layers.RNN(layers.GRUCell(4, reset_after=False), return_sequences=True)],
    "RNN of SimpleRNNCell": lambda: [layers.RNN(layers.SimpleRNNCell(4, activation="relu"), return_sequences=True)],
    "RNN without biases": lambda: [layers.RNN(layers.LSTMCell(4, use_bias=False), return_sequences=True)],
    "RNN of several cells": lambda: [
        layers.RNN([layers.LSTMCell(4), layers.LSTMCell(5), layers.GRUCell(3)], return_sequences=True)
    ],
    "RNN of one cell in a list": lambda: [layers.RNN([layers.LSTMCell(4)], return_sequences=True)],
    "both directions of an RNN": lambda: [
        layers.Bidirectional(layers.RNN(layers.LSTMCell(4), return_sequences=True)),
        layers.LSTM(2, return_sequences=True),
    ],
    **{
        f"{merge} of both directions": lambda merge=merge: [  # type: ignore[misc]
            layers.Bidirectional(layers.LSTM(4, return_sequences=True), merge_mode=merge),
            layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode=merge),
        ]
        for merge in ("concat", "sum", "ave", "mul")
    },
    **{
        f"activation {name}": lambda name=name: [  # type: ignore[misc]
            layers.LSTM(4, activation=name, return_sequences=True),
            layers.GRU(3, activation=name, return_sequences=True),
            layers.SimpleRNN(3, activation=name, return_sequences=True),
        ]
        for name in ("selu", "silu", "swish", "gelu", "elu", "softplus", "softsign", "hard_sigmoid", "leaky_relu")
    },
    "RNN of cells between layers": lambda: [
        layers.LSTM(4, return_sequences=True),
        layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)], return_sequences=True),
        layers.LSTM(2, return_sequences=True),
    ],
}


def functional() -> Any:
    """Return a model of the functional kind."""
    given = keras.Input((STEPS, WIDTH))
    return keras.Model(given, layers.LSTM(4, return_sequences=True)(layers.Dropout(0.1)(given)), name="inner")


@pytest.mark.parametrize("file", BOTH)
@pytest.mark.parametrize("form", FORMS)
def test_a_model_gives_what_keras_gives(form: str, file: str, tmp_path: Path) -> None:
    model = sequential(*FORMS[form]())
    model.save(tmp_path / file)
    check(tmp_path / file, steps_first(model(X)))
    contents = read_contents(tmp_path / file)
    assert examined(contents, None, Hints()).recognised.used == set(contents.tensors), "every weight is used"


@pytest.mark.parametrize("backward", [False, True])
def test_cells_that_go_backwards_turn_the_steps_round_once(backward: bool, tmp_path: Path) -> None:
    cells = [layers.LSTMCell(4), layers.LSTMCell(5)]
    model = sequential(layers.RNN(cells, return_sequences=True, go_backwards=backward))
    model.save(tmp_path / "model.keras")
    theirs = steps_first(model(X))
    check(tmp_path / "model.keras", theirs[::-1] if backward else theirs)


BETWEEN: dict[str, Callable[[], Any]] = {
    "BatchNormalization": layers.BatchNormalization,
    "LayerNormalization": layers.LayerNormalization,
    "Reshape": lambda: layers.Reshape((STEPS * 2, 2)),
    "Dense": lambda: layers.Dense(4),
    "Activation": lambda: layers.Activation("relu"),
    "Lambda": lambda: layers.Lambda(lambda value: value * 2),
    "MaxPooling1D": layers.MaxPooling1D,
}


@pytest.mark.parametrize("file", BOTH)
@pytest.mark.parametrize("kind", BETWEEN)
def test_what_stands_between_two_layers_leaves_each_to_be_read_on_its_own(kind: str, file: str, tmp_path: Path) -> None:
    lower = layers.LSTM(4, return_sequences=True, name="lower")
    upper = layers.GRU(5, return_sequences=True, name="upper")
    between = BETWEEN[kind]()
    between.name = "between"
    model, path = sequential(lower, between, upper), tmp_path / file
    model.save(path)
    with pytest.raises(
        UndecidedError, match=rf"lower \(LSTM, .*; upper \(.*{kind} between behind lower\); choose with"
    ):
        load_network(path)
    check(path, given_by(model, "lower"), rnn="lower")
    check(path, given_by(model, "upper"), given_by(model, "between").swapaxes(0, 1), rnn="upper")


@pytest.mark.parametrize("file", BOTH)
def test_branches_that_join_are_read_one_by_one(file: str, tmp_path: Path) -> None:
    given = keras.Input((STEPS, WIDTH))
    low, side = (layers.LSTM(4, return_sequences=True, name=name) for name in ("low", "side"))
    joined = layers.Concatenate(name="join")([low(given), side(given)])
    attended = layers.Attention(name="attention")([joined, joined])
    top = layers.LSTM(5, return_sequences=True, name="top")(attended)
    model = shaken(keras.Model(given, layers.Add()([top, layers.LSTM(5, return_sequences=True, name="last")(top)])))
    path = tmp_path / file
    model.save(path)
    reads = "Attention attention, Concatenate join behind low and side"
    with pytest.raises(UndecidedError, match=rf"low \(.*; side \(.*; top, last \(LSTM, 8 to 5, reads {reads}\)"):
        load_network(path)
    for name in ("low", "side"):
        check(path, given_by(model, name), rnn=name)
    check(path, given_by(model, "last"), given_by(model, "attention").swapaxes(0, 1), rnn="top, last")


@pytest.mark.parametrize("file", BOTH)
def test_a_table_and_a_layer_that_are_used_twice_are_read_with_their_weights(file: str, tmp_path: Path) -> None:
    one, two = (keras.Input((STEPS,), dtype="int32", name=name) for name in ("one", "two"))
    table, twin = layers.Embedding(WORDS, WIDTH, name="table"), layers.LSTM(4, return_sequences=True, name="twin")
    other = layers.GRU(5, return_sequences=True, name="other")
    model = shaken(
        keras.Model([one, two], layers.Concatenate()([twin(table(one)), twin(table(two)), other(table(two))]))
    )
    path = tmp_path / file
    model.save(path)
    theirs = steps_first(model([IDS, IDS[::-1]]))
    check(path, theirs[..., :4], IDS, rnn="twin")
    check(path, theirs[..., 8:], IDS[::-1], rnn="other")
    with pytest.raises(FileError, match=r"several recurrent networks: twin \(LSTM, 3 to 4\); other \(GRU, 3 to 5\);"):
        load_network(path)


@pytest.mark.parametrize("merge", ["sum", "ave", "mul"])
def test_the_last_outputs_of_merged_directions_are_not_read_at_one_step(merge: str, tmp_path: Path) -> None:
    """That of the backward direction lies at the first step; what Keras merges there is of two steps."""
    part = layers.Bidirectional(layers.LSTM(4), merge_mode=merge)
    sequential(part, layers.Dense(2, activation="softmax")).save(tmp_path / "model.keras")
    network = load_network(tmp_path / "model.keras")
    assert network.answer is None
    assert f"no answer: it reads the {merge} of both directions' last outputs" in network.source


def test_the_state_of_a_layer_is_not_taken_for_its_outputs(tmp_path: Path) -> None:
    given = keras.Input((STEPS, WIDTH))
    _, _, memory = layers.LSTM(4, return_state=True, name="lstm")(given)
    shaken(keras.Model(given, layers.Dense(WIDTH)(memory))).save(tmp_path / "model.keras")
    network = load_network(tmp_path / "model.keras")
    assert not network.has_decoder
    assert "State lstm (state 2)" in network.source


WEIGHTS: dict[str, Callable[[], list[Any]]] = {
    "LSTM": lambda: [layers.LSTM(6, return_sequences=True)],
    "GRU": lambda: [layers.GRU(6, return_sequences=True)],
    "GRU, reset before": lambda: [layers.GRU(6, reset_after=False, return_sequences=True)],
    "RNN": lambda: [layers.SimpleRNN(6, return_sequences=True)],
    "two": lambda: [layers.LSTM(6, return_sequences=True), layers.LSTM(5, return_sequences=True)],
    "both directions": lambda: [layers.Bidirectional(layers.LSTM(4, return_sequences=True))],
    "cells": lambda: [layers.RNN(layers.LSTMCell(6), return_sequences=True)],
}


def subclassed(parts: list[Any]) -> Any:
    """Return a model of a class of its own."""

    class Mine(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.parts, self.head = layers.Embedding(WORDS, WIDTH), parts, layers.Dense(WORDS)

        def call(self, ids: Any) -> Any:
            value = self.table(ids)
            for part in self.parts:
                value = part(value)
            return self.head(value)

    model = Mine()
    model(IDS)
    return shaken(model)


@pytest.mark.parametrize("form", WEIGHTS)
@pytest.mark.parametrize("kind", ["sequential", "functional", "subclassed", "a whole model of a class of its own"])
def test_weights_without_their_model_are_read_with_its_words(form: str, kind: str, tmp_path: Path) -> None:
    parts = WEIGHTS[form]()
    if kind == "sequential":
        model = sequential(layers.Embedding(WORDS, WIDTH), *parts, layers.Dense(WORDS), vectors=False)
    elif kind == "functional":
        given = keras.Input((STEPS,), dtype="int32")
        value = layers.Embedding(WORDS, WIDTH)(given)
        for part in parts:
            value = part(value)
        model = shaken(keras.Model(given, layers.Dense(WORDS)(value)))
    else:
        model = subclassed(parts)
    path = tmp_path / ("model.keras" if kind.startswith("a whole") else "model.weights.h5")
    (model.save if kind.startswith("a whole") else model.save_weights)(path)
    theirs: Any = model.layers[0 if "class" in kind else -len(parts) - 2](IDS)
    for part in parts:
        theirs = part(theirs)
    network = check(path, steps_first(theirs), IDS)
    run = network.run(IDS.swapaxes(0, 1))
    np.testing.assert_allclose(network.decode(run.outputs), steps_first(model(IDS)), rtol=1e-4, atol=2e-5)
    assert "weights without their model: read from the first step to the last" in network.source


def test_a_model_that_lies_beside_its_weights_says_what_they_do(tmp_path: Path) -> None:
    """With ``model.to_json()`` under the same name nothing is assumed: here another activation, and backwards."""
    model = sequential(
        layers.LSTM(4, activation="elu", return_sequences=True, name="one"),
        layers.BatchNormalization(),
        layers.GRU(5, go_backwards=True, return_sequences=True, name="two"),
    )
    model.save_weights(tmp_path / "model.weights.h5")
    (tmp_path / "model.json").write_text(model.to_json())
    network = check(tmp_path / "model.weights.h5", given_by(model, "one"), rnn="one")
    assert "its model was read from model.json, beside it" in network.source
    between = given_by(model, model.layers[1].name).swapaxes(0, 1)
    check(tmp_path / "model.weights.h5", given_by(model, "two")[::-1], between, rnn="two")
    (tmp_path / "model.json").write_text(sequential(layers.SimpleRNN(4)).to_json())
    contents = read_contents(tmp_path / "model.weights.h5")
    assert contents.format == "Keras weights", "the model of other weights is left aside"


def test_of_weights_in_a_row_each_layer_is_read_by_its_own_name(tmp_path: Path) -> None:
    model = sequential(
        layers.LSTM(4, return_sequences=True, name="lower"),
        layers.BatchNormalization(name="between"),
        layers.LSTM(5, return_sequences=True, name="upper"),
    )
    model.save_weights(tmp_path / "model.weights.h5")
    between = given_by(model, "between").swapaxes(0, 1)
    check(tmp_path / "model.weights.h5", given_by(model, "upper"), between, rnn="lstm_1")


def test_a_class_of_one_s_own_with_the_name_of_one_of_keras_is_not_taken_for_it(tmp_path: Path) -> None:
    class LSTM(layers.LSTM):  # type: ignore[misc, name-defined]
        def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
            return 2 * super().call(sequences, initial_state, mask, training)

    sequential(LSTM(4, return_sequences=True)).save(tmp_path / "model.keras")
    with pytest.raises(FileError, match=r"LSTM lstm.* is of the module .*; only what comes with Keras can be read"):
        load_network(tmp_path / "model.keras")


@pytest.mark.parametrize("wrapper", ["Bidirectional", "TimeDistributed", ""])
def test_recurrent_layers_that_are_not_read_are_named(wrapper: str, tmp_path: Path) -> None:
    part: Any = layers.ConvLSTM2D(2, 3, return_sequences=True)
    given = keras.Input((STEPS, 4, 4, 1))
    if wrapper == "Bidirectional":
        part = layers.Bidirectional(part)
    elif wrapper == "TimeDistributed":
        part, given = layers.TimeDistributed(layers.LSTM(3)), keras.Input((STEPS, 4, WIDTH))
    model = keras.Sequential([given, part])
    named = {"Bidirectional": "Bidirectional of ConvLSTM2D", "TimeDistributed": "TimeDistributed of LSTM"}
    model.save(tmp_path / "model.keras")
    with pytest.raises(FileError, match=f"holds {named.get(wrapper, 'ConvLSTM2D')} layers, which are not read$"):
        load_network(tmp_path / "model.keras")
    if wrapper != "TimeDistributed":
        model.save_weights(tmp_path / "model.weights.h5")
        with pytest.raises(FileError, match=r"holds ConvLSTM \(.*\) layers, which are not read$"):
            load_network(tmp_path / "model.weights.h5")
