"""The report of ``inspect``: its figures against NumPy's, and the files that it opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.safetensors import write
from lstm_ascii.errors import FileError
from lstm_ascii.render.branches import branches
from lstm_ascii.render.inspect import closing
from lstm_ascii.reports import tensors
from lstm_ascii.reports.inspect import InspectReport, inspect_report
from lstm_ascii.reports.tensors import BINS, TensorFacts, facts_of
from lstm_ascii.sources import WEIGHTS, Source
from tests.checkpoints.recognise.made import drawn, torch_layer
from tests.cli.program import inside, is_clean_error
from tests.inspect.by_hand import cell, language_model

FILES = Path(__file__).parents[1] / "checkpoints" / "files"


def facts(values: Array) -> TensorFacts:
    """Return the figures of an array."""
    return facts_of("name", "", Stored(str(values.dtype), values.shape, values.nbytes, lambda: values))


@given(
    nps.arrays(
        st.sampled_from(["f4", "f8"]),
        nps.array_shapes(max_dims=2, max_side=40),
        elements=st.floats(-1000, 1000, width=32),
    ),
    st.sampled_from([3, 64, 1 << 18]),
)
def test_figures_do_not_depend_on_how_many_numbers_are_looked_at_at_once(values: Array, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tensors, "VALUES_AT_ONCE", at_once)
        found = facts(values)
    wide = values.astype(float)
    assert found.mean == pytest.approx(wide.mean(), rel=1e-9, abs=1e-9)
    assert found.deviation == pytest.approx(wide.std(), rel=1e-6, abs=1e-6)
    assert (found.smallest, found.largest) == (wide.min(), wide.max())
    assert sum(found.histogram) == values.size


def test_a_histogram_counts_in_equal_parts() -> None:
    assert facts(np.arange(24.0)).histogram == (2,) * BINS
    assert facts(np.full(5, 0.25)).histogram == (0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0)


def test_broken_numbers_are_counted_and_left_out_of_the_rest() -> None:
    found = facts(np.array([np.nan, 1.0, np.inf, 3.0, -np.inf, np.nan], "f4"))
    assert (found.nan, found.infinite, found.mean, found.largest) == (2, 2, 2.0, 3.0)
    assert sum(found.histogram) == 2


@pytest.mark.parametrize(
    "values", [np.zeros((0, 3)), np.array([np.nan]), np.zeros(3, "?"), np.array(7), np.eye(2, dtype="u1")]
)
def test_any_tensor_has_figures_or_none(values: Array) -> None:
    found = facts(values)
    assert (found.mean is None) == (not np.isfinite(values.astype(float)).any())


def inspected(name: str, **options: str) -> InspectReport:
    """Look into a file of the tests."""
    return inspect_report(Source(model=str(FILES / name), **options))  # type: ignore[arg-type]


def test_a_language_model_is_told_in_its_parts() -> None:
    report = inspected("torch_lstm.safetensors")
    assert [(cell.cell, cell.inputs, cell.units, cell.order) for cell in report.cells] == [
        ("LSTM", 5, 6, "i f g o"),
        ("LSTM", 6, 6, "i f g o"),
    ]
    parts = [report.embedding, report.decoder]
    counted = sum(part.parameters for part in parts if part) + sum(cell.parameters for cell in report.cells)
    assert counted == report.parameters == sum(int(np.prod(one.shape)) for one in report.tensors)
    assert {one.role for one in report.tensors} == {"embedding", "layer 1", "layer 2", "decoder"}


def test_the_forget_bias_is_that_of_both_biases() -> None:
    report = inspected("torch_lstm.safetensors")
    tensors = read_contents(FILES / "torch_lstm.safetensors").tensors
    forget = (tensors["rnn.bias_ih_l0"] + tensors["rnn.bias_hh_l0"])[6:12]
    bias = report.cells[0].forget_bias
    assert bias is not None
    assert bias.mean == pytest.approx(forget.mean(), rel=1e-6)
    assert (bias.smallest, bias.largest) == pytest.approx((forget.min(), forget.max()), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "order"), [("torch_lm.onnx", "i o f g"), ("keras_lstm.keras", "i f g o"), ("keras_gru.h5", "z r n")]
)
def test_gates_are_named_in_the_order_of_the_file(name: str, order: str) -> None:
    assert {cell.order for cell in inspected(name).cells} == {order}


@pytest.mark.parametrize("name", ["torch_bilstm.onnx", "keras_bilstm.keras", "torch_bilstm.safetensors"])
def test_both_directions_are_told_and_every_number_counted(name: str) -> None:
    report = inspected(name)
    assert [(cell.layer, cell.backward) for cell in report.cells] == [(1, False), (1, True), (2, False), (2, True)]
    assert sum(cell.parameters for cell in report.cells) == report.parameters


def test_the_networks_that_come_with_the_package_can_be_looked_into() -> None:
    report = inspect_report(Source(model=str(WEIGHTS / "lstm.safetensors")))
    assert report.vocabulary == report.embedding.words if report.embedding else False
    assert report.cells[0].started
    assert report.unused == 0
    assert dict(report.metadata)["cell"] == "LSTM"


def test_a_network_that_cannot_be_read_is_told_beside_its_tensors(tmp_path: Path) -> None:
    path = tmp_path / "two.safetensors"
    write(path, torch_layer("left.", 7, 3) | torch_layer("right.", 7, 3), {})
    report = inspect_report(Source(model=str(path)))
    assert report.cells == ()
    assert "several recurrent networks" in report.problem
    assert len(report.tensors) == 8


def test_a_file_without_recurrent_layers_shows_its_tensors(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "conv.safetensors"
    write(path, {"conv.weight": drawn((3, 3))}, {"by\x1b": "\x1b[31m"})
    result = inside(capsysbinary, "inspect", str(path))
    assert result.code == 0
    assert "There is no RNN, LSTM or GRU in it" in result.text
    assert r"\x1b[31m" in result.text
    assert "\x1b" not in result.text


@pytest.mark.parametrize("form", ["--width=120", "--plain", "--json", "--tsv"])
def test_every_form_says_that_there_is_no_recurrent_network(
    form: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "conv.safetensors"
    write(path, {"conv.weight": drawn((3, 3))}, {})
    assert "There is no RNN, LSTM or GRU in it" in inside(capsysbinary, "inspect", str(path), form).text


@pytest.mark.parametrize("form", ["--width=120", "--plain", "--json", "--tsv"])
def test_every_form_says_why_a_network_cannot_be_read(
    form: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "two.safetensors"
    write(path, torch_layer("left.", 7, 3) | torch_layer("right.", 7, 3), {})
    result = inside(capsysbinary, "inspect", str(path), form)
    assert "several recurrent networks" in result.text
    assert "There is no RNN" not in result.text


def test_the_vocabulary_is_counted_and_its_first_words_shown(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("".join(f"word{number}\n" for number in range(20)))
    result = inside(capsysbinary, "inspect", str(FILES / "torch_lstm.safetensors"), "--vocab", str(words))
    assert "20 words: word0 word1" in result.text
    assert "20 words for 23 rows: the others are written as #20 to #22" in result.text


def test_bytes_beside_an_onnx_file_count(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load(FILES / "torch_lm.onnx")
    onnx.save_model(
        model, tmp_path / "m.onnx", save_as_external_data=True, location="m.onnx.data", size_threshold=0
    )  # fmt: skip
    files = [(tmp_path / name).stat().st_size for name in ("m.onnx", "m.onnx.data")]
    assert inspect_report(Source(model=str(tmp_path / "m.onnx"))).bytes == sum(files)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (1, "The largest part of the network is layer 1, with 86%"),
        (2, "The largest parts of the network are layer 1 and layer 2, with 46% of its 7,320,400 parameters each."),
    ],
)
def test_parts_of_the_same_size_are_named_together(layers: int, said: str) -> None:
    network = replace(language_model(), embedding=replace(language_model().embedding, parameters=500_000))
    network = replace(network, cells=tuple(cell(number + 1) for number in range(layers)))
    assert said in closing(network)


def test_a_second_copy_of_a_tied_matrix_is_named() -> None:
    decoder = replace(language_model().decoder, name="decoder.weight")
    (told,) = [one for one in branches(replace(language_model(), decoder=decoder)) if one.name == "decoder"]
    assert "its matrix a copy of the embedding's" in told.details[0]


def test_a_file_that_is_none_is_a_clean_error(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    for name, content in (("empty", b""), ("text", b"hello")):
        (tmp_path / name).write_bytes(content)
        assert is_clean_error(inside(capsysbinary, "inspect", str(tmp_path / name)), 1)
    with pytest.raises(FileError):
        inspect_report(Source(model=str(tmp_path / "nothing")))


def test_json_holds_the_report(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    import json

    found = json.loads(inside(capsysbinary, "inspect", str(FILES / "torch_proj.safetensors"), "--json").out)
    assert found["cells"][0]["outputs"] == 4
    assert found["schema_version"] == 1
