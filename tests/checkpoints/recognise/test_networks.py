"""Networks from files: their words, their padding, what is read in place of a sentence, and damaged files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.safetensors import write
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import FileError, LstmAsciiError, MissingPartError, UnknownWordError, UsageError
from lstm_ascii.mapped import mapping_of
from lstm_ascii.reports.inspect import inspect_report
from lstm_ascii.sources import WEIGHTS, Source, given_input, open_networks
from tests.checkpoints.recognise.made import drawn, torch_layer

FILES = Path(__file__).parents[1] / "files"
WORDS, INPUTS, HIDDEN = 11, 5, 3


def model(folder: Path, rows: int = WORDS, metadata: dict[str, str] | None = None, **changes: Array) -> Path:
    """Write a language model."""
    path = folder / "model.safetensors"
    tensors = {
        "encoder.weight": drawn((rows, INPUTS)),
        **torch_layer("rnn.", INPUTS, HIDDEN),
        "decoder.weight": drawn((rows, HIDDEN), 1),
        "decoder.bias": drawn((rows,)),
    }
    write(path, tensors | changes, metadata or {})
    return path


def words_file(folder: Path, count: int) -> str:
    """Write so many words."""
    path = folder / "words.txt"
    path.write_text("".join(f"w{number}\n" for number in range(count)))
    return str(path)


def test_words_come_from_the_file_itself(tmp_path: Path) -> None:
    words = "\n".join("abcdefghijk")
    network = load_network(model(tmp_path, metadata={"vocabulary": words}))
    assert network.vocabulary.words == tuple("abcdefghijk")
    assert network.source == "model.safetensors"


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_an_npz_is_read_like_a_safetensors(dtype: str, tmp_path: Path) -> None:
    tensors = {
        name: value.astype(dtype)
        for name, value in {
            "encoder.weight": drawn((WORDS, INPUTS)),
            **torch_layer("rnn.", INPUTS, HIDDEN),
            "decoder.weight": drawn((WORDS, HIDDEN), 1),
            "decoder.bias": drawn((WORDS,)),
        }.items()
    }
    np.savez(tmp_path / "model.npz", **tensors)  # type: ignore[arg-type]
    write(tmp_path / "model.safetensors", tensors, {})
    ids, answers = np.array([[1], [5], [2]]), []
    for name in ("model.npz", "model.safetensors"):
        network = load_network(tmp_path / name)
        assert network.source == name
        answers.append(network.decode(network.run(ids).outputs))
    np.testing.assert_array_equal(*answers)


def test_a_file_of_words_comes_before_those_in_the_file(tmp_path: Path) -> None:
    path = model(tmp_path, metadata={"vocabulary": "\n".join("abcdefghijk")})
    assert load_network(path, words_file(tmp_path, WORDS)).vocabulary.words[0] == "w0"


def test_rows_behind_the_last_word_stay_in_the_choice_under_their_numbers(tmp_path: Path) -> None:
    path, ids = model(tmp_path), np.array([[1], [2]])
    whole, network = load_network(path), load_network(path, words_file(tmp_path, 8))
    assert network.vocabulary.words[6:] == ("w6", "w7", "#8", "#9", "#10")
    assert "8 words for 11 rows: the others are written as #8 to #10" in network.source
    np.testing.assert_array_equal(network.decode(network.run(ids).outputs), whole.decode(whole.run(ids).outputs))


def test_rows_that_only_one_of_two_matrices_has_are_left_out_and_this_is_said(tmp_path: Path) -> None:
    path = model(tmp_path, **{"encoder.weight": drawn((WORDS + 2, INPUTS))})
    network = load_network(path, words_file(tmp_path, 8))
    assert (len(network.embedding), len(network.decoder_weight), len(network.decoder_bias)) == (11, 11, 11)
    assert "encoder.weight: 2 rows left out, which the other matrix of words has not" in network.source


def test_a_word_is_spelled_where_the_network_reads_characters(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("\n".join("abcdefghij"))
    network = load_network(model(tmp_path), str(tmp_path / "letters.txt"))
    assert network.vocabulary.words_of("cab") == ["c", "a", "b"]
    with pytest.raises(UnknownWordError, match="x: not in the vocabulary"):
        network.vocabulary.read("x")


def test_more_words_than_rows_are_refused_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"12 words in the vocabulary, but 11 rows in encoder.weight and"):
        load_network(model(tmp_path), words_file(tmp_path, 12), Hints({"decoder.weight": "decoder.weight"}))


def test_a_network_of_our_own_keeps_what_it_says_about_itself() -> None:
    (network,) = open_networks((), (), Source(model=str(WEIGHTS / "gru.safetensors")))
    assert network.source == "trained on agreement English"
    assert network.layers[0][0].start


def test_our_own_networks_are_recognised_like_all_others(tmp_path: Path) -> None:
    path = WEIGHTS / "lstm.safetensors"
    ours, found = load_network(path), load_network(path, hints=Hints())
    assert ours.vocabulary == found.vocabulary
    ids = np.arange(12).reshape(6, 2)
    np.testing.assert_array_equal(ours.decode(ours.run(ids).outputs), found.decode(found.run(ids).outputs))


def test_a_file_without_recurrent_layers_is_refused_and_inspect_is_named(tmp_path: Path) -> None:
    path = tmp_path / "conv.safetensors"
    write(path, {"conv.weight": drawn((3, 3))}, {})
    with pytest.raises(FileError, match=r"no RNN, LSTM or GRU in it, only .*; lstm-ascii inspect .* shows them"):
        load_network(path)


def test_broken_weights_are_read_and_said(tmp_path: Path) -> None:
    broken = drawn((12, HIDDEN))
    broken[0, 0] = np.nan
    network = load_network(model(tmp_path, **{"rnn.weight_hh_l0": broken}))
    assert "NaN or infinities in the layer of rnn.weight_ih_l0" in network.source
    assert np.isnan(network.run(np.array([[0], [1]])).outputs).any()


def test_a_nan_that_signals_is_read_without_a_warning(tmp_path: Path) -> None:
    signals = np.full((12, HIDDEN), 0x7F800001, "u4").view("f4")
    path = model(tmp_path, **{"rnn.weight_hh_l0": signals})
    assert "NaN or infinities" in load_network(path).source
    report = inspect_report(Source(model=str(path)))
    assert next(one for one in report.tensors if one.name == "rnn.weight_hh_l0").nan == 36


def test_a_large_decoder_stays_in_the_file_and_answers_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = model(tmp_path), np.array([[1, 2], [3, 4]])
    whole = load_network(path)
    monkeypatch.setattr("lstm_ascii.checkpoints.networks.LARGEST_WIDENED", 0)
    monkeypatch.setattr("lstm_ascii.checkpoints.formats.files.LARGEST_READ", 0)
    monkeypatch.setattr("lstm_ascii.network.DECODED_AT_ONCE", 4)
    mapped = load_network(path)
    assert mapping_of(mapped.decoder_weight) is not None
    assert mapping_of(whole.decoder_weight) is None
    outputs = mapped.run(ids).outputs
    np.testing.assert_allclose(mapped.decode(outputs), whole.decode(outputs), rtol=1e-5, atol=1e-6)
    assert mapped.decode(outputs).dtype == np.float32
    np.testing.assert_allclose(mapped.decode(outputs)[1, 0], mapped.decode(outputs[1, 0]), rtol=1e-5, atol=1e-6)


def test_without_an_embedding_vectors_are_read_and_words_refused() -> None:
    network = load_network(FILES / "torch_bilstm.safetensors")
    assert not network.has_embedding
    assert not network.has_decoder
    assert (network.run_vectors(drawn((4, 2, 5))).ids == -1).all()
    with pytest.raises(MissingPartError, match=r"no embedding, so it reads no words: input gives vectors"):
        network.run(np.zeros((1, 1), np.intp))
    with pytest.raises(MissingPartError, match="no decoder"):
        network.decode(network.run_vectors(drawn((4, 2, 5))).outputs)


def test_gradients_reach_the_layers_without_embedding_and_decoder() -> None:
    network = load_network(FILES / "torch_bilstm.safetensors")
    run = network.run_vectors(drawn((4, 2, 5)).astype(float))
    gradients = network.backward(run, np.zeros((4, 2, 0)), [{"h": np.ones((4, 2, 6))}])
    assert gradients["embedding.weight"].shape == (0, 5)
    assert gradients["rnn.weight_ih_l0"].any()


def saved(folder: Path, values: Array) -> str:
    """Write a ``.npy`` file."""
    np.save(folder / "input.npy", values)
    return str(folder / "input.npy")


def given_to(name: str, path: str) -> object:
    """Return what a network of the tests reads from a file."""
    source = Source(model=str(FILES / name), input=path)
    (network,) = open_networks((), (), source)
    return given_input(source, network)


def test_vectors_are_read_in_place_of_a_sentence(tmp_path: Path) -> None:
    found = given_to("torch_bilstm.safetensors", saved(tmp_path, drawn((4, 5))))
    assert found.words == ("x1", "x2", "x3", "x4")  # type: ignore[attr-defined]
    np.testing.assert_array_equal(found.vectors[:, 0], drawn((4, 5)))  # type: ignore[attr-defined]


def test_numbers_of_words_are_read_as_those_words(tmp_path: Path) -> None:
    found = given_to("torch_lstm.safetensors", saved(tmp_path, np.array([3, 22, 0])))
    assert found.words == ("#3", "#22", "#0")  # type: ignore[attr-defined]
    assert found.vectors is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (drawn((4, 6)), r"expected real numbers of shape \(T, 5\) or whole numbers of shape \(T,\), got float32"),
        (np.array([1, 23]), "expected indices from 0 to 22, got 23 at place 2"),
        (np.array([-1]), "expected indices from 0 to 22, got -1 at place 1"),
        (np.zeros(0, int), "expected indices from 0 to 22, got none"),
        (np.zeros((0, 5)), r"got float64 of shape \(0, 5\)"),
        (np.full((2, 5), np.nan), "row 1 holds NaN or an infinity"),
        (np.array([{}]), "a damaged .npy file, or one of objects"),
        (np.zeros((2, 5), "c16"), "got complex128"),
        (np.zeros(3, [("a", "f4")]), "expected real numbers of shape"),
    ],
)
def test_an_input_that_does_not_fit_is_a_clean_error(values: Array, message: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=message):
        given_to("torch_lstm.safetensors", saved(tmp_path, values))


@pytest.mark.parametrize("content", [b"hello", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff{", b""])
def test_a_damaged_input_is_a_clean_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "input.npy").write_bytes(content)
    with pytest.raises(FileError):
        given_to("torch_lstm.safetensors", str(tmp_path / "input.npy"))


def test_an_input_that_promises_more_than_it_has_is_a_clean_error(tmp_path: Path) -> None:
    path = saved(tmp_path, np.zeros((3, 5)))
    content = Path(path).read_bytes()
    Path(path).write_bytes(content.replace(b"(3, 5)", b"(9, 5)"))
    with pytest.raises(FileError, match="damaged"):
        given_to("torch_lstm.safetensors", path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vocabulary": "w.txt"}, "^vocabulary: is for a network from a file; name that with model$"),
        ({"roles": ("embedding=a",)}, "^roles: is for a network"),
        ({"activation": "relu"}, "^activation: is for a network"),
        ({"input": "x.npy"}, "^input: is for a network"),
        ({"model": "m", "activation": "gelu"}, "^activation: expected tanh or relu, got gelu"),
        (
            {"model": "m", "roles": ("embedding",)},
            "^roles: expected ROLE=TENSOR with a role of embedding, .* got embedding",
        ),
        ({"model": "m", "roles": ("tail=a",)}, "^roles: expected ROLE=TENSOR"),
    ],
)
def test_options_that_say_nothing_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Source(**options)  # type: ignore[arg-type]


SMALL = ["torch_gru.safetensors", "torch_lm.onnx", "torch_bigru_dynamo.onnx", "keras_gru.h5", "keras_bilstm.keras"]


@settings(max_examples=60)
@given(
    st.sampled_from(SMALL),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_damaged_file_is_read_or_refused_in_one_line(name: str, flips: list[tuple[float, int]]) -> None:
    content = bytearray((FILES / name).read_bytes())
    for place, value in flips:
        content[int(place * len(content))] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            load_network(path)
        except LstmAsciiError as error:
            assert "\n" not in str(error)  # noqa: PT017 - it may be sound, too
