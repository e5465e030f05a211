"""A walk through a sentence: networks are opened once, a sentence is read once, and a step costs little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from typing import TypeVar

import numpy as np

from lstm_ascii.analysis.gate_gradients import gate_gradients
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.answers import answered, asked_of
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.decision import Choice, patches_of
from lstm_ascii.reports.explain.painted import painted_of
from lstm_ascii.reports.explain.passes import Loss, inside_of, inside_unit, loss_of, unit_of
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass, explained_views, views_of
from lstm_ascii.reports.explain.twins import twin_entry
from lstm_ascii.reports.explain.view import DIRECTIONS, View
from lstm_ascii.reports.material import Material, open_material, words_for
from lstm_ascii.reports.step.position import BACK, PAINT, UNITS, VIEWS, Bounds, Position
from lstm_ascii.reports.step.report import SCHEMA_VERSION, RankedUnit, StepReport, Twin, UnitError
from lstm_ascii.sources import Source

KEPT = 4  # sentences that stay read: the one at hand, its twin, and those before
MOST_RANKED = 32  # units
Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class _Read:
    """Networks that have read a sentence.

    Attributes:
        views: of each network, the cell that is examined.
        report: of ``explain``.
        found: what was worked out since, by name and network.
    """

    views: list[View]
    report: ExplainReport
    found: dict[tuple[object, ...], object] = field(default_factory=dict)

    def once(self, key: tuple[object, ...], make: Callable[[], Value]) -> Value:
        """Return what ``make`` gives, made only once."""
        if key not in self.found:
            self.found[key] = make()
        return self.found[key]  # type: ignore[return-value]

    def shares(self, choice: Choice | None) -> tuple[tuple[float, ...], ...]:
        """Return each network's shares of a choice after every word."""
        return tuple(
            () if choice is None or one.choice is None else _shares(view, choice)
            for view, one in zip(self.views, self.report.networks, strict=True)
        )


class Walk:
    """Networks that read whatever sentence they are given, and show it from any word.

    Args:
        cells: which networks, as in ``explain``.
        source: where they come from.
        contrast: the choice to look into, as ``was:were``.
        answer: which output to look into, of a network that names no next word.
    """

    def __init__(
        self, cells: Sequence[str] = (), source: Source | None = None, contrast: str = "", answer: str = ""
    ) -> None:
        """Open nothing yet: a network may have the words of its first sentence."""
        self._cells, self._source = tuple(cells), source or Source()
        self._contrast, self._answer = contrast, answer
        self._networks: list[Network] = []
        self._given: Material | None = None  # read from a file, in place of any sentence
        self._kept: dict[tuple[object, ...], _Read] = {}

    def report(self, position: Position) -> StepReport:
        """Return what is to be seen at a place.

        Raises:
            UsageError: there is no such word, unit, network, layer, direction or view, or no twin of a word.
            FileError: a file can't be read.
        """
        read = self._read(position)
        number = _network_named(read.report, position.network)
        if not 1 <= position.at <= len(read.report.words):
            raise UsageError(f"expected 1 to {len(read.report.words)}, got {position.at}", "at")
        if position.view not in VIEWS:
            raise UsageError(f"expected {', '.join(VIEWS)}, got {position.view}", "view")
        units = [self._unit(read, one) for one in range(len(read.views))]
        if position.unit is not None:
            units[number] = _checked_unit(position.unit, read.views[number])
        networks = tuple(
            _at_word(one, view, position.at, unit)
            for one, view, unit in zip(read.report.networks, read.views, units, strict=True)
        )
        choice = read.report.main.choice
        shown = replace(read.report, focus=position.at, focus_reason="your place", networks=networks)
        ranked, patched = self._ranked(read, number) if position.view == UNITS else ((), True)
        errors = self._errors(read, number, units[number]) if position.view == BACK else ()
        paints = position.view == PAINT and not read.report.is_series
        painted = painted_of(read.views[number], units[number], at=position.at) if paints else None
        return StepReport(
            SCHEMA_VERSION, shown, position.at, networks[number].cell, position.view,
            read.once(("shares",), lambda: read.shares(choice)),
            self._twin(position, read, units, choice) if position.swapped else None, ranked, patched, errors, painted,
        )  # fmt: skip

    def bounds(self, position: Position) -> Bounds:
        """Return how far a reader can go from a place; see :meth:`report` for what is raised."""
        read = self._read(position)
        number = _network_named(read.report, position.network)
        main, view = read.report.networks[number], read.views[number]
        layer = view.network.layers[main.where.layer - 1]
        return Bounds(
            words=len(read.report.words),
            networks=tuple(map(name_of, read.report.networks)),
            network=name_of(main),
            units=main.hidden_size,
            unit=self._unit(read, number) if position.unit is None else position.unit,
            carrier=main.carrier.unit if main.carrier else None,
            layers=main.where.layers,
            layer=main.where.layer,
            directions=tuple(DIRECTIONS[way.backward] for way in layer),
            direction=main.where.direction,
            asked=main.loss_after,
            ranked=tuple(one.unit for one in self._ranked(read, number)[0]) if position.view == UNITS else (),
        )

    def words(self, position: Position) -> tuple[str, ...]:
        """Return what is read; see :meth:`report` for what is raised."""
        return self._read(position).report.words

    def _read(self, position: Position) -> _Read:
        """Let the networks read, unless they have it in mind."""
        return self._read_words(self._material(position.sentence), position)

    def _material(self, sentence: str) -> Material:
        """Return what is read; a random network knows the words of one sentence only, so it is made anew."""
        if self._given is not None:
            return self._given
        if self._networks and not self._source.random:
            return words_for(self._networks, sentence)
        networks, material = open_material(sentence, self._cells, self._source)
        self._networks = networks
        if self._source.reads_file:
            self._given = material
        return material

    def _read_words(self, material: Material, position: Position) -> _Read:
        """Let the networks read; the oldest of what they have in mind is forgotten."""
        key = (material.words, position.layer, position.direction)
        read = self._kept.pop(key, None)
        if read is None:
            views = views_of(self._networks, material, position.layer, position.direction)
            read = _Read(views, explained_views(views, About(contrast=self._contrast, answer=self._answer)))
        self._kept[key] = read
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return read

    def _twin(self, position: Position, read: _Read, units: Sequence[int], choice: Choice | None) -> Twin:
        """Swap a word and run all networks again."""
        words = read.report.words
        if read.report.is_series:
            raise UsageError("a series has no words to swap", "swap")
        if not 1 <= position.swapped <= len(words):
            raise UsageError(f"expected 1 to {len(words)}, got {position.swapped}", "swap")
        main = read.views[0]
        to = twin_entry(main.network.vocabulary, main.readings[position.swapped - 1].entry)
        if not to:
            raise UsageError(f"“{words[position.swapped - 1]}” has no twin in the other number", "swap")
        swapped = tuple(to if n == position.swapped else word for n, word in enumerate(words, 1))

        def run() -> tuple[list[View], tuple[tuple[float, ...], ...]]:
            views = views_of(self._networks, Material(swapped), position.layer, position.direction)
            return views, replace(read, views=views).shares(choice)

        views, shares = read.once(("twin", position.swapped), run)
        values = tuple(tuple(view.memory[:, unit].tolist()) for view, unit in zip(views, units, strict=True))
        shows = tuple(
            () if view.flow is None else tuple(view.by_word(view.flow.show[:, 0, unit]).tolist())
            for view, unit in zip(views, units, strict=True)
        )
        return Twin(position.swapped, to, values, shows, shares)

    def _loss(self, read: _Read, number: int) -> Loss:
        """Return what the error of a network is of."""
        view, one = read.views[number], read.report.networks[number]
        if one.answer is not None:
            return answered(view, asked_of(view.network, view.run, self._answer, self._contrast, None))[1]
        return loss_of(view, None if one.choice is None else _contrast(view, one.choice))

    def _gradients(self, read: _Read, number: int) -> tuple[int, dict[str, Array], dict[str, Array]]:
        """Return the step where the error starts, and the error on the states and on the gates."""

        def run() -> tuple[int, dict[str, Array], dict[str, Array]]:
            view, loss = read.views[number], self._loss(read, number)
            direct = np.zeros(view.trace.h.shape)
            direct[: loss.last, 0] = loss.direct
            states = view.cell.backward(view.trace, {"h": direct}).states
            return loss.last, states, gate_gradients(view.cell, view.trace, states)

        with np.errstate(invalid="ignore", over="ignore"):
            return read.once(("gradients", number), run)

    def _unit(self, read: _Read, number: int) -> int:
        """Return the unit that is followed: the carrier, else the one that matters most, else the largest."""
        one = read.report.networks[number]
        if one.unit is not None:
            return one.unit.index
        if (one.choice is not None or one.answer is not None) and one.is_finite:
            return self._ranked(read, number)[0][0].unit
        return read.once(("largest", number), lambda: int(np.abs(read.views[number].memory).max(axis=0).argmax()))

    def _errors(self, read: _Read, number: int, unit: int) -> tuple[UnitError, ...]:
        """Return the error at a unit after every word."""
        view = read.views[number]
        _, states, gates = self._gradients(read, number)
        memory = states[view.cell.state_names[-1]][:, 0, unit]
        after, before = (view.by_word(some).tolist() for some in (memory[1:], memory[:-1]))
        by_gate = {letter: view.by_word(some[:, 0, unit]).tolist() for letter, some in gates.items()}
        return tuple(
            UnitError(after[n], before[n], {letter: values[n] for letter, values in by_gate.items()})
            for n in range(len(after))
        )

    def _ranked(self, read: _Read, number: int) -> tuple[tuple[RankedUnit, ...], bool]:
        """Return the units by what they do for the answer, and whether they were patched."""
        return read.once(("ranked", number), lambda: self._ranking(read, number))

    def _ranking(self, read: _Read, number: int) -> tuple[tuple[RankedUnit, ...], bool]:
        """Patch the units one by one; where no word has a twin, take what they add to first order."""
        view, one = read.views[number], read.report.networks[number]
        patches = None if one.choice is None else patches_of(view, one.swaps, _contrast(view, one.choice))
        if patches is not None:
            units, changes, at = list(patches.units), patches.changes, patches.at
        else:
            last, states, _ = self._gradients(read, number)
            memory = view.cell.state_names[-1]
            changes = states[memory][last, 0] * view.trace.states[memory][last, 0]
            units, at = list(range(len(changes))), view.turned(last)
        order = np.argsort(-np.abs(changes), kind="stable")[:MOST_RANKED].tolist()
        values = view.memory[at - 1]
        ranked = (RankedUnit(int(units[k]), float(changes[k]), float(values[units[k]])) for k in order)
        return tuple(ranked), patches is not None


def _at_word(one: NetworkPass, view: View, at: int, unit: int) -> NetworkPass:
    """Return a network's pass with its cell at a word, and a unit followed."""
    followed = one.unit if one.unit is not None and one.unit.index == unit else unit_of(view, unit)
    return replace(one, inside=inside_of(view, at), unit=followed, carousel_unit=unit,
                   inside_unit=inside_unit(view, at, unit))  # fmt: skip


def _checked_unit(unit: int, view: View) -> int:
    """Refuse a unit that there isn't."""
    if not 0 <= unit < view.cell.hidden_size:
        raise UsageError(f"expected 0 to {view.cell.hidden_size - 1}, got {unit}", "unit")
    return unit


def name_of(network: NetworkPass) -> str:
    """Return what a network is asked for by: ``lstm``, ``rnn-helped``."""
    return network.cell.lower().replace(" ", "-")


def _network_named(report: ExplainReport, name: str) -> int:
    """Return the index of a network; the main one for an empty name."""
    names = [name_of(one) for one in report.networks]
    if not name:
        return report.networks.index(report.main)
    if name.lower() not in names:
        raise UsageError(f"expected {', '.join(names)}, got {name}", "network")
    return names.index(name.lower())


def _contrast(view: View, choice: Choice) -> Contrast:
    """Return a choice as the engine asks it."""
    right, wrong = (view.network.vocabulary.read(word).index for word in (choice.right, choice.wrong))
    return Contrast(choice.after, right, wrong)


def _shares(view: View, choice: Choice) -> tuple[float, ...]:
    """Return the share of the first word among two, σ of their log-odds, were they asked for after every word."""
    log_odds = _contrast(view, choice).log_odds(view.network, view.run.outputs[:, 0])
    shares: list[float] = ((1 + np.tanh(log_odds / 2)) / 2).tolist()
    return tuple(shares)
