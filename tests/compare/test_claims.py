"""What lecture notes say is judged by rules, and every rule can go either way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lstm_ascii.render.compare.claims import rules
from lstm_ascii.render.compare.page import compare_page
from lstm_ascii.render.compare.problems import problems_of
from lstm_ascii.reports.compare.claims import DEPENDS, NOT_SO, OPEN, SO, claims_of, learnt_though_gone
from lstm_ascii.reports.compare.report import CompareReport, Reach
from lstm_ascii.reports.gradients.network import GateUse
from lstm_ascii.reports.recall import ENOUGH_STEPS, report_of_outcomes
from tests.compare import by_hand
from tests.recall import by_hand as race
from tests.rendering import render


def verdicts(report: CompareReport) -> dict[str, str]:
    return {claim.key: claim.verdict for claim in claims_of(report)}


def with_trained(label: str, **changes: Any) -> CompareReport:
    """Return the report with other figures of one trained network."""
    report = by_hand.report()
    return replace(
        report, trained=tuple(replace(one, **changes) if one.label == label else one for one in report.trained)
    )


def raced(**results: tuple[tuple[float, ...], ...]) -> CompareReport:
    """Return the report of a race that ended otherwise."""
    named = {name.replace("_", " "): result for name, result in results.items()}
    known = report_of_outcomes(race.race(), race.outcomes(race.race(), {**race.RESULTS, **named}))
    networks = tuple(one for one in known.networks if one.label != "LSTM +0")
    return replace(by_hand.report(), recall=replace(known, networks=networks))


def test_the_verdicts_follow_the_figures() -> None:
    assert verdicts(by_hand.report()) == {
        "smaller": SO, "faster": SO, "rnn span": SO, "lstm span": DEPENDS, "more accurate": SO, "forgets": NOT_SO,
        "as good": SO, "vanishes": DEPENDS, "highway": DEPENDS, "trained highway": SO, "near one": SO,
    }  # fmt: skip


def test_sizes() -> None:
    report = by_hand.report()
    swapped = tuple(replace(size, parameters=10_000 - size.parameters) for size in report.sizes)
    found = verdicts(replace(report, sizes=swapped))
    assert (found["smaller"], found["as good"]) == (NOT_SO, NOT_SO)


@pytest.mark.parametrize(
    ("rnn", "verdict"), [((1.0, 2.0, 9.0), SO), ((1.0, 2.0, 9.5), OPEN), ((11.0, 12.0, 13.0), NOT_SO)]
)
def test_a_time_is_less_where_the_quartiles_do_not_overlap(rnn: tuple[float, float, float], verdict: str) -> None:
    report = by_hand.report()
    times = (replace(report.times[0], forward=rnn), *report.times[1:])
    assert verdicts(replace(report, times=times))["faster"] == verdict


def test_a_race_that_was_cut_short_refutes_no_span() -> None:
    found = raced(RNN=((-0.2, -0.2, -0.2), (), (), (), ()))
    assert found.recall is not None
    short = replace(found, recall=replace(found.recall, steps=ENOUGH_STEPS - 10))
    assert verdicts(found)["rnn span"] == NOT_SO
    assert {verdicts(short)[key] for key in ("rnn span", "lstm span")} == {OPEN}
    claimed = replace(short, claims=claims_of(short))
    assert "what isn't learnt in fewer than 1,000 steps refutes nothing" in rules(claimed)


def test_spans() -> None:
    chrono, gru = race.RESULTS["LSTM chrono"], race.RESULTS["GRU"]
    assert verdicts(raced(RNN=gru))["rnn span"] == NOT_SO
    assert verdicts(raced(RNN=((-0.2, -0.2, -0.2), (), (), (), ())))["rnn span"] == NOT_SO
    assert verdicts(raced(**{"LSTM +1": chrono}))["lstm span"] == SO
    assert verdicts(raced(**{"LSTM chrono": gru}))["lstm span"] == NOT_SO


@pytest.mark.parametrize(("right", "verdict"), [((400,) * 4, OPEN), ((200,) * 4, SO)])
def test_one_is_more_accurate_where_the_intervals_do_not_overlap(right: tuple[int, ...], verdict: str) -> None:
    found = verdicts(with_trained("RNN", agreement=by_hand.agreement("RNN", right)))
    assert found["more accurate"] == verdict
    turned = verdicts(with_trained("LSTM", agreement=by_hand.agreement("LSTM", (200,) * 4)))
    assert turned["more accurate"] == NOT_SO


def test_a_network_that_guesses_far_away_has_lost_the_subject() -> None:
    assert verdicts(with_trained("RNN", agreement=by_hand.agreement("RNN", (400, 400, 400, 205))))["forgets"] == SO
    assert verdicts(with_trained("RNN", agreement=by_hand.agreement("RNN", (400, 400, 400, 230))))["forgets"] == NOT_SO


def test_a_gru_that_is_clearly_worse_is_not_as_good() -> None:
    assert verdicts(with_trained("GRU", agreement=by_hand.agreement("GRU", (300,) * 4)))["as good"] == NOT_SO


def test_gradients() -> None:
    report = by_hand.report()
    all_alive = tuple(Reach(one.label, one.steps_back, (0.0, -1.0, -2.9)) for one in report.random)
    all_gone = tuple(Reach(one.label, one.steps_back, (0.0, -1.0, -3.1)) for one in report.random)
    alive, gone = (verdicts(replace(report, random=random)) for random in (all_alive, all_gone))
    assert (alive["highway"], gone["highway"]) == (SO, NOT_SO)
    nothing = Reach("LSTM", (10, 50, 100), (0.0, -1.0, None))
    kept = replace(nothing, log10=(0.0, 0.0, 0.0))
    assert verdicts(with_trained("LSTM", along=nothing, along_choice=nothing))["trained highway"] == NOT_SO
    assert verdicts(with_trained("RNN", along=kept, along_choice=kept))["trained highway"] == NOT_SO
    assert verdicts(with_trained("LSTM", along_choice=nothing))["trained highway"] == DEPENDS
    assert verdicts(with_trained("LSTM", along_choice=None))["trained highway"] == SO


def test_a_gradient_that_vanishes_at_every_radius_vanishes_and_at_some_it_depends() -> None:
    report = by_hand.report()
    small, *_, large = report.radii
    assert verdicts(replace(report, radii=(small, small)))["vanishes"] == SO
    assert verdicts(replace(report, radii=(large, large)))["vanishes"] == NOT_SO
    assert verdicts(replace(report, radii=(small, large)))["vanishes"] == DEPENDS


def test_a_network_has_learnt_though_its_gradient_is_gone_only_where_both_were_measured_so() -> None:
    assert [one.label for one in learnt_though_gone(by_hand.report())] == ["RNN"]
    guesses = by_hand.agreement("RNN", (400, 400, 400, 205))
    for changes in ({"agreement": guesses}, {"agreement": None}, {"inside": Reach("RNN", (10, 25), (-1.0, -2.9))},
                    {"inside": Reach("RNN", (10,), (-5.0,))}):  # fmt: skip
        assert learnt_though_gone(with_trained("RNN", **changes)) == ()


def test_forget_gates() -> None:
    assert verdicts(with_trained("LSTM", gates=(GateUse("f", 0.89, 0.5, 0.1),)))["near one"] == NOT_SO
    assert verdicts(with_trained("LSTM", gates=(GateUse("f", 0.84, 0.78, 0.1),)))["near one"] == SO  # often: mostly


def test_nothing_is_said_of_what_was_not_measured() -> None:
    report = by_hand.report(("GRU",))
    assert verdicts(report) == {}
    bare = replace(by_hand.report(), sizes=(), times=(), recall=None, random=(), radii=(), trained=())
    assert verdicts(bare) == {}


def test_problems_stand_beside_their_solutions_with_what_was_measured_of_both() -> None:
    rows = {row.measured: (row.rnn, row.lstm) for row in problems_of(by_hand.report())}
    assert rows["longest gap remembered (LSTM chrono)"] == ("10", "100+")
    assert rows["a choice's error, left 100 words back"] == ("1e-40", ".063")
    assert rows["right verbs over 25–29 words"] == ("97%", "100%")
    assert rows["mean forget gate"] == ("–", "0.91")
    assert rows["left 100 steps back, radius 4"] == ("6e14", "–")
    assert problems_of(by_hand.report(("LSTM", "GRU"))) == []
    assert "PROBLEM" not in render(compare_page(by_hand.report(("LSTM", "GRU"))))
