"""How far long work is, for those who wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Watch = Callable[[str, float], None]  # is called with what is done and how far it is, from 0 to 1
Progress = Callable[[float], None]  # is called with how far one part of it is, from 0 to 1
Item = TypeVar("Item")


def counted(items: Iterable[Item], count: int, progress: Progress | None, every: int = 64) -> Iterator[Item]:
    """Yield ``items``, ``count`` of them, and tell each ``every`` how far that is."""
    if progress is None:
        yield from items
        return
    for number, item in enumerate(items):
        if number % every == 0:
            progress(number / count)
        yield item


def part(progress: Progress | None, first: float, last: float) -> Progress | None:
    """Return what tells how far a part is that takes the whole from ``first`` to ``last``, both from 0 to 1."""
    if progress is None:
        return None
    return lambda share: progress(first + (last - first) * share)


def labelled(watch: Watch | None, label: str) -> Progress | None:
    """Return what tells how far the work called ``label`` is."""
    if watch is None:
        return None
    return lambda share: watch(label, share)
