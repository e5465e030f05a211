"""Weights without a model to run: a state dict, or a file. Our own engine is all that runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import FileContents, Stored, Tensors
from lstm_ascii.checkpoints.networks import load_network, network_of
from lstm_ascii.errors import MissingPartError, UsageError
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.layer import forward_layer
from lstm_ascii.live.calls import Call, Recurrent, Unrolled
from lstm_ascii.live.results import Look
from lstm_ascii.network import Network

NAME = "a state dict"


def is_weights(model: object) -> bool:
    """Tell whether an object is a path, or arrays or tensors by name."""
    if isinstance(model, str | PathLike):
        return True
    return isinstance(model, Mapping) and bool(model) and all(
        isinstance(name, str) and hasattr(value, "shape") for name, value in model.items()
    )  # fmt: skip


def look_into(model: Any, inputs: Sequence[Any], arguments: Mapping[str, Any]) -> Look:
    """Run weights on a sentence, on indices of words, or on vectors.

    Raises:
        UsageError: something else was given.
        MissingPartError: the network has no embedding, so it reads no words.
        FileError: the weights can't be read.
    """
    if arguments:
        raise UsageError("is for a live model; weights take nothing by name", next(iter(arguments)))
    if len(inputs) != 1:
        raise UsageError(f"expected one thing to read behind the weights, got {len(inputs)}", "inputs")
    if isinstance(model, Mapping):
        network, name = network_of(_contents(model)), NAME
    else:
        network, name = load_network(Path(model)), visible(Path(model).name)
    x, words = _read(network, inputs[0])
    unrolled, given = [], x
    for number, layer in enumerate(network.layers):  # each is a layer of its own, so that all have names
        start = tuple(direction.start for direction in layer)
        plain = tuple(replace(direction, start={}) for direction in layer)
        recurrent = Recurrent(f"layer{number + 1}", (plain,), layer[0].cell.name)
        batch = given.shape[1]
        states = tuple(
            {key: np.broadcast_to(value, (batch, len(value))) for key, value in one.items()} for one in start
        )
        unrolled.append(Unrolled(recurrent, [Call(given, states, False, None)]))
        _, given = forward_layer(layer, given)
    seen = Look(name, "lstm-ascii", given, unrolled, notes=(network.source,))
    if words:
        seen.words = words
    return seen


def _contents(weights: Mapping[str, Any]) -> FileContents:
    """Return arrays or tensors by name as what a file holds."""
    stored = {name: _stored(value) for name, value in weights.items()}
    return FileContents(NAME, "PyTorch", Tensors(stored), {})


def _stored(value: Any) -> Stored:
    """Return one array or tensor."""
    if hasattr(value, "detach"):
        tensor = value.detach().cpu()
        array = np.array(tensor.double().numpy() if tensor.is_floating_point() else tensor.numpy())
    else:
        array = np.asarray(value)
    return Stored(array.dtype.name, array.shape, array.nbytes, lambda: array)


def _read(network: Network, given: Any) -> tuple[Array, list[str]]:
    """Return what the first layer reads, ``(T, B, D)``, and what the steps are called."""
    if isinstance(given, str):
        _need_embedding(network)
        splitter = network.vocabulary.splitter
        words = words_of(given) if splitter is None else splitter(given)
        ids = np.array(network.vocabulary.ids(words), np.intp)
        return network.embedding[ids][:, None].astype(float), list(words)
    array = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    width = network.embedding.shape[1]
    if array.dtype.kind in "iu" and array.ndim == 1 and len(array):
        _need_embedding(network)
        if array.min() < 0 or array.max() >= len(network.vocabulary):
            raise UsageError(f"expected indices from 0 to {len(network.vocabulary) - 1}", "inputs")
        return network.embedding[array][:, None].astype(float), [network.vocabulary.words[index] for index in array]
    if array.dtype.kind == "f" and array.ndim in (2, 3) and array.shape[-1] == width and len(array):
        return (array[:, None] if array.ndim == 2 else array).astype(float), []
    got = f"{array.dtype} of shape {array.shape}"
    raise UsageError(
        f"expected a sentence, indices of words (T,), or vectors (T, {width}) or (T, B, {width}), got {got}", "inputs"
    )


def _need_embedding(network: Network) -> None:
    if not network.has_embedding:
        raise MissingPartError("the network has no embedding, so it reads no words: give vectors (T, D)")
