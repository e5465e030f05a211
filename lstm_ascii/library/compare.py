"""RNN, LSTM and GRU side by side, from Python."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from os import PathLike
from types import NoneType

from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import require, require_names
from lstm_ascii.library.models import Model, source_of
from lstm_ascii.library.types import check_types
from lstm_ascii.records import dataclass
from lstm_ascii.render.compare.page import compare_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.compare.report import CompareReport
from lstm_ascii.sources import Source


@dataclass(frozen=True, repr=False)
class Compared(Drawn, CompareReport):
    """A :class:`CompareReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii compare``."""
        return compare_page(self)

    def __repr__(self) -> str:
        """Say what was compared."""
        return f"<Compared: {', '.join(self.cells)}>"


def compare(
    cells: Sequence[str] = (),
    *,
    views: Sequence[str] = (),
    source: Source | Model | str | PathLike[str] | None = None,
    sentence: str = "",
    hidden: int | None = None,
    seed: int = 0,
    seeds: int = 3,
    steps: int = 1000,
    timed: bool = True,
    again: bool = False,
) -> Compared:
    """Measure an RNN, an LSTM and a GRU side by side, and hold it against what lectures say of them.

    Args:
        cells: which: ``rnn``, ``lstm``, ``gru``; by default all.
        views: sections: ``claims``, ``problems``, ``size``, ``time``, ``span``, ``agreement``, ``gradient``, ``gates``;
            by default all.
        source: of a network of your own, to stand beside them; with an ``input``, beside random ones.
        sentence: along which the gates are measured; by default fresh sentences.
        hidden: H where sizes, times and random networks are compared; by default 32, or beside a series as many as the
            network of ``source`` has.
        seed: of the random networks, the race and the fresh sentences.
        seeds: of the memory race.
        steps: of the memory race, at most.
        timed: whether the time of a step is measured.
        again: measure also what stands ready from when the networks were made.

    Raises:
        UsageError: there is no such cell or section, or a parameter is of another type.
        FileError: a file can't be read.

    >>> from lstm_ascii import compare
    >>> [size.cell for size in compare(views=("size",)).sizes]
    ['RNN', 'LSTM', 'GRU']
    """
    from lstm_ascii.reports.compare.comparison import Comparison, compare_report
    from lstm_ascii.reports.compare.measured import ready

    require_names("cells", cells)
    require_names("views", views)
    check_types(sentence=sentence)
    require("hidden", hidden, (Integral, NoneType), "a whole number")
    for name, value in (("seed", seed), ("seeds", seeds), ("steps", steps)):
        require(name, value, Integral, "a whole number")
    opened = source_of(source) or Source()
    asked = Comparison(tuple(cells), tuple(views), opened, sentence, hidden, seed=seed, seeds=seeds, steps=steps,
                       timed=timed)  # fmt: skip
    report = (None if again else ready(asked)) or compare_report(asked, lambda _: None)
    if report.recall and report.recall.interrupted:
        raise KeyboardInterrupt
    return Compared(**vars(report))
