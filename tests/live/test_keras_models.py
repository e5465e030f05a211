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


@pytest.fixture(autouse=True)
def _numbered_anew() -> None:
    keras.utils.clear_session()  # else layers are numbered on from test to test


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


def test_a_model_that_is_not_built_is_built_first_and_its_layers_called_once() -> None:
    seen = look(OwnClass(), SERIES)
    assert seen.names == ("gru",)
    assert seen["gru"].x.shape == (10, 2, 3)


def test_padding_has_no_step() -> None:
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


def _answer(out: Any) -> Any:
    return keras.ops.sum(out * out) + keras.ops.sum(out[..., 0])


def _bias_gradient(cell: Any) -> np.ndarray:
    """Return the gradient on the bias of one gate, from those that are shown at every step."""
    if "forget" in cell.gates or "update" in cell.gates:
        name = "forget" if "forget" in cell.gates else "update"
        gate = cell.gates[name]
        felt = cell.d_gates[name] * gate * (1 - gate)
    else:
        felt = cell.d_h * (cell.h > 0)  # of a plain RNN with relu
    return np.nansum(felt, axis=(0, 1))


@pytest.mark.parametrize(
    ("make", "given"), [case[:2] for case in CASES], ids=lambda value: getattr(value, "__name__", "")
)
def test_an_answer_has_keras_own_gradient(make: Callable[[], Any], given: Any) -> None:
    """That on a bias is the sum over all steps and sequences of what is shown of them."""
    if keras.backend.backend() != "torch":
        pytest.skip("needs Keras on PyTorch")
    import torch

    model = make()
    seen = look(model, given, answer=_answer)
    assert seen.agrees
    biased = [layer for layer in model._flatten_layers()
              if isinstance(layer, layers.RNN) and layer.cell.bias is not None]  # fmt: skip
    wholes = torch.autograd.grad(_answer(model(given)), [layer.cell.bias.value for layer in biased])
    for layer, whole in zip(biased, wholes, strict=True):
        cells = [cell for cell in seen if cell.name.split("#")[0].split(".")[-1] == layer.name]
        units, place = layer.cell.units, 1 if "forget" in cells[0].gates else 0  # Keras' order: i f c o; z r h
        ours = sum(_bias_gradient(cell) for cell in cells)
        flat = whole.detach().numpy().reshape(-1, whole.shape[-1])[0]
        np.testing.assert_allclose(ours, flat[place * units : (place + 1) * units], rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("backward", [False, True])
def test_gradients_on_skipped_steps_are_those_of_what_stands_there(zeros: bool, backward: bool) -> None:
    if keras.backend.backend() != "torch":
        pytest.skip("needs Keras on PyTorch")
    import torch

    layer = layers.LSTM(3, return_sequences=True, go_backwards=backward, zero_output_for_mask=zeros)
    model = keras.Sequential([layers.Embedding(10, 4, mask_zero=True), layer])
    ids = np.array([[0, 3, 0, 4, 5, 0, 0], [2, 7, 1, 8, 2, 8, 1]])
    weights = np.random.default_rng(1).normal(size=(2, 7, 3)).astype("float32")

    def answer(out: Any) -> Any:
        return (out * torch.tensor(weights)).sum()

    seen = look(model, ids, answer=answer)
    (whole,) = torch.autograd.grad(answer(model(ids)), [layer.cell.bias.value])
    np.testing.assert_allclose(_bias_gradient(seen.cells[0]), whole.detach().numpy()[3:6], rtol=2e-4, atol=2e-5)


def test_interventions_run_the_model_again() -> None:
    model = convolutional()
    seen = look(model, SERIES, answer=lambda out: out[1, 0])
    seen.sequence = 1
    moved = seen.influence("gru", "zero")
    assert moved.shape == (7,)
    vector = np.array([0.5, -1.0, 2.0, 0.0])
    changed = seen.changed("gru", 3, vector)
    x = seen["gru"].x.transpose(1, 0, 2).astype("float32").copy()
    x[1, 3] = vector
    _, _, gru, rnn, dense = model.layers
    expected = keras.ops.convert_to_numpy(dense(rnn(gru(x))))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(changed), expected, atol=1e-6)


def test_a_run_in_training_mode_leaves_no_trace() -> None:
    """Counts of a BatchNormalization and places of random numbers are as before, so that runs are alike."""
    front = [layers.BatchNormalization(), layers.Dropout(0.5, seed=3)]
    model = keras.Sequential([*front, layers.LSTM(4, stateful=True), layers.Dense(1)])
    model.build((2, 7, 3))
    before = [keras.ops.convert_to_numpy(value).copy() for value in model.variables]
    one, same = (look(model, SERIES, training=True) for _ in range(2))
    assert all(np.array_equal(keras.ops.convert_to_numpy(a), b) for a, b in zip(model.variables, before, strict=True))
    assert np.array_equal(one["lstm"].x, same["lstm"].x)


def test_what_can_not_be_followed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    model = keras.Sequential([layers.GRU(4)])
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(UsageError, match="followed back by PyTorch, and Keras runs on jax here"):
        look(model, SERIES, answer=lambda out: out[0, 0])
    with pytest.raises(UsageError, match="it holds Dense"):
        look(keras.Sequential([layers.Dense(4)]), SERIES)
