"""Exit codes and streams: the answer on standard output, one line about what went wrong on standard error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lstm_ascii.language.text import SEED_SENTENCE
from tests.cli.program import BRIEF, SENTENCE, answer, is_clean_error, new, run, run_on_a_full_disk, shell

ON_UNIX = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


def test_an_answer_is_all_on_standard_output() -> None:
    result = answer("explain", SENTENCE, *BRIEF)
    assert result.code == 0
    assert result.err == b""
    assert "cat" in result.text
    assert result.text.endswith("\n")


@pytest.mark.parametrize("sentence", [SENTENCE, ""])
def test_a_fork_answers_as_a_new_process_does(sentence: str) -> None:
    assert run("explain", sentence) == new("explain", sentence)


@pytest.mark.parametrize("sentence", ["", "  ", "\n\t"])
def test_an_empty_sentence_is_a_clean_error(sentence: str) -> None:
    assert is_clean_error(run("explain", sentence), 2)


def test_without_a_sentence_one_is_shown_and_it_is_said_so() -> None:
    result = run("explain")
    assert (result.code, result.err) == (0, b"")
    assert SEED_SENTENCE.removesuffix("was hungry.") in " ".join(result.text.replace("│", " ").split())
    assert "No sentence was given: this one is the program's own." in result.text
    assert "No sentence was given" not in run("explain", SEED_SENTENCE).text


def test_a_sentence_without_a_command_is_explained() -> None:
    assert run(SENTENCE, *BRIEF) == answer("explain", SENTENCE, *BRIEF)
    assert run("  the cat\twas ", *BRIEF) == answer("explain", "the cat was", *BRIEF)


def test_a_page_has_one_form() -> None:
    for forms in (("--brief", "--all"), ("--all", "--view", "cell"), ("--brief", "--view", "cell")):
        result = run("explain", SENTENCE, *forms)
        assert is_clean_error(result, 2)
        assert "--brief, --all and --view: expected one of them" in result.complaint


@pytest.mark.parametrize("option", ["--nonsense", "--wdth=40", "-Z", "--\x1b[31m"])
def test_an_unknown_option_is_named_on_standard_error_and_the_usage_is_shown(option: str) -> None:
    result = run("explain", "x", option)
    assert (result.code, result.out) == (2, b"")
    assert result.complaint.startswith("Usage: lstm-ascii explain")
    assert len(result.complaint.splitlines()) == 2
    assert "\x1b" not in result.complaint


def test_an_unknown_command_is_a_usage_error() -> None:
    result = run("nonsense")
    assert (result.code, result.out) == (2, b"")
    assert "No such command" in result.complaint.splitlines()[-1]


def test_no_command_at_all_shows_the_help_on_standard_error() -> None:
    result = run()
    assert (result.code, result.out) == (2, b"")
    assert "explain" in result.complaint


@ON_UNIX
def test_a_reader_that_leaves_early_is_no_error() -> None:
    result = shell('{ "$@"; echo "code $?" >&2; } | head -1', "explain", SENTENCE, "--cell", "gru")
    assert result.out.decode().startswith("╭─ lstm-ascii")
    assert result.err in (b"code 0\n", b"code 141\n")


@ON_UNIX
def test_a_reader_that_left_before_anything_was_written_is_no_error() -> None:
    result = shell('{ sleep 1; "$@"; echo "code $?" >&2; } | true', "explain", SENTENCE, *BRIEF)
    assert result.err in (b"code 0\n", b"code 141\n")


@ON_UNIX
@pytest.mark.parametrize("arguments", [("explain", "x", *BRIEF), ("explain", "x", "--json"), ("--help",)])
def test_a_closed_standard_output_is_no_traceback(arguments: tuple[str, ...]) -> None:
    result = shell('"$@" >&-', *arguments)
    assert result.code in (0, 1)
    assert len(result.complaint.splitlines()) == result.code
    assert "Traceback" not in result.complaint


@ON_UNIX
def test_a_closed_standard_error_is_no_obstacle() -> None:
    assert shell('"$@" 2>&-', "explain", "x", *BRIEF).code == 0
    assert shell('"$@" 2>&-', "explain", "").code == 2


@ON_UNIX
def test_a_closed_standard_input_is_a_clean_error() -> None:
    assert is_clean_error(shell('"$@" <&-', "explain", "-"), 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [("explain", SENTENCE, *BRIEF), ("explain", "x", "--json"), ("--help",)])
def test_a_full_disk_is_a_clean_error(arguments: tuple[str, ...]) -> None:
    result = run_on_a_full_disk(*arguments)
    assert is_clean_error(result, 1)
    assert "No space left" in result.complaint


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
def test_a_read_only_home_and_folder_are_enough() -> None:
    result = run("explain", "x", *BRIEF, env={"HOME": "/proc", "TMPDIR": "/proc"}, cwd="/proc")
    assert (result.code, result.err) == (0, b"")


def test_a_home_that_does_not_exist_is_enough(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert run("explain", "x", *BRIEF, env={"HOME": nowhere, "XDG_CACHE_HOME": nowhere}, cwd=tmp_path).code == 0
    assert list(tmp_path.iterdir()) == []
