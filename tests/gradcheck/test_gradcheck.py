"""``gradcheck``: right gradients pass, and wrong ones don't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.analysis.gradient_check import Deviation, deviations, narrowed
from lstm_ascii.answer import Answer, Dense
from lstm_ascii.cells import CELLS, RNN, CellGradients, Trace
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.gradcheck import gradcheck_page
from lstm_ascii.render.parts import Plain, Table
from lstm_ascii.reports.gradcheck import RIGHT, CheckedNetwork, GradcheckReport, gradcheck_report
from lstm_ascii.sources import Source, trained
from tests.numerics.test_network_gradients import IDS, mixed_network
from tests.rendering import render


def draw(name: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(len(name)).uniform(-1, 1, shape)


@pytest.mark.parametrize("variants", [False, True])
def test_every_parameter_of_a_mixed_network_is_checked_and_right(variants: bool) -> None:
    network = mixed_network(variants)
    found = list(deviations(network, lambda one: one.run(IDS[:, :1]), draw, 5))
    assert [one.name for one in found] == list(network.parameters)
    assert all(max(one.directions, one.entries) < 1e-12 for one in found)


@pytest.mark.parametrize("variants", [False, True])
def test_a_network_without_words_is_checked_on_vectors(variants: bool) -> None:
    network = mixed_network(variants)
    bare = replace(network, decoder_weight=network.decoder_weight[:0], decoder_bias=network.decoder_bias[:0])
    x = np.random.default_rng(0).standard_normal((4, 1, 3))
    found = list(deviations(bare, lambda one: one.run_vectors(x), draw, 5))
    named = {one.name: one for one in found}
    assert named["embedding.weight"].largest == 0  # nothing was looked up
    assert named["rnn.weight_hh_l0"].largest > 0
    assert all(max(one.directions, one.entries) < 1e-12 for one in found)


class WrongLSTM(CELLS["lstm"]):  # type: ignore[misc]
    """An LSTM with one gradient wrong by 0.05 %."""

    def backward(self, trace: Trace, direct: dict) -> CellGradients:
        found = super().backward(trace, direct)
        found.parameters["weight_hh"][...] *= 1.0005
        return found


def test_a_gradient_that_is_wrong_by_a_little_does_not_pass() -> None:
    network = trained("lstm")
    cell = network.layers[0][0].cell
    wrong = replace(network.layers[0][0], cell=WrongLSTM(**cell.parameters))
    small, ids = narrowed(replace(network, layers=((wrong,),)), np.arange(6)[:, None])
    bad = {one.name for one in deviations(small, lambda one: one.run(ids), draw, 5) if one.directions > RIGHT}
    assert bad == {"rnn.weight_hh_l0"}


def test_a_large_vocabulary_is_narrowed_and_reads_the_same() -> None:
    network, ids = trained("gru"), np.array([[5], [700], [5]])
    small, places = narrowed(network, ids)
    assert len(small.vocabulary) < 70
    assert [small.vocabulary.words[k] for k in places[:, 0]] == [network.vocabulary.words[k] for k in ids[:, 0]]
    np.testing.assert_allclose(small.run(places).outputs, network.run(ids).outputs, rtol=1e-12)


def test_the_shipped_networks_pass() -> None:
    report = gradcheck_report()
    assert report.passed
    assert [one.cell for one in report.networks] == ["RNN", "LSTM", "GRU"]


def test_a_file_that_names_no_words_is_checked_on_its_own_entries() -> None:
    files = Path(__file__).parents[1] / "checkpoints" / "files"
    report = gradcheck_report(source=Source(model=str(files / "torch_trained.safetensors")))
    assert report.passed
    assert report.text.startswith("#0 #1 #2")


def saturated(bias: float) -> Network:
    """Return a forecaster whose units are all near 1."""
    weight = np.full((2, 1), 0.3)
    cell = RNN(weight, np.full((2, 2), 0.3), np.full(2, bias), np.zeros(2))
    head = Answer("last", (Dense(np.ones((1, 2)), np.zeros(1)),))
    nothing = np.zeros((0, 2))
    return Network(Vocabulary(()), np.zeros((0, 1)), ((Direction(cell),),), nothing, np.zeros(0), head=head)


def checked(network: Network) -> dict[str, Deviation]:
    """Check a network on three numbers."""
    x = np.array([0.1, -0.2, 0.3])[:, None, None]
    return {one.name: one for one in deviations(network, lambda one: one.run_vectors(x), draw, 5)}


def test_a_saturated_network_is_right_though_only_rounding_is_left_of_its_gradients() -> None:
    found = checked(saturated(17.0))
    assert 0 < found["rnn.weight_ih_l0"].largest < 1e-12
    assert all(max(one.directions, one.entries) <= RIGHT for one in found.values())


def test_a_small_gradient_that_is_wrong_is_still_told() -> None:
    network = saturated(9.0)  # 1e-7 of the loss
    cell = network.layers[0][0].cell
    wrong = replace(network, layers=((replace(network.layers[0][0], cell=WrongRNN(**cell.parameters)),),))
    assert checked(network)["rnn.bias_ih_l0"].directions <= RIGHT
    assert checked(wrong)["rnn.bias_ih_l0"].directions > 1e3 * RIGHT


class WrongRNN(RNN):
    """Its gradient of one bias is twice what it should be."""

    def backward(self, trace: Trace, direct: dict) -> CellGradients:
        found = super().backward(trace, direct)
        found.parameters["bias_ih"][...] *= 2
        return found


def test_a_check_whose_gradients_are_all_0_shows_nothing_and_does_not_pass() -> None:
    zero = Deviation("rnn.weight_hh_l0", 16, 0.0, 0.0, 0.0, 8)
    network = CheckedNetwork("LSTM", "one word", (zero,), (1, 1))
    assert network.largest == 0
    page = gradcheck_page(GradcheckReport(1, "a", "the answer", RIGHT, False, (network,)))
    assert "Nothing is shown: all gradients of the 1 parameter are 0" in " ".join(render(page, 200).split())


def by_hand(passed: bool = True) -> GradcheckReport:
    """Return a report written by hand."""
    off = 3.2e-15 if passed else 0.0005
    parameters = (
        Deviation("embedding.weight", 52448, 1.25, 1.1e-16, 0.0, 8),
        Deviation("rnn.weight_hh_l0", 4096, 2.5, off, 1e-15, 8),
    )
    one = CheckedNetwork("LSTM", "trained on something", parameters, (72, 1639))
    other = CheckedNetwork("GRU", "model.onnx", parameters[:1], (0, 0))
    return GradcheckReport(1, "The cat was .", "the log-probability of every next word", RIGHT, passed, (one, other))


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("passed", [True, False])
def test_the_page_looks_as_it_was_looked_at(passed: bool, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(gradcheck_page(by_hand(passed)), width) == snapshot


def test_pure_ascii_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    text = render(gradcheck_page(words_in_ascii(by_hand())), 40, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_digits_that_agree_are_those_of_the_larger_deviation() -> None:
    (table, *_) = (part for part in gradcheck_page(by_hand(False)).parts() if isinstance(part, Table))
    digits = [row[table.columns.index("digits that agree")] for row in table.rows]
    assert digits == pytest.approx([-np.log10(1.1e-16), -np.log10(0.0005)])


def test_told_plainly_it_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(gradcheck_page(by_hand()))) == snapshot


@given(width=st.integers(20, 200))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in render(gradcheck_page(by_hand()), width).splitlines():
        assert cell_len(line) <= width, line
