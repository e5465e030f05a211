"""From the layers of a Keras model to cells, embedding and decoder: every setting is applied or rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from lstm_ascii.cells.variants import Activation, ActivationError
from lstm_ascii.checkpoints.array_layouts import keras_direction
from lstm_ascii.checkpoints.choosing import with_answer
from lstm_ascii.checkpoints.formats.contents import FileContents, Operation, RecurrentLayer
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import (
    Head,
    Hints,
    LayerDirection,
    Matrix,
    NetworkParts,
    Stack,
    two_axes,
    word_matrix,
)
from lstm_ascii.checkpoints.pieces import Piece, chosen_piece
from lstm_ascii.checkpoints.pieces import below as what_lies_below
from lstm_ascii.errors import FileError
from lstm_ascii.layer import BESIDE, MERGES, width_of
from lstm_ascii.masks import Mask

# what does nothing but in training, or only checks
PLAIN = frozenset(
    {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Masking"}
)
LEAKY_SLOPE = 0.2  # Keras' own; ONNX has another
_MASKS = frozenset({"Masking"})
ENDINGS = frozenset({"Activation", "Softmax", "Dropout"})  # behind a decoder
ENDS = frozenset({"linear", "softmax"})  # activations of a decoder


def keras_network(contents: FileContents, hints: Hints, words: int | None = None) -> NetworkParts:
    """Return the network of a Keras model; ``words`` is how many there are, where that was told.

    Raises:
        FileError: something can't be honoured; it is named.
    """
    if not contents.layers:
        if contents.unread:
            raise FileError(f"{contents.path}: holds {', '.join(contents.unread)} layers, which are not read")
        return NetworkParts(None)
    below = {layer.name: _layer_below(contents, layer) for layer in contents.layers}
    tops = [layer for layer in contents.layers if layer not in below.values()]
    pieces = {
        tuple(layer.stored for layer in _chain(below, top)): top for top in reversed(tops)
    }  # each by its first use
    found = chosen_piece(
        contents, [_piece(contents, below, top, hints, words) for top in reversed(pieces.values())], hints
    )
    notes = [f"holds {', '.join(contents.unread)} layers as well, which are not read"] if contents.unread else []
    return replace(found, notes=(*found.notes, *notes))


def _chain(below: Mapping[str, RecurrentLayer | None], top: RecurrentLayer) -> list[RecurrentLayer]:
    """Return a layer with those that lie below it with nothing in between, from the input up."""
    chain = [top]
    while (lower := below[chain[0].name]) is not None:
        chain.insert(0, lower)
    return chain


def _piece(
    contents: FileContents,
    below: Mapping[str, RecurrentLayer | None],
    top: RecurrentLayer,
    hints: Hints,
    words: int | None,
) -> Piece:
    """Return the layers that lie below ``top`` with nothing in between, and it."""
    chain = _chain(below, top)
    names = tuple(layer.name for layer in chain)
    outputs = {layer.name: layer.name for layer in contents.layers}
    first = chain[0].inputs[0] if chain[0].inputs else ""
    reads, lower_names = what_lies_below(contents.graph.operations, first, outputs, PLAIN)
    return Piece(", ".join(names), names, reads, lower_names, lambda: _network(contents, chain, hints, words))


def _network(contents: FileContents, chain: Sequence[RecurrentLayer], hints: Hints, words: int | None) -> NetworkParts:
    """Return the network of some layers, one above the other."""
    layers, backward = [], False  # a layer that goes backwards gives its outputs so, and leaves them so
    for layer in chain:
        layers.append(_directions(contents, layer, backward))
        backward ^= layer.wrapper == "" and bool(layer.attributes.get("go_backwards"))
    notes = ["the outputs stand in the order of the words, where Keras gives them backwards"] if backward else []
    notes += [
        f"{shown(layer.name)} starts at zero, where the model is given a state" for layer in _given(contents, chain)
    ]
    stack = Stack(", ".join(layer.name for layer in chain), tuple(layers))
    for lower_ways, upper in pairwise(layers):
        width = width_of(tuple(cell.direction for cell in lower_ways))
        if upper[0].direction.cell.input_size != width:
            input_size = upper[0].direction.cell.input_size
            raise FileError(
                f"{contents.path}: {shown(stack.name)}: a layer reads {input_size} values, but gets {width}"
            )
    embedding = _embedding(contents, chain[0], stack, notes)

    def head(said: list[str]) -> Head | None:
        if _gives_apart(top):
            return None
        from lstm_ascii.checkpoints.keras_answer import keras_head

        return keras_head(contents, top, stack, _inner(top)[0].get("return_sequences", False), PLAIN, said)

    top = chain[-1]
    decoder = _decoder(contents, top, stack)
    if _gives_apart(top):
        notes.append(f"{shown(top.name)} gives its directions apart: here side by side, and what follows is left out")
        decoder = None, None
    parts = with_answer(stack, embedding, decoder, head, hints, words, notes)
    return replace(parts, mask=_mask(contents, chain[0], top))


def _layer_below(contents: FileContents, layer: RecurrentLayer) -> RecurrentLayer | None:
    """Return the recurrent layer whose outputs a layer reads as they are; ``None`` where more is done to them."""
    layers = {operation.name: operation for operation in contents.layers}
    for operation in _downwards(contents, layer.inputs):
        if operation.name in layers:
            lower = layers[operation.name]
            reads = _inner(lower)[0].get("return_sequences", False) and not _gives_apart(lower)
            return lower if reads else None
        if operation.kind not in PLAIN:
            return None
    return None


def _gives_apart(layer: RecurrentLayer) -> bool:
    """Tell whether a layer gives its directions one by one: which of them is read further on, the file doesn't say."""
    return bool(layer.wrapper) and layer.attributes.get("merge_mode", BESIDE) is None


def _downwards(contents: FileContents, inputs: Sequence[str]) -> Iterator[Operation]:
    """Yield the layers that lie below, the next one first; further inputs of a layer are masks and start states."""
    operations = {operation.name: operation for operation in contents.graph.operations}
    visited: set[str] = set()
    while inputs and inputs[0] in operations and inputs[0] not in visited:
        visited.add(inputs[0])
        operation = operations[inputs[0]]
        yield operation
        inputs = operation.inputs


def _given(contents: FileContents, layers: Sequence[RecurrentLayer]) -> Iterator[RecurrentLayer]:
    """Yield the layers that read more than vectors and a mask."""
    kinds = {operation.name: operation.kind for operation in contents.graph.operations}
    for layer in layers:
        if any(kinds.get(name) != "NotEqual" for name in layer.inputs[1:]):  # which makes a mask of the padding
            yield layer


def _inner(layer: RecurrentLayer) -> list[dict[str, Any]]:
    """Return the settings of each direction; one, or the forward and the backward layer of a Bidirectional."""
    if not layer.wrapper:
        return [layer.attributes]
    inner = [layer.attributes.get(name) for name in ("layer", "backward_layer")]
    first = _config(inner[0])
    return [first, _config(inner[1]) if inner[1] else first | {"go_backwards": True}]


def _config(value: Any) -> dict[str, Any]:
    """Return the settings of a layer within another."""
    config = value.get("config", value) if isinstance(value, dict) else {}
    return config if isinstance(config, dict) else {}


def _directions(contents: FileContents, layer: RecurrentLayer, reversed_order: bool) -> tuple[LayerDirection, ...]:
    """Return the cells of a layer whose inputs come in the order of the words, or ``reversed_order``."""
    where = f"{contents.path}: {layer.kind} {shown(layer.name)}"
    if layer.wrapper not in ("", "Bidirectional"):
        raise FileError(f"{where}: can't honour its wrapper {shown(layer.wrapper)}")
    settings = _inner(layer)
    if not layer.wrapper:
        backward = bool(settings[0].get("go_backwards")) ^ reversed_order
        return (direction_of(contents, where, layer, settings[0], "", backward),)
    merge = BESIDE if _gives_apart(layer) else layer.attributes.get("merge_mode", BESIDE)
    if merge not in MERGES:
        raise FileError(f"{where}: can't honour merge_mode {shown(merge)}; expected {', '.join(MERGES)}")
    if settings[0].get("go_backwards") or not settings[1].get("go_backwards"):
        raise FileError(f"{where}: expected a forward and a backward layer, in this order")
    ways = (
        direction_of(contents, where, layer, settings[0], "forward/", reversed_order),
        direction_of(contents, where, layer, settings[1], "backward/", not reversed_order),
    )
    if merge == BESIDE:
        return ways
    widths = [way.direction.cell.output_size for way in ways]
    if len(set(widths)) > 1:
        raise FileError(f"{where}: merge_mode {merge}: expected directions of one width, got {widths}")
    return tuple(
        replace(
            way, direction=replace(way.direction, merge=merge), traits=(*way.traits, f"directions merged by {merge}")
        )
        for way in ways
    )


def direction_of(
    contents: FileContents, where: str, layer: RecurrentLayer, settings: Mapping[str, Any], way: str, backward: bool
) -> LayerDirection:
    """Return the cell of a layer with its weights and settings.

    Args:
        contents: of the file, or what stands for one.
        where: what is read, for an error.
        layer: with its weights.
        settings: of it, or of the layer within a Bidirectional.
        way: what stands before its weights' names: nothing, ``forward/`` or ``backward/``.
        backward: whether it reads from the last step to the first.

    Raises:
        FileError: something in it can't be honoured.
    """
    parts = ("kernel", "recurrent_kernel", "bias")
    arrays = {part: layer.tensors[way + part] for part in parts if way + part in layer.tensors}
    for part in parts[: 3 if settings.get("use_bias", True) else 2]:
        if part not in arrays:
            raise FileError(f"{where}: its {part} is missing")
    if settings.get("quantization_config"):
        raise FileError(f"{where}: can't read quantized weights")
    for part in parts[:2]:
        if arrays[part].ndim != 2:
            raise FileError(f"{where}: {part}: expected two dimensions, got shape {arrays[part].shape}")
    shape = arrays["recurrent_kernel"].shape
    width = settings.get("units", shape[0])
    if width != shape[0]:
        raise FileError(f"{where}: recurrent_kernel: expected {shown(width)} rows, got shape {shape}")
    names = {part: f"{layer.stored}/{way}{part}" for part in arrays}
    special, traits = _special(contents, where, layer.kind, settings)
    if stored_as := settings.get("stored_as"):
        traits = (*traits, f"stored as {shown(stored_as)}")
    direction = keras_direction(contents.path, names, arrays, layer.kind, backward, special, traits)
    return replace(direction, biases=2) if stored_as else direction


def _special(
    contents: FileContents, where: str, kind: str, settings: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what the general cell takes beside its weights, and what to say of it."""
    candidate = _activation(contents, where, settings.get("activation", "tanh"))
    if kind == "RNN":
        return {"activation": candidate}, ()
    gate = _activation(contents, where, settings.get("recurrent_activation", "sigmoid"))
    special: dict[str, Any] = {"gate": gate, "candidate": candidate}
    if kind == "LSTM":
        special["output"] = candidate  # Keras has one activation for what is written and what is shown
    else:
        special["reset_after"] = bool(settings.get("reset_after", False))  # older files don't have it
    plain = (gate.name, candidate.name) == ("sigmoid", "tanh")
    return special, () if plain else (f"activations {gate.name} {candidate.name}",)


def _activation(contents: FileContents, where: str, value: Any) -> Activation:
    """Return an activation by Keras' name for it."""
    name = value.get("class_name", "") if isinstance(value, dict) else value
    settings = value.get("config") if isinstance(value, dict) else None
    if isinstance(settings, dict) and set(settings) - {"name", "trainable", "dtype"}:
        raise FileError(f"{where}: can't honour the layer {shown(name)} as its activation")
    if isinstance(value, dict) and isinstance(settings, str):
        name = value["config"]  # a function that was kept by its name
    plain = str(name or "linear").lower().replace("_", "")
    alpha: float | None = None
    beta: float | None = None
    if plain == "hardsigmoid":
        newer = not contents.metadata.get("keras_version", "3").startswith(("1.", "2."))
        alpha, beta = (1 / 6, 0.5) if newer else (0.2, 0.5)
    elif plain == "leakyrelu":
        alpha = LEAKY_SLOPE
    try:
        return Activation.named(str(name or "linear"), alpha, beta)
    except ActivationError as error:
        raise FileError(f"{where}: {error}") from error


def _embedding(contents: FileContents, first: RecurrentLayer, stack: Stack, notes: list[str]) -> Matrix | None:
    """Return the embedding below the first layer; say what stands in the way."""
    for operation in _downwards(contents, first.inputs):
        if operation.kind == "Embedding" and "embeddings" in operation.tensors:
            if operation.attributes.get("mask_zero"):
                notes.append("mask_zero: word 0 is padding, and is skipped")
            name = f"{operation.stored}/embeddings"
            return Matrix(name, word_matrix(contents.path, name, operation.tensors["embeddings"], stack.input_size))
        if operation.kind in _MASKS:
            value = _mask_value(contents, operation)
            notes.append(f"{operation.kind} {shown(operation.name)}: steps whose numbers are all {value:g} are skipped")
        elif operation.kind not in PLAIN:
            notes.append(
                f"no embedding: {operation.kind} {shown(operation.name)} lies ahead of the layers; "
                "--input gives what they read"
            )
            if maker := next(filter(_makes_mask, _downwards(contents, operation.inputs)), None):
                notes.append(
                    f"{maker.kind} {shown(maker.name)} makes a mask below that; where Keras hands it on it skips "
                    "steps, and here all are read"
                )
            return None
    return None


def _mask_value(contents: FileContents, operation: Operation) -> float:
    """Return what all numbers of a padded vector are."""
    value = operation.attributes.get("mask_value", 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FileError(f"{contents.path}: {shown(operation.name)}: mask_value: expected a number, got {shown(value)}")
    return float(value)


def _makes_mask(operation: Operation) -> bool:
    """Tell whether a layer says which steps are padding."""
    return operation.kind in _MASKS or (operation.kind == "Embedding" and bool(operation.attributes.get("mask_zero")))


def _mask(contents: FileContents, first: RecurrentLayer, top: RecurrentLayer) -> Mask | None:
    """Return which steps the layers skip: a mask goes up from where it is made, through all of them."""
    zeros = top.wrapper != "" or bool(_inner(top)[0].get("zero_output_for_mask", False))
    for operation in _downwards(contents, first.inputs):
        if operation.kind in _MASKS:
            return Mask(value=_mask_value(contents, operation), zeros=zeros)
        if operation.kind == "Embedding" and operation.attributes.get("mask_zero"):
            return Mask(entry=0, zeros=zeros)
        if operation.kind not in PLAIN:
            return None
    return None


def _decoder(contents: FileContents, top: RecurrentLayer, stack: Stack) -> tuple[Matrix | None, Matrix | None]:
    """Return weight and bias of the Dense layer that comes above the last one, where nothing else comes behind it."""
    waiting = [top.name]
    for name in waiting:  # which grows
        for operation in contents.graph.operations:
            if name not in operation.inputs:
                continue
            if operation.kind in PLAIN:
                waiting.append(operation.name)
                continue
            kernel = operation.tensors.get("kernel")
            if kernel is not None and operation.kind == "Dense":
                two_axes(contents.path, f"{operation.stored}/kernel", kernel)
            activation = _dense_activation(operation)
            ends = not any(
                operation.name in other.inputs and other.kind not in ENDINGS for other in contents.graph.operations
            )
            reads_it = kernel is not None and kernel.ndim == 2 and kernel.shape[0] == stack.output_size
            if kernel is not None and reads_it and ends and activation in ENDS:
                bias, name = operation.tensors.get("bias"), f"{operation.stored}/kernel"
                return (
                    Matrix(name, word_matrix(contents.path, name, kernel.T, stack.output_size, bias)),
                    None if bias is None else Matrix(f"{operation.stored}/bias", bias),
                )
            return None, None
    return None, None


def _dense_activation(operation: Operation) -> str:
    """Return the activation of a Dense layer, alone or for every step; empty for another layer."""
    settings = (
        _config(operation.attributes.get("layer")) if operation.kind == "TimeDistributed" else operation.attributes
    )
    if operation.kind not in ("Dense", "TimeDistributed"):
        return ""
    return str(settings.get("activation") or "linear")
