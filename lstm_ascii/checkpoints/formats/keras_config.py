"""The configuration of a Keras model: its layers, their connections, and custom classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.errors import FileError
from lstm_ascii.records import dataclass

MOST_LAYERS = 2_000
MODELS = ("Sequential", "Functional", "Model")
OWN_MODULES = re.compile(r"(?:keras|tf_keras|tensorflow\.(?:python\.)?keras)(?:\.|$)")
INPUT = "input"  # what goes into the first layer where no input layer is written
# settings of a layer that change what it gives; others only have a say while it is trained
_FUNCTIONS = ("activation", "recurrent_activation")
_WITHIN = ("cell", "layer", "backward_layer")
DEEPEST = 20  # layers within layers

Wrong = Callable[[str], FileError]
Reference = tuple[str, int, int]  # a layer, which of its uses, which of its outputs


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry of a model's list of layers.

    Attributes:
        kind: its class.
        name: its own.
        config: its settings; of a model, those of the whole model.
        calls: what it reads, for each of its uses.
        group: where an archive keeps its weights.
        foreign: what in it only code of somebody's own could do, in words; empty for nothing.
    """

    kind: str
    name: str
    config: dict[str, Any]
    calls: tuple[tuple[Reference, ...], ...]
    group: str
    foreign: str

    @property
    def is_model(self) -> bool:
        """Whether it holds layers of its own."""
        return self.kind in MODELS and "layers" in self.config


def entries_of(model: dict[str, Any], wrong: Wrong) -> list[Entry]:
    """Return the layers of a model in the file's order.

    Args:
        model: its class and its settings, which in Keras 1 may be the list itself.
        wrong: makes the error of the file.

    Raises:
        FileError: it has no list of layers, or a damaged one.
    """
    settings = model.get("config")
    listed = settings if isinstance(settings, list) else settings.get("layers") if isinstance(settings, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_LAYERS:
        raise wrong("damaged: its config has no list of layers")
    sequential = model.get("class_name") == "Sequential"
    counts: Counter[str] = Counter()
    entries: list[Entry] = []
    for described in listed:
        kind, name, config = _described(described, wrong)
        base = snake(kind)
        group = f"{base}_{counts[base]}" if counts[base] else base
        counts[base] += 1
        before = (entries[-1].name if entries else INPUT, 0, 0)
        calls = (() if kind == "InputLayer" else (before,),) if sequential else _calls(kind, described)
        entries.append(Entry(kind, name, config, calls, group, foreign(described)))
    if len({entry.name for entry in entries}) != len(entries):
        raise wrong("damaged: two layers have one name")
    return entries


def _described(described: Any, wrong: Wrong) -> tuple[str, str, dict[str, Any]]:
    """Return class, name and settings of an entry."""
    config = described.get("config") if isinstance(described, dict) else None
    kind = described.get("class_name") if isinstance(described, dict) else None
    if isinstance(config, list) and kind == "Sequential":  # a model of Keras 1, which has no name of its own
        config = {"layers": config}
    if not isinstance(config, dict):
        raise wrong("damaged: a layer has no config")
    name = config.get("name", described.get("name", kind))
    if not isinstance(kind, str) or not isinstance(name, str):
        raise wrong("damaged: a layer has no class or no name")
    return kind, name, config


def _calls(kind: str, described: dict[str, Any]) -> tuple[tuple[Reference, ...], ...]:
    """Return what a layer reads, for each of its uses; one that isn't used has none."""
    if kind == "InputLayer":
        return ((),)
    nodes = described.get("inbound_nodes")
    return tuple(tuple(references(node)) for node in nodes) if isinstance(nodes, list) else ()


def references(value: Any) -> list[Reference]:
    """Return what a part of a config points to: ``[name, 0, 0, ...]``, or Keras 3's tensors."""
    found: list[Reference] = []
    queue = [value]
    while queue:
        part = queue.pop()
        if isinstance(part, dict):
            queue += reversed(part.values())
        elif isinstance(part, list):
            if len(part) >= 3 and isinstance(part[0], str) and type(part[1]) is int and type(part[2]) is int:
                found.append((part[0], part[1], part[2]))
                queue += part[3:]
            else:
                queue += reversed(part)
    return found


def foreign(described: Any, depth: int = 0) -> str:
    """Say what in a layer only code of somebody's own could do; empty for nothing.

    What is a model is asked layer by layer, and what has a say only in training not at all.
    """
    if not isinstance(described, dict) or depth > DEEPEST:
        return ""
    config = described.get("config")
    settings = config if isinstance(config, dict) else {}
    reasons = [_own(part) for part in (described, *_objects([settings.get(key) for key in _FUNCTIONS]))]
    if described.get("class_name") not in MODELS:
        cells = settings.get("cells")
        inner = [settings.get(key) for key in _WITHIN] + (cells if isinstance(cells, list) else [])
        reasons += [foreign(part, depth + 1) for part in inner]
    return next(filter(None, reasons), "")


def _own(part: dict[str, Any]) -> str:
    """Say that a class or a function is not one of Keras; empty where it is."""
    kind, module, inner = part.get("class_name"), part.get("module"), part.get("config")
    name = inner.get("name") if isinstance(inner, dict) else None
    label = shown(f"{kind} {name}" if isinstance(name, str) else kind)
    if kind in ("Lambda", "__lambda__"):
        return f"{label}: a Lambda layer is code, which is never run; put a layer of Keras in its place"
    if isinstance(kind, str) and isinstance(module, str) and not OWN_MODULES.match(module):
        return f"{label} is of the module {shown(module)}; only what comes with Keras can be read"
    registered = part.get("registered_name")
    unknown = "module" in part and module is None and isinstance(registered, str)
    if isinstance(kind, str) and (unknown or ">" in str(registered or "")):
        return f"{label} is a class of somebody's own; only what comes with Keras can be read"
    return ""


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


def snake(kind: str) -> str:
    """Return a class in the way that Keras names groups: ``SimpleRNN`` becomes ``simple_rnn``."""
    plain = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", plain).lower()
