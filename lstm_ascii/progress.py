"""Reporting the progress of long work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Watch = Callable[[str, float], None]  # called with the name of the work and the share that is done, from 0 to 1
Progress = Callable[[float], None]  # called with the share of one piece of work that is done, from 0 to 1
Item = TypeVar("Item")


def counted(items: Iterable[Item], count: int, progress: Progress | None, every: int = 64) -> Iterator[Item]:
    """Yield ``items``, of which there are ``count``, and report progress after each ``every`` of them."""
    if progress is None:
        yield from items
        return
    for number, item in enumerate(items):
        if number % every == 0:
            progress(number / count)
        yield item


def part(progress: Progress | None, first: float, last: float) -> Progress | None:
    """Return the progress of a part of the work that takes the whole from ``first`` to ``last``, both from 0 to 1."""
    if progress is None:
        return None
    return lambda share: progress(first + (last - first) * share)


def labelled(watch: Watch | None, label: str) -> Progress | None:
    """Return the progress of the work named ``label``."""
    if watch is None:
        return None
    return lambda share: watch(label, share)
