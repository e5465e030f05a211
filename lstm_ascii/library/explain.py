"""Networks over a sentence, from Python."""

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

    __slots__ = ("_asked",)  # no field: what was asked is no figure

    def page(self) -> Page:
        """Return the page of ``lstm-ascii explain``."""
        return explain_page(self)

    def arrays(self) -> dict[str, Array]:
        """Return all that the networks computed by the names that ``--export`` has: ``lstm/layer1.forward.f``."""
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
    """Run networks over a sentence and return what they do, as plain numbers that draw themselves.

    Args:
        sentence: any text with at least one word; empty where ``source`` has an ``input`` in its place.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        word: the word to draw the cell at, by number (from 1) or text; by default the one
            that counts most in the choice, else where most is written and wiped.
        unit: a unit to follow along the words, from 0; by default the one that carries the number.
        contrast: the choice to look into, as ``was:were``; by default the last verb against its twin.
        source: where the networks come from: a :class:`Source`, the path of a file of weights, or what
            :func:`open_model` returned.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.
        answer: which output to look into, of a network that names no next word: its label, or its number from 0.

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
