"""How the share of right answers rose: a line of blocks a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from lstm_ascii.render.figures import percent
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Paragraph, Section, note
from lstm_ascii.reports.recall import LEARNT, Learning, RecallPoint, RecallReport

_SHORTEST, _LONGEST = 8, (20, 20, 48, 72)  # cells of a curve worth drawing; at the widths of a window


@dataclass(frozen=True)
class Course:
    """One network on its way.

    Attributes:
        label: of the network.
        gap: the longest one that any seed has learnt.
        run: the first seed that has.
        chance: share of right answers by guessing.
    """

    label: str
    gap: int
    run: Learning
    chance: float

    @property
    def end(self) -> str:
        """What stands at the end of its line."""
        return f"gap {self.gap:,}: {self.run.step:,}"

    @property
    def guessed_until(self) -> int:
        """The last step at which it was right less than twice as often as by guessing; 0 for none."""
        return max((point.step for point in self.run.points if point.accuracy < 2 * self.chance), default=0)


def courses(report: RecallReport) -> list[Course]:
    """Return the course of each network that has learnt anything, at the longest gap that it has learnt."""
    drawn = []
    for network in report.networks:
        learnt = [(gap.gap, run) for gap in network.gaps for run in gap.runs if run.stage == LEARNT]
        if learnt:
            longest = max(gap for gap, _ in learnt)
            first = next(run for gap, run in learnt if gap == longest)
            drawn.append(Course(network.label, longest, first, report.chance))
    return drawn


def section(shown: Sequence[Course], least: int) -> Section:
    """The courses; all of them share the steps and the height.

    Args:
        shown: at least one.
        least: cells of the networks' names.
    """
    most = max(course.run.step for course in shown)

    def drawn(course: Course, length: int) -> Text:
        return Text(no_wrap=True).append(_blocks(course.run.points, most, length), "state").append(f"  {course.end}")

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield from paragraph(Text.assemble((shown[row].label, "title"), f" {shown[row].end}"), width, 1, hang=3)

    longest_end = max(len(course.end) for course in shown)
    column = Column("course", shown, (), drawn, _LONGEST, 2 + longest_end, (_SHORTEST, max(_LONGEST)))
    grid = Grid("how they learnt", ("network",), [course.label for course in shown], [column], style="title",
                least=least, gap=1, turn=turned, tables=lambda: _tables(shown))  # fmt: skip
    about = f"share of right answers, from step 0 to {most:,}"
    text = "Each at the longest gap that a seed of it has learnt, by the first such seed; at the end the steps."
    return Section("How they learnt", about, (grid, note(text), Paragraph(sudden(shown))))


def _tables(shown: Sequence[Course]) -> list[Table]:
    """Return where each course ended, and all its points, which are too many to be read out."""
    ends = tuple((course.label, course.gap, course.run.seed, course.run.step) for course in shown)
    points = tuple(
        (course.label, course.gap, point.step, point.accuracy) for course in shown for point in course.run.points
    )
    return [
        Table("how they learnt", ("network", "gap", "seed", "steps"), ends),
        Table("share of right answers", ("network", "gap", "step", "accuracy"), points, named_by=3, read_out=()),
    ]


def sudden(shown: Sequence[Course]) -> str:
    """Say which network was about guessing for most of its time."""
    course = max(shown, key=lambda course: course.guessed_until / course.run.step)
    if not course.guessed_until:
        return ""
    share = percent(course.guessed_until / course.run.step)
    return (
        f"The {course.label} at gap {course.gap:,}: up to step {course.guessed_until:,}, {share} of its way, it is "
        f"right less than twice as often as by guessing; at step {course.run.step:,} it has learnt it."
    )


def _blocks(points: Sequence[RecallPoint], most: int, length: int) -> str:
    """Draw shares from 0 to 1 over the steps from 0 to ``most``; where it had learnt it, it stays blank."""
    text = ""
    for cell in range(length):
        end = (cell + 1) * most / length
        seen = [point.accuracy for point in points if cell * most / length < point.step <= end]
        seen = seen or [point.accuracy for point in points if point.step >= end][:1]
        text += LEVELS[min(int(sum(seen) / len(seen) * 8), 7)] if seen else " "
    return text
