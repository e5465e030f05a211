"""``generate``: text written by a language model."""

from __future__ import annotations

from numbers import Integral, Real
from os import PathLike

from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import require
from lstm_ascii.library.models import Model, source_of
from lstm_ascii.library.types import check_types
from lstm_ascii.records import dataclass
from lstm_ascii.render.generate import generate_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.generate import GenerateReport, generate_report
from lstm_ascii.sources import Source


@dataclass(frozen=True, repr=False)
class Generated(Drawn, GenerateReport):
    """A :class:`GenerateReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii generate``."""
        return generate_page(self)

    def __repr__(self) -> str:
        """Say how much was written."""
        return f"<Generated: {len(self.written)} words by the {self.text.cell}>"


def generate(
    start: str = "",
    *,
    words: int | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    cell: str = "",
    unit: int | None = None,
    gate: str = "",
    source: Source | Model | str | PathLike[str] | None = None,
    layer: int | None = None,
) -> Generated:
    """Continue a text with a language model; each word has its probability, and the value of one unit.

    Args:
        start: the words to begin with; by default a word of the model's choice.
        words: how many to write; by default 40, or 240 characters.
        temperature: 0 for the likeliest word every time; below 1 likely words become likelier, above 1 less likely.
        seed: of the random numbers.
        cell: a network that comes with the package: ``rnn``, ``lstm`` (the default) or ``gru``.
        unit: the unit that paints the text, from 0; by default the one that correlates best with a simple feature.
        gate: the gate or state of the unit, by name or letter; by default its memory.
        source: where the network comes from, as in :func:`explain`.
        layer: the unit's layer, from 1; by default the last.

    Raises:
        UsageError: a number is out of its range, or a parameter is of another type.
        LstmAsciiError: the network is no language model.
        FileError: a file of ``source`` can't be read.

    >>> from lstm_ascii import generate
    >>> len(generate("The cats", words=5, temperature=0).written)
    5
    """
    check_types(start=start, words=words, cell=cell, unit=unit, gate=gate, layer=layer)
    require("temperature", temperature, Real, "a number")
    require("seed", seed, Integral, "a whole number")
    cells = (cell,) if cell else ()
    made = generate_report(start, words, float(temperature), seed, cells, source_of(source), unit, gate, layer)
    return Generated(**vars(made))
