"""``compare``: an RNN, an LSTM and a GRU side by side."""

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
    """Measure an RNN, an LSTM and a GRU side by side, and compare the results with what lectures say.

    Args:
        cells: any of ``rnn``, ``lstm``, ``gru``; by default all.
        views: sections: ``claims``, ``problems``, ``size``, ``time``, ``span``, ``agreement``, ``gradient``, ``gates``;
            by default all.
        source: a network of your own to compare with them; if it has an ``input``, with random networks.
        sentence: along which the gates are measured; by default held-out sentences.
        hidden: the number of units for sizes, times and random networks; by default 32, or for a series that of the
            network of ``source``.
        seed: of the random networks, the memory task and the held-out sentences.
        seeds: how many networks of each kind are trained on the memory task.
        steps: the maximum number of training steps of the memory task.
        timed: whether to measure the time of a step.
        again: whether to measure everything on this machine instead of using stored measurements.

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
