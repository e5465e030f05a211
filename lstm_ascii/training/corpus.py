"""What a network is trained on: batches of word indices, from the grammar or from a text file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.language.grammar import Grammar
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.unknown import UNKNOWN_CLASSES
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.training.recipe import Recipe

_SEEDS = 1_000_003  # for the batches of one seed; the last of them is for validation


@dataclass(frozen=True, eq=False)
class Batch:
    """Documents side by side.

    Attributes:
        ids: ``(T + 1, B)``; each word but the last is read, each but the first is predicted.
        weights: what each prediction counts, ``(T, B)``.
    """

    ids: npt.NDArray[np.intp]
    weights: Array


class Corpus(Protocol):
    """Where batches come from; the same step gives the same batch."""

    vocabulary: Vocabulary

    def batch(self, step: int) -> Batch:
        """Return the batch of ``step``, from 0."""

    def validation(self) -> Batch:
        """Return documents that no step trains on."""


def grammar_vocabulary() -> Vocabulary:
    """Return the words of agreement English and the classes of unknown words."""
    return Vocabulary((*UNKNOWN_CLASSES, *lexicon().words))


class GrammarCorpus:
    """Agreement English, written afresh for every batch."""

    def __init__(self, recipe: Recipe) -> None:
        """Take sizes, seed and weights from ``recipe``."""
        self.vocabulary = grammar_vocabulary()
        self._recipe = recipe
        self._index = {word: number for number, word in enumerate(self.vocabulary.words)}

    def batch(self, step: int) -> Batch:
        """Return the batch of ``step``."""
        recipe = self._recipe
        grammar = Grammar(recipe.seed * _SEEDS + step, recipe.unknown_rate)
        documents = [grammar.document(recipe.length + 1) for _ in range(recipe.batch)]
        index = self._index
        ids = np.array([[index[word] for word in document.words] for document in documents], np.intp).T
        weights = np.ones((recipe.length, recipe.batch), np.float32)
        for number, document in enumerate(documents):
            for target in document.targets:
                weights[target.verb - 1, number] = recipe.verb_weight * (1 + recipe.distance_weight * target.distance)
        return Batch(np.ascontiguousarray(ids), weights)

    def validation(self) -> Batch:
        """Return documents that no step comes to."""
        return self.batch(_SEEDS - 1)
