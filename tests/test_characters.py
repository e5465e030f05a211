"""Networks of characters: a vocabulary of single characters is read character by character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.errors import UnknownWordError, UsageError
from lstm_ascii.language.vocabulary import Vocabulary


def test_blanks_and_line_ends_are_characters_where_they_have_an_entry() -> None:
    vocabulary = Vocabulary.of_entries(["a", "b", " ", "\\x0a"])
    assert vocabulary.words == ("a", "b", "␣", "\\x0a")
    assert vocabulary.words_of("a b\nb") == ["a", "␣", "b", "\\x0a", "b"]
    assert vocabulary.ids(vocabulary.words_of("a b\nb")) == [0, 2, 1, 3, 1]


def test_white_space_without_an_entry_is_left_out() -> None:
    assert Vocabulary.of_entries(["a", "b"]).words_of("a b\n ba") == ["a", "b", "b", "a"]


@pytest.mark.parametrize("special", ["<unk>", "[PAD]", "#3", "‹unknown-s›"])
def test_entries_that_stand_for_something_else_make_no_words_of_characters(special: str) -> None:
    assert Vocabulary.of_entries(["a", "b", special]).words_of("ab") == ["a", "b"]


@pytest.mark.parametrize("entries", [["a", "cat"], ["a"], ["a", "I", "the"], ["<unk>", "cat", "dog"]])
def test_a_vocabulary_with_words_is_read_word_by_word(entries: list[str]) -> None:
    assert Vocabulary.of_entries(entries).words_of("a cat") == ["a", "cat"]


def test_a_character_without_an_entry_is_named() -> None:
    vocabulary = Vocabulary.of_entries(["a", "b"])
    with pytest.raises(UnknownWordError, match="c: not in the vocabulary"):
        vocabulary.ids(vocabulary.words_of("abc"))


def test_a_text_without_a_character_is_refused() -> None:
    with pytest.raises(UsageError, match="empty"):
        Vocabulary.of_entries(["a", "b"]).words_of(" \n")


@given(st.text(st.sampled_from("ab c\n\x1b\u202e"), min_size=1))
def test_characters_of_any_text_are_safe_to_print(text: str) -> None:
    try:
        words = Vocabulary.of_entries(["a", "b", " "]).words_of(text)
    except UsageError:
        assert not text.strip(" \n")
        assert " " not in text
    else:
        assert all(word.isprintable() for word in words)
        assert len(words) == len(text.replace("\n", ""))
