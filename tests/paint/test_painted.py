"""What is said of a painted text is what the network does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cells import LSTM
from lstm_ascii.checkpoints import own
from lstm_ascii.errors import UsageError
from lstm_ascii.language.grammar import Grammar
from lstm_ascii.language.text import words_of
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.reports.explain.painted import FEWEST_PLACES, NEAR, painted_of
from lstm_ascii.reports.explain.view import View, place_of
from lstm_ascii.reports.generate import generate_report
from lstm_ascii.reports.material import Material
from lstm_ascii.reports.paint import paint_report
from lstm_ascii.sources import Source, trained
from lstm_ascii.training.corpus import TextCorpus
from lstm_ascii.training.loop import Trainer
from lstm_ascii.training.plan import text_recipe
from lstm_ascii.training.recipe import RECIPES
from tests.paint.letters import MODEL, letters

TEXT = " ".join(Grammar(3).document(200).words)


def memory(cell: str = "lstm", text: str = TEXT) -> np.ndarray:
    """Return the memory of a network that comes with the package, ``(T, H)``."""
    network = trained(cell)
    run = network.run(np.array(network.vocabulary.ids(words_of(text)), np.intp)[:, None])
    return run.traces[0][0].states["c" if cell == "lstm" else "h"][1:, 0]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_values_are_those_of_the_unit(cell: str) -> None:
    painted = paint_report(TEXT, (cell,), unit=9).painted
    np.testing.assert_allclose(painted.values, memory(cell)[:, 9])
    assert painted.asked
    assert painted.words == tuple(words_of(TEXT))


def test_a_gate_paints_as_it_opens() -> None:
    network = trained("lstm")
    trace = network.run(np.array(network.vocabulary.ids(words_of(TEXT)), np.intp)[:, None]).traces[0][0]
    painted = paint_report(TEXT, gate="forget", unit=4).painted
    assert (painted.letter, painted.is_gate) == ("f", True)
    np.testing.assert_allclose(painted.values, trace.gates["f"][:, 0, 4])


def test_a_network_of_the_package_has_units_of_number_and_of_distance() -> None:
    ranking = paint_report(TEXT).painted.ranking
    found = {one.feature: abs(one.correlation) for one in reversed(ranking) if one.beyond_chance}
    assert found["distance"] > 0.7  # 0.82
    assert found["number"] > 0.5  # 0.61


def test_the_places_are_the_nearest_by_the_cosine() -> None:
    painted = paint_report(TEXT, unit=9, word="50").painted
    c = memory()
    cosine = c @ c[49] / np.linalg.norm(c, axis=1) / np.linalg.norm(c[49])
    allowed = [n for n in range(len(c)) if abs(n - 49) > NEAR]
    assert painted.at == 50
    assert painted.alike[0].number == 1 + max(allowed, key=lambda n: cosine[n])
    for one in painted.alike:
        assert one.similarity == pytest.approx(cosine[one.number - 1])
        assert one.value == pytest.approx(c[one.number - 1, 9])
    numbers = [50, *(one.number for one in painted.alike)]
    assert all(abs(a - b) > NEAR for a in numbers for b in numbers if a != b)


def test_of_a_short_text_no_places_are_told() -> None:
    painted = paint_report("The cat was hungry.").painted
    assert painted.alike == ()
    assert painted.places < FEWEST_PLACES
    assert painted.ranking == ()


@pytest.mark.parametrize(("wish", "message"), [
    ({"unit": 32}, "expected 0 to 31, got 32"), ({"gate": "reset"}, "the LSTM has no 'reset'"),
    ({"word": "wug"}, "'wug' is not in the sentence"), ({"layer": 2}, "expected 1, as the network has one layer"),
])  # fmt: skip
def test_what_there_is_not_is_refused(wish: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        paint_report("The cat was hungry.", **wish)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def of_letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model of characters that was trained for a second or two."""
    folder = tmp_path_factory.mktemp("letters")
    text, file = folder / "letters.txt", folder / "letters.safetensors"
    text.write_text(letters(400, seed=0), "utf-8")
    recipe = text_recipe(RECIPES["lstm"], text.stat().st_size, 250, 1)
    recipe = replace(recipe, hidden=8, embedding=8, batch=8, length=48, rate=2e-2, warm_up=20)
    trainer = Trainer(recipe, TextCorpus(text, recipe, 256, characters=True))
    *_, last = trainer.train(every=recipe.steps)
    assert last.validation < 1.8  # nats a character: 1.57; by chance it is 2.94
    own.save(file, trainer.network)
    return file


def test_units_of_a_model_of_characters_follow_brackets_and_quotes(of_letters: Path) -> None:
    """A new text, which no step has read: there a unit knows whether it is inside, as it was to be learnt."""
    painted = paint_report(letters(20, seed=9), source=Source(model=str(of_letters))).painted
    found = {one.feature: abs(one.correlation) for one in reversed(painted.ranking) if one.beyond_chance}
    assert found["brackets"] > 0.7  # 0.96
    assert found["quotes"] > 0.6  # 0.89
    assert painted.characters
    assert "".join(painted.words).replace("\\x0a", "\n") == letters(20, seed=9)


def test_the_stored_model_follows_brackets_without_any_other_sign() -> None:
    """The figures of the guide: the letters are the same inside and outside, and the text is a new one."""
    painted = paint_report(letters(200, seed=9, same=True), source=Source(model=str(MODEL))).painted
    best = {one.feature: one for one in reversed(painted.ranking)}
    assert len(painted.words) == 6493
    assert (best["brackets"].unit, round(best["brackets"].correlation, 2)) == (4, -0.87)
    assert (best["quotes"].unit, round(best["quotes"].correlation, 2)) == (9, 0.7)
    assert all(best[name].beyond_chance for name in ("brackets", "quotes"))


def test_a_model_of_characters_writes_characters(of_letters: Path) -> None:
    report = generate_report("(m", 60, 0.5, 1, source=Source(model=str(of_letters)))
    assert len(report.written) == 60
    assert all(len(one.word) == 1 or one.word == "\\x0a" for one in report.written)
    text = "(m" + "".join(one.word for one in report.written)
    assert set(text[: text.index(")")]) <= set("(mnop␣")  # it knows where it is: only such letters stand inside


def test_a_unit_that_is_made_to_hold_a_bracket_is_found() -> None:
    """A cell written by hand: its first unit is switched on by one word and off by another."""
    vocabulary = trained("lstm").vocabulary
    index = {word: vocabulary.ids([word])[0] for word in "()"}
    embedding = np.zeros((len(vocabulary), 2))
    embedding[index["("], 0] = embedding[index[")"], 1] = 1.0
    weight = np.zeros((8, 2))  # gates i, f, g, o of two units
    weight[0] = 20.0, 20.0  # a bracket opens the input gate
    weight[2] = -20.0, -20.0  # and closes the forget gate
    weight[4] = 10.0, -10.0  # candidate: on, off
    bias = np.array([-10.0, -10, 10, 10, 0, 0, 10, 10])
    cell = LSTM(weight, np.zeros((8, 2)), bias, np.zeros(8))
    network = Network(vocabulary, embedding, ((Direction(cell),),), np.zeros((0, 2)), np.zeros(0))
    words = tuple(("the cat ( a dog ) was here . " * 8).split())
    material = Material(words)
    painted = painted_of(View(network, material.run(network), material, place_of(network, None, "")))
    assert painted.unit == 0
    assert painted.follows[0].feature == "brackets"
    assert painted.follows[0].correlation > 0.8
