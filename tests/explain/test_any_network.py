"""Layers, directions and what a network can't say, drawn from reports written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.explain import SECTIONS, context, highway, shares
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain
from lstm_ascii.reports.explain.report import ExplainReport
from lstm_ascii.reports.explain.view import Where
from tests.explain import by_hand
from tests.rendering import render

REPORTS = {"lower layer": by_hand.lower_layer(), "backward": by_hand.backward()}
VIEWS = tuple(name for name in SECTIONS if name != "cell")  # which is drawn the same in every network


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(REPORTS[name], VIEWS), width) == snapshot


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    text = render(explain_page(words_in_ascii(REPORTS[name]), VIEWS), 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_told_plainly_looks_as_it_was_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    assert render(Plain(explain_page(REPORTS[name], ("cell", "unit", "decided", "highway", "words"))), 80) == snapshot


@pytest.mark.parametrize("width", [*range(20, 131, 5), 39, 69, 109, 200])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for line in render(explain_page(REPORTS[name], tuple(SECTIONS)), width).splitlines():
        assert cell_len(line) <= width, line


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Where(), "LSTM"),
        (Where(2, 3), "LSTM, layer 2 of 3"),
        (Where(1, 1, "forward", 2), "LSTM, forward of 2 directions"),
        (Where(1, 1, "backward", 1), "LSTM, backward"),
        (Where(1, 2, "backward", 2), "LSTM, layer 1 of 2, backward of 2 directions"),
    ],
)
def test_a_cell_is_named_with_its_place_where_there_are_others(place: Where, told: str) -> None:
    assert context.named(replace(by_hand.report(("LSTM",)).main, where=place)) == told


def test_what_the_drawing_of_the_cell_has_not_is_said_below_it() -> None:
    text = " ".join(render(explain_page(by_hand.lower_layer(), ("cell",)), 80).split())
    assert text.endswith("Drawn is the plain LSTM; this one has: projection to 3, peepholes.")
    assert "Drawn is" not in render(explain_page(by_hand.report(), ("cell",)), 80)


def test_sections_without_a_choice_are_left_out_and_said_so() -> None:
    text = " ".join(render(explain_page(by_hand.backward())).split())
    assert "are left out: the network also reads from the end" in text
    assert "WHO DECIDED" not in text


def test_backward_what_is_last_is_the_first_word() -> None:
    main = by_hand.backward().main
    assert "After “The”, which it reads last," in shares.closing(main)
    assert context.ends(main) == (8, 1)
    closing = highway.closing((main,), 8, by_hand.WORDS)
    assert closing.startswith("Of the error there is left at “.”, 7 words back as it reads:")


def test_where_the_error_vanishes_is_counted_as_the_cell_reads() -> None:
    main = by_hand.backward().main
    gone = tuple(
        replace(step, gradient=step.gradient and replace(step.gradient, choice=-0.7 * (step.number - 1)))
        for step in main.steps
    )
    assert highway.horizon(replace(main, steps=gone)) == 5  # 0.7 · 5 is the first above 3


def test_how_exact_the_paths_are_is_said_where_they_are_shown() -> None:
    report: ExplainReport = by_hand.lower_layer()
    assert "All paths: estimated from 48 directions in place of all, at most 5% too small." in " ".join(
        render(explain_page(report, ("highway",)), 80).split()
    )
    exact = replace(report, networks=(replace(report.main, paths_within=0.0, paths_rows=0),))
    assert "too small" not in render(explain_page(exact, ("highway",)), 80)
