"""Word by word: what the gates did, what was written and wiped, and what the memory holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from rich.text import Text

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.figures import bar, counted, number, percent, plain, short
from lstm_ascii.render.grid import Column
from lstm_ascii.render.layout import WIDE, Sizes
from lstm_ascii.render.section import SPACE, Paragraph, Section, note
from lstm_ascii.reports.explain.passes import Holding
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.thresholds import CLOSED, OPEN, SMALLEST_SHARE, WRITTEN

VERBS = ("keeps", "adds", "shows")
HOLDING = ("still start", "holds")  # columns of the report at length
ACTS = {"clears": "cleared", "writes": "written", "holds": "held"}  # what the units of a cell do
NO_NUMBER = "What the cell computes is no number (nan): some weight of the network is none, or too large."
STYLES = ("gate.forget", "gate.input", "gate.output")
GATE = (3, 3, 3, 5)  # cells of a gate's bar


def section(context: Context) -> Section:
    """The gates at every word, and what the memory holds."""
    main = context.main
    closed = Paragraph(closing(main, context.names, shares=context.head_tells))
    if main.steps[0].gates is None:
        return Section(
            "Word by word", main.cell, (context.grid(f"steps of the {main.cell}", _moves(main)), SPACE, closed)
        )
    about = f"{main.cell}, means over {counted(main.hidden_size, 'unit')}; wrote and wiped: sums"
    if not context.head_tells:  # on the page to show
        columns = [column for column in _columns(main, context.names) if column.name not in HOLDING]
        table = context.grid(f"gates of the {main.cell}", columns, context.telling_rows)
        table = replace(table, tables=replace(table, rows=None).told)
        return Section("Word by word", about, (table, note(legend(main) if context.legends else ""), closed))
    table = context.grid(f"gates of the {main.cell}", _columns(main, context.names))
    return Section("Word by word", about, (table, SPACE, note(legend(main)), closed))


def _moves(network: NetworkPass) -> list[Column]:
    """Return the columns of a network without gates."""
    largest = max(step.state_size for step in network.steps) or 1.0
    size = partial(_size, largest=largest)
    return [
        Column("moved the state by", [step.written for step in network.steps], ("", "moved"), _amount, room=5),
        Column("size of the state", [step.state_size for step in network.steps], ("size of the", "state"), size,
               (8, 8, 20, 40), 6),
    ]  # fmt: skip


def _columns(network: NetworkPass, names: Sequence[str]) -> list[Column]:
    """Return the columns of a network with gates."""
    steps, gates = network.steps, [step.gates for step in network.steps]
    holds = [step.holds for step in steps]
    keeps, adds, shows = gate_columns(network, gates, GATE)
    return [
        keeps, adds, shows,
        *(Column(f"units {done}", [gate and getattr(gate, act) for gate in gates], ("units", act), _count,
                 room=len(act), right=True)
          for act, done in ACTS.items()),
        Column("wrote", [step.written for step in steps], ("", "wrote"), _amount, room=5),
        Column("wiped", [step.wiped for step in steps], ("", "wiped"), _amount, room=5),
        Column("still start", holds, ("still", "start"), _start, room=5, exact=lambda held: held.start,
               drawn=lambda width: width >= WIDE),
        Column("holds", holds, ("of what words", "wrote it holds"), lambda held, _: holding(names, held),
               (18, 18, 0, 0), stretch=True, items=True, exact=lambda held: holding(names, held).plain),
    ]  # fmt: skip


def gate_columns(network: NetworkPass, rows: Sequence[Any], size: Sizes) -> Iterator[Column]:
    """Yield what the gates keep, add and show, of rows that have these as attributes, with bars of a size."""
    verbs = (*VERBS[:2], network.kind.show_verb)
    for name, field, verb, style in zip(network.kind.flow_labels.values(), VERBS, verbs, STYLES, strict=True):
        values = [getattr(row, field) for row in rows]
        yield Column(verb, values, (name, verb), partial(gate_cell, style), size, 4)


def gate_cell(style: str, value: float, length: int) -> Text:
    """Draw a gate as a bar and a number."""
    return bar(value, length, style).append(f" {short(value)}")


def _count(value: int, _size: int) -> Text:
    """Write how many units do something."""
    return Text(f"{value:,}", "" if value else "note")


def _amount(value: float, _size: int) -> Text:
    """Write a sum over units."""
    return Text(f"{plain(value):>5}")


def _size(value: float, length: int, largest: float) -> Text:
    """Draw the size of a state against the largest on the sentence."""
    return bar(value / largest, length, "state").append(f" {number(value)}")


def _start(holding: Holding, _size: int) -> Text:
    """Write the start state's share."""
    return Text(f"{percent(holding.start):>5}", "note")


def holding(names: Sequence[str], held: Holding) -> Text:
    """List what the memory holds, the largest first, as far as the column goes."""
    parts = [f"{names[share.word - 1]} {percent(share.share)}" for share in held.words[:5]]
    return Text(", ".join(parts) or "nothing", "memory" if held.words else "note")


def closing(network: NetworkPass, names: Sequence[str], shares: bool) -> str:
    """Say what is to be seen in the table, from its numbers; ``shares`` tells whether it has those of the words."""
    steps = network.steps
    if not network.is_finite:
        return NO_NUMBER
    most = max(steps, key=lambda step: (step.written, -step.number))
    wrote = names[most.number - 1]
    if steps[0].gates is None:
        if not most.written:
            return "An RNN has no gates: each word can move the whole state, but none did."
        return (
            f"An RNN has no gates: each word moves the whole state. “{wrote}” moved it most, by {plain(most.written)}."
        )
    if not most.written:
        return "No word wrote anything into the memory."
    wiper = max(steps, key=lambda step: (step.wiped or 0, -step.number))
    wiped = names[wiper.number - 1]
    wipes = f"wiped most ({plain(wiper.wiped)})" if wiper.wiped else "nothing was wiped"
    told = f"“{wrote}” wrote most ({plain(most.written)})"
    if len(steps) == 1:
        told = f"“{wrote}” wrote {plain(most.written)}" + (f" and wiped {plain(wiper.wiped)}" if wiper.wiped else "")
    else:
        told += f" and {wipes}" if wiper.wiped and wiped == wrote else (
            f", {f'“{wiped}” ' if wiper.wiped else ''}{wipes}")  # fmt: skip
    last = network.where.ordered(steps)[-1]
    start = last.holds.start if last.holds else 0.0
    begins = "it begins at the last word" if network.where.backward else "every text begins"
    of_start = "" if start < SMALLEST_SHARE else (
        f" At the end {percent(start)} of all that it holds is still the start state, with which {begins}"
        f"{'; the shares above are of the rest' if shares else ''}."
    )  # fmt: skip
    return f"{_kept(network)}{told}; sums over units.{of_start}"


def _kept(network: NetworkPass) -> str:
    """Say how much of the memory stays from one word to the next: what was not wiped."""
    ordered = network.where.ordered
    held = sum(abs(value) for line in ordered(network.memory)[:-1] for value in line)
    wiped = sum(step.wiped or 0.0 for step in ordered(network.steps)[1:])
    return f"From word to word {percent(1 - wiped / held)} of the memory stays. " if held else ""


def legend(network: NetworkPass) -> str:
    """Say from which gates on a unit counts as cleared, written, held."""
    keep, add = network.kind.flow_gates["keep"], network.kind.flow_gates["add"]
    return (
        f"Of {counted(network.hidden_size, 'unit')} it clears those whose {keep} and {add} are below {CLOSED}, writes "
        f"those whose {add} is {WRITTEN} or more, and holds the others whose {keep} is {OPEN} or more."
    )
