"""What is hard for an RNN, what the LSTM has against it, and what was measured of both: one table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.text import Text

from lstm_ascii.render.compare.claims import folded
from lstm_ascii.render.figures import number, percent, power
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import HOME, WIDEST, paragraph
from lstm_ascii.render.section import Section
from lstm_ascii.render.spans import length
from lstm_ascii.reports.compare.report import CompareReport, TrainedFigures

NONE = "–"
PROBLEM = 20  # cells


class Row(NamedTuple):
    """A problem, its solution, and a figure of each network, with what it is."""

    problem: str
    solution: str
    measured: str
    rnn: str
    lstm: str


def problems(report: CompareReport) -> Section:
    """The problems of an RNN beside their solutions in an LSTM."""
    rows = problems_of(report)
    columns = (
        Column("the LSTM has", [row.solution for row in rows], (), folded(""), room=1, elastic=(1, WIDEST)),
        Column("measured", [row.measured for row in rows], (), folded("note"), room=1, elastic=(1, WIDEST)),
        Column("RNN", [row.rnn for row in rows], ("RNN",), right=True),
        Column("LSTM", [row.lstm for row in rows], ("LSTM",), right=True),
    )

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        one = rows[row]
        yield from paragraph(Text(one.problem, "word"), width, 1)
        yield from paragraph(Text(one.solution), width, 3)
        yield from paragraph(Text(f"{one.measured}: RNN {one.rnn}, LSTM {one.lstm}", "note"), width, 3)

    table = Grid("problem and solution", ("hard for the RNN",), [row.problem for row in rows], columns,
                 title="hard for the RNN", folded=True, most=lambda _: PROBLEM, window=HOME, split=False,
                 turn=turned)  # fmt: skip
    return Section("Problem and solution", "and what was measured", (table,))


def problems_of(report: CompareReport) -> list[Row]:
    """Return the problems of which something was measured, where an RNN and an LSTM are compared."""
    if not {"RNN", "LSTM"} <= set(report.cells):
        return []
    made = (_overwritten(report), _vanishes(report), _forgets(report), _all_alike(report), _explodes(report))
    return [row for row in made if row]


def _trained(report: CompareReport) -> tuple[TrainedFigures, TrainedFigures] | None:
    """Return the trained RNN and LSTM, where both are there."""
    by_label = {network.label: network for network in report.trained}
    return (by_label["RNN"], by_label["LSTM"]) if {"RNN", "LSTM"} <= by_label.keys() else None


def _overwritten(report: CompareReport) -> Row | None:
    networks = report.recall.networks if report.recall else ()
    best = {cell: max((one for one in networks if one.cell == cell), key=lambda one: one.span, default=None)
            for cell in ("RNN", "LSTM")}  # fmt: skip
    rnn, lstm = best["RNN"], best["LSTM"]
    if rnn is None or lstm is None:
        return None
    return Row("Every word rewrites the whole state", "a memory that is scaled and added to: f ⊙ C + i ⊙ g",
               f"longest gap remembered ({lstm.label})", length(rnn), length(lstm))  # fmt: skip


def _vanishes(report: CompareReport) -> Row | None:
    two = _trained(report)
    if two is None or two[0].along_choice is None or two[1].along_choice is None:
        return None
    rnn, lstm = two[0].along_choice, two[1].along_choice
    return Row("The gradient vanishes", "a carousel: along it the only factor is f",
               f"a choice's error, left {rnn.steps_back[-1]} words back", power(rnn.log10[-1]),
               power(lstm.log10[-1]))  # fmt: skip


def _forgets(report: CompareReport) -> Row | None:
    two = _trained(report)
    if two is None:
        return None
    groups = [network.agreement.by_distance[-1] for network in two if network.agreement]
    if len(groups) < len(two):
        return None
    shares = [NONE if group.accuracy is None else percent(group.accuracy) for group in groups]
    return Row("The subject is lost over many words", "units that are written once, and held",
               f"right verbs over {groups[0].name.replace('-', '–')} words", *shares)  # fmt: skip


def _all_alike(report: CompareReport) -> Row | None:
    two = _trained(report)
    gate = next((gate for gate in (two[1].gates or () if two else ()) if gate.letter == "f"), None)
    if gate is None:
        return None
    return Row("Nothing chooses what is kept", "gates, learnt: f keeps, i writes, o shows", "mean forget gate", NONE,
               number(gate.mean))  # fmt: skip


def _explodes(report: CompareReport) -> Row | None:
    if not report.radii or len(report.radii) < 2:
        return None
    last = report.radii[-1]
    return Row("Large weights make it explode", "no cure: gradients are clipped, in both",
               f"left {last.reach.steps_back[-1]} steps back, radius {last.radius:g}", power(last.reach.log10[-1]),
               NONE)  # fmt: skip
