"""The words of a walk, the one at hand marked, and below them what the followed unit has done so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.context import Context, named
from lstm_ascii.render.explain.gloss import VALUE, gate_level, gate_tracks, value_cell, value_track
from lstm_ascii.render.explain.strips import strip
from lstm_ascii.render.explain.unit import carries, is_carrier, role
from lstm_ascii.render.interlinear import Track, blocks, interlinear
from lstm_ascii.render.parts import Power, Table
from lstm_ascii.render.section import Drawing, Section
from lstm_ascii.reports.step.position import BACK
from lstm_ascii.reports.step.report import StepReport


def words_section(report: StepReport, context: Context, most: int | None = None) -> Section:
    """Return the words with their tracks.

    Args:
        report: to draw.
        context: of the current network.
        most: blocks into which the words are wrapped that are shown; ``None`` for all.
    """
    drawn = Drawing(partial(_lines, report, context, most), partial(_tables, report))
    return Section("The words", _about(report, context), (drawn,))


def _about(report: StepReport, context: Context) -> str:
    """Say where the reader stands, and which unit is followed."""
    main = report.main
    place = f"{report.at} of {len(report.words)}"
    if main.unit is None:
        return place
    does = f" {role(main, context.names)}" if is_carrier(main) and carries(main) else ""
    return f"{place} · unit {main.unit.index} of the {named(main)}{does}"


def _lines(report: StepReport, context: Context, most: int | None, width: int) -> Iterator[Text]:
    """Draw the blocks of words around the one at hand."""
    tracks, words = list(_tracks(report)), report.words
    wrapped = blocks(words, tracks, width, VALUE)
    here = next(place for place, rows in enumerate(wrapped) if report.at - 1 in rows)
    first = 0 if most is None else max(0, min(here - (most - 1) // 2, len(wrapped) - most))
    shown = wrapped[first : None if most is None else first + most]
    rows = [row for block in shown for row in block]
    yield from interlinear(words, tracks, rows, width, VALUE, _marks(report, context), places=True)


def _marks(report: StepReport, context: Context) -> dict[int, str]:
    """Return the styles of the words: the one at hand is set off, those that aren't read yet are faint."""
    ahead = {row: "note" for row in range(len(report.words)) if not _is_reached(report, row)}
    return ahead | context.marks


def _is_reached(report: StepReport, row: int) -> bool:
    """Tell whether a word lies on the way so far: read already, or, backwards, reached by the error."""
    order = report.main.where.ordered(range(len(report.words)))
    at = order.index(report.at - 1)
    if report.view == BACK:
        return row in order[at : order.index(report.main.loss_after - 1) + 1]
    return row in order[: at + 1]


def _tracks(report: StepReport) -> Iterator[Track]:
    """Yield what stands below the words, as far as the walk has come."""
    for track in _back(report) if report.view == BACK else _forward(report):
        yield replace(track, draw=partial(_so_far, report, track))


def _so_far(report: StepReport, track: Track, row: int, size: int) -> Text:
    """Draw a track below a word that is reached, and nothing below the others."""
    return track.draw(row, size) if _is_reached(report, row) else Text("")


def _forward(report: StepReport) -> Iterator[Track]:
    """Yield the unit's gates and its value, and that with a word swapped."""
    unit = report.main.unit
    if unit is not None:
        yield from gate_tracks(unit)
        if report.main.kind.show_verb == "shows":
            yield Track(
                "shown", lambda row, size: gate_level(unit.steps[row].shows or 0.0, min(size, 3), "gate.output")
            )
        yield value_track("value", [step.value for step in unit.steps])
    if report.twin is not None:
        name, number = f"with {report.twin.to}", report.number
        yield value_track(name, report.twin.values[number])
        if _differs_by_gate(report):  # in what is shown, while the value is much the same
            shown = report.twin.shows[number]
            yield Track("shown then", lambda row, size: gate_level(shown[row], min(size, 3), "gate.output"))


def _differs_by_gate(report: StepReport) -> bool:
    """Tell whether the swap acts through what the unit shows."""
    carrier = report.main.carrier
    return is_carrier(report.main) and carrier is not None and carrier.by_gate


def _back(report: StepReport) -> Iterator[Track]:
    """Yield how much of the error is left in each network, and what of it is at the unit."""
    yield from (strip(network, report.words) for network in report.explained.networks)
    if report.errors:
        yield Track("at unit", lambda row, _: value_cell(report.errors[row].state))


def _tables(report: StepReport) -> Iterator[Table]:
    """Tell the same, as far as the walk has come."""
    rows = [row for row in range(len(report.words)) if _is_reached(report, row)]
    yield (_back_table if report.view == BACK else _forward_table)(report, rows)


def _forward_table(report: StepReport, rows: Sequence[int]) -> Table:
    """Tell what the unit did at every word so far."""
    main, twin = report.main, report.twin
    steps = [] if main.unit is None else main.unit.steps
    columns: dict[str, Sequence[float | None]] = {}
    if steps and steps[0].keeps is not None:
        columns |= {"written": [step.adds for step in steps], "kept": [step.keeps for step in steps]}
        columns |= {"shown": [step.shows for step in steps]} if main.kind.show_verb == "shows" else {}
    columns |= {"value": [step.value for step in steps]} if steps else {}
    columns |= {f"with {twin.to}": twin.values[report.number]} if twin else {}
    columns |= {"shown then": twin.shows[report.number]} if twin and _differs_by_gate(report) else {}
    cells = tuple((row + 1, report.words[row], *(values[row] for values in columns.values())) for row in rows)
    name = f"unit {main.unit.index} of the {main.cell}" if main.unit else "words"
    return Table(f"{name} so far", ("word", "text", *columns), cells, named_by=2)


def _back_table(report: StepReport, rows: Sequence[int]) -> Table:
    """Tell how much of the error is left at every word that it has reached."""
    networks = report.explained.networks
    heads = ("word", "text", *(f"{one.cell} error" for one in networks), "at unit")
    cells = tuple(
        (row + 1, report.words[row],
         *(Power(error.choice) if (error := one.steps[row].gradient) else None for one in networks),
         report.errors[row].state)
        for row in rows
    )  # fmt: skip
    return Table("error so far", heads, cells, named_by=2)
