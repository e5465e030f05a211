"""What happens in the cell, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.gates import flow, half_life
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.network import Network, Run
from lstm_ascii.reports.choice import Choice, Question, answer, question_for
from lstm_ascii.reports.decision import Carrier, Split, Swap, carrier_of, split_of, strongest, swaps_of
from lstm_ascii.reports.passes import Step, changes, last_layer, steps_of
from lstm_ascii.sources import Source, open_networks
from lstm_ascii.text import words_of

SCHEMA_VERSION = 1
RANK = {"LSTM": 0, "GRU": 1, "RNN": 2}  # which network is drawn in full


@dataclass(frozen=True)
class Inside:
    """The live values of one cell at one word: means over units of absolute values, gates as they are.

    Attributes:
        step: the number of the word, from 1.
        values: by the letters of the equations (``f``, ``i``, ``g``, ``o``, ``c``, ``c'``, ``h``, ``h'``, ``x``).
    """

    step: int
    values: dict[str, float]


@dataclass(frozen=True)
class UnitStep:
    """One unit at one word; gates are ``None`` for the RNN."""

    value: float
    keeps: float | None
    adds: float | None
    shows: float | None


@dataclass(frozen=True)
class Unit:
    """One unit along the words.

    Attributes:
        index: from 0.
        half_life: ln 0.5 / ln of its mean forget gate, in words; ``None`` without gates or when endless.
        steps: one a word.
    """

    index: int
    half_life: float | None
    steps: tuple[UnitStep, ...]


@dataclass(frozen=True)
class NetworkPass:
    """One network on the sentence.

    Attributes:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        hidden_size: H.
        source: where its weights come from.
        choice: the prediction that is looked into; the same two words for every network.
        steps: one a word.
        inside: the values of the cell at the focus.
        swaps: who decided the choice; none where the vocabulary has nothing to swap with.
        carrier: the unit through which it was decided; ``None`` without a word that has a number twin.
        split: of the log-odds over the words; ``None`` for the RNN.
        unit: the one that is followed: the reader's, else the carrier.
        carousel_unit: the unit whose carousel is told: the one that is followed, else ``None``: the largest of all.
        memory: of every unit after every word, ``(T, H)``: c, or h where there is no c.
    """

    cell: str
    hidden_size: int
    source: str
    choice: Choice
    steps: tuple[Step, ...]
    inside: Inside
    swaps: tuple[Swap, ...]
    carrier: Carrier | None
    split: Split | None
    unit: Unit | None
    carousel_unit: int | None
    memory: tuple[tuple[float, ...], ...]


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
    """

    schema_version: int
    sentence: str
    words: tuple[str, ...]
    focus: int
    focus_reason: str
    networks: tuple[NetworkPass, ...]

    @property
    def main(self) -> NetworkPass:
        """The network that is drawn in full: the LSTM where there is one, then the GRU."""
        return min(self.networks, key=lambda network: RANK[network.cell])

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

    Raises:
        UsageError: there is no word in the sentence, or no such word, cell, unit or contrast.
    """
    words = words_of(sentence)
    opened = open_networks(cells, words, source or Source())
    main = min(opened, key=lambda network: RANK[network.layers[-1][0].cell.name])
    runs = [network.run(np.array(network.vocabulary.ids(words), np.intp)[:, None]) for network in opened]
    question = question_for(main, runs[opened.index(main)], words, contrast)
    decisions = [_decision(network, run, words, question) for network, run in zip(opened, runs, strict=True)]
    focus, reason = _focus(main, runs[opened.index(main)], decisions[opened.index(main)].swaps, word, words)
    networks = tuple(
        _network_pass(network, run, words, decision, focus, unit)
        for network, run, decision in zip(opened, runs, decisions, strict=True)
    )
    return ExplainReport(SCHEMA_VERSION, " ".join(words), tuple(words), focus, reason, networks)


@dataclass(frozen=True)
class _Decision:
    """What a network decided, and why."""

    choice: Choice
    contrast: Contrast
    swaps: tuple[Swap, ...]
    carrier: Carrier | None


def _decision(network: Network, run: Run, words: Sequence[str], question: Question) -> _Decision:
    """Let a network answer, and find who decided."""
    choice, contrast = answer(network, run, question)
    swaps = swaps_of(network, run, words, contrast)
    return _Decision(choice, contrast, swaps, carrier_of(network, run, swaps, contrast))


def _focus(
    network: Network, run: Run, swaps: Sequence[Swap], word: str | None, words: Sequence[str]
) -> tuple[int, str]:
    """Choose the word to draw the cell at, and say why."""
    if word is not None:
        return _numbered(word, words), "your choice"
    swap = strongest(swaps)
    if swap is not None:
        return swap.word, "it decides the choice" if swap.turns else "it counts most in the choice"
    return _busiest(network, run), "where most happens"


def _network_pass(
    network: Network, run: Run, words: Sequence[str], decision: _Decision, focus: int, unit: int | None
) -> NetworkPass:
    """Measure one network's pass over the sentence."""
    choice, contrast, carrier = decision.choice, decision.contrast, decision.carrier
    followed = unit if unit is not None else carrier.unit if carrier else None
    size = network.layers[-1][0].cell.hidden_size
    if followed is not None and not 0 <= followed < size:
        raise UsageError(f"--unit: expected 0 to {size - 1}, got {followed}")
    return NetworkPass(
        cell=network.layers[-1][0].cell.name,
        hidden_size=size,
        source=network.source,
        choice=choice,
        steps=steps_of(network, run, words, choice.after, contrast.direction(network), followed),
        inside=_inside(network, run, focus),
        swaps=decision.swaps,
        carrier=carrier,
        split=split_of(network, run, contrast),
        unit=None if followed is None else _unit(network, run, followed),
        carousel_unit=followed,
        memory=tuple(map(tuple, _memory(network, run)[1:].tolist())),
    )


def _memory(network: Network, run: Run) -> Array:
    """Return the memory of the last layer, ``(T + 1, H)``."""
    cell, trace = last_layer(network, run)
    memory: Array = trace.states[cell.state_names[-1]][:, 0]
    return memory


def _busiest(network: Network, run: Run) -> int:
    """Return the number of the word that wrote and wiped most; the first of equals."""
    _, trace = last_layer(network, run)
    return int(np.argmax(changes(trace)[:, 0])) + 1


def _numbered(word: str, words: Sequence[str]) -> int:
    """Return the number of the word that the reader means, by number or by text."""
    if re.fullmatch(r"-?[0-9]+", word):
        if len(word) <= 9 and 1 <= int(word) <= len(words):
            return int(word)
        raise UsageError(f"--word: expected 1 to {len(words)}, got {word}")
    wanted = [part.lower() for part in words_of(word)]
    for number, candidate in enumerate(words, 1):
        if [candidate.lower()] == wanted:
            return number
    raise UsageError(f"--word: {' '.join(wanted)!r} is not in the sentence")


def _inside(network: Network, run: Run, step: int) -> Inside:
    """Average one cell over its units at word ``step``."""
    _, trace = last_layer(network, run)
    values = {letter: float(np.abs(gate[step - 1, 0]).mean()) for letter, gate in trace.gates.items()}
    for name, state in trace.states.items():
        values[name] = float(np.abs(state[step, 0]).mean())
        values[f"{name}'"] = float(np.abs(state[step - 1, 0]).mean())
    values["x"] = float(np.abs(trace.x[step - 1, 0]).mean())
    return Inside(step, values)


def _unit(network: Network, run: Run, index: int) -> Unit:
    """Follow one unit along the words."""
    _, trace = last_layer(network, run)
    memory, parts = _memory(network, run)[1:, index].tolist(), flow(trace)
    if parts is None:
        return Unit(index, None, tuple(UnitStep(value, None, None, None) for value in memory))
    gates = [gate[:, 0, index].tolist() for gate in (parts.keep, parts.add, parts.show)]
    life = float(half_life(parts.keep[:, 0, index : index + 1])[0])
    steps = tuple(UnitStep(*values) for values in zip(memory, *gates, strict=True))
    return Unit(index, life if np.isfinite(life) else None, steps)
