"""What happens in the cell, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.gradients import LARGE, WITHIN
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Cell, cell_named
from lstm_ascii.errors import UsageError, argument
from lstm_ascii.language.text import words_of
from lstm_ascii.network import Network
from lstm_ascii.progress import Progress, Watch, counted, labelled, part
from lstm_ascii.reports.explain.answers import Answered, answered
from lstm_ascii.reports.explain.decision import (
    Carrier,
    Choice,
    Question,
    Split,
    Swap,
    answer,
    carrier_of,
    question_for,
    split_of,
    strongest,
    swaps_of,
)
from lstm_ascii.reports.explain.passes import (
    Inside,
    Loss,
    Step,
    Unit,
    inside_of,
    inside_unit,
    loss_of,
    steps_of,
    unit_of,
)
from lstm_ascii.reports.explain.verdict import Verdict, Why, verdict_of, why_of
from lstm_ascii.reports.explain.view import View, Where, changes, place_of
from lstm_ascii.reports.explain.writings import Writing, writings_of
from lstm_ascii.reports.material import Material, open_material
from lstm_ascii.sources import Source

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import Fed

SCHEMA_VERSION = 1
READ, DECIDED = 0.05, 0.15  # shares of the time, about, until the networks have read and the words were swapped


@dataclass(frozen=True)
class NetworkPass:
    """One network on the sentence; what is said of a cell and its units is said of one layer and direction.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H.
        source: where its weights come from.
        where: which of its cells.
        special: what that cell has beyond the plain equations, in words.
        choice: the prediction that is looked into; the same two words for every network. ``None`` where a
            network can't be asked.
        no_choice: why it can't, as the end of a sentence; empty where it can.
        steps: one a word.
        inside: the values of the cell at the focus.
        swaps: who decided the choice; none where the vocabulary has nothing to swap with.
        carrier: the unit through which it was decided; ``None`` without a word that has a number twin.
        split: of the log-odds over the words; ``None`` for the RNN, and for a layer below the last one.
        unit: the one that is followed: the reader's, else the carrier.
        carousel_unit: the unit whose carousel is told: the one that is followed, else ``None``: the largest of all.
        memory: of every unit after every word, ``(T, H)``: c, or h where there is no c.
        paths_within: by how much of itself the gradient by all paths may be too small: 0 where the products of
            the Jacobians were made, more where they would have been too large.
        verdict: what it says, in one line.
        why: the mean factors on the error's way to the word of the verdict; ``None`` where there is no way.
        inside_unit: the values of the followed unit at the focus; ``None`` where none is followed.
        writings: what became of what the words wrote that matter most; none for the RNN.
        answer: what it answers where that is no next word.
    """

    cell: str
    hidden_size: int
    source: str
    where: Where
    special: tuple[str, ...]
    choice: Choice | None
    no_choice: str
    steps: tuple[Step, ...]
    inside: Inside
    swaps: tuple[Swap, ...]
    carrier: Carrier | None
    split: Split | None
    unit: Unit | None
    carousel_unit: int | None
    memory: tuple[tuple[float, ...], ...]
    paths_within: float
    verdict: Verdict
    why: Why | None
    inside_unit: Inside | None
    writings: tuple[Writing, ...]
    answer: Answered | None = None

    @property
    def kind(self) -> type[Cell]:
        """The class of the cell, which says how its parts are called."""
        return cell_named(self.cell)

    @property
    def asked(self) -> Choice:
        """The choice, of a network that can be asked."""
        if self.choice is None:
            raise ValueError(f"there is no choice: {self.no_choice}")
        return self.choice

    @property
    def is_finite(self) -> bool:
        """Whether all that it holds are numbers; else some weight is none."""
        return all(isfinite(step.state_size) for step in self.steps)

    @property
    def loss_after(self) -> int:
        """The number of the word after which the loss is measured whose gradient is followed.

        The choice, or what is asked of another answer; without both the length of h, ‖h‖₂, after the last word that
        the cell reads.
        """
        if self.answer:
            return self.answer.error_after
        return self.choice.after if self.choice else self.where.ordered(self.steps)[-1].number


@dataclass(frozen=True)
class ExplainReport:
    """All that ``explain`` shows.

    Attributes:
        schema_version: of this layout.
        sentence: the words, with one blank between two.
        words: the words.
        focus: the number of the word that the cell is drawn at, from 1.
        focus_reason: why that word.
        networks: in the order they were asked for.
        read: what the networks read: ``words``, ``pieces`` of them, or ``vectors`` that stand for none.
        skipped: how many steps of padding the network skips; they are not among the words.
        fed: how a whole model brought the network what it read; ``None`` where none did.
    """

    schema_version: int
    sentence: str
    words: tuple[str, ...]
    focus: int
    focus_reason: str
    networks: tuple[NetworkPass, ...]
    read: str = "words"
    skipped: int = 0
    fed: Fed | None = None

    @property
    def main(self) -> NetworkPass:
        """The network that is drawn in full: the LSTM where there is one, then the GRU."""
        return min(self.networks, key=lambda network: network.kind.rank)

    @property
    def deciding_word(self) -> int | None:
        """The number of the word that counts most in the choice of the main network, if any counts."""
        swap = strongest(self.main.swaps)
        return None if swap is None else swap.word


def explain_report(
    sentence: str,
    cells: Sequence[str] = (),
    word: str | None = None,
    unit: int | None = None,
    contrast: str = "",
    source: Source | None = None,
    layer: int | None = None,
    direction: str = "",
    watch: Watch | None = None,
    answer: str = "",
) -> ExplainReport:
    """Run networks over a sentence and measure what they do.

    Args:
        sentence: any text with at least one word.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        word: the word to draw the cell at, by number (from 1) or text; by default the one
            that counts most in the choice, else where most is written and wiped.
        unit: a unit to follow along the words, from 0; by default the one that carries the number.
        contrast: the choice to look into, as ``was:were``; by default the last verb against its twin.
        source: where the networks come from.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.
        watch: is called with what is done and how far it is, from 0 to 1.
        answer: which output to look into, of a network that names no next word: its label, or its number from 0.

    Raises:
        UsageError: there is no word in the sentence, or no such word, cell, unit, layer, direction, contrast or answer.
    """
    networks, material = open_material(sentence, cells, source or Source())
    return explained(networks, material, word, unit, contrast, layer, direction, watch, answer)


def explained(
    networks: Sequence[Network],
    material: Material,
    word: str | None = None,
    unit: int | None = None,
    contrast: str = "",
    layer: int | None = None,
    direction: str = "",
    watch: Watch | None = None,
    answer: str = "",
) -> ExplainReport:
    """Measure what opened networks do on what they read; the arguments are those of :func:`explain_report`.

    Raises:
        UsageError: there is no such word, unit, layer, direction or contrast.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # of weights that are no numbers
        runs = [
            material.run(one)
            for one in counted(networks, len(networks), part(labelled(watch, "running"), 0, READ), every=1)
        ]
        views = [
            View(one, run, material, place_of(one, layer, direction)) for one, run in zip(networks, runs, strict=True)
        ]
        main = min(views, key=lambda view: view.cell.rank)
        if contrast and main.no_choice and main.network.head is None:
            raise UsageError(f"{main.no_choice}", "contrast")
        if answer and main.network.head is None:
            raise UsageError(
                f"is for a network that names no next word; {argument('contrast', 'A:B')} asks of two words", "answer"
            )
        about = _About(answer, contrast, word)
        question = None if main.no_choice else question_for(main.network, main.run, main.readings, contrast)
        asking = part(labelled(watch, "swapping"), READ, DECIDED)
        decisions = [_decision(view, question) for view in counted(views, len(views), asking, every=1)]
        swaps = decisions[views.index(main)].swaps
        focus, reason = _focus(main, swaps, word)
        deciding = strongest(swaps)
        at = main.turned(1) if deciding is None else deciding.word
        passes = tuple(
            _network_pass(view, decision, (focus, at), unit, _measuring(watch, number, view, len(views)), about)
            for number, (view, decision) in enumerate(zip(views, decisions, strict=True))
        )
    pieces = main.network.vocabulary.splitter is not None
    read = "vectors" if material.vectors is not None else "pieces" if pieces else "words"
    return ExplainReport(SCHEMA_VERSION, " ".join(material.words), material.words, focus, reason, passes, read,
                         material.skipped, material.fed)  # fmt: skip


@dataclass(frozen=True)
class _Decision:
    """What a network decided, and why; nothing where it can't be asked."""

    choice: Choice | None = None
    contrast: Contrast | None = None
    swaps: tuple[Swap, ...] = ()
    carrier: Carrier | None = None
    split: Split | None = None


@dataclass(frozen=True)
class _About:
    """What the reader asks of an answer that is no next word; see :func:`explain_report`."""

    answer: str
    contrast: str
    word: str | None

    def asked_of(self, view: View) -> tuple[Answered | None, Loss | None]:
        """Let a network answer; nothing where it names next words, or where what it answers is no number."""
        if view.network.head is None or not np.isfinite(view.network.head.sums(view.run.outputs)).all():
            return None, None
        number = None if self.word is None else numbered(self.word, view.material.words)
        return answered(view, self.answer, self.contrast, number)


def _decision(view: View, question: Question | None) -> _Decision:
    """Let a network answer, and find who decided."""
    if question is None or view.no_choice:
        return _Decision()
    choice, contrast = answer(view.network, view.run, question)
    entries = [reading.entry for reading in view.readings]
    of_words = view.material.vectors is None  # vectors have nothing to be swapped with
    swaps = swaps_of(view.network, view.run, entries, contrast) if of_words else ()
    return _Decision(choice, contrast, swaps, carrier_of(view, swaps, contrast), split_of(view, contrast))


def _focus(view: View, swaps: Sequence[Swap], word: str | None) -> tuple[int, str]:
    """Choose the word to draw the cell at, and say why."""
    if word is not None:
        return numbered(word, view.material.words), "your choice"
    swap = strongest(swaps)
    if swap is not None:
        return swap.word, "it decides the choice" if swap.turns else "it counts most in the choice"
    change = changes(view)
    at = int(np.argmax(change))  # the first NaN, if there is one
    reason = "the first that is no number" if np.isnan(change[at]) else (
        "where most happens" if change[at] else "as good as any: nothing is written")  # fmt: skip
    return view.turned(at + 1), reason


def _measuring(watch: Watch | None, number: int, view: View, count: int) -> Progress | None:
    """Return what tells how far the measures of network ``number``, from 0, of ``count`` are."""
    share = (1 - DECIDED) / count
    first = DECIDED + number * share
    return part(labelled(watch, f"measuring {view.cell.name}"), first, first + share)


def _network_pass(
    view: View,
    decision: _Decision,
    places: tuple[int, int],
    unit: int | None,
    progress: Progress | None,
    about: _About,
) -> NetworkPass:
    """Measure one network's pass over the sentence.

    Args:
        view: of the cell that is looked into.
        decision: of the network.
        places: the numbers of the words that the cell is drawn at and that the error is told at.
        unit: that the reader wants to follow.
        progress: is called with how far it is, from 0 to 1.
        about: what the reader asks of another answer than a next word.
    """
    given, asked_loss = about.asked_of(view)
    focus, at = places
    unit_index = unit if unit is not None else decision.carrier.unit if decision.carrier else None
    size = view.cell.hidden_size
    if unit_index is not None and not 0 <= unit_index < size:
        raise UsageError(f"expected 0 to {size - 1}, got {unit_index}", "unit")
    loss = asked_loss or loss_of(view, decision.contrast)
    steps = steps_of(view, loss, unit_index, progress)
    back = loss.last - view.turned(at)
    return NetworkPass(
        cell=view.network.name or view.cell.name,
        hidden_size=size,
        source=view.network.source,
        where=view.where,
        special=view.cell.special,
        choice=decision.choice,
        no_choice=view.no_choice,
        steps=steps,
        inside=inside_of(view, focus),
        swaps=decision.swaps,
        carrier=decision.carrier,
        split=decision.split,
        unit=None if unit_index is None else unit_of(view, unit_index),
        carousel_unit=unit_index,
        memory=tuple(map(tuple, view.memory.tolist())),
        paths_within=0.0 if size <= LARGE else WITHIN,
        verdict=verdict_of(decision.choice, decision.swaps, steps, at),
        why=why_of(steps[at - 1].gradient, back),
        inside_unit=None if unit_index is None else inside_unit(view, focus, unit_index),
        writings=writings_of(view, (at, focus)),
        answer=given,
    )


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
