"""The words: how many, their numbers, their twins, their classes."""

import subprocess
import sys

import pytest

from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.unknown import UNKNOWN_CLASSES, unknown_class

COURSE = """
the cat that chased the mouse that ate the cheese that sat on the table was hungry . mice cheeses tables
the dog was sleeping the boy who wore a red hat and played in the park was playing
park movie that i watched last night was not entertaining director
""".split()  # noqa: SIM905


def test_there_are_at_least_1500_word_forms_and_none_stands_twice():
    words = lexicon().words
    assert len(words) == len(set(words)) >= 1500
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize("word", COURSE)
def test_the_words_of_the_course_are_known(word):
    assert lexicon().word_class(word) is not None


def test_jurassic_is_not_known():
    assert lexicon().word_class("jurassic") is None
    assert lexicon().same_class("jurassic") == ()


def test_twins_of_nouns_and_verbs_are_an_involution_that_changes_the_number():
    words = lexicon()
    for word in words.words:
        twin = words.twin(word)
        if twin is not None and (words.word_class(word) or "").startswith(("noun", "verb")):
            assert words.twin(twin) == word
            assert {words.number(word), words.number(twin)} == {"singular", "plural"}


@pytest.mark.parametrize(
    ("one", "many"),
    [("cat", "cats"), ("mouse", "mice"), ("child", "children"), ("was", "were"), ("is", "are"), ("has", "have"),
     ("does", "do"), ("chases", "chase"), ("goes", "go"), ("cries", "cry"), ("this", "these")],
)  # fmt: skip
def test_some_twins(one, many):
    words = lexicon()
    assert words.twin(one) == many
    assert words.twin(many) == one
    assert words.number(one) == "singular"
    assert words.number(many) == "plural"


def test_every_common_noun_has_a_twin_but_those_of_one_number():
    words = lexicon()
    without = {words.word_class(word) for word in words.words if words.is_noun(word) and not words.twin(word)}
    assert without == {"noun mass", "noun plural"}


@pytest.mark.parametrize(
    ("word", "number"),
    [("water", "singular"), ("news", "singular"), ("police", "plural"), ("scissors", "plural"), ("team", "singular"),
     ("criteria", "plural"), ("alumni", "plural"), ("larvae", "plural"), ("crises", "plural"), ("sheep", None)],
)  # fmt: skip
def test_some_numbers(word, number):
    assert lexicon().number(word) == number


def test_a_form_belongs_to_one_class_and_its_class_holds_it():
    words = lexicon()
    for word in words.words:
        name = words.word_class(word)
        assert name is not None
        assert word in words.members[name]
        assert word not in words.same_class(word)
    assert "dogs" in words.same_class("cats")
    assert "dog" not in words.same_class("cats")


@pytest.mark.parametrize(
    ("word", "article"),
    [("cat", "a"), ("apple", "an"), ("university", "a"), ("useful", "a"), ("ugly", "an"), ("honest", "an"),
     ("european", "a")],
)  # fmt: skip
def test_the_article_goes_by_sound(word, article):
    assert lexicon().article(word) == article


def test_an_unknown_class_never_lies_about_a_noun():
    words = lexicon()
    assert words.honest_class("feet") == "‹unknown-plural›"
    assert words.honest_class("criteria") is None
    assert words.honest_class("news") is None
    assert words.honest_class("cats") == "‹unknown-s›"
    assert words.honest_class("bus") == "‹unknown›"


@pytest.mark.parametrize(
    ("word", "first", "expected"),
    [
        ("wugs", False, "‹unknown-s›"), ("wug", False, "‹unknown›"), ("glass", False, "‹unknown›"),
        ("virus", False, "‹unknown›"), ("basis", False, "‹unknown›"), ("gas", False, "‹unknown›"),
        ("pizzas", False, "‹unknown-s›"), ("blicked", False, "‹unknown-ed›"), ("seed", False, "‹unknown›"),
        ("blicking", False, "‹unknown-ing›"), ("spring", False, "‹unknown›"), ("blickly", False, "‹unknown-ly›"),
        ("Jurassic", False, "‹unknown-name›"), ("Jurassic", True, "‹unknown›"), ("Wugs", True, "‹unknown-s›"),
        ("Beatles", False, "‹unknown-names›"), ("NASA", True, "‹unknown-name›"), ("3.5", False, "‹unknown-number›"),
        ("postmen", False, "‹unknown-plural›"), ("specimen", False, "‹unknown›"), ("algae", False, "‹unknown-plural›"),
        ("stepchildren", True, "‹unknown-plural›"), ("taxi", False, "‹unknown›"), ("foci", False, "‹unknown-plural›"),
        ("2nd", False, "‹unknown-number›"), ("$5", False, "‹unknown-number›"), ("—", False, "‹unknown-symbol›"),
        ("😀", True, "‹unknown-symbol›"), ("猫", False, "‹unknown›"), ("", False, "‹unknown-symbol›"),
    ],
)  # fmt: skip
def test_unknown_words_are_read_by_their_letters(word, first, expected):
    assert unknown_class(word, first) == expected
    assert expected in UNKNOWN_CLASSES


def test_the_lexicon_needs_neither_numpy_nor_rich():
    load = "import sys; from lstm_ascii.language.lexicon import lexicon; lexicon()"
    code = f"{load}; print({{'numpy', 'rich'}} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert answer.stdout.strip() == "set()"
