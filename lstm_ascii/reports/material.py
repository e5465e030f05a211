"""The input of networks: a sentence, split into the words or pieces that they know, or vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.errors import MissingPartError, UsageError
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.language.vocabulary import Reading
from lstm_ascii.network import GIVE_VECTORS, Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.sources import Source, fed_by, given_input, open_networks

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import Fed
    from lstm_ascii.checkpoints.series_scale import Features

MEAN = "mean"  # the baseline of a series, unless another is given


@dataclass(frozen=True, eq=False)
class Material:
    """What stands in the rows of a report.

    Attributes:
        words: as shown.
        vectors: ``(T, 1, D)``, where the network reads these in place of words.
        skipped: how many steps of padding were left out.
        kept: which steps of all that was given these are, where padding was left out; ``None`` where it is all.
        features: what the numbers of the vectors are, where that is known.
        fed: how a whole model brought it to the network; ``None`` where the network reads it as it is.
    """

    words: tuple[str, ...]
    vectors: Array | None = None
    skipped: int = 0
    features: Features | None = None
    fed: Fed | None = None
    kept: npt.NDArray[np.bool_] | None = None

    @property
    def series(self) -> Features | None:
        """What the numbers are that the network reads; ``None`` of words."""
        if self.vectors is None or self.features is not None:
            return self.features
        from lstm_ascii.checkpoints.series_scale import Features  # which no sentence needs

        return Features.plain(self.vectors[:, 0])

    def without_padding(self, network: Network) -> Material:
        """Return what a network reads of it: a masked step keeps the state, so it is as if it weren't there.

        Raises:
            UsageError: nothing is left.
        """
        if network.mask is None or not self.words:
            return self
        if self.vectors is None:
            kept = network.mask.kept_words(np.array(network.vocabulary.ids(self.words), np.intp))
        else:
            kept = network.mask.kept_vectors(self.vectors)[:, 0]
        if not kept.any():
            raise UsageError("the network's mask skips all of it as padding; give it something to read")
        if why := network.loses_to_padding(kept):
            raise UsageError(f"{why}; leave the padding out")
        words = tuple(word for word, here in zip(self.words, kept, strict=True) if here)
        vectors = None if self.vectors is None else self.vectors[kept]
        features = None if self.features is None else self.features.only(kept)
        return Material(words, vectors, int((~kept).sum()), features, self.fed, None if kept.all() else kept)

    def reader(self, network: Network) -> Network:
        """Return the network as it answers beside the padding that was left out."""
        return network if self.kept is None else network.beside_padding(self.kept)

    def run(self, network: Network) -> Run:
        """Let a network read it."""
        if self.vectors is not None:
            return network.run_vectors(self.vectors)
        return network.run(np.array(network.vocabulary.ids(self.words), np.intp)[:, None])

    def readings(self, network: Network) -> list[Reading]:
        """Return how a network reads each word; a vector is read as itself."""
        if self.vectors is not None:
            return [Reading(-1, word, known=True) for word in self.words]
        return network.vocabulary.read_sentence(self.words)


def baseline_given(wording: str, material: Material) -> tuple[str, Array] | None:
    """Return the name of a baseline, and what networks read of it; ``None`` of words, which have none.

    Raises:
        UsageError: there is no such baseline, or it is asked for words.
        FileError: a file has another shape than the series.
    """
    if material.vectors is None or material.series is None:
        if wording != MEAN:
            raise UsageError("is for a series of numbers; a word is swapped, or left out", "baseline")
        return None
    from lstm_ascii.checkpoints.series_scale import baseline_of

    return visible(wording), baseline_of(wording, material.series, material.vectors[:, 0])


def open_material(sentence: str, cells: Sequence[str], source: Source) -> tuple[list[Network], Material]:
    """Open the networks that ``source`` names, and split the sentence as they do.

    Raises:
        UsageError: there is no word in the sentence, none is to be read, or there is no such cell.
        FileError: a file can't be read.
        MissingPartError: the network reads vectors only.
    """
    if source.input or source.feed:
        if sentence.strip():
            given = "input" if source.input else "feed"
            raise UsageError("takes the place of a sentence; leave one of them out", given)
        (network,) = open_networks(cells, (), source)
        if source.feed:
            made = fed_by(source, network)
            return [made.network], Material(made.words, made.vectors, fed=made.fed)
        inputs = given_input(source, network)
        material = Material(inputs.words, inputs.vectors, features=inputs.features) if inputs else Material(())
        material = material.without_padding(network)
        return [material.reader(network)], material
    words = words_of(sentence)
    networks = open_networks(cells, words, source)
    material = words_for(networks, sentence, words)
    return [material.reader(network) for network in networks], material


def words_for(networks: Sequence[Network], sentence: str, words: Sequence[str] | None = None) -> Material:
    """Split a sentence into the words or pieces that open networks read; ``words`` is our own split, if already known.

    Raises:
        UsageError: there is no word in it, or none is to be read.
        MissingPartError: they read vectors only.
    """
    first = networks[0]
    if not first.has_embedding:
        raise MissingPartError(f"the network has no embedding, so it reads no words: {GIVE_VECTORS}")
    splitter = first.vocabulary.splitter
    own = (words_of(sentence) if words is None else words) if splitter is None else splitter(sentence)
    return Material(tuple(own)).without_padding(first)
