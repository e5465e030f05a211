"""``profile``: what every unit does over a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath

from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import require_names
from lstm_ascii.library.models import Model, source_of_file
from lstm_ascii.library.types import check_types
from lstm_ascii.processes import on_cluster
from lstm_ascii.records import dataclass
from lstm_ascii.render.profile.page import profile_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.profile.report import ProfileReport, profile_report
from lstm_ascii.sources import Source


@dataclass(frozen=True, repr=False)
class Profile(Drawn, ProfileReport):
    """A :class:`ProfileReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii profile``."""
        return profile_page(self)

    def __repr__(self) -> str:
        """Say what was read."""
        return f"<Profile of {self.model} over {self.words:,} words>"


def profile(
    source: Source | Model | str | PathLike[str],
    corpus: Sequence[str] | str | PathLike[str],
    *,
    resume: str = "",
    cluster: str = "",
) -> Profile:
    """Measure what every unit of a network does over a corpus of any size.

    It uses all cores for a large corpus: in a script, call it below ``if __name__ == "__main__":``.

    Args:
        source: the path of a file of weights, a :class:`Source`, or a :class:`Model`.
        corpus: a text file, a folder, a pattern or an address, or several of them.
        resume: a file in which finished work is saved, and from which it continues if it exists.
        cluster: the address of a Dask scheduler whose workers do the work; by default this machine does.

    Raises:
        UsageError: a parameter is of another type.
        LstmAsciiError: a file can't be read, no word in them can be read by the network, or there is no such cluster.

    >>> from lstm_ascii import profile
    >>> from lstm_ascii.sources import WEIGHTS
    >>> profile(WEIGHTS / "gru.safetensors", WEIGHTS / "CARD.md").layers[0].cell
    'GRU'
    """
    check_types(resume=resume, cluster=cluster)
    names = [fspath(corpus)] if isinstance(corpus, str | PathLike) else corpus
    require_names("corpus", names)
    with on_cluster(cluster):
        return Profile(**vars(profile_report(source_of_file(source), names, resume=resume)))
