"""Words swapped or left out, and the network run again: what it answers then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lstm_ascii.analysis.rerun import Figures, OfChoice, States, at_once, dtype_of, figures_again, lighter
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run

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
    ids, steps = run.ids[:, 0].astype(np.int32), len(run.ids)
    figures, together = np.empty(len(swaps)), at_once(network, steps, asked)
    network = lighter(network)
    order = sorted(range(len(swaps)), key=lambda k: swaps[k][0])
    for begin in range(0, len(swaps), together):
        chosen = order[begin : begin + together]
        some = [swaps[k] for k in chosen]
        changed = np.repeat(ids[:, None], len(some), axis=1)
        for column, (place, entry) in enumerate(some):
            changed[place, column] = entry
        firsts = [place for place, _ in some]
        figures[chosen] = figures_again(network, run, steps, firsts, _reader(network, changed), asked)
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
    ids, steps = run.ids[:, 0].astype(np.int32), len(run.ids) - 1  # held for all variants at once
    figures, together = np.empty(len(places)), at_once(network, steps, asked)
    network, after = lighter(network), asked.after(len(run.ids))
    for begin in range(0, len(places), together):
        some = np.array(places[begin : begin + together])
        number = np.arange(steps, dtype=np.int32)[:, None]
        kept = ids[number + (number >= some)]

        for chosen, question in ((some < after, asked.earlier()), (some >= after, asked)):
            if chosen.any():
                columns = np.flatnonzero(chosen)
                read, firsts = _reader(network, kept[:, columns]), some[columns].tolist()
                figures[begin + columns] = figures_again(network, run, steps, firsts, read, question)
    return figures


def _reader(network: Network, ids: npt.NDArray[np.int32]) -> Callable[[slice, int, States], Run]:
    """Return what lets a network read some steps of the first variants of ``ids`` ``(T, B)``."""
    dtype = dtype_of(network)

    def read(part: slice, count: int, states: States) -> Run:
        return network.run_vectors(network.embedding[ids[part, :count]].astype(dtype, copy=False), states)

    return read
