"""What clipping does: one factor for the whole gradient, so an exploded one fits, and a vanished one stays so."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from rich.text import Text

from lstm_ascii.render.figures import power
from lstm_ascii.render.gradients.context import Context, ladder
from lstm_ascii.render.gradients.steps import ARROW
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.parts import Power, Table, Value
from lstm_ascii.render.section import SPACE, Paragraph, Section, note
from lstm_ascii.reports.gradients.network import Clipped

ABOUT = "the gradient of the recurrent weights, cut to a length"
NOT_MEASURED = "Not measured: ask for it with --clip 1."
METHOD = (
    "The loss's gradient on the last output has length 1. Added up over all steps this is the gradient of the "
    "recurrent weights; where it is longer than allowed, all of it is multiplied by one factor."
)
Length = float | None  # as its log10; None for nothing


def section(context: Context) -> Section:
    """The lengths before and after, and what single steps add to them."""
    report = context.report
    clipped = [(network.label, network.clipped) for network in report.networks if network.clipped]
    if not clipped:
        return Section("Clipping", ABOUT, (Paragraph(NOT_MEASURED),))
    whose = f" Of the {report.seeds} networks of each kind, the first." if report.seeds > 1 else ""
    closing = [Paragraph(f"{label}: {_effect(result, report.thresholds[0])}", hang=3) for label, result in clipped]
    return Section("Clipping", ABOUT, (
        note(METHOD + whose), SPACE, _lengths(clipped), SPACE, _parts(clipped), SPACE, *closing,
    ))  # fmt: skip


def _lengths(clipped: Sequence[tuple[str, Clipped]]) -> Grid:
    """Return the table of the lengths, a row a network."""
    columns = [
        Column(name, [Power(value) for value in values], head, lambda value, _: Text(power(value.log10)), room=6)
        for name, head, values in (
            ("length before", ("length", "before"), [result.length_log10 for _, result in clipped]),
            ("times", ("times", ""), [result.factor_log10 for _, result in clipped]),
            ("length after", ("length", "after"), [_cut(result.length_log10, result) for _, result in clipped]),
        )
    ]
    return Grid("clipping", ("network",), [label for label, _ in clipped], columns)


def _parts(clipped: Sequence[tuple[str, Clipped]]) -> Grid:
    """Return the table of what single steps add, before and after; it shows some steps."""
    last = max(
        (step for _, result in clipped for step, part in enumerate(result.parts_log10) if part is not None), default=0
    )
    steps = [0, *ladder(last, (), 9)] if last else [0]  # beyond, the state before a step is 0, and so is its part
    columns = [
        Column(label, [(result.parts_log10[step], _cut(result.parts_log10[step], result)) for step in steps],
               (label, f"before{ARROW}after"), _before_and_after, room=15)
        for label, result in clipped
    ]  # fmt: skip
    return Grid("what each step adds", ("step back",), [f"{step:,}" for step in steps], columns, title="back",
                tables=lambda: (_part_table(clipped, steps),))  # fmt: skip


def _before_and_after(lengths: tuple[Length, Length], _size: int) -> Text:
    """Write a length before and after clipping."""
    before, after = map(power, lengths)
    return Text(f"{before:<5}{ARROW}{after}")


def _part_table(clipped: Sequence[tuple[str, Clipped]], read_out: Sequence[int]) -> Table:
    """Return what every step adds; read out are some of them."""
    columns = [f"{label} {when}" for label, _ in clipped for when in ("before", "after")]
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (step, *(Power(length) for _, result in clipped
                 for length in (result.parts_log10[step], _cut(result.parts_log10[step], result))))
        for step in range(len(clipped[0][1].parts_log10))
    )  # fmt: skip
    return Table("what each step adds", ("step back", *columns), rows, read_out=read_out)


def _cut(length: Length, clipped: Clipped) -> Length:
    """Return a length after clipping."""
    return None if length is None else length + clipped.factor_log10


def _effect(clipped: Clipped, vanished: float) -> str:
    """Say what happened to a gradient's length, and to parts of it that are shorter than ``vanished``."""
    allowed = f"{clipped.most:g}"
    if clipped.factor_log10 == 0:
        return f"no longer than {allowed}, so nothing is cut."
    gone = any(part is not None and part < log10(vanished) for part in clipped.parts_log10)
    return (
        f"cut from {power(clipped.length_log10)} to {allowed}. Every step's part shrinks by the same factor, "
        f"{power(clipped.factor_log10)}: the direction stays{', and what had vanished is no larger for it' * gone}."
    )
