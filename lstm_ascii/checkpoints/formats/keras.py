"""Models of Keras, as data: ``.keras`` archives and the older ``.h5`` files. No code of Keras is needed or run.

In an archive the weights of a layer are numbered and stand under its class (``lstm``, ``lstm_1``, in the order of the
layers); in an ``.h5`` they stand under the layer's name and have names themselves. The optimiser's are left out.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

from lstm_ascii.cells import CELLS
from lstm_ascii.checkpoints.formats.contents import Contents, Graph, Operation, RecurrentLayer, Stored, Tensors
from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown
from lstm_ascii.checkpoints.formats.hdf5 import Hdf5
from lstm_ascii.checkpoints.formats.json_texts import json_object
from lstm_ascii.checkpoints.formats.keras_config import Layer, Model, model_of
from lstm_ascii.checkpoints.formats.zip_files import members_of, stored_at, unpacked
from lstm_ascii.language.text import visible

RECURRENT = {cell.keras_name: cell.name for cell in CELLS.values()}
WEIGHTS = "model.weights.h5"
_ROLES = {"Embedding": ("embeddings",), "Dense": ("kernel", "bias")} | dict.fromkeys(
    RECURRENT, ("kernel", "recurrent_kernel", "bias")
)
_SIDES = {"forward_layer": "forward/", "backward_layer": "backward/"}
_WHOLE = ('model.save("model.keras")    # the whole model, not save_weights',)

Arrays = dict[tuple[str, ...], Stored]


def read_keras(path: Path) -> Contents:
    """Return what a ``.keras`` archive holds.

    Raises:
        FileError: it can't be opened, is damaged, or has code or links of its own.
    """
    wrong = partial(damaged, path)
    members = members_of(path)
    config = json_object(path, unpacked(path, members["config.json"]), "config.json")
    metadata = {}
    if "metadata.json" in members:
        metadata = json_object(path, unpacked(path, members["metadata.json"]), "metadata.json")
    model = model_of(config, wrong)
    data = stored_at(path, members[WEIGHTS], mapped(path))
    file = Hdf5(unpacked(path, members[WEIGHTS]) if data is None else data, wrong)
    return _contents(path, model, metadata, _of_archive(file, model))


def read_h5(path: Path) -> Contents:
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


def _contents(path: Path, model: Model, metadata: dict[str, Any], weights: dict[str, dict[str, Stored]]) -> Contents:
    """Return a model with the weights of its layers; these go by the layer's name."""
    texts = {name: value for name, value in metadata.items() if isinstance(value, str) and name != "training_config"}
    return Contents(
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
    told: dict[str, str] = {}
    for names, address in file.walk():
        if names[0] in ("layers", "_layer_checkpoint_dependencies"):
            if names[2:] == ("vars",):
                told[names[1]] = file.texts(address).get("name", "")
            if (array := file.array(address, shown("/".join(names)))) and len(names) > 2:
                groups.setdefault(names[1], {})[names[2:]] = array
    used: dict[str, int] = {}
    found = {}
    kinds = {layer.name: layer for layer in model.layers}
    for kind, name in model.listed:
        base = _snake(kind)
        number = used[base] = used.get(base, -1) + 1
        group = f"{base}_{number}" if number else base
        if told.get(group, "") not in ("", name):
            raise file.wrong(f"the weights of the layer {shown(name)} say that they belong to {shown(told[group])}")
        found[name] = {_role(kinds[name].inner, names): array for names, array in groups.get(group, {}).items()}
    return found


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
    found: dict[str, dict[str, Stored]] = {layer.name: {} for layer in model.layers}
    kinds = {layer.name: layer for layer in model.layers}
    for names, address in file.walk():
        layer = kinds.get(names[1]) if len(names) > 2 and names[0] == "model_weights" else None
        array = file.array(address, shown("/".join(names))) if layer else None
        if layer and array:
            role = _side(layer, names[2:-1]) + names[-1].partition(":")[0]
            if role in found[layer.name]:
                if layer.inner in _ROLES:
                    raise file.wrong(f"the layer {shown(layer.name)} has two arrays {shown(role)}; which one is used?")
                role = "/".join(names[2:])
            found[layer.name][role] = array
    return found


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
