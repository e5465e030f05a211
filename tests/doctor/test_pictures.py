"""The page of ``doctor``, drawn from reports written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.doctor import doctor_page, summary
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain, to_tsv
from tests.doctor import by_hand
from tests.rendering import render


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(doctor_page(by_hand.report()), width) == snapshot


def test_without_a_text_only_the_weights_are_told(snapshot: SnapshotAssertion) -> None:
    assert render(doctor_page(by_hand.report(sick=False, text=False))) == snapshot


def test_what_is_no_number_is_a_dash(snapshot: SnapshotAssertion) -> None:
    assert render(doctor_page(by_hand.report_of_few_words())) == snapshot


@pytest.mark.parametrize("width", [40, 80])
def test_pieces_of_a_long_line_are_called_so(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(doctor_page(by_hand.report_of_one_line()), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(doctor_page(words_in_ascii(by_hand.report())), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_told_plainly_it_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(doctor_page(by_hand.report()))) == snapshot


def test_without_a_text_it_is_said_in_sentences_what_a_text_would_show() -> None:
    spoken = render(Plain(doctor_page(by_hand.report(text=False))), 1000)
    assert "give a sentence or a file of text to see what the units do." in spoken


def test_a_finding_is_read_aloud_in_sentences_without_names_of_fields() -> None:
    spoken = render(Plain(doctor_page(by_hand.report())), 1000)
    assert (
        "Warning: the gradient vanishes after a few words (layer 2). Seen: below 0.001 after 3 words, the middle of 8 "
        "lines of 40 words; limit 10 words. Means: what stands farther back can't be learnt. Do: a gated cell in place "
        "of an RNN. Bengio et al. 1994.\n"
    ) in spoken
    assert "everity" not in spoken


def test_a_gradient_that_outlasts_the_lines_has_its_bound_in_the_table() -> None:
    rows = {line.split("\t")[0]: line for line in to_tsv(doctor_page(by_hand.report()).parts()).splitlines()}
    assert rows["layer 1, backward"].endswith("\t\t8\t40\t39")


def test_findings_are_rows_of_a_table() -> None:
    assert "warning\tshort-horizon\t" in to_tsv(doctor_page(by_hand.report()).parts())


def test_the_summary_counts() -> None:
    assert summary(by_hand.FINDINGS) == "1 error, 1 warning, 1 note"
    assert summary(by_hand.FINDINGS[2:] * 3) == "3 notes"
    assert summary(()) == "nothing by these limits"


@given(width=st.integers(20, 200))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in render(doctor_page(by_hand.report()), width).splitlines():
        assert cell_len(line) <= width, line
