"""What a reader may type, and what becomes of it: cases one by one."""

from __future__ import annotations

import unicodedata

import pytest

from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible, words_of

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize("sentence", ["", " ", "\t\n\r", "\u00a0\u3000\u2028\u0085"])
def test_a_sentence_without_words_is_refused(sentence: str) -> None:
    with pytest.raises(UsageError, match="the sentence is empty"):
        words_of(sentence)


def test_one_word_is_a_sentence() -> None:
    assert words_of("Cats") == ["Cats"]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x1b]8;;http://x\x1b\\link", r"\x1b]8;;http://x\x1b\link"),
        ("\x1b]52;c;cm0=\x07", r"\x1b]52;c;cm0=\x07"),
        ("a\x9b2J", r"a\x9b2J"),
        ("a\x00b", r"a\x00b"),
        ("a\x7f", r"a\x7f"),
        ("a\x08\x08b", r"a\x08\x08b"),
        ("\u202eevil", r"\u202eevil"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("\udcff", r"\xff"),
        ("\ud800", r"\ud800"),
        ("x\U000e0041", r"x\U000e0041"),
        ("soft\u00adhyphen", r"soft\xadhyphen"),
        ("\ufeffThe", r"\ufeffThe"),
        ("\ue000", r"\ue000"),
    ],
)
def test_what_acts_on_a_terminal_is_written_out(raw: str, shown: str) -> None:
    assert words_of(raw) == [shown]


def test_a_carriage_return_separates_words_and_is_written_out_elsewhere() -> None:
    assert words_of("one\rtwo") == ["one", "two"]
    assert visible("one\rtwo") == r"one\x0dtwo"


@pytest.mark.parametrize("place", ["\u200d", "\u200dx", "x\u200d", "a\u200db", "😀\u200d", "\u200d😀", "a\u200d😀"])
def test_a_joiner_with_nothing_to_join_is_written_out(place: str) -> None:
    assert words_of(place) == [place.replace("\u200d", r"\u200d")]


@pytest.mark.parametrize(
    "emoji",
    [FAMILY, "👩\u200d❤\ufe0f\u200d👨", "🧑🏽\u200d🚀", "🏳\ufe0f\u200d🌈", "❤\ufe0f", "👍🏽", "🇩🇪", "1\ufe0f\u20e3"],
)
def test_an_emoji_stays_whole(emoji: str) -> None:
    assert words_of(f"I {emoji} it") == ["I", emoji, "it"]


@pytest.mark.parametrize(
    ("raw", "shown"), [("🏽", r"\U0001f3fd"), ("a🏽", r"a\U0001f3fd"), ("🇩", r"\U0001f1e9"), ("🇩🇪🇩", r"🇩🇪\U0001f1e9")]
)
def test_parts_of_an_emoji_alone_are_written_out(raw: str, shown: str) -> None:
    assert words_of(raw) == [shown]


@pytest.mark.parametrize("first", ["\x00", "\ufe0f", "\u200b", "\u2060"])
def test_an_invisible_first_character_is_written_out(first: str) -> None:
    assert words_of(f"{first}cat")[0].startswith("\\")


def test_a_selector_needs_something_to_select() -> None:
    assert words_of("x\ufe0f\ufe0f") == ["x\ufe0f\\ufe0f"]


@pytest.mark.parametrize("markup", ["[/]", "[bold]x[/bold]", "[link=http://x]y", ":warning:", "%s{0}"])
def test_markup_is_literal(markup: str) -> None:
    assert "".join(words_of(markup)) == markup


def test_a_mark_never_sits_on_what_is_printed_before_the_word() -> None:
    assert words_of("\u0301x") == ["◌\u0301x"]
    assert words_of("(\u0301x") == ["(", "◌\u0301x"]
    assert words_of("\x7f\u0307") == ["\\x7f◌\u0307"]
    assert words_of("\u1161") == ["◌\u1161"]


def test_marks_beyond_thirty_on_one_letter_are_written_out() -> None:
    (word,) = words_of("o" + "\u0301\u0316" * 20)
    assert sum(unicodedata.combining(character) > 0 for character in word) <= 30
    assert word.endswith(r"\u0301\u0316")


@pytest.mark.parametrize("text", ["Ça naïve façade", "Å ﬁne ½ cup", "한국어 말", "Việt Nam", "क़लम"])
def test_both_spellings_of_a_letter_give_the_same_words(text: str) -> None:
    assert words_of(unicodedata.normalize("NFC", text)) == words_of(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r\n", "\u00a0", "\u0085", "\u2028", "\u2029", "\u3000", "\x1c"])
def test_whatever_is_white_space_separates_words(blank: str) -> None:
    assert words_of(f"the{blank}cat") == ["the", "cat"]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The cat, that sat.", ["The", "cat", ",", "that", "sat", "."]),
        ("Well... no?!", ["Well", "...", "no", "?", "!"]),
        ("“It’s (not) 3.14”", ["“", "It", "'s", "(", "not", ")", "3.14", "”"]),
        ("They weren't, I'd've said", ["They", "were", "n't", ",", "I", "'d", "'ve", "said"]),
        ("CAN'T the cats' well-known", ["CA", "N'T", "the", "cats", "'", "well-known"]),
        ("was n't 's", ["was", "n't", "'s"]),
        ("--help -x", ["--help", "-x"]),
    ],
)
def test_punctuation_and_contractions_are_words(sentence: str, words: list[str]) -> None:
    assert words_of(sentence) == words


@pytest.mark.parametrize("path", ["plain", "C:\\x", "a b", "", "‹unknown-s›", "›‹"])
def test_plain_text_is_shown_as_it_is(path: str) -> None:
    assert visible(path) == path


def test_angle_brackets_hide_nothing() -> None:
    assert visible("‹\u202e›\u0301\x1b‹") == "‹\\u202e›\u0301\\x1b‹"
