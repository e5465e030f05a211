"""Words swapped or left out, and the network run again: what it answers then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lstm_ascii.analysis.rerun import Figures, OfChoice, States, at_once, dtype_of, figures_again, lighter
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run

Ids = npt.NDArray[np.intp]

if TYPE_CHECKING:
    from lstm_ascii.analysis.asked import Asked


def swapped_figures(network: Network, run: Run, swaps: Sequence[tuple[int, int]], asked: Figures) -> Array:
    """Return the answer with one word swapped at a time, ``(len(swaps),)``.

    Args:
        network: one that reads words.
        run: over them, ``B`` = 1.
        swaps: the word's index, from 0, and the entry that takes its place.
        asked: what is looked at.
    """
    ids, steps = run.ids[:, 0], len(run.ids)
    figures, together = np.empty(len(swaps)), at_once(network, steps, asked)
    network = lighter(network)
    order = np.argsort([place for place, _ in swaps], kind="stable")
    for begin in range(0, len(swaps), together):
        chosen = order[begin : begin + together]
        places, entries = np.array([swaps[k] for k in chosen]).T
        read = _reader(network, partial(_swapped, ids, places, entries))
        figures[chosen] = figures_again(network, run, steps, places.tolist(), read, asked)
    return figures


def left_out_figures(network: Network, run: Run, places: Sequence[int], asked: Asked | OfChoice) -> Array:
    """Return the answer with one word left out at a time, ``(len(places),)``.

    Args:
        network: one that reads words.
        run: over at least two words, ``B`` = 1.
        places: the words' indices, from 0, in their order; not that of the step that is answered where each has its
            own answer.
        asked: what is looked at; it is asked a step earlier where the word stood before.
    """
    ids, steps = run.ids[:, 0], len(run.ids) - 1
    figures, together = np.empty(len(places)), at_once(network, steps, asked)
    network, after = lighter(network), asked.after(len(run.ids))
    for begin in range(0, len(places), together):
        some = np.array(places[begin : begin + together])
        for chosen, question in ((some < after, asked.earlier()), (some >= after, asked)):
            if chosen.any():
                out, columns = some[chosen], begin + np.flatnonzero(chosen)
                read = _reader(network, partial(_kept, ids, out))
                figures[columns] = figures_again(network, run, steps, out.tolist(), read, question)
    return figures


def _swapped(ids: Ids, places: Ids, entries: Ids, number: Ids, count: int) -> Ids:
    """Return what stands at steps ``(S, 1)`` of the first variants, in each of which one entry takes a place."""
    return np.where(number == places[:count], entries[:count], ids[number])


def _kept(ids: Ids, places: Ids, number: Ids, count: int) -> Ids:
    """Return what stands at steps ``(S, 1)`` of the first variants, in each of which one place is left out."""
    return ids[number + (number >= places[:count])]


def _reader(network: Network, ids: Callable[[Ids, int], Ids]) -> Callable[[slice, int, States], Run]:
    """Return what lets a network read some steps of the first variants.

    Args:
        network: that reads.
        ids: returns which entries stand at steps ``(S, 1)`` of so many first variants, ``(S, n)``.
    """
    dtype = dtype_of(network)

    def read(part: slice, count: int, states: States) -> Run:
        rows = ids(np.arange(part.start, part.stop)[:, None], count)
        return network.run_vectors(network.embedding[rows].astype(dtype, copy=False), states)

    return read
