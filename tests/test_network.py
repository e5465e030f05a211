"""A network: the names of its parameters, the order of its words, its shapes, and its vocabulary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.cells import GRU, LSTM, RNN, Array, Cell
from lstm_ascii.errors import ShapeError
from lstm_ascii.language.vocabulary import UNKNOWN, Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network

WORDS = ("the", "cat", "The", "was", ".", UNKNOWN)
IDS = np.array([[0, 2], [1, 1], [3, 5], [4, 4]])  # (T, B)


def made(cell: type[Cell], inputs: int, hidden: int, seed: int) -> Cell:
    """Draw a cell."""
    random, rows = np.random.default_rng(seed), len(cell.gate_letters) * hidden
    return cell(*(random.uniform(-1, 1, shape) for shape in ((rows, inputs), (rows, hidden), (rows,), (rows,))))


def network_of(*layers: tuple[Direction, ...]) -> Network:
    """Put an embedding of width 3 below the layers and a decoder on top."""
    random, width = np.random.default_rng(9), sum(direction.cell.hidden_size for direction in layers[-1])
    embedding, decoder = random.standard_normal((len(WORDS), 3)), random.standard_normal((len(WORDS), width))
    return Network(Vocabulary(WORDS), embedding, layers, decoder, random.standard_normal(len(WORDS)))


def two_way() -> Network:
    """Return two layers, each in both directions; the second direction of the first layer has a start state."""
    start = {"h": np.linspace(-1, 1, 4), "c": np.linspace(2, 1, 4)}
    return network_of(
        (Direction(made(LSTM, 3, 4, 1)), Direction(made(LSTM, 3, 4, 2), start, backward=True)),
        (Direction(made(GRU, 8, 2, 3)), Direction(made(RNN, 8, 5, 4), backward=True)),
    )


def one_way() -> Network:
    """Return one LSTM that reads forward."""
    return network_of((Direction(made(LSTM, 3, 4, 1)),))


def test_parameters_are_named_as_pytorch_names_them() -> None:
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    expected = ["embedding.weight"]
    for suffix in ("l0", "l0_reverse", "l1", "l1_reverse"):
        expected += [f"rnn.{part}_{suffix}" for part in parts]
        expected += ["rnn.start_h_l0_reverse", "rnn.start_c_l0_reverse"] if suffix == "l0_reverse" else []
    assert list(two_way().parameters) == [*expected, "decoder.weight", "decoder.bias"]


def test_gradients_have_the_names_and_shapes_of_the_parameters() -> None:
    network = two_way()
    gradients = network.backward(network.run(IDS), np.ones((4, 2, len(WORDS))))
    shapes = {name: value.shape for name, value in network.parameters.items()}
    assert {name: gradient.shape for name, gradient in gradients.items()} == shapes


def test_other_parameters_make_another_network_and_leave_this_one() -> None:
    network = two_way()
    doubled = {name: 2 * value for name, value in network.parameters.items()}
    other = network.with_parameters(doubled, source="doubled")
    assert (network.source, other.source) == ("unknown", "doubled")
    for name, value in other.parameters.items():
        np.testing.assert_array_equal(value, doubled[name])
        np.testing.assert_array_equal(value, 2 * network.parameters[name])
    assert [d.backward for layer in other.layers for d in layer] == [False, True, False, True]


def test_a_network_can_be_put_in_single_precision() -> None:
    assert {value.dtype for value in two_way().astype("float32").parameters.values()} == {np.dtype("float32")}


def test_outputs_stand_in_the_order_of_the_words() -> None:
    network = network_of((Direction(made(LSTM, 3, 4, 1)), Direction(made(LSTM, 3, 4, 2), backward=True)))
    forward, backward = network.run(IDS).traces[0]
    np.testing.assert_array_equal(network.run(IDS).outputs, np.concatenate([forward.h, backward.h[::-1]], axis=-1))
    np.testing.assert_array_equal(backward.x, network.embedding[IDS][::-1])


def test_reading_backward_is_reading_the_reversed_sentence() -> None:
    cell = made(LSTM, 3, 4, 1)
    backward, forward = network_of((Direction(cell, backward=True),)), network_of((Direction(cell),))
    np.testing.assert_array_equal(backward.run(IDS).outputs, forward.run(IDS[::-1]).outputs[::-1])


def test_a_later_word_changes_nothing_before_it_unless_the_network_reads_backward() -> None:
    changed = IDS.copy()
    changed[3] = 0
    np.testing.assert_array_equal(one_way().run(IDS).outputs[:3], one_way().run(changed).outputs[:3])
    assert (two_way().run(IDS).outputs[:3] != two_way().run(changed).outputs[:3]).any()


def test_sequences_in_a_batch_do_not_know_of_each_other() -> None:
    network = two_way()
    together = network.run(IDS).outputs
    for column in range(IDS.shape[1]):
        alone = network.run(IDS[:, column : column + 1]).outputs
        np.testing.assert_allclose(together[:, column : column + 1], alone, rtol=1e-12, atol=1e-14)


def test_every_sequence_starts_from_the_learned_state() -> None:
    network = two_way()
    trace = network.run(IDS).traces[0][1]
    for name, start in network.layers[0][1].start.items():
        np.testing.assert_array_equal(trace.states[name][0], np.stack([start, start]))
    assert (network.run(IDS).traces[0][0].states["c"][0] == 0).all()


def test_logits_are_those_of_each_output_alone() -> None:
    network = two_way()
    outputs = network.run(IDS).outputs
    logits = network.decode(outputs)
    assert logits.shape == (4, 2, len(WORDS))
    expected = network.decoder_weight @ outputs[2, 1] + network.decoder_bias
    np.testing.assert_allclose(logits[2, 1], expected, rtol=1e-12)
    np.testing.assert_allclose(network.decode(outputs[2, 1]), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(0, 2), (3, 0), (0, 0)])
def test_a_text_without_words_or_sequences_has_no_outputs_and_no_gradients(shape: tuple[int, int]) -> None:
    network = two_way()
    run = network.run(np.zeros(shape, np.intp))
    assert run.outputs.shape == (*shape, 7)
    gradients = network.backward(run, np.zeros((*shape, len(WORDS))))
    assert all((gradient == 0).all() for gradient in gradients.values())


def test_backpropagation_changes_nothing_it_is_given() -> None:
    network = two_way()
    run, d_logits = network.run(IDS), np.ones((4, 2, len(WORDS)))
    d_h = np.ones((4, 2, 4))
    outputs = run.outputs.copy()
    first = network.backward(run, d_logits, [{"h": d_h}])
    second = network.backward(run, d_logits, [{"h": d_h}])
    np.testing.assert_array_equal(run.outputs, outputs)
    assert (d_h == 1).all()
    assert (d_logits == 1).all()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embedding": np.zeros((6, 2))}, r"layer 0: expected 3 inputs, got 2"),
        ({"embedding": np.zeros((5, 3))}, r"embedding: expected shape \(6, 3\), got \(5, 3\)"),
        ({"decoder_weight": np.zeros((6, 5))}, r"decoder_weight: expected shape \(6, 4\), got \(6, 5\)"),
        ({"decoder_bias": np.zeros(7)}, r"decoder_bias: expected shape \(6,\), got \(7,\)"),
        ({"vocabulary": Vocabulary(("a",))}, r"embedding: expected shape \(1, 3\)"),
        ({"layers": ((Direction(made(LSTM, 3, 4, 1)),), (Direction(made(GRU, 3, 4, 1)),))}, "layer 1: expected 3"),
        ({"layers": ((Direction(made(LSTM, 3, 2, 1)), Direction(made(LSTM, 3, 2, 2))),)}, "layer 0: expected one"),
        ({"layers": ((),)}, "layer 0: expected one direction"),
    ],
)
def test_parts_that_do_not_fit_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        replace(one_way(), **change)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ({"h": np.zeros(3)}, r"LSTM start state h: expected shape \(4,\), got \(3,\)"),
        ({"c": np.zeros((2, 4))}, r"LSTM start state c: expected shape \(4,\)"),
        ({"k": np.zeros(4)}, "LSTM start state: the cell has no state 'k'"),
    ],
)
def test_a_start_state_that_does_not_fit_is_named(start: dict[str, Array], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        Direction(made(LSTM, 3, 4, 1), start)


def test_ids_without_a_batch_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"input: expected shape \(T, B, 3\)"):
        one_way().run(IDS[:, 0])


def test_a_gradient_on_the_logits_with_time_and_batch_swapped_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"gradient on the logits: expected shape \(4, 2, 6\), got \(2, 4, 6\)"):
        one_way().backward(one_way().run(IDS), np.ones((2, 4, 6)))


def test_a_vocabulary_has_its_entries_letter_by_letter() -> None:
    vocabulary = Vocabulary(WORDS)
    assert len(vocabulary) == 6
    assert "The" in vocabulary
    assert "THE" not in vocabulary
    assert Vocabulary(WORDS) == vocabulary


@pytest.mark.parametrize(
    ("word", "entry", "known"),
    [("the", "the", True), ("The", "The", True), ("THE", "the", True), ("Cat", "cat", True), ("zebra", UNKNOWN, False)],
)
def test_a_word_is_read_as_it_stands_then_in_small_letters_then_as_unknown(word: str, entry: str, known: bool) -> None:
    reading = Vocabulary(WORDS).read(word)
    assert (reading.entry, reading.known, reading.index) == (entry, known, WORDS.index(entry))


def test_the_first_of_two_equal_entries_counts() -> None:
    assert Vocabulary(("a", "b", "a")).read("a").index == 0


@given(st.lists(st.text(min_size=1)))
def test_every_word_is_read_as_an_entry(words: list[str]) -> None:
    vocabulary = Vocabulary(WORDS)
    readings = vocabulary.read_sentence(words)
    assert [reading.index for reading in readings] == vocabulary.ids(words)
    assert all(vocabulary.words[reading.index] == reading.entry for reading in readings)
    assert len(readings) == len(words)
