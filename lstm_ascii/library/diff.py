"""``diff``: two networks compared."""

from __future__ import annotations

from os import PathLike

from lstm_ascii.drawn import Drawn
from lstm_ascii.library.models import Model, source_of_file
from lstm_ascii.library.types import check_types
from lstm_ascii.records import dataclass
from lstm_ascii.render.diff import diff_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.diff.report import DiffReport, diff_report
from lstm_ascii.sources import Source


@dataclass(frozen=True, repr=False)
class Difference(Drawn, DiffReport):
    """A :class:`DiffReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii diff``."""
        return diff_page(self)

    def __repr__(self) -> str:
        """Say what was compared."""
        return f"<Difference of {self.first.model} and {self.second.model}{': none' if self.same else ''}>"


def diff(
    first: Source | Model | str | PathLike[str], second: Source | Model | str | PathLike[str], sentence: str = ""
) -> Difference:
    """Compare two networks: which parameters changed, what is wrong with only one, and where they first differ.

    Args:
        first: the path of a file of weights, a :class:`Source`, or a :class:`Model`.
        second: the same for the other network, such as a later checkpoint of the same training.
        sentence: read by both; not needed if both sources have an ``input``.

    Raises:
        UsageError: a parameter is of another type.
        FileError: a file can't be read.

    >>> from lstm_ascii import diff
    >>> from lstm_ascii.sources import WEIGHTS
    >>> diff(WEIGHTS / "rnn.safetensors", WEIGHTS / "rnn.safetensors").same
    True
    """
    check_types(sentence=sentence)
    return Difference(**vars(diff_report(source_of_file(first), source_of_file(second), sentence)))
