"""Words swapped or left out, and the network run again: what it answers then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lstm_ascii.analysis.asked import Asked
from lstm_ascii.analysis.rerun import Figures, OfChoice, States, at_once, figures_again
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run


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
    for begin in range(0, len(swaps), together):
        some = swaps[begin : begin + together]
        changed = np.repeat(ids[:, None], len(some), axis=1)
        for column, (place, entry) in enumerate(some):
            changed[place, column] = entry

        def read(part: slice, states: States, changed: npt.NDArray[np.intp] = changed) -> Run:
            return network.run(changed[part], states)

        first = min(place for place, _ in some)
        figures[begin : begin + len(some)] = figures_again(network, run, steps, first, len(some), read, asked)
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
    after = asked.after(len(run.ids))
    for begin in range(0, len(places), together):
        some = np.array(places[begin : begin + together])
        number = np.arange(steps)[:, None]
        kept = ids[number + (number >= some)]

        for chosen, question in ((some < after, asked.earlier()), (some >= after, asked)):
            if chosen.any():
                columns = np.flatnonzero(chosen)

                def read_some(part: slice, states: States, kept: npt.NDArray[np.intp] = kept[:, columns]) -> Run:
                    return network.run(kept[part], states)

                figures[begin + columns] = figures_again(
                    network, run, steps, int(some[columns[0]]), len(columns), read_some, question
                )
    return figures
