"""What the page of ``accuracy`` says in sentences: all of them are made from the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import counted, listed, number
from lstm_ascii.render.left_out import remark
from lstm_ascii.render.rights import bounds, exact
from lstm_ascii.reports.accuracy.errors import ValueErrors
from lstm_ascii.reports.accuracy.report import AccuracyReport
from lstm_ascii.reports.scored.shares import Group

FEW = 5  # answers of one class; of fewer nothing is said


@dataclass(frozen=True)
class Noun:
    """How one kind of answer is spoken of: one of its outputs, what is counted, and what is right or not."""

    one: str
    counted: str
    means: str


NOUNS = {
    "classes": Noun("class", "rows", "the class"),
    "tags": Noun("tag", "words", "the tag of a word"),
    "labels": Noun("label", "rows", "yes or no of a label"),
    "values": Noun("output", "values", "the value"),
}


def remarks(report: AccuracyReport) -> Iterator[str]:
    """Say what was left out, and what is not known."""
    yield from remark(report.left_out)
    if report.undefined:
        yield f"{counted(report.undefined, 'row')} left out, as the network's answer is no finite number"
    if report.unknown:
        yield f"in {counted(report.unknown, 'row')} some word is not in the vocabulary"


def made_of(group: Group) -> str:
    """Say what a share is made of, and of which answer."""
    figures = f"{group.right:,} of {group.total:,}"
    if group.accuracy is None or group.interval is None:
        return figures
    by_tenths = f"{exact(group.accuracy)}, {bounds(group.interval, 1)}"
    return f"{figures} ({group.name})" if group.name else f"{figures} ({by_tenths})"


def beside_baseline(report: AccuracyReport) -> str:
    """Say whether the network does better than always the same answer, by more than both intervals."""
    share, baseline = report.share, report.baseline
    if share is None or baseline is None or share.interval is None or baseline.interval is None:
        return "No row could be compared."
    always = (
        "saying what is more frequent of each label"
        if report.kind == "labels"
        else f"always saying “{baseline.name}”, the most frequent"
    )
    if share.interval[0] > baseline.interval[1]:
        verdict = f"Clearly better than {always}"
    elif share.interval[1] < baseline.interval[0]:
        verdict = f"Clearly worse than {always}"
    else:
        return f"Not to be told from {always}: the intervals overlap."
    points = 100 * abs((share.accuracy or 0) - (baseline.accuracy or 0))
    apart = " Words of one sentence are not independent, so the interval is rather too narrow." * (
        report.kind == "tags"
    )
    return f"{verdict}: {points:.1f} points apart, and the intervals don't overlap.{apart}"


def error(value: float) -> str:
    """Write an error in two digits at least: ``0.046``, ``0.50``, ``12.9``."""
    return f"{value:#.2g}" if 0.001 <= value < 0.995 else number(value)


def measured(some: Sequence[ValueErrors]) -> str:
    """Say of each output whether it is nearer than the mean."""
    better = [one.name for one in some if one.rmse_interval and one.rmse_interval[1] < one.baseline_rmse]
    worse = [one.name for one in some if one.rmse_interval and one.rmse_interval[0] > one.baseline_rmse]
    neither = [one.name for one in some if one.name not in (*better, *worse)]
    verdicts = (("Nearer than the mean", better), ("Not to be told from the mean", neither),
                ("Farther off than the mean", worse))  # fmt: skip
    parts = [f"{verdict}: {listed(names)}." for verdict, names in verdicts if names]
    if len(some) == 1:
        one = some[0]
        parts.append(f"Of {one.name} the network is off by {error(one.mae)} on average, the mean's RMSE is "
                     f"{error(one.baseline_rmse)} and its own {error(one.rmse)}.")  # fmt: skip
    return " ".join(parts)


def hardest(report: AccuracyReport) -> str:
    """Name the class that fares worst, of those with enough answers."""
    some = [one for one in report.classes if one.share.total >= FEW]
    if not some:
        return f"No {NOUNS[report.kind].one} has {FEW} {NOUNS[report.kind].counted}; that tells too little of each."
    worst = min(some, key=lambda one: (one.share.accuracy or 0.0, -one.share.total))
    if worst.share.right == worst.share.total:
        return f"None of those with {FEW} {NOUNS[report.kind].counted} or more is ever missed."
    share = exact(worst.share.accuracy or 0.0)
    return f"Hardest is “{worst.share.name}”: {share} ({worst.share.right:,} of {worst.share.total:,}) right."
