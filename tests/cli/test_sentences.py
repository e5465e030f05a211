"""Whatever the reader types: it is shown, safely, and the table stays in order."""

from __future__ import annotations

import os

import pytest
from rich.cells import cell_len

from lstm_ascii.render.explain import SECTIONS
from tests.cli.program import BRIEF, answer, is_clean_error, run

NASTY = (
    "\x1b[31mred \x1b]0;title\x07 a\x9b2J \x7f \x08\x08 \u202eevil \u2066x \u200d \ufe0f \u200dx x\u200d "
    "[/] [bold]b[/bold] [link=http://x]y :warning: 日本語 👨\u200d👩\u200d👧 🏽 🇩🇪 e\u0301\u0316 "
    "\u0301 ᄒ \u1161 a\ufe0f &<>\"' ]]> {0} %s \\ \u2028 \u0085 \u00a0 \ufffe \ud7ff"
)
CONTROLS = [chr(code) for code in [*range(32), *range(127, 160)] if chr(code) != "\n"]


def test_a_nasty_sentence_is_shown_whole_and_nothing_of_it_acts_on_the_terminal() -> None:
    result = run("explain", *BRIEF, "-", stdin=NASTY.encode())
    assert (result.code, result.err) == (0, b"")
    assert not set(result.text) & set(CONTROLS)
    assert not set(result.text) & set("\u202e\u2066\u2028\u0085")
    for shown in (
        r"\x1b[31mred",
        r"\x07",
        r"\x9b2J",
        r"\u202eevil",
        "日本語",
        "👨\u200d👩\u200d👧",
        r"\U0001f3fd",
        "◌\u0301",
    ):
        assert shown in result.text


@pytest.mark.parametrize("sentence", ["[/]", "[bold]x", "[link=http://x]y", ":warning:"])
def test_markup_is_literal(sentence: str) -> None:
    text = answer("explain", *BRIEF, sentence).text
    assert sentence in text.replace(" ", "")


def test_the_borders_stay_in_line() -> None:
    text = run("explain", "--view", "gates", "-", stdin=NASTY.encode()).text
    box = [line for line in text.splitlines() if line[:1] in "╭│╰" and line]
    assert len(box) > 3
    assert {cell_len(line) for line in box} == {80}


@pytest.mark.parametrize("view", ["", ",".join(SECTIONS)])
def test_one_word_is_enough(view: str) -> None:
    for sentence in ("Cats", "."):
        result = answer("explain", sentence, *(("--view", view) if view else ()))
        assert (result.code, result.err) == (0, b"")


def test_words_may_come_without_quotes() -> None:
    assert run("explain", "the", "cat", "was", *BRIEF) == run("explain", "the cat was", *BRIEF)


def test_a_sentence_that_looks_like_an_option_is_accepted_after_two_dashes() -> None:
    result = run("explain", *BRIEF, "--", "--help me", "-x")
    assert (result.code, result.err) == (0, b"")
    assert "--help me -x" in result.text


def test_standard_input_is_the_same_sentence() -> None:
    assert run("explain", "-", *BRIEF, stdin=b"the cat\nwas\r\n") == run("explain", "the cat was", *BRIEF)


def test_a_byte_order_mark_is_no_part_of_the_sentence() -> None:
    assert run("explain", "-", *BRIEF, stdin=b"\xef\xbb\xbfthe cat") == run("explain", "the cat", *BRIEF)


def test_standard_input_that_is_not_utf_8_is_shown_byte_by_byte() -> None:
    result = run("explain", "-", *BRIEF, stdin=b"caf\xe9 \xff\xfe\x00")
    assert (result.code, result.err) == (0, b"")
    assert r"caf\xe9 \xff\xfe\x00" in result.text


@pytest.mark.skipif(os.name != "posix", reason="arguments are bytes on POSIX only")
def test_an_argument_that_is_not_utf_8_is_shown_byte_by_byte() -> None:
    result = run("explain", *BRIEF, b"caf\xe9 \xff")
    assert (result.code, result.err) == (0, b"")
    assert r"caf\xe9 \xff" in result.text


def test_empty_standard_input_is_a_clean_error() -> None:
    assert is_clean_error(run("explain", "-"), 2)


def test_both_spellings_of_a_letter_give_the_same_answer() -> None:
    assert run("explain", "caf\u00e9", *BRIEF) == run("explain", "cafe\u0301", *BRIEF)


def test_two_thousand_words_go_into_a_pipe_whole() -> None:
    sentence = " ".join(f"the cat{number}" for number in range(1_000))
    result = run("explain", "-", "--all", stdin=sentence.encode())
    assert (result.code, result.err) == (0, b"")
    numbers = [
        line.split()[0] for line in result.text.split("WORD BY WORD")[1].splitlines() if line[:6].strip().isdigit()
    ]
    assert set(numbers) >= {str(number) for number in range(1, 2_001)}


def test_one_word_of_a_hundred_thousand_letters_is_shown() -> None:
    result = run("explain", *BRIEF, "-", stdin=b"x" * 100_000)
    assert (result.code, result.err) == (0, b"")
    assert result.text.count("x") >= 100_000
