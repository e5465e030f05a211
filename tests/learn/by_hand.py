"""Figures, answers and pages written by hand: a course that no network had a part in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.text import Text

from lstm_ascii.lessons.course import course
from lstm_ascii.render.learn import Draw, learn_page
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Drawing, Page
from lstm_ascii.reports.learn.course import DEFAULT_SENTENCE, SCHEMA_VERSION, LearnReport, part_report
from lstm_ascii.reports.learn.figures import Figure

WORDS = {"sentence": DEFAULT_SENTENCE, "before": "cheeses", "decider": "cat", "right": "was", "wrong": "were"}
FIGURES: dict[str, tuple[str, str | float | int | bool | None]] = {
    "words": ("count", 13), "first": ("word", "The"), "before": ("word", "cheeses"), "right": ("word", "was"),
    "wrong": ("word", "were"), "in sentence": ("flag", True), "decider": ("word", "cat"), "back": ("count", 8),
    "vanished": ("power", -3.0), "steps": ("count", 50),
    "rnn.units": ("count", 32), "rnn.p right": ("share", 0.31), "rnn.prefers": ("word", "was"),
    "rnn.is right": ("flag", True), "rnn.error": ("power", -1.9), "rnn.wrote most": ("number", 29.6),
    "rnn.wrote most at": ("word", "cat"),
    "lstm.units": ("count", 32), "lstm.p right": ("share", 0.18), "lstm.prefers": ("word", "was"),
    "lstm.is right": ("flag", True), "lstm.error": ("power", -0.6), "lstm.c": ("number", 1.29),
    "lstm.h": ("number", 0.54), "lstm.focus": ("word", "cat"), "lstm.carousel": ("power", -0.2),
    "lstm.keeps mean": ("share", 0.87), "lstm.adds mean": ("share", 0.1), "lstm.shows mean": ("share", 0.64),
    "lstm.keeps least": ("gate", 0.64), "lstm.keeps least at": ("word", "."), "lstm.keeps most": ("gate", 0.94),
    "lstm.keeps most at": ("word", "the"), "lstm.adds most": ("gate", 0.18), "lstm.adds most at": ("word", "ate"),
    "lstm.wrote most at": ("word", "ate"), "lstm.wiped most at": ("word", "."), "lstm.carrier": ("count", 0),
    "lstm.carrier share": ("share", 0.89), "lstm.carrier adds": ("gate", 0.75),
    "lstm.carrier keeps least": ("gate", 0.72), "lstm.carrier keeps least at": ("word", "that"),
    "lstm.carrier at end": ("gate", 0.08), "lstm.last": ("word", "."), "lstm.decider share": ("share", 0.17),
    "lstm.holds most": ("share", 0.2), "lstm.holds most of": ("word", "that"), "lstm.start share": ("share", 0.73),
    "gru.keeps mean": ("share", 0.32), "gru.p right": ("share", 0.28), "gru.prefers": ("word", "was"),
    "gru.is right": ("flag", True), "gru.error": ("power", -0.62),
    "alone.lstm.prefers": ("word", "were"),
    "help.rnn.units": ("count", 32), "help.rnn helped.units": ("count", 32), "help.in sentence": ("flag", True),
    "help.rnn.is right": ("flag", False), "help.rnn helped.is right": ("flag", True),
    "help.rnn.prefers": ("word", "were"), "help.rnn helped.prefers": ("word", "was"),
    "pair.steps": ("count", 50), "pair.rnn (radius 0.9).left": ("power", -9.5),
    "pair.rnn (radius 0.9).vanished": ("flag", True), "pair.rnn (radius 0.9).singular value": ("number", 1.6),
    "pair.rnn (radius 4).left": ("power", 7.6),
    "random.steps": ("count", 50), "random.rnn.left": ("power", -9.5), "random.lstm +0.left": ("power", -11.1),
    "random.lstm +1.left": ("power", -4.4), "random.lstm chrono.left": ("power", -0.27),
    "random.lstm +0.vanished": ("flag", True), "random.lstm chrono.alive": ("flag", True),
    "words.steps": ("count", 13), "words.rnn.left": ("power", -4.7), "words.lstm.left": ("power", 0.0),
    "words.gru.left": ("power", -0.9),
}  # fmt: skip


def figures(**changed: object) -> dict[str, Figure]:
    """Return all figures; ``changed`` are other values by name."""
    values = {name: (kind, changed.get(name, value)) for name, (kind, value) in FIGURES.items()}
    return {name: Figure(name, kind, value) for name, (kind, value) in values.items()}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Picture:
    """Stands for the answer of a command."""

    of: str


def picture_page(picture: Picture) -> Page:
    """Return a page of one line."""
    table = Table(picture.of, ("thing", "value"), (("one", 0.25),))
    drawn = Drawing(lambda width: [Text(f"[{picture.of}]"[:width])], lambda: [table], [f"A picture: {picture.of}."])
    return Page(closing=[drawn])


class Drawers(Mapping[tuple[int, int], Draw]):
    """Draws every answer with :func:`picture_page`."""

    def __getitem__(self, key: tuple[int, int]) -> Draw:
        """Return the same for all."""
        return lambda report, _: picture_page(report)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield nothing: any key will do."""
        return iter(())

    def __len__(self) -> int:
        """Return 0."""
        return 0


def report(*numbers: int, **changed: object) -> LearnReport:
    """Return some parts of the course, all if none is named."""
    lessons = [lesson for lesson in course() if not numbers or lesson.number in numbers]
    parts = tuple(
        part_report(lesson, [Picture(shown.command.split()[0]) for shown in lesson.show], figures(**changed), WORDS)
        for lesson in lessons
    )
    return LearnReport(SCHEMA_VERSION, DEFAULT_SENTENCE, len(course()), parts)


def page(*numbers: int, step: int | None = None) -> Page:
    """Return their page."""
    return learn_page(report(*numbers), None, Drawers(), step)
