"""Checking the gradients of a network on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.analysis.gradient_check import Deviation as Deviation
from lstm_ascii.analysis.gradient_check import deviations, narrowed
from lstm_ascii.cells import Array
from lstm_ascii.cells.initial import uniform
from lstm_ascii.errors import LstmAsciiError, UnknownWordError
from lstm_ascii.network import Network, Run
from lstm_ascii.progress import Watch, counted, labelled
from lstm_ascii.records import dataclass
from lstm_ascii.reports.material import Material, open_material
from lstm_ascii.sources import Source

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import Fed

SCHEMA_VERSION = 1
SENTENCE = "The cat that chased the mice was hungry."
RIGHT = 1e-10  # what both ways agree to, relatively, where the gradients are right
TRIES, MOST_WORDS = 8, 12  # single entries of a parameter; words of the text: more add steps, and no parameters


@dataclass(frozen=True)
class CheckedNetwork:
    """One network.

    Attributes:
        cell: of its last layer.
        source: where it comes from.
        parameters: in the network's order.
        words: how many rows of its vocabulary took part, and of how many; 0 of 0 where it reads vectors.
    """

    cell: str
    source: str
    parameters: tuple[Deviation, ...]
    words: tuple[int, int]

    @property
    def largest(self) -> float:
        """The largest gradient, in absolute value; where it is 0, the loss moves with no weight."""
        return max((parameter.largest for parameter in self.parameters), default=0.0)

    @property
    def worst(self) -> Deviation:
        """The parameter with the largest deviation."""
        return max(self.parameters, key=lambda parameter: max(parameter.directions, parameter.entries))


@dataclass(frozen=True)
class GradcheckReport:
    """All that ``gradcheck`` shows.

    Attributes:
        schema_version: of this layout.
        text: that the gradients were taken on.
        loss: what they are gradients of.
        right: the deviation up to which they count as right.
        passed: whether all are; not where every gradient is 0, as nothing is shown then.
        networks: in the order they were asked for.
        is_series: whether they were taken on a series of numbers.
        fed: how a whole model brought the network what it read; ``None`` where none did.
    """

    schema_version: int
    text: str
    loss: str
    right: float
    passed: bool
    networks: tuple[CheckedNetwork, ...]
    is_series: bool = False
    fed: Fed | None = None


def gradcheck_report(
    sentence: str = "", cells: Sequence[str] = (), source: Source | None = None, watch: Watch | None = None
) -> GradcheckReport:
    """Hold every parameter's gradient against complex steps.

    Args:
        sentence: to take them on; by default a short one, or the vocabulary's own first words where it lacks these.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        source: where they come from.
        watch: called with the name of the work and the share that is done, from 0 to 1.

    Raises:
        LstmAsciiError: weights are no numbers, or the file can't be read.
    """
    source = source or Source()
    networks, material = open_material(sentence or ("" if source.reads_file else SENTENCE), cells, source)
    if not sentence and material.vectors is None:
        material = _readable(networks[0], material)
    short = Material(material.words[:MOST_WORDS], None if material.vectors is None else material.vectors[:MOST_WORDS])
    networks_checked = tuple(
        _checked(network, short) for network in counted(networks, len(networks), labelled(watch, "checking"), every=1)
    )
    all_right = all(
        result.largest > 0 and max(result.worst.directions, result.worst.entries) <= RIGHT
        for result in networks_checked
    )
    if all(network.has_decoder for network in networks):
        loss = "the log-probability of every next word"
    else:
        loss = f"the {'outputs' if networks[0].head is None else 'answer'}, each number with a weight"
    return GradcheckReport(SCHEMA_VERSION, " ".join(short.words), loss, RIGHT, all_right, networks_checked,
                           short.vectors is not None, material.fed)  # fmt: skip


def _readable(network: Network, material: Material) -> Material:
    """Return words that the network can read, where nobody asked for others."""
    try:
        network.vocabulary.ids(material.words)
    except UnknownWordError:
        return Material(network.vocabulary.words[:MOST_WORDS])
    return material


def _checked(network: Network, material: Material) -> CheckedNetwork:
    rows = (0, 0)
    if material.vectors is None:
        ids = np.array(network.vocabulary.ids(material.words), np.intp)[:, None]
        small, places = narrowed(network, ids)
        rows = (len(small.vocabulary), len(network.vocabulary))

        def read(changed: Network) -> Run:
            return changed.run(places)

    else:
        small, vectors = network.astype(float), material.vectors.astype(float)

        def read(changed: Network) -> Run:
            return changed.run_vectors(vectors)

    for name, value in small.parameters.items():
        if not np.isfinite(value).all():
            raise LstmAsciiError(f"gradcheck: {name} of {network.source} has values that are no numbers")
    rows_checked = tuple(deviations(small, read, _draw, TRIES))
    return CheckedNetwork(network.title, network.source, rows_checked, rows)


def _draw(name: str, shape: tuple[int, ...]) -> Array:
    """Return random numbers between −1 and 1, the same on every machine."""
    return uniform(0, f"gradcheck {name}", shape, 1.0)
