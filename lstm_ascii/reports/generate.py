"""Text written by a language model, each word with its probability, painted by one of its units."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from lstm_ascii.analysis.sampling import write_on
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.painted import painted_of
from lstm_ascii.reports.explain.view import View, place_of, why_no_next_word
from lstm_ascii.reports.material import Material
from lstm_ascii.reports.paint import PaintReport, report_of
from lstm_ascii.sources import Source, open_networks

SCHEMA_VERSION = 1
WORDS, CHARACTERS, MOST_WORDS = 40, 240, 10_000  # written by default, and at most
HOTTEST = 100.0  # temperature
STARTS = ("the", "\\x0a", "␣")  # what a text begins with by default: the first that the vocabulary has


@dataclass(frozen=True)
class Written:
    """A word that was written.

    Attributes:
        word: of the vocabulary.
        probability: of the word by the network, at temperature 1.
        chance: the probability with which it was drawn, at the temperature in use.
    """

    word: str
    probability: float
    chance: float


@dataclass(frozen=True)
class GenerateReport:
    """A text that a network wrote.

    Attributes:
        schema_version: of this layout.
        given: the number of words that the text began with.
        written: the words after them.
        temperature: 0 for the likeliest word every time.
        seed: of the random numbers.
        text: all of it, painted.
    """

    schema_version: int
    given: int
    written: tuple[Written, ...]
    temperature: float
    seed: int
    text: PaintReport


def generate_report(
    start: str = "",
    words: int | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    cells: Sequence[str] = (),
    source: Source | None = None,
    unit: int | None = None,
    gate: str = "",
    layer: int | None = None,
) -> GenerateReport:
    """Continue a text with a language model.

    Args:
        start: the words to begin with; by default one of its own.
        words: how many to write; by default 40, or 240 characters.
        temperature: 0 for the likeliest word every time, 1 for the network's own probabilities, at most 100.
        seed: of the random numbers.
        cells: a network that comes with the package; by default ``lstm``.
        source: where the network comes from.
        unit: the unit that paints the text, from 0; by default the one that correlates best with a simple feature.
        gate: the gate or state of the unit, by name or letter; by default its memory.
        layer: the unit's layer, from 1; by default the last.

    Raises:
        UsageError: a number is out of its range, a word of the start can't be read, or there is no such unit or gate.
        LstmAsciiError: the network is no language model.
        FileError: a file can't be read.
    """
    _check(words, temperature, seed, cells)
    source = source or Source()
    (network,) = open_networks(tuple(cells) or (() if source.model else ("lstm",)), (), source)
    if why := why_no_next_word(network) or ("" if network.has_embedding else "it reads no words"):
        raise LstmAsciiError(f"{network.source}: not a language model: {why}")
    vocabulary = network.vocabulary
    given = vocabulary.words_of(start) if start else [_first(vocabulary)]
    ids = vocabulary.ids(given)
    count = words or (CHARACTERS if vocabulary.characters else WORDS)
    drawn = [*write_on(_finite(network, ids), ids, count, temperature, seed)]
    written = tuple(Written(vocabulary.words[one.index], one.probability, one.chance) for one in drawn)
    every = [*ids, *(one.index for one in drawn)]
    read = (*given, *(one.word for one in written))
    view = View(network, network.run(np.array(every, np.intp)[:, None]), Material(read), place_of(network, layer, ""))
    text = report_of(view, painted_of(view, unit, gate))
    return GenerateReport(SCHEMA_VERSION, len(ids), written, temperature, seed, text)


def _check(words: int | None, temperature: float, seed: int, cells: Sequence[str]) -> None:
    """Refuse numbers that are out of their range, and more than one network."""
    if words is not None and not 1 <= words <= MOST_WORDS:
        raise UsageError(f"expected 1 to {MOST_WORDS}, got {words}", "words")
    if not (isfinite(temperature) and 0 <= temperature <= HOTTEST):
        raise UsageError(f"expected 0 to {HOTTEST:g}, got {temperature:g}", "temperature")
    if not 0 <= seed < 1 << 64:
        raise UsageError(f"expected a whole number from 0, got {seed}", "seed")
    if len(cells) > 1:
        raise UsageError("one network writes at a time; name one", "cells")


def _first(vocabulary: Vocabulary) -> str:
    """Return what a text begins with where the reader doesn't say it."""
    return next((entry for entry in STARTS if entry in vocabulary), vocabulary.words[0])


def _finite(network: Network, ids: Sequence[int]) -> Network:
    """Return a network that answers with numbers.

    Raises:
        LstmAsciiError: it doesn't.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        logits = network.decode(network.run(np.array(ids, np.intp)[:, None]).outputs[-1, 0])
    if not np.isfinite(logits).all():
        raise LstmAsciiError(f"{network.source}: what the network answers is no number, so nothing can be drawn")
    return network
