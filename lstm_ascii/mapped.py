"""Memory-mapped arrays, whose pages are loaded on access and can be released."""

from __future__ import annotations

import mmap
from typing import Any


def mapping_of(value: Any) -> mmap.mmap | None:
    """Return the memory map that backs an array; ``None`` for an array in memory."""
    owner = value
    while owner is not None and not isinstance(owner, mmap.mmap):
        owner = owner.obj if isinstance(owner, memoryview) else getattr(owner, "base", None)
    return owner


def release(value: Any) -> None:
    """Release the memory of the map that backs an array; pages that are accessed again are loaded again."""
    mapping = mapping_of(value)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)
