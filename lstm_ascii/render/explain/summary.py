"""What was seen, in words: every clause is made from the figures of the report."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.render.explain.decided import preferred
from lstm_ascii.render.explain.highway import horizon
from lstm_ascii.render.explain.unit import held
from lstm_ascii.render.figures import percent, plain, power
from lstm_ascii.render.layout import names_of
from lstm_ascii.reports.explain import ExplainReport, NetworkPass


def summary(report: ExplainReport) -> str:
    """Return the closing paragraph."""
    names = names_of(report.words)
    return " ".join(filter(None, (part(report, names) for part in (_chosen, _carried, _left, _travelled))))


def _chosen(report: ExplainReport, names: Sequence[str]) -> str:
    """Say what the networks prefer, and whether that is what the sentence says."""
    by_word: dict[str, list[str]] = {}
    for network in report.networks:
        by_word.setdefault(preferred(network), []).append(f"the {network.cell}")
    choice = report.main.choice
    says = [f"{_listed(cells)} {'says' if len(cells) == 1 else 'say'} “{word}”" for word, cells in by_word.items()]
    text = f"After “{names[choice.after - 1]}”, of “{choice.right}” and “{choice.wrong}”, {'; '.join(says)}"
    return text + (f" (the sentence has “{choice.right}”)." if choice.kind == "next word" else ".")


def _carried(report: ExplainReport, names: Sequence[str]) -> str:
    """Say who decided, and how the main network carried it."""
    main, carrier = report.main, report.main.carrier
    if carrier is None:
        return ""
    deciding = names[carrier.word - 1]
    text = f"In the {main.cell} “{deciding}” counts most: "
    text += f"with “{carrier.to}” the log-odds move by {plain(carrier.swap_change)}."
    if main.unit and main.unit.index == carrier.unit:
        text += f" Unit {carrier.unit} carries it. {held(main, main.unit, report.words)}"
    return text


def _left(report: ExplainReport, names: Sequence[str]) -> str:
    """Say how much of the deciding word is left in the memories at the choice."""
    word = report.deciding_word
    parts = []
    for network in report.networks:
        holds = network.steps[network.choice.after - 1].holds
        if holds is None or network.choice.after == word:
            continue
        share = next((share.share for share in holds.words if share.word == word), 0.0)
        parts.append(f"{percent(share) if share else 'less than 0.5%'} in the {network.cell}")
    if not parts:
        return ""
    name = names[word - 1]
    return f"Of all that words wrote into memory, “{name}” still holds {_listed(parts)} at the choice."


def _travelled(report: ExplainReport, names: Sequence[str]) -> str:
    """Compare how far the error travels in each network."""
    word = report.deciding_word
    parts = [_distance(network, word) for network in report.networks if network.choice.after > word]
    back = report.main.choice.after - word
    return f"Of its error there is left at “{names[word - 1]}”, {back} back: {'; '.join(parts)}." if parts else ""


def _distance(network: NetworkPass, word: int) -> str:
    """Say what is left of one network's error at a word."""
    gradient = network.steps[word - 1].gradient
    left = power(gradient.choice if gradient else None)
    gone = horizon(network)
    return f"{left} in the {network.cell}" + ("" if gone is None else f" (below 0.001 from {gone} back on)")


def _listed(parts: list[str]) -> str:
    """Join with commas and a last ``and``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
