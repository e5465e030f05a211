"""What all calls of a layer computed, put together to one array a quantity, in the order of the steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.live.calls import Given, Unrolled
from lstm_ascii.live.opened import Carried, Pass, Passes, carried
from lstm_ascii.reports.look import CellArrays


def carried_through(unrolled: Unrolled, passes: Sequence[Passes], given: Sequence[Given | None]) -> list[list[Carried]]:
    """Carry the gradient on what each call gave into it; one list a call, of the directions from the first layer up.

    Each call's gradient has all that later calls do with its states, so none is carried from call to call.

    Args:
        unrolled: the calls.
        passes: what our engine made of each.
        given: the gradient on what each gave; nothing where no answer was asked for.
    """
    if all(one is None for one in given):
        return []
    found = []
    for call, made, one in zip(unrolled.calls, passes, given, strict=True):
        width = sum(way.direction.cell.output_size for way in made[-1])
        d_outputs, d_finals = one or (np.zeros((*call.x.shape[:2], width)), ())
        found.append(carried(made, call, d_outputs, d_finals))
    return found


def arrays_of(
    unrolled: Unrolled, passes: Sequence[Passes], inner: Sequence[Sequence[Carried]], at: tuple[int, int]
) -> CellArrays:
    """Return the arrays of one direction.

    Args:
        unrolled: the calls.
        passes: what our engine made of each.
        inner: the gradients in each; nothing if there are none.
        at: the layer and the direction within the module, from 0.
    """
    ways = [made[at[0]][at[1]] for made in passes]
    place = sum(map(len, unrolled.layer.layers[: at[0]])) + at[1]
    own = [call[place] for call in inner]
    states, traces = ways[0].trace.states, [way.trace for way in ways]
    return CellArrays(
        cell=ways[0].direction.cell,
        reads=np.concatenate([np.ones(call.x.shape[:2], bool) if call.reads is None else call.reads
                              for call in unrolled.calls]),
        x=_together(ways, [trace.x for trace in traces]),
        gates={name: _together(ways, [trace.gates[name] for trace in traces]) for name in traces[0].gates},
        before={name: _together(ways, [trace.states[name][:-1] for trace in traces]) for name in states},
        states={name: _together(ways, [trace.states[name][1:] for trace in traces]) for name in states},
        d_states={name: _together(ways, [one.states[name][1:] for one in own]) for name in states} if own else {},
        d_gates={name: _together(ways, [one.gates[name] for one in own]) for name in own[0].gates} if own else {},
    )  # fmt: skip


def _together(ways: Sequence[Pass], values: Sequence[Array]) -> Array:
    """Put values of all calls, each in the order of its trace, one after the other in the order of the steps."""
    return np.concatenate([way.by_step(value) for way, value in zip(ways, values, strict=True)])
