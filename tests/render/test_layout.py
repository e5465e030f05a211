"""Tables and paragraphs: never wider than the terminal, and nothing dropped without a word."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.language.text import visible
from lstm_ascii.render.layout import WIDEST, Column, WordTable, paragraph, rows_to_show

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
marks = st.dictionaries(st.integers(0, 11), st.sampled_from(["focus", "unknown"]), max_size=3)


@st.composite
def tables(draw: st.DrawFn) -> WordTable:
    """Draw a table with columns of all kinds, some words left out."""
    sentence = draw(sentences)
    columns = []
    for number in range(draw(st.integers(1, 6))):
        some = st.sampled_from(["███ .99", "cat 77%, that#3 61%, 日本 3%", "−6.9*", "", None])
        values = [draw(some) for _ in sentence]
        head = (f"column{number}", draw(st.sampled_from(["", "scale ±7.9", "日本"])))
        width, stretch, items = draw(st.integers(3, 46)), draw(st.booleans()), draw(st.booleans())
        columns.append(Column(head, values, width, stretch=stretch, items=items))
    rows = rows_to_show(len(sentence), draw(st.one_of(st.none(), st.integers(1, 12))), [draw(st.integers(0, 0))])
    return WordTable(sentence, columns, rows, draw(marks))


@given(tables(), widths)
def test_no_line_of_a_table_is_wider_than_the_terminal(table: WordTable, width: int) -> None:
    for line in table.lines(width):
        assert line.cell_len <= width, line.plain


@given(tables(), widths)
def test_every_column_and_every_row_is_drawn(table: WordTable, width: int) -> None:
    lines = [line.plain for line in table.lines(width)]
    text = "\n".join(lines)
    for column in table.columns:
        assert column.head[0][: column.width - 1] in text or column.head[0][:2] in text
    parts = sum("#" in line and "word" in line for line in lines)
    for row in table.rows:
        if row is not None:
            numbered = [line for line in lines if re.match(rf" *{row + 1} ", line)]
            assert len(numbered) == parts
    assert sum(line.strip() == "…" for line in lines) == parts * list(table.rows).count(None)


def test_columns_that_do_not_fit_go_into_a_further_table() -> None:
    columns = [Column(("", name), [name], 12) for name in ("one", "two", "three")]
    lines = [line.plain.rstrip() for line in WordTable(["cat"], columns, [0], {}).lines(42)]
    assert lines == [
        "  # word  one           two",
        "  1 cat   one           two",
        "",
        "  # word  three",
        "  1 cat   three",
    ]


def test_what_is_left_of_the_line_is_shared_by_the_columns_that_can_use_it() -> None:
    columns = [Column(("", "x"), ["y" * 200], 10, stretch=True) for _ in range(3)]
    assert [line.cell_len for line in WordTable(["cat"], columns, [0], {}).lines(100)][-1] in range(98, 101)


def test_a_list_is_cut_between_two_items() -> None:
    column = Column(("", ""), ["cat 77%, that#3 61%, mouse 3%"], 22, items=True)
    assert column.cell(0).plain.rstrip() == "cat 77%, that#3 61% …"


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


@pytest.mark.parametrize(
    ("width", "shown"), [(25, "antidisestablishment 77%…"), (9, "anti… 77%"), (6, "a… 77%"), (4, "ant…")]
)
def test_of_an_item_that_does_not_fit_the_name_is_cut_and_not_the_figure(width: int, shown: str) -> None:
    column = Column(("", ""), ["antidisestablishment 77%, that 3%"], width, items=True)
    assert column.cell(0).plain == shown
