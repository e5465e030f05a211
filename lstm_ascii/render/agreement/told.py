"""The page of ``agreement`` without its drawings: the same as sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lstm_ascii.render.agreement.text import NO_DISTANCE, NO_KIND, compared, farthest, hardest, remarks
from lstm_ascii.render.figures import counted
from lstm_ascii.render.parts import Part, Prose, Table, Title, Value, capital
from lstm_ascii.reports.agreement.report import AgreementReport, Group, NetworkAgreement

FIGURES = ("right", "of", "share", "from", "to")


def parts(report: AgreementReport, limit: int | None) -> Iterator[Part]:
    """Tell all networks, then kind by kind and distance by distance; at most ``limit`` of each."""
    networks = report.networks
    yield Title(f"Agreement: {report.file}")
    told = "; ".join(f"{one.cell}, {one.hidden_size:,} units, {one.source}" for one in networks)
    yield Prose(f"{counted(report.pairs, 'pair')}. {told}.")
    for remark in remarks(networks):
        yield Prose(f"{capital(remark)}.")
    yield Table("agreement", ("network", *FIGURES), tuple((one.cell, *_figures(one)) for one in networks))
    yield Prose("Share: of right answers; from and to: the 95% interval of it. Half is guessing.")
    yield Prose(compared(networks))
    yield Title("By kind, as the file names them")
    yield from _groups(networks, "kind", lambda network: network.by_kind, limit)
    yield Prose(hardest(networks))
    yield Title("By distance: words between the subject and its verb")
    yield from _groups(networks, "distance", lambda network: network.by_distance, limit)
    yield Prose(farthest(networks))


def _groups(
    networks: Sequence[NetworkAgreement],
    what: str,
    groups: Callable[[NetworkAgreement], Sequence[Group]],
    limit: int | None,
) -> Iterator[Table]:
    """Tell a row a group and network; nothing where the file names no groups."""
    rows = tuple(
        (row[place].name, network.cell, *_figures(row[place]))
        for row in zip(*map(groups, networks), strict=True)
        for place, network in enumerate(networks)
    )
    if all(row[0] in (NO_KIND, NO_DISTANCE) for row in rows):
        return  # the sentence below says so
    read = None if limit is None else range(min(len(rows), limit * len(networks)))
    yield Table(f"agreement by {what}", (what, "network", *FIGURES), rows, named_by=2, read_out=read)


def _figures(group: Group | NetworkAgreement) -> tuple[Value, ...]:
    """Return the figures of a group."""
    return (group.right, group.total, group.accuracy, *(group.interval or (None, None)))
