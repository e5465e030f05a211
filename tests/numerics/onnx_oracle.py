"""The forward pass by ONNX Runtime, of cells written as the operators of the file format (needs both packages)."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime

from lstm_ascii.cells import GRU, RNN, Array, Cell
from lstm_ascii.cells.variants import SIGMOID, TANH, Activation, GeneralGRU, GeneralLSTM, GeneralRNN

# where each of the file format's blocks of rows stands in ours
ORDERS = {"RNN": [0], "LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2]}  # i o f c of i f g o; z r h of r z n
PEEPHOLE_ORDER = [0, 2, 1]  # i o f of i f o
DIRECTIONS = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}  # which read backwards


def reordered(parameter: Array, order: list[int]) -> Array:
    """Return the blocks of rows of a parameter in another order."""
    blocks = np.split(parameter, len(order))
    return np.concatenate([blocks[k] for k in order])


def tensors(cells: list[Cell]) -> dict[str, Array]:
    """Return the format's W, R, B = [Wb, Rb] and, where there are peepholes, P of one or two directions."""
    order = ORDERS[cells[0].name]
    found = {
        "W": np.stack([reordered(cell.weight_ih, order) for cell in cells]),
        "R": np.stack([reordered(cell.weight_hh, order) for cell in cells]),
        "B": np.stack([np.concatenate([reordered(b, order) for b in (cell.bias_ih, cell.bias_hh)]) for cell in cells]),
    }
    peepholes = [cell.parameters.get("weight_peephole") for cell in cells]
    given = [reordered(values, PEEPHOLE_ORDER) for values in peepholes if values is not None]
    return found | ({"P": np.stack(given)} if given else {})


def activations_of(cell: Cell) -> list[Activation]:
    """Return a cell's functions in the format's order."""
    if isinstance(cell, GeneralLSTM):
        return [cell.gate, cell.candidate, cell.output]
    if isinstance(cell, GeneralGRU):
        return [cell.gate, cell.candidate]
    if isinstance(cell, GeneralRNN):
        return [cell.activation]
    return {"LSTM": [SIGMOID, TANH, TANH], "GRU": [SIGMOID, TANH]}.get(cell.name) or [Activation(rnn(cell).activation)]


def rnn(cell: Cell) -> RNN:
    """Return the cell, which is one of those."""
    assert isinstance(cell, RNN)
    return cell


def attributes(cells: list[Cell], direction: str) -> dict[str, Any]:
    """Return the operator's attributes."""
    functions = [function for cell in cells for function in activations_of(cell)]
    found: dict[str, Any] = {
        "hidden_size": cells[0].hidden_size,
        "direction": direction,
        "activations": [function.name.title().replace("_", "") for function in functions],
    }
    # Only functions that have such a number take one off the list; ONNX Runtime's RNN goes by place instead.
    by_place = cells[0].name == "RNN"
    alphas = [one.alpha for one in functions if by_place or one.alpha]
    betas = [one.beta for one in functions if by_place or one.beta]
    found |= {"activation_alpha": alphas} if any(alphas) else {}
    found |= {"activation_beta": betas} if any(betas) else {}
    clip = getattr(cells[0], "clip", None)
    found |= {"clip": clip} if clip else {}
    found |= {"input_forget": 1} if getattr(cells[0], "coupled", False) else {}
    if isinstance(cells[0], GRU | GeneralGRU):
        found["linear_before_reset"] = int(cells[0].reset_after)
    return found


def onnx_run(
    cells: list[Cell],
    direction: str,
    x: Array,
    starts: list[dict[str, Array]],
    lengths: list[int] | None = None,
    changed: dict[str, Any] | None = None,
) -> list[Array]:
    """Return Y ``(T, directions, B, H)`` and the last states ``(directions, B, H)`` by ONNX Runtime.

    Args:
        cells: one for each direction.
        direction: ``forward``, ``reverse`` or ``bidirectional``.
        x: the inputs ``(T, B, D)``.
        starts: the start states ``(B, H)`` of each direction; none for zeros.
        lengths: of each sequence, where they differ.
        changed: tensors and attributes that take the place of the cells' own; ``None`` leaves one out.
    """
    names = cells[0].state_names
    given = {**tensors(cells), **(changed or {})}
    given |= {f"initial_{name}": np.stack([start[name] for start in starts]) for name in names if starts}
    given |= {"sequence_lens": np.array(lengths, np.int32)} if lengths else {}
    options = attributes(cells, direction) | {name: given.pop(name) for name in list(given) if name in OPTIONS}
    wanted = ["W", "R", "B", "sequence_lens", *(f"initial_{name}" for name in names), *(["P"] if "c" in names else [])]
    inputs = ["X", *(name if name in given else "" for name in wanted)]
    written = {name: value for name, value in options.items() if value is not None}
    node = onnx.helper.make_node(cells[0].name, inputs, ["Y", *(f"Y_{name}" for name in names)], **written)
    return run_node(node, x, given)


OPTIONS = ("activations", "activation_alpha", "activation_beta", "clip", "input_forget", "linear_before_reset")


def run_node(node: onnx.NodeProto, x: Array, given: dict[str, Array]) -> list[Array]:
    """Run a model of one operator, with ``given`` as its constants."""

    def described(name: str, shape: tuple[int, ...] | None = None) -> Any:
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

    constants = [onnx.numpy_helper.from_array(value, name) for name, value in given.items()]
    outputs = [described(name) for name in node.output]
    graph = onnx.helper.make_graph([node], "cell", [described("X", x.shape)], outputs, constants)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(value) for value in session.run(None, {"X": x})]
