"""Unused tensors that look like layers between the words and the prediction.

A file of bare tensors says what there is, not what is done with it. A normalisation, an attention or a linear layer
between the parts that were found changes every figure; where one may be, the network is not read as if it weren't.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lstm_ascii.checkpoints.choosing import NONE, lies_on_its_side, same_rows
from lstm_ascii.checkpoints.formats.contents import FileContents, Stored
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import Hints, Matrix, NetworkParts, Stack
from lstm_ascii.errors import FileError, argument
from lstm_ascii.language.typed import option

MOST_NAMED = 4
LONG = 5  # letters of a name that is in another one by no accident
_WITH_GRAPH = ("ONNX", "Keras")
# what says by its name that it is a layer, whatever its sizes
_LAYER = re.compile(r"attn|attention|norm|highway|conv|adapter|posi|wpe", re.IGNORECASE)
# what training keeps beside the weights
_KEPT = re.compile(r"optim|exp_avg|momentum|adam|num_batches_tracked", re.IGNORECASE)


def in_the_way(contents: FileContents, parts: NetworkParts) -> list[str]:
    """Return the unused tensors that may do something between the parts of the network.

    Such a tensor has a row for each value that the layers read or give: it makes vectors that can go on from there
    (a normalisation, a linear layer, an attention). A head beside the decoder makes others, and what training keeps is
    known by its name; a copy of a tensor that is used does nothing. Without embedding and decoder there is no way.
    """
    answers = parts.decoder_weight is not None or parts.head is not None
    if contents.format in _WITH_GRAPH or parts.stack is None or not (parts.embedding or answers):
        return []
    tensors = contents.tensors.stored
    widths = {parts.stack.input_size, *_between_modules(parts.stack)}
    if answers:  # else nothing after the last layer is looked at
        widths.add(parts.stack.output_size)
    if parts.head is not None:
        widths.update(len(layer.weight) for layer in parts.head.answer.layers[:-1])
    gates = {layer.direction.cell.bias_ih.size for layer in parts.stack.directions}
    unclaimed = [name for name in tensors if name not in parts.used and name not in parts.other]
    makes = [name for name in unclaimed if _makes(name, tensors, widths) or _scales(name, tensors, gates)]
    return [name for name in makes if not _KEPT.search(name) and not _is_copy(contents, parts, name)]


def _between_modules(stack: Stack) -> set[int]:
    """Return the widths of what goes from layer to layer, where these are modules of their own."""
    if len({name.rpartition(".")[0] for name in stack.tensors}) == 1:
        return set()  # nothing fits between the layers of one module
    return {layer[0].direction.cell.input_size for layer in stack.layers[1:]}


def _makes(name: str, tensors: Mapping[str, Stored], widths: set[int]) -> bool:
    """Tell whether a tensor makes vectors of such a width."""
    tensor = tensors[name]
    if not tensor.shape or "float" not in tensor.dtype:
        return False
    on_its_side = lies_on_its_side(name, tensors)
    rows = tensor.shape[-1] if on_its_side or (len(tensor.shape) > 2 and tensor.shape[0] == 1) else tensor.shape[0]
    return rows in widths or bool(_LAYER.search(name) and widths & set(tensor.shape))


def _scales(name: str, tensors: Mapping[str, Stored], gates: set[int]) -> bool:
    """Tell whether a vector has a number for each row of the gates, as a normalisation within the cell has.

    The bias of a matrix, which stands beside it, is none.
    """
    beside = tensors.get(f"{name.rpartition('.')[0]}.weight", tensors[name])
    return len(tensors[name].shape) == len(beside.shape) == 1 and tensors[name].shape[0] in gates


def _is_copy(contents: FileContents, network_parts: NetworkParts, name: str) -> bool:
    """Tell whether a tensor belongs to one that is used: it has its name and shape, or its numbers.

    What training keeps of a tensor has its name in it; of a short one only with a letter ahead, as ``mWhh``.
    """
    tensors = contents.tensors.stored
    shape = tensors[name].shape
    same = [other for other in network_parts.used if other in tensors and tensors[other].shape == shape]
    if any(name[1:] == other or (len(other) >= LONG and other in name) for other in same):
        return True
    parts: tuple[Matrix | None, ...] = (network_parts.embedding, network_parts.decoder_weight)
    return any(
        part is not None and part.value.shape == shape and same_rows(part.value, contents.tensors[name])
        for part in parts
    )


def with_sure_head(contents: FileContents, parts: NetworkParts, hints: Hints) -> NetworkParts:
    """Return the parts without a head that something may stand before, or within; it is said in the notes.

    The layers are shown all the same: what is behind them changes nothing in them.
    """
    if parts.head is None:
        return parts
    alone = replace(parts, head=None)
    others = {*in_the_way(contents, alone), *parts.head.used}
    names = [
        name
        for name in in_the_way(contents, parts)
        if name not in others and not (hints.ignored and name.startswith(hints.ignored))
    ]
    if not names:
        return parts
    ignore = " ".join(dict.fromkeys(f"--map ignore={shown(name.rpartition('.')[0] or name)}" for name in names))
    note = f"no answer: {_listed(contents, names)} may stand on the way to it; {ignore} leaves it out"
    return replace(alone, notes=(*parts.notes, note))


def check_ignored(contents: FileContents, parts: NetworkParts, hints: Hints) -> None:
    """Refuse a name to leave out that no tensor has.

    Raises:
        FileError: none of the tensors that nothing was made of begins so.
    """
    for prefix in hints.ignored:
        if not any(name.startswith(prefix) and name not in parts.used for name in contents.tensors):
            raise FileError(
                f"{contents.path}: {argument('roles')} ignore={shown(prefix)}: "
                "no unused tensor has a name that begins so"
            )


def check_the_way(contents: FileContents, parts: NetworkParts, hints: Hints) -> None:
    """Refuse a network of which something may be missing, unless the reader says to leave that out.

    Raises:
        FileError: there are such tensors.
    """
    names = [name for name in in_the_way(contents, parts) if not name.startswith(hints.ignored)]
    if not names or hints.roles.get("decoder.weight") == NONE:
        return
    modules = list(dict.fromkeys(name.rpartition(".")[0] or name for name in names))[:MOST_NAMED]
    ignore = " ".join(option("roles", f"ignore={module}") for module in modules)
    it_does, it = ("it does", "it") if len(names) == 1 else ("they do", "them")
    no_decoder = f"; {argument('roles')} decoder.weight=none reads the recurrent layers alone"
    alone = no_decoder if parts.decoder_weight else ""
    raise FileError(
        f"{contents.path}: {_listed(contents, names)} may stand between the parts of the network, and what {it_does} "
        f"can't be told; {ignore} leaves {it} out{alone}"
    )


def unused_notes(contents: FileContents, parts: NetworkParts) -> list[str]:
    """Return, safe to print, that figures leave out what may belong to the network; empty where there is nothing."""
    names = in_the_way(contents, parts)
    if not names:
        return []
    they_do = "that does" if len(names) == 1 else "those do"
    return [f"left out {_listed(contents, names)}: figures are this network's own only if {they_do} nothing in it"]


def _listed(contents: FileContents, names: list[str]) -> str:
    """Name some tensors with their shapes."""
    some = ", ".join(
        f"{shown(name)} ({', '.join(map(str, contents.tensors.stored[name].shape))})" for name in names[:MOST_NAMED]
    )
    return some if len(names) <= MOST_NAMED else f"{some} and {len(names) - MOST_NAMED} more"
