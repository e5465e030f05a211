"""Two sentences side by side: their words aligned, and where they part."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.explain.against import against_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.reports.explain.against import against_report, aligned
from tests.cli.program import answer, is_clean_error, run
from tests.explain import cases
from tests.rendering import render

BOTH = against_report(cases.parted(), cases.plural())


@pytest.mark.parametrize("width", [40, 80, 120])
def test_two_sentences_look_as_they_were_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(against_page(BOTH), width) == snapshot


def test_one_sentence_of_two_networks_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    networks = tuple(replace(network, source="other.npz") for network in cases.wrong_reason().networks)
    other = replace(cases.wrong_reason(), networks=networks)
    report = words_in_ascii(against_report(cases.parted(), other, same_networks=False))
    assert render(against_page(report), 80, ascii=True) == snapshot


@pytest.mark.parametrize("width", [*range(20, 131, 9), 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(cell_len(line) <= width for line in render(against_page(BOTH), width).splitlines())


def test_words_are_aligned_as_few_as_can_be_replaced() -> None:
    first, second = ["The", "cat", "that", "slept", "was", "hungry", "."], ["The", "cats", "were", "hungry", "."]
    pairs = aligned(first, second)
    assert [(one, other) for one, other in pairs if one and other and first[one - 1] == second[other - 1]] == [
        (1, 1), (6, 4), (7, 5)
    ]  # fmt: skip
    assert [one for one, _ in pairs if one] == [*range(1, 8)]
    assert [other for _, other in pairs if other] == [*range(1, 6)]


def test_it_is_said_where_words_choice_and_memory_part() -> None:
    text = " ".join(render(against_page(BOTH), 80).split())
    assert "The words part at place 2: “cat” against “cats”." in text
    assert "The choice: the LSTM and the GRU say “was” against “were”." in text
    assert "From place 1 on the values are 0.5 or more apart; where the choice is made they are 0.5 and −0.5." in text
    same = " ".join(render(against_page(against_report(cases.parted(), cases.parted())), 80).split())
    assert "The words are the same. The choices are the same. Nowhere are the values 0.5 or more apart" in same


def test_both_are_shown_with_one_unit_and_all_of_both_is_in_the_json() -> None:
    call = ("explain", "The cat was hungry.", "--against", "The cats were hungry.", "--cell", "lstm")
    text = answer(*call).text
    assert re.search(r"^ first +The +cat +was +hungry", text, re.MULTILINE)
    assert re.search(r"^ second +The +cats +were +hungry", text, re.MULTILINE)
    report = json.loads(answer(*call, "--json").text)
    assert report["first"]["words"][1] == "cat"
    assert report["second"]["networks"][0]["verdict"]["says"] == "were"
    assert report["units"][0]["unit"] == report["units"][1]["unit"]


def test_it_has_a_page_of_its_own() -> None:
    assert is_clean_error(run("explain", "x", "--against", "y", "--brief"), 2)
