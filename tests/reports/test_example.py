"""A sentence that was searched for shows what it was searched for."""

from __future__ import annotations

import pytest

from lstm_ascii.errors import UsageError
from lstm_ascii.render.explain.unit import carries, reading
from lstm_ascii.reports.explain.example import KINDS, example
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.thresholds import CLOSED
from tests.cli.program import is_clean_error, run


def test_on_the_first_kind_the_rnn_is_wrong_and_the_lstm_is_right() -> None:
    sentence, remark = example()
    rnn, lstm = explain_report(sentence, ("rnn", "lstm")).networks
    assert (rnn.verdict.agrees, lstm.verdict.agrees) == (False, True)
    assert remark.endswith("tried: the RNN says the wrong verb, the LSTM the right one.")
    assert example("rnn-forgets") == (sentence, remark)


def test_where_it_vanishes_the_error_is_gone_in_the_rnn_and_not_in_the_lstm() -> None:
    rnn, lstm = explain_report(example("vanishes")[0], ("rnn", "lstm")).networks
    assert rnn.verdict.at == lstm.verdict.at == 2
    assert rnn.verdict.error is None or rnn.verdict.error < -3
    assert lstm.verdict.error is not None
    assert lstm.verdict.error > -1.3


def test_where_it_clears_nothing_is_left_of_the_first_sentence() -> None:
    main = explain_report(example("clears")[0], ("lstm",)).main
    stop = next(step.number for step in main.steps if step.word == ".")
    kept = [one.kept[main.loss_after - 1] for one in main.writings if one.word < stop]
    assert kept
    assert all(share is not None and share < CLOSED for share in kept)
    assert main.unit is not None
    assert reading(main.unit.steps[stop - 1]) == "cleared"
    assert carries(main)


def test_another_kind_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=f"expected {', '.join(KINDS)}, got unheard"):
        example("unheard")


def test_it_is_searched_for_the_networks_that_come_with_it() -> None:
    assert is_clean_error(run("explain", "--example", "--seed", "1"), 2)
