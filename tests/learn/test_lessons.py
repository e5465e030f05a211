"""The texts of the course as data: no figure typed by hand, no command that there isn't, nothing left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.text import Text

from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.lessons.course import Lesson, course, lesson_of, lessons_matching
from lstm_ascii.render.glyphs import to_ascii
from lstm_ascii.render.layout import paragraph
from tests.learn.commands import complaint, conditions, lines, texts

MOST_LINES = 22  # of 80 columns, before the first picture
SAFE = re.compile(
    r"`[^`]*`"  # typed: held against the program by another test
    r"|\{[^{}]*\}"  # computed
    r"|\b(?:19[4-9]\d|20[0-2]\d)\b"  # years of publications
    r"|[A-Za-z]\w*_t[-+]1"  # letters of the equations: h_t-1
    r"|\bfrom −1 to 1\b|\bbetween −1 and 1\b"  # the range of tanh
    r"|\bfrom 0 to 1\b|\bbetween 0 and 1\b"  # the range of a gate
    r"|\b1 − z\b"  # what the GRU adds
    r"|(?<=\S )[01]\b(?![.,]?\d)"  # the two ends of a gate; where a product ends; a bias
    r"|\b(?:S4|h_0|C_0)\b"  # names
)


def typed_by_hand(text: str) -> list[str]:
    """Return the figures in a text that nothing computes."""
    return re.findall(r"\S*\d\S*", SAFE.sub("", text))


@pytest.mark.parametrize("lesson", course(), ids=lambda lesson: lesson.name)
def test_no_figure_is_typed_by_hand(lesson: Lesson) -> None:
    assert [found for text in texts(lesson) for found in typed_by_hand(text)] == []


@pytest.mark.parametrize("text", ["it keeps 0.9 of it", "after 18 steps", "about 87%", "3e-10 is left", "0.5", "10"])
def test_a_figure_typed_by_hand_is_found(text: str) -> None:
    assert typed_by_hand(text)


@pytest.mark.parametrize("lesson", course(), ids=lambda lesson: lesson.name)
def test_every_command_line_is_one_that_the_program_takes(lesson: Lesson) -> None:
    assert {line: wrong for line in lines(lesson) if (wrong := complaint(line))} == {}


@pytest.mark.parametrize("line", ["explan x", "explain x --colour red", "gradients --steps many", "glossary --list"])
def test_a_command_line_that_the_program_does_not_take_is_found(line: str) -> None:
    assert complaint(line)


@pytest.mark.parametrize("lesson", course(), ids=lambda lesson: lesson.name)
def test_each_part_has_a_picture_an_experiment_a_mistake_questions_and_sources(lesson: Lesson) -> None:
    assert any("{" in shown.command for shown in lesson.show)  # on the reader's sentence
    assert len(lesson.question) >= 2
    assert lesson.mistake
    assert lesson.tries
    assert all(re.search(r"(19|20)\d\d", source) for source in lesson.sources)
    assert lesson.sources


def test_the_parts_come_in_the_order_of_the_course() -> None:
    names = ["feedforward", "sequences", "rnn", "vanishing", "lstm", "cell", "gates", "gru", "training", "choosing"]
    assert [lesson.name for lesson in course()] == [*names, "successors"]
    assert [lesson.number for lesson in course()] == list(range(1, 12))


@pytest.mark.parametrize("lesson", course(), ids=lambda lesson: lesson.name)
def test_a_text_is_short(lesson: Lesson) -> None:
    folded = [line for part in lesson.text.split("\n\n") for line in paragraph(Text(" ".join(part.split())), 79)]
    assert len(folded) <= MOST_LINES


@pytest.mark.parametrize("lesson", course(), ids=lambda lesson: lesson.name)
def test_every_character_can_be_drawn_in_ascii(lesson: Lesson) -> None:
    for text in (*texts(lesson), *lesson.sources):
        assert "\\" not in to_ascii(text), text


def test_right_answers_are_not_always_in_the_same_place() -> None:
    places = [
        [choice.right is True for choice in question.choices].index(True)
        for one in course()
        for question in one.question
        if not any(isinstance(choice.right, str) for choice in question.choices)
    ]
    assert max(places.count(place) for place in set(places)) < 0.6 * len(places)


def test_conditions_are_about_figures() -> None:
    assert all(re.fullmatch(r"[\w .()+<>=!-]+", when) for lesson in course() for when in conditions(lesson) if when)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("", list(range(1, 12))),
        ("4", [4]),
        ("4-6", [4, 5, 6]),
        (" 11 ", [11]),
        ("gates", [7]),
        ("GATES", [7]),
        ("one by one", [7]),
        ("lstm", [5]),
        ("feed", [1]),
    ],
)
def test_a_part_is_found_by_number_range_and_name(wanted: str, numbers: list[int]) -> None:
    assert [lesson.number for lesson in lessons_matching(wanted)] == numbers


@pytest.mark.parametrize("wanted", ["0", "12", "6-4", "3-99", "4-", "-4", "four?", "²", "9" * 5000, "\x1b"])
def test_a_part_that_there_is_not_is_refused_with_those_that_there_are(wanted: str) -> None:
    with pytest.raises(UsageError, match=r"expected a number.*7 gates"):
        lessons_matching(wanted)


GOOD = """
name = "x"
title = "X"
about = "x"
text = "x"
[[show]]
command = "explain x"
say = [{ text = "x" }]
[[question]]
text = "?"
choice = [{ text = "a", why = "w", right = true }, { text = "b", why = "w" }]
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title =", "titel =", "no key 'titel'"),
        ('title = "X"', "", "'title' is missing"),
        ('say = [{ text = "x" }]', 'say = [{ txt = "x" }]', "show 1: say 1: there is no key 'txt'"),
        ('say = [{ text = "x" }]', 'say = "x"', "show 1: say: expected a list"),
        ("right = true", "right = false", "question 1: expected one choice with right = true, got 0"),
        (', { text = "b", why = "w" }', "", "question 1: expected 2 to 4 choices, got 1"),
        ('name = "x"', 'name = "x', "bad.toml:"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(old: str, new: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert lesson_of(path).question[0].choices[0].right is True
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(FileError) as error:
        lesson_of(path)
    assert told in str(error.value)
    assert str(error.value).startswith("bad.toml")
