"""``lstm-ascii learn`` as its readers run it: into a pipe, and on a terminal that answers."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

import pytest

from lstm_ascii.reports.learn.course import DEFAULT_SENTENCE
from tests.cli.program import TIMEOUT, answer, command, environment, inside, is_clean_error

pexpect = pytest.importorskip("pexpect")
ON_UNIX = pytest.mark.skipif(os.name != "posix" or sys.platform == "emscripten", reason="needs a pseudo-terminal")

MOST_LINES = 620  # of 80 columns, all parts; 1,819 before pictures came without heads and known legends


def test_into_a_pipe_it_goes_straight_through_with_the_answers() -> None:
    text = answer("learn", "2-3").text
    assert re.findall(r"Part (\d+) of 11", text) == ["2", "3"]
    assert text.count("ANSWERS") == 1
    assert all(text.index(f"{number} ") < text.index("ANSWERS") for number in ("2.1", "2.2", "3.1", "3.2"))
    assert "Enter" not in text


def test_what_is_shown_is_what_the_command_prints(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    printed = inside(capsysbinary, "explain", DEFAULT_SENTENCE, "--view", "decided").text
    table = printed[printed.index("  2 cat ") : printed.index("\n\n *")]
    assert table in inside(capsysbinary, "learn", "2").text


def test_every_part_ends_in_a_question_and_the_answers_stand_at_the_end(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    text, _, answers = inside(capsysbinary, "learn", "--width", "80").text.partition(" ANSWERS\n")
    parts = re.split(r"^══ Part (\d+) of 11: .*$", text, flags=re.MULTILINE)[1:]
    assert parts[::2] == [str(number) for number in range(1, 12)]
    for number, part in zip(parts[::2], parts[1::2], strict=True):
        last = part.rstrip().split("\n\n")[-1]
        questions = re.findall(rf"^ {number}\.\d .*?\?\n +a\) ", last, re.MULTILINE | re.DOTALL)
        assert questions, number
        assert len(re.findall(rf"\b{number}\.\d [a-d]\)\s", answers)) == len(questions)


def test_the_whole_course_is_a_third_of_what_its_commands_print(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert len(inside(capsysbinary, "learn", "--width", "80").text.splitlines()) <= MOST_LINES


def test_the_same_course_twice_is_the_same() -> None:
    assert answer("learn", "5") == answer("learn", "5", TERM="dumb")


def test_the_list_names_all_parts(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    text = inside(capsysbinary, "learn", "--list").text
    assert re.findall(r"^ +(\d+)  \w", text, re.MULTILINE) == [str(number) for number in range(1, 12)]


def test_of_a_part_one_may_see_some(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    notebook = inside(capsysbinary, "learn", "gates", "--view", "notebook").text
    assert "eraser" in notebook
    assert not {"$", "✗", "?"} & set(notebook)
    asked = inside(capsysbinary, "learn", "gates", "--view", "questions,answers").text
    assert re.findall(r"\b7\.\d [A-Z]", asked)
    assert "ANSWERS" in asked
    assert "eraser" not in asked
    assert is_clean_error(inside(capsysbinary, "learn", "gates", "--view", "all"), 2)


@pytest.mark.parametrize("wanted", ["0", "12", "nothing"])
def test_a_part_that_there_is_not_is_a_clean_error(wanted: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    result = inside(capsysbinary, "learn", wanted)
    assert is_clean_error(result, 2)
    assert "7 gates" in result.complaint


def test_json_has_the_figures_in_full_precision(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    report = json.loads(inside(capsysbinary, "learn", "7", "--json").text)
    pieces = [piece for one in report["parts"][0]["experiments"] for said in one["said"] for piece in said]
    figures = {piece["name"]: piece["value"] for piece in pieces if isinstance(piece, dict)}
    assert 0 < figures["lstm.keeps mean"] < 1
    assert len(repr(figures["lstm.keeps mean"])) > 8
    assert [answer["right"] for answer in report["parts"][0]["checkpoints"][0]["answers"]].count(True) == 1


@pytest.mark.parametrize("option", ["--plain", "--tsv"])
def test_the_other_ways_to_tell_it_work(option: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    result = inside(capsysbinary, "learn", "6", option)
    assert (result.code, result.err) == (0, b"")
    assert "cat" in result.text


def conversation(*arguments: str, term: str = "dumb") -> Any:
    """Start the program on a terminal."""
    return pexpect.spawn(
        sys.executable,
        [str(part) for part in command(*arguments)[1:]],
        env=environment(TERM=term, COLUMNS="80"),
        dimensions=(50, 80),
        encoding="utf-8",
        timeout=TIMEOUT,
    )


def ended(child: Any) -> tuple[int, str]:
    """Wait for the end; return the exit code and the last words."""
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, child.before


@ON_UNIX
def test_on_a_terminal_it_waits_and_takes_answers_and_counts() -> None:
    child = conversation("learn", "2")
    child.expect(r"Enter goes on \(1 of 3\), q leaves: ")
    assert "WHO DECIDED" not in child.before  # no picture before the text was read
    child.sendline("")
    child.expect(r"Enter goes on \(2 of 3\), q leaves: ")
    child.sendline("")
    child.expect(r"CHECKPOINT\s+1 ")
    child.expect(r"Your answer \(a-c, Enter skips, q leaves\): ")
    child.sendline("x")
    child.expect("Please a, b or c, Enter or q: ")
    child.sendline("A")
    child.expect("No.")
    child.expect(r"Your answer \(a-b, Enter skips, q leaves\): ")
    assert "CHECKPOINT" not in child.before
    child.sendline("b")
    child.expect("Right.")
    assert ended(child)[0] == 0
    assert "Your score: 1 of 2 answered questions right." in child.before


@ON_UNIX
def test_between_parts_it_waits_and_a_question_can_be_skipped() -> None:
    child = conversation("learn", "2-3")
    for _ in range(2):
        child.expect("Enter goes on")
        child.sendline("")
    for _ in range(2):
        child.expect("Your answer")
        child.sendline("")
        child.expect("is right.")
    child.expect("Enter goes on to part 3, q leaves: ")
    child.sendline("q")
    code, last = ended(child)
    assert code == 0
    assert "2 skipped" in last


@ON_UNIX
@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 0)])
def test_ctrl_c_and_ctrl_d_leave_cleanly_with_the_score(key: str, code: int) -> None:
    child = conversation("learn", "2")
    for _ in range(2):
        child.expect("Enter goes on")
        child.sendline("")
    child.expect("Your answer")
    child.sendline("a")
    child.expect("Your answer")
    child.send(key)
    ended_with, last = ended(child)
    assert ended_with == code
    assert "Your score: 0 of 1 answered question right." in last
    assert "Traceback" not in last


@ON_UNIX
def test_on_a_terminal_it_can_be_told_plainly() -> None:
    child = conversation("learn", "2", "--plain")
    child.expect("Part 2 of 11: Why sequences need memory")
    for _ in range(2):
        child.expect("Enter goes on")
        child.sendline("")
    child.expect(r"Checkpoint\s+1 ")
    child.sendline("q")
    assert ended(child)[0] == 0
    assert "╭" not in child.before


@ON_UNIX
def test_in_the_part_about_the_cell_one_walks_through_the_sentence_and_comes_back() -> None:
    pytest.importorskip("textual")
    child = conversation("learn", "6", "--sentence", "The cat near the dogs was hungry.", term="xterm-256color")
    try:
        child.expect(r"Enter goes on \(1 of \d\), s walks through your sentence, q leaves: ")
        child.sendline("s")
        child.expect_exact("2 of 8")  # at the word that decides
        child.expect_exact("? shows all keys")
        child.send("q")
        child.expect(r"Enter goes on \(1 of \d\), s walks")
        child.sendline("q")
        assert ended(child)[0] == 0
    finally:
        child.close(force=True)
