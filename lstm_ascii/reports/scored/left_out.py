"""Rows of a file that can't be read, counted by reason."""

from __future__ import annotations

from dataclasses import field

from lstm_ascii.records import dataclass
from lstm_ascii.reports.scored.lines import Unreadable

EXAMPLES = 8  # lines that are named
MOST_RULES = 20  # reasons that are told apart
OTHER_RULES = "other reasons"


@dataclass(frozen=True)
class RowsLeftOut:
    """Rows that can't be read for the same reason.

    Attributes:
        reason: what was expected.
        got: what the first of them has instead; empty where the reason says all.
        rows: how many.
        lines: the numbers of the first of them, at most eight.
    """

    reason: str
    got: str
    rows: int
    lines: tuple[int, ...]


@dataclass(eq=False)
class LeftOut:
    """What is counted of rows that can't be read."""

    rules: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def refuse(self, line: int, fault: Unreadable) -> None:
        """Count one."""
        rule = fault.rule if fault.rule in self.rules or len(self.rules) < MOST_RULES else OTHER_RULES
        _, lines = self.rules.setdefault(rule, (fault.got, []))
        self.counts[rule] = self.counts.get(rule, 0) + 1
        if len(lines) < EXAMPLES:
            lines.append(line)

    def result(self) -> tuple[RowsLeftOut, ...]:
        """Return what was counted."""
        return tuple(
            RowsLeftOut(rule, got, self.counts[rule], tuple(lines)) for rule, (got, lines) in self.rules.items()
        )
