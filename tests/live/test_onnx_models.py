"""``look`` on ONNX models, which ONNX Runtime runs as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from lstm_ascii import look
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.running import Runner
from lstm_ascii.errors import LstmAsciiError, UsageError

FILES = Path(__file__).parent.parent / "checkpoints" / "files"
SIZES = {"int64": 3, "int32": 3}


def runnable() -> list[Path]:
    """Return the stored models with recurrent layers."""
    return sorted(path for path in FILES.glob("*.onnx") if read_contents(path).layers)


def feed(path: Path) -> dict[str, np.ndarray]:
    """Return something that a model reads."""
    made = {}
    for entry in Runner(path).inputs:
        shape = tuple(size if isinstance(size, int) else 4 for size in entry.shape)
        values = np.random.default_rng(0).normal(size=shape)
        made[entry.name] = (
            (np.abs(values) * 2).astype(entry.dtype) if entry.dtype in SIZES else values.astype(entry.dtype)
        )
    return made


@pytest.mark.parametrize("path", runnable()[:8], ids=lambda path: path.stem)
def test_ours_are_the_nodes_own_outputs(path: Path) -> None:
    try:
        seen = look(path, feed(path))
    except LstmAsciiError as error:
        pytest.skip(f"ONNX Runtime does not run it on this: {error}")
    assert seen.framework == "ONNX Runtime"
    assert seen.agrees
    assert seen.difference is not None


def test_what_is_no_onnx_model_is_refused() -> None:
    from lstm_ascii.sources import WEIGHTS

    with pytest.raises(UsageError, match="inputs: arrays by name are for an ONNX model"):
        look(WEIGHTS / "lstm.safetensors", {"x": np.zeros((3, 1, 2))})
