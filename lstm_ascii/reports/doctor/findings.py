"""What ``doctor`` says: findings, and the limits that it goes by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lstm_ascii.records import dataclass
from lstm_ascii.thresholds import VANISHED_BELOW

SEVERITIES = ("error", "warning", "note")  # the worst first
NAMED = 8  # units or words that are named one by one


@dataclass(frozen=True)
class Limits:
    """The thresholds; each finding says which one it went by.

    Attributes:
        forget_bias: the mean of a forget gate's bias below which it is said.
        both_biases: of each of the two biases that add up, from which that is said.
        contracts: the largest singular value of a tanh RNN's recurrent weights below which vanishing is certain.
        never_moves: a gate whose smallest and largest value are nearer to each other than this.
        dead: a unit whose output has a smaller standard deviation.
        saturated: the share of words for which a unit's tanh is beyond ±0.99.
        counts_up: the absolute value of a memory from which tanh can't tell it from more.
        dead_weights: the largest absolute weight of a matrix from which on it does anything.
        untrained: the length of an embedding's row, as a share of the middle one.
        vanished: what is left of a gradient that counts as nothing.
        short: a gradient that has vanished after fewer words.
        enough: words from which on what units did is more than a note.
        least: words below which nothing is said of what units do always or never.
        unknown: the share of a text's words that are not in the vocabulary.
        gates_at_ends: the share of the values of all gates that are above 0.9 or below 0.1.
    """

    forget_bias: float = 0.0
    both_biases: float = 0.5
    contracts: float = 1.0
    never_moves: float = 0.05
    dead: float = 1e-3
    saturated: float = 0.95
    counts_up: float = 10.0
    dead_weights: float = 1e-6
    untrained: float = 0.01
    vanished: float = VANISHED_BELOW
    short: int = 10
    unknown: float = 0.2
    enough: int = 200
    least: int = 10
    gates_at_ends: float = 0.9


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes:
        severity: one of :data:`SEVERITIES`.
        rule: its name, to be matched by programs.
        what: in a few words.
        where: the layer, direction, tensor or units.
        evidence: what was measured, and against which limit.
        means: what follows from it.
        advice: what to do.
        source: who found that out; empty where it follows from the equations alone.
        count: how many units, words or tensors.
    """

    severity: str
    rule: str
    what: str
    where: str
    evidence: str
    means: str
    advice: str
    source: str = ""
    count: int = 1


def of_steps(finding: Finding) -> Finding:
    """Return a finding on words as one on steps: vectors stand for no words."""

    def told(text: str) -> str:
        return re.sub(r"\bword(s?)\b", r"step\1", text)

    return replace(
        finding,
        what=told(finding.what),
        evidence=told(finding.evidence),
        means=told(finding.means),
        advice=told(finding.advice),
    )


def listed(numbers: Sequence[int]) -> str:
    """Name a few units one by one, and count the others."""
    names = ", ".join(map(str, numbers[:NAMED]))
    more = len(numbers) - NAMED
    return f"{names} and {more:,} more" if more > 0 else names


def units(numbers: Sequence[int]) -> str:
    """Name units."""
    return f"unit{'s' * (len(numbers) != 1)} {listed(numbers)}"


def signed(value: float) -> str:
    """Write a number with its sign, a true minus, and two decimals: ``+0.19``, ``−0.05``; without one ``0.00``."""
    text = f"{value:+.2f}"
    return text.replace("-", "−") if text.strip("+-0.") else text[1:]


def severity(words: int, many: bool, limits: Limits) -> str:
    """Return how much it matters that units do something: more where it is many, over enough words."""
    return "warning" if many and words >= limits.enough else "note"
