"""The page of ``accuracy``, drawn from reports written by hand."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.accuracy import SECTIONS
from lstm_ascii.render.accuracy.page import accuracy_page
from lstm_ascii.render.glyphs import to_ascii, words_in_ascii
from lstm_ascii.render.parts import Plain
from tests.accuracy import by_hand
from tests.rendering import render

REPORTS = {"classes": by_hand.classes(), "tags": by_hand.tags(), "many": by_hand.many(), "values": by_hand.values()}


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(accuracy_page(REPORTS[name]), width) == snapshot


@pytest.mark.parametrize("name", ["classes", "values"])
def test_in_pure_ascii_it_looks_as_it_was_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    text = render(accuracy_page(words_in_ascii(REPORTS[name])), 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("name", REPORTS)
def test_told_plainly_it_reads_as_it_was_read(name: str, snapshot: SnapshotAssertion) -> None:
    assert render(Plain(accuracy_page(REPORTS[name])), 80) == snapshot


def test_rows_that_are_left_out_have_a_section_of_their_own(snapshot: SnapshotAssertion) -> None:
    assert render(accuracy_page(REPORTS["classes"], views=("rows",)), 80) == snapshot


@pytest.mark.parametrize("width", [20, 33, 61, 80, 131])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_terminal_and_ascii_moves_nothing(name: str, width: int) -> None:
    text = render(accuracy_page(REPORTS[name], views=SECTIONS), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert render(accuracy_page(REPORTS[name], views=SECTIONS), width, ascii=True) == to_ascii(text)
