"""What ``diff`` says of two networks: what moved, what is new, where they first part."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.checkpoints import own
from lstm_ascii.network import Network
from lstm_ascii.reports.diff.report import DiffReport, diff_report
from lstm_ascii.sources import WEIGHTS, Source, trained
from tests.cli.program import inside, is_clean_error

LSTM = str(WEIGHTS / "lstm.safetensors")
FILES = Path(__file__).parents[1] / "checkpoints" / "files"
SENTENCE = "The cat that chased the mice was hungry."
Arrays = dict[str, "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"]


def changed(folder: Path, change: Callable[[Arrays], None]) -> str:
    """Save the packaged LSTM with some of its numbers changed; return the file's name."""
    network: Network = trained("lstm")
    parameters = {name: value.copy() for name, value in network.parameters.items()}
    change(parameters)
    own.save(folder / "changed.safetensors", network.with_parameters(parameters))
    return str(folder / "changed.safetensors")


def shut(parameters: Arrays) -> None:
    """Shut the forget gates, and move one weight of the input gate of unit 5."""
    parameters["rnn.bias_hh_l0"][32:64] -= 9
    parameters["rnn.weight_hh_l0"][5, 7] += 0.5


def of(first: str, second: str, sentence: str = "") -> DiffReport:
    """Compare two files."""
    return diff_report(Source(model=first), Source(model=second), sentence)


def test_a_network_is_equal_to_itself() -> None:
    report = of(LSTM, LSTM, SENTENCE)
    assert report.same
    assert {change.change for change in report.findings} <= {"same"}
    assert report.behaviour
    assert report.behaviour.parting is None
    assert report.behaviour.first_other_answer is None
    assert all(gap.size == 0 for layer in report.behaviour.layers for step in layer.steps for gap in step)


def test_what_moved_is_told_by_gate_part_and_entry(tmp_path: Path) -> None:
    report = of(LSTM, changed(tmp_path, shut))
    moves = {move.name: move for move in report.moves}
    assert {name for name, move in moves.items() if not move.whole.same} == {
        "layer 1, forget gate", "layer 1, input gate",
    }  # fmt: skip
    forget, gate = moves["layer 1, forget gate"], moves["layer 1, input gate"]
    assert forget.parts["bias"].length == pytest.approx(9 * np.sqrt(32), rel=1e-3)
    assert forget.parts["state"].same
    assert (gate.whole.place, gate.whole.largest) == ("state [5, 7]", pytest.approx(0.5, abs=1e-3))
    cell = trained("lstm").layers[0][0].cell
    length = np.linalg.norm(cell.weight_hh[:32])
    assert gate.parts["state"].relative == pytest.approx(0.5 / length, rel=1e-3)


def test_what_doctor_says_of_the_second_only_is_new_and_fails_a_build(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    worse = changed(tmp_path, shut)
    report = of(LSTM, worse)
    assert [one.finding.rule for one in report.findings if one.change == "new"] == ["forget-bias"]
    assert inside(capsysbinary, "diff", LSTM, worse, "--fail-on", "warning").code == 1
    assert inside(capsysbinary, "diff", LSTM, worse, "--fail-on", "error").code == 0
    assert inside(capsysbinary, "diff", worse, LSTM, "--fail-on", "warning").code == 0  # it was mended
    assert inside(capsysbinary, "diff", LSTM, LSTM, "--fail-on", "difference").code == 0
    assert inside(capsysbinary, "diff", LSTM, worse, "--fail-on", "difference").code == 1


def test_they_first_part_where_a_gate_of_the_first_step_that_differs_does(tmp_path: Path) -> None:
    report = of(LSTM, changed(tmp_path, shut), SENTENCE)
    assert report.behaviour
    parting = report.behaviour.parting
    assert parting
    assert (parting.step, parting.where, parting.quantity) == (1, "layer 1", "forget gate")
    network, other = trained("lstm"), own.load(tmp_path / "changed.safetensors")
    ids = np.array(network.vocabulary.ids(report.behaviour.words), np.intp)[:, None]
    gates = [one.run(ids).traces[0][0].gates["f"][0, 0] for one in (network, other)]
    assert parting.gap.unit == int(np.abs(gates[1] - gates[0]).argmax())
    assert parting.gap.size == pytest.approx(float(np.abs(gates[1] - gates[0]).max()))


def test_a_difference_that_only_later_words_show_is_found_at_that_word(tmp_path: Path) -> None:
    words = trained("lstm").vocabulary

    def another(parameters: Arrays) -> None:
        parameters["embedding.weight"][words.ids(["mice"])[0]] *= -3

    report = of(LSTM, changed(tmp_path, another), SENTENCE)
    assert report.behaviour
    assert report.behaviour.parting
    assert report.behaviour.parting.word == "mice"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LSTM, str(WEIGHTS / "gru.safetensors")),
        (str(FILES / "torch_lstm.pt"), str(FILES / "torch_gru.safetensors")),
        (str(FILES / "torch_bilstm.safetensors"), str(FILES / "torch_lstm.safetensors")),
        (str(FILES / "torch_proj.safetensors"), str(FILES / "torch_rnn_relu.safetensors")),
    ],
)
def test_other_shapes_and_cells_are_said_and_no_fault(
    first: str, second: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, "diff", first, second, "--json")
    assert (result.code, result.err) == (0, b"")
    report = json.loads(result.text)
    assert report["unlike"]
    assert not report["same"]


def test_one_network_in_two_formats_is_one_network() -> None:
    report = of(str(FILES / "torch_lstm.pt"), str(FILES / "torch_lstm.safetensors"))
    assert report.same or {one.where for one in report.unlike}  # the two hold what they hold: nothing crashes


def test_files_without_a_network_are_compared_by_their_tensors(tmp_path: Path) -> None:
    for name, value in (("a", 1.0), ("b", 2.0)):
        np.savez(tmp_path / f"{name}.npz", kernel=np.full((3, 3), value), scalar=np.array(value), other=np.ones(2))
    report = of(str(tmp_path / "a.npz"), str(tmp_path / "b.npz"))
    assert not report.first.read
    assert {move.name: move.whole.relative for move in report.moves} == {"kernel": 1.0, "scalar": 1.0, "other": 0.0}


def test_a_network_that_became_no_numbers_is_told(tmp_path: Path) -> None:
    def broken(parameters: Arrays) -> None:
        parameters["rnn.weight_hh_l0"][3, 3] = np.nan

    report = of(LSTM, changed(tmp_path, broken), SENTENCE)
    assert report.behaviour
    assert report.behaviour.parting
    assert report.behaviour.parting.gap.size is None
    assert "not-a-number" in {one.finding.rule for one in report.findings if one.change == "new"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((LSTM, LSTM, "--fail-on", "often"), 2),
        ((LSTM, "nothing.safetensors"), 1),
        (("nothing.safetensors", LSTM), 1),
        ((LSTM, ""), 2),
        ((LSTM,), 2),
        ((LSTM, LSTM, "the cat", "--input", "x.csv"), 2),
    ],
)
def test_what_cannot_be_compared_is_a_clean_error(
    arguments: tuple[str, ...], code: int, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, "diff", *arguments)
    if "B" in result.complaint and "Usage" in result.complaint:
        assert result.code == code
        return
    assert is_clean_error(result, code)
