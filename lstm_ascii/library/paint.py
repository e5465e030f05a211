"""``paint``: a text coloured by one unit."""

from __future__ import annotations

from os import PathLike

from lstm_ascii.drawn import Drawn
from lstm_ascii.library.models import Model, source_of
from lstm_ascii.library.types import check_types
from lstm_ascii.records import dataclass
from lstm_ascii.render.paint import paint_page, title_of
from lstm_ascii.render.section import Page
from lstm_ascii.reports.paint import PaintReport, paint_report
from lstm_ascii.sources import Source


@dataclass(frozen=True, repr=False)
class Painting(Drawn, PaintReport):
    """A :class:`PaintReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii explain --view paint``."""
        return paint_page(self)

    def __repr__(self) -> str:
        """Say what was painted, and by what."""
        return f"<Painting of {len(self.painted.words)} words by {title_of(self)}>"


def paint(
    text: str,
    *,
    cell: str = "",
    unit: int | None = None,
    gate: str = "",
    source: Source | Model | str | PathLike[str] | None = None,
    layer: int | None = None,
    direction: str = "",
) -> Painting:
    """Paint a text by one unit: its value at every word, and the simple features with which it correlates.

    Args:
        text: with at least one word.
        cell: a network that comes with the package: ``rnn``, ``lstm`` (the default) or ``gru``.
        unit: from 0; by default the one that correlates best with a simple feature.
        gate: the gate or state of the unit, by name or letter: ``forget``; by default its memory.
        source: where the network comes from, as in :func:`explain`.
        layer: the unit's layer, from 1; by default the last.
        direction: ``forward`` or ``backward``, if the layer has both; by default forward.

    Raises:
        UsageError: there is no such cell, unit, gate or layer, or a parameter is of another type.
        FileError: a file of ``source`` can't be read.

    >>> from lstm_ascii import paint
    >>> paint("The cat that chased the mice was hungry.", unit=0).painted.words[:2]
    ('The', 'cat')
    """
    check_types(text=text, cell=cell, unit=unit, gate=gate, layer=layer, direction=direction)
    cells = (cell,) if cell else ()
    return Painting(**vars(paint_report(text, cells, source_of(source), unit, gate, None, layer, direction)))
