"""Modules that PyTorch has quantized: their packed weights under the original names.

``torch.ao.quantization.quantize_dynamic`` puts the weights of a layer into objects of the names ``_packed_params`` (of
``nn.Linear``), ``_packed_weight_ih`` (of the cells) and ``_all_weight_values`` (of ``nn.LSTM`` and ``nn.GRU``, one for
each direction of each layer, in the order of ``weight_ih_l0``, ``weight_ih_l0_reverse``, ``weight_ih_l1``).

Source of the layouts: ``torch/ao/nn/quantized/dynamic/modules/rnn.py``, ``aten/src/ATen/native/quantized/cpu``
(https://github.com/pytorch/pytorch).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.pickles import Placeholder

PACKED = "torch.ScriptObject"
_LINEAR, _CELL = "LinearPackedParamsBase", "CellParamsBase"
_OF_CELL = re.compile(r"(?P<module>.*?)_all_weight_values\.(?P<place>\d+)\.param\.(?P<role>(?:weight|bias)_[ih]h)")
_OF_STEP = re.compile(r"(?P<module>.*?)_packed_weight_(?P<gate>[ih]h)\.(?P<role>weight|bias)")
_OF_LINEAR = re.compile(r"(?P<module>.*?)_packed_params\.(?:_packed_params\.(?P<place>[01])|(?P<role>weight|bias))")


def packed_parts(thing: Placeholder) -> Iterator[tuple[str, Any]]:
    """Yield what a packed object holds by name: ``weight_ih`` and the others of a cell, ``weight`` and ``bias``."""
    state, kind = thing.state if isinstance(thing.state, tuple) and len(thing.state) == 2 else ((), "")
    if not isinstance(state, tuple) or not isinstance(kind, str):
        return
    if kind.endswith(_LINEAR):
        yield from zip(("weight", "bias"), state, strict=False)
    elif kind.endswith(_CELL) and len(state) > 4 and isinstance(state[4], list):
        for gate, packed in zip(("ih", "hh"), state[4], strict=False):
            if isinstance(packed, Placeholder) and packed.maker == PACKED:
                yield from ((f"{role}_{gate}", part) for role, part in packed_parts(packed))


def unpacked_names(tensors: Mapping[str, Stored]) -> dict[str, str]:
    """Return the names that tensors had before they were packed, by those that they have.

    A layer whose sizes leave open whether its two cells are two layers or two directions keeps its names.
    """
    names: dict[str, str] = {}
    cells: dict[str, dict[int, dict[str, str]]] = {}
    for name in tensors:
        if found := _OF_CELL.fullmatch(name):
            cells.setdefault(found["module"], {}).setdefault(int(found["place"]), {})[found["role"]] = name
        elif found := _OF_STEP.fullmatch(name):
            names[name] = f"{found['module']}{found['role']}_{found['gate']}"
        elif found := _OF_LINEAR.fullmatch(name):
            names[name] = f"{found['module']}{found['role'] or ('weight', 'bias')[int(found['place'])]}"
    for module, roles in cells.items():
        directions = _directions(tensors, roles)
        for place, parts in roles.items() if directions else ():
            layer, way = divmod(place, directions)
            ending = f"_l{layer}{'_reverse' if way else ''}"
            names |= {name: f"{module}{role}{ending}" for role, name in parts.items()}
    return names


def _directions(tensors: Mapping[str, Stored], roles: Mapping[int, Mapping[str, str]]) -> int:
    """Return the directions of a layer by what its cells read: 1, 2, or 0 where that could be either."""
    if not all({"weight_ih", "weight_hh"} <= parts.keys() for parts in roles.values()):
        return 0
    count, first = len(roles), tensors[roles[min(roles)]["weight_ih"]].shape
    if sorted(roles) != list(range(count)) or count == 1:
        return int(count == 1)
    reads = [tensors[roles[place]["weight_ih"]].shape[-1] for place in range(count)]
    units = tensors[roles[0]["weight_hh"]].shape[-1]
    one = all(read == units for read in reads[1:])
    two = count % 2 == 0 and reads[1] == first[-1] and all(read == 2 * units for read in reads[2:])
    return 0 if one == two else 1 if one else 2
