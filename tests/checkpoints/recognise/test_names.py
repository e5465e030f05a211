"""Tensors with names only: layers, embedding and decoder are found by name and shape, and what can't be is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.cells import GRU, LSTM, RNN, Array
from lstm_ascii.cells.variants import GeneralLSTM
from lstm_ascii.checkpoints.layers import NetworkParts, Stack
from lstm_ascii.checkpoints.networks import left_out
from lstm_ascii.errors import FileError
from tests.checkpoints.recognise.made import contents_of, drawn, recognised, torch_layer

INPUTS, HIDDEN, WORDS = 5, 3, 11


def stack_of(tensors: dict[str, Array], activation: str = "") -> Stack:
    """Return the layers, which there must be."""
    stack = recognised(tensors, activation=activation).stack
    assert stack is not None
    return stack


def shape_of(stack: Stack) -> list[list[str]]:
    """Return the cells of a stack, layer by layer; those that read backward with an arrow."""
    return [[found.direction.cell.name + "←" * found.direction.backward for found in layer] for layer in stack.layers]


def language_model(prefix: str = "", kind: str = "LSTM") -> dict[str, Array]:
    """Return the tensors of the usual language model."""
    return {
        f"{prefix}encoder.weight": drawn((WORDS, INPUTS)),
        **torch_layer(f"{prefix}rnn.", INPUTS, HIDDEN, kind),
        f"{prefix}decoder.weight": drawn((WORDS, HIDDEN), 1),
        f"{prefix}decoder.bias": drawn((WORDS,)),
    }


@pytest.mark.parametrize("prefix", ["", "module.", "model.", "_orig_mod.", "state_dict.model.net.", "0."])
@pytest.mark.parametrize(("kind", "cell"), [("LSTM", LSTM), ("GRU", GRU), ("RNN", RNN)])
def test_a_language_model_is_found_behind_any_prefix(prefix: str, kind: str, cell: type) -> None:
    found = recognised(language_model(prefix, kind))
    assert found.stack is not None
    assert type(found.stack.layers[0][0].direction.cell) is cell
    assert found.embedding is not None
    assert found.decoder_weight is not None
    assert found.decoder_bias is not None
    assert (found.embedding.name, found.decoder_weight.name) == (f"{prefix}encoder.weight", f"{prefix}decoder.weight")
    assert not found.tied
    assert found.used == set(language_model(prefix, kind))


def test_layers_and_directions_are_put_in_order() -> None:
    tensors = {}
    for ending, inputs in (("_l1_reverse", 6), ("_l0", 5), ("_l1", 6), ("_l0_reverse", 5)):
        tensors |= torch_layer("x.", inputs, HIDDEN, ending=ending)
    stack = stack_of(tensors)
    assert shape_of(stack) == [["LSTM", "LSTM←"], ["LSTM", "LSTM←"]]
    np.testing.assert_array_equal(stack.layers[1][1].direction.cell.weight_ih, tensors["x.weight_ih_l1_reverse"])


def test_a_layer_without_biases_has_none() -> None:
    stack = stack_of(torch_layer("", INPUTS, HIDDEN, biases=False))
    assert not stack.directions[0].direction.cell.bias_ih.any()
    assert stack.directions[0].traits == ("no biases",)
    assert stack.directions[0].biases == 0


def test_a_projection_belongs_to_the_cell() -> None:
    tensors = torch_layer("", INPUTS, HIDDEN) | {"weight_hr_l0": drawn((2, HIDDEN)), "weight_hh_l0": drawn((12, 2))}
    cell = stack_of(tensors).directions[0].direction.cell
    assert isinstance(cell, GeneralLSTM)
    assert (cell.hidden_size, cell.output_size) == (3, 2)


def test_cells_without_a_layer_number_are_layers() -> None:
    tensors = torch_layer("cells.0.", INPUTS, HIDDEN, "GRU", "") | torch_layer("cells.1.", HIDDEN, 2, "GRU", "")
    assert shape_of(stack_of(tensors)) == [["GRU"], ["GRU"]]


def test_the_weights_before_dropout_count() -> None:
    tensors: dict[str, Array] = {"encoder.weight": drawn((WORDS, INPUTS))}
    for number, inputs in ((0, INPUTS), (1, HIDDEN)):
        layer = torch_layer(f"rnns.{number}.module.", inputs, HIDDEN)
        tensors |= layer | {f"rnns.{number}.weight_hh_l0_raw": drawn((12, HIDDEN), 7)}
    stack = stack_of(tensors)
    assert shape_of(stack) == [["LSTM"], ["LSTM"]]
    for found in stack.directions:
        np.testing.assert_array_equal(found.direction.cell.weight_hh, drawn((12, HIDDEN), 7))
        assert "weights before dropout (raw)" in found.traits
    assert stack.notes == ()


def test_the_raw_weights_alone_are_enough() -> None:
    tensors = torch_layer("rnns.0.module.", INPUTS, HIDDEN)
    tensors["rnns.0.module.weight_hh_l0_raw"] = tensors.pop("rnns.0.module.weight_hh_l0")
    np.testing.assert_array_equal(
        stack_of(tensors).directions[0].direction.cell.weight_hh, tensors["rnns.0.module.weight_hh_l0_raw"]
    )


@pytest.mark.parametrize(
    ("length", "direction"),
    [
        ("weight_hh_l0_g", "weight_hh_l0_v"),
        ("parametrizations.weight_hh_l0.original0", "parametrizations.weight_hh_l0.original1"),
    ],
)
def test_weight_normalisation_is_put_back(length: str, direction: str) -> None:
    tensors = torch_layer("", INPUTS, HIDDEN)
    weight = tensors.pop("weight_hh_l0").astype(float)
    norm = np.linalg.norm(weight, axis=1, keepdims=True)
    found = stack_of(tensors | {length: norm, direction: 3 * weight}).directions[0]
    np.testing.assert_allclose(found.direction.cell.weight_hh, weight, rtol=1e-12)
    assert "weight normalisation put back" in found.traits


def test_weights_kept_in_another_way_are_refused_by_name() -> None:
    tensors = torch_layer("", INPUTS, HIDDEN)
    tensors["weight_hh_l0_orig"] = tensors.pop("weight_hh_l0")
    with pytest.raises(FileError, match="weight_hh_l0_orig: can't read weights that are kept so"):
        recognised(tensors)


def test_modules_with_numbers_are_layers_where_their_sizes_fit_and_this_is_said() -> None:
    stack = stack_of(torch_layer("lstm1.", INPUTS, 4) | torch_layer("lstm2.", 4, HIDDEN))
    assert shape_of(stack) == [["LSTM"], ["LSTM"]]
    assert stack.notes == ("lstm1, lstm2 taken as layers one above the other",)


def test_an_rnn_is_said_to_be_read_with_tanh_unless_the_reader_says_relu() -> None:
    tensors = torch_layer("", INPUTS, HIDDEN, "RNN")
    assert stack_of(tensors).notes == ("tanh assumed, as the file doesn't say; --activation relu for the other",)
    told = stack_of(tensors, activation="relu")
    assert told.notes == ()
    assert vars(told.directions[0].direction.cell)["activation"] == "relu"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"rnn.weight_hh_l0": drawn((7, 3))},
            r"rnn.weight_hh_l0: expected 1, 3 or 4 times 3 rows .*got shape \(7, 3\)",
        ),
        ({"rnn.weight_ih_l0": drawn((9, 5))}, r"rnn.weight_ih_l0: expected shape \(12, 5\), got \(9, 5\)"),
        ({"rnn.bias_hh_l0": drawn((11,))}, r"rnn.bias_hh_l0: expected shape \(12,\), got \(11,\)"),
        ({"rnn.weight_hh_l0": drawn((12,))}, r"rnn.weight_hh_l0: expected two dimensions, got shape \(12,\)"),
        ({"rnn.weight_hh_l0": np.zeros((12, 0), "f4")}, r"rnn.weight_hh_l0: expected numbers, got the empty shape"),
        ({"rnn.bias_ih_l0": np.zeros(12, "i4")}, "rnn.bias_ih_l0: expected real numbers, got int32"),
        ({"rnn.weight_hr_l0": drawn((2, 7))}, r"rnn.weight_hh_l0: expected 1, 3 or 4 times 7 rows"),
    ],
)
def test_a_shape_that_does_not_fit_is_told_with_its_tensor(change: dict[str, Array], message: str) -> None:
    with pytest.raises(FileError, match=message):
        recognised(language_model() | change)


def test_a_missing_tensor_is_named() -> None:
    tensors = language_model()
    del tensors["rnn.weight_ih_l0"]
    with pytest.raises(FileError, match="its weight_ih is missing"):
        recognised(tensors)


def test_a_file_without_recurrent_layers_has_none() -> None:
    assert recognised({"conv.weight": drawn((3, 3)), "num_batches_tracked": np.array(3)}).stack is None


def test_one_matrix_may_be_embedding_and_decoder_and_this_is_said() -> None:
    tensors = {"encoder.weight": drawn((WORDS, HIDDEN)), **torch_layer("rnn.", HIDDEN, HIDDEN)}
    found = recognised(tensors | {"decoder.bias": drawn((WORDS,))})
    assert found.tied
    assert found.decoder_weight is not None
    assert found.decoder_bias is not None
    assert found.decoder_weight.name == "encoder.weight"
    assert found.decoder_bias.name == "decoder.bias"
    assert "encoder.weight taken for embedding and decoder (tied), as no other tensor fits" in found.notes
    assert recognised(tensors, decoder_weight="none").decoder_weight is None
    assert recognised(tensors).decoder_weight is None  # sizes alone: an encoder may have them


def test_an_embedding_is_no_decoder_where_another_matrix_reads_the_layers() -> None:
    tensors = {"encoder.weight": drawn((WORDS, HIDDEN)), **torch_layer("rnn.", HIDDEN, HIDDEN)}
    found = recognised(tensors | {"tags.weight": drawn((2, HIDDEN)), "tags.bias": drawn((2,))})
    assert found.embedding is not None
    assert found.decoder_weight is None


def test_a_decoder_with_fewer_rows_than_there_are_words_is_still_the_decoder() -> None:
    found = recognised(language_model(), words=WORDS + 1)
    assert found.decoder_weight is not None


def test_a_decoder_that_was_kept_of_a_tied_pair_is_the_embedding_too() -> None:
    tensors = {"decoder.weight": drawn((WORDS, HIDDEN)), **torch_layer("rnn.", HIDDEN, HIDDEN)}
    found = recognised(tensors, words=WORDS)
    assert found.tied
    assert found.embedding is not None
    assert found.embedding.name == "decoder.weight"
    assert recognised(tensors).embedding is None  # nobody says that there are words


def test_a_copy_of_the_embedding_does_no_harm() -> None:
    tensors = language_model("0.") | {"0.encoder_dp.emb.weight": drawn((WORDS, INPUTS))}
    found = recognised(tensors)
    assert found.embedding is not None
    assert found.embedding.name in ("0.encoder.weight", "0.encoder_dp.emb.weight")


def test_two_tables_that_fit_are_named_and_the_reader_chooses() -> None:
    tensors = language_model() | {"encoder2.embed.weight": drawn((WORDS, INPUTS), 5)}
    tensors["embed.weight"] = tensors.pop("encoder.weight")
    with pytest.raises(FileError, match=r"which is it\? Say roles embedding=encoder2.embed.weight, or another"):
        recognised(tensors)
    found = recognised(tensors, embedding="embed.weight")
    assert found.embedding is not None
    assert found.embedding.name == "embed.weight"


@pytest.mark.parametrize(
    ("role", "name", "message"),
    [
        ("embedding", "nothing", r"roles embedding=nothing: no such matrix; there is encoder.weight \(11, 5\)"),
        ("embedding", "decoder.weight", r"decoder.weight \(11, 3\): expected a width of 5 for embedding"),
        ("decoder_bias", "encoder.weight", r"encoder.weight: expected shape \(11,\), got \(11, 5\)"),
        ("rnn", "lstm", r"roles rnn=lstm: no such layers; there are rnn \(LSTM, 5 to 3\)"),
    ],
)
def test_a_hint_that_names_what_is_not_there_says_what_is(role: str, name: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        recognised(language_model(), **{role: name})


def test_a_decoder_behind_something_unknown_is_refused_by_name() -> None:
    tensors = language_model() | {"decoder.weight": drawn((WORDS, 7))}
    with pytest.raises(FileError, match=r"decoder.weight \(11, 7\) reads 7 values, but the layers give 3"):
        recognised(tensors)
    assert recognised(tensors, decoder_weight="none").decoder_weight is None


def test_a_layer_ahead_of_the_decoder_makes_a_chain_with_it_and_what_is_assumed_is_said() -> None:
    tensors = language_model() | {"proj.weight": drawn((7, HIDDEN)), "decoder.weight": drawn((WORDS, 7))}
    found = recognised(tensors)
    assert found.head is not None
    assert found.head.tensors == (("proj.weight", ""), ("decoder.weight", "decoder.bias"))
    assert [str(layer.squash) for layer in found.head.answer.layers] == ["relu", "linear"]
    assert any("relu between the dense layers" in note for note in found.notes)


def test_a_classifier_on_top_is_no_decoder_but_an_answer_and_this_is_said() -> None:
    tensors = language_model() | {"decoder.weight": drawn((2, HIDDEN)), "decoder.bias": drawn((2,))}
    found = recognised(tensors)
    assert found.decoder_weight is None
    assert found.head is not None
    assert (found.head.answer.outputs, found.head.answer.kind) == (2, "values")
    assert any("no function after the last, as the file doesn't say" in note for note in found.notes)


def test_equal_sizes_make_no_words_and_only_the_reader_makes_one_hot_vectors() -> None:
    tensors = torch_layer("lstm.", WORDS, HIDDEN) | {"fc.weight": drawn((WORDS, HIDDEN)), "fc.bias": drawn((WORDS,))}
    found = recognised(tensors)
    assert found.embedding is None
    assert found.decoder_weight is None
    assert found.head is not None
    for said in (
        recognised(tensors, words=WORDS),
        recognised(tensors, embedding="one-hot", decoder_weight="fc.weight"),
    ):
        assert said.embedding is not None
        assert said.decoder_weight is not None
        np.testing.assert_array_equal(said.embedding.value, np.eye(WORDS))
        assert "words are read as vectors with a single 1 (one-hot)" in said.notes


def test_the_chain_of_dense_layers_is_followed_by_sizes_and_names() -> None:
    tensors = torch_layer("lstm.", INPUTS, HIDDEN) | {
        "fc3.weight": drawn((1, HIDDEN)), "fc1.weight": drawn((HIDDEN, HIDDEN)), "fc2.weight": drawn((HIDDEN, HIDDEN)),
    }  # fmt: skip
    found = recognised(tensors)
    assert found.head is not None
    assert [weight for weight, _ in found.head.tensors] == ["fc1.weight", "fc2.weight", "fc3.weight"]


def test_the_bias_of_an_answer_is_known_by_its_name() -> None:
    tensors = {**torch_layer("", INPUTS, HIDDEN), "Why": drawn((2, HIDDEN)), "by": drawn((2, 1)), "bz": drawn((2,))}
    found = recognised(tensors)
    assert found.head is not None
    assert found.head.tensors == (("Why", "by"),)


def test_of_two_heads_the_reader_chooses() -> None:
    heads = {"actor.weight": drawn((4, HIDDEN)), "critic.weight": drawn((1, HIDDEN))}
    tensors = torch_layer("lstm.", INPUTS, HIDDEN) | heads
    found = recognised(tensors)
    assert found.head is None
    said = (
        "no answer: actor.weight (4, 3), critic.weight (1, 3) could each read the outputs; --map head=NAME says which"
    )
    assert said in found.notes
    chosen = recognised(tensors, head="critic.weight").head
    assert chosen is not None
    assert chosen.answer.outputs == 1
    with pytest.raises(FileError, match="no matrix reads the layers' outputs so"):
        recognised(tensors, head="policy.weight")


def test_a_matrix_under_another_networks_prefix_belongs_to_that_one() -> None:
    tensors = {
        "encoder.embedding.weight": drawn((WORDS, INPUTS)), **torch_layer("encoder.rnn.", INPUTS, HIDDEN),
        "decoder.embedding.weight": drawn((WORDS, INPUTS), 1), **torch_layer("decoder.rnn.", INPUTS, HIDDEN),
        "decoder.attn.linear_in.weight": drawn((HIDDEN, HIDDEN)), "generator.0.weight": drawn((WORDS, HIDDEN)),
    }  # fmt: skip
    encoder, decoder = recognised(tensors, rnn="encoder.rnn"), recognised(tensors, rnn="decoder.rnn")
    assert encoder.embedding is not None
    assert encoder.embedding.name == "encoder.embedding.weight"
    assert encoder.decoder_weight is None
    assert encoder.head is None
    assert decoder.embedding is not None
    assert decoder.embedding.name == "decoder.embedding.weight"
    assert decoder.decoder_weight is not None
    assert decoder.decoder_weight.name == "generator.0.weight"


def test_a_table_of_another_name_is_the_embedding_where_it_has_a_row_for_each_word_that_was_told() -> None:
    tensors = language_model() | {"attention.W": drawn((INPUTS, INPUTS))}
    tensors["table.weight"] = tensors.pop("encoder.weight")
    found = recognised(tensors, words=WORDS)
    assert found.embedding is not None
    assert found.embedding.name == "table.weight"
    assert "table.weight (11, 5) taken for the embedding, by its sizes" in found.notes
    assert recognised(tensors).embedding is None  # it may as well add the inputs to the answer
    del tensors["table.weight"]
    assert recognised(tensors, words=WORDS).embedding is None


def test_features_go_in_where_there_is_no_embedding() -> None:
    found = recognised(torch_layer("lstm.", 7, HIDDEN))
    assert (found.embedding, found.decoder_weight) == (None, None)


def seq2seq(attention: int = 0) -> dict[str, Array]:
    """Return encoder and decoder of a translator."""
    return {
        "encoder.embedding.weight": drawn((WORDS, INPUTS)),
        **torch_layer("encoder.rnn.", INPUTS, HIDDEN),
        "decoder.embedding.weight": drawn((13, INPUTS), 1),
        **torch_layer("decoder.rnn.", INPUTS + attention, HIDDEN),
        "decoder.fc_out.weight": drawn((13, HIDDEN)),
        "decoder.fc_out.bias": drawn((13,)),
    }


def test_of_several_networks_the_one_with_embedding_and_decoder_is_taken() -> None:
    found = recognised(seq2seq())
    assert found.stack is not None
    assert found.stack.name == "decoder.rnn"
    assert found.embedding is not None
    assert found.embedding.name == "decoder.embedding.weight"
    assert found.decoder_weight is not None
    assert found.decoder_weight.name == "decoder.fc_out.weight"
    assert found.notes[0].startswith("of several networks decoder.rnn was taken")
    assert "encoder.rnn (LSTM, 5 to 3)" in found.notes[0]


def test_of_several_equal_networks_the_reader_chooses() -> None:
    tensors = torch_layer("left.", 7, HIDDEN) | torch_layer("right.", 7, HIDDEN)
    with pytest.raises(
        FileError, match=r"left \(LSTM, 7 to 3\); right \(LSTM, 7 to 3\); choose with roles rnn=left, or"
    ):
        recognised(tensors)
    stack = recognised(tensors, rnn="right").stack
    assert stack is not None
    assert stack.name == "right"


def test_what_is_not_used_is_said() -> None:
    tensors = language_model() | {f"norm{number}.weight": drawn((HIDDEN,)) for number in range(5)}
    told = left_out(contents_of(tensors), recognised(tensors))
    assert told[-1] == "not used: norm0.weight, norm1.weight, norm2.weight, norm3.weight, … (5 of 12 tensors)"


def test_broken_numbers_are_read_and_said() -> None:
    tensors = language_model()
    tensors["rnn.weight_hh_l0"][0, 0] = np.nan
    told = left_out(contents_of(tensors), recognised(tensors))
    assert told == ["NaN or infinities in the layer of rnn.weight_ih_l0"]
    tensors["decoder.bias"][3] = np.inf
    told = left_out(contents_of(tensors), recognised(tensors))
    assert told == ["NaN or infinities in the layer of rnn.weight_ih_l0, decoder.bias"]


def test_a_dangerous_name_is_written_out() -> None:
    tensors = language_model("\x1b[31m")
    tensors["\x1b[31mrnn.bias_hh_l0"] = drawn((4,))
    with pytest.raises(FileError, match=r"\\x1b\[31mrnn.bias_hh_l0: expected shape"):
        recognised(tensors)


def onnx_arrays(kind: str, ways: int = 1) -> dict[str, Array]:
    """Return arrays in ONNX's layout, saved by name."""
    rows = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind] * HIDDEN
    return {
        "lstm.W": drawn((ways, rows, INPUTS)),
        "lstm.R": drawn((ways, rows, HIDDEN)),
        "lstm.B": drawn((ways, 2 * rows)),
    }


def test_arrays_in_the_layout_of_onnx_have_its_gate_order() -> None:
    arrays = onnx_arrays("LSTM", 2)
    stack = stack_of(arrays)
    assert shape_of(stack) == [["LSTM", "LSTM←"]]
    i, o, f, g = np.split(arrays["lstm.W"][1], 4)
    np.testing.assert_array_equal(stack.layers[0][1].direction.cell.weight_ih, np.concatenate([i, f, g, o]))
    assert stack.directions[0].order == "i o f g"


def test_a_gru_in_the_layout_of_onnx_is_said_to_reset_before_the_product() -> None:
    stack = stack_of(onnx_arrays("GRU"))
    assert "reset gate before the product assumed" in stack.notes[0]
    z, r, n = np.split(drawn((1, 9, HIDDEN))[0], 3)
    np.testing.assert_array_equal(stack.directions[0].direction.cell.weight_hh, np.concatenate([r, z, n]))


@pytest.mark.parametrize("separator", ["/", "."])
@pytest.mark.parametrize("ending", ["", ":0"])
def test_arrays_in_the_layout_of_keras_lie_on_their_side(separator: str, ending: str) -> None:
    rows = 3 * HIDDEN
    shapes: dict[str, tuple[int, ...]] = {"kernel": (5, rows), "recurrent_kernel": (HIDDEN, rows), "bias": (2, rows)}
    arrays = {f"gru{separator}{name}{ending}": drawn(shape) for name, shape in shapes.items()}
    arrays |= {
        f"dense{separator}kernel{ending}": drawn((HIDDEN, WORDS)),
        f"dense{separator}bias{ending}": drawn((WORDS,)),
    }
    arrays |= {f"embedding{separator}embeddings{ending}": drawn((WORDS, 5))}
    found = recognised(arrays)
    assert found.stack is not None
    cell = found.stack.directions[0].direction.cell
    assert isinstance(cell, GRU)
    z, r, n = np.split(drawn((5, rows)), 3, axis=1)
    np.testing.assert_array_equal(cell.weight_ih, np.concatenate([r, z, n], axis=1).T)
    assert found.embedding is not None
    assert found.decoder_weight is not None
    assert (found.embedding.value.shape, found.decoder_weight.value.shape) == ((WORDS, 5), (WORDS, HIDDEN))


def test_both_directions_of_keras_are_one_layer_and_numbers_make_a_stack() -> None:
    arrays = {}
    for layer, inputs in (("bidirectional", 5), ("bidirectional_1", 6)):
        for way in ("forward_lstm", "backward_lstm"):
            shapes = {"kernel": (inputs, 12), "recurrent_kernel": (HIDDEN, 12), "bias": (12,)}
            arrays |= {f"{layer}/{way}/lstm_cell/{name}": drawn(shape) for name, shape in shapes.items()}
    assert shape_of(stack_of(arrays)) == [["LSTM", "LSTM←"], ["LSTM", "LSTM←"]]


PARTS = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "weight_hr_l0", "weight_hh_l0_g", "weight_hh_l0_v", "start_h_l0")
OTHERS = (
    "a.W",
    "a.R",
    "a.B",
    "a.P",
    "x/kernel",
    "x/recurrent_kernel",
    "x/bias",
    "emb.weight",
    "out.weight",
    "out.bias",
)
NAMES = st.sampled_from([*(f"rnn.{part}" for part in PARTS), *OTHERS])
SHAPES = st.lists(st.sampled_from([0, 1, 2, 3, 4, 6, 8, 12]), max_size=3).map(tuple)
KINDS = st.sampled_from(["f4", "f8", "i8", "?"])


@given(st.dictionaries(NAMES, st.tuples(SHAPES, KINDS)), st.none() | st.integers(1, 12))
def test_any_tensors_are_read_or_refused_in_one_line(
    tensors: dict[str, tuple[tuple[int, ...], str]], words: int | None
) -> None:
    arrays = {name: np.zeros(shape, kind) for name, (shape, kind) in tensors.items()}
    try:
        found = recognised(arrays, words)
    except FileError as error:
        assert "\n" not in str(error)  # noqa: PT017 - any of them may be refused
    else:
        assert isinstance(found, NetworkParts)
        assert isinstance(left_out(contents_of(arrays), found), list)
