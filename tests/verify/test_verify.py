"""A file that is read rightly agrees with its framework, and one that isn't does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.errors import FileError
from lstm_ascii.render.parts import Plain
from lstm_ascii.render.verify import verify_page
from lstm_ascii.reports.verify import Compared, VerifyReport, verify_report
from lstm_ascii.sources import Source, open_networks
from tests.cli.program import inside
from tests.rendering import render

FILES = Path(__file__).parents[1] / "checkpoints" / "files"
MODEL = FILES / "torch_lstm.safetensors"
REFERENCE = FILES / "torch_lstm.safetensors.reference.npz"
TORCH = sorted(path for path in FILES.glob("torch*") if path.with_name(f"{path.name}.reference.npz").exists())


@pytest.mark.parametrize("path", TORCH, ids=lambda path: path.name)
def test_what_pytorch_wrote_is_read_to_the_last_digits(path: Path) -> None:
    source = Source(model=str(path), activation="relu" if "relu" in path.name else "")
    report = verify_report(source, f"{path}.reference.npz")
    assert report.passed
    assert not report.turned
    assert all(one.dtype == "float64" and one.relative < 1e-14 for one in report.compared)


def test_answers_in_single_precision_are_met_to_its_digits() -> None:
    report = verify_report(
        Source(model=str(FILES / "torch_trained.safetensors")), str(FILES / "torch_trained.answers.npz")
    )
    assert report.passed
    assert all(one.dtype == "float32" and 1e-9 < one.relative < 1e-6 for one in report.compared)


def changed(tmp_path: Path, **arrays: np.ndarray) -> str:
    """Return a copy of the reference with other arrays; ``None`` takes one away."""
    stored = {**np.load(REFERENCE), **arrays}
    np.savez(tmp_path / "reference.npz", **{name: value for name, value in stored.items() if value is not None})
    return str(tmp_path / "reference.npz")


def test_sequences_may_come_first(tmp_path: Path) -> None:
    turned = {name: value.swapaxes(0, 1) for name, value in np.load(REFERENCE).items()}
    report = verify_report(Source(model=str(MODEL)), changed(tmp_path, **turned))
    assert (report.passed, report.turned, report.steps, report.sequences) == (True, True, 7, 3)


def test_single_precision_has_its_own_tolerance(tmp_path: Path) -> None:
    output = np.load(REFERENCE)["output"].astype(np.float32)
    assert verify_report(Source(model=str(MODEL)), changed(tmp_path, output=output, logits=None)).passed


def test_gates_in_another_order_do_not_pass(tmp_path: Path) -> None:
    tensors, metadata = read(MODEL)
    for name in [name for name in tensors if name.startswith("rnn.")]:
        i, f, g, o = np.split(np.asarray(tensors[name]), 4)
        tensors[name] = np.concatenate([i, f, o, g])
    write(tmp_path / "wrong.safetensors", tensors, metadata)
    report = verify_report(Source(model=str(tmp_path / "wrong.safetensors")), str(REFERENCE))
    assert not report.passed
    assert "NOT read" in render(verify_page(report))


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"ids": None}, "expected an array named ids or x"),
        ({"output": None, "logits": None}, "expected an array named output or logits or answer"),
        ({"ids": np.full((7, 3), 99)}, "not all are rows of an embedding of 23 words"),
        ({"ids": np.zeros((7, 3))}, "expected whole numbers of shape"),
        ({"output": np.zeros((7, 3, 5))}, "output: expected real numbers of shape"),
    ],
)
def test_arrays_that_do_not_belong_are_named(arrays: dict, said: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=said):
        verify_report(Source(model=str(MODEL)), changed(tmp_path, **arrays))


def test_an_answer_once_a_sequence_is_verified_and_so_is_what_was_assumed_of_it(tmp_path: Path) -> None:
    """The function and the pooling of bare tensors are the reader's to say: against an answer it is seen if rightly."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    rnn, fc = torch.nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True), torch.nn.Linear(8, 3)
    x = torch.randn(2, 5, 3)
    logits = fc(torch.cat(list(rnn(x)[1][0][-2:]), -1))
    model, reference = tmp_path / "model.pt", str(tmp_path / "reference.npz")
    torch.save({f"rnn.{name}": value for name, value in rnn.state_dict().items()}
               | {f"fc.{name}": value for name, value in fc.state_dict().items()}, model)  # fmt: skip
    arrays = {"x": x, "logits": logits, "answer": logits.softmax(-1)}
    stored = {name: value.detach().numpy() for name, value in arrays.items()}
    np.savez(reference, **stored)
    report = verify_report(Source(model=str(model), head="ends,softmax"), reference)
    assert [(one.name, one.agrees) for one in report.compared] == [("logits", True), ("answer", True)]
    assert not verify_report(Source(model=str(model), head="mean,softmax"), reference).passed
    np.savez(reference, x=stored["x"][0], answer=stored["answer"][0])  # one sequence, without its axis
    assert verify_report(Source(model=str(model), head="ends,softmax"), reference).passed


def test_a_nan_never_agrees(tmp_path: Path) -> None:
    output = np.load(REFERENCE)["output"].copy()
    output[3, 1, 2] = np.nan
    report = verify_report(Source(model=str(MODEL)), changed(tmp_path, output=output))
    assert not report.passed
    assert (report.compared[0].broken, report.compared[0].ours_broken) == (1, 0)
    page = render(verify_page(report))
    assert "output: the reference holds 1 value that is NaN or infinite" in page
    assert "inf where" not in page


def stored_in(dtype: str, folder: Path) -> str:
    """Write the model in a type of fewer digits."""
    tensors, metadata = read(MODEL)
    path = folder / f"{dtype}.safetensors"
    write(path, {name: np.asarray(value).astype(dtype) for name, value in tensors.items()}, metadata)
    return str(path)


def test_the_digits_of_the_stored_weights_are_told_from_a_wrong_reading(tmp_path: Path) -> None:
    report = verify_report(Source(model=stored_in("f2", tmp_path)), str(REFERENCE))
    assert report.passed
    assert {one.digits for one in report.compared} == {"float16 weights"}
    assert all(1e-6 < one.relative < 1e-2 == one.tolerance for one in report.compared)
    assert "agrees with its framework to the digits that float16 weights have" in render(verify_page(report))


def test_weights_of_few_digits_pass_without_them_where_the_reference_was_made_of_them(tmp_path: Path) -> None:
    half = stored_in("f2", tmp_path)
    tensors, metadata = read(Path(half))
    write(tmp_path / "wide.safetensors", {name: value.astype("f4") for name, value in tensors.items()}, metadata)
    (network,) = open_networks((), (), Source(model=str(tmp_path / "wide.safetensors")))
    run = network.run(np.load(REFERENCE)["ids"])
    path = changed(tmp_path, output=run.outputs.astype("f4"), logits=network.decode(run.outputs).astype("f4"))
    report = verify_report(Source(model=half), path)
    assert {one.digits for one in report.compared} == {"float32"}
    assert "is read as its framework reads it" in render(verify_page(report))


def test_axes_are_told_as_they_are_stored_where_neither_order_agrees(tmp_path: Path) -> None:
    for seed in range(4):
        noise = np.random.default_rng(seed).uniform(-1, 1, np.load(REFERENCE)["output"].shape)
        report = verify_report(Source(model=str(MODEL)), changed(tmp_path, output=noise, logits=None))
        assert (report.passed, report.turned, report.steps, report.sequences) == (False, False, 7, 3)


def by_hand(deviation: float = 3e-7) -> VerifyReport:
    """Return a report written by hand."""
    one = Compared("output", (7, 3, 6), "float32", deviation, 0.75, 1e-5, "float32")
    other = Compared("logits", (7, 3, 23), "float32", 2e-7, 1.5, 1e-5, "float32")
    return VerifyReport(1, "model.onnx", "reference.npz", 7, 3, True, (one, other), one.agrees, outputs_turned=True)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("deviation", [3e-7, 0.5])
def test_the_page_looks_as_it_was_looked_at(deviation: float, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(verify_page(by_hand(deviation)), width) == snapshot


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    "changes",
    [
        {"deviation": 7.5e-4, "tolerance": 1e-2, "digits": "float16 weights"},
        {"broken": 224},
        {"ours_broken": 1},
    ],
    ids=["few digits", "broken reference", "broken answer"],
)
def test_what_is_no_plain_agreement_looks_as_it_was_looked_at(
    changes: dict, width: int, snapshot: SnapshotAssertion
) -> None:
    one, other = by_hand().compared
    one = replace(one, **changes)
    report = replace(by_hand(), compared=(one, other), passed=one.agrees)
    assert render(verify_page(report), width) == snapshot


def test_told_plainly_it_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(verify_page(by_hand()))) == snapshot


@given(width=st.integers(20, 200))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in render(verify_page(by_hand()), width).splitlines():
        assert cell_len(line) <= width, line


@pytest.mark.parametrize(
    ("reference", "code"), [("torch_trained.answers.npz", 0), ("torch_lstm.safetensors.reference.npz", 1)]
)
def test_the_exit_code_says_whether_it_agrees(
    reference: str, code: int, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(
        capsysbinary, "inspect", str(FILES / "torch_trained.safetensors"), "--verify", str(FILES / reference)
    )
    assert result.code == code


@pytest.mark.parametrize("first", ["steps", "sequences"])
def test_what_is_off_a_little_is_told_in_the_order_that_fits(first: str, tmp_path: Path) -> None:
    stored = {**np.load(REFERENCE)}
    arrays = {"ids": stored["ids"], "output": stored["output"] + 2e-4}
    turned = {name: value.swapaxes(0, 1) if first == "sequences" else value for name, value in arrays.items()}
    report = verify_report(Source(model=str(MODEL)), changed(tmp_path, **turned, logits=None))
    assert (report.passed, report.turned, report.steps) == (False, first == "sequences", 7)
    assert report.compared[0].deviation == pytest.approx(2e-4, rel=0.05)


def test_outputs_in_half_precision_are_held_against_its_digits(tmp_path: Path) -> None:
    half = np.load(REFERENCE)["output"].astype(np.float16)
    report = verify_report(Source(model=str(MODEL)), changed(tmp_path, output=half, logits=None))
    assert [(one.dtype, one.digits, one.agrees) for one in report.compared] == [("float16", "float16", True)]
    other = np.random.default_rng(0).uniform(-1, 1, half.shape).astype(np.float16)
    assert not verify_report(Source(model=str(MODEL)), changed(tmp_path, output=other, logits=None)).passed


@pytest.mark.parametrize(("of_x", "of_output"), [(False, True), (True, False)])
def test_sequences_may_come_first_in_one_of_both(of_x: bool, of_output: bool, tmp_path: Path) -> None:
    stored = {name: value for name, value in np.load(REFERENCE).items() if name in ("ids", "output")}
    first = {"ids": of_x, "output": of_output}
    turned = {name: value.swapaxes(0, 1) if first[name] else value for name, value in stored.items()}
    report = verify_report(Source(model=str(MODEL)), changed(tmp_path, **turned, logits=None))
    assert (report.passed, report.turned, report.outputs_turned, report.steps) == (True, of_x, of_output, 7)
    shown = " ".join(render(verify_page(report), 160).replace("│", " ").split())
    assert ("sequences first in what goes in" in shown) == of_x
    assert ("sequences first in what comes out" in shown) == of_output


def test_one_sequence_may_stand_alone(tmp_path: Path) -> None:
    stored = {name: value[:, 0] for name, value in np.load(REFERENCE).items() if name in ("ids", "output")}
    report = verify_report(Source(model=str(MODEL)), changed(tmp_path, **stored, logits=None))
    assert (report.passed, report.steps, report.sequences) == (True, 7, 1)


def test_inputs_of_few_digits_are_allowed_for(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    stack = {"lstm.weight_ih_l0": draw.normal(size=(16, 3)), "lstm.weight_hh_l0": draw.normal(size=(16, 4))}
    write(tmp_path / "model.safetensors", {name: value.astype("f4") for name, value in stack.items()}, {})
    x = draw.normal(size=(6, 2, 3)).astype("f4")
    (network,) = open_networks((), (), Source(model=str(tmp_path / "model.safetensors")))
    output = network.run_vectors(x.astype(float)).outputs.astype("f4")
    for dtype, passes in (("f2", True), ("f4", True)):
        np.savez(tmp_path / "r.npz", x=x.astype(dtype), output=output)
        assert (
            verify_report(Source(model=str(tmp_path / "model.safetensors")), str(tmp_path / "r.npz")).passed == passes
        )
