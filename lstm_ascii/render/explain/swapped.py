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


def method(networks: Sequence[NetworkPass], moved: str = "do the log-odds") -> str:
    """Say how it is found who decided: by how far something is moved."""
    used = {swap.among for network in networks for swap in network.swaps}
    instead = " or, of a word that our lexicon lacks, its neighbours in the vocabulary" if NEIGHBOURS in used else ""
    return (
        f"Swap one word for its number twin, else for others of its class{instead} (the mean), and run again: "
        f"how far {moved} move?"
    )
