"""Models of Keras, as data: ``.keras`` archives and the older ``.h5`` files. No code of Keras is needed or run.

In an archive the weights of a layer are numbered and stand under its class (``lstm``, ``lstm_1``, in the order of the
layers); in an ``.h5`` they stand under the layer's name and have names themselves. The optimiser's are left out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lstm_ascii.cells import CELLS
from lstm_ascii.checkpoints.formats.contents import (
    FileContents,
    Graph,
    Operation,
    RecurrentLayer,
    Stored,
    Tensors,
    in_memory,
)
from lstm_ascii.checkpoints.formats.files import damaged, json_object, mapped, shown, size_of
from lstm_ascii.checkpoints.formats.hdf5 import Hdf5
from lstm_ascii.checkpoints.formats.zip_files import LARGEST_RATIO, LARGEST_UNPACKED, Archive
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible

MOST_LAYERS = 2_000
LONGEST_METADATA = 1_000_000  # bytes; Keras writes a hundred
MODELS = ("Sequential", "Functional", "Model")
OWN_MODULES = re.compile(r"(?:keras|tf_keras|tensorflow\.(?:python\.)?keras)(?:\.|$)")
INPUT = "input"  # what goes into the first layer where no input layer is written
RECURRENT = {cell.keras_name: cell.name for cell in CELLS.values()}
WEIGHTS = "model.weights.h5"
_ROLES = {"Embedding": ("embeddings",), "Dense": ("kernel", "bias")} | dict.fromkeys(
    RECURRENT, ("kernel", "recurrent_kernel", "bias")
)
_SIDES = {"forward_layer": "forward/", "backward_layer": "backward/"}
_WHOLE = ('model.save("model.keras")    # the whole model, not save_weights',)

Arrays = dict[tuple[str, ...], Stored]


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
    layer_names = tuple((layer.kind, layer.name) for layer in layers)
    if kind == "Sequential":
        first = () if not layers else (names[0],) if layers[0].kind == "InputLayer" else (INPUT,)
        return Model(tuple(layers), layer_names, first, tuple(names[-1:]))
    inputs, outputs = (tuple(_named(settings.get(key))) for key in ("input_layers", "output_layers"))
    return Model(_in_order(layers, wrong), layer_names, inputs, outputs)


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
        calls = len(nodes) if isinstance(nodes, list) else 0
        raise wrong(f"the layer {shown(name)} is used {calls} times; only layers that are used once can be read")
    return Layer(kind, name, config, tuple(_named(nodes)))


def _named(value: Any) -> list[str]:
    """Return the layers that a part of a config points to: ``[name, 0, 0, ...]``, or Keras 3's tensors."""
    names, queue = [], [value]
    while queue:
        part = queue.pop()
        if isinstance(part, dict):
            queue += reversed(part.values())
        elif isinstance(part, list):
            if len(part) >= 3 and isinstance(part[0], str) and type(part[1]) is int and type(part[2]) is int:
                names.append(part[0])
                queue += part[3:]
            else:
                queue += reversed(part)
    return names


def _in_order(layers: list[Layer], wrong: Callable[[str], FileError]) -> tuple[Layer, ...]:
    """Return layers in an order in which each has what it reads."""
    ordered_layers: dict[str, Layer] = {}
    waiting = layers
    while waiting:
        ready = [layer for layer in waiting if all(name in ordered_layers for name in layer.inputs)]
        if not ready:
            raise wrong(f"damaged: the layer {shown(waiting[0].name)} reads something that is not there")
        ordered_layers |= {layer.name: layer for layer in ready}
        waiting = [layer for layer in waiting if layer.name not in ordered_layers]
    return tuple(ordered_layers.values())


def _refuse_code(config: dict[str, Any], wrong: Callable[[str], FileError]) -> None:
    """Refuse what only code of somebody's own could honour, wherever it stands in a config."""
    for part in _objects(config):
        kind, module = part.get("class_name"), part.get("module")
        name = part["config"].get("name") if isinstance(part.get("config"), dict) else None
        label = shown(f"{kind} {name}" if isinstance(name, str) else kind)
        if kind in ("Lambda", "__lambda__"):
            raise wrong(f"{label}: a Lambda layer is code, which is never run; put a layer of Keras in its place")
        if isinstance(kind, str) and isinstance(module, str) and not OWN_MODULES.match(module):
            raise wrong(f"{label} is of the module {shown(module)}; only what comes with Keras can be read")
        if isinstance(kind, str) and ">" in str(part.get("registered_name") or ""):
            raise wrong(f"{label} is a class of somebody's own; only what comes with Keras can be read")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object within a JSON value."""
    queue = [value]
    while queue:
        part = queue.pop()
        if isinstance(part, dict):
            yield part
            queue += part.values()
        elif isinstance(part, list):
            queue += part


def read_keras(path: Path) -> FileContents:
    """Return what a ``.keras`` archive holds.

    Raises:
        FileError: it can't be opened, is damaged, or has code or links of its own.
    """
    wrong = partial(damaged, path)
    archive = Archive(path)
    members = archive.members
    config = json_object(path, _whole(archive, members["config.json"]), "config.json")
    model = model_of(config, wrong)
    metadata = {}
    if "metadata.json" in members:
        metadata = json_object(path, _whole(archive, members["metadata.json"]), "metadata.json", LONGEST_METADATA)
    packed = archive.stored(members[WEIGHTS]) is None
    room = None  # of packed weights, what their chunks take comes on top
    if packed:
        room = max(LARGEST_UNPACKED, LARGEST_RATIO * size_of(path)) - members[WEIGHTS].file_size
    file = Hdf5(_whole(archive, members[WEIGHTS]), wrong, room)
    contents = _contents(path, model, metadata, _of_archive(file, model))
    if packed:  # they are held in memory beside what is made of them
        numbers = sum(in_memory(tensor) for tensor in contents.tensors.stored.values())
        archive.check_growth(members[WEIGHTS].file_size + numbers)
    return contents


def _whole(archive: Archive, member: zipfile.ZipInfo) -> memoryview:
    """Return the bytes of a member, which are what its checksum says."""
    content = archive.stored(member)
    if content is None:
        return archive.unpacked(member)
    archive.check_sum(member, content)
    return content


def read_h5(path: Path) -> FileContents:
    """Return what an ``.h5`` file of ``model.save`` holds.

    Raises:
        FileError: as :func:`read_keras`, or it holds weights without their model.
    """
    wrong = partial(damaged, path)
    file = Hdf5(mapped(path), wrong)
    texts = file.texts(file.root)
    if "model_config" not in texts:
        top = {names[0] for names, _ in file.walk()}
        if top & {"layers", "_layer_checkpoint_dependencies", "vars", "top_level_model_weights"}:
            raise wrong("holds the weights of a Keras model without the model; save both:", _WHOLE)
        raise wrong("is an HDF5 file without a Keras model; save the model:", _WHOLE)
    model = model_of(json_object(path, texts.pop("model_config").encode("utf-8", "replace"), "its config"), wrong)
    return _contents(path, model, texts, _of_h5(file, model))


def _contents(
    path: Path, model: Model, metadata: dict[str, Any], weights: dict[str, dict[str, Stored]]
) -> FileContents:
    """Return a model with the weights of its layers; these go by the layer's name."""
    texts = {name: value for name, value in metadata.items() if isinstance(value, str) and name != "training_config"}
    return FileContents(
        path=visible(str(path)),
        format="Keras",
        tensors=Tensors(
            {f"{layer.name}/{role}": value for layer in model.layers for role, value in weights[layer.name].items()}
        ),
        metadata=texts,
        layers=tuple(_recurrent(layer, weights[layer.name]) for layer in model.layers if _is_recurrent(layer)),
        graph=Graph(
            tuple(
                Operation(
                    layer.kind, layer.name, layer.inputs, (layer.name,), layer.config, Tensors(weights[layer.name])
                )
                for layer in model.layers
            ),
            model.inputs,
            model.outputs,
        ),
    )


def _is_recurrent(layer: Layer) -> bool:
    """Tell whether a layer is recurrent by itself or in both directions."""
    return layer.kind in RECURRENT or (layer.kind == "Bidirectional" and layer.inner in RECURRENT)


def _recurrent(layer: Layer, weights: dict[str, Stored]) -> RecurrentLayer:
    """Return what a recurrent layer says about itself."""
    wrapper = "" if layer.kind in RECURRENT else layer.kind
    kind = RECURRENT[layer.inner]
    return RecurrentLayer(kind, layer.name, Tensors(weights), layer.config, layer.inputs, (layer.name,), wrapper)


def _of_archive(file: Hdf5, model: Model) -> dict[str, dict[str, Stored]]:
    """Return the weights of each layer of an archive by their roles."""
    groups: dict[str, Arrays] = {}
    names_by_group: dict[str, str] = {}
    for names, address in file.walk():
        if names[0] in ("layers", "_layer_checkpoint_dependencies"):
            if names[2:] == ("vars",):
                names_by_group[names[1]] = file.texts(address).get("name", "")
            if (array := file.array(address, shown("/".join(names)))) and len(names) > 2:
                groups.setdefault(names[1], {})[names[2:]] = array
    counts: dict[str, int] = {}
    arrays = {}
    kinds = {layer.name: layer for layer in model.layers}
    for kind, name in model.listed:
        base = _snake(kind)
        number = counts[base] = counts.get(base, -1) + 1
        group = f"{base}_{number}" if number else base
        if names_by_group.get(group, "") not in ("", name):
            raise file.wrong(
                f"the weights of the layer {shown(name)} say that they belong to {shown(names_by_group[group])}"
            )
        arrays[name] = {_role(kinds[name].inner, names): array for names, array in groups.get(group, {}).items()}
    return arrays


def _role(kind: str, names: tuple[str, ...]) -> str:
    """Return what a numbered array of an archive is to a layer of class ``kind``; if unknown, how it stands there."""
    roles = _ROLES.get(kind, ())
    if len(names) > 1 and names[-2] == "vars" and names[-1].isascii() and names[-1].isdigit():
        number = int(names[-1][:4])
        within = [name for name in names[:-2] if name not in ("cell", "layer")]
        if number < len(roles) and all(name in _SIDES for name in within):
            return "".join(_SIDES[name] for name in within) + roles[number]
    return "/".join(names)


def _of_h5(file: Hdf5, model: Model) -> dict[str, dict[str, Stored]]:
    """Return the weights of each layer of an ``.h5`` file by their roles."""
    arrays: dict[str, dict[str, Stored]] = {layer.name: {} for layer in model.layers}
    kinds = {layer.name: layer for layer in model.layers}
    for names, address in file.walk():
        layer = kinds.get(names[1]) if len(names) > 2 and names[0] == "model_weights" else None
        array = file.array(address, shown("/".join(names))) if layer else None
        if layer and array:
            role = _side(layer, names[2:-1]) + names[-1].partition(":")[0]
            if role in arrays[layer.name]:
                if layer.inner in _ROLES:
                    raise file.wrong(f"the layer {shown(layer.name)} has two arrays {shown(role)}; which one is used?")
                role = "/".join(names[2:])
            arrays[layer.name][role] = array
    return arrays


def _side(layer: Layer, names: tuple[str, ...]) -> str:
    """Return the direction of an array within a Bidirectional, from the names that lead to it."""
    if layer.kind != "Bidirectional":
        return ""
    for side, key in (("forward", "layer"), ("backward", "backward_layer")):
        inner = layer.config.get(key)
        config = inner.get("config") if isinstance(inner, dict) else None
        own = config.get("name") if isinstance(config, dict) else None
        if any(name.startswith(f"{side}_") or name == own for name in names):
            return f"{side}/"
    return ""


def _snake(kind: str) -> str:
    """Return a class in the way that Keras names groups: ``SimpleRNN`` becomes ``simple_rnn``."""
    plain = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", plain).lower()
