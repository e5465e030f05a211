"""Diagrams: wires meet what they end on, corners turn the right way, letters take their columns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.render.canvas import DOUBLE, Canvas
from lstm_ascii.render.explain.cell import cell_lines
from lstm_ascii.reports.explain.report import NetworkPass
from tests.explain import by_hand

LETTERS = {"RNN": "", "LSTM": "figo", "GRU": "zrn"}
SIZES = ("c", "c'", "h", "h'", "x")


def drawn(canvas: Canvas) -> list[str]:
    """Return the rows as plain text."""
    return [line.plain for line in canvas.lines()]


def test_a_wire_around_a_square_turns_at_its_corners() -> None:
    canvas = Canvas()
    canvas.wire((0, 0), (3, 0), (3, 2), (0, 2), (0, 0))
    assert drawn(canvas) == ["┌──┐", "│  │", "└──┘"]


@pytest.mark.parametrize("reverse", [False, True])
def test_a_double_wire_has_double_corners_in_both_directions(reverse: bool) -> None:
    points = [(0, 0), (3, 0), (3, 2), (0, 2), (0, 0)]
    canvas = Canvas()
    canvas.wire(*(points[::-1] if reverse else points), weight=DOUBLE)
    assert drawn(canvas) == ["╔══╗", "║  ║", "╚══╝"]


def test_a_wire_that_ends_on_a_box_joins_it() -> None:
    canvas = Canvas()
    canvas.box(3, 2, 5, "σ")
    canvas.wire((5, 0), (5, 2))
    canvas.wire((5, 4), (5, 6))
    canvas.wire((0, 3), (3, 3))
    canvas.wire((7, 3), (10, 3))
    assert drawn(canvas) == ["     │", "     │", "   ┌─┴─┐", "───┤ σ ├───", "   └─┬─┘", "     │", "     │"]


def test_crossing_wires_make_a_cross_and_weights_keep_apart() -> None:
    light, mixed = Canvas(), Canvas()
    for canvas, weight in ((light, 1), (mixed, DOUBLE)):
        canvas.wire((0, 1), (2, 1), weight=weight)
        canvas.wire((1, 0), (1, 2))
    assert drawn(light) == [" │", "─┼─", " │"]
    assert drawn(mixed) == [" │", "═╪═", " │"]


def test_a_branch_off_a_double_wire_joins_it() -> None:
    canvas = Canvas()
    canvas.wire((0, 0), (4, 0), weight=DOUBLE)
    canvas.wire((2, 0), (2, 1), weight=DOUBLE)
    assert drawn(canvas) == ["══╦══", "  ║"]


def test_an_arrow_ends_before_what_it_points_at_and_a_wire_on_it() -> None:
    canvas = Canvas()
    left, right = canvas.box(0, 0, 5, "a"), canvas.box(9, 0, 5, "b")
    canvas.arrow(left.east, right.west)
    plus = canvas.operator(11, 5, "+")
    canvas.arrow(right.south, plus.north)
    canvas.wire(left.south, (2, 5), plus.west)
    assert drawn(canvas) == [
        "┌───┐    ┌───┐",
        "│ a ├───▶│ b │",
        "└─┬─┘    └─┬─┘",
        "  │        │",
        "  │        ▼",
        "  └───────(+)",
    ]


def test_a_box_of_even_width_has_its_text_at_its_ports() -> None:
    canvas = Canvas()
    box = canvas.box(0, 0, 6, "x", "tanh")
    canvas.wire(box.north, (box.x, 0))
    canvas.wire((box.x, 3), (box.x, 4))
    assert drawn(canvas) == ["┌────┐", "│  x │", "│tanh│", "└──┬─┘", "   │"]


def test_a_drawing_placed_in_another_joins_its_wires() -> None:
    inner, outer = Canvas(), Canvas()
    inner.box(0, 0, 3, "a", style="title")
    outer.wire((0, 1), (2, 1))
    outer.place(inner, 2, 0)
    assert drawn(outer) == ["  ┌─┐", "──┤a│", "  └─┘"]
    assert (outer.width, outer.height) == (5, 3)


def test_an_empty_drawing_has_no_lines() -> None:
    assert Canvas().lines() == []


def test_text_covers_wires_and_wide_characters_take_their_columns() -> None:
    canvas = Canvas()
    canvas.wire((0, 0), (7, 0))
    canvas.write(1, 0, "日é👨\u200d👩\u200d👧")
    assert drawn(canvas) == ["─日é👨\u200d👩\u200d👧──"]
    assert canvas.lines()[0].cell_len == 8


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5), st.booleans(), st.sampled_from([1, 2])), max_size=12))
def test_any_wires_can_be_drawn(corners: list[tuple[int, int, bool, int]]) -> None:
    canvas, here = Canvas(), (0, 0)
    for x, y, across, weight in corners:
        there = (x, here[1]) if across else (here[0], y)
        if here != there:
            canvas.wire(here, there, weight=weight)
            here = there
    assert all(line.cell_len <= 9 for line in canvas.lines())


def network(cell: str, values: dict[str, float]) -> NetworkPass:
    """Return a network with these values at the word that is drawn."""
    main = by_hand.report((cell,)).main
    return replace(main, inside=replace(main.inside, values=values))


@given(
    st.sampled_from([*LETTERS]),
    st.sampled_from([20, 30, 33, 34, 35, 40, 69, 70, 71, 80, 120]),
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
    st.lists(st.floats(0, 1e9), min_size=5, max_size=5),
    st.sampled_from(["cat", "日本語" * 9, "👨\u200d👩\u200d👧" * 9, "x" * 200, r"\x1b[31m"]),
)
def test_no_drawing_of_a_cell_is_wider_than_the_terminal(
    cell: str, width: int, gates: list[float], sizes: list[float], word: str
) -> None:
    values = dict(zip(LETTERS[cell], gates, strict=False)) | dict(zip(SIZES, sizes, strict=True))
    for line in cell_lines(network(cell, values), word, width):
        assert line.cell_len <= width, line.plain


@pytest.mark.parametrize("cell", LETTERS)
@pytest.mark.parametrize("width", [34, 39, 70, 80])
def test_every_value_stands_in_the_drawing(cell: str, width: int) -> None:
    gates = {letter: 0.11 * (place + 1) for place, letter in enumerate(LETTERS[cell])}
    values = gates | {"c": 0.61, "c'": 0.72, "h": 0.83, "h'": 0.94, "x": 0.5}
    text = "\n".join(line.plain for line in cell_lines(network(cell, values), "cat", width))
    for name, value in values.items():
        if name != "x" and (cell == "LSTM" or name[0] != "c"):
            assert f"{value:.2f}".lstrip("0") in text
