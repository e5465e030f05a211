"""``explain``: what networks do on a sentence or a series."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING

from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import require_names
from lstm_ascii.library.models import Model, source_of
from lstm_ascii.library.types import check_types
from lstm_ascii.records import dataclass
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.sources import Source

if TYPE_CHECKING:
    from lstm_ascii.cells import Array


@dataclass(frozen=True, repr=False)
class Explanation(Drawn, ExplainReport):
    """An :class:`ExplainReport` that draws itself."""

    __slots__ = ("_asked",)  # the arguments; not a field, so that it isn't part of the report

    def page(self) -> Page:
        """Return the page of ``lstm-ascii explain``."""
        return explain_page(self)

    def arrays(self) -> dict[str, Array]:
        """Return everything that the networks computed, with the names of ``--export``: ``lstm/layer1.forward.f``."""
        from lstm_ascii.reports.explain.arrays import run_arrays

        asked = getattr(self, "_asked", None)
        return super().arrays() if asked is None else run_arrays(*asked)

    def __repr__(self) -> str:
        """Say what was explained."""
        return f"<Explanation of {self.sentence!r} by {', '.join(network.cell for network in self.networks)}>"


def explain(
    sentence: str = "",
    *,
    cells: Sequence[str] = (),
    word: str | int | None = None,
    unit: int | None = None,
    contrast: str = "",
    source: Source | Model | str | PathLike[str] | None = None,
    layer: int | None = None,
    direction: str = "",
    answer: str = "",
) -> Explanation:
    """Run networks over a sentence or a series, and explain what they predict.

    Args:
        sentence: any text with at least one word; empty if ``source`` has an ``input``.
        cells: any of ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        word: the word at which the cell is drawn, by number (from 1) or text; by default the one that counts most in
            the choice, else the one that writes and wipes most.
        unit: the unit to follow along the words, from 0; by default the one that carries the number.
        contrast: the choice to explain, as ``was:were``; by default the last verb against its other number.
        source: where the networks come from: the path of a file of weights, a :class:`Source`, or a :class:`Model`.
        layer: the layer to explain, from 1; by default the last.
        direction: ``forward`` or ``backward``, if the layer has both; by default forward.
        answer: the output to explain, for a network that predicts no next word: its label, or its number from 0.

    Raises:
        UsageError: there is no word in the sentence, or no such word, cell, unit, layer, direction, contrast or answer,
            or a parameter is of another type.
        FileError: a file of ``source`` can't be read.

    >>> from lstm_ascii import explain
    >>> report = explain("The cat that chased the mice was hungry.", cells=("lstm",))
    >>> report.main.choice.right
    'was'
    >>> report.arrays()["layer1.forward.f"].shape  # words and units
    (9, 32)
    """
    check_types(sentence=sentence, word=word, unit=unit, contrast=contrast, layer=layer, direction=direction,
                 answer=answer)  # fmt: skip
    require_names("cells", cells)
    focus, opened = None if word is None else str(word), source_of(source)
    about = About(focus, unit, contrast, layer, direction, answer)
    report = explain_report(sentence, cells, opened, about)
    made = Explanation(**vars(report))
    object.__setattr__(made, "_asked", (sentence, cells, contrast, opened, answer, focus or ""))
    return made
