"""The page of ``profile``, drawn from a report written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain, to_tsv
from lstm_ascii.render.profile import SECTIONS
from lstm_ascii.render.profile.page import profile_page
from tests.profile import by_hand
from tests.rendering import render


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(profile_page(by_hand.report()), width) == snapshot


def test_all_units_are_rows(snapshot: SnapshotAssertion) -> None:
    assert render(profile_page(by_hand.report(), ("all",))) == snapshot


def test_pure_ascii_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    text = render(profile_page(words_in_ascii(by_hand.report())), 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_told_plainly_it_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(profile_page(by_hand.report()))) == snapshot


def test_the_tables_have_every_unit_and_every_passage_in_full() -> None:
    tables = to_tsv(profile_page(by_hand.report(), SECTIONS).parts())
    assert "layer 1, unit 0\t12.5\tcorpus.txt\tThe keys to the cabinet are on the table .\tare" in tables
    assert tables.count("layer 2, unit") == 2 + 2 + 1  # of all units, passages, and the one that is chosen


@given(width=st.integers(20, 200))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in render(profile_page(by_hand.report(), SECTIONS), width).splitlines():
        assert cell_len(line) <= width, line
