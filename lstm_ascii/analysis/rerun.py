"""Networks run again with something changed, many variants side by side, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run

BYTES = 1 << 25  # about, that the traces of a batch take
ARRAYS = 12  # of H numbers a step and sequence that a pass of one cell holds, about; the way back included
MOST_AT_ONCE, LEAST_AT_ONCE = 512, 8  # variants
States = Sequence[Mapping[str, Array]]


class Figures(Protocol):
    """A number that is looked at: see :class:`~lstm_ascii.analysis.asked.Asked`."""

    def figures(self, outputs: Array) -> Array:
        """Return it for outputs ``(T, B, W)``, ``(B,)``."""
        ...

    def after(self, steps: int) -> int:
        """Return the number of the step that it is made after, of so many."""
        ...

    @property
    def is_of_one_step(self) -> bool:
        """Whether it is made of that step's outputs alone."""
        ...


class OfChoice:
    """The log-odds of a choice between two words, as a number that is looked at."""

    is_of_one_step = True

    def __init__(self, network: Network, contrast: Contrast) -> None:
        """Take the network that chooses, and the choice."""
        self._network, self._contrast = network, contrast

    def figures(self, outputs: Array) -> Array:
        """Return the log-odds for outputs ``(T, B, W)``, ``(B,)``."""
        return self._contrast.log_odds(self._network, outputs[self._contrast.after - 1])

    def after(self, steps: int) -> int:
        """Return the number of the word after which it is made."""
        del steps
        return self._contrast.after

    def earlier(self) -> OfChoice:
        """Return the same choice, a word earlier."""
        before = Contrast(self._contrast.after - 1, self._contrast.right, self._contrast.wrong)
        return OfChoice(self._network, before)


def figures_again(
    network: Network,
    run: Run,
    steps: int,
    first: int,
    batch: int,
    read: Callable[[slice, States], Run],
    asked: Figures,
) -> Array:
    """Return what a network answers to ``batch`` variants of what it read, ``(B,)``.

    Args:
        network: any.
        run: over what it read first, ``B`` = 1.
        steps: of the variants.
        first: how many steps at the beginning are in all variants as they were.
        batch: B.
        read: lets the network read some steps of all variants, from states of all directions; from none the start
            states.
        asked: what is looked at.
    """
    if not is_forward(network):
        return asked.figures(read(slice(0, steps), ()).outputs)
    end = asked.after(steps) if asked.is_of_one_step else steps
    if first >= end:  # nothing that is changed has been read yet
        return np.repeat(asked.figures(run.outputs), batch)
    states: States = [
        {name: np.repeat(state[first], batch, axis=0) for name, state in trace.states.items()}
        for passes in run.traces
        for trace in passes
    ]
    length = max(1, int(BYTES / (batch * ARRAYS * 8 * units(network))))
    kept: list[Array] = []
    for begin in range(first, end, length):
        part = read(slice(begin, min(end, begin + length)), states)
        states = [{name: state[-1] for name, state in trace.states.items()} for (trace,) in part.traces]
        kept = [part.outputs[-1:]] if asked.is_of_one_step else [*kept, part.outputs]
    if asked.is_of_one_step:
        return asked.figures(np.broadcast_to(kept[-1], (end, *kept[-1].shape[1:])))
    before = np.broadcast_to(run.outputs[:first], (first, batch, run.outputs.shape[-1]))
    return asked.figures(np.concatenate([before, *kept]))


def at_once(network: Network, steps: int, asked: Figures) -> int:
    """Return how many variants of so many steps run side by side."""
    if not is_forward(network):
        return max(1, int(BYTES / (steps * ARRAYS * 8 * units(network))))
    rows = MOST_AT_ONCE if asked.is_of_one_step else int(BYTES / (steps * 8 * network.layers[-1][0].cell.output_size))
    return max(LEAST_AT_ONCE, min(MOST_AT_ONCE, rows))


def is_forward(network: Network) -> bool:
    """Tell whether all layers read forward only."""
    return all(len(layer) == 1 and not layer[0].backward for layer in network.layers)


def units(network: Network) -> int:
    """Return how many units all cells have."""
    return sum(direction.cell.hidden_size for layer in network.layers for direction in layer)


def weights_used(network: Network) -> int:
    """Return how many weights of the layers each step uses."""
    return sum(
        value.size for layer in network.layers for direction in layer for value in direction.cell.parameters.values()
    )
