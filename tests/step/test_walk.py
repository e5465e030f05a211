"""The walk shows what ``explain`` reports, and computes nothing twice."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from lstm_ascii.errors import UsageError
from lstm_ascii.render.step.page import step_page
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.reports.step import walk as walking
from lstm_ascii.reports.step.position import Position
from lstm_ascii.reports.step.report import StepReport
from lstm_ascii.reports.step.walk import KEPT, Walk
from lstm_ascii.sources import Source
from tests.rendering import render

SENTENCE = "The cat near the dogs was hungry."
FILES = Path(__file__).parents[1] / "checkpoints" / "files"
SENTIMENT = Source(str(FILES / "sentiment.keras"), vocabulary=str(FILES / "sentiment.words.txt"), labels="bad,good")
SERIES = Source(str(FILES / "echo.onnx"), input=str(FILES / "echo.csv"))


@pytest.fixture(scope="module")
def walk() -> Walk:
    """The networks that come with the program."""
    return Walk()


def at(walk: Walk, word: int, **asked: object) -> StepReport:
    """Return what is seen at a word."""
    return walk.report(Position(SENTENCE, word, **asked))  # type: ignore[arg-type]


@pytest.mark.parametrize("word", [1, 2, 6])
def test_a_word_of_the_walk_is_what_explain_shows_there(walk: Walk, word: int) -> None:
    shown, whole = at(walk, word, unit=3).main, explain_report(SENTENCE, about=About(word=str(word), unit=3)).main
    assert (shown.unit, shown.inside, shown.inside_unit) == (whole.unit, whole.inside, whole.inside_unit)
    assert (shown.verdict, shown.carrier, shown.memory) == (whole.verdict, whole.carrier, whole.memory)


def test_each_network_follows_its_own_carrier_and_the_one_in_hand_the_readers_unit(walk: Walk) -> None:
    own = at(walk, 2).explained.networks
    assert [one.unit.index for one in own if one.carrier and one.unit] == [
        one.carrier.unit for one in own if one.carrier
    ]
    chosen = at(walk, 2, unit=7, network="gru")
    assert chosen.main.cell == "GRU"
    assert chosen.main.unit is not None
    assert chosen.main.unit.index == 7
    assert chosen.explained.networks[1].unit == own[1].unit


def test_a_step_reads_nothing_again(walk: Walk) -> None:
    at(walk, 1)
    with patch.object(walking, "views_of", side_effect=AssertionError("it was read again")):
        for word in range(1, 9):
            at(walk, word, unit=word, network="gru")


def test_the_shares_are_those_of_the_prediction(walk: Walk) -> None:
    report = at(walk, 1)
    for shares, network in zip(report.shares, report.explained.networks, strict=True):
        pair = network.steps[network.asked.after - 1].pair
        assert pair is not None
        right, wrong = (one.probability for one in pair)
        assert shares[network.asked.after - 1] == pytest.approx(right / (right + wrong), rel=1e-9)


def test_a_swap_is_what_the_other_sentence_gives(walk: Walk) -> None:
    twin = at(walk, 3, swapped=2).twin
    other = explain_report(SENTENCE.replace("cat", "cats"), about=About(contrast="was:were", unit=4))
    assert twin is not None
    assert twin.to == "cats"
    unit = other.networks[1].unit
    assert unit is not None
    assert twin.values[1] == pytest.approx([step.value for step in unit.steps], rel=1e-12)
    for shares, network in zip(twin.shares, other.networks, strict=True):
        choice = network.asked
        assert np.log(shares[choice.after - 1] / (1 - shares[choice.after - 1])) == pytest.approx(choice.log_odds)


def test_the_carrier_is_the_first_of_the_units(walk: Walk) -> None:
    report = at(walk, 2, view="units")
    assert report.main.carrier is not None
    assert (report.ranked[0].unit, report.ranked[0].change) == (report.main.carrier.unit, report.main.carrier.change)
    sizes = [abs(one.change) for one in report.ranked]
    assert sizes == sorted(sizes, reverse=True)
    assert walk.bounds(Position(SENTENCE, 2, view="units")).ranked == tuple(one.unit for one in report.ranked)


def test_the_error_at_all_units_is_the_error_of_the_highway(walk: Walk) -> None:
    errors = [at(walk, 1, view="back", network="gru", unit=unit).errors for unit in range(32)]
    report = at(walk, 1, network="gru").main
    sizes = [np.sqrt(sum(unit[word].state ** 2 for unit in errors)) for word in range(5)]
    for word in range(5):
        gradient = report.steps[word].gradient
        assert gradient is not None
        assert gradient.choice is not None
        assert sizes[word] / sizes[4] == pytest.approx(10**gradient.choice, rel=1e-9)
        assert errors[7][word].state == pytest.approx(errors[7][word + 1].before if word < 4 else errors[7][4].state)


def test_only_a_few_sentences_stay_in_mind() -> None:
    walk = Walk(("gru",))
    for count in range(3 * KEPT):
        walk.report(Position("the cat " * (count + 1) + "was", 1, swapped=2))
    assert len(walk._kept) == KEPT


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"at": 0}, "at: expected 1 to 8, got 0"),
        ({"at": 9}, "at: expected 1 to 8, got 9"),
        ({"unit": 32}, "unit: expected 0 to 31, got 32"),
        ({"network": "tcn"}, "network: expected rnn, lstm, gru, got tcn"),
        ({"view": "roof"}, "view: expected cell, back, units, paint, got roof"),
        ({"layer": 2}, "layer: expected 1, as the network has one layer, got 2"),
        ({"swapped": 3}, "swap: “near” has no twin in the other number"),
        ({"swapped": 9}, "swap: expected 1 to 8, got 9"),
    ],
)
def test_what_there_is_not_is_refused(walk: Walk, asked: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        walk.report(Position(SENTENCE, **asked))  # type: ignore[arg-type]
    assert str(caught.value) == told


def test_random_networks_read_another_sentence() -> None:
    walk = Walk(("lstm",), Source(hidden_size=4))
    for sentence in ("The cat was here.", "Zwei Hunde bellen."):
        assert " ".join(walk.words(Position(sentence)))[:-2] == sentence[:-1]


def test_a_network_with_a_name_of_its_own_is_taken_in_hand_and_drawn() -> None:
    walk = Walk(("lstm", "rnn-helped"))
    assert walk.bounds(Position(SENTENCE)).networks == ("lstm", "rnn-helped")
    text = render(step_page(walk.report(Position(SENTENCE, 2, network="rnn-helped"))), 80)
    assert "of the RNN helped at “cat”" in text
    assert "tanh" in text


def test_a_network_that_names_no_next_word_is_walked_through() -> None:
    walk = Walk(source=SENTIMENT)
    report = walk.report(Position("the film was good", 3, view="units"))
    assert report.shares == ((),)
    assert report.main.answer is not None
    assert not report.patched
    assert report.main.unit is not None
    assert report.main.unit.index == report.ranked[0].unit
    assert walk.report(Position("the film was good", 2, view="back")).errors


def test_the_text_is_painted_by_the_unit_in_hand(walk: Walk) -> None:
    report = at(walk, 2, view="paint", unit=7)
    assert report.painted is not None
    assert report.main.unit is not None
    assert (report.painted.unit, report.painted.at) == (7, 2)
    assert list(report.painted.values) == [step.value for step in report.main.unit.steps]
    assert "THE TEXT PAINTED" in render(step_page(report), 80)


def test_a_series_is_walked_through_and_has_no_words_to_swap() -> None:
    walk = Walk(source=SERIES)
    report = walk.report(Position("", 60, view="back"))
    assert report.explained.is_series
    assert len(report.errors) == 60
    with pytest.raises(UsageError, match="no words to swap"):
        walk.report(Position("", 60, swapped=2))


def test_layers_and_directions_are_walked_through(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.linspace(-1, 1, 20).reshape(4, 5))
    walk = Walk(source=Source(str(FILES / "torch_bilstm.safetensors"), input=str(tmp_path / "vectors.npy")))
    bounds = walk.bounds(Position(""))
    seen = {walk.report(Position("", layer=bounds.layers, direction=way)).main.where.direction
            for way in bounds.directions}  # fmt: skip
    assert seen == {"forward", "backward"}
    assert walk.report(Position("", 1, direction="backward", view="back")).errors
