"""The page of ``profile``: the layers, the units that stand out, where they are highest, and idle units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import counted, number, plain
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.grid import Column, Grid, as_sentence, figure_column, only_told
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table, capital
from lstm_ascii.render.profile import BY_DEFAULT
from lstm_ascii.render.section import Block, Drawing, Head, Page, Section, note
from lstm_ascii.reports.profile.report import (
    QUANTILES,
    Chosen,
    Followed,
    HighPlace,
    LayerProfile,
    ProfileReport,
    Spread,
    UnitProfile,
)

MOST_NAMED = 12  # idle units, and pairs, that are named one by one
FOLLOWED = 2  # things that a unit follows which are named


def profile_page(report: ProfileReport, views: Sequence[str] = ()) -> Page:
    """Return the page of a report."""
    makers = {"layers": _layers, "units": _chosen, "places": _places, "idle": _idle, "all": _all}
    sections = [makers[name](report) for name in views or BY_DEFAULT]
    return Page(Head([Text(report.model, "word"), Text(_about(report), "note")]), sections)


def _about(report: ProfileReport) -> str:
    """Say what read what."""
    unknown = f", {report.unknown:,} of them unknown" if report.unknown else ""
    skipped = f", {report.skipped:,} more left out" if report.skipped else ""
    files = f" · {counted(report.files, 'file')}" if report.files > 1 else ""
    read = f"{counted(report.words, 'word')}{unknown}{skipped}, {counted(report.lines, 'line')}"
    return f"{report.corpus}{files} · {read} · {report.source}"


def _name(report: ProfileReport, layer: LayerProfile, unit: int) -> str:
    """Return what a unit is called: with its layer, where there are several."""
    return f"{layer.name}, unit {unit}" if len(report.layers) > 1 else f"unit {unit}"


def _each(report: ProfileReport) -> list[tuple[LayerProfile, Chosen, UnitProfile]]:
    """Return the units worth looking at."""
    return [(layer, chosen, layer.units[chosen.unit]) for layer in report.layers for chosen in layer.chosen]


def _layers(report: ProfileReport) -> Section:
    """Return what the units of each layer have in common."""
    layers = report.layers
    means = {gate: [_mean([unit.gates[gate].mean for unit in layer.units if gate in unit.gates]) for layer in layers]
             for gate in ("keep", "add", "show")}  # fmt: skip
    columns = [
        figure_column("cell", [layer.cell for layer in layers], str),
        figure_column("units", [len(layer.units) for layer in layers], str),
        figure_column("dead", [len(layer.dead) for layer in layers], str),
        figure_column("doubled", [layer.doubled_count for layer in layers], str),
        figure_column("half-life", [layer.half_life for layer in layers], partial(plain, digits=1)),
        *(figure_column(f"{gate}s", means[gate], partial(plain, digits=2)) for gate in means),
    ]
    grid = Grid("layers", ("layer",), [layer.name for layer in layers], columns, split=False, turn=as_sentence)
    legend = (
        f"Dead: the memory's standard deviation is below {report.limits['dead']:g}. Doubled: pairs of units whose "
        f"memories correlate with an |r| above {report.limits['twins']:g}. Half-life: words until half of the memory "
        "is left, by the mean of the gate that keeps it; the middle unit. Keeps, adds, shows: means of the gates."
    )
    return Section("The layers", "", (grid, note(legend)))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _chosen(report: ProfileReport) -> Section:
    """Return the units worth looking at, a row each."""
    each = _each(report)
    total = sum(len(layer.units) for layer in report.layers)
    about = f"{len(each):,} of {total:,}"
    if not each:
        return Section("Units worth looking at", about, (note("None stands out: no unit moves."),))
    units = [unit for _, _, unit in each]
    columns = [
        Column("picked for", [chosen.why for _, chosen, _ in each], draw=lambda why, _: Text(", ".join(why)),
               items=True, exact=", ".join),
        Column("follows", [_first_of(chosen, unit) for _, chosen, unit in each], draw=_follows, items=True,
               exact=_told_follows),
        *_figures(units),
    ]  # fmt: skip
    names = [_name(report, layer, unit.unit) for layer, _, unit in each]
    grid = Grid("units", ("unit",), names, columns, turn=as_sentence)
    return Section("Units worth looking at", about, (grid, note(_units_legend(report))))


def _figures(units: Sequence[UnitProfile]) -> list[Column]:
    """Return the columns of figures of some units."""
    memories = [unit.memory for unit in units]
    gates = ("keep", "add", "show")
    return [
        Column("memory", [unit.bars for unit in units], draw=_drawn_bars, exact=None),
        figure_column("5%", [one.quantiles[0] for one in memories], partial(plain, digits=2)),
        figure_column("middle", [one.quantiles[2] for one in memories], partial(plain, digits=2)),
        figure_column("95%", [one.quantiles[4] for one in memories], partial(plain, digits=2)),
        figure_column("half-life", [unit.half_life for unit in units], number),
        *(figure_column(f"{gate}s", [_mean_of(unit, gate) for unit in units], partial(plain, digits=2))
          for gate in gates),
        *(only_told(f"memory {name}", [getattr(one, name) for one in memories])
          for name in ("mean", "deviation", "low", "high")),
        *(only_told(f"memory {QUANTILES[place]:.0%}", [one.quantiles[place] for one in memories]) for place in (1, 3)),
        *(only_told(f"{gate}s deviation", [_of(unit.gates.get(gate)) for unit in units]) for gate in gates),
        only_told("twin", [unit.twin[0] if unit.twin else None for unit in units]),
        only_told("twin r", [unit.twin[1] if unit.twin else None for unit in units]),
        only_told("dead", [int(unit.dead) for unit in units]),
    ]  # fmt: skip


def _mean_of(unit: UnitProfile, gate: str) -> float | None:
    return unit.gates[gate].mean if gate in unit.gates else None


def _of(spread: Spread | None) -> float | None:
    return spread.deviation if spread else None


def _first_of(chosen: Chosen, unit: UnitProfile) -> tuple[Followed, ...]:
    """Return what a unit follows: first that in which it is the first, then what it follows most."""
    return tuple(sorted(unit.follows, key=lambda one: one.name not in chosen.why)[:FOLLOWED])


def _told_follows(some: Sequence[Followed]) -> str:
    """Tell what a unit follows."""
    return ", ".join(f"{one.name} {one.correlation:+.3f}" for one in some)


def _follows(some: Sequence[Followed], _size: int) -> Text:
    """Write what a unit follows with its correlations; what may be chance in the style of notes."""
    text = Text()
    for place, one in enumerate(some):
        text.append(", " if place else "")
        r = f"{one.correlation:+.2f}".replace("-", "−")
        text.append(f"{one.name} {r}", "" if one.beyond_chance else "note")
    return text


def _drawn_bars(bars: Sequence[float], _size: int) -> Text:
    """Draw a histogram in a line."""
    most = max(bars, default=0.0) or 1.0
    return Text("".join(LEVELS[min(7, int(share / most * 8))] if share > 0 else " " for share in bars))


def _units_legend(report: ProfileReport) -> str:
    """Say what the columns are."""
    return (
        "Picked for: what it follows, or does, most of all units of its layer. Follows: Pearson's r of the memory with "
        f"what is computed from the text; only an |r| above {report.limits['follows']:g}, and above what the best "
        "of so many units would reach by chance, makes a unit worth looking at. Memory: how its values lie between "
        "their 1% and their 99%; its 5%, its middle, its 95%. Half-life in words. All units: --view all, --tsv, "
        "--json."
    )


def _places(report: ProfileReport) -> Section:
    """Return where the chosen units are highest."""
    each = _each(report)
    rows = tuple(
        (_name(report, layer, unit.unit), place.value, place.file, " ".join(place.words), place.words[place.at])
        for layer, _, unit in each for place in unit.highest
    )  # fmt: skip
    table = Table("places", ("unit", "memory", "file", "passage", "word"), rows, silent=True)
    told = [
        f"{capital(_name(report, layer, unit.unit))}: {'; '.join(_passage(one).plain.strip() for one in unit.highest)}"
        for layer, _, unit in each
        if unit.highest
    ]
    blocks: tuple[Block, ...] = (Drawing(partial(_drawn_places, report, each), lambda: (table,), told),)
    return Section("Where they are highest", "each in different words", blocks)


def _drawn_places(
    report: ProfileReport, each: Sequence[tuple[LayerProfile, Chosen, UnitProfile]], width: int
) -> Iterator[Text]:
    """Draw the passages below each unit, with the word at which it is so high."""
    for layer, _, unit in each:
        yield from paragraph(Text(_name(report, layer, unit.unit), "title"), width, 1)
        for place in unit.highest:
            yield from paragraph(_passage(place), width, 3, hang=11)


def _passage(place: HighPlace) -> Text:
    """Write a passage after the value."""
    before, after = place.words[: place.at], place.words[place.at + 1 :]
    value = f"{place.value:+7.2f} ".replace("-", "−")
    return Text.assemble(
        (value, "note"), " ".join([*before, ""]), (f"[{place.words[place.at]}]", "word"), " ".join(["", *after])
    )


def _idle(report: ProfileReport) -> Section:
    """Return the units that say nothing, or nothing new."""
    blocks: list[Block] = []
    for layer in report.layers:
        blocks.extend(note(text) for text in _idle_of(report, layer))
    rows = tuple((layer.name, a, b, r) for layer in report.layers for a, b, r in layer.doubled)
    table = Table("doubled", ("layer", "unit", "other unit", "correlation"), rows, named_by=1, silent=True)
    blocks.append(Drawing(lambda _: (), lambda: (table,) if rows else ()))
    return Section("Idle units", "", blocks)


def _idle_of(report: ProfileReport, layer: LayerProfile) -> Iterator[str]:
    """Say it of a layer."""
    where = f"{layer.name}: " if len(report.layers) > 1 else ""
    dead = [f"{unit}" for unit in layer.dead[:MOST_NAMED]]
    more = f" and {len(layer.dead) - MOST_NAMED:,} more" if len(layer.dead) > MOST_NAMED else ""
    if dead:
        yield f"{where}{counted(len(layer.dead), 'dead unit')}: {', '.join(dead)}{more}."
    else:
        yield f"{where}No unit is dead."
    if layer.doubled_count is None:
        yield f"{where}{len(layer.units):,} units are too many to look for doubled ones."
    elif not layer.doubled_count:
        yield f"{where}No two units say the same."
    else:
        pairs = ", ".join(f"{a} and {b} ({r:+.3f})".replace("-", "−") for a, b, r in layer.doubled[:MOST_NAMED])
        rest = layer.doubled_count - MOST_NAMED
        yield (
            f"{where}{counted(layer.doubled_count, 'pair')} of units say the same: {pairs}"
            f"{f' and {rest:,} more' if rest > 0 else ''}."
        )


def _all(report: ProfileReport) -> Section:
    """Return all units, a row each."""
    each = [(layer, unit) for layer in report.layers for unit in layer.units]
    units = [unit for _, unit in each]
    names = [_name(report, layer, unit.unit) for layer, unit in each]
    follows = Column("follows", [unit.follows[:1] for unit in units], draw=_follows, exact=_told_follows)
    grid = Grid("all units", ("unit",), names, [follows, *_figures(units)], turn=as_sentence)
    return Section("All units", f"{len(units):,}", (grid,))
