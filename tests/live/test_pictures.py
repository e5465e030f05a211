"""The page of ``look``, drawn from reports written by hand."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.look import look_page
from lstm_ascii.render.parts import Plain, to_tsv
from tests.live import by_hand
from tests.rendering import render


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(look_page(by_hand.report()), width) == snapshot


def test_outputs_that_differ_are_said_first(snapshot: SnapshotAssertion) -> None:
    assert render(look_page(by_hand.wrong())) == snapshot


def test_a_file_has_nothing_to_be_held_against_and_many_steps_are_cut(snapshot: SnapshotAssertion) -> None:
    assert render(look_page(by_hand.of_a_file())) == snapshot


def test_it_is_told_without_a_drawing(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(look_page(by_hand.report())), 80) == snapshot


def test_its_tables_have_all_of_it(snapshot: SnapshotAssertion) -> None:
    assert to_tsv(look_page(by_hand.report()).parts()) == snapshot


@pytest.mark.parametrize("width", [20, 33, 40, 69, 80, 120, 200])
@pytest.mark.parametrize("report", [by_hand.report, by_hand.wrong, by_hand.of_a_file])
def test_no_line_is_too_wide(report: object, width: int) -> None:
    for only_ascii in (False, True):
        text = render(look_page(report()), width, ascii=only_ascii)  # type: ignore[operator]
        assert max(map(cell_len, text.splitlines())) <= width
        assert text.isascii() or not only_ascii
