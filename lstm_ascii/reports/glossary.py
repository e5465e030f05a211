"""The terms that a reader asks for."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.language.text import visible
from lstm_ascii.lessons.glossary import GlossaryTerm, terms_matching
from lstm_ascii.records import dataclass

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class GlossaryReport:
    """All that ``glossary`` shows.

    Attributes:
        schema_version: of this layout.
        asked: for what; empty for all.
        terms: in the order of their themes.
    """

    schema_version: int
    asked: str
    terms: tuple[GlossaryTerm, ...]

    @property
    def themes(self) -> Sequence[str]:
        """The themes of the terms, in order."""
        return tuple(dict.fromkeys(term.theme for term in self.terms))


def glossary_report(query: str = "") -> GlossaryReport:
    """Find terms.

    Args:
        query: a name, a part of one or a close spelling; empty for all.

    Raises:
        UsageError: there is none.
    """
    return GlossaryReport(SCHEMA_VERSION, visible(" ".join(query.split())), terms_matching(query))
