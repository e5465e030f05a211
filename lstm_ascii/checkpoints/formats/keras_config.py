"""What a Keras model says of its layers: their kinds, settings and order, as plain JSON. None of it is run.

Formats: the ``config`` of https://keras.io/guides/serialization_and_saving/, as Keras 3 and Keras 2 write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.errors import FileError

MOST_LAYERS = 2_000
MODELS = ("Sequential", "Functional", "Model")
OWN_MODULES = re.compile(r"(?:keras|tf_keras|tensorflow\.(?:python\.)?keras)(?:\.|$)")
INPUT = "input"  # what goes into the first layer where no input layer is written


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer.

    Attributes:
        kind: its class.
        name: its own.
        config: its settings.
        inputs: the layers that it reads.
    """

    kind: str
    name: str
    config: dict[str, Any]
    inputs: tuple[str, ...]

    @property
    def inner(self) -> str:
        """The class of the layer within a wrapper such as Bidirectional; its own otherwise."""
        layer = self.config.get("layer")
        kind = layer.get("class_name") if isinstance(layer, dict) else None
        return kind if isinstance(kind, str) else self.kind


@dataclass(frozen=True, eq=False)
class Model:
    """A model.

    Attributes:
        layers: in an order in which they can be done.
        listed: the kinds and names of the layers in the file's order.
        inputs, outputs: names of layers.
    """

    layers: tuple[Layer, ...]
    listed: tuple[tuple[str, str], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def model_of(config: dict[str, Any], wrong: Callable[[str], FileError]) -> Model:
    """Return the model that a file describes.

    Raises:
        FileError: it has code or classes of somebody's own, or is none of layers.
    """
    _refuse_code(config, wrong)
    kind, inside = config.get("class_name"), config.get("config")
    if kind not in MODELS:
        raise wrong(f"is of class {shown(kind)}, which only its own code can build; {'/'.join(MODELS[:2])} can be read")
    entries = inside if isinstance(inside, list) else inside.get("layers") if isinstance(inside, dict) else None
    if not isinstance(entries, list) or len(entries) > MOST_LAYERS:
        raise wrong("damaged: its config has no list of layers")
    settings = inside if isinstance(inside, dict) else {}
    layers: list[Layer] = []
    for entry in entries:
        layers.append(_layer(entry, layers[-1].name if layers else INPUT, kind == "Sequential", wrong))
    names = [layer.name for layer in layers]
    if len(set(names)) != len(names):
        raise wrong("damaged: two layers have one name")
    listed = tuple((layer.kind, layer.name) for layer in layers)
    if kind == "Sequential":
        first = () if not layers else (names[0],) if layers[0].kind == "InputLayer" else (INPUT,)
        return Model(tuple(layers), listed, first, tuple(names[-1:]))
    inputs, outputs = (tuple(_named(settings.get(key))) for key in ("input_layers", "output_layers"))
    return Model(_in_order(layers, wrong), listed, inputs, outputs)


def _layer(entry: Any, before: str, sequential: bool, wrong: Callable[[str], FileError]) -> Layer:
    """Return one entry of the list of layers; ``before`` is the layer that stands before it."""
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise wrong("damaged: a layer has no config")
    kind, config = entry.get("class_name"), entry["config"]
    name = config.get("name", entry.get("name"))
    if not isinstance(kind, str) or not isinstance(name, str):
        raise wrong("damaged: a layer has no class or no name")
    if kind == "InputLayer":
        return Layer(kind, name, config, ())
    if sequential:
        return Layer(kind, name, config, (before,))
    nodes = entry.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) != 1:
        used = len(nodes) if isinstance(nodes, list) else 0
        raise wrong(f"the layer {shown(name)} is used {used} times; only layers that are used once can be read")
    return Layer(kind, name, config, tuple(_named(nodes)))


def _named(value: Any) -> list[str]:
    """Return the layers that a part of a config points to: ``[name, 0, 0, ...]``, or Keras 3's tensors."""
    found, left = [], [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            left += reversed(part.values())
        elif isinstance(part, list):
            if len(part) >= 3 and isinstance(part[0], str) and type(part[1]) is int and type(part[2]) is int:
                found.append(part[0])
                left += part[3:]
            else:
                left += reversed(part)
    return found


def _in_order(layers: list[Layer], wrong: Callable[[str], FileError]) -> tuple[Layer, ...]:
    """Return layers in an order in which each has what it reads."""
    done: dict[str, Layer] = {}
    left = layers
    while left:
        ready = [layer for layer in left if all(name in done for name in layer.inputs)]
        if not ready:
            raise wrong(f"damaged: the layer {shown(left[0].name)} reads something that is not there")
        done |= {layer.name: layer for layer in ready}
        left = [layer for layer in left if layer.name not in done]
    return tuple(done.values())


def _refuse_code(config: dict[str, Any], wrong: Callable[[str], FileError]) -> None:
    """Refuse what only code of somebody's own could honour, wherever it stands in a config."""
    for part in _objects(config):
        kind, module = part.get("class_name"), part.get("module")
        name = part["config"].get("name") if isinstance(part.get("config"), dict) else None
        called = shown(f"{kind} {name}" if isinstance(name, str) else kind)
        if kind in ("Lambda", "__lambda__"):
            raise wrong(f"{called}: a Lambda layer is code, which is never run; put a layer of Keras in its place")
        if isinstance(kind, str) and isinstance(module, str) and not OWN_MODULES.match(module):
            raise wrong(f"{called} is of the module {shown(module)}; only what comes with Keras can be read")
        if isinstance(kind, str) and ">" in str(part.get("registered_name") or ""):
            raise wrong(f"{called} is a class of somebody's own; only what comes with Keras can be read")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object within a JSON value."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield part
            left += part.values()
        elif isinstance(part, list):
            left += part
