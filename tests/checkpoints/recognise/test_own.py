"""Files in the form of our own networks with tensors that do not fit: the error names file and tensor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.checkpoints import own
from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.sources import WEIGHTS

NAMES = sorted(read(WEIGHTS / "lstm.safetensors")[0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["missing", "no rank", "row", "front", "short"])
def test_a_tensor_of_the_wrong_rank_or_size_is_named(name: str, how: str, tmp_path: Path) -> None:
    tensors, metadata = read(WEIGHTS / "lstm.safetensors")
    value = tensors.pop(name)
    other = {"no rank": np.float32(1), "row": np.zeros(3, np.float32), "front": value[None], "short": value[:-1]}
    if how != "missing":
        tensors[name] = np.asarray(other[how])
    path = tmp_path / "model.safetensors"
    write(path, tensors, metadata)
    with pytest.raises(LstmAsciiError) as error:
        own.load(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert f"the tensor {name} is missing" in message or f": {name}: expected shape " in message


def test_tables_are_held_as_small_as_they_were_stored_and_answer_in_double_precision(tmp_path: Path) -> None:
    stored = read(WEIGHTS / "gru.safetensors")[0]
    network = own.load(WEIGHTS / "gru.safetensors")
    assert (network.embedding.dtype, network.decoder_weight.dtype) == (np.float16, np.float32)
    assert network.dtype == network.layers[0][0].cell.weight_hh.dtype == np.float64
    wide = network.astype(float)
    ids = np.arange(12)[:, None]
    run, same = network.run(ids), wide.run(ids)
    assert run.traces[0][0].x.dtype == np.float64
    np.testing.assert_array_equal(network.decode(run.outputs), wide.decode(same.outputs))
    own.save(tmp_path / "again.safetensors", network, dtype=np.float16)
    again = read(tmp_path / "again.safetensors")[0]
    for name, value in stored.items():
        np.testing.assert_array_equal(again[name], value)
