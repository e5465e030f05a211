"""Networks of PyTorch and Keras, read from their files: what they answer is what those frameworks answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells.variants import GeneralGRU, GeneralLSTM
from lstm_ascii.checkpoints import onnx_nodes, torch_names
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import load_network
from tests.checkpoints.make_pickles import SAME

FILES = Path(__file__).parents[1] / "files"
REFERENCE = ".reference.npz"
NAMED = sorted(path.name.removesuffix(REFERENCE) for path in FILES.glob(f"*{REFERENCE}"))
SINGLE = 1e-5  # of answers that the framework gave in single precision
KERAS_ROUNDS = 1e-6  # its answers in double precision are made with some steps in single


def answers(name: str) -> dict[str, Any]:
    """Return what the framework answered."""
    with np.load(FILES / f"{SAME.get(name, name)}{REFERENCE}") as reference:
        return {part: reference[part] for part in reference.files}


def test_there_are_networks_of_every_format() -> None:
    assert {name.rpartition(".")[2] for name in NAMED} == {"safetensors", "onnx", "keras", "h5"}


@pytest.mark.parametrize("name", [*NAMED, *SAME])
def test_a_network_from_a_file_answers_like_the_framework_that_wrote_it(name: str) -> None:
    expected = answers(name)
    network = load_network(FILES / name, hints=Hints(activation="relu" if name == "torch_rnn_relu.safetensors" else ""))
    run = network.run(expected["ids"]) if "ids" in expected else network.run_vectors(expected["x"].astype(float))
    single = expected["output"].dtype == np.float32
    tolerance = SINGLE if single else KERAS_ROUNDS if "keras" in name else 1e-12
    np.testing.assert_allclose(run.outputs, expected["output"], rtol=0, atol=tolerance)
    assert network.has_decoder == ("logits" in expected)
    if network.has_decoder:
        np.testing.assert_allclose(network.decode(run.outputs), expected["logits"], rtol=0, atol=tolerance)


def test_a_wrong_activation_is_another_answer() -> None:
    expected = answers("torch_rnn_relu.safetensors")
    run = load_network(FILES / "torch_rnn_relu.safetensors").run_vectors(expected["x"])
    assert np.abs(run.outputs - expected["output"]).max() > 0.01


def without_biases() -> re.Pattern[str]:
    """Return the pattern of PyTorch's names without the biases."""
    return re.compile(torch_names._NAME.pattern.replace("|bias_ih|bias_hh", ""))


MUTANTS: dict[str, tuple[str, Any, str, Any]] = {  # a file, what is changed in a class or module, and into what
    "gates of ONNX in another order": ("torch_lm.onnx", GeneralLSTM, "onnx_order", "ifgo"),
    "gates of Keras in another order": ("keras_lstm.keras", GeneralLSTM, "keras_order", "iofg"),
    "update and reset swapped": ("keras_gru.h5", GeneralGRU, "keras_order", "rzn"),
    "directions swapped": ("torch_bilstm.onnx", onnx_nodes, "WAYS", {"bidirectional": (True, False)}),
    "biases dropped": ("torch_lstm.safetensors", torch_names, "_NAME", without_biases()),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mistake_in_the_layout_is_another_answer(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, module, changed, into = MUTANTS[mutant]
    monkeypatch.setattr(module, changed, {**getattr(module, changed), **into} if isinstance(into, dict) else into)
    hints = Hints(ignored=("rnn.bias",)) if mutant == "biases dropped" else None  # else refused, as none uses them
    expected, network = answers(name), load_network(FILES / name, hints=hints)
    run = network.run(expected["ids"]) if "ids" in expected else network.run_vectors(expected["x"].astype(float))
    assert np.abs(run.outputs - expected["output"]).max() > 0.001
