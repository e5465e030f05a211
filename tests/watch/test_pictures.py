"""The page of ``watch``, drawn from a file written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.parts import Plain
from lstm_ascii.render.watch import watch_page
from lstm_ascii.reports.watch.report import WatchReport, watch_report
from tests.rendering import render
from tests.watch import by_hand


@pytest.fixture(scope="module")
def report() -> WatchReport:
    return by_hand.made()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, report: WatchReport, snapshot: SnapshotAssertion) -> None:
    assert render(watch_page(report), width) == snapshot


def test_pure_ascii_looks_as_it_was_looked_at(report: WatchReport, snapshot: SnapshotAssertion) -> None:
    text = render(watch_page(report), ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_told_plainly_it_reads_as_it_was_read(report: WatchReport, snapshot: SnapshotAssertion) -> None:
    assert render(Plain(watch_page(report))) == snapshot


def test_gates_that_did_not_move_are_not_said_to_have_moved_most(tmp_path: Path) -> None:
    head, first, *_ = by_hand.lines()
    later = {**json.loads(first), "step": 100}
    file = tmp_path / "watch.jsonl"
    file.write_text(f"{head}\n{first}\n{json.dumps(later)}\n", "utf-8")
    told = " ".join(render(watch_page(watch_report(file)), 80).split())
    assert "Since step 50 the means of its gates have stayed as they are." in told
    assert "moved most" not in told
