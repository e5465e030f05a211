"""What every unit of a network does over a corpus, and which units stand out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lstm_ascii.analysis.follows import Follows
from lstm_ascii.analysis.sketch import GATES, MEMORY_EDGES, Sketch
from lstm_ascii.analysis.text_features import FEATURES
from lstm_ascii.cells import Array, Cell
from lstm_ascii.corpora import text_files
from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.network import Network
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.corpus import told
from lstm_ascii.reports.doctor.findings import Limits
from lstm_ascii.reports.doctor.weights import names_of_directions
from lstm_ascii.reports.profile.kept import Kept
from lstm_ascii.reports.profile.reading import CorpusSketch, read_corpus
from lstm_ascii.sources import Source, open_networks

SCHEMA_VERSION = 1
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
TWINS = 0.99  # a correlation of two memories above which one of the units is redundant
STEADY = 0.3  # a correlation below which a unit is not said to follow a feature, even if it is beyond chance
MOST_TWINS = 50
BARS = 16  # of the memory's histogram, between its 1 % and its 99 % quantile


@dataclass(frozen=True)
class Spread:
    """The distribution of a quantity over the words.

    Attributes:
        mean, deviation: mean and standard deviation.
        low, high: the smallest and the largest value.
        quantiles: at 5, 25, 50, 75 and 95 %, accurate to the width of a bin.
    """

    mean: float | None
    deviation: float | None
    low: float | None
    high: float | None
    quantiles: tuple[float, ...]


@dataclass(frozen=True)
class Followed:
    """A feature of the text that the memory of a unit correlates with.

    Attributes:
        name, about: of the feature: ``number``, ``the number of the subject``.
        correlation: Pearson's r over all words for which the feature is known.
        beyond_chance: whether it exceeds what the best of as many unrelated units would reach by chance.
    """

    name: str
    about: str
    correlation: float
    beyond_chance: bool


@dataclass(frozen=True)
class HighPlace:
    """A place where a unit has a high value.

    Attributes:
        value: of its memory.
        file: that the words are from.
        words: around the place.
        at: the index of the word among them.
    """

    value: float
    file: str
    words: tuple[str, ...]
    at: int


@dataclass(frozen=True)
class UnitProfile:
    """One unit.

    Attributes:
        unit: its number, from 0.
        memory: c of an LSTM, h of others.
        gates: by their role for the memory (``keep``, ``add``, ``show``); empty for an RNN.
        bars: a histogram of the memory, as shares of the words, between its 1 % and its 99 % quantile.
        half_life: words after which half of the memory is left, by the mean of the gate that keeps it; ``None`` without
            such a gate, or if it is always open.
        follows: the features that its memory correlates with, the strongest first.
        highest: where it is highest, with different words.
        dead: whether its memory is constant.
        twin: the unit with the most similar memory, and the correlation; ``None`` if none is searched for.
    """

    unit: int
    memory: Spread
    gates: dict[str, Spread]
    bars: tuple[float, ...]
    half_life: float | None
    follows: tuple[Followed, ...]
    highest: tuple[HighPlace, ...]
    dead: bool
    twin: tuple[int, float] | None


@dataclass(frozen=True)
class Chosen:
    """A unit that stands out.

    Attributes:
        unit: its number.
        why: in what it exceeds the other units of its layer: ``number``, ``longest memory``.
    """

    unit: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class LayerProfile:
    """One direction of one layer.

    Attributes:
        name: ``layer 1, forward``.
        cell: its kind.
        units: all of them.
        dead: units with a constant memory.
        doubled: pairs of units with similar memories, and the correlation; the most similar first.
        doubled_count: the number of such pairs; ``None`` if the layer is too large to search for them.
        half_life: the median over the units; ``None`` without a gate that keeps the memory.
        chosen: the units that stand out.
    """

    name: str
    cell: str
    units: tuple[UnitProfile, ...]
    dead: tuple[int, ...]
    doubled: tuple[tuple[int, int, float], ...]
    doubled_count: int | None
    half_life: float | None
    chosen: tuple[Chosen, ...]


@dataclass(frozen=True)
class ProfileReport:
    """All that ``profile`` shows.

    Attributes:
        schema_version: of this layout.
        model, source: the file of the network, and its description.
        corpus: its name.
        files, size: the number of files, and their size in bytes as stored.
        lines, words, unknown, skipped: the numbers of lines and words read, of words read as unknown, and of words left
            out.
        layers: from the first up.
        limits: the thresholds ``dead``, ``twins`` and ``follows``.
    """

    schema_version: int
    model: str
    source: str
    corpus: str
    files: int
    size: int
    lines: int
    words: int
    unknown: int
    skipped: int
    layers: tuple[LayerProfile, ...]
    limits: dict[str, float]


def profile_report(
    source: Source, corpus: Sequence[str], watch: Watch | None = None, resume: str = ""
) -> ProfileReport:
    """Read a corpus, and measure what every unit does over it.

    Args:
        source: of one network.
        corpus: files, folders, patterns and addresses.
        watch: called with the name of the work and the share that is done, from 0 to 1.
        resume: a file in which finished work is saved, and from which it continues if it exists.

    Raises:
        LstmAsciiError: a file can't be read, or there is nothing in them that the network can read.
    """
    (network,) = open_networks((), (), source)
    if not network.has_embedding:
        raise UsageError("profile: the network has no embedding, so it reads no text")
    files = text_files(corpus)
    kept = Kept(Path(resume), network, files) if resume else None
    whole = read_corpus(source, network, files, watch, kept.load() if kept else (None, 0), kept.save if kept else None)
    return report_of(network, whole, visible(source.model), visible(told(files)), len(files),
                     sum(max(0, file.size) for file in files))  # fmt: skip


def report_of(network: Network, whole: CorpusSketch, model: str, corpus: str, files: int, size: int) -> ProfileReport:
    """Make the report of what was read."""
    limits = {"dead": Limits().dead, "twins": TWINS, "follows": STEADY}
    cells = [direction.cell for layer in network.layers for direction in layer]
    with np.errstate(all="ignore"):
        layers = tuple(
            _layer(name, cell, sketch)
            for name, cell, sketch in zip(names_of_directions(network), cells, whole.sketches, strict=True)
        )
    return ProfileReport(
        SCHEMA_VERSION, model, network.source, corpus, files, size, whole.lines, whole.words, whole.unknown,
        whole.skipped, layers, limits,
    )  # fmt: skip


def _layer(name: str, cell: Cell, sketch: Sketch) -> LayerProfile:
    """Say what the units of one direction do."""
    activity = sketch.activity
    output = activity.ranges.get("memory", activity.ranges["h"])
    dead = np.flatnonzero(output.deviation(activity.count) < Limits().dead)
    twins = sketch.twins() if sketch.products.size else None
    spreads = {kind: _spreads(sketch, kind) for kind in ("memory", *GATES) if kind in sketch.histograms}
    lives = _half_lives(sketch)
    bars, follows = _bars(sketch), _followed(sketch.follows)
    units = tuple(
        UnitProfile(
            unit, spreads["memory"][unit], {gate: spreads[gate][unit] for gate in GATES if gate in spreads},
            bars[unit], lives[unit], follows[unit],
            tuple(HighPlace(one.value, one.file, tuple(map(visible, one.words)), one.at)
                  for one in sketch.highest[unit]),
            unit in dead, _twin(twins, unit),
        )
        for unit in range(cell.state_sizes[cell.state_names[-1]])
    )  # fmt: skip
    pairs = [] if twins is None else [
        (int(a), int(b), float(twins[a, b])) for a, b in zip(*np.nonzero(np.triu(np.abs(twins) > TWINS)), strict=True)
    ]  # fmt: skip
    pairs.sort(key=lambda one: (-abs(one[2]), one[:2]))
    known = [life for life in lives if life is not None]
    return LayerProfile(
        name, cell.name, units, tuple(map(int, dead)), tuple(pairs[:MOST_TWINS]),
        None if twins is None else len(pairs), float(np.median(known)) if known else None, tuple(_chosen(units)),
    )  # fmt: skip


def _spreads(sketch: Sketch, kind: str) -> list[Spread]:
    """Return how a quantity of every unit is spread."""
    count = max(1, sketch.activity.count)
    found = sketch.activity.ranges.get(kind) or sketch.activity.ranges["h"]
    quantiles = np.stack([sketch.quantile(kind, share) for share in QUANTILES], axis=1)
    columns = zip(found.mean(count), found.deviation(count), found.low, found.high, quantiles, strict=True)
    return [
        Spread(
            _number(mean), _number(deviation), _number(low), _number(high), tuple(map(float, np.clip(some, low, high)))
        )
        for mean, deviation, low, high, some in columns
    ]  # fmt: skip


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _half_lives(sketch: Sketch) -> list[float | None]:
    """Return ln 0.5 / ln of the mean of the gate that keeps, of every unit."""
    if "keep" not in sketch.histograms:
        return [None] * len(sketch.histograms["memory"])
    means = sketch.activity.ranges["keep"].mean(max(1, sketch.activity.count))
    lives = np.log(0.5) / np.log(np.clip(means, 1e-300, 1.0))
    return [_number(life) for life in np.abs(lives)]


def _bars(sketch: Sketch) -> list[tuple[float, ...]]:
    """Return the memory's histogram of every unit in few bars; within a bin the words are taken to lie evenly."""
    below = np.cumsum(sketch.histograms["memory"], axis=1) / max(1, sketch.activity.count)
    low, high = sketch.quantile("memory", 0.01), sketch.quantile("memory", 0.99)
    edges = np.linspace(low, np.maximum(high, low + 1e-6), BARS + 1, axis=1)
    found = []
    for row, between in zip(below, edges, strict=True):
        shares = np.diff(np.interp(between, MEMORY_EDGES, np.concatenate([[0.0], row])))
        found.append(tuple(map(float, shares)))
    return found


def _followed(follows: Follows) -> list[tuple[Followed, ...]]:
    """Return what every unit follows, the most first."""
    r, chance = follows.correlations, follows.chance()
    features = list(FEATURES.values())
    found = []
    for row in r:
        some = [
            Followed(feature.name, feature.about, float(value), bool(abs(value) > max(limit, STEADY)))
            for feature, value, limit in zip(features, row, chance, strict=True)
            if math.isfinite(value) and math.isfinite(limit)
        ]
        found.append(tuple(sorted(some, key=lambda one: -abs(one.correlation))))
    return found


def _twin(twins: Array | None, unit: int) -> tuple[int, float] | None:
    """Return the unit whose memory is most like that of another."""
    if twins is None or len(twins) < 2:
        return None
    other = int(np.abs(twins[unit]).argmax())
    return other, float(twins[unit, other])


def _chosen(units: Sequence[UnitProfile]) -> list[Chosen]:
    """Choose the units worth looking at: the first in each thing that units may follow, and in what they do."""
    reasons: dict[int, list[str]] = {}
    alive = [one for one in units if not one.dead]
    for feature in FEATURES.values():
        best = [
            (abs(one.correlation), -unit.unit, unit) for unit in alive for one in unit.follows
            if one.name == feature.name and one.beyond_chance
        ]  # fmt: skip
        if best:
            reasons.setdefault(max(best)[2].unit, []).append(feature.name)
    lives = [(one.half_life, -one.unit) for one in alive if one.half_life is not None]
    moves = [(one.memory.deviation, -one.unit) for one in alive if one.memory.deviation is not None]
    extremes = [("longest memory", max(lives)), ("shortest memory", min(lives))] if len(lives) > 1 else []
    extremes += [("largest spread", max(moves))] if len(moves) > 1 else []
    for why, (_, unit) in extremes:
        reasons.setdefault(-unit, []).append(why)
    return [Chosen(unit, tuple(why)) for unit, why in reasons.items()]
