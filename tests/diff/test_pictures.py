"""The page of ``diff``, drawn from reports written by hand."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.diff import diff_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain
from tests.diff import by_hand
from tests.rendering import render


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(diff_page(by_hand.report()), width) == snapshot


def test_of_equal_networks_that_is_said(snapshot: SnapshotAssertion) -> None:
    assert render(diff_page(by_hand.equal())) == snapshot


def test_files_without_networks_are_compared_by_their_tensors(snapshot: SnapshotAssertion) -> None:
    assert render(diff_page(by_hand.unread())) == snapshot


def test_pure_ascii_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    text = render(diff_page(words_in_ascii(by_hand.report())), ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_told_plainly_it_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(diff_page(by_hand.report()))) == snapshot
