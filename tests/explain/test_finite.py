"""Only a form that agrees with a subject is asked for."""

from __future__ import annotations

import pytest

from lstm_ascii import explain
from lstm_ascii.language.finite import is_finite
from lstm_ascii.language.text import words_of


@pytest.mark.parametrize(
    ("sentence", "word", "agrees"),
    [
        ("the dogs run", "run", True),
        ("the dog wants to run", "run", False),
        ("the dogs don't often run", "run", False),
        ("the dogs don't often run", "do", True),
        ("did the old dog near the cats bark ?", "bark", False),
        ("he did what the dogs do", "do", True),
        ("the dogs that can swim bark", "bark", True),
        ("the boys who go to the houses run", "run", True),
        ("which of the keys don't fit", "do", True),
        ("what do the dogs like ?", "like", False),
        ("what do the girls who live near the farmer like ?", "like", False),
        ("what do the girls who live near the farmer like ?", "live", True),
        ("can the dog that barks run ?", "run", False),
        ("do the cats sleep , and the dogs run ?", "run", True),
        ("a summer's day", "'s", False),
        ("the cat's hungry friend", "'s", False),
        ("the cat's hungry", "'s", True),
        ("he's a teacher", "'s", True),
        ("to the dogs were given cats", "were", True),
    ],
)
def test_a_form_agrees_where_its_neighbours_let_it(sentence: str, word: str, agrees: bool) -> None:
    words = words_of(sentence)
    assert is_finite(words, words.index(word)) is agrees


def test_an_infinitive_is_not_asked_for() -> None:
    report = explain("The dogs that the man kept in the barns were not allowed to run in the streets.", cells=("lstm",))
    choice = report.networks[0].asked
    assert (choice.right, choice.wrong, report.words[choice.after]) == ("were", "was", "were")
    assert [step.word for step in report.networks[0].steps if step.pair] == ["barns"]
