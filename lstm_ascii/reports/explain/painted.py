"""A text painted by one unit: its value or gate at every word, what it follows, and the places most like one.

After the pictures of Karpathy, Johnson & Li (2015), "Visualizing and Understanding Recurrent Networks", figure 2, and
LSTMVis (Strobelt et al. 2018) for the places that are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import isfinite

import numpy as np

from lstm_ascii.analysis.follows import FEWEST_TO_TELL as FEWEST_TO_TELL  # for pictures, which know reports alone
from lstm_ascii.analysis.follows import Follows, shifted_chance
from lstm_ascii.analysis.text_features import FEATURES, text_features
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.language.characters import BLANK, LINE_ENDS
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.gate_map import STATES, is_gate, named_in, values_of
from lstm_ascii.reports.explain.view import View
from lstm_ascii.reports.material import Material

RANKED, ALIKE = 8, 5  # units and places that are named
NEAR = 4  # words on either side of a place that are shown with it
NEAR_CHARACTERS = 16  # of a text that is read character by character
FEWEST_CHANGES = 6  # three times in and out of quotes: what happens once goes along with all that drifts
FEWEST_PLACES = 20  # of which the most alike are told


@dataclass(frozen=True)
class Followed:
    """How well a unit follows something simple.

    Attributes:
        unit: from 0.
        feature: its name in one word: ``number``.
        about: what it is: ``the number of the subject``.
        correlation: Pearson's r with the value that is painted.
        chance: the largest of any unit along texts that are moved against it; ``None`` of a text that is too short.
    """

    unit: int
    feature: str
    about: str
    correlation: float
    chance: float | None

    @property
    def beyond_chance(self) -> bool:
        """Whether it is more than any unit comes to by chance."""
        return self.chance is not None and abs(self.correlation) > self.chance


@dataclass(frozen=True)
class Alike:
    """A place at which the state is much like that at another one.

    Attributes:
        number: of its word, from 1.
        similarity: the cosine of both states.
        value: of the unit there.
    """

    number: int
    similarity: float
    value: float


@dataclass(frozen=True)
class Painted:
    """One unit along a text.

    Attributes:
        unit: from 0.
        asked: whether the reader named it; else it is the first of ``ranking``.
        letter: of what is painted: ``c``, ``f``, …
        name: ``cell``, ``forget``, …
        is_gate: whether it is between 0 and 1.
        characters: whether the text is read character by character.
        words: of the text, or its characters, blanks as they are.
        values: of the unit after every word.
        follows: what the unit follows, the best first; nothing that doesn't vary here.
        ranking: the units that follow something best, one line a unit: those beyond chance first.
        at: the number of the word whose state is compared with others.
        near: how many words on either side of a place belong to it.
        alike: the places that are most like it, none nearer to it or to each other than ``near``.
        places: how many there are to choose from.
    """

    unit: int
    asked: bool
    letter: str
    name: str
    is_gate: bool
    characters: bool
    words: tuple[str, ...]
    values: tuple[float, ...]
    follows: tuple[Followed, ...]
    ranking: tuple[Followed, ...]
    at: int
    near: int
    alike: tuple[Alike, ...]
    places: int

    @cached_property
    def full(self) -> float:
        """The value that is drawn in full height: 1 of a gate, else the largest; 1 where there is none."""
        largest = max((abs(value) for value in self.values if isfinite(value)), default=0.0)
        return 1.0 if self.is_gate else largest or 1.0


def painted_of(view: View, unit: int | None = None, gate: str = "", at: int | None = None) -> Painted:
    """Paint what a cell has read by one of its units.

    Args:
        view: of the cell.
        unit: which, from 0; by default the one that follows something simple best.
        gate: what of it, by name or letter; by default its memory.
        at: the number of the word whose state is compared with others; by default where the unit is largest.

    Raises:
        UsageError: there is no such unit or gate.
    """
    characters = view.network.vocabulary.characters
    memory = view.cell.state_names[-1]
    letter, name = named_in(view.cell, gate) or (memory, STATES[memory])
    values = values_of(view, letter)
    if unit is not None and not 0 <= unit < values.shape[1]:
        raise UsageError(f"expected 0 to {values.shape[1] - 1}, got {unit}", "unit")
    every = _followed(values, view.material, characters)
    ranking = _ranking(every)
    chosen = unit if unit is not None else ranking[0].unit if ranking else _liveliest(values)
    of_unit = sorted((one for one in every if one.unit == chosen), key=lambda one: -abs(one.correlation))
    at = at or 1 + _largest(values[:, chosen])
    near = NEAR_CHARACTERS if characters else NEAR
    alike, places = _alike(view.memory, values[:, chosen], at, near)
    read = view.material.words
    return Painted(
        chosen,
        unit is not None,
        letter,
        name,
        is_gate(view.cell, letter),
        characters,
        tuple(" " if word == BLANK else word for word in read) if characters else read,
        tuple(values[:, chosen].tolist()),
        tuple(of_unit),
        tuple(ranking[:RANKED]),
        at,
        near,
        alike,
        places,
    )


def _followed(values: Array, material: Material, characters: bool) -> list[Followed]:
    """Return how well every unit follows every feature that varies here."""
    features = text_features(material.words, characters=characters)
    if not any(word in LINE_ENDS for word in material.words):  # the lines of the text are not read: there is but one
        features[:, list(FEATURES).index("position")] = np.nan
    for k, feature in enumerate(FEATURES.values()):
        if feature.binary and _changes(features[:, k]) < FEWEST_CHANGES:
            features[:, k] = np.nan
    chance = shifted_chance(values, features)
    found = Follows.of(values, features).correlations
    return [
        Followed(unit, one.name, one.about, float(found[unit, k]), None if np.isnan(chance[k]) else float(chance[k]))
        for k, one in enumerate(FEATURES.values())
        for unit in np.flatnonzero(np.isfinite(found[:, k])).tolist()
    ]


def _changes(feature: Array) -> int:
    """Return how often a feature changes along a text, where it is known."""
    return int(np.count_nonzero(np.diff(feature[np.isfinite(feature)])))


def _ranking(every: Sequence[Followed]) -> list[Followed]:
    """Return the best of every unit: those beyond chance first, then by size; of equals the first unit."""
    ranked = sorted(every, key=lambda one: (not one.beyond_chance, -abs(one.correlation), one.unit))
    best: dict[int, Followed] = {}
    for one in ranked:
        best.setdefault(one.unit, one)
    return list(best.values())


def _liveliest(values: Array) -> int:
    """Return the unit whose value varies most; of a text of one word the one that is largest."""
    spread = np.ptp(values, axis=0) if len(values) > 1 else np.abs(values[0])
    return int(np.argmax(np.nan_to_num(spread)))


def _largest(values: Array) -> int:
    """Return the index of the word at which a value is farthest from 0."""
    return int(np.argmax(np.nan_to_num(np.abs(values))))


def _alike(memory: Array, values: Array, at: int, near: int) -> tuple[tuple[Alike, ...], int]:
    """Return the places whose memory ``(T, H)`` is most like that at word ``at``, and how many there were to choose.

    Places overlap where they are no farther apart than ``near`` words: of those only the most alike is told. Of fewer
    than :data:`FEWEST_PLACES` none is.
    """
    lengths = np.linalg.norm(memory, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # of a memory that is empty
        cosine = memory @ memory[at - 1] / (lengths * lengths[at - 1])
    numbers = np.arange(1, len(memory) + 1)
    free = np.isfinite(cosine) & (np.abs(numbers - at) > near)
    places, found = int(free.sum()), list[Alike]()
    while places >= FEWEST_PLACES and free.any() and len(found) < ALIKE:
        best = int(np.argmax(np.where(free, cosine, -np.inf)))
        found.append(Alike(best + 1, float(np.clip(cosine[best], -1, 1)), float(values[best])))
        free &= np.abs(numbers - best - 1) > near
    return tuple(found), places
