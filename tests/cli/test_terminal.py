"""Terminals of all kinds: narrow, wide, without colour, without Unicode."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from lstm_ascii.render.explain import SECTIONS
from tests.cli.program import BRIEF, SENTENCE, Result, answer, is_clean_error, run

ALL = ",".join(SECTIONS)


def longest_line(result: Result) -> int:
    """Return the columns of the longest line."""
    assert (result.code, result.err) == (0, b"")
    return max(cell_len(line) for line in result.text.splitlines())


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
def test_no_line_is_wider_than_asked_for(width: int) -> None:
    wide = answer(
        "explain", f"{SENTENCE} 日本語日本語 👨\u200d👩\u200d👧 {'x' * 300}", "--view", ALL, "--width", str(width)
    )
    assert longest_line(wide) <= width


def test_at_20_columns_every_word_and_every_gate_is_there() -> None:
    result = answer("explain", SENTENCE, "--view", "gates", "--width", "20")
    tables = re.findall(r"# word.*\n((?:[ \d].*\n)*)", result.text)
    for table in tables:
        first = [line.split()[0] for line in table.splitlines() if line.strip()]
        assert [number for number in first if number.isdigit()][:9] == [*"123456789"]
    for column in ("forget", "input", "output", "wrote", "wiped"):
        assert column in result.text


@pytest.mark.parametrize("columns", ["²", "abc", "-5", "", "0", "٣", "1e3", "9" * 30, " 40"])
def test_columns_that_make_no_sense_are_80(columns: str) -> None:
    assert run("explain", SENTENCE, *BRIEF, env={"COLUMNS": columns}) == answer("explain", SENTENCE, *BRIEF)


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("1", 20), ("100000", 160), ("99999999", 160)])
def test_columns_that_make_sense_are_taken_and_bounded(columns: str, width: int) -> None:
    assert longest_line(run("explain", SENTENCE, *BRIEF, env={"COLUMNS": columns})) == width


def test_the_option_beats_columns() -> None:
    assert longest_line(run("explain", SENTENCE, *BRIEF, "--width", "50", env={"COLUMNS": "90"})) == 50


@pytest.mark.parametrize("width", ["1", "19", "-5"])
def test_a_width_below_20_is_refused(width: str) -> None:
    assert is_clean_error(run("explain", "x", "--width", width), 2)


def test_a_pipe_gets_no_escape() -> None:
    for term in ("xterm-256color", "dumb", ""):
        assert b"\x1b" not in answer("explain", SENTENCE, *BRIEF, TERM=term, COLORTERM="truecolor").out


@pytest.mark.parametrize(
    ("option", "env", "colour"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "3", "TERM": "xterm-256color"}, True),
        ("auto", {"FORCE_COLOR": "0"}, False),
        ("auto", {"FORCE_COLOR": ""}, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
        ("always", {}, True),
        ("always", {"NO_COLOR": "1", "FORCE_COLOR": "0", "TERM": "dumb"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, False),
        ("auto", {"CLICOLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, False),
        ("auto", {"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
        ("auto", {"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True),
        ("always", {"CLICOLOR": "0"}, True),
    ],
)
def test_colour_is_decided_by_the_option_then_by_the_environment(
    option: str, env: dict[str, str], colour: bool
) -> None:
    result = run("explain", "cats", *BRIEF, "--color", option, env=env)
    assert (result.code, b"\x1b[" in result.out) == (0, colour)


def test_without_colour_the_text_is_the_same() -> None:

    coloured = run("explain", SENTENCE, "--color", "always").text
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == answer("explain", SENTENCE).text


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "ascii:strict", "cp437"])
def test_a_stream_without_unicode_gets_pure_ascii(encoding: str) -> None:
    result = run("explain", f"{SENTENCE} naïve 日本語 👍🏽", "--view", ALL, env={"PYTHONIOENCODING": encoding})
    assert (result.code, result.err) == (0, b"")
    assert result.out.isascii()
    assert rb"na\xefve" in result.out
    assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("utf8", ["0", "1"])
def test_the_c_locale_is_no_obstacle(utf8: str) -> None:
    env = {"LC_ALL": "C", "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0"}
    result = run("explain", SENTENCE, *BRIEF, env=env)
    assert (result.code, result.err) == (0, b"")
    assert result.out.isascii() == (utf8 == "0")


def test_the_ascii_option_draws_what_an_ascii_stream_gets() -> None:
    assert run("explain", SENTENCE, "--ascii") == run("explain", SENTENCE, env={"PYTHONIOENCODING": "ascii"})


def test_an_error_can_be_told_on_a_stream_without_unicode() -> None:
    result = run("explain", "x", "--view", "日本", env={"PYTHONIOENCODING": "ascii"})
    assert is_clean_error(result, 2)
