"""All that was computed, as arrays: what they are by their names, and the files that they go into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.safetensors import read
from lstm_ascii.reports.explain.arrays import run_arrays
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.sources import trained
from tests.cli.program import inside

SENTENCE = "The cat that chased the mice was hungry."
NAMES = ["i", "f", "g", "o", "a_i", "a_f", "a_g", "a_o", "c", "h", "d_c", "d_h"]


@pytest.fixture(scope="module")
def arrays() -> dict[str, Array]:
    return run_arrays(SENTENCE)


def test_every_gate_and_state_is_there_with_a_row_a_word(arrays: dict[str, Array]) -> None:
    assert arrays["words"].tolist() == [*SENTENCE.removesuffix(".").split(), "."]
    for name in NAMES:
        assert arrays[f"lstm/layer1.forward.{name}"].shape == (9, 32), name
    for name in ("r", "z", "n", "a_n", "h", "d_h"):
        assert arrays[f"gru/layer1.forward.{name}"].shape == (9, 32), name
    assert arrays["rnn/layer1.forward.a"].shape == (9, 32)
    assert arrays["lstm/logits"].shape == (9, len(trained("lstm").vocabulary))


def test_they_fulfil_the_equations(arrays: dict[str, Array]) -> None:
    of = {name: arrays[f"lstm/layer1.forward.{name}"] for name in NAMES}
    for letter in "ifo":
        np.testing.assert_allclose(of[letter], 1 / (1 + np.exp(-of[f"a_{letter}"])), 1e-10, 1e-15)
    before = np.concatenate([arrays["lstm/layer1.forward.c_start"][None], of["c"][:-1]])
    np.testing.assert_allclose(of["c"], of["f"] * before + of["i"] * of["g"], rtol=1e-12)
    np.testing.assert_allclose(of["h"], of["o"] * np.tanh(of["c"]), rtol=1e-12)
    gru = {name: arrays[f"gru/layer1.forward.{name}"] for name in ("n", "a_n")}
    np.testing.assert_allclose(gru["n"], np.tanh(gru["a_n"]), rtol=1e-10)


def test_the_gradients_are_those_of_the_choice_that_explain_looks_into(arrays: dict[str, Array]) -> None:
    main = explain_report(SENTENCE).main
    o, c, d_h, d_c = (arrays[f"lstm/layer1.forward.{name}"] for name in ("o", "c", "d_h", "d_c"))
    within = d_h * o * (1 - np.tanh(c) ** 2)  # c's way into the h of the same step, which explain counts to that step
    sizes = np.sqrt((d_h**2).sum(-1) + ((d_c - within) ** 2).sum(-1))
    after = main.asked.after
    told = [step.gradient.choice for step in main.steps[:after] if step.gradient and step.gradient.choice is not None]
    np.testing.assert_allclose(np.log10(sizes[:after] / sizes[after - 1]), told, atol=1e-9)
    assert (sizes[after:] == 0).all()


@pytest.mark.parametrize("name", ["run.npz", "run.safetensors"])
def test_they_are_written_as_the_files_name_says(
    name: str, arrays: dict[str, Array], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / name
    result = inside(capsysbinary, "explain", SENTENCE, "--export", str(path))
    assert (result.code, result.out) == (0, b"")
    assert result.complaint.startswith("lstm-ascii: written to ")
    if name.endswith(".npz"):
        stored = dict(np.load(path, allow_pickle=False))
    else:
        stored, metadata = read(path)
        assert metadata["words"].split("\n") == arrays["words"].tolist()
    for key, value in arrays.items():
        if value.dtype.kind != "U":
            np.testing.assert_array_equal(stored[key], value)
    result = inside(capsysbinary, "explain", SENTENCE, "--export", str(path))
    assert (result.code, "--force overwrites it" in result.complaint) == (1, True)


def test_other_commands_have_no_arrays(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    result = inside(capsysbinary, "glossary", "--export", str(tmp_path / "a.npz"))
    assert result.code == 2
    assert "are explain's" in result.complaint
