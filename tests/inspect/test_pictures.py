"""The page of ``inspect``: what it shows, from reports written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.language.text import visible
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.inspect import bytes_of, inspect_page, middle, shape_of, short_type, small
from lstm_ascii.render.parts import Plain, Table
from tests.inspect import by_hand
from tests.rendering import render

REPORTS = {
    "language model": by_hand.language_model,
    "odd": by_hand.odd,
    "unreadable": by_hand.unreadable,
    "undecided": by_hand.undecided,
    "chosen": by_hand.chosen,
    "no network": by_hand.no_network,
}


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(inspect_page(REPORTS[name]()), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(inspect_page(words_in_ascii(by_hand.odd())), width, ascii=True) == snapshot


def test_the_page_in_sentences_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(inspect_page(by_hand.odd())), 80) == snapshot


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_pure_ascii_moves_nothing(name: str, width: int) -> None:
    drawn, exchanged = (render(inspect_page(REPORTS[name]()), width, ascii=plain) for plain in (False, True))
    assert [len(line) for line in drawn.splitlines()] == [len(line) for line in exchanged.splitlines()]


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_broken_numbers_and_what_is_not_used_are_on_the_page(width: int) -> None:
    text = " ".join(render(inspect_page(by_hand.odd()), width).split())
    assert "3 NaN" in text
    assert "12,000" in text
    assert "12,003 numbers are NaN or infinite" in text
    assert "2 of 4 tensors are not used" in text


def test_sentences_are_made_from_the_numbers() -> None:
    text = " ".join(render(inspect_page(by_hand.language_model()), 80).split())
    # σ(1.04) = 0.739; ln 0.5 / ln 0.739 = 2.29
    assert "half of a memory is left after 2.3 words in layer 1 (each keeps 0.74)" in text
    assert "The largest part of the network is the embedding, with 83% of its 39,320,400 parameters." in text
    assert "Every tensor of the file is used." in text


def test_a_long_table_says_what_it_leaves_out() -> None:
    text = render(inspect_page(by_hand.language_model(), limit=3), 80)
    assert "… and 7 more; all of them: | cat" in text
    assert "rnn.bias_ih_l1" not in text


def test_tables_hold_every_tensor_in_full_precision() -> None:
    tables = {part.name: part for part in inspect_page(by_hand.odd(), limit=1).parts() if isinstance(part, Table)}
    assert [row[0] for row in tables["tensors"].rows] == [one.name for one in by_hand.odd().tensors]
    assert tables["tensors"].rows[0][4] == -0.0134
    assert [row[2] for row in tables["network"].rows] == [91_000, 91_000]


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0.00"), (-0.0134, "−0.01"), (2.3e-4, "2e-4"), (-4e-123, "−4e-123"), (12345678.0, "1e7"), (1.0, "1.00")],
)
def test_what_is_not_nothing_is_never_shown_as_nothing(value: float, written: str) -> None:
    assert small(value) == written


@given(st.text(min_size=1), st.integers(5, 30))
def test_a_long_name_is_cut_in_its_middle(name: str, width: int) -> None:
    cut = middle(visible(name), width)
    assert cell_len(cut) == width
    assert cell_len(visible(name)) <= width or "…" in cut


def test_the_end_of_a_name_stays() -> None:
    assert middle("encoder.rnn.weight_hh_l0_reverse", 20) == "encode…h_l0_reverse "


def test_sizes_and_types_are_short() -> None:
    assert [bytes_of(count) for count in (5, 4520, 157_282_504, 3_000_000_000)] == [
        "5 bytes",
        "4.5 kB",
        "157 MB",
        "3.0 GB",
    ]
    assert [short_type(name) for name in ("float32", "bfloat16", "int64", "bool")] == ["f32", "bf16", "i64", "bool"]
    assert [shape_of(shape) for shape in ((), (3,), (3, 4))] == ["scalar", "3", "3×4"]


NAMES = st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1, max_size=60)


@given(
    width=st.integers(20, 200),
    report=st.sampled_from(list(REPORTS.values())),
    name=NAMES,
    ascii=st.booleans(),
    mean=st.floats(allow_nan=False, allow_infinity=False) | st.none(),
    sizes=st.lists(st.integers(0, 10**9), max_size=6).map(tuple),
)
def test_no_line_is_wider_than_the_terminal(
    width: int,
    report: object,
    name: str,
    ascii: bool,  # noqa: A002
    mean: float | None,
    sizes: tuple[int, ...],
) -> None:
    one = by_hand.tensor(name, "layer 1", sizes, name, mean=mean, smallest=mean, largest=mean)
    page = report()  # type: ignore[operator]
    page = replace(page, file=name, notes=(name,), metadata=((name, name),), tensors=(*page.tensors, one))
    for line in render(inspect_page(words_in_ascii(page) if ascii else page), width, ascii).splitlines():
        assert cell_len(line) <= width, line
