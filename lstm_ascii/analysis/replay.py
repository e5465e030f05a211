"""Long sequences in little memory: only the states at some places are kept, the rest is computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from lstm_ascii.cells import Array, Cell, Trace

STRETCH = 256  # steps that are held at a time

Told = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Passage:
    """A cell and the steps that it goes through, any stretch of which can be computed again.

    Attributes:
        cell: the equations and their parameters.
        inputs: from the first step to before the last, from 0: gives the inputs there, ``(last − first, 1, D)``.
        steps: T.
        start: by state name, ``(H,)`` or ``(1, H)``; a state left out starts at zero.
    """

    cell: Cell
    inputs: Callable[[int, int], Array]
    steps: int
    start: Mapping[str, Array] = field(default_factory=dict)

    def stretches_back(self, told: Told | None = None) -> Iterator[Trace]:
        """Yield the traces of stretches of at most ``STRETCH`` steps, from the last stretch to the first.

        Args:
            told: hears after every pass over a stretch how many steps that was; see :attr:`work`.
        """
        starts, states = range(0, self.steps, STRETCH), [dict(self.start)]
        for first in starts[:-1]:
            trace = self.cell.forward(self.inputs(first, first + STRETCH), states[-1])
            states.append({name: state[-1].copy() for name, state in trace.states.items()})
            if told:
                told(STRETCH)
        for first, state in zip(reversed(starts), reversed(states), strict=True):
            last = min(first + STRETCH, self.steps)
            yield self.cell.forward(self.inputs(first, last), state)
            if told:
                told(last - first)

    @property
    def work(self) -> int:
        """The steps that ``told`` hears of in all: there, and back again."""
        return self.steps + (self.steps - 1) // STRETCH * STRETCH


def folded(trace: Trace, steps: slice) -> Trace:
    """Return a trace in which the steps of one sequence are a batch of one step each; views where it can be.

    What the equations say of one step, they say of all of them at once.
    """

    def row(array: Array) -> Array:
        return array[steps].reshape(1, -1, array.shape[-1])

    return Trace(
        x=row(trace.x),
        states={name: np.stack([row(s[:-1])[0], row(s[1:])[0]]) for name, s in trace.states.items()},
        block=row(trace.block),
        gates={letter: row(gate) for letter, gate in trace.gates.items()},
        extra={name: row(value) for name, value in trace.extra.items()},
    )


def jacobians(cell: Cell, trace: Trace, steps: slice) -> Array:
    """Return ∂s_{t+1}/∂s_t for the steps of a slice at once, ``(n, S, S)``; ``trace`` is of one sequence."""
    return cell.jacobian(folded(trace, steps), 0)
