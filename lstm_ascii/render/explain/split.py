"""The exact split of the answer, log-odds or a number, over the words whose writing is still in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.context import Context, left_out
from lstm_ascii.render.explain.influence import asked_text
from lstm_ascii.render.explain.shares import NO_SUM
from lstm_ascii.render.figures import fit, number, plain, signed
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import Sizes, at_width
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Drawing, Paragraph, Section
from lstm_ascii.reports.explain.decision import Split
from lstm_ascii.reports.explain.report import NetworkPass

BAR: Sizes = (0, 12, 32, 48)  # cells of a signed bar
CLOSING = (
    "This sum is exact: it adds up what is left of each word's writing and of the start state, as the last "
    "gates let it out, and the output layer's bias. "
    "It tells where the value was last written, not who caused it: later words rewrite what the first one decided."
)


def section(context: Context) -> Section:
    """The answer as a sum over the words that wrote."""
    main = context.main
    about = f"{main.cell}: {asked_text(main)}, by who last wrote"
    if main.split is None:
        return Section("The split", about, (Paragraph(_not_split(main)),))
    rows = [row for row in context.rows if row is None or row < len(main.split.words)]
    table = context.grid(f"split of the {main.cell}", [_column(main.split)], rows)
    sums = Drawing(partial(_sums, main.split, table), lambda: (_sum_table(main.split),))
    return Section("The split", about, (table, sums, Paragraph(CLOSING)))


def _not_split(network: NetworkPass) -> str:
    """Say why there is no split, if there is none."""
    where = network.where
    if network.no_choice:
        return left_out(network)
    if where.layer < where.layers:
        return (
            f"The split is exact only for the last layer, {where.layers} of {where.layers}, which the decoder reads: "
            f"what layer {where.layer} holds goes through the layers above, where it is no sum. Leave --layer out."
        )
    return NO_SUM


def _column(split: Split) -> Column:
    """Return the column of the words' parts."""
    largest = _largest(split)

    def head(size: int) -> tuple[str, str]:
        return ("its writing gives", f"full bar {number(largest)}") if size else ("gives", number(largest))

    return Column("gives", split.words, head, partial(_part, largest=largest), BAR, 9)


def _sums(split: Split, table: Grid, width: int) -> Iterator[Text]:
    """Draw the sum, line by line, under the words' own bars."""
    for name, value in _addends(split):
        sign = "=" if name == "sum" else "+"
        line = Text(fit(f" {sign} {name}", table.left(width) + table.gap), no_wrap=True)
        yield line.append_text(_part(value, at_width(width, BAR), _largest(split)))


def _sum_table(split: Split | None) -> Table:
    """Tell the sum."""
    return Table("sum of the split", ("part", "gives"), tuple(_addends(split)) if split else ())


def _addends(split: Split) -> list[tuple[str, float]]:
    """Return the parts of the sum, and the sum."""
    words = sum(split.words)
    return [
        ("words", words),
        ("start", split.start),
        ("bias", split.bias),
        ("sum", words + split.start + split.bias),
    ]


def _part(value: float, size: int, largest: float) -> Text:
    """Draw one part of the sum."""
    return signed(value / largest, size // 2).append(f" {plain(value, 2):>6}")


def _largest(split: Split) -> float:
    """Return the largest part or sum, for the one scale of all."""
    words = sum(split.words)
    return max(map(abs, [*split.words, split.start, split.bias, words, words + split.start + split.bias])) or 1.0
