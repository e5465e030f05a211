"""Kinds of random networks measured in pieces: some seeds of one kind each, here, on all cores, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np

from lstm_ascii.analysis.travel import LARGEST_CURVE, Travel, together, travel
from lstm_ascii.cells import CELLS, Array
from lstm_ascii.processes import end_if_unwanted
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.gradients.levers import Kind
from lstm_ascii.reports.gradients.network import NetworkGradients, clipped_to, network_gradients, sizes_of_weights

LONG = 20_000  # steps, of all seeds, from which on pieces are measured side by side
OTHERS = "other networks or another number of steps"  # than a file was kept of
OF_A_PIECE = 10_000  # steps of all its seeds, about
MOST_SIZES = 1 << 24  # of all seeds and steps of a kind, that come back; of more, only the quartiles do


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured on some seeds of a kind.

    Attributes:
        travel: of them; with the sizes of each where the kind has other pieces, too.
        weights: spectral radius and largest singular value of the recurrent weights of each, ``(B, 2)``.
    """

    travel: Travel
    weights: Array


Piece = tuple[Kind, int, int, bool]  # a kind, the number of its first seed, how many, and whether all sizes come back


def measured(
    kinds: Sequence[Kind], clip: float | None, spectrum: bool, watch: Watch | None, resume: str
) -> list[NetworkGradients]:
    """Return what was measured on each kind, in their order; see :func:`report.gradients_report`.

    How kinds are cut depends on steps and seeds alone: so the same pieces give the same, whoever measures them. Those
    that take longest are begun first, so that at the end no core waits for one of them.
    """
    by_work = sorted(kinds, key=lambda kind: -len(CELLS[kind.cell].gate_letters))
    pieces = [[(kind, *part) for part in _parts(kind)] for kind in by_work]
    networks: dict[Kind, NetworkGradients] = {}
    with closing(_found([piece for some in pieces for piece in some], spectrum, watch, resume)) as found:
        for kind, some in zip(by_work, pieces, strict=True):
            parts, thresholds = list(islice(found, len(some))), kind.levers.thresholds_log10
            travels = [part.travel for part in parts]
            whole = travels[0] if len(parts) == 1 else together(travels, thresholds)
            first = next(kind.passages())
            clipping = None if clip is None else clipped_to(first, clip)
            weights = np.concatenate([part.weights for part in parts])
            networks[kind] = network_gradients(kind.label, first.cell, weights, whole, thresholds, spectrum, clipping)
    return [networks[kind] for kind in kinds]


def measure(piece: Piece, spectrum: bool, progress: Callable[[float], None] | None = None) -> Measured:
    """Measure some seeds of a kind."""
    kind, first, count, each = piece
    passages = list(kind.passages(first, count))
    curves = travel(passages, kind.levers.thresholds_log10, spectrum, progress or end_if_unwanted, each)
    return Measured(curves, np.array([sizes_of_weights(passage.cell) for passage in passages]))


def _parts(kind: Kind) -> Iterator[tuple[int, int, bool]]:
    """Cut the seeds of a kind: the first of each part, how many it has, and whether the sizes of each come back."""
    steps, seeds = kind.levers.steps, kind.levers.seeds
    is_small = steps <= LARGEST_CURVE and steps * seeds <= MOST_SIZES
    size = max(1, OF_A_PIECE // steps) if is_small else seeds
    for first in range(0, seeds, size):
        yield first, min(size, seeds - first), size < seeds


def _found(pieces: Sequence[Piece], spectrum: bool, watch: Watch | None, resume: str) -> Generator[Measured]:
    """Yield what was measured on each piece, in their order."""
    levers = pieces[0][0].levers
    if levers.steps * levers.seeds < LONG and not resume:
        for number, piece in enumerate(pieces):
            yield measure(piece, spectrum, _progress(watch, piece[0].label, number, len(pieces)))
        return
    from lstm_ascii.reports.kept import KeptFile, KeptPieces, kept_results  # loads what short ones don't need

    kept = KeptPieces(KeptFile(Path(resume), "gradients", repr((pieces, spectrum)), OTHERS), _arrays, _measured)
    found = kept_results(measure, [(piece, spectrum) for piece in pieces], "the networks", kept if resume else None)
    with closing(found):
        if watch:
            watch(f"{pieces[0][0].label}, piece 1 of {len(pieces):,}", 0.0)  # the first may take long
        for number, (one, (kind, *_)) in enumerate(zip(found, pieces, strict=True), 1):
            if watch:
                watch(f"{kind.label}, piece {number:,} of {len(pieces):,}", number / len(pieces))
            yield one


def _progress(watch: Watch | None, label: str, number: int, count: int) -> Callable[[float], None] | None:
    """Return what one piece's progress is told to."""
    if watch is None:
        return None
    return lambda share: watch(label, (number + share) / count)


# -- as a file keeps it -----------------------------------------------------------------------------


def _arrays(one: Measured) -> dict[str, Array]:
    """Return all that was measured as arrays; a step that is none is 0."""
    found = one.travel
    arrays = {"weights": one.weights, "steps_back": found.steps_back, "total": found.total, "growth": found.growth,
              "saturated": found.saturated, "ends": np.array([found.vanished or 0, found.exploded or 0])}  # fmt: skip
    arrays |= {f"gate.{letter}": shares for letter, shares in found.gates.items()}
    return arrays if found.carousel is None else arrays | {"carousel": found.carousel}


def _measured(arrays: Mapping[str, Array]) -> Measured:
    """Return what arrays say was measured."""
    vanished, exploded = (int(step) or None for step in arrays["ends"])
    gates = {name.removeprefix("gate."): value for name, value in arrays.items() if name.startswith("gate.")}
    found = Travel(arrays["steps_back"], arrays["total"], arrays.get("carousel"), vanished, exploded, arrays["growth"],
                   gates, arrays["saturated"])  # fmt: skip
    return Measured(found, arrays["weights"])
