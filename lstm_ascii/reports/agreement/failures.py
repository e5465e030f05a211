"""Pairs for which a network prefers the wrong form, and the command that shows why."""

from __future__ import annotations

from lstm_ascii.language.typed import typed
from lstm_ascii.records import dataclass
from lstm_ascii.reports.agreement.pairs import BY_PREFIX, FilePair
from lstm_ascii.reports.explain.twins import verb_twin
from lstm_ascii.reports.scored.opening import of_source
from lstm_ascii.sources import Source


@dataclass(frozen=True)
class Failure:
    """A pair that a network gets wrong.

    Attributes:
        line: its number in the file.
        kind: as the file names it.
        prefix: the words before the pair differs.
        right, wrong: where it differs.
        log_odds: log p(right) - log p(wrong), not above 0.
        scored: by ``prefix`` or ``sentence``.
        command: the line that opens it in ``explain``.
    """

    line: int
    kind: str
    prefix: str
    right: str
    wrong: str
    log_odds: float
    scored: str
    command: str


def failure_of(pair: FilePair, odds: float, name: str, source: Source) -> Failure:
    """Return a pair that a network gets wrong, as the page lists it."""
    prefix, right, wrong = (" ".join(words) for words in (pair.prefix, pair.right, pair.wrong))
    return Failure(pair.line, pair.kind, prefix, right, wrong, odds, pair.scored, explain_line(pair, name, source))


def explain_line(pair: FilePair, name: str, source: Source) -> str:
    """Return the command that opens a pair: its choice, or where it is scored by more than that its right sentence.

    Args:
        pair: to look into.
        name: of the network, as ``--cell`` takes it; empty where it comes from a file.
        source: where the networks come from.
    """
    texts, contrast = (*pair.prefix, *pair.right, *pair.rest), ""
    two = next((two for two in zip(pair.right, pair.wrong, strict=False) if two[0] != two[1]), None)
    if two and pair.prefix and (pair.scored == BY_PREFIX or verb_twin(two[0].lower()) == two[1].lower()):
        # the word is looked for from the end, so the sentence stops with it
        texts = (*pair.prefix, *pair.right[: pair.right.index(two[0]) + 1])
        contrast = "" if source.random or ":" in "".join(two) else ":".join(two)
    text = " ".join(texts)
    arguments = ["explain", f" {text}" if text.startswith("-") else text]
    arguments += ["--contrast", contrast] if contrast else []
    return typed([*arguments, *of_source(name, source)])
