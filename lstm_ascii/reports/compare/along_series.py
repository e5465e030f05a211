"""A user's own network along a series, beside random networks of the three cells that read the same."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.analysis.replay import Passage
from lstm_ascii.cells import CELLS, Array
from lstm_ascii.cells.initial import LARGEST_HIDDEN, random_cell
from lstm_ascii.network import LAST, Place
from lstm_ascii.records import dataclass
from lstm_ascii.reports.compare.report import RANDOM_SEEDS, SeriesRead, TrainedFigures, parameter_counts, reach_of
from lstm_ascii.reports.material import open_material
from lstm_ascii.sources import DEFAULT_FORGET_BIAS, Source

STEPS_BACK = (1, 10, 50, 100, 500, 1000)
_FIRST = Place(0)  # of what the first layer reads


@dataclass(frozen=True, eq=False)
class AlongSeries:
    """What is measured along a series.

    Attributes:
        hidden_size: H of the random networks: as many as the reader's own has in the layer that is examined.
        series: what was read.
        networks: the random ones, then the reader's own.
    """

    hidden_size: int
    series: SeriesRead
    networks: tuple[TrainedFigures, ...]


def along_series(kinds: Sequence[str], source: Source, hidden: int | None, seed: int) -> AlongSeries:
    """Let the reader's network read a series, and random ones that have not learnt anything the same inputs.

    Args:
        kinds: ``rnn``, ``lstm``, ``gru``: of the random networks.
        source: of the reader's network, with its ``input`` or ``feed``.
        hidden: H of the random networks; by default that of the reader's.
        seed: of the first random network of each kind.

    Raises:
        FileError: the network or the series can't be read.
        UsageError: the series is not for this network.
    """
    (own,), material = open_material("", (), source)
    run = material.run(own)
    read, trace, cell = _FIRST.trace_in(run).x, LAST.trace_in(run), LAST.direction_in(own).cell
    units = min(hidden or cell.hidden_size, LARGEST_HIDDEN)
    networks = [_random(kind, read, units, seed) for kind in kinds]
    start = {name: state[0] for name, state in trace.states.items()}
    passage = Passage(cell, lambda first, last: trace.x[first:last], len(trace.x), start)
    own_figures = _figures(f"your {cell.name}", [passage], parameter_counts(own), own.source)
    names = material.series.names if material.series else ()
    series = SeriesRead(len(material.words), material.words[0], material.words[-1], tuple(names))
    return AlongSeries(units, series, (*networks, own_figures))


def _random(kind: str, read: Array, units: int, seed: int) -> TrainedFigures:
    """Measure random networks of one kind along what the first layer reads, ``(T, 1, D)``."""
    forget_bias = DEFAULT_FORGET_BIAS if kind == "lstm" else 0.0
    cells = [random_cell(kind, read.shape[-1], units, seed + n, forget_bias) for n in range(RANDOM_SEEDS)]
    passages = [Passage(cell, lambda first, last: read[first:last], len(read)) for cell in cells]
    size = sum(value.size for value in cells[0].parameters.values())
    bias = f", forget bias {forget_bias:+g}" if forget_bias else ""
    source = f"random weights, seeds {seed} to {seed + RANDOM_SEEDS - 1}{bias}"
    return _figures(f"random {CELLS[kind].name}", passages, (size, size), source)


def _figures(label: str, passages: Sequence[Passage], parameters: tuple[int, int], source: str) -> TrainedFigures:
    """Measure gradient and gates along passages of networks of one kind."""
    cell = passages[0].cell
    reach, gates = reach_of(label, passages, STEPS_BACK)
    return TrainedFigures(label=label, cell=cell.name, hidden_size=cell.hidden_size, words=0, parameters=parameters,
                          source=source, agreement=None, inside=reach, along=None, inside_choice=None,
                          along_choice=None, gates=gates, recipe=None)  # fmt: skip
