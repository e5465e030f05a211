"""Numbers and bars: short, never wider than asked for, and never a lie by rounding."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from lstm_ascii.render.figures import bar, fit, number, percent, plain, power, probability, short, signed

anything = st.floats(width=64)
finite = st.floats(-1e300, 1e300)
shares = st.floats(0, 1)


def value_of(text: str) -> float:
    """Read a figure back."""
    return float(text.replace("−", "-"))


@given(anything, st.integers(1, 2))
def test_a_number_has_at_most_four_digits_and_a_true_minus_sign(value: float, digits: int) -> None:
    for text in (number(value, digits), plain(value, digits)):
        mantissa = text.partition("e")[0]
        assert sum(character.isdigit() for character in mantissa) <= 4
        assert "-" not in mantissa
        assert text.startswith("−") == (value < 0 and (not math.isfinite(value) or value_of(text) != 0))


@given(finite)
def test_a_number_reads_back_as_what_it_was(value: float) -> None:
    assert value_of(number(value)) == pytest.approx(value, rel=0.05, abs=0 if abs(value) < 0.005 else 0.005001)


@given(finite)
def test_a_plain_number_takes_at_most_five_cells_and_is_off_by_a_rounding(value: float) -> None:
    assert cell_len(plain(value)) <= (6 if abs(value) >= 1e100 else 5)
    assert value_of(plain(value)) == pytest.approx(value, rel=0.5 if abs(value) >= 9999.5 else 0.005, abs=0.0501)


@pytest.mark.parametrize("value", [0.0, -0.0, -0.001, -0.04])
def test_nothing_has_no_sign(value: float) -> None:
    assert plain(value) == "0.0"
    assert short(-0.0) == ".00"
    assert percent(-0.0) == "0%"
    assert number(-0.0) == "0.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.78, "0.78"), (-1.2, "−1.20"), (12.34, "12.3"), (123.4, "123"), (9999.5, "1.0e+04"), (-3e-5, "−3.0e-05")],
)
def test_a_number_is_written_as_people_write_it(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(-6.94, "−6.9"), (99.95, "100"), (-123.4, "−123"), (12345, "1e4")])
def test_a_column_of_numbers_drops_decimals_before_it_gets_wider(value: float, text: str) -> None:
    assert plain(value) == text


@given(shares)
@example(0.005)
@example(0.995)
@example(1 - 1e-8)
def test_a_share_is_never_shown_as_nothing_or_all_unless_it_is(share: float) -> None:
    text = percent(share)
    assert (text == "0%") == (share == 0)
    assert text != "100%" or share >= 1 - 1e-9
    assert len(text) <= 4
    if text not in ("<1%", ">99%"):
        assert abs(float(text[:-1]) - 100 * share) <= 0.5 + 1e-9


@given(shares)
def test_a_share_takes_three_cells_and_a_probability_four(share: float) -> None:
    assert cell_len(short(share)) == 3
    assert abs(float(short(share)) - share) <= 0.005 + 1e-9
    assert cell_len(probability(share)) <= 4
    assert (probability(share) == "0") == (share == 0)


@given(st.one_of(st.none(), st.floats(-20000, 9999)))
def test_a_power_takes_at_most_five_cells(log10: float | None) -> None:
    assert cell_len(power(log10)) <= 5
    assert (power(log10) == "0") == (log10 is None)


@given(st.floats(-98, 99))
def test_a_power_reads_back_as_what_it_was(log10: float) -> None:
    assert math.log10(float(power(log10))) == pytest.approx(log10, abs=0.18)


@pytest.mark.parametrize(
    ("log10", "text"),
    [(0, "1.0"), (-1, ".10"), (-1.366, ".043"), (-3.2, "6e-4"), (-44.7, "2e-45"), (-200, "e-200"), (-1500, "≈0")],
)
def test_a_power_is_as_exact_as_it_needs_to_be(log10: float, text: str) -> None:
    assert power(log10) == text


@given(st.text(st.sampled_from("ab 日👍é\u0301"), max_size=12), st.integers(0, 15))
def test_a_text_fits_exactly_and_says_when_it_was_cut(text: str, width: int) -> None:
    fitted = fit(text, width)
    assert cell_len(fitted) == width
    assert ("…" in fitted) == (cell_len(text) > width > 0)


@given(anything, st.integers(0, 40))
def test_a_bar_has_its_width_whatever_its_value(value: float, width: int) -> None:
    assert bar(value, width, "state").cell_len == width
    assert signed(value, width).cell_len == 2 * width + 1


@given(shares, st.integers(1, 40))
def test_a_bar_is_as_long_as_its_share(share: float, width: int) -> None:
    plain_bar = bar(share, width, "state").plain
    eighths = 8 * plain_bar.count("█") + sum(" ▏▎▍▌▋▊▉".index(part) for part in plain_bar if part in "▏▎▍▌▋▊▉")
    assert abs(eighths - 8 * width * share) <= 0.5


def test_the_sign_of_a_bar_is_its_side() -> None:
    assert signed(0.5, 4).plain == "░░░░│██░░"
    assert signed(-0.5, 4).plain == "░░██│░░░░"
    assert signed(9, 2).plain == "░░│██"
