"""The report of ``agreement``: what is counted, and how the command gives it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii import processes
from lstm_ascii.cli.app import run
from lstm_ascii.errors import UsageError
from lstm_ascii.reports.agreement import report as agreement
from lstm_ascii.reports.agreement.report import agreement_report, distance_group
from lstm_ascii.reports.scored import portions
from lstm_ascii.reports.scored.shares import wilson
from lstm_ascii.sources import WEIGHTS, Source
from tests.agreement.conftest import follower

PAIRS = Path(__file__).with_name("pairs.tsv")
HEADER = "prefix\tright\twrong\n"


def test_answers_are_counted_by_kind_and_by_distance(asked) -> None:
    report = asked(
        "prefix\tright\twrong\tkind\tdistance\n"
        "The cat\twas\twere\tsimple\t0\n"
        "the mice\twere\twas\tsimple\t0\n"
        "The cat that chased the mice\twas\twere\trelative\t4\n"
        "The mice that chased the mice\twere\twas\trelative\t4\n"
        "The mice that chased the cat\twere\twas\trelative\t\n"
    )
    (network,) = report.networks
    assert (report.schema_version, report.pairs, network.cell, network.hidden_size) == (1, 5, "RNN", 1)
    assert (network.right, network.total, network.accuracy) == (3, 5, 0.6)
    assert network.interval == wilson(3, 5)
    assert [(one.name, one.right, one.total) for one in network.by_kind] == [("simple", 2, 2), ("relative", 1, 3)]
    distances = [(one.name, one.right, one.total) for one in network.by_distance]
    assert distances == [("0", 2, 2), ("1-4", 1, 2), ("unknown", 0, 1)]
    assert network.by_kind[1].accuracy == pytest.approx(1 / 3)
    assert (network.unknown, network.undefined, network.read_by_letters) == (0, 0, 0)


def test_a_tie_is_not_right(asked) -> None:
    (network,) = asked(HEADER + "the\twas\twere\n").networks
    assert (network.right, network.total) == (0, 1)


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        # z² / n = 3.8415 / 10 = 0.38415; middle 0.8 + 0.19207, half √(0.16 · 0.38415 + 0.19207²) = 0.31362,
        # both over 1.38415: 0.7167 ± 0.2266
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
        (50, 100, 0.4038, 0.5962),
        (995, 1000, 0.9883, 0.9979),
    ],
)
def test_intervals_are_wilsons(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)


def test_without_pairs_there_is_no_interval() -> None:
    assert wilson(0, 0) is None


@given(st.integers(1, 10**6), st.data())
def test_an_interval_holds_its_share(total: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, total))
    low, high = wilson(right, total) or (1.0, 0.0)
    assert 0 <= low <= right / total <= high <= 1


def test_forms_not_in_the_vocabulary_are_counted_apart(asked) -> None:
    lines = "the cat\tblicks\tblick\nthe cat\twas\tblick\nthe cat\tWAS\tWere\nthe wug\twas\twere\n"
    (network,) = asked(HEADER + lines).networks
    assert (network.total, network.unknown, network.unknown_words) == (2, 2, ("blicks", "blick"))
    assert network.read_by_letters == 1


def test_a_kind_whose_pairs_are_all_left_out_stays_in_the_report(asked) -> None:
    (network,) = asked("kind\tprefix\tright\twrong\nodd\tthe cat\tblicks\tblick\nfine\tthe cat\twas\twere\n").networks
    assert [(one.name, one.total, one.accuracy, one.interval) for one in network.by_kind] == [
        ("odd", 0, None, None),
        ("fine", 1, 1.0, wilson(1, 1)),
    ]


@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_answers_that_are_no_numbers_are_counted_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weight: float
) -> None:
    monkeypatch.setattr(agreement, "open_networks", lambda *_: [follower(weight)])
    (tmp_path / "pairs.tsv").write_text(HEADER + "the cat\twas\twere\nthe mice\twere\twas\n")
    (network,) = agreement_report(str(tmp_path / "pairs.tsv")).networks
    assert (network.total, network.undefined, network.accuracy) == (0, 2, None)


def test_distances_are_grouped_in_order() -> None:
    named = [distance_group(distance) for distance in (0, 1, 4, 5, 9, 10, 24, 25, 29, 30, 1999, None)]
    assert named == ["0", "1-4", "1-4", "5-9", "5-9", "10-14", "20-24", "25-29", "25-29", "30+", "30+", "unknown"]


def test_an_unknown_cell_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        agreement_report(str(PAIRS), ("transformer",))


@pytest.mark.parametrize("source", [Source(), Source(hidden_size=5, seed=3)])
def test_portions_and_batches_change_no_answer(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = agreement_report(str(PAIRS), ("lstm",), source)
    assert (whole.networks[0].total, whole.networks[0].unknown) == (57, 0)  # random networks know every word
    monkeypatch.setattr(portions, "CHARACTERS_AT_ONCE", 300)
    monkeypatch.setattr(portions, "NUMBERS_AT_ONCE", 500)
    for workers in (1, 2):
        monkeypatch.setattr(processes, "cores", lambda: workers)  # noqa: B023 - it is called at once
        assert agreement_report(str(PAIRS), ("lstm",), source) == whole


def test_a_file_is_read_no_further_than_the_portion_at_hand(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 1)
    sizes = []
    counted = agreement._Tally.count
    monkeypatch.setattr(agreement._Tally, "count", lambda *given: (sizes.append(len(given[1])), counted(*given)))
    monkeypatch.setattr(portions, "CHARACTERS_AT_ONCE", 1000)
    assert asked(HEADER + "the cat\twas\twere\n" * 5000).pairs == 5000
    assert sum(sizes) == 5000
    assert max(sizes) <= 1000 // len("thecatwaswere") + 1


def test_the_counts_of_the_example_add_up() -> None:
    report = agreement_report(str(PAIRS))
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    assert report.pairs == len(lines) - 1
    assert [network.cell for network in report.networks] == ["RNN", "LSTM", "GRU"]
    for network in report.networks:
        assert network.total + network.unknown + network.undefined == report.pairs
        assert network.unknown == 0
        for groups in (network.by_kind, network.by_distance):
            assert sum(one.total for one in groups) == network.total
            assert sum(one.right for one in groups) == network.right
    kinds = dict.fromkeys(line.split("\t")[3] for line in lines[1:])
    assert [one.name for one in report.networks[0].by_kind] == list(kinds)


def test_the_trained_networks_with_gates_get_the_example_right() -> None:
    for network in agreement_report(str(PAIRS), ("lstm", "gru")).networks:
        assert network.accuracy is not None
        assert network.accuracy >= 0.9


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agreement", str(PAIRS), "--cell", "lstm", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["schema_version", "file", "pairs", "networks", "layout", "by_prefix", "by_sentence",
                             "left_out", "published", "failures_asked"]  # fmt: skip
    (network,) = printed["networks"]
    assert network["cell"] == "LSTM"
    assert sum(one["right"] for one in network["by_kind"]) == network["right"]
    assert network["accuracy"] == network["right"] / network["total"]


def test_the_command_draws_and_fails_cleanly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["agreement", str(PAIRS), "--seed", "1", "--hidden", "4", "--width", "100"]) == 0
    drawn = capsys.readouterr().out
    assert "BY DISTANCE" in drawn
    assert "random weights, seed 1" in drawn
    assert run(["agreement", str(tmp_path / "none.tsv")]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert run(["agreement", str(PAIRS), "--cell", "ann"]) == 2


def test_a_model_of_ones_own_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agreement", str(PAIRS), "--model", str(WEIGHTS / "gru.safetensors"), "--json"]) == 0
    (network,) = json.loads(capsys.readouterr().out)["networks"]
    assert network["cell"] == "GRU"
