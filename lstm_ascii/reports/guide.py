"""The pages of the guide that a reader asks for."""

from __future__ import annotations

from lstm_ascii.guide.topics import Topic, topics
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class GuideReport:
    """All that ``guide`` shows.

    Attributes:
        schema_version: of this layout.
        asked: for what; empty for the list of all topics.
        topics: in the order of the guide.
    """

    schema_version: int
    asked: str
    topics: tuple[Topic, ...]


def guide_report(wanted: str = "") -> GuideReport:
    """Find a topic.

    Args:
        wanted: its name, or that of a command that it is about; empty for all topics.

    Raises:
        UsageError: there is no such topic.
    """
    return GuideReport(SCHEMA_VERSION, visible(" ".join(wanted.split())), tuple(topics(wanted)))
