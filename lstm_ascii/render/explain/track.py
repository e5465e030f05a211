"""Along the words: the one unit that carried it, its gates, what it does, its value, and that with the word swapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.explain.unit import (
    by_gate,
    carries,
    columns,
    held,
    is_carrier,
    legend,
    no_unit,
    not_carried,
    reading,
    role,
)
from lstm_ascii.render.figures import counted, short
from lstm_ascii.render.section import Paragraph, Section, note
from lstm_ascii.reports.explain.passes import Unit
from lstm_ascii.reports.explain.report import NetworkPass


def section(context: Context) -> Section:
    """One unit along the words that tell most."""
    main, words, names = context.main, context.report.words, context.names
    if main.unit is None:
        return Section("Along the words", "", (Paragraph(no_unit(main)),))
    unit, name = main.unit, f"unit {main.unit.index} of the {main.cell}"
    about = name
    if is_carrier(main):
        if not carries(main):
            return Section("Along the words", "", (Paragraph(not_carried(main, words)),))
        about += f" {role(main, names)}"
    table = context.grid(name, columns(main, unit), context.telling_rows)
    whole = replace(table, rows=None)
    table = replace(table, tables=whole.told)
    legends = legend(main, unit) if context.legends else ""
    spoken = " ".join(filter(None, (held(main, unit, names), by_gate(main, names))))  # no word is left out there
    said = " ".join(filter(None, (*_left_out(context, unit), spoken)))
    closing = Paragraph(said, spoken=spoken or ("All words are told." if said else ""))
    return Section("Along the words", about, (table, note(f"So it is {legends}" if legends else ""), closing))


def _left_out(context: Context, unit: Unit) -> Iterator[str]:
    """Say what is left out of the table."""
    shown = {row for row in context.telling_rows if row is not None}
    hidden = [n for n in range(len(unit.steps)) if n not in shown]
    if not hidden:
        return
    steps = [unit.steps[n] for n in hidden]
    if steps[0].keeps is None:
        return
    readings = _readings([reading(step) for step in steps])
    least = min(step.keeps or 0.0 for step in steps)
    bound = short(least) if least >= 0.995 else f"{short(least)} or more"
    which = "one word" if len(hidden) == 1 else counted(len(hidden), "word")
    yield f"In the {which} left out the unit is {readings} ({_keep(context.main)} {bound})."


def _readings(found: Sequence[str]) -> str:
    """Name what the unit does at the words that are left out."""
    kinds = list(dict.fromkeys(name.removesuffix(" +") for name in found))
    return " or ".join(kinds)


def _keep(network: NetworkPass) -> str:
    """Name the gate that keeps."""
    return network.kind.flow_gates["keep"]
