"""Finding the tensors in a saved object: in nested dictionaries, in lists, in modules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from lstm_ascii.checkpoints.formats.pickled_arrays import is_array
from lstm_ascii.checkpoints.formats.pickles import PickleError, Placeholder
from lstm_ascii.checkpoints.formats.torch_packed import PACKED, packed_parts
from lstm_ascii.records import dataclass

DEEPEST = 60  # levels of objects in objects
MOST_OBJECTS = 300_000
_OF_MODULES = ("_parameters", "_buffers", "_modules")
_REPEATED = "_flat_weights"  # of recurrent modules: their parameters once more
_OPTIMIZER = {"state", "param_groups"}
_PASSED_ON = ("torch.jit._pickle.restore_type_tag",)
_LISTS = "torch.jit._pickle.build_"

Path = tuple[str, ...]


@dataclass
class Found:
    """What is in a saved object.

    Attributes:
        tensors: by name, as the pickle describes them.
        activations: ``relu`` or ``tanh`` of modules that say it, by the module's name.
        optimizers: how many states of optimizers were left out.
        makers: what else the pickle would call.
    """

    tensors: dict[str, Placeholder] = field(default_factory=dict)
    activations: dict[str, str] = field(default_factory=dict)
    optimizers: int = 0
    makers: set[str] = field(default_factory=set)


def tensors_within(root: Any) -> Found:
    """Return the tensors of a saved object by their names: keys and attributes, joined by dots.

    Dictionaries around the only one that holds tensors give no part of a name.

    Raises:
        PickleError: there are too many objects in it.
    """
    walk = _Walk()
    leaves = list(walk.leaves(root, ()))
    outer = 0
    while leaves and isinstance(root, dict) and len({path[outer] for path, _ in leaves}) == 1:
        inner = next(value for key, value in root.items() if str(key) == leaves[0][0][outer])
        if is_array(inner) or getattr(inner, "maker", "") == PACKED:
            break
        root, outer = inner, outer + 1
    for path, leaf in leaves:
        name, number = ".".join(path[outer:]), 2
        while name in walk.found.tensors:
            name, number = f"{'.'.join(path[outer:])}~{number}", number + 1
        walk.found.tensors[name] = leaf
    walk.found.activations = {".".join(path[outer:]): name for path, name in walk.activations}
    return walk.found


class _Walk:
    """One way through a saved object."""

    def __init__(self) -> None:
        self.found = Found()
        self.activations: list[tuple[Path, str]] = []
        self._seen = 0
        self._above: set[int] = set()

    def leaves(self, value: Any, path: Path) -> Iterator[tuple[Path, Placeholder]]:
        """Yield every tensor below a value, with the way to it; a value within itself is not entered again."""
        self._seen += 1
        if self._seen > MOST_OBJECTS:
            raise PickleError(f"has more than {MOST_OBJECTS:,} objects")
        if is_array(value):
            yield path or ("tensor",), value
            return
        if not isinstance(value, dict | list | tuple | Placeholder) or id(value) in self._above or len(path) > DEEPEST:
            return
        self._above.add(id(value))
        for name, part in self._parts(value, path):
            yield from self.leaves(part, (*path, name))
        self._above.discard(id(value))

    def _parts(self, value: Any, path: Path) -> Iterator[tuple[str, Any]]:
        """Yield what is in a value by name."""
        if isinstance(value, list | tuple):
            yield from ((str(place), part) for place, part in enumerate(value))
        elif isinstance(value, dict):
            yield from self._entries(value)
        else:
            yield from self._within(value, path)

    def _within(self, thing: Placeholder, path: Path) -> Iterator[tuple[str, Any]]:
        """Yield what is in an object that is no dictionary."""
        if thing.maker in _PASSED_ON or thing.maker.startswith(_LISTS):
            inner = thing.arguments[0] if thing.arguments else ()
            if isinstance(inner, dict | list | tuple | Placeholder) and not is_array(inner):
                yield from self._parts(inner, path)
            return
        self.found.makers.add(thing.maker)
        if thing.maker == PACKED:
            yield from packed_parts(thing)
            return
        state = thing.state
        if isinstance(state, tuple) and len(state) == 2:  # attributes in a dictionary, others in slots
            state = {**(state[0] or {}), **(state[1] or {})} if all(isinstance(s, dict | None) for s in state) else None
        if isinstance(state, dict) and all(isinstance(state.get(name), dict) for name in _OF_MODULES):
            if state.get("nonlinearity") in ("relu", "tanh"):
                self.activations.append((path, state["nonlinearity"]))
            for name in _OF_MODULES:
                yield from self._entries(state[name])
            packed = {name: part for name, part in state.items() if getattr(part, "maker", "") == PACKED}
            yield from self._entries(packed)
        elif isinstance(state, dict):
            yield from self._entries(state)
        yield from self._entries(thing.entries)
        yield from ((str(place), part) for place, part in enumerate(thing.items))

    def _entries(self, entries: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the entries of a dictionary that may hold tensors."""
        if entries.keys() >= _OPTIMIZER:
            self.found.optimizers += 1
            return
        for key, value in entries.items():
            if isinstance(key, str | int) and not str(key).startswith(_REPEATED):
                yield str(key), value
