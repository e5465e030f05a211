"""A text and the unit that paints it; see :mod:`lstm_ascii.reports.explain.painted`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstm_ascii.errors import MissingPartError, argument
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.asking import numbered
from lstm_ascii.reports.explain.painted import Painted, painted_of
from lstm_ascii.reports.explain.view import View, Where, place_of
from lstm_ascii.reports.material import open_material
from lstm_ascii.sources import Source

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class PaintReport:
    """A text and the unit that paints it.

    Attributes:
        schema_version: of this layout.
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H.
        source: where the weights come from.
        where: which cell of the network.
        painted: by the unit.
    """

    schema_version: int
    cell: str
    hidden_size: int
    source: str
    where: Where
    painted: Painted


def paint_report(
    text: str,
    cells: Sequence[str] = (),
    source: Source | None = None,
    unit: int | None = None,
    gate: str = "",
    word: str | None = None,
    layer: int | None = None,
    direction: str = "",
) -> PaintReport:
    """Paint a text by a unit of a network.

    Args:
        text: any with at least one word.
        cells: of the networks that come with the package; the first that is drawn in full is taken, the LSTM.
        source: where the network comes from.
        unit: which, from 0; by default the one that follows something simple best.
        gate: what of it, by name or letter; by default its memory.
        word: at which the state is compared with others, by number or text; by default where the unit is largest.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.

    Raises:
        UsageError: there is no word in the text, or no such word, cell, unit, layer, direction or gate.
        FileError: a file can't be read.
        MissingPartError: the network reads vectors.
    """
    source = source or Source()
    networks, material = open_material(text, tuple(cells) or (() if source.model else ("lstm",)), source)
    network = min(networks, key=lambda one: one.layers[-1][0].cell.rank)
    if material.vectors is not None:
        raise MissingPartError(f"numbers are no text to paint; {argument('views', 'map')} draws a gate along a series")
    with np.errstate(invalid="ignore", over="ignore"):  # of weights that are no numbers
        view = View(network, material.run(network), material, place_of(network, layer, direction))
        at = None if word is None else numbered(word, material.words)
        return report_of(view, painted_of(view, unit, gate, at))


def report_of(view: View, painted: Painted) -> PaintReport:
    """Return the report of a cell that has read a text."""
    name = view.network.name or view.cell.name
    return PaintReport(SCHEMA_VERSION, name, view.cell.hidden_size, view.network.source,
                       view.where, painted)  # fmt: skip
