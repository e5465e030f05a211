"""The memory race while it runs: a bar a network on a terminal, a line a gap elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import bar, listed, percent
from lstm_ascii.render.layout import by_width
from lstm_ascii.render.progress import line_width, progress_line
from lstm_ascii.render.recall.page import SHORTEST_LABEL
from lstm_ascii.reports.recall import (
    LEARNT,
    NOT_LEARNT,
    NOT_NEEDED,
    NOT_TRIED,
    RUNNING,
    TARGET,
    WAITING,
    Outcome,
    learnt_by_most,
)

ENDED = (LEARNT, NOT_LEARNT, NOT_NEEDED)  # stages of heats of which no more will be heard


@dataclass(frozen=True)
class RaceBars:
    """Draws what is found so far, then a line a network: the gap that it learns, how often it is right, the step."""

    outcomes: Sequence[Outcome]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw them into the width of the terminal; what doesn't fit is cut, the next moment brings more."""
        width = line_width(options)
        label = max(SHORTEST_LABEL, *(len(one.heat.racer.label) for one in self.outcomes)) + 1
        found = Text(f" {finding(self.outcomes)}", "title", no_wrap=True)
        found.truncate(width, overflow="ellipsis")
        yield found
        for racer, some in groupby(self.outcomes, key=lambda one: one.heat.racer):
            yield progress_line(racer.label, label, width, _progress(list(some), width))


def finding(outcomes: Sequence[Outcome]) -> str:
    """Say, from the first heats on, which network has the longest memory so far, and which have come to their end."""
    spans: dict[str, int] = {}
    ended: dict[str, str] = {}
    for group in ended_groups(outcomes):
        label = group[0].heat.racer.label
        if not learnt_by_most(group):
            ended.setdefault(label, f"{label} after {spans.get(label, 0):,}")
        elif label not in ended:
            spans[label] = group[0].heat.gap
    if not spans:
        return "Longest memory so far: none has learnt a gap yet"
    longest = max(spans.values())
    best = [label for label, span in spans.items() if span == longest]
    end = f"; no further: {listed(list(ended.values()))}" if ended else ""
    return f"Longest memory so far: {longest:,} words, {listed(best)}{end}"


def _progress(outcomes: Sequence[Outcome], width: int) -> Text:
    """Say how far one network is."""
    running = [one for one in outcomes if one.stage == RUNNING]
    if not running:
        return Text(_resting(outcomes), "note")
    gap = max(one.heat.gap for one in running)
    here = [one for one in running if one.heat.gap == gap]
    points = [one.points[-1] for one in here if one.points]
    accuracy = sum(point.accuracy for point in points) / max(1, len(points))
    step = max((point.step for point in points), default=0)
    text = Text(f"gap {gap:<4,} ")
    text.append_text(bar(accuracy, by_width(width, 6, 20, 40), "measure")).append(f" {percent(accuracy):>4}")
    text.append(f"  {step:,}" if width < 60 else f"  step {step:>6,} of {here[0].heat.steps:,}")
    done = _learnt(outcomes)
    return text.append(f"  {done}" if done else "", "note")


def _resting(outcomes: Sequence[Outcome]) -> str:
    """Say why nothing runs."""
    if any(one.stage == WAITING for one in outcomes):
        return f"waits for a core  {_learnt(outcomes)}".rstrip()
    return f"done  {_learnt(outcomes) or 'nothing learnt'}"


def _learnt(outcomes: Sequence[Outcome]) -> str:
    """Name the gaps that are learnt."""
    gaps = [group[0].heat.gap for group in ended_groups(outcomes) if learnt_by_most(group)]
    return f"learnt {', '.join(f'{gap:,}' for gap in gaps)}" if gaps else ""


def ended_groups(outcomes: Sequence[Outcome]) -> Iterator[list[Outcome]]:
    """Yield the outcomes of each network and gap whose heats have all ended."""
    for _, some in groupby(outcomes, key=lambda one: (one.heat.racer, one.heat.gap)):
        group = list(some)
        if all(one.stage in ENDED for one in group):
            yield group


def log_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a line for each network and gap, by gap, up to the first whose heats have not all ended."""
    for _, some in groupby(
        sorted(outcomes, key=lambda one: one.heat.gap), key=lambda one: (one.heat.gap, one.heat.racer)
    ):
        group = list(some)
        if all(one.stage in ENDED for one in group):
            yield _log_line(group)
        elif any(one.stage != NOT_TRIED for one in group):
            return


def _log_line(group: Sequence[Outcome]) -> str:
    """Return how the heats of one network and gap ended, as a line of pure ASCII for a log."""
    steps = [f"{one.points[-1].step:,}" for one in group if one.stage == LEARNT]
    shares = [f"{one.points[-1].accuracy:.1%}" for one in group if one.stage == NOT_LEARNT]
    ends = [f"{TARGET:.0%} right after {', '.join(steps)} steps"] if steps else []
    ends += [f"not learnt in {group[0].heat.steps:,} steps ({', '.join(shares)} right)"] if shares else []
    return f"{group[0].heat.racer.label}, gap {group[0].heat.gap:,}: {'; '.join(ends)}"
