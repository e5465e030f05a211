"""The page of ``gradients`` and its maps, drawn from reports written by hand."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.figures import factor, power
from lstm_ascii.render.glyphs import LEVELS, to_ascii, words_in_ascii
from lstm_ascii.render.gradients import BY_DEFAULT, SECTIONS
from lstm_ascii.render.gradients.context import Scale, ladder
from lstm_ascii.render.gradients.factors import mean_factor
from lstm_ascii.render.gradients.maps import EDGE, edge, glyphs, maps_page
from lstm_ascii.render.gradients.page import gradients_page
from lstm_ascii.render.progress import ProgressLine
from lstm_ascii.reports.gradients.report import GradientsReport
from tests.gradients import by_hand
from tests.rendering import render

REPORTS = {
    "default": by_hand.report(),
    "seeds": by_hand.with_seeds(),
    "exploding": by_hand.exploding(),
    "spectrum": by_hand.with_spectrum(),
    "words": by_hand.of_words(),
    "nothing": by_hand.with_nothing(),
    "long": by_hand.long(),
}
NARROW_AND_WIDE = pytest.mark.parametrize("width", [40, 80, 120])


@NARROW_AND_WIDE
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(gradients_page(REPORTS[name]), width) == snapshot


@pytest.mark.parametrize("name", ["default", "exploding"])
@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    text = render(gradients_page(words_in_ascii(REPORTS[name])), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


@NARROW_AND_WIDE
def test_the_maps_look_as_they_were_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(maps_page(by_hand.maps()), width) == snapshot


def test_the_maps_in_pure_ascii_look_as_they_were_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(maps_page(by_hand.maps()), 80, ascii=True) == snapshot


def test_the_page_in_colour_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(gradients_page(REPORTS["default"], ("glance",)), 80, color=True) == snapshot


@given(width=st.integers(20, 200), name=st.sampled_from(sorted(REPORTS)))
def test_no_line_is_wider_than_the_terminal(width: int, name: str) -> None:
    pictures = (gradients_page(REPORTS[name]), maps_page(by_hand.maps()), ProgressLine("LSTM chrono", 0.4))
    for picture in pictures:
        for line in render(picture, width).splitlines():
            assert cell_len(line) <= width, line


@given(width=st.integers(20, 200), name=st.sampled_from(sorted(REPORTS)))
def test_pure_ascii_moves_nothing(width: int, name: str) -> None:
    for page in (gradients_page(REPORTS[name]), maps_page(by_hand.maps())):
        assert render(page, width, ascii=True) == to_ascii(render(page, width))


@pytest.mark.parametrize("width", [20, 33, 40, 80, 120])
def test_every_verdict_and_horizon_is_shown_at_every_width(width: int) -> None:
    text = " ".join(render(gradients_page(by_hand.report(), ("glance",)), width).split())
    for network in by_hand.report().networks:
        assert network.label in text
    assert [text.count(word) for word in ("vanished:", "alive:")] == [3, 1]
    for network in by_hand.report().networks:
        assert network.horizon is None or f"{network.horizon} back" in text


def test_an_estimate_says_so_and_how_far_off_it_may_be() -> None:
    networks = by_hand.report().networks
    guessed = by_hand.report(networks[0], replace(networks[1], paths_within=0.0812, paths_rows=65))
    for view in SECTIONS:
        page = " ".join(render(gradients_page(guessed, (view,)), 200).split())
        assert "by all paths estimated from 65 directions in place of all, at most 9% too small" in page
    assert "estimated" not in render(gradients_page(by_hand.report()), 200)


def curve_of(report: GradientsReport, label: str) -> str:
    text = render(gradients_page(report, ("glance",)), 80)
    line = next(line for line in text.splitlines() if line.startswith(f" {label} "))
    found = re.search(rf"[{LEVELS}·]{{9,}}", line)
    assert found, line
    return found.group()


def test_a_curve_ends_where_the_gradient_vanishes() -> None:
    curve = curve_of(by_hand.report(), "RNN")
    seen = len(curve.rstrip("·")) / len(curve)
    horizon = by_hand.report().networks[0].horizon
    assert horizon is not None
    assert seen == pytest.approx((horizon - 1) / by_hand.STEPS, abs=1.5 / len(curve))


def test_the_check_of_the_curve_can_fail() -> None:
    faster = replace(by_hand.report(), networks=(by_hand.network("RNN", -0.4),))
    assert len(curve_of(faster, "RNN").rstrip("·")) < len(curve_of(by_hand.report(), "RNN").rstrip("·"))


@pytest.mark.parametrize("name", ["default", "words"])
def test_printed_numbers_are_those_of_the_report_at_the_printed_steps(name: str) -> None:
    report = REPORTS[name]
    lines = render(gradients_page(report, ("steps",)), 120).splitlines()
    for network in report.networks:
        start = next(n for n, line in enumerate(lines) if re.match(rf" {re.escape(network.label)}( |$)", line))
        steps = [int(step) for step in lines[start + 1].removeprefix(" steps back").split()]
        numbers = lines[start + 2].removeprefix(" all paths").replace("─▶", " ").split()
        assert steps[0] == 0
        assert steps[-1] == report.steps
        assert network.horizon is None or network.horizon in steps
        assert numbers == [power(0.0 if step == 0 else network.total_log10[step - 1]) for step in steps]


def test_bars_on_one_scale_grow_with_the_size() -> None:
    scale = Scale.of(by_hand.exploding())
    sizes = [None, -9.0, -3.0, -1.0, 0.0, 3.0, scale.high, 99.0]
    filled = [scale.bar(size, 20).plain.count("█") for size in sizes]
    assert filled == sorted(filled)
    assert (filled[0], filled[-1]) == (0, 19), "one cell is the line at 1.0"
    assert {scale.bar(size, 20).plain.index("│") for size in sizes} == {round(scale.share(0.0) * 20)}


def test_factors_of_a_gradient_multiply_to_what_is_left_of_it() -> None:
    for report in (by_hand.of_words(), by_hand.exploding()):
        for network in report.networks:
            ends = (0, 1, 2, 5, network.steps_back[-1])
            assert network.total_log10[-1] is not None
            parts = [((mean_factor(network, a, b) or 0) ** (b - a)) for a, b in pairwise(ends)]
            product = math.prod(parts)
            assert product == pytest.approx(10 ** network.total_log10[-1])


def test_the_band_is_full_up_to_the_lower_quartile_and_shaded_up_to_the_upper_one() -> None:
    scale = Scale.of(by_hand.with_seeds())
    assert scale.band(-2.0, -1.0, 12).plain == "████▒▒▒▒░░░░"


@given(steps=st.integers(1, 10_000_000), also=st.lists(st.integers(1, 100), max_size=4), most=st.integers(6, 14))
def test_a_ladder_ends_at_the_last_step_and_has_few_rungs(steps: int, also: list[int], most: int) -> None:
    rungs = ladder(steps, also, most)
    assert rungs == sorted(set(rungs))
    assert rungs[-1] == steps
    assert {step for step in also if step <= steps} <= set(rungs)
    assert len(rungs) <= most


def test_the_theory_says_no_more_than_it_does() -> None:
    def said(largest: float) -> str:
        network = by_hand.network("RNN", -0.1, largest_singular_value=largest)
        return " ".join(render(gradients_page(by_hand.report(network), ("measures",)), 120).split())

    assert "below 1: that suffices for it to vanish" in said(0.99)
    assert "can explode only if it is, but needn't" in said(1.01)
    assert "silent" in said(1 + 1e-15)
    for largest in (0.99, 1.0, 1.01):
        assert "will explode" not in said(largest)


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_claimed_to_be_solved(name: str) -> None:
    assert "solve" not in render(gradients_page(REPORTS[name], SECTIONS), 80).lower()


def test_the_default_page_has_the_default_sections_and_what_was_asked_for() -> None:
    for name, more in (("default", 0), ("exploding", 1), ("spectrum", 1)):
        text = render(gradients_page(REPORTS[name]), 80)
        assert f" {len(BY_DEFAULT) + more}  IN WORDS" in text


def test_the_edge_of_chaos_has_calm_below_or_beside_it() -> None:
    chaotic, calm = by_hand.maps().maps
    found = edge(chaotic)
    assert found
    assert not edge(calm)
    assert all(abs(chaotic.growth_rate[row][column]) < 0.5 for row, column in found)  # type: ignore[arg-type]
    grid = glyphs(chaotic, by_hand.maps())
    assert all(grid[row][column] == EDGE for row, column in found)


def test_in_pure_ascii_no_inequality_stands_between_figures() -> None:
    for name in ("default", "exploding"):
        text = render(gradients_page(words_in_ascii(REPORTS[name]), ("steps", "clip")), 120, ascii=True)
        assert "->" in text
        assert " > " not in text


def test_a_factor_has_the_digits_that_its_power_needs_however_many_steps_there_are() -> None:
    steps, mean = 1_000_000, 0.51 ** (1 / 1_000_000)
    written = factor(mean, steps)
    assert power(steps * math.log10(float(f"0{written}"))) == power(steps * math.log10(mean)) == ".51"
