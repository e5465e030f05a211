"""What all parts of an HDF5 file are read with: addresses, signatures and limits."""

from __future__ import annotations

import struct

NOWHERE = (1 << 64) - 1
DEEPEST = 24  # groups within groups, and levels of their trees


class MalformedError(ValueError):
    """The bytes are not what the format asks for."""


class Steps:
    """How much may still be done; a file that leads in circles comes to an end."""

    def __init__(self, most: int, unit: str = "parts") -> None:
        """Allow ``most`` steps; ``unit`` is what they are, for errors."""
        self._most = most
        self._remaining = most
        self._unit = unit

    def spend(self, count: int = 1) -> None:
        """Count some steps.

        Raises:
            MalformedError: there are no more.
        """
        self._remaining -= count
        if self._remaining < 0:
            raise MalformedError(f"more than {self._most} {self._unit}")


def address_at(data: memoryview, place: int) -> int:
    """Return the address that stands at ``place``."""
    return int(struct.unpack_from("<Q", data, place)[0])


def check_mark(data: memoryview, address: int, mark: bytes, label: str) -> None:
    """Check the four letters that a part of the format begins with.

    Raises:
        MalformedError: it is something else; ``label`` says what is missing.
    """
    if bytes(data[address : address + 4]) != mark:
        raise MalformedError(f"{label} is missing")
