"""Maps of the memory horizon: a shade for how far a gradient reaches, and the edge of chaos as a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

from rich.text import Text

from lstm_ascii.render.figures import counted, number, power
from lstm_ascii.render.parts import Power, Table
from lstm_ascii.render.section import SPACE, Drawing, Head, Page, Paragraph, Section
from lstm_ascii.reports.gradients.maps import GradientMap, MapsReport
from lstm_ascii.reports.gradients.network import LEAST_STEPS

GLYPHS = "·░▒▓█"  # the longer the memory, the darker
SHARES = (0.1, 0.25, 0.5, 1.0)  # of the steps, up to which the first four reach
EXPLODED, EDGE = "▲", "═"
STYLES = {**dict.fromkeys("·░", "grad.vanished"), **dict.fromkeys("▒▓", "grad.fading"), "█": "grad.alive",
          EXPLODED: "grad.exploded", EDGE: "title"}  # fmt: skip
SPOKEN = {"·": "a dot", "░": "a light shade", "▒": "a middle shade", "▓": "a dark shade", "█": "black",
          EXPLODED: "a triangle", EDGE: "A double line is"}  # fmt: skip
LABEL = 6  # cells of a number beside the map


def maps_page(report: MapsReport) -> Page:
    """Return the page of a report."""
    facts = f"{counted(report.hidden_size, 'unit')} each · {report.setting}"
    legend = Paragraph(_legend(report, {}), "note", spoken=f"In the drawing, s{_legend(report, SPOKEN)[1:]}")
    return Page(
        Head([Text(_question(report), "word"), Text(facts, "note")]),
        [_section(map_, report) for map_ in report.maps],
        (SPACE, legend),
    )


def _section(map_: GradientMap, report: MapsReport) -> Section:
    """Return one map and what is to be seen on it."""
    about = f"{map_.y_name} (upwards) by {map_.x_name} (to the right)"
    return Section(f"Map of the {map_.cell}", about, (
        Drawing(partial(_drawn, map_, report), lambda: (_table(map_),)), SPACE, Paragraph(closing(map_, report)),
    ))  # fmt: skip


def _table(map_: GradientMap) -> Table:
    """Return the figures of every network, for other programs."""
    rows = tuple(
        (
            y,
            x,
            map_.horizon[row][column],
            Power(map_.total_log10[row][column]),
            map_.growth_rate[row][column],
        )
        for row, y in enumerate(map_.y)
        for column, x in enumerate(map_.x)
    )
    columns = (map_.y_name, map_.x_name, "vanished after", "left", "growth rate")
    return Table(f"map of the {map_.cell}", columns, rows, named_by=2, read_out=())


def _question(report: MapsReport) -> str:
    """Say what the maps answer."""
    return f"How many steps does a gradient reach back, of {report.steps:,}?"


def _drawn(map_: GradientMap, report: MapsReport, width: int) -> Iterator[Text]:
    """Draw one map, its highest row above; where it doesn't fit, every so many columns."""
    room = width - LABEL - 3
    every = -(-len(map_.x) // room)
    columns = range(0, len(map_.x), every)
    cell = max(1, min(4, room // len(columns)))
    grid = glyphs(map_, report)
    for row in range(len(map_.y) - 1, -1, -1):
        label = number(map_.y[row]) if (len(map_.y) - 1 - row) % 3 == 0 or row == 0 else ""
        text = Text.assemble((f" {label:>{LABEL}} │", "note"), no_wrap=True)
        for glyph, some in groupby(grid[row][column] for column in columns):
            text.append(glyph * cell * len(list(some)), STYLES[glyph])
        yield text
    yield Text(f" {'':{LABEL}} └" + "─" * (cell * len(columns)), "note")
    yield Text(" " * (LABEL + 3) + _axis([map_.x[column] for column in columns], cell), "note")


def _axis(values: Sequence[float], cell: int) -> str:
    """Write numbers below the columns that they belong to."""
    line = ""
    for index, value in enumerate(values):
        mark, place = number(value), index * cell
        if index % 7 == 0 and (not line or place > len(line)) and place + len(mark) <= len(values) * cell:
            line = line.ljust(place) + mark
    return line


def glyphs(map_: GradientMap, report: MapsReport) -> list[list[str]]:
    """Return a glyph for every pair of levers, by row, with the edge of chaos over them."""
    grid = [
        [_glyph(horizon, total, report) for horizon, total in zip(*rows, strict=True)]
        for rows in zip(map_.horizon, map_.total_log10, strict=True)
    ]
    for row, column in edge(map_):
        grid[row][column] = EDGE
    return grid


def edge(map_: GradientMap) -> list[tuple[int, int]]:
    """Return the rows and columns with chaos that have a neighbour without, below or beside them.

    Chaos is a largest Lyapunov exponent above 0. Near 0 single networks scatter: each counts with the mean
    of its neighbours.
    """
    rows, columns = len(map_.y), len(map_.x)
    chaos = [[_around(map_.growth_rate, row, column) > 0 for column in range(columns)] for row in range(rows)]
    cells = []
    for row in range(rows):
        for column in range(columns):
            beside = [(row, column - 1), (row, column + 1), (row - 1, column)]
            calm = any(r >= 0 and 0 <= c < columns and not chaos[r][c] for r, c in beside)
            if chaos[row][column] and calm:
                cells.append((row, column))
    return cells


def _around(values: Sequence[Sequence[float | None]], row: int, column: int) -> float:
    """Return the mean of a value and its neighbours; what is lost altogether counts as far below 0."""
    some = [
        -1.0 if value is None else max(value, -1.0)
        for line in values[max(0, row - 1) : row + 2]
        for value in line[max(0, column - 1) : column + 2]
    ]
    return sum(some) / len(some)


def _glyph(horizon: int | None, total: float | None, report: MapsReport) -> str:
    """Return the glyph for a reach."""
    if horizon is None:
        grown = total is not None and 10 ** min(total, 300) > report.thresholds[1]
        return EXPLODED if grown else GLYPHS[-1]
    share = horizon / report.steps
    return next(glyph for glyph, limit in zip(GLYPHS, SHARES, strict=False) if share <= limit)


def _legend(report: MapsReport, named: Mapping[str, str]) -> str:
    """Say what the glyphs are; those that have a name by it."""
    name = {glyph: named.get(glyph, glyph) for glyph in (*GLYPHS, EXPLODED, EDGE)}
    limits = [max(1, int(share * report.steps)) for share in SHARES]
    parts = [f"{name[glyph]} up to {limit:,}" for glyph, limit in zip(GLYPHS, limits, strict=False)]
    low, high = (power(math.log10(value)) for value in report.thresholds)
    return (
        f"Steps until less than {low} is left: {', '.join(parts)}, {name[GLYPHS[-1]]} not within {report.steps:,}; "
        f"{name[EXPLODED]} grown above {high} instead. {name[EDGE]} the edge of chaos: here the largest Lyapunov "
        "exponent (over these steps, the mean over neighbours) crosses 0."
    )


def closing(map_: GradientMap, report: MapsReport) -> str:
    """Say what is to be seen, from the figures of the map."""
    cells = [(horizon, total) for rows in zip(map_.horizon, map_.total_log10, strict=True) for horizon, total in
             zip(*rows, strict=True)]  # fmt: skip
    kinds = [_glyph(horizon, total, report) for horizon, total in cells]
    gone, grown = sum(horizon is not None for horizon, _ in cells), kinds.count(EXPLODED)
    text = (
        f"Of {len(cells)} networks {gone} have lost the gradient within {counted(report.steps, 'step')}, {grown} have "
        f"one that has grown above the upper threshold, {len(cells) - gone - grown} keep it between."
    )
    rows = [row for row, _ in edge(map_)]
    if report.steps < LEAST_STEPS:
        return f"{text} Over fewer than {LEAST_STEPS} steps no edge of chaos is looked for."
    if not rows:
        return f"{text} There is no edge of chaos on this map."
    low, high = number(map_.y[min(rows)]), number(map_.y[max(rows)])
    where = f"at {map_.y_name} {low}" if low == high else f"between {map_.y_name} {low} and {high}"
    return f"{text} The edge of chaos runs {where}."
