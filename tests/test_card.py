"""The card of the shipped networks says what they do now."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

import pytest

from lstm_ascii.checkpoints.formats.safetensors import read
from lstm_ascii.language.pairs import Pair
from lstm_ascii.sources import WEIGHTS, trained
from lstm_ascii.training.loop import log_odds
from lstm_ascii.training.recipe import RECIPES
from tests import card, seeds

A_PAIR_OR_TWO = 0.2001  # percent of a thousand: another BLAS may tip one that stands on the edge


@pytest.fixture(scope="module")
def measured() -> str:
    return card.text()


def test_the_words_of_the_card_are_those_that_are_written_now(measured: str) -> None:
    assert _without_figures(card.CARD.read_text(encoding="utf-8")) == _without_figures(measured)


def test_the_figures_of_the_card_are_measured_again(measured: str) -> None:
    shown, found = _figures(card.CARD.read_text(encoding="utf-8")), _figures(measured)
    assert len(shown) == len(found)
    assert found == pytest.approx(shown, abs=A_PAIR_OR_TWO)


@pytest.mark.xfail(
    strict=True, reason="the aim, which the first networks of one recipe miss; the card says by how much"
)
def test_gated_networks_keep_the_number_over_any_distance_and_attractors(measured: str) -> None:
    row = r"^\| (?:\d+|\d+-\d+|4 or more) \| [\d.]+ \| ([\d.]+) \| ([\d.]+) \| [\d.]+ \|$"
    rows = re.findall(row, measured, re.MULTILINE)
    assert len(rows) == len(card.DISTANCES) + len(card.ATTRACTORS) + 1
    *known, unknown = rows
    assert min(float(figure) for row in known for figure in row) >= 99.5
    assert min(map(float, unknown)) >= 97
    assert float(re.findall(r"^\| LSTM \|.* ([\d.]+) % \| [\d.]+ % \|$", measured, re.MULTILINE)[0]) >= 99


def test_gated_networks_are_right_far_oftener_than_the_plain_rnn(measured: str) -> None:
    row = r"^\| (?:10-14|15-19|20-24|25-30|2|3|4 or more) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| "
    rows = re.findall(row, measured, re.MULTILINE)
    assert len(rows) == 7
    for rnn, *gated in rows:
        assert min(map(float, gated)) - float(rnn) > 30


def test_without_the_unit_that_carries_most_gated_networks_are_right_less_often(measured: str) -> None:
    rows = re.findall(r"^\| (?:LSTM|GRU) \|.* ([\d.]+) % \| ([\d.]+) % \|$", measured, re.MULTILINE)
    assert len(rows) == 2
    for whole, without in rows:
        assert float(without) + 5 < float(whole)


def test_the_weights_are_small_and_carry_their_recipe() -> None:
    files = sorted(WEIGHTS.glob("*.safetensors"))
    assert {file.stem for file in files} == set(RECIPES)
    assert sum(file.stat().st_size for file in files) < 1_200_000
    for file in files:
        _, metadata = read(file)
        assert json.loads(metadata["recipe"]) == asdict(RECIPES[file.stem])


def test_the_shipped_networks_give_what_stands_among_the_seeds() -> None:
    shipped = {row["name"]: row for row in seeds.rows() if RECIPES[row["name"]].seed == int(row["seed"])}
    assert set(shipped) == set(RECIPES)
    for name, row in shipped.items():
        found = {key: str(value) for key, value in seeds.measured(trained(name)).items()}
        assert _numbers(found) == pytest.approx(_numbers(row), abs=A_PAIR_OR_TWO)


def test_the_plain_rnn_forgets_the_cat_and_the_gated_networks_remember_it() -> None:
    singular, plural = seeds.SENTENCES.values()
    odds = {name: said(name, singular, plural) for name in RECIPES}
    assert min(odds["lstm"]) > 0
    assert min(odds["rnn"]) < 0
    assert min(odds["rnn-helped"]) > 0


def said(name: str, *sentences: str) -> list[float]:
    """Return the log-odds of "was" against "were" after each sentence."""
    asked = [Pair(tuple(text.split()), "was", "were", "", 1, 13, 0) for text in sentences]
    return log_odds(trained(name), asked).tolist()


def _numbers(row: dict[str, str]) -> list[float]:
    """Return the figures of a row."""
    return [float(row[name]) for name in (*seeds.SETS, *seeds.SENTENCES)]


def _figures(text: str) -> list[float]:
    """Return the accuracies, all with one decimal."""
    return [float(figure) for figure in re.findall(r"\b\d+\.\d\b(?= [|%])", text)]


def _without_figures(text: str) -> str:
    """Return the text without numbers."""
    return re.sub(r"\d+(\.\d+)?", "#", text)
