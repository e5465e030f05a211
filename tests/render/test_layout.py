"""Paragraphs and choices of rows: never wider than the terminal, and nothing dropped without a word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.language.text import visible
from lstm_ascii.render.layout import WIDEST, paragraph, rows_to_show

WORDS = [
    "cat",
    "日本語",
    "👨\u200d👩\u200d👧",
    "naïve",
    "é",
    r"\x1b[31m",
    "antidisestablishmentarianism",
    "👍🏽",
    "🇩🇪",
    "❤\ufe0f",
]
words = st.one_of(
    st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=20).map(visible)
)
sentences = st.lists(words, min_size=1, max_size=12)
widths = st.integers(20, 200)


@given(sentences, widths, st.integers(0, 6), st.integers(0, 6))
def test_no_line_of_a_paragraph_is_wider_than_the_terminal(
    sentence: list[str], width: int, indent: int, hang: int
) -> None:
    lines = [line.plain for line in paragraph(Text(" ".join(sentence)), width, indent, hang)]
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join("".join(sentence).split())


@given(st.integers(1, 400), st.one_of(st.none(), st.integers(1, 300)), st.lists(st.integers(0, 399), max_size=50))
def test_the_words_to_show_are_in_order_and_every_gap_is_marked(
    count: int, limit: int | None, important: list[int]
) -> None:
    rows = rows_to_show(count, limit, [index for index in important if index < count])
    shown = [row for row in rows if row is not None]
    assert shown == sorted(set(shown))
    assert len(shown) <= (limit or count)
    if limit is None or count <= limit:
        assert rows == list(range(count))
    edges = [-1, *shown, count]
    gaps = sum(after - before > 1 for before, after in pairwise(edges))
    assert rows.count(None) == gaps


def test_the_head_the_tail_and_the_most_important_words_are_kept() -> None:
    assert rows_to_show(5, 1, [0]) == [0, None]
    assert rows_to_show(5, 2, []) == [None]
    assert rows_to_show(100, 7, [50, 49, 3]) == [0, 1, None, 3, None, 49, 50, None, 98, 99]


@pytest.mark.parametrize("width", [WIDEST, 100_000])
def test_a_paragraph_is_as_wide_as_it_is_told(width: int) -> None:
    (line,) = paragraph(Text("the cat"), width)
    assert line.plain == "the cat"
