"""What was seen, in words: every clause is made from the figures of the report."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.render.explain.answer import sentence
from lstm_ascii.render.explain.context import Context, ends
from lstm_ascii.render.explain.decided import left_of, preferred, share_left, strongest_swap
from lstm_ascii.render.explain.highway import left_at
from lstm_ascii.render.explain.unit import carries, held, role
from lstm_ascii.render.figures import listed
from lstm_ascii.render.layout import names_of
from lstm_ascii.render.section import Paragraph, Section
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass


def section(context: Context) -> Section:
    """What was seen, in words."""
    return Section("In words", "", (Paragraph(summary(context.report)),))


def summary(report: ExplainReport) -> str:
    """Return the closing paragraph."""
    names = names_of(report.words)
    return " ".join(filter(None, (part(report, names) for part in (_chosen, _carried, _left, _travelled))))


def _chosen(report: ExplainReport, names: Sequence[str]) -> str:
    """Say what the networks prefer, and whether that is what the sentence says."""
    if report.main.answer:
        return sentence(report.main.answer, Context(report))
    if report.main.no_choice:
        return f"The {report.main.cell} was not asked for the next word: {report.main.no_choice}."
    by_word: dict[str, list[str]] = {}
    for network in report.networks:
        by_word.setdefault(preferred(network), []).append(f"the {network.cell}")
    choice = report.main.asked
    says = [
        f"{listed(cells)} {'says' if len(cells) == 1 else 'say'} {f'“{word}”' if word else 'neither'}"
        for word, cells in by_word.items()
    ]
    text = f"After “{names[choice.after - 1]}”, of “{choice.right}” and “{choice.wrong}”, {'; '.join(says)}"
    return text + (f" (the sentence has “{choice.right}”)." if choice.kind == "next word" else ".")


def _carried(report: ExplainReport, names: Sequence[str]) -> str:
    """Say who decided, and how the main network carried it."""
    main = report.main
    text = strongest_swap(main, names)
    if main.carrier and main.unit and main.unit.index == main.carrier.unit and carries(main):
        text += f" Its unit {main.carrier.unit} {role(main, names)}. {held(main, main.unit, names)}"
    return text.rstrip()


def _left(report: ExplainReport, names: Sequence[str]) -> str:
    """Say how much of the deciding word is left in the memories at the choice."""
    word = report.deciding_word
    if word is None or word == report.main.loss_after:
        return ""
    gated = [network for network in report.networks if network.steps[0].holds is not None]
    parts = [f"{left_of(network, word)} in the {network.cell}" for network in gated]
    if not parts:
        return ""
    text = f"Of all that the words have left in memory by then, {listed(parts)} is from “{names[word - 1]}”."
    faint = [network for network in gated if not share_left(network, word) and turns(network, word)]
    if not faint:
        return text
    cells = listed([f"the {network.cell}" for network in faint])
    how = "through the gates, and through what later words wrote because of it"
    return f"{text} In {cells} its influence passed all the same: {how}."


def turns(network: NetworkPass, word: int) -> bool:
    """Tell whether a word decides in a network."""
    return network.verdict.decided_by == word and network.verdict.turns


def _travelled(report: ExplainReport, names: Sequence[str]) -> str:
    """Compare how far the error travels in each network."""
    return left_at(report.networks, report.deciding_word or ends(report.main)[0], names)
