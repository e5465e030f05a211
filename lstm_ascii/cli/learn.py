"""``lstm-ascii learn``."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lstm_ascii.cli import export, options
from lstm_ascii.cli.output import Output, fragment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstm_ascii.cli.inprocess import Draw
    from lstm_ascii.lessons.course import Lesson
    from lstm_ascii.reports.learn.course import Checkpoint, Course, LearnReport, Score

EXAMPLE = "Examples: lstm-ascii learn; lstm-ascii learn 4; lstm-ascii learn --export lesson.html"

WALKED = "cell"  # the part in which one steps through the sentence

PartWanted = Annotated[
    str, typer.Argument(metavar="[PART]", help="A number (4), several (4-6) or a name (gates); by default all.")
]
Sentence = Annotated[
    str, typer.Option("--sentence", metavar="TEXT", show_default=False, help="Your own, for all experiments.")
]
Listed = Annotated[bool, typer.Option("--list", help="List the parts.")]
VIEWS = ("text", "experiments", "notebook", "mistakes", "questions", "answers")  # of each part
Views = Annotated[str, options.sections(VIEWS)]


@options.answers
def learn(
    part: PartWanted = "",
    sentence: Sentence = "",
    list_: Listed = False,
    view: Views = "",
    *,
    output: Output,
) -> None:
    """Go through the course: texts, pictures, experiments on your sentence, and questions.

    On a terminal it waits for Enter and takes your answers (a, b, c, d; Enter skips, q leaves; s in part 6 walks
    through your sentence); into a pipe it goes straight through, with the answers at the end. --view shows some of it:
    the texts, the notebook that they compare a network with, the questions. --export lesson.html writes a page to hand
    out.
    """
    from lstm_ascii.lessons.course import course, lessons_matching
    from lstm_ascii.reports.learn.course import DEFAULT_SENTENCE, Course, list_report

    lessons = lessons_matching(part)
    if list_:
        from lstm_ascii.render.learn import list_page

        output.show(list_report(lessons), lambda shown, _: list_page(shown))
        return
    runner = _Runner()
    taught = Course(lessons, len(course()), sentence or DEFAULT_SENTENCE, runner.report)
    if views := options.chosen(VIEWS, view):
        from lstm_ascii.render.learn import excerpt_page

        report = taught.report()
        output.show(report, partial(excerpt_page, drawers=runner.drawers(report.parts), views=views))
    elif _is_conversation(output):
        _Conversation(taught, runner, output).hold()
    else:
        from lstm_ascii.render.learn import learn_page

        report = taught.report()
        drawers = runner.drawers(report.parts)
        if export.ending(output.export) == ".html" and not output.plain:
            _write_lesson(report, drawers, output)
            output = replace(output, export="")
            if not (output.json or output.tsv):
                return
        output.show(report, partial(learn_page, drawers=drawers))


def _write_lesson(report: LearnReport, drawers: dict[tuple[int, int], Any], output: Output) -> None:
    """Write the course to hand out, a page of its own."""
    from lstm_ascii.render.lesson import lesson_html

    page = lesson_html(report, drawers, partial(fragment_of, output=output))
    export.write(output.export, page, output.force)


def _is_conversation(output: Output) -> bool:
    """Tell whether somebody is there to press keys, and the answer goes to nobody else."""
    asked = output.json or output.tsv or output.export
    return not asked and all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


class _Runner:
    """Runs the commands of the course, and knows what draws their answers."""

    def __init__(self) -> None:
        self._draws: list[Draw] = []

    def report(self, arguments: Sequence[str]) -> Any:
        """Return the report that a command line asks for."""
        from lstm_ascii.cli.inprocess import perform

        report, draw = perform(arguments)
        self._draws.append(draw)
        return report

    def drawers(self, parts: Sequence[Any]) -> dict[tuple[int, int], Any]:
        """Return what draws the commands of ``parts``, which are the ones that were run last."""
        places = [(part.number, place) for part in parts for place in range(len(part.experiments))]
        return dict(zip(places, self._draws[-len(places) :], strict=True))


class _Left(Exception):  # noqa: N818
    """The reader has had enough."""


class _Conversation:
    """The course on a terminal: it waits, asks, answers and counts."""

    def __init__(self, course: Course, runner: _Runner, output: Output) -> None:
        from lstm_ascii.reports.learn.course import Score

        self._course, self._runner, self._output = course, runner, replace(output, no_pager=True)
        self._score = Score()
        self._seen: set[str] = set()  # legends

    def hold(self) -> None:
        """Go through all parts; q and the end of the input leave, Ctrl-C ends the program; the score is told."""
        try:
            last = self._course.lessons[-1]
            for lesson in self._course.lessons:
                self._teach(lesson)
                if lesson is not last:
                    self._wait(f"Enter goes on to part {lesson.number + 1}, q leaves: ")
        except _Left:
            pass
        except (EOFError, KeyboardInterrupt) as end:
            sys.stdout.write("\n")
            self._tell_score()
            if isinstance(end, KeyboardInterrupt):
                raise
            return
        self._tell_score()

    def _teach(self, lesson: Lesson) -> None:
        """Show a part step by step, then ask its questions."""
        from lstm_ascii.render.learn import learn_page, steps_of
        from lstm_ascii.reports.learn.course import SCHEMA_VERSION, LearnReport

        part = self._course.part(lesson)
        report = LearnReport(SCHEMA_VERSION, self._course.sentence, self._course.total, (part,))
        drawers = self._runner.drawers(report.parts)
        steps = steps_of(part)
        for step in range(steps):
            if step:
                self._pause(lesson, step, steps)
            self._output.show(report, partial(learn_page, drawers=drawers, step=step, seen=self._seen))
        for checkpoint in part.checkpoints:
            self._ask(checkpoint, opens=checkpoint is part.checkpoints[0])

    def _ask(self, checkpoint: Checkpoint, opens: bool) -> None:
        """Ask one question, take the answer and tell why."""
        from lstm_ascii.render.learn import question_page, reply_page

        self._output.show(checkpoint, lambda shown, _: question_page(shown, opens))
        letters = [answer.letter for answer in checkpoint.answers]
        prompt = f"Your answer ({letters[0]}-{letters[-1]}, Enter skips, q leaves): "
        while (given := self._line(prompt)) and given not in letters:
            prompt = f"Please {', '.join(letters[:-1])} or {letters[-1]}, Enter or q: "
        self._score = _counted(self._score, given, checkpoint.right.letter)
        self._output.show(checkpoint, lambda shown, _: reply_page(shown, given))
        sys.stdout.write("\n")

    def _pause(self, lesson: Lesson, step: int, steps: int) -> None:
        """Wait between two steps of a part; in the one about the cell its reader may walk through the sentence."""
        from lstm_ascii.cli.step import is_installed, is_on_a_terminal, walk_from_deciding_word

        walks = lesson.name == WALKED and is_on_a_terminal() and is_installed()
        walk = "s walks through your sentence, " if walks else ""
        while self._wait(f"Enter goes on ({step} of {steps}), {walk}q leaves: ") == "s" and walks:
            if walk_from_deciding_word(self._course.sentence, self._output):
                raise KeyboardInterrupt

    def _wait(self, prompt: str) -> str:
        sys.stdout.write("\n")
        return self._line(prompt)

    def _line(self, prompt: str) -> str:
        """Return what the reader types, in lower case."""
        sys.stdout.flush()
        line = input(prompt).strip().lower()
        if line in ("q", "quit", "exit"):
            raise _Left
        return line

    def _tell_score(self) -> None:
        """Show how the questions were answered."""
        from lstm_ascii.render.learn import score_page

        self._output.show(self._score, lambda shown, _: score_page(shown))


def _counted(score: Score, given: str, right: str) -> Score:
    if not given:
        return replace(score, skipped=score.skipped + 1)
    return replace(score, right=score.right + 1) if given == right else replace(score, wrong=score.wrong + 1)
