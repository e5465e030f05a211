"""Models that PyTorch has quantized: their weights as it unpacks them, in the places that they had before."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import FileError

torch = pytest.importorskip("torch", reason="needs PyTorch")
WORDS, SIZE, UNITS = 20, 6, 5


class Model(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, kind: str, layers: int, both: bool) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(WORDS, SIZE)
        self.rnn = getattr(torch.nn, kind)(SIZE, UNITS, layers, bidirectional=both)
        self.fc = torch.nn.Linear(UNITS * (1 + both), WORDS)

    def forward(self, ids: Any) -> Any:
        return self.fc(self.rnn(self.embedding(ids))[0])


def quantized(model: Any, **settings: Any) -> Any:
    """Quantize a model as PyTorch's tutorial does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = {torch.nn.LSTM, torch.nn.GRU, torch.nn.LSTMCell, torch.nn.Linear}
        return torch.ao.quantization.quantize_dynamic(model, kinds, **settings)


def unpacked(model: Any, packed: Any) -> Any:
    """Return the model with the weights that were packed, as PyTorch itself unpacks them."""
    names = [name for name in dict(model.rnn.named_parameters()) if name.startswith("weight")]
    values = packed.rnn.get_weight()  # named otherwise, in the same order
    state = model.state_dict()
    for name, value in zip(names, values.values(), strict=True):
        state[f"rnn.{name}"] = value.dequantize().float()
    weight = packed.fc.weight()
    state["fc.weight"] = weight.dequantize().float()
    model.load_state_dict(state)
    return model


@pytest.mark.parametrize("whole", [False, True], ids=["state dict", "whole module"])
@pytest.mark.parametrize("dtype", ["qint8", "float16"])
@pytest.mark.parametrize(("kind", "layers", "both"), [("LSTM", 2, True), ("LSTM", 3, False), ("GRU", 1, True)])
def test_the_network_computes_what_pytorch_computes_with_these_weights(
    kind: str, layers: int, both: bool, dtype: str, whole: bool, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = Model(kind, layers, both)
    packed = quantized(model, dtype=getattr(torch, dtype))
    path = tmp_path / "model.pt"
    torch.save(packed if whole else packed.state_dict(), path)
    ids = torch.arange(7)
    with torch.no_grad():
        expected = unpacked(model, packed)(ids[:, None])[:, 0].numpy()
    network = load_network(path)
    logits = network.decode(network.run(ids.numpy()[:, None]).outputs[:, 0])
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5)
    assert any("quantized" in note for note in read_contents(path).notes) is (dtype == "qint8")


def test_two_cells_that_may_be_two_layers_or_two_directions_are_no_guess(tmp_path: Path) -> None:
    torch.save(quantized(torch.nn.Sequential(torch.nn.LSTM(UNITS, UNITS, 2))).state_dict(), tmp_path / "model.pt")
    with pytest.raises(FileError, match=r"several recurrent networks: 0\._all_weight_values\.0"):
        load_network(tmp_path / "model.pt")


def test_a_cell_and_a_scale_for_each_row_are_read(tmp_path: Path) -> None:
    by_row = torch.ao.quantization.per_channel_dynamic_qconfig
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linear = torch.ao.quantization.quantize_dynamic(
            torch.nn.Sequential(torch.nn.Linear(SIZE, UNITS)), {torch.nn.Linear: by_row}
        )
    cell = quantized(torch.nn.Sequential(torch.nn.LSTMCell(SIZE, UNITS)))
    torch.save({"a": linear.state_dict(), "b": cell.state_dict()}, tmp_path / "model.pt")
    tensors = read_contents(tmp_path / "model.pt").tensors
    np.testing.assert_array_equal(tensors["a.0.weight"], linear[0].weight().dequantize().numpy())
    for name, value in cell[0].get_weight().items():
        np.testing.assert_array_equal(tensors[f"b.0.{name}"], value.dequantize().numpy())
