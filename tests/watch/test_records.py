"""The file of a watched training: whole lines, whatever happens, and nothing in it is believed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lstm_ascii.errors import FileError
from lstm_ascii.reports.watch import records
from lstm_ascii.reports.watch.budget import Budget
from lstm_ascii.reports.watch.records import LONGEST_LINE, Lines, Reader
from lstm_ascii.reports.watch.report import watch_report
from tests.cli.program import inside, is_clean_error
from tests.watch import by_hand


def test_a_half_line_at_the_end_is_left_out_and_the_next_training_goes_on_behind_it(tmp_path: Path) -> None:
    file = by_hand.write(tmp_path / "watch.jsonl", ended=False)
    file.write_bytes(file.read_bytes()[:-40])
    report = watch_report(file)
    assert (len(report.steps), report.damaged, report.ended) == (29, 1, False)
    again = Lines(file)
    again.write(by_hand.HEAD)
    again.write(by_hand.report(1))
    again.close()
    report = watch_report(file)
    assert (report.runs, len(report.steps), report.damaged) == (2, 1, 1)


def test_a_file_that_grows_is_read_on_where_it_ended(tmp_path: Path) -> None:
    file = tmp_path / "watch.jsonl"
    first, second, third, *_ = by_hand.lines()
    file.write_text(f"{first}\n{second[:30]}")
    reader = Reader(file)
    assert list(reader.read()) == []
    with file.open("a") as more:
        more.write(f"{second[30:]}\n{third}\n")
    assert [report.step for report in reader.read()] == [50, 100]
    reader.close()


@pytest.mark.parametrize(
    "line",
    ["[" * 100_000, "{", "null", "[]", '{"step": -1, "layers": {}}', '{"step": true, "layers": {}}', '{"step": 1e400}',
     '{"step": ' + "9" * 5000 + "}", '{"step": 5, "layers": []}', "x" * (LONGEST_LINE + 100), "\udcff\x1b[31m"],
)  # fmt: skip
def test_damaged_lines_are_counted_and_left_out(line: str, tmp_path: Path) -> None:
    file = by_hand.write(tmp_path / "watch.jsonl")
    with file.open("ab") as more:
        more.write(line.encode("utf-8", "surrogateescape") + b"\n" + by_hand.lines()[5].encode() + b"\n")
    report = watch_report(file)
    assert report.damaged == 1
    assert report.steps[-1].step == 250  # and what stands behind them is read


def test_texts_of_a_file_are_made_visible_and_cut(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    head = json.loads(json.dumps(by_hand.HEAD))
    line = by_hand.report(1)
    head["layers"][0]["name"] = "\x1b[31mred" * 1000
    line["layers"] = {"\x1b[31mred" * 1000: line["layers"]["encoder.rnn"]}
    line["layers"]["\x1b[31mred" * 1000]["findings"] = [dict(by_hand.SHORT, what="\x1b]0;x\x07" * 5000)]
    line["layers"]["\x1b[31mred" * 1000]["radius"] = 10**400
    (tmp_path / "w.jsonl").write_text(f"{json.dumps(head)}\n{json.dumps(line)}\n")
    for form in ("--no-follow", "--json", "--plain", "--tsv"):
        result = inside(capsysbinary, "watch", str(tmp_path / "w.jsonl"), form)
        assert result.code == 0
        assert b"\x1b" not in result.out
        assert b"\x07" not in result.out
        assert len(result.out) < 20_000


def test_of_very_many_reports_some_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_REPORTS", 8)
    report = watch_report(by_hand.write(tmp_path / "watch.jsonl"))
    assert len(report.steps) <= 8
    assert report.steps[0].step == 50


def test_what_is_no_watched_training_is_refused_and_never_written_to(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine\n")
    with pytest.raises(FileError, match="no training that was watched"):
        watch_report(other)
    with pytest.raises(FileError, match="name another file"):
        Lines(other)
    assert other.read_text() == "mine\n"


@pytest.mark.parametrize("name", ["nothing.jsonl", ".", "empty.jsonl", "pipe"])
def test_what_cannot_be_read_is_a_clean_error(
    name: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "empty.jsonl").touch()
    os.mkfifo(tmp_path / "pipe")
    assert is_clean_error(inside(capsysbinary, "watch", str(tmp_path / name)), 1)


def test_the_budget_plans_with_less_than_its_share() -> None:
    now = [0.0]
    budget = Budget(0.05, clock=lambda: now[0])
    now[0] = 10.0
    with budget.spending():
        now[0] += 0.3
    assert budget.spent == pytest.approx(0.3)
    assert not budget.allows(0.2)  # 0.5 of 10.3 seconds
    now[0] = 20.0
    assert budget.allows(0.2)
    assert budget.used <= 0.05


def test_the_events_are_when_the_gates_shut_the_gradient_grew_and_doctor_spoke(tmp_path: Path) -> None:
    events = {event.rule: event for event in watch_report(by_hand.write(tmp_path / "watch.jsonl")).events}
    assert set(events) == {"shut-gates", "gradient-spike", "short-horizon"}
    assert (events["shut-gates"].step, events["shut-gates"].lasts) == (1350, True)
    assert (events["gradient-spike"].step, events["gradient-spike"].until) == (1350, 1350)
    assert events["gradient-spike"].what == "gradient 34-fold"
    assert (events["short-horizon"].step, events["short-horizon"].lasts) == (1050, True)


def test_a_pipe_gets_a_line_a_report_and_the_follower_ends_with_the_training(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = str(by_hand.write(tmp_path / "watch.jsonl"))
    plain, followed = (inside(capsysbinary, "watch", file, *more) for more in ((), ("--follow",)))
    assert plain.code == followed.code == 0
    assert plain.out == followed.out
    assert len(plain.text.splitlines()) == 30
    assert plain.text.startswith("step 50 · loss 3.0")
