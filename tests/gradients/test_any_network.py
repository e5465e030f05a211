"""``gradients SENTENCE`` along any layer and direction of any network."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.analysis.all_paths import all_paths
from lstm_ascii.analysis.gates import flow
from lstm_ascii.analysis.gradients import carousel_log10
from lstm_ascii.cli.app import run
from lstm_ascii.errors import UsageError
from lstm_ascii.network import Network
from lstm_ascii.reports import material
from lstm_ascii.reports.gradients.report import GradientsReport, sentence_report
from lstm_ascii.sources import Source
from lstm_ascii.training.recipe import RECIPES, Recipe, writing_cost_alone
from tests.analysis.networks import stack

SENTENCE = "a d b e c h f g"


def measured(model: Network, patch: pytest.MonkeyPatch, layer: int | None = None, way: str = "") -> GradientsReport:
    patch.setattr(material, "open_networks", lambda *_: [model])
    return sentence_report(SENTENCE, (), Source(), layer=layer, direction=way)


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("way", ["forward", "backward"])
def test_each_layer_and_direction_has_the_products_of_its_own_jacobians(
    layer: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stack("lstm", "lstm", both_ways=True)
    report = measured(model, monkeypatch, layer, way)
    one = model.layers[layer - 1][way == "backward"]
    run_ = model.run(np.array(model.vocabulary.ids(SENTENCE.split()))[:, None])
    trace = run_.traces[layer - 1][way == "backward"]
    expected, parts = all_paths(one.cell, trace, 8).log10[7::-1], flow(trace)
    np.testing.assert_allclose(np.array(report.networks[0].total_log10, float), expected, atol=1e-9)
    assert parts is not None
    carousel = carousel_log10(parts, 8).max(axis=-1)[7::-1]
    np.testing.assert_allclose(np.array(report.networks[0].carousel_log10, float), carousel, atol=1e-9)
    assert report.words == tuple(SENTENCE.split())[:: -1 if way == "backward" else 1]
    assert report.setting.endswith(f"layer {layer} of 2, {way} of 2 directions")


def test_by_default_it_is_the_last_layer_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack("gru", "rnn")
    assert measured(model, monkeypatch) == measured(model, monkeypatch, 2, "forward")


def test_a_layer_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"^layer: expected 1 to 2, got 3"):
        measured(stack("gru", "rnn"), monkeypatch, 3)


@pytest.mark.parametrize("option", [("--layer", "1"), ("--direction", "forward")])
def test_a_layer_without_a_sentence_is_a_clean_error(
    option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["gradients", *option]) == 2
    assert f"{option[0]}: along which words?" in capsys.readouterr().err


def test_shipped_networks_have_a_first_layer(capsys: pytest.CaptureFixture[str]) -> None:
    first = ("gradients", "The cat was here.", "--json")
    assert run(first) == 0
    plain = capsys.readouterr().out
    assert run((*first, "--layer", "1", "--direction", "forward")) == 0
    assert capsys.readouterr().out == plain


def test_the_cost_of_writing_is_told_of_our_own_lstm_only() -> None:
    assert sentence_report("cats", (), Source()).writing_cost == RECIPES["lstm"].writing_cost > 0
    assert sentence_report("cats", ("rnn", "gru"), Source()).writing_cost == 0
    assert sentence_report("cats", (), Source(seed=0)).writing_cost == 0


def test_a_cost_that_other_networks_have_too_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "gru", Recipe("gru", writing_cost=0.1))
    assert writing_cost_alone("lstm") == 0
