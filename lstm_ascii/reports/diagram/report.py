"""The live values of the pictures: what a trained network does at a word of the reader's sentence."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import accumulate
from math import inf, isfinite, log10
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.errors import UsageError, argument
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.reports.diagram.pictures import PICTURES
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.decision import Choice
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass, explained
from lstm_ascii.reports.explain.view import View, place_of
from lstm_ascii.reports.material import Material, open_material
from lstm_ascii.sources import Source, open_networks
from lstm_ascii.training.recipe import RECIPES, writing_cost_alone

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import Fed

SCHEMA_VERSION = 1
BY_UNIT = ("gates", "product")  # pictures that show units one by one
FORGET = 0.9  # of the loop beside the one that forgets nothing
ROUNDS = (1, 2, 5, 10, 20, 50, 100)  # of the loops, at which their message is looked at


@dataclass(frozen=True)
class Training:
    """How the networks that come with the package were trained, and what a step on the sentence would see.

    Attributes:
        batch, length, steps: documents a step, words a document, steps.
        writing_cost: times what the LSTM writes at a word, in its loss; 0 where other networks pay, too.
        rate, warm_up, clip: Adam's rate at its peak, the steps until then, the longest gradient.
        words: V.
        parameters: of the whole network.
        loss: nats a word on the sentence; ``None`` without one of at least two words.
        gradient: its length there, before it is clipped.
    """

    batch: int
    length: int
    steps: int
    writing_cost: float
    rate: float
    warm_up: int
    clip: float
    words: int
    parameters: int
    loss: float | None
    gradient: float | None


def training_of(network: Network, material: Material) -> Training:
    """Return the recipe, and the loss and its gradient on the sentence."""
    from lstm_ascii.training.loop import cross_entropy  # with the corpora, which no other picture needs
    from lstm_ascii.training.optimiser import clip

    recipe, loss, length = RECIPES["lstm"], None, None
    if len(material.words) > 1:
        ids = np.array(network.vocabulary.ids(material.words), np.intp)[:, None]
        run = network.run(ids[:-1])
        logits = network.decode(run.outputs).astype(float)
        loss = cross_entropy(logits, ids[1:], np.ones(ids[1:].shape))  # turns the logits into their gradient
        length = clip(network.backward(run, logits), recipe.clip)
    return Training(
        batch=recipe.batch,
        length=recipe.length,
        steps=recipe.steps,
        writing_cost=writing_cost_alone("lstm"),
        rate=recipe.rate,
        warm_up=recipe.warm_up,
        clip=recipe.clip,
        words=len(network.vocabulary),
        parameters=sum(value.size for value in network.parameters.values()),
        loss=loss,
        gradient=length,
    )


@dataclass(frozen=True)
class CellAtWord:
    """A network's cell, its size, and its values at the word.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size, input_size: H and D.
        blocks: of H rows in its weights: one a gate or candidate.
        parameters: of the cell; weights and both biases.
        source: where the weights come from.
        special: what the cell has beyond the plain equations, in words.
        values: by the letters of the equations, as ``f``, ``c'`` (before the word), ``c`` (after it): one unit's, or
            means over units, of absolute values; none without a sentence.
    """

    cell: str
    hidden_size: int
    input_size: int
    blocks: int
    parameters: int
    source: str
    special: tuple[str, ...]
    values: dict[str, float]


@dataclass(frozen=True)
class UnitAtWord:
    """One unit's step at the word.

    Attributes:
        unit: from 0.
        marked: whether it is the one to look at: the reader's own, or the one that carries what decides.
        values: by the letters of the equations, as in :class:`CellAtWord`; ``kept`` is f c', ``written`` is i g.
    """

    unit: int
    marked: bool
    values: dict[str, float]


@dataclass(frozen=True)
class Track:
    """A network along the words.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        unit: whose values these are, from 0; ``None`` for means over units, of absolute values.
        state: of the memory (c, h where there is no c) after each word.
        keep: f (GRU: z) at each word; ``None`` for the RNN.
        carousel: log10 ∏ f of that unit (without one: of the unit that keeps most) from each word up to the choice;
            ``None`` for the RNN.
        message: log10 ∏ f of that unit from the word that is drawn to each word after it: what is left of what was
            written there; ``None`` before that word, of nothing, without one unit and for the RNN.
        error: log10 of the gradient's length at each word up to the choice, against that at the choice, by all paths.
    """

    cell: str
    unit: int | None
    state: tuple[float, ...]
    keep: tuple[float, ...] | None
    carousel: tuple[float | None, ...] | None
    message: tuple[float | None, ...] | None
    error: tuple[float | None, ...]


@dataclass(frozen=True)
class Loop:
    """A carousel of one forget gate.

    Attributes:
        forget: f, the same at every round.
        left: what is left of a message after as many rounds as :data:`ROUNDS` says, f to that power.
    """

    forget: float
    left: tuple[float, ...]


@dataclass(frozen=True)
class DiagramReport:
    """All that a picture shows.

    Attributes:
        schema_version: of this layout.
        name: of the picture.
        sentence: the words, with one blank between two; empty without a sentence.
        words: the words.
        word: the number of the word at which the cell is drawn, from 1; ``None`` without a sentence.
        reason: why that word.
        unit: the reader's own, from 0.
        cells: one a network, with the values at the word.
        tracks: one a network, along the words.
        choice: what the error is of; ``None`` without a sentence, and of a network that names no next word: there
            it is of ‖h‖₂.
        error_after: the number of the word after which that is measured; ``None`` without a sentence.
        loops: of the carousel only: one that forgets nothing, and one that does.
        training: of that picture only.
        fed: how a whole model brought the network what it read; ``None`` where none did.
        units: of the pictures that show units one by one: some of them, in order.
        is_series: whether the words are the steps of a series of numbers.
    """

    schema_version: int
    name: str
    sentence: str
    words: tuple[str, ...]
    word: int | None
    reason: str
    unit: int | None
    cells: tuple[CellAtWord, ...]
    tracks: tuple[Track, ...]
    choice: Choice | None
    error_after: int | None
    loops: tuple[Loop, ...]
    training: Training | None
    fed: Fed | None = None
    units: tuple[UnitAtWord, ...] = ()
    is_series: bool = False

    def cell(self, name: str) -> CellAtWord | None:
        """Return the network of that kind, if it is there."""
        return next((cell for cell in self.cells if cell.cell == name), None)

    def track(self, name: str) -> Track | None:
        """Return the network of that kind along the words, if there is a sentence."""
        return next((track for track in self.tracks if track.cell == name), None)


def diagram_report(
    name: str,
    sentence: str = "",
    word: str | None = None,
    source: Source | None = None,
    unit: int | None = None,
    forget: float = FORGET,
) -> DiagramReport:
    """Run the networks of a picture over a sentence, if there is one.

    Args:
        name: of the picture.
        sentence: any text; empty for a picture with letters only.
        word: the word to draw the cell at, by number (from 1) or text; by default the one that counts most.
        source: where the networks come from.
        unit: whose values to show, from 0; by default means over units.
        forget: of the carousel's second loop, from 0 to 1.

    Raises:
        UsageError: there is no such picture, word or unit, or the network has another cell than the one that is drawn.
    """
    source = source or Source()
    live = bool(sentence or source.reads_file)
    _check(name, live, word, unit, forget)
    networks, material = _opened(name, sentence, live, source)
    explanation = None
    if live and PICTURES[name].by_word:
        explanation = explained(networks, material, About(word, unit))
        if explanation.main.where.backward:
            raise UsageError(
                f"diagram {name}: draws cells that read forward; {source.model} has none in its last layer"
            )
    return DiagramReport(
        schema_version=SCHEMA_VERSION,
        name=name,
        sentence=" ".join(material.words),
        words=material.words,
        word=explanation.focus if explanation else None,
        reason=explanation.focus_reason if explanation else "",
        unit=unit,
        cells=tuple(_cell(network, material, explanation, unit) for network in networks),
        tracks=tuple(_track(network, explanation.focus, unit) for network in explanation.networks)
        if explanation
        else (),
        choice=explanation.main.choice if explanation else None,
        error_after=explanation.main.loss_after if explanation else None,
        loops=tuple(_loop(f) for f in (1.0, forget)) if name == "carousel" else (),
        training=training_of(networks[0], material) if name == "training" else None,
        fed=material.fed,
        units=_units(networks[0], material, explanation) if explanation and name in BY_UNIT else (),
        is_series=material.vectors is not None,
    )


def _check(name: str, live: bool, word: str | None, unit: int | None, forget: float) -> None:
    if name not in PICTURES:
        close = get_close_matches(name, PICTURES, 1, 0.5)
        guess = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"diagram: expected {', '.join(PICTURES)}, got {name}{guess}")
    if not isfinite(forget) or not 0 <= forget <= 1:
        raise UsageError(f"expected a number from 0 to 1, got {forget:g}", "forget")
    for parameter, value in (("word", word), ("unit", unit)):
        if value is not None and not live:
            raise UsageError(f"of which sentence? Give {argument('sentence')}, too", parameter)
        if value is not None and not PICTURES[name].by_word:
            raise UsageError(f"diagram {name} shows no single word; leave it out", parameter)


def _opened(name: str, sentence: str, live: bool, source: Source) -> tuple[list[Network], Material]:
    """Return the networks of a picture, and what they read: nothing where there are letters only."""
    if name == "training" and source != Source():
        raise UsageError("diagram training: shows how the network that comes with the program was trained, no other")
    if name == "gru-lstm" and source.model:
        raise UsageError("diagram gru-lstm compares two networks; a file has one", "model")
    cells = () if source.model else PICTURES[name].cells
    networks, material = (
        open_material(sentence, cells, source) if live else (open_networks(cells, (), source), Material(()))
    )
    cell = networks[0].layers[-1][0].cell.name
    if cell.lower() not in PICTURES[name].cells:
        raise UsageError(f"diagram {name}: draws {PICTURES[name].cells[0].upper()}; {source.model} has {cell}")
    return networks, material


def _cell(network: Network, material: Material, explanation: ExplainReport | None, unit: int | None) -> CellAtWord:
    """Return a network's cell with its values."""
    place = place_of(network, None, "")
    cell = place.direction_in(network).cell
    values: dict[str, float] = {}
    if explanation is not None and unit is None:
        values = next(
            network_pass.inside.values for network_pass in explanation.networks if network_pass.cell == cell.name
        )
    elif explanation is not None and unit is not None:
        values = _of_unit(View(network, material.run(network), material, place), explanation.focus, unit)
    return CellAtWord(
        cell=cell.name,
        hidden_size=cell.hidden_size,
        input_size=cell.input_size,
        blocks=len(cell.weight_hh) // cell.hidden_size,
        parameters=sum(value.size for value in cell.parameters.values()),
        source=network.source,
        special=cell.special,
        values=values,
    )


def _of_unit(view: View, word: int, unit: int) -> dict[str, float]:
    """Return one unit's values at a word, by the letters of the equations.

    Raises:
        UsageError: the cell projects its outputs, so that a unit has none of its own.
    """
    trace, cell = view.trace, view.cell
    if cell.output_size != cell.hidden_size:
        sizes = f"{cell.hidden_size} units are projected to {cell.output_size} outputs"
        raise UsageError(f"{sizes}, so a unit has no h of its own to draw; leave it out for means over units", "unit")
    values = {letter: float(gate[word - 1, 0, unit]) for letter, gate in trace.gates.items()}
    for name, state in trace.states.items():
        values[name] = float(state[word, 0, unit])
        values[f"{name}'"] = float(state[word - 1, 0, unit])
    return values


def _units(network: Network, material: Material, explanation: ExplainReport) -> tuple[UnitAtWord, ...]:
    """Return the first units, the one that carries what decides (or is asked for), and the last one."""
    place = place_of(network, None, "")
    trace = View(network, material.run(network), material, place).trace
    at, memory = explanation.focus - 1, trace.states["c"]
    followed = explanation.main.unit
    marked = followed.index if followed else int(np.abs(memory[at + 1, 0]).argmax())
    last = memory.shape[-1] - 1
    return tuple(
        UnitAtWord(unit, unit == marked, _products(
            {letter: float(gate[at, 0, unit]) for letter, gate in trace.gates.items()}
            | {"c'": float(memory[at, 0, unit]), "c": float(memory[at + 1, 0, unit])}
        ))
        for unit in sorted({0, min(1, last), min(2, last), marked, last})
    )  # fmt: skip


def _products(values: dict[str, float]) -> dict[str, float]:
    """Add the two products of the step."""
    return values | {"kept": values["f"] * values["c'"], "written": values["i"] * values["g"]}


def _loop(forget: float) -> Loop:
    return Loop(forget, tuple(forget**rounds for rounds in ROUNDS))


def _track(network: NetworkPass, word: int, own: int | None) -> Track:
    """Follow a network along the words: the reader's ``own`` unit, where there are gates the carrier, else all."""
    felt = [step.gradient for step in network.steps if step.gradient is not None]
    unit = network.unit if network.steps[0].gates or own is not None else None
    if unit is not None:
        state = tuple(step.value for step in unit.steps)
        keep = tuple(step.keeps for step in unit.steps if step.keeps is not None) or None
    else:
        state = tuple(sum(map(abs, memory)) / len(memory) for memory in network.memory)
        keep = tuple(step.gates.keeps for step in network.steps if step.gates is not None) or None
    return Track(
        cell=network.cell,
        unit=None if unit is None else unit.index,
        state=state,
        keep=keep,
        carousel=None if keep is None else tuple(gradient.carousel for gradient in felt),
        message=_message(keep, word) if keep and unit else None,
        error=tuple(gradient.choice for gradient in felt),
    )


def _message(keep: tuple[float, ...], word: int) -> tuple[float | None, ...]:
    """Return log10 of what is left, after each word, of what was written at ``word``."""
    later = accumulate((log10(f) if f else -inf for f in keep[word:]), initial=0.0)
    return (*[None] * (word - 1), *(remainder if isfinite(remainder) else None for remainder in later))
