"""What clipping does: one factor for the whole gradient, so an exploded one fits, and a vanished one stays so."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from rich.text import Text

from lstm_ascii.render.figures import power
from lstm_ascii.render.gradients.arrows import ARROW
from lstm_ascii.render.gradients.scale import ladder
from lstm_ascii.render.gradients.table import table
from lstm_ascii.render.layout import Column, paragraph
from lstm_ascii.reports.gradients.network import Clipped
from lstm_ascii.reports.gradients.report import GradientsReport

NOT_MEASURED = "Not measured: ask for it with --clip 1."
METHOD = (
    "The loss's gradient on the last output has length 1. Added up over all steps this is the gradient of the "
    "recurrent weights; where it is longer than allowed, all of it is multiplied by one factor."
)


def clip_lines(report: GradientsReport, width: int) -> Iterator[Text]:
    """Draw the lengths before and after, and what single steps add to them."""
    found = [(network.label, network.clipped) for network in report.networks if network.clipped]
    if not found:
        yield from paragraph(Text(NOT_MEASURED), width, 1)
        return
    whose = f" Of the {report.seeds} networks of each kind, the first." if report.seeds > 1 else ""
    yield from paragraph(Text(METHOD + whose, "note"), width, 1)
    yield Text("")
    lengths = [(power(one.length_log10), power(one.factor_log10), power(cut(one.length_log10, one)))
               for _, one in found]  # fmt: skip
    heads = (("length", "before"), ("times", ""), ("length", "after"))
    columns = [Column(head, [row[place] for row in lengths], 6) for place, head in enumerate(heads)]
    yield from table("", [label for label, _ in found], columns, width)
    yield Text("")
    yield from _parts(found, width)
    yield Text("")
    for label, clipped in found:
        yield from paragraph(Text(f"{label}: {said(clipped, report.thresholds[0])}"), width, 1, hang=3)


def _parts(found: list[tuple[str, Clipped]], width: int) -> Iterator[Text]:
    """Draw what single steps add, before and after."""
    last = max((step for _, one in found for step, part in enumerate(one.parts_log10) if part is not None), default=0)
    shown = [0, *ladder(last, (), 9)] if last else [0]  # beyond, the state before a step is 0, and so is its part
    columns = []
    for label, clipped in found:
        values = [clipped.parts_log10[step] for step in shown]
        before = [power(value) for value in values]
        after = [power(cut(value, clipped)) for value in values]
        cells = [f"{one:<5}{ARROW}{other}" for one, other in zip(before, after, strict=True)]
        columns.append(Column((label, f"before{ARROW}after"), cells, max(15, len(label))))
    yield from table("back", [f"{step:,}" for step in shown], columns, width)


def cut(length_log10: float | None, clipped: Clipped) -> float | None:
    """Return a length after clipping."""
    return None if length_log10 is None else length_log10 + clipped.factor_log10


def said(clipped: Clipped, vanished: float) -> str:
    """Say what happened to a gradient's length, and to parts of it that are shorter than ``vanished``."""
    allowed = f"{clipped.most:g}"
    if clipped.factor_log10 == 0:
        return f"no longer than {allowed}, so nothing is cut."
    gone = any(part is not None and part < log10(vanished) for part in clipped.parts_log10)
    return (
        f"cut from {power(clipped.length_log10)} to {allowed}. Every step's part shrinks by the same factor, "
        f"{power(clipped.factor_log10)}: the direction stays{', and what had vanished is no larger for it' * gone}."
    )
