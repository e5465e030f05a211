"""What the gates do with the followed unit at the word at hand, in a sentence that is made from its values."""

from __future__ import annotations

from lstm_ascii.render.explain.unit import reading
from lstm_ascii.render.figures import plain, short
from lstm_ascii.reports.explain.passes import Inside, UnitStep
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.thresholds import CLOSED, OPEN, WRITTEN

CANDIDATE = {"LSTM": "g", "GRU": "n"}  # its letter
DOES = {
    "written": "writes", "replaced": "replaces what was there", "cleared": "clears", "held": "changes nothing",
    "held +": "adds a little", "changed": "changes it",
}  # fmt: skip


def memory_of(inside: Inside) -> str:
    """Return the letter of the memory: c, or h where there is no c."""
    return "c" if "c" in inside.values else "h"


def happens(network: NetworkPass, inside: Inside, step: UnitStep, word: str) -> str:
    """Say what a word does to the followed unit.

    Args:
        network: whose unit it is.
        inside: its values at the word.
        step: the same as gates and value.
        word: its name.
    """
    memory = memory_of(inside)
    before, after = plain(inside.values[f"{memory}'"]), plain(inside.values[memory])
    goes = f"the value stays {after}" if before == after else f"the value goes from {before} to {after}"
    if step.keeps is None or step.adds is None:
        return f"At “{word}” all of the state goes through one tanh: {goes}."
    names = network.kind.flow_gates
    keeps, adds = round(step.keeps, 2), round(step.adds, 2)  # as they are printed
    candidate = f"the candidate ({plain(inside.values[CANDIDATE[network.kind.name]])})"
    keep = "keeps" if keeps >= OPEN else "lets go" if keeps < CLOSED else "keeps a part"
    add = "is shut" if adds < CLOSED else f"lets {'' if adds >= WRITTEN else 'a part of '}{candidate} in"
    gates = f"the {names['keep']} ({short(keeps)}) {keep}, the {names['add']} ({short(adds)}) {add}"
    return f"“{word}” {DOES[reading(step)]}: {gates}; {goes}{_shown(network, step)}."


def _shown(network: NetworkPass, step: UnitStep) -> str:
    """Say how much of the value the rest of the network sees, where there is a gate for that."""
    if network.kind.show_verb != "shows" or step.shows is None:
        return ""
    shows = round(step.shows, 2)
    return f" and is {'hidden' if shows < CLOSED else 'shown' if shows >= OPEN else 'shown in part'} ({short(shows)})"
