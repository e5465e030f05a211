"""The course's pages, drawn from figures written by hand; the answers of commands are stand-ins."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.lessons.course import course
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.learn import learn_page, list_page, question_page, reply_page, score_page, steps_of, written
from lstm_ascii.render.parts import Plain, Prose, Table, to_tsv
from lstm_ascii.reports.learn.course import Score, list_report
from lstm_ascii.reports.learn.figures import Figure
from tests.learn import by_hand
from tests.rendering import render


@pytest.mark.parametrize("number", range(1, 12))
def test_each_part_looks_as_it_was_looked_at(number: int, snapshot: SnapshotAssertion) -> None:
    assert render(by_hand.page(number), 80) == snapshot


@pytest.mark.parametrize(("number", "width"), [(7, 40), (7, 120), (4, 20)])
def test_other_widths_look_as_they_were_looked_at(number: int, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(by_hand.page(number), width) == snapshot


def test_pure_ascii_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    page = learn_page(words_in_ascii(by_hand.report(8)), None, by_hand.Drawers())
    text = render(page, 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("width", [40, 80])
def test_the_list_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(list_page(list_report(course())), width) == snapshot


def test_a_part_told_without_drawing_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(by_hand.page(4)), 80) == snapshot


@pytest.mark.parametrize("width", [*range(20, 131, 10), 39, 69, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for page in (by_hand.page(), list_page(list_report(course())), Plain(by_hand.page())):
        assert max(cell_len(line) for line in render(page, width).splitlines()) <= width


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_pure_ascii_moves_nothing(width: int) -> None:
    drawn, exchanged = (render(by_hand.page(), width, ascii=plain) for plain in (False, True))
    assert [len(line) for line in drawn.splitlines()] == [len(line) for line in exchanged.splitlines()]


def test_the_steps_of_a_part_are_its_page_without_the_questions() -> None:
    steps = steps_of(by_hand.report(5).parts[0])
    drawn = "".join(render(by_hand.page(5, step=step)) for step in range(steps))
    assert render(by_hand.page(5)).startswith(drawn)
    assert "5.1 " not in drawn


def test_a_figure_that_changes_changes_the_page() -> None:
    changed = learn_page(by_hand.report(7, **{"lstm.keeps mean": 0.55}), None, by_hand.Drawers())
    assert "keeps 87%" in render(by_hand.page(7))
    assert "keeps 55%" in render(changed)


def test_conditions_choose_what_is_said() -> None:
    kept = learn_page(by_hand.report(5, **{"rnn.error": -0.1}), None, by_hand.Drawers())
    assert "more of the error is left in the LSTM (.25)" in " ".join(render(by_hand.page(5)).split())
    assert "no more of the error is left in the LSTM (.25)" in " ".join(render(kept).split())


def test_every_right_answer_is_explained() -> None:
    text = " ".join(render(by_hand.page(6)).partition("ANSWERS")[2].split())
    for checkpoint in by_hand.report(6).parts[0].checkpoints:
        assert f"6.{checkpoint.number} {checkpoint.right.letter}) " in text


@pytest.mark.parametrize(("given", "told"), [("a", "✗ a) No."), ("c", "✓ Right."), ("", "✓ c) is right.")])
def test_an_answer_is_told_why_it_is_right_or_wrong(given: str, told: str) -> None:
    question = by_hand.report(1).parts[0].checkpoints[0]
    assert question.right.letter == "c"
    text = " ".join(render(reply_page(question, given)).split())
    assert told in text
    assert "Same input, same weights, hence the same answer." in text
    assert ("isn't among its inputs" in text) == (given == "a")
    told_plainly = [part.text for part in reply_page(question, given).parts() if isinstance(part, Prose)]
    assert "c is right. " in told_plainly[-1]


def test_a_question_shows_all_its_choices() -> None:
    question = by_hand.report(7).parts[0].checkpoints[1]
    assert [f"{letter})" in render(question_page(question)) for letter in "abcd"] == [True] * 4
    assert len(list(question_page(question).parts())) == 5


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (Score(), "No question was answered."),
        (Score(1, 0), "Your score: 1 of 1 answered question right."),
        (Score(3, 2, 4), "Your score: 3 of 5 answered questions right; 4 skipped."),
        (Score(0, 0, 2), "Your score: 0 of 0 answered questions right; 2 skipped."),
    ],
)
def test_the_score_counts(score: Score, told: str) -> None:
    assert render(score_page(score)).strip() == told


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("word", "cat", "“cat”"),
        ("text", "cat", "cat"),
        ("count", 1234, "1,234"),
        ("gate", 0.784, "0.78"),
        ("share", 0.999, ">99%"),
        ("power", -9.5, "3e-10"),
        ("number", -1.25, "−1.25"),
    ],
)
def test_a_figure_is_written_as_its_kind_asks_for(kind: str, value: float | str, text: str) -> None:
    assert written(Figure("x", kind, value)) == text


def test_tables_are_those_of_the_answers() -> None:
    tables = [part for part in by_hand.page(4).parts() if isinstance(part, Table)]
    assert [table.name for table in tables] == ["gradients", "explain", "explain"]
    assert "0.25" in to_tsv(by_hand.page(4).parts())
