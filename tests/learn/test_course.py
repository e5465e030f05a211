"""The course on a sentence: figures are those of the reports, conditions hold, one answer is right."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.cli.inprocess import perform
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.lessons.course import ChoiceText, Lesson, QuestionText, Said, Shown, course
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.report import gradients_report
from lstm_ascii.reports.learn.course import (
    DEFAULT_SENTENCE,
    Course,
    LearnReport,
    arguments_of,
    command_words,
    part_report,
    typed,
)
from lstm_ascii.reports.learn.figures import Figure, figures_of, filled, holds, sentences_of
from tests.learn import by_hand

SENTENCES = (
    DEFAULT_SENTENCE,
    "cats",
    ".",
    "-x",
    "The dogs were asleep.",
    "the the the",
    '日本語 naïve \x1b[31m $x `y` "z"',
)


@cache
def taught(sentence: str) -> LearnReport:
    """Return the whole course on a sentence."""
    return Course(course(), len(course()), sentence, lambda arguments: perform(arguments)[0]).report()


@cache
def explained() -> ExplainReport:
    """Return what the figures come from."""
    return explain_report(DEFAULT_SENTENCE)


@pytest.mark.parametrize("sentence", SENTENCES, ids=ascii)
def test_the_course_can_be_held_on_any_sentence(sentence: str) -> None:
    report = taught(sentence)
    assert [part.number for part in report.parts] == list(range(1, 12))
    for part in report.parts:
        assert part.text
        assert part.experiments
        assert part.checkpoints
        for checkpoint in part.checkpoints:
            assert sum(answer.right for answer in checkpoint.answers) == 1


def test_on_the_default_sentence_nothing_is_left_out() -> None:
    for part, lesson in zip(taught(DEFAULT_SENTENCE).parts, course(), strict=True):
        assert len(part.checkpoints) == len(lesson.question)
        assert len(part.mistakes) == len(lesson.mistake)
        assert all(one.said or not shown.say for one, shown in zip(part.experiments, lesson.show, strict=True))


def test_an_empty_sentence_is_refused() -> None:
    with pytest.raises(UsageError, match="empty"):
        taught(" ")


def test_figures_are_those_of_the_report() -> None:
    report, figures = explained(), figures_of(explained())
    by_cell = {network.cell: network for network in report.networks}
    gates = [step.gates.keeps for step in by_cell["LSTM"].steps if step.gates]
    assert figures["lstm.keeps mean"].value == pytest.approx(sum(gates) / len(gates))
    assert figures["lstm.keeps least"].value == min(gates)
    assert figures["lstm.keeps least at"].value == report.words[gates.index(min(gates))]
    assert figures["rnn.p right"].value == by_cell["RNN"].choice.probability_right  # type: ignore[union-attr]
    assert figures["decider"].value == "cat"
    assert figures["back"].value == 8
    assert figures["rnn.keeps mean"].value is None  # it has no gates
    gradient = by_cell["GRU"].steps[1].gradient
    assert gradient is not None
    assert figures["gru.error"].value == gradient.choice


def test_figures_of_gradients_are_those_of_the_report() -> None:
    report = gradients_report(Levers(steps=5, hidden=4))
    figures = figures_of(report, "random")
    for network in report.networks:
        assert figures[f"random.{network.label.lower()}.left"].value == network.total_log10[-1]
        assert figures[f"random.{network.label.lower()}.{network.verdict}"].value is True


def test_every_figure_written_by_hand_for_the_pictures_is_one_that_there_is() -> None:
    figures = figures_of(explained())
    others = ("alone", "help", "pair", "random", "words", "steps")  # of other answers than the first
    assert {name for name in by_hand.FIGURES if name.split(".")[0] not in others} <= set(figures)


def test_other_reports_have_no_figures() -> None:
    assert figures_of(by_hand.Picture("x")) == {}


FIGURES = {
    figure.name: figure
    for figure in (
        Figure("a.x", "number", 1.0),
        Figure("b.x", "number", 2.0),
        Figure("gone", "number", None),
        Figure("up", "flag", True),
        Figure("down", "flag", False),
        Figure("zero", "count", 0),
    )
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("a.x", True),
        ("zero", True),
        ("gone", False),
        ("not gone", True),
        ("up", True),
        ("down", False),
        ("not down", True),
        ("a.x < b.x", True),
        ("a.x >= b.x", False),
        ("a.x <= 1", True),
        ("a.x != 1", False),
        ("b.x == 2", True),
        ("zero > -3", True),
        ("gone < a.x", False),
        ("gone >= a.x", False),
        ("up and a.x < b.x", True),
        ("up and down", False),
        ("down == down", True),
    ],
)
def test_conditions(condition: str, expected: bool) -> None:
    assert holds(condition, FIGURES, "here") is expected


@given(st.floats(-9, 9), st.floats(-9, 9))
def test_of_opposite_conditions_one_holds(one: float, other: float) -> None:
    figures = {"a": Figure("a", "number", one), "b": Figure("b", "number", other)}
    for sign, opposite in (("<", ">="), (">", "<="), ("==", "!=")):
        assert holds(f"a {sign} b", figures, "") is not holds(f"a {opposite} b", figures, "")


@pytest.mark.parametrize("text", ["{nothing}", "{a.y}", "{a.x} and {}x{ }"])
def test_an_unknown_figure_is_named_with_its_place(text: str) -> None:
    with pytest.raises(LstmAsciiError, match=r"part 3: there is no figure .*; expected one of a\.x, b\.x"):
        filled(text, FIGURES, "part 3")


@pytest.mark.parametrize("condition", ["nothing", "not nothing", "a.x < nothing", "a.x and c"])
def test_an_unknown_figure_in_a_condition_is_named(condition: str) -> None:
    with pytest.raises(LstmAsciiError, match="there is no figure"):
        holds(condition, FIGURES, "part 3")


def test_a_sentence_without_its_figure_is_not_said() -> None:
    texts = (Said("It is {a.x}."), Said("It is {gone}."), Said("Never.", "down"), Said("Always.", "not gone"))
    assert sentences_of(texts, FIGURES, "") == (("It is ", FIGURES["a.x"], "."), ("Always.",))


def questioned(*choices: ChoiceText) -> Lesson:
    """Return a part that asks one question."""
    return Lesson("x", "X", "x", "x", (), (QuestionText("?", choices),))


def test_a_right_answer_that_depends_on_figures_is_computed() -> None:
    lesson = questioned(ChoiceText("a", "w", "a.x > b.x"), ChoiceText("b", "w", "a.x <= b.x"))
    asked = part_report(lesson, (), FIGURES, {}).checkpoints
    assert [answer.right for answer in asked[0].answers] == [False, True]
    assert asked[0].right.letter == "b"


def test_a_question_whose_answer_is_not_there_is_not_asked() -> None:
    assert (
        part_report(
            questioned(ChoiceText("a", "w", "gone > 1"), ChoiceText("b", "w", "gone <= 1")), (), FIGURES, {}
        ).checkpoints
        == ()
    )
    assert (
        part_report(questioned(ChoiceText("{gone}", "w"), ChoiceText("b", "w", True)), (), FIGURES, {}).checkpoints
        == ()
    )


MEASURED = [
    pytest.param(question, id=f"{lesson.name}-{place}")
    for lesson in course()
    for place, question in enumerate(lesson.question, 1)
    if any(isinstance(choice.right, str) for choice in question.choices)
]


@pytest.mark.parametrize("question", MEASURED)
@given(st.data())
def test_whatever_is_measured_exactly_one_answer_is_right(question: QuestionText, data: st.DataObject) -> None:
    conditions = [str(choice.right) for choice in question.choices]
    names = {name.strip() for text in conditions for name in re.split(r" and |<=|>=|==|<|>", text)}
    values = {name: data.draw(st.integers(0, 3), name) for name in names if not name.isdigit()}
    figures = {name: Figure(name, "number", value) for name, value in values.items()}
    assert sum(holds(condition, figures, "") for condition in conditions) == 1


def test_two_right_answers_are_a_mistake_in_the_file() -> None:
    with pytest.raises(LstmAsciiError, match="question 1: 2 answers are right"):
        part_report(questioned(ChoiceText("a", "w", "up"), ChoiceText("b", "w", "up")), (), FIGURES, {})


@pytest.mark.parametrize("sentence", SENTENCES, ids=ascii)
def test_what_is_typed_means_to_a_shell_what_was_run(sentence: str) -> None:
    arguments = ["explain", sentence, "--view", "cell"]
    assert shlex.split(typed(arguments))[1:] == arguments


def test_a_sentence_cannot_be_read_as_an_option_or_as_standard_input() -> None:
    run = explain_report("-")
    assert command_words(run, "--help")["sentence"] == " --help"
    assert arguments_of("explain {sentence}", {"sentence": "a b"}) == ["explain", "a b"]
    assert arguments_of("explain {other}", {}) == ["explain", "{other}"]


def test_the_deciding_word_is_pointed_at_by_its_number_where_it_stands_twice() -> None:
    run = explained()
    words = list(run.words)
    assert command_words(run, "")["decider"] == "cat"
    words[0] = "Cat"
    assert command_words(replace(run, words=tuple(words)), "")["decider"] == "2"


def test_an_interrupt_in_an_experiment_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lstm_ascii.reports.gradcheck.gradcheck_report", interrupted)
    with pytest.raises(KeyboardInterrupt):
        perform(["gradcheck"])


def test_a_command_runs_as_the_reader_would_run_it() -> None:
    report, _ = perform(["explain", "The cat was hungry.", "--cell", "lstm"])
    assert report == explain_report("The cat was hungry.", ("lstm",))


@pytest.mark.parametrize(("arguments", "kind"), [(["explain", ""], UsageError), (["learn", "99"], UsageError)])
def test_what_goes_wrong_in_a_command_is_passed_on(arguments: Sequence[str], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        perform(arguments)


def test_commands_are_run_with_the_readers_words() -> None:
    ran: list[Any] = []

    def note(arguments: Sequence[str]) -> Any:
        ran.append(list(arguments))
        return explained()

    lesson = replace(course()[0], show=(Shown("explain {before} --contrast {right}:{wrong}", "alone"),))
    Course([lesson], 1, DEFAULT_SENTENCE, note).part(lesson)
    assert ran == [["explain", DEFAULT_SENTENCE], ["explain", "cheeses", "--contrast", "was:were"]]
