"""The page of ``train`` and its progress, drawn from reports written by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.curve import Curve, Scale
from lstm_ascii.render.glyphs import to_ascii, words_in_ascii
from lstm_ascii.render.train import ProgressBars, duration, status_line, summary, train_page
from lstm_ascii.training.jobs import DONE, TRAINING, WAITING, Status
from lstm_ascii.training.state import Point
from tests.rendering import render
from tests.train import by_hand

STATUSES = (
    Status("LSTM", TRAINING, 1234, 6000, Point(1200, 5.1, 3.43, 0.874), 20.0, 81.2),
    Status("GRU", DONE, 6000, 6000, Point(6000, 4.0, 3.12, 0.998), 88.0),
    Status("RNN", WAITING, 0, 6000),
)
REPORTS = {"three": by_hand.report(), "text": by_hand.text_report(), "overdone": by_hand.text_report(overdone=True),
           "seeds": by_hand.seeds_report()}  # fmt: skip


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(train_page(REPORTS[name]), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(train_page(words_in_ascii(by_hand.report())), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_progress_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(ProgressBars(STATUSES), width) == snapshot


def test_of_many_trainings_those_at_work_have_a_line(snapshot: SnapshotAssertion) -> None:
    many = tuple(replace(status, cell=f"{status.cell} seed {seed}") for seed in range(5) for status in STATUSES)
    assert render(ProgressBars(many), 80) == snapshot


@given(width=st.integers(20, 200), name=st.sampled_from(sorted(REPORTS)))
def test_no_line_is_wider_than_the_terminal(width: int, name: str) -> None:
    for picture in (train_page(REPORTS[name]), ProgressBars(STATUSES)):
        for line in render(picture, width).splitlines():
            assert cell_len(line) <= width, line


@given(width=st.integers(20, 200))
def test_pure_ascii_moves_nothing(width: int) -> None:
    page = train_page(by_hand.report())
    assert render(page, width, ascii=True) == to_ascii(render(page, width))


@given(width=st.integers(20, 200))
def test_every_figure_of_the_table_is_shown_at_every_width(width: int) -> None:
    text = render(train_page(by_hand.report()), width)
    for figure in ("108,679", "1:32", "1:02:05", "3.40", "22.6", "86.1%", "99.6%", "100.0%", "6,000"):
        assert figure in text


def test_what_is_not_all_right_is_never_shown_as_all() -> None:
    network = replace(by_hand.report().networks[1], agreement=0.999)
    assert "100.0%" not in summary(replace(by_hand.report(), networks=(network,)))


def test_a_network_that_learnt_its_text_by_heart_is_told_so() -> None:
    assert "by heart: the validation loss was 4.90 at step 180, not 6.10" in summary(by_hand.text_report(overdone=True))
    assert "by heart" not in summary(by_hand.text_report())


def test_a_curve_without_a_finite_loss_is_still_drawn() -> None:
    points = (Point(1, math.nan, math.nan, 0.5), Point(2, math.inf, math.inf, 0.5))
    network = replace(by_hand.report().networks[0], points=points, validation=math.inf, perplexity=None)
    text = render(train_page(replace(by_hand.report(), networks=(network,))), 80)
    assert "no finite loss" in text
    assert "nan" not in text


def test_a_curve_goes_through_its_points_on_a_log_scale() -> None:
    scale = Scale(1.0, 100.0, log=True, written=lambda value: f"{value:.0f}")
    lines = Curve("falls", [(0, 100.0), (10, 10.0), (20, 1.0)], 20, scale, "state").lines(26, 5)
    plot = [line.plain.split("┤")[-1].split("│", 1)[-1] for line in lines[1:6]]
    assert plot[0].startswith("─")
    assert plot[4].rstrip().endswith(("─", "╰"))
    assert len(plot[4].rstrip()) == 20
    middle = next(row for row, line in enumerate(plot) if len(line) > 10 and line[10] in "─╮╰")
    assert middle == 2  # 10 is half way between 1 and 100
    assert [line.plain[:6].strip() for line in lines[1:6]] == ["100 ┤", "│", "10 ┤", "│", "1 ┤"]


@given(
    values=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=30),
    width=st.integers(12, 90),
    height=st.integers(2, 12),
)
def test_a_curve_has_one_mark_in_each_column_it_reaches(values: list[float], width: int, height: int) -> None:
    points = list(enumerate(values, 1))
    scale = Scale(min(values), max(values), True, lambda value: f"{value:.1f}")
    lines = Curve("any", points, len(values), scale, "state").lines(width, height)
    assert [line.cell_len for line in lines] == [width] * (height + 3)


def test_durations_are_written_for_people() -> None:
    assert [duration(seconds) for seconds in (0, 9.94, 59.6, 61, 3599.7, 3725)] == [
        "0.0 s", "9.9 s", "1:00", "1:01", "1:00:00", "1:02:05",
    ]  # fmt: skip


def test_a_line_of_the_log_has_the_figures() -> None:
    assert status_line(STATUSES[0]) == (
        "LSTM: step 1,200 of 6,000, loss 5.10, validation 3.43, agreement 87.4%, 1:21 left"
    )
    assert status_line(STATUSES[1]).endswith("agreement 99.8%, done in 1:28")
