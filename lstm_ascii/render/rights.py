"""Shares of right answers, as several pages write, colour and compare them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from lstm_ascii.render.figures import BELOW
from lstm_ascii.reports.agreement.report import NetworkAgreement
from lstm_ascii.thresholds import GUESSING

Interval = tuple[float, float]

BARS = f"Bars start at {GUESSING:.0%}, which is guessing, and are full at 100%; {BELOW} is less than guessing."


def exact(share: float) -> str:
    """Write a share with a tenth of a percent; less than all is never shown as 100 %, nor something as 0 %."""
    if 0.9995 <= share < 1:
        return ">99.9%"
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def bounds(interval: Interval, digits: int = 0) -> str:
    """Write an interval in percent, rounded outwards, so that it never looks narrower than it is."""
    scale = 100 * 10**digits
    # the tiny number keeps 0.29 · 100 = 28.999… where it belongs
    low, high = floor(interval[0] * scale + 1e-9), ceil(interval[1] * scale - 1e-9)
    return f"{low / 10**digits:.{digits}f}–{high / 10**digits:.{digits}f}"


def against_guessing(interval: Interval | None) -> str:
    """Return the style of a share: faint where its interval holds guessing."""
    return "note" if interval is None or interval[0] <= GUESSING <= interval[1] else "measure"


def compared(networks: Sequence[NetworkAgreement]) -> str:
    """Say which networks do better than guessing, and which of them differ by more than their intervals."""
    intervals = {network.cell: network.interval for network in networks if network.interval is not None}
    if not intervals:
        return "No pair could be asked."
    better = [name for name, (low, _) in intervals.items() if low > GUESSING]
    worse = [name for name, (_, high) in intervals.items() if high < GUESSING]
    neither = [name for name in intervals if name not in (*better, *worse)]
    sentences = [
        f"{verdict}: {', '.join(names)}."
        for verdict, names in (
            ("Better than guessing", better),
            ("Not to be told from guessing", neither),
            ("Worse than guessing", worse),
        )
        if names
    ]
    if len(intervals) > 1:
        clear = [
            f"{name} above {other}"
            for name, (low, _) in intervals.items()
            for other, (_, high) in intervals.items()
            if low > high
        ]
        end = f"Clearly apart, as their intervals don't overlap: {', '.join(clear)}."
        sentences.append(end if clear else "All intervals overlap: these pairs don't tell the networks apart.")
    return " ".join(sentences)
