"""ONNX: the whole model is run by ONNX Runtime on what it is given, and what its recurrent layers read is opened up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.onnx_nodes import node_directions
from lstm_ascii.checkpoints.running import SeenLayer, run_layers
from lstm_ascii.errors import UsageError
from lstm_ascii.live.calls import Call, Recurrent, Run

PRECISION = "float32"  # to which ONNX Runtime computes nodes in double, too: a GRU was 1e-7 off


def run(path: Path, feed: Mapping[str, Any]) -> Run:
    """Run a model on arrays by the names of its inputs.

    Raises:
        UsageError: it is no ONNX model, or has no recurrent layer.
        FileError: it can't be read, or not be run on this.
        LstmAsciiError: the package ``onnxruntime`` is not installed.
    """
    contents = read_contents(path)
    if contents.format != "ONNX":
        raise UsageError(f"arrays by name are for an ONNX model, and {contents.path} is {contents.format}", "inputs")
    if not contents.layers:
        raise UsageError(f"{contents.path} has no RNN, LSTM or GRU that could be opened", "model")
    arrays = {name: np.asarray(value) for name, value in feed.items()}
    found = Run(None, {}, {})
    for number, (layer, seen) in enumerate(
        zip(contents.layers, run_layers(path, arrays, contents.layers), strict=True), 1
    ):
        name = layer.name or f"{layer.kind}{number}"
        ways = tuple(replace(one.direction, start={}, most_steps=0) for one in node_directions(contents.path, layer))
        found.layers[name] = Recurrent(name, (ways,), layer.kind, batch_first=False)
        found.calls[name] = [_call(seen, len(ways))]
    return found


def _call(seen: SeenLayer, directions: int) -> Call:
    """Return what a layer read and gave in our shapes."""
    reads: Array | None = None
    if seen.lengths is not None:
        reads = np.arange(len(seen.x))[:, None] < seen.lengths
    start = tuple({name: value[way] for name, value in seen.start.items()} for way in range(directions))
    finals = () if seen.last is None else tuple({"h": seen.last[way]} for way in range(directions))
    return Call(seen.x.astype(float), start, bool(seen.start), seen.outputs, finals, reads, PRECISION)
