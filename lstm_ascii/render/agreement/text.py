"""What the page of ``agreement`` says in sentences: all of them are made from the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len

from lstm_ascii.render.figures import counted, fit, listed, percent
from lstm_ascii.render.rights import exact
from lstm_ascii.reports.agreement.report import AgreementReport, NetworkAgreement
from lstm_ascii.reports.scored.shares import Group

NO_KIND, NO_DISTANCE = "no kind", "unknown"  # as the report names them
FEW = 5  # groups of fewer pairs tell too little to be named in a sentence
MOST_NAMED = 8  # words in a report
_LONGEST_NAME = 24


def scored(report: AgreementReport) -> str:
    """Say by what pairs were scored, and how many of all could be."""
    by = [
        f"{counted(count, 'pair')} by {what}"
        for count, what in (
            (report.by_prefix, "prefix: the probability of the two forms after the same words"),
            (report.by_sentence, "sentence: the probability of all words of each"),
        )
        if count
    ]
    shares = dict.fromkeys(f"{network.total:,} of {counted(report.rows, 'pair')}" for network in report.networks)
    if len(shares) > 1:
        each = listed([f"{network.cell} {network.total:,} ({_part(network.total, report.rows)})"
                       for network in report.networks])  # fmt: skip
        return f"Scored {'; '.join(by)}. Of {counted(report.rows, 'pair')} could be scored: {each}."
    total = report.networks[0].total
    return f"Scored {'; '.join(by)}. {next(iter(shares))} could be scored ({_part(total, report.rows)})."


def _part(some: int, of: int) -> str:
    """Write a share of rows; less than all is never shown as all."""
    return exact(some / of) if of else "none"


def words_between(name: str) -> str:
    """Name a distance."""
    return name if name == NO_DISTANCE else f"{name.replace('-', '–')} words"


def remarks(networks: Sequence[NetworkAgreement]) -> Iterator[str]:
    """Say which pairs were left out, and which words were not known; once where it holds for all networks."""
    cells_by_remark: dict[str, list[str]] = {}
    for network in networks:
        for remark in _remarks_on(network):
            cells_by_remark.setdefault(remark, []).append(network.cell)
    for remark, cells in cells_by_remark.items():
        yield remark if len(cells) == len(networks) else f"{', '.join(cells)}: {remark}"


def _remarks_on(network: NetworkAgreement) -> Iterator[str]:
    """Say it for one network."""
    if network.unknown:
        named = ", ".join(f"“{fit(word, min(cell_len(word), _LONGEST_NAME))}”" for word in network.unknown_words)
        more = "" if len(network.unknown_words) < MOST_NAMED else ", …"
        yield f"{counted(network.unknown, 'pair')} left out, with a form that is not in the vocabulary: {named}{more}"
    if network.undefined:
        yield f"{counted(network.undefined, 'pair')} left out, as the network's answer is no finite number"
    if network.read_by_letters:
        where = counted(network.read_by_letters, "pair")
        how = f"as {network.unknown_as}" if network.unknown_as else "by its letters"
        yield f"in {where} some word is not in the vocabulary and is read {how}"
    if (forms := network.forms_by_letters) is not None:
        share = f"{percent(forms.accuracy or 0.0)} of them right"
        yield f"in {counted(forms.total, 'pair')} both forms are read by their letters: {share}"
    if network.unreadable:
        left_out = counted(network.unreadable, "pair")
        yield f"{left_out} left out: another word is not in the vocabulary, which has no entry for such words"


def hardest(networks: Sequence[NetworkAgreement]) -> str:
    """Say which kind each network finds hardest."""
    if all(group.name == NO_KIND for network in networks for group in network.by_kind):
        return "The file names no kinds; a column kind would tell them apart."
    return _each(networks, "kinds", lambda network: network.by_kind, _hardest)


def farthest(networks: Sequence[NetworkAgreement]) -> str:
    """Compare the nearest verbs with the farthest."""
    groups = [group for network in networks for group in network.by_distance]
    if all(group.name == NO_DISTANCE for group in groups):
        return "The file tells no distances; a column distance (words between) or subject (the subject's word) would."
    unknown = max((group.total for group in groups if group.name == NO_DISTANCE), default=0)
    end = (
        f" The distance of {counted(unknown, 'pair')} is unknown: the file doesn't tell it, or its subject "
        "stands twice."
        if unknown
        else ""
    )
    return _each(networks, "distances", _of_known_distance, _near_and_far) + end


def _of_known_distance(network: NetworkAgreement) -> list[Group]:
    """Return the groups whose distance is known."""
    return [group for group in network.by_distance if group.name != NO_DISTANCE]


def _each(
    networks: Sequence[NetworkAgreement],
    what: str,
    groups: Callable[[NetworkAgreement], Sequence[Group]],
    say: Callable[[Sequence[Group]], str],
) -> str:
    """Say something about the groups of each network that have enough pairs; all of them if none has."""
    sentences, left_out = [], False
    for network in networks:
        asked = [group for group in groups(network) if group.total]
        enough = [group for group in asked if group.total >= FEW] or asked
        left_out = left_out or len(enough) < len(asked)
        if enough:
            sentences.append(f"{network.cell}: {say(enough)}.")
    return " ".join([f"Counting only {what} of at least {FEW} pairs.", *sentences] if left_out else sentences)


def _hardest(groups: Sequence[Group]) -> str:
    """Name the group with the smallest share; the largest, then the first, of equals."""
    worst = min(groups, key=lambda group: (group.accuracy or 0.0, -group.total))
    if worst.right == worst.total:
        return "right in every pair"
    return f"hardest is “{worst.name}”, {_of(worst)}"


def _near_and_far(groups: Sequence[Group]) -> str:
    """Name the share at the least and at the greatest distance."""
    ends = [groups[0]] if len(groups) == 1 else [groups[0], groups[-1]]
    return ", ".join(f"{_of(group)} at {words_between(group.name)}" for group in ends)


def _of(group: Group) -> str:
    """Write a share and what it is made of."""
    return f"{percent(group.accuracy or 0.0)} ({group.right:,} of {group.total:,})"
