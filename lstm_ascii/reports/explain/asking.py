"""Who decided: a network is asked, words are swapped and left out, steps replaced; and where to draw its cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.analysis.rerun import OfChoice
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import words_of
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.decision import Carrier, Choice, Question, Split, answer, carrier_of, split_of
from lstm_ascii.reports.explain.swaps import LeftOut, Swap, left_out_of, strongest, swaps_of
from lstm_ascii.reports.explain.view import View, changes
from lstm_ascii.reports.material import MEAN

if TYPE_CHECKING:
    from lstm_ascii.analysis.asked import Asked
    from lstm_ascii.reports.explain.influence import Influence


@dataclass(frozen=True)
class Decided:
    """What a network decided, and why; nothing where it can't be asked."""

    choice: Choice | None = None
    contrast: Contrast | None = None
    swaps: tuple[Swap, ...] = ()
    carrier: Carrier | None = None
    split: Split | None = None
    asked: Asked | None = None
    left_out: tuple[LeftOut, ...] = ()
    influence: Influence | None = None

    @property
    def tells(self) -> bool:
        """Whether the page to show is told by an answer or one unit, without what the memory holds."""
        return self.asked is not None or (self.carrier is not None and self.carrier.carries)


@dataclass(frozen=True)
class About:
    """What the reader asks of networks; by default nothing in particular.

    Attributes:
        word: the word to draw the cell at, by number (from 1) or text; by default the one that counts most in the
            choice, else where most is written and wiped.
        unit: a unit to follow along the words, from 0; by default the one that carries the number.
        contrast: the choice to look into, as ``was:were``; by default the last verb against its twin.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.
        answer: which output to look into, of a network that names no next word: its label, or its number from 0.
        baseline: what takes the place of a step or feature of a series: its ``mean``, ``zero``, its ``first`` step, or
            a file.
        gate: of which a map is made, by name or letter; empty for the first there is, by default none.
        painted_gate: that paints the text by ``unit``; empty for its memory, by default nothing does.
        at_length: whether all is measured; else what no part of the page to show tells is left out: it takes most of
            the time and the memory of a long text.
    """

    word: str | None = None
    unit: int | None = None
    contrast: str = ""
    layer: int | None = None
    direction: str = ""
    answer: str = ""
    baseline: str = MEAN
    gate: str | None = None
    painted_gate: str | None = None
    at_length: bool = True

    def asked_of(self, view: View) -> Asked | None:
        """Return what is asked; nothing where it names next words, or where what it answers is no number."""
        if view.network.head is None or not np.isfinite(view.network.head.sums(view.run.outputs)).all():
            return None
        from lstm_ascii.reports.explain.answers import asked_of

        number = None if self.word is None else numbered(self.word, view.material.words)
        return asked_of(view.network, view.run, self.answer, self.contrast, number)


def decided_by(view: View, question: Question | None, about: About, baseline: tuple[str, Array] | None) -> Decided:
    """Let a network answer, and find who decided."""
    network, run, series = view.network, view.run, view.material.series
    choice, contrast, asked = None, None, about.asked_of(view)
    looked_at: Asked | OfChoice | None = asked
    if question is not None and not view.no_choice:
        choice, contrast = answer(network, run, question)
        looked_at = OfChoice(network, contrast)
    if looked_at is None:
        return Decided()
    splits = asked or contrast
    split = None if splits is None else split_of(view, splits)
    if series is not None:  # numbers have nothing to be swapped with
        from lstm_ascii.reports.explain.influence import choice_asked, influence_of

        of_series = asked or choice_asked(network, contrast)
        return Decided(choice, contrast, (), None, split, asked, (),
                         influence_of(view, of_series, series, baseline))  # fmt: skip
    entries = [reading.entry for reading in view.readings]
    swaps = swaps_of(network, run, entries, looked_at)
    carrier = carrier_of(view, swaps, contrast) if contrast else None
    return Decided(choice, contrast, swaps, carrier, split, asked, left_out_of(network, run, entries, looked_at))


def focus_of(view: View, decision: Decided, word: str | None) -> tuple[int, str]:
    """Choose the word to draw the cell at, and say why."""
    if word is not None:
        return numbered(word, view.material.words), "your choice"
    what = "choice" if decision.asked is None else "answer"
    swap = strongest(decision.swaps)
    if swap is not None:
        return swap.word, f"it decides the {what}" if swap.turns else f"it counts most in the {what}"
    cause = decision.influence.strongest if decision.influence else None
    if cause is not None:
        return cause.last, f"it decides the {what}" if cause.turns else f"it counts most in the {what}"
    change = changes(view)
    at = int(np.argmax(change))  # the first NaN, if there is one
    reason = "the first that is no number" if np.isnan(change[at]) else (
        "where most happens" if change[at] else "as good as any: nothing is written")  # fmt: skip
    return view.turned(at + 1), reason


def numbered(word: str, words: Sequence[str]) -> int:
    """Return the number of the word that the reader means, by number or by text."""
    if re.fullmatch(r"-?[0-9]+", word):
        if len(word) <= 9 and 1 <= int(word) <= len(words):
            return int(word)
        raise UsageError(f"expected 1 to {len(words)}, got {word}", "word")
    query = [part.lower() for part in words_of(word)]
    for number, candidate in enumerate(words, 1):
        if [candidate.lower()] == query:
            return number
    raise UsageError(f"{' '.join(query)!r} is not in the sentence", "word")
