"""Captum as the witness: its integrated gradients and its feature ablation on PyTorch's pass are ours, to 1e-5.

Run where ``captum`` is installed beside PyTorch; ``-s`` prints how far the two are from each other.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.analysis.asked import Asked
from lstm_ascii.analysis.importance import integrated, replaced
from lstm_ascii.answer import Answer, Dense, Squash
from lstm_ascii.cells import Array
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.network import Direction, Network
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.sources import Source, given_input, open_networks
from tests.numerics.random_cells import random_cell

FILES = Path(__file__).parents[1] / "checkpoints" / "files"
MOST = 1e-5  # that ours and theirs may be apart
Function = Callable[[Any], Any]


@pytest.fixture
def captum() -> Any:
    pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("captum.attr")


def of_torch(network: Network, output: int, against: int | None = None) -> Function:
    """Return the sum behind an output, less that behind another, as PyTorch computes it of ``(B, T, D)``."""
    import torch

    layers, first = [], network.layers[0][0].cell
    for directions in network.layers:
        both, cell = len(directions) > 1, directions[0].cell
        layer = torch.nn.LSTM(cell.input_size, cell.hidden_size, batch_first=True, bidirectional=both)
        layer = layer.double()
        for direction in directions:
            for name, value in direction.cell.parameters.items():
                ending = "_l0_reverse" if direction.backward else "_l0"
                getattr(layer, name + ending).data = torch.tensor(np.asarray(value, float))
        layers.append(layer)
    assert first.name == "LSTM"
    assert network.head is not None
    (dense,) = network.head.layers
    weight, bias = torch.tensor(np.asarray(dense.weight, float)), torch.tensor(np.asarray(dense.bias, float))
    last = network.head.pooling == "last"

    def function(x: Any) -> Any:
        for layer in layers:
            x = layer(x)[0]
        sums = (x[:, -1] if last else x.mean(1)) @ weight.T + bias
        return sums[:, output] if against is None else sums[:, output] - sums[:, against]

    return function


def theirs(captum: Any, function: Function, x: Array, base: Array, points: int) -> tuple[Array, Array, Array, Array]:
    """Return Captum's integrated gradients, then what its ablation of cells, steps and features does."""
    import torch

    given, instead = torch.tensor(x)[None], torch.tensor(np.broadcast_to(base, x.shape).copy())[None]
    steps, width = x.shape
    masks = [torch.arange(steps * width).reshape(1, steps, width),
             torch.arange(steps)[None, :, None].expand(1, steps, width),
             torch.arange(width)[None, None].expand(1, steps, width)]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gradients = captum.IntegratedGradients(function).attribute(given, instead, n_steps=points)
        ablation = captum.FeatureAblation(function)
        changes = [ablation.attribute(given, instead, feature_mask=mask) for mask in masks]
    cells, by_step, by_feature = (-change[0].detach().numpy() for change in changes)  # theirs: with, less without
    return gradients[0].detach().numpy(), cells, by_step[:, 0], by_feature[0]


def assert_near(what: str, *pairs: tuple[Array, Array]) -> None:
    apart = max(float(np.abs(np.asarray(ours) - np.asarray(other)).max()) for ours, other in pairs)
    print(f"{what}: {apart:.1e} from Captum's")
    assert apart < MOST


@pytest.mark.parametrize("baseline", ["mean", "zero", "first"])
def test_what_explain_says_of_a_file_is_what_captum_says(captum: Any, baseline: str) -> None:
    source = Source(model=str(FILES / "echo.onnx"), input=str(FILES / "echo.csv"))
    (network,) = open_networks((), (), source)
    inputs = given_input(source, network)
    assert inputs is not None
    assert inputs.vectors is not None
    found = explain_report("", source=source, baseline=baseline).main.influence
    assert found is not None
    assert found.stretch == 1
    x = np.asarray(inputs.vectors[:, 0], float)
    base = {"mean": x.mean(axis=0), "zero": np.zeros(x.shape[1]), "first": x[0]}[baseline]
    gradients, cells, steps, features = theirs(captum, of_torch(network, 0), x, base, found.points)
    assert_near(f"integrated gradients, baseline {baseline}", (found.gradients, gradients))
    assert_near("replaced", (found.replaced, cells), (found.steps, steps), (found.features, features))


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_of_two_layers_in_both_directions_a_choice_among_classes_is_captums(captum: Any, pooling: str) -> None:
    random, layers, width = np.random.default_rng(1), [], 3
    for number in range(2):
        cells = [random_cell("lstm", width, 4, 10 * number + way) for way in range(2)]
        layers.append(tuple(Direction(cell, backward=way == 1) for way, cell in enumerate(cells)))
        width = 8
    dense = Dense(random.standard_normal((3, 8)), random.standard_normal(3), Squash("softmax"))
    network = Network(Vocabulary(()), np.zeros((0, 3)), tuple(layers), np.zeros((0, 8)), np.zeros(0),
                      head=Answer(pooling, (dense,)))  # fmt: skip
    x, base = random.standard_normal((9, 3)), np.array([0.1, -0.2, 0.3])
    assert network.head is not None
    asked, run = Asked(network.head, 0, 2, 0), network.run_vectors(x[:, None])
    ours, again = integrated(network, run, base, asked), replaced(network, run, base, asked)
    assert ours is not None
    gradients, cells, steps, features = theirs(captum, of_torch(network, 2, 0), x, base, ours.points)
    assert_near("integrated gradients", (ours.values, gradients))
    assert_near("replaced", (again.cells, cells), (again.stretches, steps), (again.features, features))
