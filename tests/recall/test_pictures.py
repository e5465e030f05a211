"""The page of ``recall`` and its progress, drawn from reports written by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.glyphs import LEVELS, to_ascii, words_in_ascii
from lstm_ascii.render.parts import Plain, to_tsv
from lstm_ascii.render.recall.live import RaceBars, finding, log_lines
from lstm_ascii.render.recall.page import recall_page, summary
from lstm_ascii.render.spans import length, result
from lstm_ascii.reports.recall import agrees, report_of_outcomes
from lstm_ascii.thresholds import ENOUGH_STEPS
from lstm_ascii.training.recall import Racer
from lstm_ascii.training.recall_race import WAITING, Outcome, Race
from tests.recall import by_hand
from tests.rendering import render

REPORTS = {"race": by_hand.report(), "one seed": by_hand.one_seed(), "interrupted": by_hand.interrupted()}


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(recall_page(REPORTS[name]), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(recall_page(words_in_ascii(by_hand.report())), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_progress_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(RaceBars(by_hand.halfway()), width) == snapshot


def test_the_page_told_plainly_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(recall_page(by_hand.report())), 80) == snapshot


RESULTS = st.lists(
    st.lists(st.floats(10, 90_000).map(int) | st.floats(-1, 0), min_size=3, max_size=3), min_size=1, max_size=9
)


@given(width=st.integers(20, 200), results=RESULTS, bias=st.floats(-10_000, 10_000), ascii=st.booleans())
def test_no_line_is_wider_than_the_terminal_and_ascii_moves_nothing(
    width: int,
    results: list[list[float]],
    bias: float,
    ascii: bool,  # noqa: A002
) -> None:
    racer = Racer("lstm", bias)
    race = Race((racer,), tuple(2 * (k + 1) ** 3 for k in range(len(results))), (0, 1, 2), 100_000)
    known = by_hand.outcomes(race, {racer.label: tuple(map(tuple, results))})
    for picture in (recall_page(report_of_outcomes(race, known)), RaceBars(known)):
        text = render(picture, width)
        assert all(cell_len(line) <= width for line in text.splitlines()), text
        assert render(picture, width, ascii=True) == to_ascii(text)


@given(width=st.integers(20, 200))
def test_every_result_is_shown_at_every_width(width: int) -> None:
    text = render(recall_page(by_hand.report()), width)
    for network in by_hand.report().networks:
        for gap in network.gaps:
            assert result(gap) in text
        assert re.search(rf"{re.escape(network.label)}.*{re.escape(length(network))}", text)


def test_tables_have_full_precision() -> None:
    table = to_tsv(recall_page(by_hand.report()).parts())
    assert "LSTM +1\t20\tnot learnt\t3\t1\t\t890\t890\t0.6375" in table
    assert "LSTM chrono\t100\t" in table


def test_the_sentences_are_made_from_the_figures() -> None:
    text = " ".join(summary(by_hand.report()))
    assert "The longest memory: LSTM chrono (100+). The others: RNN 10, LSTM +0 10, LSTM +1 10, GRU 20." in text
    assert "forget bias decides: a span of 10 with +0, 10 with +1 and 100+ with chrono" in text
    assert "the RNN a memory of 5 to 10 words: so it is for RNN (10)." in text
    assert "so it is for LSTM chrono (100+); not so for LSTM +0 (10) and LSTM +1 (10)." in text
    assert "RNN at gap 10 (2 of 3)" in text
    worse = {**by_hand.RESULTS, "LSTM chrono": by_hand.RESULTS["LSTM +0"], "RNN": by_hand.RESULTS["GRU"]}
    text = " ".join(summary(report_of_outcomes(by_hand.race(), by_hand.outcomes(by_hand.race(), worse))))
    assert "The longest memory: RNN (20) and GRU (20)." in text
    assert "forget bias made no difference to the span" in text
    assert "the RNN a memory of 5 to 10 words: not so for RNN (20)." in text


def test_a_training_that_was_cut_short_refutes_nothing() -> None:
    report = by_hand.report()
    judged = [agrees(network, report.steps) for network in report.networks]
    assert False in judged
    assert False not in [agrees(network, ENOUGH_STEPS - 10) for network in report.networks]
    assert [agrees(network, ENOUGH_STEPS) for network in report.networks] == judged
    text = " ".join(summary(replace(report, steps=ENOUGH_STEPS - 10)))
    assert "not so for" not in text
    assert "not found out for" in text
    assert f"fewer than {ENOUGH_STEPS:,} steps" in text


def test_a_span_that_is_longer_than_said_refutes_it_after_any_steps() -> None:
    race = by_hand.race()
    longer = report_of_outcomes(race, by_hand.outcomes(race, {**by_hand.RESULTS, "RNN": by_hand.RESULTS["GRU"]}))
    assert agrees(next(one for one in longer.networks if one.cell == "RNN"), 10) is False


def test_a_span_whose_end_was_not_found_agrees_with_nothing_that_it_could_break() -> None:
    short = Race((Racer("rnn"), Racer("lstm", "chrono")), (5, 10), (0,))
    found = report_of_outcomes(short, by_hand.outcomes(short, {"RNN": ((60,), (70,)), "LSTM chrono": ((60,), (70,))}))
    assert [agrees(network, short.steps) for network in found.networks] == [None, None]
    assert [length(network) for network in found.networks] == ["10+", "10+"]


def test_spans_whose_ends_were_not_found_leave_open_what_the_forget_bias_does() -> None:
    short = Race((Racer("lstm", 0.0), Racer("lstm", 1.0)), (5, 10), (0,))
    text = " ".join(
        summary(
            report_of_outcomes(short, by_hand.outcomes(short, {"LSTM +0": ((60,), (610,)), "LSTM +1": ((60,), (130,))}))
        )
    )
    assert "forget bias may still decide, as the race ended first: a span of 10+ with +0 and 10+ with +1" in text


def test_a_race_that_was_stopped_says_so_and_where_each_network_was() -> None:
    text = " ".join(render(recall_page(by_hand.interrupted()), 80).split())
    assert "The race was stopped" in text
    assert "… 62%" in text
    assert "at 340" in text
    assert "The span of LSTM +0, LSTM +1, LSTM chrono and GRU is not known yet." in text
    assert "?." not in text


def test_the_course_of_each_network_is_drawn_to_its_end_on_one_scale() -> None:
    lines = render(recall_page(by_hand.report()), 80).splitlines()
    ends = {line[1:13].strip(): line for line in lines if re.search("gap [0-9]+: [0-9]+$", line)}
    assert ends["LSTM chrono"].endswith("gap 100: 250")
    assert ends["RNN"].endswith("gap 20: 400")
    curves = {name: line[13:].rstrip().split("gap")[0].rstrip() for name, line in ends.items()}
    assert all(curve[0] == LEVELS[1] and curve[-1] == LEVELS[-1] for curve in curves.values())
    assert len(curves["LSTM +0"]) / len(curves["LSTM +1"]) == pytest.approx(630 / 890, abs=0.03)
    text = " ".join(render(recall_page(by_hand.report()), 80).split())
    assert "The RNN at gap 20: up to step 220, 55% of its way, it is right less than twice as often as by" in text


def test_where_nothing_is_learnt_no_course_is_drawn() -> None:
    race = Race((Racer("rnn"),), (5,), (0,))
    text = render(recall_page(report_of_outcomes(race, by_hand.outcomes(race, {"RNN": ((-0.2,),)}))), 80)
    assert "HOW THEY LEARNT" not in text
    assert " 3  IN WORDS" in text


def test_the_first_finding_is_told_while_the_others_still_run() -> None:
    assert finding(by_hand.outcomes(by_hand.race(), by_hand.RESULTS)).startswith("Longest memory so far: 100 words")
    assert finding(by_hand.halfway()) == "Longest memory so far: 10 words, RNN; no further: RNN after 10"
    begun = [Outcome(one.heat, WAITING) for one in by_hand.halfway()]
    assert finding(begun) == "Longest memory so far: none has learnt a gap yet"


def test_the_log_has_one_order() -> None:
    lines = list(log_lines(by_hand.halfway()))
    assert lines == [
        "RNN, gap 5: 99% right after 60, 70, 250 steps",
        "LSTM +0, gap 5: 99% right after 90, 120, 110 steps",
    ]
    whole = list(log_lines(by_hand.outcomes(by_hand.race(), by_hand.RESULTS)))
    assert whole[: len(lines)] == lines
    assert whole[-1] == "LSTM chrono, gap 100: 99% right after 250, 1,260, 330 steps"
    assert "RNN, gap 20: 99% right after 400 steps; not learnt in 1,500 steps (12.0%, 24.2% right)" in whole
