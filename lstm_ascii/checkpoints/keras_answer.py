"""The head of a Keras model: its layers after the last recurrent one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm_ascii.answer import LINEAR, Squash
from lstm_ascii.cells.activations import ActivationError
from lstm_ascii.checkpoints.formats.contents import FileContents, Operation, RecurrentLayer
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.heads import own_ends, split_of
from lstm_ascii.checkpoints.layers import Head, Stack, two_axes
from lstm_ascii.checkpoints.way_to_answer import OnTheWay
from lstm_ascii.layer import BESIDE

POOLS = {"GlobalAveragePooling1D": "mean", "GlobalMaxPooling1D": "max"}
NORM_PARTS = ("gamma", "beta", "moving_mean", "moving_variance")
SLOPES = ("negative_slope", "alpha")  # of a leaky relu: the name in Keras 3 and before


def keras_head(
    contents: FileContents, top: RecurrentLayer, stack: Stack, sequences: bool, plain: frozenset[str], notes: list[str]
) -> Head | None:
    """Return what the outputs of a layer go through, to the end of the model; say what can't be honoured.

    Args:
        contents: of the file.
        top: the last recurrent layer.
        stack: it and those below it.
        sequences: whether it gives an output each step.
        plain: the kinds of layers that do nothing.
        notes: what is said is added to them.
    """
    merge = stack.layers[-1][0].direction.merge
    if merge != BESIDE and not sequences:  # the ends of the two directions lie at different steps
        notes.append(f"no answer: it reads the {merge} of both directions' last outputs")
        return None
    value, name = OnTheWay("each" if sequences else own_ends(stack), stack.output_size), top.name
    for _ in contents.graph.operations:
        readers = [operation for operation in contents.graph.operations if name in operation.inputs]
        readers = [one for one in readers if one.kind != "NotEqual" and one.inputs.index(name) == 0]
        if len(readers) > 1:
            several = ", ".join(f"{one.kind} {shown(one.name)}" for one in readers[:3])
            notes.append(f"no answer: {several} read the same outputs, so there are several")
            return None
        if not readers:
            break
        operation, before = readers[0], value
        name = operation.name
        if operation.kind in plain:
            continue
        try:
            changed = _passed(contents, before, operation)
        except (ArithmeticError, AttributeError, TypeError, ValueError):  # of settings that Keras would refuse, too
            changed = None
        if changed is None:
            notes.append(f"no answer: what the outputs go through is {operation.kind} {shown(operation.name)}")
            return None
        value = changed
    return value.head(split_of(stack))


def _passed(contents: FileContents, value: OnTheWay, operation: Operation) -> OnTheWay | None:
    """Return a value behind one layer; ``None`` where that can't be honoured."""
    settings, kind = operation.attributes, operation.kind
    if kind in POOLS:
        return value.pooled(POOLS[kind]) if settings.get("data_format") in (None, "channels_last") else None
    if kind == "Flatten":
        return None if value.pooling == "each" else value
    if kind == "TimeDistributed":
        inner = settings.get("layer")
        if not isinstance(inner, dict) or inner.get("class_name") != "Dense" or value.pooling != "each":
            return None
        settings, kind = inner.get("config", {}), "Dense"
    if kind == "Dense":
        return _dense(contents, value, operation, settings)
    if kind == "BatchNormalization":
        return _normalised(value, operation)
    squash = _layer_squash(kind, settings)
    return None if squash is None else value.squashed(squash)


def _dense(
    contents: FileContents, value: OnTheWay, operation: Operation, settings: Mapping[str, Any]
) -> OnTheWay | None:
    kernel, bias = operation.tensors.get("kernel"), operation.tensors.get("bias")
    squash = _named(settings.get("activation"))
    if kernel is None or squash is None or settings.get("quantization_config"):
        return None
    name = f"{operation.stored}/kernel"
    two_axes(contents.path, name, kernel)
    names = (name, "" if bias is None else f"{operation.stored}/bias")
    return value.dense(kernel.T, bias, names, squash)


def _normalised(value: OnTheWay, operation: Operation) -> OnTheWay | None:
    """Return a value behind a batch normalisation, which is a scale and a shift once training is over."""
    settings, stored = operation.attributes, operation.tensors
    present = [part for part in NORM_PARTS if settings.get({"gamma": "scale", "beta": "center"}.get(part, ""), True)]
    names = {part: part if part in stored else f"vars/{number}" for number, part in enumerate(present)}
    parts = {part: stored[name] for part, name in names.items() if name in stored}
    mean, variance = parts.get("moving_mean"), parts.get("moving_variance")
    if mean is None or variance is None or mean.shape != (value.width,) or variance.shape != mean.shape:
        return None
    if settings.get("axis", -1) not in (-1, [-1], 1 if value.pooling != "each" else 2):
        return None
    epsilon = float(settings.get("epsilon", 1e-3))
    scale = parts.get("gamma", np.ones(value.width)) / np.sqrt(variance.astype(float) + epsilon)
    shift = parts.get("beta", np.zeros(value.width)) - mean * scale
    return value.scaled(scale, shift, tuple(f"{operation.stored}/{names[part]}" for part in parts))


def _layer_squash(kind: str, settings: Mapping[str, Any]) -> Squash | None:
    """Return the function that a layer is, ``None`` where it is none that is known."""
    if kind == "Activation":
        return _named(settings.get("activation"))
    if kind == "Softmax":
        return Squash("softmax") if settings.get("axis", -1) == -1 else None
    if kind == "ReLU":
        slope = float(settings.get("negative_slope") or 0)
        if settings.get("max_value") is not None or settings.get("threshold"):
            return None
        return Squash("leaky_relu", slope) if slope else Squash("relu")
    if kind == "LeakyReLU":
        return Squash("leaky_relu", float(next((settings[name] for name in SLOPES if name in settings), 0.3)))
    if kind == "ELU":
        return Squash("elu", float(settings.get("alpha", 1.0)))
    return None


def _named(value: Any) -> Squash | None:
    """Return a function by Keras' name for it."""
    config = value.get("config") if isinstance(value, dict) else None
    if isinstance(config, dict) and set(config) - {"name", "trainable", "dtype"}:
        return None  # a layer with settings of its own
    name = config if isinstance(config, str) else value.get("class_name") if isinstance(value, dict) else value
    plain = str(name or LINEAR).lower().replace("_", "")
    try:
        if plain == "leakyrelu":
            return Squash("leaky_relu", 0.2)
        return None if plain == "hardsigmoid" else Squash.named(str(name or LINEAR))
    except ActivationError:
        return None
