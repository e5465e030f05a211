"""The page of ``compare``, drawn from reports written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.compare import SECTIONS
from lstm_ascii.render.compare.claims import STATEMENTS, measured
from lstm_ascii.render.compare.page import compare_page
from lstm_ascii.render.compare.side_by_side import Figure, FigureRow, side_by_side
from lstm_ascii.render.glyphs import to_ascii, words_in_ascii
from lstm_ascii.render.parts import Plain, to_tsv
from lstm_ascii.reports.compare.claims import RULES
from lstm_ascii.reports.compare.comparison import VIEWS
from lstm_ascii.reports.compare.report import CompareReport
from tests.compare import by_hand
from tests.rendering import render

REPORTS = {
    "three": by_hand.report(),
    "beside mine": by_hand.report(own=True),
    "two": by_hand.report(("LSTM", "GRU")),
    "along a series": by_hand.along_a_series(),
    "no times": by_hand.judged(replace(by_hand.along_a_sentence(), times=())),
}


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(compare_page(REPORTS[name]), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(compare_page(words_in_ascii(by_hand.report())), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_the_page_told_plainly_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(compare_page(by_hand.report())), 80) == snapshot


@given(width=st.integers(20, 200), name=st.sampled_from(sorted(REPORTS)))
def test_no_line_is_wider_than_the_terminal_and_ascii_moves_nothing(width: int, name: str) -> None:
    text = render(compare_page(REPORTS[name]), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert render(compare_page(REPORTS[name]), width, ascii=True) == to_ascii(text)


@given(
    width=st.integers(20, 160),
    columns=st.lists(st.text("abc +", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=5),
    figures=st.lists(st.text("0123456789.", max_size=9), min_size=1, max_size=4),
    share=st.none() | st.floats(-1, 2),
    note=st.text("0123–", max_size=12),
)
def test_a_table_shows_every_figure_at_every_width(
    width: int, columns: list[str], figures: list[str], share: float | None, note: str
) -> None:
    rows = [FigureRow("a row", tuple(Figure(figure, share, "state", note) for _ in columns)) for figure in figures]
    lines = [line.plain for line in side_by_side(columns, rows).lines(width)]
    assert all(len(line) <= width for line in lines)
    for figure in filter(None, figures):
        assert sum(line.count(figure) for line in lines) >= len(columns)


@pytest.mark.parametrize("view", VIEWS)
def test_each_section_can_be_shown_alone(view: str) -> None:
    text = render(compare_page(by_hand.report(), (view,)), 80)
    assert "\n 1  " in text
    assert "\n 2  " not in text


def test_what_was_not_measured_has_no_section() -> None:
    bare = CompareReport(1, ("RNN",), 32, 0, "", 400, 8, 5, (1e-3, 1e3), (), (), None, (), (), (), ())
    assert len(render(compare_page(bare), 80).splitlines()) == 4


def test_sections_views_rules_and_words_belong_together() -> None:
    assert SECTIONS == VIEWS
    assert STATEMENTS.keys() == RULES.keys()
    assert {claim.key for claim in by_hand.report().claims} == RULES.keys()


def test_the_sentences_are_made_from_the_figures() -> None:
    text = " ".join(render(compare_page(by_hand.report()), 120).split())
    assert "Parameters for as many units, against the RNN's: LSTM 4.0 times, GRU 3.0 times." in text
    assert "The time of a step forward against the RNN's: LSTM 2.7 times, GRU 3.0 times." in text
    assert "after 100 steps, LSTM chrono keeps it; along a text, after 100 words, LSTM keeps it." in text
    assert "there is left of it: RNN 1e-40, LSTM .063, GRU 3e-15." in text
    assert "A cost of writing was part of the loss of the LSTM alone: 0.02 times what the LSTM writes at a word" in text
    assert "random networks, medians of 5; the RNN's scaled to spectral radius 0.9" in text
    assert "Both are true together: of the RNN's gradient 3e-7 is left 25 words back, and over 25–29 words" in text
    assert "of the LSTM's f 85% are above 0.9, 4% below 0.1" in text
    assert "Of 11 statements, so: 7, not so: 1, it depends: 3." in text


def test_what_was_measured_stands_beside_what_is_said() -> None:
    report = by_hand.report()
    assert measured("smaller", report) == "RNN 2,112, LSTM 8,448, GRU 6,336"
    assert measured("lstm span", report) == "recall task, 1,000 steps: LSTM +1 10, LSTM chrono 100+"
    assert measured("forgets", report) == (
        "agreement, trained 16,000 steps: over 25–29 words it is right in 97.2% (95–99)"
    )
    assert measured("vanishes", report) == "by spectral radius 0.9: 2e-19, 1.5: 8e-5, 4: 6e14 of it after 100 steps"
    assert measured("highway", report) == "LSTM +1 3e-9, LSTM chrono .49 of it after 100 steps"


def test_tables_have_full_precision() -> None:
    text = to_tsv(compare_page(by_hand.report()).parts())
    assert f"RNN\t25-29\t389\t400\t0.9725\t{by_hand.group('', 389).interval[0]!r}" in text  # type: ignore[index]
    assert "LSTM chrono\trandom\t100\t" in text
    assert "An RNN is faster, an LSTM slower\tso\t" in text
