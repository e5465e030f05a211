"""Which operations of an ONNX graph depend on which, and which constants are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from hashlib import sha256

import numpy as np

from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node
from lstm_ascii.records import dataclass

COPIES = ("Identity", "Cast", "Dropout")


@dataclass(frozen=True, eq=False)
class Operations:
    """The operations of a graph, and which of them depend on which.

    Attributes:
        nodes: in an order in which they can be done.
        constants: of the graph.
    """

    nodes: Sequence[Node]
    constants: Constants
    _contents: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def makers(self) -> dict[str, int]:
        """The place of the operation that makes a value."""
        return {name: place for place, node in enumerate(self.nodes) for name in node.outputs if name}

    @cached_property
    def _behind(self) -> list[int]:
        """For each operation the set of those that it depends on, itself among them, as bits."""
        behind: list[int] = []
        for place, node in enumerate(self.nodes):
            bits = 1 << place
            for name in (*node.inputs, *node.captured):
                if (maker := self.makers.get(name)) is not None and maker < place:
                    bits |= behind[maker]
            behind.append(bits)
        return behind

    def maker(self, value: str) -> Node | None:
        """Return the operation that makes a value."""
        place = self.makers.get(value)
        return None if place is None else self.nodes[place]

    def depends(self, value: str, place: int) -> bool:
        """Tell whether a value depends on an operation."""
        maker = self.makers.get(value)
        return maker is not None and bool(self._behind[maker] >> place & 1)

    def constant(self, value: str) -> bool:
        """Tell whether a value is constant."""
        return self.constants.get(value) is not None

    def root(self, value: str) -> str:
        """Return what a value is a copy of in the end."""
        while (maker := self.maker(value)) is not None and maker.kind in COPIES:
            value = maker.inputs[0]
        return value

    def content(self, value: str) -> bytes:
        """Return what tells a constant from another one."""
        if value not in self._contents:
            array = np.ascontiguousarray(self.constants.known(value).load())
            self._contents[value] = sha256(array.tobytes() + str((array.shape, array.dtype)).encode()).digest()
        return self._contents[value]

    def same(self, one: str, other: str) -> bool:
        """Tell whether two constants are the same numbers."""
        if one == other:
            return True
        first, second = self.constants.stored.get(one), self.constants.stored.get(other)
        if first is None or second is None or (first.shape, first.dtype) != (second.shape, second.dtype):
            return False
        return self.content(one) == self.content(other)
