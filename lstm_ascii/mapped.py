"""Arrays whose numbers lie in a mapped file: they are brought in as they are looked at, and can be given back."""

from __future__ import annotations

import mmap
from typing import Any


def mapping_of(value: Any) -> mmap.mmap | None:
    """Return the mapped file that an array's numbers lie in, if they lie in one."""
    owner = value
    while owner is not None and not isinstance(owner, mmap.mmap):
        owner = owner.obj if isinstance(owner, memoryview) else getattr(owner, "base", None)
    return owner


def release(value: Any) -> None:
    """Give back the memory of the file that an array lies in; what is looked at again is brought in again."""
    mapping = mapping_of(value)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)
