"""Start states that an ONNX graph makes from its constants: a learned one, repeated for a batch of any size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Operation, RecurrentLayer
from lstm_ascii.checkpoints.formats.files import shown

PLACES = {"initial_h": 5, "initial_c": 6}  # among a node's inputs
LENGTHS = 4
MOST_STEPS = 16  # between a constant and the state that is made of it


def with_starts(layer: RecurrentLayer, makers: Mapping[str, Operation]) -> RecurrentLayer:
    """Return a layer with the start states among its tensors, by the constants' names, that can be told from such.

    Args:
        layer: as the file has it.
        makers: the operation that makes a value, by the value's name.
    """
    tensors, inputs = dict(layer.tensors), list(layer.inputs)
    for part, place in PLACES.items():
        name = _given(layer, place)
        if name and part not in tensors and (found := _constant(name, makers)) is not None:
            inputs[place], tensors[part] = found
    return replace(layer, tensors=tensors, inputs=tuple(inputs))


def from_outside(layer: RecurrentLayer, makers: Mapping[str, Operation]) -> Iterator[str]:
    """Say what the layer is given that can't be told from the file, safe to print."""
    name = shown(layer.name or layer.kind)
    if _given(layer, LENGTHS) and "sequence_lens" not in layer.tensors:
        yield f"{name} reads whole sentences, where the model is told their lengths"
    for part, place in PLACES.items():
        value = _given(layer, place)
        if value and part not in layer.tensors:
            maker = makers.get(value)
            how = f"computes one by {maker.kind} {shown(maker.name)}".rstrip() if maker else "is given one"
            yield f"{name} starts at zero, where the model {how}"
            return


def _given(layer: RecurrentLayer, place: int) -> str:
    """Return the name of an input; empty where it is left out."""
    return layer.inputs[place] if place < len(layer.inputs) else ""


def _constant(name: str, makers: Mapping[str, Operation]) -> tuple[str, Array] | None:
    """Return the state ``(layers, 1, H)`` behind a value and its name, if it is only repeated and cut."""
    cuts: list[slice] = []
    for _ in range(MOST_STEPS):
        maker = makers.get(name)
        if maker is None:
            return None
        if maker.kind == "Slice" and (cut := _cut(maker)) is not None:
            cuts.append(cut)
        elif maker.kind not in ("Expand", "Identity", "Cast"):
            return None
        name = maker.inputs[0]
        value = maker.tensors.get(name)
        if value is not None:
            if value.ndim != 3 or value.shape[1] != 1:
                return None
            for one in reversed(cuts):
                value = value[one]
            return name, value
    return None


def _cut(one: Operation) -> slice | None:
    """Return which of the layers a slice takes; ``None`` for another slice."""
    parts = [one.tensors.get(name) for name in one.inputs[1:]]
    if len(parts) < 3 or any(part is None or part.shape != (1,) for part in parts):
        return None
    start, end, axis, *step = (int(part[0]) for part in parts if part is not None)
    return slice(start, end) if axis == 0 and step in ([], [1]) else None
