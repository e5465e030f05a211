"""Networks run again with something changed, many variants side by side, in bounded memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run

BYTES = 1 << 24  # about, that the traces of a batch take
CACHED, FEW_STEPS = 1 << 20, 8  # bytes of traces that stay in the cache; steps of which they are, where that are more
ARRAYS, THERE = 12, 8  # of H numbers a step and sequence that a pass of one cell holds, there and back; only there
MANY = 1 << 20  # weights, from which on single precision does: rounding moves an answer far less than what is asked for
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
    firsts: Sequence[int],
    read: Callable[[slice, int, States], Run],
    asked: Figures,
) -> Array:
    """Return what a network answers to variants of what it read, ``(B,)``.

    Args:
        network: any.
        run: over what it read first, ``B`` = 1.
        steps: of the variants.
        firsts: for each variant how many steps at its beginning are as they were; in order, ``(B,)``.
        read: lets the network read some steps of so many first variants, from states of all directions; from none the
            start states.
        asked: what is looked at.
    """
    batch = len(firsts)
    if not is_forward(network):
        return asked.figures(read(slice(0, steps), batch, ()).outputs)
    end = asked.after(steps) if asked.is_of_one_step else steps
    dtype = dtype_of(network)
    size = batch * THERE * dtype.itemsize * units(network)  # of a step
    length = max(1, int(min(BYTES / size, max(FEW_STEPS, CACHED / size))))
    kept = [_as_before(run, slice(0, min(firsts[0], end)), batch)]
    changed, states = 0, list[dict[str, Array]]({} for _ in network.layers)
    for begin in range(firsts[0], end, length):
        part = slice(begin, min(end, begin + length))
        more = bisect_left(firsts, part.stop) - changed  # what differs from here on starts from where the others were
        states = _joined(states, run, begin, more, dtype)
        changed += more
        passed = read(part, changed, states)
        states = [{name: state[-1].copy() for name, state in trace.states.items()} for (trace,) in passed.traces]
        outputs = np.concatenate([passed.outputs, _as_before(run, part, batch - changed)], axis=1)
        del passed  # so that no two traces are held at a time
        kept = [outputs[-1:]] if asked.is_of_one_step else [*kept, outputs]
    if asked.is_of_one_step:
        return asked.figures(np.broadcast_to(kept[-1][-1:], (end, *kept[-1].shape[1:])))
    return asked.figures(np.concatenate(kept))


def _as_before(run: Run, part: slice, batch: int) -> Array:
    """Return what came out of some steps of the first reading, ``(S, batch, W)``; a view."""
    outputs = run.outputs[part]
    return np.broadcast_to(outputs, (len(outputs), batch, outputs.shape[-1]))


def _joined(states: States, run: Run, step: int, more: int, dtype: npt.DTypeLike) -> list[dict[str, Array]]:
    """Return each layer's states with those of ``more`` variants behind that were, until ``step``, as it was read."""
    joined = []
    for before, (trace,) in zip(states, run.traces, strict=True):
        new = {name: np.repeat(state[step], more, axis=0).astype(dtype) for name, state in trace.states.items()}
        joined.append({name: np.concatenate([before[name], state]) if before else state for name, state in new.items()})
    return joined


def lighter(network: Network) -> Network:
    """Return a network of many weights with its layers in single precision; any other as it is."""
    return network.with_layers_in(np.float32) if weights_used(network) >= MANY else network


def dtype_of(network: Network) -> np.dtype[Any]:
    """Return what the layers are computed in."""
    return network.layers[0][0].cell.weight_hh.dtype


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
