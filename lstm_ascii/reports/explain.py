"""What happens in the cell, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.gates import flow, half_life
from lstm_ascii.errors import UsageError
from lstm_ascii.network import Network, Run
from lstm_ascii.reports.choice import Choice, likeliest
from lstm_ascii.reports.passes import Step, last_layer, steps_of
from lstm_ascii.sources import Source, open_network
from lstm_ascii.text import words_of

SCHEMA_VERSION = 1


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
    """One network on the sentence."""

    cell: str
    hidden_size: int
    source: str
    choice: Choice
    steps: tuple[Step, ...]
    inside: Inside
    unit: Unit | None


@dataclass(frozen=True)
class ExplainReport:
    """All that ``explain`` shows.

    Attributes:
        schema_version: of this layout.
        sentence: the words, with one blank between two.
        words: the words.
        focus: the number of the word that the cell is drawn at, from 1.
        focus_chosen: whether the reader chose it; else it is where most is written and wiped.
        networks: in the order they were asked for.
    """

    schema_version: int
    sentence: str
    words: tuple[str, ...]
    focus: int
    focus_chosen: bool
    networks: tuple[NetworkPass, ...]

    @property
    def main(self) -> NetworkPass:
        """The network that is drawn in full: the LSTM where there is one, then the GRU."""
        rank = {"LSTM": 0, "GRU": 1}
        return min(self.networks, key=lambda network: rank.get(network.cell, 2))


def explain_report(
    sentence: str,
    cells: Sequence[str] = ("rnn", "lstm"),
    word: str | None = None,
    unit: int | None = None,
    source: Source | None = None,
) -> ExplainReport:
    """Run networks over a sentence and measure what they do.

    Args:
        sentence: any text with at least one word.
        cells: which networks: ``rnn``, ``lstm``, ``gru``.
        word: the word to draw the cell at, by number (from 1) or text; by default where most happens.
        unit: a unit to follow along the words, from 0.
        source: where the networks come from.

    Raises:
        UsageError: there is no word in the sentence, or no such word, cell or unit.
    """
    words, source = words_of(sentence), source or Source()
    opened = [open_network(cell, words, source) for cell in dict.fromkeys(cells)]
    if not opened:
        raise UsageError("--cell: name at least one of rnn, lstm, gru")
    passes = []
    for network in opened:
        run = network.run(np.array(network.vocabulary.ids(words), np.intp)[:, None])
        choice, direct = likeliest(network, run, len(words))
        passes.append((network, run, choice, steps_of(network, run, words, choice.after, direct)))
    main = min(passes, key=lambda one: ("LSTM", "GRU", "RNN").index(one[0].layers[-1][0].cell.name))
    focus = _busiest(main[3]) if word is None else _numbered(word, words)
    networks = tuple(
        NetworkPass(
            cell=network.layers[-1][0].cell.name,
            hidden_size=network.layers[-1][0].cell.hidden_size,
            source=network.source,
            choice=choice,
            steps=steps,
            inside=_inside(network, run, focus),
            unit=None if unit is None else _unit(network, run, unit),
        )
        for network, run, choice, steps in passes
    )
    return ExplainReport(SCHEMA_VERSION, " ".join(words), tuple(words), focus, word is not None, networks)


def _busiest(steps: Sequence[Step]) -> int:
    """Return the number of the word that wrote and wiped most; the first of equals."""
    return max(steps, key=lambda step: (step.written + (step.wiped or 0), -step.number)).number


def _numbered(word: str, words: Sequence[str]) -> int:
    """Return the number of the word that the reader means, by number or by text."""
    if word.lstrip("-").isascii() and word.lstrip("-").isdigit():
        if 1 <= int(word) <= len(words):
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
    cell, trace = last_layer(network, run)
    if not 0 <= index < cell.hidden_size:
        raise UsageError(f"--unit: expected 0 to {cell.hidden_size - 1}, got {index}")
    memory, parts = trace.states[cell.state_names[-1]][1:, 0, index].tolist(), flow(trace)
    if parts is None:
        return Unit(index, None, tuple(UnitStep(value, None, None, None) for value in memory))
    gates = [gate[:, 0, index].tolist() for gate in (parts.keep, parts.add, parts.show)]
    life = float(half_life(parts.keep[:, 0, index : index + 1])[0])
    steps = tuple(UnitStep(*values) for values in zip(memory, *gates, strict=True))
    return Unit(index, life if np.isfinite(life) else None, steps)
