"""Options with values that can't be: one line that says what was expected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.program import SENTENCE, inside, is_clean_error, run

WRONG = [
    ("--word", "0", "expected 1 to 9"),
    ("--word", "10", "expected 1 to 9"),
    ("--word", "-1", "expected 1 to 9"),
    ("--word", "9" * 5000, "expected 1 to 9"),
    ("--word", "--5", "not in the sentence"),
    ("--word", "²", "not in the sentence"),
    ("--word", "dog", "not in the sentence"),
    ("--word", "\x1b[31m", "\\x1b[31m"),
    ("--unit", "32", "expected 0 to 31"),
    ("--unit", "-1", "expected 0 to 31"),
    ("--view", "cells", "got cells"),
    ("--view", "cell,,\x1b", "got \\x1b"),
    ("--cell", "elman", "got elman"),
    ("--cell", "", "--cell"),
    ("--cell", ",", "--cell"),
    ("--contrast", "was", "right:wrong"),
    ("--contrast", "was:was", "right:wrong"),
    ("--contrast", ":", "right:wrong"),
    ("--contrast", "was:xyzzy", "xyzzy"),
    ("--hidden", "0", "expected 1 to"),
    ("--hidden", "-1", "expected 1 to"),
    ("--hidden", "1000000", "expected 1 to"),
    ("--seed", "-1", "--seed"),
    ("--seed", str(1 << 64), "--seed"),
    ("--forget-bias", "nan", "--forget-bias"),
    ("--forget-bias", "inf", "--forget-bias"),
    ("--forget-bias", "1e9", "--forget-bias"),
    ("--width", "19", "--width"),
    ("--color", "sometimes", "auto, always or never"),
]
NO_NUMBER = [
    ("--unit", "x"),
    ("--hidden", "3.5"),
    ("--seed", "9" * 5000),
    ("--forget-bias", "one"),
    ("--width", "wide"),
]


@pytest.mark.parametrize(("option", "value", "told"), WRONG, ids=[f"{o}={ascii(v)[:12]}" for o, v, _ in WRONG])
def test_a_value_that_cannot_be_is_a_clean_usage_error(
    option: str, value: str, told: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, "explain", SENTENCE, f"{option}={value}")
    assert is_clean_error(result, 2)
    assert told in result.complaint


@pytest.mark.parametrize(("option", "value"), NO_NUMBER)
def test_what_is_no_number_is_a_usage_error(
    option: str, value: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, "explain", "x", option, value)
    assert (result.code, result.out) == (2, b"")
    assert option in result.complaint.splitlines()[-1]
    assert len(result.complaint.splitlines()) == 2  # with the usage


@pytest.mark.parametrize("word", ["cat", "CAT", "2", "'s", "."])
def test_a_word_is_found_by_number_or_by_text(word: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    result = inside(capsysbinary, "explain", "The cat's hungry.", "--view", "cell", "--cell", "gru", "--word", word)
    assert (result.code, result.err) == (0, b"")
    assert "at word" in result.text


@pytest.mark.parametrize(
    "more", ["--hidden=1", "--forget-bias=10000", "--forget-bias=-10000", f"--seed={(1 << 64) - 1}"]
)
def test_an_unusual_network_can_be_drawn(more: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    result = inside(capsysbinary, "explain", SENTENCE, more)
    assert (result.code, result.err) == (0, b"")
    assert b"nan" not in result.out


def test_views_are_drawn_in_the_order_they_are_asked_for(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    text = inside(capsysbinary, "explain", "cats", "--view", "Words, gates", "--cell", "gru").text
    assert text.index("1  IN WORDS") < text.index("2  WORD BY WORD")


@pytest.mark.parametrize("name", ["nothing.safetensors", "folder", "empty", "text"])
def test_a_model_that_cannot_be_read_is_a_clean_error(
    name: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("no network at all")
    result = inside(capsysbinary, "explain", "x", "--model", str(tmp_path / name))
    assert is_clean_error(result, 1)
    assert name in result.complaint


@pytest.mark.skipif(os.name != "posix", reason="such names exist on POSIX only")
def test_a_file_name_cannot_act_on_the_terminal() -> None:
    result = run("explain", "x", "--model", b"\x1b[31m\xff\n")
    assert is_clean_error(result, 1)
    assert "\x1b" not in result.complaint


@pytest.mark.parametrize("command", [("explain", "x"), ("gradients", "x"), ("compare",), ("agreement",)])
def test_the_name_of_a_network_that_is_empty_is_never_read_as_none(
    command: tuple[str, ...], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    for call in (("--model", ""), ("--model=",)):
        result = inside(capsysbinary, *command, *call)
        assert is_clean_error(result, 2)
        assert "--model: its name is empty; name a file, or leave the option out" in result.complaint


@pytest.mark.parametrize("option", ["--vocab", "--input"])
def test_an_empty_name_beside_a_network_is_refused(option: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    result = inside(capsysbinary, "explain", "x", "--model", "m.safetensors", option, "")
    assert is_clean_error(result, 2)
    assert f"{option}: its name is empty" in result.complaint


def test_another_empty_value_is_told_by_what_it_takes(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    for option, takes in (("--against", "TEXT"), ("--labels", "NAMES")):
        result = inside(capsysbinary, "explain", "x", option, "")
        assert is_clean_error(result, 2)
        assert f"{option}: is empty; give {takes}, or leave the option out" in result.complaint
