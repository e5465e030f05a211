"""Learned start states that are tensors of their own: ``h0``, ``c0``, ``init_h``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import LayerDirection, Stack, numbers

_START = r"(?:init(?:ial)?|start|learned|learnt|trainable)"
_NAMES = {
    "h": rf"h_?(?:0|init|start)|h0s|{_START}_?(?:h|hidden|hidden_state|state)(?:_?0)?|hidden_?(?:0|init)|hx",
    "c": rf"c_?(?:0|init|start)|c0s|{_START}_?(?:c|cell|cell_state)(?:_?0)?|cell_?(?:0|init)|cx",
}
_LEAF = {letter: re.compile(rf"(?P<prefix>(?:.*[./])?)(?:{names})") for letter, names in _NAMES.items()}


def with_learned_starts(contents: FileContents, stacks: Sequence[Stack]) -> list[Stack]:
    """Return the networks of a file with the start states that stand beside them, where it is plain whose they are.

    A state has the shape ``(H,)`` for one cell, or ``(layers · directions, H)``, with axes of one place wherever.

    Raises:
        FileError: a state holds no real numbers.
    """
    found: dict[int, dict[str, str]] = {}
    for name, tensor in contents.tensors.stored.items():
        for letter, pattern in _LEAF.items():
            match = pattern.fullmatch(name)
            if match is None or "float" not in tensor.dtype:
                continue
            owners = [
                place
                for place, stack in enumerate(stacks)
                if stack.name.startswith(match["prefix"]) or match["prefix"].startswith(stack.name)
                if _fits(tensor.shape, stack, letter)
            ]
            if len(owners) == 1:
                found.setdefault(owners[0], {}).setdefault(letter, name)
    return [_started(contents, stack, found.get(place, {})) for place, stack in enumerate(stacks)]


def _width(stack: Stack, letter: str) -> int:
    """Return how many numbers a state has; 0 where the cells have no such state, or they differ."""
    widths = {way.direction.cell.state_sizes.get(letter, 0) for way in stack.directions}
    return widths.pop() if len(widths) == 1 else 0


def _fits(shape: Sequence[int], stack: Stack, letter: str) -> bool:
    """Tell whether a tensor can be a state of all cells of a network."""
    width, count = _width(stack, letter), len(stack.directions)
    sizes = [size for size in shape if size != 1]
    wanted = [size for size in (count, width) if size != 1]
    return bool(width) and not any(way.direction.start for way in stack.directions) and sizes == wanted


def _started(contents: FileContents, stack: Stack, names: dict[str, str]) -> Stack:
    """Return a network that starts at these states."""
    if not names:
        return stack
    count = len(stack.directions)
    states = {
        letter: numbers(contents.path, name, contents.tensors[name].reshape(count, _width(stack, letter)))
        for letter, name in names.items()
    }
    rows = iter(range(count))

    def begun(way: LayerDirection) -> LayerDirection:
        row = next(rows)
        start = {letter: value[row] for letter, value in states.items()}
        own = tuple(names.values()) if row == 0 else ()
        return replace(way, direction=replace(way.direction, start=start), tensors=(*way.tensors, *own))

    layers = tuple(tuple(begun(way) for way in layer) for layer in stack.layers)
    said = f"starts at {' and '.join(shown(names[letter]) for letter in sorted(names))} of the file, as learned"
    return replace(stack, layers=layers, notes=(*stack.notes, said))
