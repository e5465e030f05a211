"""Where in a network a report looks: one direction of one layer."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_ascii.cells import Trace
from lstm_ascii.network import Direction, Network, Run


@dataclass(frozen=True)
class Place:
    """One direction of one layer.

    Attributes:
        layer: from 0; negative numbers count from the last one.
        direction: its index within the layer.
    """

    layer: int = -1
    direction: int = 0

    def direction_in(self, network: Network) -> Direction:
        """Return the cell there, its start state and the way that it reads."""
        return network.layers[self.layer][self.direction]

    def trace_in(self, run: Run) -> Trace:
        """Return what a pass computed there, in that direction's order."""
        return run.traces[self.layer][self.direction]

    def is_last(self, network: Network) -> bool:
        """Tell whether the decoder stands right above it."""
        return self.layer % len(network.layers) == len(network.layers) - 1

    def index(self, network: Network) -> int:
        """Return where it stands among all directions, from the first layer up."""
        return sum(map(len, network.layers[: self.layer % len(network.layers)])) + self.direction


LAST = Place()  # the last layer; of two directions the forward one
