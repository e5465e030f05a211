"""``look`` on Keras models: what each layer read with its mask and state, and ours beside what it gave."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras", reason="needs Keras")

from lstm_ascii import look  # noqa: E402
from lstm_ascii.errors import UsageError  # noqa: E402

layers = keras.layers
pytestmark = pytest.mark.filterwarnings("ignore")  # Keras' own
IDS = np.array([[3, 1, 4, 1, 5, 0, 0], [2, 7, 1, 8, 2, 8, 1]])
SERIES = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")


def classifier() -> Any:
    front = [layers.Embedding(10, 6, mask_zero=True), layers.Bidirectional(layers.LSTM(5, return_sequences=True))]
    return keras.Sequential([*front, layers.GRU(4), layers.Dense(3, activation="softmax")])


def convolutional() -> Any:
    front = [layers.Conv1D(4, 3, padding="causal"), layers.BatchNormalization()]
    middle = [layers.GRU(5, return_sequences=True, reset_after=False), layers.SimpleRNN(4, activation="relu")]
    return keras.Sequential([*front, *middle, layers.Dense(1)])


def backwards() -> Any:
    odd = layers.LSTM(4, go_backwards=True, return_sequences=True, recurrent_activation="hard_sigmoid", use_bias=False)
    return keras.Sequential([odd, layers.RNN(layers.GRUCell(3)), layers.Dense(1)])


def encoder_decoder() -> Any:
    """The last states of one layer start the other; a model within a model; a bidirectional sum."""
    source = keras.Input((None, 3))
    _, h, c = layers.LSTM(4, return_state=True, name="encoder")(source)
    steps = layers.LSTM(4, return_sequences=True, name="decoder")(source, initial_state=[h, c])
    inner = keras.Sequential(
        [layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode="sum", name="both")], name="inner"
    )
    return keras.Model(source, layers.Dense(2)(inner(steps)))


class OwnClass(keras.Model):  # type: ignore[misc]
    """A class of somebody's own, whose layers are called in a loop of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.head = layers.GRU(4, return_state=True), layers.Dense(1)

    def call(self, series: Any) -> Any:
        last, state = self.rnn(series)
        for _ in range(3):
            last, state = self.rnn(last[:, None, :3], initial_state=state)
        return self.head(last)


CASES = [
    (classifier, IDS, ("bidirectional.forward_lstm", "bidirectional.backward_lstm", "gru")),
    (convolutional, SERIES, ("gru", "simple_rnn")),
    (backwards, SERIES, ("lstm", "rnn")),
    (encoder_decoder, SERIES, ("encoder", "decoder", "inner.both.forward_gru", "inner.both.backward_gru")),
    (OwnClass, SERIES, ("gru",)),
]


@pytest.mark.parametrize(("make", "given", "names"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_ours_are_the_layers_own_outputs(make: Callable[[], Any], given: Any, names: tuple[str, ...]) -> None:
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    model = make()
    expected = keras.ops.convert_to_numpy(model(given))
    seen = look(model, given)
    assert seen.framework == "Keras"
    assert [name.rpartition("/")[2] for name in seen.names] == list(names)
    assert seen.agrees
    assert seen.difference is not None
    assert seen.difference < 1e-6
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(seen.output), expected)
    assert all("call" not in vars(layer) for layer in model._flatten_layers())


def test_padding_has_no_step() -> None:
    keras.backend.clear_session()
    seen = look(classifier(), IDS, vocab=[f"w{number}" for number in range(10)])
    assert np.isnan(seen["gru"].gates["update"][5:, 0]).all()
    assert [step.word for step in seen.report().cells[-1].along] == ["w3", "w1", "w4", "w1", "w5"]


def test_a_layer_is_left_alone_when_the_model_fails() -> None:
    model = keras.Sequential([layers.GRU(4)])
    model(SERIES)

    def fails(given: Any) -> Any:
        model(given)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        look(model, SERIES, call=fails)
    assert all("call" not in vars(layer) for layer in model._flatten_layers())


def test_an_answer_is_pytorchs() -> None:
    model = keras.Sequential([layers.GRU(4)])
    with pytest.raises(UsageError, match="answer: is followed back by PyTorch"):
        look(model, SERIES, answer=lambda out: out[0, 0])
    with pytest.raises(UsageError, match="it holds Dense"):
        look(keras.Sequential([layers.Dense(4)]), SERIES)
