"""Values and gradients of PyTorch's own cells, from numbers that are given (needs PyTorch)."""

from __future__ import annotations

import numpy as np
import torch

from lstm_ascii.cells import Array

Values = dict[str, Array]


def cell_values(kind: str, given: Values) -> Values:
    """Return the outputs, last states and all gradients of a cell; ``given`` as by ``drawn.cell_problem``."""
    rows, inputs = given["weight_ih"].shape
    family, _, option = kind.partition("-")
    made, blocks = {"lstm": (torch.nn.LSTM, 4), "gru": (torch.nn.GRU, 3), "rnn": (torch.nn.RNN, 1)}[family]
    options = {"nonlinearity": option} if family == "rnn" else {}
    options |= {"proj_size": len(given["weight_hr"])} if option == "projection" else {}
    module = made(inputs, rows // blocks, dtype=torch.float64, **options)
    leaves = {name.removesuffix("_l0"): parameter for name, parameter in module.named_parameters()}
    for name, parameter in leaves.items():
        parameter.data.copy_(torch.from_numpy(given[name]))
    states = [name for name in ("h", "c") if f"start_{name}" in given]
    for name in ("x", *(f"start_{name}" for name in states)):
        leaves[name] = torch.tensor(given[name], requires_grad=True)
    start = [leaves[f"start_{name}"][None] for name in states]
    output, last = module(leaves["x"], tuple(start) if family == "lstm" else start[0])
    found = {"output": output} | dict(zip([f"last_{name}" for name in states], _tuple(last), strict=True))
    return _numbers(found, leaves, given)


def stack_values(given: Values) -> Values:
    """Return the same for embedding, two layers of LSTMs in both directions, decoder; see ``drawn.stack_problem``."""
    (_, width), hidden = given["embedding.weight"].shape, given["rnn.weight_hh_l0"].shape[1]
    lstm = torch.nn.LSTM(width, hidden, num_layers=2, bidirectional=True, dtype=torch.float64)
    leaves = {}
    for name, value in given.items():
        if name.startswith(("rnn.weight", "rnn.bias")):
            leaves[name] = getattr(lstm, name.removeprefix("rnn."))
            leaves[name].data.copy_(torch.from_numpy(value))
        elif name.startswith(("rnn.", "embedding.", "decoder.")):
            leaves[name] = torch.tensor(value, requires_grad=True)
    ids = torch.from_numpy(given["ids"])
    suffixes = ("l0", "l0_reverse", "l1", "l1_reverse")
    starts = [torch.stack([leaves[f"rnn.start_{name}_{suffix}"] for suffix in suffixes]) for name in "hc"]
    output, last = lstm(
        leaves["embedding.weight"][ids],
        tuple(start[:, None].expand(-1, ids.shape[1], -1).contiguous() for start in starts),
    )
    logits = output @ leaves["decoder.weight"].T + leaves["decoder.bias"]
    return _numbers({"logits": logits, "last_h": last[0], "last_c": last[1]}, leaves, given)


def _tuple(last: torch.Tensor | tuple[torch.Tensor, ...]) -> list[torch.Tensor]:
    """Return the last states without the axis of layers."""
    return [state[0] for state in (last if isinstance(last, tuple) else (last,))]


def _numbers(found: dict[str, torch.Tensor], leaves: dict[str, torch.Tensor], given: Values) -> Values:
    """Add the gradients of the loss Σ d·value, and turn all into arrays."""
    loss = torch.stack([(value * torch.from_numpy(given[f"d_{name}"])).sum() for name, value in found.items()]).sum()
    gradients = torch.autograd.grad(loss, list(leaves.values()))
    values = found | {f"grad_{name}": gradient for name, gradient in zip(leaves, gradients, strict=True)}
    return {name: np.array(value.detach().numpy()) for name, value in values.items()}
