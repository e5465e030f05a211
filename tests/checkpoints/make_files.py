"""Make the files of weights that PyTorch and Keras write, with what those networks answer, for the tests.

Run ``python -m tests.checkpoints.make_files`` where torch, safetensors, onnx, onnxscript, keras and h5py are installed.
The weights are float32; the answers are computed from the same weights in float64. Everything is time-major: ``ids``
(T, B) or ``x`` (T, B, D) go in, ``output`` (T, B, H) comes out of the last recurrent layer, ``logits`` (T, B, V) out
of a language model. The answers of ``NAME`` stand in ``NAME.reference.npz``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import onnx
import torch
from safetensors.torch import save_file
from torch import nn

FILES = Path(__file__).with_name("files")
STEPS, BATCH, WORDS, INPUTS, UNITS = 7, 3, 23, 5, 6
PROJECTED = 4


class LanguageModel(nn.Module):
    """The usual one: an embedding, recurrent layers, a linear decoder."""

    def __init__(self, rnn: nn.RNNBase) -> None:
        super().__init__()
        self.encoder = nn.Embedding(WORDS, rnn.input_size)
        self.rnn = rnn
        self.decoder = nn.Linear(rnn.proj_size or rnn.hidden_size, WORDS)

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        output, _ = self.rnn(self.encoder(ids))
        return self.decoder(output), output


class Features(nn.Module):
    """Recurrent layers alone, without their last states."""

    def __init__(self, rnn: nn.RNNBase) -> None:
        super().__init__()
        self.rnn = rnn

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rnn(x)[0]


def _ids() -> torch.Tensor:
    return torch.randint(0, WORDS, (STEPS, BATCH))


def _features() -> torch.Tensor:
    return torch.randn(STEPS, BATCH, INPUTS)


def _keep(name: str, **values: Any) -> None:
    np.savez_compressed(FILES / f"{name}.reference.npz", **{key: np.asarray(value) for key, value in values.items()})


def _in_float64(model: nn.Module, given: torch.Tensor) -> Any:
    """Run a model in float64 and leave it in float32."""
    with torch.no_grad():
        answer = model.double()(given.double() if given.is_floating_point() else given)
    model.float()
    return answer


def torch_language(name: str, rnn: nn.RNNBase, dtype: torch.dtype = torch.float32) -> None:
    model = LanguageModel(rnn).to(dtype)
    save_file(model.state_dict(), FILES / name)
    ids = _ids()
    logits, output = _in_float64(model, ids)
    _keep(name, ids=ids, output=output, logits=logits)


def torch_features(name: str, rnn: nn.RNNBase) -> None:
    save_file(rnn.state_dict(), FILES / name)
    x = _features()
    _keep(name, x=x, output=_in_float64(Features(rnn), x))


def _without_stack_traces(path: Path) -> None:
    """Take out where on this machine each node was made."""
    model = onnx.load(path)
    for node in model.graph.node:
        kept = [entry for entry in node.metadata_props if not entry.key.endswith("stack_trace")]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    onnx.save(model, path)


def onnx_export(name: str, model: nn.Module, given: torch.Tensor, dynamo: bool) -> None:
    model.eval()
    names = {"input_names": ["ids" if isinstance(model, LanguageModel) else "x"]}
    names["output_names"] = ["logits", "output"] if isinstance(model, LanguageModel) else ["output"]
    path = FILES / name
    if dynamo:
        torch.onnx.export(model, (given,), path, dynamo=True, external_data=False, verbose=False, **names)
        _without_stack_traces(path)
    else:
        axes = {names["input_names"][0]: {0: "time", 1: "batch"}}
        torch.onnx.export(model, (given,), path, dynamo=False, dynamic_axes=axes, **names)
    if isinstance(model, LanguageModel):
        logits, output = _in_float64(model, given)
        _keep(name, ids=given, output=output, logits=logits)
    else:
        _keep(name, x=given, output=_in_float64(model, given))


def _pytorch() -> None:
    torch_language("torch_lstm.safetensors", nn.LSTM(INPUTS, UNITS, 2))
    torch_language("torch_gru.safetensors", nn.GRU(INPUTS, UNITS))
    torch_language("torch_lstm_bf16.safetensors", nn.LSTM(INPUTS, UNITS), torch.bfloat16)
    torch_features("torch_bilstm.safetensors", nn.LSTM(INPUTS, UNITS, 2, bidirectional=True))
    torch_features("torch_rnn_relu.safetensors", nn.RNN(INPUTS, UNITS, 2, nonlinearity="relu"))
    torch_features("torch_proj.safetensors", nn.LSTM(INPUTS, UNITS, 2, proj_size=PROJECTED))


def _onnx() -> None:
    onnx_export("torch_lm.onnx", LanguageModel(nn.LSTM(INPUTS, UNITS, 2)), _ids(), dynamo=False)
    onnx_export("torch_lm_dynamo.onnx", LanguageModel(nn.LSTM(INPUTS, UNITS, 2)), _ids(), dynamo=True)
    onnx_export("torch_gru.onnx", LanguageModel(nn.GRU(INPUTS, UNITS)), _ids(), dynamo=False)
    onnx_export("torch_gru_dynamo.onnx", LanguageModel(nn.GRU(INPUTS, UNITS)), _ids(), dynamo=True)
    onnx_export("torch_bilstm.onnx", Features(nn.LSTM(INPUTS, UNITS, 2, bidirectional=True)), _features(), dynamo=False)
    onnx_export(
        "torch_bigru_dynamo.onnx", Features(nn.GRU(INPUTS, UNITS, 2, bidirectional=True)), _features(), dynamo=True
    )


def keras_file(name: str, build: Callable[[], list[keras.Layer]], language: bool) -> None:
    """Save a model of Keras in float32; ask the same one in float64."""
    keras.utils.set_random_seed(len(name))
    keras.config.set_dtype_policy("float32")
    model = _keras_model(build, language)
    _draw(model)
    model.save(FILES / name)
    given = (_ids() if language else _features()).numpy()
    keras.config.set_dtype_policy("float64")
    exact = _keras_model(build, language)
    exact.set_weights(model.get_weights())
    recurrent = [layer for layer in exact.layers if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional)]
    outputs = [recurrent[-1].output]
    decoder = exact.layers[-1]
    if language:
        decoder.activation = keras.activations.linear
        outputs.append(decoder(recurrent[-1].output))
    answers = keras.Model(exact.inputs, outputs)(given.swapaxes(0, 1))
    answers = answers if isinstance(answers, list) else [answers]
    values = [np.swapaxes(keras.ops.convert_to_numpy(value), 0, 1) for value in answers]
    if language:
        _keep(name, ids=given, output=values[0], logits=values[1])
    else:
        _keep(name, x=given, output=values[0])


def _draw(model: keras.Model) -> None:
    """Draw all weights, also the biases, which are zeros at the start."""
    for weights in model.weights:
        weights.assign(np.random.uniform(-0.5, 0.5, weights.shape).astype(np.float32))  # noqa: NPY002


def keras_functional(name: str) -> None:
    """Save a model whose layers have names of their own and a mask for the word 0, which is not asked for here."""

    def build() -> tuple[keras.Model, keras.Model]:
        words = keras.Input((None,), dtype="int32", name="words")
        table = keras.layers.Embedding(WORDS, INPUTS, mask_zero=True, name="table")
        second = keras.layers.GRU(UNITS, return_sequences=True, name="second")
        first = keras.layers.GRU(UNITS, return_sequences=True, reset_after=False, name="first")
        output = second(first(table(words)))
        logits = keras.layers.Dense(WORDS, name="choice")(output)
        return keras.Model(words, logits), keras.Model(words, [output, logits])

    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(len(name))
    model, _ = build()
    _draw(model)
    model.save(FILES / name)
    keras.config.set_dtype_policy("float64")
    _, exact = build()
    exact.set_weights(model.get_weights())
    ids = torch.randint(1, WORDS, (STEPS, BATCH)).numpy()
    output, logits = (np.swapaxes(keras.ops.convert_to_numpy(value), 0, 1) for value in exact(ids.T))
    _keep(name, ids=ids, output=output, logits=logits)


def _keras_model(build: Callable[[], list[keras.Layer]], language: bool) -> keras.Model:
    shape, dtype = ((None,), "int32") if language else ((None, INPUTS), None)
    return keras.Sequential([keras.Input(shape, dtype=dtype), *build()])


def _keras() -> None:
    layers = keras.layers

    def lstm() -> list[keras.Layer]:
        return [
            layers.Embedding(WORDS, INPUTS),
            layers.LSTM(UNITS, return_sequences=True),
            layers.Dropout(0.2),
            layers.LSTM(UNITS, return_sequences=True),
            layers.Dense(WORDS, activation="softmax"),
        ]

    def gru() -> list[keras.Layer]:
        return [layers.Embedding(WORDS, INPUTS), layers.GRU(UNITS, return_sequences=True), layers.Dense(WORDS)]

    def bilstm() -> list[keras.Layer]:
        return [
            layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True)),
        ]

    def rnn() -> list[keras.Layer]:
        return [layers.SimpleRNN(UNITS, return_sequences=True, activation="relu", use_bias=False)]

    def old_gru() -> list[keras.Layer]:
        hard = "hard_sigmoid"
        return [layers.GRU(UNITS, return_sequences=True, reset_after=False, recurrent_activation=hard)]

    keras_file("keras_lstm.keras", lstm, language=True)
    keras_file("keras_lstm.h5", lstm, language=True)
    keras_file("keras_gru.h5", gru, language=True)
    keras_file("keras_bilstm.keras", bilstm, language=False)
    keras_file("keras_bilstm.h5", bilstm, language=False)
    keras_file("keras_rnn.keras", rnn, language=False)
    keras_file("keras_gru_reset_before.keras", old_gru, language=False)
    keras_functional("keras_functional.keras")
    keras_functional("keras_functional.h5")


if __name__ == "__main__":
    torch.manual_seed(0)
    FILES.mkdir(exist_ok=True)
    for make in (_pytorch, _onnx, _keras):
        make()
    for file in FILES.iterdir():
        file.chmod(0o644)
