"""The table engine: never wider than the terminal, nothing dropped without a word, and told as it is drawn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from lstm_ascii.render.figures import bar
from lstm_ascii.render.grid import Column, Grid, as_sentence
from lstm_ascii.render.layout import rows_to_show
from tests.render.test_layout import sentences, widths

marks = st.dictionaries(st.integers(0, 11), st.sampled_from(["focus", "unknown"]), max_size=3)


def words(labels: list[str], columns: list[Column], rows: list[int | None] | None = None, **more: object) -> Grid:
    """Return a table with a row a word."""
    return Grid("any", ("word", "text"), labels, columns, rows, "word", numbered=True, **more)  # type: ignore[arg-type]


def text(value: str, _size: int) -> Text:
    return Text(value)


@st.composite
def tables(draw: st.DrawFn) -> Grid:
    """Draw a table with columns of all kinds, some rows left out."""
    sentence = draw(sentences)
    columns = []
    for number in range(draw(st.integers(1, 6))):
        some = st.sampled_from(["███ .99", "cat 77%, that#3 61%, 日本 3%", "−6.9*", "", None])
        values = [draw(some) for _ in sentence]
        head = (f"column{number}", draw(st.sampled_from(["", "scale ±7.9", "日本"])))
        room, stretch, items = draw(st.integers(3, 46)), draw(st.booleans()), draw(st.booleans())
        right = draw(st.booleans())
        columns.append(
            Column(f"column{number}", values, head, text, room=room, stretch=stretch, items=items, right=right)
        )
    rows = rows_to_show(len(sentence), draw(st.one_of(st.none(), st.integers(1, 12))), [draw(st.integers(0, 0))])
    room = draw(st.integers(4, 16))
    return words(sentence, columns, rows, marks=draw(marks), most=lambda width: min(room, width // 3))


@given(tables(), widths)
def test_no_line_of_a_table_is_wider_than_the_terminal(table: Grid, width: int) -> None:
    for line in table.lines(width):
        assert line.cell_len <= width, line.plain


@given(tables(), widths)
def test_every_column_and_every_row_is_drawn(table: Grid, width: int) -> None:
    lines = [line.plain for line in table.lines(width)]
    drawn = "\n".join(lines)
    for column in table.columns:
        assert column.heads(0)[0][:2] in drawn
    parts = sum("#" in line and "word" in line for line in lines)
    for row in table.shown:
        if row is not None:
            assert len([line for line in lines if re.match(rf" *{row + 1} ", line)]) == parts
    assert sum(line.strip() == "…" for line in lines) == parts * list(table.shown).count(None)


@given(tables())
def test_a_table_is_told_with_every_row_that_is_shown_and_every_column(table: Grid) -> None:
    (told,) = table.parts()
    assert told.columns == ("word", "text", *(column.name for column in table.columns))
    assert [row[0] for row in told.rows] == [row + 1 for row in table.shown if row is not None]
    for row in told.rows:
        assert list(row[2:]) == [column.value(int(row[0]) - 1) for column in table.columns]


def test_columns_that_do_not_fit_go_into_a_further_table() -> None:
    columns = [Column(name, [name], ("", name), room=12) for name in ("one", "two", "three")]
    assert [line.plain for line in words(["cat"], columns).lines(42)] == [
        "  # word  one           two",
        "  1 cat   one           two",
        "",
        "  # word  three",
        "  1 cat   three",
    ]


def test_what_is_left_of_the_line_is_shared_by_the_columns_that_can_use_it() -> None:
    columns = [Column("x", ["y" * 200], room=10, stretch=True) for _ in range(3)]
    assert [line.cell_len for line in words(["cat"], columns).lines(100)][-1] in range(98, 101)


def test_a_list_is_cut_between_two_items() -> None:
    column = Column("", ["cat 77%, that#3 61%, mouse 3%"], room=22, items=True)
    (_, line) = words(["a"], [column]).lines(34)
    assert line.plain == "  1 a     cat 77%, that#3 61% …"


def test_figures_stand_right_below_heads_that_stand_right() -> None:
    columns = [Column("radius", [0.9, 12.5], right=True), Column("units", [3, 128], right=True)]
    table = Grid("weights", ("layer",), ["layer 1", "layer 2"], columns)
    assert [line.plain for line in table.lines(40)] == [
        "          radius  units",
        " layer 1     0.9      3",
        " layer 2    12.5    128",
    ]


def test_a_table_that_may_not_be_split_is_turned_row_by_row() -> None:
    columns = [Column("radius", [0.9], right=True), Column("units", [None], right=True), Column("b", [1], right=True)]
    table = Grid("weights", ("layer",), ["layer 1"], columns, split=False, turn=as_sentence)
    assert [line.plain for line in table.lines(20)] == [" layer 1: radius", "   0.9, b 1"]


def test_bars_share_what_the_line_has_left_and_turn_the_table_where_it_is_too_little() -> None:
    def share(value: float, size: int) -> Text:
        return bar(value, size, "positive").append(f" {value:.1f}")

    columns = [Column(name, [0.5], draw=share, room=4, elastic=(4, 9), right=True) for name in ("RNN", "LSTM")]
    table = Grid("shares", ("kind",), ["all"], columns)
    assert [line.cell_len for line in table.lines(80)] == [34, 34]
    assert [line.cell_len for line in table.lines(30)] == [30, 30]
    assert [line.plain.split() for line in table.lines(22)] == [["all"], ["RNN", "0.5"], ["LSTM", "0.5"]]


@pytest.mark.parametrize(
    ("width", "shown"), [(25, "antidisestablishment 77%…"), (9, "anti… 77%"), (6, "a… 77%"), (4, "ant…")]
)
def test_of_an_item_that_does_not_fit_the_name_is_cut_and_not_the_figure(width: int, shown: str) -> None:
    column = Column("", ["antidisestablishment 77%, that 3%"], room=width, items=True)
    (_, line) = words(["a"], [column]).lines(width + 12)
    assert line.plain.strip().removeprefix("1 a").strip() == shown
