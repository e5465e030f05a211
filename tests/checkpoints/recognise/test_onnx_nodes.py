"""ONNX nodes from the bytes of a file to their answers: random ones against ONNX Runtime, and the standard's own."""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import FileError
from tests.checkpoints.recognise.made import drawn

try:
    from onnx import TensorProto, helper

    from tests.checkpoints.recognise.onnx_models import answer, model_of, node_of, numbered, written
    from tests.numerics.test_onnx_cases import NAMES, collected
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

STEPS, BATCH, INPUTS, HIDDEN = 6, 2, 3, 4
ROWS = {"LSTM": 4, "GRU": 3, "RNN": 1}
X = drawn((STEPS, BATCH, INPUTS), 99)


def arrays_of(kind: str, ways: int = 1, inputs: int = INPUTS, parts: str = "WRB", seed: int = 0) -> dict[str, Array]:
    """Draw the arrays of a node; ``P`` peepholes, ``h`` and ``c`` start states."""
    rows = ROWS[kind] * HIDDEN
    shapes: dict[str, tuple[int, ...]] = {"W": (ways, rows, inputs), "R": (ways, rows, HIDDEN), "B": (ways, 2 * rows)}
    shapes |= {"P": (ways, 3 * HIDDEN)}
    arrays = {part: drawn(shape, seed + place) for place, (part, shape) in enumerate(shapes.items()) if part in parts}
    for place, letter in enumerate("hc"):
        if letter in parts:
            arrays[f"initial_{letter}"] = np.repeat(drawn((ways, 1, HIDDEN), seed + 9 + place), BATCH, axis=1)
    return arrays


NODES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "lstm": ("LSTM", "WRB", {}),
    "lstm without biases": ("LSTM", "WR", {}),
    "peepholes": ("LSTM", "WRBP", {}),
    "start states": ("LSTM", "WRBhc", {}),
    "clip": ("LSTM", "WRB", {"clip": 0.3}),
    "coupled": ("LSTM", "WRB", {"input_forget": 1}),
    "all at once": ("LSTM", "WRBPhc", {"clip": 0.9, "input_forget": 1}),
    "other activations": ("LSTM", "WRB", {"activations": ["HardSigmoid", "LeakyRelu", "Softsign"]}),
    "their numbers": (
        "LSTM",
        "WRB",
        {
            "activations": ["HardSigmoid", "Tanh", "ScaledTanh"],
            "activation_alpha": [0.3, 0.7],
            "activation_beta": [0.4, 1.1],
        },
    ),
    "gru": ("GRU", "WRB", {}),
    "gru, reset after": ("GRU", "WRBh", {"linear_before_reset": 1}),
    "gru with clip": ("GRU", "WR", {"clip": 0.4, "linear_before_reset": 1}),
    "gru, other activations": ("GRU", "WRB", {"activations": ["HardSigmoid", "LeakyRelu"], "activation_beta": [0.4]}),
    "rnn": ("RNN", "WRBh", {}),
    "rnn with relu": ("RNN", "WRB", {"activations": ["Relu"]}),
    "rnn with elu and clip": ("RNN", "WRB", {"activations": ["Elu"], "activation_alpha": [0.5], "clip": 0.8}),
}


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("name", NODES)
def test_a_node_answers_like_onnx_runtime(name: str, direction: str, tmp_path: Path) -> None:
    kind, parts, said = NODES[name]
    ways = 2 if direction == "bidirectional" else 1
    said = {**said, **{key: value * ways for key, value in said.items() if isinstance(value, list)}}
    arrays = arrays_of(kind, ways, parts=parts)
    model = model_of([node_of(kind, arrays, direction=direction, **said)], numbered(arrays))
    (expected,) = answer(model, X=X)  # (T, ways, B, H)
    found = load_network(written(model, tmp_path)).run_vectors(X).outputs
    np.testing.assert_allclose(found, np.concatenate(list(expected.swapaxes(0, 1)), axis=-1), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_of_the_standard_come_out_right_from_the_bytes_of_a_file(name: str, tmp_path: Path) -> None:
    case = collected().get(name)
    if case is None:
        pytest.skip("this version of ONNX has no such case")
    graph, (inputs, outputs) = deepcopy(case.model.graph), case.data_sets[0]
    given = dict(zip((value.name for value in graph.input), inputs, strict=True))
    x = given.pop("X")
    (node,) = graph.node
    node.output[0] = "Y"
    model = model_of([node], given)
    layout = next((one.i for one in node.attribute if one.name == "layout"), 0)
    network = load_network(written(model, tmp_path))
    run = network.run_vectors(x.swapaxes(0, 1) if layout else x)
    for way, (trace, direction) in enumerate(zip(run.traces[0], network.layers[0], strict=True)):
        for output, expected in zip((value.name for value in graph.output), outputs, strict=True):
            theirs = np.moveaxis(expected, 0, -2) if layout else expected
            state = trace.states["c" if output == "Y_c" else "h"]
            ours, theirs = (direction.ordered(trace.h), theirs[:, way]) if output == "Y" else (state[-1], theirs[way])
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def stacked(*between: Any, ways: int = 1, ends: str = "Y1") -> Any:
    """Return a model of two layers with nodes between them; the second reads ``between``'s last output."""
    low, high = arrays_of("LSTM", ways), arrays_of("GRU", 1, HIDDEN * ways, seed=5)
    direction = "bidirectional" if ways == 2 else "forward"
    nodes = [
        node_of("LSTM", low, direction=direction),
        *between,
        node_of("GRU", high, 1, between[-1].output[0], linear_before_reset=1),
    ]
    shapes = {"one": np.array([1]), "flat": np.array([0, 0, -1]), "scale": np.ones(HIDDEN, np.float32)}
    return model_of(nodes, numbered(low) | numbered(high, 1) | shapes, [ends])


def squeezed(reads: str = "Y") -> Any:
    """Return what takes the axis of the directions away."""
    return helper.make_node("Squeeze", [reads, "one"], ["S"], name="squeezed")


def test_layers_above_each_other_are_found_by_the_graph(tmp_path: Path) -> None:
    model = stacked(squeezed())
    network = load_network(written(model, tmp_path))
    assert [layer[0].cell.name for layer in network.layers] == ["LSTM", "GRU"]
    np.testing.assert_allclose(network.run_vectors(X).outputs, answer(model, X=X)[0][:, 0], rtol=1e-5, atol=1e-5)


def test_both_directions_go_side_by_side_into_the_next_layer(tmp_path: Path) -> None:
    beside = helper.make_node("Transpose", ["Y"], ["A"], perm=[0, 2, 1, 3])
    model = stacked(beside, helper.make_node("Reshape", ["A", "flat"], ["C"], name="side by side"), ways=2)
    network = load_network(written(model, tmp_path))
    np.testing.assert_allclose(network.run_vectors(X).outputs, answer(model, X=X)[0][:, 0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "between",
    [
        helper.make_node("LayerNormalization", ["S", "scale"], ["N"], name="norm"),
        helper.make_node("Relu", ["S"], ["N"], name="norm"),
        helper.make_node("Transpose", ["S"], ["N"], name="norm", perm=[1, 0, 2]),
        helper.make_node("Transpose", ["S"], ["N"], name="norm", perm=[0, 2, 1]),
    ],
)
def test_what_changes_the_numbers_between_layers_parts_them(between: Any, tmp_path: Path) -> None:
    """Nothing is read through it; each layer is chosen by its name, and gives what ONNX Runtime gives on the same."""
    model = stacked(squeezed(), between)
    path = written(model, tmp_path)
    listed = rf"node0 \(LSTM, .*; node1 \(GRU, 4 to 4, reads {between.op_type} norm behind node0\); choose with"
    with pytest.raises(FileError, match=listed):
        load_network(path)
    for name in ("Y", "N"):
        model.graph.output.add().name = name
    x = np.concatenate([X, X[:, ::-1] + 1], axis=1)  # a batch of as many as there are units: any axes may change
    upper, lower, between_them = answer(model, X=x)
    for name, vectors, theirs in (("node0", x, lower), ("node1", between_them, upper)):
        network = load_network(path, hints=Hints({"rnn": name}))
        np.testing.assert_allclose(network.run_vectors(vectors).outputs, theirs[:, 0], rtol=1e-5, atol=1e-5)


def test_two_directions_that_are_not_side_by_side_are_not_read_as_if_they_were(tmp_path: Path) -> None:
    model = stacked(helper.make_node("Reshape", ["Y", "flat"], ["C"], name="mixed"), ways=2)
    with pytest.raises(FileError, match="reads Reshape mixed behind node0"):
        load_network(written(model, tmp_path))


def test_nodes_of_one_name_are_chosen_by_what_they_give(tmp_path: Path) -> None:
    model = stacked(squeezed(), helper.make_node("Relu", ["S"], ["N"]))
    for node in model.graph.node:
        node.name = "same"
    path = written(model, tmp_path)
    with pytest.raises(FileError, match=r"Y \(LSTM, .*; Y1 \(GRU, 4 to 4, reads Relu same behind Y\)"):
        load_network(path)
    assert load_network(path, hints=Hints({"rnn": "Y1"})).layers[0][0].cell.name == "GRU"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"clip": -1.0}, "LSTM node0: clip must be above 0"),
        ({"activations": ["Sigmoid", "Tanh", "Gelu"]}, "LSTM node0: activation: expected one of"),
        (
            {"activations": ["Sigmoid", "Affine", "Tanh"]},
            "LSTM node0: activation Affine: its alpha and beta are missing",
        ),
        ({"activations": ["Sigmoid"]}, "LSTM node0: expected 3 activations, got 1"),
        ({"direction": "sideways"}, "direction sideways with 1 directions of weights"),
        ({"direction": "bidirectional"}, "direction bidirectional with 1 directions"),
        ({"hidden": 3}, "can't honour its attribute hidden"),
    ],
)
def test_an_attribute_that_cannot_be_honoured_is_refused_by_name(
    said: dict[str, Any], message: str, tmp_path: Path
) -> None:
    arrays = arrays_of("LSTM")
    model = model_of([node_of("LSTM", arrays, **said)], numbered(arrays))
    with pytest.raises(FileError, match=message):
        load_network(written(model, tmp_path))


def test_a_hidden_size_that_is_not_that_of_the_weights_is_refused(tmp_path: Path) -> None:
    arrays = arrays_of("LSTM")
    node = helper.make_node("LSTM", ["X", "W0", "R0", "B0"], ["Y"], name="node0", hidden_size=7)
    with pytest.raises(FileError, match="hidden_size is 7, but R has 4 units"):
        load_network(written(model_of([node], numbered(arrays)), tmp_path))


def test_lengths_that_differ_are_refused_and_equal_ones_are_said(tmp_path: Path) -> None:
    for lengths, refused in (([6, 3], True), ([6, 6], False)):
        arrays = arrays_of("LSTM") | {"sequence_lens": np.array(lengths, np.int32)}
        path = written(model_of([node_of("LSTM", arrays)], numbered(arrays)), tmp_path)
        if refused:
            with pytest.raises(FileError, match=r"can't honour its sequence_lens \[6, 3\]"):
                load_network(path)
        else:
            assert load_network(path).run_vectors(X).outputs.shape == (STEPS, BATCH, HIDDEN)


def test_a_start_state_from_outside_is_said_to_be_zero(tmp_path: Path) -> None:
    arrays = arrays_of("GRU", parts="WRBh")
    constants = {name: value for name, value in numbered(arrays).items() if not name.startswith("initial")}
    inputs = [("X", TensorProto.FLOAT, ("T", "B", "D")), ("initial_h0", TensorProto.FLOAT, (1, "B", HIDDEN))]
    network = load_network(written(model_of([node_of("GRU", arrays)], constants, inputs=inputs), tmp_path))
    assert "node0 starts at zero, where the model is given one" in network.source


@pytest.mark.parametrize("repeated", [True, False])
def test_a_learned_start_state_is_repeated_for_every_sequence(repeated: bool, tmp_path: Path) -> None:
    arrays, learned = arrays_of("GRU"), drawn((2, 1, HIDDEN), 3)
    cut = helper.make_node("Slice", ["repeated", "one", "two", "nought"], ["initial_h0"], name="cut")
    shape = helper.make_node("Concat", ["whole", "batch", "whole"], ["shape"], axis=0)
    size = [helper.make_node("Shape", ["X"], ["sizes"]), helper.make_node("Slice", ["sizes", "one", "two"], ["batch"])]
    kind, given = ("Expand", ["learned", "shape"]) if repeated else ("Pow", ["learned", "learned"])
    nodes = [*size, shape, helper.make_node(kind, given, ["repeated"], name="made"), cut]
    node = helper.make_node("GRU", ["X", "W0", "R0", "B0", "", "initial_h0"], ["Y"], name="node0", hidden_size=HIDDEN)
    constants = numbered(arrays) | {"learned": learned, "whole": np.array([1]), "one": np.array([1])}
    constants |= {"two": np.array([2]), "nought": np.array([0])}
    model = model_of([*nodes, node], constants)
    network = load_network(written(model, tmp_path))
    if repeated:
        np.testing.assert_array_equal(network.layers[0][0].start["h"], learned[1, 0])
        np.testing.assert_allclose(network.run_vectors(X).outputs, answer(model, X=X)[0][:, 0], rtol=1e-5, atol=1e-5)
        assert "not used" not in network.source
    else:
        assert "node0 starts at zero, where the model computes one by Slice cut" in network.source


def test_a_batch_that_starts_differently_is_refused(tmp_path: Path) -> None:
    arrays = arrays_of("GRU", parts="WRB") | {"initial_h": drawn((1, BATCH, HIDDEN))}
    with pytest.raises(FileError, match="initial_h0 starts the sequences of a batch differently"):
        load_network(written(model_of([node_of("GRU", arrays)], numbered(arrays)), tmp_path))


def test_weights_from_outside_are_refused(tmp_path: Path) -> None:
    arrays = arrays_of("GRU")
    inputs = [("X", TensorProto.FLOAT, ("T", "B", "D")), ("W0", TensorProto.FLOAT, arrays["W"].shape)]
    constants = {name: value for name, value in numbered(arrays).items() if name != "W0"}
    with pytest.raises(FileError, match="GRU node0: its W is no constant"):
        load_network(written(model_of([node_of("GRU", arrays)], constants, inputs=inputs), tmp_path))


def language_model(*after: Any, rows: int = 7) -> Any:
    """Return a model of a table, an LSTM and a linear map, with nodes between the last two."""
    arrays = arrays_of("LSTM")
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["X"]),
        node_of("LSTM", arrays),
        squeezed(),
        *after,
        helper.make_node("Gemm", [after[-1].output[0] if after else "last", "weight", "bias"], ["logits"], transB=1),
    ]
    if not after:
        nodes.insert(3, helper.make_node("Gather", ["S", "end"], ["last"], axis=0))
    constants = {"table": drawn((7, INPUTS)), "weight": drawn((rows, HIDDEN)), "bias": drawn((rows,))}
    constants |= {"one": np.array([1]), "end": np.array(-1)}
    inputs = [("ids", TensorProto.INT64, ("T", "B"))]
    return model_of(nodes, constants | numbered(arrays), ["logits"], inputs)


def test_table_and_linear_map_are_embedding_and_decoder(tmp_path: Path) -> None:
    model, ids = language_model(), np.array([[1, 2], [3, 4], [6, 0]])
    network = load_network(written(model, tmp_path))
    logits = network.decode(network.run(ids).outputs)[-1]
    np.testing.assert_allclose(logits, answer(model, ids=ids)[0], rtol=1e-5, atol=1e-5)
    assert network.vocabulary.words[-1] == "#6"


@pytest.mark.parametrize(
    ("after", "rows", "kind"),
    [([helper.make_node("Relu", ["S"], ["N"], name="bent")], 7, "values"), ([], 2, "values")],
)
def test_a_decoder_that_is_none_is_another_answer(after: list[Any], rows: int, kind: str, tmp_path: Path) -> None:
    network = load_network(written(language_model(*after, rows=rows), tmp_path))
    assert not network.has_decoder
    assert network.answer is not None
    assert (network.answer.kind, network.answer.outputs) == (kind, rows)


def test_what_can_not_be_followed_to_the_answer_is_named(tmp_path: Path) -> None:
    network = load_network(written(language_model(helper.make_node("Erf", ["S"], ["N"], name="odd"), rows=2), tmp_path))
    assert network.answer is None
    assert "no answer: what the outputs go through is Erf odd" in network.source


def test_parts_that_the_graph_tells_cannot_be_mapped_but_left_out(tmp_path: Path) -> None:
    path = written(language_model(), tmp_path)
    with pytest.raises(FileError, match=r"^roles embedding=weight: the file says itself what its tensors are"):
        load_network(path, hints=Hints({"embedding": "weight"}))
    assert not load_network(path, hints=Hints({"decoder.weight": "none"})).has_decoder


@pytest.mark.parametrize(
    "node",
    [helper.make_node("Concat", ["S", "S"], ["N"], axis=9), helper.make_node("Softmax", ["S"], ["N"], axis=7),
     helper.make_node("Transpose", ["S"], ["N"], perm=[0, 0, 5]),
     helper.make_node("ReduceMean", ["S"], ["N"], axes=[11]),
     helper.make_node("Squeeze", ["S"], ["N"], axes=[-9])],
)  # fmt: skip
def test_operations_behind_that_break_their_own_rules_are_no_crash(node: Any, tmp_path: Path) -> None:
    assert load_network(written(language_model(node, rows=2), tmp_path)) is not None
