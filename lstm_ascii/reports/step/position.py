"""A position in the walk through a sentence: everything that the screen depends on, with its command line."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.language.typed import typed
from lstm_ascii.records import dataclass

CELL, BACK, UNITS, PAINT = "cell", "back", "units", "paint"
VIEWS = (CELL, BACK, UNITS, PAINT)  # the cell as it reads, the error back, all units ranked, the text by the unit


@dataclass(frozen=True)
class Position:
    """A place of the walk.

    Attributes:
        sentence: that is read; empty where a file takes its place.
        at: the number of the word that has just been read, from 1.
        unit: that is followed, from 0; ``None`` for the one that carries what decides.
        network: the current one, by its name in lower case; empty for the main one.
        layer: that is examined, from 1; ``None`` for the last.
        direction: ``forward`` or ``backward``; empty for the first that there is.
        swapped: the number of the word that is swapped for its twin; 0 for none.
        view: one of :data:`VIEWS`.
    """

    sentence: str
    at: int = 1
    unit: int | None = None
    network: str = ""
    layer: int | None = None
    direction: str = ""
    swapped: int = 0
    view: str = CELL

    def options(self) -> list[str]:
        """Return the options of ``step`` that lead here."""
        found = [("--at", str(self.at))]
        if self.unit is not None:
            found.append(("--unit", str(self.unit)))
        found += [("--network", self.network)] if self.network else []
        found += [("--layer", str(self.layer))] if self.layer is not None else []
        found += [("--direction", self.direction)] if self.direction else []
        found += [("--swap", str(self.swapped))] if self.swapped else []
        found += [("--view", self.view)] if self.view != CELL else []
        return [part for pair in found for part in pair]

    def arguments(self, given: Sequence[str] = ()) -> list[str]:
        """Return the command line that leads here, after the program's name.

        Args:
            given: options that say which networks are looked at.
        """
        end = ["--", self.sentence] if self.sentence.startswith("-") else [self.sentence] if self.sentence else []
        if len(end) > 1:
            return ["step", *self.options(), *given, *end]
        return ["step", *end, *self.options(), *given]

    def command(self, given: Sequence[str] = ()) -> str:
        """Return the command line that leads here as a reader types it; see :meth:`arguments`."""
        return typed(self.arguments(given))


@dataclass(frozen=True)
class Bounds:
    """How far a reader can go from a place.

    Attributes:
        words: how many there are.
        networks: their names in lower case.
        network: the current one.
        units: of the cell that is examined.
        unit: that is followed.
        carrier: the unit that carries what decides; ``None`` where none does.
        layers: of the current network.
        layer: that is examined, from 1.
        directions: of that layer.
        direction: that is examined.
        asked: the number of the word after which the network is asked.
        ranked: the units by what they do for the answer, the most important first; empty where that isn't shown.
    """

    words: int
    networks: tuple[str, ...]
    network: str
    units: int
    unit: int
    carrier: int | None
    layers: int
    layer: int
    directions: tuple[str, ...]
    direction: str
    asked: int
    ranked: tuple[int, ...] = ()
