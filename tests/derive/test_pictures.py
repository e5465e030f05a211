"""The page of ``derive``, drawn from reports written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.lessons.derivations import DERIVATIONS
from lstm_ascii.render.derive import agreement, derive_page, figure, plot
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain, to_tsv
from lstm_ascii.reports.expansion import Check
from tests.derive import by_hand
from tests.rendering import render

NUMBERS = ("forget", "cell", "bptt", "rnn")


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("topic", NUMBERS)
def test_the_numbers_look_as_they_were_looked_at(topic: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(derive_page(by_hand.report(topic)), width) == snapshot


@pytest.mark.parametrize("width", [40, 80])
def test_all_formulas_look_as_they_were_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(derive_page(by_hand.formulas(*DERIVATIONS)), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(derive_page(words_in_ascii(by_hand.report(*NUMBERS))), width, ascii=True)
    assert text.isascii()
    assert "\\" not in text  # every glyph has a stand-in
    assert text == snapshot


def test_told_plainly_it_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(derive_page(by_hand.report(*NUMBERS)))) == snapshot


def test_told_plainly_it_names_the_sentence_the_networks_and_the_signs() -> None:
    report = by_hand.report(*NUMBERS)
    text = " ".join(render(Plain(derive_page(report))).split())
    assert text.startswith(" ".join(report.words))
    assert all(f"{expansion.cell}; {expansion.hidden_size} units" in text for expansion in report.expansions)
    assert "⊙ multiplies element by element" in text


def test_told_plainly_a_formula_keeps_its_small_letters() -> None:
    text = render(Plain(derive_page(by_hand.report("forget"))))
    assert "sigmoid(" in text
    assert "Sigmoid(" not in text


def test_the_tables_have_full_precision() -> None:
    assert "61 smaller terms\t-0.0004\t\t\n" in to_tsv(derive_page(by_hand.report("forget")).parts())


@settings(max_examples=30)
@given(width=st.integers(20, 200), topics=st.sets(st.sampled_from(NUMBERS), min_size=1))
def test_no_line_is_wider_than_the_terminal(width: int, topics: set[str]) -> None:
    for line in render(derive_page(by_hand.report(*sorted(topics))), width).splitlines():
        assert cell_len(line) <= width, line


@given(point=st.floats(-1e4, 1e4), width=st.integers(20, 160), name=st.sampled_from(["sigmoid", "tanh"]))
def test_a_plot_has_its_point_wherever_the_unit_is(point: float, width: int, name: str) -> None:
    lines = [line.plain for line in plot(name, point, width, "state")]
    assert sum("●" in line for line in lines) == 2  # on the curve, and where it says what it is
    assert all(cell_len(line) <= width for line in lines)


def test_the_point_is_on_the_curve() -> None:
    rows = [line.plain for line in plot("sigmoid", 0.0, 80, "state")]
    assert "●" in rows[4]  # σ(0) = 0.5: in the middle of nine lines
    assert rows[4].rstrip().endswith(("●", "●─╯", "●╯"))


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (Check(0.25, 0.25), "they agree to 9 digits or more"),
        (Check(0.25, 0.25 + 1e-13), "they agree to 9 digits or more"),
        (Check(0.25, 0.250001), "they agree to 5 digits"),
        (Check(0.25, -0.25), "they agree to 0 digits"),
        (Check(0.0, 0.0), "both are 0"),
        (Check(float("nan"), 1.0), "they can't be compared"),
    ],
)
def test_agreement_is_measured(check: Check, said: str) -> None:
    assert agreement(check) == said


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.000"), (-0.0, "0.000"), (-0.3864, "−0.386"), (12.346, "12.35"), (-123.46, "−123.5")]
)
def test_a_figure_has_four_digits(value: float, text: str) -> None:
    assert figure(value) == text


def test_steps_curve_and_numbers_can_be_seen_alone() -> None:
    steps, curve = (render(derive_page(by_hand.formulas("forget"), views=(view,))) for view in ("steps", "curve"))
    assert "a_f = W_f" in steps
    assert "┤" not in steps
    assert "┤" in curve
    assert "a_f = W_f" not in curve
    numbers = render(derive_page(by_hand.report("forget"), views=("numbers",)))
    assert "In numbers" in numbers
    assert "∂L/∂W_f" not in numbers
