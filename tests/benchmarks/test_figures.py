"""The table of figures: a bar that is missed is said, and costs the exit code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.figure import TURNS, Figure, alone, from_json, of_runs, show, summary, turns_asked
from tests.benchmarks.processes import ROOT, Side
from tests.benchmarks.waiting import pairs_file


@pytest.mark.parametrize(
    ("value", "at_least", "kept"), [(1.3, False, True), (1.36, False, False), (1.3, True, False), (1.36, True, True)]
)
def test_a_bar_is_the_most_or_the_least_that_a_figure_may_be(value: float, at_least: bool, kept: bool) -> None:
    figure = Figure("a", value, "x", 1.35, at_least)
    assert figure.kept is kept
    assert ("kept" if kept else "MISSED") in figure.line()


def test_a_figure_without_a_bar_is_shown_and_misses_none() -> None:
    assert Figure("a", 9.0, "s").kept
    assert Figure("a", 9.0, "s").line().split() == ["a", "9.00", "s"]


def test_of_several_runs_the_median_counts_and_the_least_and_the_most_are_shown() -> None:
    figure = of_runs("a", [3.0, 1.0, 1.5], "s", 2.0, measured="quiet")
    assert (figure.value, figure.kept) == (1.5, True)
    assert figure.line().endswith("1.00 s to 3.00 s in 3 runs; quiet")
    assert "runs" not in of_runs("a", [1.0], "s").line()


def test_a_bar_for_every_run_is_missed_by_one() -> None:
    runs = [8.4, 8.2, 7.9, 8.3, 8.5]
    assert of_runs("a", runs, "x", 8.0, at_least=True).kept
    assert not of_runs("a", runs, "x", 8.0, at_least=True, counts=min).kept


def test_how_often_is_as_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TURNS, raising=False)
    assert (turns_asked(), turns_asked(quick=True), turns_asked(otherwise=1)) == (5, 1, 1)
    monkeypatch.setattr(sys, "argv", ["it", "--turns", "2"])
    monkeypatch.setenv(TURNS, "9")  # so that it is as before after the test
    asked: list[int] = []
    alone(lambda quick: asked.append(turns_asked(quick, 1)) or (), "It.")  # type: ignore[func-returns-value]
    assert asked == [2]


def test_missed_bars_are_named_at_the_end() -> None:
    assert summary([Figure("quick", 1, "s", 2), Figure("slow", 3, "s", 2)]) == "Missed 1 of 2 bars: slow."
    assert summary([Figure("quick", 1, "s", 2), Figure("free", 3, "s")]) == "All 1 bars are kept."


def test_a_figure_comes_through_a_pipe_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    figures = [Figure("a", 1 / 3, "x", 0.1, True, "1 s, 3 s"), Figure("b", 2.0, "MB")]
    show(figures, as_json=True)
    assert list(from_json(capsys.readouterr().out.splitlines())) == figures


def test_a_missed_bar_costs_the_exit_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def slow(quick: bool) -> Iterator[Figure]:
        yield Figure("slow", 3, "s", 2 if quick else 4)

    monkeypatch.setattr(sys, "argv", ["it", "--quick"])
    assert alone(slow, "It.") == 1
    monkeypatch.setattr(sys, "argv", ["it"])
    assert alone(slow, "It.") == 0
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_gives_figures(name: str) -> None:
    code = f"import tests.benchmarks.{name} as it; print(callable(it.figures))"  # it may set the number of threads
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout == "True\n", done.stderr


def test_a_name_that_is_no_benchmark_is_refused() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--only", "startup,speed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 2
    assert "speed" in done.stderr


def test_a_side_tells_its_own_memory_and_what_it_wrote() -> None:
    code = """
from tests.benchmarks.processes import Side
large, larger = (Side(("-c", f"b = b'x' * ({size} << 20); print(len(b) >> 20)"), piped=True) for size in (50, 100))
large(), larger()
print(larger.wrote, round((larger.peak - large.peak) / 10))
"""  # in a small process: of this one's memory, children seem to have at least as much
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "4 5\n"


def test_a_side_that_fails_stops_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="wrong"):
        Side(("-c", "raise SystemExit('wrong')"))()


def test_the_pairs_are_all_different(tmp_path: Path) -> None:
    lines = Path(pairs_file(tmp_path, 500)).read_text().splitlines()
    assert len(set(lines)) == 501
    assert "the cat\twas\twere" in lines
    assert "the cats\twere\twas" in lines
