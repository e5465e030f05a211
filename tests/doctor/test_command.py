"""``lstm-ascii doctor``: its exit code is what a build can go by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.reports.doctor.report import doctor_report
from lstm_ascii.sources import WEIGHTS, Source
from tests.cli.program import inside, is_clean_error

LSTM = str(WEIGHTS / "lstm.safetensors")
SENTENCE = "The cat that chased the mice that ate the cheeses was hungry."


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("note", 1)])
def test_the_exit_code_says_whether_anything_so_bad_was_found(
    level: str, code: int, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, "doctor", LSTM, "Blickets dax the tomas zorply.", "--fail-on", level)
    assert (result.code, result.err) == (code, b"")
    assert "unknown-words" not in result.text  # names are for programs
    assert "much of the text is not in the vocabulary" in result.text


def test_without_the_option_findings_are_no_failure(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert inside(capsysbinary, "doctor", LSTM, SENTENCE).code == 0


def test_a_sentence_longer_than_a_name_may_be_is_read(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert inside(capsysbinary, "doctor", LSTM, "the cat was hungry . " * 500).code == 0


def test_json_has_the_findings_and_the_limits(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(f"{SENTENCE}\n" * 30)
    report = json.loads(inside(capsysbinary, "doctor", LSTM, str(tmp_path / "text.txt"), "--json").text)
    assert report["listened"]["lines"] == 30
    assert {"severity", "rule", "evidence", "advice"} <= report["findings"][0].keys()
    assert report["limits"]["vanished"] == 1e-3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((LSTM, "--fail-on", "often"), 2),
        (("nothing.safetensors",), 1),
        ((LSTM, "   "), 2),
        ((LSTM, "missing.txt"), 1),
        ((LSTM, str(WEIGHTS / "*.txt")), 1),
        (("",), 2),
    ],
)
def test_what_cannot_be_examined_is_a_clean_error(
    arguments: tuple[str, ...], code: int, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert is_clean_error(inside(capsysbinary, "doctor", *arguments), code)


def test_a_network_that_reads_vectors_is_watched_on_a_series(tmp_path: Path) -> None:
    import numpy as np

    from lstm_ascii.reports.doctor.report import doctor_report
    from lstm_ascii.sources import Source

    draw = np.random.default_rng(0)
    shapes = {"weight_ih_l0": (16, 3), "weight_hh_l0": (16, 4), "bias_ih_l0": (16,), "bias_hh_l0": (16,)}
    np.savez(tmp_path / "model.npz", **{f"rnn.{name}": draw.normal(size=shape) for name, shape in shapes.items()})
    x = draw.normal(size=(300, 3))
    x[:, 0] = 1e4  # every gate at one of its ends
    np.save(tmp_path / "x.npy", x)
    report = doctor_report(Source(model=str(tmp_path / "model.npz"), input=str(tmp_path / "x.npy")))
    assert report.listened is not None
    assert (report.listened.is_series, report.listened.words, report.listened.met) == (True, 300, None)
    found = [finding for finding in report.findings if "300 steps" in finding.evidence]
    assert found
    assert not any(" word" in finding.evidence for finding in found)


def test_networks_of_the_package_go_by_their_names_where_no_file_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [layer.cell for layer in doctor_report(Source(model="gru")).layers] == ["GRU"]
    (tmp_path / "gru").write_text("something else")
    with pytest.raises(LstmAsciiError, match=r"^gru: "):
        doctor_report(Source(model="gru"))
