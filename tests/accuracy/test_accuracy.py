"""``accuracy``: what is counted is what the network answers, row by row, and every row is counted or named."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.answer import CLASSES, VALUES
from lstm_ascii.cli.app import run
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.reports.accuracy.report import AccuracyReport, accuracy_report
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.reports.scored import portions
from lstm_ascii.reports.scored.shares import wilson
from lstm_ascii.sources import Source

FILES = Path(__file__).parents[1] / "checkpoints" / "files"
REVIEWS = Path(__file__).with_name("reviews.tsv")
SENTIMENT = Source(
    model=str(FILES / "sentiment.keras"), vocabulary=str(FILES / "sentiment.words.txt"), labels="negative,positive"
)


def _network(folder: Path, outputs: int, head: str, words: int = 0, features: int = 2) -> Source:
    """Write a small random network with a head, and return where it is."""
    random = np.random.default_rng(0)
    sizes = {"rnn.weight_ih_l0": (20, features), "rnn.weight_hh_l0": (20, 5), "rnn.bias_ih_l0": (20,),
             "rnn.bias_hh_l0": (20,), "fc.weight": (outputs, 5), "fc.bias": (outputs,)}  # fmt: skip
    if words:
        sizes["embedding.weight"] = (words, features)
    np.savez(folder / "net.npz", **{name: random.normal(size=size) for name, size in sizes.items()})
    roles = ("head=fc",)
    return Source(model=str(folder / "net.npz"), head=head, roles=roles if words == outputs else ())


def _table(folder: Path, text: str, name: str = "table.tsv") -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def _confused(report: AccuracyReport) -> list[list[int]]:
    return [list(row) for row in report.matrix]


def test_each_row_is_answered_as_explain_answers_it() -> None:
    report = accuracy_report(str(REVIEWS), SENTIMENT, failures=1000)
    rows = [line.split("\t") for line in REVIEWS.read_text("utf-8").splitlines()[1:]]
    expected = np.zeros((2, 2), int)
    for text, label in [row for row in rows if len(row) == 2 and row[1] != "neutral" and "gripping" not in row[0]]:
        answer = explain_report(text, source=SENTIMENT).main.answer
        assert answer is not None
        likely = {one.label: one.probability for one in answer.outputs}
        expected[int(label == "positive"), int(likely["positive"] >= 0.5)] += 1
    assert _confused(report) == expected.tolist()
    share = report.share
    assert share is not None
    assert (share.right, share.total) == (int(np.trace(expected)), int(expected.sum()))
    assert share.interval == wilson(share.right, share.total)
    assert len(report.failures) == report.wrong == expected.sum() - np.trace(expected)


def test_every_row_is_counted_or_named() -> None:
    report = accuracy_report(str(REVIEWS), SENTIMENT)
    assert report.rows + sum(one.rows for one in report.left_out) == len(REVIEWS.read_text("utf-8").splitlines()) - 1
    assert {(one.got, one.lines) for one in report.left_out} == {
        ('"neutral"', (83,)),
        ("1", (84,)),
        ('"gripping"', (85,)),
    }


def test_the_baseline_is_the_most_frequent_class() -> None:
    report = accuracy_report(str(REVIEWS), SENTIMENT)
    most = max(report.classes, key=lambda one: one.share.total).share
    assert report.baseline is not None
    assert (report.baseline.name, report.baseline.right) == (most.name, most.total)


def test_portions_and_batches_change_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = accuracy_report(str(REVIEWS), SENTIMENT, failures=3)
    monkeypatch.setattr(portions, "CHARACTERS_AT_ONCE", 300)
    monkeypatch.setattr(portions, "MOST_AT_ONCE", 2)
    parted = accuracy_report(str(REVIEWS), SENTIMENT, failures=3)
    assert replace(parted, failures=()) == replace(whole, failures=())
    assert [one.line for one in parted.failures] == [one.line for one in whole.failures]


def test_a_failure_s_line_opens_it(capsys: pytest.CaptureFixture[str]) -> None:
    failure = accuracy_report(str(REVIEWS), SENTIMENT, failures=1).failures[0]
    assert run([*shlex.split(failure.command)[1:], "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["networks"][0]["answer"]
    assert answer["asked"] == failure.given
    assert {one["label"]: one["probability"] for one in answer["outputs"]}[failure.given] == pytest.approx(
        failure.figure
    )


@pytest.mark.parametrize("text", [
    "label\ttext\npositive\tthe film was good .\n",
    "positive\tthe film was good .\n",
    "the film was good .\t1\n",
    'id,review,sentiment\n7,"the film was good .",positive\n',
])  # fmt: skip
def test_text_and_label_are_found_by_name_or_as_only_one_can_be_the_label(text: str, tmp_path: Path) -> None:
    report = accuracy_report(_table(tmp_path, text), SENTIMENT)
    assert (report.rows, report.left_out) == (1, ())
    assert [one.share.name for one in report.classes] == ["positive"]


def test_columns_can_be_named(tmp_path: Path) -> None:
    table = _table(tmp_path, "a\tb\tc\nx\tpositive\tthe film was good .\n")
    assert accuracy_report(table, SENTIMENT, "c,b").rows == 1
    assert accuracy_report(table, SENTIMENT, "3,2").rows == 1
    with pytest.raises(UsageError, match="has no column"):
        accuracy_report(table, SENTIMENT, "d,b")
    with pytest.raises(UsageError, match="can't tell the text from the label"):
        accuracy_report(table, SENTIMENT)


def test_arrays_of_series_are_answered_row_by_row_and_opened_again(tmp_path: Path, capsys) -> None:
    source, random = _network(tmp_path, 3, "last,softmax"), np.random.default_rng(1)
    x, y = random.normal(size=(40, 6, 2)), random.integers(0, 3, 40)
    np.savez(tmp_path / "test.npz", X=x, y=y)
    report = accuracy_report(str(tmp_path / "test.npz"), source, failures=40)
    assert report.kind == CLASSES
    assert report.share is not None
    assert report.share.total == 40
    failure = report.failures[-1]
    assert f"test.npz#{failure.line}" in failure.command
    assert run([*shlex.split(failure.command)[1:], "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["networks"][0]["answer"]
    best = max(answer["outputs"], key=lambda one: one["probability"])
    assert (best["label"], f"#{y[failure.line - 1]}") == (failure.given, failure.right)
    assert best["probability"] == pytest.approx(failure.figure)


def test_of_values_the_errors_are_measured_beside_the_mean(tmp_path: Path) -> None:
    source, random = _network(tmp_path, 2, "mean,linear"), np.random.default_rng(2)
    x, y = random.normal(size=(30, 4, 2)), 100 + random.normal(size=(30, 2))
    np.savez(tmp_path / "test.npz", X=x, y=y)
    report = accuracy_report(str(tmp_path / "test.npz"), source, failures=2)
    assert report.kind == VALUES
    assert report.share is None
    from lstm_ascii.sources import open_networks

    (network,) = open_networks((), (), source)
    assert network.head is not None
    error = network.head(network.run_vectors(x.transpose(1, 0, 2)).outputs) - y
    for place, one in enumerate(report.errors):
        assert one.rmse == pytest.approx(np.sqrt((error[:, place] ** 2).mean()))
        assert one.mae == pytest.approx(np.abs(error[:, place]).mean())
        assert one.bias == pytest.approx(error[:, place].mean())
        assert one.baseline_rmse == pytest.approx(y[:, place].std())
        assert one.rmse_interval is not None
        assert one.rmse_interval[0] < one.rmse < one.rmse_interval[1]
    farthest = np.abs(error).max(axis=1).argsort()[::-1][:2] + 1
    assert [one.line for one in report.failures] == farthest.tolist()


def test_rows_of_numbers_and_files_with_series_give_the_same(tmp_path: Path) -> None:
    source, random = _network(tmp_path, 1, "last,linear"), np.random.default_rng(3)
    series, y = random.normal(size=(5, 4, 2)), random.normal(size=5)
    rows = [",".join(map(repr, [*one.ravel().tolist(), float(right)])) for one, right in zip(series, y, strict=True)]
    numbers = accuracy_report(_table(tmp_path, "\n".join(rows), "numbers.csv"), source, failures=1)
    for place, one in enumerate(series):
        np.save(tmp_path / f"{place}.npy", one)
    text = "file\ty\n" + "\n".join(f"{place}.npy\t{float(right)!r}" for place, right in enumerate(y))
    files = accuracy_report(_table(tmp_path, text), source)
    np.savez(tmp_path / "test.npz", X=series, y=y)
    assert numbers.errors == files.errors == accuracy_report(str(tmp_path / "test.npz"), source).errors
    pipe, _, command = numbers.failures[0].command.partition(" | ")
    written = subprocess.run(["sh", "-c", pipe], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607
    read = np.array([line.split(",") for line in written.split()], float)
    np.testing.assert_array_equal(read, series[numbers.failures[0].line - 1])
    assert command.startswith("lstm-ascii explain --input -")


def test_a_tagger_is_asked_word_by_word(tmp_path: Path) -> None:
    source = _network(tmp_path, 3, "each,softmax", words=5)
    table = _table(tmp_path, "text\ttags\n#0 #1 #2\t0 1 2\n#3 #4\t1 1\n#3 #4\t1 1 1\n")
    report = accuracy_report(table, source, failures=5)
    assert report.share is not None
    assert (report.rows, report.share.total) == (2, 5)
    assert [(one.got, one.lines) for one in report.left_out] == [("3 for 2", (4,))]
    assert all("--word" in one.command for one in report.failures)


def test_a_network_that_names_next_words_is_sent_to_agreement() -> None:
    with pytest.raises(UsageError, match="agreement measures"):
        accuracy_report(str(REVIEWS), Source())


@pytest.mark.parametrize(("text", "message"), [
    ("", "no rows"),
    ("text\tlabel\n", "no rows"),
    ("text\tlabel\nthe film\tnobody\n", "line 2: expected one of negative, positive"),
    ("text\tlabel\n\t1\n", "line 2: expected a sentence of at least one word"),
])  # fmt: skip
def test_a_table_without_a_row_that_can_be_read_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(LstmAsciiError, match=message):
        accuracy_report(_table(tmp_path, text), SENTIMENT)


def test_labels_for_a_network_of_numbers_tell_how_to_call_them_classes(tmp_path: Path) -> None:
    """A network that is stored without its softmax gives numbers, and nobody guesses that they are classes."""
    table = _table(tmp_path, "text\tlabel\n#0 #1\t1\n#1 #2\t0\n")
    with pytest.raises(LstmAsciiError, match=r"expected 2 values, got 1; if .* classes, head softmax says so"):
        accuracy_report(table, _network(tmp_path, 2, "last,linear", words=4))
    assert accuracy_report(table, _network(tmp_path, 2, "softmax", words=4)).kind == CLASSES


def test_arrays_of_other_names_or_lengths_are_refused(tmp_path: Path) -> None:
    source = _network(tmp_path, 1, "last,linear")
    np.savez(tmp_path / "a.npz", X=np.zeros((3, 4, 2)), z=np.zeros(3))
    np.savez(tmp_path / "b.npz", X=np.zeros((3, 4, 2)), y=np.zeros(2))
    for name, message in (("a.npz", "expected arrays X and y"), ("b.npz", "as many rows")):
        with pytest.raises(LstmAsciiError, match=message):
            accuracy_report(str(tmp_path / name), source)


def test_answers_that_are_no_numbers_are_counted_apart(tmp_path: Path) -> None:
    source = _network(tmp_path, 1, "last,linear")
    arrays = dict(np.load(source.model))
    arrays["fc.weight"][:] = np.nan
    np.savez(source.model, **arrays)
    np.savez(tmp_path / "test.npz", X=np.zeros((3, 4, 2)), y=np.zeros(3))
    report = accuracy_report(str(tmp_path / "test.npz"), source)
    assert (report.undefined, report.errors) == (3, ())
