"""What happens in the cell, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.cells import Cell, cell_named
from lstm_ascii.errors import UsageError, argument
from lstm_ascii.network import Network
from lstm_ascii.progress import Progress, Watch, counted, labelled, part
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.asking import About, Decided, decided_by, focus_of
from lstm_ascii.reports.explain.decision import (
    Carrier,
    Choice,
    Split,
    question_for,
)
from lstm_ascii.reports.explain.passes import (
    Depth,
    Inside,
    Step,
    Unit,
    inside_of,
    inside_unit,
    loss_of,
    steps_of,
    unit_of,
)
from lstm_ascii.reports.explain.swaps import LeftOut, Swap, strongest
from lstm_ascii.reports.explain.verdict import Verdict, Why, verdict_of, why_of
from lstm_ascii.reports.explain.view import View, Where, place_of
from lstm_ascii.reports.material import Material, baseline_given, open_material
from lstm_ascii.sources import Source

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import Fed
    from lstm_ascii.reports.explain.answers import Answered
    from lstm_ascii.reports.explain.gate_map import GateMap
    from lstm_ascii.reports.explain.influence import Influence
    from lstm_ascii.reports.explain.painted import Painted
    from lstm_ascii.reports.explain.writings import Writing

SCHEMA_VERSION = 1
READ, DECIDED = 0.05, 0.15  # shares of the time, about, until the networks have read and the words were swapped


@dataclass(frozen=True)
class NetworkPass:
    """One network on the sentence; what is said of a cell and its units is said of one layer and direction.

    Where not all is measured (:attr:`About.at_length`), there are no ``writings``, of the steps no next words and no
    gradient by all paths, and, where one unit tells the page, neither ``memory`` nor what it holds.

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
        paths_within: by how much of itself the gradient by all paths may be too small, as measured: 0 where the
            products of the Jacobians were made, more where they would have been too much work.
        paths_rows: how many directions stood for these products where they were not made; else 0.
        verdict: what it says, in one line.
        why: the mean factors on the error's way to the word of the verdict; ``None`` where there is no way.
        inside_unit: the values of the followed unit at the focus; ``None`` where none is followed.
        writings: what became of what the words wrote that matter most; none for the RNN.
        answer: what it answers where that is no next word.
        left_out: how the choice or answer changes when a word is left out; none of a series.
        influence: what the steps and features of a series have to do with the answer; ``None`` of words.
        gate_map: of the gate that is asked for; ``None`` where none is.
        painted: the text by one unit; ``None`` where it isn't asked for.
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
    paths_rows: int
    verdict: Verdict
    why: Why | None
    inside_unit: Inside | None
    writings: tuple[Writing, ...]
    answer: Answered | None = None
    left_out: tuple[LeftOut, ...] = ()
    influence: Influence | None = None
    gate_map: GateMap | None = None
    painted: Painted | None = None

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
        features: of a series: the names of its columns.
        values: of a series: by step and feature, in its own units.
        is_scaled: whether the network reads these in other units.
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
    features: tuple[str, ...] = ()
    values: tuple[tuple[float, ...], ...] = ()
    is_scaled: bool = False
    fed: Fed | None = None

    @property
    def is_series(self) -> bool:
        """Whether numbers were read, which stand for no words."""
        return self.read == "vectors"

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
    source: Source | None = None,
    about: About | None = None,
    watch: Watch | None = None,
) -> ExplainReport:
    """Run networks over a sentence and measure what they do.

    Args:
        sentence: any text with at least one word.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        source: where the networks come from.
        about: what is asked of them.
        watch: is called with what is done and how far it is, from 0 to 1.

    Raises:
        UsageError: there is no word in the sentence, or no such word, cell, unit, layer, direction, contrast, answer,
            baseline or gate.
        FileError: a file can't be read, or a baseline has another shape than the series.
    """
    return explained(*open_material(sentence, cells, source or Source()), about, watch)


def explained(
    networks: Sequence[Network], material: Material, about: About | None = None, watch: Watch | None = None
) -> ExplainReport:
    """Measure what opened networks do on what they read: see :func:`explain_report`."""
    about = about or About()
    return explained_views(views_of(networks, material, about.layer, about.direction, watch), about, watch)


def views_of(
    networks: Sequence[Network],
    material: Material,
    layer: int | None = None,
    direction: str = "",
    watch: Watch | None = None,
) -> list[View]:
    """Let networks read, and look into one cell of each; the arguments are those of :func:`explain_report`.

    Raises:
        UsageError: there is no such layer or direction.
    """
    reading = part(labelled(watch, "running"), 0, READ)
    with np.errstate(invalid="ignore", over="ignore"):  # of weights that are no numbers
        runs = [material.run(one) for one in counted(networks, len(networks), reading, every=1)]
    return [View(one, run, material, place_of(one, layer, direction)) for one, run in zip(networks, runs, strict=True)]


def explained_views(views: Sequence[View], about: About, watch: Watch | None = None) -> ExplainReport:
    """Measure what networks did on what they have read: see :func:`explain_report`; all have read the same."""
    material = views[0].material
    baseline = baseline_given(about.baseline, material)
    with np.errstate(invalid="ignore", over="ignore"):
        main = min(views, key=lambda view: view.cell.rank)
        _check_asked(main, about)
        question = None if main.no_choice else question_for(main.network, main.run, main.readings, about.contrast)
        asking = part(labelled(watch, "swapping"), READ, DECIDED)
        decisions = [
            decided_by(view, question, about, baseline) for view in counted(views, len(views), asking, every=1)
        ]
        decided = decisions[views.index(main)]
        focus, reason = focus_of(main, decided, about.word)
        deciding = strongest(decided.swaps)
        at = main.turned(1) if deciding is None else deciding.word
        mapped = painted = None
        if about.gate is not None:
            from lstm_ascii.reports.explain.gate_map import gate_map_of

            mapped = gate_map_of(main, about.gate)
        if about.painted_gate is not None and material.vectors is None:
            from lstm_ascii.reports.explain.painted import painted_of

            painted = painted_of(main, about.unit, about.painted_gate, None if about.word is None else focus)
        passes = []
        for number, (view, decision) in enumerate(zip(views, decisions, strict=True)):
            depth = Depth(about.at_length, about.at_length or (view is main and not decided.tells))
            progress = _measuring(watch, number, view, len(views))
            one = _network_pass(view, decision, (focus, at), about.unit, depth, progress)
            passes.append(replace(one, gate_map=mapped, painted=painted) if view is main else one)
    pieces = main.network.vocabulary.splitter is not None
    read = "vectors" if material.vectors is not None else "pieces" if pieces else "words"
    series = material.series
    return ExplainReport(
        SCHEMA_VERSION, " ".join(material.words), material.words, focus, reason, tuple(passes), read, material.skipped,
        series.names if series else (), tuple(map(tuple, series.values.tolist())) if series else (),
        series is not None and series.is_scaled, material.fed,
    )  # fmt: skip


def _check_asked(view: View, about: About) -> None:
    """Refuse what a network without an answer of its own has none to."""
    if view.network.head is None and view.no_choice and about.contrast:
        raise UsageError(view.no_choice, "contrast")
    if view.network.head is None and about.answer:
        raise UsageError(
            f"is for a network that names no next word; {argument('contrast', 'A:B')} asks of two words", "answer"
        )


def _measuring(watch: Watch | None, number: int, view: View, count: int) -> Progress | None:
    """Return what tells how far the measures of network ``number``, from 0, of ``count`` are."""
    share = (1 - DECIDED) / count
    first = DECIDED + number * share
    return part(labelled(watch, f"measuring {view.cell.name}"), first, first + share)


def _network_pass(
    view: View,
    decision: Decided,
    places: tuple[int, int],
    unit: int | None,
    depth: Depth,
    progress: Progress | None,
) -> NetworkPass:
    """Measure one network's pass over the sentence.

    Args:
        view: of the cell that is looked into.
        decision: of the network.
        places: the numbers of the words that the cell is drawn at and that the error is told at.
        unit: that the reader wants to follow.
        depth: what is measured beyond what every page needs.
        progress: is called with how far it is, from 0 to 1.
    """
    given = asked_loss = None
    if decision.asked is not None:
        from lstm_ascii.reports.explain.answers import answered

        given, asked_loss = answered(view, decision.asked)
    focus, at = places
    unit_index = unit if unit is not None else decision.carrier.unit if decision.carrier else None
    size = view.cell.hidden_size
    if unit_index is not None and not 0 <= unit_index < size:
        raise UsageError(f"expected 0 to {size - 1}, got {unit_index}", "unit")
    loss = asked_loss or loss_of(view, decision.contrast)
    steps, paths = steps_of(view, loss, unit_index, depth, progress)
    writings: tuple[Writing, ...] = ()
    if depth.all:
        from lstm_ascii.reports.explain.writings import writings_of

        writings = writings_of(view, (at, focus))
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
        memory=tuple(tuple(row.tolist()) for row in view.memory) if depth.memory else (),
        paths_within=paths.within if paths else 0.0,
        paths_rows=paths.rows if paths else 0,
        verdict=verdict_of(decision.choice, decision.swaps, steps, at, view.material.words),
        why=why_of(steps[at - 1].gradient, back),
        inside_unit=None if unit_index is None else inside_unit(view, focus, unit_index),
        writings=writings,
        answer=given,
        left_out=decision.left_out,
        influence=decision.influence,
    )
