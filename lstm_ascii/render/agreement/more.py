"""What stands below the shares: what others have published, the pairs that failed, the rows that can't be read."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lstm_ascii.render.figures import counted, number
from lstm_ascii.render.grid import Grid, figure_column
from lstm_ascii.render.layout import by_width
from lstm_ascii.render.parts import Table
from lstm_ascii.render.rights import exact
from lstm_ascii.render.section import SPACE, Block, Command, Drawing, Heading, Paragraph, Section, note
from lstm_ascii.reports.agreement.report import AgreementReport, NetworkAgreement

_FIGURE = 6  # cells of ``100.0%``


def published(report: AgreementReport) -> Section:
    """What others have published for the kinds of the file, beside what was measured."""
    if not report.published:
        return Section(
            "Published", "", (Paragraph("Nothing is known of what others measured on kinds of these names."),)
        )
    entries = report.published
    models = tuple(dict.fromkeys(model for entry in entries for model in entry.models))
    theirs = [
        figure_column(
            f"{model}, published",
            [dict(zip(entry.models, entry.shares, strict=True)).get(model) for entry in entries],
            exact, f"{model}*", _FIGURE,
        )
        for model in models
    ]  # fmt: skip
    ours = [
        figure_column(
            network.cell,
            [entry.right[place] / entry.total[place] if entry.total[place] else None for entry in entries],
            exact, network.cell, _FIGURE,
        )
        for place, network in enumerate(report.networks)
    ]  # fmt: skip
    counts = figure_column("pairs scored", [max(entry.total) for entry in entries], lambda n: f"{n:,}", "pairs")
    grid = Grid("published shares", ("construction",), [entry.what for entry in entries], [counts, *theirs, *ours],
                title="construction", folded=True, most=lambda width: by_width(width, 14, 30, 40))  # fmt: skip
    sources = "; ".join(dict.fromkeys(f"{entry.test}: {entry.source}" for entry in entries))
    return Section("Published", "what others measured on these kinds, beside what was measured now", (
        grid, SPACE, note(f"* published. {sources}."),
        Paragraph("They were measured on all pairs of the whole set; ours on those that could be scored."),
    ))  # fmt: skip


def failures(report: AgreementReport) -> Section:
    """The first pairs that each network gets wrong, each with the line that opens it."""
    blocks: list[Block] = []
    for network in report.networks:
        if not report.failures_asked:
            break
        blocks += [*_failures_of(network)]
    if not blocks:
        return Section("Failures", "", (Paragraph("None were asked for; --failures 5 lists the first five."),))
    return Section("Failures", "pairs whose wrong one is likelier, each with the line that opens it", tuple(blocks))


def _failures_of(network: NetworkAgreement) -> Iterator[Block]:
    """Yield what one network gets wrong."""
    wrong, listed = network.total - network.right, network.failures
    yield Heading(network.cell)
    if not wrong:
        yield Paragraph("No pair that was scored is wrong." if network.total else "No pair could be scored.")
        return
    more = "" if len(listed) == wrong else f"; the first {len(listed):,} of the file"
    yield Paragraph(f"{counted(wrong, 'pair')} wrong of {network.total:,}{more}.")

    def tables() -> list[Table]:
        heads = ("line", "kind", "prefix", "right", "wrong", "log-odds", "scored", "command")
        rows = tuple(
            (one.line, one.kind, one.prefix, one.right, one.wrong, one.log_odds, one.scored, one.command)
            for one in listed
        )
        return [Table(f"failures of {network.cell}", heads, rows, silent=True)]

    yield Drawing(lambda _: (), tables)
    for one in listed:
        pair = Text.assemble(f"{one.prefix} ".lstrip(), (one.right, "verdict.good"), f", not {one.wrong}")
        yield SPACE
        yield note(f"line {one.line:,} · {one.kind} · log-odds {number(one.log_odds)}", 1, 3)
        yield Paragraph(pair, "", 3, 5)
        yield Command(one.command)
