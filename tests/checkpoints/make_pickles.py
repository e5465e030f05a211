"""Make files of ``torch.save``, ``torch.jit.save`` and ``pickle.dump`` for the tests, of the weights that are there.

Run ``python -m tests.checkpoints.make_pickles`` where torch and safetensors are installed. Each file holds the weights
of a ``.safetensors`` beside it, whose answers are therefore its own: ``SAME`` says which.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

FILES = Path(__file__).with_name("files")
SAME = {
    "torch_lstm.pt": "torch_lstm.safetensors",
    "torch_bilstm_legacy.pt": "torch_bilstm.safetensors",
    "torch_rnn_relu.pt": "torch_rnn_relu.safetensors",
    "torch_gru_script.pt": "torch_gru.safetensors",
    "torch_lstm_bf16.pkl": "torch_lstm_bf16.safetensors",
    "torch_proj.pkl": "torch_proj.safetensors",
}


def _model(rnn: Any) -> torch.nn.Module:
    """Return a language model of PyTorch's own classes alone, so that it can be scripted and pickled anywhere."""
    from torch import nn

    from tests.checkpoints.make_files import INPUTS, WORDS

    return nn.ModuleDict(
        {"encoder": nn.Embedding(WORDS, INPUTS), "rnn": rnn, "decoder": nn.Linear(rnn.hidden_size, WORDS)}
    )


def make() -> None:
    """Write all files."""
    import torch
    from safetensors.torch import load_file
    from torch import nn

    from tests.checkpoints.make_files import INPUTS, UNITS

    weights = {name: load_file(FILES / source) for name, source in SAME.items()}
    model = _model(nn.LSTM(INPUTS, UNITS, 2))
    model.load_state_dict(weights["torch_lstm.pt"])
    optimizer = torch.optim.Adam(model.parameters())
    sum(value.sum() for value in model.parameters()).backward()
    optimizer.step()
    states = {"model_state_dict": weights["torch_lstm.pt"], "optimizer_state_dict": optimizer.state_dict()}
    torch.save({"epoch": 3} | states, FILES / "torch_lstm.pt")
    torch.save(
        weights["torch_bilstm_legacy.pt"], FILES / "torch_bilstm_legacy.pt", _use_new_zipfile_serialization=False
    )
    rnn = nn.RNN(INPUTS, UNITS, 2, nonlinearity="relu")
    rnn.load_state_dict(weights["torch_rnn_relu.pt"])
    torch.save(rnn, FILES / "torch_rnn_relu.pt")
    gru = _model(nn.GRU(INPUTS, UNITS))
    gru.load_state_dict(weights["torch_gru_script.pt"])
    torch.jit.save(torch.jit.script(gru), str(FILES / "torch_gru_script.pt"))
    (FILES / "torch_lstm_bf16.pkl").write_bytes(pickle.dumps(weights["torch_lstm_bf16.pkl"]))
    arrays = {name: value.numpy() for name, value in weights["torch_proj.pkl"].items()}
    (FILES / "torch_proj.pkl").write_bytes(pickle.dumps(arrays))


if __name__ == "__main__":
    make()
    for name in SAME:
        (FILES / name).chmod(0o644)
