"""Shares of right answers with their intervals."""

from __future__ import annotations

from math import sqrt

from lstm_ascii.records import dataclass

Z_95 = 1.959963984540054  # 97.5 % of a normal distribution lie below


@dataclass(frozen=True)
class Group:
    """Answers that have something in common.

    Attributes:
        name: of the kind, or the distances, such as ``5-9``.
        right: those that are right.
        total: those that were asked for.
        accuracy: right / total; ``None`` without any.
        interval: 95 % confidence interval of the accuracy (Wilson 1927); ``None`` without any.
    """

    name: str
    right: int
    total: int
    accuracy: float | None
    interval: tuple[float, float] | None


def group_of(name: str, right: int, total: int) -> Group:
    """Return a group with its share and interval."""
    return Group(name, right, total, right / total if total else None, wilson(right, total))


def wilson(right: int, total: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a share (Wilson 1927), which also holds at 0 and 1 and for few answers."""
    if not total:
        return None
    share, z2 = right / total, Z_95**2 / total
    middle = share + z2 / 2
    half = sqrt(share * (1 - share) * z2 + z2**2 / 4)
    low = 0.0 if right == 0 else (middle - half) / (1 + z2)
    return low, 1.0 if right == total else (middle + half) / (1 + z2)
