"""Running a network again on many variants of its input, as batches in bounded memory."""

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
    """The number that is compared between variants; :class:`~lstm_ascii.analysis.asked.Asked` is the usual one."""

    def figures(self, outputs: Array) -> Array:
        """Return the number for each sequence, ``(B,)``, given outputs ``(T, B, W)``."""
        ...

    def after(self, steps: int) -> int:
        """Return the step whose outputs it depends on, from 1, in a sequence of so many steps."""
        ...

    @property
    def is_of_one_step(self) -> bool:
        """Whether it depends on the outputs of that step alone."""
        ...


class OfChoice:
    """The log-odds of a choice between two words, as :class:`Figures`."""

    is_of_one_step = True

    def __init__(self, network: Network, contrast: Contrast) -> None:
        """Keep the network and the choice."""
        self._network, self._contrast = network, contrast

    def figures(self, outputs: Array) -> Array:
        """Return the log-odds for each sequence, ``(B,)``, given outputs ``(T, B, W)``."""
        return self._contrast.log_odds(self._network, outputs[self._contrast.after - 1])

    def after(self, steps: int) -> int:
        """Return the number of the word after which the choice is made, from 1."""
        del steps
        return self._contrast.after

    def earlier(self) -> OfChoice:
        """Return the same choice one word earlier."""
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
    """Return the number ``asked`` for variants of an input, ``(B,)``, without repeating the steps that they share.

    Args:
        network: any.
        run: over the original input, ``B`` = 1.
        steps: the length of the variants.
        firsts: the number of unchanged steps at the beginning of each variant, ``(B,)``, ascending.
        read: runs the network over a slice of the steps of the first n variants, from the given states of all
            directions (from the start states if there are none).
        asked: the number to return.
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
    """Return the outputs of the original run at some steps, ``(S, batch, W)``; a view."""
    outputs = run.outputs[part]
    return np.broadcast_to(outputs, (len(outputs), batch, outputs.shape[-1]))


def _joined(states: States, run: Run, step: int, more: int, dtype: npt.DTypeLike) -> list[dict[str, Array]]:
    """Return each layer's states, extended by those of ``more`` variants that equal the original run up to ``step``."""
    joined = []
    for before, (trace,) in zip(states, run.traces, strict=True):
        new = {name: np.repeat(state[step], more, axis=0).astype(dtype) for name, state in trace.states.items()}
        joined.append({name: np.concatenate([before[name], state]) if before else state for name, state in new.items()})
    return joined


def lighter(network: Network) -> Network:
    """Return a network of many weights with its layers in single precision, any other network unchanged."""
    return network.with_layers_in(np.float32) if weights_used(network) >= MANY else network


def dtype_of(network: Network) -> np.dtype[Any]:
    """Return the type in which the layers are computed."""
    return network.layers[0][0].cell.weight_hh.dtype


def at_once(network: Network, steps: int, asked: Figures) -> int:
    """Return how many variants of ``steps`` steps run in one batch."""
    if not is_forward(network):
        return max(1, int(BYTES / (steps * ARRAYS * 8 * units(network))))
    rows = MOST_AT_ONCE if asked.is_of_one_step else int(BYTES / (steps * 8 * network.layers[-1][0].cell.output_size))
    return max(LEAST_AT_ONCE, min(MOST_AT_ONCE, rows))


def is_forward(network: Network) -> bool:
    """Tell whether every layer reads forward only."""
    return all(len(layer) == 1 and not layer[0].backward for layer in network.layers)


def units(network: Network) -> int:
    """Return the number of units of all cells."""
    return sum(direction.cell.hidden_size for layer in network.layers for direction in layer)


def weights_used(network: Network) -> int:
    """Return the number of parameters of all layers, each of which every step uses."""
    return sum(
        value.size for layer in network.layers for direction in layer for value in direction.cell.parameters.values()
    )
