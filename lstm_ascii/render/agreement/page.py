"""How often networks prefer the right form: a bar, a share and its interval, by kind and by distance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.agreement.text import (
    NO_DISTANCE,
    NO_KIND,
    bounds,
    compared,
    distance,
    exact,
    farthest,
    hardest,
    remarks,
)
from lstm_ascii.render.figures import bar, counted, fit, percent
from lstm_ascii.render.layout import boxed, by_width, heading, page_width, paragraph, segments
from lstm_ascii.render.parts import Part
from lstm_ascii.reports.agreement.report import AgreementReport, Group, NetworkAgreement

SHORTEST_BAR, STACKED_BAR, LONGEST_BAR = 4, 16, 24
SHORTEST_NAME = 10  # of a group, where its bars stand beside it
MANY = 1000  # from so many pairs on a tenth of a percent is worth telling
_SHARE, _INTERVAL = 4, 6  # cells of ``100%`` and ``94–100``
_FIGURES = 1 + _SHARE + 1 + _INTERVAL  # with the blank before each
_LABEL = 6  # cells of a network's name, with a blank on each side
_LEGEND = (
    "Bars run from 0 to 100%, and half a bar is guessing. Beside them: the share of right answers and its "
    "95% interval, in whole percent, rounded outwards."
)


@dataclass(frozen=True)
class AgreementPage:
    """Draws an :class:`AgreementReport`.

    Attributes:
        report: to draw.
        limit: the most groups to show in a table; ``None`` for all.
    """

    report: AgreementReport
    limit: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell the same in titles, sentences and tables."""
        from lstm_ascii.render.agreement.told import parts  # most pages are drawn

        yield from parts(self.report, self.limit)

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        networks = self.report.networks
        yield from self._head(width)
        yield from heading(1, "AGREEMENT", "how often the right form is likelier than the wrong one", width)
        yield from _overall(networks, width)
        yield Text("")
        yield from paragraph(Text(_LEGEND, "note"), width, 1)
        yield from paragraph(Text(compared(networks)), width, 1)
        yield from heading(2, "BY KIND", "as the file names them", width)
        yield from self._table([network.by_kind for network in networks], "kind", width)
        yield from paragraph(Text(hardest(networks)), width, 1)
        yield from heading(3, "BY DISTANCE", "words between the subject and its verb", width)
        yield from self._table([network.by_distance for network in networks], "words", width)
        yield from paragraph(Text(farthest(networks)), width, 1)

    def _head(self, width: int) -> Iterator[Text]:
        """Draw the box with the file and the networks, and say what was left out."""
        report = self.report
        sizes = sorted({network.hidden_size for network in report.networks})
        names = ", ".join(network.cell for network in report.networks)
        sources = dict.fromkeys(network.source for network in report.networks)
        longer = "; ".join(one for one in sources if not any(other.startswith(f"{one},") for other in sources))
        facts = f"{counted(report.pairs, 'pair')} · {names} · {'/'.join(map(str, sizes))} units each · {longer}"
        yield from boxed([Text(report.file, "word"), Text(facts, "note")], width)
        for remark in remarks(report.networks):
            yield from paragraph(Text(remark, "note"), width, 1, hang=3)

    def _table(self, columns: Sequence[Sequence[Group]], head: str, width: int) -> Iterator[Text]:
        """Draw one row a group; where the networks don't fit beside each other, one line a network."""
        rows = list(zip(*columns, strict=True))
        if all(row[0].name in (NO_KIND, NO_DISTANCE) for row in rows):
            return  # the sentence below says so
        shown = rows[: self.limit]
        pairs = max([5, *(len(f"{row[0].total:,}") for row in shown)])
        most = width - pairs - 3 - len(columns) * (2 + SHORTEST_BAR + _FIGURES)
        longest = max([len(head), *(cell_len(row[0].name) for row in shown)])
        name = min(longest, max(SHORTEST_NAME, min(most, by_width(width, 12, 18, 30))))
        length = (width - name - pairs - 3) // len(columns) - 2 - _FIGURES
        cells = [network.cell for network in self.report.networks]
        one_count = all(len({group.total for group in row}) == 1 for row in rows)
        if one_count and length >= SHORTEST_BAR:
            yield from _beside(shown, cells, (name, pairs, min(length, LONGEST_BAR)), head)
        else:
            yield from _stacked(shown, cells, head, width)
        if len(shown) < len(rows):
            note = f"… and {len(rows) - len(shown):,} more; all of them: | cat"
            yield from paragraph(Text(note, "note"), width, 1)
        yield Text("")


def _style(group: Group | NetworkAgreement) -> str:
    """Return the style of a bar: whether the whole interval lies above guessing, or below it."""
    if group.interval is None or group.interval[0] <= 0.5 <= group.interval[1]:
        return "note"
    return "positive" if group.interval[0] > 0.5 else "negative"


def _measure(group: Group | NetworkAgreement, length: int) -> Text:
    """Draw a bar of ``length`` cells, the share and its interval."""
    if group.accuracy is None or group.interval is None:
        return Text(fit("no pairs", length + _FIGURES), "note")
    text = bar(group.accuracy, length, _style(group))
    text.append(f" {percent(group.accuracy):>{_SHARE}}")
    return text.append(f" {bounds(group.interval):<{_INTERVAL}}", "note")


def _overall(networks: Sequence[NetworkAgreement], width: int) -> Iterator[Text]:
    """Draw a line a network: the bar, its figures, what they are made of."""
    details = [_detail(network) for network in networks]
    longest = by_width(width, STACKED_BAR, LONGEST_BAR, 2 * LONGEST_BAR)
    yield from _lines([network.cell for network in networks], networks, details, longest, width)


def _detail(network: NetworkAgreement) -> str:
    """Say what a share is made of; of many pairs, the figures with a digit more."""
    made_of = f"{network.right:,} of {network.total:,}"
    if network.total < MANY or network.accuracy is None or network.interval is None:
        return made_of
    return f"{made_of} ({exact(network.accuracy)}, {bounds(network.interval, 1)})"


def _beside(
    rows: Sequence[Sequence[Group]], cells: Sequence[str], sizes: tuple[int, int, int], head: str
) -> Iterator[Text]:
    """Draw a table with a column a network; ``sizes`` are those of the name, the number of pairs, a bar."""
    name, pairs, length = sizes
    top = Text(f" {fit(head, name)}  {'pairs':>{pairs}}", "note")
    for cell in cells:
        top.append("  ").append(fit(cell, length + 1 + _SHARE)).append(fit(" 95%", 1 + _INTERVAL))
    top.rstrip()
    yield top
    for row in rows:
        first, *more = paragraph(Text(_shown(row[0].name, head), "word"), name)
        first.pad_right(name - first.cell_len)
        text = Text.assemble(" ", first, f"  {row[0].total:>{pairs},}", no_wrap=True)
        for group in row:
            text.append("  ").append_text(_measure(group, length))
        text.rstrip()
        yield text
        for line in more:  # of a name that is wider than its column
            yield Text.assemble(" ", line)


def _shown(name: str, head: str) -> str:
    """Return the name of a group as it stands in its table."""
    return name.replace("-", "–") if head == "words" else name


def _stacked(rows: Sequence[Sequence[Group]], cells: Sequence[str], head: str, width: int) -> Iterator[Text]:
    """Draw each group as its name and a line a network, all bars of one length."""
    details = [f"{group.right:,}/{group.total:,}" for row in rows for group in row]
    longest = max(map(len, details), default=0)
    for number, row in enumerate(rows):
        name = distance(row[0].name) if head == "words" else row[0].name
        yield from paragraph(Text(name, "word"), width, 1)
        some = [detail.rjust(longest) for detail in details[number * len(row) : (number + 1) * len(row)]]
        yield from _lines(cells, row, some, STACKED_BAR, width)


def _lines(
    cells: Sequence[str],
    groups: Sequence[Group | NetworkAgreement],
    details: Sequence[str],
    longest: int,
    width: int,
) -> Iterator[Text]:
    """Draw a line a network, with a bar of at most ``longest`` cells; the details below it where they don't fit."""
    length = width - _LABEL - _FIGURES - 2 - max(map(len, details))
    beside = length >= SHORTEST_BAR
    length = min(longest, length if beside else width - _LABEL - _FIGURES)
    for cell, group, detail in zip(cells, groups, details, strict=True):
        text = Text.assemble((f" {cell:<{_LABEL - 2}} ", "title"), no_wrap=True)
        text.append_text(_measure(group, length))
        if beside:
            text.append(f"  {detail}")
        text.rstrip()
        yield text
        if not beside:
            yield from paragraph(Text(detail.strip()), width, _LABEL)
