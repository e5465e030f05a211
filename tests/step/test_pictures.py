"""The page of a step, drawn from reports written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.step.page import ROWS, step_page
from lstm_ascii.reports.step.report import StepReport
from tests.rendering import render
from tests.step import by_hand

CASES = {
    "first word": by_hand.report(1),
    "written": by_hand.report(2),
    "held": by_hand.report(4),
    "asked": by_hand.report(5),
    "cleared": by_hand.report(6),
    "swapped": by_hand.report(2, twin=True),
    "swapped, asked": by_hand.report(6, twin=True),
    "gru": by_hand.report(2, "GRU"),
    "rnn": by_hand.report(2, "RNN"),
    "back": by_hand.report(3, view="back"),
    "back, gru": by_hand.report(2, "GRU", "back"),
    "back, rnn": by_hand.report(2, "RNN", "back"),
    "back, where it starts": by_hand.report(5, view="back"),
    "back, behind it": by_hand.report(7, view="back"),
    "units": by_hand.report(4, view="units"),
    "units, swapped": by_hand.report(4, view="units", twin=True),
}


@pytest.mark.parametrize("case", CASES)
def test_a_step_looks_as_it_was_looked_at(case: str, snapshot: SnapshotAssertion) -> None:
    assert render(step_page(CASES[case], ROWS), 80) == snapshot


@pytest.mark.parametrize("case", CASES)
def test_a_step_fits_the_smallest_screen(case: str) -> None:
    lines = render(step_page(CASES[case], ROWS), 80).splitlines()
    assert len(lines) < ROWS  # the last row has the keys
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("width", "rows"), [(120, 40), (100, 40), (160, 24)])
def test_a_larger_screen_shows_more(width: int, rows: int, snapshot: SnapshotAssertion) -> None:
    text = render(step_page(by_hand.report(), rows), width)
    assert len(text.splitlines()) < rows
    assert text == snapshot


@pytest.mark.parametrize("width", [20, 40])
def test_a_step_that_is_printed_fits_any_width(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(step_page(by_hand.report()), width)
    assert max(map(len, text.splitlines())) <= width
    assert text == snapshot


@pytest.mark.parametrize("case", ["written", "back", "units"])
def test_a_step_in_pure_ascii_looks_as_it_was_looked_at(case: str, snapshot: SnapshotAssertion) -> None:
    report: StepReport = words_in_ascii(CASES[case])
    text = render(step_page(report, ROWS), 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_nothing_is_told_of_words_that_are_not_read_yet() -> None:
    text = render(step_page(by_hand.report(3), ROWS), 80)
    values = next(line for line in text.splitlines() if line.startswith(" value"))
    assert values.split() == ["value", "0.0", "1.0", "1.0"]
    told = render(step_page(by_hand.report(5), ROWS), 80)
    assert "error at" not in text
    assert "error at" in told


def test_a_negative_state_is_not_cut_where_cells_stand_beside_each_other() -> None:
    one = by_hand.report()
    inside = one.main.inside_unit
    assert inside is not None
    negative = replace(one.main, inside_unit=replace(inside, values=inside.values | {"h": -0.67}))
    networks = tuple(negative if network.cell == "LSTM" else network for network in one.explained.networks)
    text = render(step_page(replace(one, explained=replace(one.explained, networks=networks)), ROWS), 120)
    assert "h_t −0.67" in text


def test_a_swap_that_acts_through_the_output_gate_shows_that_gate() -> None:
    one = by_hand.report(3, twin=True)
    assert one.main.carrier is not None
    by_gate = replace(one.main, carrier=replace(one.main.carrier, by_gate=True))
    networks = tuple(by_gate if network.cell == "LSTM" else network for network in one.explained.networks)
    changed = replace(one, explained=replace(one.explained, networks=networks))
    assert "shown then" in render(step_page(changed, ROWS), 80)
    assert "shown then" not in render(step_page(one, ROWS), 80)
