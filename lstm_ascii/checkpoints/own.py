"""Networks that this package trained: one layer, one direction, with vocabulary and recipe in the file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import CELLS, Array, Cell
from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.checkpoints.formats.texts import from_file, safe_words
from lstm_ascii.errors import FileError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network

FORMAT = "lstm-ascii 1"
CHARACTERS = "characters"  # what the file says that the network reads, where that is not words


def save(
    path: Path,
    network: Network,
    recipe: Mapping[str, str] | None = None,
    dtype: npt.DTypeLike = np.float32,
    overwrite: bool = True,
) -> None:
    """Write a network of one layer and one direction, with its vocabulary, source and ``recipe``.

    Raises:
        OSError: it can't be written; ``FileExistsError`` where it is there and not to ``overwrite``.
    """
    metadata = {
        "format": FORMAT,
        "cell": network.layers[0][0].cell.name,
        "source": network.source,
        **({"name": network.name} if network.name else {}),
        "vocabulary": "\n".join(network.vocabulary.words),
        **({"reads": CHARACTERS} if network.vocabulary.characters else {}),
        **(recipe or {}),
    }
    write(path, {name: value.astype(dtype) for name, value in network.parameters.items()}, metadata, overwrite)


def load(path: Path) -> Network:
    """Read a network that :func:`save` wrote; its numbers become float64, but those of its tables: see :func:`_held`.

    Raises:
        FileError: the file can't be read, or is not one of ours.
    """
    tensors, metadata = read(path)
    if metadata.get("format") != FORMAT or metadata.get("cell", "").lower() not in CELLS:
        raise FileError(f"{from_file(path)}: not a network that lstm-ascii trained")
    kind, text = CELLS[metadata["cell"].lower()], metadata.get("vocabulary", "")
    if wrong := wrong_tensor(tensors, kind, text.count("\n") + 1):
        raise FileError(f"{from_file(path)}: {wrong}")
    values = {name: _held(name, value) for name, value in tensors.items()}
    cell = kind(*(values[f"rnn.{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))
    start = {name: values[f"rnn.start_{name}_l0"] for name in kind.state_names}
    embedding, weight, bias = (values[name] for name in ("embedding.weight", "decoder.weight", "decoder.bias"))
    vocabulary = _vocabulary(text, metadata.get("reads") == CHARACTERS)
    source = from_file(metadata.get("source", str(path)))
    name = str(from_file(metadata.get("name", "")))
    name = name if name.partition(" ")[0] == kind.name else ""
    return Network(vocabulary, embedding, ((Direction(cell, start),),), weight, bias, source, name=name)


def _held(name: str, value: Array) -> Array:
    """Return numbers in double precision; what has a row a word in as little as holds the same numbers."""
    if name == "embedding.weight":
        return value  # as it lies in what was read: it is only looked up
    return value.astype(np.promote_types(value.dtype, np.float32 if name == "decoder.weight" else np.float64))


@lru_cache(maxsize=1)
def _vocabulary(text: str, characters: bool) -> Vocabulary:
    """Return the vocabulary of a file; networks that were trained together share theirs."""
    words = safe_words(text.split("\n"))
    return Vocabulary.of_characters(words) if characters else Vocabulary(words)


def wrong_tensor(
    tensors: Mapping[str, Array], kind: type[Cell], words: int, sizes: tuple[int, int] | None = None
) -> str | None:
    """Return what is wrong with the first tensor that is missing or not of its shape; ``None`` where all fit.

    Args:
        tensors: of a network of one layer and one direction, by PyTorch's names.
        kind: of its cell.
        words: V.
        sizes: E and H; unless given, those of the tensors themselves.
    """
    width, units = sizes or (_last_size(tensors, "embedding.weight"), _last_size(tensors, "rnn.weight_hh_l0"))
    rows = len(kind.gate_letters) * units
    expected: dict[str, tuple[int, ...]] = {
        "embedding.weight": (words, width),  # these two first: the sizes are theirs
        "rnn.weight_hh_l0": (rows, units),
        "rnn.weight_ih_l0": (rows, width),
        "rnn.bias_ih_l0": (rows,),
        "rnn.bias_hh_l0": (rows,),
        **{f"rnn.start_{name}_l0": (units,) for name in kind.state_names},
        "decoder.weight": (words, units),
        "decoder.bias": (words,),
    }
    for name, shape in expected.items():
        if name not in tensors:
            return f"the tensor {name} is missing"
        if tensors[name].shape != shape:
            return f"{name}: expected shape {shape}, got {tensors[name].shape}"
    return None


def _last_size(tensors: Mapping[str, Array], name: str) -> int:
    """Return the last size of a tensor; 1 where it has none."""
    shape = tensors[name].shape if name in tensors else ()
    return int(shape[-1]) if shape else 1
