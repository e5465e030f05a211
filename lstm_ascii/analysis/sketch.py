"""Statistics of every unit of a layer over a text of any size, as counts and sums that are added up piece by piece.

Histograms have fixed edges and integer counts, so the pieces of a corpus add up to exactly those of the whole. Sums are
in double precision; they are the same bit for bit, as the same pieces are always added in the same order. Quantiles
are read from histograms, so they are accurate to the width of a bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from lstm_ascii.analysis.activity import Activity, activity
from lstm_ascii.analysis.follows import Follows
from lstm_ascii.analysis.gates import flow
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.records import dataclass

GATES = ("keep", "add", "show")
GATE_EDGES = np.linspace(0.0, 1.0, 65)
MEMORY_EDGES = np.sinh(np.linspace(-1, 1, 257) * np.arcsinh(4 * 1024.0)) / 4  # fine about 0, to ±1,024
LARGEST_FOR_TWINS = 1024  # units of a layer whose memories are compared with each other
PASSAGES, AROUND = 3, 6  # of each unit where it is highest; words of a passage on either side


@dataclass(frozen=True, order=True)
class Passage:
    """A place in the text where a unit has a high value.

    Attributes:
        order: the negative value, so that the highest come first when sorted.
        file, line: the name of the file; the position of a block in it, and the number of the line in the block.
        words: of the passage.
        at: the index of the word among them.
    """

    order: float
    file: str
    line: tuple[int, int]
    words: tuple[str, ...]
    at: int

    @property
    def value(self) -> float:
        """The value of the unit there."""
        return -self.order


@dataclass(frozen=True, eq=False)
class Sketch:
    """The statistics of one direction of one layer, H units.

    Attributes:
        activity: means, spreads and ranges.
        histograms: by name (``keep``, ``add``, ``show``, ``memory``), counts ``(H, bins)``.
        products: sums of products of the memories of two units, ``(H, H)``; empty for too large a layer.
        follows: correlations of the memory with features of the text.
        highest: for each unit the passages where its memory is highest, all with different words.
    """

    activity: Activity
    histograms: dict[str, Array]
    products: Array
    follows: Follows
    highest: tuple[tuple[Passage, ...], ...]

    def __add__(self, other: Self) -> Self:
        """Return the statistics of both texts."""
        return replace(
            self,
            activity=self.activity + other.activity,
            histograms={name: counts + other.histograms[name] for name, counts in self.histograms.items()},
            products=self.products + other.products,
            follows=self.follows + other.follows,
            highest=tuple(_first(a + b) for a, b in zip(self.highest, other.highest, strict=True)),
        )

    def quantile(self, name: str, share: float) -> Array:
        """Return a quantile of every unit over the words, ``(H,)``, accurate to the width of a bin."""
        counts = self.histograms[name]
        edges = MEMORY_EDGES if name == "memory" else GATE_EDGES
        below = np.cumsum(counts, axis=1)
        wanted = share * np.maximum(below[:, -1], 1)
        place = np.minimum((below < wanted[:, None]).sum(axis=1), counts.shape[1] - 1)
        rows = np.arange(len(counts))
        inside = np.maximum(counts[rows, place], 1)
        part = np.clip((wanted - (below[rows, place] - counts[rows, place])) / inside, 0, 1)
        value: Array = edges[place] + part * (edges[place + 1] - edges[place])
        return value

    def twins(self) -> Array:
        """Return Pearson's r of any two memories, ``(H, H)``; 0 on the diagonal, and for units that are constant."""
        count = max(1, self.activity.count)
        memory = self.activity.ranges.get("memory", self.activity.ranges["h"])
        mean, spread = memory.mean(count), memory.deviation(count)
        covariance = self.products / count - np.outer(mean, mean)
        size = np.outer(spread, spread)
        moves = np.outer(spread > 1e-3, spread > 1e-3)
        r: Array = np.divide(covariance, size, out=np.zeros_like(covariance), where=moves)
        np.fill_diagonal(r, 0.0)
        return r


def sketch(cell: Cell, trace: Trace, lengths: Array, features: Array, texts: Sequence[Sequence[str]],
           file: str, lines: Sequence[tuple[int, int]], backward: bool = False) -> Sketch:  # fmt: skip
    """Compute the statistics of a pass over a batch of sequences.

    Args:
        cell: the cell that made the trace.
        trace: of the pass.
        lengths: of the sequences without padding, ``(B,)``.
        features: of the words, ``(T, B, F)``, in the order in which the cell reads them.
        texts: the words of each sequence.
        file: that they are from.
        lines: the position of each sequence in it; see :class:`Passage`.
        backward: whether the cell reads each sequence from its end.
    """
    counts = np.arange(len(trace))[:, None] < lengths  # (T, B)
    states = trace.states[cell.state_names[-1]][1:]
    memory = states[counts]
    histograms = {"memory": _histogram(memory, MEMORY_EDGES)}
    parts = flow(trace)
    if parts is not None:
        histograms |= {name: _histogram(getattr(parts, name)[counts], GATE_EDGES) for name in GATES}
    finite = np.nan_to_num(memory)
    small = memory.shape[1] <= LARGEST_FOR_TWINS
    products = (finite.T @ finite).astype(float) if small else np.zeros((0, 0))
    return Sketch(
        activity(cell, trace, lengths), histograms, products, Follows.of(memory, features[counts]),
        _highest(np.where(counts[:, :, None], states, -np.inf), texts, file, lines, backward),
    )  # fmt: skip


def _histogram(values: Array, edges: Array) -> Array:
    """Count ``(N, H)`` values of every unit in bins, ``(H, bins)``; values beyond are in the first or the last bin."""
    bins, units = len(edges) - 1, values.shape[1]
    if edges is GATE_EDGES:
        places = np.clip(values * bins, 0, bins - 1)
    else:
        half = bins / 2
        places = np.clip(np.arcsinh(4 * values) * (half / np.arcsinh(4 * 1024.0)) + half, 0, bins - 1)
    keys = np.nan_to_num(places).astype(np.intp) + np.arange(units) * bins
    counts: Array = np.bincount(keys.ravel(), minlength=units * bins).reshape(units, bins)
    return counts


def _highest(
    states: Array, texts: Sequence[Sequence[str]], file: str, lines: Sequence[tuple[int, int]], backward: bool
) -> tuple[tuple[Passage, ...], ...]:
    """Return where each unit is highest in ``(T, B, H)``: at most one passage in a sequence, with different words."""
    finite = np.where(np.isfinite(states), states, -np.inf)
    steps, values = finite.argmax(axis=0), finite.max(axis=0)  # (B, H)
    passages: list[tuple[Passage, ...]] = []
    for unit, columns in enumerate(np.argsort(-values, axis=0, kind="stable").T.tolist()):
        found: dict[tuple[str, ...], Passage] = {}
        for column in columns:
            value, words = float(values[column, unit]), texts[column]
            if len(found) == PASSAGES or value == -np.inf:
                break
            at = int(steps[column, unit])
            at = len(words) - 1 - at if backward else at
            first = max(0, at - AROUND)
            around = tuple(words[first : at + AROUND + 1])
            found.setdefault(around, Passage(-value, file, lines[column], around, at - first))
        passages.append(tuple(found.values()))
    return tuple(passages)


def _first(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """Return the highest passages with different words."""
    kept: dict[tuple[str, ...], Passage] = {}
    for passage in sorted(passages):
        kept.setdefault(passage.words, passage)
    return tuple(kept.values())[:PASSAGES]
