"""The answer, not the hidden state alone, is that of PyTorch, Keras and ONNX Runtime, for heads of every kind."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import UsageError

STEPS, INPUTS, UNITS = 6, 3, 4
RTOL = 2e-5
X = np.random.default_rng(0).standard_normal((STEPS, INPUTS)).astype("f4")
# pooling, functions of the dense layers, how many outputs, two directions
HEADS = [
    ("last", ("linear",), 1, False), ("last", ("relu", "linear"), 1, False), ("first", ("linear",), 2, False),
    ("last", ("relu", "tanh", "softmax"), 3, False), ("mean", ("sigmoid",), 1, False),
    ("max", ("relu", "softmax"), 4, False), ("each", ("softmax",), 5, False), ("each", ("relu", "linear"), 2, False),
    ("ends", ("relu", "softmax"), 3, True), ("mean", ("linear",), 2, True), ("max", ("tanh", "sigmoid"), 3, True),
    ("last", ("softmax",), 2, True), ("each", ("softmax",), 3, True), ("first", ("elu", "softmax"), 2, True),
]  # fmt: skip


def id_of(head: tuple[str, tuple[str, ...], int, bool]) -> str:
    return f"{head[0]}-{'-'.join(head[1])}-{head[2]}{'-both ways' * head[3]}"


def answer_of(path: Path, hints: Hints | None = None) -> Array:
    """Return our answer to :data:`X`, ``(n,)`` or ``(T, n)``."""
    network = load_network(path, hints=hints)
    assert network.head is not None, network.source
    found: Array = network.head(network.run_vectors(X[:, None].astype(float)).outputs)
    return found[:, 0] if network.head.pooling == "each" else found[0]


def torch_model(torch: Any, pooling: str, functions: tuple[str, ...], outputs: int, both: bool) -> Any:
    """Return a PyTorch module that reads ``(1, T, D)``."""
    nn = torch.nn
    layers = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "elu": nn.ELU, "linear": nn.Identity}

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(INPUTS, UNITS, batch_first=True, bidirectional=both)
            sizes = [UNITS * (1 + both), *(5 + n for n in range(len(functions) - 1)), outputs]
            for number, pair in enumerate(pairwise(sizes), 1):
                setattr(self, f"fc{number}", nn.Linear(*pair))
            self.functions = [nn.Softmax(-1) if name == "softmax" else layers[name]() for name in functions]

        def forward(self, x: Any) -> Any:
            y, (h, _) = self.rnn(x)
            if pooling == "ends":
                y = torch.cat([h[-2], h[-1]], dim=1)
            elif pooling != "each":
                y = {"last": lambda: y[:, -1], "first": lambda: y[:, 0], "mean": lambda: y.mean(1),
                     "max": lambda: y.max(1)[0] if both else torch.amax(y, 1)}[pooling]()  # fmt: skip
            for number, function in enumerate(self.functions, 1):
                y = function(getattr(self, f"fc{number}")(y))
            return y

    torch.manual_seed(1)
    return Model().eval()


@pytest.mark.parametrize("head", HEADS, ids=id_of)
def test_bare_tensors_of_pytorch_answer_as_pytorch_does(head: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pooling, functions, _, _ = head
    model = torch_model(torch, *head)
    torch.save(model.state_dict(), tmp_path / "model.pt")
    expected = model(torch.from_numpy(X[None])).detach().numpy()[0]
    found = answer_of(tmp_path / "model.pt", Hints(head=(pooling, *functions)))
    np.testing.assert_allclose(found, expected, RTOL, 1e-6)


@pytest.mark.parametrize("head", HEADS, ids=id_of)
def test_graphs_that_pytorch_exports_answer_as_onnx_runtime_does(head: Any, tmp_path: Path) -> None:
    torch, ort = pytest.importorskip("torch"), pytest.importorskip("onnxruntime")
    path = tmp_path / "model.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(torch_model(torch, *head), (torch.from_numpy(X[None]),), str(path), dynamo=False,
                          input_names=["x"], output_names=["y"])  # fmt: skip
    (expected,) = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"x": X[None]})
    np.testing.assert_allclose(answer_of(path), expected[0], RTOL, 1e-6)


def test_last_states_of_several_layers_are_told_apart(tmp_path: Path) -> None:
    """``h_n[-2]`` and ``h_n[-1]`` of two layers: in the graph the states of both stand one behind the other."""
    torch, ort = pytest.importorskip("torch"), pytest.importorskip("onnxruntime")

    class Model(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, picked: tuple[int, ...]) -> None:
            super().__init__()
            self.picked = picked
            self.rnn = torch.nn.LSTM(INPUTS, UNITS, 2, batch_first=True, bidirectional=True)
            self.fc = torch.nn.Linear(UNITS * len(picked), 3)

        def forward(self, x: Any) -> Any:
            h = self.rnn(x)[1][0]
            return self.fc(torch.cat([h[place] for place in self.picked], -1))

    own, lower = tmp_path / "own.onnx", tmp_path / "lower.onnx"
    for path, picked in ((own, (-2, -1)), (lower, (0, 1))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(Model(picked).eval(), (torch.from_numpy(X[None]),), str(path), dynamo=False,
                              input_names=["x"], output_names=["y"])  # fmt: skip
    (expected,) = ort.InferenceSession(str(own), providers=["CPUExecutionProvider"]).run(None, {"x": X[None]})
    np.testing.assert_allclose(answer_of(own), expected[0], RTOL, 1e-6)
    assert load_network(lower).head is None  # what reads the lower layer's states is no answer of the upper one


def test_a_function_behind_a_graph_can_be_said_and_no_other(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    heads: dict[str, Any] = {"logits": ("last", ("linear",), 3, False), "chances": ("last", ("softmax",), 3, False)}
    for name, head in heads.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(torch_model(torch, *head), (torch.from_numpy(X[None]),), str(tmp_path / name),
                              dynamo=False)  # fmt: skip
    said = answer_of(tmp_path / "logits", Hints(head=("softmax",)))
    np.testing.assert_allclose(said, answer_of(tmp_path / "chances"), RTOL, 1e-6)
    for name, functions, refused in (
        ("logits", ("last", "softmax"), "give only a function after the last one"),
        ("logits", ("sofmax",), "expected one of"),
        ("chances", ("softmax",), "already applies softmax to its answer; leave it out"),
    ):
        with pytest.raises(UsageError, match=refused):
            load_network(tmp_path / name, hints=Hints(head=functions))


def keras_layers(keras: Any, pooling: str, functions: tuple[str, ...], outputs: int, both: bool) -> Iterator[Any]:
    layers = keras.layers
    yield keras.Input((None, INPUTS))
    recurrent = layers.LSTM(UNITS, return_sequences=pooling in ("each", "mean", "max"))
    yield layers.Bidirectional(recurrent) if both else recurrent
    if pooling in ("mean", "max"):
        yield layers.GlobalAveragePooling1D() if pooling == "mean" else layers.GlobalMaxPooling1D()
    for number, function in enumerate(functions):
        rows = outputs if number == len(functions) - 1 else 5 + number
        if function == "relu":  # as a layer of its own, behind what is left out once training is over
            yield layers.Dense(rows)
            yield layers.BatchNormalization()
            yield layers.Activation("relu")
            yield layers.Dropout(0.3)
        elif pooling == "each":
            yield layers.TimeDistributed(layers.Dense(rows, activation=function))
        else:
            yield layers.Dense(rows, activation=function)


IN_KERAS = [head for head in HEADS if head[0] != "first" and (head[0], head[3]) != ("last", True)]


@pytest.mark.parametrize("head", IN_KERAS, ids=id_of)
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_models_of_keras_answer_as_keras_does(head: Any, suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("h5py")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = keras.Sequential(list(keras_layers(keras, *head)))
        random = np.random.default_rng(2)
        for weight in model.weights:
            weight.assign(random.uniform(0.2, 1, weight.shape) * random.choice([-1, 1], weight.shape)
                          if "variance" not in weight.path else random.uniform(0.5, 2, weight.shape))  # fmt: skip
        model.save(tmp_path / f"model{suffix}")
        expected = keras.ops.convert_to_numpy(model(X[None], training=False))[0]
    np.testing.assert_allclose(answer_of(tmp_path / f"model{suffix}"), expected, RTOL, 1e-6)
