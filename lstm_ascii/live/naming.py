"""What the steps of a live model are called: by the indices that it reads, in the words of a vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.live.results import Look


def step_names(
    vocab: Sequence[str] | Mapping[Any, Any] | str | PathLike[str], given: Sequence[Any], seen: Look
) -> list[list[str]]:
    """Return a list of names for each sequence; nothing without a vocabulary.

    Args:
        vocab: words in the order of their indices, words with their indices (or the other way round), or a file.
        given: what the model was called with.
        seen: what its layers did, which says how many steps and sequences there are.

    Raises:
        UsageError: it is none of these, or the model read no indices with as many steps as a layer.
    """
    if isinstance(vocab, str | PathLike):
        from lstm_ascii.checkpoints.vocabulary_files import read_vocabulary

        names: dict[int, str] = dict(enumerate(read_vocabulary(Path(vocab)).words))
    elif isinstance(vocab, Mapping):
        pairs = [(value, key) if isinstance(key, str) else (key, value) for key, value in vocab.items()]
        names = {int(index): visible(str(word)) for index, word in pairs}
    elif isinstance(vocab, Sequence):
        names = {index: visible(str(word)) for index, word in enumerate(vocab)}
    else:
        raise UsageError(f"expected words, words with their indices, or a file, got {type(vocab).__name__}", "vocab")
    if not names:
        return []
    sizes = {cell.x.shape[:2] for cell in seen.cells}
    for ids in _indices(given):
        for turned in (ids.T, ids) if seen.batch_first else (ids, ids.T):  # as many of both can't be told apart
            if turned.shape in sizes:
                return [[names.get(int(index), f"#{index}") for index in column] for column in turned.T]
    raise UsageError("the model was given no indices with as many steps as a layer has; name them with words", "vocab")


def _indices(given: Sequence[Any]) -> Iterator[Array]:
    """Yield the whole numbers with two axes, or one, that a model was called with."""
    for value in given:
        if isinstance(value, list | tuple):
            yield from _indices(value)
            continue
        if isinstance(value, Mapping):
            yield from _indices(list(value.values()))
            continue
        plain = value.detach().cpu() if hasattr(value, "detach") else value
        array = np.asarray(plain) if hasattr(plain, "shape") else np.zeros(0)
        if array.dtype.kind in "iu" and array.ndim in (1, 2):
            yield array if array.ndim == 2 else array[None]
