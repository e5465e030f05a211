"""Models of Keras, as data: ``.keras`` archives and the older ``.h5`` files. No code of Keras is needed or run.

In an archive the weights of a layer are numbered and stand under its class (``lstm``, ``lstm_1``, in the order of the
layers); in an ``.h5`` they stand under the layer's name and have names themselves. The optimiser's are left out.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

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
from lstm_ascii.checkpoints.formats.keras_cells import (
    CUDNN,
    KINDS,
    PARTS,
    UNREAD,
    converted,
    inner_layer,
    modern,
    older_role,
)
from lstm_ascii.checkpoints.formats.keras_config import MODELS, Wrong, foreign
from lstm_ascii.checkpoints.formats.keras_model import CONTAINER, Layer, Model, model_of
from lstm_ascii.checkpoints.formats.keras_weights import weights_alone
from lstm_ascii.checkpoints.formats.zip_files import LARGEST_RATIO, LARGEST_UNPACKED, Archive
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible

LONGEST_METADATA = 1_000_000  # bytes; Keras writes a hundred
LARGEST_JSON = 50_000_000  # bytes of a model beside its weights
WEIGHTS = "model.weights.h5"
CONTAINERS = (CONTAINER, "_layer_checkpoint_dependencies")  # the second of TensorFlow's Keras
_ROLES = {"Embedding": ("embeddings",), "Dense": ("kernel", "bias")} | dict.fromkeys(KINDS, PARTS)
_WHOLE = ('model.save("model.keras")',)
_SIDES = {"forward_layer": "forward/", "backward_layer": "backward/"}
_WAYS = (("layer", "forward/"), ("backward_layer", "backward/"))

Weights = dict[str, dict[str, Stored]]  # of layers, by their roles


def read_keras(path: Path) -> FileContents:
    """Return what a ``.keras`` archive holds.

    Raises:
        FileError: it can't be opened, is damaged, or has code or links of its own.
    """
    wrong = partial(damaged, path)
    archive = Archive(path)
    members = archive.members
    config = json_object(path, _whole(archive, members["config.json"]), "config.json")
    metadata = {}
    if "metadata.json" in members:
        metadata = json_object(path, _whole(archive, members["metadata.json"]), "metadata.json", LONGEST_METADATA)
    packed = archive.stored(members[WEIGHTS]) is None
    room = None  # of packed weights, what their chunks take comes on top
    if packed:
        room = max(LARGEST_UNPACKED, LARGEST_RATIO * size_of(path)) - members[WEIGHTS].file_size
    file = Hdf5(_whole(archive, members[WEIGHTS]), wrong, room)
    contents = _of_class(path, file, config, metadata, wrong)
    if contents is None:
        model = model_of(config, wrong)
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
        if (contents := _with_model_beside(path, file, texts, wrong)) is not None:
            return contents
        alone = weights_alone(path, file, texts, wrong)
        if alone is None:
            raise wrong("is an HDF5 file without a Keras model; save the model:", _WHOLE)
        return alone
    config = json_object(path, texts.pop("model_config").encode("utf-8", "replace"), "its config")
    if (contents := _of_class(path, file, config, texts, wrong)) is not None:
        return contents
    model = model_of(config, wrong)
    return _contents(path, model, texts, _of_h5(file, model))


def _with_model_beside(path: Path, file: Hdf5, texts: Mapping[str, str], wrong: Wrong) -> FileContents | None:
    """Return weights with their model, where ``model.to_json()`` lies beside them under the same name.

    ``None`` where no such file lies there, or one that is no model of these weights.
    """
    beside = path.with_name(path.name.removesuffix(".h5").removesuffix(".hdf5").removesuffix(".weights") + ".json")
    if not beside.is_file() or beside.stat().st_size > LARGEST_JSON:
        return None
    numbered = any(names[-1] == "vars" for names, _ in file.walk())
    try:
        config = json_object(beside, beside.read_bytes(), "its config")
        if config.get("class_name") not in MODELS or foreign({**config, "config": {}}):
            return None
        model = model_of(config, wrong)
        weights = _of_archive(file, model) if numbered else _of_h5(file, model, root=())
        version = config.get("keras_version")
        told = {"keras_version": version} if isinstance(version, str) else {}
        contents = _contents(path, model, {**told, **texts}, weights)
    except (FileError, OSError):
        return None
    if not contents.layers or not all(layer.tensors for layer in contents.layers):
        return None
    return replace(contents, notes=(f"its model was read from {visible(beside.name)}, beside it", *contents.notes))


def _of_class(
    path: Path, file: Hdf5, config: dict[str, Any], metadata: Mapping[str, Any], wrong: Wrong
) -> FileContents | None:
    """Return the weights of a model that only its own code can build; ``None`` where it is made of layers."""
    kind = config.get("class_name")
    if not isinstance(kind, str) or (kind in MODELS and not foreign({**config, "config": {}})):
        return None
    texts = {name: value for name, value in metadata.items() if isinstance(value, str) and name != "training_config"}
    contents = weights_alone(path, file, texts, wrong)
    note = f"the model is of class {shown(kind)}, whose code is not run: what it does with its layers is not known"
    return None if contents is None else replace(contents, notes=(note, *contents.notes))


def _contents(path: Path, model: Model, metadata: dict[str, Any], weights: Weights) -> FileContents:
    """Return a model with the weights of its layers; these go by the layer's name.

    Raises:
        FileError: what might be recurrent is code of somebody's own, and nothing else is; or weights don't fit.
    """
    wrong = partial(damaged, path)
    texts = {name: value for name, value in metadata.items() if isinstance(value, str) and name != "training_config"}
    layers: list[RecurrentLayer] = []
    origins: dict[str, frozenset[str]] = {}
    for layer in model.layers:
        if _is_recurrent(layer):
            recurrent, made_of = _recurrent(wrong, layer, weights[layer.shared or layer.name])
            layers.append(recurrent)
            origins |= made_of
    if not layers and model.foreign:
        raise wrong(model.foreign[0])
    return FileContents(
        path=visible(str(path)),
        format="Keras",
        tensors=Tensors({f"{name}/{role}": value for name, part in weights.items() for role, value in part.items()}),
        metadata=texts,
        layers=tuple(layers),
        graph=Graph(
            tuple(
                Operation(
                    layer.kind,
                    layer.name,
                    layer.inputs,
                    (layer.name,),
                    layer.config,
                    Tensors(weights[layer.shared or layer.name]),
                    layer.shared,
                )
                for layer in model.layers
            ),
            model.inputs,
            model.outputs,
        ),
        origins=origins,
        unread=tuple(dict.fromkeys(filter(None, map(_unread, model.layers)))),
    )


def _is_recurrent(layer: Layer) -> bool:
    """Tell whether a layer is recurrent by itself or in both directions, and can be read."""
    return layer.kind in KINDS or (layer.kind == "Bidirectional" and layer.inner in KINDS)


def _unread(layer: Layer) -> str:
    """Return the class of a recurrent layer that can't be read; empty for others."""
    if _is_recurrent(layer):
        return ""
    cell = layer.config.get("cell")
    within = f" of {cell.get('class_name')}" if isinstance(cell, dict) else ""
    if UNREAD.fullmatch(layer.kind):
        return shown(layer.kind + within)
    return shown(f"{layer.kind} of {layer.inner}") if UNREAD.fullmatch(layer.inner) or layer.inner in KINDS else ""


def _recurrent(
    wrong: Wrong, layer: Layer, weights: Mapping[str, Stored]
) -> tuple[RecurrentLayer, dict[str, frozenset[str]]]:
    """Return what a recurrent layer says about itself, and what arrays of it were made of."""
    where = f"{layer.kind} {shown(layer.name)}"
    name, kind, wrapper = layer.shared or layer.name, KINDS[layer.inner], ""
    if layer.kind in KINDS:
        settings = modern(layer.kind, layer.config)
        made, parts = converted(wrong, where, kind, weights, layer.kind if layer.kind in CUDNN else "")
    else:
        wrapper, settings, made, parts = layer.kind, dict(layer.config), {}, {}
        for key, side in _WAYS:
            arrays = {role.removeprefix(side): value for role, value in weights.items() if role.startswith(side)}
            inner, config = inner_layer(layer.config.get(key))
            first = inner or layer.inner
            one, of = converted(wrong, where, kind, arrays, first if first in CUDNN else "")
            made |= {side + role: value for role, value in one.items()}
            parts |= {side + role: tuple(side + part for part in roles) for role, roles in of.items()}
            if inner:
                settings[key] = {"class_name": inner, "config": modern(inner, config)}
    origins = {f"{name}/{role}": frozenset(f"{name}/{part}" for part in roles) for role, roles in parts.items()}
    stack = RecurrentLayer(
        kind, layer.name, Tensors(made), settings, layer.inputs, (layer.name,), wrapper, layer.shared
    )
    return stack, origins


def _with_weights(model: Model) -> dict[str, Layer]:
    """Return the layers that weights may belong to: each once, however often it is used."""
    return {layer.name: layer for layer in model.layers if not layer.shared}


def _of_archive(file: Hdf5, model: Model) -> Weights:
    """Return the weights of each layer of an archive by their roles."""
    layers = _with_weights(model)
    groups = {layer.group: layer for layer in layers.values()}
    arrays: Weights = {name: {} for name in layers}
    for names, address in file.walk():
        place = tuple(CONTAINER if name in CONTAINERS else name for name in names)
        if place[0] != CONTAINER:
            continue
        if place[-1] == "vars" and (layer := groups.get(place[:-1])) is not None:
            own = file.texts(address).get("name", "")
            if own not in ("", layer.within[-1]):
                name = shown(layer.within[-1])
                raise file.wrong(f"the weights of the layer {name} say that they belong to {shown(own)}")
        if (array := file.array(address, shown("/".join(names)))) and len(names) > 2:
            cut = next((cut for cut in range(len(place), 0, -1) if place[:cut] in groups), 0)
            if cut:
                layer = groups[place[:cut]]
                arrays[layer.name][_role(layer.inner, place[cut:])] = array
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


def _of_h5(file: Hdf5, model: Model, root: tuple[str, ...] = ("model_weights",)) -> Weights:
    """Return the weights of each layer of an ``.h5`` file by their roles; ``root`` is the group that they are in."""
    layers = _with_weights(model)
    arrays: Weights = {name: {} for name in layers}
    tops: dict[str, list[Layer]] = {}
    for layer in layers.values():
        if layer.within:
            tops.setdefault(layer.within[0], []).append(layer)
    for path, address in file.walk():
        names = ("", *path[len(root) :])
        candidates = tops.get(names[1], []) if len(names) > 2 and path[: len(root)] == root else []
        fitting = [layer for layer in candidates if _leads_to(names[2:-1], layer.within[1:])]
        array = file.array(address, shown("/".join(path))) if fitting else None
        if array:
            layer = max(fitting, key=lambda one: len(one.within))
            leaf = names[-1].partition(":")[0]
            role = _side(layer, names[2:]) + older_role(list(_own_names(layer)), leaf, layer.inner)
            if role in arrays[layer.name]:
                if layer.inner in _ROLES:
                    raise file.wrong(f"the layer {shown(layer.name)} has two arrays {shown(role)}; which one is used?")
                role = "/".join(names[2:])
            arrays[layer.name][role] = array
    return arrays


def _leads_to(names: tuple[str, ...], within: tuple[str, ...]) -> bool:
    """Tell whether layers within a model stand in a path, in their order."""
    rest = iter(names)
    return all(any(name == own for name in rest) for own in within)


def _own_names(layer: Layer) -> Iterator[str]:
    """Yield the names that may stand before an array of a layer: its own, and those of layers within it."""
    yield layer.within[-1]
    for side, key in (("forward", "layer"), ("backward", "backward_layer")):
        own = inner_layer(layer.config.get(key))[1].get("name")
        if isinstance(own, str):
            yield own
        first = inner_layer(layer.config.get("layer"))[1].get("name")
        if isinstance(first, str):
            yield f"{side}_{first}"


def _side(layer: Layer, names: tuple[str, ...]) -> str:
    """Return the direction of an array within a Bidirectional, from the names that lead to it."""
    if layer.kind != "Bidirectional":
        return ""
    for side, key in (("forward", "layer"), ("backward", "backward_layer")):
        own = inner_layer(layer.config.get(key))[1].get("name")
        if any(name.startswith(f"{side}_") or name == own for name in names):
            return f"{side}/"
    return ""
