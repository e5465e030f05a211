"""How a gradient travels back: through random networks whose levers are turned, or through trained ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.replay import Passage
from lstm_ascii.analysis.travel import travel
from lstm_ascii.cells import Cell, Trace
from lstm_ascii.cells.initial import INITS
from lstm_ascii.errors import UsageError
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.gradients.kinds import measured
from lstm_ascii.reports.gradients.levers import Kind, Levers
from lstm_ascii.reports.gradients.network import NetworkGradients, clipped_to, network_gradients, sizes_of_weights

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import Fed
    from lstm_ascii.sources import Source

from lstm_ascii.thresholds import EXPLODED_ABOVE, VANISHED_BELOW

SCHEMA_VERSION = 1
MOST_CLIPPED = 10_000  # steps


@dataclass(frozen=True)
class GradientsReport:
    """All that ``gradients`` shows.

    Attributes:
        schema_version: of this layout.
        steps: that are looked back over.
        hidden_size: H.
        seeds: networks of each kind.
        thresholds: sizes that count as vanished and as exploded.
        setting: where the weights come from and what was turned, as the screen says it.
        activation: of the RNN.
        words: of the sentence that trained networks read, in the order in which they do; empty for random ones.
        networks: in the order they were asked for.
        writing_cost: times what our LSTM writes at a word, in its loss and in no other network's; 0 where it is not
            among the networks.
        is_series: whether the words are the steps of a series of numbers.
        fed: how a whole model brought the network what it read; ``None`` where none did.
    """

    schema_version: int
    steps: int
    hidden_size: int
    seeds: int
    thresholds: tuple[float, float]
    setting: str
    activation: str
    words: tuple[str, ...]
    networks: tuple[NetworkGradients, ...]
    writing_cost: float = 0.0
    is_series: bool = False
    fed: Fed | None = None


def gradients_report(
    levers: Levers,
    explode: bool = False,
    clip: float | None = None,
    spectrum: bool = False,
    watch: Watch | None = None,
    resume: str = "",
) -> GradientsReport:
    """Measure random networks.

    Args:
        levers: which.
        explode: two RNNs with the same random numbers, one that vanishes against one that explodes, in
            place of the kinds of cells.
        clip: the length that the gradient of the weights is clipped to; ``None`` for no clipping.
        spectrum: all Lyapunov exponents.
        watch: hears which network is measured, and what share is done.
        resume: a file in which what is finished is kept, and gone on from where it is there.

    Raises:
        UsageError: the clipping makes no sense.
        LstmAsciiError: the file is of something else, or can't be written.
    """
    _check_clip(clip, levers.steps)
    kinds = levers.opposites() if explode else levers.kinds()
    return GradientsReport(
        SCHEMA_VERSION, levers.steps, levers.hidden, levers.seeds, levers.thresholds, _setting(levers, kinds),
        levers.activation, (), tuple(measured(kinds, clip, spectrum, watch, resume)),
    )  # fmt: skip


def sentence_report(
    sentence: str,
    cells: Sequence[str],
    source: Source,
    thresholds: tuple[float, float] = (VANISHED_BELOW, EXPLODED_ABOVE),
    clip: float | None = None,
    spectrum: bool = False,
    layer: int | None = None,
    direction: str = "",
) -> GradientsReport:
    """Measure trained networks along the words of a sentence.

    Args:
        sentence: any text with at least one word.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        source: where the networks come from.
        thresholds: sizes that count as vanished and as exploded.
        clip: the length that the gradient of the weights is clipped to; ``None`` for no clipping.
        spectrum: all Lyapunov exponents.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.

    Raises:
        UsageError: there is no word in the sentence, no such cell, layer or direction, or the clipping makes no sense.
        FileError: the network can't be read.
    """
    from lstm_ascii.reports.explain.view import View, place_of
    from lstm_ascii.reports.material import open_material  # loaded for trained networks only
    from lstm_ascii.training.recipe import writing_cost_alone

    networks, material = open_material(sentence, cells, source)
    _check_clip(clip, len(material.words))
    logs, figures = Levers(thresholds=thresholds).thresholds_log10, []
    with np.errstate(invalid="ignore", over="ignore"):  # of weights that are no numbers: that is said below
        views = [
            View(network, material.run(network), material, place_of(network, layer, direction)) for network in networks
        ]
    for view in views:
        cell, passage = view.cell, _passage(view.cell, view.trace)
        along = travel([passage], logs, spectrum)
        clipping = None if clip is None else clipped_to(passage, clip)
        weights = np.array([sizes_of_weights(cell)])
        label = view.network.name or cell.name
        figures.append(network_gradients(label, cell, weights, along, logs, spectrum, clipping))
    ours = not (source.model or source.random)
    sources = dict.fromkeys(", ".join(filter(None, (view.network.source, str(view.where)))) for view in views)
    functions = [str(getattr(view.cell, "activation", "tanh")) for view in views if view.cell.name == "RNN"]
    return GradientsReport(
        SCHEMA_VERSION, len(material.words), max(view.cell.hidden_size for view in views), 1, thresholds,
        "; ".join(sources), (functions or ["tanh"])[0], tuple(views[0].where.ordered(material.words)), tuple(figures),
        writing_cost_alone("lstm") if ours and any(network.cell == "LSTM" for network in figures) else 0.0,
        material.vectors is not None,
        material.fed,
    )  # fmt: skip


def _passage(cell: Cell, trace: Trace) -> Passage:
    """Return how a trained cell went along the sentence."""
    start = {name: state[0] for name, state in trace.states.items()}
    return Passage(cell, lambda first, last: trace.x[first:last], len(trace.x), start)


def _check_clip(clip: float | None, steps: int) -> None:
    if clip is not None and not 0 < clip < 1e300:
        raise UsageError(f"expected a length above 0, got {clip:g}", "clip")
    if clip is not None and steps > MOST_CLIPPED:
        raise UsageError(f"expected at most {MOST_CLIPPED:,} steps, got {steps:,}", "clip")


def _setting(levers: Levers, kinds: Sequence[Kind]) -> str:
    """Say where the weights come from."""
    several = f"seeds {levers.seed} to {levers.seed + levers.seeds - 1}" if levers.seeds > 1 else f"seed {levers.seed}"
    parts = [f"random weights ({levers.init or INITS[0]}), {several}"]
    radii = dict.fromkeys(kind.levers.radius for kind in kinds)
    if len(radii) == 1 and levers.radius is not None:
        parts.append(f"scaled to spectral radius {levers.radius:g}")
    elif not levers.init and any(kind.cell == "rnn" and not kind.title for kind in kinds):
        parts.append(f"the RNN's scaled to spectral radius {kinds[_first_rnn(kinds)].levers.radius:g}")
    return f"{', '.join(parts)}; random inputs of size {levers.input_scale:g}"


def _first_rnn(kinds: Sequence[Kind]) -> int:
    return next(number for number, kind in enumerate(kinds) if kind.cell == "rnn")
