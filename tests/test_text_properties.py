"""What holds for any text at all."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible, words_of

# Those that terminals, tables of widths and normal forms disagree about most, beside all of Unicode.
AWKWARD = (
    "\x00\x07\x08\x1b\x7f\x85\x9b\xad\u0301\u0316\u034f\u1161\u200b\u200c\u200d\u200e\u202e\u2028"
    "\u2066\u20e3\ufe0f\ufeff\ud800\udcff\U000e0041"
)
TYPED = "abT .,!?'’“”()[]{}\\:;…1é日한क\u093f"
EMOJI = "👨👩👍😀❤🚀🏽🇩🇪↔"
# (no category is excluded: surrogates, control characters and what is not assigned are typed, too)
texts = st.lists(
    st.one_of(st.sampled_from(AWKWARD), st.sampled_from(TYPED), st.sampled_from(EMOJI), st.characters()), max_size=40
).map("".join)


def words_or_none(text: str) -> list[str]:
    """Return the words, none where there are none."""
    try:
        return words_of(text)
    except UsageError:
        return []


@given(texts)
@example("👨\u200d👩\u200d👧\u200d")
@example("\x7f\u0307")
@example("(\ufe0fx")
def test_no_word_is_empty_or_holds_what_is_not_printed(text: str) -> None:
    for word in words_or_none(text):
        assert word
        assert word.split() == [word]
        for place, character in enumerate(word):
            if unicodedata.category(character)[0] == "C":
                assert character == "\u200d"
                assert unicodedata.category(word[place + 1]) in ("So", "Sm")


@given(texts)
@example("isn't couldn't've x's's 'n't's")
@example("\x1b's")
@example("\x7f\u0307")
def test_words_put_together_again_give_the_same_words(text: str) -> None:
    words = words_or_none(text)
    assert words_or_none(" ".join(words)) == words


@given(texts)
def test_the_spelling_of_a_letter_changes_nothing(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert words_or_none(composed) == words_or_none(decomposed) == words_or_none(text)


@given(texts)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(texts)
def test_no_letter_is_lost(text: str) -> None:
    joined = "".join(words_or_none(text))
    for character in unicodedata.normalize("NFC", text):
        if character.isalnum() and unicodedata.category(character) != "Lo":  # some of those are invisible
            assert character in joined


@pytest.mark.parametrize(
    "piece", ["a", "'s", "a's", "n't", ".", "'", "é", "日", "😀\u200d", "\u200d", "\x1b", "o\u0301", "\u0301\u0316"]
)
def test_a_long_text_without_blanks_is_split_in_linear_time(piece: str) -> None:
    assert words_of(piece * (1_000_000 // len(piece.encode())))
