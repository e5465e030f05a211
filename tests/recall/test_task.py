"""The recall task: its sequences, its gradient, and that it can be learnt."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.cells import Array, base
from lstm_ascii.cells.initial import chrono
from lstm_ascii.training.recall import CLASSES, HIDDEN, TARGET, WINDOW, WORDS, Heat, Learner, Racer, Sequences
from tests.numerics.complex_step import assert_agree, complex_step

KINDS = (Racer("rnn"), Racer("lstm", 1.0), Racer("lstm", "chrono"), Racer("gru"))


def test_a_sequence_is_a_name_then_fillers_then_the_question() -> None:
    words, names = Sequences(3, 0).batch(500)
    assert words.shape == (5, 500)
    assert (words[0] == names).all()
    assert set(names) == set(range(CLASSES))
    assert set(words[1:-1].flat) == set(range(CLASSES, WORDS - 1))
    assert (words[-1] == WORDS - 1).all()


def test_sequences_are_fresh_and_the_same_for_the_same_seed() -> None:
    one, same, other = Sequences(4, 7), Sequences(4, 7), Sequences(4, 8)
    first, second = one.batch(64)[0], one.batch(64)[0]
    assert (first != second).any()
    assert (same.batch(64)[0] == first).all()
    assert (other.batch(64)[0] != first).any()


def test_no_filler_tells_the_name() -> None:
    words, names = Sequences(1, 0).batch(20_000)
    fillers = words[1]
    for filler in range(CLASSES, WORDS - 1):
        shares = np.bincount(names[fillers == filler], minlength=CLASSES) / (fillers == filler).sum()
        assert np.abs(shares - 1 / CLASSES).max() < 0.03


def loss(learner: Learner, words: Array, names: Array) -> Array:
    """Return the mean of -log p(name) by the cell's own equations, in whatever numbers the parameters are."""
    last = learner.cell.forward(np.eye(WORDS)[words]).h[-1]
    logits = last @ learner.decoder_weight.T + learner.decoder_bias
    every = np.arange(len(names))
    return np.asarray(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[every, names]))


@pytest.mark.parametrize("racer", KINDS, ids=lambda racer: racer.label)
def test_gradients_agree_with_complex_steps(racer: Racer) -> None:
    learner = Learner.first(Heat(racer, 3, 0))
    random = np.random.default_rng(0)
    rows = [k * HIDDEN + unit for k in range(len(learner.cell.gate_letters)) for unit in range(2)]
    units = [0, 1]
    small = {name: value[rows].astype(float) for name, value in learner.cell.parameters.items()}
    small["weight_hh"] = small["weight_hh"][:, units]
    weight, bias = learner.decoder_weight[:, units].astype(float), random.normal(size=CLASSES)
    tiny = Learner(type(learner.cell)(**small), weight, bias)
    words, names = Sequences(3, 0).batch(5)
    _, found = tiny.gradients(words, names)

    def with_one(name: str, value: Array) -> Learner:
        parts = {**tiny.parameters, name: value}
        decoder = parts.pop("decoder_weight"), parts.pop("decoder_bias")
        return Learner(type(tiny.cell)(**parts), *decoder)

    expected = {
        name: complex_step(lambda value, name=name: loss(with_one(name, value), words, names), parameter)  # type: ignore[misc]
        for name, parameter in tiny.parameters.items()
    }
    assert_agree(found, expected)
    found["weight_hh"] = found["weight_hh"] * 1.0005
    with pytest.raises(AssertionError):
        assert_agree(found, expected)


def test_chrono_sets_the_forget_bias_for_the_gap_and_the_input_bias_against_it() -> None:
    plain, set_for_it = (Learner.first(Heat(Racer("lstm", bias), 50, 3)) for bias in (0.0, "chrono"))
    added = set_for_it.cell.bias_ih - plain.cell.bias_ih
    forget = chrono(3, HIDDEN, 50)
    assert added[HIDDEN : 2 * HIDDEN] == pytest.approx(forget, rel=1e-5)
    assert added[:HIDDEN] == pytest.approx(-forget, rel=1e-5)
    assert not added[2 * HIDDEN :].any()
    assert forget.min() >= 0
    assert forget.max() <= np.log(75)


@pytest.mark.parametrize("racer", KINDS, ids=lambda racer: racer.label)
def test_a_short_gap_is_learnt(racer: Racer) -> None:
    points = list(Heat(racer, 2, 0, 400).points())
    assert points[-1].accuracy >= TARGET
    assert points[0].accuracy < 0.5
    assert [point.step for point in points] == list(range(WINDOW, points[-1].step + 1, WINDOW))
    assert all(point.accuracy < TARGET for point in points[:-1])


def test_the_same_seed_learns_the_same_way() -> None:
    one, same, other = (list(Heat(Racer("gru"), 3, seed, 60).points()) for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize("racer", KINDS, ids=lambda racer: racer.label)
def test_a_pass_in_several_blocks_of_time_gives_what_one_gives(racer: Racer, monkeypatch: pytest.MonkeyPatch) -> None:
    words, names = Sequences(60, 0).batch(8)
    _, whole = Learner.first(Heat(racer, 60, 0)).gradients(words, names)
    monkeypatch.setattr(base, "BLOCK_BYTES", 1)
    _, in_blocks = Learner.first(Heat(racer, 60, 0)).gradients(words, names)
    for name, gradient in whole.items():
        np.testing.assert_allclose(in_blocks[name], gradient, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("racer", KINDS, ids=lambda racer: racer.label)
def test_a_learner_starts_each_batch_from_nothing(racer: Racer) -> None:
    one, other = (Learner.first(Heat(racer, 4, 0)) for _ in range(2))
    sequences = Sequences(4, 0)
    one.gradients(*sequences.batch(16))
    words, names = sequences.batch(16)
    again, first = one.gradients(words, names), other.gradients(words, names)
    assert again[0] == first[0]
    for name, gradient in first[1].items():
        np.testing.assert_array_equal(again[1][name], gradient)
