"""What is kept: of what each word wrote, how much survives each later word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.text import Text

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.explain.shares import NO_SUM
from lstm_ascii.render.figures import counted, fit, listed, percent
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.section import Block, Paragraph, Section, note
from lstm_ascii.reports.explain.writings import Writing

HEAD, TOLD = 9, 3  # the most cells of a word above a column; words that the closing sentence names


def section(context: Context) -> Section:
    """Of what each word wrote, how much the forget gates have left."""
    main = context.main
    if not main.writings:
        return Section("What is kept", "", (Paragraph(NO_SUM),))
    table = share_table(context, f"kept of what words wrote into the {main.cell}", "kept")
    return Section("What is kept", f"{main.cell}: of what each word wrote, how much is left after each later word",
                   (table, *legend(context), Paragraph(closing(context))))  # fmt: skip


def legend(context: Context) -> Iterator[Block]:
    """Say whose writing is followed, where that is not everybody's."""
    followed = len(context.main.writings)
    if followed < len(context.report.words):
        words = counted(followed, "word")
        yield note(f"Followed are {words}: those that matter, and those that wrote most. Each wrote its own 100%.")


def share_table(context: Context, name: str, field: str) -> Grid:
    """Return a table of shares with a row a word and a column a word that wrote."""
    columns = [
        Column(f"of “{context.names[one.word - 1]}”", getattr(one, field), (fit(word, min(HEAD, len(word))),),
               lambda share, _: Text(f"{percent(share):>4}", "memory" if share >= 0.5 else ""), right=True)
        for one in context.main.writings for word in (context.report.words[one.word - 1],)
    ]  # fmt: skip
    table = context.grid(name, columns, context.most_rows)
    return replace(table, tables=replace(table, rows=None).told)


def closing(context: Context) -> str:
    """Say what is left where the choice is made."""
    after = context.main.loss_after
    told = shares_at(context, context.main.writings, "kept", after)
    if not told:
        return "By the choice no other word has written anything."
    word = context.report.words[after - 1]
    return f"After “{word}” there is left {listed(told)}."


def shares_at(context: Context, writings: Sequence[Writing], field: str, after: int) -> list[str]:
    """Name shares of earlier words after a word: that of the word that decided first, then of the earliest."""
    earlier = [one for one in writings if one.word != after]
    found = [(one, share) for one in earlier if (share := getattr(one, field)[after - 1]) is not None]
    at = context.main.verdict.at
    chosen = sorted(found, key=lambda pair: (pair[0].word != at, pair[0].word))[:TOLD]
    return [f"{percent(share)} of “{context.names[one.word - 1]}”" for one, share in chosen]
