"""Series: the step and the feature that decided, what pages about them say, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.render.explain import SECTIONS
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.sources import Source
from tests.cli.program import inside, is_clean_error

FILES = Path(__file__).parent.parent / "checkpoints" / "files"
ECHO, TABLE = str(FILES / "echo.onnx"), str(FILES / "echo.csv")
GIVEN = ("--model", ECHO, "--input", TABLE)
LAG, STEPS = 20, 60
Capture = pytest.CaptureFixture[bytes]


def explained(**asked: str) -> ExplainReport:
    return explain_report("", source=Source(model=ECHO, input=TABLE, labels="pressure"), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("baseline", ["mean", "zero", "first"])
def test_the_forecaster_names_the_step_that_comes_back_and_its_feature(baseline: str) -> None:
    report = explained(baseline=baseline)
    found = report.main.influence
    assert found is not None
    for cause in (found.strongest, found.steepest):
        assert cause is not None
        assert STEPS - cause.first == LAG - 1  # so it is LAG steps before the one that is forecast
        assert report.features[cause.feature] == "pressure"
    assert report.focus == STEPS - LAG + 1
    assert found.replaced[report.focus - 1][0] < -0.5
    assert abs(found.gap) < 1e-3


def test_the_split_over_what_is_in_memory_adds_up_to_the_answer() -> None:
    main = explained().main
    assert main.split is not None
    assert main.answer is not None
    total = sum(main.split.words) + main.split.start + main.split.bias
    assert total == pytest.approx(main.answer.figure, rel=1e-12)


def test_the_page_names_the_lag(capsysbinary: Capture) -> None:
    said = " ".join(inside(capsysbinary, "explain", *GIVEN, "--labels", "pressure").text.split())
    assert "Counts most: pressure at step 41, “06:40”." in said
    assert "19 steps before the last, at lag 20 of the one that follows." in said
    assert "completeness gap" in said
    assert "Replacing is an intervention" in said


COMMANDS = (
    ("explain", *GIVEN, "--all"), ("explain", *GIVEN), ("explain", *GIVEN, "--brief"),
    *(("explain", *GIVEN, "--view", name) for name in SECTIONS),
    ("doctor", ECHO, "--input", TABLE), ("gradients", *GIVEN), ("gradcheck", ECHO, "--input", TABLE),
    ("derive", "forget", "bptt", *GIVEN), ("diagram", "lstm", *GIVEN), ("diagram", "highway", *GIVEN),
    ("compare", *GIVEN, "--no-time"), ("diff", ECHO, ECHO, "--input", TABLE),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:1] + command[5:]))
@pytest.mark.parametrize("form", ["", "--plain", "--tsv"])
def test_pages_about_series_say_step_and_never_word(command: tuple[str, ...], form: str, capsysbinary: Capture) -> None:
    result = inside(capsysbinary, *command, *filter(None, [form]))
    if form == "--tsv" and result.code:  # of sections that have no table
        assert is_clean_error(result, result.code)
    else:
        assert result.code == 0, result.err
    assert not re.search(r"\b(words?|sentence)\b", result.text, re.IGNORECASE), result.text


def test_what_the_reader_named_stays_as_it_is(capsysbinary: Capture, tmp_path: Path) -> None:
    table = tmp_path / "words.csv"
    table.write_text(Path(TABLE).read_text("utf-8").replace("flow", "word count"), "utf-8")
    result = inside(capsysbinary, "explain", "--model", ECHO, "--input", str(table), "--labels", "words", "--plain")
    assert "word count" in result.text
    assert "step count" not in result.text
    assert "Words = 1.02" in result.text


def test_a_scale_is_what_the_network_reads_and_pages_keep_the_units(tmp_path: Path) -> None:
    lines = Path(TABLE).read_text("utf-8").splitlines()
    rows = [line.split(",") for line in lines[1:]]
    other = [f"{t},{100 + 2 * float(p):.9f},{float(f) - 5:.9f}" for t, p, f in rows]
    table, scale = tmp_path / "series.csv", tmp_path / "scale.csv"
    table.write_text("\n".join([lines[0], *other]), "utf-8")
    scale.write_text("feature,mean,sd\nflow,-5,1\npressure,100,2\n", "utf-8")
    plain = explained()
    for wording in ("100,2;-5,1", str(scale)):
        report = explain_report("", source=Source(model=ECHO, input=str(table), scale=wording, labels="pressure"))
        assert report.main.answer is not None
        assert plain.main.answer is not None
        assert report.main.answer.figure == pytest.approx(plain.main.answer.figure, rel=1e-6)
        assert report.values[0][0] == pytest.approx(100 + 2 * plain.values[0][0])
        assert report.is_scaled
        found = report.main.influence
        assert found is not None
        assert found.baseline.values[0][0] == pytest.approx(np.mean([row[0] for row in report.values]))


def test_a_table_is_a_baseline_of_a_row_or_of_as_many_as_steps(tmp_path: Path) -> None:
    one, many = tmp_path / "one.csv", tmp_path / "many.csv"
    one.write_text("flow,pressure\n0.5,0.25\n", "utf-8")
    many.write_text("pressure,flow\n" + "0.25,0.5\n" * STEPS, "utf-8")
    by_row, by_step = (explained(baseline=str(path)).main.influence for path in (one, many))
    assert by_row is not None
    assert by_step is not None
    assert by_row.baseline.values[7] == (0.25, 0.5)
    assert by_row.replaced == by_step.replaced


@pytest.mark.parametrize(
    ("gate", "letter"),
    [("forget", "f"), ("input", "i"), ("candidate", "g"), ("output", "o"), ("cell", "c"), ("h", "h")],
)
def test_a_map_has_the_gate_of_every_unit_at_every_step(gate: str, letter: str) -> None:
    found = explained(gate=gate).main.gate_map
    assert found is not None
    assert (found.letter, len(found.values), len(found.values[0])) == (letter, STEPS, 12)
    assert found.is_gate == (letter in "fio")


def test_a_map_of_words_has_a_line_a_word(capsysbinary: Capture) -> None:
    result = inside(
        capsysbinary, "explain", "The cat was hungry.", "--view", "map", "--gate", "update", "--cell", "gru"
    )
    assert "update gate z; one column a unit, one line a word" in " ".join(result.text.split())
    rows = json.loads(
        inside(
            capsysbinary, "explain", "The cat was.", "--view", "map", "--gate", "reset", "--cell", "gru", "--json"
        ).text
    )["networks"][0]["gate_map"]["values"]
    assert len(rows) == 4
    assert all(0 <= value <= 1 for row in rows for value in row)


REFUSED = (
    ("pressure,flow\n1,2\n", ("--columns", "pressure"), 1, "1 column of numbers (pressure), but the network reads 2"),
    ("pressure\n1\n", (), 1, ("1 column of numbers (pressure), but the network reads 2; give it those that it was "
     "trained on")),
    ("a,b,c\n1,2,3\n", (), 1, "3 columns of numbers (a, b, c), but the network reads 2; --columns NAMES picks them"),
    ("pressure,flow\n1,2\n", ("--labels", "up,down"), 2, ("--labels: expected 1 label, as many as the network has "
     "outputs, got 2; with --head sigmoid one output tells two classes apart")),
    ("pressure,flow\n1,2\n", ("--head", "last,sigmoid"), 2, "--head: the file says itself what its layers do"),
    ("pressure,flow\n1,2\n3,x\n", (), 1, "row 3, column 2 (flow): expected a number, got x"),
    ("pressure,flow\n1,2\n3,4\n", ("--baseline", "{one}"), 1, ("expected 1 row or 2, one a step, of 2 columns "
     "(pressure, flow), got 1 of 3")),
    ("pressure,flow\n1,2\n3,4\n", ("--baseline", "{bad}"), 1, "row 2, column 2 (flow): expected a number, got n/a"),
    ("pressure,flow\n1,2\n3,4\n", ("--baseline", "median"), 2, "expected mean, zero, first, or a file, got median"),
    ("pressure,flow\n1,2\n3,4\n", ("--view", "map", "--gate", "reset"), 2,
     "--gate: expected forget, input, candidate, output, cell, hidden; the LSTM has no 'reset'"),
    ("pressure,flow\n1,2\n3,4\n", ("--gate", "forget"), 2, "--gate: is for --view map and --view paint"),
    ("pressure,flow\n1,2\n3,4\n", ("--scale", "1,2;3,4;5,6"), 2, ("--scale: expected mean,sd for each of 2 columns "
     "(pressure, flow), got 3")),
    ("pressure,flow\n1,2\n3,4\n", ("--scale", "1,0"), 2, "--scale: expected a standard deviation above 0 for pressure"),
    ("pressure,flow\n1,2\n3,4\n", ("--scale", "1,2,3"), 2, "--scale: expected mean,sd, or a file of them, got 1,2,3"),
    ("pressure,flow\n1,2\n3,4\n", ("--scale", "{scale}"), 1, "no row for column flow; it has pressure"),
)  # fmt: skip


@pytest.mark.parametrize(("table", "options", "code", "said"), REFUSED)
def test_what_cannot_be_read_is_named(
    table: str, options: tuple[str, ...], code: int, said: str, capsysbinary: Capture, tmp_path: Path
) -> None:
    files = {"one": "a,b,c\n1,2,3\n", "bad": "pressure,flow\n2,n/a\n", "scale": "feature,mean,sd\npressure,0,1\n"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "series.csv").write_text(table, "utf-8")
    named = [option.format(**{name: tmp_path / name for name in files}) for option in options]
    result = inside(capsysbinary, "explain", "--model", ECHO, "--input", str(tmp_path / "series.csv"), *named)
    assert is_clean_error(result, code)
    assert said in result.err.decode()


def test_words_have_no_baseline(capsysbinary: Capture) -> None:
    result = inside(capsysbinary, "explain", "the cat", "--baseline", "zero")
    assert is_clean_error(result, 2)
    assert "--baseline: is for a series of numbers; a word is swapped, or left out" in result.err.decode()


HEADS = (
    ({"fc": (1, 3)}, ("--head", "last,relu,sigmoid"), ("--head: expected 1 function, one for each of fc.weight (1, 3); "
     "got 2")),
    ({"fc": (1, 3)}, ("--head", "last,sigmiod"), "--head: expected one of"),
    ({"fc": (1, 5)}, ("--head", "last,sigmoid"), "has no dense layers behind the recurrent ones; leave it out"),
    ({"fc": (1, 3)}, ("--labels", "no,yes"), ("--labels: expected 1 label, as many as the network has "
     "outputs, got 2; with --head last,sigmoid one output tells two classes apart")),
    ({"fc": (2, 3)}, ("--labels", "a,b,c"), "--labels: expected 2 labels, as many as the network has outputs, got 3"),
    ({"fc": (2, 3)}, ("--answer", "9"), "--answer: expected"),
)  # fmt: skip


@pytest.mark.parametrize(("heads", "options", "said"), HEADS)
def test_a_head_that_fits_nothing_and_labels_of_the_wrong_number_are_named(
    heads: dict[str, tuple[int, int]], options: tuple[str, ...], said: str, capsysbinary: Capture, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    shapes = {"rnn.weight_ih_l0": (12, 2), "rnn.weight_hh_l0": (12, 3), "rnn.bias_ih_l0": (12,),
              "rnn.bias_hh_l0": (12,), **{f"{name}.weight": shape for name, shape in heads.items()}}  # fmt: skip
    np.savez(tmp_path / "net.npz", **{name: random.normal(size=shape) for name, shape in shapes.items()})
    model = ("--model", str(tmp_path / "net.npz"))
    result = inside(capsysbinary, "explain", *model, "--input", TABLE, *options)
    assert is_clean_error(result, 2)
    assert said in result.err.decode()
