"""ONNX models of one recurrent node and what is around it, with the weights inside; ONNX Runtime's answers to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from lstm_ascii.cells import Array

FLOAT = TensorProto.FLOAT
PARTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


def model_of(
    nodes: Sequence[Any],
    constants: Mapping[str, Array],
    outputs: Sequence[str] = ("Y",),
    inputs: Sequence[tuple[str, int, Sequence[Any]]] = (("X", FLOAT, ("T", "B", "D")),),
) -> Any:
    """Return a model of nodes and their constants."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(name, kind, list(shape)) for name, kind, shape in inputs],
        [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def node_of(kind: str, arrays: Mapping[str, Array], number: int = 0, reads: str = "X", **attributes: Any) -> Any:
    """Return a recurrent node; its constants are named ``W0`` and so on."""
    places = PARTS if kind == "LSTM" else PARTS[:6]
    inputs = [reads, *(f"{part}{number}" if part in arrays else "" for part in places[1:])]
    while not inputs[-1]:
        inputs.pop()
    hidden = arrays["R"].shape[2]
    return helper.make_node(
        kind, inputs, [f"Y{number}" if number else "Y"], name=f"node{number}", hidden_size=hidden, **attributes
    )


def numbered(arrays: Mapping[str, Array], number: int = 0) -> dict[str, Array]:
    """Return constants by the names that :func:`node_of` uses."""
    return {f"{part}{number}": value for part, value in arrays.items()}


def written(model: Any, folder: Path) -> Path:
    """Write a model."""
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def answer(model: Any, **inputs: Array) -> list[Array]:
    """Return what ONNX Runtime makes of it."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found: list[Array] = session.run(None, inputs)
    return found


def checked(model: Any) -> None:
    """Let the standard's own checker look at it."""
    onnx.checker.check_model(model)
