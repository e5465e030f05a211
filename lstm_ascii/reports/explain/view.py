"""What a report looks into: one direction of one layer of a network, on its pass over the words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np

from lstm_ascii.analysis.gates import Flow, flow
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.errors import UsageError
from lstm_ascii.language.vocabulary import Reading
from lstm_ascii.network import Network, Place, Run
from lstm_ascii.records import dataclass
from lstm_ascii.reports.material import Material

NO_NEXT_WORD = ", so it names no next word"
DIRECTIONS = ("forward", "backward")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Where:
    """Which cell of a network is looked into.

    Attributes:
        layer: its number, from 1, the nearest to the words.
        layers: how many there are.
        direction: ``forward`` or ``backward``: from the last word to the first.
        directions: how many the layer has.
    """

    layer: int = 1
    layers: int = 1
    direction: str = DIRECTIONS[0]
    directions: int = 1

    @property
    def backward(self) -> bool:
        """Whether the cell reads from the last word to the first."""
        return self.direction == DIRECTIONS[1]

    def __str__(self) -> str:
        """Say it where there is more than one cell to look into: ``layer 2 of 2, backward of 2 directions``."""
        parts = [f"layer {self.layer} of {self.layers}"] if self.layers > 1 else []
        if self.directions > 1:
            parts.append(f"{self.direction} of {self.directions} directions")
        elif self.backward:
            parts.append(self.direction)
        return ", ".join(parts)

    def ordered(self, by_word: Sequence[Value]) -> Sequence[Value]:
        """Return values that stand in the order of the words in the order in which the cell reads them."""
        return by_word[::-1] if self.backward else by_word


@dataclass(frozen=True, eq=False)
class View:
    """A cell of a network that has read the words.

    Attributes:
        network: the whole.
        run: its pass over ``material``, ``B`` = 1.
        material: the words.
        place: the cell's.
    """

    network: Network
    run: Run
    material: Material
    place: Place

    @property
    def cell(self) -> Cell:
        """The equations."""
        return self.place.direction_in(self.network).cell

    @property
    def trace(self) -> Trace:
        """What the cell computed, in the order in which it reads."""
        return self.place.trace_in(self.run)

    @cached_property
    def flow(self) -> Flow | None:
        """The additive memory, if the cell has one."""
        return flow(self.trace)

    @cached_property
    def readings(self) -> list[Reading]:
        """How the network reads each word."""
        return self.material.readings(self.network)

    @cached_property
    def no_choice(self) -> str:
        """Why the network can't be asked for the next word; empty where it can."""
        return why_no_choice(self.network, self.run)

    @property
    def memory(self) -> Array:
        """The memory after every word, in the order of the words, ``(T, H)``: c, or h where there is no c."""
        return self.by_word(self.trace.states[self.cell.state_names[-1]][1:, 0])

    @property
    def where(self) -> Where:
        """The cell's place, as it is told."""
        layers, number = self.network.layers, self.place.layer % len(self.network.layers)
        backward = self.place.direction_in(self.network).backward
        return Where(number + 1, len(layers), DIRECTIONS[backward], len(layers[number]))

    def by_word(self, steps: Array) -> Array:
        """Return ``steps`` ``(T, …)`` in the order of the words, or words in the order of the steps; a view."""
        return self.place.direction_in(self.network).ordered(steps)

    def turned(self, number: int) -> int:
        """Return the number of the word that step ``number`` reads, or the other way round; both from 1."""
        backward = self.place.direction_in(self.network).backward
        return len(self.material.words) + 1 - number if backward else number


def place_of(network: Network, layer: int | None, direction: str) -> Place:
    """Return the cell that the reader means: the last layer if none is named, forward if there is a choice.

    Args:
        network: whose cell.
        layer: its number, from 1.
        direction: ``forward`` or ``backward``; empty for the first that there is.

    Raises:
        UsageError: there is no such layer or direction.
    """
    layers = len(network.layers)
    if layer is not None and not 1 <= layer <= layers:
        count = f"1 to {layers}" if layers > 1 else "1, as the network has one layer"
        raise UsageError(f"expected {count}, got {layer}", "layer")
    if direction and direction not in DIRECTIONS:
        raise UsageError(f"expected {' or '.join(DIRECTIONS)}, got {direction}", "direction")
    number = layers - 1 if layer is None else layer - 1
    names = [DIRECTIONS[way.backward] for way in network.layers[number]]
    if direction and direction not in names:
        raise UsageError(f"layer {number + 1} reads {names[0]} only, got {direction}", "direction")
    name = direction or min(names, key=DIRECTIONS.index)
    return Place(number, names.index(name))


def changes(view: View) -> Array:
    """Return how much each step changed: written plus wiped; for the RNN Σ_u abs(h − h'), ``(T,)``."""
    parts = view.flow
    if parts is None:
        change: Array = np.abs(np.diff(view.trace.states["h"][:, 0], axis=0)).sum(axis=-1)
        return change
    return (parts.written + parts.wiped)[:, 0]


def why_no_choice(network: Network, run: Run) -> str:
    """Return why a network can't be asked for the next word on a pass; empty where it can."""
    if why := why_no_next_word(network):
        return why
    if not np.isfinite(next_word_probabilities(network, run, len(run.outputs))).all():
        return "what the network answers is no number"
    return ""


def why_no_next_word(network: Network) -> str:
    """Return why a network, as it is built, names no next word; empty where it does."""
    backward = {direction.backward for layer in network.layers for direction in layer}
    if network.head is not None:
        return f"the network answers with {network.head.in_words}{NO_NEXT_WORD}"
    if not network.has_decoder:
        return f"the network has no decoder{NO_NEXT_WORD}"
    if True in backward:
        also = "also reads" if False in backward else "reads"
        return f"the network {also} from the end, so it has seen the word that comes next"
    if len(network.vocabulary) < 2:
        return "the network's vocabulary has only one word"
    return ""


def next_word_probabilities(network: Network, run: Run, after: int) -> Array:
    """Return the probability of every word after word ``after``, ``(V,)``."""
    logits = network.decode(run.outputs[after - 1, 0])
    odds = np.exp(logits - logits.max())
    probabilities: Array = odds / odds.sum()
    return probabilities
