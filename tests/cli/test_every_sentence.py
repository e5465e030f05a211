"""Whatever the reader types, to whichever command: shown safely, in every form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from lstm_ascii.cli.app import COMMANDS
from tests.cli.calls import SAYS, WITH_SENTENCE
from tests.cli.program import answer, inside
from tests.cli.test_sentences import CONTROLS, NASTY

TAKING = tuple(name for name in COMMANDS if name in WITH_SENTENCE)
Capture = pytest.CaptureFixture[bytes]


def asked(name: str, sentence: str, *more: str) -> tuple[str, ...]:
    """Return the command line that gives ``sentence`` to a command."""
    return (name, *more, *(argument.replace(SAYS, sentence) for argument in WITH_SENTENCE[name]))


def test_every_command_that_takes_a_sentence_is_asked() -> None:
    for name in COMMANDS:
        if re.search(r"SENTENCE|--sentence TEXT", answer(name, "--help").text):
            assert name in WITH_SENTENCE, "it needs a line in tests/cli/calls.py"


@pytest.mark.parametrize("name", TAKING)
def test_nothing_of_a_sentence_acts_on_the_terminal(name: str, capsysbinary: Capture) -> None:
    for form in ((), ("--plain",), ("--tsv",), ("--ascii",)):
        result = inside(capsysbinary, *asked(name, NASTY.replace("\x00", ""), *form))
        if form == ("--tsv",) and result.code == 2:
            continue  # this answer has no table
        assert result.code == 0
        assert not set(result.text) & set(CONTROLS) - {"\t"}
        assert not set(result.text) & set("\u202e\u2066\u2028\u0085")


@pytest.mark.parametrize("name", TAKING)
def test_wide_words_and_markup_move_no_border(name: str, capsysbinary: Capture) -> None:
    result = inside(capsysbinary, *asked(name, f"the 日本語 [bold]cat[/] :warning: {'x' * 300} was", "--width", "60"))
    assert result.code == 0
    lines = result.text.splitlines()
    assert max(map(cell_len, lines)) <= 60
    assert {cell_len(line) for line in lines if re.match("[╭│╰].*[╮│╯]$", line)} <= {60}


@pytest.mark.parametrize("name", TAKING)
def test_the_other_forms_are_well_formed_whatever_the_sentence(
    name: str, tmp_path: Path, capsysbinary: Capture
) -> None:
    picture = tmp_path / "picture.svg"
    result = inside(capsysbinary, *asked(name, NASTY.replace("\x00", ""), "--json", "--export", str(picture)))
    assert result.code == 0
    assert result.out.isascii()
    json.loads(result.text)
    text = picture.read_text(encoding="utf-8")
    ElementTree.fromstring(text)  # noqa: S314 - our own
    assert not set(text) & set(CONTROLS)
