"""Padding is skipped as Keras skips it: outputs of every step, and the answer, against Keras itself."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import UsageError
from lstm_ascii.masks import Mask
from lstm_ascii.reports.accuracy.report import accuracy_report
from lstm_ascii.reports.material import Material
from lstm_ascii.reports.verify import verify_report
from lstm_ascii.sources import Source

IDS = np.array([[0, 0, 3, 4, 5, 6, 7], [0, 1, 2, 0, 4, 0, 0], [1, 2, 3, 4, 5, 6, 7]])


@pytest.fixture
def keras() -> Any:
    pytest.importorskip("torch")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras")


def saved(keras: Any, tmp_path: Path, *layers: Any) -> tuple[Any, Path]:
    """Save a model with weights that all differ."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, random = keras.Sequential(list(layers)), np.random.default_rng(0)
        for weight in model.weights:
            weight.assign(random.standard_normal(weight.shape))
        model.save(tmp_path / "model.keras")
    return model, tmp_path / "model.keras"


def computed(keras: Any, model: Any, x: Array) -> Array:
    """Return what Keras gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Array = keras.ops.convert_to_numpy(model(x))
    return found


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("depth", [1, 2])
def test_every_step_is_that_of_keras(keras: Any, both: bool, depth: int, tmp_path: Path) -> None:
    part = keras.layers
    recurrent = [part.GRU(4, return_sequences=True) for _ in range(depth)]
    ways = [part.Bidirectional(layer) if both else layer for layer in recurrent]
    words = part.Embedding(11, 5, mask_zero=True)
    model, path = saved(keras, tmp_path, keras.Input((None,), dtype="int32"), words, *ways)
    np.savez(tmp_path / "r.npz", ids=IDS, output=computed(keras, model, IDS))
    report = verify_report(Source(model=str(path)), str(tmp_path / "r.npz"))
    assert report.passed, report.compared


def test_vectors_of_a_masked_value_are_skipped(keras: Any, tmp_path: Path) -> None:
    part = keras.layers
    model, path = saved(
        keras, tmp_path, keras.Input((None, 2)), part.Masking(-1.0), part.LSTM(3, return_sequences=True)
    )
    x = np.random.default_rng(1).standard_normal((2, 6, 2)).astype("f4")
    x[0, :2] = x[1, 3] = x[1, 5] = -1
    x[0, 4, 0] = -1  # one number alone masks nothing
    np.savez(tmp_path / "r.npz", x=x, output=computed(keras, model, x))
    report = verify_report(Source(model=str(path)), str(tmp_path / "r.npz"))
    assert report.passed, report.compared


WAYS = ("both", "forward", "backward", "forward, zeros")


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("ways", WAYS)
def test_the_answer_to_a_padded_sentence_is_that_of_keras(keras: Any, ways: str, pooling: str, tmp_path: Path) -> None:
    part = keras.layers
    recurrent = part.LSTM(4, return_sequences=pooling != "last", go_backwards=ways == "backward",
                          zero_output_for_mask="zeros" in ways)  # fmt: skip
    recurrent = part.Bidirectional(recurrent) if ways == "both" else recurrent
    pools = {"mean": part.GlobalAveragePooling1D, "max": part.GlobalMaxPooling1D}
    pooled = [pools[pooling]()] if pooling in pools else []
    layers = [part.Embedding(11, 5, mask_zero=True), recurrent, *pooled, part.Dense(3, "softmax")]
    model, path = saved(keras, tmp_path, keras.Input((None,), dtype="int32"), *layers)
    expected = computed(keras, model, IDS)
    network = load_network(path)
    assert network.head is not None
    for ids, answer in zip(IDS, expected, strict=True):
        if network.loses_to_padding(ids != 0):  # that of Keras is made of something else than what was read
            with pytest.raises(UsageError, match="leave the padding out"):
                Material(tuple(network.vocabulary.words[k] for k in ids)).without_padding(network)
            assert (ways, pooling) in (("backward", "mean"), ("forward, zeros", "last"))
            continue
        material = Material(tuple(network.vocabulary.words[k] for k in ids)).without_padding(network)
        assert material.skipped == (ids == 0).sum()
        head = material.reader(network).head
        assert head is not None
        np.testing.assert_allclose(head(material.run(network).outputs)[0], answer, 2e-5)
    with pytest.raises(UsageError, match="skips all of it as padding"):
        Material(("#0", "#0")).without_padding(network)


def test_skipped_steps_are_filled_with_the_output_before_them_or_zeros() -> None:
    outputs, kept = np.array([[1.0], [2.0]]), np.array([False, True, False, True, False])
    assert Mask(entry=0).filled(outputs, kept, backward=False)[:, 0].tolist() == [0, 1, 1, 2, 2]
    assert Mask(entry=0).filled(outputs, kept, backward=True)[:, 0].tolist() == [1, 1, 2, 2, 0]
    assert Mask(entry=0, zeros=True).filled(outputs, kept, backward=False)[:, 0].tolist() == [0, 1, 0, 2, 0]


def test_a_table_of_padded_rows_is_answered_as_keras_answers_it(keras: Any, tmp_path: Path) -> None:
    """Rows of which padding counts in the largest output, and rows of which it doesn't, in one table."""
    part = keras.layers
    layers = [part.Embedding(11, 5, mask_zero=True), part.LSTM(4, return_sequences=True), part.GlobalMaxPooling1D(),
              part.Dense(1)]  # fmt: skip
    model, path = saved(keras, tmp_path, keras.Input((None,), dtype="int32"), *layers)
    values = computed(keras, model, IDS)
    np.savez(tmp_path / "table.npz", X=IDS, y=values)
    report = accuracy_report(str(tmp_path / "table.npz"), Source(model=str(path)))
    assert report.errors[0].rmse < 1e-5
