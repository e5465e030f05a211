"""Large networks stay as they are stored: in single precision, in the file; what is said of them stays the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.checkpoints import layers
from lstm_ascii.checkpoints.formats import files
from lstm_ascii.checkpoints.formats.safetensors import write
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.mapped import mapping_of
from lstm_ascii.network import Network
from lstm_ascii.reports.as_json import to_json
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import explained
from lstm_ascii.reports.material import words_for

WORDS = ["the", "cat", "cats", "dog", "dogs", "that", "was", "were", "near", "hungry"]
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
UNITS = 24
SENTENCE = "the cat near the dogs was hungry"


def stored(folder: Path, kind: str, dtype: str, layer_count: int = 2) -> Path:
    """Write a language model of two layers."""
    random = np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray[Any, Any]:
        return random.uniform(-0.5, 0.5, shape).astype(dtype)

    tensors = {"encoder.weight": drawn(len(WORDS), UNITS)}
    for n in range(layer_count):
        for name, shape in {"weight_ih": (UNITS,), "weight_hh": (UNITS,), "bias_ih": (), "bias_hh": ()}.items():
            tensors[f"rnn.{name}_l{n}"] = drawn(GATES[kind] * UNITS, *shape)
    tensors |= {"decoder.weight": drawn(len(WORDS), UNITS), "decoder.bias": drawn(len(WORDS))}
    path = folder / f"{kind}-{dtype}.safetensors"
    write(path, tensors, {"vocabulary": "\n".join(WORDS)})
    return path


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "LARGE", UNITS * UNITS)
    monkeypatch.setattr(files, "LARGEST_READ", 0)  # larger ones are mapped


def cells(network: Network) -> list[Any]:
    return [direction.cell for layer in network.layers for direction in layer]


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("kind", GATES)
def test_what_is_stored_in_single_precision_is_used_as_it_lies(kind: str, tmp_path: Path) -> None:
    network = load_network(stored(tmp_path, kind, "float32"))
    assert "single precision" in network.source
    for cell in cells(network):
        assert {value.dtype for value in cell.parameters.values()} == {np.dtype(np.float32)}
        assert mapping_of(cell.weight_hh) is not None
        assert mapping_of(cell.weight_ih) is not None


@pytest.mark.usefixtures("few_are_many")
def test_what_is_stored_in_double_precision_stays_so(tmp_path: Path) -> None:
    for cell in cells(load_network(stored(tmp_path, "lstm", "float64"))):
        assert {value.dtype for value in cell.parameters.values()} == {np.dtype(np.float64)}


def test_small_networks_are_computed_in_double_precision(tmp_path: Path) -> None:
    network = load_network(stored(tmp_path, "lstm", "float32"))
    assert "precision" not in network.source
    for cell in cells(network):
        assert {value.dtype for value in cell.parameters.values()} == {np.dtype(np.float64)}


def numbers(value: Any) -> Iterator[Any]:
    """Yield all that a report holds, in its order."""
    if isinstance(value, dict):
        for entry in value.values():
            yield from numbers(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from numbers(entry)
    else:
        yield value


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("layer", [1, 2])
def test_single_precision_moves_no_figure_by_a_hundred_thousandth(kind: str, layer: int, tmp_path: Path) -> None:
    network = load_network(stored(tmp_path, kind, "float32"))
    double = network.with_layers_in(np.float64)
    found, expected = (
        list(
            numbers(
                json.loads(
                    to_json(explained([one], words_for([one], SENTENCE), About(contrast="was:were", layer=layer)))
                )
            )
        )
        for one in (network, double)
    )
    assert len(found) == len(expected) > 200  # and none is left out
    for ours, exact in zip(found, expected, strict=True):
        assert ours == (pytest.approx(exact, rel=1e-5, abs=1e-5) if isinstance(exact, float) else exact)
