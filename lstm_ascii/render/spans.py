"""Memory spans and what came out at their gaps, as ``recall`` and ``compare`` write and compare them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_ascii.render.figures import listed, percent
from lstm_ascii.reports.recall import LEARNT, NOT_LEARNT, NOT_TRIED, GapRecall, RacerRecall

END = "its end"  # of a span, as a column of its table


def length(network: RacerRecall) -> str:
    """Write a span; one whose end wasn't reached has a plus."""
    if not network.span:
        return "none" if network.complete else "?"
    return f"{network.span:,}" if network.complete else f"{network.span:,}+"


def end(network: RacerRecall) -> str:
    """Say whether the end of a span was reached; else it may be longer."""
    return "reached" if network.complete else "not reached"


def result(gap: GapRecall) -> str:
    """Write what came out at a gap, in at most nine cells."""
    if gap.stage == LEARNT and gap.steps is not None:
        return f"{gap.steps:,.0f}"
    if gap.stage == NOT_TRIED:
        return "·"
    share = "" if gap.accuracy is None else f" {percent(gap.accuracy)}"
    return f"not{share}" if gap.stage == NOT_LEARNT else f"…{share}"


def winners(networks: Sequence[RacerRecall]) -> Iterator[str]:
    """Say which memory is longest, where there are several."""
    if len(networks) < 2:
        return
    best = max(network.span for network in networks)
    first = [network for network in networks if network.span == best and best]
    if len(first) == len(networks):
        yield f"All of them remember over {length(first[0])} words."
    elif first:
        others = [f"{network.label} {length(network)}" for network in networks if network not in first]
        names = listed([f"{network.label} ({length(network)})" for network in first])
        yield f"The longest memory: {names}. The others: {', '.join(others)}."
    else:
        yield "None of them has learnt the shortest gap."
