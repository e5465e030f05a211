"""The recurrent nodes of an ONNX graph as cells: every attribute is applied or rejected.

https://onnx.ai/onnx/operators/onnx__LSTM.html and its neighbours say what the attributes mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.cells.activations import FORMULAS, KERAS_ONLY
from lstm_ascii.cells.variants import GENERAL, Activation, ActivationError
from lstm_ascii.checkpoints.array_layouts import onnx_direction
from lstm_ascii.checkpoints.formats.contents import Operation, RecurrentLayer
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node, held
from lstm_ascii.checkpoints.formats.onnx_folding import fold
from lstm_ascii.checkpoints.layers import LayerDirection, kind_of, numbers
from lstm_ascii.errors import FileError

PLACES = {"initial_h": 5, "initial_c": 6}  # among a node's inputs
LENGTHS = 4
MOST_STEPS = 64  # between a constant and the state that is made of it
MOST_AXES = 8  # of an input whose sizes are not known
WAYS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
_WITH_ALPHA = frozenset({"affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu"})
_WITH_BETA = frozenset({"affine", "scaledtanh", "hardsigmoid"})
_WITHOUT_DEFAULT = frozenset({"affine", "scaledtanh"})
_KINDS: dict[str, tuple[type, str]] = {
    "activations": (tuple, "names"),
    "activation_alpha": (tuple, "numbers"),
    "activation_beta": (tuple, "numbers"),
    "clip": (float, "a real number"),
    "direction": (str, "a name"),
    "hidden_size": (int, "a whole number"),
    "input_forget": (int, "0 or 1"),
    "layout": (int, "0 or 1"),
    "linear_before_reset": (int, "0 or 1"),
    "output_sequence": (int, "0 or 1"),
}


def node_directions(path: str, layer: RecurrentLayer) -> tuple[LayerDirection, ...]:
    """Return the cells of one node, one or two directions.

    Raises:
        FileError: it is asked for something that can't be honoured, or a tensor does not fit.
    """
    where = f"{path}: {layer.kind} {shown(layer.name)}"
    attributes = layer.attributes
    _check_attributes(where, attributes)
    for part in "WR":
        if part not in layer.tensors:
            raise FileError(f"{where}: its {part} is no constant; export the weights into the file")
        if layer.tensors[part].ndim != 3:
            shape = layer.tensors[part].shape
            raise FileError(f"{where}: {part}: expected shape (directions, rows, width), got {shape}")
    if "X" in layer.tensors:
        raise FileError(f"{where}: what it reads, its X, is a constant of the file; make it an input of the model")
    names = {part: _tensor_name(layer, part) for part in layer.tensors}
    width = layer.tensors["R"].shape[2]
    if kind_of(path, names["R"], layer.tensors["R"].shape[1:], width) != layer.kind:
        raise FileError(f"{where}: {shown(names['R'])} has not the rows of an {layer.kind}: {layer.tensors['R'].shape}")
    if attributes.get("hidden_size", width) != width:
        raise FileError(f"{where}: hidden_size is {attributes['hidden_size']}, but R has {width} units")
    way = attributes.get("direction", "forward")
    if way not in WAYS or len(WAYS[way]) != len(layer.tensors["R"]):
        raise FileError(f"{where}: direction {shown(way)} with {len(layer.tensors['R'])} directions of weights")
    most_steps = _most_steps(where, layer)
    parts = {part: layer.tensors[part] for part in "WRBP" if part in layer.tensors}
    by_part = dict(names)
    special, traits = _special(where, layer), tuple(_traits(layer))
    cells = (
        onnx_direction(
            path, by_part, parts, layer.kind, n, backward, special[n], _start(where, layer, names, n), traits
        )
        for n, backward in enumerate(WAYS[way])
    )
    return tuple(replace(cell, direction=replace(cell.direction, most_steps=most_steps)) for cell in cells)


def _check_attributes(where: str, attributes: Mapping[str, Any]) -> None:
    """Refuse attributes that are not known here, and values of another type than theirs."""
    for name, value in attributes.items():
        if name not in _KINDS:
            raise FileError(f"{where}: can't honour its attribute {shown(name)}")
        kind, expected = _KINDS[name]
        of_names = all(isinstance(entry, str) for entry in value) if isinstance(value, tuple) else False
        if not isinstance(value, kind) or (kind is tuple and value and of_names != (expected == "names")):
            raise FileError(f"{where}: attribute {name}: expected {expected}, got {shown(value)}")


def _tensor_name(layer: RecurrentLayer, part: str) -> str:
    """Return the name that a part has in the file."""
    place = {"W": 1, "R": 2, "B": 3, "sequence_lens": 4, "initial_h": 5, "initial_c": 6, "P": 7}[part]
    return (layer.inputs[place] if place < len(layer.inputs) else "") or part


def _most_steps(where: str, layer: RecurrentLayer) -> int:
    """Return the length in the file behind which outputs are zeros; 0 if there is none.

    Raises:
        FileError: lengths differ, which would cut some sentences, and not others; or they are none.
    """
    lengths = layer.tensors.get("sequence_lens")
    if lengths is None or not lengths.size:
        return 0
    some = f"its sequence_lens {lengths.ravel()[:4].tolist()}"
    if lengths.dtype.kind not in "iu" or lengths.ndim > 1:
        got = f"{lengths.dtype} of shape {lengths.shape}"
        raise FileError(f"{where}: sequence_lens: expected whole numbers of shape (B,), got {got}")
    if (lengths != lengths.flat[0]).any():
        raise FileError(f"{where}: can't honour {some}, which differ")
    if lengths.flat[0] < 1:
        raise FileError(f"{where}: can't honour {some}; expected at least one step")
    return int(lengths.flat[0])


def _start(where: str, layer: RecurrentLayer, names: Mapping[str, str], way: int) -> dict[str, Array]:
    """Return the start states of a direction that are constant and not zero, ``(H,)`` each."""
    start = {}
    for letter in "hc":
        value = layer.tensors.get(f"initial_{letter}")
        if value is None:
            continue
        if layer.attributes.get("layout", 0) and value.ndim == 3:
            value = value.swapaxes(0, 1)
        width, ways = layer.tensors["R"].shape[2], len(layer.tensors["R"])
        name = names[f"initial_{letter}"]
        if value.dtype.kind != "f":
            raise FileError(f"{where}: {shown(name)}: expected real numbers, got {value.dtype}")
        if value.ndim == 0:
            row = np.full(width, value)
        elif value.ndim == 3 and value.shape[0] == ways and value.shape[1] and value.shape[2] == width:
            if (value != value[:, :1]).any():
                raise FileError(f"{where}: {shown(name)} starts the sequences of a batch differently")
            row = value[way, 0]
        else:
            raise FileError(f"{where}: {shown(name)}: expected shape {(ways, 'B', width)}, got {value.shape}")
        if row.any():
            start[letter] = numbers(where, name, row, (width,))
    return start


def _special(where: str, layer: RecurrentLayer) -> list[dict[str, Any]]:
    """Return, for each direction, what the general cell takes beside its weights."""
    attributes, kind = layer.attributes, layer.kind
    shared: dict[str, Any] = {}
    clip = attributes.get("clip")
    if clip is not None:
        if not clip > 0:
            raise FileError(f"{where}: clip must be above 0, got {clip}")
        shared["clip"] = float(clip) if np.isfinite(clip) else None
    if kind == "GRU":
        shared["reset_after"] = bool(attributes.get("linear_before_reset", 0))
    if kind == "LSTM" and attributes.get("input_forget", 0):
        shared["coupled"] = True
    functions = _activations(where, layer)
    fields = tuple(GENERAL[kind].default_activations)
    step = len(fields)
    return [
        shared | dict(zip(fields, functions[n * step : (n + 1) * step], strict=True))
        for n in range(len(layer.tensors["R"]))
    ]


def _default_activations(layer: RecurrentLayer) -> tuple[str, ...]:
    """Return the functions that ONNX takes for one direction where the node names none."""
    return tuple(GENERAL[layer.kind].default_activations.values())


def _activations(where: str, layer: RecurrentLayer) -> list[Activation]:
    """Return the activations of all directions; each takes its alpha and beta from the lists, where it has any."""
    ways, defaults = len(layer.tensors["R"]), _default_activations(layer)
    names: Sequence[str] = layer.attributes.get("activations") or defaults * ways
    if len(names) != len(defaults) * ways:
        raise FileError(f"{where}: expected {len(defaults) * ways} activations, got {len(names)}")
    alphas = iter(layer.attributes.get("activation_alpha") or ())
    betas = iter(layer.attributes.get("activation_beta") or ())
    functions = []
    for name in names:
        plain = name.lower().replace("_", "")
        alpha = next(alphas, None) if plain in _WITH_ALPHA else None
        beta = next(betas, None) if plain in _WITH_BETA else None
        if plain in _WITHOUT_DEFAULT and (alpha is None or beta is None):
            raise FileError(
                f"{where}: activation {name}: its alpha and beta are missing, and the standard tells no other"
            )
        try:
            function = Activation.named(name, alpha, beta)
            if function.name in KERAS_ONLY:
                known = ", ".join(formula for formula in FORMULAS if formula not in KERAS_ONLY)
                raise FileError(f"{where}: activation: expected one of {known}, got {shown(name)}")
            functions.append(function)
        except ActivationError as error:
            raise FileError(f"{where}: {error}") from error
    return functions


def _traits(layer: RecurrentLayer) -> Iterator[str]:
    """Say what is special about a node."""
    attributes = layer.attributes
    if layer.kind == "GRU":
        yield f"reset gate {'after' if attributes.get('linear_before_reset', 0) else 'before'} the product"
    if attributes.get("clip") is not None:
        yield f"clip ±{attributes['clip']:g}"
    if layer.kind == "LSTM" and attributes.get("input_forget", 0):
        yield "forget gate coupled to the input gate"
    defaults = _default_activations(layer)
    if tuple(attributes.get("activations") or ()) not in ((), defaults, defaults * 2):
        yield f"activations {' '.join(map(shown, attributes['activations']))}"
    if "sequence_lens" in layer.tensors and layer.tensors["sequence_lens"].size:
        yield f"made for sequences of {int(layer.tensors['sequence_lens'].flat[0])} steps"


def with_starts(layer: RecurrentLayer, makers: Mapping[str, Operation]) -> RecurrentLayer:
    """Return a layer with the start states among its tensors, by the constants' names, that can be told from such.

    Args:
        layer: as the file has it.
        makers: the operation that makes a value, by the value's name.
    """
    tensors, inputs = dict(layer.tensors), list(layer.inputs)
    for part, place in PLACES.items():
        name = _given(layer, place)
        if name and part not in tensors and (constant := _constant(name, makers)) is not None:
            inputs[place], tensors[part] = constant
    return replace(layer, tensors=tensors, inputs=tuple(inputs))


def from_outside(layer: RecurrentLayer, makers: Mapping[str, Operation]) -> Iterator[str]:
    """Say what the layer is given that can't be told from the file, safe to print."""
    name = shown(layer.name or layer.kind)
    yield from (f"{name}: {note}" for note in layer.notes)
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
    """Return the state behind a value, and the name of what it is made of, where it is the same for every input.

    The operations that make it are done for a batch of one and, where they can, of two: they repeat and cut what is
    constant, and of the input they know only the sizes.
    """
    operations = _below(name, makers)
    values = [value for size in (2, 1) if (value := _folded(name, operations, size)) is not None]
    if not values:
        return None
    constants = [entry for operation in operations for entry in operation.tensors if _is_state(operation, entry)]
    return constants[0] if constants else name, values[0]


def _is_state(operation: Operation, name: str) -> bool:
    """Tell whether a constant of an operation can be a state, as against sizes."""
    return operation.inputs[0] == name and operation.tensors[name].dtype.kind == "f"


def _below(name: str, makers: Mapping[str, Operation]) -> list[Operation]:
    """Return the operations that a value depends on, in an order in which they can be done; sizes have no past."""
    operations: dict[str, Operation] = {}
    waiting = [name]
    while waiting and len(operations) <= MOST_STEPS:
        value = waiting.pop()
        maker = makers.get(value)
        if maker is None:
            continue
        operations.pop(value, None)
        operations[value] = maker
        if maker.kind != "Shape":
            waiting += [entry for entry in maker.inputs if entry and entry not in maker.tensors]
    return list(dict.fromkeys(reversed(operations.values())))


def _folded(name: str, operations: Sequence[Operation], size: int) -> Array | None:
    """Return a value where every axis of the input has ``size`` places; ``None`` where it depends on more."""
    stored = {entry: held(value) for operation in operations for entry, value in operation.tensors.items()}
    constants = Constants(stored, 0, FileError)
    for operation in operations:
        attributes = {
            key: held(value) if isinstance(value, np.ndarray) else value for key, value in operation.attributes.items()
        }
        kind, inputs = operation.kind, operation.inputs
        if kind == "Shape" and inputs[0] not in constants.stored:
            begin, end = attributes.get("start", 0), attributes.get("end")
            constants.stored[operation.outputs[0]] = held(np.full(MOST_AXES, size)[begin:end])
            continue
        try:
            if not fold(constants, Node(kind, operation.name, inputs, operation.outputs, attributes)):
                return None
        except FileError:
            return None
    return constants.stored[name].load() if name in constants.stored else None
