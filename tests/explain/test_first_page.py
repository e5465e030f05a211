"""The page to show: one page, one point; and no contradiction is left standing on it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.explain import ALL, BRIEF, BY_DEFAULT, why
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.figures import factor
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain
from lstm_ascii.reports.explain.passes import Holding, Share
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.reports.explain.verdict import asks_number
from tests.explain import by_hand, cases
from tests.explain.cases import CASES
from tests.rendering import render

WIDTHS = (40, 80, 120)


def flat(report: ExplainReport, views: tuple[str, ...] = (), width: int = 80) -> str:
    """Return a page with single blanks."""
    return " ".join(render(explain_page(report, views), width).split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", CASES)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(CASES[name]), width) == snapshot


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["parted", "grown", "no_single_unit", "long"])
def test_the_brief_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(CASES[name], BRIEF), width) == snapshot


@pytest.mark.parametrize("views", [(), BRIEF], ids=["default", "brief"])
@pytest.mark.parametrize("width", [20, 80])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(
    views: tuple[str, ...], width: int, snapshot: SnapshotAssertion
) -> None:
    text = render(explain_page(words_in_ascii(CASES["grown"]), views), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_the_page_with_its_legends_and_in_colour_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(CASES["parted"], legends=True), 80, color=True) == snapshot


@pytest.mark.parametrize("name", CASES)
def test_the_page_has_at_most_60_lines_and_the_brief_one_24(name: str) -> None:
    assert len(render(explain_page(CASES[name]), 80).splitlines()) <= 60
    assert len(render(explain_page(CASES[name], BRIEF), 80).splitlines()) <= 24
    assert len(render(explain_page(CASES[name], BRIEF), 120).splitlines()) <= 24


def test_the_point_stands_in_the_first_eight_lines() -> None:
    first = "\n".join(render(explain_page(CASES["parted"]), 80).splitlines()[:8])
    assert re.search(r"RNN +were ≠ sentence +“tables”, just before, decides +error at “cat” 1\.0e-4", first)
    assert re.search(r"LSTM +was = sentence +“cat”, 13 back, decides +error at “cat” \.24", first)
    assert re.search(r"GRU +was = sentence", first)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("views", [(), BRIEF, ALL], ids=["default", "brief", "all"])
def test_no_line_is_wider_than_the_terminal(name: str, views: tuple[str, ...]) -> None:
    for width in (*range(20, 131, 15), 40, 120, 200):
        for line in render(explain_page(CASES[name], views), width).splitlines():
            assert cell_len(line) <= width, line


def test_where_the_networks_part_it_says_who_says_what_and_by_which_word() -> None:
    text = flat(CASES["parted"])
    assert "They part: the RNN says “were”, the LSTM and the GRU say “was”." in text
    assert "In the RNN “tables” decides, not “cat”: “cats” for “cat” moves its log-odds by −0.2, “table” for " in text


def test_who_is_right_for_another_reason_is_told() -> None:
    assert "The RNN says “was” for another reason: there “tables” decides, not “cat”" in flat(CASES["wrong_reason"])


def test_a_word_that_decides_though_no_error_reaches_it_is_no_contradiction() -> None:
    assert (
        "True together: in the RNN “cat” decides, and 1.0e-4 of the error reaches it. That says what could still be "
        "learnt from there, not what has been learnt."
    ) in flat(CASES["right_though_gone"])
    assert "True together" not in flat(CASES["parted"])


@pytest.mark.parametrize("views", [("verdict",), ("strips",), ("gloss",), ("highway",)])
def test_an_error_that_grew_is_marked_and_never_a_full_bar(views: tuple[str, ...]) -> None:
    text = render(explain_page(CASES["grown"], views), 80)
    assert "▲" in text
    line = next((line for line in text.splitlines() if re.match(r" +2 cat|[ ](error )?GRU", line)), "")
    assert line
    assert "████ 75" not in line


def test_growth_is_called_growth_and_nothing_is_left_of_it() -> None:
    text = flat(CASES["grown"], ("verdict", "highway", "words"))
    assert "On its way to “cat” the error grew 75-fold in the GRU: that is no better memory." in text
    assert "On the way to “cat”, 13 words back it grew 75-fold in the GRU" in text
    assert not re.search(r"left at “cat”[^.]*75", text)


def test_a_sentence_that_is_too_short_to_tell_networks_apart_says_so() -> None:
    text = flat(CASES["too_short"])
    assert "All say “was” because of “cat”, and the error reaches it in each: 3 words are too few to tell the " in text
    text = flat(CASES["right_before"])
    assert "All say “was”: “cat” stands right before it, so nothing has to be remembered." in text


def test_at_no_distance_nothing_travels() -> None:
    text = render(explain_page(CASES["right_before"], ALL), 80)
    assert "HOW IT TRAVELLED" not in text
    page = render(explain_page(CASES["right_before"]), 80)
    assert "WHY" not in page
    assert "error at" not in page.split("INSIDE")[0]


def test_the_verdict_is_told_at_length_where_there_is_room() -> None:
    report = CASES["right_before"]
    names = tuple("particularly" if word == "cat" else word for word in report.words)
    assert names != report.words
    text = render(explain_page(replace(report, words=names), ("verdict",)), 80)
    assert re.search(r"“particula…”, the word before, (decides|counts most)", text)


def test_no_single_unit_is_a_sentence_and_no_page() -> None:
    text = flat(CASES["no_single_unit"])
    told = "unit 3, which does most, moves the log-odds by −1.8, the swap by −8.8."
    assert f"No single unit carries what “cat” changes: {told}" in text
    assert "INSIDE THE CELL" not in text
    assert "WORD BY WORD" in text


def test_a_unit_that_differs_in_what_it_shows_is_said_and_drawn_so() -> None:
    text = flat(CASES["by_gate"])
    assert "The difference is in what it shows: with “cats” its output gate at “the#9” is .00 in place of" in text
    assert "and its value stays 1.5." in text
    drawn = render(explain_page(CASES["by_gate"], ("track",)), 80)
    assert drawn.count("full bar") == 1  # one column of values: they are the same


def test_the_number_is_carried_only_where_a_number_is_asked() -> None:
    assert "unit 3 of the LSTM carries the number of “cat”" in flat(CASES["parted"])
    assert "unit 3 of the LSTM carries what “cat” changes" in flat(CASES["no_number"])
    choice = CASES["parted"].main.asked
    assert asks_number(choice)
    assert asks_number(replace(choice, right="has", wrong="have"))
    assert not asks_number(replace(choice, right=".", wrong=":"))


def test_against_the_sentences_own_verb_nothing_is_called_right_or_wrong() -> None:
    for views in ((), BRIEF, ALL):
        text = render(explain_page(CASES["parted"], views), 80)
        assert "≠ sentence" in text
        assert not set(text) & set("✓✗")


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The cats was hungry .", "“were” is right for “cats”: here the sentence is wrong."),
        ("The cat that was hungry were asleep .", ""),  # two verbs have a number by then
        ("The wug near the dogs was hungry .", ""),  # a word of unknown number may be the subject
        ("The cat was hungry .", ""),
    ],
)
def test_where_the_sentence_is_wrong_for_certain_it_is_told(sentence: str, told: str) -> None:
    page = flat(explain_report(sentence, ("lstm",)))
    assert ("here the sentence is wrong" in page) == bool(told)
    assert told in page


def test_what_the_reader_calls_right_is() -> None:
    report = CASES["no_number"]
    networks = tuple(
        replace(network, choice=replace(network.asked, kind="asked"), verdict=replace(network.verdict, agrees=agrees))
        for network, agrees in zip(report.networks, (False, True, True), strict=True)
    )
    text = render(explain_page(replace(report, networks=networks)), 80)
    assert re.search(r"RNN +were ✗ .*\n LSTM +was ✓ ", text)


def test_a_long_sentence_shows_the_words_that_tell_something_and_the_gaps() -> None:
    page = explain_page(CASES["long"])
    text = render(page, 80)
    assert "…" in text.split("╰")[0]
    assert text.count("near") < 8
    assert all(word in text for word in ("cat", "doors", "was"))
    rows = [table for table in page.parts() if getattr(table, "name", "").startswith("unit 3 of the LSTM")]
    assert any(len(table.rows) == len(cases.LONG) for table in rows)  # --tsv has them all
    told = " ".join(render(Plain(page), 80).split())
    assert "words left out" in " ".join(text.split())
    assert "left out" not in told  # every word is told there


@pytest.mark.parametrize("name", ["parted", "right_though_gone", "grown"])
def test_a_printed_factor_to_its_power_is_what_is_left(name: str) -> None:
    for network in CASES[name].networks:
        assert network.why is not None
        found = re.search(r", (\S+)\^(\d+) = (\S+)", why.error_factors(network))
        assert found
        mean, exponent, left = found.groups()
        assert float(mean) ** int(exponent) == pytest.approx(10 ** (network.verdict.error or 0), rel=0.05)
        assert float(left) == pytest.approx(10 ** (network.verdict.error or 0), rel=0.5)


def test_an_error_that_grew_is_not_called_better_kept() -> None:
    rnn, lstm, gru = CASES["parted"].networks
    assert gru.why is not None
    gru = replace(gru, why=replace(gru.why, factor=1.002))
    assert re.fullmatch(
        r"So over \d+ words the LSTM keeps \S+ times what the RNN keeps.", why.closing((rnn, lstm, gru))
    )


@pytest.mark.parametrize(
    ("value", "words", "text"), [(0.58, 13, ".58"), (0.58123, 13, ".581"),
                                 (0.58537, 13, ".5854"), (0.5, 13, ".50"), (0.9976, 13, ".998"),
                                 (1.0, 9, "1.00"), (1.4478, 4, "1.45"), (0.99993, 3, "1.00"), (0.9995, 30, ".9995")]
)  # fmt: skip
def test_a_factor_has_the_digits_that_its_power_needs(value: float, words: int, text: str) -> None:
    assert factor(value, words, 2) == text


def test_the_sections_of_the_page_are_those_that_are_named() -> None:
    text = render(explain_page(CASES["parted"]), 80)
    assert [f"\n {n}  " in text for n in range(1, len(BY_DEFAULT) + 1)] == [True] * len(BY_DEFAULT)


def test_the_two_tables_of_lectures_tell_what_survives_and_what_is_let_out() -> None:
    text = render(explain_page(by_hand.report(), ("kept", "shown")), 80)
    kept, shown = text.split("WHAT IS SHOWN")
    assert re.search(r"^ +2 cat +100%$", kept, re.MULTILINE)
    assert re.search(r"^ +5 doors +12% +100%$", kept, re.MULTILINE)
    assert "After “doors” there is left 12% of “cat”." in kept
    assert re.search(r"^ +5 doors +50% +50%$", shown, re.MULTILINE)
    for cell, said in (("RNN", "An RNN's state is no sum"), ("GRU", "The GRU has no output gate")):
        assert said in flat(by_hand.report((cell,)), ("shown",))


def test_an_influence_of_which_nothing_is_left_in_memory_passes_through_the_gates() -> None:
    report = by_hand.report()
    forgotten = Holding((Share(5, 1.0),), 0.0, 0.1)
    networks = tuple(
        replace(network, steps=tuple(replace(step, holds=step.holds and forgotten) for step in network.steps))
        for network in report.networks
    )
    text = flat(replace(report, networks=networks), ("words",))
    assert (
        "Of all that the words have left in memory by then, under 0.5% in the LSTM and under 0.5% in the GRU is" in text
    )
    assert (
        "In the LSTM and the GRU its influence passed all the same: through the gates, and through what later words "
        "wrote because of it." in text
    )
    assert "its influence passed" not in flat(report, ("words",))


def test_the_closing_paragraph_carries_a_number_only_where_one_is_asked() -> None:
    assert "Its unit 3 carries the number of “cat”." in flat(CASES["parted"], ("words",))
    assert "Its unit 3 carries what “cat” changes." in flat(CASES["no_number"], ("words",))
