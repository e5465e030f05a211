"""Two sentences side by side, or one sentence as two networks read it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.report import SCHEMA_VERSION, ExplainReport


@dataclass(frozen=True)
class Followed:
    """The unit that is followed along one of the sentences.

    Attributes:
        unit: its index, from 0.
        values: of its memory after every word.
    """

    unit: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class AgainstReport:
    """All that ``explain --against`` shows.

    Attributes:
        schema_version: of this layout.
        first, second: each sentence by itself.
        pairs: the words aligned: their numbers, from 1; ``None`` where the other sentence has one more.
        parts_at: the index of the first pair of two different words; ``None`` where they are the same throughout.
        same_networks: whether the same networks read both.
        units: the unit that is followed in each; the same one in both where the networks are the same. ``None`` where
            neither follows one.
    """

    schema_version: int
    first: ExplainReport
    second: ExplainReport
    pairs: tuple[tuple[int | None, int | None], ...]
    parts_at: int | None
    same_networks: bool
    units: tuple[Followed | None, Followed | None]


def against_report(first: ExplainReport, second: ExplainReport, same_networks: bool = True) -> AgainstReport:
    """Return two reports side by side.

    Args:
        first: by itself.
        second: by itself.
        same_networks: whether the same networks read both.
    """
    pairs = aligned(first.words, second.words)
    parts_at = next((place for place, (one, other) in enumerate(pairs) if _differ(first, second, one, other)), None)
    return AgainstReport(
        SCHEMA_VERSION, first, second, pairs, parts_at, same_networks, _units(first, second, same_networks)
    )


def aligned(first: Sequence[str], second: Sequence[str]) -> tuple[tuple[int | None, int | None], ...]:
    """Return the numbers of the words that stand for each other, as few as can be replaced, put in or left out."""
    one, other = ([word.lower() for word in words] for words in (first, second))
    pairs: list[tuple[int | None, int | None]] = []
    for _, i, end_i, j, end_j in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        pairs += zip_longest(range(i + 1, end_i + 1), range(j + 1, end_j + 1))
    return tuple(pairs)


def _differ(first: ExplainReport, second: ExplainReport, one: int | None, other: int | None) -> bool:
    """Tell whether two aligned words are different ones."""
    if one is None or other is None:
        return True
    return first.words[one - 1].lower() != second.words[other - 1].lower()


def _units(first: ExplainReport, second: ExplainReport, same_networks: bool) -> tuple[Followed | None, Followed | None]:
    """Choose the units: of the same networks one for both, of the sentence in which it carries more."""
    own = [None if report.main.unit is None else report.main.unit.index for report in (first, second)]
    if same_networks and None not in own:
        shares = [abs(report.main.carrier.share) if report.main.carrier else 0.0 for report in (first, second)]
        own = [own[shares[1] > shares[0]]] * 2
    elif same_networks:
        own = [next((unit for unit in own if unit is not None), None)] * 2
    followed = [_followed(report, unit) for report, unit in zip((first, second), own, strict=True)]
    return followed[0], followed[1]


def _followed(report: ExplainReport, unit: int | None) -> Followed | None:
    """Follow a unit of the network that is drawn in full."""
    return None if unit is None else Followed(unit, tuple(values[unit] for values in report.main.memory))
