"""One unit's arithmetic: what is made from the terms is what the engine and complex steps have."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ascii.analysis.arithmetic import (
    backward,
    complex_step,
    preactivation,
    preactivation_gradients,
    recurrent_gradient,
)
from lstm_ascii.cells import CELLS
from lstm_ascii.cells.initial import random_cell
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.reports.derive import TOPICS, derive_report
from lstm_ascii.sources import WEIGHTS, Source, trained

SENTENCE = "The cat that chased the mice was hungry."
H, STEPS = 5, 6


def view(name: str = "lstm", after: int = STEPS):
    """Return a loss on a small random cell."""
    cell = random_cell(name, H, H, 3, 1.0)
    cell = replace(cell, bias_ih=np.linspace(-1, 1, len(cell.bias_ih)))
    x = np.random.default_rng(0).standard_normal((STEPS, 1, H))
    return backward(cell, cell.forward(x), after, np.linspace(-1, 2, H))


@pytest.mark.parametrize("name", ["rnn", "lstm"])
@pytest.mark.parametrize("word", [1, 3, STEPS])
def test_the_terms_of_a_gate_add_up_to_what_the_engine_has(name: str, word: int) -> None:
    back = view(name)
    for letter in CELLS[name].gate_letters:
        for unit in range(H):
            made, engine = preactivation(back.cell, back.trace, word, unit, letter, 3)
            squashed = 1 / (1 + math.exp(-made.total)) if letter in "ifo" else math.tanh(made.total)
            assert squashed == pytest.approx(engine, rel=1e-13)
            assert len(made.terms) + made.others == 2 * H + 1


@pytest.mark.parametrize("name", ["rnn", "lstm"])
@pytest.mark.parametrize("word", [1, 3, STEPS])
def test_every_gradient_is_what_a_complex_step_gives(name: str, word: int) -> None:
    back = view(name)
    for letter, values in preactivation_gradients(back, word).items():
        for unit in range(H):
            assert values[unit] == pytest.approx(complex_step(back, word, unit, letter), rel=1e-10, abs=1e-15)
    for state in back.cell.state_names:
        for unit in range(H):
            total = back.totals[state][word, unit]
            assert total == pytest.approx(complex_step(back, word, unit, state), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize("word", [1, STEPS - 1, STEPS])
def test_the_terms_of_the_states_gradient_add_up(word: int) -> None:
    back = view()
    for unit in range(H):
        assert recurrent_gradient(back, word, unit, 2).total == pytest.approx(back.totals["h"][word, unit], rel=1e-12)


def test_the_check_can_fail() -> None:
    back = view()
    wrong = preactivation_gradients(replace(back, totals={**back.totals, "c": 1.0005 * back.totals["c"]}), 3)["f"][1]
    assert wrong != pytest.approx(complex_step(back, 3, 1, "f"), rel=1e-10)


@settings(max_examples=15)
@given(word=st.integers(1, 9), unit=st.integers(0, 31), topics=st.sets(st.sampled_from(TOPICS), min_size=1))
def test_both_ways_agree_for_the_trained_networks(word: int, unit: int, topics: set[str]) -> None:
    for expansion in derive_report(sorted(topics), SENTENCE, str(word), unit).expansions:
        assert (expansion.backward is None) == (word > expansion.after)
        for part in (expansion.forward, expansion.backward):
            if part:
                assert part.value.by_hand == pytest.approx(part.value.other, rel=1e-9, abs=1e-14)


def test_the_chain_is_the_product_of_the_forget_gates() -> None:
    chain = derive_report(("bptt",), SENTENCE).expansions[0].chain
    for here, before in pairwise(chain):
        assert before.direct == pytest.approx(here.direct * here.factor, rel=1e-12)
    assert chain[0].direct == 1.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((("forgot",),), "expected one of forget, input"),
        (((), "", "2"), "^word: only with a sentence"),
        (((), "", None, 3), "^unit: only with a sentence"),
        (((), "", None, 3, Source(seed=0)), "^unit, seed: only with a sentence, as sentence"),
        (((), "", None, None, Source("mine.safetensors")), "^model: only with a sentence"),
        (((), "The cat was hungry.", "9"), "^word: "),
        (((), "The cat was hungry.", None, 99), "^unit: "),
    ],
)
def test_what_cannot_be_derived_is_refused(arguments: tuple, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        derive_report(*arguments)


@pytest.mark.parametrize(
    ("topic", "cell", "said"),
    [
        ("forget", "rnn", "about an LSTM; this network is an RNN: try derive rnn"),
        ("rnn", "lstm", "about an RNN; this network is an LSTM: try derive forget"),
        ("cell", "gru", "GRUs such as this one are shown by explain"),
    ],
)
def test_another_cell_is_named_and_what_can_be_derived_of_it(topic: str, cell: str, said: str) -> None:
    with pytest.raises(LstmAsciiError, match=said):
        derive_report((topic,), "The cat was hungry.", source=Source(model=str(WEIGHTS / f"{cell}.safetensors")))


def test_weights_that_are_no_numbers_are_blamed_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = trained("lstm")
    cell = broken.layers[0][0].cell
    layer = (replace(broken.layers[0][0], cell=replace(cell, bias_hh=cell.bias_hh * np.nan)),)
    monkeypatch.setattr("lstm_ascii.sources.trained", lambda _: replace(broken, layers=(layer,)))
    with pytest.raises(LstmAsciiError, match="what the network answers is no number"):
        derive_report(("forget",), "The cat was hungry.")
