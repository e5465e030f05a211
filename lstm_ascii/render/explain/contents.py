"""What stands on the page of ``explain``, whether it is drawn or told: which sections, words and remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lstm_ascii.render.explain import where
from lstm_ascii.render.explain.decided import classes
from lstm_ascii.render.layout import rows_to_show
from lstm_ascii.reports.explain.report import ExplainReport

BY_DEFAULT = ("cell", "gates", "decided", "unit", "highway", "words")


@dataclass(frozen=True)
class Contents:
    """What of a report is shown.

    Attributes:
        report: to draw.
        views: the sections, by name; those of :data:`BY_DEFAULT` if none is named.
        limit: the most words to show in a table; ``None`` for all.
    """

    report: ExplainReport
    views: tuple[str, ...] = ()
    limit: int | None = None

    @property
    def shown_views(self) -> tuple[str, ...]:
        """The sections that are shown, by name."""
        main = self.report.main
        missing = {"unit": main.unit is None, "decided": main.choice is None}
        return self.views or tuple(name for name in BY_DEFAULT if not missing.get(name))

    def remarks(self) -> Iterator[str]:
        """Say what the reader should know before the figures: the way of reading, words not known, what is left out."""
        yield from where.remarks(self.report)
        unknown = [step for step in self.report.main.steps if not step.known]
        if unknown:
            counts = Counter((step.word, step.read_as) for step in unknown)
            listed = ", ".join(
                f"“{word}” as {entry}{f' ({times} times)' if times > 1 else ''}"
                for (word, entry), times in counts.most_common(8)
            )
            more = f" and {len(counts) - 8} more" if len(counts) > 8 else ""
            how = ", read by their letters" if any(read_as[1:].startswith("unknown") for _, read_as in counts) else ""
            yield f"not in the vocabulary{how}: {listed}{more}"
        if self.limit is not None and len(self.report.words) > self.limit:
            yield (
                f"{len(self.report.words)} words: the head, the tail and what matters between; pipe it (| less) for all"
            )

    def rows(self) -> list[int | None]:
        """Choose the words to show."""
        steps = self.report.main.steps
        busiest = sorted(range(len(steps)), key=lambda n: (-steps[n].written - (steps[n].wiped or 0), n))
        return rows_to_show(len(steps), self.limit, [self.report.focus - 1, *busiest])

    def classes(self) -> str:
        """Explain the classes of words that are expected after one of the words that are shown."""
        rows = [row for row in self.rows() if row is not None]
        return classes(network.steps[row] for network in self.report.networks for row in rows)
