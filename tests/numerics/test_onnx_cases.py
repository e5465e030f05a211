"""The recurrent cases of the ONNX standard's own suite, from its arrays: outputs and last states."""

from __future__ import annotations

import sys
import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array, Cell
from lstm_ascii.cells.variants import GeneralGRU, GeneralLSTM, GeneralRNN
from lstm_ascii.layer import Direction

try:
    import onnx
    from onnx.backend.test.case.node import collect_testcases
except ImportError:
    if sys.version_info < (3, 14):  # it has wheels there, and comes with the extra "test"
        raise
    pytest.skip("no wheel of ONNX for this Python", allow_module_level=True)

# where each of our blocks of rows stands in the file format's
ORDERS = {"RNN": [0], "LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2]}  # i f g o of i o f c; r z n of z r h
MADE: dict[str, type[Cell]] = {"RNN": GeneralRNN, "LSTM": GeneralLSTM, "GRU": GeneralGRU}


NAMES = [
    *(f"test_gru_{name}" for name in ("defaults", "with_initial_bias", "seq_length", "batchwise")),
    *(f"test_gru_{name}" for name in ("reverse", "bidirectional")),
    *(f"test_lstm_{name}" for name in ("defaults", "with_initial_bias", "with_peepholes", "batchwise")),
    *(f"test_lstm_{name}" for name in ("reverse", "bidirectional")),
    *(f"test_simple_rnn_{name}" for name in ("defaults", "with_initial_bias", "batchwise", "reverse", "bidirectional")),
    "test_rnn_seq_length",
]


@cache
def collected() -> dict[str, Any]:
    """Return the cases by name; making the whole suite takes seconds, and warns of other operators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    return {case.name: case for case in cases if any(kind in case.name for kind in ("lstm", "gru", "rnn"))}


def ours(rows: Array, order: list[int]) -> Array:
    """Return blocks of rows of the format in our order."""
    blocks = np.split(rows, len(order))
    return np.concatenate([blocks[k] for k in order])


def cell_of(kind: str, given: dict[str, Array], k: int) -> Cell:
    """Build direction ``k``."""
    order, size = ORDERS[kind], given["R"].shape[2]
    rows = len(order) * size
    bias = np.split(given["B"][k], 2) if "B" in given else [np.zeros(rows, given["W"].dtype)] * 2
    values = [ours(value, order) for value in (given["W"][k], given["R"][k], *bias)]
    options: dict[str, Any] = {"reset_after": False} if kind == "GRU" else {}
    if "P" in given:
        options["weight_peephole"] = ours(given["P"][k], [0, 2, 1])
    return MADE[kind](*values, **options)


def answer(node: Any, given: dict[str, Array]) -> dict[str, Array]:
    """Return what the node must give, by the names of its outputs."""
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    way, batch_first = attributes.get("direction", b"forward"), attributes.get("layout", 0)
    ways = {b"forward": [False], b"reverse": [True], b"bidirectional": [False, True]}[way]
    x = given["X"].swapaxes(0, 1) if batch_first else given["X"]
    directions = [Direction(cell_of(node.op_type, given, k), backward=back) for k, back in enumerate(ways)]
    names = directions[0].cell.state_names
    starts = [{s: given[f"initial_{s}"][k] for s in names if f"initial_{s}" in given} for k in range(len(ways))]
    traces = [one.trace(x, start) for one, start in zip(directions, starts, strict=True)]
    found = {"Y": np.stack([one.ordered(trace.h) for one, trace in zip(directions, traces, strict=True)], axis=1)}
    found |= {f"Y_{s}": np.stack([trace.states[s][-1] for trace in traces]) for s in names}
    if batch_first:
        found = {name: np.moveaxis(value, -2, 0) for name, value in found.items()}
    return found


def test_every_recurrent_case_of_the_suite_is_tried() -> None:
    assert len(NAMES) == 18
    assert collected().keys() <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_of_the_standard_gives_what_it_must(name: str) -> None:
    case = collected().get(name)
    if case is None:
        pytest.skip("this version of ONNX has no such case")
    (node,) = case.model.graph.node
    inputs, outputs = case.data_sets[0]
    given = dict(zip([value for value in node.input if value], inputs, strict=True))
    if "sequence_lens" in given:
        assert (given.pop("sequence_lens") == len(given["X"])).all()
    found = answer(node, given)
    expected = dict(zip([value for value in node.output if value], outputs, strict=True))
    assert expected
    for output, value in expected.items():
        np.testing.assert_allclose(found[output], value, rtol=1e-5, atol=1e-5)
