"""The page of a series, drawn from a report written by hand."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.explain import SECTIONS
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain
from tests.explain import series_by_hand
from tests.rendering import render

VIEWS = ("series", "answer", "decided", "map")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_is_told_of_a_series_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(series_by_hand.report(), VIEWS), width) == snapshot


@pytest.mark.parametrize("width", [40, 80])
def test_in_pure_ascii_it_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(explain_page(words_in_ascii(series_by_hand.report()), VIEWS), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_the_page_to_show_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(series_by_hand.report()), 80) == snapshot


def test_told_plainly_it_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(explain_page(series_by_hand.report(), ("series", "decided"))), 80) == snapshot


def test_replaced_several_steps_at_a_time_it_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    found = series_by_hand.report(series_by_hand.influence(4))
    assert render(explain_page(found, ("decided",)), 80) == snapshot


@pytest.mark.parametrize("width", [20, 33, 61, 131])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in render(explain_page(series_by_hand.report(), tuple(SECTIONS)), width).splitlines():
        assert cell_len(line) <= width, line


def test_what_is_split_is_named() -> None:
    page = render(explain_page(series_by_hand.report(), ("split",)), 80)
    assert "THE SPLIT   LSTM: pressure, by who last wrote" in page
    assert "log-odds" not in page
