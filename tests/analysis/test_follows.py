"""What is simple in a text is computed as it is defined, and how units follow it adds up exactly."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.analysis.follows import FEWEST, Follows
from lstm_ascii.analysis.text_features import (
    FEATURES,
    bracket_depth,
    frequency,
    inside_quotes,
    line_position,
    sentence_distance,
    shares_of,
    subject_number,
    text_features,
)
from lstm_ascii.language.grammar import Grammar
from lstm_ascii.language.lexicon import PLURAL, lexicon
from lstm_ascii.language.text import words_of
from lstm_ascii.language.vocabulary import Vocabulary


@pytest.mark.parametrize(("sentence", "plural"), [
    ("the cat that chased the mice was hungry", "-0000000"),
    ("the cats near the house were hungry", "-111111"),
    ("the cat that the dogs chase was hungry", "-0001000"),
    ("was the cat hungry ? the dogs were", "--00--11"),
    ("the boy and the girl were hungry", "-000111"),
    ("they said the boy was hungry .", "111000-"),
    ("the mice that have not chased the cat are", "-11111111"),
    ("wugs were hungry", "---"),
])  # fmt: skip
def test_the_number_is_that_of_the_subject(sentence: str, plural: str) -> None:
    found = ["-" if np.isnan(value) else f"{value:.0f}" for value in subject_number(sentence.split())]
    assert "".join(found) == plural


def test_the_number_before_most_verbs_of_the_grammar_is_theirs() -> None:
    grammar, right = Grammar(7), []
    for _ in range(60):
        document = grammar.document(120)
        numbers = subject_number(document.words)
        for target in document.targets:
            is_plural = lexicon().number(document.words[target.verb]) == PLURAL
            right.append(numbers[target.verb - 1] == is_plural)
    assert np.mean(right) > 0.85  # 0.89: a rule of thumb, held to what it says


def test_distances_begin_anew_behind_the_end_of_a_sentence() -> None:
    assert list(sentence_distance(words_of("The cat slept. Dogs bark!"))) == [0, 1, 2, 3, 0, 1, 2]


def test_positions_are_those_of_the_line() -> None:
    text = "The cat slept\nDogs bark"
    words = ["The", "cat", "slept", "\n", "Dogs", "bark"]
    positions = [int(place) for place in line_position(words)]
    assert positions[:3] == [text.index(word) for word in words[:3]]
    assert positions[4:] == [0, 5]
    assert list(text_features([*"ab", "\\x0a", *"cd"], characters=True)[:, 4]) == [0, 1, 2, 0, 1]


def test_quotes_and_brackets_hold_until_they_are_closed() -> None:
    assert "".join(f"{one:.0f}" for one in inside_quotes([*'a"b"c“d”"e', "\n", "\n", "f"])) == "0110011011100"
    assert "".join(f"{one:.0f}" for one in bracket_depth([*"a(b[c])d)"])) == "011221000"


def test_a_frequency_is_the_share_of_the_text() -> None:
    np.testing.assert_allclose(10 ** frequency(["the", "cat", "The", "."]), [0.5, 0.25, 0.5, 0.25])
    assert np.isnan(frequency(["wug", "the"], shares_of({"the": 10}))).tolist() == [True, False]


def test_characters_have_the_number_of_the_words_that_they_spell() -> None:
    text = "the cats ran. the cat "
    characters = Vocabulary.of_entries([*"abcdefghijklmnopqrstuvwxyz.", " "]).words_of(text)
    numbers = text_features(characters, characters=True)[:, 0]
    assert np.isnan(numbers[: text.index(" ran")]).all()  # before the word is whole
    assert (numbers[text.index(" ran") : text.index(" the cat ")] == 1).sum() >= 4
    assert numbers[-1] == 0


WHOLE = [list(FEATURES).index(name) for name in ("distance", "position")]  # which are whole numbers
TEXTS = st.lists(st.sampled_from(["the", "cats", "dog", "was", "(", ")", '"', ".", "\n", "“", "Ⅷ", "]"]), max_size=40)


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4), st.booleans())
def test_texts_one_behind_the_other_are_each_measured_alone(texts: list[list[str]], characters: bool) -> None:
    starts = [sum(map(len, texts[:number])) for number in range(len(texts))]
    shares, words = shares_of({"the": 3, "cats": 1}), [word for text in texts for word in text]
    alone = [text_features(text, shares, characters) for text in texts]
    np.testing.assert_array_equal(text_features(words, shares, characters, starts), np.concatenate(alone))


@given(TEXTS)
def test_every_feature_is_a_number_a_word(words: list[str]) -> None:
    features = text_features(words) if words else np.zeros((0, len(FEATURES)))
    assert features.shape == (len(words), len(FEATURES))
    for column, feature in zip(features.T, FEATURES.values(), strict=True):
        known = column[np.isfinite(column)]
        assert not feature.binary or set(known) <= {0.0, 1.0}
        assert feature.name == "number" or len(known) == len(column)


def drawn(words: int, units: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(words + units)
    features = rng.normal(size=(words, len(FEATURES)))
    features[:, WHOLE] = rng.integers(0, 40, (words, len(WHOLE)))
    features[:, :1] = rng.integers(0, 2, (words, 1))
    features[rng.random(words) < 0.2, 0] = np.nan
    return rng.normal(size=(words, units)), features


def test_the_score_is_pearsons_correlation() -> None:
    values, features = drawn(300, 5)
    found = Follows.of(values, features).correlations
    for k in range(5):
        for f in range(len(FEATURES)):
            known = np.isfinite(features[:, f])
            expected = np.corrcoef(values[known, k], features[known, f])[0, 1]
            assert found[k, f] == pytest.approx(expected, abs=1e-3)


@given(st.integers(0, 60), st.integers(0, 60))
def test_pieces_add_up_exactly(first: int, second: int) -> None:
    values, features = drawn(60, 3)
    first, second = sorted((first, second))
    cuts = [slice(0, first), slice(first, second), slice(second, 60)]
    parts = [Follows.of(values[cut], features[cut]) for cut in cuts]
    whole = Follows.of(values, features)
    for together in (parts[0] + parts[1] + parts[2], parts[2] + (parts[1] + parts[0])):
        for one in fields(Follows):
            assert np.array_equal(getattr(together, one.name), getattr(whole, one.name))


def test_what_does_not_vary_follows_nothing() -> None:
    values, features = drawn(50, 3)
    values[:, 1] = 0.25
    features[:, 2] = 1
    found = Follows.of(values, features).correlations
    assert np.isnan(found[1]).all()
    assert np.isnan(found[:, 2]).all()
    assert np.isfinite(found[0, 1])
    assert np.isnan(Follows.of(values[: FEWEST - 1], features[: FEWEST - 1]).correlations).all()


def test_no_number_is_left_out() -> None:
    values, features = drawn(50, 3)
    values[7, 1] = np.inf
    rest = np.arange(50) != 7
    assert np.array_equal(Follows.of(values, features).product, Follows.of(values[rest], features[rest]).product)


def test_units_of_noise_stay_below_what_chance_gives() -> None:
    rng = np.random.default_rng(0)
    found = Follows.of(rng.normal(size=(2000, 200)), rng.normal(size=(2000, len(FEATURES))) * 10)
    assert (np.abs(found.correlations).max(axis=0) < found.chance() * 1.15).all()
    assert (np.abs(found.correlations).max(axis=0) > found.chance() * 0.6).all()
