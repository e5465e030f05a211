"""Layers of Keras 1 and of CuDNN, which no Keras writes any more: read as their own code computed them.

The equations are those of https://github.com/keras-team/keras at 1.2.2 (``keras/layers/recurrent.py``) and 2.2.4
(``keras/engine/saving.py``, ``_convert_rnn_weights``), written out step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import examined, load_network
from lstm_ascii.errors import FileError
from tests.checkpoints.formats.keras_forms import GATES, KERAS, UNITS, WIDTH, apart, entry, hdf5, model_file

STEPS = 5
X = np.random.default_rng(7).normal(size=(STEPS, 2, WIDTH))


def hard(value: Array) -> Array:
    """The hard sigmoid of Keras 1 and 2."""
    return np.clip(0.2 * value + 0.5, 0, 1)


def sigmoid(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def keras_1(kind: str, arrays: dict[str, Array], x: Array) -> Array:
    """Return what a layer of Keras 1 gives, ``(T, B, H)``."""
    h = c = np.zeros((x.shape[1], UNITS))
    outputs = []
    for step in x:
        if kind == "RNN":
            h = np.tanh(step @ arrays["W"] + h @ arrays["U"] + arrays["b"])
            outputs.append(h)
            continue

        def gate(letter: str, x_t: Array = step, state: Array = h) -> Array:
            return x_t @ arrays[f"W_{letter}"] + state @ arrays[f"U_{letter}"] + arrays[f"b_{letter}"]

        if kind == "LSTM":
            c = hard(gate("f")) * c + hard(gate("i")) * np.tanh(gate("c"))
            h = hard(gate("o")) * np.tanh(c)
        else:
            z, r = hard(gate("z")), hard(gate("r"))
            h = z * h + (1 - z) * np.tanh(gate("h", state=r * h))
        outputs.append(h)
    return np.array(outputs)


def settings(**more: Any) -> dict[str, Any]:
    """Return the settings of a layer of Keras 1."""
    return {
        "output_dim": UNITS,
        "inner_activation": "hard_sigmoid",
        "activation": "tanh",
        "return_sequences": True,
    } | more


def check(content: bytes, folder: Path, expected: Array) -> None:
    """Check that a file's network gives ``expected``, and that every array is used."""
    path = folder / "model.h5"
    path.write_bytes(content)
    np.testing.assert_allclose(load_network(path).run_vectors(X).outputs, expected, rtol=1e-6, atol=1e-7)
    contents = read_contents(path)
    used = examined(contents, None, Hints()).recognised.used
    assert {origin for name in used for origin in contents.origins.get(name, {name})} == set(contents.tensors)


@pytest.mark.parametrize("end", ["", ":0"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_layer_of_keras_1_has_an_array_a_gate(kind: str, end: str, tmp_path: Path) -> None:
    arrays = apart(np.random.default_rng(1), kind)
    layers = [entry(KERAS[kind], "l_1", **settings())]
    stored = {f"l_1/l_1_{name}{end}": value for name, value in arrays.items()}
    check(
        model_file({"class_name": "Sequential", "config": layers}, stored, "1.2.2"), tmp_path, keras_1(kind, arrays, X)
    )


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_layer_of_keras_1_for_the_gpu_has_its_gates_side_by_side(kind: str, tmp_path: Path) -> None:
    arrays = apart(np.random.default_rng(2), kind)
    order = {"LSTM": "ifco", "GRU": "zrh"}[kind]
    stored = {
        f"l/l_{letter}": np.concatenate([arrays[f"{letter}_{gate}"] for gate in order], axis=-1) for letter in "WUb"
    }
    layers = [entry(KERAS[kind], "l", **settings(consume_less="gpu"))]
    check(
        model_file({"class_name": "Sequential", "config": layers}, stored, "1.2.2"), tmp_path, keras_1(kind, arrays, X)
    )


def test_both_directions_of_keras_1_are_told_by_their_names(tmp_path: Path) -> None:
    forward, backward = (apart(np.random.default_rng(seed), "LSTM") for seed in (3, 4))
    layer = entry("Bidirectional", "b", layer=entry("LSTM", "l_1", **settings()), merge_mode="concat")
    stored = {f"b/forward_l_1_{name}": value for name, value in forward.items()}
    stored |= {f"b/backward_l_1_{name}": value for name, value in backward.items()}
    expected = [keras_1("LSTM", forward, X), keras_1("LSTM", backward, X[::-1])[::-1]]
    content = model_file({"class_name": "Sequential", "config": [layer]}, stored, "1.2.2")
    check(content, tmp_path, np.concatenate(expected, axis=-1))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_weights_of_keras_1_without_their_model_are_read_as_well(kind: str, tmp_path: Path) -> None:
    arrays = apart(np.random.default_rng(5), kind)
    path = tmp_path / "weights.h5"
    path.write_bytes(hdf5(lambda out: [out.create_dataset(f"l_1/l_1_{name}", data=a) for name, a in arrays.items()]))
    network = load_network(path)
    np.testing.assert_allclose(network.run_vectors(X).outputs, keras_1(kind, arrays, X), rtol=1e-6, atol=1e-7)
    assert "tanh and hard_sigmoid, as Keras has it" in network.source


def test_a_gate_that_is_missing_is_named(tmp_path: Path) -> None:
    arrays = apart(np.random.default_rng(1), "LSTM")
    layers = [entry("LSTM", "l", **settings())]
    for change, says in (
        ({"U_f": None}, "LSTM l, of Keras 1: its U_f is missing"),
        ({"W_o": np.zeros((9, UNITS), np.float32)}, r"LSTM l, of Keras 1: its gates have shapes \(3, 4\) and \(9, 4\)"),
        ({"b_i": np.zeros((), np.float32)}, r"LSTM l, of Keras 1: its gates have shapes \(\) and \(\)"),
    ):
        stored = {f"l/l_{name}": value for name, value in (arrays | change).items() if value is not None}
        path = tmp_path / "model.h5"
        path.write_bytes(model_file({"class_name": "Sequential", "config": layers}, stored, "1.2.2"))
        with pytest.raises(FileError, match=says):
            load_network(path)


def cudnn_arrays(kind: str, seed: int) -> dict[str, Array]:
    """Return the arrays of a layer of CuDNN's."""
    draw, rows = np.random.default_rng(seed), GATES[kind] * UNITS
    shapes: dict[str, tuple[int, ...]] = {
        "kernel": (WIDTH, rows),
        "recurrent_kernel": (UNITS, rows),
        "bias": (2 * rows,),
    }
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def cudnn(kind: str, arrays: dict[str, Array], x: Array) -> Array:
    """Return what a layer of CuDNN's gives: each gate's matrix is kept turned, and has two biases."""
    gates = GATES[kind]
    kernels = [part.ravel().reshape(UNITS, WIDTH).T for part in np.hsplit(arrays["kernel"], gates)]  # (H, D) in memory
    states = [part.T for part in np.hsplit(arrays["recurrent_kernel"], gates)]
    biases = arrays["bias"].reshape(2, gates, UNITS)
    h = c = np.zeros((x.shape[1], UNITS))
    outputs = []
    for step in x:
        given = [step @ kernel + bias for kernel, bias in zip(kernels, biases[0], strict=True)]
        kept = [h @ kernel + bias for kernel, bias in zip(states, biases[1], strict=True)]
        if kind == "LSTM":
            i, f, g, o = (a + b for a, b in zip(given, kept, strict=True))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            z, r = sigmoid(given[0] + kept[0]), sigmoid(given[1] + kept[1])
            h = z * h + (1 - z) * np.tanh(given[2] + r * kept[2])
        outputs.append(h)
    return np.array(outputs)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_layer_of_cudnn_is_read_as_keras_converts_it(kind: str, tmp_path: Path) -> None:
    arrays = cudnn_arrays(kind, 1)
    layers = [entry(f"CuDNN{kind}", "l", units=UNITS, return_sequences=True)]
    stored = {f"l/l/{name}:0": value for name, value in arrays.items()}
    content = model_file({"class_name": "Sequential", "config": {"layers": layers}}, stored, "2.2.4")
    check(content, tmp_path, cudnn(kind, arrays, X))
    parts = examined(read_contents(tmp_path / "model.h5"), None, Hints()).recognised
    assert parts.parameters == sum(value.size for value in arrays.values()), "both biases count"


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_both_directions_of_cudnn_are_read(kind: str, tmp_path: Path) -> None:
    forward, backward = cudnn_arrays(kind, 2), cudnn_arrays(kind, 3)
    layer = entry("Bidirectional", "b", layer=entry(f"CuDNN{kind}", "l", units=UNITS), merge_mode="sum")
    stored = {f"b/b/forward_l/{name}:0": value for name, value in forward.items()}
    stored |= {f"b/b/backward_l/{name}:0": value for name, value in backward.items()}
    content = model_file({"class_name": "Sequential", "config": {"layers": [layer]}}, stored, "2.2.4")
    check(content, tmp_path, cudnn(kind, forward, X) + cudnn(kind, backward, X[::-1])[::-1])


HOSTILE: dict[str, tuple[Callable[[dict[str, Array]], Any], str]] = {
    "a bias too short": (lambda arrays: arrays.update(bias=np.zeros(7)), r"CuDNNLSTM l: bias: expected two for each"),
    "a bias with two axes": (lambda arrays: arrays.update(bias=np.zeros((2, 16))), r"bias: expected two for each"),
    "a kernel with one axis": (lambda arrays: arrays.update(kernel=np.zeros(16)), r"kernel: expected two dimensions"),
    "gates that don't fit": (lambda arrays: arrays.update(kernel=np.zeros((3, 15))), r"4 gates, got shape \(3, 15\)"),
    "no square": (
        lambda arrays: arrays.update(recurrent_kernel=np.zeros((5, 16))),
        r"recurrent_kernel: expected 4 gates of 5, got shape \(5, 16\)",
    ),
    "no bias": (lambda arrays: arrays.pop("bias"), "LSTM l: its bias is missing"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_arrays_of_cudnn_that_do_not_fit_are_refused_by_name(case: str, tmp_path: Path) -> None:
    change, says = HOSTILE[case]
    arrays: dict[str, Array] = cudnn_arrays("LSTM", 1)
    change(arrays)
    stored = {f"l/l/{name}:0": value for name, value in arrays.items()}
    layers = [entry("CuDNNLSTM", "l", units=UNITS)]
    path = tmp_path / "model.h5"
    path.write_bytes(model_file({"class_name": "Sequential", "config": {"layers": layers}}, stored, "2.2.4"))
    with pytest.raises(FileError, match=says) as error:
        load_network(path)
    assert "\n" not in str(error.value)


def test_a_bias_that_holds_no_real_numbers_is_named(tmp_path: Path) -> None:
    arrays: dict[str, Array] = cudnn_arrays("LSTM", 1) | {"bias": np.zeros(16, np.float32)}
    path = tmp_path / "weights.h5"

    def fill(out: Any) -> None:
        for name, value in arrays.items():
            out[f"l/l/lstm_cell/{name}:0"] = value
        out["e/e/embeddings:0"] = np.zeros((9, WIDTH), np.float32)
        out["dense/dense/kernel:0"], out["dense/dense/bias:0"] = np.zeros((UNITS, 9), np.float32), np.zeros(9, bool)

    path.write_bytes(hdf5(fill))
    with pytest.raises(FileError, match="dense/bias: expected 9 real numbers, got bool"):
        load_network(path)
