"""Keras models by hand: every setting of a layer is honoured or refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.cells.variants import Activation, GeneralGRU, GeneralLSTM, GeneralRNN
from lstm_ascii.checkpoints.formats.contents import FileContents, Graph, Operation, RecurrentLayer, Stored, Tensors
from lstm_ascii.checkpoints.layers import Hints, NetworkParts
from lstm_ascii.checkpoints.networks import recognise
from lstm_ascii.checkpoints.pieces import UndecidedError
from lstm_ascii.errors import FileError
from lstm_ascii.masks import Mask
from tests.checkpoints.recognise.made import drawn

INPUTS, HIDDEN, WORDS = 5, 3, 11
ROWS = {"LSTM": 4, "GRU": 3, "RNN": 1}
KINDS = {"RNN": "SimpleRNN"}


def weights(kind: str, inputs: int = INPUTS, way: str = "", bias: tuple[int, ...] | None = None) -> dict[str, Array]:
    """Return the arrays of a layer."""
    rows = ROWS[kind] * HIDDEN
    shapes: dict[str, tuple[int, ...]] = {"kernel": (inputs, rows), "recurrent_kernel": (HIDDEN, rows)}
    shapes["bias"] = bias or ((2, rows) if kind == "GRU" else (rows,))
    return {way + name: drawn(shape) for name, shape in shapes.items()}


def layer(name: str, kind: str = "LSTM", reads: str = "in", inputs: int = INPUTS, **settings: Any) -> RecurrentLayer:
    """Return a recurrent layer."""
    said = {"units": HIDDEN, "return_sequences": True, **settings}
    bias = None
    if kind == "GRU":
        said.setdefault("reset_after", True)
        bias = None if said["reset_after"] else (3 * HIDDEN,)
    return RecurrentLayer(kind, name, weights(kind, inputs, bias=bias), said, (reads,), (name,))


def both_ways(name: str, reads: str = "in", inputs: int = INPUTS, **settings: Any) -> RecurrentLayer:
    """Return a layer in both directions."""
    inner = {"units": HIDDEN, "return_sequences": True}
    said = {
        "merge_mode": "concat",
        "layer": {"class_name": "LSTM", "config": {**inner, "go_backwards": False}},
        "backward_layer": {"class_name": "LSTM", "config": {**inner, "go_backwards": True}},
        **settings,
    }
    arrays = weights("LSTM", inputs, "forward/") | weights("LSTM", inputs, "backward/")
    return RecurrentLayer("LSTM", name, arrays, said, (reads,), (name,), "Bidirectional")


def other(kind: str, name: str, reads: str, arrays: dict[str, Array] | None = None, **settings: Any) -> Operation:
    """Return another layer."""
    return Operation(kind, name, (reads,) if reads else (), (name,), settings, arrays or {})


def model(*parts: RecurrentLayer | Operation, version: str = "3.5.0", **roles: str) -> NetworkParts:
    """Return what is made of a model."""
    operations = [
        Operation(KINDS.get(part.kind, part.kind), part.name, part.inputs, part.outputs, part.attributes, part.tensors)
        if isinstance(part, RecurrentLayer)
        else part
        for part in parts
    ]
    stored = {
        f"{part.name}/{name}": Stored("float32", value.shape, value.nbytes, lambda value=value: value)  # type: ignore[misc]
        for part in parts
        for name, value in part.tensors.items()
    }
    layers = tuple(part for part in parts if isinstance(part, RecurrentLayer))
    graph = Graph((other("InputLayer", "in", ""), *operations), ("in",), (parts[-1].name,))
    metadata = {"keras_version": version} if version else {}
    contents = FileContents("file", "Keras", Tensors(stored), metadata, layers, graph)
    return recognise(contents, Hints({role.replace("_", "."): name for role, name in roles.items()}))


def first(found: NetworkParts) -> Any:
    """Return the first cell."""
    assert found.stack is not None
    return found.stack.directions[0].direction.cell


def backwards(found: NetworkParts) -> list[list[bool]]:
    """Return which cells read backward, layer by layer."""
    assert found.stack is not None
    return [[one.direction.backward for one in ways] for ways in found.stack.layers]


@pytest.mark.parametrize(
    ("version", "slope"), [("3.5.0", 1 / 6), ("2.15.0", 0.2), ("1.2.2", 0.2), ("2.4.0-tf", 0.2), ("", 1 / 6)]
)
def test_the_hard_sigmoid_is_that_of_the_version(version: str, slope: float) -> None:
    found = model(layer("lstm", recurrent_activation="hard_sigmoid"), version=version)
    cell = first(found)
    assert isinstance(cell, GeneralLSTM)
    assert cell.gate == Activation("hard_sigmoid", slope, 0.5)
    assert found.stack is not None
    assert found.stack.directions[0].traits == ("activations hard_sigmoid tanh",)


def test_the_activation_is_both_what_is_written_and_what_is_shown() -> None:
    cell = first(model(layer("lstm", activation="relu")))
    assert (cell.candidate.name, cell.output.name, cell.gate.name) == ("relu", "relu", "sigmoid")


def test_a_leaky_relu_has_the_slope_of_keras() -> None:
    cell = first(model(layer("rnn", "RNN", activation="leaky_relu")))
    assert isinstance(cell, GeneralRNN)
    assert cell.activation == Activation("leaky_relu", 0.2)


@pytest.mark.parametrize("named", ["relu", {"module": "builtins", "class_name": "function", "config": "relu"}])
def test_an_activation_may_be_kept_as_a_function(named: Any) -> None:
    assert first(model(layer("rnn", "RNN", activation=named))).activation == "relu"


@pytest.mark.parametrize("after", [True, False])
def test_the_reset_gate_is_where_the_file_says(after: bool) -> None:
    cell = first(model(layer("gru", "GRU", reset_after=after)))
    assert cell.reset_after == after
    assert not isinstance(cell, GeneralGRU)
    assert cell.bias_hh.any() == after


def test_a_layer_that_goes_backwards_leaves_its_outputs_so_for_the_next() -> None:
    low, high = layer("one", go_backwards=True), layer("two", reads="one", inputs=HIDDEN)
    assert backwards(model(low)) == [[True]]
    assert backwards(model(low, high)) == [[True], [True]]
    again = layer("two", reads="one", inputs=HIDDEN, go_backwards=True)
    assert backwards(model(low, again)) == [[True], [False]]
    assert "the outputs stand in the order of the words, where Keras gives them backwards" in model(low).notes
    assert model(low, again).notes == ()


def test_both_directions_are_one_layer() -> None:
    found = model(both_ways("one"), both_ways("two", "one", 2 * HIDDEN))
    assert backwards(found) == [[False, True], [False, True]]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (layer("lstm", activation="mish"), "LSTM lstm: activation: expected one of .*, got mish"),
        (layer("lstm", activation={"class_name": "Mine"}), "LSTM lstm: activation: .* got Mine"),
        (
            layer("lstm", activation={"class_name": "ReLU", "config": {"max_value": 6}}),
            "LSTM lstm: can't honour the layer ReLU as its activation",
        ),
        (layer("lstm", units=7), r"LSTM lstm: recurrent_kernel: expected 7 rows, got shape \(3, 12\)"),
        (layer("lstm", quantization_config={"a": 1}), "LSTM lstm: can't read quantized weights"),
        (both_ways("both", merge_mode="max"), "LSTM both: can't honour merge_mode max; expected concat, sum, ave, mul"),
        (
            both_ways("both", backward_layer={"config": {"units": HIDDEN, "go_backwards": False}}),
            "LSTM both: expected a forward and a backward layer",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(part: RecurrentLayer, message: str) -> None:
    with pytest.raises(FileError, match=message):
        model(part)


def test_a_missing_array_is_named() -> None:
    part = layer("lstm")
    del part.tensors["bias"]
    with pytest.raises(FileError, match="LSTM lstm: its bias is missing"):
        model(part)
    assert not first(
        model(RecurrentLayer("LSTM", "lstm", part.tensors, {"use_bias": False}, ("in",), ("lstm",)))
    ).bias_ih.any()


BETWEEN = [
    "LayerNormalization",
    "BatchNormalization",
    "Dense",
    "Add",
    "RepeatVector",
    "Activation",
    "Lambda",
    "Reshape",
]


@pytest.mark.parametrize("kind", BETWEEN)
def test_what_lies_between_layers_parts_them_into_networks_to_choose_from(kind: str) -> None:
    """Nothing is read through what isn't done, and it keeps neither layer from being read."""
    parts = (layer("one"), other(kind, "between", "one"), layer("two", reads="between", inputs=HIDDEN))
    listed = rf"one \(LSTM, 5 to 3\); two \(LSTM, 3 to 3, reads {kind} between behind one\); choose with roles rnn=one"
    with pytest.raises(UndecidedError, match=f"several recurrent networks: {listed}") as error:
        model(*parts)
    assert [(piece.name, piece.reads) for piece in error.value.pieces] == [
        ("one", "what the model is given"),
        ("two", f"{kind} between behind one"),
    ]
    for name, inputs in (("one", INPUTS), ("two", HIDDEN)):
        found = model(*parts, rnn=name)
        assert found.stack is not None
        assert (found.stack.name, found.stack.input_size, len(found.stack.layers)) == (name, inputs, 1)
        assert [piece.chosen for piece in found.pieces] == [piece.name == name for piece in found.pieces]


def test_a_run_of_layers_is_chosen_by_its_name_or_by_that_of_one_of_them() -> None:
    parts = (
        layer("one"),
        layer("two", reads="one", inputs=HIDDEN),
        other("Reshape", "turned", "two"),
        layer("three", reads="turned", inputs=HIDDEN),
    )
    for name in ("one, two", "one", "two"):
        found = model(*parts, rnn=name)
        assert found.stack is not None
        assert found.stack.name == "one, two"
    with pytest.raises(FileError, match=r"rnn=four: no such layers; there are one, two \(.*\); three \("):
        model(*parts, rnn="four")


def test_a_branch_that_joins_between_layers_is_named() -> None:
    with pytest.raises(UndecidedError, match=r"three \(LSTM, 3 to 3, reads Add join behind one and two\)"):
        model(
            layer("one"),
            layer("two"),
            Operation("Add", "join", ("one", "two"), ("join",)),
            layer("three", reads="join", inputs=HIDDEN),
        )


def test_a_layer_that_cannot_be_read_keeps_no_other_from_being_read() -> None:
    parts = (layer("one", activation="mine"), other("Reshape", "turned", "one"), layer("two", reads="turned", inputs=3))
    with pytest.raises(UndecidedError, match="one \\(can't be read: LSTM one: activation: expected one of"):
        model(*parts)
    assert model(*parts, rnn="two").stack is not None
    with pytest.raises(FileError, match=r"^file: LSTM one: activation: expected one of"):
        model(*parts, rnn="one")


def test_what_acts_in_training_only_may_lie_anywhere() -> None:
    found = model(
        other("Embedding", "words", "in", {"embeddings": drawn((WORDS, INPUTS))}),
        other("SpatialDropout1D", "drop", "words"),
        layer("one", reads="drop"),
        other("Dropout", "drop2", "one"),
        layer("two", reads="drop2", inputs=HIDDEN),
        other("Dropout", "drop3", "two"),
        other(
            "Dense", "out", "drop3", {"kernel": drawn((HIDDEN, WORDS)), "bias": drawn((WORDS,))}, activation="softmax"
        ),
    )
    assert backwards(found) == [[False], [False]]
    assert found.embedding is not None
    assert found.decoder_weight is not None
    np.testing.assert_array_equal(found.decoder_weight.value, drawn((HIDDEN, WORDS)).T)
    assert found.used == {"words/embeddings", "out/kernel", "out/bias"} | {
        f"{name}/{part}" for name in ("one", "two") for part in ("kernel", "recurrent_kernel", "bias")
    }


def test_a_mask_that_is_made_below_what_parts_the_layers_is_said() -> None:
    parts = (
        other("Masking", "padding", "in"),
        layer("one", reads="padding"),
        other("BatchNormalization", "norm", "one"),
        layer("two", reads="norm", inputs=HIDDEN),
    )
    says = "Masking padding makes a mask below that; where Keras hands it on it skips steps, and here all are read"
    assert says in model(*parts, rnn="two").notes
    assert says not in model(*parts, rnn="one").notes


def test_a_mask_of_no_number_is_refused() -> None:
    with pytest.raises(FileError, match="padding: mask_value: expected a number, got x"):
        model(other("Masking", "padding", "in", mask_value="x"), layer("one", reads="padding"))


def test_only_the_last_output_handed_on_ends_a_network() -> None:
    low = layer("one", return_sequences=False)
    with pytest.raises(UndecidedError, match=r"two \(LSTM, 3 to 3, reads the last output of one\)"):
        model(low, layer("two", reads="one", inputs=HIDDEN))


def test_widths_that_do_not_fit_are_refused_with_both() -> None:
    with pytest.raises(FileError, match="a layer reads 7 values, but gets 3"):
        model(layer("one"), layer("two", reads="one", inputs=7))


def test_a_padding_word_is_skipped_and_this_is_said() -> None:
    words = other("Embedding", "words", "in", {"embeddings": drawn((WORDS, INPUTS))}, mask_zero=True)
    found = model(words, layer("one", reads="words"))
    assert "mask_zero: word 0 is padding, and is skipped" in found.notes
    assert found.mask == Mask(entry=0)


def test_a_start_state_from_outside_is_said_to_be_zero() -> None:
    part = layer("one")
    given = RecurrentLayer(part.kind, "one", part.tensors, part.attributes, ("in", "state"), ("one",))
    assert "one starts at zero, where the model is given a state" in model(given).notes


@pytest.mark.parametrize(
    ("rows", "activation", "kind"), [(1, "sigmoid", "labels"), (WORDS, "relu", "values"), (2, "softmax", "classes")]
)
def test_what_is_no_decoder_is_another_answer(rows: int, activation: str, kind: str) -> None:
    found = model(layer("one"), other("Dense", "out", "one", {"kernel": drawn((HIDDEN, rows))}, activation=activation))
    assert found.decoder_weight is None
    assert found.head is not None
    answer = found.head.answer
    kinds = {"classes": "tags"} if answer.pooling == "each" else {}
    assert answer.kind == kinds.get(kind, kind) or (rows, answer.kind) == (1, kinds.get("classes", "classes"))
    assert (answer.outputs, str(answer.squash)) == (rows, activation)


def test_what_can_not_be_honoured_behind_the_layers_is_said() -> None:
    found = model(layer("one"), other("Conv1D", "wide", "one"))
    assert found.head is None
    assert "no answer: what the outputs go through is Conv1D wide" in found.notes


def test_a_classifier_of_sentences_is_an_answer() -> None:
    words = other("Embedding", "words", "in", {"embeddings": drawn((WORDS, INPUTS))})
    found = model(words, layer("one", reads="words"), other("Dense", "out", "one", {"kernel": drawn((HIDDEN, 2))}))
    assert found.decoder_weight is None
    assert found.head is not None
    assert found.head.answer.outputs == 2
    assert found.head.used == ("out/kernel",)


def test_what_lies_ahead_of_the_layers_is_said() -> None:
    found = model(other("Conv1D", "front", "in"), layer("one", reads="front"))
    assert "no embedding: Conv1D front lies ahead of the layers; --input gives what they read" in found.notes


def test_of_two_networks_side_by_side_the_reader_chooses() -> None:
    with pytest.raises(FileError, match=r"one \(LSTM, 5 to 3\); two \(LSTM, 5 to 3\); choose with roles rnn=one"):
        model(layer("one"), layer("two"))
    found = model(layer("one"), layer("two"), rnn="two")
    assert found.stack is not None
    assert found.stack.name == "two"


@pytest.mark.parametrize("settings", [{"negative_slope": "steep"}, {"negative_slope": []}, {"max_value": 6}])
def test_settings_of_a_layer_behind_that_make_no_sense_end_the_way(
    settings: dict[str, object],
) -> None:
    found = model(layer("one"), other("ReLU", "bent", "one", **settings))
    assert found.head is None


def test_a_mask_of_no_number_is_refused_by_name() -> None:
    with pytest.raises(FileError, match="skip: mask_value: expected a number, got none at all"):
        model(other("Masking", "skip", "in", mask_value="none at all"), layer("one", reads="skip"))


def test_directions_that_are_given_apart_stand_side_by_side_and_end_the_network() -> None:
    beside = model(both_ways("both"), rnn="both")
    apart = model(both_ways("both", merge_mode=None), both_ways("above", "both", HIDDEN), rnn="both")
    x = drawn((6, 2, INPUTS)).astype(float)
    assert apart.stack is not None
    assert beside.stack is not None
    for one, other_one in zip(apart.stack.directions, beside.stack.directions, strict=True):
        np.testing.assert_array_equal(one.direction.trace(x).h, other_one.direction.trace(x).h)
    assert (len(apart.stack.layers), apart.stack.output_size, apart.head) == (1, 2 * HIDDEN, None)
    assert any("gives its directions apart" in note for note in apart.notes)
