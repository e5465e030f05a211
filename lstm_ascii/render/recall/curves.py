"""How the share of right answers rose: a line of blocks a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from lstm_ascii.render.figures import percent
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.layout import by_width, heading, paragraph
from lstm_ascii.reports.recall import Learning, RecallReport
from lstm_ascii.training.recall import RecallPoint
from lstm_ascii.training.recall_race import LEARNT

_SHORTEST = 8  # cells of a curve worth drawing


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
    def lost(self) -> int:
        """The last step at which it was right less than twice as often as by guessing; 0 for none."""
        return max((point.step for point in self.run.points if point.accuracy < 2 * self.chance), default=0)


def courses(report: RecallReport) -> list[Course]:
    """Return the course of each network that has learnt anything, at the longest gap that it has learnt."""
    found = []
    for network in report.networks:
        learnt = [(gap.gap, run) for gap in network.gaps for run in gap.runs if run.stage == LEARNT]
        if learnt:
            longest = max(gap for gap, _ in learnt)
            first = next(run for gap, run in learnt if gap == longest)
            found.append(Course(network.label, longest, first, report.chance))
    return found


def drawn(report: RecallReport, number: int, width: int, label: int) -> Iterator[Text]:
    """Draw the courses; all of them share the steps and the height."""
    found = courses(report)
    most = max(course.run.step for course in found)
    yield from heading(number, "HOW THEY LEARNT", f"share of right answers, from step 0 to {most:,}", width)
    ends = [f"gap {course.gap:,}: {course.run.step:,}" for course in found]
    length = min(by_width(width, 20, 48, 72), width - label - 2 - max(map(len, ends)))
    for course, end in zip(found, ends, strict=True):
        if length < _SHORTEST:
            yield from paragraph(Text.assemble((course.label, "title"), f" {end}"), width, 1, hang=3)
            continue
        line = Text.assemble((f" {course.label:<{label - 1}}", "title"), no_wrap=True)
        yield line.append(_blocks(course.run.points, most, length), "state").append(f"  {end}")
    note = "Each at the longest gap that a seed of it has learnt, by the first such seed; at the end the steps."
    yield from paragraph(Text(note, "note"), width, 1)
    yield from paragraph(Text(sudden(found)), width, 1)


def sudden(found: Sequence[Course]) -> str:
    """Say which network was about guessing for most of its time."""
    course = max(found, key=lambda one: one.lost / one.run.step)
    if not course.lost:
        return ""
    share = percent(course.lost / course.run.step)
    return (
        f"The {course.label} at gap {course.gap:,}: up to step {course.lost:,}, {share} of its way, it is right "
        f"less than twice as often as by guessing; at step {course.run.step:,} it has learnt it."
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
