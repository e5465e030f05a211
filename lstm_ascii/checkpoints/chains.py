"""Modules of one layer each, put one above the other where their names are numbered and their sizes fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.found import FoundDirection, Stack

_NUMBERED = re.compile(r"(?P<base>.*?)[._/]?(?P<number>\d*)")


@dataclass(frozen=True, eq=False)
class Link:
    """One module that may be part of a stack: its name and its layers."""

    name: str
    layers: tuple[tuple[FoundDirection, ...], ...]


def chained(links: Iterable[Link]) -> list[Stack]:
    """Return stacks: ``rnns.0``, ``rnns.1`` or ``lstm1``, ``lstm2`` are one, where each reads what the one below gives.

    A name without a number comes before the numbered ones, as Keras has ``lstm``, ``lstm_1``.
    """
    families: dict[str, list[tuple[int, Link]]] = {}
    for link in links:
        found = _NUMBERED.fullmatch(link.name)
        base, number = (found["base"], found["number"]) if found else (link.name, "")
        families.setdefault(base, []).append((int(number) if number else -1, link))
    stacks = []
    for base, members in families.items():
        members.sort(key=lambda member: member[0])
        alone = [Stack(link.name, link.layers) for _, link in members]
        if len(alone) == 1 or not _fit(alone):
            stacks += alone
            continue
        notes = []
        if any("." not in link.name for _, link in members):  # a list of modules needs no word
            notes = [f"{', '.join(shown(stack.name) for stack in alone)} taken as layers one above the other"]
        stacks.append(Stack(base, tuple(layer for stack in alone for layer in stack.layers), tuple(notes)))
    return stacks


def _fit(stacks: list[Stack]) -> bool:
    """Tell whether each reads as many values as the one below gives."""
    return all(upper.input_size == lower.output_size for lower, upper in pairwise(stacks))
