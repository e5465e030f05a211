"""Sentences that nobody planned: what the page says of each is what its report holds."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from lstm_ascii import Explanation
from lstm_ascii.render.explain import BRIEF
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.figures import power, short
from lstm_ascii.reports.explain.decision import strongest
from lstm_ascii.reports.explain.verdict import asks_number, has_number
from lstm_ascii.thresholds import CARRIES, CLOSED, OPEN, WRITTEN
from tests.explain.unplanned import SENTENCES, report_of
from tests.rendering import render


@pytest.fixture(scope="module", params=SENTENCES)
def report(request: pytest.FixtureRequest) -> Explanation:
    return report_of(request.param)


def test_the_verdict_is_what_was_measured(report: Explanation) -> None:
    text = render(explain_page(report, ("verdict",)), 200)
    for network in report.networks:
        choice, swap = network.asked, strongest(network.swaps)
        row = re.findall(rf"^ {network.cell} +(.*)$", text, re.MULTILINE)[0]
        says = choice.right if choice.log_odds > 0 else choice.wrong
        assert row.startswith(says)
        if choice.kind == "next word":
            assert f"{says} {'=' if choice.log_odds > 0 else '≠'} sentence" in row
        if swap is None:
            assert "no single word counts" in row
            continue
        assert ("decides" if swap.turns else "counts") in row
        far = choice.after - swap.word
        assert re.search(r"the word before|just before" if not far else rf" {far} (words? )?back", row)
        if " error at " in row:
            gradient = network.steps[network.verdict.at - 1].gradient
            assert gradient is not None
            assert power(gradient.choice, 2) in row.split(" error at ")[1]
            assert ("▲" in row) is (gradient.choice is not None and gradient.choice >= 0.176)


def test_the_unit_is_told_by_its_own_gates(report: Explanation) -> None:
    main = report.main
    text = render(explain_page(report, ("track",)), 200)
    if main.unit is None:
        assert "No unit is followed" in text
        return
    carrier = main.carrier
    numbered = carrier is not None and asks_number(main.asked) and has_number(report.words[carrier.word - 1])
    if "carries the number of" in text:
        assert numbered
        assert carrier is not None
        assert carrier.share >= CARRIES
    for number, step in enumerate(main.unit.steps, 1):
        found = re.search(rf"^ *{number} \S+ .* {re.escape(short(step.keeps or 0))} .* (\w+) ", text, re.MULTILINE)
        row = next((line for line in text.splitlines() if re.match(rf"^ *{number} ", line)), "")
        keeps, adds = round(step.keeps or 0.0, 2), round(step.adds or 0.0, 2)
        if " cleared " in row:
            assert found
            assert keeps < CLOSED
            assert adds < CLOSED
        if " held " in row:
            assert keeps >= OPEN
            assert adds < WRITTEN


def test_what_is_left_out_of_the_table_is_bounded_by_what_is_said(report: Explanation) -> None:
    main = report.main
    text = " ".join(render(explain_page(report, ("track",)), 200).split())
    found = re.search(r"At (\d+) more words? it is ([a-z, ]+) \((?:forget gate) (\S+?)(?: or more)?\)", text)
    if not found or main.unit is None:
        return
    shown = {int(number) for number in re.findall(r"(?:^|\n) *(\d+) ", render(explain_page(report, ("track",)), 200))}
    hidden = [step for number, step in enumerate(main.unit.steps, 1) if number not in shown]
    assert len(hidden) == int(found[1])
    assert short(min(step.keeps or 0.0 for step in hidden)) == found[3]


def test_the_page_fits_its_lines_and_its_widths(report: Explanation) -> None:
    if len(report.words) <= 18:
        assert len(render(explain_page(report), 80).splitlines()) <= 60
        assert len(render(explain_page(report, BRIEF), 80).splitlines()) <= 24
    for width in (40, 80, 120):
        for ascii_only in (False, True):
            drawn = render(explain_page(report), width, ascii=ascii_only)
            assert all(cell_len(line) <= width for line in drawn.splitlines())


def test_no_contradiction_is_left_standing(report: Explanation) -> None:
    text = " ".join(render(explain_page(report), 80).split())
    for network in report.networks:
        verdict = network.verdict
        gone = verdict.error is None or verdict.error < -2
        if verdict.turns and verdict.decided_by == verdict.at and gone and main_asks(report):
            assert "That says what could still be learnt from there, not what has been learnt." in text
        if verdict.decided_by not in (None, verdict.at) and main_asks(report):
            assert re.search(rf"(The {network.cell} says .* for another reason|In the {network.cell} )", text)


def main_asks(report: Explanation) -> bool:
    """Tell whether there is more than one word to decide by."""
    return report.main.asked.after > 1
