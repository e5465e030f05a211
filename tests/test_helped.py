"""The RNN that is helped: a fourth network, wherever ``--cell`` takes one, but only where it is asked for."""

from __future__ import annotations

import pytest

from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.reports.agreement.report import agreement_report
from lstm_ascii.reports.compare.comparison import Comparison, compare_report
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.reports.gradients.report import sentence_report
from lstm_ascii.sources import TRAINED, Source, open_networks, trained
from lstm_ascii.training.plan import Wishes, plan
from lstm_ascii.training.recipe import RECIPES
from tests.rendering import render

SENTENCE = "The cat that chased the mice was hungry."


def test_it_is_one_of_the_networks_that_are_trained_and_shipped_but_none_of_the_default() -> None:
    assert set(TRAINED) == set(RECIPES)
    assert [network.title for network in open_networks((), (), Source())] == ["RNN", "LSTM", "GRU"]
    assert trained("rnn-helped").title == "RNN helped"


def test_reports_call_it_by_its_name_beside_the_plain_one() -> None:
    both = ("rnn", "rnn-helped")
    names = ["RNN", "RNN helped"]
    assert [network.cell for network in explain_report(SENTENCE, both).networks] == names
    assert [network.label for network in sentence_report(SENTENCE, both, Source()).networks] == names
    assert [network.cell for network in agreement_report("tests/agreement/pairs.tsv", both).networks] == names
    report = compare_report(Comparison(both, ("size", "agreement"), timed=False), lambda *_: None)
    assert [network.label for network in report.trained] == names
    assert report.cells == ("RNN",)


@pytest.mark.parametrize("view", ["cell", "gates", "memory", "highway", "decided", "next"])
def test_every_section_of_a_page_draws_it(view: str) -> None:
    page = explain_page(explain_report(SENTENCE, ("rnn-helped",)), (view,))
    assert "RNN helped" in render(page)


def test_random_networks_and_texts_know_no_help() -> None:
    with pytest.raises(UsageError, match="rnn-helped is trained; random networks are rnn, lstm, gru"):
        open_networks(("rnn-helped",), ("cat",), Source(seed=1))
    with pytest.raises(LstmAsciiError, match="a text marks none"):
        plan(Wishes(("rnn-helped",), corpus="README.md"))
