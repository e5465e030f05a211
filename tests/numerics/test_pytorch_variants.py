"""Stacks in both directions against PyTorch, live where it is installed: projections, no biases, relu."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array, Cell
from lstm_ascii.cells.variants import Activation, GeneralGRU, GeneralLSTM, GeneralRNN
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from tests.numerics.complex_step import disagreement

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")

WORDS, WIDTH, HIDDEN, STEPS, BATCH = 6, 4, 5, 7, 3
STACKS: dict[str, tuple[str, type[Cell], dict[str, Any], dict[str, Any]]] = {
    "projection": ("LSTM", GeneralLSTM, {"proj_size": 3}, {}),
    "projection without biases": ("LSTM", GeneralLSTM, {"proj_size": 2, "bias": False}, {}),
    "lstm without biases": ("LSTM", GeneralLSTM, {"bias": False}, {}),
    "gru without biases": ("GRU", GeneralGRU, {"bias": False}, {}),
    "relu": ("RNN", GeneralRNN, {"nonlinearity": "relu"}, {"activation": Activation("relu")}),
    "relu without biases": (
        "RNN",
        GeneralRNN,
        {"nonlinearity": "relu", "bias": False},
        {"activation": Activation("relu")},
    ),
}


def torch_stack(case: str, layers: int, both: bool) -> Any:
    """Return PyTorch's module with random weights."""
    import torch

    kind, _, options, _ = STACKS[case]
    torch.set_num_threads(1)
    torch.manual_seed(3)
    made = getattr(torch.nn, kind)
    return made(WIDTH, HIDDEN, num_layers=layers, bidirectional=both, dtype=torch.float64, **options)


def our_network(case: str, module: Any, layers: int, both: bool, fast: bool = True) -> Network:
    """Build the network from the module's own arrays."""
    _, made, _, options = STACKS[case]
    given = {name: value.detach().numpy() for name, value in module.named_parameters()}

    def direction(suffix: str) -> Direction:
        values = {
            name.removesuffix(f"_{suffix}"): value for name, value in given.items() if name.endswith(f"_{suffix}")
        }
        biases = {name: np.zeros(len(values["weight_ih"])) for name in ("bias_ih", "bias_hh") if name not in values}
        cell = made(**values, **biases, **options)
        return Direction(cell.simplest() if fast else cell, backward=suffix.endswith("reverse"))

    endings = ("", "_reverse") if both else ("",)
    stack = tuple(tuple(direction(f"l{k}{ending}") for ending in endings) for k in range(layers))
    random, width = np.random.default_rng(4), sum(one.cell.output_size for one in stack[-1])
    decoder, bias = random.standard_normal((WORDS, width)), random.standard_normal(WORDS)
    return Network(Vocabulary(tuple("abcdef")), random.standard_normal((WORDS, WIDTH)), stack, decoder, bias)


def torch_gradients(module: Any, network: Network, ids: Array, d_logits: Array) -> tuple[Array, dict[str, Array]]:
    """Return PyTorch's outputs and gradients by our names."""
    import torch

    embedding, decoder = (
        torch.tensor(value, requires_grad=True) for value in (network.embedding, network.decoder_weight)
    )
    outputs, _ = module(embedding[torch.from_numpy(ids)])
    ((outputs @ decoder.T) * torch.from_numpy(d_logits)).sum().backward()
    named = {f"rnn.{name}": value.grad.numpy() for name, value in module.named_parameters()}
    named |= {"embedding.weight": embedding.grad.numpy(), "decoder.weight": decoder.grad.numpy()}
    return outputs.detach().numpy(), named


@pytest.mark.parametrize("case", STACKS)
@pytest.mark.parametrize(("layers", "both"), [(1, False), (1, True), (2, True), (3, False)])
@pytest.mark.parametrize("fast", [True, False])
def test_outputs_and_gradients_are_those_of_pytorch(case: str, layers: int, both: bool, fast: bool) -> None:
    module = torch_stack(case, layers, both)
    network = our_network(case, module, layers, both, fast)
    random = np.random.default_rng(5)
    ids, d_logits = random.integers(0, WORDS, (STEPS, BATCH)), random.standard_normal((STEPS, BATCH, WORDS))
    run = network.run(ids)
    found = network.backward(run, d_logits)
    outputs, expected = torch_gradients(module, network, ids, d_logits)
    lines = [disagreement("outputs", run.outputs, outputs, 1e-12, 1e-12)]
    lines += [disagreement(name, found[name], value, 1e-12, 1e-12) for name, value in expected.items()]
    assert not any(lines), "\n".join(filter(None, lines))


def test_the_networks_parameters_carry_pytorchs_names() -> None:
    module = torch_stack("projection", 2, True)
    names = set(our_network("projection", module, 2, True).parameters)
    assert {f"rnn.{name}" for name, _ in module.named_parameters()} <= names
    assert "rnn.weight_hr_l1_reverse" in names
