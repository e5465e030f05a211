"""What words are swapped with, in words."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.explain.swaps import CLASS, NEIGHBOURS, Swap


def becomes(swap: Swap) -> str:
    """Say what a word is swapped with."""
    if swap.to or swap.tried == 1:
        return swap.to or "another"
    return f"{swap.tried} {'others' if swap.among == CLASS else 'nearby'}"


def method(networks: Sequence[NetworkPass]) -> str:
    """Say how it is found who decided."""
    return f"Swap one word for {instead(networks)}, and run again: how far do the log-odds move?"


def instead(networks: Sequence[NetworkPass]) -> str:
    """Say what stands in the place of a word."""
    used = {swap.among for network in networks for swap in network.swaps}
    nearby = " or, of a word that our lexicon lacks, its neighbours in the vocabulary" if NEIGHBOURS in used else ""
    return f"its number twin, else for others of its class{nearby} (the mean)"
