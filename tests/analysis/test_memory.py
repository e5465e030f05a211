"""The split of the memory is exact, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lstm_ascii.analysis.gates import Flow, flow, half_life, let_out, surviving, word_shares, word_terms
from lstm_ascii.cells import Array
from tests.analysis.networks import network, run

GATED = ["lstm", "gru"]


def _flow(cell: str) -> Flow:
    parts = flow(run(network(cell)).traces[-1][0])
    assert parts is not None
    return parts


@pytest.mark.parametrize("cell", GATED)
def test_the_memory_is_the_sum_of_what_words_wrote_and_the_start_state(cell: str) -> None:
    parts = _flow(cell)
    for t in range(1, len(parts.keep) + 1):
        terms, start = word_terms(parts, t)
        assert terms.shape == (t, 5)
        np.testing.assert_allclose(terms.sum(axis=0) + start, parts.memory[t, 0], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("cell", GATED)
def test_a_word_that_writes_something_else_changes_only_its_own_term(cell: str) -> None:
    parts = _flow(cell)
    candidate = parts.candidate.copy()
    candidate[4] += 1
    changed = Flow(parts.keep, parts.add, parts.show, candidate, parts.memory)
    before, after = (word_terms(flow, len(flow.keep))[0] for flow in (parts, changed))
    assert np.abs(after - before)[4].min() > 0
    np.testing.assert_array_equal(np.delete(after, 4, axis=0), np.delete(before, 4, axis=0))


def _long_flow(keep: Array) -> Flow:
    """Return a memory that keeps ``(T, H)`` of what random words write."""
    steps, size = keep.shape
    rng = np.random.default_rng(0)
    add, candidate = np.full((steps, 1, size), 0.5), rng.normal(size=(steps, 1, size))
    memory = np.zeros((steps + 1, 1, size))
    memory[0] = 1
    for t in range(steps):
        memory[t + 1] = keep[t] * memory[t] + add[t] * candidate[t]
    return Flow(keep[:, None], add, add, candidate, memory)


KEPT = {
    "all units forget": [0.5, 0.5, 0.5],
    "one unit keeps for ever": [0.5, 1.0, 0.9],
    "one unit is cleared every time": [0.0, 0.99, 0.7],
    "one unit counts backwards": [-0.8, 0.6, -1.0],
}


def _after_each(parts: Flow, least: float = 1e-18) -> Iterator[tuple[int, Array, float]]:
    """Yield after each word how many have a column, the shares of all words so far, and that of the start."""
    done = 0
    for shares in word_shares(parts, least):
        for by_word, of_start, lost in zip(shares.words, shares.start.tolist(), shares.lost.tolist(), strict=True):
            found = np.zeros(len(parts.keep))
            found[shares.steps] = by_word
            done += 1
            assert not found[done:].any()
            assert found.sum() + lost == pytest.approx(min(1, found.max() * len(found)), abs=1e-12)
            yield len(shares.steps), found[:done], of_start


@pytest.mark.parametrize("name", KEPT)
def test_shares_are_those_of_the_terms_in_long_texts(name: str) -> None:
    parts = _long_flow(np.tile(KEPT[name], (400, 1)))
    after = list(_after_each(parts))
    assert len(after) == len(parts.keep)
    for t, (_, by_word, of_start) in enumerate(after, 1):
        terms, start = word_terms(parts, t)
        np.testing.assert_allclose(terms.sum(axis=0) + start, parts.memory[t, 0], rtol=1e-12, atol=1e-13)
        sizes, first = np.abs(terms).sum(axis=-1), np.abs(start).sum()
        np.testing.assert_allclose(by_word, sizes / sizes.sum(), atol=1e-15)
        assert of_start == pytest.approx(first / (first + sizes.sum()), abs=1e-15)
    assert (after[-1][0] < 100) == (np.abs(KEPT[name]).max() < 0.9)


@pytest.mark.parametrize("name", KEPT)
def test_no_share_that_counts_is_lost_among_small_ones(name: str) -> None:
    parts = _long_flow(np.tile(KEPT[name], (400, 1)))
    all_shares, found = list(_after_each(parts)), list(_after_each(parts, 0.02))
    for (_, expected, _), (_, by_word, _) in zip(all_shares, found, strict=True):
        counts = expected >= 0.02
        np.testing.assert_allclose(by_word[counts], expected[counts], rtol=0, atol=1e-15)
        assert (by_word <= expected + 1e-15).all()
    assert found[-1][0] < 130


@pytest.mark.parametrize("cell", GATED)
def test_shares_of_the_words_add_up_to_one(cell: str) -> None:
    for _, by_word, first in _after_each(_flow(cell)):
        assert by_word.sum() == pytest.approx(1, abs=1e-14)
        assert 0 <= first <= 1


def test_an_empty_memory_has_no_shares() -> None:
    nothing = np.zeros((3, 1, 2))
    for number, (_, by_word, first) in enumerate(_after_each(Flow(nothing, nothing, nothing, nothing, nothing)), 1):
        assert by_word.tolist() == [0] * number
        assert first == 0


def test_written_and_wiped_are_the_sums_of_their_definitions() -> None:
    model = network("lstm")
    trace = run(model).traces[-1][0]
    parts, gates = _flow("lstm"), trace.gates
    np.testing.assert_allclose(parts.written, np.abs(gates["i"] * gates["g"]).sum(axis=-1), rtol=1e-15)
    wiped = ((1 - gates["f"]) * np.abs(trace.states["c"][:-1])).sum(axis=-1)
    np.testing.assert_allclose(parts.wiped, wiped, rtol=1e-15)


def test_an_rnn_has_no_additive_memory() -> None:
    assert flow(run(network("rnn")).traces[-1][0]) is None


@pytest.mark.parametrize(("bias", "expected"), [(0.0, 1.0), (1.0, 2.21), (3.0, 14.27)])
def test_half_lives_are_the_known_ones(bias: float, expected: float) -> None:
    gate = np.full((7, 2), 1 / (1 + np.exp(-bias)))
    np.testing.assert_allclose(half_life(gate), expected, atol=0.005)


def test_an_open_gate_keeps_for_ever() -> None:
    assert np.isinf(half_life(np.ones((4, 1)))).all()


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("step", [0, 2])
def test_what_survives_of_a_word_is_its_term_of_the_sum(cell: str, step: int) -> None:
    parts = _flow(cell)
    share, terms = surviving(parts, step)
    written = np.abs(parts.add * parts.candidate)[step, 0].sum()
    for t in range(step, len(parts.keep)):
        all_terms, _ = word_terms(parts, t + 1)
        np.testing.assert_allclose(terms[t - step], all_terms[step], rtol=1e-12)
        assert share[t - step] == pytest.approx(np.abs(all_terms[step]).sum() / written)
    assert share[0] == 1


def test_what_a_word_that_wrote_nothing_leaves_is_no_number() -> None:
    parts = _flow("lstm")
    silent = Flow(parts.keep, parts.add, parts.show, np.zeros_like(parts.candidate), parts.memory)
    assert np.isnan(surviving(silent, 1)[0]).all()


def test_what_is_let_out_of_the_memory_is_the_output() -> None:
    trace = run(network("lstm")).traces[-1][0]
    share = let_out(trace, trace.h)
    assert share is not None
    np.testing.assert_allclose(share * np.abs(trace.states["c"][1:]), np.abs(trace.h), rtol=1e-12)
    without = run(network("gru")).traces[-1][0]
    assert let_out(without, without.h) is None
