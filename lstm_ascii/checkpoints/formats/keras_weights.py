"""Weights of a Keras model without the model: ``model.save_weights``, or models of custom classes.

No layer says what it does; there are only arrays, in groups that are named after layers and their parts. They get the
names by which Keras' own arrays are known, ``lstm/kernel``, and are read as those of any other file without a model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lstm_ascii.checkpoints.formats.contents import FileContents, Stored, Tensors
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.hdf5 import Hdf5
from lstm_ascii.checkpoints.formats.keras_cells import PARTS, converted, older_role
from lstm_ascii.checkpoints.formats.keras_config import Wrong
from lstm_ascii.language.text import visible

ALONE = "Keras weights"  # the format's name
ASSUMED = (
    "weights without their model: read from the first step to the last, with tanh and {gate}, as Keras has it where "
    "nothing else is said"
)
PICTURES = "ConvLSTM"  # what has recurrent kernels of more than two dimensions
HARD_SIGMOID = re.compile(r"[01]\.|2\.[0-2]\.\d+$")  # versions whose gates have it where nothing else is said
_PATHS = frozenset({"layers", "_layer_checkpoint_dependencies", "cell", "cells", "layer"})
_WAYS = {"forward_layer": "forward", "backward_layer": "backward"}
_CELL = re.compile(r"(?:lstm|gru|simple_rnn)_cell(?:_\d+)?")
_TABLE = re.compile(r"emb|token|lookup", re.IGNORECASE)
_RECURRENT = frozenset({"recurrent_kernel", "U", "U_i", "U_z"})
_TRAINING = frozenset({"optimizer", "optimizer_weights", "top_level_model_weights"})

Groups = dict[str, dict[str, Stored]]  # arrays by module and role


def weights_alone(path: Path, file: Hdf5, metadata: Mapping[str, str], wrong: Wrong) -> FileContents | None:
    """Return the weights in a file by the names of today's Keras; ``None`` where they are none of Keras'.

    Raises:
        FileError: the gates of a layer of Keras 1 don't fit each other.
    """
    groups, cells, known = _groups(file)
    if not known:
        return None
    hard = bool(HARD_SIGMOID.match(metadata.get("keras_version", "")))
    tensors: dict[str, Stored] = {}
    unread: dict[str, None] = {}
    for module, arrays in groups.items():
        kind = "LSTM" if "W_i" in arrays else "GRU" if "W_z" in arrays else ""
        made, of = converted(wrong, shown(module), kind, arrays)
        hard = hard or bool(of)
        tensors |= {f"{module}/{role}": array for role, array in made.items()}
        if any(role in _RECURRENT and len(array.shape) > 2 for role, array in arrays.items()):
            unread[f"{PICTURES} ({shown(module)})"] = None
        if module in cells and not _RECURRENT & set(arrays):
            unread[f"{shown(module)} (a cell of {len(arrays)} arrays)"] = None
    gate = "hard_sigmoid" if hard else "sigmoid"
    return FileContents(
        path=visible(str(path)),
        format=ALONE,
        tensors=Tensors(tensors),
        metadata={**metadata, "recurrent_activation": gate},
        notes=(ASSUMED.format(gate=gate),),
        unread=tuple(unread),
    )


def _groups(file: Hdf5) -> tuple[Groups, set[str], bool]:
    """Return all arrays by the layer's name and by their roles; which are cells; and whether Keras wrote them."""
    found: dict[tuple[str, ...], dict[str, Stored]] = {}
    named: dict[tuple[str, ...], str] = {}
    known = False
    for names, address in file.walk():
        if names[0] in _TRAINING or "optimizer" in names[:2]:
            continue
        if names[-1] == "vars":
            named[names[:-1]] = file.texts(address).get("name", "")
            known = True
        if array := file.array(address, shown("/".join(names))):
            found.setdefault(names[:-1], {})[names[-1]] = array
    groups: Groups = {}
    cells = set[str]()
    for place, arrays in found.items():
        numbered = place[-1:] == ("vars",)
        module = _module(place[:-1] if numbered else place)
        roles = _numbered(place[:-1], arrays, named) if numbered else _lettered(place, arrays)
        if numbered and {"cell", "cells"} & set(place):
            cells.add(module)
        known = known or bool(_RECURRENT & set(roles))
        into = groups.setdefault(module, {})
        for role, array in roles.items():
            into[role if role not in into else f"{role}~"] = array
    return groups, cells, known


def _module(place: tuple[str, ...]) -> str:
    """Return the name of a layer from where its arrays are, without the groups that say nothing."""
    names: list[str] = []
    for name in place:
        short = _WAYS.get(name, name)
        if name not in _PATHS and short not in names[-1:]:
            names.append(short)
    while len(names) > 1 and _CELL.fullmatch(names[-1]) and "cells" not in place and "stacked_rnn_cells" not in place:
        names.pop()
    return "/".join(names) or "model"


def _numbered(
    place: tuple[str, ...], arrays: Mapping[str, Stored], named: Mapping[tuple[str, ...], str]
) -> dict[str, Stored]:
    """Return numbered arrays by what they are: those of a cell in Keras' own order, others by their shapes."""
    ordered = [arrays[name] for name in sorted(arrays, key=lambda name: (len(name), name))]
    shapes = [len(array.shape) for array in ordered]
    if ("cell" in place or "cells" in place) and len(ordered) in (2, 3):
        return dict(zip(PARTS, ordered, strict=False))
    if shapes == [2]:
        table = any(map(_TABLE.search, (*place[-1:], named.get(place, ""))))
        return {"embeddings" if table else "kernel": ordered[0]}
    if shapes == [2, 1] and ordered[0].shape[1:] == ordered[1].shape:
        return {"kernel": ordered[0], "bias": ordered[1]}
    return {f"vars/{name}": array for name, array in arrays.items()}


def _lettered(place: tuple[str, ...], arrays: Mapping[str, Stored]) -> dict[str, Stored]:
    """Return arrays that have names by their roles, those of Keras 1 by today's."""
    return {
        older_role(place, leaf, "Embedding" if place and _TABLE.search(place[-1]) else ""): array
        for leaf, array in ((name.partition(":")[0], array) for name, array in arrays.items())
    }
