"""How often networks prefer the right one: a bar, a share and its interval, by kind and by distance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.agreement.more import failures, published
from lstm_ascii.render.agreement.text import (
    NO_DISTANCE,
    NO_KIND,
    farthest,
    hardest,
    remarks,
    scored,
    words_between,
)
from lstm_ascii.render.figures import bar_above, counted, fit, percent
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import WIDEST, Sizes, by_width, paragraph
from lstm_ascii.render.left_out import remark, rows_left_out
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.rights import BARS, against_guessing, bounds, compared, exact
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section, note
from lstm_ascii.reports.agreement.report import AgreementReport, NetworkAgreement
from lstm_ascii.reports.scored.shares import Group
from lstm_ascii.thresholds import GUESSING

Row = Sequence[Group]  # one group, as each network answers it

SHORTEST_BAR, STACKED_BAR, LONGEST_BAR = 4, 16, 24
SHORTEST_NAME = 10  # of a group, where its bars stand beside it
MANY = 1000  # from so many pairs on a tenth of a percent is worth telling
FIGURES = ("right", "of", "share", "from", "to")  # of every table, as other programs get it
_SHARE, _INTERVAL = 4, 6  # cells of ``100%`` and ``94–100``
_FIGURES = 1 + _SHARE + 1 + _INTERVAL  # with the blank before each
_LABEL = 6  # cells of a network's name, with a blank on each side
_LEGEND = Paragraph(
    f"{BARS} Beside them: the share of right answers and its 95% interval, in whole percent, rounded outwards.",
    "note",
    spoken="Shares run from 0 to 1, which is 100%, and half is guessing. Share, from and to: the share of right "
    "answers and its 95% interval.",
)


def agreement_page(report: AgreementReport, limit: int | None = None, views: Sequence[str] = ()) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        limit: the most groups to show in a table; ``None`` for all.
        views: the sections, by name; all that have something to show if none is named.
    """
    sections: dict[str, tuple[object, Callable[[], Section]]] = {
        "share": (True, lambda: share(report)),
        "kind": (True, lambda: kind(report, limit)),
        "distance": (True, lambda: distance(report, limit)),
        "published": (report.published, lambda: published(report)),
        "failures": (report.failures_asked, lambda: failures(report)),
        "rows": (report.left_out, lambda: rows_left_out(report.left_out)),
    }
    chosen = [section() for name, (shown, section) in sections.items() if (name in views if views else shown)]
    return Page(_head(report), tuple(chosen))


def share(report: AgreementReport) -> Section:
    """How many pairs are right."""
    return Section("Agreement", "how often the right form is likelier than the wrong one", (
        _overall(report.networks), SPACE, _LEGEND, Paragraph(scored(report)), _scored(report),
        Paragraph(compared(report.networks)),
    ))  # fmt: skip


def _scored(report: AgreementReport) -> Drawing:
    """Give other programs the shares of pairs that could be scored, which a sentence tells."""

    def tables() -> list[Table]:
        shares = ((one.cell, one.total, report.rows, one.total / report.rows) for one in report.networks if report.rows)
        return [Table("pairs scored", ("network", "scored", "of", "share"), tuple(shares), silent=True)]

    return Drawing(lambda _: (), tables)


def kind(report: AgreementReport, limit: int | None) -> Section:
    """The same by kind."""
    networks = report.networks
    return Section("By kind", "as the file names them", (
        *_groups("kind", "kind", networks, [network.by_kind for network in networks], limit),
        Paragraph(hardest(networks)),
    ))  # fmt: skip


def distance(report: AgreementReport, limit: int | None) -> Section:
    """The same by distance."""
    networks = report.networks
    return Section("By distance", "words between the subject and its verb", (
        *_groups("distance", "words", networks, [network.by_distance for network in networks], limit),
        Paragraph(farthest(networks)),
    ))  # fmt: skip


def _head(report: AgreementReport) -> Head:
    """Return the box with the file and the networks, and what was left out."""
    sizes = sorted({network.hidden_size for network in report.networks})
    names = ", ".join(network.cell for network in report.networks)
    sources = dict.fromkeys(network.source for network in report.networks)
    longer = "; ".join(source for source in sources if not any(other.startswith(f"{source},") for other in sources))
    facts = f"{counted(report.pairs, 'pair')} · {names} · {'/'.join(map(str, sizes))} units each · {longer}"
    told = (*remark(report.left_out), *remarks(report.networks))
    return Head([Text(report.file, "word"), Text(facts, "note")], told, hang=3)


def _overall(networks: Sequence[NetworkAgreement]) -> Grid:
    """Return a row a network: the bar, its figures, what they are made of."""
    longest = (STACKED_BAR, STACKED_BAR, LONGEST_BAR, 2 * LONGEST_BAR)
    cells, details = [network.cell for network in networks], [_detail(network) for network in networks]
    return _by_network("agreement", cells, networks, details, longest)


def _detail(network: NetworkAgreement) -> str:
    """Say what a share is made of; of many pairs, the figures with a digit more."""
    made_of = f"{network.right:,} of {network.total:,}"
    if network.total < MANY or network.accuracy is None or network.interval is None:
        return made_of
    return f"{made_of} ({exact(network.accuracy)}, {bounds(network.interval, 1)})"


def _by_network(
    name: str,
    cells: Sequence[str],
    groups: Sequence[Group | NetworkAgreement],
    details: Sequence[str],
    longest: Sizes,
) -> Grid:
    """Return a row a network, with a bar of at most ``longest`` cells; the details below it where they don't fit."""

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        length = min(STACKED_BAR, width - _LABEL - _FIGURES)
        label = Text(f" {cells[row]:<{_LABEL - 2}} ", "title", no_wrap=True)
        line = Text.assemble(label, _measure(groups[row], length), no_wrap=True)
        line.rstrip()
        yield line
        yield from paragraph(Text(details[row].strip()), width, _LABEL)

    def tables() -> list[Table]:
        rows = tuple((cell, *_figures(group)) for cell, group in zip(cells, groups, strict=True))
        return [Table(name, ("network", *FIGURES), rows)]

    columns = (
        Column("share", groups, (), _measure, longest, _FIGURES + 1, (SHORTEST_BAR, longest[-1])),
        Column("made of", details, ()),
    )
    return Grid(name, ("network",), cells, columns, style="title", least=_LABEL - 2, gap=1, split=False,
                turn=turned, tables=tables)  # fmt: skip


def _measure(group: Group | NetworkAgreement, length: int) -> Text:
    """Draw a bar of ``length`` cells, the share and its interval."""
    if group.accuracy is None or group.interval is None:
        return Text(fit("no pairs", length + _FIGURES), "note")
    text = bar_above(GUESSING, group.accuracy, length, against_guessing(group.interval))
    text.append(f" {percent(group.accuracy):>{_SHARE}}")
    return text.append(f" {bounds(group.interval):<{_INTERVAL}}", "note")


def _figures(group: Group | NetworkAgreement) -> tuple[Value, ...]:
    """Return the figures of a group."""
    return (group.right, group.total, group.accuracy, *(group.interval or (None, None)))


def _groups(
    what: str, head: str, networks: Sequence[NetworkAgreement], groups: Sequence[Row], limit: int | None
) -> Iterator[Block]:
    """Yield the table of the groups, a row a group; nothing where the file names no groups, as a sentence says."""
    rows = list(zip(*groups, strict=True))
    if all(row[0].name in (NO_KIND, NO_DISTANCE) for row in rows):
        return
    yield _by_group(what, head, [network.cell for network in networks], rows[:limit])
    if limit is not None and limit < len(rows):
        yield note(f"… and {len(rows) - limit:,} more; all of them: | cat")
    yield SPACE


def _by_group(what: str, head: str, cells: Sequence[str], rows: Sequence[Row]) -> Grid:
    """Return a table with a column a network; where they don't fit beside each other, a line a network."""
    pairs = max([5, *(len(f"{row[0].total:,}") for row in rows)])

    def most(width: int) -> int:
        room = width - pairs - 3 - len(cells) * (2 + SHORTEST_BAR + _FIGURES)
        beside_bars = width - pairs - 3 - len(cells) * (2 + LONGEST_BAR // 2 + _FIGURES)
        return max(SHORTEST_NAME, min(room, max(beside_bars, by_width(width, 12, 18, 30))))

    def tables() -> list[Table]:
        figures = tuple(
            (group.name, cell, *_figures(group)) for row in rows for cell, group in zip(cells, row, strict=True)
        )
        return [Table(f"agreement by {what}", (what, "network", *FIGURES), figures, named_by=2)]

    one_count = all(len({group.total for group in row}) == 1 for row in rows)
    columns = [
        Column("pairs", [row[0].total for row in rows], draw=lambda total, _: Text(f"{total:,}"), right=True),
        *(
            Column(cell, groups, partial(_measure_heads, cell), _measure, room=_FIGURES,
                   elastic=(SHORTEST_BAR, LONGEST_BAR))
            for cell, groups in zip(cells, zip(*rows, strict=True), strict=True)
        ),
    ]  # fmt: skip
    labels = [row[0].name.replace("-", "–") if head == "words" else row[0].name for row in rows]
    return Grid(f"agreement by {what}", (what,), labels, columns, title=head, most=most, folded=True, split=False,
                window=0 if one_count else WIDEST + 1, turn=partial(_turned, head, cells, rows),
                tables=tables)  # fmt: skip


def _measure_heads(cell: str, length: int) -> tuple[str]:
    """Return what stands above the bars and figures of a network."""
    return (fit(cell, length + 1 + _SHARE) + fit(" 95%", 1 + _INTERVAL),)


def _turned(head: str, cells: Sequence[str], rows: Sequence[Row], _grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Draw a group as its name and a line a network, all bars of one length."""
    name = rows[row][0].name
    yield from paragraph(Text(words_between(name) if head == "words" else name, "word"), width, 1)
    longest = max(cell_len(_share_of(group)) for some in rows for group in some)
    details = [_share_of(group).rjust(longest) for group in rows[row]]
    yield from _by_network(name, cells, rows[row], details, (STACKED_BAR,) * 4).lines(width)


def _share_of(group: Group) -> str:
    """Write how many of how many pairs are right."""
    return f"{group.right:,}/{group.total:,}"
