"""The operations of an ONNX graph as they are in the file, and its constant values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Site, Stored
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.errors import FileError
from lstm_ascii.records import dataclass

SMALLEST_BUDGET = 64_000_000  # bytes of constants that may be computed, for small files
MOST_WHOLE = 64  # integers of a shape or a list of axes
HALF = ("float16", "bfloat16")  # represented by float32, rounded to their precision


class Operators(tuple[str, ...]):
    """The operators of a subgraph, such as the body of a loop."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Node:
    """One operation of a graph.

    Attributes:
        kind: the operator; prefixed by its domain if that is not ONNX's own.
        name: may be empty.
        inputs, outputs: names of values, ``""`` for those that are left out.
        attributes: plain values; a tensor as :class:`Stored`, a graph as :class:`Operators`.
        captured: the values of this graph that its subgraphs may read.
        site: its position in the file; ``None`` for one that was derived from others.
        notes: what was assumed when it was derived, safe to print.
        masks: of a recurrent node: the names of the values that say which steps are taken.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    captured: frozenset[str] = frozenset()
    site: Site | None = None
    notes: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name in errors."""
        return shown(f"{self.kind} {self.name or next(filter(None, self.outputs), '')}".strip())


class Constants:
    """The constant values of a graph by name: those of the file, and those computed from them."""

    def __init__(self, initial: Mapping[str, Stored], file_size: int, wrong: Callable[[str], FileError]) -> None:
        """Begin with the initialisers.

        Args:
            initial: the initialisers.
            file_size: in bytes; computed constants may take four times as much.
            wrong: makes an error of a text about the file.
        """
        self.stored = dict(initial)
        self.inline: dict[str, Stored] = {}  # values of operations ``Constant``
        self.uniform: dict[str, Array] = {}  # a single number, filling a shape that is only known at run time
        self.origins: dict[str, frozenset[str]] = {}  # of computed values: the initialisers that they depend on
        self.left = max(SMALLEST_BUDGET, 4 * file_size)
        self.wrong = wrong

    def get(self, name: str) -> Stored | None:
        """Return a constant; a uniform one has shape ``()``."""
        if name in self.uniform:
            return held(self.uniform[name])
        return self.stored.get(name)

    def known(self, name: str) -> Stored:
        """Return a constant.

        Raises:
            KeyError: the value is not constant.
        """
        constant = self.get(name)
        if constant is None:
            raise KeyError(name)
        return constant

    def spend(self, shape: tuple[int, ...], itemsize: int) -> None:
        """Count the bytes of a value that is about to be computed.

        Raises:
            FileError: all together take too much.
        """
        self.left -= math.prod(shape) * itemsize
        if self.left < 0:
            raise self.wrong("its operations make more constants than four times the file; export it with them folded")

    def value(self, node: Node, place: int) -> Array | None:
        """Return an input's value; ``None`` if it is left out."""
        name = place < len(node.inputs) and node.inputs[place]
        return self.loaded(node.inputs[place]) if name else None

    def first(self, node: Node) -> Array:
        """Return the value of the first input."""
        return self.loaded(node.inputs[0])

    def dtype(self, node: Node) -> str:
        """Return the type of a node's first input, which is that of the output for most operators."""
        return self.stored[node.inputs[0]].dtype

    def loaded(self, name: str) -> Array:
        """Load a value; if that makes a copy, its bytes are counted."""
        tensor = self.stored[name]
        if tensor.dtype in HALF or "int" in tensor.dtype:
            self.spend(tensor.shape, 4 if tensor.dtype in HALF else 8)
        return tensor.load()

    def whole(self, node: Node, place: int, attribute: str) -> list[int] | None:
        """Return integers that are in an input or, in older files, in an attribute."""
        value = self.value(node, place)
        if value is None:
            setting = node.attributes.get(attribute)
            return None if setting is None else [int(number) for number in setting]
        if value.size > MOST_WHOLE:
            raise ValueError("too many sizes")
        return [int(number) for number in value.reshape(-1)]


def held(values: Array, dtype: str = "") -> Stored:
    """Return an array in memory as a tensor, of type ``dtype`` if that is narrower than the array's."""
    return Stored(dtype or values.dtype.name, values.shape, values.nbytes, lambda: values)
