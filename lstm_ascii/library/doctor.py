"""``doctor``: what is wrong with a network."""

from __future__ import annotations

from os import PathLike

from lstm_ascii.drawn import Drawn
from lstm_ascii.library.models import Model, source_of_file
from lstm_ascii.library.types import check_types
from lstm_ascii.records import dataclass
from lstm_ascii.render.doctor import doctor_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.doctor.report import DoctorReport, doctor_report
from lstm_ascii.sources import Source


@dataclass(frozen=True, repr=False)
class Diagnosis(Drawn, DoctorReport):
    """A :class:`DoctorReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii doctor``."""
        return doctor_page(self)

    def __repr__(self) -> str:
        """Say what was found."""
        found = ", ".join(f"{finding.severity}: {finding.rule}" for finding in self.findings)
        return f"<Diagnosis of {self.model}: {found or 'nothing by these limits'}>"


def doctor(source: Source | Model | str | PathLike[str], text: str = "") -> Diagnosis:
    """Find problems of a network, in its weights and, with a text, in the behaviour of its units.

    Args:
        source: the path of a file of weights, a :class:`Source`, or a :class:`Model`.
        text: a sentence, or the path of a text file of any size; without it only the weights are examined.

    Raises:
        UsageError: a parameter is of another type.
        FileError: a file can't be read.

    >>> from lstm_ascii import doctor
    >>> from lstm_ascii.sources import WEIGHTS
    >>> [layer.cell for layer in doctor(WEIGHTS / "lstm.safetensors").layers]
    ['LSTM']
    """
    check_types(text=text)
    return Diagnosis(**vars(doctor_report(source_of_file(source), text)))
