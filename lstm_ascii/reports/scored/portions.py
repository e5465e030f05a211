"""Splitting many items into portions that fit into memory, and into batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from lstm_ascii.processes import end_if_unwanted

if TYPE_CHECKING:
    from lstm_ascii.network import Network

CHARACTERS_AT_ONCE = 1 << 19  # of all that is held in memory; fewer for networks above USUAL_SIZE units
USUAL_SIZE = 64
MOST_AT_ONCE = 256  # that run side by side
NUMBERS_AT_ONCE = 1 << 19  # of one gate of all that run side by side

Item = TypeVar("Item")


def portions(
    items: Iterable[Item], size_of: Callable[[Item], int], networks: Sequence[Network]
) -> Iterator[list[Item]]:
    """Take so many items at a time that they fit into memory for the largest of the networks.

    Args:
        items: to take.
        size_of: about how many characters one has.
        networks: that are asked.
    """
    most = CHARACTERS_AT_ONCE * USUAL_SIZE // max(USUAL_SIZE, *map(units_of, networks))
    portion, size = list[Item](), 0
    for item in items:
        portion.append(item)
        size += size_of(item)
        if size >= most:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def units_of(network: Network) -> int:
    """Return how many units all its layers have together."""
    return sum(direction.cell.hidden_size for layer in network.layers for direction in layer)


def batches(
    items: Iterable[Item], key: Callable[[Item], Any], steps_of: Callable[[Item], int], units: int, equal: bool = False
) -> Iterator[list[Item]]:
    """Put items of about the same length side by side, as many as fit into memory.

    Between two batches the piece at hand ends where nobody wants it any more.

    Args:
        items: to run.
        key: what they are sorted by.
        steps_of: how many steps one takes.
        units: of the network.
        equal: whether only items of the same key go together.
    """
    batch: list[Item] = []
    for item in sorted(items, key=key):
        full = len(batch) == MOST_AT_ONCE or (len(batch) + 1) * steps_of(item) * units > NUMBERS_AT_ONCE
        if batch and (full or (equal and key(item) != key(batch[0]))):
            yield batch
            end_if_unwanted()
            batch = []
        batch.append(item)
    if batch:
        yield batch
