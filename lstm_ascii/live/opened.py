"""Our engine on what went into a live layer: the same steps again, with everything that happens inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lstm_ascii.analysis.gate_gradients import gate_gradients
from lstm_ascii.cells import Array, Trace
from lstm_ascii.layer import Direction, Layer, merged, merged_gradients
from lstm_ascii.live.calls import Call
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class Pass:
    """One direction of one layer on one call.

    Attributes:
        direction: our cell.
        trace: what it computed, in its own order; what is padding comes last.
        order: which step each place of the trace read, ``(T, B)``.
        counts: how many steps each sequence has, ``(B,)``.
    """

    direction: Direction
    trace: Trace
    order: npt.NDArray[np.intp]
    counts: npt.NDArray[np.intp]

    def by_step(self, values: Array, padding: float = np.nan) -> Array:
        """Return values ``(T, B, …)`` of the trace in the order of the steps, with ``padding`` where none is read."""
        kept = np.arange(len(values))[:, None] < self.counts
        shape = (*kept.shape, *(1,) * (values.ndim - 2))
        turned = np.empty(values.shape, np.result_type(values, float))
        filled = np.where(kept.reshape(shape), values, padding)
        np.put_along_axis(turned, np.broadcast_to(self.order.reshape(shape), values.shape), filled, 0)
        return turned

    def own_order(self, values: Array) -> Array:
        """Return values ``(T, B, …)`` that stand in the order of the steps in that of the trace."""
        shape = (*self.order.shape, *(1,) * (values.ndim - 2))
        return np.take_along_axis(values, np.broadcast_to(self.order.reshape(shape), values.shape), 0)

    @property
    def finals(self) -> dict[str, Array]:
        """The states after the last step of each sequence, ``(B, H)``."""
        at = self.counts, np.arange(len(self.counts))
        return {name: state[at] for name, state in self.trace.states.items()}


Passes = tuple[tuple[Pass, ...], ...]  # of the layers, from the input up


def opened(layers: Sequence[Layer], call: Call) -> Passes:
    """Step through what a layer read, through all that lie in it."""
    x, starts, passes = call.x, iter(call.start), []
    steps, batch = x.shape[:2]
    reads = np.ones((steps, batch), bool) if call.reads is None else call.reads
    counts = reads.sum(axis=0)
    for number, layer in enumerate(layers):
        ways = []
        for direction in layer:
            order = _order(reads, direction.backward)
            x_own = np.take_along_axis(x, order[:, :, None], 0)
            ways.append(Pass(direction, direction.cell.forward(x_own, next(starts, {})), order, counts))
        passes.append(tuple(ways))
        x = outputs_of(ways)
        if number < len(call.factors):
            x = x * call.factors[number]
    return tuple(passes)


def outputs_of(ways: Sequence[Pass]) -> Array:
    """Return what a layer gives, in the order of the steps, ``(T, B, W)``; zeros for padding."""
    return merged([way.by_step(way.trace.h, 0.0) for way in ways], ways[0].direction.merge)


def _order(reads: npt.NDArray[np.bool_], backward: bool) -> npt.NDArray[np.intp]:
    """Return which steps are read one after the other, ``(T, B)``, those of padding last."""
    turned = reads[::-1] if backward else reads
    order = np.argsort(~turned, axis=0, kind="stable")
    return len(reads) - 1 - order if backward else order


def difference(call: Call, passes: Passes, gives_steps: bool) -> float | None:
    """Return how far ours are from what the framework gave; ``None`` where it gave nothing.

    The largest absolute difference over outputs and last states; of numbers above 1 relative to them.
    """
    pairs: list[tuple[Array, Array]] = []
    if call.outputs is not None:
        ours, reads = outputs_of(passes[-1]), call.reads
        if not gives_steps:
            last = [way.finals["h"] for way in passes[-1]]
            ours, reads = merged(last, passes[-1][0].direction.merge)[None], None
        at: Any = ... if reads is None else reads
        pairs.append((ours[at], call.outputs[at]))
    ways = [way for layer in passes for way in layer]
    for way, finals in zip(ways, call.finals, strict=False):
        pairs += [(way.finals[name], value) for name, value in finals.items()]
    if not pairs:
        return None
    return max(_apart(ours, theirs) for ours, theirs in pairs)


def _apart(ours: Array, theirs: Array) -> float:
    """Return the largest difference; numbers that are no numbers in both are the same, in one of them a NaN."""
    with np.errstate(invalid="ignore"):
        off = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
    off[(ours == theirs) | (np.isnan(ours) & np.isnan(theirs))] = 0.0  # infinities, too
    return float(off.max(initial=0.0))


@dataclass(frozen=True, eq=False)
class Carried:
    """The gradient of an answer inside one direction, in the order of its trace.

    Attributes:
        states: on the states, ``(T + 1, B, H)``, by every path.
        gates: on the gates, ``(T, B, H)``.
    """

    states: dict[str, Array]
    gates: dict[str, Array]


def carried(passes: Passes, call: Call, d_outputs: Array, d_finals: Sequence[Mapping[str, Array]]) -> list[Carried]:
    """Carry the gradient on what a layer gave to every state and gate in it.

    Args:
        passes: of :func:`opened`.
        call: that they are of.
        d_outputs: on the outputs of every step, ``(T, B, W)``.
        d_finals: on the last states of each direction from the first layer up.

    Returns:
        One a direction, from the first layer up.
    """
    found: list[Carried] = []
    finals = list(d_finals) or [{} for layer in passes for _ in layer]
    direct = d_outputs
    for number in range(len(passes) - 1, -1, -1):
        ways = passes[number]
        outputs = [way.by_step(way.trace.h, 0.0) for way in ways]
        parts = merged_gradients(outputs, ways[0].direction.merge, direct)
        below, own = np.zeros(call.x.shape if not number else outputs_of(passes[number - 1]).shape), []
        for way, part, ends in zip(ways, parts, finals[len(finals) - len(ways) :], strict=True):
            states = {"h": way.own_order(part)}
            for name, value in ends.items():
                state = states.setdefault(name, np.zeros((len(way.trace), *value.shape)))
                some = way.counts > 0
                state[way.counts[some] - 1, np.flatnonzero(some)] += value[some]
            gradients = way.direction.cell.backward(way.trace, states)
            below += way.by_step(gradients.x, 0.0)
            own.append(Carried(gradients.states, gate_gradients(way.direction.cell, way.trace, gradients.states)))
        found[:0] = own
        finals = finals[: len(finals) - len(ways)]
        direct = below * call.factors[number - 1] if 0 < number <= len(call.factors) else below
    return found
