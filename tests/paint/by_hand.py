"""Reports written by hand: their pictures depend on no network and no BLAS."""

from __future__ import annotations

from dataclasses import replace
from math import sin

from lstm_ascii.language.text import words_of
from lstm_ascii.reports.explain.painted import Alike, Followed, Painted
from lstm_ascii.reports.explain.view import Where
from lstm_ascii.reports.generate import GenerateReport, Written
from lstm_ascii.reports.paint import PaintReport

TEXT = (
    "The cat that chased the mice (and the rat) was hungry. The dogs near the house were old, but the "
    "extraordinarily small kitten, which they had never seen before, slept. Nobody said that the mouse was there."
)
LINES = '"no" (yes).\ncats; a(b[c])\n\nthe end of a line that is longer than forty columns of a window are'


def painted(gate: bool = False, asked: bool = False) -> PaintReport:
    """Return a text of words, painted by a memory, or by a gate where that is wished for."""
    words = tuple(words_of(TEXT))
    values = tuple(round(1.9 * sin(0.37 * n), 3) for n in range(len(words)))
    if gate:
        values = tuple(round(0.5 + 0.5 * sin(0.5 * n), 3) for n in range(len(words)))
    follows = (
        Followed(7, "distance", "the distance into the sentence", 0.823, 0.412),
        Followed(7, "number", "the number of the subject", -0.3, 0.5),
        Followed(7, "frequency", "how frequent it is", 0.04, 0.21),
    )
    others = (Followed(3, "number", "the number of the subject", -0.71, 0.5),
              Followed(12, "frequency", "how frequent it is", 0.19, 0.21))  # fmt: skip
    alike = (Alike(3, 0.992, 1.2), Alike(19, 0.9, -0.4))
    one = Painted(7, asked, "f" if gate else "c", "forget" if gate else "cell", gate, False, words, values, follows,
                  () if asked else (follows[0], *others), 11, 4, alike, 30)  # fmt: skip
    return PaintReport(1, "LSTM", 32, "written by hand", Where(2, 2), one)


def spelled() -> PaintReport:
    """Return a text of characters."""
    words = tuple({"\n": "\\x0a"}.get(character, character) for character in LINES)
    values = tuple(round(0.8 * sin(0.21 * n), 3) for n in range(len(words)))
    follows = (Followed(2, "brackets", "whether brackets are open", -0.9, 0.3),)
    one = Painted(2, False, "h", "hidden", False, True, words, values, follows, follows, 21, 16,
                  (Alike(60, 0.95, 0.1),), 50)  # fmt: skip
    return PaintReport(1, "GRU", 12, "written by hand", Where(), one)


def follows_nothing(asked: bool = False) -> PaintReport:
    """Return a text whose units follow nothing, so that nothing is said of one more than of chance."""
    report = painted(asked=asked)
    weak = (Followed(7, "number", "the number of the subject", 0.2, 0.5),)
    one = replace(report.painted, follows=weak, ranking=() if asked else weak, alike=(), places=7)
    return replace(report, painted=one)


def no_number() -> PaintReport:
    """Return a text along which a value is no number, and what is left is always the same."""
    report = painted()
    values = (float("nan"), *[0.0] * (len(report.painted.words) - 1))
    return replace(report, painted=replace(report.painted, values=values, follows=(), ranking=()))


def written(characters: bool = False) -> GenerateReport:
    """Return a text that a network wrote."""
    text, given = (spelled(), 5) if characters else (painted(), 2)
    chances = [1 / (1 + n % 7) ** 3 for n in range(len(text.painted.words) - given)]
    words = tuple(
        Written(word, chance, chance**0.5) for word, chance in zip(text.painted.words[given:], chances, strict=True)
    )
    return GenerateReport(1, given, words, 0.5, 3, text)


def likeliest() -> GenerateReport:
    """Return a text without chance, in which one word has no probability that a number can hold."""
    report = written()
    words = (replace(report.written[0], probability=0.0), *report.written[1:])
    return replace(report, temperature=0.0, written=words)
